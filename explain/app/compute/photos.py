"""The photo that is walked through: a sample, or the visitor's own, small enough to look inside in a second."""

import hashlib
import threading
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np

from model.errors import ImageError, TooManyPixelsError
from model.images.photo_files import load_photo, resize_to_fit
from model.samples import SAMPLES, get_sample, load_sample

__all__ = ["LARGEST", "MAX_UPLOAD_PIXELS", "Photo", "brightened", "own_photo", "sample_names", "sample_photo"]

LARGEST = (256, 384)  # shorter and longer side: the desk network answers in half a second
LONGEST_NAME = 60  # letters of a file's name in a sentence
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
    """

    key: str
    pixels: np.ndarray
    title: str
    credit: str = ""
    caption: str = ""
    reference: np.ndarray | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.pixels.shape[0], self.pixels.shape[1]


def sample_names() -> tuple[str, ...]:
    """The names of the samples; the first one is shown to a visitor who has not chosen."""
    return tuple(sample.name for sample in SAMPLES)


@cache
def sample_photo(name: str, multiple: int) -> Photo:
    """A sample, its sides cut to multiples of `multiple`.

    Raises:
        MirnetError: If there is no sample of that name.
    """
    sample = get_sample(name)
    dark, bright = (_prepared(picture, multiple) for picture in load_sample(name))
    credit = f"Photo: [{sample.author}]({sample.source}), {sample.licence}"
    return Photo(_fingerprint(dark), dark, sample.title, credit, sample.caption, bright)


def own_photo(content: bytes, name: str, multiple: int) -> Photo:
    """An uploaded photo, made small enough to walk through.

    Its sides become multiples of `multiple`.

    Raises:
        ImageError: If it is not a picture that we take, with a sentence that says why.
    """
    name = _spoken(name)
    try:
        with _reading:
            photo = load_photo(content, max_pixels=MAX_UPLOAD_PIXELS, name=name, wide=False)
            original = photo.pixels
            pixels = _prepared(original, multiple)
    except TooManyPixelsError as error:
        raise ImageError(
            f"{name}: {error.width:,} × {error.height:,} pixels are more than the {MAX_UPLOAD_PIXELS // 10**6} "
            "megapixels that this page reads; make it smaller first"
        ) from error
    if min(pixels.shape[:2]) < SMALLEST:
        height, width = original.shape[:2]
        raise ImageError(
            f"{name}: {width} × {height} pixels is too small or too thin to look inside; "
            f"both sides need at least {SMALLEST} after it is made to fit {LARGEST[1]} × {LARGEST[0]}"
        )
    captions = [note[0].upper() + note[1:] + "." for note in photo.notes]
    if pixels.shape != original.shape:
        captions.append(
            f"Your photo has {original.shape[1]} × {original.shape[0]} pixels. To walk through the network it was "
            f"scaled down to {pixels.shape[1]} × {pixels.shape[0]}."
        )
    return Photo(_fingerprint(pixels), pixels, "Your photo", caption=" ".join(captions))


def brightened(pixels: np.ndarray) -> np.ndarray:
    """A dark photo with its brightest hundredth at white, and its shadows lifted: for orientation only.

    Args:
        pixels: Any shape, from 0 to 255.

    Returns:
        The same shape, within [0, 1].
    """
    return np.clip(pixels / max(float(np.percentile(pixels, 99)), 1.0), 0, 1) ** 0.7


def _spoken(name: str) -> str:
    """A file's name as it may stand in a sentence: short, on one line, and without letters that turn the rest round."""
    letters = "".join(
        letter for letter in name if not unicodedata.category(letter).startswith(("C", "Z")) or letter == " "
    )
    middle = LONGEST_NAME // 2
    return letters if len(letters) <= LONGEST_NAME else f"{letters[:middle]}…{letters[-middle:]}"


def _prepared(pixels: np.ndarray, multiple: int) -> np.ndarray:
    """Shrunk to fit `LARGEST`, portrait or landscape, and cut around the middle to multiples of `multiple`."""
    short, long = sorted(pixels.shape[:2])
    scale = min(1, LARGEST[0] / short, LARGEST[1] / long)
    small = resize_to_fit(pixels, max(1, round(long * scale)))
    spare = [size % multiple for size in small.shape[:2]]
    top, left = (part // 2 for part in spare)
    return np.ascontiguousarray(small[top : small.shape[0] - spare[0] + top, left : small.shape[1] - spare[1] + left])


def _fingerprint(pixels: np.ndarray) -> str:
    shape = ",".join(map(str, pixels.shape))
    return hashlib.sha256(shape.encode() + pixels.tobytes()).hexdigest()[:24]
