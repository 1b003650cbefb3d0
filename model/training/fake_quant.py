"""Fake quantization: activations rounded to 256 levels, for quantization-aware training (QAT).

A board keeps every activation in int8, one of 256 levels between the tensor's least and greatest value: with a range of
R, each value is off by up to R/510. A network that never met this may depend on differences that fall between two
levels. `fake_quantize` is a visitor (`model.hooks`) that replaces each tensor by the rounded one:

    with visiting(fake_quantize):
        restored = net(images)

When a model for the board has been made once, the ranges of its tensors are known. `QuantizeToRanges` rounds to these,
clips what is outside, and says how much that was: a network trained further with it fits into them. Clipped values are
rare, and cost most: they move the brightness of a whole picture.

Rounding has no useful gradient (0 nearly everywhere), so the gradient passes as if nothing had been done, the
"straight-through estimator" (https://arxiv.org/abs/1308.3432; quantization-aware training:
https://arxiv.org/abs/1712.05877, section 3).
"""

from collections.abc import Mapping
from typing import Any

from keras import ops

__all__ = ["PIXELS", "QuantizeToRanges", "Ranges", "as_int8", "fake_quantize"]

Ranges = Mapping[str, tuple[float, int]]
"""Hook name to the scale and the zero point of its tensor on the board."""

LEVELS = 256
WIDER = 1.5  # the board's range has to hold all pictures, so it is wider than that of one batch
FULLY_OPEN = 10.0  # sigmoid(10) = 0.99995: beyond that a logit changes nothing
PIXELS = ("input", "companded", "residual", "output")
"""Hook points outside of the board's graph: pictures, which the pixel code handles with more than 8 bits."""

GATE_LOGITS = ("channel/logits", "spatial/logits")
SHARES = ("gate", "weights")
"""Results of sigmoid and softmax: their range is from 0 to 1 whatever the picture, in steps of 1/256."""


def as_int8(tensor, scale: float, zero_point: int):
    """A tensor as an int8 with this scale and zero point holds it; what is out of range is cut off.

    Args:
        tensor: Any shape.
        scale: Size of one step, in the units of the tensor.
        zero_point: The integer that stands for 0, from -128 to 127.

    Returns:
        Same shape, floating point. The gradient passes where the tensor is within the range, and is 0 elsewhere.
    """
    low, high = _ends(scale, zero_point)
    inside = ops.clip(tensor, low, high)
    return inside + ops.stop_gradient(ops.round(inside / scale) * scale - inside)


def _ends(scale: float, zero_point: int) -> tuple[float, float]:
    return (-LEVELS // 2 - zero_point) * scale, (LEVELS // 2 - 1 - zero_point) * scale


def fake_quantize(name: str, tensor):
    """A tensor rounded to 256 levels between its least and greatest value.

    Args:
        name: Full name of its hook point.
        tensor: Any shape. The levels always include 0.

    Returns:
        Same shape; the same tensor for the hook points of `PIXELS`.
    """
    if name in PIXELS:
        return tensor
    if name.rpartition("/")[2] in SHARES:
        step = 1 / LEVELS
        levels = ops.minimum(ops.round(tensor / step), LEVELS - 1)
    else:
        if name.endswith(GATE_LOGITS):
            tensor = ops.clip(tensor, -FULLY_OPEN, FULLY_OPEN)
        low, high = ops.minimum(ops.min(tensor), 0), ops.maximum(ops.max(tensor), 0)
        step = ops.maximum(WIDER * (high - low) / (LEVELS - 1), 1e-8)  # a tensor of zeros has no range
        levels = ops.round(tensor / step)
    return tensor + ops.stop_gradient(levels * step - tensor)


class QuantizeToRanges:
    """A visitor that rounds to ranges that are known, for one run of a network.

    Args:
        ranges: Of every hook point that is a tensor on the board.
    """

    def __init__(self, ranges: Ranges):
        self.ranges = ranges
        self._outside: list[Any] = []

    def __call__(self, name: str, tensor):
        """The tensor as the board holds it; the same tensor for a hook point without a range.

        Args:
            name: Full name of the hook point.
            tensor: (batch, ...).
        """
        if name not in self.ranges:
            return tensor
        scale, zero_point = self.ranges[name]
        if not name.endswith("logits"):  # a logit far out changes nothing
            low, high = _ends(scale, zero_point)
            beyond = ops.abs(tensor - ops.clip(tensor, low, high))
            farthest = ops.max(ops.reshape(beyond, (ops.shape(tensor)[0], -1)), axis=1)
            self._outside.append(ops.mean(farthest) / (high - low))
        return as_int8(tensor, scale, zero_point)

    def outside(self):
        """How far tensors went beyond their ranges, a scalar.

        It is the farthest value of each picture as a share of the range, the mean over pictures, the sum over tensors.
        """
        return sum(self._outside)
