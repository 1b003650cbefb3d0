"""What students would write: every wrong answer is named, no right one is refused, and nothing ends in a traceback.

The answers in `students/` were written from the lessons alone, before anybody looked at the checks. They run in a
process for each lesson: `answering.py`.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from lessons.making.script import FOLDER, read_cells

HERE = Path(__file__).parent
STUDENTS = HERE / "students"

NAMED = 0.9
"""Share of the wrong answers whose message says more than two numbers."""

SAYS_MORE = ("It looks as if", "Step by step", "in the line:")


def answers(lesson) -> list:
    cells = read_cells((STUDENTS / f"{lesson.name}.py").read_text(encoding="utf-8"), lesson.name)
    return [cell for cell in cells if find_spec(cell.options.get("needs", "sys"))]


def test_there_are_answers_to_every_exercise(lesson):
    for name in lesson.exercises:
        mine = [answer.options for answer in answers(lesson) if answer.exercise == name]
        assert sum("wrong" in options for options in mine) >= 5
        assert any("right" in options for options in mine)
    assert sum("wrong" in answer.options for answer in answers(lesson)) >= 30


def test_there_are_enough_of_them():
    every = [cell.options for path in STUDENTS.glob("*.py") for cell in read_cells(path.read_text(encoding="utf-8"))]
    assert sum("wrong" in options for options in every) >= 300
    assert sum("right" in options for options in every) >= 150


@pytest.mark.slow
def test_students_are_understood(lesson):
    environment = os.environ | {"PYTHONPATH": str(FOLDER.parent), "TF_CPP_MIN_LOG_LEVEL": "3"}
    run = subprocess.run(
        [sys.executable, HERE / "answering.py", lesson.name], capture_output=True, text=True, env=environment
    )
    assert run.returncode == 0, run.stderr[-3000:]
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(rows) == len(answers(lesson))
    wrong = [row for row in rows if row["asked"] == "wrong"]
    faults = [
        *(f"accepted: {row['line']} {row['text']}" for row in wrong if row["kind"] is None),
        *(f"refused: {row['line']} {row['message']}" for row in rows if row["asked"] == "right" and row["kind"]),
        *(f"a traceback: {row['line']} {row['message']}" for row in rows if row["kind"] == "traceback"),
    ]
    assert not faults, "\n".join(faults)
    unnamed = [row for row in wrong if not any(text in row["message"] for text in SAYS_MORE)]
    assert len(unnamed) <= (1 - NAMED) * len(wrong), "\n".join(row["message"] for row in unnamed)
    told = {row["line"]: row["message"] for row in wrong}
    for answer in answers(lesson):
        for text in answer.options.get("says", ()):
            assert text in told[answer.line], told[answer.line]
