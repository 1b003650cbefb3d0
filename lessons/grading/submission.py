"""A learner's notebook as the cells that are run to grade it: ours as in the package, theirs as they wrote them."""

import ast
import json
import symtable
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lessons.making.notebook import student
from lessons.making.script import Lesson
from model.errors import MirnetError

__all__ = ["Piece", "lesson_of", "names_in", "needed_for", "pieces_of", "read_notebook"]

MOST_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Piece:
    """A cell to run.

    Attributes:
        source: Its code; empty for a check, which the judge makes itself.
        own: Whether the learner wrote it.
        exercise: Whose check it is; empty for every other cell.
    """

    source: str
    own: bool = False
    exercise: str = ""


def read_notebook(path: Path) -> dict[str, Any]:
    """A notebook as it lies in a file.

    Raises:
        MirnetError: If it is none.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise MirnetError(f"{path} has more than {MOST_BYTES // 2**20} MB: clear its outputs")
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = notebook["cells"]
        if not isinstance(notebook["metadata"], dict) or not all(isinstance(cell, dict) for cell in cells):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise MirnetError(f"{path} is no notebook ({type(error).__name__})") from error
    return notebook


def lesson_of(notebook: dict[str, Any], path: Path, lessons: Sequence[Lesson]) -> Lesson | None:
    """Which lesson a notebook is of, as it says itself or as its file is called; None for any other notebook."""
    own = notebook["metadata"].get("mirnet")
    named = own.get("lesson") if isinstance(own, dict) else None
    found = [lesson for lesson in lessons if named == lesson.name or (named is None and lesson.name in path.stem)]
    return found[0] if found else None


def pieces_of(notebook: dict[str, Any], lesson: Lesson) -> list[Piece]:
    """The cells of a lesson in order, with the learner's answers and own cells.

    A cell that was given and changed runs twice, as it was and as it is: whatever hangs on it finds what it needs. Of
    what is given, only what the learner's code uses runs.
    """
    answers, behind = _sorted_out(notebook, lesson)
    pieces = [Piece(source, own=True) for source in behind.get(-1, ())]
    for k, cell in enumerate(_given(lesson)):
        tags = cell["metadata"].get("tags", ())
        exercise = cell["metadata"].get("exercise", "")
        if "check" in tags:
            pieces.append(Piece("", exercise=exercise))
        elif "exercise" in tags:
            pieces += [Piece(answers[exercise], own=True)] if exercise in answers else []
        else:
            pieces.append(Piece(cell["source"]))
        pieces += [Piece(source, own=True) for source in behind.get(k, ())]
    kept = needed_for(
        [piece.source for piece in pieces if piece.own],
        [piece.source for piece in pieces if not piece.own],
    )
    return [piece for piece in pieces if piece.own or piece.exercise or piece.source in kept]


def _given(lesson: Lesson) -> list[dict[str, Any]]:
    return [cell for cell in student(lesson)["cells"][2:] if cell["cell_type"] == "code"]


def _sorted_out(notebook: dict[str, Any], lesson: Lesson) -> tuple[dict[str, str], dict[int, list[str]]]:
    """The learner's answers by exercise, and own cells by the number of the given cell before them."""
    given = _given(lesson)
    ours = {cell["source"].strip(): k for k, cell in enumerate(given)}
    first = student(lesson)["cells"][1]["source"].strip()
    at = {cell["metadata"].get("exercise"): k for k, cell in enumerate(given) if _is_answer(cell)}
    answers: dict[str, str] = {}
    behind: dict[int, list[str]] = {}
    last = -1
    for cell in notebook["cells"]:
        source = cell.get("source", "")
        source = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if cell.get("cell_type") != "code" or not source.strip() or source.strip() == first:
            continue
        exercise = _answered(cell)
        if exercise in at and exercise not in answers:
            answers[exercise], last = source, at[exercise]
        elif source.strip() in ours:
            last = ours[source.strip()]
        else:
            behind.setdefault(last, []).append(source)
    return answers, behind


def _is_answer(cell: dict[str, Any]) -> bool:
    return "exercise" in cell["metadata"].get("tags", ())


def _answered(cell: dict[str, Any]) -> str:
    """The exercise whose answer a learner's cell is; empty if it is none."""
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict):
        return ""
    nbgrader, tags = metadata.get("nbgrader"), metadata.get("tags")
    if isinstance(nbgrader, dict) and nbgrader.get("solution") is True:
        return str(nbgrader.get("grade_id", ""))
    return str(metadata.get("exercise", "")) if isinstance(tags, list) and "exercise" in tags else ""


def needed_for(sources: Iterable[str], given: Sequence[str], names: Iterable[str] = ()) -> list[str]:
    """Of given cells, in order, those that define what other code uses, and what these use in turn.

    Args:
        sources: The other code.
        given: The cells.
        names: Names that are used besides.
    """
    used = set(names)
    for source in sources:
        used |= names_in(source)[0]
    kept = []
    for source in reversed(given):
        loaded, bound = names_in(source)
        if bound & used:
            kept.append(source)
            used |= loaded
    return kept[::-1]


def names_in(source: str) -> tuple[set[str], set[str]]:
    """The names that code takes from elsewhere, and those that it gives to others; none of code that is broken."""
    try:
        tables = [symtable.symtable(source, "cell", "exec")]
        stores = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Subscript | ast.Attribute)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(), set()
    used, given = set(), set()
    for symbol in tables[0].get_symbols():
        if symbol.is_assigned() or symbol.is_imported():
            given.add(symbol.get_name())
        if symbol.is_referenced():
            used.add(symbol.get_name())
    while tables := [inner for table in tables for inner in table.get_children()]:
        for symbol in (symbol for table in tables for symbol in table.get_symbols() if symbol.is_global()):
            (given if symbol.is_assigned() else used).add(symbol.get_name())
    for node in stores:  # `sizes["photo"] = 10` belongs to sizes
        root: ast.AST = node
        while isinstance(root, ast.Subscript | ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and not isinstance(node.ctx, ast.Load):
            given.add(root.id)
    return used, given
