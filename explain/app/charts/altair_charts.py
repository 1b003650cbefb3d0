"""Altair charts in the page's look: as wide as the page, in the theme's colours, with a legend below.

A chart is built on `ROWS` and shown with its rows beside it; what is clicked goes to Python:

    bars = alt.Chart(ROWS).mark_bar().encode(alt.X("channel:O"), alt.Y("gate:Q"))
    show(bars, [{"channel": 0, "gate": 0.5}], "Gates of the channels", Pick("channel", "gates", choose_channel))

Letters, axes, grid and background follow the page's theme by themselves; the marks' colours come from `palette`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import altair as alt
import streamlit as st
from altair.utils import schemapi

from explain.figures import Theme

__all__ = ["DASHES", "ROWS", "Layers", "Pick", "Row", "chart_spec", "palette", "show"]

Row = Mapping[str, Any]
ROWS = alt.NamedData(name="rows")
"""The data of every chart: with a name, the browser can change the data and keep the drawing."""
DASHES = ([1, 0], [6, 3], [2, 3], [9, 3, 2, 3], [14, 4])
"""One for each line of a chart, so that lines can be told apart without colour."""
FIFTH = "#d55e00"  # of Okabe and Ito's colours, after those of the theme
HEIGHT = 240  # pixels, axes and legend included; of a chart that does not choose
PICK, TURN = "pick", "turn"
# Streamlit's grey of axes and legends is paler than is read with ease: the page's own colour, as in its captions.
LETTERS = {"labelColor": "currentColor", "titleColor": "currentColor", "labelOpacity": 0.82, "titleOpacity": 0.82}
LOOK = {
    "view": {"stroke": None},
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "titlePadding": 6} | LETTERS,
    "axisX": {"grid": False, "tickCount": {"expr": "ceil(width / 90)"}, "labelFlush": True, "labelAngle": 0},
    "axisY": {"tickCount": 5},
    "legend": {"orient": "bottom", "title": None, "labelFontSize": 13, "labelLimit": 0, "symbolStrokeWidth": 2.5}
    | LETTERS,
    "numberFormat": ",.4~g",  # Vega writes U+2212 where it formats a number, and a hyphen where it does not
}

# Altair would check every part of a chart against its schema as the part is made: 30 ms of processor time a chart.
# The tests check the charts as a whole instead.
schemapi.DEBUG_MODE = False


@dataclass(frozen=True)
class Layers:
    """Charts on top of one another. Altair's own copies every chart several times: 40 ms where this takes 4.

    Attributes:
        charts: On `ROWS`, from the back to the front; a click on any of them chooses.
        height: Pixels, axes and legend included.
    """

    charts: Sequence[alt.Chart]
    height: int = HEIGHT

    def properties(self, height: int) -> "Layers":
        """The same at another height."""
        return replace(self, height=height)

    def to_dict(self) -> dict[str, Any]:
        """Vega-Lite."""
        layers = [_to_dict(chart) for chart in self.charts]
        return {"data": layers[0]["data"], "layer": layers, "height": self.height}


@dataclass(frozen=True)
class Pick:
    """What a click on a mark chooses.

    Attributes:
        field: Of the rows; a click chooses its value in the mark's row.
        key: Names the element.
        choose: Called with the value, before the next run.
    """

    field: str
    key: str
    choose: Callable[[Any], None]


def palette(names: Sequence[str], theme: Theme) -> alt.Scale:
    """The theme's colours for the names of streams, lines or parts, in this order; six at most."""
    return alt.Scale(domain=list(names), range=[*theme.streams, FIFTH, theme.muted][: len(names)])


def show(chart: alt.Chart | Layers, rows: Sequence[Row], label: str, pick: Pick | None = None) -> None:
    """Shows a chart; numbers in tooltips need a format.

    Args:
        chart: On `ROWS`; its encodings name their types, as in `gate:Q`. A string or `alt.value(0)` takes Altair 10 ms
            to find out what it is; `alt.Text("gate:Q")` and `alt.YValue(0)` take none.
        rows: Its data, a few hundred at most: they travel with every run.
        label: What there is to see, for those who do not; plain text.
        pick: What a click chooses. The row of the value that is chosen now has to say so itself: others may choose too.
    """
    if pick is None:
        st.vega_lite_chart(spec=chart_spec(chart, rows), alt=label)
        return
    field, key, choose = pick.field, pick.key, pick.choose
    values = {row[field] for row in rows}
    # The browser reports only what differs from the last click. The number of clicks makes each one another.
    turn = st.session_state.setdefault(f"{key}_{TURN}", 0)

    def picked() -> None:
        st.session_state[f"{key}_{TURN}"] = turn + 1
        found = st.session_state[key]["selection"].get(PICK)
        value = found[0].get(field) if found else None  # nothing after a click beside the marks
        if value in values:
            choose(value)

    spec = chart_spec(chart, [{**row, TURN: turn} for row in rows])
    clicked = {"name": PICK, "select": {"type": "point", "fields": [field, TURN], "toggle": False}}
    spec.get("layer", [spec])[0]["params"] = [clicked]
    st.vega_lite_chart(spec=spec, key=key, on_select=picked, alt=label)


def chart_spec(chart: alt.Chart | Layers, rows: Sequence[Row]) -> dict[str, Any]:
    """Vega-Lite, with the rows."""
    built = chart.to_dict() if isinstance(chart, Layers) else {"height": HEIGHT} | _to_dict(chart)
    return built | {"datasets": {ROWS.name: list(rows)}, "config": LOOK, "padding": {"bottom": 4}}


def _to_dict(chart: alt.Chart) -> dict[str, Any]:
    return chart.to_dict(validate=False, context={"top_level": False})
