"""Checks of lesson 5: channel attention, spatial attention, the dual attention unit, and a fair ablation."""

from types import SimpleNamespace

import numpy as np

from lessons.checks.kit import Either, Steps, call, compare, exercise
from lessons.checks.references.dau_reference import unit_stages, wrong_units
from model.attention import ChannelAttention, DualAttentionUnit, SpatialAttention
from model.contracts import record
from model.contracts.formulas import convolution, prelu, relu, sigmoid, softmax

__all__ = ["channel_gate", "constant", "dau", "spatial_gate", "spatial_maps", "weights_of"]

SLOPE = 0.4
"""Of the PReLU: not its initial value, 0.25."""

CHANNELS = 32
"""Enough for several values in the squeezed descriptor, on both sides of the ReLU."""


def weights_of(unit: DualAttentionUnit) -> SimpleNamespace:
    """The weights of a unit as arrays (convolutions: height, width, inputs, outputs), by their names in the lesson."""
    kernels = {
        "first": unit.first,
        "second": unit.second,
        "locate": unit.spatial.locate,
        "squeeze": unit.channel.squeeze,
        "excite": unit.channel.excite,
        "merge": unit.merge,
    }
    arrays = {name: np.asarray(layer.get_weights()[0]) for name, layer in kernels.items()}
    for name in ("squeeze", "excite"):
        arrays[name] = arrays[name][0, 0]  # at one position, a 1x1 convolution is a matrix product
    return SimpleNamespace(slope=float(unit.activation.get_weights()[0].item()), **arrays)


def _features(seed: int, channels: int = CHANNELS) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.1, 0.5, (9, 8, channels)).astype(np.float32)


def _fill(layer, seed: int, size: float = 1.0) -> None:
    """Draws weights, strong ones: gates then differ so much that no mistake looks like another."""
    rng = np.random.default_rng(seed)
    drawn = [rng.normal(0, size, values.shape) for values in layer.get_weights()]
    layer.set_weights(drawn)


@exercise
def channel_gate(function) -> str:
    """Exercise 1: `channel_gate(features, squeeze, excite)` against `model.attention.ChannelAttention`."""
    look = "“Which channels”: mean over the pixels, @ squeeze, relu, @ excite, sigmoid."
    x, ours = _features(1), ChannelAttention(CHANNELS)
    _fill(ours.squeeze, 2, size=2)
    _fill(ours.excite, 3, size=2)
    squeeze, excite = (layer.get_weights()[0][0, 0] for layer in (ours.squeeze, ours.excite))
    right = record(ours, x[None])["gate"][0, 0, 0]

    def gates(descriptor, inner=relu, outer=sigmoid):
        return outer(inner(descriptor @ squeeze) @ excite)

    mean = x.mean((0, 1))
    shared = gates(mean, outer=lambda z: softmax(z, 0))
    mistakes = {
        "this is the maximum over the picture; the descriptor is the average.": gates(x.max((0, 1))),
        "this is the sum over the picture; the descriptor is the average.": gates(x.sum((0, 1))),
        "this is a softmax: gates compete and add up to 1. A sigmoid treats each channel independently.": shared,
        "the ReLU between the two matrices is missing.": gates(mean, lambda z: z),
        "a ReLU follows the second matrix too: then no gate is below 0.5.": gates(
            mean, outer=lambda z: sigmoid(relu(z))
        ),
        "the sigmoid is missing: these are the logits.": gates(mean, outer=lambda z: z),
        "this is tanh, which has values below 0.": gates(mean, outer=np.tanh),
        "these are the features times the gates; return the gates alone.": x * gates(mean),
    }
    mistakes |= {
        "there is a sigmoid between the two matrices too; there, it is a ReLU.": gates(mean, sigmoid),
        "the ReLU follows the second matrix; it stands between the two.": gates(
            mean, lambda z: z, lambda z: sigmoid(relu(z))
        ),
        "the ReLU comes before the first matrix; it stands between the two.": gates(relu(mean), lambda z: z),
        "nothing was averaged: a gate for each pixel. Channel attention has one for the whole picture.": gates(x),
        "this is a PReLU; here it is a ReLU.": gates(mean, lambda z: prelu(z, 0.25)),
    }
    stages = {
        "the descriptor, the mean of each channel": mean,
        "the squeezed descriptor": mean @ squeeze,
        "the ReLU of it": relu(mean @ squeeze),
        "the logits": relu(mean @ squeeze) @ excite,
    }
    got = call(function, x, squeeze, excite)
    steps = Steps(function, (x, squeeze, excite), stages)
    compare("channel_gate(features, squeeze, excite)", got, right, mistakes, look, relative=1e-4, steps=steps)
    return "channel_gate: one number for each channel, from the averages of all of them."


@exercise
def spatial_maps(function) -> str:
    """Exercise 2: `spatial_maps(features)` is the maximum, then the mean."""
    look = "“Which pixels”: np.stack of the maximum and the mean over axis -1, along a new last axis."
    x, ours = _features(4), SpatialAttention()
    x[:3] = -np.abs(x[:3]) - np.float32(0.1)  # there, the maximum is negative
    right = record(ours, x[None])["pooled"][0]
    high, mean = x.max(-1), x.mean(-1)

    def maps(*pair):
        return np.stack(pair, axis=-1)

    mistakes = {
        "both maps are maxima: one may be named average, but it is computed as a maximum.": maps(high, high),
        "both maps are means.": maps(mean, mean),
        "the order is swapped: the maximum comes first.": maps(mean, high),
        "the second map is the sum over the channels, not the mean.": maps(high, x.sum(-1)),
        "the first map is the minimum.": maps(x.min(-1), mean),
        "the second map is the median, not the mean.": maps(high, np.median(x, -1)),
        "the two maps are stacked along a new first axis, not along the last one, axis=-1.": np.stack([high, mean]),
        "this reduces the pixels to one number for each channel, the descriptor of channel attention. Here you reduce "
        "the channels (axis=-1), and the pixels stay.": maps(x.max((0, 1)), x.mean((0, 1))),
    }
    mistakes |= {
        "the running maximum begins at 0: where all channels are negative, the maximum is negative, too.": maps(
            np.maximum(high, 0), mean
        ),
        "the first map is the maximum of the magnitudes: keep the sign.": maps(np.abs(x).max(-1), mean),
        "the second map is the mean of the magnitudes: keep the sign.": maps(high, np.abs(x).mean(-1)),
        "the second map is the minimum; it is the mean.": maps(high, x.min(-1)),
        "the first map is the *index* of the largest channel (argmax), not its value.": maps(x.argmax(-1), mean),
        "one number was computed for the whole picture; each pixel has its own.": Either(
            np.broadcast_to(maps(x.max(), x.mean()), right.shape),
            np.broadcast_to(maps(x.max((0, 1)).max(), x.mean((0, 1)).mean()), right.shape),
            np.broadcast_to(maps(x.max((0, 1)).max(), x.mean((0, 1)).max()), right.shape),
        ),
        "two of the channels were taken; reduce all of them.": x[..., [0, -1]],
    }
    stages = {"the maximum over the channels": high, "the mean over the channels": mean}
    steps = Steps(function, (x,), stages, parallel=True)
    compare("spatial_maps(features)", call(function, x), right, mistakes, look, steps=steps)
    return "spatial_maps: the strongest response of any channel at each pixel, and the mean over all of them."


@exercise
def spatial_gate(function) -> str:
    """Exercise 3: `spatial_gate(features, kernel)` against `model.attention.SpatialAttention`."""
    look = "“Which pixels”: spatial_maps, convolve with the whole 5×5 kernel, sigmoid."
    x, ours = _features(5), SpatialAttention()
    _fill(ours.locate, 6, size=0.5)
    kernel = ours.locate.get_weights()[0]
    right = record(ours, x[None])["gate"][0]
    maps = np.stack([x.max(-1), x.mean(-1)], axis=-1)

    def located(pooled, weights=kernel):
        return convolution(pooled[None], weights)[0]

    logits = located(maps)
    centre, summed = sigmoid(maps @ kernel[2, 2]), sigmoid(maps @ kernel.sum((0, 1)))
    mistakes = {
        "this is 1×1 attention: it uses the centre of the kernel, and a gate does not see its neighbours.": centre,
        "this is 1×1 attention: the kernel was summed up, and each pixel has a gate of its own.": summed,
        "only the inner 3×3 of the kernel is used; it is 5×5.": sigmoid(located(maps, kernel[1:4, 1:4])),
        "the sigmoid is missing: these are the logits.": logits,
        "this is a softmax over the pixels: they compete, and in a large picture every gate is nearly 0. "
        "A sigmoid treats each pixel independently.": softmax(logits.ravel(), 0).reshape(logits.shape),
        "this is a softmax over the last axis, which has one entry: every gate is 1.": np.ones_like(logits),
        "this is ReLU, which has no upper end.": relu(logits),
        "the two maps are swapped: the maximum comes first.": sigmoid(located(maps[..., ::-1])),
        "these are the features times the gate; return the gate alone.": x * sigmoid(logits),
        "the last axis is missing: (height, width, 1).": sigmoid(logits)[..., 0],
    }
    mistakes |= {
        "there is a ReLU before the sigmoid: then no gate is below 0.5.": sigmoid(relu(logits)),
        "the sigmoid comes before the convolution: it turns the logits into gates, at the end.": located(sigmoid(maps)),
        "the kernel is flipped: a network's convolution is a cross-correlation.": sigmoid(
            located(maps, kernel[::-1, ::-1])
        ),
    }
    stages = {"the two maps": maps, "their convolution, the logits": logits}
    got, steps = call(function, x, kernel), Steps(function, (x, kernel), stages)
    compare("spatial_gate(features, kernel)", got, right, mistakes, look, relative=1e-4, steps=steps)
    return "spatial_gate: one number for each pixel, from the 5×5 pixels around it."


@exercise
def dau(function) -> str:
    """Exercise 4: `dau(features, weights)` against `model.attention.DualAttentionUnit`."""
    look = "“The unit”: body, both gates, concatenate, merge, and add the input."
    channels = 16
    x, ours = _features(7, channels), DualAttentionUnit(channels)
    for seed, part in enumerate((ours.first, ours.second, ours.merge), 8):
        _fill(part, seed, size=0.2)
    for seed, part in enumerate((ours.spatial.locate, ours.channel.squeeze, ours.channel.excite), 11):
        _fill(part, seed, size=0.7)
    ours.activation.set_weights([np.full((1, 1, 1), SLOPE, "float32")])
    w = weights_of(ours)
    right = record(ours, x[None]).output[0]
    steps = Steps(function, (x, w), unit_stages(x, w))
    compare("dau(features, weights)", call(function, x, w), right, wrong_units(x, w), look, relative=1e-4, steps=steps)
    return "dau: spatial and channel attention side by side, added to the input."


@exercise
def constant(function) -> str:
    """Exercise 5: `constant(gate)` keeps the mean of the gates and removes their differences."""
    look = "“A fair ablation”: for each picture one mean, over axes 1, 2 and 3, in the shape of the gate."
    rng = np.random.default_rng(14)
    kinds = {"channel gates": (2, 1, 1, 6), "spatial gates": (2, 4, 5, 1)}
    for kind, shape in kinds.items():
        gate = rng.uniform(0.1, 0.9, shape).astype(np.float32)
        gate[1] *= 0.5  # another photo, another mean
        mean = gate.mean((1, 2, 3), keepdims=True)
        mistakes = {
            "every gate is 1: then the features become stronger too, and a loss of PSNR does not prove that the "
            "differences between the gates mattered.": np.ones(shape),
            "every gate is 0: then nothing of the body is left.": np.zeros(shape),
            "every gate is 0.5, whatever it was before.": np.full(shape, 0.5),
            "the mean goes over all pictures of the batch: each has its own.": np.full(shape, gate.mean()),
            "nothing has changed: of channel gates a mean over height and width is each gate itself, "
            "of spatial gates a mean over the channels. Take all three axes.": gate,
            "the pictures of the batch were averaged; each keeps its own mean.": np.broadcast_to(
                gate.mean(0, keepdims=True), shape
            ),
            "this is the median, not the mean.": np.broadcast_to(np.median(gate, (1, 2, 3), keepdims=True), shape),
            "these are the differences; keep the mean, and remove the differences.": gate - mean,
            "this is the middle between the smallest and the largest gate, not their mean.": np.broadcast_to(
                (gate.min((1, 2, 3), keepdims=True) + gate.max((1, 2, 3), keepdims=True)) / 2, shape
            ),
            "this is the mean, but not in the shape of the gate, which a hook must return.": Either(mean, mean.ravel()),
        }
        right = np.broadcast_to(mean, shape)
        steps = Steps(function, (gate,), {"the mean of each picture's gates": mean})
        compare(f"constant(gate) of {kind} {shape}", call(function, gate), right, mistakes, look, steps=steps)
    return "constant: the same mean as before, and no channel or pixel is preferred."
