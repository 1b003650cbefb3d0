"""Charts of a cell's arithmetic: the curve that a number goes through, what competes, the numbers of a mean."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import altair as alt

from explain.app.charts.altair_charts import ROWS, Layers, Row
from explain.app.views.cell.arithmetic_drawing import Explained
from explain.app.views.cell.curves import MOST, competition, dequantized, order_of, slope_of
from explain.app.views.cell.drawing_parts import short, sign_colour
from explain.cell import Cell, Operand
from explain.figures import Theme

__all__ = ["CellChart", "chart_of"]

POINTS = 101  # of a curve
BAR, AROUND = 28, 60  # pixels: of a horizontal bar with the air around it, and of the axis below
FORMAT = ".3~g"


@dataclass(frozen=True)
class CellChart:
    """A chart for `explain.app.charts.altair_charts.show`.

    Attributes:
        title: The heading above it.
        chart: Without data.
        rows: Its data.
        label: What it shows, for those who do not see it.
    """

    title: str
    chart: Layers
    rows: Sequence[Row]
    label: str


def chart_of(explained: Explained, theme: Theme) -> CellChart | None:
    """The chart of this kind of cell; None where the arithmetic has no curve and no bars."""
    if explained.bins:
        return _mean(explained, theme)
    draw = CHARTS.get(explained.cell.kind)
    return draw(explained.cell, theme) if draw and explained.cell.operands else None


def _sigmoid(cell: Cell, theme: Theme) -> CellChart:
    point = dequantized(cell.operands[0]), cell.real
    chart, rows = _curve(
        lambda x: 1 / (1 + math.exp(-x)), max(6.0, 1.2 * abs(point[0])), point, ("logit", "gate"), theme
    )
    label = f"Sigmoid: the logit {short(point[0])} becomes the gate {short(point[1])}"
    return CellChart("The sigmoid, and where this number is on it", chart, rows, label)


def _rectifier(cell: Cell, theme: Theme) -> CellChart:
    value, slope = cell.operands[0].value, slope_of(cell)
    point, names = (value, cell.recomputed), ("number", "result")
    chart, rows = _curve(lambda x: x if x > 0 else slope * x, 1.5 * abs(value) or 1.0, point, names, theme)
    label = f"{cell.kind}: {short(value)} becomes {short(cell.recomputed)}"
    return CellChart(f"{cell.kind}, and where this number is on it", chart, rows, label)


def _curve(
    curve: Callable[[float], float], reach: float, point: tuple[float, float], names: tuple[str, str], theme: Theme
) -> tuple[Layers, list[Row]]:
    """A curve from -reach to reach with a point on it, and lines from the point to both axes, which have names."""
    xs = [reach * (2 * k / (POINTS - 1) - 1) for k in range(POINTS)]
    values = [curve(x) for x in xs]
    rows: list[Row] = [{"x": x, "y": y, "layer": "curve"} for x, y in zip(xs, values, strict=True)]
    rows.append({"x": point[0], "y": point[1], "layer": "point"})
    x = alt.X("x:Q", title=names[0], scale=alt.Scale(domain=[-reach, reach], nice=False))
    y = alt.Y("y:Q", title=names[1])
    tips = [alt.Tooltip("x:Q", title=names[0], format=FORMAT), alt.Tooltip("y:Q", title=names[1], format=FORMAT)]
    line, here = (alt.Chart(ROWS).transform_filter(alt.datum.layer == name) for name in ("curve", "point"))
    dashes = here.mark_rule(color=theme.accent, strokeDash=[4, 3])
    curve_line = line.mark_line(color=theme.streams[0], strokeWidth=2.5).encode(x, y)
    down, left = dashes.encode(x, y, alt.Y2Value("height")), dashes.encode(x, y, alt.X2Value(0))
    dot = here.mark_point(color=theme.accent, filled=True, opacity=1, size=130).encode(x, y, tips)
    return Layers([curve_line, down, left, dot]), rows


def _shares(cell: Cell, theme: Theme) -> CellChart:
    """What each of the competitors gets; the others are paler than this cell's own."""
    found = competition(cell)
    streams = len({operand.ref.row for operand in cell.operands if operand.ref}) > 1
    few = len(found.shares) <= len(theme.streams)
    rows = [
        {
            "name": f"stream {k + 1}" if streams else _name(cell.operands[k]),
            "value": found.shares[k],
            "text": short(found.shares[k]),
            "colour": theme.streams[k if few else 0],
            "opacity": 1.0 if k == found.own else 0.5,
        }
        for k in found.shown
    ]
    label = f"Shares of {len(found.shares)}; this one's is {short(found.shares[found.own])}"
    return CellChart("Their shares of 1", _bars(rows, "share", theme), rows, label)


def _largest(cell: Cell, theme: Theme) -> CellChart:
    """Numbers of which the largest wins: it has the accent's colour, the others that of their sign."""
    order = order_of(cell)
    values = [dequantized(operand) for operand in cell.operands]
    rows = [
        {
            "name": _name(cell.operands[k]),
            "value": values[k],
            "text": short(cell.operands[k].value),
            "colour": theme.accent if k == order[0] else sign_colour(values[k], theme),
            "opacity": 1.0,
        }
        for k in order[:MOST]
    ]
    label = f"The largest of {len(order)} numbers is {short(cell.operands[order[0]].value)}"
    return CellChart("How large they are", _bars(rows, "number", theme), rows, label)


def _bars(rows: Sequence[Row], title: str, theme: Theme) -> Layers:
    """Horizontal bars in their rows' order, each with its number to the right."""
    name = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(domain=False, ticks=False))
    ends = [min(0.0, *(row["value"] for row in rows)), max(0.0, *(row["value"] for row in rows))]
    ends[1] += 0.2 * (ends[1] - ends[0])  # for the numbers
    value = alt.X("value:Q", title=title, scale=alt.Scale(domain=ends, nice=False))
    colour, opacity = alt.Color("colour:N", scale=None), alt.Opacity("opacity:Q", scale=None)
    bars = alt.Chart(ROWS).mark_bar().encode(name, value, colour, opacity)
    right = alt.X("right:Q", title=title)
    ends_at = alt.Chart(ROWS).transform_calculate(right="max(datum.value, 0)")
    numbers = ends_at.mark_text(color=theme.text, align="left", dx=5, fontSize=12)
    layers = [bars, numbers.encode(name, right, alt.Text("text:N"))]
    return Layers(layers, height=BAR * len(rows) + AROUND)


def _mean(explained: Explained, theme: Theme) -> CellChart:
    """How often each number occurs, and their mean."""
    step = (explained.most - explained.least) / len(explained.bins)
    edges = [explained.least + k * step for k in range(len(explained.bins) + 1)]
    rows = [
        {"from": low, "to": high, "count": count, "text": f"{count:,} from {short(low)} to {short(high)}"}
        for low, high, count in zip(edges[:-1], edges[1:], explained.bins, strict=True)
    ]
    x = alt.X("from:Q", title="number", bin="binned", scale=alt.Scale(nice=False))
    y, tip = alt.Y("count:Q", title="how often", axis=alt.Axis(format=",d")), alt.Tooltip("text:N", title="numbers")
    bars = alt.Chart(ROWS).mark_bar(color=theme.streams[0]).encode(x, alt.X2("to"), y, tip)
    mean = alt.Chart(ROWS).mark_rule(color=theme.accent, strokeWidth=2).encode(alt.X("mean:Q"))
    label = (
        f"How often each number occurs, from {short(explained.least)} to {short(explained.most)}; "
        f"the mean is {short(explained.middle)}"
    )
    title = f"How often which number occurs, and their mean, {short(explained.middle)}"
    return CellChart(title, Layers([bars, mean]), [*rows, {"mean": explained.middle}], label)


def _name(operand: Operand) -> str:
    place = "" if operand.ref is None else f"[{', '.join(map(str, operand.ref[1:]))}]"
    return f"{operand.symbol}{place}"


CHARTS = {
    **dict.fromkeys(("gate", "LOGISTIC"), _sigmoid),
    **dict.fromkeys(("PReLU", "ReLU"), _rectifier),
    **dict.fromkeys(("softmax", "SOFTMAX"), _shares),
    **dict.fromkeys(("maximum", "REDUCE_MAX"), _largest),
}
