"""Checks of lesson 4: descriptor, logits, softmax over the streams, SKFF as a whole, and a contract for it."""

import warnings
from typing import Any

import numpy as np

from lessons.checks.checking import call, compare, passed, with_weights, wrong
from lessons.checks.streams import takes_tensors
from model.contracts.formulas import convolution, prelu, relu, sigmoid, softmax
from model.skff import SKFF

__all__ = ["adds_up", "describe", "logits_of", "select", "skff"]

STREAMS = 3
CHANNELS = 8

CHANNEL_SOFTMAX = (
    "the softmax runs over the channels (the last axis), as in every public TensorFlow version of MIRNet; "
    "the streams have to compete, axis 1."
)


def _streams(seed: int, batch: int = 1, height: int = 8, width: int = 12) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    shape = (batch, height, width, CHANNELS)
    return [rng.normal(k, 1, shape).astype("float32") for k in range(STREAMS)]


def describe(function) -> None:
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
    }
    got = np.asarray(call(function, [stream.copy() for stream in streams]))
    compare("describe(streams)", got, right, mistakes, look)
    takes_tensors("describe", function, [stream.shape for stream in streams], look)
    passed("describe: the whole picture in one number for each channel.")


def logits_of(function) -> None:
    """Exercise 2: `logits_of(descriptor, squeeze, slope, expand)`."""
    look = "“Fuse”, second half: z = PReLU(s W), and for each stream its own matrix: z W₁, z W₂, z W₃."
    rng = np.random.default_rng(2)
    descriptor = rng.normal(size=(2, 1, 1, CHANNELS))
    squeeze = rng.normal(size=(CHANNELS, 4))
    expand = [rng.normal(size=(4, CHANNELS)) for _ in range(STREAMS)]
    slope = 0.25
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
    got = call(function, descriptor, squeeze, slope, [matrix.copy() for matrix in expand])
    compare("logits_of(descriptor, …)", got, logits(compact), mistakes, look)
    passed("logits_of: a few numbers about the whole picture, and a matrix for each stream.")


def select(function) -> None:
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
    compare("select(logits)", _quietly(function, logits), softmax(logits, 1), mistakes, look)
    large = logits * 400
    got = np.asarray(_quietly(function, large))
    if not np.isfinite(got).all():
        mistake = "`exp` overflowed: subtract the largest logit of each channel first, the weights stay the same."
        wrong("select(logits) with logits of about 1000 is not a number.", mistake, look)
    compare("select(logits) with logits of about 1000", got, softmax(large, 1), look=look)
    takes_tensors("select", function, logits.shape, look)
    passed("select: in each channel the weights of the streams add up to 1, so the streams compete.")


def _quietly(function, logits: np.ndarray):
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):  # the check says it in a message
        return call(function, logits)


def skff(learners) -> None:
    """Exercise 4: `SKFF` fulfils its contracts, and has the output of our SKFF with its weights."""
    look = "“The whole SKFF”: describe, squeeze, PReLU, expand for each stream, select, and the weighted sum."
    streams = _streams(4, batch=2, height=16, width=24)
    ours = SKFF(CHANNELS)
    rng = np.random.default_rng(5)  # the same weights each time, so that a mistake gives the same message
    weights = [rng.normal(0, 0.3, values.shape).astype("float32") for values in ours.get_weights()]
    weights[1][...] = 0.25  # PReLU's slope
    ours.set_weights(weights)
    got = with_weights(learners(CHANNELS), weights, "SKFF", streams, look)
    what = "SKFF(8)(streams) with given weights"
    compare(what, got, np.asarray(ours(streams)), _inside_mistakes(streams, weights), look, relative=1e-4)
    passed("SKFF: it fulfils all its contracts. The streams compete for each channel of each photo.")


def _inside_mistakes(streams: list[np.ndarray], weights: list[np.ndarray]) -> dict[str, Any]:
    """Mistakes that no contract sees from outside: the output is a weighted sum of the streams, with other weights."""
    squeeze, slopes, *expand = weights
    slope = float(slopes.ravel()[0])
    total = np.sum(streams, axis=0)

    def result(descriptor, activation, order=1):
        compact = activation(convolution(descriptor, squeeze))
        shares = softmax(np.concatenate([convolution(compact, kernel) for kernel in expand], axis=1), 1)[:, ::order]
        return sum(shares[:, k : k + 1] * stream for k, stream in enumerate(streams))

    def bent(values):
        return prelu(values, slope)

    high = total.max((1, 2), keepdims=True)
    mean = total.mean((1, 2), keepdims=True)
    return {
        "the weights meet the streams in reverse order.": result(mean, bent, -1),
        "the descriptor is the maximum over the picture, called average: a single bright pixel then decides.": result(
            high, bent
        ),
        "PReLU is missing after the squeeze.": result(mean, lambda values: values),
        "there is a ReLU after the squeeze, not PReLU.": result(mean, relu),
        "the descriptor is made from the streams' mean, not from their sum.": result(mean / STREAMS, bent),
    }


def adds_up(function) -> None:
    """Exercise 5: `adds_up(weights)`, a contract that distinguishes the right axis from the wrong one."""
    look = "“The wrong axis”: one sum for each picture and channel, along axis 1; all of them must be close to 1."
    right = softmax(np.random.default_rng(5).normal(0, 2, (2, STREAMS, 1, 64)), 1).astype("float32")
    fading = softmax(np.random.default_rng(6).normal(0, 2, (2, STREAMS, 1, 64)), -1).astype("float32")
    one_off = right.copy()
    one_off[1, 0, 0, 40] += 0.01
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
    ]
    answers = [_answer(function, weights) for _, weights, _, _ in cases]
    for (name, _, expected, mistake), got in zip(cases, answers, strict=True):
        if got == expected:
            continue
        if answers[:2] == [False, True]:
            mistake = "it adds up over the channels, axis -1: the wrong softmax passes this contract, SKFF does not."
        elif answers == [True, True, False, False, True]:
            mistake = "only sums above 1 are found: take the absolute value of the difference."
        elif all(answers):
            mistake = "it is always True: a contract that cannot be broken guarantees nothing."
        wrong(f"adds_up of weights of {name} is {got}, not {expected}.", mistake, look)
    passed("adds_up: one line, and it finds a mistake that public notebooks have had for years.")


def _answer(function, weights: np.ndarray) -> bool:
    got = call(function, weights)
    if np.shape(got):
        what = f"adds_up is an array of the shape {np.shape(got)}, not True or False."
        wrong(what, "`.all()` or `.max()` is missing: the contract is about all channels together.")
    return bool(got)
