"""Checks of lesson 8: scale and zero point, quantize and dequantize, weight scales, requantization, a convolution."""

import numpy as np

from embedded.codegen.fixed_point import quantized_multiplier
from embedded.codegen.fixed_point import rescale as board_rescale
from lessons.checks.kit import Either, Steps, call, compare, exercise, several, wrong
from lessons.checks.references.int8_reference import (
    UINT8,
    convolution_in_int8,
    convolution_mistakes,
    convolution_stages,
    operands,
    rescale_mistakes,
    rescale_stages,
    wrapped,
)

__all__ = ["convolve", "grid", "quantize", "rescale", "weight_scales"]

RANGES = ((-1.5, 6.2), (-1.0, 3.3), (0.0, 1.0), (0.5, 3.0), (-4.0, -1.0))
"""Before rounding, the first two zero points are −78.3 and −68.7: no other rule than the nearest gives both."""

STEPS = "“Requantization”: product in 64 bits, plus 2³⁰, >> 31, then `shift_right` by minus the shift."
CONVOLUTION = "“A convolution in integers”: subtract, zero padding, bias and sum, rescale, zero point, clip, int8."
TRUNCATED = "it was truncated, not rounded: `astype` and `int` drop the fraction."


@exercise
def grid(function) -> str:
    """Exercise 1: `grid(low, high)` gives scale and zero point."""
    look = "“Scale and zero point”: 255 steps, low becomes −128, and 0 is inside the range."
    for low, high in RANGES:
        what = f"grid({low:g}, {high:g})"
        got = several(what, call(function, low, high), "a pair, (scale, zero_point)", look=look)
        least, most = min(low, 0.0), max(high, 0.0)
        scale = (most - least) / 255
        symmetric = max(-least, most) / 127
        scales = {
            "the range was not extended to 0: then no integer stands for 0.": (high - low) / 255,
            "256 values have 255 steps between them, not 256.": (most - least) / 256,
            "it is symmetric, largest magnitude over 127: that is for weights, and wastes values here.": symmetric,
            "this is the inverse of the scale.": 1 / scale,
            "scale and zero point are swapped.": round(-128 - least / scale),
        }
        compare(f"the scale of {what}", got[0], scale, scales, look)
        exact = -128 - least / scale
        points = {
            "it is not rounded: a zero point is an integer, so that 0 is represented exactly.": exact,
            "this is for uint8, 0 to 255: int8 begins at −128, which is missing.": round(-least / scale),
            "low is added, not subtracted: −128 − low / s.": round(-128 + least / scale),
            "the zero point is forgotten: 0 is not in the middle of this range.": 0,
            "it was truncated (`int`), not rounded to the nearest: `round` does that.": int(exact),
            "it was rounded up, not to the nearest.": np.ceil(exact),
            "it was rounded down, not to the nearest.": np.floor(exact),
            "the range was not extended to 0: the zero point is outside of −128 to 127.": round(-128 - low / scale),
        }
        compare(f"the zero point of {what}", got[1], round(exact), points, look)
    return "grid: 255 steps from low to high, and 0 is represented exactly."


@exercise
def quantize(quantizer, dequantizer) -> str:
    """Exercise 2: `quantize(values, scale, zero_point)` and `dequantize(q, scale, zero_point)`."""
    look = "“Quantize and dequantize”: divide, round, add the zero point, clip to −128 … 127, int8."
    _quantize(quantizer, look)
    _dequantize(dequantizer, "“Scale and zero point”: r = s · (q − z), in floating point.")
    return "quantize, dequantize: together off by half a step at most, and 0 stays 0."


def _quantize(function, look: str) -> None:
    scale, zero = 0.05, -28
    # No halves; values beyond both ends of int8, and beyond both ends of uint8 without a zero point.
    steps = np.array([-160.3, -99.6, -99.2, -40.7, -0.4, 0, 0.3, 0.8, 41.6, 127.9, 154.7, 200.2])
    values = scale * steps
    nearest = np.rint(steps) + zero
    clip = np.clip(nearest, -128, 127)
    mistakes = {
        "nothing was clipped: what does not fit into int8 wraps around.": wrapped(nearest),
        "nothing was clipped: an int8 has the range −128 to 127.": nearest,
        TRUNCATED: Either(np.clip(np.trunc(steps + zero), -128, 127), np.clip(np.trunc(steps) + zero, -128, 127)),
        "it was truncated, not rounded, and not clipped either.": wrapped(np.trunc(steps + zero)),
        "it was rounded down, not to the nearest.": np.clip(np.floor(steps) + zero, -128, 127),
        "the zero point is forgotten: 0 has to become the zero point.": np.clip(np.rint(steps), -128, 127),
        "the zero point is forgotten, and nothing was clipped.": wrapped(np.rint(steps)),
        "the zero point was subtracted; quantize adds it.": np.clip(np.rint(steps) - zero, -128, 127),
        UINT8: Either(np.clip(nearest, 0, 255), wrapped(np.clip(nearest, 0, 255))),
        "it was clipped at −127, as weights are; features may be −128.": np.clip(nearest, -127, 127),
        "it was clipped before the zero point was added: then the sum overflows.": wrapped(
            np.clip(np.rint(steps), -128, 127) + zero
        ),
        "it was multiplied by the scale; divide by it.": np.clip(np.rint(values * scale) + zero, -128, 127),
    }
    compare("quantize(values, 0.05, -28)", call(function, values, scale, zero), clip, mistakes, look, dtype=np.int8)


def _dequantize(function, look: str) -> None:
    scale, zero = 0.05, -28
    q = np.array([-128, -101, -28, -27, 0, 60, 100, 127], np.int8)
    steps = q.astype("float64") - zero
    mistakes = {
        "the difference of int8 values overflowed: 127 − (−28) = 155 does not fit. Convert to float first.": scale
        * wrapped(steps),
        "the zero point is forgotten: −28 stands for 0 here.": scale * q,
        "the zero point was added; dequantize subtracts it.": scale * (steps + 2 * zero),
        "the zero point was added, and an int8 overflowed.": scale * wrapped(steps + 2 * zero),
        "the zero point was subtracted after the scale: it is an integer, s · (q − z).": scale * q - zero,
        "it was divided by the scale; multiply by it.": steps / scale,
    }
    compare("dequantize(q, 0.05, -28)", call(function, q, scale, zero), scale * steps, mistakes, look)


@exercise
def weight_scales(function) -> str:
    """Exercise 3: `weight_scales(weights)`, one for each output channel."""
    look = "“Weights: a scale for each channel”: largest magnitude of each output channel over 127."
    rng = np.random.default_rng(3)
    sizes = np.array([0.1, 0.8, 0.3, 0.02])[:, None, None, None]
    weights = sizes * rng.uniform(-1, 0.9, (4, 3, 3, 5))
    weights[0, 1, 1, 2] = -0.11  # the largest by size is a negative one,
    weights[1, 0, 2, 3] = 0.79  # and here a positive one
    size, ends = np.abs(weights), (1, 2, 3)
    most = size.max(axis=ends)
    mistakes = {
        "there is one scale for the whole layer (per-tensor): steps too large for a channel of small weights.": Either(
            size.max() / 127, np.full(4, size.max() / 127)
        ),
        "there is a scale for each *input* channel; the output channel is axis 0.": size.max(axis=(0, 1, 2)) / 127,
        "the largest weight may be a negative one: take `np.abs` first.": weights.max(axis=ends) / 127,
        "they are asymmetric, (max − min) / 255, but weights have no zero point.": np.ptp(weights, axis=ends) / 255,
        "it was divided by 128: the largest weight is then 128, not in the range of int8.": most / 128,
        "it was divided by 255; on each side of 0 there are 127 values.": most / 255,
        "this is the largest weight; divide it by 127.": most,
        "this is the mean magnitude; take the largest.": size.mean(axis=ends) / 127,
        "the fraction is inverted: the largest magnitude over 127.": 127 / most,
        "only the smallest weight was looked at: the largest magnitude may be a positive one.": -weights.min(axis=ends)
        / 127,
        "`keepdims` kept the axes: (output channels, 1, 1, 1), not (output channels,).": most[:, None, None, None]
        / 127,
        "an axis too few was reduced: height, width and input channels go, the output channel (axis 0) stays.": Either(
            *(size.max(axis=axes) / 127 for axes in (1, 2, 3, (1, 2), (1, 3), (2, 3)))
        ),
    }
    compare("weight_scales(weights)", call(function, weights), most / 127, mistakes, look)
    return "weight_scales: symmetric, per-channel, without a zero point."


@exercise
def rescale(split, function) -> str:
    """Exercise 4: `fixed_point(m)` and `rescale(sums, multiplier, shift)`."""
    _fixed_point(split)
    rng = np.random.default_rng(4)
    random = rng.integers(-60_000, 60_000, 300)
    # 1/16 is M = 2^30: there, halves come up at both roundings.
    for factor, sums in ((1 / 16, np.arange(-200, 200)), (0.0009, random)):
        multiplier, shift = quantized_multiplier(factor)
        narrow = sums.astype(np.int32)
        right = np.array([board_rescale(int(x), multiplier, shift) for x in sums])
        got = call(function, narrow, multiplier, shift)
        what = f"rescale(sums, {multiplier}, {shift})"
        steps = Steps(function, (narrow, multiplier, shift), rescale_stages(narrow, multiplier, shift))
        compare(what, got, right, rescale_mistakes(narrow, multiplier, shift), STEPS, steps=steps)
        if np.asarray(got).dtype.kind not in "iu":
            mistake = "it was computed in floating point; the board computes with integers only."
            wrong(f"{what} has values of the type {np.asarray(got).dtype}, not integers.", mistake, STEPS)
    columns = np.stack([random, random], axis=-1)
    pairs = [quantized_multiplier(factor) for factor in (0.0009, 0.03)]
    right = np.array([[board_rescale(int(x), *pair) for pair in pairs] for x in random])
    multipliers, shifts = (np.array(each) for each in zip(*pairs, strict=True))
    got = call(function, columns, multipliers, shifts)
    compare("rescale with a multiplier and a shift for each channel", got, right, look=STEPS)
    return "rescale: requantization in integers, one multiplication and two shifts that round."


def _fixed_point(function) -> None:
    look = "“Requantization”: `np.frexp` gives a fraction from ½ to 1 and a power of two; times 2³¹, rounded."
    factors = np.array([0.0009, 0.3, 1 / 16, 0.004123])
    got = several("fixed_point(m)", call(function, factors), "a pair, (multiplier, shift)", look=look)
    pairs = [quantized_multiplier(factor) for factor in factors]
    multiplier, shift = (np.array(each) for each in zip(*pairs, strict=True))
    fraction = np.frexp(factors)[0]
    multipliers = {
        "the fraction was multiplied by 2³⁰: then M has one bit less than it could have.": np.rint(fraction * 2**30),
        "this is the fraction itself, not times 2³¹.": fraction,
        "this is m · 2³¹, without the power of two taken out.": np.rint(factors * 2**31),
        "multiplier and shift are swapped.": shift,
        "the fraction times 2³¹ was truncated, not rounded.": np.floor(fraction * 2**31),
        "this is m itself: M is an integer, the fraction of m times 2³¹.": factors,
    }
    compare("the multiplier of fixed_point(m)", got[0], multiplier, multipliers, look, 1e-12, np.int64)
    mistakes = {"the sign is wrong: a small m has a negative shift.": -shift}
    compare("the shift of fixed_point(m)", got[1], shift, mistakes, look)


@exercise
def convolve(function) -> str:
    """Exercise 5: a convolution in integers; a small one first, then one of the shipped network."""
    rng = np.random.default_rng(5)
    features = rng.integers(-128, 128, (6, 7, 3)).astype(np.int8)
    weights = rng.integers(-127, 128, (4, 3, 3, 3)).astype(np.int8)
    bias = rng.integers(-9_000, 9_000, 4).astype(np.int32)
    pairs = [quantized_multiplier(factor) for factor in (0.0031, 0.0072, 0.0012, 0.0041)]
    multiplier, shift = (np.array(each) for each in zip(*pairs, strict=True))
    numbers = (features, weights, bias, -100, multiplier, shift, 17)
    mistakes, got = convolution_mistakes(*numbers), call(function, *numbers)
    steps = Steps(function, numbers, convolution_stages(*numbers))
    right = convolution_in_int8(*numbers)
    compare("convolve of a small picture", got, right, mistakes, CONVOLUTION, dtype=np.int8, steps=steps)
    real, expected = operands()
    compare("convolve of the network's own tensors", call(function, *real), expected, look=CONVOLUTION)
    return "convolve: bit-exact with the board, in integers only."
