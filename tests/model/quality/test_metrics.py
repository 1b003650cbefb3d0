"""PSNR and SSIM against their definitions."""

import math

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio

from model.errors import MirnetError
from model.quality.metrics import gt_mean, psnr, ssim

# Both compute in float64 when given float64; what is left is the order of the sums.
SAME_FORMULA = 1e-9


@pytest.fixture
def pair():
    """A picture with structure at several scales, and a noisy, darker version of it."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:45, 0:60]
    clean = np.stack([np.sin(x / k) * np.cos(y / (k + 2)) for k in (3, 6, 11)], axis=-1) * 0.4 + 0.5
    return clean, np.clip(0.7 * clean + rng.normal(0, 0.05, clean.shape), 0, 1)


def to_bytes(picture):
    return np.rint(picture * 255).astype(np.uint8)


def test_psnr_of_a_known_error():
    grey = np.full((4, 5, 3), 0.5)
    assert psnr(grey, grey + 0.1, data_range=1) == pytest.approx(20)
    assert psnr(grey, grey + 0.01, data_range=1) == pytest.approx(40)
    assert psnr(np.zeros((2, 2), np.uint8), np.full((2, 2), 255, np.uint8), data_range=255) == 0


def test_half_the_error_is_six_decibels(pair):
    clean, dark = pair
    closer = clean + (dark - clean) / 2
    gain = psnr(clean, closer, data_range=1) - psnr(clean, dark, data_range=1)
    assert gain == pytest.approx(20 * math.log10(2))


def test_psnr_of_bytes_does_not_wrap_around():
    assert psnr(np.array([[0]], np.uint8), np.array([[1]], np.uint8), data_range=255) == pytest.approx(
        48.1308, abs=1e-4
    )
    assert psnr(np.array([[1]], np.uint8), np.array([[0]], np.uint8), data_range=255) == pytest.approx(
        48.1308, abs=1e-4
    )


def test_identical_pictures(pair):
    assert psnr(pair[0], pair[0], data_range=1) == math.inf
    assert ssim(pair[0], pair[0], data_range=1) == pytest.approx(1, abs=SAME_FORMULA)


def test_wrong_range_adds_48_decibels(pair):
    trap = psnr(*pair, data_range=255) - psnr(*pair, data_range=1)
    assert trap == pytest.approx(48.13, abs=0.005)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_range_must_be_stated(metric, pair):
    with pytest.raises(TypeError, match="data_range"):
        metric(*pair)
    with pytest.raises(TypeError):
        metric(*pair, 1)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_order_of_the_pictures_does_not_matter(metric, pair):
    assert metric(*pair, data_range=1) == pytest.approx(metric(*pair[::-1], data_range=1), abs=SAME_FORMULA)


def ssim_by_the_book(a, b, data_range):
    """Wang et al. 2004, equation 13, window by window."""
    offsets = np.arange(11) - 5
    weights = np.exp(-(offsets**2) / (2 * 1.5**2))
    window = np.outer(weights, weights) / weights.sum() ** 2
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    first, second = (np.lib.stride_tricks.sliding_window_view(each.astype(float), (11, 11), (0, 1)) for each in (a, b))

    def mean(values):
        return (values * window).sum((-2, -1))

    mean_a, mean_b = mean(first), mean(second)
    variances = mean(first**2) - mean_a**2 + mean(second**2) - mean_b**2
    covariance = mean(first * second) - mean_a * mean_b
    brightness = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return float((brightness * (2 * covariance + c2) / (variances + c2)).mean())


def test_psnr_is_scikit_images(pair):
    assert psnr(*pair, data_range=1) == pytest.approx(peak_signal_noise_ratio(*pair, data_range=1), abs=SAME_FORMULA)


def test_ssim_is_that_of_the_paper(pair):
    in_bytes = [to_bytes(picture) for picture in pair]
    grey = [picture[..., 0] for picture in pair]
    narrow = [picture.astype(np.float32) for picture in pair]
    smallest = [picture[:11, :11] for picture in pair]  # one window
    flat = [picture[:11, :30] for picture in pair]
    for pictures, data_range in ((pair, 1), (in_bytes, 255), (grey, 1), (narrow, 1), (smallest, 1), (flat, 1)):
        expected = ssim_by_the_book(*pictures, data_range)
        assert ssim(*pictures, data_range=data_range) == pytest.approx(expected, abs=SAME_FORMULA)


def test_range_scales_out(pair):
    """Only the ratio of values to range counts: [0, 1] with 1 is [0, 255] with 255."""
    large = [picture * 255 for picture in pair]
    for metric in (psnr, ssim):
        assert metric(*pair, data_range=1) == pytest.approx(metric(*large, data_range=255), abs=1e-8)


def test_ssim_knows_structure_from_brightness(pair):
    clean, _ = pair
    rng = np.random.default_rng(5)
    shifted = clean + 0.05
    noisy = clean + rng.choice([-0.05, 0.05], clean.shape)  # the same squared error
    assert psnr(clean, shifted, data_range=1) == pytest.approx(psnr(clean, noisy, data_range=1))
    assert ssim(clean, shifted, data_range=1) > ssim(clean, noisy, data_range=1) + 0.1


def test_opposite_structure_is_negative():
    stripes = np.indices((32, 32))[1] % 4 / 3
    assert ssim(stripes, 1 - stripes, data_range=1) < -0.5


def test_window_must_fit():
    small = np.zeros((10, 40, 3))
    with pytest.raises(MirnetError, match="11 x 11 pixels, a picture of 10 x 40"):
        ssim(small, small, data_range=1)


@pytest.mark.parametrize("metric", [psnr, ssim])
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda a: a[:-1], "same shape"),
        (to_bytes, "both uint8 or both floating point"),
        (lambda a: a[None], "one picture"),
        (lambda a: a[0, 0], "one picture"),
        (lambda a: np.where(a > 0.8, np.nan, a), "NaN or infinite"),
        (lambda a: a.astype(int), "must be uint8 or floating point"),
        (lambda a: a[:0], "no pixels"),
    ],
)
def test_what_cannot_be_compared(metric, pair, change, rule):
    clean, _ = pair
    for arguments in ((clean, change(clean)), (change(clean), clean)):
        with pytest.raises(MirnetError, match=rule):
            metric(*arguments, data_range=1)


@pytest.mark.parametrize("metric", [psnr, ssim])
@pytest.mark.parametrize("data_range", [0, -1, math.nan, math.inf, None, "1", True])
def test_range_must_be_positive(metric, pair, data_range):
    with pytest.raises(MirnetError, match="data_range must be a positive number"):
        metric(*pair, data_range=data_range)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_bytes_have_one_range_only(metric, pair):
    in_bytes = [to_bytes(picture) for picture in pair]
    with pytest.raises(MirnetError, match="uint8 pictures is 255, not 1"):
        metric(*in_bytes, data_range=1)


class TestGtMean:
    """A picture as bright in the mean as the reference."""

    def test_a_darker_copy_becomes_the_reference(self, pair):
        reference = to_bytes(pair[0]) // 2 * 2
        found = gt_mean(reference // 2, reference)
        assert np.abs(found.astype(int) - reference).max() <= 1
        assert psnr(found, reference, data_range=255) > 50 > psnr(reference // 2, reference, data_range=255)

    def test_brightness_is_that_of_grey(self, pair):
        clean, dark = (to_bytes(picture) // 2 for picture in pair)  # so that nothing is clipped
        dark[..., 0] //= 3  # so that a mean over red, green and blue is another one
        means = [np.asarray(Image.fromarray(picture).convert("L")).mean() for picture in (gt_mean(dark, clean), clean)]
        assert means[0] == pytest.approx(means[1], abs=0.5)

    def test_one_factor_for_all_and_clipped(self):
        dark = np.array([[[10, 20, 200]], [[10, 10, 10]]], np.uint8)
        gray = 0.299 * 10 + 0.587 * 20 + 0.114 * 200 + 10
        reference = np.full((2, 1, 3), 60, np.uint8)
        expected = np.rint(np.minimum(dark * (120 / gray), 255))
        assert expected.max() == 255
        np.testing.assert_array_equal(gt_mean(dark, reference), expected)

    def test_right_brightness_changes_nothing_and_black_stays_black(self, pair):
        clean = to_bytes(pair[0])
        np.testing.assert_array_equal(gt_mean(clean, clean), clean)
        np.testing.assert_array_equal(gt_mean(np.zeros_like(clean), clean), np.zeros_like(clean))
        np.testing.assert_array_equal(gt_mean(clean, np.zeros_like(clean)), np.zeros_like(clean))

    def test_pictures_of_two_sizes_are_refused(self, pair):
        clean = to_bytes(pair[0])
        with pytest.raises(MirnetError, match="must have the same shape"):
            gt_mean(clean, clean[1:])
