"""Checks of lesson 5: channel attention, spatial attention, the dual attention unit, and a fair ablation."""

from types import SimpleNamespace

import numpy as np

from lessons.checks.checking import Mistake, call, compare, passed
from model.attention import ChannelAttention, DualAttentionUnit, SpatialAttention
from model.contracts import record
from model.contracts.formulas import convolution, prelu, relu, sigmoid, softmax

__all__ = ["channel_gate", "constant", "dau", "spatial_gate", "spatial_maps", "weights_of"]

CHANNELS = 32
"""So many that the squeezed descriptor has several numbers, on both sides of the ReLU."""


def weights_of(unit: DualAttentionUnit) -> SimpleNamespace:
    """What a unit has learned, as arrays by the names that the lesson has for them."""
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
        arrays[name] = arrays[name][
            0, 0
        ]  # a 1x1 convolution of one place is a product with a matrix
    return SimpleNamespace(slope=float(unit.activation.get_weights()[0].item()), **arrays)


def _features(seed: int, channels: int = CHANNELS) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.1, 0.5, (9, 8, channels)).astype(np.float32)


def _fill(layer, seed: int, size: float = 1.0) -> None:
    """Draws weights, strong ones: gates then differ so much that no mistake looks like another."""
    rng = np.random.default_rng(seed)
    drawn = [rng.normal(0, size, values.shape) for values in layer.get_weights()]
    layer.set_weights(drawn)


def channel_gate(function) -> None:
    """Exercise 1: `channel_gate(features, squeeze, excite)` against `model.attention.ChannelAttention`."""
    look = "“Which channels”: mean over the places, @ squeeze, relu, @ excite, sigmoid."
    x, ours = _features(1), ChannelAttention(CHANNELS)
    _fill(ours.squeeze, 2, size=2)
    _fill(ours.excite, 3, size=2)
    squeeze, excite = (layer.get_weights()[0][0, 0] for layer in (ours.squeeze, ours.excite))
    right = record(ours, x[None])["gate"][0, 0, 0]

    def gates(descriptor, inner=relu, outer=sigmoid):
        return outer(inner(descriptor @ squeeze) @ excite)

    mean = x.mean((0, 1))
    mistakes = [
        Mistake(
            "this is the maximum over the picture; the descriptor is the average.",
            gates(x.max((0, 1))),
        ),
        Mistake(
            "this is the sum over the picture; the descriptor is the average.", gates(x.sum((0, 1)))
        ),
        Mistake(
            "this is a softmax: its gates compete and add up to 1. Each channel opens for itself, with a sigmoid.",
            gates(mean, outer=lambda z: softmax(z, 0)),
        ),
        Mistake("the ReLU between the two matrices is missing.", gates(mean, lambda z: z)),
        Mistake(
            "a ReLU follows the second matrix too: then no gate is below a half.",
            gates(mean, outer=lambda z: sigmoid(relu(z))),
        ),
        Mistake("the sigmoid is missing: these are the logits.", gates(mean, outer=lambda z: z)),
        Mistake("this is tanh, which has values below 0.", gates(mean, outer=np.tanh)),
        Mistake(
            "these are the features times the gates; give the gates alone.",
            x * gates(mean),
        ),
    ]
    got = call(function, x, squeeze, excite)
    compare("channel_gate(features, squeeze, excite)", got, right, mistakes, look, relative=1e-4)
    passed("channel_gate: one number for each channel, from the averages of all of them.")


def spatial_maps(function) -> None:
    """Exercise 2: `spatial_maps(features)` is the maximum, then the mean."""
    look = (
        "“Which places”: np.stack of the maximum and the mean over axis -1, along a new last axis."
    )
    x, ours = _features(4), SpatialAttention()
    right = record(ours, x[None])["pooled"][0]
    high, mean = x.max(-1), x.mean(-1)

    def maps(*pair):
        return np.stack(pair, axis=-1)

    mistakes = [
        Mistake(
            "both maps are maxima: one of them is named average perhaps, and computed with a maximum.",
            maps(high, high),
        ),
        Mistake("both maps are means.", maps(mean, mean)),
        Mistake("the order is swapped: the maximum comes first.", maps(mean, high)),
        Mistake(
            "the second map is the sum over the channels, not the mean.", maps(high, x.sum(-1))
        ),
        Mistake("the first map is the minimum.", maps(x.min(-1), mean)),
        Mistake("the second map is the median, not the mean.", maps(high, np.median(x, -1))),
        Mistake(
            "the two maps stand behind each other along a new first axis; they belong side by side, axis=-1.",
            np.stack([high, mean]),
        ),
        Mistake(
            "this goes over the places and leaves one number for each channel. That is the descriptor of channel "
            "attention; here the channels go (axis=-1), and the places stay.",
            maps(x.max((0, 1)), x.mean((0, 1))),
        ),
    ]
    compare("spatial_maps(features)", call(function, x), right, mistakes, look)
    passed("spatial_maps: does any channel find something here, and how much do they all find?")


def spatial_gate(function) -> None:
    """Exercise 3: `spatial_gate(features, kernel)` against `model.attention.SpatialAttention`."""
    look = "“Which places”: spatial_maps, convolve with the whole 5×5 kernel, sigmoid."
    x, ours = _features(5), SpatialAttention()
    _fill(ours.locate, 6, size=0.5)
    kernel = ours.locate.get_weights()[0]
    right = record(ours, x[None])["gate"][0]
    maps = np.stack([x.max(-1), x.mean(-1)], axis=-1)

    def located(pooled, weights=kernel):
        return convolution(pooled[None], weights)[0]

    logits = located(maps)
    mistakes = [
        Mistake(
            "this is 1×1 attention: only the centre of the kernel is used, and a gate does not see its neighbours.",
            sigmoid(maps @ kernel[2, 2]),
        ),
        Mistake(
            "this is 1×1 attention: the kernel was summed up and each place is judged alone.",
            sigmoid(maps @ kernel.sum((0, 1))),
        ),
        Mistake(
            "only the inner 3×3 of the kernel is used; it is 5×5.",
            sigmoid(located(maps, kernel[1:4, 1:4])),
        ),
        Mistake("the sigmoid is missing: these are the logits.", logits),
        Mistake(
            "this is a softmax over the places: they compete, and in a large picture every gate is nearly 0. "
            "Each place opens for itself, with a sigmoid.",
            softmax(logits.ravel(), 0).reshape(logits.shape),
        ),
        Mistake(
            "this is a softmax over the last axis, which has one entry: every gate is 1.",
            np.ones_like(logits),
        ),
        Mistake("this is ReLU, which has no upper end.", relu(logits)),
        Mistake(
            "the two maps are swapped: the maximum comes first.", sigmoid(located(maps[..., ::-1]))
        ),
        Mistake("these are the features times the gate; give the gate alone.", x * sigmoid(logits)),
        Mistake("the last axis is missing: (height, width, 1).", sigmoid(logits)[..., 0]),
    ]
    got = call(function, x, kernel)
    compare("spatial_gate(features, kernel)", got, right, mistakes, look, relative=1e-4)
    passed("spatial_gate: one number for each place, from the 5×5 places around it.")


def dau(function) -> None:
    """Exercise 4: `dau(features, weights)` against `model.attention.DualAttentionUnit`."""
    look = "“The unit”: body, gate it twice, side by side, merge, and add to what came in."
    channels = 16
    x, ours = _features(7, channels), DualAttentionUnit(channels)
    for seed, part in enumerate((ours.first, ours.second, ours.merge), 8):
        _fill(part, seed, size=0.2)
    for seed, part in enumerate(
        (ours.spatial.locate, ours.channel.squeeze, ours.channel.excite), 11
    ):
        _fill(part, seed, size=0.7)
    w = weights_of(ours)
    right = record(ours, x[None]).output[0]
    compare(
        "dau(features, weights)",
        call(function, x, w),
        right,
        _wrong_units(x, w),
        look,
        relative=1e-4,
    )
    passed("dau: two proposals, one by place and one by channel, on top of what came in.")


def _wrong_units(x: np.ndarray, w: SimpleNamespace) -> list[Mistake]:
    """What comes of plausible mistakes in putting the unit together."""

    def conv(values, kernel):
        return convolution(values[None], kernel)[0]

    def proposed(activation):
        return conv(activation(conv(x, w.first)), w.second)

    def by_place(values, judged=None):
        judged = values if judged is None else judged
        maps = np.stack([judged.max(-1), judged.mean(-1)], axis=-1)
        return values * sigmoid(conv(maps, w.locate))

    def by_channel(values, judged=None):
        mean = (values if judged is None else judged).mean((0, 1))
        return values * sigmoid(relu(mean @ w.squeeze) @ w.excite)

    def merged(*pair):
        return conv(np.concatenate(pair, axis=-1), w.merge)

    def unit(body):
        return x + merged(by_place(body), by_channel(body))

    body = proposed(lambda z: prelu(z, w.slope))
    gated = by_place(body), by_channel(body)
    return [
        Mistake("the input is not added at the end.", merged(*gated)),
        Mistake("the body is added, not the input.", body + merged(*gated)),
        Mistake(
            "the order is swapped: the spatial half comes first, as `merge` was trained.",
            x + merged(*gated[::-1]),
        ),
        Mistake(
            "this is a ReLU; PReLU lets negative values through, times its slope.",
            unit(proposed(relu)),
        ),
        Mistake("the PReLU between the convolutions is missing.", unit(proposed(lambda z: z))),
        Mistake("another PReLU follows the second convolution.", unit(prelu(body, w.slope))),
        Mistake(
            "the two attentions stand in a row: channel attention gets what the spatial gate has dimmed. "
            "Dual means beside each other: both get the body.",
            x + merged(gated[0], by_channel(gated[0])),
        ),
        Mistake(
            "the two attentions stand in a row: spatial attention gets what the channel gates have dimmed. "
            "Dual means beside each other: both get the body.",
            x + merged(by_place(gated[1]), gated[1]),
        ),
        Mistake(
            "the gates judge the input; they are found from the body, which they multiply.",
            x + merged(by_place(body, x), by_channel(body, x)),
        ),
        Mistake(
            "attention is done to the input: the body is missing, or forgotten.",
            unit(x),
        ),
        Mistake(
            "the features that go into the merge are not gated.",
            x + merged(body, body),
        ),
        Mistake("the input is added twice.", 2 * x + merged(*gated)),
        Mistake(
            "the input is added to the gated features and not at the end.",
            merged(x + gated[0], x + gated[1]),
        ),
    ]


def constant(function) -> None:
    """Exercise 5: `constant(gate)` keeps how much passes and takes the choice away."""
    look = "“Switch it off, fairly”: for each picture one mean, over axes 1, 2 and 3, in the shape of the gate."
    rng = np.random.default_rng(14)
    kinds = {"channel gates": (2, 1, 1, 6), "spatial gates": (2, 4, 5, 1)}
    for kind, shape in kinds.items():
        gate = rng.uniform(0.1, 0.9, shape).astype(np.float32)
        gate[1] *= 0.5  # another photo, another mean
        mean = gate.mean((1, 2, 3), keepdims=True)
        mistakes = [
            Mistake(
                "every gate is opened: what passes then becomes stronger too, and a loss does not show that the choice "
                "was missed.",
                np.ones(shape),
            ),
            Mistake("every gate is shut: then the whole body is gone.", np.zeros(shape)),
            Mistake("every gate is a half, whatever it was before.", np.full(shape, 0.5)),
            Mistake(
                "the mean goes over all pictures of the batch: each has its own.",
                np.full(shape, gate.mean()),
            ),
            Mistake(
                "nothing has changed: of channel gates a mean over height and width is each gate itself, "
                "of spatial gates a mean over the channels. Take all three axes.",
                gate,
            ),
            Mistake(
                "this is the mean in a shape of its own; a hook must hand on the shape of the tensor.",
                mean,
            ),
            Mistake(
                "this is the mean in a shape of its own; a hook must hand on the shape of the tensor.",
                mean.ravel(),
            ),
        ]
        right = np.broadcast_to(mean, shape)
        compare(f"constant(gate) of {kind} {shape}", call(function, gate), right, mistakes, look)
    passed("constant: as much passes as before, and nobody is preferred.")
