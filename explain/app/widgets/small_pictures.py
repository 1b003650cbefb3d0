"""Small pictures of large tensors: whatever a click redraws travels to the browser again."""

from base64 import b64encode
from io import BytesIO
from math import ceil
from typing import Any

import numpy as np
from PIL import Image

from explain.app.widgets.colour_maps import colours
from explain.app.widgets.figure_files import data_url

__all__ = ["map_url", "photo_url", "reduced", "thumbnails"]

SHOWN = 200  # a picture in a row of four is about as many pixels wide
THUMBNAIL = 48


def reduced(values: np.ndarray, most: int = SHOWN) -> np.ndarray:
    """A tensor with no more than `most` rows and columns: means of squares of places.

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
    """A map (height, width) as an address that holds a picture of it, reduced to what is shown.

    Its pixels are places in a table of 256 colours: a third of the size of red, green and blue.
    """
    span = high - low if high > low else 1.0
    places = np.clip((reduced(values) - np.float32(low)) * (255 / span) + 0.5, 0, 255).astype(np.uint8)
    picture = Image.fromarray(places)
    picture.putpalette(colours(colour_map).tobytes())
    content = BytesIO()
    picture.save(content, "PNG")
    return f"data:image/png;base64,{b64encode(content.getvalue()).decode()}"


def photo_url(picture: np.ndarray, most: int = SHOWN) -> str:
    """A picture (height, width, 3) within [0, 1] as an address that holds it, reduced to what is shown."""
    return data_url((reduced(picture, most) * 255 + 0.5).astype(np.uint8))


def thumbnails(features: np.ndarray, colour_map: Any) -> list[str]:
    """Addresses of small pictures of all channels, each on its own scale around zero: it is the pattern that counts.

    Args:
        features: (height, width, channels).
        colour_map: For numbers on both sides of zero.
    """
    small = np.moveaxis(reduced(features, THUMBNAIL), -1, 0)
    limits = np.percentile(np.abs(small), 99, axis=(1, 2))
    return [map_url(values, colour_map, -limit, limit) for values, limit in zip(small, limits, strict=True)]
