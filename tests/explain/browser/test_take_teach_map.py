"""What goes home with a visitor, what a teacher's link hides, and what the map shows, in a real browser."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from explain.app.catalog.texts import TEXTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"viewport": {"width": 390, "height": 844}}
TOLERANCE = 1e-6  # two processes with another number of threads


def downloaded(page, name: str, folder: Path) -> Path:
    """The file that a button gives."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_figures_tensors_and_python_to_take_along(visitor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the printed lines write a file
    with visitor.visit("/skff?photo=palace&place=exchange&stream=2&channel=3") as page:
        visitor.shows(page, "skff")  # which has opened "Take it with you" too
        with Image.open(downloaded(page, "PNG", tmp_path)) as picture:
            assert picture.format == "PNG" and picture.width == 1280
        svg = downloaded(page, "SVG", tmp_path)
        assert svg.name == "skff-palace.svg"
        assert ElementTree.parse(svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"
        page.get_by_role("combobox", name=re.compile("Any tensor of this page")).click()
        page.get_by_role("option", name="rrg_1/mrb_1/exchange/skff_2/weights").click()
        page.wait_for_url("**take=*")
        page.get_by_text('tensor = cache["rrg_1/mrb_1/exchange/skff_2/weights"]').wait_for()
        visitor.finished(page)
        tensor = np.load(downloaded(page, "NPY", tmp_path))
        np.testing.assert_allclose(tensor.sum(axis=1), 1, atol=1e-5)  # a softmax over the streams
        code = page.locator("code.language-python").inner_text()
        space: dict = {}
        exec(code, space)
        np.testing.assert_allclose(tensor, space["tensor"], atol=TOLERANCE)
        address = page.get_by_test_id("stMain").locator("code", has_text="http://").last.inner_text()
        assert address == page.url
        with visitor.visit_again(page, **PHONE) as other:
            other.get_by_text('tensor = cache["rrg_1/mrb_1/exchange/skff_2/weights"]').wait_for()  # it is open
            visitor.shows(other, "skff")
            assert visitor.fits(other)


def test_a_teachers_link_hides_parts_until_show_all(visitor):
    with visitor.visit("/dual-attention?photo=coffee&stream=2") as page:
        visitor.shows(page, "dau")
        page.get_by_text("For teachers").click()
        for label, hide in (
            ("the formula", "formula"),
            ("the numbers under one pixel", "formula,numbers"),
            ("the menu, and the link to the next page", "menu,formula,numbers"),
        ):
            page.get_by_role("checkbox", name=label).focus()
            page.keyboard.press("Space")
            shown = page.get_by_test_id("stSidebar").locator("code", has_text=re.compile(f"hide={hide}$"))
            shown.wait_for()
            visitor.finished(page)
        link = shown.inner_text()
        assert parse_qs(urlsplit(page.url).query)["hide"] == [hide]
        with visitor.visit(link.removeprefix(visitor.address), **PHONE) as student:
            student.get_by_text(re.compile("^Contract: all")).wait_for()
            show_all = student.get_by_role("button", name="Show all")
            show_all.wait_for()
            visitor.finished(student)
            for title in ("The formula", "Under one pixel"):
                assert student.get_by_text(re.compile(f"^{title}")).count() == 0
            assert student.get_by_role("link", name="RRG", exact=True).count() == 0
            assert visitor.fits(student)
            show_all.focus()
            student.keyboard.press("Enter")
            student.get_by_text(re.compile("^Under one pixel")).wait_for()
            visitor.shows(student, "dau")
            assert "hide" not in student.url and "photo=coffee" in student.url and "stream=2" in student.url


def test_the_map_shows_this_photo_and_the_numbers_of_its_parts(visitor):
    with visitor.visit("/?photo=room") as page:
        pictures = page.locator(".wide image")
        pictures.first.wait_for()
        visitor.finished(page)
        seen = pictures.evaluate_all("all => all.map(each => each.getAttribute('href'))")
        assert len(seen) >= 20 and len(set(seen)) >= 15
        page.get_by_role("radio", name="MACs").focus()
        page.keyboard.press("Space")
        page.wait_for_url("**layer=macs*")
        unit = page.get_by_role("link", name=re.compile(r"^Dual attention unit, stream 2, column 1: [\d,]+ multiply"))
        unit.locator("visible=true").wait_for()
        visitor.finished(page)
        said = unit.locator("visible=true").get_attribute("aria-label")
        with visitor.visit_again(page, **PHONE) as other:
            other.get_by_role("link", name=said).locator("visible=true").wait_for()
            visitor.finished(other)
            assert visitor.fits(other)
        with visitor.visit("/?photo=palace&layer=parameters", color_scheme="dark") as other:
            other.locator(".wide image").first.wait_for()
            visitor.finished(other)
            others = other.locator(".wide image").evaluate_all("all => all.map(each => each.getAttribute('href'))")
            assert len(others) == len(seen) and all(one != two for one, two in zip(seen, others, strict=True))
            assert other.get_by_role("link", name=re.compile("same weights as group 1")).first.is_visible()
        unit.locator("visible=true").locator("image").first.click()
        page.locator(".panel.here h3 a").click()
        visitor.shows(page, "dau")
        assert f"/{TEXTS['dau'].path}?photo=room" in page.url and "stream=2" in page.url and "layer" not in page.url
