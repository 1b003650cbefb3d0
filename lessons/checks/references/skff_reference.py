"""Lesson 4"s SKFF step by step, and what comes out of wrong ones."""

from typing import Any

import numpy as np

from lessons.checks.kit import Either
from model.contracts.formulas import convolution, prelu, relu, softmax

__all__ = ["CHANNEL_SOFTMAX", "STREAMS", "skff_stages", "wrong_skffs"]

STREAMS = 3

CHANNEL_SOFTMAX = (
    "the softmax runs over the channels (the last axis), as in every public TensorFlow version of MIRNet; "
    "the streams have to compete, axis 1."
)


def skff_stages(streams: list[np.ndarray], weights: list[np.ndarray]) -> dict[str, Any]:
    """The right steps of SKFF."""
    squeeze, slopes, *expand = weights
    descriptor = np.sum(streams, axis=0).mean((1, 2), keepdims=True)
    squeezed = convolution(descriptor, squeeze)
    compact = prelu(squeezed, float(slopes.item()))
    logits = np.concatenate([convolution(compact, kernel) for kernel in expand], axis=1)
    shares = softmax(logits, 1)
    weighted = {f"stream {k + 1}, weighted": shares[:, k : k + 1] * stream for k, stream in enumerate(streams)}
    return {
        "the descriptor": descriptor,
        "the squeezed descriptor": squeezed,
        "its PReLU": compact,
        "the logits of all three streams": logits,
        "the weights": shares,
        **weighted,
    }


def wrong_skffs(streams: list[np.ndarray], weights: list[np.ndarray]) -> dict[str, Any]:
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
    stages = skff_stages(streams, weights)
    right, logits = result(mean, bent), stages["the logits of all three streams"]
    shares = stages["the weights"]
    forgotten = [right - stages[f"stream {k}, weighted"] for k in (1, 2, 3)]
    return {
        "a stream is forgotten in the weighted sum.": Either(*forgotten),
        "every stream has the weight of the first one.": sum(shares[:, :1] * stream for stream in streams),
        "a stream was added at the end: the weighted sum is all.": Either(*(right + stream for stream in streams)),
        "every stream counts fully: this is their plain sum. A weight multiplies its own stream alone.": total,
        "the sum was divided by the number of streams: the weights add up to 1 already.": right / STREAMS,
        "these are the weights; multiply the streams by them, and add up.": Either(shares, logits),
        "the logits were used as weights: `self.select` is missing.": sum(
            logits[:, k : k + 1] * stream for k, stream in enumerate(streams)
        ),
        "all streams share the first expansion: then all weights are a third.": total / STREAMS,
        "the descriptor was made from one stream, not from their sum.": Either(
            *(result(stream.mean((1, 2), keepdims=True), bent) for stream in streams)
        ),
        CHANNEL_SOFTMAX: sum(softmax(logits, -1)[:, k : k + 1] * stream for k, stream in enumerate(streams)),
        "the weights meet the streams in reverse order.": result(mean, bent, -1),
        "the descriptor is the maximum over the picture, called average: a single bright pixel then decides.": result(
            high, bent
        ),
        "PReLU is missing after the squeeze.": result(mean, lambda values: values),
        "there is a ReLU after the squeeze, not PReLU.": result(mean, relu),
        "the descriptor is made from the streams' mean, not from their sum.": result(mean / STREAMS, bent),
    }
