"""SKFF, drawn: the streams, their sum, the descriptor, the competing weights, and what comes out."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from explain.figures.kit.charts import bars, number_channels
from explain.figures.kit.feature_maps import Lens, Tensors
from explain.figures.kit.sheet import Chart, Group, Picture, Sheet, shape_of
from explain.figures.kit.themes import LIGHT, SIZES, Theme
from explain.tracing.sites import KINDS, label

__all__ = ["draw_skff", "draw_weights"]

SUMS_TO_ONE = 1e-3  # float32 sums are within 1e-6 of 1; the wrong softmax is off by tenths


def draw_skff(
    cache: Mapping[str, np.ndarray],
    site: str = "",
    *,
    channel: int | None = None,
    theme: Theme = LIGHT,
    width: float = 10.0,
    into: Callable[..., Any] = Sheet,
) -> Sheet:
    """Draws selective kernel feature fusion (paper, section 3.1).

    Args:
        cache: From `run_with_cache`.
        site: Call site, such as `rrg_1/mrb_1/exchange/skff_1`; empty for an SKFF run alone.
        channel: The channel to show, from 0; None for the activity of all.
        theme: Colours.
        width: In inches; the height follows.
        into: What is filled: `Sheet`, or another `Layout`.

    Raises:
        HookError: If the cache lacks a tensor of this site.
        MirnetError: If there is no such channel.
    """
    at, lens = Tensors(cache, site), Lens(channel)
    streams = [at[f"stream_{k}"] for k in range(1, at.count("stream_{}") + 1)]
    weighted = [at[f"weighted_{k}"] for k in range(1, len(streams) + 1)]
    maps, weighted_maps = [lens(t) for t in streams], [lens(t) for t in weighted]
    fused, out = lens(at["fused"]), lens(at["out"])
    scale = lens.scale(*maps, *weighted_maps, out)
    weights = at["weights"][0, :, 0]  # (streams, channels)

    sheet = into(theme, width, KINDS["skff"].title, label(at.site))
    columns = len(streams) + 1
    shape = shape_of(at["out"])
    sheet.section("Fuse: add the streams, average over the picture")
    sheet.row(
        Group([Picture(m, f"stream {k}", shape, "+" * (k > 1)) for k, m in enumerate(maps, 1)], scale),
        Group([Picture(fused, "fused: their sum", shape, "=")], lens.scale(fused)),
        columns=columns,
    )
    sheet.row(
        Chart(bars(at["descriptor"], theme, channel), "descriptor: mean of each channel of the sum", span=columns - 1),
        Chart(bars(at["squeezed"], theme, name="number"), "squeezed"),
        columns=columns,
    )
    sheet.section(_selection(weights))
    sheet.row(
        Chart(lambda axes: draw_weights(axes, weights, theme, channel), "weights", _sums(weights), columns, 1.6),
        columns=columns,
    )
    sheet.row(
        Group(
            [Picture(m, f"stream {k} × weight", shape, "+" * (k > 1)) for k, m in enumerate(weighted_maps, 1)]
            + [Picture(out, "out: their sum", shape, "=")],
            scale,
        ),
        columns=columns,
    )
    return sheet.finish(_caption(weights))


def draw_weights(axes: Axes, weights: np.ndarray, theme: Theme = LIGHT, channel: int | None = None) -> None:
    """Draws the weights of each channel on top of each other, one colour for each stream.

    Args:
        axes: Where to.
        weights: (streams, channels).
        theme: Colours.
        channel: One to point at.
    """
    streams, channels = weights.shape
    numbers = np.arange(channels)
    below = np.zeros(channels, weights.dtype)
    gap = 0.6 if channels <= 64 else 0.0
    for k, (weight, color) in enumerate(zip(weights, theme.streams, strict=False), 1):
        axes.bar(numbers, weight, 0.86, bottom=below, color=color, label=f"stream {k}", ec=theme.background, lw=gap)
        below = below + weight
    axes.axhline(1, color=theme.text, linewidth=1, linestyle=(0, (4, 3)))
    axes.set(ylim=(0, max(1.06, 1.06 * float(below.max()))), yticks=[0, 0.5, 1])
    number_channels(axes, channels, theme, channel)
    legend = axes.legend(
        ncols=streams,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        borderaxespad=1.9,  # letters; above the line that says what the weights add up to
        frameon=False,
        fontsize=SIZES.small,
        handlelength=1,
        handleheight=1,
        columnspacing=1.2,
    )
    for text in legend.get_texts():
        text.set_color(theme.text)


def _compete(weights: np.ndarray) -> bool:
    """Whether the softmax ran over the streams, as in the paper."""
    return bool(np.abs(weights.sum(axis=0) - 1).max() < SUMS_TO_ONE)


def _selection(weights: np.ndarray) -> str:
    if _compete(weights):
        return "Select: for each channel, the streams compete for a weight"
    return "Select, the wrong way: for each stream, the channels compete for a weight"


def _sums(weights: np.ndarray) -> str:
    sums = weights.sum(axis=0)
    if _compete(weights):
        return "in every channel they add up to 1"
    return f"they add up to {sums.min():.2f} … {sums.max():.2f}, not to 1"


def _caption(weights: np.ndarray) -> str:
    streams, channels = weights.shape
    if not _compete(weights):
        return f"""The bars should reach the dashed line, and do not: here the softmax ran over the channels of each
            stream, so a channel's weights add up to about {streams}/{channels} instead of 1. Compare "out" with the
            streams: it has faded."""
    wins = np.bincount(weights.argmax(axis=0), minlength=streams)
    stream, decided = np.unravel_index(weights.argmax(), weights.shape)
    return f"""Each column of the weights is one channel; the streams share it, so the colours always reach 1. On this
        photo {_listed(wins)}; the largest weight of all is {weights.max():.3f}, of stream {stream + 1} in channel
        {decided}. Compare "out" with the streams: at each place and in each channel it lies between the smallest and
        the largest of them."""


def _listed(wins: np.ndarray) -> str:
    """`stream 1 has the largest weight in 7 channels, stream 2 in 9`."""
    parts = [f"stream {k} in {count}" for k, count in enumerate(wins, 1)]
    return f"{parts[0].replace(' in ', ' has the largest weight in ')} of {wins.sum()} channels, {', '.join(parts[1:])}"
