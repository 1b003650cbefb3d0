"""Fixed-point functions: near the exact ones, and equal to the interpreter's in test_kernels."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.codegen.fixed_point import (
    exponential_table,
    logistic_table,
    mean_multiplier,
    quantized_multiplier,
    rescale,
)

INT32 = st.integers(-(1 << 31), (1 << 31) - 1)


@given(st.floats(2.0**-30, 2.0**20))
def test_a_multiplier_is_the_nearest(real):
    multiplier, shift = quantized_multiplier(real)
    assert 1 << 30 <= multiplier < 1 << 31
    assert multiplier / 2**31 * 2.0**shift == pytest.approx(real, rel=2.0**-31)


def test_a_multiplier_next_to_a_power_of_two():
    assert quantized_multiplier(1.0) == (1 << 30, 1)
    assert quantized_multiplier(math.nextafter(1.0, 0)) == (1 << 30, 1)  # rounds up to 2^31, and so one shift more
    assert quantized_multiplier(2.0**-40) == (0, 0)


@given(INT32, st.integers(1 << 30, (1 << 31) - 1), st.integers(-20, 0))
def test_rescaling_is_multiplying(x, multiplier, shift):
    exact = x * multiplier / 2**31 * 2.0**shift
    assert abs(rescale(x, multiplier, shift) - exact) <= 0.5 + 2.0**shift  # it rounds twice


@given(st.floats(0.01, 4), st.integers(1, 5000), st.integers(-128, 127))
def test_a_mean_is_a_sum_divided(real, count, value):
    multiplier, shift = mean_multiplier(real, count)
    assert abs(rescale(value * count, multiplier, shift) - value * real) <= 1


@pytest.mark.parametrize("scale", [0.003, 0.05, 0.4])
@pytest.mark.parametrize("zero_point", [-128, -3, 90])
def test_logistic(scale, zero_point):
    real = (np.arange(-128, 128) - zero_point) * scale
    expected = np.clip(256 / (1 + np.exp(-real)) - 128, -128, 127)
    assert np.abs(np.array(logistic_table(scale, zero_point)) - expected).max() <= 1


@pytest.mark.parametrize("scale", [0.003, 0.05, 0.4])
def test_exponential(scale):
    table = np.array(exponential_table(scale))
    expected = np.exp(-scale * np.arange(256))
    kept = table >= 0
    np.testing.assert_allclose(table[kept] / 2**31, expected[kept], atol=1e-6)
    assert (expected[~kept] < math.exp(-15)).all()  # of shares of 1/256, they are none
    assert table[0] == (1 << 31) - 1
