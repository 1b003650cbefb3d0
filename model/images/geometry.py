"""The sizes of pictures: scaling without aliasing, the frame of the board's camera, space-to-depth and back.

Users import these names from `model.images.camera_formats`.
"""

import numpy as np
from PIL import Image

from model.errors import ImageError
from model.images.arrays import as_float, as_uint8
from model.safety.arguments import check_integer

__all__ = ["COLUMNS", "ROWS", "depth_to_space", "resize", "space_to_depth", "to_frame"]

ROWS, COLUMNS = 120, 160
"""QQVGA, the camera's frame that the board works on."""


def to_frame(image: np.ndarray, rows: int = ROWS, columns: int = COLUMNS) -> np.ndarray:
    """A photo as the board's camera would frame it: scaled to so many rows, so many columns from the centre.

    A photo too narrow for that is scaled to the columns and loses rows above and below instead.

    Args:
        image: (height, width, 3), uint8 or floating point in [0, 1].
        rows: Height of the frame.
        columns: Width of the frame.

    Returns:
        (rows, columns, 3) of the same kind, antialiased (see `resize`).

    Raises:
        ImageError: If the array is no picture or a size is less than 1.
    """
    height, width = np.shape(image)[:2] if np.ndim(image) == 3 else (1, 1)  # `resize` says what is wrong with it
    scale = min(height / rows, width / columns) if min(rows, columns) >= 1 else 1
    # Never outside the picture: 62 / 120 * 120 is a little more than 62.
    left, top = max(0.0, (width - columns * scale) / 2), max(0.0, (height - rows * scale) / 2)
    right, bottom = min(width, left + columns * scale), min(height, top + rows * scale)
    return resize(image, rows, columns, (left, top, right, bottom))


def resize(
    image: np.ndarray, rows: int, columns: int, box: tuple[float, float, float, float] | None = None
) -> np.ndarray:
    """A picture, or a part of it, at another size, antialiased (Lanczos, 3 lobes of the coarser grid).

    Args:
        image: (height, width, 3), uint8 or floating point in [0, 1].
        rows: Height wanted.
        columns: Width wanted.
        box: Which part, (left, top, right, bottom) in pixels, fractions allowed; all of it by default.

    Returns:
        (rows, columns, 3), uint8 for uint8, else float32 in [0, 1].

    Raises:
        ImageError: If the array is no picture or a size is less than 1.
    """
    pixels = np.asarray(image)
    in_bytes = pixels.dtype == np.uint8
    pixels = as_uint8(pixels) if in_bytes else as_float(pixels)
    for name, value in (("rows", rows), ("columns", columns)):
        check_integer(name, value.item() if isinstance(value, np.integer) else value, error_kind=ImageError)
    if box is None and pixels.shape[:2] == (rows, columns):
        return pixels
    size = (int(columns), int(rows))
    # One channel at a time: a third of the memory, and Pillow gives it back to the system.
    planes = (Image.fromarray(np.ascontiguousarray(pixels[..., channel])) for channel in range(3))
    resized = np.stack([np.asarray(plane.resize(size, Image.Resampling.LANCZOS, box)) for plane in planes], axis=-1)
    return resized if in_bytes else resized.clip(0, 1)  # Lanczos overshoots beside sharp edges; Pillow clips bytes


def space_to_depth(images: np.ndarray, factor: int) -> np.ndarray:
    """Squares of factor x factor pixels become one pixel with as many times the channels; no value is changed.

    Args:
        images: (..., height, width, channels) of any dtype, both sides multiples of `factor`.
        factor: Side of a square, at least 1.

    Returns:
        (..., height / factor, width / factor, factor² · channels); channel (i · factor + j) · channels + c of the
        result is channel c of the pixel in row i, column j of the square, the order of TensorFlow's operator.

    Raises:
        ImageError: If the shape does not fit.
    """
    pixels = np.asarray(images)
    check_integer("factor", factor, error_kind=ImageError)
    if pixels.ndim < 3 or pixels.shape[-3] % factor or pixels.shape[-2] % factor:
        raise ImageError(f"height and width must be multiples of {factor}, the shape is {pixels.shape}; crop it first")
    *many, height, width, channels = pixels.shape
    squares = pixels.reshape(*many, height // factor, factor, width // factor, factor, channels)
    return squares.swapaxes(-4, -3).reshape(*many, height // factor, width // factor, factor**2 * channels)


def depth_to_space(deep: np.ndarray, factor: int) -> np.ndarray:
    """Undoes `space_to_depth`: (..., h, w, factor² · channels) to (..., h · factor, w · factor, channels).

    Raises:
        ImageError: If the channels are no multiple of factor².
    """
    values = np.asarray(deep)
    check_integer("factor", factor, error_kind=ImageError)
    if values.ndim < 3 or values.shape[-1] % factor**2:
        raise ImageError(f"the shape must be (height, width, a multiple of {factor**2}), not {values.shape}")
    *many, height, width, depth = values.shape
    squares = values.reshape(*many, height, width, factor, factor, depth // factor**2)
    return squares.swapaxes(-4, -3).reshape(*many, height * factor, width * factor, depth // factor**2)
