"""The parts of lesson 6: layers of a network as methods whose inputs and outputs are NumPy arrays."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

from model.mirnet import MIRNet
from model.mrb import MultiScaleResidualBlock

__all__ = ["CHANNELS", "STREAMS", "Group", "Parts", "Whole", "as_array", "run", "whole_of"]

STREAMS = (1, 2, 3)

CHANNELS = 8
"""Channels of stream 1, in the shipped network and in the one for checks."""


class Parts:
    """The parts of one multi-scale residual block. Streams have the numbers 1, 2 and 3; all tensors are arrays.

    Args:
        block: Whose layers they are.
    """

    owner = ""
    """What to call the block in messages."""

    def __init__(self, block: MultiScaleResidualBlock):
        self._block = block

    def dau(self, k: int, features):
        """Stream `k` through its dual attention unit."""
        _expect(features, k, f"dau({k}, ...)")
        return self._passed("dau(K, {})", features, k)

    def bring(self, features, k: int, j: int):
        """Stream `k` with the size and the channels of stream `j`."""
        _expect(features, k, f"bring(..., {k}, {j})")
        _numbered(j, f"bring(..., {k}, {j})")
        return features if k == j else self._passed("bring({}, K, J)", features, k, j)

    def skff(self, j: int, streams):
        """Fuses a list of three features, all at the resolution of stream `j`."""
        streams = list(streams)
        if len(streams) != len(STREAMS):
            raise ValueError(f"skff({j}, ...) fuses a list of 3 streams, not of {len(streams)}")
        for one in streams:
            _expect(one, j, f"skff({j}, ...)")
        return self._passed("skff(K, [{}, {}, {}])", list(streams), j)

    def rise(self, k: int, features):
        """Stream 2 or 3 back at full resolution, for the merge."""
        if k == 1:
            raise ValueError("rise is for streams 2 and 3; stream 1 has full resolution already")
        _expect(features, k, f"rise({k}, ...)")
        return self._passed("rise(K, {})", features, k, 1)

    def conv(self, features):
        """The 3x3 convolution at the end."""
        _expect(features, 1, "conv(...)")
        return self._passed("conv({})", features, 1)

    def _passed(self, call: str, features, k: int, j: int = 0) -> np.ndarray:
        """The output of the layer behind a call, from stream `k` to stream `j`."""
        block = self._block
        layers: dict[str, Any] = {
            "dau": block.units,
            "skff": block.fusions,
            "rise": [None, *block.rise],
            "conv": [block.last],
        }
        name = call.partition("(")[0]
        return run(block.resize[f"{k}_{j}"] if name == "bring" else layers[name][k - 1], features)


def _expect(features, k: int, what: str) -> None:
    """Raises a ValueError for features that cannot be stream `k`."""
    _numbered(k, what)
    due, got = CHANNELS * 2 ** (k - 1), np.shape(features)
    if len(got) != 4 or got[-1] != due:
        raise ValueError(f"{what} takes features with {due} channels, (1, height, width, {due}), not {got}")


def _numbered(k: int, what: str) -> None:
    if k not in STREAMS:
        raise ValueError(f"{what}: the streams have the numbers 1, 2 and 3")


def run(layer, features) -> np.ndarray:
    """The output of a layer for an array, or of SKFF for a list of them: float32, in the layer's output shape."""
    several = isinstance(features, list | tuple)
    tensors = [keras.ops.convert_to_tensor(one) for one in (features if several else [features])]
    return as_array(layer(tensors if several else tensors[0]))


class Group(NamedTuple):
    """A recursive residual group: the parts of its blocks, in order, and its 3x3 convolution."""

    blocks: tuple[Parts, ...]
    conv: Callable[[Any], np.ndarray]


class Whole(NamedTuple):
    """A network: the convolution from photo to features, its groups, the convolution from features to R."""

    shallow: Callable[[Any], np.ndarray]
    groups: tuple[Group, ...]
    last: Callable[[Any], np.ndarray]


def whole_of(network: MIRNet) -> Whole:
    """The parts of a network; each call uses its current weights."""
    groups = tuple(Group(tuple(Parts(block) for block in group.chain), _plain(group.last)) for group in network.groups)
    return Whole(_plain(network.shallow), groups, _plain(network.last))


def _plain(layer) -> Callable[[Any], np.ndarray]:
    return lambda features: run(layer, features)


def as_array(tensor) -> np.ndarray:
    """A tensor of any backend as an array."""
    return np.asarray(keras.ops.convert_to_numpy(tensor))
