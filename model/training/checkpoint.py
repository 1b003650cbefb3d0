"""Checkpoints that survive a power cut: written under another name, then renamed; the one before is kept.

A checkpoint is one NumPy archive (`.npz`): the arrays of `TrainingStep.read` and, as JSON text, how far the training
was. `kill -9` at any moment leaves a whole checkpoint: `os.replace` is all or nothing, and if the newest file is
missing or broken, the one before is taken.
"""

import json
import os
import zipfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from model.errors import MirnetError
from model.safety.whole_files import replacing

__all__ = ["Checkpoint", "LogRow", "load_checkpoint", "save_checkpoint"]

NEWEST = "checkpoint.npz"
BEFORE = "checkpoint.previous.npz"


@dataclass(frozen=True)
class LogRow:
    """One row of the log: what a round of steps gave.

    Attributes:
        step: Steps done.
        loss: Mean Charbonnier loss of the round.
        learning_rate: Of its last step.
        seconds: Training time so far, all parts of an interrupted training together.
        validation_psnr: Of the averaged weights, in dB; None in rounds where it was not measured.
    """

    step: int
    loss: float
    learning_rate: float
    seconds: float
    validation_psnr: float | None = None


@dataclass(frozen=True)
class Checkpoint:
    """Where a training stands.

    Attributes:
        state: The arrays of `TrainingStep.read`.
        rows: The log so far; the last row says how many steps are done.
    """

    state: list[np.ndarray]
    rows: tuple[LogRow, ...] = ()

    @property
    def step(self) -> int:
        """Steps done."""
        return self.rows[-1].step if self.rows else 0

    @property
    def seconds(self) -> float:
        """Training time so far, in seconds."""
        return self.rows[-1].seconds if self.rows else 0.0


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Writes a checkpoint; the newest so far becomes the one before.

    Raises:
        MirnetError: If it cannot be written; then the checkpoints so far stay as they are.
    """
    rows = json.dumps([asdict(row) for row in checkpoint.rows])
    arrays = {f"array_{k:05d}": array for k, array in enumerate(checkpoint.state)}
    # In memory first: an archive that meets a full disk half-way complains once more when it is thrown away.
    archive = BytesIO()
    np.savez(archive, rows=np.frombuffer(rows.encode(), np.uint8), **arrays)
    with replacing(folder / NEWEST) as unfinished:
        with open(unfinished, "xb") as file:
            file.write(archive.getbuffer())
            file.flush()
            os.fsync(file.fileno())  # so that the name is never there before the content
        with suppress(FileNotFoundError):
            os.replace(folder / NEWEST, folder / BEFORE)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The newest whole checkpoint in a folder; None if there is none yet.

    Raises:
        MirnetError: If there are checkpoints and none can be read.
    """
    for leftover in folder.glob(".unfinished-*"):  # of a training that was killed while it wrote
        leftover.unlink(missing_ok=True)
    found = [folder / name for name in (NEWEST, BEFORE) if (folder / name).exists()]
    for path in found:
        with suppress(OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            checkpoint = _read(path)
            if path.name == BEFORE:  # a broken newest one must not take this one's place at the next save
                (folder / NEWEST).unlink(missing_ok=True)
            return checkpoint
    if found:
        raise MirnetError(f"{found[0]} is broken, and so is {BEFORE} or it is missing; start anew in another folder")
    return None


def _read(path: Path) -> Checkpoint:
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
        rows = json.loads(archive["rows"].tobytes())
        state = [archive[name] for name in sorted(archive.files) if name.startswith("array_")]
    return Checkpoint(state, tuple(LogRow(**row) for row in rows))
