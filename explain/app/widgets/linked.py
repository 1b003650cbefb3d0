"""HTML with links that keep the session.

A plain link would load the page anew, and with it end the session and lose an uploaded photo. Here the click is handed
to Python. Links keep their real addresses, so opening one in a new tab and the keyboard work as everywhere.
"""

import streamlit as st

from explain.app.assets.asset_files import asset
from explain.app.url.session import open_address

__all__ = ["linked", "open_linked"]

_linked = st.components.v2.component(
    "mirnet.linked", html='<div class="host"></div>', js=asset("links.js", "linked.js")
)


def linked(html: str, key: str) -> str | None:
    """Shows trusted HTML; the address of the link that was just clicked, or None.

    Args:
        html: Made by us; nothing in it may come from a visitor unescaped.
        key: Names the element.
    """
    # A trigger needs a callback, even if its value is read afterwards.
    return _linked(data={"html": html}, key=key, on_open_change=lambda: None).open


def open_linked(html: str, key: str) -> None:
    """As `linked`, for links between pages: goes to the one that was clicked."""
    address = linked(html, key)
    if address:
        open_address(address)
