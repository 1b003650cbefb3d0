"""The ablation bench and the page on training in a real browser."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from explain.app.catalog.topics import TOPICS

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


def shown(page) -> dict:
    """What a person would compare."""
    return {
        "numbers": page.locator("dl.facts").inner_text(),
        "pictures": [image.get_attribute("src") for image in page.locator(".prints img").all()],
        "table": page.get_by_role("table").inner_text(),
        "on": [pill.inner_text() for pill in page.locator("button[data-variant=pills][aria-pressed=true]").all()],
    }


def test_switching_parts_off(visitor):
    with visitor.visit("/?photo=kingfisher") as page:
        open_page(visitor, page, "ablation")
        assert page.get_by_text("Nothing is switched off.").count() == 1
        page.get_by_text("Equal SKFF weights", exact=True).click()
        page.get_by_text("PSNR, without").wait_for()
        assert page.url.endswith("off=equal-weights.all") and page.locator(".prints img").count() == 4
        first = shown(page)
        page.get_by_role("button", name="Skip group 1 · block 2").press("Enter")
        page.wait_for_url("**skip-block.rrg_1.mrb_2")
        page.get_by_text("Block skipped: group 1 · block 2:").wait_for()
        visitor.finished(page)
        assert shown(page)["numbers"] != first["numbers"] and shown(page)["pictures"] != first["pictures"]
        page.get_by_text("One place only").click()
        page.get_by_role("button", name="column 2 · DAU 3").press("Space")
        page.wait_for_url("**channel-off.rrg_1.mrb_1.column_2.dau_3")
        visitor.finished(page)
        page.get_by_role("link", name=re.compile("^Worst photo")).press("Enter")
        page.wait_for_url("**sort=worst")
        visitor.finished(page)
        link, seen = page.url, shown(page)
        with visitor.visit_again(page) as other:
            arrived(visitor, other, "ablation")
            visitor.agrees(other, shown, seen)
            assert other.url == link
        worst = page.get_by_role("table").get_by_role("row").nth(1).get_by_role("link")
        name, key = worst.inner_text(), parse_qs(urlsplit(worst.get_attribute("href")).query)["off"][0]
        worst.click()  # alone
        page.wait_for_url(re.compile(rf"off={re.escape(key)}(&|$)"))
        visitor.finished(page)
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))
        lost = row.get_by_role("cell").nth(2).inner_text()
        # The table's number for this photo is the one above.
        visitor.agrees(page, lambda it: f"−{lost} dB" in it.locator("dl.facts").inner_text(), True)
        page.get_by_role("button", name="Switch all on again").click()
        page.get_by_text("Nothing is switched off.").wait_for()
        assert "off=" not in page.url


def test_the_curves_and_the_photo_through_all_networks(visitor):
    with visitor.visit("/?photo=coffee") as page:
        open_page(visitor, page, "training")
        curve = page.get_by_role("img", name=re.compile("^Sizes of MIRNet, validation PSNR: 1 × 1 ends at .* dB"))
        assert curve.count() == 1
        scores = page.get_by_text(re.compile(r"^(desk|nano-float|nano): [\d.]+ dB$")).all_inner_texts()
        assert [line.split(":")[0] for line in scores] == ["desk", "nano-float", "nano"]
        page.get_by_text("training loss", exact=True).click()
        page.get_by_role("img", name=re.compile("^Sizes of MIRNet, training loss")).wait_for()
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
            assert other.get_by_role("img", name=re.compile("^desk, training loss")).count() == 1


def test_both_fit_a_phone(visitor):
    with visitor.visit("/", viewport={"width": 390, "height": 844}, color_scheme="dark") as page:
        page.get_by_role("heading", name="The map").wait_for()
    for name, query in (("ablation", "?off=no-stream-3&all=yes"), ("training", "?curve=rate")):
        path = f"/{TOPICS[name].path}{query}"
        with visitor.visit(path, viewport={"width": 390, "height": 844}, color_scheme="dark") as page:
            arrived(visitor, page, name)
            assert page.locator(".prints img").count() >= 4
            assert visitor.fits(page)
