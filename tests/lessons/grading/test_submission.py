"""A learner's notebook in cells: the answers, their own cells, and of ours only what they use."""

import pytest
from submitted import DARK, submitted, written

from lessons.grading.submission import lesson_of, names_in, needed_for, pieces_of, read_notebook
from lessons.making.script import all_lessons
from model.errors import MirnetError


def test_names_are_told_apart():
    used, given = names_in("import numpy as np\nx: int = y + 1\ndef f(a, b=c):\n    d = a + e\n    return d\nz[0] = 1")
    assert {"y", "c", "e"} <= used
    assert not {"a", "b", "d", "np"} & used
    assert given == {"np", "x", "f", "z"}
    assert names_in("class A(B):\n    c = D\n    def f(self):\n        global g\n        g = [h for i in j]") == (
        {"B", "D", "h", "j"},
        {"A", "g"},
    )
    assert names_in("def f(:") == (set(), set())
    assert names_in("(" * 1000) == (set(), set())


def test_only_what_is_used_is_kept():
    given = ["import numpy as np", "a = np.ones(3)", "b = a + 1", "slow = train()", "c = slow"]
    assert needed_for(["print(b)"], given) == given[:3]
    assert needed_for([], given, ["c"]) == given[3:]
    assert needed_for(["def f(slow):\n    return slow"], given) == []


def test_the_answers_are_in_their_places_and_figures_are_left_out():
    pieces = pieces_of(submitted({"snr": "my answer"}, own=["MINE = 1"]), DARK)
    assert [piece.exercise for piece in pieces if piece.exercise] == list(DARK.exercises)
    own = [piece.source for piece in pieces if piece.own]
    assert own[0] == "MINE = 1"
    assert own[2] == "my answer"
    assert sum(not piece.own and not piece.exercise for piece in pieces) <= 3


def test_an_answer_is_known_by_either_metadata():
    for kept in ("nbgrader", "tags"):
        notebook = submitted({"snr": "my answer"})
        for cell in notebook["cells"]:
            names = {"nbgrader"} if kept == "nbgrader" else {"tags", "exercise"}
            cell["metadata"] = {name: each for name, each in cell["metadata"].items() if name in names}
        pieces = pieces_of(notebook, DARK)
        assert [piece.source for piece in pieces if piece.own][1] == "my answer"
        assert len([piece for piece in pieces if piece.own]) == 5


def test_an_answer_that_is_there_twice_is_the_first_and_then_the_second():
    notebook = submitted({"snr": "first"})
    cells = notebook["cells"]
    k = next(k for k, cell in enumerate(cells) if cell["source"] == "first")
    cells.insert(k + 1, dict(cells[k], source="second"))
    own = [piece.source for piece in pieces_of(notebook, DARK) if piece.own]
    assert own.index("second") == own.index("first") + 1


def test_a_lesson_says_which_it_is(tmp_path):
    lessons = all_lessons()
    assert lesson_of(submitted(), tmp_path / "x.ipynb", lessons).name == "01_dark"
    assert lesson_of({"metadata": {}}, tmp_path / "ann_02_pipeline.ipynb", lessons).name == "02_pipeline"
    assert lesson_of({"metadata": {"mirnet": {"lesson": "glossary"}}}, tmp_path / "01_dark.ipynb", lessons) is None
    assert lesson_of({"metadata": {"mirnet": 3}}, tmp_path / "x.ipynb", lessons) is None


@pytest.mark.parametrize("content", [[], {"cells": 3, "metadata": {}}, {"cells": ["x"], "metadata": {}}, {"cells": []}])
def test_what_is_no_notebook_is_one_error(content, tmp_path):
    with pytest.raises(MirnetError, match="is no notebook"):
        read_notebook(written(tmp_path / "x.ipynb", content))
