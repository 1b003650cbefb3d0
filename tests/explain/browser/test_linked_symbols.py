"""A symbol of a formula lights up its pictures, a picture its symbol; patches slide; a number leads to the photo."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TITLES = "all => all.map(each => each.querySelector('figcaption b')?.textContent ?? each.textContent)"


def lit_pictures(page) -> list[str]:
    return page.locator(".st-key-figure figure.lit-up").evaluate_all(TITLES)


def line(page, text: str):
    return page.locator(".st-key-formula li", has_text=text)


def test_by_mouse_from_the_formula_to_the_figure_and_back(visitor):
    with visitor.visit("/skff?photo=room") as page:
        visitor.shows(page, "skff")
        page.locator(".st-key-formula li[tabindex]").first.wait_for()
        symbol = page.locator(".st-key-formula .katex-display .katex-html .mord", has_text=re.compile("^L2")).first
        symbol.hover()
        assert lit_pictures(page) == ["stream 2"]
        assert page.locator(".st-key-formula li.lit-up").count() == 1
        line(page, "the plain sum").hover()
        assert lit_pictures(page) == ["fused: their sum"]
        assert page.locator(".st-key-formula .katex-display .lit-up").count() >= 2  # L = ..., GAP(L)
        picture = page.locator(".st-key-figure figure", has_text="out: their sum")
        picture.locator("img").hover()
        assert "the result" in page.locator(".st-key-formula li.lit-up").inner_text()
        page.locator("h1").hover()
        assert page.locator(".lit-up").count() == 0


def test_by_keyboard_and_touch(visitor):
    with visitor.visit("/mrb?photo=room") as page:
        visitor.shows(page, "mrb")
        page.locator(".st-key-formula li[tabindex]").first.wait_for()
        line(page, "first attention unit").focus()
        assert lit_pictures(page) == ["DAU 1", "DAU 2", "DAU 3"]
        page.keyboard.press("Tab")
        assert lit_pictures(page) == ["DAU 1", "DAU 2", "DAU 3"]  # those after the exchange
        page.locator(".lattice .stream").nth(1).hover()
        pictures = page.locator(".lattice .lit-up figure")
        assert pictures.count() == 3
    with visitor.visit("/skff?photo=room", **PHONE) as page:
        visitor.shows(page, "skff")
        page.locator(".st-key-formula li[tabindex]").first.wait_for()
        line(page, "the plain sum").tap()
        assert lit_pictures(page) == ["fused: their sum"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_streams_have_their_colours_in_formulas_and_figures(visitor, theme):
    with visitor.visit("/skff?photo=room", color_scheme=theme) as page:
        visitor.shows(page, "skff")
        colour = (
            page.locator(".st-key-figure figure[style*='--stream']")
            .nth(1)
            .evaluate("each => getComputedStyle(each.querySelector('img')).outlineColor")
        )
        lines = page.locator(".st-key-formula .katex-display .underline-line").evaluate_all(
            "all => all.map(each => getComputedStyle(each).borderBottomColor)"
        )
        assert colour in lines


def test_the_path_to_the_photo(visitor):
    body = "rrg_1/mrb_1/column_1/dau_1/body"
    with visitor.visit(f"/cell?photo=room&tensor={body}&y=60&x=100&c=0") as page:
        page.get_by_role("link", name="Take me to the photo").click()
        page.wait_for_url("**ride=yes*")
        ride = page.get_by_role("region", name="The path to the photo")
        ride.wait_for()
        visitor.finished(page)
        stops = ride.get_by_role("listitem").all_inner_texts()
        assert stops[0].startswith(body) and stops[-1].startswith("input [")
        with visitor.visit_again(page, **PHONE) as other:
            other.get_by_role("region", name="The path to the photo").get_by_role("listitem").last.wait_for()
            assert (
                other.get_by_role("region", name="The path to the photo").get_by_role("listitem").all_inner_texts()
                == stops
            )
            assert visitor.fits(other)
        ride.get_by_role("link").last.click()
        page.get_by_text("the chain ends").wait_for()


def test_the_patch_slides_with_the_arrow_keys_and_an_operand_lights_up_everywhere(visitor):
    body = "rrg_1/mrb_1/column_1/dau_1/body"
    with visitor.visit(f"/cell?photo=room&tensor={body}&y=60&x=100&c=0") as page:
        maths = page.get_by_role("group", name=re.compile("^Patch, weights")).first
        maths.wait_for()
        visitor.finished(page)
        maths.get_by_label("products").locator("> *").nth(4).hover()
        assert maths.locator(".lit").count() == 3
        before = maths.get_by_label("patch", exact=True).inner_text()
        maths.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_url("**y=60&x=101*")
        visitor.finished(page)
        assert maths.get_by_label("patch", exact=True).inner_text() != before
        visitor.agrees(page, lambda _: maths.evaluate("each => each.matches(':focus')"), True)  # the keys go on
        page.keyboard.press("ArrowDown")
        page.wait_for_url("**y=61&x=101*")
