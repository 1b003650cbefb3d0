"""Bars that several pages share: horizontal ones with a number each, and what makes upright ones a choice."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import altair as alt

from explain.app.charts.altair_charts import ROWS, Layers, Pick, show
from explain.figures import Theme

__all__ = ["NAMES", "Span", "band", "dashed", "spans"]

STEP, LEGEND = 44, 56  # pixels: of a horizontal bar with its text above it, and of the legend below all
LETTERS = 13
# On a phone a long name, of more than 40 letters, has to leave room for its number.
NAMES = alt.expr(f"width < 420 && length(datum.name) > 40 ? 10 : {LETTERS}")
CHOSEN = 0.28  # opacity of the accent behind what is chosen


@dataclass(frozen=True)
class Span:
    """One horizontal bar.

    Attributes:
        name: What it is.
        start: Where it begins, on the axis of all spans.
        end: Where it ends.
        number: The number beside it, as text.
        colour: CSS.
        last: Whether it is what the others lead to.
        value: What a click on it chooses.
        chosen: Whether that is chosen now.
        more: What else is read when it is pointed at.
    """

    name: str
    start: float
    end: float
    number: str
    colour: str
    last: bool = False
    value: str = ""
    chosen: bool = False
    more: str = ""


def spans(
    rows: Sequence[Span],
    label: str,
    theme: Theme,
    ends: tuple[float, float] | None = None,
    legend: Mapping[str, str] | None = None,
    pick: Pick | None = None,
) -> None:
    """Shows horizontal bars, each below its name and its number: so long names fit on a phone, too.

    Args:
        rows: From above. One that ends before it starts goes to the left: a negative step.
        label: For screen readers.
        theme: Colours.
        ends: Numbers at the left and at the right; by default the least room that holds all, and zero.
        legend: From each colour to its name.
        pick: What a click chooses, of the field `value`.
    """
    values = [0.0, *(value for row in rows for value in (row.start, row.end))]
    low, high = ends or (min(values), max(values))
    domain = [low, high if high > low else low + 1]
    names = legend or {}
    base = alt.Chart(ROWS).encode(
        alt.Y("place:O", axis=None, scale=alt.Scale(padding=0)),
        tooltip=[alt.Tooltip(f"{each}:N") for each in ("name", "number", *(["more"] if rows[0].more else []))],
    )
    x = alt.X("start:Q", axis=None, scale=alt.Scale(domain=domain, nice=False))
    colour = alt.Color(
        "colour:N",
        scale=alt.Scale(domain=list(names), range=list(names)) if names else None,
        legend=alt.Legend(labelExpr=f"{json.dumps(dict(names))}[datum.value]") if names else None,
    )
    zero = alt.XDatum(0, type="quantitative")
    shown = [
        band(base, theme, alt.XValue(0), alt.X2Value("width")),
        base.mark_bar(height=14, yOffset=9, cornerRadius=2).encode(x, alt.X2("end"), colour),
        base.mark_tick(thickness=1, size=22, yOffset=9, color=theme.text, aria=False).encode(zero),
        _text(base, "left", theme, NAMES).encode(alt.XValue(0), alt.Text("name:N")).properties(name="names"),
        _text(base, "right", theme).encode(alt.XValue("width"), alt.Text("number:N")).properties(name="numbers"),
    ]
    height = STEP * len(rows) + (LEGEND if names else 0)
    chart = Layers(shown, height)
    show(chart, [asdict(row) | {"place": k} for k, row in enumerate(rows)], label, pick)


def _text(
    base: alt.Chart, align: Literal["left", "right"], theme: Theme, size: int | alt.ExprRef = LETTERS
) -> alt.Chart:
    """Text above a horizontal bar, in letters of so many pixels."""
    weight = alt.expr("datum.last ? 'bold' : 'normal'")
    return base.mark_text(align=align, color=theme.text, dy=-9, fontSize=size, fontWeight=weight)


def band(chart: alt.Chart, theme: Theme, *ends: alt.SchemaBase) -> alt.Chart:
    """A bar from end to end of the plot behind each mark, to be clicked with ease; where `chosen` it is seen.

    Args:
        chart: With a band scale along one axis.
        theme: Colours.
        *ends: Of the other axis.
    """
    opacity = alt.OpacityValue(0, condition={"test": "datum.chosen", "value": 1})
    frame = chart.mark_bar(color=theme.accent, fillOpacity=CHOSEN, stroke=theme.accent, strokeWidth=4, aria=False)
    return frame.encode(*ends, opacity).properties(name="bands")


def dashed(at: float, theme: Theme) -> alt.Chart:
    """A dashed line across upright bars."""
    line = alt.Chart(ROWS).mark_rule(color=theme.text, strokeDash=[4, 4], opacity=0.75, aria=False, clip=True)
    return line.encode(alt.YDatum(at, type="quantitative"))
