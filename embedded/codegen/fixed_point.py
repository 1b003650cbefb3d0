"""TensorFlow Lite's fixed-point arithmetic in Python: constants and tables of the generated C.

A float multiplier m is kept as `multiplier / 2^31 * 2^shift`, the multiplier from 2^30 to 2^31. Exponential and
logistic function have TensorFlow Lite's polynomials and roundings; "Qn" is an integer of 32 bits with n bits before the
binary point and 31 - n behind it.

Reference: https://arxiv.org/abs/1712.05877, section 2.2 and appendix A.
"""

import math

__all__ = ["exponential_table", "logistic_table", "mean_multiplier", "quantized_multiplier", "rescale"]

BITS = 31
ONE = (1 << 31) - 1  # the nearest to 1 that a Q0 can be
INT32_MIN = -(1 << 31)

EXP_OF_MINUS_EIGHTH = 1895147668  # Q0 of exp(-1/8)
THIRD = 715827883
# Q0 of exp(-2^k), for k from -2 on
EXP_OF_MINUS_POWERS = {k: min(ONE, math.floor(math.exp(-(2.0**k)) * 2**31 + 0.5)) for k in range(-2, 5)}
Q2_48_OVER_17, Q2_MINUS_32_OVER_17, Q2_ONE = 1515870810, -1010580540, 1 << 29

LOGISTIC_BITS = 4  # its argument is a Q4
SOFTMAX_BITS = 5  # that of the exponential is a Q5


def quantized_multiplier(value: float) -> tuple[int, int]:
    """Multiplier and shift of a float above 0."""
    fraction, shift = math.frexp(value)
    multiplier = _nearest(fraction * 2**BITS)
    if multiplier == 1 << BITS:
        multiplier, shift = multiplier // 2, shift + 1
    return (multiplier, shift) if shift >= -BITS else (0, 0)


def mean_multiplier(value: float, count: int) -> tuple[int, int]:
    """Multiplier and shift of value / count, with TensorFlow Lite's rounding."""
    multiplier, shift = quantized_multiplier(value)
    more = min(count.bit_length() - 1, 32, BITS + shift)
    return (multiplier << more) // count, shift - more


def rescale(x: int, multiplier: int, shift: int) -> int:
    """The product of x and multiplier / 2^31 * 2^shift, rounded as the kernels do."""
    return _shift_right(_multiply_high(x << max(shift, 0), multiplier), max(-shift, 0))


def logistic_table(scale: float, zero_point: int) -> list[int]:
    """The sigmoid of each int8 from -128 to 127, for LOGISTIC with this input: 256 integers within int8."""
    multiplier, shift = quantized_multiplier(scale * 2.0 ** (BITS - LOGISTIC_BITS))
    radius = _radius(LOGISTIC_BITS, shift)
    table = []
    for value in range(-128, 128):
        x = value - zero_point
        if abs(x) >= radius:
            table.append(127 if x > 0 else -128)
        else:
            share = _shift_right(_logistic(rescale(x, multiplier, shift)), BITS - 8)
            table.append(min(max(share - 128, -128), 127))
    return table


def exponential_table(scale: float, beta: float = 1.0) -> list[int]:
    """exp(-d · scale · beta) of each distance d from 0 to 255, Q0; -1 where SOFTMAX leaves it out as too small."""
    multiplier, shift = quantized_multiplier(min(beta * scale * 2.0 ** (BITS - SOFTMAX_BITS), 2.0**BITS - 1))
    farthest = _radius(SOFTMAX_BITS, shift)
    return [_exp(_multiply_high(-d << shift, multiplier), SOFTMAX_BITS) if d <= farthest else -1 for d in range(256)]


def _radius(bits: int, shift: int) -> int:
    """The largest argument that a Q`bits` can hold, before it is shifted."""
    return math.floor(((1 << bits) - 1) * 2.0 ** (BITS - bits) / 2.0**shift)


def _nearest(x: float) -> int:
    """The nearest integer, halves away from zero, as C's round."""
    return int(math.copysign(math.floor(abs(x) + 0.5), x))


def _multiply_high(a: int, b: int) -> int:
    return (a * b + (1 << 30)) >> BITS


def _shift_right(x: int, bits: int) -> int:
    mask = (1 << bits) - 1
    return (x >> bits) + ((x & mask) > (mask >> 1) + (x < 0))


def _shift_left(x: int, bits: int) -> int:
    return min(max(x << bits, INT32_MIN), ONE)


def _exp(x: int, bits: int) -> int:
    """The exponential of a Q`bits` not above 0: a polynomial for the last quarter, a product for each bit before."""
    if x == 0:
        return ONE
    fraction = BITS - bits
    quarter = 1 << (fraction - 2)
    inside = (x & (quarter - 1)) - quarter  # from -1/4 to 0
    result = _exp_of_quarter(_shift_left(inside, bits))
    rest = inside - x
    for power, factor in EXP_OF_MINUS_POWERS.items():
        if bits > power and rest & (1 << (fraction + power)):
            result = _multiply_high(result, factor)
    return result


def _exp_of_quarter(a: int) -> int:
    """The exponential of a Q0 from -1/4 to 0: Taylor's series around -1/8."""
    x = a + (1 << 28)
    x2 = _multiply_high(x, x)
    x3 = _multiply_high(x2, x)
    x4 = _multiply_high(x2, x2)
    series = _shift_right(_multiply_high(_shift_right(x4, 2) + x3, THIRD) + x2, 1)
    return min(EXP_OF_MINUS_EIGHTH + _multiply_high(EXP_OF_MINUS_EIGHTH, x + series), ONE)


def _logistic(x: int) -> int:
    """1 / (1 + exp(-x)) of a Q4, a Q0."""
    if x == 0:
        return 1 << 30
    positive = _reciprocal_of_one_plus(_exp(-abs(x), LOGISTIC_BITS))
    return positive if x > 0 else ONE - positive


def _reciprocal_of_one_plus(x: int) -> int:
    """1 / (1 + x) of a Q0 from 0 to 1, by three rounds of Newton's method."""
    half = (x + ONE + 1) // 2
    guess = Q2_48_OVER_17 + _multiply_high(half, Q2_MINUS_32_OVER_17)
    for _ in range(3):
        error = Q2_ONE - _multiply_high(half, guess)
        guess += _shift_left(_multiply_high(guess, error), 2)
    return _shift_left(guess, 1)
