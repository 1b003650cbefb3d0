"""Half the size and double the size without weights: the fixed filters inside the resizing modules."""

import numpy as np
from keras import ops

__all__ = ["BLUR_KERNEL", "bilinear_double", "blur_halve"]

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
    channels = features.shape[-1]
    kernel = ops.convert_to_tensor(np.tile(BLUR_KERNEL[:, :, None, None], (1, 1, channels, 1)), dtype=features.dtype)
    padded = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    return ops.depthwise_conv(padded, kernel, strides=2, padding="valid")


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
        return _double_along(2, _double_along(1, features))
    return ops.image.resize(features, (2 * height, 2 * width), interpolation="bilinear", data_format="channels_last")


def _double_along(axis: int, features):
    """Twice as long along rows (axis 1) or columns (axis 2): new values lie 1/4 and 3/4 of the way."""

    def part(begin, end):
        return features[:, begin:end] if axis == 1 else features[:, :, begin:end]

    before = ops.concatenate([part(0, 1), part(0, -1)], axis=axis)
    after = ops.concatenate([part(1, None), part(-1, None)], axis=axis)
    even, odd = 0.25 * before + 0.75 * features, 0.75 * features + 0.25 * after
    # Side by side on the next axis, then read as one: even and odd rows (or columns) come to lie in turn.
    pairs = ops.concatenate([even, odd], axis=axis + 1)
    batch, height, width, channels = ops.shape(features)
    doubled = (batch, 2 * height, width, channels) if axis == 1 else (batch, height, 2 * width, channels)
    return ops.reshape(pairs, doubled)
