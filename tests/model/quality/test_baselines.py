"""Baselines: each does what its name says, and the fit finds the best curve there is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import MirnetError, psnr
from model.quality.baselines import GainGamma, Tally, as_is, autocontrast, best_curve, clahe, fit_gain_gamma
from model.samples import SAMPLES, load_sample

NAMES = [sample.name for sample in SAMPLES]

ROUNDING = 0.02
"""dB that a brute-force search over curves may be better, as the fit does not see the final rounding to bytes."""


def test_as_is():
    low, _ = load_sample(NAMES[0])
    assert as_is(low) is low


def test_gain_gamma_is_its_formula():
    picture = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    expected = np.rint(np.clip(2.5 * (picture / 255) ** 0.6, 0, 1) * 255)
    np.testing.assert_array_equal(GainGamma(2.5, 0.6)(picture), expected)
    np.testing.assert_array_equal(GainGamma(1, 1)(picture), picture)


def test_the_tally_gives_the_error_over_all_pairs():
    tally = Tally()
    errors = []
    for name in NAMES[:3]:
        low, high = load_sample(name)
        tally.add(low, high)
        errors.append((np.clip(3 * (low / 255) ** 0.8, 0, 1) - high / 255).ravel() ** 2)
    found = tally.mean_squared_error(np.array([3.0]), np.array([0.8]))
    np.testing.assert_allclose(found, np.concatenate(errors).mean(), rtol=1e-9)


@given(st.floats(0.5, 12), st.floats(0.2, 1.5))
@pytest.mark.slow
def test_a_curve_is_found_again(gain, gamma):
    """A bright picture that was made by a curve from the dark one is restored by the fit."""
    low = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    high = GainGamma(gain, gamma)(low)
    restored = best_curve(low, high)
    assert np.abs(restored.astype(int) - high).mean() < 0.6  # of 255; rounding alone leaves a quarter


@pytest.mark.parametrize("name", [*NAMES[:2], *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES[2:])])
def test_no_curve_on_a_fine_grid_is_better(name):
    low, high = load_sample(name)
    ours = psnr(best_curve(low, high), high, data_range=255)
    gains, gammas = np.geomspace(0.3, 30, 25), np.geomspace(0.15, 2, 25)
    others = [psnr(GainGamma(gain, gamma)(low), high, data_range=255) for gain in gains for gamma in gammas]
    assert ours > max(others) - ROUNDING
    assert ours > psnr(low, high, data_range=255) + 3


def test_one_curve_for_all_is_no_better_than_one_for_each():
    tally = Tally()
    for name in NAMES:
        tally.add(*load_sample(name))
    curve = fit_gain_gamma(tally)
    for name in NAMES:
        low, high = load_sample(name)
        assert psnr(curve(low), high, data_range=255) <= psnr(best_curve(low, high), high, data_range=255) + ROUNDING


def test_nothing_to_fit():
    with pytest.raises(MirnetError, match="need pairs to be fitted on"):
        fit_gain_gamma(Tally())


def test_autocontrast_stretches_each_channel():
    low = np.random.default_rng(0).integers(10, 60, (40, 40, 3)).astype(np.uint8)
    low[..., 2] = 7  # nothing to stretch
    stretched = autocontrast(low)
    for channel in range(2):
        assert (stretched[..., channel].min(), stretched[..., channel].max()) == (0, 255)
        order = np.argsort(low[..., channel].ravel(), kind="stable")
        assert (np.diff(stretched[..., channel].ravel()[order].astype(int)) >= 0).all()
    assert (stretched[..., 2] == 7).all()


def test_clahe_raises_local_contrast_and_keeps_grey_grey():
    rng = np.random.default_rng(0)
    low = np.repeat(rng.integers(20, 40, (64, 64, 1)), 3, axis=2).astype(np.uint8)
    result = clahe(low)
    assert result.dtype == np.uint8 and result.shape == low.shape
    assert result.std() > 2 * low.std()
    assert np.ptp(result.astype(int), axis=2).max() == 0


@pytest.mark.parametrize("method", [as_is, autocontrast, clahe, GainGamma(3, 0.7)])
def test_the_input_stays_as_it_is(method):
    low, _ = load_sample(NAMES[1])
    before = low.copy()
    low.setflags(write=False)  # as pictures from the cache are
    assert method(low).shape == low.shape
    np.testing.assert_array_equal(low, before)
