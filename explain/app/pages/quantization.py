"""The page in the making."""

import streamlit as st

from explain.app.session import context
from explain.app.topics import TOPICS

__all__ = ["page"]


def page() -> None:
    """Shows the page."""
    topic = TOPICS[context().page]
    st.title(topic.title, anchor=False)
    st.markdown(topic.intro)
