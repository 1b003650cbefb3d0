"""What every single ablation does to the sample photos: measured once, shipped as `data/ablations.json`.

All of them on all samples take some minutes, so the page reads them from a file. The file says which weights it was
measured with, by their SHA-256; for others it does not count. `python tools/precompute.py ablations` makes it anew.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from explain.analysis.ablation import Switchboard
from explain.analysis.ablation.run_ablated import Effect, compared
from explain.app.compute.photos import Photo
from model.errors import MirnetError
from model.safety.whole_files import replacing

__all__ = [
    "ABLATIONS",
    "Change",
    "Measured",
    "change_of",
    "measure",
    "read_measured",
    "shipped_measurements",
    "write_measured",
]

ABLATIONS = Path(__file__).parent / "ablations.json"

DIGITS = 4  # after the point; a page shows two


@dataclass(frozen=True)
class Change:
    """What one ablation does to each of the photos, in their order.

    Attributes:
        loss: PSNR that the photo loses without this part, in dB; below 0 where it gains.
        rms: How far the photo changes: root mean square, in grey levels of 255.
        shift: How much brighter (above 0) or darker it becomes: mean, in grey levels of 255.
    """

    loss: tuple[float, ...]
    rms: tuple[float, ...]
    shift: tuple[float, ...]

    @classmethod
    def of_all(cls, changes: Sequence["Change"]) -> "Change":
        """The same of several photos, one after the other."""
        names = ("loss", "rms", "shift")
        return cls(*(tuple(value for each in changes for value in getattr(each, name)) for name in names))


@dataclass(frozen=True)
class Measured:
    """The table.

    Attributes:
        sha256: Of the weights, in hexadecimal; empty where the table is not from a file.
        photos: The samples' names.
        changes: By the ablation's key, in the order of `explain.analysis.ablation.ablations`.
    """

    sha256: str
    photos: tuple[str, ...]
    changes: Mapping[str, Change]


def measure(board: Switchboard, photos: Sequence[Photo], keys: Iterable[str]) -> Iterator[tuple[str, Change]]:
    """Switches parts off one at a time, by their keys, on photos that have a bright reference.

    The gates of an attention that is off become their own mean.

    Yields:
        Each key and what it does, as soon as it is measured.
    """
    intact = [board.run(photo.pixels) for photo in photos]
    gates = [board.gate_values([photo.pixels]) for photo in photos]
    for key in keys:
        effects = [
            compared((), board.run_batch([photo.pixels], [key], values)[0], before, photo.reference)
            for photo, before, values in zip(photos, intact, gates, strict=True)
        ]
        yield key, change_of(effects)


def change_of(effects: Sequence[Effect]) -> Change:
    """What an ablation did to photos that have a bright reference."""
    losses = _rounded(-effect.change for effect in effects if effect.change is not None)
    return Change(losses, _rounded(effect.rms for effect in effects), _rounded(effect.shift for effect in effects))


def write_measured(path: Path, measured: Measured) -> None:
    """Writes the file, a line for each ablation."""
    lines = ",\n".join(
        f"  {json.dumps(key)}: {json.dumps([change.loss, change.rms, change.shift])}"
        for key, change in measured.changes.items()
    )
    head = f'{{\n "sha256": {json.dumps(measured.sha256)},\n "photos": {json.dumps(measured.photos)},\n'
    with replacing(path) as unfinished:
        unfinished.write_text(f'{head} "changes": {{\n{lines}\n }}\n}}\n', encoding="utf-8")


def read_measured(path: Path) -> Measured:
    """Reads a file that `write_measured` wrote.

    Raises:
        MirnetError: If it is missing or no such file.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        changes = {key: Change(*map(tuple, values)) for key, values in content["changes"].items()}
        return Measured(content["sha256"], tuple(content["photos"]), changes)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MirnetError(f"{path} cannot be read as measured ablations ({error}): make it anew") from error


@cache
def shipped_measurements() -> Measured:
    """The file of the package.

    Raises:
        MirnetError: If it is missing or damaged.
    """
    return read_measured(ABLATIONS)


def _rounded(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(float(value), DIGITS) + 0.0 for value in values)
