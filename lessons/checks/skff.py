"""Checks of lesson 4: descriptor, logits, softmax over the streams, SKFF as a whole, and a contract for it."""

from typing import Any

import numpy as np

from lessons.checks.kit import Either, NotYet, Steps, call, compare, component, exercise, with_weights, wrong
from lessons.checks.references.skff_reference import CHANNEL_SOFTMAX, STREAMS, skff_stages, wrong_skffs
from model.contracts.formulas import prelu, relu, sigmoid, softmax
from model.skff import SKFF

__all__ = ["adds_up", "describe", "logits_of", "select", "skff"]

CHANNELS = 8


def _streams(seed: int, batch: int = 1, height: int = 8, width: int = 12) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    shape = (batch, height, width, CHANNELS)
    return [rng.normal(k, 1, shape).astype("float32") for k in range(STREAMS)]


@exercise
def describe(function) -> str:
    """Exercise 1: `describe(streams)`, the average over the picture of the sum of the streams."""
    look = "“Fuse”: add the streams, then the mean over height and width, axes 1 and 2."
    streams = _streams(1, batch=2)
    total = np.sum(streams, axis=0)

    def over(rule, axis, values=total):
        return rule(values, axis=axis, keepdims=True)

    right = over(np.mean, (1, 2))
    mistakes = {
        "this is the maximum over the picture, called average: with max pooling a single bright lamp decides.": over(
            np.max, (1, 2)
        ),
        "this is the sum over the picture: it grows with the photo's size.": over(np.sum, (1, 2)),
        "this is the streams' average; the paper adds them.": right / STREAMS,
        "this is the streams' maximum; the paper adds them.": over(np.mean, (1, 2), np.max(streams, axis=0)),
        "this is the first stream alone.": over(np.mean, (1, 2), streams[0]),
        "this is the average over the channels at each pixel: a map, not a descriptor.": over(np.mean, -1),
        "the pictures of the batch were averaged too: axis 0 is not height.": over(np.mean, (0, 1, 2)),
        "the two axes were removed: `keepdims=True` keeps them, with the length 1.": total.mean((1, 2)),
        "nothing was averaged: this is the sum of the streams.": total,
        "a stream is forgotten: add all three.": Either(*(over(np.mean, (1, 2), total - stream) for stream in streams)),
        "the pictures of the batch were averaged too: axis 0 is the batch.": np.broadcast_to(
            over(np.mean, (0, 1, 2)), right.shape
        ),
        "the channels were averaged too: a descriptor has a number for each.": over(np.mean, (1, 2, 3)),
        "the streams were concatenated; add them.": over(np.mean, (1, 2), np.concatenate(streams, axis=-1)),
        "the streams were not added: the list was taken as an array with one axis more.": np.mean(
            streams, axis=(1, 2), keepdims=True
        ),
    }
    stages = {"the sum of the streams": total}
    steps = Steps(function, (streams,), stages)
    compare("describe(streams)", call(function, streams), right, mistakes, look, steps=steps)
    return "describe: the whole picture in one number for each channel."


@exercise
def logits_of(function) -> str:
    """Exercise 2: `logits_of(descriptor, squeeze, slope, expand)`."""
    look = "“Fuse”, second half: z = PReLU(s W), and for each stream its own matrix: z W₁, z W₂, z W₃."
    rng = np.random.default_rng(2)
    descriptor = rng.normal(size=(2, 1, 1, CHANNELS))
    squeeze = rng.normal(size=(CHANNELS, 4))
    expand = [rng.normal(size=(4, CHANNELS)) for _ in range(STREAMS)]
    slope = 0.4  # no initial value of PReLU
    linear = descriptor @ squeeze

    def logits(compact, matrices=expand, axis=1):
        return np.concatenate([compact @ matrix for matrix in matrices], axis=axis)

    compact = prelu(linear, slope)
    mistakes = {
        "all streams share one matrix: then all logits are equal.": logits(compact, expand[:1] * STREAMS),
        "PReLU is missing: two matrices in a row are just one.": logits(linear),
        "this is ReLU: PReLU multiplies negative numbers by its slope.": logits(relu(linear)),
        "the slope is on the wrong side: positive numbers stay as they are.": logits(-prelu(-linear, slope)),
        "PReLU belongs after the squeeze, not before it.": logits(prelu(descriptor, slope) @ squeeze),
        "PReLU was applied to the logits too: they may be negative.": prelu(logits(compact), slope),
        "the streams are in reverse order.": logits(compact, expand[::-1]),
        "the softmax is the next exercise; here you return the logits.": softmax(logits(compact), 1),
        "the streams are concatenated along the channels, not along axis 1.": logits(compact, axis=3),
        "the streams are concatenated along axis 2, not along axis 1.": logits(compact, axis=2),
        "the logits were added up: each stream has its own.": sum(compact @ matrix for matrix in expand),
    }
    mistakes |= {
        "the slope is always 0.25, whatever the argument says.": logits(prelu(linear, 0.25)),
        "the slope is added to negative numbers; multiply them by it.": logits(
            np.where(linear > 0, linear, slope + linear)
        ),
        "negative numbers became positive: PReLU multiplies them by its slope, and they stay negative.": logits(
            prelu(linear, -slope)
        ),
        "they were stacked along a new axis; concatenate along the axis 1 that is there.": np.stack(
            [compact @ matrix for matrix in expand], axis=1
        ),
    }
    inputs = descriptor, squeeze, slope, expand
    stages = {
        "the squeezed descriptor s W": linear,
        "PReLU of it, z": compact,
        **{f"z W{k}": compact @ matrix for k, matrix in enumerate(expand, 1)},
    }
    steps = Steps(function, inputs, stages)
    compare("logits_of(descriptor, …)", call(function, *inputs), logits(compact), mistakes, look, steps=steps)
    return "logits_of: a few numbers about the whole picture, and a matrix for each stream."


@exercise
def select(function) -> str:
    """Exercise 3: `select(logits)` is a softmax over the streams."""
    look = "“Select”: the sum in the denominator runs over the streams, which lie along axis 1."
    logits = np.random.default_rng(3).normal(0, 2, (2, STREAMS, 1, CHANNELS)).astype("float32")
    powers = np.exp(logits)
    joint, hard = powers / powers.sum((1, 2, 3), keepdims=True), logits == logits.max(1, keepdims=True)
    mistakes = {
        CHANNEL_SOFTMAX: softmax(logits, -1),
        "this is a sigmoid: each weight for itself, without competition.": sigmoid(logits),
        "the softmax runs over the pictures of the batch (axis 0).": softmax(logits, 0),
        "the softmax runs over axis 2, which has the length 1: every weight is 1.": np.ones_like(logits),
        "there is one sum for everything: channels and pictures compete too.": powers / powers.sum(),
        "there is one sum for all streams and channels: each channel has its own.": joint,
        "nothing was divided: weights add up to 1.": powers,
        "`exp` is missing: logits may be negative, weights may not.": logits / logits.sum(1, keepdims=True),
        "the strongest takes all: a softmax shares, and can be trained.": hard.astype("float32"),
    }
    right = softmax(logits, 1)
    mistakes |= {
        "every stream has the same weight, whatever its logit is.": np.full_like(logits, 1 / STREAMS),
        "these are logarithms of the weights (log-softmax).": np.log(right),
        "there are two softmaxes, one of the other.": softmax(right, 1),
        "the signs are wrong: the largest logit gets the smallest weight.": softmax(-logits, 1),
        "the largest logit was subtracted after `exp`: subtract it before.": (powers - logits.max())
        / (powers - logits.max()).sum(1, keepdims=True),
    }
    highest = logits.max(1, keepdims=True)
    stages = {
        "exp of the logits": (powers, np.exp(logits - highest), np.exp(logits - logits.max())),
        "their sum over the streams": (powers.sum(1), np.exp(logits - highest).sum(1)),
    }
    steps = Steps(function, (logits,), stages)
    compare("select(logits)", call(function, logits), right, mistakes, look, steps=steps)
    large = logits * 400
    got = np.asarray(call(function, large))
    if not np.isfinite(got).all():
        mistake = "`exp` overflowed: subtract the largest logit of each channel first, the weights stay the same."
        wrong("select(logits) with logits of about 1000 is not a number.", mistake, look)
    compare("select(logits) with logits of about 1000", got, softmax(large, 1), look=look)
    return "select: in each channel the weights of the streams add up to 1, so the streams compete."


@exercise
def skff(learners) -> str:
    """Exercise 4: `SKFF` fulfils its contracts, and has the output of our SKFF with its weights."""
    look = "“The whole SKFF”: describe, squeeze, PReLU, expand for each stream, select, and the weighted sum."
    streams = _streams(4, batch=2, height=16, width=24)
    ours = SKFF(CHANNELS)
    rng = np.random.default_rng(5)  # the same weights each time, so that a mistake gives the same message
    weights = [rng.normal(0, 0.3, values.shape).astype("float32") for values in ours.get_weights()]
    weights[1][...] = 0.4  # PReLU's slope
    ours.set_weights(weights)
    seen: list[tuple[int, ...]] = []

    def selected(logits: Any) -> Any:
        seen.append(tuple(np.shape(logits)))
        return softmax(np.asarray(logits), 1)

    layer = learners(CHANNELS, select=selected)
    got = with_weights(layer, weights, "SKFF", streams, look)
    right = np.asarray(ours(streams))
    if len(seen) > 1:
        mistake = "each stream was selected by itself: all logits compete, so concatenate them first."
        wrong(f"SKFF calls `self.select` {len(seen)} times.", mistake, look)
    steps = Steps(type(layer).call, (layer, streams), skff_stages(streams, weights), parallel=True)
    what, mistakes = "SKFF(8)(streams) with given weights", wrong_skffs(streams, weights)
    try:
        compare(what, got, right, mistakes, look, relative=1e-4, steps=steps)
    except NotYet as error:
        if not seen and not error.mistake:
            component(learners(CHANNELS), "SKFF", streams, look)  # which names what competes instead
        raise
    if not seen:
        mistake = "your own `select` is called: `self.select` may be another one, as in “The wrong axis” below."
        wrong("SKFF does not use `self.select`.", mistake, look)
    component(learners(CHANNELS), "SKFF", streams, look)
    return "SKFF: it fulfils all its contracts. The streams compete for each channel of each photo."


@exercise
def adds_up(function) -> str:
    """Exercise 5: `adds_up(weights)`, a contract that distinguishes the right axis from the wrong one."""
    look = "“The wrong axis”: one sum for each picture and channel, along axis 1; all of them must be close to 1."
    right = softmax(np.random.default_rng(5).normal(0, 2, (2, STREAMS, 1, 64)), 1).astype("float32")
    fading = softmax(np.random.default_rng(6).normal(0, 2, (2, STREAMS, 1, 64)), -1).astype("float32")
    one_off = right.copy()
    one_off[1, 0, 0, 40] += 0.01
    close = right * np.float32(1 + 3e-5)
    swapped = right.copy()
    swapped[:, :, :, ::2] *= 1.5
    swapped[:, :, :, 1::2] *= 0.5
    off, far = "one channel in one picture adds up to 1.01", "not every channel of every picture is checked"
    cases = [
        ("the softmax over the streams", right, True, "it asks for exactly 1, but float32 sums are off by 1e-7."),
        ("the softmax over the channels", fading, False, ""),
        ("which half the channels add up to 1.5, half to 0.5", swapped, False, "only one sum, or a mean, is checked."),
        (f"which {off}", one_off, False, f"{far}, or far more than 1e-5 is allowed."),
        ("which every channel adds up to 0.9", right * np.float32(0.9), False, ""),
        ("which every channel adds up to 1.00003", close, False, "more than 1e-5 is allowed: three times as much."),
    ]
    answers = [_answer(function, weights) for _, weights, _, _ in cases]
    for (name, _, expected, mistake), got in zip(cases, answers, strict=True):
        if got == expected:
            continue
        steps = Steps(function, (right,), {"the sums over the streams, along axis 1": right.sum(axis=1)}).departure()
        if answers[:2] == [False, True]:
            mistake = "it adds up over the channels, axis -1: the wrong softmax passes this contract, SKFF does not."
        elif answers[:5] == [True, True, False, False, True]:
            mistake = "only sums above 1 are found: take the absolute value of the difference."
        elif answers[1] and all(np.array(answers) == [np.abs(w.sum(1) - 1).max() > 1e-5 for _, w, _, _ in cases]):
            mistake = "True and False are swapped."
        elif all(answers):
            mistake = "it is always True: a contract that cannot be broken guarantees nothing."
        elif expected and steps.startswith("No step"):
            mistake = "something else was added up than the streams of each channel and picture, axis 1."
        wrong(f"adds_up of weights of {name} is {got}, not {expected}.", mistake, look)
    return "adds_up: one line, and it finds a mistake that public notebooks have had for years."


def _answer(function, weights: np.ndarray) -> bool:
    got = np.asarray(call(function, weights))
    if got.size != 1:
        what = f"adds_up is an array of the shape {got.shape}, not True or False."
        wrong(what, "`.all()` or `.max()` is missing: the contract is about all channels together.")
    if got.dtype.kind != "b" and got.item() not in (0, 1):
        what = f"adds_up is {got.item():.3g}, not True or False."
        wrong(what, "the comparison is missing: `... < 1e-5`.")
    return bool(got.item())
