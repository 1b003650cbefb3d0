"""Charts of components, and parts that charts of results share, drawn by matplotlib."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from explain.figures.kit.chart_data import Bars, Histogram
from explain.figures.kit.themes import SIZES, Theme

__all__ = ["draw_chart", "horizontal_bars", "label_beside", "number_values"]

DIGIT = 0.07  # inches
NUMBER_GAP = 0.03  # inches between two numbers below an axis
VALUES = 4  # steps between the numbers on a vertical axis, at most
MANY = 64  # bars between which there is no room for a gap
DASHED = (0, (4, 3))


def draw_chart(axes: Axes, data: Bars | Histogram, theme: Theme) -> None:
    """Draws a chart of a component into `axes`."""
    if isinstance(data, Bars):
        _bars(axes, data, theme)
    else:
        _histogram(axes, data, theme)


def number_values(axes: Axes, unit: str = "") -> None:
    """A few short numbers on the vertical axis."""
    axes.yaxis.set_major_locator(MaxNLocator(nbins=VALUES))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.3g}{unit}".replace("-", "\N{MINUS SIGN}"))


def horizontal_bars(axes: Axes, count: int, low: float, high: float) -> None:
    """The axes of `count` horizontal bars, at 0, 1, ... from the top, within [low, high]."""
    axes.set(xlim=(low, high), yticks=[], ylim=(count - 0.5, -0.5))


def label_beside(axes: Axes, x: float, y: float, text: str, theme: Theme, gap: float = 5) -> None:
    """Text `gap` points to the right of a point, such as the end of a horizontal bar."""
    axes.annotate(
        text,
        (x, y),
        xytext=(gap, 0),
        textcoords="offset points",
        va="center",
        fontsize=SIZES.small,
        color=theme.text,
    )


def _bars(axes: Axes, data: Bars, theme: Theme) -> None:
    count = len(data.labels)
    numbers, below = np.arange(count), np.zeros(count)
    colours = (theme.muted,) if data.plain else theme.streams
    several = len(data.heights) > 1
    gap = 0.6 if several and count <= MANY else 0.0
    for (name, heights), color in zip(data.heights.items(), colours, strict=False):
        axes.bar(numbers, heights, 0.8, bottom=below, color=color, label=name, ec=theme.background, lw=gap)
        below = below + heights
    axes.axhline(0, color=theme.line, linewidth=0.8)
    if data.goal is not None:
        axes.axhline(data.goal, color=theme.text, linewidth=1, linestyle=DASHED)
    if data.marked is not None:
        axes.axvspan(data.marked - 0.5, data.marked + 0.5, color=theme.accent, alpha=0.25, linewidth=0, zorder=0)
    _label(axes, data)
    if data.limits is not None:
        axes.set_ylim(*data.limits)
    if data.ticks is None:
        number_values(axes, data.unit)
    else:
        axes.set_yticks(data.ticks)
    if several:
        _legend(axes, theme, ncols=len(data.heights), loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=1.9)


def _label(axes: Axes, data: Bars) -> None:
    """Labels below the bars: as many as have room side by side."""
    figure = axes.get_figure(root=True)
    width = 0.0 if figure is None else axes.get_position().width * figure.get_figwidth()
    room = width / (DIGIT * max(map(len, data.labels)) + NUMBER_GAP)
    step = 1
    while len(data.labels) / step > room:
        step *= 2
    axes.set(xlim=(-0.6, len(data.labels) - 0.4), xlabel=data.axis)
    axes.set_xticks(range(0, len(data.labels), step), data.labels[::step])


def _histogram(axes: Axes, data: Histogram, theme: Theme) -> None:
    for (name, shares), color in zip(data.shares.items(), theme.streams, strict=False):
        axes.stairs(shares, data.edges, fill=True, color=color, alpha=0.25)
        axes.stairs(shares, data.edges, color=color, linewidth=1.4, label=name)
    axes.set(xlim=(data.edges[0], data.edges[-1]), xlabel=data.axis)
    number_values(axes, "%")
    peak = max(float(shares.max()) for shares in data.shares.values())
    axes.set_ylim(0, max(peak, MaxNLocator(nbins=VALUES).tick_values(0, peak)[-1]))  # numbers up to the peak
    if len(data.shares) > 1:
        _legend(axes, theme)


def _legend(axes: Axes, theme: Theme, **options) -> None:
    axes.legend(
        frameon=False, fontsize=SIZES.small, labelcolor=theme.text, handlelength=1.2, columnspacing=1.2, **options
    )
