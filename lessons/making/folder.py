"""Writes notebooks into a student's folder, never over existing files, and starts JupyterLab there."""

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from lessons.making.build import notebook_bytes, write
from lessons.making.notebook import glossary_notebook, student, teacher
from lessons.making.script import Lesson
from lessons.making.teaching import class_overview, teaching_notebook
from model.errors import MirnetError
from model.safety.whole_files import check_output_folder

__all__ = ["lab_command", "write_folder"]


SOLUTIONS = "solutions"
"""The folder inside that of the notebooks, for a learner who asks for them."""

TEACHING = "teacher"
"""The folder for who teaches."""


def write_folder(
    folder: Path, lessons: Sequence[Lesson], solutions: bool = False, teaching: bool = False
) -> tuple[list[Path], list[Path]]:
    """Writes the student's notebooks and the glossary; files that are there already are kept as they are.

    Args:
        folder: Made if it is not there.
        lessons: Which.
        solutions: Whether notebooks with the solutions are written too, into a folder of their own.
        teaching: Whether those for teachers are, into another one.

    Returns:
        The files that were written, and those that were kept.

    Raises:
        MirnetError: If the folder is a file, or cannot be written to.
    """
    check_output_folder(folder)
    notebooks = {lesson.name: student(lesson) for lesson in lessons} | {
        "glossary": glossary_notebook()
    }
    if solutions:
        check_output_folder(folder / SOLUTIONS)
        notebooks |= {f"{SOLUTIONS}/{lesson.name}": teacher(lesson) for lesson in lessons}
    if teaching:
        check_output_folder(folder / TEACHING)
        notebooks |= {f"{TEACHING}/{lesson.name}": teaching_notebook(lesson) for lesson in lessons}
        notebooks[f"{TEACHING}/overview"] = class_overview(lessons)
    written, kept = [], []
    for name, notebook in notebooks.items():
        path = folder / f"{name}.ipynb"
        if path.exists():
            kept.append(path)
        else:
            write(path, notebook_bytes(notebook))
            written.append(path)
    return written, kept


def lab_command(folder: Path, first: str) -> tuple[list[str], dict[str, str]]:
    """The command that starts JupyterLab in a folder, and its environment.

    Args:
        folder: With the notebooks.
        first: Name of the one to open.

    Raises:
        MirnetError: If JupyterLab is not installed.
    """
    if find_spec("jupyterlab") is None or find_spec("ipykernel") is None:
        raise MirnetError(
            "JupyterLab is not installed: pip install 'mirnet-explainer[lessons]', or open the notebooks elsewhere"
        )
    command = [sys.executable, "-m", "jupyterlab", str(folder / f"{first}.ipynb")]
    command += [
        f"--ServerApp.root_dir={folder.resolve()}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command += ["--allow-root"]  # in a container there is nobody else
    return command, {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
