"""The pictures of a packed file of pairs: a window of a photo, shrunk, as the bytes of a WebP or a JPEG."""

import zlib
from io import BytesIO

import numpy as np
from PIL import Image

from model.data.pairs import PairFolder
from model.images.camera_formats import resize

__all__ = ["encoded"]


def encoded(
    folder: PairFolder, name: str, side: str, picture: np.ndarray, scale: float, part: float
) -> tuple[str, bytes]:
    """Name and bytes of one picture in the file; the photo's own bytes if it is neither shrunk nor cut.

    Args:
        folder: The pairs.
        name: Of the pair.
        side: "low", which becomes a lossless WebP, or "high", a JPEG of quality 95.
        picture: The photo, (height, width, 3) uint8.
        scale: Rows and columns for one of the photo.
        part: Share of the photo's area that is kept.
    """
    source = folder.files[side][name]
    if scale == part == 1:
        return f"{side}/{name}{source.suffix}", source.read_bytes()
    suffix = ".webp" if side == "low" else ".jpg"
    return f"{side}/{name}{suffix}", _bytes_of(_reduced(picture, scale, part, name), side)


def _reduced(picture: np.ndarray, scale: float, part: float, name: str) -> np.ndarray:
    """The window of a picture, shrunk; its position depends on the name only, so low and high show the same."""
    height, width = picture.shape[:2]
    rows, columns = (max(1, round(side * part**0.5)) for side in (height, width))
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    top, left = int(rng.integers(height - rows + 1)), int(rng.integers(width - columns + 1))
    window = picture[top : top + rows, left : left + columns]
    return resize(window, max(1, round(rows * scale)), max(1, round(columns * scale)))


def _bytes_of(picture: np.ndarray, side: str) -> bytes:
    stream, image = BytesIO(), Image.fromarray(np.ascontiguousarray(picture))
    if side == "low":
        image.save(stream, "WebP", lossless=True, quality=75, method=4)
    else:
        image.save(stream, "JPEG", quality=95, subsampling=0)
    return stream.getvalue()
