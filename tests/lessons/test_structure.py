"""Every lesson has what a lesson needs, and every link in it leads somewhere."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from explain.app.catalog.choices import channels
from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS, extras_of
from explain.app.url.state import read_detail, read_view
from lessons.making.notebook import glossary_terms
from lessons.making.script import FOLDER, read_cells
from model.config import preset
from model.errors import MirnetError
from model.samples import SAMPLES, load_sample

LINK = re.compile(r"\]\(([^)\s]+)\)")
VIEW = {"photo", "group", "block", "place", "stream", "to", "step", "channel", "row", "col", "softmax", "probes"}


def links_of(lesson) -> list[str]:
    return [link for cell in lesson.cells if cell.markdown for link in LINK.findall(cell.source)]


def test_numbers_and_minutes(lesson):
    assert re.fullmatch(r"\d\d_[a-z0-9]+", lesson.name)
    assert lesson.title.startswith(f"{lesson.number}. ")
    assert 20 <= lesson.minutes <= 40
    assert lesson.made.startswith("You make ")
    assert 2 <= len(lesson.goals) <= 5


def test_exercises_are_complete(lesson):
    assert 3 <= len(lesson.exercises) <= 6
    assert len(set(lesson.exercises)) == len(lesson.exercises)
    for number, name in enumerate(lesson.exercises, 1):
        parts = [lesson.exercise(name, tag) for tag in ("exercise", "solution", "check")]
        hints = [cell for cell in lesson.tagged("hint") if cell.exercise == name]
        assert not any(cell.markdown for cell in parts)
        titles = [re.search(r"<details><summary>(.+)</summary>", cell.source)[1] for cell in hints]
        assert titles[:3] == ["Hint 1: the idea", "Hint 2: the shape", "Hint 3: the code"], name
        before = lesson.cells[lesson.cells.index(parts[0]) - 1]
        assert before.source.startswith(f"### Exercise {number}: "), name
        assert "NotImplementedError" in parts[0].source or "..." in parts[0].source, f"{name}: the skeleton has no gap"
        assert [lesson.cells.index(cell) for cell in parts] == sorted(lesson.cells.index(cell) for cell in parts)


def test_every_exercise_has_wrong_answers_with_messages_of_their_own(lesson, wrong):
    assert {answer.exercise for answer in wrong} == set(lesson.exercises)
    for name in lesson.exercises:
        messages = [tuple(answer.options["says"]) for answer in wrong if answer.exercise == name]
        assert len(messages) >= 2, f"{name} needs at least two wrong answers"
        assert all(says and all(len(text) > 5 for text in says) for says in messages)
        assert len(set(messages)) == len(messages)


def test_one_exercise_has_no_skeleton(lesson):
    """It is written from an empty cell, so the text says what goes in and what comes out."""
    found = [
        name for name in lesson.exercises if lesson.exercise(name, "exercise").source.startswith(f"{name} = ...  # no")
    ]
    (name,) = found
    text = lesson.cells[lesson.cells.index(lesson.exercise(name, "exercise")) - 1].source
    assert f"From an empty cell this time: define `{name}(" in " ".join(text.split())


def test_something_is_predicted_and_something_explained(lesson):
    text = " ".join(cell.source for cell in lesson.cells if cell.markdown)
    assert "**predict first" in " ".join(text.lower().split())
    (why,) = lesson.tagged("why")
    answer = r"<details><summary>A model answer</summary>\n\n.+\n\n</details>"
    assert re.fullmatch(rf"\*\*Why\?\*\* .+\?\n\n{answer}", why.source, re.DOTALL)


def test_quizzes_are_collapsed(lesson):
    quizzes = lesson.tagged("quiz")
    assert len(quizzes) == 2
    for number, cell in enumerate(quizzes, 1):
        assert cell.source.startswith(f"**Quiz {number}.** ")
        assert not re.search(r"^\d+[.)] ", cell.source, re.MULTILINE), "Markdown makes a numbered list of it"
        assert re.search(r"<details><summary>Answer</summary>\n\n.+\n\n</details>$", cell.source, re.DOTALL)


def test_it_ends_with_the_app(lesson):
    (cell,) = lesson.tagged("app")
    assert cell is lesson.cells[-1]
    assert len(lesson.tagged("picture")) == 1
    assert any(link.startswith("http://localhost:8501/") for link in LINK.findall(cell.source))


def test_links_into_the_app_show_what_they_ask_for(lesson):
    for link in links_of(lesson):
        if not link.startswith("http://localhost"):
            continue
        parts = urlsplit(link)
        assert parts.netloc == "localhost:8501"
        params = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        pages = {text.path: name for name, text in (TEXTS | TOPICS).items()} | {"": "overview"}
        assert parts.path.strip("/") in pages, link
        page = pages[parts.path.strip("/")]
        config, kind = preset("desk"), page if page in TEXTS else None
        photos = [sample.name for sample in SAMPLES]
        view, notes = read_view(params, kind, config, photos, has_upload=False)
        count = channels(kind, config, view.choice) if kind else None
        _, more = read_detail(view, params, count, load_sample(view.photo)[0].shape[:2])
        assert notes + more == [], link
        assert set(params) <= VIEW | set(extras_of(page)), link


def test_links_to_the_glossary_and_to_other_lessons(lesson):
    links = [link for link in links_of(lesson) if "://" not in link]
    assert sum(link.startswith("glossary.md#") for link in links) >= 3
    for link in links:
        path, _, anchor = link.partition("#")
        if path == "glossary.md":
            assert not anchor or anchor in glossary_terms(), link
        else:
            assert re.fullmatch(r"\d\d_\w+\.ipynb", path), f"{link}: only the glossary and other lessons lie beside it"


def test_links_to_other_lessons_lead_to_lessons(lesson):
    for link in links_of(lesson):
        if link.endswith(".ipynb"):
            assert (FOLDER / link).with_suffix(".py").exists(), link


def test_images_and_scripts_from_elsewhere_are_not_needed(lesson):
    for cell in lesson.cells:
        assert not re.search(r"<(script|iframe|link|img)\b|!\[", cell.source), cell.line


def test_terms_of_the_glossary_are_sorted_and_linked_among_each_other():
    text = (FOLDER / "glossary.md").read_text(encoding="utf-8")
    terms = list(glossary_terms())
    assert terms == sorted(terms)
    assert set(re.findall(r"\]\(#([\w-]+)\)", re.sub(r"\s*\n", " ", text))) <= set(terms)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ('# %% tags=["check"\n1', "cannot read"),
        ("# %% [markdown]\nno comment", "line 1: a line of a Markdown cell must begin with '# '"),
    ],
)
def test_a_broken_script_is_reported_with_its_line(script, says):
    with pytest.raises(MirnetError, match=re.escape(says)):
        read_cells(script)
