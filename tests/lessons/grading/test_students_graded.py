"""What students would write, graded: the judge accepts and refuses what the check in the notebook does."""

import contextlib
import io
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from lessons.checks import NotYet
from lessons.grading.data_pipe import Pipe
from lessons.grading.judge import check_of
from lessons.grading.remote_answer import RemoteAnswers
from lessons.grading.submission import needed_for
from lessons.grading.walls import INSTALL, sandboxed
from lessons.making.script import read_cells

STUDENTS = Path(__file__).parents[1] / "students"


def verdict(check, answers: RemoteAnswers) -> str:
    answers.until(60)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            check(answers)
        except NotYet as error:
            return f"✗ {error}"
    return "✓"


@pytest.mark.slow
def test_students_are_graded_as_they_are_told(lesson, require):
    require(shutil.which("bwrap"), f"needs bubblewrap: {INSTALL}")
    cells = read_cells((STUDENTS / f"{lesson.name}.py").read_text(encoding="utf-8"), lesson.name)
    students = [cell for cell in cells if find_spec(cell.options.get("needs", "sys"))]
    theirs = [cell.source for cell in students] + [cell.source for cell in lesson.tagged("solution")]
    given = [cell.source for cell in lesson.cells if not cell.markdown and not cell.exercise]
    needed = needed_for(theirs, given)
    faults = []
    with sandboxed(4096, 1000) as process:
        answers = RemoteAnswers(Pipe(process.stdout, process.stdin), 60)

        def run(source: str) -> None:
            answers.until(60)
            answers.run(source, "cell")

        for cell in lesson.cells:
            if cell.source in needed:
                run(cell.source)
            if "solution" not in cell.tags:
                continue
            check = check_of(lesson, cell.exercise)
            for answer in students:
                if answer.exercise == cell.exercise:
                    run(lesson.exercise(cell.exercise, "exercise").source)
                    run(answer.source)
                    said = verdict(check, answers)
                    if (said == "✓") != ("right" in answer.options):
                        faults.append(f"{answer.line} {answer.options}: {said}")
                    assert not answers.ended, f"{answer.line}: {said}"
            run(cell.source)
            if (said := verdict(check, answers)) != "✓":
                faults.append(f"the solution of {cell.exercise}: {said}")
    assert not faults, "\n".join(faults)
