"""For teachers: notebooks with solutions, times, and what wrong answers show; and what to do with them.

What wrong answers there are is read from the checks themselves, as text: whatever they can tell a learner is listed.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from explain.markdown_tables import markdown_table
from lessons.making.notebook import Notebook, notebook, teacher_cells
from lessons.making.script import FOLDER, Lesson, NotebookCell

__all__ = ["class_overview", "known_mistakes", "teaching_notebook"]

BEGIN = """\
# For teachers

These notebooks have the solutions, and behind each check the wrong answers that it knows by name: what a learner who
sees one of these messages has not understood yet. Learners' own notebooks come from `mirnet lessons -o my-lessons`.

"""
GRADING = """

Minutes are those of a learner; running a whole notebook takes one at most.

**To grade**, put the notebooks into one folder, `handed-in/ann/01_dark.ipynb` or `handed-in/ann_01_dark.ipynb`, and run

```sh
mirnet lessons --grade handed-in -o grades.csv
```

It makes a table with a line for each learner and exercise: a point, and what the learner would be told. Each notebook
runs in a sandbox (bubblewrap, on Linux) without network and without anybody's files, and the checks run outside of it.
Interrupted, it goes on where it was; a notebook that has not changed is not graded again. An exercise that builds on an
earlier one uses the learner's own. Cells carry nbgrader's metadata, too: an answer, a check of one point, or given and
locked.
"""
NAMED = "**Wrong answers, and what each shows.** It looks as if"
FOLLOWED = "**Wrong answers**: this check follows the answer, and names the first wrong connection."


def class_overview(lessons: Sequence[Lesson]) -> Notebook:
    """A notebook of text: the lessons, how long they take, and how to grade them."""
    header = ["lesson", "minutes", "points", "at its end"]
    rows = [
        [
            f"[{lesson.title}]({lesson.name}.ipynb)",
            str(lesson.minutes),
            str(len(lesson.exercises)),
            lesson.made,
        ]
        for lesson in lessons
    ]
    return notebook(
        "overview", [NotebookCell(BEGIN + markdown_table(header, rows) + GRADING, markdown=True)]
    )


def teaching_notebook(lesson: Lesson) -> Notebook:
    """A lesson with solutions, and behind each check the wrong answers that it knows."""
    cells = []
    mistakes = known_mistakes(lesson)
    for cell in teacher_cells(lesson):
        cells.append(cell)
        if "check" in cell.tags:
            lines = "\n".join(f"- {text}" for text in mistakes[cell.exercise])
            cells.append(NotebookCell(f"{NAMED}\n\n{lines}" if lines else FOLLOWED, markdown=True))
    return notebook(lesson.name, cells)


def known_mistakes(lesson: Lesson) -> Mapping[str, Sequence[str]]:
    """By exercise, the mistakes that its check can name: each the rest of a sentence that begins “It looks as if”."""
    checks = FOLDER / "checks"
    defined: dict[str, ast.AST] = {}
    for path in [*sorted((checks / "references").glob("*.py")), *_files_of(checks, lesson)]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                defined[node.name] = node
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                defined[ast.unparse(target)] = node
    return {
        name: list(dict.fromkeys(_told(_check_function(lesson, name), defined, set())))
        for name in lesson.exercises
    }


def _files_of(checks: Path, lesson: Lesson) -> list[Path]:
    name = lesson.name.partition("_")[2]
    return [
        path
        for path in [checks / f"{name}.py", *sorted((checks / name).glob("*.py"))]
        if path.is_file()
    ]


def _check_function(lesson: Lesson, exercise: str) -> str:
    """The name of the check: `check.psnr(psnr)` calls `psnr`."""
    (call,) = ast.parse(lesson.exercise(exercise, "check").source).body
    return call.value.func.attr  # type: ignore[attr-defined]


def _told(name: str, defined: Mapping[str, ast.AST], seen: set[str]) -> Iterator[str]:
    """The mistakes in a function or a constant, and in those that it uses."""
    seen.add(name)
    checking = isinstance(defined[name], ast.FunctionDef) and bool(defined[name].decorator_list)  # type: ignore[attr-defined]
    waiting: list[ast.AST] = [defined[name]]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        if checking and isinstance(node, ast.Return):
            continue  # what a right answer is told
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "wrong"
        ):
            waiting = [*node.args[1:], *waiting]  # the first argument says what, not why
            continue
        if text := _text(node):
            if text.endswith(".") and not text.startswith("“"):
                yield text
            continue
        if isinstance(node, ast.Name) and node.id in defined and node.id not in seen:
            yield from _told(node.id, defined, seen)
        if not isinstance(node, ast.JoinedStr | ast.AugAssign | ast.BinOp):  # parts of texts
            waiting = [*ast.iter_child_nodes(node), *waiting]


def _text(node: ast.AST) -> str:
    """A text that is written down, also in parts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = _text(node.left), _text(node.right)
        return "".join(parts) if all(parts) else ""
    return ""
