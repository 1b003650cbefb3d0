"""Where training pictures come from: a folder of pairs, or a folder of good photos that get darkened.

Both know names, load one name's pictures as bytes, and have a fingerprint that changes with any byte of any file. So
does `model.data.archive.PackedPairs`, one file of pairs.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from model.data.matching import composed, find_sides, listed, match
from model.data.name_lists import VALIDATION_LIST, names_in
from model.errors import ImageError, MirnetError
from model.images.photo_files import list_images, load_image, resize_to_fit
from model.images.photo_formats import FORMATS
from model.safety.whole_files import PathLike, sha256_of

__all__ = ["PairFolder", "PhotoFolder", "check_known", "one_size"]


class _Photos:
    """What folders of pairs and of photos share: names, which of them are held out, and the files' fingerprints.

    Attributes:
        path: The folder.
        title: Its name.
        files: Photos by side and name.
        names: The pairs' or photos' names, sorted.
        held_out_by: Where the names in `held_out` come from.
    """

    sides: tuple[str, ...]
    held_out_by = VALIDATION_LIST
    path: Path
    title: str
    files: Mapping[str, Mapping[str, Path]]
    names: tuple[str, ...]

    @cached_property
    def digests(self) -> Mapping[str, tuple[str, ...]]:
        """The SHA-256 of each name's files, in the order of `sides`, in hexadecimal."""
        return {name: tuple(_sha256(self.files[side][name]) for side in self.sides) for name in self.names}

    @cached_property
    def held_out(self) -> tuple[str, ...] | None:
        """The names in `validation.txt`, one a line, in the folder or beside it; None where there is no such file.

        Raises:
            MirnetError: If the file cannot be read or names a pair that the folder lacks.
        """
        for folder in (self.path, self.path.resolve().parent):
            if (file := folder / VALIDATION_LIST).is_file():
                called = {path.stem: name for files in self.files.values() for name, path in files.items()}
                return names_in(file, called | {name: name for name in self.names}, self.path)
        return None


class PairFolder(_Photos):
    """Pairs of a dark and a bright photo of the same scene, in two folders.

    A pair is two files of the same name without its suffix, each a photo: `low/28.webp` and `high/28.jpg`; or of names
    that differ in the side only: `Low/low00028.png` and `Normal/normal00028.png` (`model.data.matching`).

    Args:
        path: The folder that holds both, called as in `model.data.matching.SIDES`. Or, with `high`, the folder of the
            dark photos, or one dark photo.
        high: The folder of the bright photos, or the bright photo.

    Raises:
        MirnetError: If a folder is missing or empty, a photo has no partner, or two photos share a name.

    Attributes:
        path: The folder that holds both; where there is none, that of the dark photos.
        title: Its name.
        sides: ("low", "high"), whatever the folders are called.
        files: Photos by side and name.
        names: The pairs' names, sorted.
        held_out_by: Where the names in `held_out` come from.
    """

    sides = ("low", "high")

    def __init__(self, path: PathLike, high: PathLike | None = None):
        self.path = Path(path)
        if high is None:
            if not self.path.is_dir():
                raise MirnetError(f"{self.path}: there is no such folder; give one with the folders low and high in it")
            pairs = _in_folders(*find_sides(self.path))
        elif self.path.is_file() and Path(high).is_file():
            pairs = {self.path.stem: (self.path, Path(high))}
        else:
            pairs = _in_folders(self.path, Path(high))
        if high is not None and self.path.resolve().parent == Path(high).resolve().parent:
            self.path = self.path.parent
        self.title = self.path.name or str(self.path)
        self.files = {side: {name: files[k] for name, files in pairs.items()} for k, side in enumerate(self.sides)}
        self.names = tuple(pairs)

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

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all names and files."""
        return _fingerprint("pairs", *(part for name in self.names for part in (name, *self.digests[name])))


class PhotoFolder(_Photos):
    """Good photos, to be made dark in training (`model.images.darken`).

    Args:
        path: The folder that holds them.
        max_side: Photos are shrunk until their longer side is this, as a camera's noise is that of its own pixels,
            and a 12-megapixel photo would fill the cache.

    Raises:
        MirnetError: If the folder cannot be read, holds no photo, or two share a name.
    """

    sides = ("high",)

    def __init__(self, path: PathLike, max_side: int = 1024):
        self.path = Path(path)
        self.title = self.path.name or str(self.path)
        self.max_side = max_side
        self.files = {"high": _by_stem(self.path)}
        self.names = tuple(sorted(self.files["high"]))
        if not self.names:
            raise MirnetError(f"{self.path}: this folder holds no {FORMATS} photo")

    def load(self, name: str) -> tuple[np.ndarray]:
        """One photo, (height, width, 3) uint8, in a tuple of one."""
        check_known(self, name, "photo")
        return (resize_to_fit(load_image(self.files["high"][name]), self.max_side),)

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of all names and files."""
        parts = (part for name in self.names for part in (name, *self.digests[name]))
        return _fingerprint("photos", str(self.max_side), *parts)


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


def _in_folders(low: Path, high: Path) -> dict[str, tuple[Path, Path]]:
    """The pairs in two folders, by name."""
    for folder in (low, high):
        if not folder.is_dir():
            what = "is a file, and the other is none" if folder.is_file() else "there is no such folder"
            raise MirnetError(f"{folder}: {what}; give a folder of dark and one of bright photos, or a photo of each")
    if low.resolve() == high.resolve():
        raise MirnetError(f"{low}: holds the dark photos and cannot hold the bright ones too; give two folders")
    pairs = match(_by_stem(low), _by_stem(high), (low, high))
    if not pairs:
        raise MirnetError(f"{low.parent}: {low.name} and {high.name} hold no {FORMATS} photo")
    return pairs


def _by_stem(folder: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in list_images(folder):
        name = composed(path.stem)
        if other := files.get(name):
            raise MirnetError(
                f"{folder}: {other.name} and {path.name} have the same name; which one is it? Move one away"
            )
        files[name] = path
    return files


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
