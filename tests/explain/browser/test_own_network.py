"""The walkthrough on a learner's own network in a real browser: every page, on a screen and on a phone."""

import re

import pytest
from own_networks import SIZES, random_run, trained_run

from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS
from explain.cli.running.page_network import environment

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREENS = {"screen": (1280, 900), "phone": (390, 844)}
PAGES = {"": "MIRNet, component by component"} | {text.path: text.title for text in (TEXTS | TOPICS).values()}


@pytest.fixture(scope="module", params=["trained", "tall", "paper"])
def own(request, serving, visit_at, tmp_path_factory, sample_pairs):
    """A visitor of a server that was started for this network."""
    place = tmp_path_factory.mktemp("run") / request.param
    if request.param == "paper":
        named = environment("paper", "random")
    else:
        config = SIZES[request.param]
        make = trained_run(place, config, sample_pairs) if request.param == "trained" else random_run(place, config)
        named = environment(None, str(make))
    with serving(**named) as address:
        yield visit_at(address)


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_opens_without_an_error(own, screen):
    width, height = SCREENS[screen]
    for path, title in PAGES.items():
        with own.visit(f"/{path}", viewport={"width": width, "height": height}) as page:
            page.get_by_role("heading", name=title, exact=True).wait_for()
            own.finished(page)
            assert page.get_by_test_id("stAlertContentError").count() == 0, path
            assert own.fits(page), path


def test_the_menu_leads_to_a_part_and_its_table_to_the_arithmetic(own):
    with own.visit("/") as page:
        page.get_by_role("heading", name="The map").wait_for()
        own.finished(page)
        own.menu(page, TEXTS["dau"].short).click()
        own.shows(page, "dau")
        page.get_by_role("link", name=re.compile(r"How rrg_.*dau_\d.out")).first.click()
        page.get_by_role("heading", name=TOPICS["cell"].title, exact=True).wait_for()
        page.get_by_text("Computed again from its operands").wait_for()
        own.finished(page)
