"""What a result keeps of its photo's EXIF, read back by Pillow and by ExifTool."""

import io
import json
import shutil
import subprocess

import numpy as np
import pytest
from photo_cases import FIXTURES, encoded, gradient, shot_exif
from PIL import ExifTags, Image

from model.images.photo_exif import LONGEST
from model.images.photo_files import load_photo, save_image
from model.images.photo_writers import photo_bytes

SUFFIXES = [".png", ".jpg", ".webp", ".tif", ".jfif", ".tiff"]


def shot(kind: str) -> bytes:
    """A photo with the EXIF of a phone."""
    if kind == "HEIC":
        return (FIXTURES / "phone.heic").read_bytes()
    exif = shot_exif().tobytes()
    if kind == "TIFF of 16 bits":
        return photo_bytes(".tif", gradient().astype(np.uint16) * 257, exif)
    return encoded(gradient(), kind, exif=exif)


def kept(kind: str, suffix: str, tmp_path, **options) -> Image.Exif:
    photo = load_photo(shot(kind), **options)
    save_image(tmp_path / f"out{suffix}", photo.pixels, photo)
    with Image.open(tmp_path / f"out{suffix}") as picture:
        picture.load()
        exif = picture.getexif()
        exif.get_ifd(0x8769), exif.get_ifd(0x8825)  # before the file is closed
        assert picture.size == photo.pixels.shape[1::-1]
    return exif


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF", "TIFF of 16 bits", "AVIF", "HEIC"])
def test_date_and_camera_stay_and_the_place_does_not(kind, suffix, tmp_path, require):
    if kind == "HEIC":
        require(pytest.importorskip("pi_heif"), "needs pi-heif")
    exif = kept(kind, suffix, tmp_path)
    assert exif[0x0110] in ("Phone 9", "iPhone 15")
    assert exif[0x0112] == 1, "upright: the pixels were turned"
    shot_details = exif.get_ifd(0x8769)
    assert shot_details[0x9003].endswith(" 21:22:23")
    assert float(shot_details[0x829A]) == pytest.approx(1 / 25)
    assert shot_details[0xA001] == 1, "sRGB"
    assert (shot_details[0xA002], shot_details[0xA003]) == ((80, 48) if kind == "HEIC" else (48, 80))
    assert 0x927C not in shot_details, "maker's notes may hold anything"
    assert not exif.get_ifd(0x8825)
    assert 0x0201 not in exif and not exif.get_ifd(ExifTags.IFD.IFD1)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_the_place_stays_when_asked_for(kind, suffix, tmp_path):
    place = kept(kind, suffix, tmp_path, keep_location=True).get_ifd(0x8825)
    assert (place[1], place[3]) == ("N", "E")
    assert [float(part) for part in place[2]] == [48, 51, 29]
    assert [float(part) for part in place[4]] == [2, 17, 40]


def test_other_details_and_a_negative_number():
    details = Image.Exif()
    details.load(load_photo(shot("JPEG")).exif)
    shot_details = details.get_ifd(0x8769)
    assert (shot_details[0x8827], shot_details[0xA434], shot_details[0x9011]) == (1600, "wide lens", "+02:00")
    assert float(shot_details[0x9204]) == pytest.approx(-1 / 3)


def test_a_thumbnail_is_left_behind():
    thumbnail = encoded(gradient()[::4, ::4], "JPEG")
    first = shot_exif().tobytes()[6:]
    whole = bytearray(first + b"\0" * (len(first) % 2))
    count = int.from_bytes(whole[8:10], "big")
    at = 10 + 12 * count  # where the first directory says where the second one is
    start = len(whole)
    whole[at : at + 4] = start.to_bytes(4, "big")
    entries = ((0x0103, 3, 6 << 16), (0x0201, 4, start + 2 + 36 + 4), (0x0202, 4, len(thumbnail)))
    whole += len(entries).to_bytes(2, "big")
    for tag, kind, value in entries:
        whole += tag.to_bytes(2, "big") + kind.to_bytes(2, "big") + (1).to_bytes(4, "big") + value.to_bytes(4, "big")
    content = encoded(gradient(), "JPEG", exif=b"Exif\0\0" + bytes(whole) + bytes(4) + thumbnail)
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(ExifTags.IFD.IFD1)[0x0202] == len(thumbnail)
    exif = load_photo(content).exif
    assert exif and b"\xff\xd8\xff" not in exif


@pytest.mark.parametrize(
    "exif", [b"", b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"]
)
def test_without_exif_that_can_be_read_there_is_none(exif):
    assert load_photo(encoded(gradient(), "JPEG", exif=exif)).exif == b""


def test_a_photo_turned_and_nothing_more_needs_no_exif():
    turned = Image.Exif()
    turned[0x0112] = 6
    photo = load_photo(encoded(gradient(), "JPEG", exif=turned))
    assert photo.exif == b"" and photo.pixels.shape == (80, 48, 3)


def test_entries_of_odd_types_and_lengths_cost_no_photo(tmp_path):
    odd = shot_exif()
    odd[0x010E], odd[0x013B] = "x" * (LONGEST + 1), "A. Photographer"
    odd[0x8298] = 12345  # a number where letters belong
    photo = load_photo(encoded(gradient(), "JPEG", exif=odd))
    details = Image.Exif()
    details.load(photo.exif)
    assert 0x010E not in details and details[0x013B] == "A. Photographer"
    for suffix in SUFFIXES:
        save_image(tmp_path / f"out{suffix}", photo.pixels, photo)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "TIFF of 16 bits"])
def test_exiftool_reads_date_camera_profile_and_no_place(kind, suffix, tmp_path, require):
    require(shutil.which("exiftool"), "needs exiftool: apt-get install libimage-exiftool-perl")
    for name, keep in (("without", False), ("with", True)):
        photo = load_photo(shot(kind), keep_location=keep)
        save_image(tmp_path / f"{name}{suffix}", photo.pixels, photo)
        command = ["exiftool", "-j", "-G1", "-n", "-validate", "-warning", "-a", "-all", tmp_path / f"{name}{suffix}"]
        [found] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        assert (found["IFD0:Make"], found["IFD0:Model"], found["IFD0:Orientation"]) == ("Maker", "Phone 9", 1)
        assert found["ICC_Profile:ProfileDescription"] == "sRGB built-in"
        assert found["ExifIFD:ColorSpace"] == 1
        assert found["ExifIFD:DateTimeOriginal"] == "2026:05:04 21:22:23"
        assert ("GPS:GPSLatitude" in found) == keep
        assert not [key for key in found if "Thumbnail" in key or "MakerNote" in key]
        assert "ExifTool:Error" not in found
    depth = {".png": "PNG:BitDepth", ".tif": "IFD0:BitsPerSample", ".tiff": "IFD0:BitsPerSample"}.get(suffix)
    if depth:
        assert str(found[depth]).split()[0] == ("16" if kind == "TIFF of 16 bits" else "8")
