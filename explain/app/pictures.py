"""Figures as PNG files for the page, drawn once for each view."""

import threading
from base64 import b64encode
from io import BytesIO

import streamlit as st
from PIL import Image

from explain.app.choices import Choice, detail_site, site
from explain.app.photos import Photo
from explain.app.runner import Setup, hook_names, page_names, tensors
from explain.figures import FIGURES, THEMES, figure_bytes
from model.arrays import as_float

__all__ = ["FigureFile", "data_url", "figure_file"]

FigureFile = tuple[bytes, str, float]
"""A PNG, its caption, and its width in inches."""

WIDTH = {False: 8.6, True: 4.4}  # inches; letters stay readable on a phone
DPI = {False: 144, True: 180}
_drawing = threading.Lock()  # matplotlib is not made for several threads


@st.cache_data(max_entries=100, show_spinner=False)
def figure_file(
    setup: Setup, _photo: Photo, key: str, kind: str, choice: Choice, channel: int | None, theme: str, narrow: bool
) -> FigureFile:
    """The figure of one component on a photo.

    Args:
        setup: Which network.
        _photo: The photo.
        key: Its fingerprint; the photo itself is not looked at to find an earlier figure.
        kind: Kind of component.
        choice: Which one.
        channel: Channel, from 0, or None for the activity of all.
        theme: `light` or `dark`.
        narrow: Drawn for a phone.
    """
    cache = tensors(setup, _photo, page_names(hook_names(setup), kind, site(kind, choice)))
    options = {}
    if kind == "mirnet" and _photo.reference is not None:
        options["reference"] = as_float(_photo.reference)
    with _drawing:
        where = detail_site(kind, choice)
        sheet = FIGURES[kind](cache, where, channel=channel, theme=THEMES[theme], width=WIDTH[narrow], **options)
        sheet.patch.set_alpha(0)  # the page shows through: its background is the theme's, whatever that is
        return figure_bytes(sheet, dpi=DPI[narrow]), sheet.caption, sheet.width


def data_url(pixels) -> str:
    """A small picture (height, width, 3) uint8 as an address that holds it."""
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return f"data:image/png;base64,{b64encode(content.getvalue()).decode()}"
