"""A lesson as a Jupyter notebook: for students with skeletons and without outputs, for teachers with solutions."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from lessons.making.first_cell import FIRST_CELL
from lessons.making.script import FOLDER, Lesson, NotebookCell
from model.errors import MirnetError

__all__ = [
    "glossary_notebook",
    "glossary_terms",
    "is_folded",
    "notebook",
    "student",
    "teacher",
    "teacher_cells",
]

Notebook = dict[str, Any]

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LINK = re.compile(r"\]\(glossary\.md(?:#([\w-]+))?\)")
DRAWS = re.compile(r"^\s*(show|table)\(", re.MULTILINE)
"""A cell that draws: its code is folded, since it is not what a lesson is about."""

WITHIN = re.compile(r"\]\(#([\w-]+)\)")
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def student(lesson: Lesson) -> Notebook:
    """The notebook to work in: exercises are skeletons, solutions are left out."""
    return notebook(
        lesson.name, _begun([cell for cell in lesson.cells if "solution" not in cell.tags])
    )


def teacher(lesson: Lesson) -> Notebook:
    """The notebook with solutions in place of the skeletons, not yet executed."""
    return notebook(lesson.name, teacher_cells(lesson))


def teacher_cells(lesson: Lesson) -> list[NotebookCell]:
    """The cells of a lesson with solutions in place of the skeletons."""
    cells = [cell for cell in lesson.cells if "solution" not in cell.tags]
    return _begun(
        [
            lesson.exercise(cell.exercise, "solution") if "exercise" in cell.tags else cell
            for cell in cells
        ]
    )


def _begun(cells: list[NotebookCell]) -> list[NotebookCell]:
    """The cells of a lesson with the first code cell behind its goals."""
    return [*cells[:1], NotebookCell(FIRST_CELL.strip(), tags=("given",)), *cells[1:]]


def notebook(name: str, cells: list[NotebookCell]) -> Notebook:
    """Cells as a notebook of format 4.5, without outputs.

    Args:
        name: Written into the notebook's metadata.
        cells: Which, in order.
    """
    return {
        "cells": [_as_json(cell, k) for k, cell in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": KERNEL,
            "language_info": {"name": "python"},
            "mirnet": {"lesson": name},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def glossary_terms(text: str | None = None) -> Mapping[str, str]:
    """The anchor of every term of the glossary (`zero-point`) to its heading (`Zero point`)."""
    text = (FOLDER / "glossary.md").read_text(encoding="utf-8") if text is None else text
    return {heading.lower().replace(" ", "-"): heading for heading in HEADING.findall(text)}


def glossary_notebook() -> Notebook:
    """The glossary as a notebook of one cell: JupyterLab shows a notebook as pages, a Markdown file as text."""
    text = (FOLDER / "glossary.md").read_text(encoding="utf-8").strip()
    linked = WITHIN.sub(lambda found: f"](#{_heading_id(found[1])})", text)
    return notebook("glossary", [NotebookCell(linked, markdown=True)])


def relinked(text: str, link: Callable[[str], str]) -> str:
    """Markdown with every link to the glossary written anew.

    Args:
        text: With links such as `[stream](glossary.md#stream)`.
        link: From an anchor (empty for the whole glossary) to an address.
    """
    return LINK.sub(lambda found: f"]({link(found[1] or '')})", text)


def is_folded(cell: NotebookCell) -> bool:
    """Whether a notebook shows only the outputs of a cell: its figure or table, or what it says about given code."""
    own = {"exercise", "solution", "check"} & set(cell.tags)
    return (
        not cell.markdown and not own and ("given" in cell.tags or bool(DRAWS.search(cell.source)))
    )


def _in_jupyter(anchor: str) -> str:
    return "glossary.ipynb" + (f"#{_heading_id(anchor)}" if anchor else "")


def _heading_id(anchor: str) -> str:
    # JupyterLab makes the anchor of a heading of its words and keeps capital letters, unlike GitHub.
    terms = glossary_terms()
    if anchor not in terms:
        raise MirnetError(f"the glossary has no term {anchor!r}; add it to lessons/glossary.md")
    return terms[anchor].replace(" ", "-")


def _as_json(cell: NotebookCell, number: int) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if cell.tags:
        metadata["tags"] = list(cell.tags)
    if cell.exercise:
        metadata["exercise"] = cell.exercise
    if is_folded(cell):
        metadata["jupyter"] = {"source_hidden": True}
    if not cell.markdown:
        metadata["nbgrader"] = _for_nbgrader(cell, number)
    kind = "markdown" if cell.markdown else "code"
    source = relinked(cell.source, _in_jupyter) if cell.markdown else cell.source
    common = {"cell_type": kind, "id": f"cell-{number}", "metadata": metadata, "source": source}
    return common if cell.markdown else common | {"execution_count": None, "outputs": []}


def _for_nbgrader(cell: NotebookCell, number: int) -> dict[str, Any]:
    """What a cell of code is to nbgrader, in version 3 of its schema: an answer, a check with one point, or given."""
    answer, check = bool({"exercise", "solution"} & set(cell.tags)), "check" in cell.tags
    name = cell.exercise if answer else f"{cell.exercise}-check" if check else f"given-{number}"
    known = {
        "schema_version": 3,
        "grade_id": name,
        "solution": answer,
        "grade": check,
        "locked": not answer,
    }
    return known | {"task": False} | ({"points": 1} if check else {})
