"""The guided tour in a real browser: on and back, its questions, another photo, and a copied link."""

import re

import pytest

from explain.app.catalog.tour import LEARNED, LESSONS, STOPS
from explain.app.catalog.wording import filled
from model.config import preset

pytestmark = pytest.mark.browser

SETTLED = 2500  # milliseconds after which the page no longer moves to the part of a stop
ASKED = {
    "overview": (".st-key-photos [data-testid=stFullScreenFrame], .st-key-photos",),
    "mirnet": (".st-key-figure figure:has-text('residual')", ".st-key-figure figure:has-text('result')"),
    "mrb": (".st-key-figure figure:has-text('DAU 1')", ".st-key-figure figure:has-text('DAU 3')"),
    "down": (".moving canvas >> nth=1", ".moving canvas >> nth=2"),
    "channel_attention": (".st-key-gates",),
    "spatial_attention": (".st-key-places figure >> nth=0",),
    "skff": (".st-key-weights",),
    "cell": (".st-key-arithmetic .maths >> nth=0",),
    "ablation": (".st-key-effect figure:has-text('Ablated')",),
    "nano": (".st-key-camera figure:has-text('board makes')",),
}
"""By page: what its stop asks about."""


def panel(page):
    return page.get_by_role("region", name=re.compile("^Guided tour"))


def stands_at(visitor, page, number: int) -> None:
    """The stop's text and its part of the page are there, one under the other."""
    stop = STOPS[number - 1]
    page.get_by_role("region", name=f"Guided tour, stop {number} of {len(STOPS)}").wait_for()
    panel(page).get_by_role("heading", name=filled(stop.title, preset("desk"))).wait_for()
    visitor.finished(page)
    if stop.focus:
        part = page.locator(f".st-key-{stop.focus}").first
        part.wait_for()
        page.wait_for_function(
            "part => { const at = part.getBoundingClientRect(); return at.top > 0 && at.top < innerHeight - 80; }",
            arg=part.element_handle(),
        )


@pytest.mark.slow
def test_the_tour_from_stop_to_stop_and_back(visitor):
    with visitor.visit("/?photo=coffee") as page:
        page.get_by_role("button", name=re.compile("Take the tour")).click()
        for number in range(1, len(STOPS) + 1):
            stands_at(visitor, page, number)
            page.wait_for_url(re.compile(rf"photo=coffee.*tour={number}(&|$)"))
            if number < len(STOPS):
                panel(page).get_by_role("link", name="Next").click()
        panel(page).get_by_role("link", name="Previous").focus()
        page.keyboard.press("Enter")
        stands_at(visitor, page, len(STOPS) - 1)
        with visitor.visit_again(page) as other:
            stands_at(visitor, other, len(STOPS) - 1)
            assert other.url == page.url
        panel(page).get_by_role("link", name="End the tour").click()
        page.get_by_role("heading", name="The map").wait_for()
        visitor.finished(page)
        assert panel(page).count() == 0 and "tour" not in page.url


@pytest.mark.slow
def test_one_step_back_in_the_browser_is_one_stop_back(visitor):
    with visitor.visit("/channel-attention?tour=5") as page:
        stands_at(visitor, page, 5)
        for number in (6, 7):
            panel(page).get_by_role("link", name="Next").click()
            stands_at(visitor, page, number)
        for step, number in ((page.go_back, 6), (page.go_back, 5), (page.go_forward, 6)):
            step()
            stands_at(visitor, page, number)


def test_after_the_last_stop_what_was_learned_and_what_is_next(visitor):
    with visitor.visit(f"/nano?tour={len(STOPS)}") as page:
        stands_at(visitor, page, len(STOPS))
        panel(page).get_by_role("link", name="Finish").click()
        card = page.get_by_role("region", name="Guided tour, the end")
        card.get_by_text(LESSONS).wait_for()
        assert card.get_by_role("listitem").count() == len(LEARNED) == 3
        card.get_by_role("link", name="Look around").click()
        card.wait_for(state="detached")
        visitor.finished(page)
        assert "tour" not in page.url


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 900), (1366, 768), (390, 844)], ids=str)
def test_what_a_stop_asks_about_is_inside_the_window(visitor, size, theme):
    """As a person sees it: beside the panel, and not below the fold."""
    width, height = size
    with visitor.visit("/?tour=1", viewport={"width": width, "height": height}, color_scheme=theme) as page:
        for number in range(1, len(STOPS) + 1):
            stands_at(visitor, page, number)
            page.wait_for_timeout(SETTLED)
            sheet = panel(page).bounding_box()
            top, bottom = (0, sheet["y"]) if width < 640 else (sheet["y"] + sheet["height"], height)
            for selector in ASKED[STOPS[number - 1].page]:
                box = page.locator(selector).locator("visible=true").first.bounding_box()
                assert top <= box["y"] + 1 and box["y"] + min(box["height"], (bottom - top) / 2) <= bottom, (
                    number,
                    selector,
                    box,
                    sheet,
                )
            if number < len(STOPS):
                panel(page).get_by_role("link", name="Next").click()


def test_a_stop_asks_and_explains_its_terms(visitor):
    with visitor.visit("/skff?tour=7", viewport={"width": 390, "height": 844}) as page:
        stands_at(visitor, page, 7)
        answer = panel(page).get_by_text(STOPS[6].answer[:12])
        assert not answer.is_visible()
        panel(page).get_by_text(re.compile("^Look, then answer")).click()
        answer.wait_for()
        term = panel(page).locator(".term", has_text="softmax").first
        term.focus()
        shown = term.evaluate("part => getComputedStyle(part, '::after').content")
        assert "add up to 1" in shown
        assert visitor.fits(page)
