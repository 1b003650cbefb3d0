"""Notebooks and pages are complete, valid, readable offline, and never overwrite answers."""

import json
import re
import subprocess
import sys

import jupytext
import nbformat
import pytest
from PIL import Image

from explain.figures.kit.themes import DARK, LIGHT
from lessons.making import build as building
from lessons.making.__main__ import main
from lessons.making.build import build, chosen
from lessons.making.execute import execute
from lessons.making.first_cell import FIRST_CELL
from lessons.making.folder import write_folder
from lessons.making.notebook import glossary_notebook, is_folded, student, teacher
from lessons.making.page import glossary_page, markdown_to_html
from lessons.making.script import FOLDER, all_lessons, read_lesson
from model.errors import MirnetError

SMALL = """# %% [markdown] tags=["goals"]
# # 3. A small lesson
#
# It adds.
#
# **20 minutes.** You make a sum.
#
# Goals:
#
# - add, see [stream](glossary.md#stream)
#   and be glad
# - $a^2$ & <b>

# %% [markdown]
# ### Exercise 1: add

# %% tags=["exercise"] exercise="add"
def add(a, b):
    raise NotImplementedError


# %% tags=["solution"] exercise="add"
def add(a, b):
    return a + b


# %% tags=["check"] exercise="add"
print("✓ <" + str(add(1, 2)) + ">")

# %% tags=["picture"]
import numpy as np

from lessons.drawing import pictures, show, table

show(pictures((np.zeros((8, 12, 3)), "black"), title="Nothing", caption='It is "black".'))
table(["a", "b"], [["1", "2"]])

# %% [markdown] tags=["app"]
# Next: [more](04_more.ipynb), and back to the [glossary](glossary.md).
"""
BROKEN = SMALL.replace("return a + b", "return a / 0")


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "03_small.py"
    path.write_text(SMALL, encoding="utf-8")
    return read_lesson(path)


def sources(notebook) -> str:
    return "\n".join(cell["source"] for cell in notebook["cells"])


def test_cells_are_those_that_jupytext_reads(lesson):
    theirs = jupytext.read(FOLDER / f"{lesson.name}.py", fmt="py:percent").cells
    ours = lesson.cells
    assert [cell.source for cell in theirs] == [cell.source for cell in ours]
    assert [cell.cell_type == "markdown" for cell in theirs] == [cell.markdown for cell in ours]
    assert [tuple(cell.metadata.get("tags", ())) for cell in theirs] == [cell.tags for cell in ours]
    assert [cell.metadata.get("exercise", "") for cell in theirs] == [cell.exercise for cell in ours]


def test_notebooks_are_valid(lesson):
    for made in (student(lesson), teacher(lesson), glossary_notebook()):
        nbformat.validate(made)


def test_students_get_skeletons_and_teachers_solutions(small):
    ours, theirs = student(small), teacher(small)
    assert "NotImplementedError" in sources(ours)
    assert "a + b" not in sources(ours)
    assert "NotImplementedError" not in sources(theirs)
    assert "a + b" in sources(theirs)
    assert "✓" in sources(ours)
    assert not any(cell.get("outputs") for cell in ours["cells"])


def test_the_first_cell_is_silent_and_names_what_hides_a_package(small, tmp_path):
    """It is run as in a notebook: from the folder of the notebook, which comes first on the path."""
    for made in (student(small), teacher(small)):
        assert made["cells"][1]["source"] == FIRST_CELL
        assert made["cells"][1]["metadata"]["jupyter"] == {"source_hidden": True}

    def said(*flags: str) -> str:
        argv = [sys.executable, *flags, "-c", FIRST_CELL]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert not done.stderr
        return done.stdout

    assert said() == ""
    (tmp_path / "model.py").write_text("mine = 1", encoding="utf-8")
    assert f"`model` is {tmp_path / 'model.py'}, not the package" in said()
    (tmp_path / "explain").mkdir()
    (tmp_path / "explain/__init__.py").touch()
    assert said().count("restart the kernel") == 2
    assert "%pip install 'mirnet-explainer[lessons]'" in said("-S", "-E")  # without installed packages


def test_code_that_draws_is_folded_and_little_is_left_to_read(lesson):
    shown = [
        cell
        for cell in student(lesson)["cells"]
        if cell["cell_type"] == "code"
        and "jupyter" not in cell["metadata"]
        and not {"exercise", "check"} & set(cell["metadata"].get("tags", ()))
    ]
    assert sum(len(cell["source"].splitlines()) for cell in shown) <= 60
    own = [cell for cell in lesson.cells if {"exercise", "solution", "check"} & set(cell.tags)]
    assert not any(is_folded(cell) for cell in own)


def test_goals_are_read(small):
    assert (small.number, small.title, small.summary) == (3, "3. A small lesson", "It adds.")
    assert (small.minutes, small.made) == (20, "You make a sum.")
    assert [goal.split()[0] for goal in small.goals] == ["add,", "$a^2$"]


@pytest.mark.parametrize("line", ["# Goals:", '# %% [markdown] tags=["goals"]', "# **20 minutes.** You make a sum."])
def test_a_lesson_without_its_goals_is_refused(line, tmp_path):
    path = tmp_path / "03_small.py"
    path.write_text(SMALL.replace(line, "# "), encoding="utf-8")
    with pytest.raises(MirnetError, match="the first cell must have the tag goals"):
        _ = read_lesson(path).title if line != '# %% [markdown] tags=["goals"]' else read_lesson(path).goals


def test_an_unknown_tag_and_a_missing_solution_are_reported(tmp_path):
    path = tmp_path / "03_small.py"
    path.write_text(SMALL.replace('tags=["app"]', 'tags=["ap"]'), encoding="utf-8")
    with pytest.raises(MirnetError, match=r"line \d+: unknown tag 'ap'; there are goals"):
        read_lesson(path)
    path.write_text(SMALL.replace('"solution"', '"hint"'), encoding="utf-8")
    with pytest.raises(MirnetError, match="'add' must have one cell with the tag solution, not 0"):
        teacher(read_lesson(path))


@pytest.mark.slow
def test_a_build_is_complete_and_not_repeated(small, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert build(out, [small]) == [small]
    made = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert made == {
        *("index.html", "glossary.html", "03_small.html", "03_small.png", "03_small_at_night.png"),
        *(f"{kind}/{name}.ipynb" for kind in ("student", "teacher") for name in ("03_small", "glossary")),
    }
    done = json.loads((out / "teacher/03_small.ipynb").read_text(encoding="utf-8"))
    nbformat.validate(done)
    (check,) = [cell for cell in done["cells"] if "check" in cell["metadata"].get("tags", ())]
    assert check["outputs"][0]["text"] == "✓ <3>\n"

    page = (out / "03_small.html").read_text(encoding="utf-8")
    assert "✓ &lt;3&gt;" in page
    assert '<details class="solution">' in page
    assert 'alt="It is &quot;black&quot;."' in page
    assert 'href="04_more.html"' in page
    assert 'href="glossary.html#stream"' in page
    assert "<math" in page
    assert '<div class="wide"><table>' in page
    light, dark = re.search(
        r'<source media="\(prefers-color-scheme: dark\)" srcset="(.*?)"><img src="(.*?)"', page
    ).groups()
    assert light != dark
    index = (out / "index.html").read_text(encoding="utf-8")
    assert 'src="03_small.png"' in index
    assert 'srcset="03_small_at_night.png"' in index
    corners = [Image.open(out / f"03_small{end}.png").convert("RGB").getpixel((0, 0)) for end in ("", "_at_night")]
    assert ["#{:02x}{:02x}{:02x}".format(*corner) for corner in corners] == [LIGHT.background, DARK.background]
    assert "You make a sum." in index

    monkeypatch.setattr(building, "execute", lambda *words: pytest.fail("it ran again"))
    assert build(out, [small]) == []
    (out / "teacher/03_small.ipynb").write_text("{", encoding="utf-8")  # cut off: made anew
    with pytest.raises(pytest.fail.Exception, match="it ran again"):
        build(out, [small])


def test_what_a_lesson_depends_on_is_in_its_fingerprint(small, tmp_path, monkeypatch):
    before = building.fingerprint(small)
    assert building.fingerprint(small) == before
    path = tmp_path / "03_small.py"
    path.write_text(SMALL.replace("a + b", "b + a"), encoding="utf-8")
    assert building.fingerprint(read_lesson(path)) != before
    kept = {path.relative_to(FOLDER.parent).as_posix() for path in building._sources()}
    assert {
        "model/skff.py",
        "model/weights/desk.weights.h5",
        "lessons/checks/kit/calling.py",
        "explain/tracing/trace.py",
    } <= kept
    assert not any(name.startswith(("lessons/making/", "lessons/0")) or name.endswith(".md") for name in kept)


def test_an_error_in_a_cell_is_reported_with_its_lesson(tmp_path):
    path = tmp_path / "03_small.py"
    path.write_text(BROKEN, encoding="utf-8")
    with pytest.raises(MirnetError, match="03_small: a cell stops with ZeroDivisionError: division by zero"):
        execute(teacher(read_lesson(path)))


@pytest.mark.parametrize("made", [glossary_page(), markdown_to_html("$x$ [a](https://arxiv.org) | <b>")])
def test_pages_load_nothing_from_elsewhere(made):
    assert not re.search(
        r"<(script|iframe|link(?! rel=\"icon\" href=\"data:))|src=\"(?!data:|\d\d_)|url\(|@import", made
    )


def test_answers_are_never_overwritten(small, tmp_path):
    folder = tmp_path / "mine"
    written, kept = write_folder(folder, [small])
    assert [path.name for path in written] == ["03_small.ipynb", "glossary.ipynb"]
    (folder / "03_small.ipynb").write_text("my answers", encoding="utf-8")
    written, kept = write_folder(folder, [small])
    assert (written, len(kept)) == ([], 2)
    assert (folder / "03_small.ipynb").read_text(encoding="utf-8") == "my answers"
    with pytest.raises(MirnetError, match="is a file; give a folder"):
        write_folder(folder / "03_small.ipynb", [small])


def test_links_to_the_glossary_lead_to_headings_of_the_notebook(small):
    assert "](glossary.ipynb#stream)" in sources(student(small))
    (cell,) = glossary_notebook()["cells"]
    assert "\n## stream\n" in cell["source"]
    headings = {line[3:].replace(" ", "-") for line in cell["source"].splitlines() if line.startswith("## ")}
    assert set(re.findall(r"\]\(#([^)]+)\)", cell["source"])) <= headings


def test_lessons_are_chosen_by_name_or_number(capsys):
    lessons = all_lessons()
    assert chosen([], lessons) == lessons
    assert chosen(["02", "1", "01_dark"], lessons) == lessons[:2]
    with pytest.raises(MirnetError, match="there is no lesson '77', only 01_dark"):
        chosen(["77"], lessons)
    assert main(["77"]) == 2
    assert capsys.readouterr().err.startswith("make lessons: error: there is no lesson '77'")
