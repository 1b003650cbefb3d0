"""What the page says where its network is not `desk`: which one it is, and which pages are about another."""

import streamlit as st

from explain.app.compute.runner import facts_about, photo_limits
from explain.app.shell.plain_text import plain
from explain.app.url.session import Context

__all__ = ["about_nano", "which_network"]


def which_network(here: Context) -> None:
    """In the side bar: the network of the walkthrough, where it is not the usual one."""
    known = facts_about(here.setup)
    if known.is_desk:
        return
    with st.sidebar:
        st.caption(f":material/hub: **{plain(known.title)}**: {plain(here.config.shape_in_words)}")


def about_nano(here: Context) -> None:
    """On a page about the board: that it is about its own networks, and how to see another one there."""
    known = facts_about(here.setup)
    if known.shipped is not None:
        return
    smaller = " The photo is the larger one that they take." if photo_limits(here.setup).is_heavy else ""
    st.caption(
        f"This page is about `nano` and `nano-float`, which come with the package, and not about "
        f"**{plain(known.title)}**.{smaller} Whether a network of yours fits a board, `mirnet quantize` and "
        "`mirnet fit` tell."
    )
