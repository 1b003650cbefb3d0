"""Colour profiles (ICC): pixels of any profile to sRGB, in 8 bits by Little CMS, in 16 bits by the formulas below.

Little CMS works in 8 bits when Pillow calls it. A profile of a camera or a screen is a curve for each channel and a
matrix (ICC.1:2022, section 8.3.3): `XYZ = M · curve(RGB)`, so 16-bit pixels are converted here with three tables and
one product of matrices.
"""

import struct
from contextlib import suppress
from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from model.images.darken import to_srgb

__all__ = ["picture_to_srgb", "srgb_profile", "wide_to_srgb"]

LEVELS = 1 << 16
BAND_ROWS = 256  # so that a large photo needs no second copy in floats


@cache
def srgb_profile() -> bytes:
    """The profile that says "sRGB", the same bytes every time: the date of its making is blanked."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    return bytes(profile)


def picture_to_srgb(picture: Image.Image) -> Image.Image:
    """L, RGB, CMYK or LAB to RGB, by the picture's colour profile where it has one that works."""
    profile = _own_profile(picture.info.get("icc_profile"))
    if profile is None and picture.mode == "LAB":
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    if profile is not None:
        with suppress(ImageCms.PyCMSError, ImportError, OSError, ValueError, TypeError):
            converted = ImageCms.profileToProfile(picture, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
    return picture.convert("RGB")


def wide_to_srgb(pixels: np.ndarray, embedded: bytes | None) -> np.ndarray | None:
    """16-bit pixels in sRGB.

    Args:
        pixels: (height, width, 1 or 3) uint16.
        embedded: The photo's profile, if it has one.

    Returns:
        (height, width, 3) float32 in [0, 1]; None if the profile works but is no matrix with curves.
    """
    if _own_profile(embedded) is None:
        return _three(pixels).astype(np.float32) / np.float32(LEVELS - 1)
    try:
        curves, to_xyz = _curves_and_matrix(embedded or b"", pixels.shape[2])
        _, srgb_to_xyz = _curves_and_matrix(srgb_profile(), 3)
    except (KeyError, ValueError, IndexError, struct.error):
        return None
    matrix = (np.linalg.inv(srgb_to_xyz) @ to_xyz).astype(np.float32) if pixels.shape[2] == 3 else np.eye(3, dtype="f4")
    result = np.empty((*pixels.shape[:2], 3), np.float32)
    for top in range(0, len(pixels), BAND_ROWS):
        band = pixels[top : top + BAND_ROWS]
        light = np.stack([curve[band[..., channel]] for channel, curve in enumerate(curves)], axis=-1)
        result[top : top + BAND_ROWS] = to_srgb(_three(light) @ matrix.T)
    return result


def _own_profile(embedded: bytes | None) -> ImageCms.ImageCmsProfile | None:
    """A profile that works and is another one than sRGB.

    Most photos say that they are sRGB already: their bytes are left alone, not rounded again.
    """
    if embedded:
        with suppress(ImageCms.PyCMSError, ImportError, OSError, ValueError, TypeError):
            profile = ImageCms.ImageCmsProfile(BytesIO(embedded))
            if "sRGB" not in ImageCms.getProfileDescription(profile):
                return profile
    return None


def _three(pixels: np.ndarray) -> np.ndarray:
    return np.repeat(pixels, 3, axis=-1) if pixels.shape[2] == 1 else pixels


def _curves_and_matrix(profile: bytes, channels: int) -> tuple[list[np.ndarray], np.ndarray]:
    """For each channel the light of every 16-bit level, and the matrix from RGB light to XYZ under D50.

    Raises:
        KeyError, ValueError, IndexError or struct.error: If the profile is of another kind, or damaged.
    """
    tags = _tags(profile)
    if "A2B0" in tags or profile[20:24] != b"XYZ ":
        raise ValueError("a profile of tables")
    if channels == 1:
        return [_curve(tags["kTRC"])], np.eye(3)
    columns = [np.array(struct.unpack(">3i", tags[f"{colour}XYZ"][8:20])) / 65536 for colour in "rgb"]
    return [_curve(tags[f"{colour}TRC"]) for colour in "rgb"], np.stack(columns, axis=-1)


def _tags(profile: bytes) -> dict[str, bytes]:
    (count,) = struct.unpack(">I", profile[128:132])
    entries = (struct.unpack(">4sII", profile[at : at + 12]) for at in range(132, 132 + 12 * min(count, 100), 12))
    return {name.decode("latin-1"): profile[offset : offset + size] for name, offset, size in entries}


def _curve(tag: bytes) -> np.ndarray:
    """(65536,) float32: light for each level, of a curve (ICC.1:2022, sections 10.6 and 10.18)."""
    level = np.arange(LEVELS) / (LEVELS - 1)
    if tag[:4] == b"curv":
        (count,) = struct.unpack(">I", tag[8:12])
        points = np.frombuffer(tag, ">u2", min(count, LEVELS), 12)
        if count == 0:
            light = level
        elif count == 1:
            light = level ** (points[0] / 256)
        else:
            light = np.interp(level, np.linspace(0, 1, len(points)), points / 65535)
    elif tag[:4] == b"para":
        (kind,) = struct.unpack(">H", tag[8:10])
        numbers = np.frombuffer(tag, ">i4", (1, 3, 4, 5, 7)[kind], 12) / 65536
        light = _parametric(level, *numbers)
    else:
        raise ValueError("an unknown kind of curve")
    if not np.isfinite(light).all():
        raise ValueError("a curve without sense")
    return light.clip(0, 1).astype(np.float32)


def _parametric(
    x: np.ndarray,
    g: float,
    a: float = 1,
    b: float = 0,
    c: float = 0,
    d: float | None = None,
    e: float = 0,
    f: float = 0,
) -> np.ndarray:
    """Types 0 to 4: a power with a straight foot below `d`; types 1 and 2 have a level foot below -b / a."""
    power = np.maximum(a * x + b, 0) ** g
    if d is None:  # types 0 to 2: `c` is added everywhere
        return power + c
    return np.where(x >= d, power + e, c * x + f)
