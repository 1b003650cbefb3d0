"""Decoded pictures in one memory-mapped file of bytes: a crop costs a copy, no decoding.

```
<cache>/pixels-<key>/pixels.u8       every picture at every scale, one after the other, (height, width, 3) uint8
                     journal.jsonl   one line for each finished picture, while the cache is being made
                     index.json      the same at once, when it is complete
```

The key is made of the files' contents, so another byte anywhere gives another cache. How it is made and
resumed: `model.data.pixel_file`.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from model.data.archive import Source
from model.data.pixel_file import PixelFile, scaled
from model.errors import MirnetError
from model.safety.arguments import check_scales
from model.safety.whole_files import default_cache

__all__ = ["PixelCache"]

FORMAT = 1
"""Goes into the key: a change of the layout or of the scaling makes new caches, not wrong ones."""

Progress = Callable[[int, int], None]


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
        check_scales(scales)
        self.names, self.sides = source.names, source.sides
        self.scales = tuple(sorted(set(scales)))
        parts = (str(FORMAT), source.fingerprint, ",".join(self.sides), ",".join(map(str, self.scales)))
        key = hashlib.sha256("|".join(parts).encode()).hexdigest()[:20]
        self.folder = _outside_the_project(Path(folder) if folder else default_cache()) / f"pixels-{key}"
        file = PixelFile(self.folder, source, self.scales)
        self._sizes = file.sizes(progress or (lambda done, total: None))
        self._layout = self._lay_out()
        self._pixels = np.memmap(file.path, dtype=np.uint8, mode="r")

    def picture(self, name: str, side: str = "high", scale: int = 1) -> np.ndarray:
        """One picture, (height, width, 3) uint8, read-only; only the rows that are used are read from the disk."""
        try:
            start, shape = self._layout[name, side, scale]
        except KeyError:
            raise MirnetError(
                f"this cache holds no {side} of {name!r} at scale {scale}: sides {', '.join(self.sides)}, "
                f"scales {', '.join(map(str, self.scales))}"
            ) from None
        return self._pixels[start : start + shape[0] * shape[1] * 3].reshape(shape)

    def size(self, name: str, scale: int = 1) -> tuple[int, int]:
        """Height and width of a picture at a scale."""
        return scaled(self._sizes[name], scale)

    def _lay_out(self) -> dict[tuple[str, str, int], tuple[int, tuple[int, int, int]]]:
        """Where each picture begins, and its shape."""
        layout, start = {}, 0
        for name in self.names:
            for side in self.sides:
                for scale in self.scales:
                    height, width = self.size(name, scale)
                    layout[name, side, scale] = (start, (height, width, 3))
                    start += height * width * 3
        return layout


def _outside_the_project(folder: Path) -> Path:
    """Refuses to fill a checkout with pictures that must not be published."""
    root = Path(__file__).resolve().parents[2]
    if (root / "pyproject.toml").is_file() and folder.resolve().is_relative_to(root):
        raise MirnetError(f"{folder}: lies inside the project; choose a cache folder outside {root.name}")
    return folder
