"""Our own words as HTML: bold, emphasis, and every term of the field explained on hover, focus or touch."""

import re
from html import escape

import streamlit as st

from explain.glossary import glossed

__all__ = ["STYLE", "as_html", "paragraph"]

STYLE = """
.term { text-decoration: underline dotted; text-underline-offset: 3px; cursor: help; position: relative;
  outline: none; }
.term:hover::after, .term:focus::after { content: attr(data-means); position: absolute; left: 0; top: 1.6em;
  z-index: 100;
  width: max-content; max-width: min(20rem, 70vw); padding: .5rem .7rem; border-radius: 8px; font-size: .85rem;
  font-weight: 400; font-style: normal; line-height: 1.4; white-space: normal; text-align: left;
  color: var(--st-text-color, #1f2530);
  background: var(--st-secondary-background-color, #f0f2f6); border: 1px solid var(--st-border-color, #ccc);
  box-shadow: 0 4px 14px rgb(0 0 0 / .25); }
.term:focus-visible { outline: 2px solid var(--st-primary-color, #b45309); outline-offset: 2px; }
.explained { margin: 0 0 .5rem; line-height: 1.6; }
"""


def as_html(text: str) -> str:
    """Our own Markdown, as far as the pages' sentences use it (bold, emphasis, code), with its terms explained."""
    marked = escape(text, quote=False)
    marked = glossed(marked, _term)
    marked = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", marked)
    marked = re.sub(r"(?<!\*)\*([^*]+)\*(?!\*)", r"<em>\1</em>", marked)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", marked)


def paragraph(text: str) -> None:
    """Shows a paragraph of ours with its terms explained."""
    st.html(f'<p class="explained">{as_html(text)}</p>')


def _term(words: str, meaning: str) -> str:
    return f'<span class="term" tabindex="0" data-means="{escape(meaning, quote=True)}">{words}</span>'
