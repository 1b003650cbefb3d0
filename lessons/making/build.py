"""Builds all lessons as notebooks and pages in one folder; what has not changed is not run again.

```
build/lessons/
├── index.html  glossary.html  01_dark.html  01_dark.png  01_dark_at_night.png ...
├── student/    01_dark.ipynb ... glossary.ipynb
└── teacher/    01_dark.ipynb ... glossary.ipynb
```
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

from lessons.drawing import DARK_PNG
from explain.cli.console import notes_console
from explain.cli.progress import bars_on
from lessons.making.execute import execute
from lessons.making.index import index_page, picture_of
from lessons.making.notebook import Notebook, glossary_notebook, student, teacher
from lessons.making.page import glossary_page, lesson_page
from lessons.making.script import FOLDER, Lesson
from model.errors import MirnetError
from model.safety.whole_files import write_whole

__all__ = ["build", "chosen", "fingerprint", "notebook_bytes"]

LIBRARIES = ("numpy", "keras", "tensorflow", "matplotlib", "pillow", "ipython")
"""Whose versions may change what a lesson shows."""


def build(
    folder: Path, lessons: Sequence[Lesson], every: Sequence[Lesson] | None = None
) -> list[Lesson]:
    """Writes notebooks and pages, and runs the teacher's notebooks where something has changed.

    Args:
        folder: Where to; made if it is not there.
        lessons: Which.
        every: All that there are, for the links from one to the next; by default these.

    Returns:
        The lessons that were run.

    Raises:
        MirnetError: If a lesson stops with an error.
    """
    every = list(lessons if every is None else every)
    ran = []
    with bars_on(notes_console()) as show:
        for lesson in lessons:
            made, new = _executed(folder, lesson, show)
            ran += [lesson] if new else []
            number = every.index(lesson)
            before = every[number - 1] if number else None
            after = every[number + 1] if number + 1 < len(every) else None
            write(folder / f"{lesson.name}.html", lesson_page(lesson, made, before, after).encode())
            write(folder / f"{lesson.name}.png", picture_of(made))
            write(folder / f"{lesson.name}_at_night.png", picture_of(made, DARK_PNG))
            write(folder / "student" / f"{lesson.name}.ipynb", notebook_bytes(student(lesson)))
    for kind in ("student", "teacher"):
        write(folder / kind / "glossary.ipynb", notebook_bytes(glossary_notebook()))
    write(folder / "glossary.html", glossary_page().encode())
    built = [lesson for lesson in every if (folder / f"{lesson.name}.html").exists()]
    write(folder / "index.html", index_page(built).encode())
    return ran


def chosen(names: Sequence[str], lessons: Sequence[Lesson]) -> list[Lesson]:
    """The lessons of these names or numbers; all, if there are none.

    Raises:
        MirnetError: If there is no such lesson.
    """
    if not names:
        return list(lessons)
    known = {
        name: lesson
        for lesson in lessons
        for name in (lesson.name, str(lesson.number), f"{lesson.number:02}")
    }
    for name in names:
        if name not in known:
            raise MirnetError(
                f"there is no lesson {name!r}, only {', '.join(lesson.name for lesson in lessons)}"
            )
    return sorted(
        {known[name].name: known[name] for name in names}.values(), key=lambda lesson: lesson.number
    )


def fingerprint(lesson: Lesson) -> str:
    """Hash of what the outputs of a lesson depend on: its script, our code and files, and the libraries."""
    content = hashlib.sha256(json.dumps(teacher(lesson)).encode())
    content.update(_of_everything_else().encode())
    return content.hexdigest()


def notebook_bytes(notebook: Notebook) -> bytes:
    """A notebook as the content of its file."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def write(path: Path, content: bytes) -> None:
    """Writes a file, whole or not at all, and its folder where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)


def _executed(folder: Path, lesson: Lesson, show) -> tuple[Notebook, bool]:
    """The teacher's notebook with outputs, and whether it was run for that."""
    path = folder / "teacher" / f"{lesson.name}.ipynb"
    mark, fresh = fingerprint(lesson), teacher(lesson)
    steps = len(fresh["cells"])
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        if made["metadata"]["mirnet"]["fingerprint"] == mark:
            show(f"{lesson.title} (unchanged)", steps, steps)
            return made, False
    except (OSError, ValueError, KeyError, TypeError):
        pass  # missing, or not one of ours: it is made anew
    show(lesson.title, 0, steps)
    made = execute(fresh, lambda done: show(lesson.title, done, steps))
    show(lesson.title, steps, steps)  # text at the end is not executed
    made["metadata"]["mirnet"]["fingerprint"] = mark
    write(path, notebook_bytes(made))
    return made, True


@cache
def _of_everything_else() -> str:
    content = hashlib.sha256()
    for path in _sources():
        content.update(path.relative_to(FOLDER.parent).as_posix().encode())
        content.update(hashlib.sha256(path.read_bytes()).digest())
    versions = [f"{name} {metadata.version(name)}" for name in LIBRARIES]
    content.update("\n".join([sys.version, *versions]).encode())
    return content.hexdigest()


def _sources() -> Iterator[Path]:
    """All files of our packages but the lessons themselves, what makes pages of them, and documentation."""
    for package in ("model", "explain", "embedded", "lessons"):
        for path in sorted((FOLDER.parent / package).rglob("*")):
            inside = path.relative_to(FOLDER.parent).parts
            skipped = inside[:2] == ("lessons", "making") or (
                len(inside) == 2 and inside[1][:2].isdigit()
            )
            app = inside[:2] == ("explain", "app") or inside[:3] == ("explain", "cli", "commands")
            left = any(part.startswith((".", "__pycache__")) for part in inside)  # by tools
            if path.is_file() and path.suffix != ".md" and not (skipped or app or left):
                yield path
