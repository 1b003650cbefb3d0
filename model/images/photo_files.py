"""Photos in and out, safely: PNG, JPEG and WebP to (height, width, 3) uint8 and back.

This module and what it imports need NumPy and Pillow only; Keras stays out.
"""

import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from model.errors import ImageError
from model.images.arrays import as_float, as_uint8
from model.images.decoding import decode

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
    _check_count(max_pixels, "max_pixels")
    if isinstance(source, str | os.PathLike):
        name = name or _printable(os.fspath(source))
        with _open_file(source, name) as file:
            return decode(file, max_pixels, name)
    name = name or _printable(str(getattr(source, "name", "the picture")))
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
    name = _printable(os.fspath(path))
    suffix = Path(path).suffix.lower()
    if suffix not in WRITERS:
        raise ImageError(f"{name}: cannot write the format {suffix!r}; end it in {', '.join(WRITERS)}")
    kind, options = WRITERS[suffix]
    picture = Image.fromarray(np.ascontiguousarray(as_uint8(image)))
    target = _target(path, name)
    unfinished = target.with_name(f".unfinished-{secrets.token_hex(6)}")
    try:
        with open(unfinished, "xb") as file:
            picture.save(file, format=kind, **options)
        os.replace(unfinished, target)
    except (OSError, ValueError) as error:
        # The system's errors have a strerror. Pillow's have none: a WebP's side ends at 16,383 pixels.
        place = getattr(error, "strerror", None) is not None
        mend = "choose another place" if place else "use .png, which has no such limit"
        raise ImageError(f"{name}: cannot be written as {kind} ({_reason(error)}); {mend}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


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
        name = _printable(os.fspath(folder))
        raise ImageError(f"{name}: cannot be read as a folder ({_reason(error)}); check the path") from error


def resize_to_fit(image: np.ndarray, max_side: int) -> np.ndarray:
    """Shrinks a picture, antialiased (Lanczos), until its longer side is `max_side`; never enlarges.

    Args:
        image: (height, width, 3), uint8 or floating point in [0, 1].
        max_side: Longest side wanted, in pixels, at least 1.

    Returns:
        The same proportions to the nearest pixel: uint8 for uint8, else float32 in [0, 1].

    Raises:
        ImageError: If the array is no picture or `max_side` is less than 1.
    """
    _check_count(max_side, "max_side")
    pixels = np.asarray(image)
    pixels = as_uint8(pixels) if pixels.dtype == np.uint8 else as_float(pixels)
    height, width = pixels.shape[:2]
    if max(height, width) <= max_side:
        return pixels
    scale = max_side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    planes = [Image.fromarray(np.ascontiguousarray(pixels[..., channel])) for channel in range(3)]
    smaller = [np.asarray(plane.resize(size, Image.Resampling.LANCZOS)) for plane in planes]
    # Lanczos overshoots beside sharp edges; bytes are clipped by Pillow, floats by us.
    return np.stack(smaller, axis=-1).clip(0, 255 if pixels.dtype == np.uint8 else 1)


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
        raise ImageError(f"{name}: cannot be opened ({_reason(error)}); check the path") from error


def _read_all(file: Any, name: str) -> bytes:
    if not hasattr(file, "read"):
        raise ImageError(f"{name}: give a path, bytes or an open file, not {type(file).__name__}")
    try:
        content = file.read()
    except (OSError, ValueError) as error:
        raise ImageError(f"{name}: cannot be read ({_reason(error)}); open it again") from error
    if not isinstance(content, bytes):
        raise ImageError(f"{name}: the file gives text; open it in binary mode, open(path, 'rb')")
    return content


def _target(path: str | os.PathLike[str], name: str) -> Path:
    """Where to write; refuses what a rename would destroy, a device or a file that its owner has locked."""
    try:
        # Through a symbolic link to the file it stands for, as every program that writes in place does.
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise ImageError(f"{name}: is a folder; add a file name")
        if target.exists() and not target.is_file():
            raise ImageError(f"{name}: is not an ordinary file; choose another name")
        if target.exists() and not os.access(target, os.W_OK):
            raise ImageError(f"{name}: is write-protected; choose another name or change its permissions")
        return target
    except ImageError:
        raise
    except (OSError, ValueError) as error:
        raise ImageError(f"{name}: cannot be written ({_reason(error)}); choose another place") from error


def _check_count(value: int, name: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ImageError(f"{name} must be a whole number of at least 1, not {value!r}")


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _printable(name: str) -> str:
    """A file may be called anything, a line break included; an error must stay one line."""
    return name if name.isprintable() else repr(name)
