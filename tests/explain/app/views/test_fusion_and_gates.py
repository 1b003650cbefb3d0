"""The numbers and the HTML behind the sections of SKFF's and the attention components' pages."""

import io
from base64 import b64decode

import altair as alt
import numpy as np
import pytest
from PIL import Image

from explain.app.charts.altair_charts import show
from explain.app.charts.curve import falling
from explain.app.compute.values_at import Reading
from explain.app.views.component.gate_passing import passing, share_above
from explain.app.views.component.sections.gate_order import _gates as gate_bars
from explain.app.views.component.sections.skff import _rows as weight_rows
from explain.app.views.component.sections.skff import _stacked as stacked
from explain.app.views.component.wrong_softmax import panels, softmax
from explain.app.widgets.reading_table import reading_table
from explain.app.widgets.small_pictures import map_url, reduced, thumbnails
from explain.figures import LIGHT
from explain.figures.kit.feature_maps import Tensors

EXACT = 1e-6  # sums of float32 of the order of 1


def logits(channels: int) -> np.ndarray:
    return np.random.default_rng(channels).normal(0, 2, (3, channels)).astype("float32")


@pytest.mark.parametrize(("channels", "right"), [(8, "right"), (16, "left"), (32, "right")])
def test_one_panel_shares_each_channel_and_the_other_each_stream(channels, right):
    both = panels(logits(channels))
    assert [panel.side for panel in both] == ["left", "right"]
    over = {panel.over: panel for panel in both}
    assert over["streams"].side == right
    assert over["streams"].sums_of_channels == pytest.approx((1, 1), abs=EXACT)
    assert over["channels"].sums_of_streams == pytest.approx((1, 1), abs=EXACT)
    assert over["channels"].sums_of_channels[1] < 1 < over["streams"].sums_of_streams[1]


def test_softmax_stands_large_logits_and_keeps_ratios():
    values = np.array([[1000.0, 0.0], [1001.0, np.log(3)]])
    assert softmax(values, 0)[:, 0] == pytest.approx([1 / (1 + np.e), np.e / (1 + np.e)])
    assert softmax(values, 0)[:, 1] == pytest.approx([0.25, 0.75])


def test_shares_of_what_passes():
    gate = np.array([[0.1, 0.2], [0.3, 0.3]], "float32")
    assert share_above(gate, np.array([0.0, 0.15, 0.25, 0.3, 1.0], "float32")).tolist() == [1, 0.75, 0.5, 0, 0]
    at = Tensors({"in": np.full((1, 2, 2, 1), 4.0), "body": np.full((1, 2, 2, 1), -2.0), "fused": np.ones((1, 2, 2, 1)),
                  "spatial/out": np.full((1, 2, 2, 1), -0.5), "channel/out": np.ones((1, 2, 2, 1))})  # fmt: skip
    seen = passing(at)
    assert (seen.of_body(seen.by_pixel), seen.of_body(seen.by_channel), seen.change) == (0.25, 0.5, 0.25)


def test_small_pictures_are_means_of_squares_in_the_colours_of_the_map():
    values = np.zeros((4, 6, 2))
    values[:2, :2] = 4.0
    small = reduced(values, 3)
    assert small.shape == (2, 3, 2) and small[0, 0].tolist() == [4, 4] and small.sum() == 8
    assert reduced(values, 6) is values
    assert reduced(np.zeros((1, 500)), 200).shape == (1, 166)  # as thin as a photo can be
    content = b64decode(map_url(small[..., 0], "gray", 0, 4).partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    assert pixels[..., 0].tolist() == [[255, 0, 0], [0, 0, 0]]
    assert len(thumbnails(np.zeros((40, 60, 3)), "RdBu_r")) == 3


def test_weights_are_stacked_in_the_streams_colours(charts):
    weights = np.array([[0.25, 0.5], [0.5, 2.0]])
    show(alt.layer(*stacked(["stream 1", "stream 2"], 2.6, LIGHT)), weight_rows(weights), "weights")
    [chart] = charts
    assert list(zip(chart.column("channel"), chart.column("stream"), chart.column("weight"), strict=True)) == [
        (0, "stream 1", 0.25),
        (0, "stream 2", 0.5),
        (1, "stream 1", 0.5),
        (1, "stream 2", 2.0),
    ]
    assert chart.column("sum") == [0.75, 0.75, 2.5, 2.5] and chart.column("stream 2") == [0.5, 0.5, 2.0, 2.0]
    [bars] = chart.encodings("bar")
    assert bars["y"]["scale"]["domain"] == [0, 2.6]
    assert bars["color"]["scale"]["range"] == list(LIGHT.streams[:2])
    assert chart.encodings("rule")[0]["y"]["datum"] == 1
    assert [tip["field"] for tip in bars["tooltip"]] == ["channel", "stream 1", "stream 2", "sum"]


def test_gates_are_drawn_between_the_ends_of_the_axis(charts):
    row = {"channel": 4, "gate": 0.52, "number": "1 of 1", "label": "0.520|ch. 4", "map": "data:,", "chosen": True}
    show(gate_bars((0.5, 0.6), LIGHT), [row], "gates")
    [chart] = charts
    band, bars = chart.encodings("bar")
    assert bars["y"]["scale"]["domain"] == [0.5, 0.6] and bars["y"]["scale"]["zero"] is False
    assert band["y2"]["value"] == "height" and bars["x"]["sort"] is None
    assert chart.encodings("image")[0]["url"]["field"] == "map"
    assert chart.encodings("rule")[0]["y"]["datum"] == 0.5


def test_a_negative_value_has_a_real_minus_sign():
    html = reading_table([Reading("in", "input", (2, 2, 1), (0, 1), -0.25, "rrg_1/in", (0, 1, 0))], lambda _: "/cell")
    assert ">\N{MINUS SIGN}0.2500</a>" in html and "-0.25" not in html


def test_the_curve_has_the_slider_on_it(charts):
    falling(np.linspace(0, 1, 3), np.array([1, 0.5, 0]), 0.25, LIGHT)
    [chart] = charts
    assert chart.label == "75.0% of the photo pass more than 25%"
    assert chart.rows == [
        {"limit": 0.0, "share": 1.0, "here": False},
        {"limit": 0.5, "share": 0.5, "here": False},
        {"limit": 1.0, "share": 0.0, "here": False},
        {"limit": 0.25, "share": 0.75, "here": True},
    ]
    [area] = chart.encodings("area")
    assert (area["x"]["title"], area["y"]["title"]) == ("limit of the gate", "share of the photo that passes more")
    assert area["x"]["scale"]["domain"] == area["y"]["scale"]["domain"] == [0, 1]
    point = next(layer for layer in chart.spec["layer"] if layer["mark"]["type"] == "point")
    assert point["transform"] == [{"filter": "datum.here"}]
