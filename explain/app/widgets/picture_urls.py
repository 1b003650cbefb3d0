"""Pictures as files and as addresses that hold them, to stand inside our own HTML."""

from base64 import b64encode
from io import BytesIO

import numpy as np
from PIL import Image

__all__ = ["palette_url", "png", "png_url", "url", "webp_url"]

QUALITY = 92  # a tenth of the bytes of a PNG: a photo that is only looked at need not be exact to the last bit


def url(content: bytes, kind: str) -> str:
    """A file's content as an address; `kind` is `png`, `webp` or `svg+xml`."""
    return f"data:image/{kind};base64,{b64encode(content).decode()}"


def png(pixels: np.ndarray) -> bytes:
    """A picture (height, width, 3) uint8 as the content of a PNG."""
    return _saved(Image.fromarray(pixels), "PNG")


def png_url(pixels: np.ndarray) -> str:
    """A small picture (height, width, 3) uint8, kept exactly."""
    return url(png(pixels), "png")


def palette_url(indices: np.ndarray, colours: np.ndarray) -> str:
    """A picture of indices (height, width) uint8 of a table of colours (256, 3) uint8: a third of the size of RGB."""
    picture = Image.fromarray(indices)
    picture.putpalette(colours.tobytes())
    return url(_saved(picture, "PNG"), "png")


def webp_url(pixels: np.ndarray, longest: int = 0, quality: int = QUALITY) -> str:
    """A photo (height, width, 3) uint8, compressed.

    Args:
        pixels: The photo.
        longest: Pixels that its longer side gets at most; 0 leaves it as it is.
        quality: Of the compression, 1 to 100.
    """
    picture = Image.fromarray(pixels)
    if longest:
        picture.thumbnail((longest, longest), Image.Resampling.BOX)
    return url(_saved(picture, "WEBP", quality=quality, method=2), "webp")


def _saved(picture: Image.Image, kind: str, **options: int) -> bytes:
    content = BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()
