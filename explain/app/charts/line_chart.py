"""Lines over the steps of a training."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from explain.app.charts.altair_charts import DASHES, ROWS, Layers, palette, show
from explain.figures import Theme

__all__ = ["Line", "line_chart", "smoothed"]


@dataclass(frozen=True)
class Line:
    """A curve.

    Attributes:
        name: What the legend calls it.
        points: (step, value), steps rising, at least one.
    """

    name: str
    points: Sequence[tuple[float, float]]


def line_chart(lines: Sequence[Line], theme: Theme, name: str, log: bool = False, unit: str = "") -> None:
    """Shows curves over the steps of a training, with a legend if there are several.

    Args:
        lines: Up to as many as there are colours and dashes.
        theme: Colours.
        name: What it shows, for screen readers.
        log: Whether equal ratios are equally far apart.
        unit: Of the values, with a space before it.
    """
    names = [line.name for line in lines]
    said = "; ".join(f"{line.name} ends at {line.points[-1][1]:.4g}{unit}" for line in lines)
    rows = [{"line": line.name, "step": step, "value": value} for line in lines for step, value in line.points]
    base = alt.Chart(ROWS).encode(
        alt.X("step:Q", title="steps", scale=alt.Scale(nice=False, domainMin=0)),
        alt.Y("value:Q", title=None, scale=alt.Scale(type="log", nice=False) if log else alt.Scale(zero=False)),
        alt.Color(
            "line:N", scale=palette(names, theme), legend=alt.Legend(symbolType="stroke") if len(names) > 1 else None
        ),
    )
    dashes = alt.StrokeDash("line:N", scale=alt.Scale(domain=names, range=DASHES[: len(names)]))
    tips = [alt.Tooltip("line:N"), alt.Tooltip("step:Q", format=","), alt.Tooltip("value:Q", format=".4~g")]
    # A line has no marks to point at, so every point of it has one that is not seen.
    lone = any(len(line.points) == 1 for line in lines)  # nothing else would be seen of it
    points = base.mark_point(filled=lone, opacity=1 if lone else 0, size=60).encode(tooltip=tips)
    show(Layers([base.mark_line().encode(dashes), points]), rows, f"{name}: {said}")


def smoothed(points: Sequence[tuple[float, float]], window: int) -> list[tuple[float, float]]:
    """Each value becomes the mean of the last `window` of them, or of as many as there are."""
    found = []
    for k, (step, _) in enumerate(points):
        last = [value for _, value in points[max(0, k + 1 - window) : k + 1]]
        found.append((step, sum(last) / len(last)))
    return found
