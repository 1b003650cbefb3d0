"""The charts of components as data: bars for descriptors, gates and weights, histograms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Bars", "Histogram", "bars", "histogram", "sorted_gates", "stacked_weights"]

HISTOGRAM_BINS = 50


@dataclass(frozen=True)
class Bars:
    """Upright bars, one at each label.

    Attributes:
        heights: Name of a stream to (bars,); several streams stand on each other, and have colours and a legend.
        labels: Below the bars.
        axis: What the labels are.
        marked: The bar to point at, from 0.
        limits: Of the vertical axis; None follows from the heights.
        goal: Where a dashed line runs across.
        ticks: Numbers on the vertical axis; None leaves the choice to what draws.
        unit: Behind these numbers.
        plain: Numbers without a meaning of their own, in the colour of notes.
    """

    heights: Mapping[str, np.ndarray]
    labels: Sequence[str]
    axis: str = ""
    marked: int | None = None
    limits: tuple[float, float] | None = None
    goal: float | None = None
    ticks: Sequence[float] | None = None
    unit: str = ""
    plain: bool = False


@dataclass(frozen=True)
class Histogram:
    """How often values occur.

    Attributes:
        shares: Name to percentages (bins,), which overlap.
        edges: (bins + 1,), of the bins.
        axis: What the values are.
    """

    shares: Mapping[str, np.ndarray]
    edges: np.ndarray
    axis: str


def bars(
    tensor: np.ndarray, channel: int | None = None, limits: tuple[float, float] | None = None, name: str = "channel"
) -> Bars:
    """A bar for each number of a descriptor.

    Args:
        tensor: (batch, 1, 1, channels); the first of the batch is shown.
        channel: One to point at.
        limits: Of the vertical axis, for charts to be compared.
        name: What the bars are.
    """
    values = tensor[0].ravel()
    ends = limits if limits is not None and limits[0] < limits[1] else None
    return Bars({"": values}, _numbers(len(values)), name, _within(channel, len(values)), ends, plain=True)


def sorted_gates(gates: np.ndarray, channel: int | None = None) -> Bars:
    """Gates in descending order, each with the number of its channel.

    Args:
        gates: (channels,), within [0, 1].
        channel: One to point at.
    """
    order = np.argsort(-gates, kind="stable")
    marked = None if channel is None else int(np.flatnonzero(order == channel)[0])
    axis = "channel, largest gate first"
    return Bars({"": gates[order]}, [*map(str, order)], axis, marked, (0, 1), 0.5, (0, 0.5, 1))


def stacked_weights(weights: np.ndarray, channel: int | None = None) -> Bars:
    """The weights of each channel on top of each other, which reach 1 if the streams compete.

    Args:
        weights: (streams, channels).
        channel: One to point at.
    """
    streams = {f"stream {k}": stream for k, stream in enumerate(weights, 1)}
    count = weights.shape[1]
    top = max(1.06, 1.06 * float(weights.sum(axis=0).max()))
    return Bars(streams, _numbers(count), "channel", _within(channel, count), (0, top), 1, (0, 0.5, 1))


def histogram(parts: Mapping[str, np.ndarray], limits: tuple[float, float], unit: str) -> Histogram:
    """How often values occur, for each entry of `parts`.

    Args:
        parts: Name to values of any shape.
        limits: Smallest and largest value shown; others count in the outermost bins.
        unit: What the values are.
    """
    shares = {}
    edges = np.linspace(*limits, HISTOGRAM_BINS + 1)
    for name, values in parts.items():
        counts, edges = np.histogram(np.clip(values, *limits), bins=HISTOGRAM_BINS, range=limits)
        shares[name] = 100 * counts / counts.sum()
    return Histogram(shares, edges, unit)


def _numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def _within(channel: int | None, count: int) -> int | None:
    return channel if channel is not None and channel < count else None
