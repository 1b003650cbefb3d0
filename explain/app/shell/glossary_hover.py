"""Our own Markdown as HTML: bold, emphasis, code, and every term of the field explained on hover, focus or touch."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from explain.app.catalog.texts import Text
from explain.app.catalog.topics import Topic
from explain.app.catalog.wording import filled
from explain.app.url.session import context
from explain.glossary import glossed

__all__ = ["as_html", "facts_list", "headed", "paragraph"]


def as_html(text: str) -> str:
    """A sentence of our own Markdown (bold, emphasis, code; nothing else, and no HTML) with its terms explained."""
    return _markdown.renderInline(text)


def paragraph(text: str) -> None:
    """Shows a paragraph of ours with its terms explained."""
    st.html(f'<p class="explained">{as_html(text)}</p>')


def facts_list(facts: Mapping[str, str], margin: str = "0") -> str:
    """Numbers, each with its name below, as HTML."""
    pairs = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in facts.items())
    # Streamlit's own style indents a list, and only an inline style wins.
    return f'<dl class="facts" style="padding: 0; margin: {margin}">{pairs}</dl>'


def headed(page: Text | Topic) -> None:
    """Shows a page's heading and what there is to see."""
    st.title(page.title, anchor=False)
    paragraph(filled(page.intro, context().config))


def _explained(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, env: dict[str, Any]) -> str:
    return glossed(escape(tokens[index].content, quote=False), _term, env.setdefault("seen", set()))


def _term(term: str, meaning: str) -> str:
    return f'<span class="term" tabindex="0" data-means="{escape(meaning, quote=True)}">{term}</span>'


_markdown = MarkdownIt("zero").enable(["emphasis", "backticks"])
_markdown.add_render_rule("text", _explained)
