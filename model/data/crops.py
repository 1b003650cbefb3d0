"""The two kinds of training batches: squares cut out of pairs, and whole frames of the board's camera."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from model.data.batches import Batches
from model.data.pixel_cache import PixelCache
from model.errors import MirnetError
from model.images.camera_formats import COLUMNS, ROWS, resize

__all__ = ["Crops", "Frames"]

SPARE = 1.2
"""Source pixels for each of a frame that are enough to scale it down without a visible loss."""


@dataclass(frozen=True, kw_only=True)
class Crops(Batches):
    """Aligned random squares of both pictures of a pair, at several scales, in all eight orientations of a square.

    Attributes:
        size: Side of a square in pixels.
        scales: Which of the caches' scales to cut from, each as likely: 1 shows noise as it is, 2 and 4 show more of
            the scene. A picture too small for a scale is cut at the next larger one.

    Raises:
        MirnetError: If a picture is smaller than a square, or the cache lacks a scale.
    """

    size: int = 128
    scales: Sequence[int] = (1, 2, 4)
    _fitting: dict = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self):
        super().__post_init__()
        if self.size < 1:
            raise MirnetError(f"size must be at least 1, not {self.size!r}")
        if self.camera == "yuv422" and self.size % 2:
            raise MirnetError(f"size must be even for yuv422, where two pixels share a colour, not {self.size}")
        for cache in filter(None, (self.pairs, self.photos)):
            lacking = [scale for scale in self.scales if scale not in cache.scales]
            if lacking or not self.scales:
                raise MirnetError(f"scales must be some of the cache's {cache.scales}, not {tuple(self.scales)}")
            for name in self.names if cache is (self.pairs or self.photos) else cache.names:
                self._fitting[id(cache), name] = self._scales_of(cache, name)

    def _scales_of(self, cache: PixelCache, name: str) -> tuple[int, ...]:
        fitting = tuple(scale for scale in self.scales if min(cache.size(name, scale)) >= self.size)
        if not fitting:
            height, width = cache.size(name, min(self.scales))
            raise MirnetError(
                f"size {self.size} is larger than {name}, {width} × {height} at scale {min(self.scales)}; "
                "choose a smaller size"
            )
        return fitting

    def _shape(self) -> tuple[int, int]:
        return self.size, self.size

    def _view(self, cache: PixelCache, name: str, rng: np.random.Generator) -> list[np.ndarray]:
        scale = self.scales[rng.integers(len(self.scales))]
        fitting = self._fitting[id(cache), name]
        scale = max((fits for fits in fitting if fits <= scale), default=min(fitting))
        top, left = (int(rng.integers(side - self.size + 1)) for side in cache.size(name, scale))
        window = slice(top, top + self.size), slice(left, left + self.size)
        orientation = int(rng.integers(8))
        return [_oriented(cache.picture(name, side, scale)[window], orientation) for side in cache.sides]


@dataclass(frozen=True, kw_only=True)
class Frames(Batches):
    """Whole frames of the board's camera: a random part of the picture, scaled to 120 x 160, mirrored at random.

    The dark ones go through the camera's bytes, as they will on the board; their partners do not, since the network
    should learn what the scene looks like, not what the format makes of it.

    Attributes:
        rows: Height of a frame.
        columns: Width of a frame.
        zoom: The part's height, relative to the highest that fits, is drawn from here to 1.
        camera: As for all batches; "yuv422" unless said otherwise.
    """

    rows: int = ROWS
    columns: int = COLUMNS
    zoom: float = 0.6
    camera: str = "yuv422"

    def __post_init__(self):
        super().__post_init__()
        if not 0 < self.zoom <= 1:
            raise MirnetError(f"zoom must be above 0 and at most 1, not {self.zoom!r}")
        if self.rows < 1 or self.columns < 1:
            raise MirnetError(f"rows and columns must be at least 1, not {self.rows} and {self.columns}")

    def _shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    def _view(self, cache: PixelCache, name: str, rng: np.random.Generator) -> list[np.ndarray]:
        height, width = cache.size(name)
        part = rng.uniform(self.zoom, 1) * min(height / self.rows, width / self.columns)  # source pixels a pixel
        top = rng.uniform(0, height - part * self.rows)
        left = rng.uniform(0, width - part * self.columns)
        # From a smaller copy where that has pixels to spare: nearly the same picture (0.3 of 255) in half the time.
        scale = max((scale for scale in cache.scales if scale * SPARE <= part), default=min(cache.scales))
        shape = cache.size(name, scale)
        ratio = np.array([shape[1] / width, shape[0] / height] * 2)
        edges = ratio * [left, top, left + part * self.columns, top + part * self.rows]
        x0, y0, x1, y1 = np.minimum(edges, [shape[1], shape[0]] * 2).tolist()  # the last digits of a sum may be over
        mirror = (slice(None, None, 1 - 2 * int(rng.integers(2))), slice(None, None, 1 - 2 * int(rng.integers(2))))
        sides = (cache.picture(name, side, scale) for side in cache.sides)
        return [resize(side, self.rows, self.columns, (x0, y0, x1, y1))[mirror] for side in sides]


def _oriented(square: np.ndarray, orientation: int) -> np.ndarray:
    """A square in one of its eight orientations: transposed or not, and mirrored along either side or not."""
    turned = square.transpose(1, 0, 2) if orientation & 4 else square
    return turned[:: -1 if orientation & 1 else 1, :: -1 if orientation & 2 else 1]
