"""Requantization of an int32 accumulator to int8: a fixed-point multiplier, a shift, two roundings, saturation.

Written from TensorFlow Lite's rules and not from `embedded.codegen.fixed_point`, whose numbers go into the C: one
checks the other. Reference: https://arxiv.org/abs/1712.05877, section 2.2.
"""

from dataclasses import dataclass

from embedded.codegen.fixed_point import quantized_multiplier
from embedded.tflite.graph import Tensor
from explain.cell.operands import Step

__all__ = ["LEAST", "MOST", "Scaling", "finished", "multiply_high", "scaling", "shift_right"]

LEAST, MOST = -128, 127
"""The range of an int8."""


@dataclass(frozen=True)
class Scaling:
    """A scale factor in fixed point: multiplier / 2^31 · 2^shift.

    Attributes:
        multiplier: From 2^30 to 2^31.
        shift: To the left; below 0, to the right.
    """

    multiplier: int
    shift: int

    def apply(self, x: int) -> int:
        """The product, rounded as the kernels round it."""
        return shift_right(multiply_high(x << max(self.shift, 0), self.multiplier), max(-self.shift, 0))

    def latex(self, multiplier: str = "M") -> str:
        """The factor in LaTeX.

        Args:
            multiplier: How the multiplier is written.
        """
        power = rf" \cdot 2^{{{self.shift}}}" if self.shift > 0 else f" / 2^{{{-self.shift}}}" if self.shift else ""
        return f"{multiplier} / 2^{{31}}{power}"

    def steps(self, x: int, of: str) -> tuple[list[Step], int]:
        """The product, and how it came to be.

        Args:
            x: An int32.
            of: Its label.
        """
        found = [Step("multiplier (of 2^31)", self.multiplier, symbol="M")]
        if self.shift > 0:
            x <<= self.shift
            found.append(Step(f"{of}, shifted left by {self.shift} bits", x))
        x = multiply_high(x, self.multiplier)
        found.append(Step(f"{of} × multiplier / 2^31, rounded", x))
        if self.shift < 0:
            x = shift_right(x, -self.shift)
            found.append(Step(f"shifted right by {-self.shift} bits, rounded", x))
        return found, x


def scaling(factor: float) -> Scaling:
    """A factor above 0 as multiplier and shift."""
    return Scaling(*quantized_multiplier(factor))


def multiply_high(a: int, b: int) -> int:
    """The product / 2^31, to the nearest, halves up."""
    return (a * b + 2**30) // 2**31


def shift_right(x: int, bits: int) -> int:
    """The number / 2^bits, to the nearest, halves away from zero."""
    size = (abs(x) + 2**bits // 2) // 2**bits
    return size if x >= 0 else -size


def finished(
    sum_: int, by: Scaling, output: Tensor, relu: bool, what: str = "the accumulator"
) -> tuple[tuple[Step, ...], int]:
    """How every accumulator becomes an int8: scaled, the zero point added, saturated.

    Args:
        sum_: An int32.
        by: The factor from its scale to that of the output.
        output: The tensor that it goes into.
        relu: Whether a ReLU is fused into it: the range then begins at the zero point, which stands for 0.
        what: Label of the int32.
    """
    steps, scaled = by.steps(sum_, what)
    low = output.zero_point if relu else LEAST
    moved = scaled + output.zero_point
    result = min(max(moved, low), MOST)
    why = f"saturated to [{low}, {MOST}]" + (", which is the ReLU" if relu else "")
    return (*steps, Step("plus the zero point", moved), Step(why, result)), result
