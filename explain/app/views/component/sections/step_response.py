"""What the trained upsampling step makes of three tiny pictures: one pixel, an edge, and nothing but grey."""

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from model.hooks import visiting
from model.resampling import bilinear_double

__all__ = ["NAMES", "SIDE", "SIGNALS", "Response", "checkered", "respond", "signal"]

SIDE = 8  # pixels of the small picture along a side
SIGNALS = ("pixel", "edge", "grey")
NAMES = ("resized", "main", "shortcut", "out")
"""The step's hook points that are kept: main branch at the new size, and the three terms of the sum."""
BORDER = 4  # new pixels that the border of the small picture may have touched


@dataclass(frozen=True)
class Response:
    """The response of an upsampling step.

    Attributes:
        given: (SIDE, SIDE): the small picture, 0 or 1.
        smooth: (2 SIDE, 2 SIDE): the same, enlarged by bilinear interpolation alone.
        tensors: `NAMES` to (2 SIDE, 2 SIDE, channels); in the board's style the branches are half as large.
    """

    given: np.ndarray
    smooth: np.ndarray
    tensors: Mapping[str, np.ndarray]

    @property
    def late(self) -> bool:
        """Whether the sum is enlarged, as in the board's style."""
        return len(self.tensors["main"]) < len(self.tensors["out"])

    @property
    def large(self) -> list[str]:
        """The terms of the sum, as far as they have the new size, and the sum."""
        return [name for name in NAMES[1:] if len(self.tensors[name]) == 2 * SIDE]


def signal(name: str) -> np.ndarray:
    """A small picture (SIDE, SIDE) of 0 and 1: one of `SIGNALS`."""
    picture = np.zeros((SIDE, SIDE), "float32")
    if name == "pixel":
        picture[SIDE // 2 - 1, SIDE // 2 - 1] = 1
    elif name == "edge":
        picture[:, SIDE // 2 :] = 1
    else:
        picture[:] = 1
    return picture


def respond(step: keras.Layer, name: str, colour: np.ndarray) -> Response:
    """Runs one step of an upsampling module on a small picture.

    Args:
        step: An upsampling step of either style.
        name: One of `SIGNALS`.
        colour: (channels,): what the features are where the picture is 1; elsewhere they are 0.
    """
    given = signal(name)
    found: dict[str, np.ndarray] = {}

    def visit(hook, tensor):
        if hook in NAMES:
            found[hook] = ops.convert_to_numpy(tensor)[0]
        return tensor

    features = given[None, :, :, None] * colour.astype("float32")
    with visiting(visit):
        step(ops.convert_to_tensor(features))
    smooth = ops.convert_to_numpy(bilinear_double(ops.convert_to_tensor(given[None, :, :, None])))[0, :, :, 0]
    return Response(given, smooth, {hook: found[hook] for hook in NAMES})


def checkered(features: np.ndarray) -> float:
    """How uneven what came from an even picture is: the four kinds of new pixels against each other.

    A new pixel has an even or an odd row, and an even or an odd column. From grey, all four should be the same.

    Args:
        features: (2 SIDE, 2 SIDE, channels), of the signal `grey`.

    Returns:
        Root mean square of the differences from the mean of the four, as a share of that of the mean; 0 is smooth.
    """
    inner = features[BORDER:-BORDER, BORDER:-BORDER].astype("float64")
    four = np.stack([inner[row::2, column::2].mean(axis=(0, 1)) for row in (0, 1) for column in (0, 1)])
    mean = four.mean(axis=0)
    return float(np.sqrt(np.mean(np.square(four - mean)) / max(np.mean(np.square(mean)), 1e-30)))
