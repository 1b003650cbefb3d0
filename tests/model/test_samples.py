"""The shipped photos: all there, free to ship, dark as low-light photos are, and made as their credits say."""

import csv
import importlib.util
import pathlib
import sys
from fractions import Fraction

import numpy as np
import pytest

from model.errors import MirnetError
from model.quality.metrics import psnr
from model.samples import SAMPLES, get_sample, load_sample

ROOT = pathlib.Path(__file__).parents[2]
FOLDER = ROOT / "model" / "samples"
MAX_BYTES = 900_000
# Mean levels of LOL, the usual low-light training set: 15 of 255 dark, 116 bright; single pictures spread around that.
DARK_MEAN = (10, 35)
BRIGHT_MEAN = (80, 170)
# A dark photo returned as it is scores about 7.8 dB on LOL.
UNTOUCHED_DB = (4, 12)
# The reference is an 8-bit lossy picture, so light estimated from it is off by a few per cent.
EXPOSURE_ERROR = 0.05

names = pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])


@pytest.fixture(scope="module")
def maker():
    """tools/make_samples.py as a module."""
    spec = importlib.util.spec_from_file_location("make_samples", ROOT / "tools" / "make_samples.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look their module up by name
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_there_are_six():
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES) == 6


@names
def test_dark_and_reference_fit_together(name):
    dark, reference = load_sample(name)
    assert dark.dtype == reference.dtype == np.uint8
    assert dark.shape == reference.shape
    assert sorted(dark.shape[:2]) == [240, 360]


@names
def test_brightness_is_that_of_low_light_photos(name):
    dark, reference = load_sample(name)
    assert DARK_MEAN[0] < dark.mean() < DARK_MEAN[1]
    assert BRIGHT_MEAN[0] < reference.mean() < BRIGHT_MEAN[1]
    assert UNTOUCHED_DB[0] < psnr(dark, reference, data_range=255) < UNTOUCHED_DB[1]


@names
def test_dark_photo_is_noisy(name, maker):
    """Where the reference is smooth, neighbours in the dark photo differ by more than rounding makes them."""
    dark, reference = (photo.astype(float) for photo in load_sample(name))
    steps = np.abs(np.diff(reference, axis=1))
    smooth = (steps < 2) & (reference[:, 1:] > 40) & (reference[:, 1:] < 220)
    assert smooth.sum() > 500
    noise = np.diff(dark, axis=1)[smooth].std() / np.sqrt(2)
    rounding = 1 / np.sqrt(12)
    assert noise > 2 * rounding


@names
def test_exposure_is_the_one_in_the_credits(name, maker):
    """In linear light, dark = reference x exposure x cast: the credits do not make it up."""
    dark, reference = (maker.to_linear(photo / 255) for photo in load_sample(name))
    recipe = next(recipe for recipe in maker.RECIPES if recipe.name == name)
    sample = get_sample(name)
    assert sample.exposure == Fraction(1, recipe.exposure)
    # The middle of the range: above, the reference is clipped; below, the dark photo's noise is.
    middle = ((reference > 0.15) & (reference < 0.8)).all(axis=-1)
    measured = dark[middle].mean(axis=0) / reference[middle].mean(axis=0)
    expected = float(sample.exposure) * np.array(recipe.cast)
    np.testing.assert_allclose(measured, expected, rtol=EXPOSURE_ERROR)


def test_credits_are_complete_and_free():
    for sample in SAMPLES:
        assert sample.licence in ("CC0-1.0", "Public domain"), sample.name
        assert sample.source.startswith("https://"), sample.name
        assert sample.author
        assert sample.title
        for text in (sample.caption, sample.changes):
            assert f"arkened by us: exposure {sample.exposure}, shot and read noise" in text


def test_no_picture_without_credit_and_none_missing():
    with open(FOLDER / "credits.csv", encoding="utf-8", newline="") as table:
        credited = {row[key] for row in csv.DictReader(table) for key in ("dark", "reference")}
    assert credited == {path.name for path in FOLDER.glob("*.webp")}


def test_total_size():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.webp")) < MAX_BYTES


def test_unknown_name_lists_the_known_ones():
    for call in (get_sample, load_sample):
        with pytest.raises(MirnetError, match="unknown sample 'moon'; there are room, coffee"):
            call("moon")


def test_maker_keeps_to_physics(maker):
    """Shot noise has the variance of its mean, read noise adds its own; both seen through the sRGB curve."""
    grey = np.full((200, 300, 3), 0.5)
    exposure = 16
    dark = maker.to_linear(maker.darken(grey, exposure, (1.0, 1.0, 1.0), seed=1) / 255) * maker.FULL_WELL
    electrons = 0.5 / exposure * maker.FULL_WELL
    step = maker.FULL_WELL * np.diff(maker.to_linear(np.array([49, 50]) / 255)).item()  # one 8-bit level here
    assert dark.mean() == pytest.approx(electrons, rel=0.01)
    variance = electrons + maker.READ_NOISE**2 + step**2 / 12
    assert dark.var() == pytest.approx(variance, rel=0.05)


def test_maker_repeats_itself_and_casts_colour(maker):
    grey = np.full((40, 60, 3), 0.5)
    first, again, other = (maker.darken(grey, 16, (1.2, 1.0, 0.8), seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    red, green, blue = maker.to_linear(first / 255).mean(axis=(0, 1))
    assert red / green == pytest.approx(1.2, rel=0.02)
    assert blue / green == pytest.approx(0.8, rel=0.02)


def test_srgb_curve_round_trip_and_known_values(maker):
    levels = np.linspace(0, 1, 256)
    np.testing.assert_allclose(maker.to_srgb(maker.to_linear(levels)), levels, atol=1e-6)
    assert maker.to_linear(np.array(0.5)).item() == pytest.approx(0.21404, abs=1e-5)


def test_panorama_view_is_a_pinhole_camera(maker):
    """The panorama holds its own directions: what a pixel shows is where the camera looked."""
    height, width = 180, 360
    latitude = np.deg2rad(89.5 - np.arange(height))[:, None] * np.ones(width)
    longitude = np.deg2rad(np.arange(width) - 179.5) * np.ones((height, 1))
    ahead, right = np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude)
    directions = np.stack([ahead, right, np.sin(latitude)], axis=-1)
    one_degree = np.sin(np.deg2rad(1.0))  # a panorama pixel

    straight = maker.look(directions, (0.0, 0.0, 90.0))
    rows, columns = straight.shape[:2]
    np.testing.assert_allclose(straight[rows // 2, columns // 2], [1, 0, 0], atol=one_degree)
    # At 90 degrees the right edge looks 45 degrees to the right; equal steps in the picture are equal tangents.
    np.testing.assert_allclose(straight[rows // 2, -1], [np.sqrt(0.5), np.sqrt(0.5), 0], atol=one_degree)
    tangents = straight[rows // 2, :, 1] / straight[rows // 2, :, 0]
    np.testing.assert_allclose(tangents, np.linspace(-1, 1, columns), atol=2 * one_degree)

    turned = maker.look(directions, (90.0, 30.0, 90.0))[:, columns // 2]
    np.testing.assert_allclose(turned[rows // 2], [0, np.cos(np.pi / 6), np.sin(np.pi / 6)], atol=one_degree)
    top = np.pi / 6 + np.arctan(rows / columns)  # the pitch, and half of the vertical field of view
    np.testing.assert_allclose(turned[0], [0, np.cos(top), np.sin(top)], atol=one_degree)
    behind = maker.look(directions, (180.0, 0.0, 90.0))[rows // 2, columns // 2]  # across the seam
    np.testing.assert_allclose(behind, [-1, 0, 0], atol=one_degree)


def test_exposure_meter_hits_its_mean(maker):
    light = np.random.default_rng(4).exponential(5.0, (50, 60, 3))
    assert maker.to_srgb(maker.expose(light, mean=0.45)).mean() == pytest.approx(0.45, abs=1e-6)
