"""Photos in and out, safely: PNG, JPEG and WebP to (height, width, 3) uint8 and back.

This module and what it imports need NumPy and Pillow only; Keras stays out.
"""

import os
import stat
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from model.errors import ImageError
from model.images.arrays import as_float, as_uint8
from model.images.decoding import decode
from model.images.geometry import resize
from model.safety.arguments import check_integer
from model.safety.whole_files import check_output, printable, reason_of, write_whole

__all__ = ["MAX_PIXELS", "as_float", "as_uint8", "list_images", "load_image", "resize_to_fit", "save_image"]

MAX_PIXELS = 64_000_000  # a 64-megapixel photo; as RGB it takes 192 MB

# Lossy formats are written close to lossless: what the network did must stay to be seen.
WRITERS: Mapping[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {}),
    ".jpg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".jpeg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".webp": ("WebP", {"quality": 95}),
}


def load_image(
    source: str | os.PathLike[str] | bytes | BinaryIO, max_pixels: int = MAX_PIXELS, name: str | None = None
) -> np.ndarray:
    """Reads a photo.

    It is turned upright (EXIF), converted to sRGB where it brings a colour profile, from grey or CMYK to RGB,
    and from 16 to 8 bits. Transparent parts become black: where no light comes from, a camera sees black, and
    colours hidden under full transparency stay hidden. Of an animation, the first picture is taken.

    Args:
        source: A path, the bytes of a file, or a file opened in binary mode (read from where it stands).
        max_pixels: Largest width times height, checked in the header, before decoding.
        name: What to call the picture in an error; the path or the file's own name if left out.

    Returns:
        (height, width, 3) uint8, red, green, blue.

    Raises:
        ImageError: If it cannot be read, is not a whole PNG, JPEG or WebP, or has too many pixels.
    """
    check_integer("max_pixels", max_pixels, error_kind=ImageError)
    if isinstance(source, str | os.PathLike):
        name = name or printable(source)
        with _open_file(source, name) as file:
            return decode(file, max_pixels, name)
    name = name or printable(str(getattr(source, "name", "the picture")))
    content = source if isinstance(source, bytes | bytearray | memoryview) else _read_all(source, name)
    return decode(BytesIO(content), max_pixels, name)


def save_image(path: str | os.PathLike[str], image: np.ndarray) -> None:
    """Writes a picture, whole or not at all: first under another name in the same folder, then renamed.

    Args:
        path: Where to; the suffix .png, .jpg, .jpeg or .webp chooses the format. Replaces an existing file.
        image: (height, width, 3), uint8, or floating point with 0 black and 1 white (clipped).

    Raises:
        ImageError: If the array is no picture, the suffix is unknown, or the file cannot be written.
    """
    name = printable(path)
    suffix = Path(path).suffix.lower()
    if suffix not in WRITERS:
        raise ImageError(f"{name}: cannot write the format {suffix!r}; end it in {', '.join(WRITERS)}")
    kind, options = WRITERS[suffix]
    picture = Image.fromarray(np.ascontiguousarray(as_uint8(image)))
    target, content = check_output(path, error_kind=ImageError), BytesIO()
    try:
        picture.save(content, format=kind, **options)
    except (OSError, ValueError) as error:  # a WebP's side ends at 16,383 pixels
        what_to_do = "use .png, which has no such limit"
        raise ImageError(f"{name}: cannot be written as {kind} ({reason_of(error)}); {what_to_do}") from error
    write_whole(target, content.getvalue(), ImageError)


def list_images(folder: str | os.PathLike[str]) -> list[Path]:
    """The photos directly in a folder, by suffix, sorted by name; hidden files are left out.

    Args:
        folder: Where to look for .png, .jpg, .jpeg and .webp, in small or capital letters.

    Raises:
        ImageError: If the folder is missing, is none, or may not be read.
    """
    try:
        return sorted(
            entry
            for entry in Path(folder).iterdir()
            if entry.suffix.lower() in WRITERS and not entry.name.startswith(".") and entry.is_file()
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
