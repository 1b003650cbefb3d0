"""The first screen: the slider, an own photo that survives a reload and that no link carries, and what is refused."""

import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
MINE = re.compile(r"120×180×3")


def png(height: int = 120, width: int = 180) -> bytes:
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.stack([rows / 3 % 256, columns / 4 % 256, (rows + columns) % 60], axis=-1).astype("uint8")
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def file(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def starts(visitor, page) -> None:
    page.get_by_role("heading", name="The map").wait_for()
    page.get_by_role("slider", name="Before and after").wait_for()
    visitor.finished(page)


def share(page) -> float:
    return float(page.get_by_role("slider", name="Before and after").get_attribute("aria-valuenow"))


def give_photo(page, content: bytes, name: str = "mine.png") -> None:
    """By the button beside the tour."""
    page.get_by_role("button", name="Try your own photo").click()
    page.get_by_test_id("stPopoverBody").locator("input[type=file]").set_input_files(file(name, content))


def test_the_slider_by_mouse_and_keyboard(visitor):
    with visitor.visit("/?photo=room") as page:
        starts(visitor, page)
        slider, frame = page.get_by_role("slider", name="Before and after"), page.locator(".frame")
        assert share(page) == 50
        box = frame.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 60, steps=4)
        assert abs(share(page) - 20) <= 1
        page.mouse.up()
        page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 60)
        assert abs(share(page) - 20) <= 1  # it is let go
        seen = page.locator(".frame .before").evaluate("image => getComputedStyle(image).clipPath")
        assert float(re.search(r"inset\(0px ([\d.]+)%", seen)[1]) == pytest.approx(80, abs=1)
        slider.focus()
        for key, at in (
            ("Home", 0),
            ("ArrowRight", 2),
            ("PageUp", 12),
            ("ArrowLeft", 10),
            ("End", 100),
            ("ArrowUp", 100),
        ):
            page.keyboard.press(key)
            assert share(page) == at, key
        assert "100 % The photo" in slider.get_attribute("aria-valuetext")


def test_the_slider_by_touch(visitor):
    with visitor.visit("/?photo=coffee", **PHONE) as page:
        starts(visitor, page)
        frame = page.locator(".frame")
        frame.scroll_into_view_if_needed()
        box = frame.bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
        assert abs(share(page) - 75) <= 2
        assert frame.evaluate("frame => getComputedStyle(frame).touchAction") == "pan-y"  # the page still scrolls
        assert visitor.fits(page)


def test_the_restored_picture_is_a_file(visitor):
    with visitor.visit("/?photo=palace") as page:
        starts(visitor, page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Restored picture").click()
        assert download.value.suggested_filename == "restored-palace.png"
        with Image.open(download.value.path()) as picture:
            assert picture.format == "PNG" and picture.size == (360, 240)
            assert np.asarray(picture).mean() > 60


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_an_own_photo_survives_a_reload_and_no_link_carries_it(visitor, options):
    with visitor.visit(**options) as page:
        starts(visitor, page)
        give_photo(page, png())
        page.wait_for_url("**photo=upload*")
        page.locator("text=120×180×3").locator("visible=true").first.wait_for()
        visitor.finished(page)
        key = page.evaluate("sessionStorage.getItem('mirnet-photo')")
        assert len(key) >= 40 and key not in page.url
        page.reload()
        page.locator("text=120×180×3").locator("visible=true").first.wait_for()
        visitor.finished(page)
        assert page.get_by_text("never leaves the session").count() == 0
        assert "photo=upload" in page.url and key not in page.url
        with visitor.visit_again(page, **options) as other:  # another person
            starts(visitor, other)
            other.get_by_text("never leaves the session").first.wait_for()
            assert other.locator("text=120×180×3").count() == 0
            assert other.evaluate("sessionStorage.getItem('mirnet-photo')") is None
        tab = page.context.new_page()  # the same person's browser, and the copied link
        tab.goto(page.url)
        starts(visitor, tab)
        tab.get_by_text("never leaves the session").first.wait_for()
        tab.close()


def test_a_forgotten_photo_is_gone_after_a_reload_too(visitor):
    with visitor.visit() as page:
        starts(visitor, page)
        side = page.get_by_test_id("stSidebar")
        listed = side.get_by_text("mine.png")
        side.locator("input[type=file]").set_input_files(file("mine.png", png()))
        page.wait_for_url("**photo=upload*")
        listed.wait_for()
        visitor.finished(page)
        forget = page.get_by_role("button", name="Forget my photo")
        forget.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "photo=upload" not in url)
        forget.wait_for(state="detached")
        visitor.finished(page)
        page.wait_for_function("sessionStorage.getItem('mirnet-photo') === null")
        assert listed.count() == 0  # Streamlit's own copy is gone, too
        page.goto(visitor.address + "/?photo=upload")
        page.get_by_text("never leaves the session").first.wait_for()


def test_a_file_that_is_too_large_and_one_that_is_none_get_their_sentences(visitor, tmp_path):
    large = tmp_path / "large.png"
    large.write_bytes(png() + bytes(26 * 2**20))  # on disk: through the driver so much takes it half a minute
    with visitor.visit() as page:
        starts(visitor, page)
        give_photo(page, b"hello", "text.png")
        problem = page.get_by_test_id("stMain").get_by_role("alert")
        problem.filter(has_text="text.png").wait_for()
        visitor.finished(page)
        box = page.get_by_test_id("stPopoverBody")
        if not box.count():
            page.get_by_role("button", name="Try your own photo").click()
        box.locator("input[type=file]").set_input_files(large)
        problem.filter(has_text=re.compile(r"large\.png: 26\.0 MB are more than the 25 MB")).wait_for()
        assert problem.filter(has_text="text.png").count() == 0  # the old one is gone
        box.locator("input[type=file]").set_input_files(file("good.png", png()))
        page.wait_for_url("**photo=upload*")
        problem.wait_for(state="detached")


def test_of_a_panorama_a_part_can_be_looked_at(visitor):
    with visitor.visit() as page:
        starts(visitor, page)
        give_photo(page, png(300, 1500))
        page.wait_for_url("**photo=upload*")
        page.locator("text=76×384×3").locator("visible=true").first.wait_for()
        side = page.get_by_test_id("stSidebar")
        side.get_by_role("radio", name="a part, larger").click()
        page.locator("text=256×384×3").locator("visible=true").first.wait_for()
        side.get_by_text(re.compile(r"From \d+ to \d+ % of your panorama's width; the rest is cut off")).wait_for()
        before = side.get_by_text(re.compile("the rest is cut off")).inner_text()
        side.get_by_role("slider", name=re.compile("Where, from left to right")).focus()
        page.keyboard.press("ArrowRight")
        visitor.agrees(page, lambda _: side.get_by_text(re.compile("the rest is cut off")).inner_text() != before, True)
        page.reload()
        page.locator("text=256×384×3").locator("visible=true").first.wait_for()
        assert side.get_by_text(re.compile("the rest is cut off")).count() == 1
