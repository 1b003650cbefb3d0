"""Figures for the page and pictures as files, made once for each view."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st
from matplotlib.figure import Figure

from explain.app.catalog.choices import Choice, detail_site, site
from explain.app.compute.photos import Photo
from explain.app.compute.runner import Cache, Setup, hook_names, page_names, tensors
from explain.app.widgets.picture_urls import png
from explain.figures import FIGURES, THEMES, Sheet, Theme, figure_bytes
from explain.figures.kit.svg import SvgSheet
from model.images.arrays import as_float, as_uint8
from model.quality.metrics import psnr

__all__ = ["FigureFile", "before_and_after", "component_figure", "drawn", "figure_file", "picture_file"]

FigureFile = tuple[str, str, float]
"""An SVG, its caption, and its width in inches."""

WIDTH = {False: 8.6, True: 4.4}  # inches; letters stay readable on a phone
_drawing = threading.Lock()  # matplotlib is not made for several threads


@st.cache_data(max_entries=60, show_spinner=False)
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
    sheet = component_figure(cache, _photo, kind, choice, channel, THEMES[theme], WIDTH[narrow], SvgSheet)
    return sheet.text, sheet.caption, sheet.width


def component_figure(
    cache: Cache,
    photo: Photo,
    kind: str,
    choice: Choice,
    channel: int | None,
    theme: Theme,
    width: float = 10,
    into: Callable[..., Any] = Sheet,
) -> Any:
    """The figure of one component on a photo, see `figure_file`.

    Args:
        cache: The tensors of `page_names`.
        photo: The photo.
        kind: Kind of component.
        choice: Which one.
        channel: Channel, from 0, or None for the activity of all.
        theme: Its colours.
        width: In inches.
        into: What is filled: a `Sheet`, by one thread at a time, or an `SvgSheet`.
    """
    options: dict[str, Any] = {"into": into}
    if kind == "mirnet" and photo.reference is not None:
        options["reference"] = as_float(photo.reference)
    return FIGURES[kind](cache, detail_site(kind, choice), channel=channel, theme=theme, width=width, **options)


def drawn(draw: Callable[[], Figure], kind: str) -> bytes:
    """A figure as the content of a file (`png`, `svg` or `pdf`); nobody else draws meanwhile."""
    with _drawing:
        return figure_bytes(draw(), kind)


@st.cache_data(max_entries=50, show_spinner=False)
def before_and_after(setup: Setup, _photo: Photo, key: str) -> list[tuple[str, str, bytes]]:
    """The photo, what the network makes of it, and the bright photo of the same scene where there is one.

    Args:
        setup: Which network.
        _photo: The photo.
        key: Its fingerprint; the photo itself is not looked at to find earlier pictures.

    Returns:
        Of each, what it is, the same with its peak signal-to-noise ratio, and a PNG.
    """
    result = as_uint8(np.clip(tensors(setup, _photo, ["output"])["output"][0], 0, 1))
    pictures = [("The photo", _photo.pixels), ("What the network makes of it", result)]
    if _photo.reference is None:
        return [(title, title, png(pixels)) for title, pixels in pictures]
    bright = as_float(_photo.reference)
    scored = [
        (title, f"{title} · {float(psnr(bright, as_float(pixels), data_range=1.0)):.1f} dB", png(pixels))
        for title, pixels in pictures
    ]
    title = "The same scene in good light"
    return [*scored, (title, title, png(_photo.reference))]


@st.cache_data(max_entries=60, show_spinner=False)
def picture_file(_pixels: np.ndarray, key: str) -> bytes:
    """A picture (height, width, 3) uint8 as PNG; `key` is its fingerprint, to find an earlier file."""
    return png(_pixels)
