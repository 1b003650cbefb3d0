"""Darkened photos follow the physics they claim, look like LOL's, and repeat themselves."""

import dataclasses

import numpy as np
import pytest

from model.errors import ImageError, MirnetError
from model.images.camera_formats import rgb565_to_rgb, rgb_to_rgb565, rgb_to_yuv422, yuv422_to_rgb
from model.images.darken import CAMERAS, Darkness, darken, sense, through_camera, to_bytes, to_linear, to_srgb
from model.samples import SAMPLES, load_sample

# Means of 60,000 values: four standard errors of the noisiest case.
MEAN_ERROR = 0.01
VARIANCE_ERROR = 0.05
# LOL's lows: the mean of all is 15 of 255, of single pictures 6 to 30 (5th to 95th percentile). The six photos here
# differ more in brightness than LOL's bright halves.
LOL_MEAN = (13, 20)
LOW_TAIL, HIGH_TAIL = (5, 10), (25, 40)


def grey(level: float, shape=(150, 400)) -> np.ndarray:
    return np.full((*shape, 3), level)


@pytest.mark.parametrize("exposure", [4, 38, 150])
@pytest.mark.parametrize("full_well", [2_000, 10_000, 50_000])
def test_light_and_noise_are_those_of_a_sensor(exposure, full_well):
    """Mean: the light that is left. Variance: that many electrons (Poisson), plus the square of the read noise."""
    darkness = Darkness(exposure=exposure, full_well=full_well, read_noise=6.0)
    electrons = sense(grey(0.5), np.random.default_rng(1), darkness) * full_well
    expected = 0.5 / exposure * full_well
    assert electrons.mean() == pytest.approx(expected, abs=MEAN_ERROR * expected + 0.1)
    assert electrons.var() == pytest.approx(expected + 36, rel=VARIANCE_ERROR)


def test_without_read_noise_electrons_are_integers():
    counted = sense(grey(0.3), np.random.default_rng(2), Darkness(read_noise=0.0)) * 10_000
    np.testing.assert_allclose(counted, np.rint(counted), atol=1e-9)


def test_cast_colours_the_light():
    dark = darken(grey(0.9), np.random.default_rng(3), Darkness(exposure=8, cast=(1.3, 1.0, 0.7)))
    red, green, blue = to_linear(dark / 255).mean(axis=(0, 1))
    assert red / green == pytest.approx(1.3, rel=0.02)
    assert blue / green == pytest.approx(0.7, rel=0.02)


def test_srgb_curve():
    """IEC 61966-2-1, and its published mid-grey: half of sRGB is 21.4 % of the light."""
    levels = np.linspace(0, 1, 1001)
    np.testing.assert_allclose(to_srgb(to_linear(levels)), levels, atol=1e-6)
    assert to_linear(np.array(0.5)).item() == pytest.approx(0.21404, abs=1e-5)
    np.testing.assert_array_equal(to_bytes(to_linear(np.arange(256) / 255)), np.arange(256))
    assert to_bytes(np.array([-0.2, 7.0])).tolist() == [0, 255]


def test_bytes_and_floats_of_a_photo_darken_alike():
    photo = load_sample("coffee")[1]
    darkness = Darkness(exposure=20)
    of_bytes = darken(photo, np.random.default_rng(5), darkness)
    of_floats = darken(photo / 255, np.random.default_rng(5), darkness)
    # float32 may fall on the other side of a rounding in a few pixels, and a Poisson draw then differs by little.
    assert (of_bytes != of_floats).mean() < 0.001
    assert of_bytes.dtype == np.uint8
    assert of_bytes.shape == photo.shape


def test_same_state_same_picture():
    photo = load_sample("coffee")[1][:40, :60]
    first, again, other = (darken(photo, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_drawn_darkness_is_as_dark_as_lol_and_as_varied():
    rng = np.random.default_rng(7)
    photos = [load_sample(sample.name)[1][::3, ::3] for sample in SAMPLES]
    means = [darken(photo, rng).mean() for photo in photos for _ in range(40)]
    assert LOL_MEAN[0] < np.mean(means) < LOL_MEAN[1]
    low, high = np.percentile(means, [5, 95])
    assert LOW_TAIL[0] < low < LOW_TAIL[1]
    assert HIGH_TAIL[0] < high < HIGH_TAIL[1]


def test_drawn_darkness_is_centred_and_within_limits():
    rng = np.random.default_rng(8)
    drawn = [Darkness.draw(rng) for _ in range(2000)]
    assert np.median([darkness.exposure for darkness in drawn]) == pytest.approx(40, rel=0.06)
    assert min(darkness.exposure for darkness in drawn) >= 6
    assert max(darkness.exposure for darkness in drawn) <= 160
    reds, greens, blues = np.array([darkness.cast for darkness in drawn]).T
    assert set(greens) == {1.0}
    assert np.median(reds) == pytest.approx(1, abs=0.02)
    assert np.corrcoef(reds, blues)[0, 1] == pytest.approx(0, abs=0.1)


def test_noise_of_the_default_sensor_is_as_strong_as_lols():
    """About 2 levels of 255 where the picture is at 16: in LOL 1.2 to 2.1, by channel."""
    level = to_linear(np.array(16 / 255)).item()
    dark = darken(grey(to_srgb(np.array(level * 40)).item()), np.random.default_rng(4), Darkness())
    assert dark.mean() == pytest.approx(16, abs=0.3)
    assert 1.2 < dark.std() < 2.3


@pytest.mark.parametrize(
    ("camera", "expected"),
    [
        ("rgb", lambda image: image),
        ("yuv422", lambda image: yuv422_to_rgb(rgb_to_yuv422(image))),
        ("rgb565", lambda image: rgb565_to_rgb(rgb_to_rgb565(image))),
    ],
)
def test_camera_format_is_the_last_step(camera, expected):
    photo = load_sample("astronaut")[1]
    plain = darken(photo, np.random.default_rng(6), Darkness(exposure=30))
    formatted = darken(photo, np.random.default_rng(6), Darkness(exposure=30, camera=camera))
    np.testing.assert_array_equal(formatted, expected(plain))
    np.testing.assert_array_equal(through_camera(plain, camera), formatted)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exposure": 0.5}, "exposure divides the light, so it must be at least 1, not 0.5"),
        ({"exposure": float("nan")}, "exposure"),
        ({"cast": (1.0, 0.0, 1.0)}, "three factors above 0"),
        ({"cast": (1.0, 1.0)}, "three factors above 0"),
        ({"full_well": 0}, "full_well must be a number of electrons above 0, not 0"),
        ({"read_noise": -1.0}, "read_noise must be a number of electrons from 0, not -1.0"),
        ({"camera": "raw"}, "unknown camera format 'raw'; there are rgb, yuv422, rgb565"),
    ],
)
def test_impossible_darkness_is_refused(changes, message):
    with pytest.raises(MirnetError, match=message):
        dataclasses.replace(Darkness(), **changes)


def test_what_is_no_picture_is_refused():
    with pytest.raises(ImageError, match="shape must be"):
        darken(np.zeros((4, 4), np.uint8), np.random.default_rng(0))
    with pytest.raises(MirnetError, match="unknown camera format"):
        through_camera(np.zeros((4, 4, 3), np.uint8), "raw")
    assert set(CAMERAS) == {"rgb", "yuv422", "rgb565"}
