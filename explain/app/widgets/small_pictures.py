"""Small pictures of large tensors: whatever a click redraws travels to the browser again."""

from math import ceil
from typing import Any

import numpy as np

from explain.app.widgets.colour_maps import colour_indices, colours
from explain.app.widgets.picture_urls import palette_url, png_url

__all__ = ["map_url", "photo_url", "reduced", "thumbnails"]

SHOWN = 200  # a picture in a row of four is about as many pixels wide
THUMBNAIL = 48


def reduced(values: np.ndarray, most: int = SHOWN) -> np.ndarray:
    """A tensor with no more than `most` rows and columns: means of squares.

    Args:
        values: (height, width, ...).
        most: Both sides get shorter by the same whole factor, until they fit.

    Returns:
        (height // factor, width // factor, ...); the very same array if it fits as it is.
    """
    height, width, *rest = values.shape
    factor = ceil(max(height, width) / most)
    if factor == 1:
        return values
    rows, columns = max(height // factor, 1), max(width // factor, 1)
    down, across = height // rows, width // columns
    cut = values[: rows * down, : columns * across].reshape(rows, down, columns, across, *rest)
    return cut.mean(axis=(1, 3), dtype=np.float32)


def map_url(values: np.ndarray, colour_map: Any, low: float, high: float) -> str:
    """A map (height, width) as an address that holds a picture of it, reduced to what is shown."""
    return palette_url(colour_indices(reduced(values), low, high), colours(colour_map))


def photo_url(picture: np.ndarray, most: int = SHOWN) -> str:
    """A picture (height, width, 3) within [0, 1] as an address that holds it, reduced to what is shown."""
    return png_url((reduced(picture, most) * 255 + 0.5).astype(np.uint8))


def thumbnails(features: np.ndarray, colour_map: Any) -> list[str]:
    """Addresses of small pictures of all channels of (height, width, channels), each on its own scale around 0."""
    small = np.moveaxis(reduced(features, THUMBNAIL), -1, 0)
    limits = np.percentile(np.abs(small), 99, axis=(1, 2))
    return [map_url(values, colour_map, -limit, limit) for values, limit in zip(small, limits, strict=True)]
