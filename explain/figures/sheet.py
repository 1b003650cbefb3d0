"""A figure that is filled from the top, in inches: headings, rows of pictures with their colour bars, charts.

matplotlib's own layout engines leave gaps around pictures and take a second for twenty of them. Here every picture is
as wide as its column, its height follows from its shape, and the figure ends where the content ends.
"""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from explain.figures.maps import Scale
from explain.figures.style import SIZES, Theme

__all__ = ["Chart", "Group", "Picture", "Sheet", "shape_of"]

DPI = 128  # 1280 pixels for the usual 10 inches
CHARACTER = 0.54  # mean width of a letter, as a share of its size
BOLD = 1.15  # how much wider bold letters are
POINTS = 72  # in an inch
NARROWEST_BAR = 1.3  # inches: room for the numbers at both ends
INSET = 0.47  # inches for the numbers on a vertical axis
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Picture:
    """A map (height, width), coloured by its group's scale, or a photo (height, width, 3) within [0, 1].

    `sign` stands before it: a row of pictures may be a sum, a + b = c.
    """

    values: np.ndarray
    title: str
    note: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Group:
    """Pictures with one scale, and so comparable. Photos have none, or one that explains their colours."""

    pictures: Sequence[Picture]
    scale: Scale | None = None
    part: bool = False  # of a group that goes on in another line

    @property
    def shares(self) -> bool:
        """Whether several pictures have this scale."""
        return self.part or len(self.pictures) > 1


@dataclass(frozen=True)
class Chart:
    """A diagram that draws itself into an `Axes`, `span` columns wide."""

    draw: Callable[[Axes], None]
    title: str
    note: str = ""
    span: int = 1
    height: float = 1.25  # inches, in a row without pictures


def shape_of(tensor: np.ndarray) -> str:
    """`96 × 128 × 16`: height, width and channels."""
    return " × ".join(str(size) for size in tensor.shape[1:])


class Sheet(Figure):
    """A matplotlib figure with a caption.

    Args:
        theme: Its colours.
        width: In inches; the height follows from the content. Pictures wrap where it is too narrow for a row.
        title: First line.
        subtitle: Second line: where in the network.

    Attributes:
        title: First line.
        caption: What to look at, in a few sentences, for the text below the figure.
    """

    def __init__(self, theme: Theme, width: float, title: str, subtitle: str = ""):
        super().__init__(figsize=(width, width), dpi=DPI, facecolor=theme.background)
        self.theme, self.width, self.title, self.caption = theme, width, title, ""
        self.cursor = SIZES.margin
        self._placed: list[tuple[Artist, float, float, float, float]] = []
        self._kinds: set[str] = set()
        self._lines_of(title, SIZES.title, 0.29, self.theme.text, weight="bold")
        self._lines_of(subtitle, SIZES.label, 0.2, self.theme.muted)

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * SIZES.margin

    def words(self, left, top, text, size=SIZES.label, color=None, *, weight="normal", ha="left") -> None:
        """Writes `text` with its upper edge at `top` inches from the top."""
        color = color or self.theme.text
        artist = self.text(0, 0, text, size=size, color=color, weight=weight, ha=ha, va="top")
        self._placed.append((artist, left, top, 0, 0))

    def place(self, left: float, top: float, width: float, height: float, **options) -> Axes:
        """Axes with their upper left corner at `left`, `top` inches from that of the figure."""
        # The height of the figure is not known yet; the width is, and charts ask for it.
        axes = self.add_axes((left / self.width, 0, width / self.width, 1), **options)
        self._placed.append((axes, left, top, width, height))
        for spine in axes.spines.values():
            spine.set(color=self.theme.line, linewidth=0.8)
        axes.set_facecolor("none")
        axes.tick_params(
            colors=self.theme.line, labelcolor=self.theme.muted, labelsize=SIZES.small, width=0.8, length=3, pad=2
        )
        return axes

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
        for line in _lines(blocks, columns):
            self._line(line, cell)

    def picture(self, axes: Axes, values: np.ndarray, scale: Scale | None) -> None:
        """Shows a map or a photo in `axes`."""
        axes.set(xticks=[], yticks=[])
        if values.ndim == 3 or scale is None:
            axes.imshow(np.clip(values, 0, 1), aspect="auto")
            return
        axes.imshow(values, **self.colours(scale), aspect="auto")

    def colour(self, values: np.ndarray, scale: Scale) -> np.ndarray:
        """A map (height, width) in the colours of its scale: (height, width, 3)."""
        return ScalarMappable(**self.colours(scale)).to_rgba(values)[..., :3]

    def colours(self, scale: Scale) -> dict:
        """Colour map and limits of a scale, as matplotlib's keywords."""
        return {"cmap": getattr(self.theme, scale.kind), "norm": Normalize(scale.low, scale.high)}

    def colour_bar(self, left: float, top: float, width: float, scale: Scale, words: str = "") -> float:
        """A colour bar with its ends and what it means; returns its height."""
        axes = self.place(left, top, width, SIZES.bar, label="colour bar")
        bar = self.colorbar(ScalarMappable(**self.colours(scale)), cax=axes, orientation="horizontal", ticks=[])
        bar.outline.set(edgecolor=self.theme.line, linewidth=0.6)
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

    def finish(self, caption: str) -> "Sheet":
        """Writes the footnote, gives everything its place, and hands the figure back."""
        self.caption = " ".join(caption.split())
        if "activity" not in self._kinds:
            self._kinds.discard("sum")
        note = " ".join(NOTES[kind] for kind in NOTES if kind in self._kinds)
        self.cursor += 0.06
        self._lines_of(note, SIZES.small, SIZES.line, self.theme.muted)
        height = self.cursor + 0.12
        self.set_size_inches(self.width, height)
        for artist, left, top, wide, high in self._placed:
            if isinstance(artist, Axes):
                artist.set_position((left / self.width, 1 - (top + high) / height, wide / self.width, high / height))
            else:
                artist.set(x=left / self.width, y=1 - top / height)
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
        self.cursor += 0.19 + (SIZES.line if notes else 0)
        sizes = [_size(picture, cell) for picture in pictures]
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
            width, height = _size(picture, cell)
            axes = self.place(left, self.cursor, width, height)
            self.picture(axes, picture.values, group.scale)
            self._title(axes, left, picture.title, picture.note, notes)
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
        axes = self.place(left + INSET, self.cursor, width - INSET, high)
        axes.spines[["top", "right"]].set_visible(False)
        chart.draw(axes)
        axes.xaxis.label.set(color=self.theme.muted, size=SIZES.small)
        axes.yaxis.label.set(color=self.theme.muted, size=SIZES.small)
        axes.xaxis.labelpad = 1
        self._title(axes, left, chart.title, chart.note, notes, INSET)
        return 0.36

    def _title(self, axes: Axes, left: float, title: str, note: str, notes: bool, inset: float = 0.0) -> None:
        above = SIZES.line if notes else 0.0
        axes.set_title(
            title, loc="left", size=SIZES.label, color=self.theme.text, weight="bold", pad=(above + 0.05) * POINTS
        )
        if note:
            self.words(left + inset, self.cursor - above - 0.02, note, SIZES.small, self.theme.muted)


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


def _size(picture: Picture, cell: float) -> tuple[float, float]:
    """Width and height in inches: as wide as the cell, unless it gets too high."""
    rows, columns = picture.values.shape[:2]
    shrink = min(1, SIZES.tallest / (cell * rows / columns))
    return max(cell * shrink, 0.12), max(cell * shrink * rows / columns, 0.12)


def _lines(blocks: Sequence[Group | Chart], columns: int) -> Iterator[list[Group | Chart]]:
    """Fills lines of `columns` cells; a group that is too long goes on in the next line, with the same scale."""
    line: list[Group | Chart] = []
    used = 0
    for block in blocks:
        for part in _parts(block, columns):
            cells = part.span if isinstance(part, Chart) else len(part.pictures)
            if line and used + cells > columns:
                yield line
                line, used = [], 0
            line.append(part)
            used += cells
    if line:
        yield line


def _parts(block: Group | Chart, columns: int) -> Iterator[Group | Chart]:
    if isinstance(block, Chart):
        yield block if block.span <= columns else Chart(block.draw, block.title, block.note, columns, block.height)
        return
    for start in range(0, len(block.pictures), columns):
        yield Group(block.pictures[start : start + columns], block.scale, len(block.pictures) > columns)
