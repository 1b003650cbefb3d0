"""Contracts of SKFF: weights that compete between the streams, and a convex mixture (paper, section 3.1)."""

import numpy as np

from model.contracts.common import common_promises
from model.contracts.compare import Mistake, compare, every, tolerance
from model.contracts.formulas import convolution, prelu, relu, sigmoid, softmax
from model.contracts.probes import small
from model.contracts.promise import Call, Promises, Verdict, learned, slope, small_number

__all__ = ["PROMISES"]

PROMISES = Promises("SKFF", 'section 3.1, "Selective kernel feature fusion"')

SUM_SLACK = 1e-6
"""Per stream: a float32 softmax rounds each weight by less than 1e-7."""

CHANNEL_SOFTMAX = "is the softmax taken over the channels (axis -1) instead of the streams (axis 1)?"

common_promises(
    PROMISES,
    "a squeeze to an eighth of the channels (at least 4), one PReLU slope, and one convolution back for each stream",
    says="Streams of one shape become one result of that shape.",
)


@PROMISES.promise("descriptor", hooks=("fused", "descriptor"))
def descriptor(call: Call) -> Verdict:
    """The descriptor is the average over the picture of the sum of all streams."""
    total, fused = np.sum(call.inputs, axis=0), call["fused"]
    of_sum = [
        Mistake("this is the streams' average, the paper adds them", lambda: total / len(call.inputs)),
        Mistake("this is the streams' maximum, the paper adds them", lambda: np.max(call.inputs, axis=0)),
    ]
    of_mean = [
        Mistake("this is the maximum over the picture, not the average", lambda: fused.max((1, 2), keepdims=True)),
        Mistake("this is the sum over the picture, not the average", lambda: fused.sum((1, 2), keepdims=True)),
    ]
    mean = fused.mean((1, 2), keepdims=True, dtype="float64")
    size = float(np.abs(fused).max(initial=0))
    return every(
        [compare("fused", fused, total, of_sum, size), compare("descriptor", call["descriptor"], mean, of_mean, size)]
    )


@PROMISES.promise("squeezed", hooks=("descriptor", "squeezed"), layers=("squeeze.kernel", "squeeze_activation.alpha"))
def squeezed(call: Call) -> Verdict:
    """The squeezed descriptor is PReLU of a 1×1 convolution of the descriptor."""
    linear = convolution(call["descriptor"].astype("float64"), learned(call.component.squeeze.kernel))
    expected = prelu(linear, slope(call.component, call.component.squeeze_activation))
    mistakes = [
        Mistake("this is ReLU; PReLU lets negative numbers through, times its slope", lambda: relu(linear)),
        Mistake("the PReLU is missing", lambda: linear),
    ]
    return compare("squeezed", call["squeezed"], expected, mistakes, float(np.abs(linear).max()))


@PROMISES.promise("logits", hooks=("squeezed", "logits"), layers=("expand.0.kernel",))
def logits(call: Call) -> Verdict:
    """Each stream has its own 1×1 convolution from the squeezed descriptor to a logit for every channel."""
    z = call["squeezed"].astype("float64")
    own = [convolution(z, learned(layer.kernel)) for layer in call.component.expand]
    shared = "all streams share one expanding convolution, each needs its own"
    mistakes = [
        Mistake(shared, lambda: np.concatenate([own[0]] * len(own), axis=1)),
        Mistake("the streams are in reverse order", lambda: np.concatenate(own[::-1], axis=1)),
    ]
    return compare("logits", call["logits"], np.concatenate(own, axis=1), mistakes)


@PROMISES.promise("softmax over streams", hooks=("logits", "weights"))
def softmax_over_streams(call: Call) -> Verdict:
    """The weights are the softmax of the logits over the streams."""
    z = call["logits"].astype("float64")  # (batch, streams, 1, channels)
    mistakes = [
        Mistake(CHANNEL_SOFTMAX, lambda: softmax(z, axis=-1)),
        Mistake("this is a sigmoid: each weight for itself, no competition", lambda: sigmoid(z)),
        Mistake("the softmax is missing, these are the logits", lambda: z),
        Mistake("the softmax runs over the pictures of the batch (axis 0)", lambda: softmax(z, axis=0)),
    ]
    return compare("weights", call["weights"], softmax(z, axis=1), mistakes)


@PROMISES.promise("weights sum to 1", hooks=("weights",))
def sum_to_one(call: Call) -> Verdict:
    """For each channel, the weights of the streams add up to 1."""
    weights = call["weights"].astype("float64")  # (batch, streams, 1, channels)
    sums = weights.sum(axis=1)
    off = np.abs(sums - 1)
    worst = np.unravel_index(np.argmax(off), off.shape)
    found, peak = float(sums[worst]), float(off[worst])
    coarse = call["weights"].dtype != np.float32  # half precision cannot say 1/3 any better
    allowed = tolerance(str(call["weights"].dtype)) if coarse else SUM_SLACK * weights.shape[1]
    if peak <= allowed:
        near = f"within {small_number(peak)} of 1, allowed {small_number(allowed)}" if peak else "exactly 1"
        return Verdict(True, f"every sum is {near}", peak)
    hint = "the weights of the streams must compete, softmax over axis 1"
    if np.abs(weights.sum(axis=-1) - 1).max() <= max(allowed, peak / 100):
        hint = CHANNEL_SOFTMAX
    return Verdict(
        False, f"the weights of channel {worst[-1]} over the streams sum to {found:.2g}, not 1: {hint}", found
    )


@PROMISES.promise("mixture", hooks=("weights",))
def mixture(call: Call) -> Verdict:
    """The result is the sum over the streams of weight times stream."""
    streams, weights = call.inputs, call["weights"]
    shares = [weights[:, k : k + 1] for k in range(len(streams))]  # (batch, 1, 1, channels)

    def mixed(parts):
        return sum(part * stream for part, stream in zip(parts, streams, strict=True))

    mistakes = [
        Mistake("the weights meet the streams in reverse order", lambda: mixed(shares[::-1])),
        Mistake("this is the plain average of the streams", lambda: mixed([1 / len(streams)] * len(streams))),
        Mistake("this is the plain sum of the streams", lambda: mixed([1] * len(streams))),
        Mistake("the weights are applied twice", lambda: mixed([share**2 for share in shares])),
        Mistake("it is divided by the number of streams too", lambda: mixed(shares) / len(streams)),
    ]
    size = max(float(np.abs(stream).max(initial=0)) for stream in streams)
    return compare("out", call.output, mixed(shares), mistakes, size)


@PROMISES.promise("between the streams")
def between_the_streams(call: Call) -> Verdict:
    """Every value of the result lies between the smallest and the largest of the streams' values at its pixel."""
    low, high = np.min(call.inputs, axis=0), np.max(call.inputs, axis=0)
    off = np.maximum(low - call.output, call.output - high)
    worst = np.unravel_index(np.argmax(off), off.shape)
    peak = float(off[worst])
    allowed = tolerance(str(call.output.dtype)) * float(np.abs(call.inputs).max(initial=0))
    if peak <= allowed:
        return Verdict(True, f"every value lies between the streams, to within {small_number(allowed)}", max(peak, 0.0))
    at = ", ".join(str(int(number)) for number in worst)
    outside = f"out[{at}] is {call.output[worst]:.4g}, outside {low[worst]:.4g} to {high[worst]:.4g}"
    return Verdict(False, f"{outside}: {_shrunk(call, np.mean(call.inputs, axis=0), call.output)}", peak)


@PROMISES.promise("same stream", probes=True)
def same_stream(call: Call) -> Verdict:
    """Fusing identical streams gives that stream: whatever the weights are, they add up to 1."""
    stream = small(call)[0]
    result = call.run(*[stream] * len(call.inputs))
    return compare("the result of identical streams", result, stream).hinting(_shrunk(call, stream, result))


@PROMISES.promise("one weight per channel", probes=True)
def one_weight_per_channel(call: Call) -> Verdict:
    """A stream's weight is one number per channel for the whole picture, found from averages over it."""
    rng = np.random.default_rng(0)
    streams = [rng.normal(size=(1, 8, 8, call.features.shape[-1])).astype("float32") for _ in call.inputs]
    shifted = streams[0].copy()  # the same averages: what is added to one pixel is taken from another
    shifted[:, 2, 2] += 1
    shifted[:, 5, 6] -= 1
    change = call.run(shifted, *streams[1:]) - call.run(*streams)
    expected = np.zeros_like(change)
    expected[:, 2, 2], expected[:, 5, 6] = change[:, 2, 2], -change[:, 2, 2]
    return compare("the change from +1 in pixel (2, 2) and -1 in (5, 6) of stream_1", change, expected, size=1).hinting(
        "does each pixel have its own weights? Squeeze the average over the picture, not its pixels or maximum"
    )


@PROMISES.promise("selective", probes=True)
def selective(call: Call) -> Verdict:
    """The weights follow the content: four times as bright is not just four times the result."""
    shape = (1, *small(call)[0].shape[1:])
    flat = [np.full(shape, k + 1, "float32") for k in range(len(call.inputs))]

    def change_with(sign):
        plain, bright = (call.run(*(sign * times * stream for stream in flat)) / times for times in (1, 4))
        return float(np.abs(bright - plain).max())

    # Both signs, since a PReLU whose slope is 0 does not respond to one of them.
    change = max(change_with(1), change_with(-1))
    learns = any(learned(weight).any() for weight in getattr(call.component, "weights", ()))
    if change > tolerance(str(call.output.dtype)) or (not learns and hasattr(call.component, "weights")):
        return Verdict(True, f"four times as bright, the mixture moves by {change:.2g}", change)
    hint = "are they found from the streams (sum, average, squeeze), or is this a plain average?"
    return Verdict(False, f"the weights are the same for every picture: {hint}", change)


def _shrunk(call: Call, fair: np.ndarray, got: np.ndarray) -> str:
    """The likely mistake, if a result is the streams' average times some factor."""
    if got.shape != fair.shape:
        return "the shape is wrong"
    factor = float((got * fair).sum() / max(float((fair * fair).sum()), 1e-30))
    streams, channels = len(call.inputs), call.features.shape[-1]
    whole = f"over the whole picture the result is about {factor:.2g} times the streams' average"
    hint = f"{whole}, so the weights of the streams do not sum to 1"
    share = streams / channels
    if abs(factor - share) < 0.25 * share and streams != channels:
        return f"{hint}; {streams} streams / {channels} channels is {share:.2g}: {CHANNEL_SOFTMAX}"
    if abs(factor - streams) < 0.1 * streams:
        return f"{hint}: this is their plain sum"
    return hint
