"""The NumPy formulas against their definitions, written out number by number."""

import numpy as np
import pytest

from model.contracts import formulas

EXACT = 1e-12
"""Float64 on both sides, a few dozen terms."""


def drawn(*shape):
    return np.random.default_rng(4).normal(size=shape)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_convolution_is_a_weighted_sum_of_the_window(size):
    x, kernel = drawn(2, 5, 6, 3), drawn(size, size, 3, 4)
    result = formulas.convolution(x, kernel)
    assert result.shape == (2, 5, 6, 4)
    for row, column in ((0, 0), (2, 3), (4, 5), (1, 0)):
        expected = np.zeros((2, 4))
        for i in range(size):
            for j in range(size):
                y, z = row + i - size // 2, column + j - size // 2
                if 0 <= y < 5 and 0 <= z < 6:
                    expected += x[:, y, z] @ kernel[i, j]
        np.testing.assert_allclose(result[:, row, column], expected, atol=EXACT)


def test_transposed_convolution_stamps_around_every_second_place():
    x, kernel = drawn(1, 3, 4, 2), drawn(3, 3, 5, 2)
    expected = np.zeros((1, 6, 8, 5))
    for row in range(3):
        for column in range(4):
            for i in range(3):
                for j in range(3):
                    y, z = 2 * row + i - 1, 2 * column + j - 1
                    if 0 <= y < 6 and 0 <= z < 8:
                        expected[:, y, z] += kernel[i, j] @ x[0, row, column]
    np.testing.assert_allclose(formulas.transposed_convolution(x, kernel), expected, atol=EXACT)


@pytest.mark.parametrize(("height", "width"), [(4, 6), (5, 7), (2, 2)])
def test_blur_is_centred_on_every_second_pixel_and_mirrors(height, width):
    x = drawn(2, height, width, 3)

    def mirror(index, size):
        return -index if index < 0 else 2 * (size - 1) - index if index >= size else index

    result = formulas.blur_halve(x)
    assert result.shape == (2, -(-height // 2), -(-width // 2), 3)
    for row in range(result.shape[1]):
        for column in range(result.shape[2]):
            expected = sum(
                weight * x[:, mirror(2 * row + i, height), mirror(2 * column + j, width)]
                for i, j, weight in ((i, j, (2 - abs(i)) * (2 - abs(j)) / 16) for i in (-1, 0, 1) for j in (-1, 0, 1))
            )
            np.testing.assert_allclose(result[:, row, column], expected, atol=EXACT)


def test_bilinear_mixes_nine_three_three_one():
    x = drawn(1, 4, 5, 1)
    result = formulas.bilinear_double(x)[0, :, :, 0]
    at = x[0, :, :, 0]
    assert result.shape == (8, 10)
    assert result[3, 5] == pytest.approx((9 * at[1, 2] + 3 * at[2, 2] + 3 * at[1, 3] + at[2, 3]) / 16, abs=EXACT)
    assert result[4, 2] == pytest.approx((9 * at[2, 1] + 3 * at[1, 1] + 3 * at[2, 0] + at[1, 0]) / 16, abs=EXACT)
    assert result[0, 0] == pytest.approx(at[0, 0])  # the corner has no neighbours but itself
    assert result[7, 9] == pytest.approx(at[3, 4])
    ramp = np.arange(8.0)[None, :, None, None] * np.ones((1, 8, 3, 1))
    np.testing.assert_allclose(formulas.bilinear_double(ramp)[0, 1:-1, 0, 0], np.arange(0.25, 7, 0.5))


def test_activations_at_known_values():
    np.testing.assert_array_equal(formulas.relu(np.array([-2.0, 0, 3])), [0, 0, 3])
    np.testing.assert_array_equal(formulas.prelu(np.array([-2.0, 0, 3]), 0.25), [-0.5, 0, 3])
    logits = np.array([-1000.0, -1, 0, np.log(3), 1000])
    np.testing.assert_allclose(formulas.sigmoid(logits), [0, 1 / (1 + np.e), 0.5, 0.75, 1], atol=EXACT)
    weights = formulas.softmax(np.log([[1.0, 2, 5], [3, 3, 3]]), axis=1)
    np.testing.assert_allclose(weights, [[1 / 8, 2 / 8, 5 / 8], [1 / 3] * 3], atol=EXACT)
    assert np.isfinite(formulas.softmax(np.array([[1e4, 0.0]]), axis=1)).all()
