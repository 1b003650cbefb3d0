"""The multi-scale residual block, drawn as in the paper: streams from top to bottom, time to the right."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.figures.kit.blocks import Frame, shape_of
from explain.figures.kit.feature_maps import Lens, Scale, Tensors
from explain.figures.kit.layout import Layout
from explain.figures.kit.sheet import Sheet
from explain.figures.kit.themes import LIGHT, SIZES, Theme
from explain.tracing.sites import KINDS, label
from model.structure import exchange_place

__all__ = ["draw_mrb"]

NARROWEST = 8.0  # inches: the grid has five columns or more and does not wrap
CROSSING = 0.62  # between columns where all streams meet
STRAIGHT = 0.36  # between others
LEGEND = 0.75  # the name of a stream and its colour bar
ABOVE = 0.36  # a picture's title and shape
TITLE = 17 / 72  # the title alone
BETWEEN = 0.26  # rows
LANE = 0.09  # where the skip connection runs, from the left edge
SIZE_WORDS = ("full size", "half size", "quarter size", "1/8 size")


@dataclass(frozen=True)
class Cell:
    """A tensor's place in the grid; `column` and `row` count from 0."""

    name: str
    title: str
    column: int
    row: int


def draw_mrb(
    cache: Mapping[str, np.ndarray],
    site: str = "",
    *,
    channel: int | None = None,
    theme: Theme = LIGHT,
    width: float = 10.0,
    into: Callable[..., Any] = Sheet,
) -> Sheet:
    """Draws a multi-scale residual block (paper, section 3): streams × columns, with what flows where.

    Args:
        cache: From `run_with_cache`.
        site: Call site, such as `rrg_1/mrb_1`; empty for a block run alone.
        channel: The channel to show, from 0 and among those of stream 1; None for the activity of all. Channels of
            different streams have nothing in common but their number.
        theme: Colours.
        width: In inches, at least 8; the height follows.
        into: What is filled: `Sheet`, or another `Layout`.

    Raises:
        HookError: If the cache lacks a tensor of this site.
        MirnetError: If there is no such channel.
    """
    at, lens = Tensors(cache, site), Lens(channel)
    streams, columns = at.count("column_1/dau_{}/out"), at.count("column_{}/dau_1/out")
    cells = list(_cells(streams, columns))
    maps = {cell.name: lens(at[cell.name]) for cell in cells}
    scales = [lens.scale(*(maps[cell.name] for cell in cells if _stream(cell) == k)) for k in range(streams)]

    sheet = into(theme, max(width, NARROWEST), KINDS["mrb"].title, label(at.site))
    grid = _Grid(sheet, streams, columns, maps["in"].shape)
    for cell in cells:
        grid.picture(cell, maps[cell.name], scales[_stream(cell)], shape_of(at[cell.name]))
    for k in range(streams):
        grid.legend(k, scales[k], at[f"column_1/dau_{k + 1}/out"])
    grid.arrows()
    sheet.cursor = grid.bottom
    return sheet.finish(_caption(streams))


def _cells(streams: int, columns: int) -> Iterator[Cell]:
    """Everything that is shown, from left to right."""
    yield Cell("in", "in", 0, 0)
    for column in range(1, columns + 1):
        for k in range(streams):
            if column > 1:
                yield Cell(f"{exchange_place(column - 1)}/skff_{k + 1}/out", f"SKFF {k + 1}", 2 * column - 2, k)
            yield Cell(f"column_{column}/dau_{k + 1}/out", f"DAU {k + 1}", 2 * column - 1, k)
    last = 2 * columns
    yield Cell("merge/skff/out", "SKFF", last, 0)
    yield Cell("conv", "3 × 3 conv", last, 1)
    yield Cell("out", "+ in = out", last, 2)


def _stream(cell: Cell) -> int:
    """Whose size, channels and scale a cell has: all of the last column is at full resolution."""
    return 0 if cell.name in ("merge/skff/out", "conv", "out") else cell.row


class _Grid:
    """Places and connects the pictures of a block. All lengths are inches from the upper left corner."""

    def __init__(self, sheet: Layout, streams: int, columns: int, shape: tuple[int, ...]):
        self.sheet, self.streams, self.columns = sheet, streams, columns
        # Exchanges and the merge take from all streams: more room for their arrows.
        gaps = [STRAIGHT, *([CROSSING, STRAIGHT] * (columns - 1)), CROSSING]
        self.cell = (sheet.inner - sum(gaps)) / (len(gaps) + 1)
        self.wide = max(min(self.cell, SIZES.tallest * shape[1] / shape[0]), 0.12)
        self.high = max(self.wide * shape[0] / shape[1], 0.12)
        self.lefts = [SIZES.margin + k * self.cell + sum(gaps[:k]) for k in range(len(gaps) + 1)]
        self.top = sheet.cursor + 0.3
        self.rows = max(streams, 3)
        self.bottom = self.y(self.rows - 1) + max(self.high, LEGEND) + 0.42
        self._headings()

    def y(self, row: int) -> float:
        """Upper edge of the pictures of a row."""
        return self.top + ABOVE + row * (max(self.high, LEGEND) + BETWEEN + ABOVE)

    def picture(self, cell: Cell, values: np.ndarray, scale: Scale, shape: str) -> None:
        sheet, theme = self.sheet, self.sheet.theme
        left, top = self.lefts[cell.column], self.y(cell.row)
        frame = Frame(left, top, self.wide, self.high)
        sheet.put_picture(frame, values, scale, cell.title, TITLE, theme.streams[_stream(cell)], 1.6)
        sheet.words(left, top - 0.185, shape, SIZES.small, theme.muted)

    def legend(self, k: int, scale: Scale, tensor: np.ndarray) -> None:
        """What a row is, and its colour bar, in the first column."""
        sheet, theme = self.sheet, self.sheet.theme
        if k == 0:
            self._name(0, self.top - 0.24)
            sheet.colour_bar(self.lefts[0], self.y(0) + self.high + 0.07, self.cell, scale)
            return
        top = self.y(k) + max(0.0, self.high / 2 - 0.42)
        self._name(k, top)
        sheet.words(
            self.lefts[0], top + 0.21, f"{SIZE_WORDS[k]}, {tensor.shape[-1]} channels", SIZES.small, theme.muted
        )
        sheet.colour_bar(self.lefts[0], top + 0.42, self.cell, scale)

    def _name(self, k: int, top: float) -> None:
        # The name is in the colour of text: not every stream's colour can be read as one.
        self.sheet.words(self.lefts[0], top, "■", SIZES.section, self.sheet.theme.streams[k])
        self.sheet.words(self.lefts[0] + 0.17, top, f"stream {k + 1}", SIZES.section, weight="bold")

    def arrows(self) -> None:
        """All that flows, each arrow in the colour of the stream that it comes from."""
        last = 2 * self.columns
        self._right(0, 0, 0)
        for k in range(self.streams - 1):
            self._down(1, k, "down")
        for column in range(1, last - 1, 2):
            for source in range(self.streams):
                for target in range(self.streams):
                    self._right(column, source, target)
        for column in range(2, last, 2):
            for k in range(self.streams):
                self._right(column, k, k)
        for k in range(self.streams):
            self._right(last - 1, k, 0)
        self._down(last, 0)
        self._down(last, 1)
        self._skip(last)

    def _right(self, column: int, source: int, target: int) -> None:
        """From a picture to one of the next column; those that meet arrive one below the other."""
        meet = self.streams > 1 and column % 2 == 1
        spread = min(0.16, self.high / (self.streams + 1)) * (source - (self.streams - 1) / 2) if meet else 0.0
        start = self.lefts[column] + self.wide + 0.03, self.y(source) + self.high / 2
        end = self.lefts[column + 1] - 0.03, self.y(target) + self.high / 2 + spread
        self.sheet.put_line([start, end], self.sheet.theme.streams[source], arrow=True)

    def _down(self, column: int, row: int, words: str = "") -> None:
        """From a picture to the one below, right of that one's title."""
        x = self.lefts[column] + 0.9 * self.wide
        start, end = (x, self.y(row) + self.high + 0.03), (x, self.y(row + 1) - 0.03)
        self.sheet.put_line([start, end], self.sheet.theme.streams[row if words else 0], arrow=True)
        if words:
            self.sheet.words(x - 0.06, start[1] + 0.04, words, SIZES.small, self.sheet.theme.muted, ha="right")

    def _skip(self, last: int) -> None:
        """From `in` around everything to `out`."""
        color = self.sheet.theme.streams[0]
        low, middle = self.bottom - 0.2, self.lefts[last] + self.wide / 2
        start = self.y(0) + self.high / 2
        way = [(self.lefts[0] - 0.02, start), (LANE, start), (LANE, low), (middle, low)]
        self.sheet.put_line([*way, (middle, self.y(2) + self.high + 0.03)], color, arrow=True)
        text = "skip connection: in is added at the end"
        self.sheet.words(self.lefts[1], low + 0.03, text, SIZES.small, self.sheet.theme.muted)

    def _headings(self) -> None:
        names = ["", "column 1"]
        for column in range(2, self.columns + 1):
            names += ["exchange" if self.columns == 2 else f"exchange {column - 1}", f"column {column}"]
        for left, name in zip(self.lefts, [*names, "merge"], strict=True):
            self.sheet.words(left, self.top - 0.24, name, SIZES.section, self.sheet.theme.accent, weight="bold")


def _caption(streams: int) -> str:
    lowest = SIZE_WORDS[streams - 1]
    return f"""{streams} streams look at the same features, from full size down to {lowest}. Follow one row: column 1
        looks, the exchange lets every stream hear all the others, column 2 looks again, and the merge brings all of
        them back to full size. Watch small details: the lower rows are too coarse to hold them; it is stream 1 that
        brings them to the merge. Pictures with frames of one colour share a scale, so they can be compared."""
