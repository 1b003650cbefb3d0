"""The charts of the quantization lens, for `explain.app.charts.altair_charts.show`: each a chart and its rows."""

import math
from collections.abc import Sequence

import altair as alt
import numpy as np

from embedded.tflite.naming import PARTS, part_of_hook
from explain.app.charts.altair_charts import ROWS, Layers, Row, palette
from explain.app.charts.part_charts import AXIS, LEGEND, columns, part_colour
from explain.app.data.board_measurements import TensorCost
from explain.app.views.quantization.rounding_grid import Grid, GridHistogram
from explain.app.widgets.decimals import decimal
from explain.figures import Theme

__all__ = [
    "bits_chart",
    "cost_chart",
    "decibels",
    "digits",
    "grid_chart",
    "near_chart",
    "number",
    "pairs",
    "tensor_rows",
]

TOP = 60.0  # dB; above it the bar of what is nearly exact is cut off
WithRows = tuple[Layers, list[Row]]


def number(value: float) -> str:
    """A float with three significant digits."""
    return digits(value, 3)


def digits(value: float, count: int) -> str:
    """A float with as many significant digits as an example's arithmetic needs."""
    return "0" if value == 0 else f"{value:.{count}g}".replace("-", "−")


def decibels(value: float) -> str:
    """An SQNR as text."""
    return f"{decimal(value, 1)} dB" if math.isfinite(value) else ("exact" if value > 0 else "no signal")


def tensor_rows(names: Sequence[str], near: Sequence[float], costs: Sequence[TensorCost], chosen: str) -> list[Row]:
    """All tensors from the first to the last: how near int8 is on this photo, and what each costs; for two charts."""
    return [
        {
            "tensor": name,
            "place": k + 1,
            "part": part_of_hook(name),
            "near": min(max(value, 0.0), TOP),
            "cost": cost.cost,
            "opacity": 0.35 if value == math.inf else 1.0,
            "shade": 0.4 if name == chosen else 0.0,
            "text": f"{k + 1} of {len(names)}: {name} · SQNR {decibels(value)} · alone it costs "
            f"{decimal(cost.cost, 3, signed=True)} dB",
        }
        for k, (name, value, cost) in enumerate(zip(names, near, costs, strict=True))
    ]


def near_chart(theme: Theme) -> Layers:
    """How near int8 is to float; of `tensor_rows`."""
    scale = alt.Scale(domain=[0, TOP])
    return _by_tensor(alt.Y("near:Q", stack=None, title="SQNR, dB", axis=AXIS, scale=scale), theme)


def cost_chart(theme: Theme) -> Layers:
    """What rounding one tensor alone costs; of `tensor_rows`."""
    return _by_tensor(alt.Y("cost:Q", stack=None, title="cost, dB", axis=AXIS), theme)


def _by_tensor(value: alt.Y, theme: Theme) -> Layers:
    place = alt.X("place:O", title="tensor", axis=alt.Axis(values=[1, *range(20, 1000, 20)]))
    pale = alt.Opacity("opacity:Q", scale=None)
    bars = alt.Chart(ROWS).mark_bar().encode(place, value, pale, part_colour(PARTS, theme))
    return Layers([bars, columns(theme, place)], height=220)


def grid_chart(counts: GridHistogram, grid: Grid, theme: Theme) -> WithRows:
    """How often each integer occurs, on the grid of 256; heights are logarithms."""
    kinds = ["int8", "int8 at the ends", "float, on the same grid", f"zero point {decimal(grid.zero_point, 0)}"]
    colours = alt.Scale(domain=kinds, range=[theme.streams[0], theme.accent, theme.text, theme.streams[2]])
    rows: list[Row] = [
        {
            "integer": grid.low + k,
            "from": grid.low + k - 0.5,
            "to": grid.low + k + 0.5,
            "int8": int(held),
            "float": int(count),
            "kind": kinds[grid.low + k in (grid.low, grid.high)],
            "text": f"{decimal(grid.low + k, 0)} = {number(grid.scale * (grid.low + k - grid.zero_point))}: "
            f"int8 {held:,} times, float {count:,} times",
        }
        for k, (held, count) in enumerate(zip(counts.int8, counts.floats, strict=True))
    ]
    inside = [grid.zero_point] if 0.16 < (grid.zero_point - grid.low) / (grid.high - grid.low) < 0.84 else []
    stands_for = f"format((datum.value - ({grid.zero_point})) * {grid.scale!r}, '.3~g')"
    ticks = alt.Axis(values=[grid.low, *inside, grid.high], labelExpr=f"[datum.label, '= ' + {stands_for}]")
    ends = alt.Scale(domain=[grid.low - 0.5, grid.high + 0.5], nice=False)
    often = alt.Scale(type="symlog")
    x = alt.X("from:Q", title="integer, and the float that it stands for", bin="binned", scale=ends, axis=ticks)
    y = alt.Y(
        "int8:Q", stack=None, title="how often", scale=often, axis=alt.Axis(values=[0, *(10**k for k in range(7))])
    )
    legend = alt.Color("kind:N", scale=colours, legend=LEGEND)
    bars = alt.Chart(ROWS).mark_bar(binSpacing=0).encode(x, alt.X2("to"), y, legend, alt.Tooltip("text:N"))
    outline = (
        alt.Chart(ROWS).mark_line(interpolate="step", strokeWidth=1).encode(alt.X("integer:Q"), alt.Y("float:Q"))
    ).encode(alt.ColorDatum(kinds[2]))
    zero = alt.Chart(ROWS).transform_filter(alt.datum.integer == grid.zero_point)
    line = zero.mark_rule(strokeWidth=2, strokeDash=[4, 3]).encode(alt.X("integer:Q"), alt.ColorDatum(kinds[3]))
    return Layers([bars, outline, line]), rows


def pairs(floats: np.ndarray, back: np.ndarray, chosen: int, theme: Theme, rounded: str = "int8") -> WithRows:
    """A tensor without height and width: every float number as a ring, and the rounded one as a dot.

    Args:
        floats: (rows, channels), one row for each stream of an SKFF, else one.
        back: The rounded ones, as floats.
        chosen: The channel that is marked.
        theme: Colours.
        rounded: What the rounded ones are called.
    """
    streams, channels = floats.shape
    names = [f"stream {k + 1}" for k in range(streams)]
    rows: list[Row] = [
        {
            "channel": channel,
            "end": channel + 1,
            "x": channel + (k + 1) / (streams + 1),
            "stream": names[k],
            "float": float(floats[k, channel]),
            "rounded": float(back[k, channel]),
            "text": f"channel {channel}, {names[k]}: float {number(floats[k, channel])}, "
            f"{rounded} {number(back[k, channel])}",
        }
        for k in range(streams)
        for channel in range(channels)
    ]
    x = alt.X("x:Q", title="channel", scale=alt.Scale(domain=[0, channels], nice=False), axis=_channels(channels))
    colour = alt.Color("stream:N", scale=palette(names, theme), legend=alt.Legend() if streams > 1 else None)
    base = alt.Chart(ROWS).encode(x, colour, alt.Tooltip("text:N"))
    rings = base.mark_point(size=130, filled=False, strokeWidth=2, opacity=1).encode(
        alt.Y("float:Q", title="number", scale=alt.Scale(padding=10))
    )
    dots = base.mark_point(size=35, filled=True, opacity=1).encode(alt.Y("rounded:Q"))
    band = alt.Chart(ROWS).transform_filter((alt.datum.channel == chosen) & (alt.datum.stream == names[0]))
    chosen_band = band.mark_rect(color=theme.accent, opacity=0.16).encode(alt.X("channel:Q"), alt.X2("end"))
    zero = band.mark_rule(strokeDash=[4, 3], color=theme.muted).encode(alt.YDatum(0))
    return Layers([chosen_band, zero, rings, dots]), rows


def _channels(count: int) -> alt.Axis:
    """Each channel's number in the middle of its column, as far as there is room."""
    every = max(1, math.ceil(count / 12))
    return alt.Axis(values=[k + 0.5 for k in range(0, count, every)], labelExpr="datum.value - 0.5")


def bits_chart(values: Sequence[tuple[int, float]], chosen: int, theme: Theme) -> WithRows:
    """SQNR for each number of bits; what is exact is as high as the highest other."""
    top = max((value for _, value in values if math.isfinite(value)), default=0.0) or 1.0
    rows: list[Row] = [
        {
            "bits": bits,
            "sqnr": min(max(value, 0.0), top),
            "text": decibels(value),
            "colour": theme.accent if bits == chosen else theme.streams[0],
        }
        for bits, value in values
    ]
    bits = alt.X("bits:O", title="bits")
    base = alt.Chart(ROWS).encode(bits, alt.Y("sqnr:Q", stack=None, title="SQNR, dB"))
    numbers = base.mark_text(dy=-8, color=theme.text, fontSize=12).encode(alt.Text("text:N"))
    bars = base.mark_bar().encode(alt.Color("colour:N", scale=None))
    return Layers([bars, numbers]), rows
