"""Number formats, and the choice of operands worth a line, for text and LaTeX."""

from typing import NamedTuple

from explain.cell.operands import Cell, Operand

__all__ = ["Chosen", "bracketed", "centred", "chosen", "factors", "number", "shown_value"]

SMALLEST, LARGEST = 1e-3, 1e5  # outside of these, a float is written with a power of ten


class Chosen(NamedTuple):
    """The operands that get a line, and what is left.

    Attributes:
        operands: The weightiest first where some are left and their order says nothing (sums, competitions), else as
            they come.
        more: How many are left.
        rest: What those add up to; of a sum only.
    """

    operands: tuple[Operand, ...]
    more: int
    rest: float


def chosen(cell: Cell, most: int) -> Chosen:
    """At most so many operands of a cell."""
    found, how = list(cell.operands), cell.arithmetic.how
    most += len(found) == most + 1  # "and 1 more" would take a line, too
    if how == "sum" and len(found) > most:
        found.sort(key=lambda operand: -abs(operand.part))
    elif how == "largest" and len(found) > most:
        found.sort(key=lambda operand: -operand.value)
    left = found[most:]
    return Chosen(tuple(found[:most]), len(left), sum(operand.part for operand in left))


def number(value: float) -> str:
    """An integer as it is, a float with six decimals or, if it is very large or small, a power of ten."""
    if isinstance(value, int):
        return str(value)
    if value == 0:
        return "0"
    return f"{value:.6f}" if SMALLEST <= abs(value) < LARGEST else f"{value:.4e}"


def factors(operand: Operand) -> list[str]:
    """The value minus its zero point, and its weight if it has one; what is below 0 in brackets."""
    value = centred(operand.value, operand.zero_point)
    return [value] if operand.weight is None else [bracketed(value), bracketed(number(operand.weight))]


def centred(value: float, zero_point: int) -> str:
    """A value minus its zero point, as a difference in brackets; the number itself where that is 0."""
    if not zero_point:
        return number(value)
    return f"({number(value)} {'-' if zero_point > 0 else '+'} {abs(zero_point)})"


def shown_value(cell: Cell, operand: Operand) -> float:
    """What an operand counts as in this arithmetic: where numbers compete or are copied, the number itself."""
    return operand.value if cell.arithmetic.how in ("largest", "copy") else operand.part


def bracketed(text: str) -> str:
    """A number, in brackets if it is below 0."""
    return f"({text})" if text.startswith(("-", "−")) else text
