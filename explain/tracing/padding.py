"""Pads a photo to a size that a network takes: every side a multiple of its strides."""

import numpy as np

__all__ = ["padded"]


def padded(photo: np.ndarray, multiple: int) -> np.ndarray:
    """A photo as float32 within [0, 1], mirrored below and to the right until both sides are multiples.

    Args:
        photo: (height, width, 3), uint8 or floating point within [0, 1].
        multiple: `net.config.multiple`.
    """
    pixels = photo / np.float32(255) if photo.dtype == np.uint8 else photo.astype("float32")
    bottom, right = (-size % multiple for size in pixels.shape[:2])
    return np.pad(pixels, ((0, bottom), (0, right), (0, 0)), mode="reflect")
