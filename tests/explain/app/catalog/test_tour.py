"""The stops of the guided tour, and the words that are explained on hover."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from explain.app.catalog.choices import opening, settle
from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS, extras_of
from explain.app.catalog.tour import STOPS, stop_number
from explain.app.shell.glossary_hover import as_html
from explain.app.url.session import HOME
from explain.glossary import ALSO, glossed, meanings
from lessons.making.notebook import glossary_terms
from model.config import preset

CONFIG = preset("desk")


def test_ten_stops_from_the_photo_to_the_board():
    assert len(STOPS) == 10
    assert STOPS[0].page == HOME and STOPS[-1].page == "nano"
    assert len({stop.title for stop in STOPS}) == len(STOPS)


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.title)
def test_a_stop_is_a_view_that_exists(stop):
    assert stop.page == HOME or stop.page in TEXTS | TOPICS
    assert set(stop.extras) <= set(extras_of(stop.page))
    assert not {"tour", "hide"} & set(stop.extras)  # the tour writes the first, the teacher the second
    if stop.page in TEXTS:
        choice = replace(opening(stop.page), **stop.choice)
        settled = settle(stop.page, CONFIG, choice)
        assert all(getattr(settled, name) == value for name, value in stop.choice.items())


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.title)
def test_a_stop_says_a_little_and_asks_one_question(stop):
    assert len(stop.text) < 360  # it stands over the picture that it is about
    assert stop.question.endswith("?") and stop.question.count("?") == 1
    assert stop.answer and not stop.answer.endswith("?")
    assert stop.focus, "what is asked about has to be brought into the window"
    asked = glossed(stop.question, lambda words, meaning: f"[{words}]")
    assert asked == stop.question, "a question is in everyday words"


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1), ("10", 10), ("11", None), ("0", None), ("01", None), ("x", None), (None, None)]
)
def test_an_address_asks_for_a_stop_or_for_none(text, number):
    assert stop_number(text) == number


def test_a_term_is_explained_where_it_first_appears():
    text = "The gate of SKFF: a softmax; another gate, and gatekeepers."
    marked = glossed(text, lambda words, meaning: f"[{words}]")
    assert marked == "The [gate] of [SKFF]: a [softmax]; another gate, and gatekeepers."


def test_words_become_html_that_nothing_breaks_out_of():
    html = as_html('**Bold** & *soft* `x<y` "softmax"')
    assert html.startswith("<strong>Bold</strong> &amp; <em>soft</em> <code>x&lt;y</code>")
    assert "<script>" not in as_html("<script>gate</script>") and "<a" not in as_html("[gate](https://arxiv.org)")
    shown = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            shown.extend(value for name, value in attrs if name == "data-means")

    for term in meanings():
        Reader().feed(as_html(f"A {term} here, and **{term}** once more."))
    assert shown == list(meanings().values())


def test_other_words_lead_to_the_same_meaning():
    known = meanings()
    assert set(ALSO.values()) <= set(known) and not set(ALSO) & set(known)
    assert glossed("Two streams.", lambda words, meaning: f"{words}: {meaning}") == f"Two streams: {known['stream']}."


def test_every_term_of_the_lessons_glossary_is_explained():
    assert list(meanings()) == list(glossary_terms().values())


def test_every_meaning_is_a_sentence():
    for term, meaning in meanings().items():
        assert meaning[0].isupper() and meaning.endswith((".", ").")) and len(meaning) < 140, term
