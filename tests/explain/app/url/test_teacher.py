"""A teacher's link: what it hides, what it keeps, and the way back."""

from urllib.parse import parse_qsl

import pytest
from page_runs import opened
from streamlit.testing.v1 import AppTest

from explain.app.url.state import View
from explain.app.url.teacher import PARTS, strange_parts


def keys(page: AppTest) -> set[str]:
    """The controls that are there."""
    return {element.key for block in (page.main, page.sidebar) for element in block if getattr(element, "key", None)}


def there(page: AppTest) -> set[str]:
    """The parts of the page that are there."""
    folds = " ".join(each.label for each in page.expander)
    found = {
        "menu": len(page.sidebar.get("page_link")) > 5,
        "photo": any(each.key == "photo" for each in page.selectbox),
        "choose": any(each.key == "channel" for each in page.selectbox),
        "formula": "The formula" in folds,
        "promises": "Contract: all" in folds or "The contract" in folds,  # the second where a check fails
        "numbers": "Under one pixel" in folds,
        "take": any(each.label == "Take it with you" for each in page.expander),
    }
    return {part for part, is_there in found.items() if is_there}


EVERY = set(PARTS) - {"tour"}  # it has tests of its own


@pytest.mark.parametrize(
    "hide", ["", pytest.param("formula", marks=pytest.mark.slow), "menu,photo,promises", ",".join(PARTS)]
)
def test_a_link_hides_just_these_parts(hide):
    page = opened("dau", hide=hide) if hide else opened("dau")
    assert there(page) == EVERY - set(hide.split(","))
    assert [each.label for each in page.button if each.key == "show_all"] == (["Show all"] if hide else [])


@pytest.mark.slow
def test_check_marks_write_the_link_and_show_all_takes_it_back():
    page = opened(
        "skff", 1, photo="coffee", place="exchange", stream="2", channel="5", softmax="channels", probes="yes"
    )
    seen = dict(page.query_params)
    marks = {each.key: each for each in page.checkbox}
    marks["hide_numbers"].check()
    marks["hide_menu"].check()
    page.run()
    assert page.query_params["hide"] == "menu,numbers"
    assert there(page) == EVERY - {"menu", "numbers"}
    link = next(each.value for each in page.sidebar.get("code") if "hide=" in each.value)
    wanted = seen | {"hide": "menu,numbers", "channel": "5", "softmax": "channels", "probes": "yes"}
    assert {name: value for name, value in parse_qsl(link.partition("?")[2])}.items() >= wanted.items()
    next(each for each in page.button if each.key == "show_all").click()
    page.run()
    assert "hide" not in page.query_params
    assert there(page) == EVERY


def test_a_part_that_no_page_has_is_said_and_the_rest_is_hidden():
    page = opened("up", hide="formula,<b>x</b>")
    assert there(page) == EVERY - {"formula"}
    assert any("<b>x</b>" in each.value and "menu, photo" in each.value for each in page.info)
    assert strange_parts(View("room", extras=(("hide", "menu,,take"),))) == []
