"""From the bytes of a PNG, JPEG or WebP file to sRGB pixels, without trusting a byte of it.

The content decides what a file is, never its name. The size in its header is compared with a limit before one
pixel is decoded, since 50 KB can unpack to gigabytes.
"""

import os
import struct
import warnings
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageCms, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from model.errors import ImageError, TooManyPixelsError

__all__ = ["decode"]


def decode(file: BinaryIO, max_pixels: int, name: str) -> np.ndarray:
    """Decodes one picture.

    Args:
        file: An open file that can seek, at the start of the picture.
        max_pixels: Largest width times height.
        name: What to call the picture in an error.

    Returns:
        (height, width, 3) uint8, sRGB, upright.

    Raises:
        ImageError: If it is empty, of another format, damaged, incomplete, or has too many pixels.
    """
    try:
        # Pillow warns of odd metadata; the picture is what counts. Only Pillow's own warnings are silenced.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"PIL\.")
            return np.array(_to_rgb(_upright(_open(file, max_pixels, name))))
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(f"{name}: not enough memory to decode it; make it smaller") from error
    except Exception as error:  # decoders fail in many ways on broken data, and all of them mean the same
        spoken = str(error) and isinstance(error, (OSError, ValueError))  # others speak of Python
        reason = str(error).splitlines()[0] if spoken else "it ends too early, or makes no sense"
        raise ImageError(f"{name}: is damaged or incomplete ({reason}); copy or download it again") from error


def _open(file: BinaryIO, max_pixels: int, name: str) -> Image.Image:
    """Reads the header, checks the size, then decodes.

    Pillow's format classes are used directly: `Image.open` adds a size check of its own, which warns where
    ours refuses and refuses where the caller has raised the limit.
    """
    head = file.read(30)
    file.seek(-len(head), os.SEEK_CUR)
    if not head:
        raise ImageError(f"{name}: is empty (0 bytes); copy or download it again")
    picture: Image.Image
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        picture = PngImagePlugin.PngImageFile(file)
    elif head.startswith(b"\xff\xd8\xff"):
        picture = JpegImagePlugin.JpegImageFile(file)
    elif head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        # Pillow makes room for the whole canvas as soon as it opens a WebP, so this check comes even earlier.
        _check_size(_webp_size(head), max_pixels, name)
        picture = WebPImagePlugin.WebPImageFile(file)
    else:
        raise ImageError(f"{name}: is not a PNG, JPEG or WebP picture; convert it to one of these")
    _check_size(picture.size, max_pixels, name)
    picture.load()
    return picture


def _check_size(size: tuple[int, int], max_pixels: int, name: str) -> None:
    width, height = size
    if width * height > max_pixels:
        raise TooManyPixelsError(
            f"{name}: {width} × {height} pixels are {width * height / 1e6:,.6g} megapixels, more than the "
            f"limit of {max_pixels / 1e6:,.6g}; make it smaller, or raise max_pixels (--max-pixels)",
            width,
            height,
        )


def _webp_size(head: bytes) -> tuple[int, int]:
    """Width and height from the first 30 bytes (RFC 9649, sections 2.5 to 2.7)."""
    chunk = head[12:16]
    if chunk == b"VP8X":  # extended: the canvas, 24 bits each, minus one
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if chunk == b"VP8L":  # lossless: 14 bits each, minus one
        (bits,) = struct.unpack("<I", head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", head[26:30])  # lossy: 14 bits, and 2 that say how to enlarge
    return width & 0x3FFF, height & 0x3FFF


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as EXIF says that the camera was held; a broken EXIF block is no reason to refuse the photo."""
    with suppress(Exception):
        ImageOps.exif_transpose(picture, in_place=True)
    return picture


def _to_rgb(picture: Image.Image) -> Image.Image:
    """Any mode to RGB; what is transparent becomes black."""
    if picture.mode.startswith("I"):
        picture = _narrow(picture)
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    if picture.mode in ("1", "LA"):
        picture = picture.convert("L")
    elif picture.mode not in ("L", "RGB", "CMYK"):
        # By way of RGBA, since a palette may hold transparency too.
        picture = picture.convert("RGBA").convert("RGB")
    picture = _to_srgb(picture)
    if alpha is None:
        return picture
    black = Image.new("RGB", picture.size)
    black.paste(picture, mask=alpha)
    return black


def _narrow(picture: Image.Image) -> Image.Image:
    """16-bit grey to 8 bits: divided by 65535 / 255 = 257, rounded.

    16-bit colour never gets here: Pillow itself keeps its high byte, at most one level too low.
    """
    wide = np.asarray(picture).astype(np.int32).clip(0, 65535)
    grey = Image.fromarray(((wide + 128) // 257).astype(np.uint8))
    grey.info = {key: value for key, value in picture.info.items() if key != "transparency"}
    return grey


def _to_srgb(picture: Image.Image) -> Image.Image:
    """L, RGB or CMYK to RGB, by the picture's colour profile where it has one that works."""
    embedded = picture.info.get("icc_profile")
    if embedded:
        with suppress(ImageCms.PyCMSError, ImportError, OSError, ValueError, TypeError):
            profile = ImageCms.ImageCmsProfile(BytesIO(embedded))
            # Most photos say that they are sRGB already: leave their bytes alone, do not round them again.
            if "sRGB" not in ImageCms.getProfileDescription(profile):
                srgb = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(picture, profile, srgb, outputMode="RGB")
                if converted is not None:
                    return converted
    return picture.convert("RGB")
