"""Formats a cell as a few lines of text, with aligned numbers."""

from explain.cell.operands import Cell, Operand
from explain.cell.writing import centred, chosen, factors, number, shown_value

__all__ = ["as_text"]

Line = tuple[str, str, str]
"""A name, the arithmetic, a number."""


def as_text(cell: Cell, most: int = 8) -> str:
    """A cell as text.

    Args:
        cell: The cell.
        most: At most so many operands get a line; of a sum the largest, and the rest as one number.

    Returns:
        Lines for a fixed-width font with the number, the rule, the operands, the steps, and the result computed again.
    """
    lines = [
        *_operands(cell, most),
        *((step.words, "", number(step.value)) for step in cell.steps if not step.subtotal),
    ]
    return "\n".join([*_head(cell), *_aligned(lines), *_sources(cell), *_check(cell)])


def _head(cell: Cell) -> list[str]:
    rows, columns, channels = cell.shape
    first = f"{cell.ref} = {number(cell.value)}"
    if cell.scale is not None:
        first += f", which stands for {number(cell.real)} = {cell.scale:.6g} × {centred(cell.value, cell.zero_point)}"
    return [first, f"{cell.title}: {rows} × {columns} positions, channels: {channels}", cell.rule]


def _operands(cell: Cell, most: int) -> list[Line]:
    few = chosen(cell, most)
    lines: list[Line] = [_line(cell, operand) for operand in few.operands]
    if few.more and cell.arithmetic.how == "sum":
        lines.append((f"and {few.more} more that add up to", "", number(few.rest)))
    elif few.more:
        lines.append((f"and {few.more} more" + (", none larger" if cell.arithmetic.how == "largest" else ""), "", ""))
    return lines


def _line(cell: Cell, operand: Operand) -> Line:
    where = "" if operand.ref is None else f"[{operand.ref.row}, {operand.ref.column}, {operand.ref.channel}]"
    value = shown_value(cell, operand)
    written = " × ".join(factors(operand))
    return operand.symbol + where, "" if written == number(value) or value == operand.value else written, number(value)


def _aligned(lines: list[Line]) -> list[str]:
    widths = [max((len(line[part]) for line in lines), default=0) for part in range(3)]
    return [
        f"  {name:<{widths[0]}}  {arithmetic:>{widths[1]}}  {value:>{widths[2]}}".rstrip()
        for name, arithmetic, value in lines
    ]


def _sources(cell: Cell) -> list[str]:
    """Which letter is which tensor."""
    found = {operand.symbol: operand.ref.tensor for operand in cell.operands if operand.ref is not None}
    return [
        f"{symbol}: {tensor if isinstance(tensor, str) else f'tensor {tensor}'}" for symbol, tensor in found.items()
    ]


def _check(cell: Cell) -> list[str]:
    if cell.kind == "given":
        return []
    difference = cell.recomputed - cell.value
    if isinstance(cell.value, int):
        end = "the same" if difference == 0 else f"off by {number(difference)}"
    else:
        end = f"off by {difference:.1e}"
    return [f"computed again from these numbers: {number(cell.recomputed)}, {end}"]
