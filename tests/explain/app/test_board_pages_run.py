"""The quantization lens and the page of the Nano, driven without a browser."""

import re
from io import BytesIO

import numpy as np
import pytest
from page_runs import fresh, go, healthy, opened, text_of
from PIL import Image

from embedded.camera.ov7675 import Camera
from explain.app.compute.board_model import emulator, lens, restored, tensor_of
from explain.app.compute.kept_photos import kept_photos
from explain.app.compute.photos import own_photo, sample_photo
from explain.app.views.nano.camera_view import Exposure, shoot
from explain.app.views.quantization.quantization_page import FIRST


@pytest.fixture(scope="module")
def photo():
    return sample_photo("coffee", 4)


@pytest.mark.slow
def test_the_lens_shows_the_tensor_of_its_address(photo):
    name = "rrg_1/mrb_1/merge/skff/logits"
    page = opened("quantization", photo="coffee", tensor=name, c="3", bits="5")
    assert not page.info
    assert page.get_by_key("extra_tensor").value == name
    assert (page.get_by_key("extra_c").value, page.get_by_key("extra_bits").value) == (3, 5)
    tensor, whole = tensor_of(name), lens(photo).int8[name]
    share = float(((whole == -128) | (whole == 127)).mean())
    text = text_of(page.markdown)
    assert f"**At the ends: {share:.2%}** of 36 numbers" in text
    assert f"**Zero point {tensor.zero_point}**".replace("-", "−") in text and f"**Scale {tensor.scale:.3g}**" in text


@pytest.mark.slow
def test_another_tensor_starts_with_its_own_channel(photo):
    page = opened("quantization", photo="coffee", c="5")
    assert page.get_by_key("extra_tensor").value == FIRST
    page.get_by_key("extra_tensor").set_value("rrg_1/mrb_1/column_1/dau_1/spatial/gate")
    healthy(page.run())
    assert page.query_params["tensor"] == "rrg_1/mrb_1/column_1/dau_1/spatial/gate"
    assert "c" not in page.query_params and not page.info
    page.get_by_key("tensor_next").click()
    healthy(page.run())
    assert page.query_params["tensor"] == "rrg_1/mrb_1/column_1/dau_1/spatial/out"


@pytest.mark.parametrize(
    ("view", "params"),
    [
        ("quantization", {"tensor": "<b>", "c": "99", "bits": "1"}),
        ("nano", {"light": "-1", "step": "254", "format": "jpeg", "scene": "mars"}),
    ],
)
def test_an_address_that_makes_no_sense(view, params):
    page = opened(view, photo="coffee", **params)
    notes = text_of(page.info)
    for name in params:
        assert name in notes
    assert "<b>" not in notes.replace("`<b>`", "")


def test_less_light_and_another_format(photo):
    page = opened("nano", photo="coffee", scene="bright")
    page.get_by_key("extra_light").set_value("4.5")
    page.get_by_key("extra_format").set_value("rgb565")
    healthy(page.run())
    assert (page.query_params["light"], page.query_params["format"]) == ("4.5", "rgb565")
    shot = shoot(photo, Exposure("bright", 4.5, "rgb565"))
    html = "\n".join(element.proto.body for element in page.main.get("html"))
    for picture in (shot.picture, restored(shot.picture)):
        assert f"{shot.score(picture)}" in html
    assert "what the same int8 network would make of an RGB565 frame" in text_of(page.caption)


def test_the_step_of_the_address():
    page = opened("nano", photo="coffee", step="120")
    assert page.get_by_key("extra_step").value == 120
    assert re.search(r"\*\*Step 120: [A-Z0-9_]+ \d+, layer", text_of(page.markdown))


@pytest.mark.slow
def test_the_lines_of_python_give_what_the_pages_show(photo):
    page = opened("quantization", photo="coffee", tensor="rrg_1/conv")
    found: dict = {}
    exec(page.code[0].value, found)
    np.testing.assert_array_equal(found["back"], lens(photo).dequantized("rrg_1/conv"))
    np.testing.assert_allclose(found["floats"], lens(photo).floats["rrg_1/conv"], rtol=1e-4, atol=1e-4)
    page = opened("nano", photo="coffee", scene="bright", light="3")
    (lines,) = [block.value for block in page.code if "import" in block.value]
    exec(lines, found)
    shot = shoot(photo, Exposure("bright", 3.0))
    np.testing.assert_array_equal(found["frame"], shot.frame)
    np.testing.assert_array_equal(found["restored"], restored(shot.picture))
    np.testing.assert_array_equal(found["restored"], emulator().restore(Camera().picture(shot.frame)))


@pytest.mark.parametrize("view", ["quantization", "nano"])
def test_an_own_photo(view):
    content = BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 60, (50, 70, 3), dtype="uint8")).save(content, "PNG")
    page = fresh()
    page.session_state["upload"] = kept_photos().keep(own_photo(content.getvalue(), "mine.png", 4))
    page.query_params["photo"] = "upload"
    page.run()
    page.query_params["photo"] = "upload"
    go(page, view)
    healthy(page.run())
    assert not page.info or view == "nano"  # whose only note is that no real board has run it
    html = "\n".join(element.proto.body for element in page.main.get("html"))
    assert "good light" not in html and "dB</figcaption>" not in html
    if view == "nano":
        assert "extra_scene" not in [each.key for each in page.main.get("button_group")]
        page.get_by_key("extra_light").set_value("2")
        healthy(page.run())
        html = "\n".join(element.proto.body for element in page.main.get("html"))
        assert "The scene in good light" in html and " dB" in html
