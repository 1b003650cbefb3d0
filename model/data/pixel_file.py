"""The file of pixels behind a `PixelCache`: written picture by picture, resumed after an interruption.

Killed at any moment, it resumes after the last finished picture: a line of the journal counts only if it is whole and
the checksum of its pixels is right. `index.json` is written last and by a rename, so a file is complete or known not
to be.
"""

import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from model.data.archive import Source
from model.data.matching import SHOWN
from model.errors import MirnetError
from model.images.camera_formats import resize
from model.safety.whole_files import is_full, reason_of

__all__ = ["PixelFile", "scaled"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PixelFile:
    """The pixels of a source at some scales, and the folder that they are in.

    Attributes:
        folder: Its own; made if needed.
        source: The pictures.
        scales: Divisors of the size, ascending.
    """

    folder: Path
    source: Source
    scales: tuple[int, ...]

    @property
    def path(self) -> Path:
        """All pictures at all scales, one after the other, (height, width, 3) uint8."""
        return self.folder / "pixels.u8"

    def sizes(self, progress: Progress) -> dict[str, tuple[int, int]]:
        """Height and width of every picture, once all are in the file.

        Args:
            progress: Called as progress(pictures done, of how many) while it is made.

        Raises:
            MirnetError: If pictures cannot be read (all of them are named), the folder cannot be used, or the disk is
                full.
        """
        if (sizes := self._complete()) is not None:
            return sizes
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with _alone(self.folder):
                # Another process may have made it while this one waited.
                return self._complete() or self._fill(progress)
        except OSError as error:
            if not is_full(error):
                raise MirnetError(
                    f"{self.folder}: cannot be written ({reason_of(error)}); choose another cache folder"
                ) from error
            free = shutil.disk_usage(self.folder).free
            shutil.rmtree(self.folder, ignore_errors=True)
            raise MirnetError(
                f"{self.folder}: the disk is full ({free / 1e6:.0f} MB left), so the unfinished cache was removed; "
                f"free some space or choose another cache folder ({self.source.title} takes about "
                f"{self._estimate() / 1e6:.0f} MB)"
            ) from error

    def _complete(self) -> dict[str, tuple[int, int]] | None:
        """The pictures' sizes, if the cache is all there."""
        try:
            entries = json.loads((self.folder / "index.json").read_text(encoding="utf-8"))
            sizes = {entry["name"]: (int(entry["height"]), int(entry["width"])) for entry in entries}
            total = self.path.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            return None
        expected = sum(self._bytes_of(sizes[name]) for name in self.source.names if name in sizes)
        return sizes if tuple(sizes) == self.source.names and total == expected else None

    def _fill(self, progress: Progress) -> dict[str, tuple[int, int]]:
        """Decodes what is not there yet, writes it down, and notes it in the journal."""
        failures: list[str] = []
        with open(self.path, "a+b") as pixels, open(self.folder / "journal.jsonl", "a+b") as journal:
            done = self._resume(pixels, journal)
            for count, name in enumerate(self.source.names):
                progress(count, len(self.source.names))
                if count < len(done):
                    continue
                try:
                    pictures = self.source.load(name)
                except MirnetError as error:
                    failures.append(" ".join(str(error).split()))
                    continue
                if failures:  # there will be no cache: only find the other broken pictures
                    continue
                height, width = pictures[0].shape[:2]
                sized = (resize(picture, *scaled((height, width), n)) for picture in pictures for n in self.scales)
                content = b"".join(picture.tobytes() for picture in sized)
                pixels.write(content)
                pixels.flush()
                done.append({"name": name, "height": height, "width": width, "crc": zlib.crc32(content)})
                journal.write(json.dumps(done[-1]).encode() + b"\n")
                journal.flush()
            if failures:
                more = f" (and {len(failures) - SHOWN} more)" if len(failures) > SHOWN else ""
                raise MirnetError(
                    f"{len(failures)} of {len(self.source.names)} in {self.source.title} cannot be used: "
                    f"{'; '.join(failures[:SHOWN])}{more}"
                )
            os.fsync(pixels.fileno())
        progress(len(self.source.names), len(self.source.names))
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
        for name, line in zip(self.source.names, journal, strict=False):
            try:
                entry = json.loads(line)
                length = self._bytes_of((entry["height"], entry["width"]))
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

    def _estimate(self) -> int:
        """Bytes of the whole file, if all pictures are as large as the first."""
        with suppress(MirnetError):
            height, width = self.source.load(self.source.names[0])[0].shape[:2]
            return len(self.source.names) * self._bytes_of((height, width))
        return 0

    def _bytes_of(self, size: tuple[int, int]) -> int:
        """Bytes of the pictures of one name: all sides, at all scales."""
        sizes = [scaled(size, scale) for scale in self.scales]
        return len(self.source.sides) * sum(3 * height * width for height, width in sizes)


def scaled(size: tuple[int, int], scale: int) -> tuple[int, int]:
    """Height and width at a scale."""
    return max(1, round(size[0] / scale)), max(1, round(size[1] / scale))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time makes a cache; others wait, and then find it made. The lock ends with its process."""
    try:
        import fcntl
    except ImportError:  # not on Windows, where two trainings must not start on a new data set at the same time
        yield
        return
    with open(folder / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
