"""Contracts of channel attention: one gate per channel, found from averages (paper, section 3.1)."""

import numpy as np

from model.contracts.common import common_promises
from model.contracts.compare import Mistake, compare, every
from model.contracts.components.attention import gate_of, gate_promises, positive
from model.contracts.formulas import convolution, relu
from model.contracts.promise import Call, Promises, Verdict, learned

__all__ = ["PROMISES"]

PROMISES = Promises("ChannelAttention", 'section 3.1, "Dual attention unit"')

MAX_POOL = "this is the maximum over the picture, not the average"

common_promises(PROMISES, "a squeeze to an eighth of the channels and a convolution back (without bias inside MIRNet)")


@PROMISES.promise("descriptor", hooks=("descriptor",))
def descriptor(call: Call) -> Verdict:
    """The descriptor is the average of each channel over the picture."""
    x = call.features
    mistakes = [
        Mistake(MAX_POOL, lambda: x.max((1, 2), keepdims=True)),
        Mistake("this is the sum over the picture, not the average", lambda: x.sum((1, 2), keepdims=True)),
    ]
    expected = x.mean((1, 2), keepdims=True, dtype="float64")
    return compare("descriptor", call["descriptor"], expected, mistakes, float(np.abs(x).max(initial=0)))


@PROMISES.promise(
    "squeeze and excite", hooks=("descriptor", "squeezed", "logits"), layers=("squeeze.kernel", "excite.kernel")
)
def squeeze_and_excite(call: Call) -> Verdict:
    """The logits are a 1×1 convolution of ReLU of a 1×1 convolution of the descriptor."""
    linear = _conv(call["descriptor"].astype("float64"), call.component.squeeze)
    found = call["squeezed"]
    mistakes = [
        Mistake("the ReLU is missing", lambda: linear),
        Mistake("this is a leaky ReLU or PReLU; channel attention has a plain ReLU", lambda: _leaky(linear, found)),
    ]
    logits = _conv(found.astype("float64"), call.component.excite)
    return every(
        [
            compare("squeezed", found, relu(linear), mistakes, float(np.abs(linear).max())),
            compare(
                "logits",
                call["logits"],
                logits,
                [Mistake("another ReLU follows the second convolution", lambda: relu(logits))],
                float(np.abs(logits).max()),
            ),
        ]
    )


gate_promises(PROMISES, (1, 2), "the same all over the picture", "Each channel")


@PROMISES.promise("averages only", probes=True)
def averages_only(call: Call) -> Verdict:
    """The gates depend on the channels' averages only: a flat picture of the same averages has the same gates."""
    x = positive(call) ** 2
    mean, peak = (np.broadcast_to(over((1, 2), keepdims=True), x.shape).copy() for over in (x.mean, x.max))
    gate, flat, bright = (_gates(features, call.run(features)) for features in (x, mean, peak))
    mistakes = [Mistake("the gates are those of the maxima: max pooling instead of average pooling", lambda: bright)]
    return compare("the gates of the picture", gate, flat, mistakes)


def _conv(features: np.ndarray, layer) -> np.ndarray:
    result = convolution(features, learned(layer.kernel))
    return result + learned(layer.bias) if getattr(layer, "use_bias", False) else result


def _leaky(linear: np.ndarray, found: np.ndarray) -> np.ndarray:
    """The best fit of a slope for the negative numbers."""
    negative = linear < 0
    slope = float((found * linear)[negative].sum() / max(float((linear**2)[negative].sum()), 1e-30))
    return np.where(negative, slope * linear, linear)


def _gates(features: np.ndarray, output: np.ndarray) -> np.ndarray:
    return gate_of(features, output)[0].mean((1, 2)).astype("float32")
