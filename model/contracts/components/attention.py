"""Contracts of the gate of both attentions: a number between 0 and 1 that the features are multiplied with."""

import numpy as np

from model.contracts.compare import Mistake, compare, tolerance
from model.contracts.formulas import relu, sigmoid, softmax
from model.contracts.promise import Call, Promises, Verdict, small_number

__all__ = ["gate_of", "gate_promises", "positive"]

CERTAIN = 15
"""Beyond this logit a float32 sigmoid may round to exactly 0 or 1."""

FAINT = 1e-3
"""The gate is read off as output / input; where the input is fainter than this share of its peak, it is not."""


def gate_promises(promises: Promises, alike_axes: tuple[int, ...], alike: str, one_for_each: str) -> None:
    """Adds the contracts that channel attention and spatial attention have in common.

    Args:
        promises: The component's.
        alike_axes: Along which axes the gate is one and the same: (1, 2) or (3,).
        alike: The same as text.
        one_for_each: Text: what has its own gate.
    """

    @promises.promise("sigmoid", hooks=("logits", "gate"))
    def _(call: Call) -> Verdict:
        """The gate is the sigmoid of the logits."""
        z = call["logits"].astype("float64")
        mistakes = [
            Mistake("the sigmoid is missing, these are the logits", lambda: z),
            Mistake("this is a softmax: gates do not compete, each opens for itself", lambda: softmax(z, axis=-1)),
            Mistake("this is ReLU, which has no upper end", lambda: relu(z)),
            Mistake("this is tanh, which has values below 0", lambda: np.tanh(z)),
            Mistake("this is hard_sigmoid, a broken line", lambda: np.clip(z / 6 + 0.5, 0, 1)),
        ]
        return compare("gate", call["gate"], sigmoid(z), mistakes)

    @promises.promise("gate between 0 and 1", hooks=("logits", "gate"))
    def _(call: Call) -> Verdict:
        """Every gate lies in [0, 1], and strictly inside while its logit lies between −15 and 15."""
        gate, certain = call["gate"], np.abs(call["logits"]) <= CERTAIN
        low, high = float(gate.min()), float(gate.max())
        hint = "is the sigmoid missing?"
        if not (low >= 0 and high <= 1):
            return Verdict(False, f"the gates run from {low:.4g} to {high:.4g}: {hint}", high if low >= 0 else low)
        shut = certain & ((gate == 0) | (gate == 1))
        if gate.dtype == np.float32 and shut.any():
            return Verdict(
                False,
                f"{shut.sum()} of {gate.size} gates are exactly 0 or 1: a sigmoid never is at such logits; "
                "is it a step, a ReLU or hard_sigmoid?",
            )
        return Verdict(True, f"the gates run from {low:.4g} to {high:.4g}", high)

    @promises.promise("gated once", hooks=("gate",))
    def _(call: Call) -> Verdict:
        """The result is the input times the gate."""
        x, gate = call.features, call["gate"]
        mistakes = [
            Mistake("the gate is applied twice", lambda: x * gate * gate),
            Mistake("the gate is not applied", lambda: x),
            Mistake("the input is added to the gated input", lambda: x + x * gate),
            Mistake("the gate is added, not multiplied", lambda: x + gate),
            Mistake("it is the gate without the features", lambda: np.broadcast_to(gate, x.shape)),
            Mistake("it is closed where it should be open, 1 - gate", lambda: x * (1 - gate)),
        ]
        return compare("out", call.output, x * gate, mistakes, float(np.abs(x).max(initial=0)))

    @promises.promise("one gate for each", says=f"{one_for_each} has one gate between 0 and 1, {alike}.")
    def _(call: Call) -> Verdict:
        gate, reliable = gate_of(call.features, call.output)
        if not reliable.any():
            return Verdict(True, "the input is all zero, and shows no gate")
        slack = tolerance(str(call.output.dtype))
        low = np.where(reliable, gate, np.inf).min(alike_axes, keepdims=True)
        high = np.where(reliable, gate, -np.inf).max(alike_axes, keepdims=True)
        spread = np.where(reliable.any(alike_axes, keepdims=True), high - low, 0.0)
        if not (low.min() >= -slack and high.max() <= 1 + slack):
            worst = float(high.max() if high.max() > 1 + slack else low.min())
            return Verdict(False, f"out / in is {worst:.4g}, no gate between 0 and 1: is the sigmoid missing?", worst)
        peak = float(spread.max())
        if peak > slack * max(1.0, float(high.max())):
            at = [int(number) for number in np.unravel_index(np.argmax(spread), spread.shape)]
            which = f"channel {at[3]}" if alike_axes == (1, 2) else f"row {at[1]}, column {at[2]}"
            text = f"the gate of {which} differs by {peak:.2g} {_where(alike_axes)}: it must be one, {alike}"
            return Verdict(False, text, peak)
        return Verdict(True, f"out / in differs by at most {small_number(peak)} {_where(alike_axes)}", peak)

    @promises.promise("half open in the dark", probes=True)
    def _(call: Call) -> Verdict:
        """Without any signal every gate stands at one half, sigmoid(0): its convolutions have no bias."""
        x = 1e-6 * positive(call)
        gate, _ = gate_of(x, call.run(x))
        channels = x.shape[-1]
        low, high = float(gate.min()), float(gate.max())
        if max(abs(low - 0.5), abs(high - 0.5)) <= 1e-3 or getattr(call.component, "use_bias", False):
            return Verdict(True, f"with almost no signal the gates run from {low:.4g} to {high:.4g}", high)
        hint = "does a convolution have a bias, or is the gate not a sigmoid?"
        if max(low, high) <= 0.01 and channels < 50:
            hint = "is the sigmoid missing?"
        elif abs(high - 1 / channels) < 0.05 / channels:
            hint = f"1 / {channels} channels: this is a softmax, gates do not compete"
        elif abs(high - 0.25) < 1e-3:
            hint = "one quarter: is the gate applied twice?"
        return Verdict(False, f"with almost no signal the gates run from {low:.4g} to {high:.4g}: {hint}", high)


def gate_of(features: np.ndarray, output: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The gate as output / input, and where the input is bright enough for that."""
    x, y = features.astype("float64"), output.astype("float64")
    faintest = 1e-3 if output.dtype == np.float16 else 0.0  # below 6e-5 a float16 has fewer digits
    reliable = np.abs(x) > max(FAINT * float(np.abs(x).max(initial=0)), faintest)
    return np.divide(y, x, out=np.zeros(np.broadcast_shapes(x.shape, y.shape)), where=reliable), reliable


def positive(call: Call, side: int = 11) -> np.ndarray:
    """Drawn features without a zero, as many channels as the call's: (1, side, side, channels) in [0.1, 0.3]."""
    shape = (1, side, side, call.features.shape[-1])
    return np.random.default_rng(7).uniform(0.1, 0.3, shape).astype("float32")


def _where(axes: tuple[int, ...]) -> str:
    return "over the picture" if axes == (1, 2) else "between the channels"
