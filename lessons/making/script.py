"""Percent scripts: a notebook as plain Python, cells divided by comments (the format is Jupytext's "percent").

```
# %% [markdown] tags=["goals"]
# # 1. Title
# %% tags=["exercise"] exercise="psnr"
def psnr(a, b): ...
```

Only what lessons need is read: markdown and code, and options as `name=JSON`. Standard library only, so that
`mirnet lessons` needs nothing that the package does not already have; the tests compare with Jupytext's own reading.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from model.errors import MirnetError

__all__ = ["FOLDER", "Lesson", "NotebookCell", "all_lessons", "read_cells", "read_lesson"]

FOLDER = Path(__file__).resolve().parent.parent
"""Where the lessons are."""

TAGS = ("goals", "picture", "exercise", "solution", "hint", "check", "why", "quiz", "app", "given")
"""Every tag that means something here."""

MARK = "# %%"


@dataclass(frozen=True)
class NotebookCell:
    """One cell.

    Attributes:
        source: Its text, without the comment signs where it is Markdown.
        markdown: Whether it is Markdown; else it is code.
        tags: What it is for, see `TAGS`.
        exercise: The name of the exercise that it belongs to, if it does.
        options: All options of its first line, these two among them.
        line: Where it begins in the script, from 1.
    """

    source: str
    markdown: bool = False
    tags: tuple[str, ...] = ()
    exercise: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        name: `01_dark`, the file's name without `.py`.
        cells: All of them, in order.
    """

    name: str
    cells: tuple[NotebookCell, ...]

    def tagged(self, tag: str) -> list[NotebookCell]:
        """The cells with this tag."""
        return [cell for cell in self.cells if tag in cell.tags]

    def exercise(self, name: str, tag: str) -> NotebookCell:
        """The one cell with this tag of an exercise."""
        found = [cell for cell in self.tagged(tag) if cell.exercise == name]
        if len(found) != 1:
            count = f"one cell with the tag {tag}, not {len(found)}"
            raise MirnetError(f"{self.name}: the exercise {name!r} must have {count}")
        return found[0]

    @property
    def exercises(self) -> tuple[str, ...]:
        """Names of the exercises, in order."""
        return tuple(cell.exercise for cell in self.tagged("exercise"))

    @property
    def number(self) -> int:
        """From 1."""
        return int(self.name.partition("_")[0])

    @property
    def title(self) -> str:
        """`1. Why the dark is hard`."""
        return self._first["title"]

    @property
    def summary(self) -> str:
        """The sentences below the title."""
        return self._first["summary"]

    @property
    def minutes(self) -> int:
        """How long it takes to work through."""
        return int(self._first["minutes"])

    @property
    def made(self) -> str:
        """What a learner has made at its end."""
        return self._first["made"]

    @property
    def goals(self) -> tuple[str, ...]:
        """What a learner then knows or can do."""
        return tuple(re.findall(r"^- (.+(?:\n  .+)*)", self._first["goals"], re.MULTILINE))

    @cached_property
    def _first(self) -> dict[str, str]:
        """The parts of the first cell."""
        text = self.cells[0].source if self.cells and "goals" in self.cells[0].tags else ""
        found = GOALS.fullmatch(text.strip())
        if found is None:
            raise MirnetError(
                f"{self.name}: the first cell must have the tag goals and read: # N. Title, a blank line, a summary, "
                "a blank line, **M minutes.** You make what, a blank line, Goals: and lines that begin with '- '"
            )
        parts = found.groupdict()
        return {
            name: text if name == "goals" else " ".join(text.split())
            for name, text in parts.items()
        }


GOALS = re.compile(
    r"# (?P<title>\d+\. [^\n]+)\n\n"
    r"(?P<summary>.+?)\n\n"
    r"\*\*(?P<minutes>\d+) minutes\.\*\* (?P<made>.+?)\n\n"
    r"Goals:\n\n(?P<goals>(?:- .+(?:\n|$)(?:  .+(?:\n|$))*)+)",
    re.DOTALL,
)


def read_cells(text: str, name: str = "script") -> list[NotebookCell]:
    """The cells of a percent script.

    Args:
        text: The script.
        name: What to call it in an error.

    Raises:
        MirnetError: If an option cannot be read, or a line of a Markdown cell is no comment.
    """
    cells: list[NotebookCell] = []
    for line, head, body in _pieces(text):
        markdown, options = _options(head, f"{name}, line {line}")
        source = _uncommented(body, f"{name}, line {line}") if markdown else body
        tags, exercise = tuple(options.get("tags", ())), options.get("exercise", "")
        cells.append(NotebookCell(source.strip("\n"), markdown, tags, exercise, options, line))
    return cells


def read_lesson(path: Path) -> Lesson:
    """A lesson from its script.

    Raises:
        MirnetError: As `read_cells`, and if a tag is none of `TAGS`.
    """
    cells = read_cells(path.read_text(encoding="utf-8"), path.name)
    for cell in cells:
        if unknown := set(cell.tags) - set(TAGS):
            known = ", ".join(TAGS)
            where = f"{path.name}, line {cell.line}"
            raise MirnetError(f"{where}: unknown tag {unknown.pop()!r}; there are {known}")
    return Lesson(path.stem, tuple(cells))


def all_lessons(folder: Path = FOLDER) -> list[Lesson]:
    """All lessons of a folder, in order."""
    return [read_lesson(path) for path in sorted(folder.glob("[0-9][0-9]_*.py"))]


def _pieces(text: str) -> Iterator[tuple[int, str, str]]:
    """Of every cell its line number, the rest of its first line, and its other lines."""
    line, head = 0, None
    body: list[str] = []
    for number, content in enumerate([*text.splitlines(), MARK], 1):
        if content == MARK or content.startswith(f"{MARK} "):
            if head is not None:
                yield line, head, "\n".join(body)
            line, head, body = number, content.removeprefix(MARK).strip(), []
        else:
            body.append(content)


def _options(head: str, where: str) -> tuple[bool, dict[str, Any]]:
    markdown = head.startswith("[markdown]")
    rest = head.removeprefix("[markdown]").strip()
    options: dict[str, Any] = {}
    while rest:
        name, _, value = rest.partition("=")
        try:
            if not name.isidentifier():
                raise ValueError
            options[name], end = json.JSONDecoder().raw_decode(value)
        except ValueError as error:
            example = 'tags=["check"] exercise="psnr"'
            raise MirnetError(
                f"{where}: cannot read {rest!r}; options look like {example}"
            ) from error
        rest = value[end:].strip()
    return markdown, options


def _uncommented(body: str, where: str) -> str:
    lines = body.strip("\n").splitlines()
    for line in lines:
        if line != "#" and not line.startswith("# "):
            raise MirnetError(
                f"{where}: a line of a Markdown cell must begin with '# ', not {line[:20]!r}"
            )
    return "\n".join(line[2:] for line in lines)
