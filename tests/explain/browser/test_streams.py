"""The page about receptive fields in a real browser: another stage, another pixel, a copied link, a phone."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STAGE = "group 1 · block 1 · stream 3"


def finished(visitor, page) -> None:
    page.get_by_test_id("stMain").get_by_text("Take it with you", exact=True).wait_for()
    visitor.finished(page)
    visitor.unfold(page)


def seen(page) -> dict:
    """What a person would compare."""
    return {
        "stage": page.get_by_role("combobox", name=re.compile("Stage")).input_value(),
        "numbers": page.locator(".st-key-seen table").inner_text(),
        "pictures": [each.get_attribute("alt") for each in page.locator(".spot img").all()],
        "row": page.get_by_role("slider", name="Row").get_attribute("aria-valuenow"),
        "column": page.get_by_role("slider", name="Column").get_attribute("aria-valuenow"),
    }


def test_what_a_pixel_sees(visitor):
    with visitor.visit("/streams?photo=palace") as page:
        finished(visitor, page)
        first = seen(page)
        assert first["stage"] == "group 1 · block 1 · stream 1" and "83 × 87" not in first["numbers"]
        bars = visitor.chart(page, re.compile("^Side of the theoretical field of"))
        bars.box.get_by_label(re.compile("103")).first.hover()
        page.locator("#vg-tooltip-element").get_by_text("103 × 103 pixels").wait_for()
        bars.click(3)
        page.wait_for_url("**stage=rrg_1%2Fmrb_1%2Fcolumn_2%2Fdau_3%2Fout*")
        finished(visitor, page)
        picture = page.get_by_role("img", name=re.compile("^The photo; bright is the theoretical field"))
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        picture.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
        page.wait_for_url("**row=*")
        finished(visitor, page)
        row, column = (int(re.search(rf"{name}=(\d+)", page.url)[1]) for name in ("row", "col"))
        assert abs(row - 180) <= 2 and abs(column - 90) <= 2
        page.get_by_role("slider", name="Row").focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_url(f"**row={row - 1}*")
        finished(visitor, page)
        now = seen(page)
        assert now["stage"] == STAGE and now["numbers"] != first["numbers"]
        assert f"of {STAGE}, 103 × 103 pixels" in now["pictures"][0]
        phone = {"viewport": {"width": 390, "height": 844}}
        with visitor.visit_again(page, **phone) as other:
            finished(visitor, other)
            visitor.agrees(other, seen, now)
            assert other.url == page.url
            assert visitor.fits(other)
