"""Training pairs in one small file, to train on another machine: `mirnet data pack` writes it, `open_pairs` reads it.

It is an ordinary ZIP file with `low/NAME.webp` (lossless: what a lossy format throws away first is the noise that the
network must learn to remove), `high/NAME.jpg` (quality 95, colour at full resolution) and `index.json`. Unpacked, it is
a folder of pairs. The pairs held out for validation are in it by name only, unless asked for: who trains on the file
cannot train on them by mistake.
"""

import json
import os
import zipfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from model.data.pairs import PairFolder, PhotoFolder, check_known, one_size
from model.errors import MirnetError
from model.images.photo_files import load_image
from model.safety.whole_files import sha256_of

__all__ = ["INDEX", "PackedPairs", "Pairs", "Source"]

INDEX = "index.json"
FORMAT = "mirnet pairs 1"
MAX_MEMBER = 256_000_000
"""Bytes: a larger picture than this is refused, no file of ours holds one."""


class PackedPairs:
    """The pairs in one file, read like a folder.

    Args:
        path: The file that `model.data.archive_writer.pack` wrote.

    Raises:
        MirnetError: If the file is missing, damaged, or something else.

    Attributes:
        title: The file's name.
        sides: ("low", "high").
        names: The pairs whose pictures are in it, sorted.
        shrunk: Rows (and columns) of a picture in it for one of the original.
        part: How much of each original's area it shows.
        held_out: Those of the names that must not be trained on; empty if only their names were packed.
        held_out_by: How they were chosen.
        held_out_names: All names held out when the file was made.
        left_out: Name to reason, of pairs that were left out as unfit for training.
        digests: The SHA-256 of the original files, low and high, by name.
    """

    sides = ("low", "high")

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)
        self.title = self.path.name
        try:
            self._file = zipfile.ZipFile(self.path)
            index = json.loads(self._read(INDEX))
            self._members = {pair["name"]: (str(pair["low"]), str(pair["high"])) for pair in index["pairs"]}
            self.digests: Mapping[str, tuple[str, str]] = {
                pair["name"]: (str(pair["low_sha256"]), str(pair["high_sha256"])) for pair in index["pairs"]
            }
            self._describe(index)
        except FileNotFoundError as error:
            raise MirnetError(f"{self.path}: there is no such file or folder; check the path") from error
        except Exception as error:  # zipfile and json fail in many ways on broken data, and all mean the same
            reason = str(error) or type(error).__name__
            raise MirnetError(f"{self.path}: is no whole file of pairs ({reason}); pack or copy it again") from error

    def load(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """The dark and the bright photo of one pair, two (height, width, 3) uint8 arrays of one size.

        Raises:
            MirnetError: If there is no such pair, or its part of the file is damaged.
        """
        check_known(self, name, "pair")
        low, high = (load_image(self._content(member), name=f"{self.path}: {member}") for member in self._members[name])
        return one_size(self.path, name, low, high)

    def _content(self, member: str) -> bytes:
        try:
            return self._read(member)
        except Exception as error:  # as above
            raise MirnetError(f"{self.path}: {member} is damaged ({error}); pack or copy the file again") from error

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of the file."""
        return sha256_of(self.path)

    def _describe(self, index: Mapping[str, Any]) -> None:
        if index["format"] != FORMAT:
            raise ValueError(f"its format is {index['format']!r}, not {FORMAT!r}")
        self.names = tuple(sorted(self._members))
        if not self.names:
            raise ValueError("it holds no pair")
        self.shrunk, self.part = float(index["shrunk"]), float(index["part"])
        self.held_out_names = tuple(sorted(str(name) for name in index["held_out"]))
        self.held_out = tuple(name for name in self.held_out_names if name in self._members)
        self.held_out_by = str(index["held_out_by"])
        self.left_out = {str(name): str(reason) for name, reason in index["left_out"].items()}

    def _read(self, member: str) -> bytes:
        info = self._file.getinfo(member)
        if info.file_size > MAX_MEMBER:
            raise ValueError(f"{member} says it is {info.file_size} bytes long")
        return self._file.read(info)


Pairs = PairFolder | PackedPairs
"""Pairs of dark and bright photos, from a folder or from one file."""

Source = Pairs | PhotoFolder
"""What a cache of pixels is made from: names, the pictures of each name, all of one size, and a fingerprint."""
