"""Resampling without weights: the fixed filters of the resizing modules, space-to-depth and depth-to-space."""

import numpy as np
from keras import ops

__all__ = ["BLUR_KERNEL", "bilinear_double", "blur_halve", "depth_to_space", "space_to_depth"]

BLUR_KERNEL = np.outer([1, 2, 1], [1, 2, 1]).astype("float32") / 16
"""The binomial low-pass filter (3, 3), sum 1 (https://arxiv.org/abs/1904.11486, "Triangle-3")."""


def blur_halve(features):
    """Blurs with `BLUR_KERNEL` and keeps every second row and column.

    Without the blur, detail finer than the new grid would turn into false patterns (aliasing).

    Args:
        features: (batch, height, width, channels). At the border the picture is mirrored about its last pixel.

    Returns:
        (batch, ceil(height / 2), ceil(width / 2), channels); value (i, j) is centred on input (2i, 2j).
    """
    return _blur(features, border="reflect", strides=2)


def bilinear_double(features):
    """Twice the height and width, each new value a mixture 9 : 3 : 3 : 1 of its four neighbours.

    Args:
        features: (batch, height, width, channels). The border is continued with its last pixel.

    Returns:
        (batch, 2 * height, 2 * width, channels).
    """
    height, width = features.shape[1:3]
    if height is None or width is None:
        # Keras' own resize must know the size when a graph is built; graphs for any size are built here.
        return _double_by_blurring(features)
    return ops.image.resize(features, (2 * height, 2 * width), interpolation="bilinear", data_format="channels_last")


def space_to_depth(images, factor: int):
    """Squares of factor x factor pixels become one pixel with as many times the channels; no value is changed.

    Args:
        images: (batch, height, width, channels), both sides multiples of `factor`.
        factor: Side of a square.

    Returns:
        (batch, height / factor, width / factor, factor² · channels), in the order of
        `model.images.camera_formats.space_to_depth`.
    """
    batch, height, width, channels = ops.shape(images)
    rows, columns = height // factor, width // factor
    # A square's row is already in one piece; only its rows are moved together, and four axes are enough for that.
    lines = ops.reshape(images, (batch * rows, factor, columns, factor * channels))
    return ops.reshape(ops.transpose(lines, (0, 2, 1, 3)), (batch, rows, columns, factor**2 * channels))


def depth_to_space(deep, factor: int):
    """Undoes `space_to_depth`: (batch, h, w, factor² · channels) to (batch, h · factor, w · factor, channels)."""
    batch, rows, columns, depth = ops.shape(deep)
    channels = depth // factor**2
    lines = ops.transpose(ops.reshape(deep, (batch * rows, columns, factor, factor * channels)), (0, 2, 1, 3))
    return ops.reshape(lines, (batch, rows * factor, columns * factor, channels))


def _double_by_blurring(features):
    """The same as bilinear: of a repeated a a b b, the blur (a + 2a + b) / 4 lies a quarter of the way from a to b."""
    return _blur(_repeat(features), border="symmetric", strides=1)


def _blur(features, border: str, strides: int):
    """`BLUR_KERNEL` over each channel by itself, the picture continued by one pixel as `ops.pad` does it."""
    channels = features.shape[-1]
    kernel = ops.convert_to_tensor(np.tile(BLUR_KERNEL[:, :, None, None], (1, 1, channels, 1)), dtype=features.dtype)
    padded = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode=border)
    return ops.depthwise_conv(padded, kernel, strides=strides, padding="valid", data_format="channels_last")


def _repeat(features):
    """Every pixel twice along rows and columns: (batch, 2 * height, 2 * width, channels)."""
    batch, height, width, channels = ops.shape(features)
    # Side by side on the next axis, then read as one: the two copies of a pixel (of a row) come to lie in turn.
    columns = ops.reshape(ops.concatenate([features, features], axis=3), (batch, height, 2 * width, channels))
    return ops.reshape(ops.concatenate([columns, columns], axis=2), (batch, 2 * height, 2 * width, channels))
