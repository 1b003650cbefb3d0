"""A small diagram as SVG, drawn by the same functions that draw into matplotlib's axes.

`SvgChart` has those methods of `matplotlib.axes.Axes` that the charts of components use, and no others: bars, steps,
a line across, a band, both axes, a legend. Each takes what matplotlib's takes, as far as it is used.
"""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from explain.figures.kit.blocks import Frame
from explain.figures.kit.themes import SIZES, Theme

__all__ = ["SvgChart"]

POINTS = 72  # in an inch
MARGIN = 0.05  # of the values' range, beyond the largest one, where no limit is given
TICK = 3  # points
LEGEND_LINE = 11  # points
CHARACTER = 0.6  # width of a letter, as a share of its size; in a legend none may touch the next name


class _ValueAxis:
    """The vertical axis: where its numbers stand and how they are written."""

    def __init__(self) -> None:
        self.locator: Any = MaxNLocator(nbins=5)
        self.written: Callable[[float, int], str] = lambda value, _: f"{value:g}"

    def set_major_locator(self, locator) -> None:
        self.locator = locator

    def set_major_formatter(self, written: Callable[[float, int], str]) -> None:
        self.written = written


class _Words:
    """The words of a legend; their colour is the theme's already."""

    def get_texts(self) -> list:
        return []


class SvgChart:
    """A diagram.

    Args:
        frame: The box between its axes.
        theme: Colours.
    """

    def __init__(self, frame: Frame, theme: Theme):
        self.frame, self.theme = frame, theme
        self.yaxis = _ValueAxis()
        self._bars: list[tuple[float, float, float, float, str, float]] = []  # left, right, foot, top, colour, opacity
        self._outlines: list[tuple[np.ndarray, np.ndarray, str, float]] = []
        self._across: list[tuple[float, str, float, bool]] = []
        self._bands: list[tuple[float, float, str, float]] = []
        self._names: dict[str, str] = {}
        self._legend: Callable[[], list[str]] = list
        self._ticks: tuple[Sequence[float], Sequence[str]] | None = None
        self._xlim: tuple[float, float] | None = None
        self._ylim: list[float | None] = [None, None]
        self._label, self._yticks = "", None
        self._marks: float = TICK

    # --- as matplotlib's Axes -----------------------------------------------------------------------------------

    def get_figure(self, root: bool = True) -> "SvgChart":
        """The figure, of which the chart knows its own part only."""
        return self

    def get_figwidth(self) -> float:
        """Inches."""
        return self.frame.width

    def get_position(self) -> Bbox:
        """All of it."""
        return Bbox.unit()

    def bar(self, places, heights, width=0.8, *, bottom=0.0, color="", label="", **_: object) -> None:
        """Bars on numbers, or on names."""
        if len(places) and isinstance(places[0], str):
            self._ticks = range(len(places)), list(places)
            places = range(len(places))
        colour = to_hex(color)
        for place, height, foot in zip(places, heights, np.broadcast_to(bottom, len(heights)), strict=True):
            self._bars.append((place - width / 2, place + width / 2, float(foot), float(foot + height), colour, 1.0))
        self._name(label, colour)

    def stairs(self, values, edges, *, fill=False, color="", alpha=1.0, label="", linewidth=1.0) -> None:
        """A histogram, filled or as a line."""
        colour = to_hex(color)
        if fill:
            for left, right, top in zip(edges[:-1], edges[1:], values, strict=True):
                self._bars.append((left, right, 0.0, float(top), colour, alpha))
        else:
            self._outlines.append((np.asarray(edges), np.asarray(values), colour, linewidth))
        self._name(label, colour)

    def axhline(self, y: float, *, color: str, linewidth: float, linestyle: object = None) -> None:
        """A line across, dashed if it has a style."""
        self._across.append((y, to_hex(color), linewidth, linestyle is not None))

    def axvspan(self, left: float, right: float, *, color: str, alpha: float, **_: object) -> None:
        """A band from the foot to the top."""
        self._bands.append((left, right, to_hex(color), alpha))

    def set(self, *, xlim=None, ylim=None, xticks=None, yticks=None, xlabel=None) -> None:
        """Limits, numbers and the label below."""
        if xlim is not None:
            self._xlim = tuple(xlim)
        if ylim is not None:
            self._ylim = list(ylim)
        if xticks is not None:
            self._ticks = xticks, [f"{tick:g}" for tick in xticks]
        self._yticks = yticks if yticks is not None else self._yticks
        self._label = xlabel if xlabel is not None else self._label

    def set_ylim(self, bottom: float | None = None, top: float | None = None) -> None:
        """Limits of the values."""
        self._ylim = [bottom if bottom is not None else self._ylim[0], top if top is not None else self._ylim[1]]

    def set_xticks(self, places: Sequence[float], words: Sequence[str]) -> None:
        """Words below some places."""
        self._ticks = places, words

    def set_xlabel(self, words: str) -> None:
        """What the horizontal axis shows."""
        self._label = words

    def tick_params(self, *, axis: str, length: float) -> None:
        """How long the marks of the horizontal axis are."""
        self._marks = length if axis == "x" else self._marks

    def legend(self, *, bbox_to_anchor: object = None, **_: object) -> _Words:
        """Asks for a legend: names below each other in the upper right corner, or with a place of its own above it."""
        self._legend = self._names_inside if bbox_to_anchor is None else self._names_above
        return _Words()

    # --- as text ------------------------------------------------------------------------------------------------

    def parts(self) -> list[str]:
        """The chart's elements."""
        low, high = self._limits()
        self._across_limits = self._xlim or self._width_of_bars()
        self._low, self._high = low, high
        return [
            *(self._rect(left, right, low, high, colour, alpha) for left, right, colour, alpha in self._bands),
            *(
                self._rect(left, right, max(foot, low), min(top, high), colour, alpha)
                for left, right, foot, top, colour, alpha in self._bars
            ),
            *(self._outline(*outline) for outline in self._outlines),
            *(self._line_across(*line) for line in self._across),
            *self._axes(),
            *self._legend(),
        ]

    def _limits(self) -> tuple[float, float]:
        values = [value for _, _, foot, top, *_ in self._bars for value in (foot, top)]
        values += [float(value) for _, heights, *_ in self._outlines for value in heights]
        values += [y for y, *_ in self._across]
        low, high = min([0.0, *values]), max([0.0, *values])
        room = MARGIN * (high - low) or 1.0
        low, high = low - room * (low < 0), high + room * (high > 0 or low == 0)
        foot, top = self._ylim
        return (low if foot is None else foot), (high if top is None else top)

    def _width_of_bars(self) -> tuple[float, float]:
        low, high = min(bar[0] for bar in self._bars), max(bar[1] for bar in self._bars)
        return low - MARGIN * (high - low), high + MARGIN * (high - low)

    def _x(self, value: float) -> float:
        left, right = self._across_limits
        return POINTS * (self.frame.left + self.frame.width * (value - left) / (right - left))

    def _y(self, value: float) -> float:
        return POINTS * (self.frame.top + self.frame.height * (self._high - value) / (self._high - self._low))

    def _rect(self, left: float, right: float, foot: float, top: float, colour: str, alpha: float) -> str:
        ends = sorted((self._y(foot), self._y(top)))
        x, wide = self._x(left), self._x(right) - self._x(left)
        seen = f' fill-opacity="{alpha}"' if alpha < 1 else ""
        return (
            f'<rect x="{x:.2f}" y="{ends[0]:.2f}" width="{wide:.2f}" height="{ends[1] - ends[0]:.2f}" '
            f'fill="{colour}"{seen}/>'
        )

    def _outline(self, edges: np.ndarray, values: np.ndarray, colour: str, thick: float) -> str:
        xs, ys = np.repeat(edges, 2), np.concatenate([[0], np.repeat(values, 2), [0]])
        points = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in zip(xs, ys, strict=True))
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{thick}"/>'

    def _line_across(self, value: float, colour: str, thick: float, dashed: bool) -> str:
        style = ' stroke-dasharray="4 3"' if dashed else ""
        left, right = (self._x(end) for end in self._across_limits)
        return _line(left, self._y(value), right, self._y(value), colour, thick, style)

    def _axes(self) -> list[str]:
        foot, theme = POINTS * (self.frame.top + self.frame.height), self.theme
        left, right = POINTS * self.frame.left, POINTS * (self.frame.left + self.frame.width)
        parts = [
            _line(left, foot, right, foot, theme.line, 0.8),
            _line(left, POINTS * self.frame.top, left, foot, theme.line, 0.8),
        ]
        places = self._yticks if self._yticks is not None else self.yaxis.locator.tick_values(self._low, self._high)
        slack = 1e-9 * (self._high - self._low)
        for number in places:
            if self._low - slack <= number <= self._high + slack:
                y = self._y(number)
                words = f"{number:g}" if self._yticks is not None else self.yaxis.written(number, 0)
                parts += [_line(left - TICK, y, left, y, theme.line, 0.8)]
                parts += [_words(left - TICK - 2, y + 0.36 * SIZES.small, words, theme.muted, "end")]
        for number, name in zip(*self._numbers_below(), strict=True):
            x = self._x(number)
            parts += [_line(x, foot, x, foot + self._marks, theme.line, 0.8)] if self._marks else []
            below = foot + TICK + 2 + 0.76 * SIZES.small
            parts += [_words(x, below, name, theme.muted, "middle")] if name else []
        if self._label:
            below = foot + TICK + 3 + 1.9 * SIZES.small
            parts.append(_words((left + right) / 2, below, self._label, theme.muted, "middle"))
        return parts

    def _numbers_below(self) -> tuple[Sequence[float], Sequence[str]]:
        if self._ticks is not None:
            return self._ticks
        low, high = self._across_limits
        room = max(2, int(self.frame.width / 0.4))
        places = [
            tick
            for tick in MaxNLocator(min(room, 6), steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
            if low <= tick <= high + 1e-9
        ]
        return places, [f"{tick:.3g}" for tick in places]

    def _name(self, label: str, colour: str) -> None:
        if label:
            self._names[label] = colour

    def _names_above(self) -> list[str]:
        """From right to left, above the line with the chart's note."""
        parts, right = [], POINTS * (self.frame.left + self.frame.width)
        for name, colour in reversed(self._names.items()):
            parts += self._one_name(name, colour, right, POINTS * self.frame.top - 1.9 * LEGEND_LINE)
            right -= CHARACTER * SIZES.small * len(name) + 22
        return parts

    def _names_inside(self) -> list[str]:
        """One below the other, all beginning at the same place."""
        longest = max(map(len, self._names), default=0)
        right, top = POINTS * (self.frame.left + self.frame.width), POINTS * self.frame.top
        parts = []
        for row, (name, colour) in enumerate(self._names.items(), 1):
            end = right - CHARACTER * SIZES.small * (longest - len(name))
            parts += self._one_name(name, colour, end, top + row * LEGEND_LINE)
        return parts

    def _one_name(self, name: str, colour: str, right: float, line: float) -> list[str]:
        """A square and a name that ends at `right`."""
        left = right - CHARACTER * SIZES.small * len(name)
        square = f'<rect x="{left - 12:.1f}" y="{line - 7:.1f}" width="8" height="8" fill="{colour}"/>'
        return [square, _words(left, line, name, self.theme.text, "start")]


def _line(x: float, y: float, to_x: float, to_y: float, colour: str, thick: float, style: str = "") -> str:
    return (
        f'<line x1="{x:.2f}" y1="{y:.2f}" x2="{to_x:.2f}" y2="{to_y:.2f}" '
        f'stroke="{colour}" stroke-width="{thick}"{style}/>'
    )


def _words(x: float, line: float, text: str, colour: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{line:.1f}" font-size="{SIZES.small}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )
