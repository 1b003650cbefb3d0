"""What a restored photo keeps of the EXIF of the one it was made from: when, with what, and by whom it was taken.

The place is left out unless asked for. So is everything that may hold it unseen, or that is no longer true: the
embedded thumbnail (it shows the dark photo), the maker's notes, and whatever is not listed here.
"""

from contextlib import suppress
from typing import Any

from PIL import ExifTags, Image

__all__ = ["kept_exif"]

Base, IFD = ExifTags.Base, ExifTags.IFD

KEPT = (
    Base.ImageDescription, Base.Make, Base.Model, Base.DateTime, Base.Artist, Base.Copyright,
)  # fmt: skip
KEPT_OF_THE_SHOT = (
    Base.ExposureTime, Base.FNumber, Base.ExposureProgram, Base.ISOSpeedRatings, Base.SensitivityType,
    Base.DateTimeOriginal, Base.DateTimeDigitized, Base.OffsetTime, Base.OffsetTimeOriginal, Base.OffsetTimeDigitized,
    Base.SubsecTime, Base.SubsecTimeOriginal, Base.SubsecTimeDigitized,
    Base.ShutterSpeedValue, Base.ApertureValue, Base.BrightnessValue, Base.ExposureBiasValue, Base.MaxApertureValue,
    Base.SubjectDistance, Base.MeteringMode, Base.LightSource, Base.Flash, Base.FocalLength,
    Base.ExposureMode, Base.WhiteBalance, Base.DigitalZoomRatio, Base.FocalLengthIn35mmFilm, Base.SceneCaptureType,
    Base.LensSpecification, Base.LensMake, Base.LensModel,
)  # fmt: skip

LONGEST = 2000  # bytes or letters of one entry; a JPEG holds 65,000 in all
SRGB = 1  # the value of ColorSpace


def kept_exif(picture: Image.Image, keep_location: bool) -> bytes:
    """The EXIF block for a result.

    Args:
        picture: Decoded, and turned upright.
        keep_location: Whether the place (GPS) stays.

    Returns:
        A block beginning with `Exif`, that says upright and sRGB; empty if the photo has none that can be read.
    """
    with suppress(Exception):  # a broken EXIF block is no reason to refuse the photo
        old = picture.getexif()
        new = Image.Exif()
        for tag, value in _writable(old, KEPT).items():
            new[tag] = value
        shot = _writable(old.get_ifd(IFD.Exif), KEPT_OF_THE_SHOT, IFD.Exif)
        place = _writable(old.get_ifd(IFD.GPSInfo), tuple(ExifTags.GPS), IFD.GPSInfo) if keep_location else {}
        if not (len(new) or shot or place):
            return b""
        new[Base.Orientation] = 1
        size = {Base.ExifImageWidth: picture.width, Base.ExifImageHeight: picture.height}
        new[IFD.Exif] = {**shot, **size, Base.ExifVersion: b"0232", Base.ColorSpace: SRGB}
        if place:
            new[IFD.GPSInfo] = place
        return new.tobytes()
    return b""


def _writable(entries: Any, tags: tuple[int, ...], group: int | None = None) -> dict[int, Any]:
    """Those of the entries that are there, short, and of a type that can be written again."""
    found = {}
    for tag in tags:
        with suppress(Exception):
            alone, value = Image.Exif(), entries[tag]
            alone[tag if group is None else group] = value if group is None else {tag: value}
            if len(alone.tobytes()) < LONGEST:
                found[tag] = value
    return found
