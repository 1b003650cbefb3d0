"""Gates: the sigmoid of a logit, and the product of features and gate."""

import math
from dataclasses import dataclass

from explain.cell.operands import Arithmetic, Place, Reader, Step

__all__ = ["Product", "Sigmoid"]


@dataclass(frozen=True)
class Sigmoid:
    """1 / (1 + exp(-logit))."""

    source: str

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The gate of one logit."""
        logit = read.operand("z", self.source, place)
        # Of a large negative logit exp(-z) would not fit into a float: exp(z) / (1 + exp(z)) is the same.
        above = logit.value >= 0
        power = math.exp(-abs(logit.value))
        result = (1.0 if above else power) / (1 + power)
        exponential = "e^{-z}" if above else "e^{z}"
        return Arithmetic(
            kind="gate",
            how="function",
            rule="a gate: the sigmoid of its logit, between 0 (closed) and 1 (open)",
            formula=r"\frac{1}{1 + e^{-z}}" + ("" if above else r" = \frac{e^{z}}{1 + e^{z}}"),
            operands=(logit,),
            steps=(
                Step(f"e to {'minus ' if above else ''}the logit", power, symbol=exponential),
                Step("1 plus that", 1 + power, symbol=f"1 + {exponential}"),
            ),
            result=result,
        )


@dataclass(frozen=True)
class Product:
    """A number times its gate, or its weight, which is the same for a whole channel or for all channels of a position.

    Attributes:
        source: The features.
        factor: The gates: of each position, of each channel, or SKFF's weights.
        stream: Of SKFF's weights, the row that counts, from 0; None for gates.
    """

    source: str
    factor: str
    stream: int | None = None

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """Features times gate."""
        at = [0 if size == 1 else where for size, where in zip(read.shape(self.factor), place, strict=True)]
        if self.stream is not None:
            at[:2] = self.stream, 0
        one = read.operand("x", self.source, place)
        other = read.operand("s" if self.stream is not None else "g", self.factor, (at[0], at[1], at[2]))
        product = one.value * other.value
        what = "its gate" if self.stream is None else f"the weight of stream {self.stream + 1}, for this channel"
        return Arithmetic(
            kind="product",
            how="product",
            rule=f"the number times {what}",
            formula=r"x \cdot " + other.symbol,
            operands=(one, other),
            steps=(Step("product", product),),
            result=product,
        )
