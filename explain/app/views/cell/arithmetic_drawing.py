"""The arithmetic of a cell as HTML: which drawing its kind gets, and what stands around it."""

import re
from dataclasses import dataclass
from html import escape

from explain.app.assets.asset_files import style
from explain.app.compute.values_at import COLOURS
from explain.app.views.cell import curves, patches
from explain.app.views.cell.drawing_parts import Pen, short
from explain.app.widgets.decimals import minus
from explain.cell import Cell, Operand

__all__ = ["Explained", "drawing"]

PATCHES = {
    *("convolution", "transposed convolution", "blur", "bilinear"),
    *("CONV_2D", "DEPTHWISE_CONV_2D", "RESIZE_BILINEAR"),
}
CURVES = {
    "gate": curves.gate,
    "LOGISTIC": curves.gate,
    "PReLU": curves.rectifier,
    "ReLU": curves.rectifier,
    "softmax": curves.compete,
    "SOFTMAX": curves.compete,
    "maximum": curves.largest,
    "REDUCE_MAX": curves.largest,
    "product": curves.product,
    "MUL": curves.product,
}
FEW = 100  # numbers of a mean that can be listed


@dataclass(frozen=True)
class Explained:
    """A cell, small enough to keep.

    Attributes:
        cell: The cell; of a mean over the picture with the few operands that say most.
        latex: Its formula with numbers.
        count: How many operands there are in all.
        least: The smallest number of a mean.
        most: The largest.
        bins: How many numbers of a mean are in each of equal ranges from `least` to `most`; else empty.
    """

    cell: Cell
    latex: str
    count: int
    least: float = 0.0
    most: float = 0.0
    bins: tuple[int, ...] = ()

    @property
    def middle(self) -> float:
        """The mean of these numbers: of integers one between them, which the cell's own grid need not have."""
        cell, operand = self.cell, self.cell.operands[0]
        return cell.value if cell.scale is None else operand.zero_point + cell.real / (operand.scale or 1)


def drawing(explained: Explained, pen: Pen, shown: int | None = None) -> str:
    """The arithmetic of a cell.

    Args:
        explained: The cell.
        pen: Draws, and knows the addresses of other cells.
        shown: Which input channel of a convolution is drawn first; None for the weightiest.
    """
    cell = explained.cell
    colours = f"--line: {pen.theme.line}; --accent: {pen.theme.accent}"
    inside = "".join([_operands(explained, pen, shown), _steps(cell), _legend(cell, pen)])
    return f'{style("cell.css")}<div class="cell" style="{colours}">{inside}</div>'


def _operands(explained: Explained, pen: Pen, shown: int | None) -> str:
    cell = explained.cell
    if not cell.operands:
        return _given(cell, pen)
    if cell.kind in CURVES:
        return CURVES[cell.kind](cell, pen)
    if explained.bins:
        return _mean(explained, pen)
    if cell.kind in PATCHES and patches.groups(cell)[0] != (1, 1):
        return patches.patches(cell, pen, shown)
    if cell.arithmetic.how == "sum" or cell.kind == "ADD":
        return patches.terms(cell, pen)
    return _chain(cell, pen)


def _mean(explained: Explained, pen: Pen) -> str:
    """So many numbers that only their distribution can be shown, in `cell_charts`; here are the few that say most."""
    cell = explained.cell
    chips = "".join(f"<span>{pen.label(each)} = {short(each.value)}</span>" for each in cell.operands)
    place = cell.operands[0].ref
    where = (
        "" if place is None else f" The map of all is at {pen.link(cell.operands[0], escape(pen.name(place.tensor)))}."
    )
    return (
        f"<h3>{explained.count:,} numbers become one</h3><p>Their mean is <b>{short(explained.middle)}</b>.{where}</p>"
        f"<h3>The largest and the smallest of them</h3><div class='chips'>{chips}</div>"
    )


def _given(cell: Cell, pen: Pen) -> str:
    """The input of the network, where the chain of operands ends."""
    value = cell.steps[0].value if cell.steps else cell.value
    grey = round(float(value)) if cell.steps or isinstance(cell.value, int) else None
    swatch = (
        ""
        if grey is None or not 0 <= grey <= 255
        else f'<span class="chip" style="background: rgb({grey}, {grey}, {grey}); width: 3rem; height: 2.4rem"></span>'
    )
    colour = f", the {COLOURS[cell.ref.channel]} of a pixel" if cell.shape[2] == len(COLOURS) else ""
    byte = f"<span class='chip'>byte<b>{short(value)}</b></span><span class='sign'>/ 255 =</span>" if cell.steps else ""
    return (
        f"<h3>Here the chain ends</h3><p>This number was not computed: it is what the network was given{colour}.</p>"
        f"<div class='chips'>{swatch}{byte}<span class='chip'>number<b>{short(cell.value)}</b></span></div>"
    )


def _chain(cell: Cell, pen: Pen) -> str:
    """Few numbers and what is made of them."""
    plus = '<span class="sign">,</span>'
    parts = plus.join(_weighted(operand, pen) for operand in cell.operands)
    copied = cell.arithmetic.how == "copy"
    return (
        f"<h3>{'Handed on' if copied else 'From these numbers to the result'}</h3><div class='chips'>{parts}"
        f"<span class='sign'>→</span><span class='chip'>result<b>{short(cell.value)}</b></span></div>"
    )


def _weighted(operand: Operand, pen: Pen) -> str:
    weight = "" if operand.weight is None else f"<span class='sign'>× {short(operand.weight)}</span>"
    return pen.chip(operand) + weight


def _steps(cell: Cell) -> str:
    """Of integers, every step to the result: the rounding is the point."""
    rows = [step for step in cell.steps if not step.subtotal]
    if isinstance(cell.value, float) or cell.kind == "given" or not rows:
        return ""
    lines = "".join(
        f"<tr><td>{minus(_powers(escape(step.words)))}</td><td><b>{short(step.value)}</b></td></tr>" for step in rows
    )
    return f"<h3>Step by step, in integers</h3><table>{lines}</table>"


def _powers(text: str) -> str:
    """2^31 with its exponent raised."""
    return re.sub(r"\^(-?\d+)", r"<sup>\1</sup>", text)


def _legend(cell: Cell, pen: Pen) -> str:
    """Which letter is which tensor."""
    found = {operand.symbol: operand for operand in cell.operands if operand.ref is not None}
    if not found:
        return ""
    lines = " · ".join(
        f"<b>{escape(symbol)}</b> is {pen.link(operand, f'<code>{escape(pen.name(operand.ref.tensor))}</code>')}"
        for symbol, operand in found.items()
        if operand.ref is not None
    )
    return f"<p class='small'>{lines}; in brackets row, column and channel, from 0.</p>"
