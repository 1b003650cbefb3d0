"""The link to the next page at the foot of every page, so that all pages can be read in a row."""

import streamlit as st

from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS
from explain.app.url.session import HOME, Context, page_view
from explain.app.url.teacher import shown

__all__ = ["next_page"]

ORDER = (HOME, *TEXTS, *TOPICS)
"""All pages in the order of the menu."""


def next_page(here: Context) -> None:
    """A link to the page that follows in the menu; none on the last one, or where a teacher hid the menu."""
    place = ORDER.index(here.page) + 1
    if place == len(ORDER) or not shown("menu"):
        return
    follows = ORDER[place]
    st.divider()
    st.page_link(
        st.session_state["pages"][follows],
        label=f"Next: {(TEXTS | TOPICS)[follows].short}",
        icon=":material/arrow_forward:",
        query_params=page_view(follows),
    )
