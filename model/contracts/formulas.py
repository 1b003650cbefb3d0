"""MIRNet's arithmetic in plain NumPy, to be read and to be compared with.

Nothing here knows Keras: each function is written from the formula, so that a component and its check do not share
a mistake. All arrays are (batch, height, width, channels); the result has the precision of the input.
"""

import numpy as np

__all__ = [
    "bilinear_double",
    "blur_halve",
    "compand",
    "convolution",
    "expand",
    "prelu",
    "relu",
    "sigmoid",
    "softmax",
    "transposed_convolution",
]


def compand(x: np.ndarray, mu: float) -> np.ndarray:
    """The μ-law: log(1 + mu x) / log(1 + mu); below 0 a straight line of the same slope."""
    return np.where(x < 0, mu * x, np.log(1 + mu * np.maximum(x, 0))) / np.log(1 + mu)


def expand(y: np.ndarray, mu: float) -> np.ndarray:
    """Undoes `compand`: ((1 + mu)^y - 1) / mu."""
    return np.where(y < 0, y * np.log(1 + mu), (1 + mu) ** np.maximum(y, 0) - 1) / mu


def convolution(features: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """A convolution that keeps height and width; outside the picture there are zeros.

    Args:
        features: (batch, height, width, inputs).
        kernel: (size, size, inputs, outputs), size odd. A 1x1 kernel mixes the channels of each pixel alone.

    Returns:
        (batch, height, width, outputs); each value is the sum over the window around it of kernel times features.
    """
    height, width = features.shape[1:3]
    size = kernel.shape[0]
    around = size // 2
    padded = np.pad(features, ((0, 0), (around, around), (around, around), (0, 0)))
    kernel = kernel.astype(features.dtype)
    total = 0
    for row in range(size):
        for column in range(size):
            total = total + padded[:, row : row + height, column : column + width] @ kernel[row, column]
    return np.asarray(total)


def transposed_convolution(features: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Doubles height and width: every input pixel stamps the kernel, times its value, around pixel (2i, 2j).

    Args:
        features: (batch, height, width, inputs).
        kernel: (3, 3, outputs, inputs), as Keras keeps it.

    Returns:
        (batch, 2 * height, 2 * width, outputs). Stamps overlap and add up; what would lie above and left of the
        picture is cut off (PyTorch's `padding=1, output_padding=1`).
    """
    batch, height, width, _ = features.shape
    kernel = kernel.astype(features.dtype)
    canvas = np.zeros((batch, 2 * height + 1, 2 * width + 1, kernel.shape[2]), features.dtype)
    for row in range(3):
        for column in range(3):
            stamp = features @ kernel[row, column].T
            canvas[:, row : row + 2 * height : 2, column : column + 2 * width : 2] += stamp
    return canvas[:, 1:, 1:]


def blur_halve(features: np.ndarray, border: str = "reflect") -> np.ndarray:
    """Blurs with [1, 2, 1] / 4 along both axes and keeps the values at even rows and columns.

    Args:
        features: (batch, height, width, channels).
        border: How the picture is padded, a mode of `numpy.pad`. MIRNet mirrors it about its last pixel.

    Returns:
        (batch, ceil(height / 2), ceil(width / 2), channels); value (i, j) is centred on input (2i, 2j).
    """
    for axis in (1, 2):
        before, here, after = _neighbours(features, axis, border, step=2)
        features = (before + 2 * here + after) / 4
    return features


def bilinear_double(features: np.ndarray) -> np.ndarray:
    """Doubles height and width; a new value is 9/16, 3/16, 3/16 and 1/16 of its four nearest pixels.

    Along one axis: out[2i] = in[i-1] / 4 + 3 in[i] / 4 and out[2i+1] = 3 in[i] / 4 + in[i+1] / 4. The border is
    padded with its last pixel.

    Args:
        features: (batch, height, width, channels).

    Returns:
        (batch, 2 * height, 2 * width, channels).
    """
    for axis in (1, 2):
        before, here, after = _neighbours(features, axis, "edge")
        pair = np.stack([before / 4 + 3 * here / 4, 3 * here / 4 + after / 4], axis=axis + 1)
        shape = list(features.shape)
        shape[axis] *= 2
        features = pair.reshape(shape)
    return features


def _neighbours(features: np.ndarray, axis: int, border: str, step: int = 1) -> list[np.ndarray]:
    """The values before, at and after every `step`-th position along an axis, padded by one."""
    around = [(0, 0)] * 4
    around[axis] = (1, 1)
    padded = np.pad(features, around, mode=border)  # type: ignore[call-overload]
    return [np.take(padded, np.arange(start, start + features.shape[axis], step), axis) for start in range(3)]


def relu(values: np.ndarray) -> np.ndarray:
    """What is positive stays, what is negative becomes 0."""
    return np.maximum(values, 0)


def prelu(values: np.ndarray, slope: float | np.ndarray) -> np.ndarray:
    """What is positive stays, what is negative is multiplied by a learned slope."""
    return np.where(values > 0, values, slope * values)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-logit)): any number to one between 0 and 1, and 0 to one half."""
    # The same number written with tanh, which does not overflow for large negative logits.
    return 0.5 * (1 + np.tanh(logits / 2))


def softmax(logits: np.ndarray, axis: int) -> np.ndarray:
    """Positive weights that add up to 1 along `axis`: exp(logit), divided by the sum of all of them."""
    powers = np.exp(logits - logits.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)
