"""Companding: the fixed curve that spreads the dark levels (`model.images.companding`)."""

import math
from dataclasses import dataclass

from explain.cell.operands import Arithmetic, Place, Reader, Step
from explain.cell.rules.copies import as_byte

__all__ = ["Companding"]


@dataclass(frozen=True)
class Companding:
    """log(1 + μx) / log(1 + μ); below 0 a straight line.

    Attributes:
        source: The picture, within [0, 1].
        mu: How much the dark is spread.
    """

    source: str
    mu: float

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The curve at one number."""
        pixel = read.operand("x", self.source, place)
        above = math.log1p(self.mu * max(pixel.value, 0.0)) + self.mu * min(pixel.value, 0.0)
        normalizer = math.log1p(self.mu)
        return Arithmetic(
            kind="companding",
            how="function",
            rule=f"companding: the curve log(1 + {self.mu:g} x) / log(1 + {self.mu:g}) makes room for dark levels",
            formula=rf"\frac{{\log(1 + {self.mu:g}\, x)}}{{\log(1 + {self.mu:g})}}",
            operands=(pixel,),
            steps=(
                Step("the pixel as a byte", as_byte(pixel.value), symbol=r"255\,x"),
                Step(f"log(1 + {self.mu:g} x)", above, symbol=rf"\log(1 + {self.mu:g}\, x)"),
                Step(f"log(1 + {self.mu:g})", normalizer, symbol=rf"\log(1 + {self.mu:g})"),
            ),
            result=above / normalizer,
        )
