"""Sums of numbers times weights: patch × kernel = product, channel by channel, and what the channels add up to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isqrt

from explain.app.views.cell.drawing_parts import DrawingRow, Pen, short
from explain.cell import Cell, Operand

__all__ = ["ChannelGroup", "groups", "patches", "terms"]

MOST = 3  # channels whose patches are drawn
ROWS = 8  # lines of a waterfall
MIRRORED = ("blur", "bilinear", "DEPTHWISE_CONV_2D", "RESIZE_BILINEAR")  # a position may come twice: taken in order


@dataclass(frozen=True)
class ChannelGroup:
    """The numbers that one input channel contributes.

    Attributes:
        symbol: Of the tensor they are from.
        number: Which group, from 0, in the order of the operands.
        channel: The channel in that tensor.
        cells: (row, column) in the patch to the operand; positions outside of the picture are missing.
        total: What they add up to.
    """

    symbol: str
    number: int
    channel: int
    cells: dict[tuple[int, int], Operand]
    total: float


def groups(cell: Cell) -> tuple[tuple[int, int], list[ChannelGroup]]:
    """The size of the patch, (rows, columns), and the operands by input channel."""
    found: dict[tuple, list[Operand]] = {}
    for operand in cell.operands:
        if operand.ref is not None:
            found.setdefault((operand.symbol, operand.ref.tensor, operand.ref.channel), []).append(operand)
    placed = [_placed(cell, operands) for operands in found.values()]
    size = (max(each[0][0] for each in placed), max(each[0][1] for each in placed))
    return size, [
        ChannelGroup(key[0], number, key[2], cells, float(sum(operand.part for operand in cells.values())))
        for number, (key, (_, cells)) in enumerate(zip(found, placed, strict=True))
    ]


def patches(cell: Cell, pen: Pen, shown: int | None) -> str:
    """A convolution, or what looks like one.

    Args:
        cell: The cell.
        pen: Draws.
        shown: Which input channel comes first; None for the weightiest.
    """
    size, found = groups(cell)
    order = sorted(found, key=lambda group: -abs(group.total))
    first = [group for group in found if group.number == shown]
    drawn = (first + [group for group in order if group not in first])[:MOST]
    empty = not any(_centred(operand) for group in found for operand in group.cells.values())
    limits = (
        max(abs(_centred(operand)) for group in drawn for operand in group.cells.values()),
        max(abs(operand.weight or 0) for group in drawn for operand in group.cells.values()),
        max(abs(operand.part) for group in drawn for operand in group.cells.values()),
    )
    several = len(found) > 1
    text = "Red is above 0, blue below, the stronger the larger. Every number of a patch leads to its own cell."
    if any(operand.zero_point for group in drawn for operand in group.cells.values()):
        text += " Here the zero point is subtracted from the numbers."
    if cell.kind in ("bilinear", "RESIZE_BILINEAR"):
        text += " The ring is where the new position lies between its neighbours."
    if empty:
        text += " Where a ReLU made the inputs, nothing passed it here: choose another position to see products."
    first_one, *others = (_maths(group, size, pen, limits, several, _dot(cell, size)) for group in drawn)
    title = "The input channel that says most" if len(found) > len(drawn) else "Patch by patch"
    if not several:
        title = "Patch × weights"
    elif first:
        of_tensor = f" of {first[0].symbol}" if len({group.symbol for group in found}) > 1 else ""
        title = f"Input channel {first[0].channel}{of_tensor}, and the weightiest others"
    if empty:
        title = "All inputs are 0 here"
    rest = ""
    if several:
        summed = _sum(cell, pen, found, order, {group.number for group in drawn})
        rest = f"<details><summary>The next channels, and what all {len(found)} add up to</summary>" + (
            f"{''.join(others)}{summed}</details>"
        )
    return f"<h3>{title}</h3><p class='small'>{text}</p>{first_one}{rest}"


def terms(cell: Cell, pen: Pen) -> str:
    """A sum whose parts are single numbers: a 1×1 convolution, a residual connection, a few numbers' mean."""
    parts = sorted(cell.operands, key=lambda operand: -abs(operand.part)) if len(cell.operands) > 3 else cell.operands
    shown, left = parts[: ROWS + 2], parts[ROWS + 2 :]
    rows = [DrawingRow(pen.label(each), _factors(each), _amount(cell, each)) for each in shown]
    if left:
        rows.append(DrawingRow(f"{len(left)} others", "", sum(_amount(cell, each) for each in left)))
    total = DrawingRow("sum", "", sum(row.value for row in rows))
    more = "".join(f"<span>{pen.label(each)} {short(_amount(cell, each))}</span>" for each in left)
    rest = f"<details><summary>The others</summary><div class='chips'>{more}</div></details>" if left else ""
    return f"<h3>What is added up</h3>{pen.waterfall(rows, total)}{rest}"


def _maths(group: ChannelGroup, size: tuple[int, int], pen: Pen, limits, several: bool, dot: str) -> str:
    """Patch × kernel = product, and what it adds up to."""
    patch: list[str] = []
    kernel: list[str] = []
    product: list[str] = []
    for row in range(size[0]):
        for column in range(size[1]):
            operand = group.cells.get((row, column))
            if operand is None:
                for grid in (patch, kernel, product):
                    grid.append('<span class="none" title="outside of the picture: counts as 0">·</span>')
                continue
            value, weight = _centred(operand), operand.weight or 0
            patch.append(pen.link(operand, short(value), pen.tint(value, limits[0])))
            kernel.append(f'<span style="{pen.tint(weight, limits[1])}">{short(weight)}</span>')
            product.append(f'<span style="{pen.tint(operand.part, limits[2])}">{short(operand.part)}</span>')
    sign = '<span class="sign" aria-hidden="true">{}</span>'.format
    title = f"<h4>{escape(group.symbol)}, channel {group.channel}</h4>" if several else ""
    return (
        f'<div class="maths">{title}{_grid(patch, size, "patch", dot)}{sign("×")}{_grid(kernel, size, "weights")}'
        f"{sign('=')}{_grid(product, size, 'products')}{sign('Σ')}"
        f"<b class='num'>{short(_integer(group.total))}</b></div>"
    )


def _grid(boxes: Sequence[str], size: tuple[int, int], text: str, more: str = "") -> str:
    # Three patches beside one another on a screen, two on a phone, and nine letters in a box.
    box, high, letters = ("clamp(3.3rem, 9vw, 3.9rem)", "2.1rem", "clamp(.69rem, 1.9vw, .8rem)")
    if size[1] > 3:
        box, letters = "2.6rem", ".62rem"
    if size == (2, 2):  # with room for the ring between the numbers
        box, high = "4.4rem", "3.2rem"
    style = f"--across: {size[1]}; --box: {box}; --high: {high}; --letters: {letters}"
    inside = "".join(boxes) + more
    return (
        f'<figure><div class="patch" role="group" aria-label="{text}" style="{style}">{inside}</div>'
        f"<figcaption>{text}</figcaption></figure>"
    )


def _sum(cell: Cell, pen: Pen, found: list[ChannelGroup], order: list[ChannelGroup], drawn: set[int]) -> str:
    """What the channels add up to, the largest first."""

    def name(group: ChannelGroup) -> str:
        text = f"{escape(group.symbol)}, channel {group.channel}"
        address = escape(pen.show(group.number), quote=True)
        return f'<a href="{address}">{text}</a>' if group.number not in drawn else f"<b>{text}</b>"

    rows = [DrawingRow(name(group), "", _integer(group.total)) for group in order[:ROWS]]
    left = order[ROWS:]
    if left:
        rows.append(DrawingRow(f"{len(left)} other channels", "", _integer(sum(group.total for group in left))))
    rows += [DrawingRow(f"{escape(each.symbol)} (bias)", "", each.part) for each in cell.operands if each.ref is None]
    total = DrawingRow("sum", "", _integer(sum(row.value for row in rows)))
    chips = "".join(
        f"<span>{name(group)} {short(_integer(group.total))}</span>" for group in sorted(left, key=lambda g: g.number)
    )
    rest = f"<details><summary>The other channels</summary><div class='chips'>{chips}</div></details>" if left else ""
    text = f"All {len(found)} input channels. A bar begins where the one before ended; a link draws that channel."
    return f"<h3>What the channels add up to</h3><p class='small'>{text}</p>{pen.waterfall(rows, total)}{rest}"


def _placed(cell: Cell, operands: list[Operand]) -> tuple[tuple[int, int], dict[tuple[int, int], Operand]]:
    """The operands of one channel as a patch."""
    side = isqrt(len(operands))
    if cell.kind in MIRRORED and side * side == len(operands):
        return (side, side), {divmod(k, side): operand for k, operand in enumerate(operands)}
    refs = [operand.ref for operand in operands if operand.ref is not None]
    kernel = re.match(r"(\d+)×(\d+) convolution", cell.rule)
    if kernel:
        size = int(kernel[1]), int(kernel[2])
        around = [(ref.row - cell.ref.row + size[0] // 2, ref.column - cell.ref.column + size[1] // 2) for ref in refs]
        if all(0 <= row < size[0] and 0 <= column < size[1] for row, column in around):
            return size, dict(zip(around, operands, strict=True))
    rows, columns = sorted({ref.row for ref in refs}), sorted({ref.column for ref in refs})
    positions = [(rows.index(ref.row), columns.index(ref.column)) for ref in refs]
    return (len(rows), len(columns)), dict(zip(positions, operands, strict=True))


def _dot(cell: Cell, size: tuple[int, int]) -> str:
    """Of a bilinear mixture, where the new position lies between its four neighbours."""
    if cell.kind not in ("bilinear", "RESIZE_BILINEAR") or size != (2, 2):
        return ""
    weights = [float(operand.weight or 0) for operand in cell.operands]
    total = sum(weights)
    right, down = (weights[1] + weights[3]) / total, (weights[2] + weights[3]) / total
    return f'<i class="dot" style="left: {25 + 50 * right:.1f}%; top: {25 + 50 * down:.1f}%"></i>'


def _factors(operand: Operand) -> str:
    if operand.weight is None:
        return ""
    return f"{short(_centred(operand))} × {short(operand.weight)}"


def _amount(cell: Cell, operand: Operand) -> float:
    """What an operand adds; of integers of different scales, its dequantized value."""
    rescaled = cell.kind == "ADD" and operand.scale is not None
    return operand.scale * operand.part if rescaled and operand.scale is not None else operand.part


def _centred(operand: Operand) -> float:
    return operand.value - operand.zero_point


def _integer(value: float) -> float:
    """An int where a sum is integral."""
    return int(value) if float(value).is_integer() else value
