"""Photos as the board's camera sees them: of pairs, of a folder, or the project's samples."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from model.data import PairSource, open_pairs, split
from model.errors import MirnetError
from model.images.camera_formats import to_frame
from model.images.darken import darken, through_camera
from model.images.photo_files import list_images, load_image
from model.images.photo_formats import FORMATS
from model.quality.view import as_the_board_sees
from model.samples import SAMPLES, load_sample

__all__ = ["dark_frames", "doubts", "frame_pairs"]

FEW = 10  # photos; `embedded.quantize.quantize` asks for a hundred
BRIGHT, BLACK = 64, 1  # mean grey levels; of LOL's dark photos 99 % are below 51, of its bright ones 95 % above 78
MANY = 0.1  # of the photos: a few odd ones among many do no harm

Pair = tuple[np.ndarray, np.ndarray]


def dark_frames(data: PairSource | None, photos: str | None, count: int) -> list[np.ndarray]:
    """Dark photos as the board's camera hands them over.

    Args:
        data: Where pairs are, as for `open_pairs`; the dark ones of its training part are taken.
        photos: Or a folder of dark photos.
        count: How many at most, evenly spread.

    Returns:
        (120, 160, 3) uint8 each; of the project's samples if neither is given.

    Raises:
        MirnetError: If both are given, or nothing is found.
    """
    if data is not None and photos is not None:
        raise MirnetError("give --data or --photos, not both")
    if data is not None:
        pairs = open_pairs(data)
        return [_seen(pairs.load(name)[0]) for name in _spread(split(pairs).training, count)]
    if photos is not None:
        paths = list_images(Path(photos))
        if not paths:
            raise MirnetError(f"--photos {photos}: this folder holds no {FORMATS} photo")
        return [_seen(load_image(path)) for path in _spread(paths, count)]
    return [_seen(dark) for dark, _ in _samples(count)]


def doubts(pictures: Sequence[np.ndarray]) -> list[str]:
    """Why ranges that are searched on these photos may be wrong, a sentence each; none if they are as they should be.

    Args:
        pictures: As `dark_frames` returns them.
    """
    means = np.array([picture.mean() for picture in pictures])
    different = len({picture.tobytes() for picture in pictures})
    said = []
    if different < FEW:
        photos = "one photo" if different == 1 else f"{different} different photos"
        said.append(f"ranges from {photos}: what another reaches may be clipped; a hundred different ones are enough")
    for many, what, why in (
        (means > BRIGHT, f"bright (mean grey level above {BRIGHT})", "the network meets dark ones"),
        (means < BLACK, "black", "nothing is to be learned from them"),
    ):
        if many.mean() > MANY:
            share = f"{many.sum()} of {len(means)} photos are {what}"
            said.append(f"{share}, and {why}: give photos as dark as those to come")
    return said


def frame_pairs(data: PairSource | None, count: int) -> list[Pair]:
    """Pairs as the board's camera frames them.

    Args:
        data: Where pairs are, as for `open_pairs`; of its validation part.
        count: How many at most, evenly spread.

    Returns:
        Dark and bright frame, (120, 160, 3) uint8 each, the dark one through the camera's bytes; of the project's
        samples if there is no `data`.

    Raises:
        MirnetError: If nothing is found.
    """
    if data is None:
        return [as_the_board_sees(*pair) for pair in _samples(count)]
    pairs = open_pairs(data)
    return [as_the_board_sees(*pairs.load(name)) for name in _spread(split(pairs).validation, count)]


def _samples(count: int) -> Iterator[Pair]:
    """The project's pairs, then parts of their bright photos, darkened at random as far as LOL's photos are."""
    rng = np.random.default_rng(0)
    for k in range(count):
        dark, bright = load_sample(SAMPLES[k % len(SAMPLES)].name)
        if k < len(SAMPLES):
            yield dark, bright
            continue
        height, width = (int(side * rng.uniform(0.5, 1)) for side in bright.shape[:2])
        top, left = (
            int(rng.integers(0, full - part + 1)) for full, part in zip(bright.shape, (height, width), strict=False)
        )
        part = bright[top : top + height, left : left + width]
        part = part[:, ::-1] if rng.random() < 0.5 else part
        yield darken(part, rng), part


def _seen(photo: np.ndarray) -> np.ndarray:
    return through_camera(to_frame(photo), "yuv422")


def _spread(items: Sequence, count: int) -> list:
    """At most so many of them, evenly spread."""
    indices = np.linspace(0, len(items) - 1, min(count, len(items))).round().astype(int)
    return [items[index] for index in indices]
