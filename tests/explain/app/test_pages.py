"""The page, driven without a browser: every view on real maps, and what a visitor may do to it."""

import json
import re
import sys
from importlib.util import find_spec
from io import BytesIO

import keras
import numpy as np
import pytest
from page_runs import fresh, go, healthy, opened, text_of
from photo_cases import encoded, gradient, whole_photo
from PIL import Image
from quick import FEW_KINDS, quick
from streamlit.testing.v1 import AppTest

from explain.app.catalog.symbol_pictures import in_stream_colours
from explain.app.catalog.texts import TEXTS
from explain.app.catalog.tour import STOPS
from explain.figures import LIGHT
from model.images.photo_formats import SUFFIXES

KINDS = tuple(TEXTS)


def png(height: int = 40, width: int = 60) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 60, (height, width, 3), dtype="uint8")
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def numbers(page: AppTest) -> str:
    """The table under the pixel, as HTML."""
    return json.loads(control(page, "numbers").proto.json)["html"]


def figure(page: AppTest) -> str:
    """The component's pictures, as HTML."""
    return "".join(element.proto.body for element in page.main.get("html") if 'class="sheet"' in element.proto.body)


def compared(page: AppTest) -> list[str]:
    """What stands below the slider, left and right."""
    html = json.loads(control(page, "compare").proto.json)["html"]
    return re.findall("<span>([^<]*)</span>", html)


def control(page: AppTest, key: str):
    return page.get_by_key(key)


def test_the_overview_shows_the_photo_before_and_after():
    page = opened()
    assert page.title[0].value == "MIRNet, component by component"
    captions = compared(page)
    assert [caption.split(" · ")[0] for caption in captions] == ["The photo", "What the network makes of it"]
    assert [image.captions for image in page.main.get("image")] == [["The same scene in good light"]]
    assert "dB" in captions[0] and "dB" in captions[1]
    before, after = (float(caption.split(" · ")[1].removesuffix(" dB")) for caption in captions[:2])
    assert after > before + 3, "the shipped network does not restore the sample"
    assert "Trained weights “desk”: learned from photo pairs of the LOL data set; 21.7 dB" in text_of(page.caption)
    assert "dB: PSNR, how close a picture is to the one in good light" in text_of(page.caption)
    assert page.get_by_key("map")


@pytest.mark.parametrize("kind", quick(KINDS, *FEW_KINDS))
def test_every_page_shows_a_component_at_work(kind):
    page, text = opened(kind), TEXTS[kind]
    assert page.title[0].value == text.title
    described = re.findall(r'<img src="data:image/[^"]+" alt="([^"]+)"', figure(page))
    assert len(described) >= 6 and len(set(described)) >= 4
    [look] = [element.value for element in page.markdown if "What to look at" in element.value]
    assert len(look) > 100
    lines = [element.value.strip("$\n") for element in page.latex[: len(text.formula)]]
    colours = LIGHT.streams[:3] if kind in ("mrb", "skff") else ()
    assert lines == [in_stream_colours(line, colours, LIGHT.text) for line in text.formula]
    assert len(page.latex) > len(text.formula)  # the arithmetic under the pixel
    assert any("checks pass" in fold.label for fold in page.expander)
    assert not page.error and not page.info and not page.warning
    assert text_of(page.markdown).count(":green[:material/check:]") >= 5
    assert numbers(page).count("<a href") >= 3  # each value leads to its own arithmetic


def test_a_link_opens_the_view_that_it_describes():
    page = opened(
        "skff", photo="palace", group="2", block="2", place="exchange", stream="3", channel="20", row="9", col="7"
    )
    assert not page.info
    chosen = {name: control(page, f"choose_{name}").value for name in ("group", "block", "place", "stream")}
    assert chosen == {"group": 2, "block": 2, "place": "exchange", "stream": 3}
    assert (control(page, "channel").value, control(page, "row").value, control(page, "col").value) == (20, 9, 7)
    assert control(page, "photo").value == "palace"
    assert "**Row 9, column 7, channel 20**" in text_of(page.markdown)
    assert "<td>2,\u00a01 " in numbers(page)  # the pixel's place at a quarter of the size
    assert "tensor=rrg_2/mrb_2/exchange/skff_3/out&amp;y=2&amp;x=1&amp;c=20" in numbers(page)


@pytest.mark.slow
def test_a_control_writes_the_address_and_keeps_the_rest():
    page = opened("dau", photo="coffee", place="column_2", row="30", col="50")
    control(page, "choose_stream").set_value(3)
    healthy(page.run())
    expected = {
        "photo": "coffee",
        "group": "1",
        "block": "1",
        "place": "column_2",
        "stream": "3",
        "row": "30",
        "col": "50",
    }
    assert page.query_params == expected
    control(page, "channel").set_value(25)
    healthy(page.run())
    assert page.query_params == expected | {"channel": "25"}
    control(page, "row").set_value(31)
    healthy(page.run())
    assert page.query_params == expected | {"channel": "25", "row": "31"}


def test_two_controls_changed_at_once_are_both_heard():
    page = opened("dau")
    control(page, "choose_stream").set_value(2)
    control(page, "choose_group").set_value(2)
    control(page, "col").set_value(11)
    healthy(page.run())
    assert (page.query_params["stream"], page.query_params["group"], page.query_params["col"]) == ("2", "2", "11")


def test_a_choice_that_another_one_rules_out_is_replaced():
    page = opened("down", place="exchange", stream="1", to="3", step="2")
    assert control(page, "choose_step").value == 2
    control(page, "choose_stream").set_value(2)
    healthy(page.run())
    assert (page.query_params["stream"], page.query_params["to"], page.query_params["step"]) == ("2", "3", "1")
    assert not page.info


@pytest.mark.slow
def test_the_public_mistake_breaks_promises_and_is_announced_everywhere():
    page = opened("skff")
    control(page, "softmax").set_value(True)
    healthy(page.run(), errors=1)
    assert page.query_params["softmax"] == "channels"
    assert "checks fail" in text_of(page.error)
    assert text_of(page.markdown).count(":red[:material/close:]") >= 3
    assert "softmax taken over the channels" in text_of(page.markdown)
    go(page, "rrg")
    healthy(page.run())
    assert "teaching switch is on" in text_of(page.markdown)
    control(page, "softmax_off").click()
    healthy(page.run())
    assert "teaching switch is on" not in text_of(page.markdown)
    assert "softmax" not in page.query_params


def test_probes_test_the_component_on_made_up_inputs():
    page = opened("channel_attention")
    before = text_of(page.markdown).count(":green[:material/check:]")
    control(page, "probes").set_value(True)
    healthy(page.run())
    assert page.query_params["probes"] == "yes"
    assert text_of(page.markdown).count(":green[:material/check:]") > before
    assert "Half open in the dark" in text_of(page.markdown)


HOSTILE = [
    {"photo": "<script>alert(1)</script>"},
    {"photo": "![x](http://example.invalid/x.png)", "group": "`](javascript:alert(1))"},
    {"group": "-1", "block": "99999999999999999999", "place": "..", "stream": "NaN"},
    {"row": "1e9", "col": "", "channel": "٣", "softmax": "both", "probes": "true"},
    {"photo": "upload"},
    {"photo": "\x00\u202e" * 50},
]


@pytest.mark.parametrize(
    "params",
    [*HOSTILE[1:3], *(pytest.param(each, marks=pytest.mark.slow) for each in (HOSTILE[0], *HOSTILE[3:]))],
    ids=lambda params: ",".join(params),
)
def test_a_strange_address_gets_a_friendly_note(params):
    page = opened("dau", **params)
    assert page.title[0].value == TEXTS["dau"].title
    notes = text_of(page.info)
    assert notes
    assert "Traceback" not in notes
    for text in ("<script", "![x]", "javascript"):
        for line in notes.splitlines():  # only ever inside a code span
            assert text not in line or line.index("`") < line.index(text) < line.rindex("`")


@pytest.mark.slow
def test_an_uploaded_photo_is_walked_through():
    page = opened("mrb")
    control(page, "file").set_value(("holiday.png", png(800, 600), "image/png"))
    healthy(page.run())
    assert page.query_params["photo"] == "upload"
    assert control(page, "photo").value == "upload"
    assert "600 × 800 pixels" in text_of(page.caption) and "scaled down to 256 × 340" in text_of(page.caption)
    assert "340×256×8" in numbers(page)
    go(page, "overview")
    healthy(page.run())
    assert not page.main.get("image")  # there is no bright reference
    assert compared(page) == ["The photo", "What the network makes of it"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("notes.png", b"not a picture", marks=pytest.mark.slow),
        pytest.param("empty.png", b"", marks=pytest.mark.slow),
        ("cut.png", png()[:200]),
        pytest.param("tiny.png", png(1, 1), marks=pytest.mark.slow),
        ("![x](http://example.invalid/x.png).png", b"GIF89a"),
    ],
)
def test_a_file_that_is_no_photo_gets_a_sentence(name, content):
    page = opened("dau")
    shown = text_of(page.markdown)
    control(page, "file").set_value((name, content, "image/png"))
    healthy(page.run(), errors=1)
    assert "\n" not in page.error[0].value
    assert "![x](" not in page.error[0].value
    assert text_of(page.markdown) == shown  # the photo before stays
    control(page, "file").set_value(("good.png", png(), "image/png"))
    healthy(page.run())
    assert not page.error
    assert page.query_params["photo"] == "upload"


def test_the_sentence_is_beside_where_the_file_was_chosen():
    page = opened("overview")
    control(page, "file").set_value(("notes.png", b"not a picture", "image/png"))
    healthy(page.run(), errors=1)
    assert "notes" in page.sidebar.error[0].value
    control(page, "first_file_0").set_value(("other.png", b"not a picture", "image/png"))
    healthy(page.run(), errors=1)
    assert not page.sidebar.error and "other" in page.main.error[0].value
    go(page, "dau")
    healthy(page.run(), errors=1)
    assert "other" in page.sidebar.error[0].value


@pytest.mark.parametrize(
    ("name", "kind"),
    quick(
        [("IMG_1.HEIC", "HEIC"), ("scan.tif", "TIFF of 16 bits"), ("mail.jfif", "JPEG"), ("x.avif", "AVIF")], first=1
    ),
)
def test_a_phones_photo_is_walked_through(name, kind, require):
    if kind == "HEIC":
        require(find_spec("pi_heif"), "needs pi-heif: pip install pi-heif")
    page = opened("dau")
    control(page, "file").set_value((name, whole_photo(kind), "image/any"))
    healthy(page.run())
    assert page.query_params["photo"] == "upload" and not page.error


def test_a_heic_without_its_package_gets_a_sentence_with_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    page = opened("dau")
    control(page, "file").set_value(("IMG_1.HEIC", whole_photo("HEIC"), "image/heic"))
    healthy(page.run(), errors=1)
    said = page.error[0].value.replace("\\", "")
    assert "IMG_1.HEIC: is a HEIC picture" in said and "pip install 'mirnet-explainer[heic]'" in said


@pytest.mark.slow
def test_of_an_upload_of_several_pages_it_is_said(require):
    pages = encoded(Image.fromarray(gradient()), "TIFF", save_all=True, append_images=[Image.new("RGB", (9, 9))])
    page = opened("dau")
    control(page, "file").set_value(("scan.tif", pages, "image/tiff"))
    healthy(page.run())
    assert "The file holds several pictures" in text_of(page.caption)


def test_the_upload_takes_every_suffix_that_is_read():
    taken = set(control(opened("dau"), "file").allowed_type)
    assert {".heic", ".jfif", ".tif", ".avif", ".bmp", ".png"} <= taken == set(SUFFIXES)


def test_a_photo_is_forgotten_on_request():
    page = opened("dau")
    control(page, "file").set_value(("good.png", png(), "image/png"))
    healthy(page.run())
    control(page, "file").set_value(None)
    healthy(page.run())
    assert page.query_params["photo"] == "upload"
    control(page, "forget").click()
    healthy(page.run())
    assert page.query_params["photo"] == "room"
    assert "upload" not in page.session_state


@pytest.mark.slow
def test_nobody_sees_another_visitors_photo():
    mine, other = opened("dau"), opened("dau")
    control(mine, "file").set_value(("secret.png", png(), "image/png"))
    healthy(mine.run())
    healthy(other.run())
    assert control(mine, "photo").value == "upload"
    assert control(other, "photo").value == "room"
    assert "upload" not in other.session_state
    stranger = opened("dau", photo="upload")
    assert "never leaves the session" in text_of(stranger.info)
    assert control(stranger, "photo").value == "room"


@pytest.mark.slow
def test_figures_follow_the_theme():
    pictures = {}
    for theme in ("light", "dark"):
        page = fresh()
        page.context = {"theme": theme}
        page.query_params["channel"] = "2"  # its zero has the background's colour
        go(page, "rrg")
        healthy(page.run())
        pictures[theme] = re.findall('src="([^"]+)"', figure(page))
    assert len(pictures["light"]) == len(pictures["dark"]) > 0
    assert pictures["light"] != pictures["dark"]


def test_a_figure_shown_again_is_not_made_again(monkeypatch):
    page = opened("skff", group="2")
    shown, charts = figure(page), len(page.main.get("vega_lite_chart"))
    assert charts == 3 + 2  # of the figure, and of the section below it
    monkeypatch.setattr("explain.app.figure_view.component_figure.show_content", None)
    healthy(page.run())
    assert figure(page) == shown and len(page.main.get("vega_lite_chart")) == charts


@pytest.mark.slow
def test_every_page_leads_on_to_the_next():
    for view, follows in (
        ("overview", TEXTS["mirnet"].short),
        ("up", "Cell inspector"),
        ("training", "Quantization lens"),
    ):
        page = opened(view)
        assert [link.label for link in page.main.get("page_link")][-1] == f"Next: {follows}"
    assert not any(link.label.startswith("Next") for link in opened("nano").main.get("page_link"))
    assert not any(link.label.startswith("Next") for link in opened("up", hide="menu").main.get("page_link"))


def test_a_stop_of_the_tour_asks_on_its_own_page_only():
    stop = STOPS[4]
    there, elsewhere = (
        json.loads(control(opened(view, tour="5"), "stop").proto.json)["html"] for view in (stop.page, "dau")
    )
    assert "Look, then answer" in there and "Back to the stop" not in there
    assert "Look, then answer" not in elsewhere and "You have left this stop" in elsewhere
    assert re.search(rf'href="{TEXTS[stop.page].path}[^"]*tour=5[^"]*">Back to the stop', elsewhere)


def test_a_run_of_a_page_leaves_a_network_in_the_making_alone():
    """Streamlit would clear Keras' session after it, under the hands of other threads."""
    variable = keras.Variable(1.0)
    with keras.StatelessScope(state_mapping=[(variable, keras.ops.convert_to_tensor(5.0))]):
        opened("skff")
        assert float(variable.value) == 5.0
