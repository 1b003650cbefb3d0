"""The effective receptive field in pieces, as the page needs it: a block at a time, so that little memory is taken.

`explain.analysis.receptive.look` runs the whole network and keeps all of it for the backward pass: 30 KB a pixel for
`desk`, 3 GB on a sample photo. Here the tensors between the blocks are recorded already, so that the gradient is led
back through one block after the other, each of which runs again from its recorded input. All blocks are alike: the
graph of one of them serves for all. Each backward pass runs twice, with and without the global paths, after
one forward pass. `tests/explain/app/compute/test_staged_gradients.py` compares the two.
"""

from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from explain.analysis.receptive import Field, Seen, field_of, look
from explain.app.compute.block_gradients import TINY, BlockBack, Both
from explain.tracing.gradients import gradients
from model.errors import MirnetError
from model.mirnet import MIRNet

__all__ = ["as_seen", "recorded_names", "seen_from"]

Tensors = Mapping[str, np.ndarray]


def recorded_names(net: MIRNet) -> list[str]:
    """The hook points whose tensors have to be recorded: what lies between the blocks."""
    names = ["shallow"]
    for g, group in enumerate(net.groups, 1):
        names += [
            f"rrg_{g}/out",
            *(f"rrg_{g}/mrb_{b}/{end}" for b in range(1, group.blocks + 1) for end in ("in", "out")),
        ]
    return names


def seen_from(
    net: MIRNet, back: BlockBack | None, photo: np.ndarray, recorded: Tensors, name: str, pixel: tuple[int, int]
) -> tuple[Seen, Seen]:
    """What `explain.analysis.receptive.look` finds for one stage, from recorded tensors: by all paths, and held.

    Args:
        net: The network.
        back: From `explain.app.compute.block_gradients.block_back`.
        photo: (height, width, 3) uint8, sides multiples of the network's.
        recorded: The tensors of `recorded_names` on this photo, each (1, height, width, channels).
        name: Hook point of one of `explain.analysis.receptive.stages`.
        pixel: (row, column) in the photo.

    Raises:
        MirnetError: If the stage does not change with the photo there.
    """
    if back is None:
        live, held = (look(net, photo, *pixel, [name], hold_global=hold)[0] for hold in (False, True))
        return live, held
    field = field_of(net.config, name, *pixel)
    magnitudes = [np.abs(each[0]).sum(axis=-1) for each in _Backward(net, back, photo, recorded, pixel).gradient(name)]
    if not all(magnitude.any() for magnitude in magnitudes):
        row, column = pixel
        raise MirnetError(
            f"{field.words} does not change with the photo at row {row}, column {column}: choose another pixel"
        )
    live, held = (as_seen(field, magnitude, pixel) for magnitude in magnitudes)
    return live, held


def as_seen(field: Field, gradient: np.ndarray, pixel: tuple[int, int]) -> Seen:
    """A gradient (height, width) with its field, and the center of the pixel of the tensor that lies over `pixel`."""
    row, column = (place // field.scale * field.scale + (field.scale - 1) / 2 for place in pixel)
    return Seen(field, gradient, row, column)


class _Backward:
    """The two gradients of a stage, led back to the photo."""

    def __init__(self, net: MIRNet, back: BlockBack, photo: np.ndarray, recorded: Tensors, pixel: tuple[int, int]):
        self.net, self.back, self.recorded, self.pixel = net, back, recorded, pixel
        self.photo = photo[None].astype("float32") / np.float32(255)

    def gradient(self, name: str) -> Both:
        """Of the stage's pixel, with respect to the photo (1, height, width, 3)."""
        if name == "output":
            upstream = np.zeros_like(self.photo)
            upstream[0, *self.pixel] = 1 / 3  # the mean of the colours
            last = len(self.net.groups)
            inner = self._through(self.net.last, f"rrg_{last}/out", (upstream, upstream))
            return _sum((upstream, upstream), self._from_features(last, inner))
        if name == "shallow":
            return self._shallow(self._one_pixel(name))
        group, _, below = name.partition("/")
        place = int(group.removeprefix("rrg_"))
        if below == "out":
            return self._from_features(place, self._one_pixel(name))
        block, _, inside = below.partition("/")
        counts = np.zeros(self.net.config.streams, "float32")
        counts[int(inside.split("/")[1].removeprefix("dau_")) - 1] = 1
        return self._from_block(place, int(block.removeprefix("mrb_")), counts)

    def _from_features(self, group: int, upstream: Both) -> Both:
        """From the gradients of what a group gave; of no group, of the shallow features."""
        if group == 0:
            return self._shallow(upstream)
        layer = self.net.groups[group - 1]
        inner = self._through(layer.last, f"rrg_{group}/mrb_{layer.blocks}/out", upstream)
        for block in range(layer.blocks, 0, -1):
            inner = self._block(group, block, inner, np.zeros(self.net.config.streams, "float32"))
        return self._from_features(group - 1, _sum(upstream, inner))

    def _from_block(self, group: int, block: int, counts: np.ndarray) -> Both:
        """From a stream inside a block."""
        nothing = np.zeros_like(self.recorded[f"rrg_{group}/mrb_{block}/in"])
        upstream = nothing, nothing
        for number in range(block, 0, -1):
            upstream = self._block(group, number, upstream, counts)
            counts = np.zeros_like(counts)
        return self._from_features(group - 1, upstream)

    def _block(self, group: int, block: int, upstream: Both, counts: np.ndarray) -> Both:
        layer = self.net.groups[group - 1].chain[block - 1]
        return self.back(layer, self.recorded[f"rrg_{group}/mrb_{block}/in"], upstream, counts, self.pixel)

    def _through(self, layer: keras.Layer, name: str, upstream: Both) -> Both:
        """Back through one layer, whose input is recorded under a name."""
        return _back_through(layer, self.recorded[name], upstream)

    def _shallow(self, upstream: Both) -> Both:
        return _back_through(self.net.shallow, self.photo, upstream)

    def _one_pixel(self, name: str) -> Both:
        """The gradient of a pixel's strength with respect to its tensor."""
        features = self.recorded[name]
        values = features[0, *self.pixel]
        upstream = np.zeros_like(features)
        upstream[0, *self.pixel] = values / (values.size * np.sqrt(np.mean(np.square(values)) + TINY))
        return upstream, upstream


def _sum(one: Both, other: Both) -> Both:
    live, held = (each + more for each, more in zip(one, other, strict=True))
    return live, held


def _back_through(layer: keras.Layer, given: np.ndarray, upstream: Both) -> Both:
    live, held = gradients(lambda tensor: [ops.sum(layer(tensor) * each) for each in upstream], given)
    return live, held
