"""Notebooks as learners hand them in: a lesson with some answers in place of the skeletons, and cells of their own."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from lessons.making.notebook import student
from lessons.making.script import FOLDER, Lesson, read_lesson

__all__ = ["DARK", "submitted", "written"]

DARK = read_lesson(FOLDER / "01_dark.py")


def submitted(answers: Mapping[str, str] | None = None, own: Sequence[str] = (), lesson: Lesson = DARK) -> dict:
    """A notebook.

    Args:
        answers: By exercise; the solution where an exercise is left out.
        own: Cells that come before all answers.
        lesson: Which.
    """
    answers = {name: lesson.exercise(name, "solution").source for name in lesson.exercises} | dict(answers or {})
    made = student(lesson)
    for cell in made["cells"]:
        if "exercise" in cell["metadata"].get("tags", ()):
            cell["source"] = answers[cell["metadata"]["exercise"]]
    at = 3  # behind goals, the first cell, and the imports' text
    added = [{"cell_type": "code", "metadata": {}, "source": source.splitlines(keepends=True)} for source in own]
    made["cells"][at:at] = added
    return made


def written(path: Path, notebook: object) -> Path:
    """A notebook in a file, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path
