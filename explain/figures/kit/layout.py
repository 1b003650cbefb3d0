"""How a figure is filled from the top, in inches: headings, rows of pictures with their colour bars, charts.

matplotlib's own layout engines leave gaps around pictures and take a second for twenty of them. Here every picture is
as wide as its column, its height follows from its shape, and the figure ends where the content ends.

A `Layout` only decides what goes where. What draws it is a subclass: `explain.figures.kit.sheet.Sheet` with
matplotlib, for files of every kind, and `explain.figures.kit.svg.SvgSheet` as text, for a page that cannot wait for
matplotlib.
"""

import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from explain.figures.kit.blocks import Chart, Frame, Group, lines_of, size_in
from explain.figures.kit.feature_maps import Scale
from explain.figures.kit.themes import SIZES, Theme

__all__ = ["NARROWEST_BAR", "POINTS", "Layout"]

CHARACTER = 0.54  # mean width of a letter, as a share of its size
BOLD = 1.15  # how much wider bold letters are
POINTS = 72  # in an inch
NARROWEST_BAR = 1.3  # inches: room for the numbers at both ends
INSET = 0.47  # inches for the numbers on a vertical axis
TAILS = 0.03  # inches between a title and the note below it, for the tails of p, g and y
MINUS = "\N{MINUS SIGN}"


class Layout(ABC):
    """What goes where.

    Args:
        theme: Colours.
        width: In inches; the height follows from the content. Pictures wrap where it is too narrow for a row.
        title: First line.
        subtitle: Second line: where in the network.

    Attributes:
        title: First line.
        caption: What to look at, in a few sentences, for the text below the figure.
        cursor: Where the next line goes, in inches from the top.
    """

    def __init__(self, theme: Theme, width: float, title: str, subtitle: str = ""):
        self.theme, self.width, self.title, self.caption = theme, width, title, ""
        self.cursor = SIZES.margin
        self._kinds: set[str] = set()
        self._lines_of(title, SIZES.title, 0.29, self.theme.text, weight="bold")
        self._lines_of(subtitle, SIZES.label, 0.2, self.theme.muted)

    # --- what draws ---------------------------------------------------------------------------------------------

    @abstractmethod
    def words(self, left, top, text, size=SIZES.label, color=None, *, weight="normal", ha="left") -> None:
        """Writes `text` with its upper edge at `top` inches from the top."""

    @abstractmethod
    def put_picture(
        self,
        frame: Frame,
        values: np.ndarray,
        scale: Scale | None,
        title: str,
        above: float,
        edge: str = "",
        thick: float = 0.8,
    ) -> None:
        """Shows a map or a photo.

        Args:
            frame: Where.
            values: (height, width), or (height, width, 3) within [0, 1].
            scale: Colours of a map; None for a photo.
            title: Written over it.
            above: How far above, in inches.
            edge: Colour around it; the theme's for lines if left out.
            thick: The edge's width in points.
        """

    @abstractmethod
    def put_chart(self, frame: Frame, draw: Callable[[Axes], None], title: str, above: float) -> None:
        """Shows a chart, whose axes' box is `frame`; `title` and `above` as in `put_picture`."""

    @abstractmethod
    def put_scale(self, frame: Frame, scale: Scale) -> None:
        """Shows the colours of a scale from its low to its high end."""

    @abstractmethod
    def put_line(self, places: Sequence[tuple[float, float]], color: str, arrow: bool = False) -> None:
        """Draws a line through some places (left, top), below the pictures; with `arrow`, its end is an arrow's."""

    @abstractmethod
    def end(self, height: float) -> None:
        """The figure is complete, and this high."""

    # --- what is the same for all -------------------------------------------------------------------------------

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * SIZES.margin

    def section(self, text: str) -> None:
        """A heading over what follows."""
        self.cursor += 0.1
        self._lines_of(text, SIZES.section, 0.2, self.theme.accent, weight="bold")
        self.cursor += 0.06

    def row(self, *blocks: Group | Chart, columns: int) -> None:
        """Pictures and charts side by side, each as wide as one of `columns`; it wraps where that is too narrow."""
        fitting = int((self.inner + SIZES.gap) / (SIZES.narrowest + SIZES.gap))
        columns = max(1, min(columns, fitting))
        cell = (self.inner - SIZES.gap * (columns - 1)) / columns
        for line in lines_of(blocks, columns):
            self._line(line, cell)

    def colour(self, values: np.ndarray, scale: Scale) -> np.ndarray:
        """A map (height, width) in the colours of its scale: (height, width, 3)."""
        return ScalarMappable(**self.colours(scale)).to_rgba(values)[..., :3]

    def colours(self, scale: Scale) -> dict:
        """Colour map and limits of a scale, as matplotlib's keywords."""
        return {"cmap": getattr(self.theme, scale.kind), "norm": Normalize(scale.low, scale.high)}

    def colour_bar(self, left: float, top: float, width: float, scale: Scale, words: str = "") -> float:
        """A colour bar with its ends and what it means; returns its height."""
        self.put_scale(Frame(left, top, width, SIZES.bar), scale)
        self._kinds |= {scale.label if scale.kind == "activity" else scale.kind}
        self._kinds |= {"clipped"} if scale.clipped else set()
        low, high = ends(scale)
        text = f"{scale.label}{words}"
        under = top + SIZES.bar + 0.035
        self.words(left, under, low, SIZES.small, self.theme.muted)
        self.words(left + width, under, high, SIZES.small, self.theme.muted, ha="right")
        beside = len(low) + len(high) + len(text) + 4 < self.letters(width, SIZES.small)
        line = under if beside else under + SIZES.line
        for part in textwrap.wrap(text, self.letters(width, SIZES.small)):
            self.words(left + width / 2, line, part, SIZES.small, self.theme.text, ha="center")
            line += SIZES.line
        return line - top

    @staticmethod
    def letters(width: float, size: float) -> int:
        """How many letters fit in `width` inches."""
        return int(width * POINTS / (size * CHARACTER))

    def finish(self, caption: str):
        """Writes the footnote, gives everything its place, and hands the figure back."""
        self.caption = " ".join(caption.split())
        if "activity" not in self._kinds:
            self._kinds.discard("sum")
        note = " ".join(NOTES[kind] for kind in NOTES if kind in self._kinds)
        self.cursor += 0.06
        self._lines_of(note, SIZES.small, SIZES.line, self.theme.muted)
        self.end(self.cursor + 0.12)
        return self

    def _lines_of(self, text: str, size: float, height: float, color: str, weight: str = "normal") -> None:
        """Text across the sheet, in as many lines as it takes."""
        room = self.letters(self.inner, size * (BOLD if weight == "bold" else 1))
        for line in textwrap.wrap(text, room):
            self.words(SIZES.margin, self.cursor, line, size, color, weight=weight)
            self.cursor += height

    def _line(self, line: Sequence[Group | Chart], cell: float) -> None:
        pictures = [picture for block in line if isinstance(block, Group) for picture in block.pictures]
        charts = [block for block in line if isinstance(block, Chart)]
        notes = any(picture.note for picture in pictures) or any(chart.note for chart in charts)
        self.cursor += 0.19 + (SIZES.line + TAILS if notes else 0)
        sizes = [size_in(picture, cell) for picture in pictures]
        high = max((height for _, height in sizes), default=0)
        for chart in charts:
            high = max(high, 1.0 if pictures else chart.height)
        left, below = SIZES.margin, 0.0
        for block in line:
            if isinstance(block, Chart):
                below = max(below, self._chart(block, left, cell, high, notes))
                left += (cell + SIZES.gap) * block.span
            else:
                below = max(below, self._group(block, left, cell, notes))
                left += (cell + SIZES.gap) * len(block.pictures)
        self.cursor += high + below + 0.1

    def _group(self, group: Group, left: float, cell: float, notes: bool) -> float:
        start, end, low = left, left, 0.0
        for picture in group.pictures:
            width, height = size_in(picture, cell)
            frame = Frame(left, self.cursor, width, height)
            above = self._note(frame, picture.note, notes)
            self.put_picture(frame, picture.values, group.scale, picture.title, above)
            if picture.sign:
                middle = left - SIZES.gap / 2, self.cursor + height / 2 - 0.13
                self._kinds.add("sum")
                self.words(*middle, picture.sign, SIZES.title, weight="bold", ha="center")
            end, low = left + width, max(low, height)
            left += cell + SIZES.gap
        if group.scale is None:
            return 0.0
        same = ", same scale" if group.shares else ""
        wide = max(end - start, min(cell, NARROWEST_BAR))
        return 0.06 + self.colour_bar(start, self.cursor + low + 0.06, wide, group.scale, same)

    def _chart(self, chart: Chart, left: float, cell: float, high: float, notes: bool) -> float:
        width = cell * chart.span + SIZES.gap * (chart.span - 1)
        frame = Frame(left + INSET, self.cursor, width - INSET, high)
        self.put_chart(frame, chart.draw, chart.title, self._note(frame, chart.note, notes))
        return 0.36

    def _note(self, frame: Frame, note: str, notes: bool) -> float:
        """Writes the note below a title; how far above the frame the title goes, in inches."""
        if note:
            self.words(frame.left, self.cursor - SIZES.line - 0.02, note, SIZES.small, self.theme.muted)
        return 0.05 + (SIZES.line + TAILS if notes else 0)


NOTES = {
    "activity": "Activity: root mean square over the channels at a place.",
    "sum": "It is the features that + and = add up, not their activities.",
    "signed": "Signed values: zero has the middle colour.",
    "clipped": "≤ ≥: the 1 % most extreme values share the end colours.",
}
"""What the footnote says when a figure has such colours."""


def ends(scale: Scale) -> tuple[str, str]:
    """The two ends of a scale in as few digits as tell them apart."""
    digits = 2 - int(np.floor(np.log10(scale.high - scale.low)))
    if digits > 5 or max(abs(scale.low), abs(scale.high)) >= 1e5:
        return f"{scale.low:.1e}".replace("-", MINUS), f"{scale.high:.1e}".replace("-", MINUS)
    low, high = (f"{end:.{max(digits, 0)}f}" for end in (scale.low, scale.high))
    marks = ("≤", "≥") if scale.clipped else ("", "")
    return f"{marks[0]}{low}".replace("-", MINUS), f"{marks[1]}{high}"
