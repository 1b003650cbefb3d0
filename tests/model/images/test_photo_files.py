"""Photos in and out: every good kind is read right, every bad one is refused in one sentence."""

import io
import os
import pathlib
import struct
import subprocess
import sys
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from model.errors import ImageError, MirnetError
from model.images.photo_files import (
    as_float,
    as_uint8,
    check_suffix,
    list_images,
    load_image,
    resize_to_fit,
    save_image,
)

BLACK = (0, 0, 0)
# JPEG and lossy WebP of a smooth picture, at the quality we write: two levels of 255.
LOSSY_LEVELS = 2
# A round trip through a colour profile rounds twice.
PROFILE_LEVELS = 2
# What may be missing without a loss: the checksums and the end mark of a PNG (4 + 4 + 12), the end of the last code.
TRAILER_BYTES = 24
# What the refusal of a picture bomb may cost; decoding one costs 400 MB at least.
BOMB_GROWTH_MB = 50


@pytest.fixture
def photo():
    """A smooth colour picture whose four corners differ, 12 high and 20 wide."""
    y, x = np.mgrid[0:12, 0:20]
    return np.stack([x * 12, y * 20, 255 - x * 6 - y * 5], axis=-1).astype(np.uint8)


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, format=kind, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, colour: int, body: bytes, extra: bytes = b"") -> bytes:
    """A PNG written by hand. `colour`: 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGB + alpha."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", header), extra, chunk(b"IDAT", body), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def png_bomb(side: int, depth: int, colour: int) -> bytes:
    """A valid black picture of side × side pixels, whose 100 rows are deflated once and then repeated."""
    row = 1 + (side * depth * {0: 1, 2: 3}[colour] + 7) // 8
    deflate = zlib.compressobj(9, wbits=-15)
    hundred = deflate.compress(bytes(100 * row)) + deflate.flush(zlib.Z_FULL_FLUSH)
    checksum = struct.pack(">HH", side * row % 65521, 1)  # Adler-32 of nothing but zeros
    return png(side, side, depth, colour, b"\x78\xda" + hundred * (side // 100) + b"\x03\x00" + checksum)


def webp_bomb(side: int) -> bytes:
    """A lossless WebP header that claims side × side pixels, with nothing behind it."""
    bits = (side - 1) | (side - 1) << 14
    body = b"WEBPVP8L" + struct.pack("<IBI", 1000, 0x2F, bits) + bytes(1000)
    return b"RIFF" + struct.pack("<I", len(body)) + body


# --- reading what is good -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WebP", {"lossless": True})])
def test_lossless_formats_give_the_same_bytes(photo, kind, options):
    image = load_image(encoded(Image.fromarray(photo), kind, **options))
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, photo)


def test_jpeg_gives_nearly_the_same_bytes(photo):
    image = load_image(encoded(Image.fromarray(photo), "JPEG", quality=100, subsampling=0))
    assert image.shape == photo.shape
    assert np.abs(image.astype(int) - photo).max() <= LOSSY_LEVELS


def test_path_bytes_and_open_file_give_the_same(photo, tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(photo).save(path)
    with open(path, "rb") as file:
        images = [
            load_image(path),
            load_image(str(path)),
            load_image(path.read_bytes()),
            load_image(io.BytesIO(path.read_bytes())),
            load_image(file),
        ]
    for image in images:
        np.testing.assert_array_equal(image, photo)
    images[0][:] = 0  # the caller may write into it


def test_the_content_decides_not_the_name(photo, tmp_path):
    path = tmp_path / "really-a-png.jpg"
    Image.fromarray(photo).save(path, format="PNG")
    np.testing.assert_array_equal(load_image(path), photo)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WebP"])
def test_exif_rotation_is_undone(photo, orientation, kind):
    # How a viewer must turn what is stored, EXIF 2.3: stored row 0 is at the top, bottom, left or right.
    stored = {
        1: photo,
        2: photo[:, ::-1],
        3: photo[::-1, ::-1],
        4: photo[::-1],
        5: photo.transpose(1, 0, 2),
        6: np.rot90(photo, 1),
        7: photo[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(photo, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WebP" else {}
    data = encoded(Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif, **options)
    np.testing.assert_array_equal(load_image(data), photo)


@pytest.mark.parametrize("garbage", [b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0"])
def test_broken_exif_does_not_spoil_a_good_photo(photo, garbage):
    data = encoded(Image.fromarray(photo), "JPEG", quality=100, exif=garbage)
    assert load_image(data).shape == photo.shape


def test_grey_becomes_three_equal_channels():
    grey = np.arange(0, 256, 4, dtype=np.uint8).reshape(8, 8)
    image = load_image(encoded(Image.fromarray(grey), "PNG"))
    for channel in range(3):
        np.testing.assert_array_equal(image[..., channel], grey)


def test_one_bit_picture_is_black_and_white():
    image = load_image(encoded(Image.fromarray(np.eye(4, dtype=np.uint8) * 255).convert("1"), "PNG"))
    np.testing.assert_array_equal(image[..., 0], np.eye(4) * 255)


def test_sixteen_bit_grey_is_scaled_and_rounded():
    wide = np.array([[0, 128, 129, 257, 257 * 100, 65535]], dtype=np.uint16)
    data = png(6, 1, 16, 0, zlib.compress(b"\0" + wide.astype(">u2").tobytes()))
    np.testing.assert_array_equal(load_image(data)[0, :, 0], [0, 0, 1, 1, 100, 255])


def test_sixteen_bit_colour_is_scaled():
    exact = np.array([0, 255, 100, 7, 1, 254], dtype=np.uint16)  # each 8-bit level is exactly 257 times itself
    data = png(2, 1, 16, 2, zlib.compress(b"\0" + (exact * 257).astype(">u2").tobytes()))
    np.testing.assert_array_equal(load_image(data).ravel(), exact)


def test_transparent_becomes_black_and_half_transparent_half_as_bright():
    rgba = np.array([[[200, 100, 50, 255], [200, 100, 50, 0], [200, 100, 50, 128]]], dtype=np.uint8)
    for data in (
        encoded(Image.fromarray(rgba), "PNG"),
        encoded(Image.fromarray(rgba), "WebP", lossless=True, exact=True),
    ):
        image = load_image(data)
        np.testing.assert_array_equal(image[0, 0], [200, 100, 50])
        np.testing.assert_array_equal(image[0, 1], BLACK)
        np.testing.assert_array_equal(image[0, 2], [100, 50, 25])


def test_grey_with_alpha_too():
    data = encoded(Image.fromarray(np.array([[[200, 255], [200, 0]]], dtype=np.uint8)), "PNG")
    np.testing.assert_array_equal(load_image(data)[0], [[200] * 3, BLACK])


def test_palette_with_transparency():
    palette = chunk(b"PLTE", bytes([10, 20, 30, 200, 100, 50]))
    body = zlib.compress(b"\0" + bytes([0, 1]))
    opaque = load_image(png(2, 1, 8, 3, body, palette))
    np.testing.assert_array_equal(opaque[0], [[10, 20, 30], [200, 100, 50]])
    seen_through = load_image(png(2, 1, 8, 3, body, palette + chunk(b"tRNS", bytes([255, 0]))))
    np.testing.assert_array_equal(seen_through[0], [[10, 20, 30], BLACK])


def test_one_colour_declared_transparent():
    body = zlib.compress(b"\0" + bytes([1, 2, 3, 9, 8, 7]))
    image = load_image(png(2, 1, 8, 2, body, chunk(b"tRNS", struct.pack(">3H", 9, 8, 7))))
    np.testing.assert_array_equal(image[0], [[1, 2, 3], BLACK])


def test_cmyk_jpeg_becomes_rgb():
    red = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    image = load_image(encoded(red, "JPEG", quality=100))
    assert np.abs(image.astype(int) - [255, 0, 0]).max() <= LOSSY_LEVELS


def linear_profile() -> bytes:
    """An ICC profile with sRGB's colours and no gamma: the sRGB profile with its curves made straight."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag in range(int.from_bytes(profile[128:132], "big")):
        name, offset, size = struct.unpack(">4sII", profile[132 + 12 * tag : 144 + 12 * tag])
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            profile[offset : offset + 12] = b"curv" + bytes(8)  # a curve of no points is the identity
        if name == b"desc":
            profile[offset : offset + size] = bytes(profile[offset : offset + size]).replace(
                "sRGB".encode("utf-16-be"), "line".encode("utf-16-be")
            )
    return bytes(profile)


def test_colour_profile_is_converted_to_srgb():
    linear = np.full((4, 4, 3), 55, dtype=np.uint8)  # linear light 55 / 255 is the sRGB level 128
    image = load_image(encoded(Image.fromarray(linear), "PNG", icc_profile=linear_profile()))
    assert np.abs(image.astype(int) - 128).max() <= PROFILE_LEVELS


def test_srgb_profile_leaves_the_bytes_alone(photo):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    np.testing.assert_array_equal(load_image(encoded(Image.fromarray(photo), "PNG", icc_profile=profile)), photo)


def test_broken_profile_is_ignored(photo):
    data = encoded(Image.fromarray(photo), "PNG", icc_profile=b"not a profile" * 20)
    np.testing.assert_array_equal(load_image(data), photo)


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WebP", {"lossless": True})])
def test_first_picture_of_an_animation(photo, kind, options):
    frames = [Image.fromarray(photo), Image.fromarray(255 - photo)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, **options)
    np.testing.assert_array_equal(load_image(data), photo)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WebP"])
def test_one_pixel_is_a_picture(kind):
    assert load_image(encoded(Image.new("RGB", (1, 1), "white"), kind)).shape == (1, 1, 3)


# --- refusing what is bad -------------------------------------------------------------------------------------


def refused(source, **options) -> str:
    """The message of the refusal; it must be one line, and an error that the command line knows."""
    with pytest.raises(ImageError) as caught:
        load_image(source, **options)
    message = str(caught.value)
    assert isinstance(caught.value, MirnetError)
    assert len(message.splitlines()) == 1
    return message


def test_missing_file(tmp_path):
    assert "nothing.png: there is no such file" in refused(tmp_path / "nothing.png")


def test_folder(tmp_path):
    assert "is a folder" in refused(tmp_path)


@pytest.mark.parametrize("path", ["a\0b.png", "x" * 5000 + ".png", "photo.png/inside.png"])
def test_impossible_paths(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.png").write_bytes(b"x")
    assert "check the path" in refused(path)


def test_name_with_a_line_break_stays_on_one_line(tmp_path):
    assert "two\\nlines.png" in refused(tmp_path / "two\nlines.png")


def test_permission_denied(photo, tmp_path, monkeypatch):
    path = tmp_path / "photo.png"
    Image.fromarray(photo).save(path)
    if os.geteuid() == 0:  # nothing is forbidden to root, so the system's answer is played
        monkeypatch.setattr("builtins.open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "denied")))
    else:
        path.chmod(0)
    assert "may not be read" in refused(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert "not an ordinary file" in refused(tmp_path / "pipe.png")


def test_empty(tmp_path):
    (tmp_path / "empty.png").touch()
    assert "is empty (0 bytes)" in refused(tmp_path / "empty.png")
    assert "upload.png: is empty" in refused(b"", name="upload.png")


def test_text_and_other_formats(photo):
    assert "is not a PNG, JPEG, WebP, HEIC, AVIF, TIFF or BMP" in refused(b"just some text")
    picture = Image.fromarray(photo)
    for kind in ("GIF", "PPM", "ICO", "PDF", "TGA", "PCX"):
        assert "convert it" in refused(encoded(picture, kind)), kind


def test_picture_behind_something_else_is_refused(photo):
    data = encoded(Image.fromarray(photo), "PNG")
    assert "is not a PNG" in refused(b"%PDF-1.7\n" + data)
    assert "is not a PNG" in refused(b"<svg>" + data)


@pytest.mark.parametrize("source", [None, 3, np.zeros((2, 2, 3)), ["a.png"]])
def test_what_is_no_source(source):
    assert "give a path, bytes or an open file" in refused(source)


def test_file_opened_as_text():
    assert "binary mode" in refused(io.StringIO("text"))


def test_closed_file():
    file = io.BytesIO(b"x")
    file.close()
    assert "open it again" in refused(file)


def test_uploads_are_called_by_their_name():
    upload = io.BytesIO(b"text")
    upload.name = "holiday.png"
    assert refused(upload).startswith("holiday.png: ")
    assert refused(upload, name="my picture").startswith("my picture: ")


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("WebP", {}), ("WebP", {"lossless": True})],
)
def test_every_truncation_is_refused_or_lost_nothing(photo, kind, options):
    data = encoded(Image.fromarray(photo), kind, **options)
    whole = load_image(data)
    refusals = 0
    for length in range(1, len(data)):
        try:
            image = load_image(data[:length])
        except ImageError as error:
            refusals += 1
            assert len(str(error).splitlines()) == 1
        else:
            np.testing.assert_array_equal(image, whole)  # only the file's trailer was cut off
    assert refusals >= len(data) - 1 - TRAILER_BYTES


def test_flipped_bytes_never_crash(photo):
    rng = np.random.default_rng(7)
    for kind in ("PNG", "JPEG", "WebP"):
        data = np.frombuffer(encoded(Image.fromarray(photo), kind), dtype=np.uint8)
        for _ in range(150):
            broken = data.copy()
            broken[rng.integers(len(data), size=3)] = rng.integers(256, size=3)
            try:
                image = load_image(broken.tobytes(), max_pixels=100_000)
            except ImageError:
                continue
            assert image.dtype == np.uint8
            assert image.shape[2] == 3


def test_damage_says_what_to_do(photo):
    data = encoded(Image.fromarray(photo), "PNG")
    assert "is damaged or incomplete" in refused(data[:60], name="cut.png")


def test_too_little_memory(photo, monkeypatch):
    def exhaust(self):
        raise MemoryError

    data = encoded(Image.fromarray(photo), "PNG")
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", exhaust)
    assert "not enough memory" in refused(data)


# --- the pixel limit ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WebP"])
def test_limit_is_exact(photo, kind):
    data = encoded(Image.fromarray(photo), kind)
    assert load_image(data, max_pixels=240).shape == photo.shape
    message = refused(data, max_pixels=239, name="photo")
    assert "20 × 12" in message
    assert "--max-pixels" in message


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "64"])
def test_limit_must_be_a_count(limit):
    assert "max_pixels must be an integer" in refused(b"", max_pixels=limit)


def test_all_three_kinds_of_webp_header(photo):
    picture = Image.fromarray(photo)
    lossy, lossless = encoded(picture, "WebP"), encoded(picture, "WebP", lossless=True)
    extended = encoded(picture, "WebP", exif=Image.Exif(), icc_profile=linear_profile())
    assert [data[12:16] for data in (lossy, lossless, extended)] == [b"VP8 ", b"VP8L", b"VP8X"]
    for data in (lossy, lossless, extended):
        assert load_image(data, max_pixels=240).shape == photo.shape
        assert "20 × 12" in refused(data, max_pixels=239)


PEAK_PROGRAM = """
import pathlib, resource, sys
from model.errors import ImageError
from model.images.photo_files import load_image

def peak_mb():
    status = pathlib.Path("/proc/self/status")
    if status.exists():  # Linux: its ru_maxrss starts from the parent's, which would hide all growth below that
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)

before = peak_mb()
try:
    load_image(sys.argv[1])
except ImageError as error:
    print(error, file=sys.stderr)
print(peak_mb() - before)
"""


def loaded_in_a_new_process(path):
    """What the program said, and how many megabytes its peak memory grew."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PEAK_PROGRAM, str(path)],
        cwd=pathlib.Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr, float(done.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="the resource module measures memory on Unix only")
@pytest.mark.parametrize(
    ("bomb", "largest_file"),
    [
        (lambda: png_bomb(20_000, depth=1, colour=0), 60_000),
        (lambda: png_bomb(20_000, depth=8, colour=2), 1_260_000),
        (lambda: webp_bomb(16_384), 2_000),
    ],
    ids=["1-bit PNG", "RGB PNG", "WebP"],
)
def test_bombs_are_refused_without_unpacking(bomb, largest_file, tmp_path):
    path = tmp_path / "bomb"
    path.write_bytes(bomb())
    assert path.stat().st_size < largest_file  # the danger: a small file
    message, growth = loaded_in_a_new_process(path)
    assert "megapixels, more than the limit of 64;" in message
    assert growth < BOMB_GROWTH_MB


@pytest.mark.skipif(sys.platform == "win32", reason="the resource module measures memory on Unix only")
def test_memory_is_really_measured(tmp_path):
    """A picture within the limit, 36 million pixels, is decoded, and that is seen."""
    (tmp_path / "large").write_bytes(png_bomb(6_000, depth=1, colour=0))
    message, growth = loaded_in_a_new_process(tmp_path / "large")
    assert message == ""
    assert growth > 2 * BOMB_GROWTH_MB


def test_the_bombs_are_valid_pictures():
    for depth, colour in ((1, 0), (8, 2)):
        image = load_image(png_bomb(200, depth, colour))
        assert image.shape == (200, 200, 3)
        assert not image.any()


@pytest.mark.parametrize("pillow_limit", [150, 100])
def test_pillows_own_limit_neither_warns_nor_refuses(photo, monkeypatch, pillow_limit):
    """A caller may raise our limit above Pillow's, which warns above once and refuses above twice its number."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", pillow_limit)
    data = encoded(Image.fromarray(photo), "PNG")  # 240 pixels
    with pytest.raises((Image.DecompressionBombWarning, Image.DecompressionBombError)):
        Image.open(io.BytesIO(data))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(load_image(data), photo)


# --- arrays ---------------------------------------------------------------------------------------------------


def test_bytes_to_floats_and_back_is_exact():
    every_level = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3)
    floats = as_float(every_level)
    assert floats.dtype == np.float32
    assert (floats.min(), floats.max()) == (0, 1)
    np.testing.assert_array_equal(as_uint8(floats), every_level)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_to_bytes_rounds_and_clips(dtype):
    values = np.array([[[-0.5, 0.0, 0.4 / 255], [0.6 / 255, 0.5, 0.875], [1.0, 1.2, 300.0]]], dtype=dtype)
    np.testing.assert_array_equal(as_uint8(values).ravel(), [0, 0, 0, 1, 128, 223, 255, 255, 255])


def test_tiny_overshoot_is_clipped_and_no_more():
    assert as_float(np.full((1, 1, 3), 1.0005)).max() == 1
    assert as_float(np.full((1, 1, 3), -0.0005)).min() == 0
    with pytest.raises(ImageError, match=r"run from 1\.01 to 1\.01"):
        as_float(np.full((1, 1, 3), 1.01))


def test_floats_up_to_255_are_told_to_divide():
    with pytest.raises(ImageError, match="divide by 255"):
        as_float(np.full((2, 2, 3), 255.0))
    with pytest.raises(ImageError, match="scale or clip"):
        as_float(np.full((2, 2, 3), -1.0))


@pytest.mark.parametrize("convert", [as_float, as_uint8])
def test_nan_is_refused_and_counted(convert):
    image = np.zeros((2, 3, 3), dtype=np.float32)
    image[0, 1, 2] = np.nan
    image[1, 1, 1] = np.inf
    with pytest.raises(ImageError, match=r"photo: 2 of 18 values are NaN or infinite, the first at \[0, 1, 2\]"):
        convert(image, name="photo")


@pytest.mark.parametrize("convert", [as_float, as_uint8])
@pytest.mark.parametrize(
    ("image", "fix"),
    [
        (np.zeros((4, 5), np.uint8), "np.stack"),
        (np.zeros((4, 5, 4), np.uint8), r"image\[\.\.\., :3\]"),
        (np.zeros((4, 5, 1), np.uint8), "np.repeat"),
        (np.zeros((3, 4, 5), np.uint8), "np.moveaxis"),
        (np.zeros((1, 4, 5, 3), np.uint8), r"images\[0\]"),
        (np.zeros(7, np.uint8), "last axis"),
        (np.zeros((0, 5, 3), np.uint8), "at least one pixel"),
        (np.zeros((4, 5, 3), np.int64), "dtype must be uint8"),
        (np.zeros((4, 5, 3), bool), "dtype must be uint8"),
        (np.zeros((4, 5, 3), np.uint16), "dtype must be uint8"),
        ("a string", "dtype must be uint8"),
        (None, "dtype must be uint8"),
    ],
)
def test_what_is_no_picture(convert, image, fix):
    with pytest.raises(ImageError, match=fix):
        convert(image)


# --- writing --------------------------------------------------------------------------------------------------


# WebP keeps one colour for four pixels, so beside a strong edge of colour single values are off by more.
@pytest.mark.parametrize(
    ("suffix", "worst", "mean"), [(".png", 0, 0), (".jpg", 8, 2), (".JPEG", 8, 2), (".webp", 20, 3)]
)
def test_save_and_load(photo, tmp_path, suffix, worst, mean):
    path = tmp_path / f"out{suffix}"
    save_image(path, photo)
    difference = np.abs(load_image(path).astype(int) - photo)
    assert difference.max() <= worst
    assert difference.mean() <= mean
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_floats_are_saved_as_bytes(photo, tmp_path):
    save_image(tmp_path / "out.png", as_float(photo))
    np.testing.assert_array_equal(load_image(tmp_path / "out.png"), photo)


def test_saving_replaces_and_keeps_ordinary_permissions(photo, tmp_path):
    path = tmp_path / "out.png"
    save_image(path, 255 - photo)
    save_image(path, photo)
    np.testing.assert_array_equal(load_image(path), photo)
    (tmp_path / "plain").touch()
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_symbolic_link_is_written_through(photo, tmp_path):
    (tmp_path / "real.png").touch()
    (tmp_path / "link.png").symlink_to(tmp_path / "real.png")
    save_image(tmp_path / "link.png", photo)
    assert (tmp_path / "link.png").is_symlink()
    np.testing.assert_array_equal(load_image(tmp_path / "real.png"), photo)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("out.gif", r"format '\.gif'; end it in \.png"),
        ("out.heic", r"is read and not written; end it in \.png"),
        ("out.AVIF", "is read and not written"),
        ("out", "format ''"),
        ("folder.png", "is a folder"),
        ("missing/out.png", "cannot be written"),
        ("file.txt/out.png", "cannot be written, .* is a file and no folder"),
        ("x" * 300 + ".png", "cannot be written"),
        ("a\0b.png", "cannot be written"),
    ],
)
def test_where_nothing_can_be_written(photo, tmp_path, path, rule):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file.txt").write_text("text")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ImageError, match=rule) as caught:
        save_image(tmp_path / path, photo)
    assert len(str(caught.value).splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_write_protected_file_is_left_alone(photo, tmp_path, monkeypatch):
    path = tmp_path / "locked.png"
    path.write_bytes(b"mine")
    path.chmod(0o444)
    if os.geteuid() == 0:  # root may write everywhere, so the system's answer is played
        monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ImageError, match="write-protected"):
        save_image(path, photo)
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_failure_half_way_leaves_the_old_file_and_nothing_else(photo, tmp_path, monkeypatch, failure):
    path = tmp_path / "out.png"
    save_image(path, photo)
    old = path.read_bytes()

    def fail(self, file, **_):
        file.write(b"half of it")
        raise failure

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises((ImageError, KeyboardInterrupt)) as caught:
        save_image(path, 255 - photo)
    assert caught.value is failure or "No space left" in str(caught.value)
    assert path.read_bytes() == old
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.png"]


def test_format_that_cannot_hold_the_picture(tmp_path):
    with pytest.raises(ImageError, match=r"use \.png"):
        save_image(tmp_path / "wide.webp", np.zeros((1, 16_384, 3), np.uint8))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("suffix", "longest"), [(".webp", 16_383), (".jpg", 65_500)])
def test_the_longest_side_is_known_before_anything_is_computed(tmp_path, suffix, longest):
    wide = np.zeros((1, longest, 3), np.uint8)
    assert check_suffix(tmp_path / f"a{suffix}", side=longest) == suffix
    save_image(tmp_path / f"a{suffix}", wide)
    with pytest.raises(ImageError, match=f"has at most {longest} pixels a side; end it in .png"):
        check_suffix(tmp_path / f"b{suffix}", side=longest + 1)
    with pytest.raises(ImageError, match=r"use \.png"):
        save_image(tmp_path / f"b{suffix}", wide[:, [0] * (longest + 1)])
    assert check_suffix("b.png", side=longest + 1) == ".png"


def test_nan_is_not_saved(tmp_path):
    with pytest.raises(ImageError, match="NaN"):
        save_image(tmp_path / "out.png", np.full((2, 2, 3), np.nan))
    assert not list(tmp_path.iterdir())


# --- folders and sizes ----------------------------------------------------------------------------------------


def test_list_images(tmp_path):
    for name in ("b.PNG", "a.jpg", "c.webp", "d.jpeg", "notes.txt", ".hidden.png", "._a.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in list_images(tmp_path)] == ["a.jpg", "b.PNG", "c.webp", "d.jpeg"]


def test_list_images_of_no_folder(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "nowhere", tmp_path / "file", "a\0b"):
        with pytest.raises(ImageError, match="cannot be read as a folder"):
            list_images(path)


@pytest.mark.parametrize("convert", [as_uint8, as_float])
def test_resize_keeps_proportions_and_brightness(photo, convert):
    image = convert(photo)
    small = resize_to_fit(image, 10)
    assert small.shape == (6, 10, 3)
    assert small.dtype == image.dtype
    white = 255 if image.dtype == np.uint8 else 1
    assert abs(small.mean() - image.mean()) < 0.005 * white


def test_resize_is_antialiased():
    checks = np.indices((64, 64)).sum(axis=0) % 2 * np.uint8(255)
    small = resize_to_fit(np.stack([checks] * 3, axis=-1).astype(np.uint8), 16)
    # Averaged, a fine black and white pattern is grey; picking pixels would keep it black or white.
    assert 100 < small.min() <= small.max() < 155


def test_resize_floats_stay_in_range():
    step = np.zeros((64, 64, 3), np.float32)
    step[:, 32:] = 1
    small = resize_to_fit(step, 17)
    assert small.dtype == np.float32
    assert (small.min(), small.max()) == (0, 1)


def test_resize_never_enlarges_and_never_vanishes(photo):
    np.testing.assert_array_equal(resize_to_fit(photo, 20), photo)
    assert resize_to_fit(np.zeros((1, 5000, 3), np.uint8), 10).shape == (1, 10, 3)
    with pytest.raises(ImageError, match="max_side must be an integer"):
        resize_to_fit(photo, 0)


def test_importing_brings_no_keras():
    program = "import sys, model.images.photo_files; print(sorted({'keras', 'tensorflow', 'scipy'} & set(sys.modules)))"
    root = pathlib.Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
