"""The effective receptive field in pieces, as the page needs it: a block at a time, so that little memory is taken.

`explain.receptive.look` runs the whole network and keeps all of it for the way back: 30 KB a pixel for `desk`, 3 GB on
a sample photo. Here the tensors between the blocks are recorded already, so that the gradient is led back through one
block after the other, each of which runs again from its recorded input. All blocks are alike: one of them, compiled
once, serves for all. `tests/explain/app/test_streams_way.py` compares the two.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from explain.receptive import Field, Seen, field_of, look
from explain.receptive.fields import is_global
from explain.receptive.gradients import gradients
from model.errors import MirnetError
from model.hooks import visiting
from model.mirnet import MIRNet

__all__ = ["BlockBack", "as_seen", "block_back", "seen_from", "way_names"]

TINY = 1e-12  # under the root: its slope at 0 is infinite

BlockBack = Callable[..., np.ndarray]
"""See `block_back`."""

Tensors = Mapping[str, np.ndarray]


def way_names(net: MIRNet) -> list[str]:
    """The hook points whose tensors have to be recorded: what lies between the blocks."""
    names = ["shallow"]
    for g, group in enumerate(net.groups, 1):
        names += [
            f"rrg_{g}/out",
            *(f"rrg_{g}/mrb_{b}/{end}" for b in range(1, group.blocks + 1) for end in ("in", "out")),
        ]
    return names


def block_back(net: MIRNet) -> BlockBack | None:
    """The way back through any of the network's blocks, compiled; None where that does not work.

    It works on TensorFlow, for networks that take the photo as it is (no stem, no companding).

    Returns:
        A function of the block, what went into it (1, height, width, channels), the gradient of what came out (same
        shape), how much each stream's strength counts (streams,), the pixel (row, column) and whether the global
        paths count (1.0 or 0.0). It gives the gradient of all that with respect to what went in, same shape. The
        strength of a stream is the root mean square of the channels after its last attention, over that pixel.
    """
    config = net.config
    if keras.backend.backend() != "tensorflow" or config.stem > 1 or config.companding:
        return None
    import tensorflow as tf

    template: Any = net.groups[0].chain[0]
    ends = [f"column_{config.columns}/dau_{k}/out" for k in range(1, config.streams + 1)]

    def forward(weights, given, paths):
        """The block's output and its streams' last features, gradients by the global paths taken `paths` times."""
        found = {}

        def visit(name, tensor):
            if is_global(name):
                held = tf.stop_gradient(tensor)
                tensor = held + paths * (tensor - held)
            found[name] = tensor
            return tensor

        with visiting(visit):
            out, _ = template.stateless_call(weights, [], given)
        return out, [found[name] for name in ends]

    def back(weights, given, upstream, counts, pixel, paths):
        with tf.GradientTape() as tape:
            tape.watch(given)
            out, streams = forward(weights, given, paths)
            total = tf.reduce_sum(out * upstream)
            for k, features in enumerate(streams):
                place = pixel // 2**k
                values = features[0, place[0], place[1]]
                total += counts[k] * tf.sqrt(tf.reduce_mean(tf.square(values)) + TINY)
        return tape.gradient(total, given)

    # Any size, so that another photo needs no compiling: a trace takes seconds.
    features = tf.TensorSpec((1, None, None, config.channels), tf.float32)
    weights = [tf.TensorSpec(each.shape, tf.float32) for each in template.trainable_variables]
    numbers = (
        tf.TensorSpec((config.streams,), tf.float32),
        tf.TensorSpec((2,), tf.int32),
        tf.TensorSpec((), tf.float32),
    )
    compiled = tf.function(back, autograph=False, input_signature=[weights, features, features, *numbers])

    def run(block, given, upstream, counts, pixel, paths) -> np.ndarray:
        values = [variable.value for variable in block.trainable_variables]
        numbers = (np.asarray(counts, "float32"), np.asarray(pixel, "int32"), np.float32(paths))
        return np.asarray(compiled(values, given, upstream, *numbers))

    return run


def seen_from(
    net: MIRNet,
    back: BlockBack | None,
    photo: np.ndarray,
    recorded: Tensors,
    name: str,
    pixel: tuple[int, int],
    held: bool,
) -> Seen:
    """What `explain.receptive.look` finds for one of its stages, from recorded tensors.

    Args:
        net: The network.
        back: From `block_back`.
        photo: (height, width, 3) uint8, sides multiples of the network's.
        recorded: The tensors of `way_names` on this photo, each (1, height, width, channels).
        name: Hook point of one of `explain.receptive.stages`.
        pixel: (row, column) in the photo.
        held: Whether the global paths are held, so that no gradient comes by them.

    Raises:
        MirnetError: If the stage does not change with the photo there.
    """
    if back is None:
        return look(net, photo, *pixel, [name], hold_global=held)[0]
    field = field_of(net.config, name, *pixel)
    gradient = _Way(net, back, photo, recorded, pixel, 0.0 if held else 1.0).gradient(name)
    magnitude = np.abs(gradient[0]).sum(axis=-1)
    if not magnitude.any():
        row, column = pixel
        raise MirnetError(
            f"{field.words} does not change with the photo at row {row}, column {column}: choose another pixel"
        )
    return as_seen(field, magnitude, pixel)


def as_seen(field: Field, gradient: np.ndarray, pixel: tuple[int, int]) -> Seen:
    """A gradient (height, width) with its field, and the middle of the pixel of the tensor that lies over `pixel`."""
    row, column = (place // field.scale * field.scale + (field.scale - 1) / 2 for place in pixel)
    return Seen(field, gradient, row, column)


class _Way:
    """The way of one gradient from a stage back to the photo."""

    def __init__(self, net: MIRNet, back: BlockBack, photo: np.ndarray, recorded: Tensors, pixel, paths: float):
        self.net, self.back, self.recorded, self.pixel, self.paths = net, back, recorded, pixel, paths
        self.photo = photo[None].astype("float32") / np.float32(255)

    def gradient(self, name: str) -> np.ndarray:
        """Of the stage's pixel, with respect to the photo (1, height, width, 3)."""
        if name == "output":
            upstream = np.zeros_like(self.photo)
            upstream[0, *self.pixel] = 1 / 3  # the mean of the colours
            last = len(self.net.groups)
            return upstream + self._from_features(last, self._through(self.net.last, f"rrg_{last}/out", upstream))
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

    def _from_features(self, group: int, upstream: np.ndarray) -> np.ndarray:
        """From the gradient of what a group gave; of no group, of the shallow features."""
        if group == 0:
            return self._shallow(upstream)
        layer = self.net.groups[group - 1]
        inner = self._through(layer.last, f"rrg_{group}/mrb_{layer.blocks}/out", upstream)
        for block in range(layer.blocks, 0, -1):
            inner = self._block(group, block, inner, np.zeros(self.net.config.streams, "float32"))
        return self._from_features(group - 1, upstream + inner)

    def _from_block(self, group: int, block: int, counts: np.ndarray) -> np.ndarray:
        """From a stream inside a block."""
        upstream = np.zeros_like(self.recorded[f"rrg_{group}/mrb_{block}/in"])
        for number in range(block, 0, -1):
            upstream = self._block(group, number, upstream, counts)
            counts = np.zeros_like(counts)
        return self._from_features(group - 1, upstream)

    def _block(self, group: int, block: int, upstream: np.ndarray, counts: np.ndarray) -> np.ndarray:
        layer = self.net.groups[group - 1].chain[block - 1]
        given = self.recorded[f"rrg_{group}/mrb_{block}/in"]
        return self.back(layer, given, upstream, counts, self.pixel, self.paths)

    def _through(self, layer: keras.Layer, name: str, upstream: np.ndarray) -> np.ndarray:
        """Back through one layer, whose input is recorded under a name."""
        return _back_through(layer, self.recorded[name], upstream)

    def _shallow(self, upstream: np.ndarray) -> np.ndarray:
        return _back_through(self.net.shallow, self.photo, upstream)

    def _one_pixel(self, name: str) -> np.ndarray:
        """The gradient of a pixel's strength with respect to its tensor."""
        features = self.recorded[name]
        values = features[0, *self.pixel]
        upstream = np.zeros_like(features)
        upstream[0, *self.pixel] = values / (values.size * np.sqrt(np.mean(np.square(values)) + TINY))
        return upstream


def _back_through(layer: keras.Layer, given: np.ndarray, upstream: np.ndarray) -> np.ndarray:
    (found,) = gradients(lambda tensor: [ops.sum(layer(tensor) * upstream)], given)
    return found
