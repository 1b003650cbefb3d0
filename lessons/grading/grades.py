"""Grades all notebooks of a folder into one table, CSV: a line for each learner and exercise.

The table is written anew after every notebook, so that what is done stays done; a notebook whose lines are in it
already, and which has not changed since, is not graded again.
"""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

from lessons.grading.judge import LATE, RIGHT, Limits
from lessons.grading.submission import lesson_of, read_notebook
from lessons.grading.walls import why_no_sandbox
from lessons.making.script import Lesson, all_lessons
from mirnet_packages import ROOT
from model.errors import MirnetError
from model.safety.whole_files import check_output, write_whole

__all__ = ["Row", "grade_folder", "learner_of", "read_rows"]

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute."""

UNREADABLE = "unreadable"
START_S = 60
"""What a judge may take beside its notebook: the imports."""

LONGEST = 500


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        learner: The folder of the notebook inside the folder that is graded, or the first part of its name.
        lesson: Its name.
        exercise: Its name; empty where the notebook cannot be read.
        points: 1 or 0.
        verdict: `right`, `wrong`, `not answered`, `not graded`, `unreadable`.
        said: What a learner would be told.
        notebook: Where it lies, from the folder on.
        version: Of notebook and lesson, so that what has not changed is not graded again.
    """

    learner: str
    lesson: str
    exercise: str
    points: str
    verdict: str
    said: str
    notebook: str
    version: str


def grade_folder(
    folder: Path,
    table: Path,
    show: Callable[[str, int, int], None],
    limits: Limits | None = None,
    trust: bool = False,
) -> list[Row]:
    """Grades every notebook of a lesson that lies in a folder, at any depth.

    Args:
        folder: With the notebooks.
        table: The CSV file to write; a table of grades that is there already is completed.
        show: Told of the progress: what, notebooks done, notebooks.
        limits: What one notebook may take.
        trust: Whether answers run without a sandbox.

    Returns:
        All lines of the table.

    Raises:
        MirnetError: If there is no such folder or no notebook in it, no sandbox on this machine, or another file in the
            table's place.
    """
    limits = limits or Limits()
    notebooks = notebooks_in(folder)
    check_output(table)
    known = read_rows(table)
    rows = {row.notebook: [each for each in known if each.notebook == row.notebook] for row in known}
    if not trust and (reason := why_no_sandbox()):
        raise MirnetError(
            f"{reason}. Notebooks run code of other people, which could read and change your files; --trust "
            "grades them without walls, with limits on time and memory alone"
        )
    lessons = all_lessons()
    for done, path in enumerate(notebooks):
        show("notebooks", done, len(notebooks))
        name = path.relative_to(folder).as_posix()
        graded = _rows_of(path, folder, lessons, rows.get(name, []), limits, trust)
        if graded != rows.get(name):
            rows[name] = graded
            write_whole(table, _csv(row for each in rows.values() for row in each))
    show("notebooks", len(notebooks), len(notebooks))
    return [row for each in rows.values() for row in each]


def notebooks_in(folder: Path) -> list[Path]:
    """The notebooks of a folder, but no links, copies of Jupyter's and glossaries.

    Raises:
        MirnetError: If there are none.
    """
    if not folder.is_dir():
        raise MirnetError(f"{folder} is no folder: give the one with the learners' notebooks")
    found = [path for path in sorted(folder.rglob("*.ipynb")) if path.is_file() and not path.is_symlink()]
    found = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    found = [path for path in found if path.stem != "glossary"]
    if not found:
        raise MirnetError(f"there is no notebook (.ipynb) in {folder}")
    return found


def learner_of(path: Path, folder: Path, lesson: str) -> str:
    """Whose a notebook is: its folder, `ann/01_dark.ipynb`, or what its name has beside that of the lesson."""
    parts = path.relative_to(folder).parts
    return parts[0] if len(parts) > 1 else path.stem.replace(lesson, "").strip("_- ") or path.stem


def read_rows(table: Path) -> list[Row]:
    """The lines of a table of grades; none if there is no such file.

    Raises:
        MirnetError: If the file is something else.
    """
    if not table.exists():
        return []
    try:
        lines = list(csv.reader(io.StringIO(table.read_text(encoding="utf-8"))))
        if lines[0] != [field.name for field in fields(Row)]:
            raise ValueError
        return [Row(*map(_shown, line)) for line in lines[1:]]
    except (OSError, ValueError, IndexError, TypeError, csv.Error) as error:
        raise MirnetError(f"{table} is no table of grades: give another name with -o") from error


def _rows_of(
    path: Path,
    folder: Path,
    lessons: Sequence[Lesson],
    before: list[Row],
    limits: Limits,
    trust: bool,
) -> list[Row]:
    """The lines of one notebook: those that are there already if it has not changed."""
    name = path.relative_to(folder).as_posix()
    try:
        notebook = read_notebook(path)
        lesson = lesson_of(notebook, path, lessons)
    except MirnetError as error:
        return [Row(learner_of(path, folder, ""), "", "", "0", UNREADABLE, str(error), name, "")]
    if lesson is None:
        said = "it says of itself no lesson that there is: keep its metadata, or call it 01_dark.ipynb."
        return [Row(learner_of(path, folder, ""), "", "", "0", UNREADABLE, said, name, "")]
    version = _version(path, lesson)
    if before and all(row.version == version and row.verdict != LATE for row in before):
        return before
    learner = learner_of(path, folder, lesson.name)
    found = _judged(path, lesson, [folder], limits, trust)
    rows = []
    for exercise in lesson.exercises:
        verdict, said = found.get(exercise, (LATE, "its judge has ended before."))
        points = "1" if verdict == RIGHT else "0"
        rows.append(Row(learner, lesson.name, exercise, points, verdict, said[:LONGEST], name, version))
    return rows


def _judged(
    path: Path, lesson: Lesson, hidden: Sequence[Path], limits: Limits, trust: bool
) -> dict[str, tuple[str, str]]:
    """Verdict and message of every exercise that a judge in a process of its own came to."""
    task = {
        "notebook": str(path.resolve()),
        "lesson": lesson.name,
        "limits": asdict(limits),
        "trust": trust,
    }
    task["hidden"] = [str(each.resolve()) for each in hidden]
    command = [sys.executable, "-m", "lessons.grading.judge", json.dumps(task)]
    places = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]  # for our packages, wherever this was started
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(places)}
    with tempfile.TemporaryDirectory() as empty:
        judge = subprocess.Popen(command, cwd=empty, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            said, _ = judge.communicate(timeout=limits.notebook_s + START_S)
        except subprocess.TimeoutExpired:
            judge.kill()
            said, _ = judge.communicate()
        finally:
            if judge.poll() is None:
                judge.kill()
                judge.communicate()
    verdicts = [json.loads(line) for line in said.decode().splitlines() if line.endswith("}")]
    return {each["exercise"]: (each["verdict"], each["said"]) for each in verdicts}


def _version(path: Path, lesson: Lesson) -> str:
    content = hashlib.sha256(path.read_bytes())
    content.update(repr(lesson.cells).encode())
    return content.hexdigest()[:12]


def _csv(rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Row)])
    writer.writerows([_safe(cell) for cell in astuple(row)] for row in rows)
    return text.getvalue()


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: a learner may choose names and messages."""
    return f"'{cell}" if cell.startswith((*FORMULA, "'")) else cell


def _shown(cell: str) -> str:
    return cell.removeprefix("'")
