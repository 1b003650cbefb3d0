"""Two pictures of one scene with a handle between them: before and after."""

from html import escape

import streamlit as st

from explain.app.assets.asset_files import asset

__all__ = ["Side", "compare"]

TALLEST = 30  # rem

Side = tuple[str, str, str]
"""The address of a picture, what it is, and the same with its score."""

_compare = st.components.v2.component(
    "mirnet.compare", html='<div class="host"></div>', css=asset("compare.css"), js=asset("compare.js")
)


def compare(before: Side, after: Side, size: tuple[int, int], key: str) -> None:
    """Shows the pictures, which may be enlarged; the handle is moved by mouse, finger or arrow keys.

    Args:
        before: What is seen left of the handle; all texts are plain text.
        after: What is seen right of it.
        size: (height, width) of both, for their shape.
        key: Names the element.
    """
    height, width = size
    style = f"--widest: {TALLEST * width / height:.2f}rem; --aspect: {width} / {height}"
    images = "".join(
        f'<img class="{name}" src="{source}" alt="{escape(title, quote=True)}">'
        for name, (source, title, _) in (("after", after), ("before", before))
    )
    handle = (
        '<div class="handle" role="slider" tabindex="0" aria-label="Before and after" aria-orientation="horizontal" '
        'aria-valuemin="0" aria-valuemax="100"></div>'
    )
    html = (
        f'<figure style="{style}"><div class="frame">{images}<b class="left">Before</b><b class="right">After</b>'
        f"{handle}</div><figcaption><span>{escape(before[2])}</span><span>{escape(after[2])}</span></figcaption>"
        "</figure>"
    )
    _compare(data={"html": html, "before": before[1], "after": after[1]}, key=key)
