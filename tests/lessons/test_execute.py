"""Lessons run: solutions pass; missing and plausibly wrong answers get their message. One kernel for each lesson."""

from collections.abc import Iterator

import pytest

from lessons.making.execute import execute
from lessons.making.notebook import notebook
from lessons.making.script import Lesson, NotebookCell

FAILS = "raises-exception"  # nbclient goes on after a cell with this tag
NOT_DONE = "yet: replace the"


def examined(lesson: Lesson, wrong: list[NotebookCell]) -> tuple[list[NotebookCell], dict[int, tuple[str, list[str]]]]:
    """The teacher's cells; before each solution, the skeleton and all wrong answers, each with the check behind it.

    Also the indices of the checks that must fail: the answer, and texts that its message must contain.
    """
    cells: list[NotebookCell] = []
    failing: dict[int, tuple[str, list[str]]] = {}
    for cell in lesson.cells:
        if "exercise" in cell.tags:
            continue
        if "solution" in cell.tags:
            check = lesson.exercise(cell.exercise, "check").source
            tried = [(lesson.exercise(cell.exercise, "exercise").source, [NOT_DONE])]
            tried += [(answer.source, answer.options["says"]) for answer in wrong if answer.exercise == cell.exercise]
            for answer, says in tried:
                cells += [NotebookCell(answer), NotebookCell(check, tags=(FAILS,))]
                failing[len(cells) - 1] = answer, says
        cells.append(cell)
    return cells, failing


@pytest.mark.slow
def test_a_lesson_checks_what_it_teaches(lesson, wrong):
    cells, failing = examined(lesson, wrong)
    done = execute(notebook(lesson.name, cells))["cells"]
    faults = [*_missed(done, failing), *_on_standard_error(done)]
    faults += [
        f"a check gave no tick:\n{cell['source']}"
        for index, cell in enumerate(done)
        if "check" in cell["metadata"].get("tags", ()) and not _printed(cell).startswith("✓ ")
    ]
    assert not faults, "\n\n".join(faults)


def _missed(done: list[dict], failing: dict[int, tuple[str, list[str]]]) -> Iterator[str]:
    """Wrong answers that were not noticed, or whose message does not name the mistake."""
    for index, (answer, says) in failing.items():
        errors = [output for output in done[index]["outputs"] if output["output_type"] == "error"]
        if not errors:
            yield f"not detected:\n{answer}"
        elif errors[0]["ename"] != "NotYet":
            yield f"{answer}\n-> {errors[0]['ename']}: {errors[0]['evalue']}"
        elif lacking := [text for text in says if text not in errors[0]["evalue"]]:
            yield f"{answer}\n-> {errors[0]['evalue']}\n-> lacks {lacking}"


def _on_standard_error(done: list[dict]) -> Iterator[str]:
    """Warnings: whatever went to standard error."""
    for cell in done:
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                yield f"{cell['source']}\n-> on standard error: {output['text']}"


def _printed(cell: dict) -> str:
    return "".join(output["text"] for output in cell["outputs"] if output["output_type"] == "stream")
