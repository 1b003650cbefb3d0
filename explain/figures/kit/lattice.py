"""Streams from top to bottom, time to the right, and arrows between their pictures, drawn by matplotlib."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from explain.figures.kit.blocks import Arrow, Lattice, LatticeCell
from explain.figures.kit.layout import Frame
from explain.figures.kit.sheet import Sheet
from explain.figures.kit.themes import SIZES

__all__ = ["NARROWEST", "draw_lattice"]

NARROWEST = 8.0  # inches: the grid has five columns or more and does not wrap
CROSSING = 0.62  # between columns where all streams meet
STRAIGHT = 0.36  # between others
LEGEND = 0.75  # the name of a stream and its colour bar
ABOVE = 0.36  # a picture's title and shape
TITLE = 17 / 72  # the title alone
BETWEEN = 0.26  # rows
LANE = 0.09  # where the skip connection runs, from the left edge
LINE = 1.3  # points


def draw_lattice(sheet: Sheet, lattice: Lattice) -> None:
    """Draws it below what the sheet holds; see the constants for its distances."""
    grid = _Grid(sheet, lattice)
    for left, name in zip(grid.lefts, lattice.headings, strict=True):
        sheet.write(left, grid.top - 0.24, name, SIZES.section, sheet.theme.accent, weight="bold")
    for cell in lattice.cells:
        grid.picture(cell)
    for k in range(len(lattice.streams)):
        grid.legend(k)
    for arrow in lattice.arrows:
        grid.arrow(arrow)
    grid.skip()
    sheet.cursor = grid.bottom


class _Grid:
    """Lays out and connects the pictures. All lengths are inches from the upper left corner."""

    def __init__(self, sheet: Sheet, lattice: Lattice):
        self.sheet, self.lattice = sheet, lattice
        rows, columns = lattice.cells[0].picture.values.shape[:2]
        count = len(lattice.headings)
        gaps = [CROSSING if lattice.sources(k, 0) > 1 else STRAIGHT for k in range(1, count)]
        self.cell = (sheet.inner - sum(gaps)) / count
        self.wide = max(min(self.cell, SIZES.tallest * columns / rows), 0.12)
        self.high = max(self.wide * rows / columns, 0.12)
        self.lefts = [SIZES.margin + k * self.cell + sum(gaps[:k]) for k in range(count)]
        self.top = sheet.cursor + 0.3
        self.bottom = self.y(lattice.rows - 1) + max(self.high, LEGEND) + 0.42
        # Behind the pictures, with inches as their units, and so high that nothing lies outside.
        self.canvas: Axes = sheet.place(0, 0, sheet.width, sheet.width)
        self.canvas.set(xlim=(0, sheet.width), ylim=(sheet.width, 0))
        self.canvas.set_axis_off()
        self.canvas.set_zorder(-1)

    def y(self, row: int) -> float:
        """Upper edge of the pictures of a row."""
        return self.top + ABOVE + row * (max(self.high, LEGEND) + BETWEEN + ABOVE)

    def picture(self, cell: LatticeCell) -> None:
        sheet, left, top = self.sheet, self.lefts[cell.column], self.y(cell.row)
        scale = self.lattice.streams[cell.stream].scale
        axes = sheet.put_picture(Frame(left, top, self.wide, self.high), cell.picture, scale, TITLE)
        for spine in axes.spines.values():
            spine.set(color=sheet.theme.streams[cell.stream], linewidth=1.6)
        sheet.write(left, top - 0.185, cell.picture.note, SIZES.small, sheet.theme.muted)

    def legend(self, k: int) -> None:
        """What a row is, and its colour bar, in the first column."""
        sheet, stream, left = self.sheet, self.lattice.streams[k], self.lefts[0]
        top = self.y(k) + max(0.0, self.high / 2 - 0.42) if k else self.top - 0.24
        # The name is in the colour of text: not every stream's colour can be read as one.
        sheet.write(left, top, "■", SIZES.section, sheet.theme.streams[k])
        sheet.write(left + 0.17, top, stream.name, SIZES.section, weight="bold")
        if k:
            sheet.write(left, top + 0.21, stream.note, SIZES.small, sheet.theme.muted)
        sheet.colour_bar(left, top + 0.42 if k else self.y(0) + self.high + 0.07, self.cell, stream.scale)

    def arrow(self, arrow: Arrow) -> None:
        """To the next column or row, in the colour of the stream that it comes from."""
        (column, row), (to_column, to_row) = arrow.start, arrow.end
        if column == to_column:
            # Right of the title of the picture below.
            x = self.lefts[column] + 0.9 * self.wide
            start, end = (x, self.y(row) + self.high + 0.03), (x, self.y(to_row) - 0.03)
            self.sheet.write(x - 0.06, start[1] + 0.04, arrow.text, SIZES.small, self.sheet.theme.muted, ha="right")
        else:
            # Those that meet arrive one below the other.
            meeting = self.lattice.sources(*arrow.end)
            spread = min(0.16, self.high / (meeting + 1)) * (row - (meeting - 1) / 2) if meeting > 1 else 0.0
            start = self.lefts[column] + self.wide + 0.03, self.y(row) + self.high / 2
            end = self.lefts[to_column] - 0.03, self.y(to_row) + self.high / 2 + spread
        self._line([start, end], arrow.stream)

    def skip(self) -> None:
        """From the first picture around everything to the last."""
        last = self.lattice.cells[-1]
        low, middle = self.bottom - 0.2, self.lefts[last.column] + self.wide / 2
        start = self.y(0) + self.high / 2
        path = [(self.lefts[0] - 0.02, start), (LANE, start), (LANE, low), (middle, low)]
        self._line([*path, (middle, self.y(last.row) + self.high + 0.03)], 0)
        self.sheet.write(self.lefts[1], low + 0.03, self.lattice.skip, SIZES.small, self.sheet.theme.muted)

    def _line(self, points: Sequence[tuple[float, float]], stream: int) -> None:
        """Through points (left, top) to an arrow's tip."""
        color = self.sheet.theme.streams[stream]
        patch = FancyArrowPatch(points[-2], points[-1], arrowstyle="-|>", mutation_scale=8, shrinkA=0, shrinkB=0)
        patch.set(color=color, linewidth=LINE, clip_on=False)
        self.canvas.add_patch(patch)
        if len(points) > 2:
            xs, ys = zip(*points[:-1], strict=True)
            self.canvas.plot(xs, ys, color=color, linewidth=LINE, solid_joinstyle="round", clip_on=False)
