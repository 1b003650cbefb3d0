"""The pictures of the page about receptive fields."""

from dataclasses import replace
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest

from explain.analysis.receptive import Field, Seen, field_of, stages
from explain.app.views.streams.field_table import seen_table
from explain.app.views.streams.footprints import (
    DECADES,
    EffectiveField,
    PixelBox,
    around,
    backdrop,
    beyond,
    blended,
    circles,
    fits,
    framed,
    heat,
    square,
)
from explain.app.views.streams.stages import block_of, stage_bars
from explain.figures import LIGHT
from model.config import PRESETS

FIELD = Field("x", "x", 1, -3, 24, 10, 37, True)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def effective() -> EffectiveField:
    rows, columns = np.indices((40, 60))
    return EffectiveField.of(Seen(FIELD, np.exp(-np.hypot(rows - 10, columns - 23) / 3) + 1e-5, 10.0, 23.0))


@pytest.mark.parametrize(
    ("pixel", "box"),
    [((20, 30), PixelBox(12, 20, 28, 36)), ((0, 59), PixelBox(0, 44, 16, 60)), ((39, 0), PixelBox(24, 0, 40, 16))],
)
def test_the_enlarged_part_stays_in_the_photo_and_holds_the_pixel(pixel, box):
    found = around(pixel, (40, 60), 16, 4)
    assert found == box and found.size == (16, 16)
    assert found.top <= pixel[0] < found.bottom and found.left <= pixel[1] < found.right
    assert around(pixel, (40, 60), 64, 4) == PixelBox(0, 0, 40, 60)


def test_heat_counts_powers_of_ten_and_covers_the_photo(effective):
    level = heat(np.array([[1.0, 10.0**-DECADES, 0.0, 10 ** (-DECADES / 2)]]))
    np.testing.assert_allclose(level, [[1, 0, 0, 0.5]], atol=1e-12)
    grey = np.full((1, 4), 0.25)
    pixels = blended(grey, level, "viridis")
    assert (pixels[0, 1] == 64).all() and (pixels[0, 2] == 64).all()  # the photo
    assert pixels[0, 0, 0] > 200 and pixels[0, 0, 2] < 60  # yellow
    dark = np.full((4, 4, 3), 8, "uint8")
    assert backdrop(dark).max() == 1  # brightened


def test_a_framed_picture_is_an_address_that_holds_a_drawing(effective):
    marks = [square(1, 2, 5, 9, "#123456", 1.5), *circles(effective, (4, 8), 0.5)]
    address = framed(np.zeros((8, 12, 3), "uint8"), marks, sharp=True)
    kind, _, content = address.partition(",")
    assert kind == "data:image/svg+xml" and not set('"<>#') & set(content)
    drawing = ElementTree.fromstring(unquote(content))
    assert drawing.get("viewBox") == "0 0 12 8"
    assert drawing.find(f"{SVG}image").get("href").startswith("data:image/png;base64,")
    box = drawing.findall(f"{SVG}rect")[-1]
    assert [box.get(name) for name in ("x", "y", "width", "height", "stroke")] == ["2", "1", "7", "4", "#123456"]
    half, most = drawing.findall(f"{SVG}circle")[1::2]
    assert (half.get("cx"), half.get("cy")) == ("15.5", "6.5")
    assert [float(ring.get("r")) for ring in (half, most)] == pytest.approx([effective.half, effective.most], abs=0.01)
    assert half.get("stroke-dasharray") is None and most.get("stroke-dasharray")


def test_numbers_in_words(effective):
    assert beyond(FIELD, (40, 60)) == "27.0% of the photo; it reaches up to 3 pixels beyond the photo's edge"
    assert beyond(Field("x", "x", 1, 0, 20, 0, 30, True), (40, 60)) == "25.0% of the photo"
    table = seen_table(effective, effective)
    for text in (f"{effective.half:.1f} px", f"{effective.almost_all:.1f} px", f"{effective.inside:.2%}"):
        assert table.count(f"| {text} ") >= 2


def test_a_circle_that_leaves_the_enlarged_part_is_told(effective):
    assert fits(replace(effective, most=12.0), PixelBox(2, 14, 18, 30))  # some of it is in the corners
    assert not fits(replace(effective, most=13.0), PixelBox(2, 14, 18, 30))


@pytest.mark.slow
def test_every_stage_is_a_bar_with_its_field(charts):
    config = PRESETS["desk"]
    fields = [field_of(config, stage.name, 9, 9) for stage in stages(config)]
    stage_bars(fields, "rrg_1/out", config.streams, (240, 360), LIGHT, lambda name: None)
    [chart] = charts
    assert chart.column("stage") == [field.name for field in fields]
    assert chart.column("side") == [max(field.size) for field in fields]
    assert [row["stage"] for row in chart.rows if row["chosen"]] == ["rrg_1/out"]
    # Before the first global average pooling.
    assert (chart.rows[0]["what"], chart.rows[0]["field"]) == ("first convolution", "3 × 3 pixels")
    assert chart.rows[-1]["field"].endswith(", and the whole photo a little, by global average pooling")
    labels = chart.encodings("bar")[1]["x"]["axis"]["labelExpr"]
    for text in ("first", "g1 b1", "g2 b2", "g1", "photo"):
        assert f': "{text}"' in labels
    assert chart.encodings("rule")[0]["y"]["datum"] == 240
    assert set(chart.column("stream")) == {"stream 1", "stream 2", "stream 3", "all streams merged"}


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("shallow", "rrg_1/mrb_1"),
        ("rrg_2/mrb_1/column_2/dau_3/out", "rrg_2/mrb_1"),
        ("rrg_1/out", "rrg_1/mrb_2"),
        ("output", "rrg_2/mrb_2"),
    ],
)
def test_the_block_of_a_stage(name, block):
    assert block_of(name, groups=2, blocks=2) == block
