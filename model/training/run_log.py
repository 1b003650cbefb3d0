"""What a training writes down beside its checkpoints: the log as CSV, events for TensorBoard, the run card.

All of it can be made again from the checkpoint, so a killed training loses no row and has none twice.
"""

import csv
import io
import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, fields
from importlib import metadata
from pathlib import Path
from typing import Any

from model.errors import MirnetError
from model.safety.whole_files import write_whole
from model.training.checkpoint import LogRow

__all__ = [
    "CARD",
    "LOG",
    "WEIGHTS",
    "Events",
    "machine",
    "read_card",
    "read_log",
    "versions",
    "write_card",
    "write_log",
]

LOG = "log.csv"
CARD = "run.json"
WEIGHTS = "net.weights.h5"
"""The averaged weights in the run's folder, up to date with the newest checkpoint."""

EVENTS = "events"
COLUMNS = tuple(field.name for field in fields(LogRow))
PACKAGES = ("keras", "numpy", "pillow", "tensorflow", "jax", "jaxlib", "torch")


def write_log(folder: Path, rows: Iterable[LogRow]) -> None:
    """Writes the whole log as `log.csv`, one line for each round; an empty field was not measured.

    Raises:
        MirnetError: If it cannot be written.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    write_whole(folder / LOG, text.getvalue())


def read_log(path: Path) -> tuple[LogRow, ...]:
    """Reads a log that `write_log` wrote.

    Raises:
        MirnetError: If it is no such file.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return tuple(_row(line) for line in csv.DictReader(file))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MirnetError(f"{path} cannot be read as a training log ({error})") from error


def _row(line: dict[str, str]) -> LogRow:
    numbers = {name: float(line[name]) for name in COLUMNS[1:] if line[name]}
    return LogRow(step=int(line["step"]), **numbers)


class Events:
    """The log for TensorBoard, when the package `tensorboard` is installed; without it nothing is written.

    Args:
        folder: The run's folder; `tensorboard --logdir` takes it or the one above.
    """

    def __init__(self, folder: Path):
        try:
            from tensorboard.summary import Writer
        except ImportError:
            self._writer = None
        else:
            self._writer = Writer(str(folder / EVENTS))

    def add(self, row: LogRow) -> None:
        """Writes one row."""
        if self._writer is None:
            return
        for name in COLUMNS[1:]:
            if (value := getattr(row, name)) is not None:
                self._writer.add_scalar(name, value, step=row.step)
        self._writer.flush()

    def close(self) -> None:
        """Ends the file."""
        if self._writer is not None:
            self._writer.close()


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Writes the run card `run.json`.

    Raises:
        MirnetError: If it cannot be written.
    """
    write_whole(folder / CARD, json.dumps(card, indent=1) + "\n")


def read_card(folder: Path) -> dict[str, Any] | None:
    """The run card in a folder; None if there is none.

    Raises:
        MirnetError: If it is broken.
    """
    path = folder / CARD
    if not path.exists():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))  # an editor may have put a mark before it
    except (OSError, ValueError, RecursionError) as error:
        raise MirnetError(f"{path} cannot be read as a run card ({error}); start anew in another folder") from error


def versions() -> dict[str, str]:
    """The versions that a result depends on: Python and the libraries that are installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """What the training runs on, without the machine's name."""
    from model.training.accelerator import accelerator

    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "accelerator": accelerator(),
    }


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"
