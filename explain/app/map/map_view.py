"""The architecture map on the page: its links, "Play", and going into a group or a block."""

from dataclasses import replace

import streamlit as st

from explain.app.assets.asset_files import asset
from explain.app.catalog.choices import Choice, settle
from explain.app.url.session import change, context, open_address

__all__ = ["show_map"]

_map = st.components.v2.component(
    "mirnet.map", html='<div class="host"></div>', js=asset("links.js", "play.js", "map.js")
)


def show_map(html: str, key: str) -> None:
    """Shows the map that `explain.app.map.architecture.network_map` made; `key` names the element."""

    def look() -> None:
        place = st.session_state[key].get("look")
        if place:
            here = context()
            asked = Choice(group=int(place["group"]), block=int(place["block"]))
            change(replace(here.view, choice=settle("mrb", here.config, asked)))

    # A trigger needs a callback, even if its value is read afterwards.
    address = _map(data={"html": html}, key=key, on_open_change=lambda: None, on_look_change=look).open
    if address:
        open_address(address)
