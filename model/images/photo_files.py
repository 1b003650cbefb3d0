"""Photos in and out, safely: files as phones, cameras and scanners make them to (height, width, 3) and back.

This module and what it imports need NumPy and Pillow only (and pi-heif for HEIC, if it is there); Keras stays out.
"""

import os
import stat
import struct
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from model.errors import ImageError
from model.images.arrays import as_float, as_uint8, as_uint16
from model.images.decoding import LoadedPhoto, decode
from model.images.geometry import resize
from model.images.photo_formats import SUFFIXES
from model.images.photo_writers import HAVE_16_BITS, HAVE_ALPHA, LONGEST_SIDE, WRITERS, photo_bytes
from model.safety.arguments import check_integer
from model.safety.whole_files import check_output, printable, reason_of, write_whole

__all__ = [
    "MAX_PIXELS",
    "LoadedPhoto",
    "as_float",
    "as_uint8",
    "check_suffix",
    "list_images",
    "load_image",
    "load_photo",
    "resize_to_fit",
    "save_image",
]

MAX_PIXELS = 64_000_000  # a 64-megapixel photo; as RGB it takes 192 MB

Source = str | os.PathLike[str] | bytes | BinaryIO


def load_image(source: Source, max_pixels: int = MAX_PIXELS, name: str | None = None) -> np.ndarray:
    """Reads a photo.

    It is turned upright (EXIF), converted to sRGB where it brings a colour profile, from grey or CMYK to RGB,
    and from 16 to 8 bits. Transparent parts become black: where no light comes from, a camera sees black, and
    colours hidden under full transparency stay hidden. Of an animation, or of pages, the first picture is taken.

    Args:
        source: A path, the bytes of a file, or a file opened in binary mode (read from where it stands).
        max_pixels: Largest width times height, checked in the header, before decoding.
        name: What to call the picture in an error; the path or the file's own name if left out.

    Returns:
        (height, width, 3) uint8, red, green, blue.

    Raises:
        ImageError: If it cannot be read, is no whole picture in one of `model.images.photo_formats.FORMATS`, or has too
            many pixels.
    """
    return load_photo(source, max_pixels, name, wide=False).pixels


def load_photo(
    source: Source,
    max_pixels: int = MAX_PIXELS,
    name: str | None = None,
    *,
    wide: bool = True,
    keep_transparency: bool = False,
    keep_location: bool = False,
) -> LoadedPhoto:
    """Reads a photo with what a result of it should keep: 16 bits, EXIF, transparency.

    Args:
        source: As for `load_image`; so are `max_pixels`, `name` and the errors.
        max_pixels: Largest width times height.
        name: What to call the picture in an error.
        wide: Whether a photo with 16 bits for each colour gives floats of as many levels.
        keep_transparency: Whether transparency is given apart, instead of making colours darker.
        keep_location: Whether the place in its EXIF stays there.
    """
    check_integer("max_pixels", max_pixels, error_kind=ImageError)
    options: dict[str, Any] = {
        "wide": wide,
        "keep_transparency": keep_transparency,
        "keep_location": keep_location,
    }
    if isinstance(source, str | os.PathLike):
        name = name or printable(source)
        with _open_file(source, name) as file:
            return decode(file, max_pixels, name, **options)
    name = name or printable(str(getattr(source, "name", "the picture")))
    content = source if isinstance(source, bytes | bytearray | memoryview) else _read_all(source, name)
    return decode(BytesIO(content), max_pixels, name, **options)


def save_image(path: str | os.PathLike[str], image: np.ndarray, like: LoadedPhoto | None = None) -> None:
    """Writes a picture, tagged as sRGB, whole or not at all: first under another name in its folder, then renamed.

    Args:
        path: Where to; the suffix chooses the format, see `check_suffix`. Replaces an existing file.
        image: (height, width, 3), uint8, or floating point with 0 black and 1 white (clipped).
        like: The photo that it was made from: its EXIF and transparency are kept, and its 16 bits by PNG and TIFF.

    Raises:
        ImageError: If the array is no picture, the suffix is unknown, the format cannot hold the transparency, or the
            file cannot be written.
    """
    name = printable(path)
    suffix = check_suffix(path, transparency=like is not None and like.alpha is not None)
    wide = like is not None and like.pixels.dtype != np.uint8 and suffix in HAVE_16_BITS
    convert, white = (as_uint16, 65535) if wide else (as_uint8, 255)
    pixels, exif = convert(image), b"" if like is None else like.exif
    if like is not None and like.alpha is not None:
        alpha = like.alpha / (255 if like.alpha.dtype == np.uint8 else 1)  # (height, width), 0 to 1
        pixels = np.concatenate([pixels, np.rint(alpha * white).astype(pixels.dtype)[..., None]], axis=-1)
    target = check_output(path, error_kind=ImageError)
    try:
        content = photo_bytes(suffix, pixels, exif)
    except (OSError, ValueError, struct.error) as error:  # a WebP's side ends at 16,383 pixels
        what_to_do = "use .png, which has no such limit"
        raise ImageError(
            f"{name}: cannot be written as {WRITERS[suffix][0]} ({reason_of(error)}); {what_to_do}"
        ) from error
    write_whole(target, content, ImageError)


def check_suffix(path: str | os.PathLike[str], transparency: bool = False, side: int = 0) -> str:
    """The suffix of a picture to write, in small letters.

    Args:
        path: Where to.
        transparency: Whether it has to hold transparency, as PNG, WebP and TIFF do.
        side: Pixels of its longer side; 0 if not known yet.

    Raises:
        ImageError: If there is no such format, or it holds no transparency, or no picture of that size.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in WRITERS:
        what = "is read and not written" if suffix in SUFFIXES else f"cannot write the format {suffix!r}"
        raise ImageError(f"{printable(path)}: {what}; end it in {', '.join(WRITERS)}")
    if transparency and suffix not in HAVE_ALPHA:
        raise ImageError(f"{printable(path)}: {suffix} cannot hold transparency; end it in {', '.join(HAVE_ALPHA)}")
    kind = WRITERS[suffix][0]
    if side > (longest := LONGEST_SIDE.get(kind, side)):
        raise ImageError(f"{printable(path)}: a {kind} has at most {longest} pixels a side; end it in .png")
    return suffix


def list_images(folder: str | os.PathLike[str]) -> list[Path]:
    """The photos directly in a folder, by suffix, sorted by name; hidden files are left out.

    Args:
        folder: Where to look for what `model.images.photo_formats.SUFFIXES` lists, in small or capital letters.

    Raises:
        ImageError: If the folder is missing, is none, or may not be read.
    """
    try:
        return sorted(
            entry
            for entry in Path(folder).iterdir()
            if entry.suffix.lower() in SUFFIXES and not entry.name.startswith(".") and entry.is_file()
        )
    except (OSError, ValueError) as error:
        name = printable(folder)
        raise ImageError(f"{name}: cannot be read as a folder ({reason_of(error)}); check the path") from error


def resize_to_fit(image: np.ndarray, max_side: int) -> np.ndarray:
    """Shrinks a picture, antialiased (Lanczos), until its longer side is `max_side`; never enlarges.

    Args:
        image: (height, width, 3), uint8 or floating point in [0, 1].
        max_side: Longest side wanted, in pixels, at least 1.

    Returns:
        The same proportions to the nearest pixel, uint8 for uint8, else float32 in [0, 1].

    Raises:
        ImageError: If the array is no picture or `max_side` is less than 1.
    """
    check_integer("max_side", max_side, error_kind=ImageError)
    pixels = np.asarray(image)
    pixels = as_uint8(pixels) if pixels.dtype == np.uint8 else as_float(pixels)
    height, width = pixels.shape[:2]
    if max(height, width) <= max_side:
        return pixels
    scale = max_side / max(height, width)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return resize(pixels, *size)


def _open_file(path: str | os.PathLike[str], name: str) -> BinaryIO:
    try:
        kind = os.stat(path).st_mode
        if stat.S_ISDIR(kind):
            raise ImageError(f"{name}: is a folder, not a picture; name one of the files in it")
        if not stat.S_ISREG(kind):  # a pipe or a device could keep us reading for ever
            raise ImageError(f"{name}: is not an ordinary file; save the picture to one first")
        return open(path, "rb")
    except ImageError:
        raise
    except FileNotFoundError as error:
        raise ImageError(f"{name}: there is no such file; check the name and the folder") from error
    except PermissionError as error:
        raise ImageError(f"{name}: may not be read (permission denied); change its permissions") from error
    except (OSError, ValueError) as error:
        raise ImageError(f"{name}: cannot be opened ({reason_of(error)}); check the path") from error


def _read_all(file: Any, name: str) -> bytes:
    if not hasattr(file, "read"):
        raise ImageError(f"{name}: give a path, bytes or an open file, not {type(file).__name__}")
    try:
        content = file.read()
    except (OSError, ValueError) as error:
        raise ImageError(f"{name}: cannot be read ({reason_of(error)}); open it again") from error
    if not isinstance(content, bytes):
        raise ImageError(f"{name}: the file gives text; open it in binary mode, open(path, 'rb')")
    return content
