"""From the bytes of a photo's file to sRGB pixels, without trusting a byte of it.

The size in its header is compared with a limit before one pixel is decoded, since 50 KB can unpack to gigabytes.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image

from model.errors import ImageError
from model.images.colour_profiles import picture_to_srgb, wide_to_srgb
from model.images.photo_exif import kept_exif
from model.images.photo_formats import load_upright, open_picture
from model.images.sixteen_bits import grey_levels, is_wide, read_wide

__all__ = ["LoadedPhoto", "decode"]

WHITE = 65535


@dataclass(frozen=True, eq=False)
class LoadedPhoto:
    """A photo with what its result should keep.

    Attributes:
        pixels: (height, width, 3), sRGB, upright: uint8, or float32 in [0, 1] of a photo with 16 bits for each colour.
            Where it is transparent: black, or with `alpha` only where nothing is to be seen.
        alpha: (height, width) of the same type, 0 for transparent; None if it is opaque, or was not asked for.
        exif: What is kept of its EXIF, as a block that begins with `Exif`; empty if there is none.
        notes: Sentences on what the file has and `pixels` has not.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    exif: bytes = b""
    notes: tuple[str, ...] = ()


def decode(
    file: BinaryIO,
    max_pixels: int,
    name: str,
    *,
    wide: bool = True,
    keep_transparency: bool = False,
    keep_location: bool = False,
) -> LoadedPhoto:
    """Decodes one photo.

    Args:
        file: An open file that can seek, at the start of the picture.
        max_pixels: Largest width times height.
        name: What to call the picture in an error.
        wide: Whether 16 bits stay 16 bits; else they are rounded to 8.
        keep_transparency: Whether colours under transparency stay as they are; else they become darker, to black.
        keep_location: Whether the place stays in the EXIF.

    Raises:
        ImageError: If it is empty, of another format, damaged, incomplete, or has too many pixels.
    """
    with _one_sentence(name):
        start = file.tell()
        picture = open_picture(file, max_pixels, name)
        notes = _notes(picture)
        is_16_bit = wide and is_wide(picture)
        pixels = alpha = None
        if is_16_bit:
            file.seek(start)
            picture, stored = read_wide(file, max_pixels, name)
            pixels, alpha = _wide_colours(picture, stored)
            if pixels is None:
                notes += ("its colour profile is one of tables: 8 of its 16 bits were kept",)
                file.seek(start)
                picture = open_picture(file, max_pixels, name)
        if pixels is None:
            load_upright(picture)
            pixels, alpha = _colours(picture)
        return LoadedPhoto(*_seen(pixels, alpha, keep_transparency), kept_exif(picture, keep_location), notes)


@contextmanager
def _one_sentence(name: str) -> Iterator[None]:
    """Decoders fail in many ways on broken data, and all of them mean the same."""
    try:
        # Pillow warns of odd metadata; the picture is what counts. Only Pillow's own warnings are silenced.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"PIL\.")
            yield
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(f"{name}: not enough memory to decode it; make it smaller") from error
    except Image.DecompressionBombError as error:  # WebP alone: its decoder allocates the pixels when it opens one
        limit = f"{2 * (Image.MAX_IMAGE_PIXELS or 0) / 1e6:.0f} megapixels"
        raise ImageError(f"{name}: Pillow reads no more than {limit} of this format; save it as PNG") from error
    except Exception as error:
        spoken = str(error) and isinstance(error, (OSError, ValueError))  # others speak of Python
        reason = str(error).splitlines()[0] if spoken else "it ends too early, or makes no sense"
        raise ImageError(f"{name}: is damaged or incomplete ({reason}); copy or download it again") from error


def _notes(picture: Image.Image) -> tuple[str, ...]:
    if not getattr(picture, "is_animated", False):
        return ()
    which = "main one" if picture.format == "HEIF" else "first"
    return (f"the file holds several pictures (pages, or an animation); the {which} was taken",)


def _colours(picture: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """Any mode to RGB in 8 bits, and alpha."""
    if picture.mode.startswith("I;16"):
        picture = _narrow(picture)
    if picture.mode == "La":
        picture = picture.convert("LA")
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    if picture.mode in ("1", "LA"):
        picture = picture.convert("L")
    elif picture.mode not in ("L", "RGB", "CMYK", "LAB"):
        # By way of RGBA, since a palette may hold transparency too.
        profile = picture.info.get("icc_profile")
        picture = picture.convert("RGBA").convert("RGB")
        picture.info["icc_profile"] = profile
    return np.array(picture_to_srgb(picture)), None if alpha is None else np.array(alpha)


def _narrow(picture: Image.Image) -> Image.Image:
    """16-bit grey to 8 bits: divided by 65535 / 255 = 257, rounded.

    16-bit colour never gets here: Pillow itself keeps its high byte, at most one level too low.
    """
    grey = Image.fromarray(((grey_levels(picture).astype(np.uint32) + 128) // 257).astype(np.uint8))
    grey.info = {key: value for key, value in picture.info.items() if key != "transparency"}
    return grey


def _wide_colours(picture: Image.Image, stored: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
    """16-bit grey or RGB to sRGB in floats, None if its profile does not allow it; and alpha."""
    has_alpha = stored.shape[2] in (2, 4)
    colours = stored[..., :-1] if has_alpha else stored
    alpha = stored[..., -1].astype(np.float32) / np.float32(WHITE) if has_alpha else None
    return wide_to_srgb(colours, picture.info.get("icc_profile")), alpha


def _seen(pixels: np.ndarray, alpha: np.ndarray | None, keep: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """The colours before black, unless alpha is kept; what is wholly transparent is black even then."""
    white = 255 if pixels.dtype == np.uint8 else 1
    if alpha is None or alpha.min() == white:
        return pixels, None
    if keep:
        pixels[alpha == 0] = 0
        return pixels, alpha
    for row, share in zip(pixels, alpha, strict=True):  # one by one: no second copy of a large photo
        if white == 255:
            row[:] = (row.astype(np.uint16) * share[:, None] + 127) // 255
        else:
            row *= share[:, None]
    return pixels, None
