"""SKFF, drawn: the streams, their sum, the descriptor, the competing weights, and the output."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from explain.figures.kit.blocks import Chart, Content, Part, Picture, PictureGroup, row, shape_of
from explain.figures.kit.chart_data import bars, stacked_weights
from explain.figures.kit.charts import draw_chart
from explain.figures.kit.component_drawing import Drawing
from explain.figures.kit.feature_maps import Lens, Tensors
from explain.figures.kit.themes import LIGHT, Theme
from explain.tracing.sites import KINDS, label

__all__ = ["draw_skff", "draw_weights"]

SUMS_TO_ONE = 1e-3  # float32 sums are within 1e-6 of 1; the wrong softmax is off by tenths


def _skff(cache: Mapping[str, np.ndarray], site: str = "", *, channel: int | None = None) -> Content:
    """Selective kernel feature fusion (paper, section 3.1); `site` is, for example, `rrg_1/mrb_1/exchange/skff_1`."""
    at, lens = Tensors(cache, site), Lens(channel)
    streams = [at[f"stream_{k}"] for k in range(1, at.count("stream_{}") + 1)]
    weighted = [at[f"weighted_{k}"] for k in range(1, len(streams) + 1)]
    maps, weighted_maps = [lens(t) for t in streams], [lens(t) for t in weighted]
    fused, out = lens(at["fused"]), lens(at["out"])
    scale = lens.scale(*maps, *weighted_maps, out)
    weights = at["weights"][0, :, 0]  # (streams, channels)

    columns = len(streams) + 1
    shape = shape_of(at["out"])
    parts: list[Part] = [
        "Fuse: add the streams, average over the picture",
        row(
            PictureGroup([Picture(m, f"stream {k}", shape, "+" * (k > 1)) for k, m in enumerate(maps, 1)], scale),
            PictureGroup([Picture(fused, "fused: their sum", shape, "=")], lens.scale(fused)),
            columns=columns,
        ),
        row(
            Chart(bars(at["descriptor"], channel), "descriptor: mean of each channel of the sum", span=columns - 1),
            Chart(bars(at["squeezed"], name="number"), "squeezed"),
            columns=columns,
        ),
        _selection(weights),
        row(
            Chart(stacked_weights(weights, channel), "weights", _sums(weights), columns, 1.6),
            columns=columns,
        ),
        row(
            PictureGroup(
                [Picture(m, f"stream {k} × weight", shape, "+" * (k > 1)) for k, m in enumerate(weighted_maps, 1)]
                + [Picture(out, "out: their sum", shape, "=")],
                scale,
            ),
            columns=columns,
        ),
    ]
    caption = _caption(weights)
    return Content(KINDS["skff"].title, label(at.site), parts, caption)


draw_skff = Drawing(_skff)


def draw_weights(axes: Axes, weights: np.ndarray, theme: Theme = LIGHT, channel: int | None = None) -> None:
    """Draws the weights of each channel on top of each other, one colour for each stream.

    Args:
        axes: Where to.
        weights: (streams, channels).
        theme: Colours.
        channel: One to point at.
    """
    draw_chart(axes, stacked_weights(weights, channel), theme)


def _compete(weights: np.ndarray) -> bool:
    """Whether the softmax ran over the streams, as in the paper."""
    return bool(np.abs(weights.sum(axis=0) - 1).max() < SUMS_TO_ONE)


def _selection(weights: np.ndarray) -> str:
    if _compete(weights):
        return "Select: for each channel, the streams compete for a weight"
    return "Select, over the wrong axis: for each stream, the channels compete for a weight"


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
        {decided}. Compare "out" with the streams: at each position and in each channel it lies between the smallest and
        the largest of them."""


def _listed(wins: np.ndarray) -> str:
    """`stream 1 has the largest weight in 7 channels, stream 2 in 9`."""
    parts = [f"stream {k} in {count}" for k, count in enumerate(wins, 1)]
    return f"{parts[0].replace(' in ', ' has the largest weight in ')} of {wins.sum()} channels, {', '.join(parts[1:])}"
