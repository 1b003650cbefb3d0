"""The fixed filters: what they do to ramps, constants and fine patterns, and that open sizes change nothing."""

import numpy as np
import pytest

from model.resampling import BLUR_KERNEL, _double_by_blurring, bilinear_double, blur_halve

EXACT = 1e-6
"""A handful of float32 roundings of values up to 1."""


def features(height: int, width: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(5).random((2, height, width, channels), dtype="float32")


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (4, 6), (7, 3)])
def test_doubling_with_open_sizes_equals_doubling_with_known_ones(size):
    given = features(*size)
    np.testing.assert_allclose(_double_by_blurring(given), bilinear_double(given), atol=EXACT)


def test_doubling_mixes_four_neighbours():
    given = features(6, 8)
    middle = (
        9 * given[:, 2, 3] + 3 * given[:, 1, 3] + 3 * given[:, 2, 2] + given[:, 1, 2]
    ) / 16  # half a pixel up and left of (2, 3) lies row 4, column 6 of the result
    np.testing.assert_allclose(np.asarray(bilinear_double(given))[:, 4, 6], middle, atol=EXACT)


def test_halving_keeps_a_constant_and_a_ramp():
    assert BLUR_KERNEL.sum() == 1
    ramp = np.tile(np.arange(8, dtype="float32")[None, :, None, None], (1, 1, 8, 2))
    halved = np.asarray(blur_halve(ramp))
    # Centred on every second row; the first row sees rows 1, 0, 1: the mirror.
    np.testing.assert_allclose(halved[0, :, 2, 0], [0.5, 2, 4, 6], atol=EXACT)


def test_halving_removes_the_finest_pattern():
    rows, columns = np.mgrid[:8, :8]
    checkerboard = ((rows + columns) % 2).astype("float32")[None, :, :, None]
    np.testing.assert_allclose(blur_halve(checkerboard), 0.5, atol=EXACT)
    assert set(checkerboard[:, ::2, ::2].ravel()) == {0.0}, "plain striding would see nothing but black"
