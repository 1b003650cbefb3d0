"""The numbers and the HTML behind the sections of SKFF's and the attention components' pages."""

import io
import re
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image

from explain.app.charts.bars import Bar, Span, chart, spans
from explain.app.charts.curve import falling
from explain.app.compute.values_at import Reading
from explain.app.pages.component.gate_passing import passing, share_above
from explain.app.pages.component.wrong_softmax import panels, softmax
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
    assert (seen.of_body(seen.by_place), seen.of_body(seen.by_channel), seen.change) == (0.25, 0.5, 0.25)


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


def test_bars_reach_as_high_as_their_numbers():
    html = chart(
        [Bar("0", (0.25, 0.5), "channel 0"), Bar("1", (0.5, 2.0), "<b>")], ["red", "blue"], "n", chosen="1", marks=(1,)
    )
    assert re.findall(r'height:([\d.]+)%;background:(\w+)"', html) == [
        ("25.00", "red"),
        ("50.00", "blue"),
        ("50.00", "red"),
        ("100.00", "blue"),
    ]
    assert 'data-choose="1" data-words="&lt;b&gt;"' in html and "<b>" not in html
    assert html.count('aria-pressed="true"') == 1 and "data-readout>&lt;b&gt;</p>" in html
    zoomed = chart([Bar("0", (0.52,), "")], ["red"], "n", ends=(0.5, 0.6), marks=(0.4, 0.55))
    assert "height:20.00%" in zoomed and zoomed.count("bottom:50.00%") == 1 == zoomed.count('class="mark"')


def test_a_part_that_is_nothing_takes_no_room():
    html = chart([Bar("0", (0.0, 0.4, 0.0), "")], ["red", "blue", "green"], "n")
    assert re.findall(r'<i style="height:([^"]+)"', html) == ["40.00%;background:blue"]


def test_a_step_to_the_left_starts_where_the_last_one_ended():
    html = spans([Span("a", 0, 3, "3", "red"), Span("b", 3, -1, "-4", "blue"), Span("s", 0, -1, "-1", "grey")], "sum")
    assert re.findall(r"<i style=\"left:([\d.]+)%;width:([\d.]+)%", html) == [
        ("25.00", "75.00"),
        ("0.00", "100.00"),
        ("0.00", "25.00"),
    ]
    assert html.count('<b style="left:25.00%">') == 3  # zero
    assert "left:0.00%;width:0.00%" in spans([Span("a", 0, 0, "0", "red")], "nothing")


def test_a_negative_value_has_a_real_minus_sign():
    html = reading_table(
        [Reading("in", "comes in", (2, 2, 1), (0, 1), -0.25, "rrg_1/in", (0, 1, 0))], lambda _: "/cell"
    )
    assert ">\N{MINUS SIGN}0.2500</a>" in html and "-0.25" not in html


def test_the_curve_has_the_slider_on_it():
    html = falling(np.linspace(0, 1, 3), np.array([1, 0.5, 0]), 0.25, LIGHT)
    assert "polygon(0% 100%, 0.0% 0.0%, 50.0% 50.0%, 100.0% 100.0%, 100% 100%)" in html
    assert "share of the photo that passes more than the limit<" in html and "limit of the gate<" in html
    assert "left: 25.0%; top: 25.0%" in html and 'aria-label="75.0% of the photo pass more than 25%"' in html
