"""The real page in a real browser: as a person uses it, with the mouse, the keyboard, a phone and a copied link."""

import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from explain.app.catalog.texts import TEXTS

pytestmark = pytest.mark.browser


def where(page) -> str:
    """The line that names the pixel."""
    return page.locator("strong", has_text=re.compile("^Row ")).inner_text()


def photo() -> dict:
    rows, columns = np.mgrid[0:120, 0:180]
    pixels = np.stack([rows / 3, columns / 4, (rows + columns) % 60], axis=-1).astype("uint8")
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return {"name": "mine.png", "mimeType": "image/png", "buffer": content.getvalue()}


@pytest.mark.slow
def test_an_uploaded_photo_on_every_page(visitor):
    with visitor.visit() as page:
        page.get_by_role("heading", name="The map").wait_for()
        page.locator("input[type=file]").set_input_files(photo())
        page.wait_for_url("**photo=upload*")
        page.locator("text=120×180×3").locator("visible=true").first.wait_for()  # the map's shapes follow
        for kind, text in TEXTS.items():
            visitor.menu(page, text.short).click()
            visitor.shows(page, kind)
            assert "photo=upload" in page.url and f"/{text.path}?" in page.url
            assert page.get_by_text(re.compile(r"all \d+ checks pass")).count() == 1
        for name, content in (("broken.png", b"\x89PNG\r\n\x1a\n"), ("text.jpg", b"hello")):
            file = {"name": name, "mimeType": "image/png", "buffer": content}
            page.locator("input[type=file]").set_input_files(file)
            page.get_by_test_id("stSidebar").get_by_role("alert").filter(has_text=name).wait_for()
        visitor.finished(page)
        visitor.menu(page, "Overview").click()
        page.get_by_role("heading", name="The map").wait_for()
        assert "photo=upload" in page.url


@pytest.mark.slow
def test_the_map_leads_to_the_component_and_keeps_the_session(visitor):
    with visitor.visit("/?photo=coffee&group=2") as page:
        unit = page.get_by_role("link", name="Dual attention unit, stream 2, column 2").locator("visible=true")
        unit.click()
        heading = page.locator(".panel.here h3 a")
        heading.wait_for()
        start = page.url
        heading.click()
        visitor.shows(page, "dau")
        assert page.url.endswith("/dual-attention?photo=coffee&group=2&block=1&place=column_2&stream=2")
        page.go_back()
        page.wait_for_url(start)  # by one step
        link = page.get_by_role("link", name="Upsample, stream 3 to 1").locator("visible=true").last
        link.focus()
        page.keyboard.press("Enter")
        visitor.shows(page, "up")
        assert "group=2&block=1&place=merge&stream=3&to=1&step=1" in page.url


@pytest.mark.slow
def test_a_copied_link_shows_the_same_view(visitor):
    with visitor.visit("/dual-attention?photo=palace") as page:
        visitor.shows(page, "dau")
        page.get_by_role("radiogroup", name="Stream").get_by_role("radio", name="3").click()
        page.wait_for_url("**stream=3*")
        picture = page.get_by_role("img", name=re.compile("cross hairs"))
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        picture.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
        page.wait_for_url("**row=*")
        visitor.finished(page)
        row, column = (int(number) for number in re.findall(r"\d+", where(page))[:2])
        height, width = (360, 240) if box["height"] > box["width"] else (240, 360)
        assert abs(row - 0.75 * height) <= 2 and abs(column - 0.25 * width) <= 2
        page.get_by_role("slider", name="Row").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_url(f"**row={row + 1}*")
        page.get_by_text(f"Row {row + 1}, column {column}").wait_for()
        visitor.finished(page)
        link, seen = page.url, contents(page)
        with visitor.visit_again(page) as other:
            visitor.shows(other, "dau")
            visitor.agrees(other, contents, seen)
            assert other.url == link
        page.go_back()
        page.get_by_text(f"Row {row}, column {column}").wait_for()


def contents(page) -> dict:
    """What a person would compare."""
    return {
        "where": where(page),
        "table": page.get_by_role("table").inner_text(),
        "figure": [picture.get_attribute("src") for picture in page.locator(".st-key-figure img").all()],
        "look": page.get_by_text("What to look at.").locator("xpath=..").inner_text(),
        "promises": page.get_by_text(re.compile("checks pass")).inner_text(),
    }


@pytest.mark.slow
def test_the_public_mistake(visitor):
    with visitor.visit("/skff") as page:
        visitor.shows(page, "skff")
        page.get_by_text("Softmax over the channels instead").click()
        page.get_by_text(re.compile("checks fail")).wait_for()
        page.wait_for_url("**softmax=channels*")
        page.get_by_text("the weights of channel", exact=False).first.wait_for()
        page.get_by_role("button", name="Switch it off").click()
        page.get_by_text(re.compile(r"all \d+ checks pass")).wait_for()
        assert "softmax" not in page.url


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(visitor, theme):
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": theme}
    for path, heading in (("/", "MIRNet, component by component"), ("/skff", TEXTS["skff"].title)):
        with visitor.visit(path, **phone) as page:
            page.get_by_role("heading", name=heading).wait_for()
            if path == "/":
                page.get_by_role("link", name="RRG 1").locator("visible=true").first.wait_for()
            else:
                visitor.shows(page, "skff")
                # Laid out anew for the narrow window: two pictures in a line, none of them tiny.
                widths = [picture.bounding_box()["width"] for picture in page.locator(".st-key-figure img").all()]
                assert len(widths) == 8 and min(widths) > 0.35 * 390
                assert page.locator(".st-key-figure .group").first.bounding_box()["width"] > 0.8 * 390
            visitor.finished(page)
            assert visitor.fits(page)
