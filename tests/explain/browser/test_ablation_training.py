"""The ablation bench and the page on training in a real browser."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from explain.analysis.ablation import ablations
from explain.app.catalog.topics import TOPICS
from model.config import preset

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def open_page(visitor, page, name: str) -> None:
    """Through the menu, as a visitor of the overview does."""
    page.get_by_role("heading", name="The map").wait_for()
    visitor.menu(page, TOPICS[name].short).click()
    arrived(visitor, page, name)


def arrived(visitor, page, name: str) -> None:
    page.get_by_role("heading", name=TOPICS[name].title, exact=True).wait_for()
    page.get_by_test_id("stMain").get_by_text("Take it with you").wait_for()  # the last line
    visitor.finished(page)
    visitor.unfold(page)


def shown(visitor, page) -> dict:
    """What a person would compare."""
    bars = visitor.chart(page, "What every part is worth")
    return {
        "numbers": page.locator("dl.facts").inner_text(),
        "pictures": [image.get_attribute("src") for image in page.locator(".prints img").all()],
        "bars": (bars.texts("names"), bars.texts("numbers")),
        "on": [pill.inner_text() for pill in page.locator("button[data-variant=pills][aria-pressed=true]").all()],
    }


def sort_by(page, label: str) -> None:
    """Chooses with the keyboard."""
    box = page.get_by_role("combobox", name=re.compile("Sorted by"))
    box.focus()
    box.press("ArrowDown")
    page.get_by_role("option", name=label).wait_for()
    box.type(label)
    box.press("Enter")


def test_switching_parts_off(visitor):
    with visitor.visit("/?photo=kingfisher") as page:
        open_page(visitor, page, "ablation")
        assert page.get_by_text("Nothing is switched off.").count() == 1
        page.get_by_text("Equal SKFF weights", exact=True).click()
        page.get_by_text("PSNR, without").wait_for()
        assert page.url.endswith("off=equal-weights.all") and page.locator(".prints img").count() == 4
        first = shown(visitor, page)
        page.get_by_role("button", name="Skip group 1 · block 2").press("Enter")
        page.wait_for_url("**skip-block.rrg_1.mrb_2")
        page.get_by_text("Block skipped: group 1 · block 2:").wait_for()
        visitor.finished(page)
        assert (
            shown(visitor, page)["numbers"] != first["numbers"]
            and shown(visitor, page)["pictures"] != first["pictures"]
        )
        page.get_by_role("button", name="column 2 · DAU 3").press("Space")
        page.wait_for_url("**channel-off.rrg_1.mrb_1.column_2.dau_3")
        visitor.finished(page)
        sort_by(page, "Worst photo")
        page.wait_for_url("**sort=worst")
        visitor.finished(page)
        link, seen = page.url, shown(visitor, page)
        with visitor.visit_again(page) as other:
            arrived(visitor, other, "ablation")
            visitor.agrees(other, lambda it: shown(visitor, it), seen)
            assert other.url == link
        bars = visitor.chart(page, "What every part is worth")
        name = bars.texts("names")[0]
        bars.click(0)  # alone
        page.wait_for_url(re.compile(r"off=[^,&%]+(&|$)"))
        key = parse_qs(urlsplit(page.url).query)["off"][0]
        assert {one.key: one.words for one in ablations(preset("desk"))}[key] == name
        visitor.finished(page)
        sort_by(page, "This photo")
        page.wait_for_url("**sort=here*")
        visitor.finished(page)
        lost = bars.texts("numbers")[bars.texts("names").index(name)]
        # The chart's number for this photo is the one above.
        visitor.agrees(page, lambda it: f"−{lost}" in it.locator("dl.facts").inner_text(), True)
        page.get_by_role("button", name="Switch all on again").click()
        page.get_by_text("Nothing is switched off.").wait_for()
        assert "off=" not in page.url


def test_the_curves_and_the_photo_through_all_networks(visitor):
    with visitor.visit("/?photo=coffee") as page:
        open_page(visitor, page, "training")
        curve = visitor.chart(page, re.compile("^Sizes of MIRNet, validation PSNR: 1 × 1 ends at .* dB"))
        assert curve.box.locator(".mark-line path").count() == 5
        scores = page.get_by_text(re.compile(r"^(desk|nano-float|nano): [\d.]+ dB$")).all_inner_texts()
        assert [line.split(":")[0] for line in scores] == ["desk", "nano-float", "nano"]
        page.get_by_text("training loss", exact=True).click()
        assert visitor.chart(page, re.compile("^Sizes of MIRNet, training loss")).box.is_visible()
        page.get_by_text("Hawa Mahal, Jaipur", exact=True).click()
        page.wait_for_url("**shot=palace*")
        visitor.finished(page)
        assert "curve=loss" in page.url
        pictures = [image.get_attribute("src") for image in page.locator(".prints img").all()]
        assert len(pictures) == 7 + 6 + 3
        with visitor.visit_again(page) as other:
            arrived(visitor, other, "training")
            visitor.agrees(
                other, lambda it: [img.get_attribute("src") for img in it.locator(".prints img").all()], pictures
            )
            assert visitor.chart(other, re.compile("^desk, training loss")).box.is_visible()


def test_both_fit_a_phone(visitor):
    with visitor.visit("/", viewport={"width": 390, "height": 844}, color_scheme="dark") as page:
        page.get_by_role("heading", name="The map").wait_for()
    for name, query in (("ablation", "?off=no-stream-3&all=yes"), ("training", "?curve=rate")):
        path = f"/{TOPICS[name].path}{query}"
        with visitor.visit(path, viewport={"width": 390, "height": 844}, color_scheme="dark") as page:
            arrived(visitor, page, name)
            assert page.locator(".prints img").count() >= 4
            assert visitor.fits(page)
