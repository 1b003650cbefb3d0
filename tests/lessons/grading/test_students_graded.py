"""What students would write, graded: the judge accepts and refuses what the check in the notebook does."""

import contextlib
import io
from importlib.util import find_spec
from pathlib import Path

import pytest

from lessons.checks import NotYet
from lessons.grading.data_pipe import Pipe
from lessons.grading.judge import check_of
from lessons.grading.remote_answer import RemoteAnswers
from lessons.grading.submission import needed_for
from lessons.grading.walls import sandboxed
from lessons.making.script import read_cells

STUDENTS = Path(__file__).parents[1] / "students"


WRONG = 3
"""Wrong answers to each exercise that are graded: what they are told is tested with the checks themselves."""


class Run:
    """A sandbox that has run some cells; it is begun anew after an answer that ended it."""

    def __init__(self):
        self.stack, self.done = contextlib.ExitStack(), []
        self.begin()

    def begin(self) -> None:
        self.stack.close()
        process = self.stack.enter_context(sandboxed(4096, 1000))
        self.answers = RemoteAnswers(Pipe(process.stdout, process.stdin), 60)
        for source in self.done:
            self.cell(source)

    def cell(self, source: str, keep: bool = False) -> None:
        self.done += [source] if keep else []
        self.answers.until(60)
        self.answers.run(source, "cell")

    def verdict(self, check) -> str:
        self.answers.until(30)
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                check(self.answers)
            except NotYet as error:
                return f"✗ {error}"
            finally:
                if self.answers.ended:
                    self.begin()
        return "✓"


@pytest.mark.slow
def test_students_are_graded_as_they_are_told(lesson, walls):
    cells = read_cells((STUDENTS / f"{lesson.name}.py").read_text(encoding="utf-8"), lesson.name)
    students = [cell for cell in cells if find_spec(cell.options.get("needs", "sys"))]
    theirs = [cell.source for cell in students] + [cell.source for cell in lesson.tagged("solution")]
    given = [cell.source for cell in lesson.cells if not cell.markdown and not cell.exercise]
    needed = needed_for(theirs, given)
    run, faults = Run(), []
    with run.stack:
        for cell in lesson.cells:
            if cell.source in needed:
                run.cell(cell.source, keep=True)
            if "solution" not in cell.tags:
                continue
            check = check_of(lesson, cell.exercise)
            mine = [answer for answer in students if answer.exercise == cell.exercise]
            wrong, right = ([each for each in mine if kind in each.options] for kind in ("wrong", "right"))
            for answer in wrong[:WRONG] + right:
                run.cell(lesson.exercise(cell.exercise, "exercise").source)
                run.cell(answer.source)
                said = run.verdict(check)
                if (said == "✓") != ("right" in answer.options):
                    faults.append(f"{answer.line} {answer.options}: {said}")
            run.cell(cell.source, keep=True)
            if (said := run.verdict(check)) != "✓":
                faults.append(f"the solution of {cell.exercise}: {said}")
    assert not faults, "\n".join(faults)
