"""16 bits in and out: no level is lost, whoever wrote the file."""

import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
from photo_cases import dark_gradient, encoded, png_of_16_bits, profile, tiff
from PIL import TiffImagePlugin

from model.images.arrays import as_uint16
from model.images.photo_files import LoadedPhoto, load_image, load_photo, save_image

RNG = np.random.default_rng(16)
RANDOM = RNG.integers(0, 1 << 16, (37, 53, 4), dtype=np.uint16)
RGB, GREY = RANDOM[..., :3], RANDOM[..., 0]
SEEN = np.where(RANDOM[..., 3:] > 0, RGB, 0)


def levels(pixels: np.ndarray) -> np.ndarray:
    """Of floats, as 16-bit numbers; exact, or this test fails."""
    assert pixels.dtype == np.float32
    numbers = pixels * 65535.0
    assert np.abs(numbers - np.rint(numbers)).max() < 0.01
    return np.rint(numbers).astype(np.uint16)


TIFFS = {
    "as it is": {},
    "big-endian": {"byteorder": ">"},
    "deflated": {"compression": "zlib"},
    "deflated differences": {"compression": "zlib", "predictor": True},
    "deflated differences, big-endian": {"compression": "zlib", "predictor": True, "byteorder": ">"},
    "in tiles": {"tile": (16, 32)},
    "in deflated tiles": {"tile": (16, 16), "compression": "zlib"},
    "in strips of five rows": {"rowsperstrip": 5},
    "of more than 4 GB, if need be": {"bigtiff": True},
}


@pytest.mark.parametrize("how", TIFFS)
def test_tiff_gives_every_level(how):
    np.testing.assert_array_equal(levels(load_photo(tiff(RGB, **TIFFS[how])).pixels), RGB)
    grey = levels(load_photo(tiff(GREY, "minisblack", **TIFFS[how])).pixels)
    np.testing.assert_array_equal(grey, np.stack([GREY] * 3, axis=-1))


@pytest.mark.parametrize("how", TIFFS)
def test_tiff_gives_every_level_of_alpha(how):
    photo = load_photo(tiff(RANDOM, extrasamples=["unassalpha"], **TIFFS[how]), keep_transparency=True)
    np.testing.assert_array_equal(levels(photo.pixels), SEEN)
    np.testing.assert_array_equal(levels(photo.alpha), RANDOM[..., 3])


def test_tiff_with_a_fourth_channel_that_is_no_alpha():
    photo = load_photo(tiff(RANDOM, extrasamples=["unspecified"]), keep_transparency=True)
    np.testing.assert_array_equal(levels(photo.pixels), RGB)
    assert photo.alpha is None


def test_tiff_with_premultiplied_colours():
    alpha = RANDOM[..., 3:].astype(np.uint32)
    darkened = np.concatenate([(RGB * alpha / 65535).astype(np.uint16), RANDOM[..., 3:]], axis=-1)
    photo = load_photo(tiff(darkened, extrasamples=["assocalpha"]), keep_transparency=True)
    opaque = RANDOM[..., 3] > 1 << 15
    assert np.abs(levels(photo.pixels)[opaque].astype(int) - RGB[opaque]).max() <= 2  # rounded down, and twice as much


def test_tiff_whose_white_is_zero():
    content = tiff(GREY, "miniswhite")
    np.testing.assert_array_equal(levels(load_photo(content).pixels)[..., 0], 65535 - GREY)
    np.testing.assert_allclose(load_image(content)[..., 0], (65535 - GREY) / 257, atol=0.51)


def test_tiff_of_12_bits_is_not_black():
    twelve = (np.arange(4096, dtype=np.uint16).reshape(64, 64)).repeat(2, axis=1)
    packed = np.zeros((64, 192), np.uint8)  # two pixels in three bytes
    packed[:, 0::3] = twelve[:, 0::2] >> 4
    packed[:, 1::3] = (twelve[:, 0::2] & 15) << 4 | twelve[:, 1::2] >> 8
    packed[:, 2::3] = twelve[:, 1::2] & 255
    tags = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II")
    size, strip = {256: 128, 257: 64, 278: 64}, {273: 0, 279: packed.size}
    for tag, value in {**size, 258: 12, 259: 1, 262: 1, 277: 1, **strip}.items():
        tags[tag] = value
    file = io.BytesIO()
    tags.save(file)
    content = file.getvalue() + packed.tobytes()
    seen = levels(load_photo(content).pixels)[..., 0]
    np.testing.assert_array_equal(seen, np.rint(twelve * (65535 / 4095)))
    assert len(np.unique(seen)) == 4096


@pytest.mark.slow  # TensorFlow's libpng as another program
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_gives_every_level(channels):
    content = png_of_16_bits(RANDOM[..., :channels] if channels > 2 else RANDOM[..., [0, 3][:channels]])
    photo = load_photo(content, keep_transparency=True)
    colours = RGB if channels > 2 else np.stack([GREY] * 3, axis=-1)
    if channels in (2, 4):
        np.testing.assert_array_equal(levels(photo.alpha), RANDOM[..., 3])
        colours = np.where(RANDOM[..., 3:] > 0, colours, 0)
    np.testing.assert_array_equal(levels(photo.pixels), colours)


@pytest.mark.slow
@pytest.mark.parametrize("channels", [3, 4])
def test_other_programs_read_our_png(channels, tmp_path):
    import tensorflow as tf

    like = LoadedPhoto(RGB / np.float32(65535), RANDOM[..., 3] / np.float32(65535) if channels == 4 else None)
    save_image(tmp_path / "out.png", like.pixels, like)
    theirs = tf.io.decode_png((tmp_path / "out.png").read_bytes(), dtype=tf.uint16).numpy()
    np.testing.assert_array_equal(theirs, RANDOM[..., :channels])


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("rows", [1, 37, 64, 65, 200])
def test_other_programs_read_our_tiff(channels, rows, tmp_path):
    pixels = RNG.integers(0, 1 << 16, (rows, 11, 4), dtype=np.uint16)
    floats = pixels / np.float32(65535)
    like = LoadedPhoto(floats[..., :3], floats[..., 3] if channels == 4 else None)
    save_image(tmp_path / "out.tif", like.pixels, like)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out.tif"), pixels[..., :channels])
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        assert [sample.name for sample in file.pages[0].extrasamples] == (["UNASSALPHA"] if channels == 4 else [])


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff"])
def test_a_dark_gradient_loses_nothing(suffix, tmp_path):
    """All 4,096 levels below 1/16 of white; a file of 8 bits has 17 there."""
    source, result = tmp_path / f"dark{suffix}", tmp_path / f"again{suffix}"
    save_image(source, dark_gradient() / np.float32(65535), LoadedPhoto(np.zeros((1, 1, 3), np.float32)))
    photo = load_photo(source)
    save_image(result, photo.pixels, photo)
    again = levels(load_photo(result).pixels)
    np.testing.assert_array_equal(again, dark_gradient())
    assert len(np.unique(again[..., 0])) == 4096
    assert len(np.unique(load_image(result)[..., 0])) <= 17


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_a_format_of_8_bits_gets_8(suffix, tmp_path):
    photo = load_photo(tiff(dark_gradient()))
    save_image(tmp_path / f"out{suffix}", photo.pixels, photo)
    assert load_photo(tmp_path / f"out{suffix}").pixels.dtype == np.uint8


def test_photos_of_8_bits_stay_in_bytes(tmp_path):
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    photo = load_photo(encoded(grey, "PNG"))
    assert photo.pixels.dtype == np.uint8
    save_image(tmp_path / "out.png", photo.pixels, photo)
    assert (tmp_path / "out.png").read_bytes()[24] == 8  # bits for each colour, in the header


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_upright_like_photos_of_8_bits(orientation):
    small = tiff((RGB >> 8).astype(np.uint8), extratags=[(274, "H", 1, orientation, True)])
    content = tiff(RGB, extratags=[(274, "H", 1, orientation, True)])
    wide = levels(load_photo(content).pixels)
    np.testing.assert_array_equal(wide >> 8, load_image(small))
    assert wide.shape[:2] == (RGB.shape[:2] if orientation < 5 else RGB.shape[1::-1])


@pytest.mark.slow
def test_a_colour_declared_transparent():
    pixels = np.array([[[1, 2, 3], [300, 2, 3], [1, 2, 259]]], np.uint16)
    content, declared = png_of_16_bits(pixels), b"tRNS" + bytes([0, 1, 0, 2, 0, 3])
    chunk = struct.pack(">I", 6) + declared + struct.pack(">I", zlib.crc32(declared))
    at = content.index(b"IDAT") - 4
    photo = load_photo(content[:at] + chunk + content[at:], keep_transparency=True)
    np.testing.assert_array_equal(levels(photo.alpha), [[0, 65535, 65535]])
    np.testing.assert_array_equal(levels(photo.pixels), [[[0, 0, 0], [300, 2, 3], [1, 2, 259]]])


def test_linear_light_keeps_its_dark_levels():
    """A profile of straight curves: 16 bits are needed there most, since sRGB spreads the dark levels."""
    photo = load_photo(tiff(dark_gradient(), iccprofile=profile(gamma=1.0)))
    assert photo.pixels.dtype == np.float32
    assert len(np.unique(photo.pixels[..., 0])) == 4096
    assert photo.pixels.max() == pytest.approx(0.2770, abs=1e-3)  # sRGB of 1/16: 1.055 (1/16)^(1/2.4) - 0.055


def test_as_uint16_of_bytes_and_floats():
    every_level = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3)
    np.testing.assert_array_equal(as_uint16(every_level), every_level.astype(int) * 257)
    np.testing.assert_array_equal(as_uint16(every_level / np.float32(255)), every_level.astype(int) * 257)
    np.testing.assert_array_equal(as_uint16(np.array([[[-0.5, 1.5, 1e-6]]])), [[[0, 65535, 0]]])
