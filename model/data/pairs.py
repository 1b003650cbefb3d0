"""Where training pictures come from: a folder of pairs, or a folder of good photos that get darkened.

Both know names, load one name's pictures as bytes, and have a fingerprint that changes with any byte of any file. So
does `model.data.archive.PackedPairs`, one file of pairs.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from model.errors import ImageError, MirnetError
from model.images.photo_files import list_images, load_image, resize_to_fit
from model.images.photo_formats import FORMATS
from model.safety.whole_files import sha256_of

__all__ = ["PairFolder", "PhotoFolder", "listed"]

SHOWN = 5
"""So many names are spelt out in an error; of more, the number is given."""

VALIDATION_LIST = "validation.txt"


class PairFolder:
    """Pairs of a dark and a bright photo of the same scene: `low/` and `high/` below a folder.

    A pair is two files of the same name without its suffix, each a photo: `low/28.webp` and `high/28.jpg`.

    Args:
        path: The folder that holds `low` and `high`.

    Raises:
        MirnetError: If a folder is missing or empty, a photo has no partner, or two photos share a name.

    Attributes:
        title: The folder's name.
        sides: ("low", "high").
        names: The pairs' names, sorted.
        path: The folder.
        held_out_by: Where the names in `held_out` come from.
    """

    sides = ("low", "high")
    held_out_by = VALIDATION_LIST

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)
        self.title = self.path.name or str(self.path)
        if not self.path.is_dir():
            raise MirnetError(f"{self.path}: there is no such folder; give one with the folders low and high in it")
        missing = [side for side in self.sides if not (self.path / side).is_dir()]
        if missing:
            raise MirnetError(f"{self.path}: has no folder {' and none '.join(missing)}; {self._hint()}")
        self.files = {side: _by_stem(self.path / side) for side in self.sides}
        self._refuse_single_ones()
        self.names = tuple(sorted(self.files["low"]))
        if not self.names:
            raise MirnetError(f"{self.path}: low and high hold no {FORMATS} photo")

    def load(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """The dark and the bright photo of one pair.

        Returns:
            Two (height, width, 3) uint8 arrays of one size.

        Raises:
            MirnetError: If there is no such pair, a photo cannot be read, or the two differ in size.
        """
        check_known(self, name, "pair")
        low, high = (load_image(self.files[side][name]) for side in self.sides)
        return one_size(self.path, name, low, high)

    @cached_property
    def digests(self) -> Mapping[str, tuple[str, str]]:
        """The SHA-256 of each pair's two files, low and high, in hexadecimal."""
        return {name: (_sha256(self.files["low"][name]), _sha256(self.files["high"][name])) for name in self.names}

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all names and files."""
        return _fingerprint("pairs", *(part for name in self.names for part in (name, *self.digests[name])))

    @cached_property
    def held_out(self) -> tuple[str, ...] | None:
        """The names in `validation.txt`, one a line, in the folder or beside it; None where there is no such file.

        Raises:
            MirnetError: If the file cannot be read or names a pair that the folder lacks.
        """
        for folder in (self.path, self.path.resolve().parent):
            file = folder / VALIDATION_LIST
            if file.is_file():
                try:
                    names = tuple(sorted(set(file.read_text(encoding="utf-8").split())))
                except (OSError, UnicodeDecodeError) as error:
                    raise MirnetError(f"{file}: cannot be read as a list of names ({error})") from error
                unknown = [name for name in names if name not in self.files["low"]]
                if unknown:
                    raise MirnetError(f"{file}: names pairs that {self.path} lacks: {listed(unknown)}")
                return names
        return None

    def _hint(self) -> str:
        """Where the pairs are, if they are one folder further down."""
        inside = [
            entry for entry in sorted(self.path.iterdir()) if (entry / "low").is_dir() and (entry / "high").is_dir()
        ]
        return f"did you mean {inside[0]}?" if inside else "pairs are low/NAME and high/NAME"

    def _refuse_single_ones(self) -> None:
        low, high = (set(self.files[side]) for side in self.sides)
        texts = [
            f"{len(alone)} of {side} have no partner in {other}: {listed(alone)}"
            for side, other, alone in (("low", "high", low - high), ("high", "low", high - low))
            if alone
        ]
        if texts:
            raise MirnetError(f"{self.path}: {'; '.join(texts)}; add the missing photos or move these away")


class PhotoFolder:
    """Good photos, to be made dark in training (`model.images.darken`).

    Args:
        path: The folder that holds them.
        max_side: Photos are shrunk until their longer side is this, as a camera's noise is that of its own pixels,
            and a 12-megapixel photo would fill the cache.

    Raises:
        MirnetError: If the folder cannot be read, holds no photo, or two share a name.
    """

    sides = ("high",)

    def __init__(self, path: str | os.PathLike[str], max_side: int = 1024):
        self.path = Path(path)
        self.title = self.path.name or str(self.path)
        self.max_side = max_side
        self.files = _by_stem(self.path)
        self.names = tuple(sorted(self.files))
        if not self.names:
            raise MirnetError(f"{self.path}: this folder holds no {FORMATS} photo")

    def load(self, name: str) -> tuple[np.ndarray]:
        """One photo, (height, width, 3) uint8, in a tuple of one."""
        check_known(self, name, "photo")
        return (resize_to_fit(load_image(self.files[name]), self.max_side),)

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of all names and files."""
        parts = (part for name in self.names for part in (name, _sha256(self.files[name])))
        return _fingerprint("photos", str(self.max_side), *parts)


def listed(names: Iterable[str]) -> str:
    """Names for an error: all of a few; of many the first ones, and how many more there are."""
    names = sorted(names)
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"


def check_known(source, name: str, kind: str) -> None:
    """Refuses a name that a source does not have."""
    if name not in source.names:
        raise MirnetError(f"{source.path}: there is no {kind} {name!r}; it holds {listed(source.names)}")


def one_size(path: Path, name: str, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The photos of a pair, if they have one size."""
    if low.shape != high.shape:
        sizes = [f"{picture.shape[1]} × {picture.shape[0]}" for picture in (low, high)]
        raise MirnetError(
            f"{path}: the photos of pair {name} differ in size: low is {sizes[0]}, high {sizes[1]} (width × height); "
            "crop them to the same part of the scene"
        )
    return low, high


def _by_stem(folder: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in list_images(folder):
        if other := files.get(path.stem):
            raise MirnetError(
                f"{folder}: {other.name} and {path.name} have the same name; which one is it? Move one away"
            )
        files[path.stem] = path
    return files


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
