"""The charts of a component's figure as Altair charts."""

from typing import Any

import altair as alt

from explain.app.charts.altair_charts import ROWS, Layers, palette, show
from explain.figures import Theme
from explain.figures.kit.blocks import Chart
from explain.figures.kit.chart_data import Bars, Histogram

__all__ = ["bars", "built", "chart_label", "histogram", "show_chart"]

HEIGHT = 168  # pixels for an inch of the same chart in a file
FAINT = 0.25  # what marks a bar, and a histogram's areas
VALUES = 4  # numbers on a vertical axis, about

Built = tuple[alt.Chart | Layers, list[dict[str, Any]]]
"""A chart on `ROWS`, and its rows."""


def show_chart(chart: Chart, theme: Theme) -> None:
    """Shows a chart of a `Content`."""
    drawn, rows = built(chart, theme)
    show(drawn, rows, chart_label(chart))


def chart_label(chart: Chart) -> str:
    """What there is to see in a chart, for those who do not."""
    return f"{chart.title} {chart.note}".rstrip()


def built(chart: Chart, theme: Theme) -> Built:
    """A chart of a `Content` as an Altair chart, and its rows."""
    data = chart.data
    if isinstance(data, Bars):
        drawn, rows = bars(data, theme)
    elif isinstance(data, Histogram):
        drawn, rows = histogram(data, theme)
    else:
        raise TypeError(f"{chart.title}: a page shows charts that are data, and this one draws itself")
    return drawn.properties(height=round(HEIGHT * chart.height)), rows


def bars(data: Bars, theme: Theme) -> Built:
    """Upright bars; those of several streams stand on each other."""
    rows: list[dict[str, Any]] = [
        {"place": place, "label": data.labels[place], "level": level, "stream": name, "value": float(value)}
        for level, (name, values) in enumerate(data.heights.items())
        for place, value in enumerate(values)
    ]
    several = len(data.heights) > 1
    base = alt.Chart(ROWS)
    axis = alt.Axis(labelOverlap=True, ticks=False)
    x = alt.X("label:O", title=data.axis or None, axis=axis, scale=alt.Scale(domain=list(data.labels)))
    domain = alt.Undefined if data.limits is None else alt.Scale(domain=data.limits)
    y = alt.Y("value:Q", title=None, scale=domain, axis=_values(data, theme))
    drawn = base.mark_bar(color=theme.muted if data.plain else theme.streams[0]).encode(
        x, y, tooltip=_tooltips(data, several)
    )
    if several:
        colour = alt.Color("stream:N", scale=palette(list(data.heights), theme))
        drawn = drawn.encode(colour, order=alt.Order("level:Q"))
    if data.marked is None:
        return drawn, rows
    marked = base.transform_filter(f"datum.place == {data.marked} && datum.level == 0")
    return Layers([marked.mark_rect(color=theme.accent, opacity=FAINT).encode(x), drawn]), rows


def histogram(data: Histogram, theme: Theme) -> Built:
    """Shares of the values, in steps that lie over each other."""
    low, high = (float(edge) for edge in (data.edges[0], data.edges[-1]))
    rows: list[dict[str, Any]] = [
        {"name": name, "from": float(left), "to": float(right), "share": float(share)}
        for name, shares in data.shares.items()
        for left, right, share in zip(data.edges[:-1], data.edges[1:], shares, strict=True)
    ]
    legend = alt.Legend(symbolOpacity=1, columns=2) if len(data.shares) > 1 else None
    base = alt.Chart(ROWS).encode(
        alt.X("from:Q", title=data.axis, scale=alt.Scale(domain=[low, high], nice=False)),
        alt.Y("share:Q", title=None, stack=None, axis=alt.Axis(tickCount=VALUES, labelExpr="datum.label + '%'")),
        alt.Color("name:N", scale=palette(list(data.shares), theme), legend=legend),
    )
    told = [alt.Tooltip(f"{field}:Q", format=".3~g") for field in ("from", "to")]
    told += [alt.Tooltip("share:Q", format=".3~g", title="share, %"), alt.Tooltip("name:N", title="of")]
    areas = base.mark_bar(opacity=FAINT, binSpacing=0).encode(x2="to:Q", tooltip=told)
    return Layers([areas, base.mark_line(interpolate="step-after", strokeWidth=1.5)]), rows


def _values(data: Bars, theme: Theme) -> alt.Axis:
    """The vertical axis, whose lines at zero and at the goal are seen; layers would cost ten times as much."""
    ticks = alt.Undefined if data.ticks is None else list(data.ticks)
    style: dict[str, Any] = {"gridColor": _where("0", theme.muted, theme.line)}
    if data.goal is not None:  # over the bars
        seen = str(data.goal)
        style = {"gridColor": _where(seen, theme.text, theme.line), "gridDash": _where(seen, [4, 3], []), "zindex": 1}
    return alt.Axis(tickCount=VALUES, values=ticks, labelExpr=f"datum.label + '{data.unit}'", **style)


def _where(value: str, there: Any, elsewhere: Any) -> dict[str, Any]:
    return {"condition": {"test": f"datum.value == {value}", "value": there}, "value": elsewhere}


def _tooltips(data: Bars, several: bool) -> list[alt.Tooltip]:
    value = alt.Tooltip("value:Q", format=".4~g", title=f"value, {data.unit}" if data.unit else "value")
    stream = [alt.Tooltip("stream:N")] if several else []
    return [alt.Tooltip("label:O", title=data.axis.partition(",")[0] or "of"), *stream, value]
