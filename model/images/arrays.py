"""Pictures as NumPy arrays: their checks, and conversion between bytes 0..255 and floats 0..1.

A picture is (height, width, 3) in red, green, blue, either `uint8` with values 0 to 255 or floating point
with values 0 to 1. The network works on floats, files and screens on bytes.
"""

from collections.abc import Iterable

import numpy as np

from model.errors import ImageError

__all__ = ["LUMA", "as_float", "as_uint8", "as_uint16", "check_finite", "check_range"]

LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in the brightness of a pixel (ITU-R BT.601, as in OpenCV's conversion to grey)."""

# Rounding before (float16, or a resize) may leave 0..1 by this little; more is another range altogether.
RANGE_TOLERANCE = 1e-3


def as_float(image: np.ndarray, name: str = "image") -> np.ndarray:
    """The picture as float32 in [0, 1], ready for the network.

    Args:
        image: (height, width, 3), `uint8` in 0..255 or floating point in [0, 1].
        name: What to call it in an error.

    Returns:
        A new (height, width, 3) float32 array, bytes divided by 255, floats clipped into [0, 1].

    Raises:
        ImageError: If the shape or dtype is another, a value is NaN or infinite, or floats leave [0, 1].
    """
    pixels = _picture(image, name)
    if pixels.dtype == np.uint8:
        return pixels.astype(np.float32) / np.float32(255)
    check_range(pixels, name)
    return np.clip(pixels, 0, 1).astype(np.float32)


def as_uint8(image: np.ndarray, name: str = "image") -> np.ndarray:
    """The picture as bytes 0..255, ready for a file or a screen.

    A network may overshoot white and black, so floats outside [0, 1] are clipped, not refused.

    Args:
        image: (height, width, 3), `uint8` (returned as it is) or floating point, 0 for black and 1 for white.
        name: What to call it in an error.

    Returns:
        (height, width, 3) uint8, 255 times the value, rounded to the nearest, clipped to 0..255.

    Raises:
        ImageError: If the shape or dtype is another, or a value is NaN or infinite.
    """
    pixels = _picture(image, name)
    if pixels.dtype == np.uint8:
        return pixels
    scaled = np.clip(pixels, 0, 1).astype(np.float32) * np.float32(255)
    return np.rint(scaled).astype(np.uint8)


def as_uint16(image: np.ndarray, name: str = "image") -> np.ndarray:
    """The picture as 16-bit numbers 0..65535; arguments and errors as for `as_uint8`, whose white becomes 65535 too."""
    pixels = _picture(image, name)
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint16) * np.uint16(257)
    scaled = np.clip(pixels, 0, 1).astype(np.float32) * np.float32(65535)
    return np.rint(scaled).astype(np.uint16)


def check_range(values: np.ndarray, name: str) -> None:
    """Refuses floats of any shape that are not finite or leave [0, 1] by more than rounding."""
    low, high = float(values.min(initial=1)), float(values.max(initial=0))  # NaN if there is one
    if -RANGE_TOLERANCE <= low and high <= 1 + RANGE_TOLERANCE:
        return
    check_finite(values, name)
    low, high = float(values.min()), float(values.max())
    fix = "divide by 255" if low >= 0 and 1 < high <= 255 else "scale or clip it first"
    raise ImageError(f"{name}: float values must lie in [0, 1], these run from {low:.4g} to {high:.4g}; {fix}")


def check_finite(values: np.ndarray, name: str) -> None:
    """Refuses NaN and infinity, and says how many there are and where the first one is."""
    bad = ~np.isfinite(values)
    if bad.any():
        where = ", ".join(str(int(index)) for index in np.argwhere(bad)[0])
        raise ImageError(
            f"{name}: {int(bad.sum())} of {values.size} values are NaN or infinite, the first at [{where}]; "
            "find the step that made them, or replace them with np.nan_to_num"
        )


def _picture(image, name: str) -> np.ndarray:
    pixels = np.asarray(image)
    if pixels.dtype != np.uint8 and not np.issubdtype(pixels.dtype, np.floating):
        raise ImageError(
            f"{name}: dtype must be uint8 (0..255) or floating point (0..1), not {pixels.dtype}; "
            "convert it, e.g. image.astype('uint8') if its values are 0..255"
        )
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ImageError(f"{name}: shape must be (height, width, 3), not {pixels.shape}; {_fix(pixels.shape)}")
    if 0 in pixels.shape:
        raise ImageError(f"{name}: a picture needs at least one pixel, shape {pixels.shape} has none")
    if pixels.dtype != np.uint8:
        check_finite(pixels, name)
    return pixels


def _fix(shape: Iterable[int]) -> str:
    match tuple(shape):
        case (_, _):
            return "for a grey picture, np.stack([grey] * 3, axis=-1)"
        case (_, _, 4):
            return "drop the alpha channel, image[..., :3]"
        case (_, _, 1):
            return "for a grey picture, np.repeat(grey, 3, axis=-1)"
        case (3, _, _):
            return "put the channels last, np.moveaxis(image, 0, -1)"
        case (_, _, _, 3):
            return "take one picture out of the batch, images[0]"
        case _:
            return "give red, green and blue as the last axis"
