"""A figure that is filled from the top, drawn by matplotlib: for files and notebooks."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from explain.figures.kit.blocks import Chart, Picture, PictureGroup, notes, shape_of
from explain.figures.kit.charts import draw_chart
from explain.figures.kit.feature_maps import Scale
from explain.figures.kit.layout import POINTS, Frame, letters, lines_of, size_in, wrapped
from explain.figures.kit.themes import SIZES, Theme

__all__ = ["NARROWEST_BAR", "Chart", "Picture", "PictureGroup", "Sheet", "shape_of"]

DPI = 128  # 1280 pixels for the usual 10 inches
NARROWEST_BAR = 1.3  # inches: room for the numbers at both ends
INSET = 0.47  # inches for the numbers on a vertical axis
TAILS = 0.03  # inches between a title and the note below it, for the tails of p, g and y


class Sheet(Figure):
    """A matplotlib figure that is filled from the top.

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
        super().__init__(figsize=(width, width), dpi=DPI, facecolor=theme.background)
        self.theme, self.width, self.title, self.caption = theme, width, title, ""
        self.cursor = SIZES.margin
        self._placed: list[tuple[Artist, float, float, float, float]] = []
        self._scales: list[Scale] = []
        self._sums = False
        self._lines_of(title, SIZES.title, 0.29, theme.text, weight="bold")
        self._lines_of(subtitle, SIZES.label, 0.2, theme.muted)

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * SIZES.margin

    def section(self, text: str) -> None:
        """A heading over what follows."""
        self.cursor += 0.1
        self._lines_of(text, SIZES.section, 0.2, self.theme.accent, weight="bold")
        self.cursor += 0.06

    def row(self, *blocks: PictureGroup | Chart, columns: int) -> None:
        """Pictures and charts side by side, each as wide as one of `columns`; it wraps where that is too narrow."""
        fitting = int((self.inner + SIZES.gap) / (SIZES.narrowest + SIZES.gap))
        columns = max(1, min(columns, fitting))
        cell = (self.inner - SIZES.gap * (columns - 1)) / columns
        for line in lines_of(blocks, columns):
            self._line(line, cell)

    def write(self, left, top, text, size=SIZES.label, color=None, *, weight="normal", ha="left") -> None:
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

    def picture(self, axes: Axes, values: np.ndarray, scale: Scale | None) -> None:
        """Shows a map or a photo in `axes`."""
        axes.set(xticks=[], yticks=[])
        if values.ndim == 3 or scale is None:
            axes.imshow(np.clip(values, 0, 1), aspect="auto")
            return
        axes.imshow(values, **self._colours(scale), aspect="auto")

    def put_picture(self, frame: Frame, picture: Picture, scale: Scale | None, above: float) -> Axes:
        """Shows a picture with its title `above` inches over it."""
        axes = self.place(frame.left, frame.top, frame.width, frame.height)
        self.picture(axes, picture.values, scale)
        self._title(axes, picture.title, above)
        return axes

    def colour_bar(self, left: float, top: float, width: float, scale: Scale, text: str = "") -> float:
        """A colour bar with its ends and what it means, `text` or the scale's label; returns its height."""
        axes = self.place(left, top, width, SIZES.bar, label="colour bar")
        bar = self.colorbar(ScalarMappable(**self._colours(scale)), cax=axes, orientation="horizontal", ticks=[])
        bar.outline.set(edgecolor=self.theme.line, linewidth=0.6)
        self._scales.append(scale)
        (low, high), text = scale.ends, text or scale.label
        under = top + SIZES.bar + 0.035
        self.write(left, under, low, SIZES.small, self.theme.muted)
        self.write(left + width, under, high, SIZES.small, self.theme.muted, ha="right")
        beside = len(low) + len(high) + len(text) + 4 < letters(width, SIZES.small)
        line = under if beside else under + SIZES.line
        for part in wrapped(text, width, SIZES.small):
            self.write(left + width / 2, line, part, SIZES.small, self.theme.text, ha="center")
            line += SIZES.line
        return line - top

    def finish(self, caption: str) -> "Sheet":
        """Writes the footnote, lays everything out, and hands the figure back."""
        self.caption = " ".join(caption.split())
        self.cursor += 0.06
        self._lines_of(notes(self._scales, self._sums), SIZES.small, SIZES.line, self.theme.muted)
        height = self.cursor + 0.12
        self.set_size_inches(self.width, height)
        for artist, left, top, wide, high in self._placed:
            if isinstance(artist, Axes):
                artist.set_position((left / self.width, 1 - (top + high) / height, wide / self.width, high / height))
            else:
                artist.set(x=left / self.width, y=1 - top / height)
        return self

    def _colours(self, scale: Scale) -> dict:
        return {"cmap": getattr(self.theme, scale.kind), "norm": Normalize(scale.low, scale.high)}

    def _title(self, axes: Axes, title: str, above: float) -> None:
        axes.set_title(title, loc="left", size=SIZES.label, color=self.theme.text, weight="bold", pad=above * POINTS)

    def _lines_of(self, text: str, size: float, height: float, color: str, weight: str = "normal") -> None:
        """Text across the sheet, in as many lines as it takes."""
        for line in wrapped(text, self.inner, size, weight == "bold"):
            self.write(SIZES.margin, self.cursor, line, size, color, weight=weight)
            self.cursor += height

    def _line(self, line: Sequence[PictureGroup | Chart], cell: float) -> None:
        pictures = [picture for block in line if isinstance(block, PictureGroup) for picture in block.pictures]
        charts = [block for block in line if isinstance(block, Chart)]
        noted = any(picture.note for picture in pictures) or any(chart.note for chart in charts)
        above = 0.05 + (SIZES.line + TAILS if noted else 0)
        self.cursor += 0.14 + above
        high = max((size_in(picture, cell)[1] for picture in pictures), default=0)
        for chart in charts:
            high = max(high, 1.0 if pictures else chart.height)
        left, below = SIZES.margin, 0.0
        for block in line:
            if isinstance(block, Chart):
                below = max(below, self._chart(block, left, cell, high, above))
                left += (cell + SIZES.gap) * block.span
            else:
                below = max(below, self._group(block, left, cell, above))
                left += (cell + SIZES.gap) * len(block.pictures)
        self.cursor += high + below + 0.1

    def _group(self, group: PictureGroup, left: float, cell: float, above: float) -> float:
        start, end, low = left, left, 0.0
        for picture in group.pictures:
            width, height = size_in(picture, cell)
            self._note(left, picture.note)
            self.put_picture(Frame(left, self.cursor, width, height), picture, group.scale, above)
            if picture.sign:
                middle = left - SIZES.gap / 2, self.cursor + height / 2 - 0.13
                self._sums |= group.scale is not None  # photos add up as they look
                self.write(*middle, picture.sign, SIZES.title, weight="bold", ha="center")
            end, low = left + width, max(low, height)
            left += cell + SIZES.gap
        if group.scale is None:
            return 0.0
        wide = max(end - start, min(cell, NARROWEST_BAR))
        return 0.06 + self.colour_bar(start, self.cursor + low + 0.06, wide, group.scale, group.legend)

    def _chart(self, chart: Chart, left: float, cell: float, high: float, above: float) -> float:
        width = cell * chart.span + SIZES.gap * (chart.span - 1)
        axes = self.place(left + INSET, self.cursor, width - INSET, high)
        axes.spines[["top", "right"]].set_visible(False)
        if callable(chart.data):
            chart.data(axes)
        else:
            draw_chart(axes, chart.data, self.theme)
        axes.xaxis.label.set(color=self.theme.muted, size=SIZES.small)
        axes.yaxis.label.set(color=self.theme.muted, size=SIZES.small)
        axes.xaxis.labelpad = 1
        self._note(left + INSET, chart.note)
        self._title(axes, chart.title, above)
        return 0.36

    def _note(self, left: float, note: str) -> None:
        """Writes the note below a title."""
        if note:
            self.write(left, self.cursor - SIZES.line - 0.02, note, SIZES.small, self.theme.muted)
