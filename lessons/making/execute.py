"""Runs a notebook in a Jupyter kernel of its own."""

import os
import sys
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

from lessons.drawing import DARK_TOO
from lessons.making.notebook import Notebook
from lessons.making.script import FOLDER
from model.errors import MirnetError

__all__ = ["execute"]

TIMEOUT_S = 600
"""For one cell; a lesson as a whole has to be done in three minutes on two cores."""


def execute(notebook: Notebook, progress: Callable[[int], None] = lambda done: None) -> Notebook:
    """The notebook with its outputs.

    It runs in an empty folder, which is removed afterwards. A cell with the tag `raises-exception` may raise one, any
    other may not.

    Args:
        notebook: As `lessons.making.notebook.notebook` gives it.
        progress: Called with the number of cells done.

    Raises:
        MirnetError: If a cell raises an error, or what runs notebooks is not installed.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError
    except ImportError as error:
        raise MirnetError(
            f"{error.name} is needed to run lessons: pip install 'mirnet-explainer[lessons]'"
        ) from error
    made = nbformat.from_dict(notebook)
    with TemporaryDirectory() as folder:
        client = NotebookClient(
            made,
            timeout=TIMEOUT_S,
            startup_timeout=TIMEOUT_S,
            kernel_name="python3",
            # A kernel warns that it listens without encryption; it does so on this machine only, with a secret key.
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": folder}},
            record_timing=False,
            on_cell_executed=lambda cell, cell_index, execute_reply: progress(cell_index + 1),
        )
        try:
            client.execute(env=_environment())
        except CellExecutionError as error:
            name = notebook["metadata"]["mirnet"]["lesson"]
            raise MirnetError(
                f"{name}: a cell stops with {error.ename}: {error.evalue}\n\n{error}"
            ) from error
    return _plain(made)


def _environment() -> dict[str, str]:
    # The kernel has another folder than we have, and must find the same packages.
    paths = [str(FOLDER.parent), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONUNBUFFERED": "1",
        DARK_TOO: "1",
    }


def _plain(made: Any) -> Notebook:
    """As ordinary dictionaries, and without what differs from run to run."""
    cells = [_plain_cell(cell) for cell in made["cells"]]
    version = ".".join(map(str, sys.version_info[:2]))
    metadata = dict(made["metadata"]) | {"language_info": {"name": "python", "version": version}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _plain_cell(cell: Any) -> dict[str, Any]:
    plain = {name: cell[name] for name in ("cell_type", "id", "metadata", "source")}
    if cell["cell_type"] == "markdown":
        return plain
    return plain | {"execution_count": cell["execution_count"], "outputs": _joined(cell["outputs"])}


def _joined(outputs: list[Any]) -> list[dict[str, Any]]:
    """Outputs with what was printed in one go joined: how a stream is cut into pieces depends on the clock."""
    joined: list[dict[str, Any]] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("name") == output.get("name"):
            last["text"] += output["text"]
        else:
            joined.append(dict(output))
    return joined
