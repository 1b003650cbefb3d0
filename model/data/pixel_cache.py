"""Decoded pictures in one file of bytes, mapped into memory: LOL's 970 pictures open in no time, a crop costs a copy.

```
<cache>/pixels-<key>/pixels.u8       every picture at every scale, one after the other, (height, width, 3) uint8
                     journal.jsonl   one line for each finished picture, while the cache is being made
                     index.json      the same at once, when it is complete
```

The key is made of the files' contents, so another byte anywhere gives another cache. Killed at any moment, the cache
goes on from the last finished picture: a line of the journal counts only if it is whole and the checksum of its pixels
is right. `index.json` is written last and by a rename, so a cache is complete or known not to be.
"""

import errno
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from model.data.pairs import SHOWN, Source
from model.errors import MirnetError
from model.images.camera_formats import resize

__all__ = ["PixelCache", "default_cache"]

FORMAT = 1
"""Goes into the key: a change of the layout or of the scaling makes new caches, not wrong ones."""

FULL = (errno.ENOSPC, errno.EDQUOT)
Progress = Callable[[int, int], None]


def default_cache() -> Path:
    """The folder for caches: `$XDG_CACHE_HOME/mirnet-explainer`, or `~/.cache/mirnet-explainer`."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "mirnet-explainer"


class PixelCache:
    """The pixels of a source, at several scales.

    The first time, every picture is decoded and written down (LOL: 0.9 GB, half a minute); after that it is there.

    Args:
        source: The pictures: a `PairFolder`, a `PhotoFolder` or `PackedPairs`.
        folder: Where caches are kept; `default_cache()` if left out. Never inside the project.
        scales: Divisors of the size: 2 is half the height and half the width, antialiased.
        progress: Called as progress(pictures done, of how many) while the cache is made.

    Raises:
        MirnetError: If pictures cannot be read (all of them are named), the folder cannot be used, or the disk is full.

    Attributes:
        names: The pictures' names, sorted.
        sides: ("low", "high") or ("high",).
        scales: As given, ascending.
        folder: This cache's own folder.
    """

    def __init__(
        self,
        source: Source,
        folder: str | os.PathLike[str] | None = None,
        scales: Sequence[int] = (1, 2, 4),
        progress: Progress | None = None,
    ):
        if not scales or any(not isinstance(scale, int) or scale < 1 for scale in scales):
            raise MirnetError(f"scales must be whole numbers of at least 1, such as (1, 2, 4), not {scales!r}")
        self.names, self.sides = source.names, source.sides
        self.scales = tuple(sorted(set(scales)))
        parts = (str(FORMAT), source.fingerprint, ",".join(self.sides), ",".join(map(str, self.scales)))
        key = hashlib.sha256("|".join(parts).encode()).hexdigest()[:20]
        self.folder = _outside_the_project(Path(folder) if folder else default_cache()) / f"pixels-{key}"
        sizes = self._complete()
        if sizes is None:
            sizes = self._make(source, progress or (lambda done, total: None))
        self._sizes = sizes
        self._places = self._lay_out()
        self._pixels = np.memmap(self.folder / "pixels.u8", dtype=np.uint8, mode="r")

    def picture(self, name: str, side: str = "high", scale: int = 1) -> np.ndarray:
        """One picture, (height, width, 3) uint8, read-only; only the rows that are used are read from the disk."""
        try:
            start, shape = self._places[name, side, scale]
        except KeyError:
            raise MirnetError(
                f"this cache holds no {side} of {name!r} at scale {scale}: sides {', '.join(self.sides)}, "
                f"scales {', '.join(map(str, self.scales))}"
            ) from None
        return self._pixels[start : start + shape[0] * shape[1] * 3].reshape(shape)

    def size(self, name: str, scale: int = 1) -> tuple[int, int]:
        """Height and width of a picture at a scale."""
        return _scaled(self._sizes[name], scale)

    def _lay_out(self) -> dict[tuple[str, str, int], tuple[int, tuple[int, int, int]]]:
        """Where each picture begins, and its shape."""
        places, start = {}, 0
        for name in self.names:
            for side in self.sides:
                for scale in self.scales:
                    height, width = self.size(name, scale)
                    places[name, side, scale] = (start, (height, width, 3))
                    start += height * width * 3
        return places

    def _complete(self) -> dict[str, tuple[int, int]] | None:
        """The pictures' sizes, if the cache is all there."""
        try:
            entries = json.loads((self.folder / "index.json").read_text(encoding="utf-8"))
            sizes = {entry["name"]: (int(entry["height"]), int(entry["width"])) for entry in entries}
            total = (self.folder / "pixels.u8").stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            return None
        expected = sum(len(self.sides) * _bytes(sizes[name], self.scales) for name in self.names if name in sizes)
        return sizes if tuple(sizes) == self.names and total == expected else None

    def _make(self, source: Source, progress: Progress) -> dict[str, tuple[int, int]]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with _alone(self.folder):
                # Another process may have made it while this one waited.
                return self._complete() or self._fill(source, progress)
        except OSError as error:
            if error.errno not in FULL:
                reason = error.strerror or str(error)
                raise MirnetError(
                    f"{self.folder}: cannot be written ({reason}); choose another cache folder"
                ) from error
            free = shutil.disk_usage(self.folder).free
            shutil.rmtree(self.folder, ignore_errors=True)
            raise MirnetError(
                f"{self.folder}: the disk is full ({free / 1e6:.0f} MB left), so the unfinished cache was removed; "
                f"free some space or choose another cache folder ({source.title} takes about "
                f"{_estimate(source, self.scales) / 1e6:.0f} MB)"
            ) from error

    def _fill(self, source: Source, progress: Progress) -> dict[str, tuple[int, int]]:
        """Decodes what is not there yet, writes it down, and says so in the journal."""
        failures: list[str] = []
        with open(self.folder / "pixels.u8", "a+b") as pixels, open(self.folder / "journal.jsonl", "a+b") as journal:
            done = self._resume(pixels, journal)
            for count, name in enumerate(self.names):
                progress(count, len(self.names))
                if count < len(done):
                    continue
                try:
                    pictures = source.load(name)
                except MirnetError as error:
                    failures.append(" ".join(str(error).split()))
                    continue
                if failures:  # there will be no cache: look for more broken pictures only
                    continue
                height, width = pictures[0].shape[:2]
                sized = (resize(picture, *_scaled((height, width), n)) for picture in pictures for n in self.scales)
                content = b"".join(picture.tobytes() for picture in sized)
                pixels.write(content)
                pixels.flush()
                done.append({"name": name, "height": height, "width": width, "crc": zlib.crc32(content)})
                journal.write(json.dumps(done[-1]).encode() + b"\n")
                journal.flush()
            if failures:
                more = f" (and {len(failures) - SHOWN} more)" if len(failures) > SHOWN else ""
                raise MirnetError(
                    f"{len(failures)} of {len(self.names)} in {source.title} cannot be used: "
                    f"{'; '.join(failures[:SHOWN])}{more}"
                )
            os.fsync(pixels.fileno())
        progress(len(self.names), len(self.names))
        unfinished = self.folder / "index.json.unfinished"
        unfinished.write_text(json.dumps(done), encoding="utf-8")
        os.replace(unfinished, self.folder / "index.json")
        (self.folder / "journal.jsonl").unlink()
        return {entry["name"]: (entry["height"], entry["width"]) for entry in done}

    def _resume(self, pixels: BinaryIO, journal: BinaryIO) -> list[dict]:
        """What an earlier run finished, checked; everything after it is cut off."""
        done: list[dict] = []
        journal.seek(0)
        pixels.seek(0)
        good_lines = good_bytes = 0
        for name, line in zip(self.names, journal, strict=False):
            try:
                entry = json.loads(line)
                length = len(self.sides) * _bytes((entry["height"], entry["width"]), self.scales)
                content = pixels.read(length)
                right = line.endswith(b"\n") and entry["name"] == name and entry["crc"] == zlib.crc32(content)
            except (ValueError, KeyError, TypeError):
                break
            if not right or len(content) != length:
                break
            done.append(entry)
            good_lines += len(line)
            good_bytes += length
        journal.truncate(good_lines)
        pixels.truncate(good_bytes)
        return done


def _scaled(size: tuple[int, int], scale: int) -> tuple[int, int]:
    return max(1, round(size[0] / scale)), max(1, round(size[1] / scale))


def _bytes(size: tuple[int, int], scales: Sequence[int]) -> int:
    """Bytes of one picture at all scales."""
    return sum(3 * height * width for height, width in (_scaled(size, scale) for scale in scales))


def _estimate(source: Source, scales: Sequence[int]) -> int:
    """Bytes of the whole cache, if all pictures are as large as the first."""
    with suppress(MirnetError):
        height, width = source.load(source.names[0])[0].shape[:2]
        return len(source.names) * len(source.sides) * _bytes((height, width), scales)
    return 0


def _outside_the_project(folder: Path) -> Path:
    """Refuses to fill a checkout with pictures that must not be published."""
    root = Path(__file__).resolve().parents[2]
    if (root / "pyproject.toml").is_file() and folder.resolve().is_relative_to(root):
        raise MirnetError(f"{folder}: lies inside the project; choose a cache folder outside {root.name}")
    return folder


@contextmanager
def _alone(folder: Path):
    """One process at a time makes a cache; others wait, and then find it made. The lock ends with its process."""
    try:
        import fcntl
    except ImportError:  # not on Windows, where two trainings must not start on a new data set at the same time
        yield
        return
    with open(folder / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
