"""Grades one notebook: `python -m lessons.grading.judge TASK`, a line of JSON for each exercise.

The checks run here, on what comes back from the sandbox. Nothing of the learner's is executed in this process.
"""

import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from lessons.checks import NotYet
from lessons.grading.answer_process import Elsewhere
from lessons.grading.data_pipe import Pipe
from lessons.grading.remote_answer import RemoteAnswers
from lessons.grading.submission import Piece, names_in, needed_for, pieces_of, read_notebook
from lessons.grading.walls import sandboxed
from lessons.making.script import FOLDER, Lesson, read_lesson
from model.safety.process_limits import limit_process

__all__ = ["ExerciseVerdict", "Limits", "check_of", "judged"]

RIGHT, WRONG, OPEN, LATE = "right", "wrong", "not answered", "not graded"
OWN_MB = 4096
"""What the judge may take beyond what it has after its imports: checks of the largest answers stay far below."""


@dataclass(frozen=True)
class Limits:
    """What one notebook may take.

    Attributes:
        cell_s: Seconds for one cell.
        answer_s: Seconds for the check of one answer.
        notebook_s: Seconds for all.
        megabytes: Memory of the process that runs the answers.
    """

    cell_s: float = 60
    answer_s: float = 30
    notebook_s: float = 300
    megabytes: int = 4096


@dataclass(frozen=True)
class ExerciseVerdict:
    """What became of one exercise.

    Attributes:
        exercise: Its name.
        verdict: `right`, `wrong`, `not answered`, or `not graded` where the notebook's time was over.
        said: What a learner would be told.
    """

    exercise: str
    verdict: str
    said: str = ""


class _Session:
    """A sandbox that has run the cells of a notebook up to some point; begun anew when its process ends."""

    def __init__(self, pieces: list[Piece], limits: Limits, start: Callable[[], Any]):
        self._pieces, self._limits, self._start = pieces, limits, start
        self._deadly: set[int] = set()
        self._stack = ExitStack()
        self._done = 0
        self.answers: RemoteAnswers | None = None
        self.errors: dict[int, str] = {}
        self._end = time.monotonic() + limits.notebook_s

    def left(self, seconds: float) -> float:
        """Of so many seconds, those that the notebook still has."""
        return max(0.0, min(seconds, self._end - time.monotonic()))

    def up_to(self, place: int) -> RemoteAnswers | None:
        """The answers after all cells before this place; None when time is over."""
        while self.left(1):
            if self.answers is None or self.answers.ended:
                self._begin()
            assert self.answers is not None
            while self._done < place and not self.answers.ended:
                k = self._done
                self._done += 1
                if self._pieces[k].source and k not in self._deadly:
                    self.answers.until(self.left(self._limits.cell_s))
                    self.errors[k] = self.answers.run(self._pieces[k].source, str(k))
                    if self.answers.ended:
                        self._deadly.add(k)
            if not self.answers.ended:
                return self.answers
        return None

    def _begin(self) -> None:
        self._stack.close()
        process = self._stack.enter_context(self._start())
        self.answers, self._done = RemoteAnswers(Pipe(process.stdout, process.stdin), 0), 0

    def close(self) -> None:
        self._stack.close()


def judged(
    notebook: dict[str, Any],
    lesson: Lesson,
    limits: Limits,
    hidden: tuple[Path, ...] = (),
    trust: bool = False,
) -> Iterator[ExerciseVerdict]:
    """The verdict on each exercise, in order.

    Args:
        notebook: The learner's.
        lesson: Which it is of.
        limits: What it may take.
        hidden: Folders that answers must not see.
        trust: Whether answers run without walls.
    """
    pieces = pieces_of(notebook, lesson)
    seconds = 4 * int(limits.notebook_s)  # all cores together
    session = _Session(pieces, limits, lambda: sandboxed(limits.megabytes, seconds, hidden, trust))
    try:
        for place, piece in enumerate(pieces):
            if piece.exercise:
                yield _verdict(session, pieces, place, lesson, limits)
    finally:
        session.close()


def _verdict(session: _Session, pieces: list[Piece], place: int, lesson: Lesson, limits: Limits) -> ExerciseVerdict:
    name = pieces[place].exercise
    skeleton = lesson.exercise(name, "exercise").source
    if any(piece.own and piece.source.strip() == skeleton.strip() for piece in pieces[:place]):
        return ExerciseVerdict(name, OPEN, "the cell is as it was handed out.")
    answers = session.up_to(place)
    if answers is None:
        return ExerciseVerdict(name, LATE, f"the notebook's {limits.notebook_s:.0f} seconds were over.")
    check = check_of(lesson, name)
    answers.until(session.left(limits.answer_s))
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            check(answers)
    except NotYet as error:
        stopped = [said for k, said in session.errors.items() if k < place and said and pieces[k].own]
        more = f" Before it, a cell stops with {stopped[-1]}" if stopped and "is not defined" in str(error) else ""
        return ExerciseVerdict(name, WRONG, " ".join(str(error).removeprefix("✗").split()) + more)
    except Exception as error:  # of our check, by what an answer handed over: no point, and no end of the grading
        return ExerciseVerdict(name, WRONG, f"the check cannot use this answer ({type(error).__name__}).")
    return ExerciseVerdict(name, RIGHT)


def check_of(lesson: Lesson, name: str) -> Callable[[RemoteAnswers], None]:
    """The check of an exercise: names of answers are the learner's, all others come from the lesson itself."""
    cell = lesson.exercise(name, "check")
    code = compile(cell.source, str(FOLDER / f"{lesson.name}.py"), "exec")
    asked = [each for each in code.co_names if each != "check"]
    theirs = _defined([each.source for each in lesson.tagged("solution")])
    before = lesson.cells[: lesson.cells.index(cell)]
    trusted = [each.source for each in before if not each.markdown and not {"exercise", "check"} & set(each.tags)]
    ours = [each for each in asked if each not in theirs and each in _defined(trusted)]
    names: dict[str, Any] = {}
    with _no_figures(), contextlib.redirect_stdout(io.StringIO()):
        for source in needed_for((), trusted, ours):
            exec(compile(source, str(FOLDER / f"{lesson.name}.py"), "exec"), names)
    names["check"] = import_module(f"lessons.checks.{lesson.name.partition('_')[2]}")

    def run(answers: RemoteAnswers) -> None:
        exec(code, names | {each: answers.value(each) for each in asked if each in theirs})

    return run


@contextlib.contextmanager
def _no_figures() -> Iterator[None]:
    """Cells that draw draw nothing: nobody looks."""
    name = "lessons.drawing"
    real = sys.modules.get(name)
    sys.modules[name] = Elsewhere(name)
    try:
        yield
    finally:
        del sys.modules[name]
        if real is not None:
            sys.modules[name] = real


def _defined(sources: list[str]) -> set[str]:
    return set().union(*(names_in(source)[1] for source in sources))


def main(argv: list[str]) -> int:
    """Prints the verdicts."""
    task = json.loads(argv[0])
    lesson, limits = read_lesson(FOLDER / f"{task['lesson']}.py"), Limits(**task["limits"])
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    import_module(f"lessons.checks.{lesson.name.partition('_')[2]}")
    limit_process(2 * int(limits.notebook_s), _memory() + OWN_MB * 2**20)
    hidden = tuple(Path(each) for each in task["hidden"])
    for verdict in judged(
        read_notebook(Path(task["notebook"])),
        lesson,
        limits,
        hidden,
        task["trust"],
    ):
        print(json.dumps(asdict(verdict)), file=out, flush=True)
    return 0


def _memory() -> int:
    """Bytes of address space that this process has, where the system says so."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 4 * 2**30


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
