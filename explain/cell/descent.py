"""From a number down to the input: at each cell on to the operand that says most."""

from collections.abc import Callable

from explain.cell.operands import Cell, CellRef, Operand

__all__ = ["descent", "weightiest"]

MOST = 500  # cells; the longest path through a network of 966 tensors is shorter


def descent(start: Cell, cell_at: Callable[[CellRef], Cell]) -> list[Cell]:
    """The cells on the path from a number to the input of the network; those that only hand a number on are left out.

    Args:
        start: Where it begins; it comes first.
        cell_at: Explains a number.
    """
    cells, at = [start], start
    for _ in range(MOST):
        heaviest = weightiest(at)
        if heaviest is None or heaviest.ref is None:
            break
        at = cell_at(heaviest.ref)
        if at.arithmetic.how != "copy" or not at.operands:
            cells.append(at)
    return cells


def weightiest(cell: Cell) -> Operand | None:
    """The operand with the largest share in a number; of a product the features and not their gate, which come first.

    None where the number was not computed.
    """
    led = [operand for operand in cell.operands if operand.ref is not None]
    if not led:
        return None
    if cell.arithmetic.how == "product":
        return led[0]
    return max(led, key=lambda operand: abs(operand.part * (operand.scale or 1)))
