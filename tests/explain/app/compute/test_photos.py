"""Photos for the walk-through: small, of the right sizes, and never an error that is no sentence."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from explain.app.compute.photos import LARGEST, limits_of, own_photo, part_of, sample_names, sample_photo
from model.config import PRESETS
from model.errors import ImageError
from model.samples import load_sample


def png(height: int, width: int) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype="uint8")
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize(
    ("size", "becomes"),
    [
        ((256, 384), (256, 384)),
        ((384, 256), (384, 256)),
        ((512, 768), (256, 384)),
        ((1000, 1000), (256, 256)),
        ((300, 1200), (96, 384)),
        ((101, 203), (100, 200)),
        ((16, 16), (16, 16)),
    ],
)
def test_a_photo_is_made_to_fit(size, becomes):
    photo = own_photo(png(*size), "mine.png", 4)
    assert photo.size == becomes
    assert photo.pixels.dtype == np.uint8
    assert sorted(photo.size)[0] <= LARGEST[0] and sorted(photo.size)[1] <= LARGEST[1]
    assert (photo.caption != "") == (size != becomes)


def test_a_small_photo_is_not_touched():
    content = png(64, 96)
    assert np.array_equal(own_photo(content, "mine.png", 4).pixels, np.asarray(Image.open(BytesIO(content))))


@pytest.mark.parametrize("size", [(1, 1), (15, 200), (10, 5000), (3000, 20)])
def test_what_is_too_small_to_look_inside_is_refused(size):
    with pytest.raises(ImageError, match=r"mine\.png: .* too small or too thin .* at least 16"):
        own_photo(png(*size), "mine.png", 4)


def test_a_huge_picture_is_refused_from_its_header():
    content = BytesIO()
    Image.new("1", (8000, 8000)).save(content, "PNG")
    with pytest.raises(ImageError, match="pixels"):
        own_photo(content.getvalue(), "huge.png", 4)


def test_equal_pixels_have_equal_keys_whatever_their_file():
    content = png(32, 48)
    again = BytesIO()
    Image.open(BytesIO(content)).save(again, "WEBP", lossless=True)
    first, second = own_photo(content, "a.png", 4), own_photo(again.getvalue(), "b.webp", 4)
    assert first.key == second.key
    assert own_photo(png(48, 32), "c.png", 4).key != first.key


def test_samples_are_taken_as_they_are_and_credited():
    for name in sample_names():
        photo = sample_photo(name, 4)
        dark, bright = load_sample(name)
        assert np.array_equal(photo.pixels, dark)
        assert photo.reference is not None and np.array_equal(photo.reference, bright)
        assert "http" in photo.credit and photo.caption


@pytest.mark.parametrize("name", PRESETS)
def test_only_large_networks_get_smaller_photos(name):
    limits = limits_of(PRESETS[name])
    assert limits.multiple == PRESETS[name].multiple and min(limits.largest) >= 64
    assert limits.is_heavy == (limits.largest != LARGEST) == (name not in ("desk", "nano"))


def panorama(width: int = 1200, height: int = 240) -> np.ndarray:
    """Each column has its own colour."""
    across = np.linspace(0, 255, width).astype("uint8")
    return np.broadcast_to(across[None, :, None], (height, width, 3)).copy()


def encoded(pixels: np.ndarray) -> bytes:
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize("upright", [False, True])
def test_a_part_of_a_panorama_is_cut_where_it_is_asked_for(upright):
    pixels = panorama()
    pixels = pixels.swapaxes(0, 1) if upright else pixels
    photo = own_photo(encoded(pixels), "wide.png", 4)
    assert photo.wide is not None and photo.place is None and sorted(photo.size) == [76, 384]
    means = []
    for place in (0.0, 0.5, 1.0):
        part = part_of(photo, place, 4)
        assert sorted(part.size) == [240, 360] and part.place == place and part.key != photo.key
        assert part.wide is photo.wide and "the rest is cut off" in part.caption
        means.append(float(part.pixels.mean()))
    step = 255 * (1200 - 360) / 1199 / 2
    np.testing.assert_allclose(np.diff(means), step, atol=1)
    assert "From 0 to 30 %" in part_of(photo, 0, 4).caption
    again = part_of(part_of(photo, 1.0, 4), None, 4)
    assert again.key == photo.key and again.place is None


def test_a_usual_photo_is_no_panorama_and_a_thin_one_stays_small():
    assert own_photo(png(256, 384), "a.png", 4).wide is None
    assert own_photo(png(200, 390), "a.png", 4).wide is None
    wide = own_photo(encoded(panorama(9000, 900)), "a.png", 4).wide
    assert wide is not None and max(wide.shape) <= 4096


def test_of_a_panorama_another_network_gets_its_part_too():
    photo = own_photo(encoded(panorama()), "wide.png", 8, (64, 96))
    part = part_of(photo, 0.5, 8, (64, 96))
    assert sorted(part.size) == [64, 96] and part.for_board.size == (240, 360)
