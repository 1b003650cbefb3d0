"""Altair charts in the page's look: valid Vega-Lite, with rows beside it, and clicks that choose."""

import json

import altair as alt
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from explain.app.charts.altair_charts import ROWS, Pick, palette, show
from explain.app.charts.bars import Span, band, dashed, spans
from explain.figures import DARK, LIGHT

BARS = alt.Chart(ROWS).mark_bar().encode(alt.X("channel:O"), alt.Y("gate:Q"))
TWO = [{"channel": 0, "gate": 0.25}, {"channel": 1, "gate": -0.5}]


def click(chart, *points) -> None:
    """What the browser reports after a click."""
    st.session_state["gates"] = {"selection": {"pick": list(points)}}
    chart.on_select()


def test_a_click_chooses_every_time_and_only_what_there_is(charts):
    chosen = []
    pick = Pick("channel", "gates", chosen.append)
    show(BARS, TWO, "Gates", pick)
    assert charts[0].label == "Gates" and charts[0].column("channel") == [0, 1]
    [param] = charts[0].spec["params"]
    assert param["select"]["fields"] == ["channel", "turn"]
    click(charts[0], {"channel": 1, "turn": 0})
    show(BARS, TWO, "Gates", pick)
    # The browser tells of changes only: the same bar has to be another value after a click.
    assert charts[0].column("turn") != charts[1].column("turn")
    click(charts[1], {"channel": 1, "turn": 1})
    for strange in ((), ({"channel": 7},), ({},), ({"channel": None},)):
        click(charts[1], *strange)
    assert chosen == [1, 1]


def test_a_chart_follows_the_page():
    """What Streamlit's server sends: the page's theme, the name for screen readers, and the rows as a table."""

    def page():
        import altair as alt

        from explain.app.charts.altair_charts import ROWS, show

        bars = alt.Chart(ROWS).mark_bar().encode(alt.X("channel:O"), alt.Y("gate:Q"))
        show(bars, [{"channel": 0, "gate": 0.25}], "Gates")

    [element] = AppTest.from_function(page, default_timeout=60).run().get("vega_lite_chart")
    spec = json.loads(element.proto.spec)
    assert element.proto.theme == "streamlit" and element.proto.alt == "Gates"
    assert spec["data"] == {"name": "rows"} and spec["config"]["legend"]["orient"] == "bottom"
    assert [dataset.name for dataset in element.proto.datasets] == ["rows"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_six_names_have_six_colours(theme):
    scale = palette("abcdef", theme).to_dict()
    assert len(set(scale["range"])) == 6 and scale["range"][:4] == list(theme.streams)
    assert palette("ab", theme).to_dict()["range"] == list(theme.streams[:2])


def test_a_step_to_the_left_starts_where_the_last_one_ended(charts):
    rows = [Span("a", 0, 3, "3", "red"), Span("b", 3, -1, "−4", "blue"), Span("s", 0, -1, "−1", "gray", last=True)]
    spans(rows, "sum", LIGHT)
    [chart] = charts
    assert list(zip(chart.column("start"), chart.column("end"), strict=True)) == [(0, 3), (3, -1), (0, -1)]
    bars = chart.encodings("bar")[1]
    assert bars["x"]["scale"]["domain"] == [-1, 3] and bars["color"]["scale"] is None
    assert chart.encodings("tick")[0]["x"]["datum"] == 0
    assert [each["text"]["field"] for each in chart.encodings("text")] == ["name", "number"]
    spans([Span("a", 0, -2, "−2", "red")], "below zero", LIGHT)
    assert charts[1].encodings("bar")[1]["x"]["scale"]["domain"] == [-2, 0]
    spans([Span("a", 0, 0, "0", "red")], "nothing", LIGHT)
    low, high = charts[2].encodings("bar")[1]["x"]["scale"]["domain"]
    assert low == 0 < high


def test_horizontal_bars_have_a_legend_and_can_be_chosen(charts):
    chosen = []
    rows = [Span("a", 0, 3, "3", "red", value="first", chosen=True), Span("b", 0, 1, "1", "blue", value="second")]
    spans(rows, "two", LIGHT, (-1, 4), {"red": "head", "blue": "tail"}, Pick("value", "gates", chosen.append))
    [chart] = charts
    bars = chart.encodings("bar")[1]
    assert bars["x"]["scale"]["domain"] == [-1, 4] and bars["color"]["scale"]["domain"] == ["red", "blue"]
    assert '"red": "head"' in bars["color"]["legend"]["labelExpr"]
    click(chart, {"value": "second", "turn": 0})
    assert chosen == ["second"] and chart.column("chosen") == [True, False]


def test_what_is_chosen_is_seen_and_a_line_lies_across(charts):
    show(alt.layer(band(BARS, LIGHT, alt.YValue(0), alt.Y2Value("height")), dashed(0.5, LIGHT)), TWO, "Gates")
    opacity = charts[0].encodings("bar")[0]["opacity"]
    assert opacity["condition"]["test"] == "datum.chosen" and opacity["condition"]["value"] > 0 == opacity["value"]
    assert charts[0].encodings("rule")[0]["y"]["datum"] == 0.5
