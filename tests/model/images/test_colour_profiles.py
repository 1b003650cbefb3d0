"""Colour profiles in 16 bits: the same colours as Little CMS gives in 8."""

import io

import numpy as np
import pytest
from photo_cases import encoded, profile, tiff
from PIL import ImageCms

from model.images.colour_profiles import srgb_profile, wide_to_srgb
from model.images.photo_files import load_image, load_photo

# XYZ under D50 of red, green and blue light: columns of the profiles' own tags (Display P3: Apple; Adobe RGB 1998,
# annex C; ProPhoto: ANSI/I3A IT10.7666).
P3 = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
ADOBE = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
PROPHOTO = np.array([[0.79767, 0.13519, 0.03135], [0.28804, 0.71188, 0.00009], [0.0, 0.0, 0.82491]])

LEVELS = 1.01
"""Of 255: Little CMS rounds its 8-bit result, and ours is not rounded."""

COLOURS = np.stack(np.meshgrid(*[np.arange(0, 256, 15)] * 3), axis=-1).reshape(-1, 18, 3).astype(np.uint8)
CASES = {
    "P3": profile(P3),
    "Adobe RGB": profile(ADOBE, gamma=2.19921875),
    "ProPhoto": profile(PROPHOTO, gamma=1.80078125),
    "linear": profile(gamma=1.0),
    "darker": profile(gamma=2.6015625),
}


@pytest.mark.parametrize("name", CASES)
def test_the_same_colours_as_little_cms(name):
    """ProPhoto's dark levels are coarse in 8 bits, so colours are compared where they begin as the same ones."""
    wide = wide_to_srgb(COLOURS.astype(np.uint16) * 257, CASES[name])
    theirs = load_image(encoded(COLOURS, "PNG", icc_profile=CASES[name]))
    assert wide is not None
    assert np.abs(wide * 255 - theirs).max() <= LEVELS
    assert np.abs(wide * 255 - COLOURS).max() > 5, "a profile that changes nothing tests nothing"


def test_grey_has_a_curve_alone():
    grey = bytearray(profile(gamma=1.0))
    grey[16:20] = b"GRAY"
    at = grey.index(b"rTRC")
    grey[at : at + 4] = b"kTRC"
    pixels = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16, 1)
    wide = wide_to_srgb(pixels, bytes(grey))
    assert wide is not None and wide.shape == (16, 16, 3)
    assert np.ptp(wide, axis=-1).max() == 0
    light = pixels[..., 0] / 65535
    expected = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(wide[..., 0], expected, atol=1e-6)


@pytest.mark.parametrize("embedded", [None, b"", b"not a profile" * 20, srgb_profile()])
def test_without_another_profile_the_levels_stay(embedded):
    pixels = np.arange(65536, dtype=np.uint16).reshape(256, 256)[..., None].repeat(3, -1)
    wide = wide_to_srgb(pixels, embedded)
    assert wide is not None
    np.testing.assert_array_equal(np.rint(wide * 65535), pixels)


def test_a_profile_of_tables_gives_8_bits_and_says_so():
    tables = bytearray(profile(P3))
    at = tables.index(b"wtpt")
    tables[at : at + 4] = b"A2B0"
    assert wide_to_srgb(np.zeros((1, 1, 3), np.uint16), bytes(tables)) is None
    photo = load_photo(tiff(COLOURS.astype(np.uint16) * 257, iccprofile=bytes(tables)))
    assert photo.pixels.dtype == np.uint8 and "8 of its 16 bits" in photo.notes[0]


@pytest.mark.parametrize("seed", range(20))
def test_broken_profiles_never_crash(seed):
    rng = np.random.default_rng(seed)
    content = np.frombuffer(CASES["P3"], np.uint8).copy()
    content[rng.integers(len(content), size=5)] = rng.integers(256, size=5)
    wide = wide_to_srgb(COLOURS.astype(np.uint16) * 257, content.tobytes())
    assert wide is None or (np.isfinite(wide).all() and wide.min() >= 0 and wide.max() <= 1)


def test_our_tag_is_srgb_and_always_the_same():
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile())))
    srgb_profile.cache_clear()
    first = srgb_profile()
    srgb_profile.cache_clear()
    assert srgb_profile() == first
