"""A small graph for the pages about resizing: a few lines, a shaded part, and marks."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from explain.app.charts.altair_charts import ROWS, Layers, Row, show

__all__ = ["Curve", "plot"]


@dataclass(frozen=True)
class Curve:
    """A line of the graph.

    Attributes:
        name: In the legend.
        colour: CSS.
        points: (x, y), from left to right.
        dash: Lengths of dashes and gaps in pixels.
    """

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dash: tuple[int, ...] = (1, 0)


def plot(
    curves: Sequence[Curve],
    axes: tuple[alt.X, alt.Y],
    label: str,
    dots: bool = False,
    shaded: tuple[float, float] | None = None,
    marks: Sequence[tuple[str, float, float]] = (),
) -> None:
    """Shows a graph.

    Args:
        curves: What to draw.
        axes: Of `x:Q` and `y:Q`.
        label: What there is to see, for those who do not; plain text.
        dots: Whether each point of a line has a dot.
        shaded: From where to where, across.
        marks: Large dots (name of a line, x, y).
    """
    names, colours = [curve.name for curve in curves], [curve.colour for curve in curves]
    points = [(curve.name, x, y) for curve in curves for x, y in curve.points]
    rows: list[Row] = [{"part": "line", "line": name, "x": x, "y": y} for name, x, y in points]
    rows += [{"part": "mark", "line": name, "x": x, "y": y} for name, x, y in marks]
    rows += [{"part": "shaded", "x": shaded[0], "end": shaded[1]}] if shaded else []
    x, y = axes
    base = alt.Chart(ROWS).encode(x)
    shade, lines, here = (base.transform_filter(f"datum.part == '{part}'") for part in ("shaded", "line", "mark"))
    colour = alt.Color("line:N", scale=alt.Scale(domain=names, range=colours), legend=alt.Legend(symbolType="stroke"))
    dashes = alt.StrokeDash("line:N", scale=alt.Scale(domain=names, range=[curve.dash for curve in curves]))
    tips = [alt.Tooltip("line:N"), alt.Tooltip("x:Q", format=".4~g"), alt.Tooltip("y:Q", format=".3~g")]
    chart = Layers(
        [
            shade.mark_rect(color="gray", opacity=0.2).encode(alt.X2("end")),
            lines.mark_line().encode(y, colour, dashes),
            lines.mark_point(filled=True, size=40, opacity=1 if dots else 0).encode(y, colour, tooltip=tips),
            here.mark_point(filled=True, size=140, opacity=1).encode(y, colour, tooltip=tips),
        ]
    )
    show(chart, rows, label)
