"""What all drawings of a cell are made of: numbers on the colour of their sign, links to cells, rows of bars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

import numpy as np

from explain.app.widgets.colour_maps import colours
from explain.app.widgets.decimals import minus
from explain.cell import CellRef, Operand
from explain.cell.operands import TensorName
from explain.figures import Theme
from model.images.darken import to_linear

__all__ = ["DrawingRow", "Pen", "ink", "short", "sign_colour"]

MIDDLE = 0.179  # relative luminance on which black and white letters stand out equally (WCAG 2)


@dataclass(frozen=True)
class DrawingRow:
    """One part of a sum.

    Attributes:
        label: What it is, HTML.
        note: How it came to be, HTML; not shown on a phone.
        value: The number.
    """

    label: str
    note: str
    value: float


@dataclass(frozen=True, eq=False)
class Pen:
    """Draws.

    Attributes:
        href: The address of a cell.
        show: The address that shows all numbers of one input channel of this convolution.
        name: How the page calls a tensor.
        theme: The colours.
    """

    href: Callable[[CellRef], str]
    show: Callable[[int], str]
    name: Callable[[TensorName], str]
    theme: Theme

    def tint(self, value: float, limit: float) -> str:
        """CSS: red for above 0, blue for below, the stronger the nearer to `limit`; letters that stand out."""
        share = max(-1.0, min(1.0, value / limit)) if limit else 0.0
        return _tints(self.theme.signed)[round(127.5 + 115 * share)]

    def link(self, operand: Operand, content: str, css: str = "") -> str:
        """HTML that leads to an operand's own cell; plain HTML where it has none."""
        if operand.ref is None:
            return f'<span style="{css}">{content}</span>'
        title = escape(f"{self.place(operand.ref)} = {short(operand.value)}", quote=True)
        address = escape(self.href(operand.ref), quote=True)
        return f'<a href="{address}" title="{title}" aria-label="{title}" style="{css}">{content}</a>'

    def place(self, ref: CellRef) -> str:
        """Where a number is, as text."""
        return f"{self.name(ref.tensor)}, row {ref.row}, column {ref.column}, channel {ref.channel}"

    def label(self, operand: Operand) -> str:
        """`x[3, 5, 2]`, as a link; of a constant its symbol."""
        symbol = _symbol(operand.symbol)
        if operand.ref is None:
            return f"<span>{symbol}</span>"
        place = ", ".join(map(str, operand.ref[1:]))
        return self.link(operand, f"{symbol}[{place}]", "white-space: nowrap")

    def chip(self, operand: Operand) -> str:
        """An operand by itself: its tensor and place, and its number."""
        real = "" if operand.scale is None else f" <small>= {short(operand.scale * operand.part)}</small>"
        tensor = "" if operand.ref is None else f"<code>{escape(_end(self.name(operand.ref.tensor)))}</code> "
        inside = f"{tensor}{self.label(operand)}<b>{short(operand.value)}{real}</b>"
        return f'<span class="chip">{inside}</span>'

    def waterfall(self, rows: Sequence[DrawingRow], total: DrawingRow) -> str:
        """Rows with a bar each that begins where the one before ended, and the total below them."""
        ends, at = [], 0.0
        for row in rows:
            ends.append((at, at + row.value))
            at += row.value
        ends.append((0.0, total.value))
        low = min(0.0, *(min(pair) for pair in ends))
        high = max(0.0, *(max(pair) for pair in ends))
        span = high - low or 1.0
        lines = []
        for row, (start, end) in zip((*rows, total), ends, strict=True):
            css = "end" if row is total else ""
            colour = self.theme.accent if row is total else sign_colour(row.value, self.theme)
            left, width = 100 * (min(start, end) - low) / span, 100 * abs(end - start) / span
            bar = f'<u style="left: {-100 * low / span:.1f}%"></u>'
            if row.value:
                bar += f'<i style="left: {left:.1f}%; width: {width:.1f}%; background: {colour}"></i>'
            lines.append(
                f'<div class="{css}">{row.label}</div><div class="note num {css}">{row.note}</div>'
                f'<div class="{css}"><div class="bar">{bar}</div></div><div class="num {css}">{short(row.value)}</div>'
            )
        return f'<div class="rows">{"".join(lines)}</div>'


@cache
def _tints(colour_map: str) -> list[str]:
    """The 256 colours of a map as backgrounds, each with the letters, black or white, that stand out more."""
    table = colours(colour_map)
    return [
        f"background: rgb({red}, {green}, {blue}); color: {ink(np.array([red, green, blue]))}"
        for red, green, blue in table.tolist()
    ]


def ink(colour: np.ndarray) -> str:
    """Black or white: the letters that stand out more from a colour, three numbers from 0 to 255."""
    return "#000" if to_linear(colour / 255) @ np.array([0.2126, 0.7152, 0.0722]) > MIDDLE else "#fff"


def sign_colour(value: float, theme: Theme) -> str:
    """The colour of a sign, strong enough for a bar."""
    red, green, blue = (int(part) for part in colours(theme.signed)[220 if value >= 0 else 35])
    return f"rgb({red}, {green}, {blue})"


def short(value: float) -> str:
    """An integer as it is, a float with three digits."""
    if isinstance(value, int):
        return minus(f"{value}")
    text = f"{value + 0.0:.3g}"
    if "e" not in text:
        return minus(text)
    digits, power = text.split("e")
    return minus(f"{digits}e{int(power)}")


def _symbol(symbol: str) -> str:
    """`L_1` with its number below."""
    letter, _, below = symbol.partition("_")
    return f"{escape(letter)}<sub>{escape(below)}</sub>" if below else escape(letter)


def _end(name: str) -> str:
    """The last two parts of a tensor's name."""
    return "/".join(name.split("/")[-2:])
