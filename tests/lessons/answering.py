"""Answers of students, tried one after the other where the lesson asks for them: `python answering.py 04_skff`.

Runs the cells of a lesson in one namespace, without figures and tables, and prints a line of JSON for each answer: what
the check said, or null if it was content. A script of its own, since what a lesson leaves behind (Keras's seed, weights
that were replaced) must not reach a test.
"""

import json
import linecache
import signal
import sys
import time
import traceback
from importlib.util import find_spec
from pathlib import Path

from lessons import drawing
from lessons.checks import NotYet
from lessons.making.script import FOLDER, NotebookCell, read_cells, read_lesson

STUDENTS = Path(__file__).parent / "students"

STUCK_S = 60
"""After so many seconds a check has failed to stop an answer that does not end."""


def stuck(*_) -> None:
    """What a check should have noticed long before."""
    raise TimeoutError(f"no word in {STUCK_S} seconds")


def run_cell(source: str, names: dict, label: str) -> None:
    """Executes a cell as a notebook does: its lines are known to tracebacks and to `inspect`."""
    file = f"<{label}>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    exec(compile(source, file, "exec"), names)


def answers(lesson: str, only: str = "") -> list[NotebookCell]:
    """Answers of students, as far as what they import is installed; with `only`, those to one exercise."""
    cells = read_cells((STUDENTS / f"{lesson}.py").read_text(encoding="utf-8"), lesson)
    cells = [cell for cell in cells if find_spec(cell.options.get("needs", "sys"))]
    return [cell for cell in cells if only in ("", cell.exercise)]


def said(check: str, names: dict, answer: str, label: str) -> dict:
    """What the check says about an answer."""
    started = time.perf_counter()
    kind = message = None
    signal.alarm(STUCK_S)
    try:
        run_cell(answer, names, label)
        run_cell(check, names, f"check of {label}")
    except NotYet as error:
        kind, message = "NotYet", str(error)
    except BaseException:
        kind, message = "traceback", traceback.format_exc()
    finally:
        signal.alarm(0)
    return {"kind": kind, "message": message, "seconds": round(time.perf_counter() - started, 2)}


def main(name: str, only: str = "") -> None:
    """Prints what each answer to the exercises of a lesson is told."""
    signal.signal(signal.SIGALRM, stuck)
    drawing.show = drawing.table = lambda *shown, **options: None
    lesson = read_lesson(FOLDER / f"{name}.py")
    names: dict = {"__name__": "__main__"}
    last = [k for k, cell in enumerate(lesson.cells) if "check" in cell.tags][-1]
    real, sys.stdout = sys.stdout, sys.stderr
    for number, cell in enumerate(lesson.cells[: last + 1]):
        if cell.markdown or "exercise" in cell.tags:
            continue
        if "solution" in cell.tags:
            skeleton, check = (lesson.exercise(cell.exercise, tag).source for tag in ("exercise", "check"))
            for k, answer in enumerate(answers(name, only or cell.exercise)):
                if answer.exercise != cell.exercise:
                    continue
                run_cell(skeleton, names, f"skeleton of {cell.exercise}")
                kind = "wrong" if "wrong" in answer.options else "right"
                found = said(check, names, answer.source, f"{cell.exercise} {k}")
                row = {"exercise": cell.exercise, "asked": kind, "text": answer.options[kind], "line": answer.line}
                print(json.dumps(row | found), file=real, flush=True)
        run_cell(cell.source, names, f"cell {number}")


if __name__ == "__main__":
    main(*sys.argv[1:])
