"""The lessons, and the wrong answers to their exercises."""

from pathlib import Path

import pytest

from lessons.making.script import NotebookCell, all_lessons, read_cells

LESSONS = all_lessons()
WRONG = Path(__file__).parent / "wrong"


def pytest_generate_tests(metafunc):
    """A test with the argument `lesson` is run for each."""
    if "lesson" in metafunc.fixturenames:
        metafunc.parametrize("lesson", LESSONS, ids=[lesson.name for lesson in LESSONS])


@pytest.fixture
def wrong(lesson) -> list[NotebookCell]:
    """Plausible wrong answers; `options["says"]` are texts that the message about one has to contain."""
    path = WRONG / f"{lesson.name}.py"
    assert path.exists(), f"{path} is missing: at least two wrong answers to every exercise"
    return read_cells(path.read_text(encoding="utf-8"), path.name)
