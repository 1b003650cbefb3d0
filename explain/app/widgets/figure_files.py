"""Figures for the page and pictures as files, made once for each view."""

import threading
from collections.abc import Callable
from io import BytesIO

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from explain.app.compute.bounded_cache import kept_of_photos
from explain.app.compute.photos import Photo
from explain.app.compute.runner import Setup, tensors
from explain.app.widgets.picture_urls import png, webp_url
from explain.figures import figure_bytes
from model.images.arrays import as_float, as_uint8
from model.quality.metrics import psnr

__all__ = ["before_and_after", "drawn", "picture_file", "picture_url"]

_drawing = threading.Lock()  # matplotlib is not made for several threads


def drawn(draw: Callable[[], Figure], kind: str) -> bytes:
    """A figure as the content of a file (`png`, `svg` or `pdf`); nobody else draws meanwhile."""
    with _drawing:
        return figure_bytes(draw(), kind)


@kept_of_photos(50)
def before_and_after(setup: Setup, _photo: Photo, key: str) -> list[tuple[str, str, bytes]]:
    """The photo, what the network makes of it, and the bright photo of the same scene where there is one.

    `key` is the photo's fingerprint, by which earlier pictures are found.

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


@kept_of_photos(60)
def picture_file(_pixels: np.ndarray, key: str) -> bytes:
    """A picture (height, width, 3) uint8 as PNG; `key` is its fingerprint, to find an earlier file."""
    return png(_pixels)


@kept_of_photos(100)
def picture_url(_file: bytes, key: str) -> str:
    """A PNG as an address that holds it, compressed for the eye; `key` finds an earlier one."""
    return webp_url(np.asarray(Image.open(BytesIO(_file))))
