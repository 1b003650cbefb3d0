"""Photos as the bytes of a file: tagged as sRGB, with EXIF and transparency, in PNG and TIFF with 16 bits if asked.

Pillow writes no colours of 16 bits; both formats are a few numbers before compressed rows. PNG: W3C PNG (third
edition), sections 7.2, 9 and 11; TIFF: TIFF 6.0, sections 2, 14 and 18.
"""

import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin, TiffImagePlugin, TiffTags

from model.images.colour_profiles import srgb_profile

__all__ = ["HAVE_16_BITS", "HAVE_ALPHA", "LONGEST_SIDE", "WRITERS", "photo_bytes"]

# Lossy formats are written close to lossless: what the network did must stay to be seen.
JPEG: tuple[str, dict[str, Any]] = ("JPEG", {"quality": 95, "subsampling": 0})
WRITERS: Mapping[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {}),
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), JPEG),
    ".webp": ("WebP", {"quality": 95}),
    **dict.fromkeys((".tif", ".tiff"), ("TIFF", {})),
}
"""For each suffix that can be written, Pillow's name of the format and its options."""

HAVE_16_BITS = (".png", ".tif", ".tiff")
HAVE_ALPHA = (*HAVE_16_BITS, ".webp")

LONGEST_SIDE = {"WebP": 16383, "JPEG": 65500}
"""Pixels, by Pillow's name of the format: more its encoders do not take."""

IDAT_BYTES = 1 << 24
FILTER_UP = 2  # of a row of a PNG: each byte less the one above it
DEFLATE, HORIZONTAL_DIFFERENCES, STRAIGHT_ALPHA = 8, 2, 2  # numbers of TIFF's Compression, Predictor, ExtraSamples
STRIP_ROWS = 64


def photo_bytes(suffix: str, pixels: np.ndarray, exif: bytes) -> bytes:
    """A picture as a file.

    Args:
        suffix: A key of `WRITERS`.
        pixels: (height, width, 3 or 4) uint8 or uint16, sRGB; the fourth is alpha. What `HAVE_16_BITS` and `HAVE_ALPHA`
            do not list takes neither.
        exif: A block that begins with `Exif`, or nothing.

    Raises:
        OSError or ValueError: If the format cannot hold a picture of this size.
    """
    kind, options = WRITERS[suffix]
    if kind == "TIFF":
        return _tiff(pixels, exif)
    if pixels.dtype == np.uint16:
        return _png(pixels, exif)
    content = BytesIO()
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    picture.save(content, format=kind, icc_profile=srgb_profile(), exif=exif, **options)
    return content.getvalue()


def _png(pixels: np.ndarray, exif: bytes) -> bytes:
    height, width, channels = pixels.shape
    rows = pixels.astype(">u2").reshape(height, -1).view(np.uint8)  # (height, 2 · width · channels)
    filtered = np.empty((height, 1 + rows.shape[1]), np.uint8)
    filtered[:, 0] = FILTER_UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])  # modulo 256
    file = BytesIO()
    file.write(b"\x89PNG\r\n\x1a\n")
    colour = {3: 2, 4: 6}[channels]  # RGB, RGBA
    PngImagePlugin.putchunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0))
    PngImagePlugin.putchunk(file, b"iCCP", b"sRGB\0\0" + zlib.compress(srgb_profile()))
    if exif:
        PngImagePlugin.putchunk(file, b"eXIf", exif.removeprefix(b"Exif\0\0"))
    packed = zlib.compress(filtered.tobytes())
    for at in range(0, len(packed), IDAT_BYTES):
        PngImagePlugin.putchunk(file, b"IDAT", packed[at : at + IDAT_BYTES])
    PngImagePlugin.putchunk(file, b"IEND")
    return file.getvalue()


def _tiff(pixels: np.ndarray, exif: bytes) -> bytes:
    height, width, channels = pixels.shape
    pixels = pixels.astype(pixels.dtype.newbyteorder("<"))
    pixels[:, 1:] -= pixels[:, :-1].copy()  # modulo 256 or 65536
    strips = [zlib.compress(pixels[top : top + STRIP_ROWS].tobytes()) for top in range(0, height, STRIP_ROWS)]
    sizes = [len(strip) for strip in strips]
    tags = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II")
    old = Image.Exif()
    old.load(exif)
    for tag in old:
        tags[tag] = old.get_ifd(tag) if tag in TiffTags.TAGS_V2_GROUPS else old[tag]
    tags[TiffImagePlugin.IMAGEWIDTH], tags[TiffImagePlugin.IMAGELENGTH] = width, height
    tags[TiffImagePlugin.BITSPERSAMPLE] = (8 * pixels.itemsize,) * channels
    tags[TiffImagePlugin.COMPRESSION], tags[TiffImagePlugin.PREDICTOR] = DEFLATE, HORIZONTAL_DIFFERENCES
    tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION], tags[TiffImagePlugin.SAMPLESPERPIXEL] = 2, channels  # RGB
    tags[TiffImagePlugin.PLANAR_CONFIGURATION], tags[TiffImagePlugin.ROWSPERSTRIP] = 1, STRIP_ROWS
    for tag, numbers in (
        (TiffImagePlugin.STRIPOFFSETS, np.cumsum([0, *sizes[:-1]]).tolist()),  # where the strips begin is added
        (TiffImagePlugin.STRIPBYTECOUNTS, sizes),
    ):
        tags.tagtype[tag] = TiffTags.LONG
        tags[tag] = tuple(numbers)
    if channels == 4:
        tags[TiffImagePlugin.EXTRASAMPLES] = STRAIGHT_ALPHA
    tags.tagtype[TiffImagePlugin.ICCPROFILE] = TiffTags.UNDEFINED
    tags[TiffImagePlugin.ICCPROFILE] = srgb_profile()
    file = BytesIO()
    tags.save(file)
    file.writelines(strips)
    return file.getvalue()
