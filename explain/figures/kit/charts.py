"""The small diagrams: bars for descriptors and gates, histograms."""

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from explain.figures.kit.themes import SIZES, Theme

__all__ = ["bars", "histogram", "number_channels", "number_values", "sorted_gates", "width_of", "words_beside"]

DIGIT = 0.07  # inches
NUMBER_GAP = 0.03  # inches between two numbers below an axis
HISTOGRAM_BINS = 50
VALUES = 4  # steps between the numbers on a vertical axis, at most


def bars(
    tensor: np.ndarray,
    theme: Theme,
    channel: int | None = None,
    ends: tuple[float, float] | None = None,
    name: str = "channel",
) -> Callable[[Axes], None]:
    """A bar for each number of a descriptor.

    Args:
        tensor: (batch, 1, 1, channels); the first of the batch is drawn.
        theme: Colours.
        channel: One to point at.
        ends: Of the vertical axis, for charts to be compared.
        name: What the bars are.
    """
    values = tensor[0].ravel()

    def draw(axes: Axes) -> None:
        axes.bar(np.arange(len(values)), values, 0.8, color=theme.muted)
        axes.axhline(0, color=theme.line, linewidth=0.8)
        number_channels(axes, len(values), theme, channel, name)
        if ends is not None and ends[0] < ends[1]:
            axes.set_ylim(*ends)
        number_values(axes)

    return draw


def number_values(axes: Axes, unit: str = "") -> None:
    """A few short numbers on the vertical axis."""
    axes.yaxis.set_major_locator(MaxNLocator(nbins=VALUES))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.3g}{unit}".replace("-", "\N{MINUS SIGN}"))


def number_channels(axes: Axes, channels: int, theme: Theme, channel: int | None = None, name: str = "channel") -> None:
    """Numbers the channels (or what `name` says) below bars at 0, 1, 2, ..., and points at one of them."""
    room = _room(axes, channels)
    step = 1
    while channels / step > room:
        step *= 2
    axes.set(xlim=(-0.6, channels - 0.4), xticks=range(0, channels, step), xlabel=name)
    if channel is not None and channel < channels:
        axes.axvspan(channel - 0.5, channel + 0.5, color=theme.accent, alpha=0.25, linewidth=0, zorder=0)


def _room(axes: Axes, channels: int) -> float:
    """How many of the numbers of so many channels fit side by side below the axes."""
    return width_of(axes) / (DIGIT * len(str(channels - 1)) + NUMBER_GAP)


def words_beside(axes: Axes, end: float, place: float, words: str, theme: Theme) -> None:
    """Words to the right of a bar that lies at `place` and ends at `end`."""
    axes.annotate(
        words,
        (end, place),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=SIZES.small,
        color=theme.text,
    )


def width_of(axes: Axes) -> float:
    """Width in inches."""
    figure = axes.get_figure(root=True)
    return 0.0 if figure is None else axes.get_position().width * figure.get_figwidth()


def sorted_gates(gates: np.ndarray, theme: Theme, channel: int | None = None) -> Callable[[Axes], None]:
    """Gates in descending order, each with the number of its channel.

    Args:
        gates: (channels,), within [0, 1].
        theme: Colours.
        channel: One to point at.
    """
    order = np.argsort(-gates, kind="stable")

    def draw(axes: Axes) -> None:
        places = np.arange(len(gates))
        axes.bar(places, gates[order], 0.8, color=theme.streams[0])
        axes.axhline(0.5, color=theme.text, linewidth=1, linestyle=(0, (4, 3)))
        step = max(1, int(np.ceil(len(gates) / _room(axes, len(gates)))))
        axes.set(xlim=(-0.6, len(gates) - 0.4), ylim=(0, 1), yticks=[0, 0.5, 1])
        axes.set_xticks(places[::step], [str(number) for number in order[::step]])
        axes.set_xlabel("channel, largest gate first")
        if channel is not None:
            place = int(np.flatnonzero(order == channel)[0])
            axes.axvspan(place - 0.5, place + 0.5, color=theme.accent, alpha=0.25, linewidth=0, zorder=0)

    return draw


def histogram(
    parts: Mapping[str, np.ndarray], theme: Theme, limits: tuple[float, float], unit: str
) -> Callable[[Axes], None]:
    """How often values occur, one outline for each entry of `parts`.

    Args:
        parts: Name to values of any shape.
        theme: Colours.
        limits: Smallest and largest value shown; others count in the outermost bins.
        unit: What the values are.
    """

    def draw(axes: Axes) -> None:
        peak = 0.0
        for (name, values), color in zip(parts.items(), theme.streams, strict=False):
            counts, edges = np.histogram(np.clip(values, *limits), bins=HISTOGRAM_BINS, range=limits)
            share = 100 * counts / counts.sum()
            peak = max(peak, float(share.max()))
            axes.stairs(share, edges, fill=True, color=color, alpha=0.25)
            axes.stairs(share, edges, color=color, linewidth=1.4, label=name)
        axes.set(xlim=limits, xlabel=unit)
        number_values(axes, "%")
        axes.set_ylim(0, max(peak, MaxNLocator(nbins=VALUES).tick_values(0, peak)[-1]))  # numbers up to the peak
        if len(parts) > 1:
            axes.legend(frameon=False, fontsize=SIZES.small, labelcolor=theme.text, handlelength=1.2)

    return draw
