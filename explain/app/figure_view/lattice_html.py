"""A figure's streams × columns as HTML: pictures in a grid, and behind them what flows where as arrows."""

from collections.abc import Iterator
from html import escape
from itertools import accumulate
from urllib.parse import quote

from explain.app.figure_view.figure_html import colour_bar, picture
from explain.figures import Theme
from explain.figures.kit.blocks import Lattice, LatticeCell

__all__ = ["lattice_html"]

CAPTION_HEIGHT = (
    38  # pixels, as in lattice.css: above each picture for its caption, and below: its middle is that of its row
)
LANE, MEETING, STRAIGHT = 0.07, 0.4, 0.22  # for the skip connection and between columns, as shares of a picture's width
SPREAD = 0.09  # of a row, between the tips of arrows that meet
HINT = "The figure is wider than the window: move it sideways."


def lattice_html(lattice: Lattice, theme: Theme) -> str:
    """The lattice as HTML, after `STYLE`; on a phone it is moved sideways."""
    rows = lattice.rows
    gaps = [MEETING if lattice.sources(k, 0) > 1 else STRAIGHT for k in range(1, len(lattice.headings))]
    columns = " ".join(f"minmax(0, {gap}fr) minmax(0, 1fr)" for gap in (LANE, *gaps))
    arrows = f"data:image/svg+xml,{quote(_Flow(lattice, gaps, theme).svg())}"
    style = f"grid-area: 2 / 1 / {rows + 2} / -1; background-image: url({arrows})"
    inside = [f'<div class="flow" style="{style}"></div>']
    for k, name in enumerate(lattice.headings):
        inside.append(f'<p class="heading" style="grid-area: 1 / {2 * k + 2}">{escape(name)}</p>')
    inside += [_legend(lattice, k, theme) for k in range(len(lattice.streams))]
    inside += [_cell(lattice, cell, theme) for cell in lattice.cells]
    inside.append(f'<small style="grid-area: {rows + 2} / 4 / auto / -1">{escape(lattice.skip)}</small>')
    style = f"grid-template: auto repeat({rows}, 1fr) auto / {columns}"
    grid = f'<div class="lattice" style="{style}">{"".join(inside)}</div>'
    return f'<small class="hint">{HINT}</small><div class="sideways" tabindex="0">{grid}</div>'


def _legend(lattice: Lattice, k: int, theme: Theme) -> str:
    """What a row is: before its pictures, or above the first one."""
    stream = lattice.streams[k]
    bar = colour_bar(stream.scale, stream.scale.label, theme)
    style = f"grid-area: {k + 2 if k else 1} / 2; --stream: {theme.streams[k]}"
    text = f"<b>{escape(stream.name)}</b><small>{escape(stream.note)}</small>"
    return f'<div class="stream" style="{style}">{text}{bar}</div>'


def _cell(lattice: Lattice, cell: LatticeCell, theme: Theme) -> str:
    shown = picture(cell.picture, lattice.streams[cell.stream].scale, theme)
    style = f"grid-area: {cell.row + 2} / {2 * cell.column + 2}; --stream: {theme.streams[cell.stream]}"
    return f'<div style="{style}">{shown}</div>'


class _Flow:
    """All arrows as SVG that is stretched over the rows: positions are percentages, only short distances are pixels."""

    def __init__(self, lattice: Lattice, gaps: list[float], theme: Theme):
        self.lattice, self.theme = lattice, theme
        self.lefts = list(accumulate((LANE, *(1 + gap for gap in gaps))))

    def svg(self) -> str:
        colours = self.theme.streams
        tips = "".join(
            f'<marker id="t{k}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5" orient="auto">'
            f'<path d="M0 0 8 4 0 8z" fill="{colour}"/></marker>'
            for k, colour in enumerate(colours)
        )
        body = "".join((*self._arrows(), *self._skip()))
        return f'<svg xmlns="http://www.w3.org/2000/svg" stroke-width="1.5"><defs>{tips}</defs>{body}</svg>'

    def _x(self, column: int, part: float) -> float:
        """Where a part of a picture's width is."""
        return 100 * (self.lefts[column] + part) / (self.lefts[-1] + 1)

    def _y(self, row: float) -> float:
        return 100 * row / self.lattice.rows

    def _arrows(self) -> Iterator[str]:
        for arrow in self.lattice.arrows:
            (column, row), (to_column, to_row) = arrow.start, arrow.end
            if column == to_column:
                yield self._upright(column, to_row, -CAPTION_HEIGHT + 5, CAPTION_HEIGHT - 5, arrow.stream, arrow.text)
            else:  # those that meet arrive one below the other
                others = self.lattice.sources(*arrow.end) - 1
                tip = to_row + 0.5 + SPREAD * (row - others / 2) * (others > 0)
                points = self._x(column, 1.02), self._y(row + 0.5), self._x(to_column, -0.02), self._y(tip)
                yield self._line(*points, arrow.stream, tip=True)

    def _skip(self) -> Iterator[str]:
        """From the first picture around everything to the last."""
        lane, low, middle, last = 0.3, 99.7, self._y(0.5), self.lattice.cells[-1]
        yield self._line(self._x(0, -0.02), middle, lane, middle, 0)
        yield self._line(lane, middle, lane, low, 0)
        yield self._line(lane, low, self._x(last.column, 0.9), low, 0)
        yield self._upright(last.column, last.row + 1, 0, -CAPTION_HEIGHT + 5, 0)

    def _line(self, x1: float, y1: float, x2: float, y2: float, stream: int, *, tip: bool = False) -> str:
        end = f' marker-end="url(#t{stream})"' if tip else ""
        ends = f'x1="{x1:.2f}%" y1="{y1:.2f}%" x2="{x2:.2f}%" y2="{y2:.2f}%"'
        return f'<line {ends} stroke="{self.theme.streams[stream]}"{end}/>'

    def _upright(self, column: int, row: int, start: int, end: int, stream: int, text: str = "") -> str:
        """An arrow at the right of a picture, from and to so many pixels below the upper edge of a row."""
        line = f'<line y1="{start}" y2="{end}" stroke="{self.theme.streams[stream]}" marker-end="url(#t{stream})"/>'
        font = f'font-family="sans-serif" font-size="12.8" fill="{self.theme.muted}"'
        label = f'<text x="-6" y="-8" text-anchor="end" {font}>{escape(text)}</text>' if text else ""
        place = f'x="{self._x(column, 0.9):.2f}%" y="{self._y(row):.2f}%"'
        return f'<svg {place} overflow="visible">{line}{label}</svg>'
