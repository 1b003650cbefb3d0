"""Pictures to point at, with cross hairs on one pixel.

A click goes to Python and keeps the session; Tab leads to the pictures and the arrow keys move the pixel.
"""

from collections.abc import Callable
from html import escape

import streamlit as st

from explain.app.assets.asset_files import asset

__all__ = ["pointer", "spot"]

_pointer = st.components.v2.component(
    "mirnet.pointer",
    html='<div class="host" tabindex="0" role="group"></div>',
    css=asset("maps.css", "pointer.css"),
    js=asset("pointer.js"),
)


def pointer(
    html: str,
    label: str,
    size: tuple[int, int],
    pixel: tuple[int, int],
    key: str,
    on_pick: Callable[[tuple[int, int]], None],
) -> None:
    """Shows pictures of one scene, made by `spot`, all with cross hairs on the same pixel of it.

    A click on any of them moves the pixel, and so do the arrow keys: by 1, or by 10 with Shift.

    Args:
        html: The pictures, made by us; nothing in it may come from a visitor unescaped.
        label: What the pictures are, for screen readers.
        size: (height, width) of the scene in pixels. A picture may have fewer.
        pixel: (row, column) in the scene.
        key: Names the element.
        on_pick: Called with the new (row, column), before the next run.
    """
    (height, width), (row, col) = size, pixel

    def picked() -> None:
        place = st.session_state[key].get("pick")
        if place:
            new = int(place["row"]), int(place["col"])
            on_pick((min(max(new[0], 0), height - 1), min(max(new[1], 0), width - 1)))

    text = f"{label}; the arrow keys move the pixel"
    _pointer(
        data={"html": html, "label": text, "height": height, "width": width, "row": row, "col": col},
        key=key,
        on_pick_change=picked,
    )


def spot(source: str, alt: str, caption: str) -> str:
    """One picture for `pointer`.

    Args:
        source: Its address; a data URL will do.
        alt: What there is to see, for those who do not; plain text.
        caption: What to look at; plain text.
    """
    return (
        f'<figure><div class="spot"><img src="{source}" alt="{escape(alt, quote=True)}">'
        f'<i class="across"></i><i class="down"></i></div><figcaption>{escape(caption)}</figcaption></figure>'
    )
