"""What the map shows inside its boxes: pictures of this photo, and the numbers of explain.tracing.costs."""

from base64 import b64decode
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from explain.app.catalog.choices import Choice
from explain.app.compute.photos import own_photo, sample_photo
from explain.app.compute.runner import Setup, configuration, network
from explain.app.map.amounts import LAYERS, NONE, amounts, notes
from explain.app.map.architecture import network_map
from explain.app.map.marks import Marks, Note
from explain.app.map.thumbnails import LONGEST, _activity, thumbnails
from explain.tracing.costs import cost

CONFIG = configuration(Setup())
SIZE = (48, 64)
SVG = "{http://www.w3.org/2000/svg}"


def pixels(address: str) -> np.ndarray:
    head, _, content = address.partition(",")
    assert head == "data:image/webp;base64"
    assert len(content) < 4_000
    return np.asarray(Image.open(BytesIO(b64decode(content))).convert("RGB"), float)


def pictures_of(name: str, block: int = 1) -> dict[str, str]:
    photo = sample_photo(name, CONFIG.multiple)
    return thumbnails(Setup(), photo, photo.key, 1, block, "light")


def drawn(marks: Marks) -> ElementTree.Element:
    address = lambda kind, **choice: f"{kind}?{choice}"  # noqa: E731
    return ElementTree.fromstring(network_map(CONFIG, SIZE, Choice(), address, marks))


def boxes(panel) -> dict[str, tuple[float, ...]]:
    """Left, top, right and bottom of every box by its first line of text."""
    found = {}
    for group in panel.iter(f"{SVG}g"):
        frame, text = group.find(f"{SVG}rect"), group.find(f"{SVG}text")
        if frame is not None:
            x, y, width, height = (float(frame.get(side)) for side in ("x", "y", "width", "height"))
            found.setdefault(text.text, []).append((group, (x, y, x + width, y + height)))
    return found


@pytest.mark.slow
def test_every_photo_has_pictures_of_its_own():
    room, palace = pictures_of("room"), pictures_of("palace")
    assert set(room) == set(palace)
    assert {"photo", "output", "shallow", "residual", "rrg_1/mrb_2/out", "rrg_2/out"} <= set(room)
    block = [f"rrg_1/mrb_1/column_{c}/dau_{k}/out" for c in (1, 2) for k in (1, 2, 3)]
    assert {*block, "rrg_1/mrb_1/exchange/skff_2/out", "rrg_1/mrb_1/merge/skff/out"} <= set(room)
    for name in room:
        one, other = pixels(room[name]), pixels(palace[name])
        assert max(one.shape) <= LONGEST
        assert one.shape != other.shape or np.abs(one - other).mean() > 3, name
    assert pictures_of("room", block=2).keys() != room.keys()


def test_a_picture_of_the_photo_is_the_photo():
    photo = own_photo(_png(np.tile(np.array([200, 90, 30], "uint8"), (96, 128, 1))), "plain.png", CONFIG.multiple)
    found = thumbnails(Setup(), photo, photo.key, 2, 1, "dark")
    np.testing.assert_allclose(pixels(found["photo"]), np.broadcast_to([200.0, 90, 30], (48, 64, 3)), atol=6)
    assert "rrg_2/mrb_1/column_1/dau_3/out" in found


def test_the_activity_is_that_of_the_figures():
    features = np.zeros((1, 8, 12, 2), "float32")
    features[:, :4] = 1.0
    features[:, 4:, :, 0] = np.sqrt(2)  # another mean absolute value, the same root mean square
    assert np.ptp(_activity(features, "light"), axis=(0, 1)).max() == 0


def _png(values: np.ndarray) -> bytes:
    content = BytesIO()
    Image.fromarray(values).save(content, "PNG")
    return content.getvalue()


@pytest.mark.slow
def test_the_numbers_are_those_of_the_costs():
    whole, found = cost(network(Setup())[0], SIZE), amounts(Setup(), SIZE)
    sites = ["", "rrg_2", "rrg_1/mrb_1", "rrg_1/mrb_2/column_1/dau_2", "rrg_1/mrb_1/exchange/up_3_1", "shallow", "last"]
    for site in sites:
        assert found["parameters"][site] == (whole.at(site).parameters, whole.at(site).shared_with)
        assert found["macs"][site][0] == whole.at(site).macs
        assert found["memory"][site][0] == whole.at(site).activation_bytes
    dau = "rrg_1/mrb_1/column_1/dau_3"
    said = notes(found, "macs")[dau]
    assert f"{whole.at(dau).macs:,} multiply-accumulates" in said.tooltip
    assert said.text == f"{whole.at(dau).macs / 1e6:.2f} M"
    shared = notes(found, "parameters")["rrg_1/mrb_1/column_2/dau_1"]
    assert (shared.text, shared.shade) == ("shared", 0) and "column 1" in shared.tooltip
    assert notes(found, NONE) == {}
    for layer in set(LAYERS) - {NONE}:
        shades = {site: note.shade for site, note in notes(found, layer).items()}
        assert 0 <= min(shades.values()) and max(shades["rrg_1"], shades["rrg_2"]) == 1


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("style", ["wide", "narrow"])
def test_pictures_and_numbers_stand_in_their_boxes(style, upright):
    names = ["photo", "output", "shallow", "rrg_1/out", "rrg_1/mrb_1/out", "rrg_1/mrb_1/column_1/dau_2/out"]
    pictures = {name: f"data:{name}" for name in names}
    sites = ["", "rrg_1", "rrg_1/mrb_1", "rrg_1/mrb_1/column_1/dau_2", "rrg_1/mrb_1/merge/up_3"]
    numbers = {site: Note("12.3 M", f"12,300,000 at {site}", 0.5) for site in sites}
    root = drawn(Marks(pictures, numbers, upright))
    panels = [part for part in root.iter() if part.get("class") == style]
    shown = {}
    for panel in panels:
        for found in boxes(panel).values():
            for group, (left, top, right, bottom) in found:
                for image in group.iter(f"{SVG}image"):
                    x, y, width, height = (float(image.get(side)) for side in ("x", "y", "width", "height"))
                    assert left <= x and x + width <= right and top <= y and y + height <= bottom
                    shown.setdefault(image.get("href"), group)
    assert set(shown) == {*pictures.values()}
    assert [text.text for text in shown["data:rrg_1/out"].iter(f"{SVG}text")] == ["RRG 1", "12.3 M"]
    links = {each.get("aria-label") for panel in panels for each in panel.iter() if each.tag.endswith("}a")}
    assert "Dual attention unit, stream 2, column 1: 12,300,000 at rrg_1/mrb_1/column_1/dau_2" in links
    assert "Upsample, stream 3 to 1: 12,300,000 at rrg_1/mrb_1/merge/up_3" in links


def test_boxes_with_pictures_do_not_overlap():
    pictures = dict.fromkeys(["photo", "rrg_1/mrb_1/column_1/dau_2/out"], "data:,")
    for upright in (False, True):
        for numbers in ({}, {"rrg_1": Note("1", "1", 1)}):
            root = drawn(Marks(pictures, numbers, upright))
            for panel in [part for part in root.iter() if part.get("class") in ("wide", "narrow")]:
                _, _, wide, tall = map(float, panel.find(f"{SVG}svg").get("viewBox").split())
                frames = [frame for found in boxes(panel).values() for _, frame in found]
                for k, (left, top, right, bottom) in enumerate(frames):
                    assert 0 <= left and right <= wide and 0 <= top and bottom <= tall
                    for x, y, end, low in frames[:k]:
                        assert right <= x or end <= left or bottom <= y or low <= top
