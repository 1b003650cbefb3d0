"""The photo that is walked through: a sample, or the visitor's own, small enough to look inside in a second."""

import hashlib
import threading
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import numpy as np

from model.config import MIRNetConfig
from model.errors import ImageError, TooManyPixelsError
from model.images.photo_files import load_photo, resize_to_fit
from model.samples import SAMPLES, get_sample, load_sample

__all__ = [
    "LARGEST",
    "MAX_UPLOAD_PIXELS",
    "MULTIPLE",
    "Photo",
    "PhotoLimits",
    "brightened",
    "limits_of",
    "own_photo",
    "part_of",
    "sample_names",
    "sample_photo",
    "spoken",
]

LARGEST = (256, 384)  # shorter and longer side: the desk network answers in half a second
MULTIPLE = 4  # of the sides of a photo for `desk` and for the board's camera
WORK = 2.7e8  # channels squared, times blocks, times pixels: some 80 billion MACs, seconds on two cores
LEAST = 64  # pixels of the shorter side: what a network answers slowly with is better than what nobody recognizes
LONGEST_NAME = 60  # letters of a file's name in a sentence
PANORAMA = 2.0  # longer side through shorter side: from here on little is left of a photo that is made to fit whole
LONGEST = 4096  # pixels of the longer side of a panorama
SMALLEST = 16  # pixels; below, the lowest stream would have nothing left to look at
MAX_UPLOAD_PIXELS = 40_000_000  # 120 MB while it is read
_reading = threading.Lock()  # so that ten visitors' uploads take no ten times that


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo as the network gets it.

    Attributes:
        key: Fingerprint of the pixels: what was computed for equal pixels is not computed again.
        pixels: (height, width, 3) uint8, sides multiples of what the network needs.
        title: For people.
        credit: Who took it, as Markdown; empty for an upload.
        caption: What to look at; for an upload, what was done to it.
        reference: The bright photo of the same scene, same shape as `pixels`, where there is one.
        larger: The same as `desk` and the board's camera would get it, where this network takes another size.
        wide: Of a panorama, all of it, larger than `pixels`: see `part_of`.
        place: Where `pixels` was cut out of it, from 0 (left or top) to 1; None: it is all of it.
    """

    key: str
    pixels: np.ndarray
    title: str
    credit: str = ""
    caption: str = ""
    reference: np.ndarray | None = None
    larger: "Photo | None" = None
    wide: np.ndarray | None = None
    place: float | None = None

    @property
    def bytes(self) -> int:
        """What all its pictures take."""
        pictures = (self.pixels, self.reference, self.wide)
        return sum(each.nbytes for each in pictures if each is not None) + (self.larger.bytes if self.larger else 0)

    @property
    def for_board(self) -> "Photo":
        """The photo that is put before the board's camera: whatever the network of the walkthrough takes."""
        return self.larger or self

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.pixels.shape[0], self.pixels.shape[1]


class PhotoLimits(NamedTuple):
    """What photos a network can be walked through with.

    Attributes:
        multiple: Of the sides.
        largest: Most pixels of the shorter and of the longer side.
    """

    multiple: int
    largest: tuple[int, int]

    @property
    def is_heavy(self) -> bool:
        """Whether the network is too large for photos of the usual size."""
        return self.largest != LARGEST


@cache
def limits_of(config: MIRNetConfig) -> PhotoLimits:
    """The limits of a network: a larger one gets smaller photos, so that it answers in seconds and in little memory."""
    work = (config.channels / config.stem) ** 2 * config.groups * config.blocks * (1 + config.columns) / 3
    share = min(1.0, (WORK / work / (LARGEST[0] * LARGEST[1])) ** 0.5)
    share = max(share, min(1.0, max(LEAST, 2 * config.multiple) / LARGEST[0]))
    return PhotoLimits(config.multiple, (round(share * LARGEST[0]), round(share * LARGEST[1])))


def sample_names() -> tuple[str, ...]:
    """The names of the samples; the first one is shown to a visitor who has not chosen."""
    return tuple(sample.name for sample in SAMPLES)


@cache
def sample_photo(name: str, multiple: int, largest: tuple[int, int] = LARGEST) -> Photo:
    """A sample, its sides cut to multiples of `multiple` after it is made to fit `largest` (shorter, longer side).

    Raises:
        MirnetError: If there is no sample of that name.
    """
    sample = get_sample(name)
    dark, bright = (_prepared(picture, multiple, largest) for picture in load_sample(name))
    credit = f"Photo: [{sample.author}]({sample.source}), {sample.licence}"
    photo = Photo(_fingerprint(dark), dark, sample.title, credit, sample.caption, bright)
    if (multiple, largest) == (MULTIPLE, LARGEST):
        return photo
    larger = sample_photo(name, MULTIPLE)
    caption = sample.caption
    if largest != LARGEST:
        caption += f" {_shrunk('This sample has', larger.size, photo.size)}"
    return replace(photo, caption=caption, larger=larger)


def own_photo(content: bytes, name: str, multiple: int, largest: tuple[int, int] = LARGEST) -> Photo:
    """An uploaded photo, made small enough to walk through.

    Its sides become multiples of `multiple`, and fit `largest`, the shorter and the longer one.

    Raises:
        ImageError: If it is not a picture that we take, with a sentence that says why.
    """
    name = spoken(name)
    try:
        with _reading:
            photo = load_photo(content, max_pixels=MAX_UPLOAD_PIXELS, name=name, wide=False)
            original = photo.pixels
            pixels = _prepared(original, multiple, largest)
            larger = None if (multiple, largest) == (MULTIPLE, LARGEST) else _prepared(original, MULTIPLE)
    except TooManyPixelsError as error:
        raise ImageError(
            f"{name}: {error.width:,} × {error.height:,} pixels are more than the {MAX_UPLOAD_PIXELS // 10**6} "
            "megapixels that this page reads; make it smaller first"
        ) from error
    least = max(SMALLEST, multiple)
    if min(pixels.shape[:2]) < least:
        height, width = original.shape[:2]
        raise ImageError(
            f"{name}: {width} × {height} pixels is too small or too thin to look inside; "
            f"both sides need at least {least} after it is made to fit {largest[1]} × {largest[0]}"
        )
    captions = [note[0].upper() + note[1:] + "." for note in photo.notes]
    if pixels.shape != original.shape:
        captions.append(_shrunk("Your photo has", original.shape[:2], pixels.shape[:2]))
    wide = _wide(original)
    return _own(pixels, larger, " ".join(captions), wide if wide is not None and wide.size > pixels.size else None)


def part_of(photo: Photo, place: float | None, multiple: int, largest: tuple[int, int] = LARGEST) -> Photo:
    """A panorama with a part of it to walk through, as high (or wide) as all of it.

    Args:
        photo: The whole, or a part, from `own_photo` or from here; `wide` is there.
        place: Where the part is, from 0 (left, or top) to 1; None for all of it, made to fit.
        multiple: As for `own_photo`.
        largest: As for `own_photo`.
    """
    wide = photo.wide
    assert wide is not None
    if place is None:
        cut, told = wide, "All of your panorama, scaled down"
    else:
        axis = int(wide.shape[1] > wide.shape[0])
        side = min(round(wide.shape[1 - axis] * LARGEST[1] / LARGEST[0]), wide.shape[axis])
        start = round(min(max(place, 0.0), 1.0) * (wide.shape[axis] - side))
        cut = wide[:, start : start + side] if axis else wide[start : start + side]
        share, name = 100 / wide.shape[axis], "width" if axis else "height"
        told = (
            f"From {start * share:.0f} to {(start + side) * share:.0f} % of your panorama's {name}; the rest is cut off"
        )
    usual = (multiple, largest) == (MULTIPLE, LARGEST)
    larger = None if usual else _prepared(cut, MULTIPLE)
    pixels = _prepared(cut, multiple, largest)
    caption = f"{told}: {pixels.shape[1]} × {pixels.shape[0]} pixels."
    return replace(_own(pixels, larger, caption, wide), place=place)


def _own(pixels: np.ndarray, larger: np.ndarray | None, caption: str, wide: np.ndarray | None) -> Photo:
    title = "Your photo"
    whole = None if larger is None else Photo(_fingerprint(larger), larger, title, caption=caption)
    return Photo(_fingerprint(pixels), pixels, title, caption=caption, larger=whole, wide=wide)


def _wide(pixels: np.ndarray) -> np.ndarray | None:
    """A panorama as high as the page's photos are; None of any other photo."""
    short, long = sorted(pixels.shape[:2])
    if long < PANORAMA * short:
        return None
    return resize_to_fit(pixels, min(round(long * min(1, LARGEST[0] / short)), LONGEST))


def _shrunk(start: str, before: tuple[int, ...], after: tuple[int, ...]) -> str:
    return (
        f"{start} {before[1]} × {before[0]} pixels. To walk through the network it was "
        f"scaled down to {after[1]} × {after[0]}."
    )


def brightened(pixels: np.ndarray) -> np.ndarray:
    """A dark photo with its brightest hundredth at white, and its shadows lifted: for orientation only.

    Args:
        pixels: Any shape, from 0 to 255.

    Returns:
        The same shape, within [0, 1].
    """
    return np.clip(pixels / max(float(np.percentile(pixels, 99)), 1.0), 0, 1) ** 0.7


def spoken(name: str) -> str:
    """A file's name as it may stand in a sentence: short, on one line, and without letters that turn the rest round."""
    letters = "".join(
        letter for letter in name if not unicodedata.category(letter).startswith(("C", "Z")) or letter == " "
    )
    middle = LONGEST_NAME // 2
    return letters if len(letters) <= LONGEST_NAME else f"{letters[:middle]}…{letters[-middle:]}"


def _prepared(pixels: np.ndarray, multiple: int, largest: tuple[int, int] = LARGEST) -> np.ndarray:
    """Shrunk to fit `largest`, portrait or landscape, and cut around the middle to multiples of `multiple`."""
    short, long = sorted(pixels.shape[:2])
    scale = min(1, largest[0] / short, largest[1] / long)
    small = resize_to_fit(pixels, max(1, round(long * scale)))
    spare = [size % multiple for size in small.shape[:2]]
    top, left = (part // 2 for part in spare)
    return np.ascontiguousarray(small[top : small.shape[0] - spare[0] + top, left : small.shape[1] - spare[1] + left])


def _fingerprint(pixels: np.ndarray) -> str:
    shape = ",".join(map(str, pixels.shape))
    return hashlib.sha256(shape.encode() + pixels.tobytes()).hexdigest()[:24]
