"""Which format a photo has, by its first bytes, and how large it is, by its header: before one pixel is decoded.

The content decides, never the name: phones give JPEGs that are called `.HEIC`, and mail programs `.jfif`.
"""

import os
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import BinaryIO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from model.errors import ImageError, TooManyPixelsError
from model.images.heic_process import read_heic

__all__ = [
    "FORMATS",
    "OPENERS",
    "RAW_SUFFIXES",
    "RESULT_SUFFIXES",
    "SUFFIXES",
    "check_size",
    "format_of",
    "load_upright",
    "open_picture",
]

FORMATS = "PNG, JPEG, WebP, HEIC, AVIF, TIFF or BMP"

RESULT_SUFFIXES: Mapping[str, str] = {
    **{suffix: suffix for suffix in (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff")},
    **dict.fromkeys((".heic", ".heif", ".hif", ".avif"), ".jpg"),
    **dict.fromkeys((".bmp", ".dib"), ".png"),
}
"""How photos' names end, and how their results' names do: what only phones and cameras write becomes a JPEG, which
every program opens and which keeps the EXIF; a bitmap becomes a PNG, which loses nothing either."""

SUFFIXES = tuple(RESULT_SUFFIXES)

RAW_SUFFIXES = (".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw")
RAW = "is a raw photo of a camera; develop it first (darktable and RawTherapee are free) and save a TIFF or a JPEG"

HEAD_BYTES = 64  # enough for the brands of an ISO file
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # + is BigTIFF
BITMAP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}  # bytes of the header behind "BM" and 12 more

NEW_SUBFILE_TYPE, DNG_VERSION = 254, 50706  # tags of TIFF 6.0, section 8, and of DNG 1.7

Opener = Callable[[BinaryIO], Image.Image]


def open_picture(file: BinaryIO, max_pixels: int, name: str) -> Image.Image:
    """Reads the header and checks the size; `load` decodes.

    Pillow's format classes are used directly: `Image.open` adds a size check of its own, which warns where
    ours refuses and refuses where the caller has raised the limit.

    Args:
        file: An open file that can seek, at the start of the picture.
        max_pixels: Largest width times height.
        name: What to call the picture in an error.

    Raises:
        ImageError: If it is empty, of another format, of a kind that is not read, or has too many pixels. Other
            exceptions come from Pillow, and mean that it is damaged.
    """
    head = file.read(HEAD_BYTES)
    file.seek(-len(head), os.SEEK_CUR)
    if not head:
        raise ImageError(f"{name}: is empty (0 bytes); copy or download it again")
    kind = format_of(head)
    if not kind:
        raise ImageError(f"{name}: is not a {FORMATS} picture; convert it to one of these")
    if kind == "WebP":
        # Pillow allocates the whole canvas as soon as it opens a WebP, so this check comes even earlier.
        check_size(_webp_size(head), max_pixels, name)
    try:
        if kind == "HEIC":
            size, picture = read_heic(file, max_pixels)
        else:
            picture = OPENERS[kind](file)
            size = picture.size
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error
    check_size(size, max_pixels, name)
    if isinstance(picture, TiffImagePlugin.TiffImageFile):  # once it has allocated, Pillow checks no limit
        stored = picture.tag_v2[TiffImagePlugin.IMAGEWIDTH], picture.tag_v2[TiffImagePlugin.IMAGELENGTH]
        picture.im = Image.core.new(picture.mode, stored)
    return picture


def load_upright(picture: Image.Image) -> None:
    """Decodes an opened picture and turns it as EXIF says that the camera was held."""
    picture.load()
    with suppress(Exception):  # a broken EXIF block is no reason to refuse the photo
        ImageOps.exif_transpose(picture, in_place=True)


def check_size(size: tuple[int, int], max_pixels: int, name: str) -> None:
    """Refuses a width and height with more than `max_pixels` pixels: TooManyPixelsError."""
    width, height = size
    if width * height > max_pixels:
        raise TooManyPixelsError(
            f"{name}: {width} × {height} pixels are {width * height / 1e6:,.6g} megapixels, more than the "
            f"limit of {max_pixels / 1e6:,.6g}; make it smaller, or raise max_pixels (--max-pixels)",
            width,
            height,
        )


def format_of(head: bytes) -> str:
    """The format of a file by its first `HEAD_BYTES` bytes, "HEIC" or a key of `OPENERS`; empty for any other."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP"
    if head.startswith(TIFF_STARTS):
        return "TIFF"
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in BITMAP_HEADERS:
        return "BMP"
    if head[4:8] == b"ftyp":  # ISO 14496-12, section 4.3: the main brand, its version, and compatible brands
        end = int.from_bytes(head[:4], "big")
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(end, len(head)), 4))}
        return "AVIF" if brands & AVIF_BRANDS else "HEIC" if brands & HEIF_BRANDS else ""
    return ""


def _open_avif(file: BinaryIO) -> Image.Image:
    if not AvifImagePlugin.SUPPORTED:
        raise ImageError("is an AVIF picture, and the Pillow installed here reads none: pip install -U pillow")
    return AvifImagePlugin.AvifImageFile(file)


def _open_tiff(file: BinaryIO) -> Image.Image:
    """A TIFF whose first page is a photo, and not the small preview of a raw one."""
    try:
        picture = TiffImagePlugin.TiffImageFile(file)
    except SyntaxError as error:
        if "unknown pixel mode" not in str(error):
            raise
        raise ImageError("is a TIFF with pixels of a rare kind; save it with 8 or 16 bits for each colour") from error
    tags = picture.tag_v2
    if DNG_VERSION in tags or tags.get(NEW_SUBFILE_TYPE, 0) & 1:
        raise ImageError(RAW)
    if tags.get(TiffImagePlugin.PLANAR_CONFIGURATION, 1) == 2 and 16 in tags.get(TiffImagePlugin.BITSPERSAMPLE, ()):
        raise ImageError("is a TIFF with its 16-bit colours in separate planes; save it interleaved (pixel by pixel)")
    if picture.mode in ("I", "F"):
        raise ImageError("is a TIFF whose white is at no agreed number; save it with 8 or 16 bits for each colour")
    return picture


OPENERS: Mapping[str, Opener] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "TIFF": _open_tiff,
    "BMP": BmpImagePlugin.BmpImageFile,
    "AVIF": _open_avif,
}


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
