"""Photos in every format that is read, made here or, where nothing here can write it, taken from `tests/fixtures`."""

import io
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

from model.images.photo_writers import photo_bytes

__all__ = [
    "FIXTURES",
    "WHOLE",
    "dark_gradient",
    "encoded",
    "gradient",
    "png_of_16_bits",
    "profile",
    "shot_exif",
    "tiff",
    "whole_photo",
]

FIXTURES = Path(__file__).parents[1] / "fixtures" / "photos"

WHOLE = {
    "PNG": ".png",
    "JPEG": ".jpg",
    "WebP": ".webp",
    "TIFF": ".tif",
    "TIFF, LZW": ".tiff",
    "TIFF of 16 bits": ".tif",
    "PNG of 16 bits": ".png",
    "BMP": ".bmp",
    "AVIF": ".avif",
    "HEIC": ".heic",
}
"""What `whole_photo` makes, and the usual suffix of each."""


def gradient() -> np.ndarray:
    """48 high, 80 wide, uint8; its four corners differ."""
    y, x = np.mgrid[0:48, 0:80]
    return np.stack([x * 3, y * 5, 255 - x * 2 - y * 2], axis=-1).astype(np.uint8)


def dark_gradient() -> np.ndarray:
    """(64, 64, 3) uint16: 4,096 levels of red, the same backwards in blue, all darker than 1/16 of white."""
    red = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    return np.stack([red, red.T, 4095 - red], axis=-1)


def encoded(pixels: np.ndarray | Image.Image, kind: str, **options) -> bytes:
    """A picture as Pillow writes it."""
    file = io.BytesIO()
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(file, format=kind, **options)
    return file.getvalue()


def tiff(pixels: np.ndarray, photometric: str = "rgb", **options) -> bytes:
    """A TIFF as tifffile writes it."""
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, photometric=photometric, **options)
    return file.getvalue()


def png_of_16_bits(pixels: np.ndarray) -> bytes:
    """(height, width, 1 to 4) uint16 as libpng writes it for TensorFlow."""
    import tensorflow as tf

    return bytes(tf.io.encode_png(tf.constant(pixels, tf.uint16)).numpy())


def whole_photo(kind: str) -> bytes:
    """`gradient()` in one of the kinds of `WHOLE`."""
    pixels = gradient()
    match kind:
        case "HEIC":
            return (FIXTURES / "phone.heic").read_bytes()
        case "TIFF, LZW":
            return encoded(pixels, "TIFF", compression="tiff_lzw")
        case "TIFF of 16 bits":
            return tiff(pixels.astype(np.uint16) * 257, compression="zlib", predictor=True)
        case "PNG of 16 bits":
            return photo_bytes(".png", pixels.astype(np.uint16) * 257, b"")
        case "JPEG" | "AVIF":
            return encoded(pixels, kind, quality=95, subsampling="4:4:4")
        case "WebP":
            return encoded(pixels, kind, lossless=True)
        case _:
            return encoded(pixels, kind)


def shot_exif(orientation: int = 6) -> Image.Exif:
    """What a phone writes: date, camera, exposure, place, maker's notes."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132], exif[0x0112] = "Maker", "Phone 9", "2026:05:04 21:22:23", orientation
    exif[0x8769] = {
        0x9003: "2026:05:04 21:22:23",
        0x9011: "+02:00",
        0x829A: IFDRational(1, 25),
        0x9204: IFDRational(-1, 3),
        0x8827: 1600,
        0xA434: "wide lens",
        0x927C: b"Maker\0where I live",
    }
    exif[0x8825] = {1: "N", 2: tuple(map(IFDRational, (48, 51, 29))), 3: "E", 4: tuple(map(IFDRational, (2, 17, 40)))}
    return exif


def profile(columns: np.ndarray | None = None, gamma: float | None = None) -> bytes:
    """An ICC profile like sRGB's, with other primaries or another curve.

    Args:
        columns: (3, 3), XYZ under D50 of red, green and blue light in its columns.
        gamma: The power of the curve, a multiple of 1/256.
    """
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag in range(int.from_bytes(content[128:132], "big")):
        entry = bytes(content[132 + 12 * tag : 144 + 12 * tag])
        name, start, size = entry[:4].decode(), int.from_bytes(entry[4:8], "big"), int.from_bytes(entry[8:], "big")
        if name == "desc":
            content[start : start + size] = bytes(content[start : start + size]).replace(
                "sRGB".encode("utf-16-be"), "test".encode("utf-16-be")
            )
        if name[1:] == "XYZ" and columns is not None:
            column = np.rint(columns[:, "rgb".index(name[0])] * 65536).astype(">i4")
            content[start + 8 : start + 20] = column.tobytes()
        if name[1:] == "TRC" and gamma is not None:
            content[start : start + 14] = b"curv" + bytes(4) + b"\0\0\0\1" + round(gamma * 256).to_bytes(2, "big")
    return bytes(content)
