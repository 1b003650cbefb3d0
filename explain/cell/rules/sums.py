"""Sums of tensors, number by number: residual connections, the streams of SKFF, the branches of a resizing step."""

from dataclasses import dataclass

from explain.cell.operands import Arithmetic, Place, Reader, Step, total

__all__ = ["Sum"]


@dataclass(frozen=True)
class Sum:
    """The sum of the values at the same position of several tensors.

    Attributes:
        sources: The tensors.
        symbols: A letter for each, in LaTeX.
        label: What the sum is.
    """

    sources: tuple[str, ...]
    symbols: tuple[str, ...]
    label: str

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """One value of each tensor."""
        named = zip(self.symbols, self.sources, strict=True)
        operands = tuple(read.operand(symbol, source, place) for symbol, source in named)
        result = total(operands)
        return Arithmetic(
            kind="sum",
            how="sum",
            rule=self.label,
            formula=" + ".join(self.symbols),
            operands=operands,
            steps=(Step("sum", result),),
            result=result,
        )
