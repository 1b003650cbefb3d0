"""Checks of lesson 8: scale and zero point, quantize and dequantize, weight scales, requantization, a convolution."""

from functools import cache
from typing import Any

import numpy as np

from embedded.codegen.fixed_point import quantized_multiplier
from embedded.codegen.fixed_point import rescale as board_rescale
from lessons.checks.checking import Either, call, compare, passed, several, wrong

__all__ = ["convolve", "grid", "quantize", "rescale", "weight_scales"]

STEPS = "“Requantization”: product in 64 bits, plus 2³⁰, >> 31, then `shift_right` by minus the shift."
CONVOLUTION = "“A convolution in integers”: subtract, zero padding, bias and sum, rescale, zero point, clip, int8."
UINT8 = "it was clipped to 0 … 255, the range of uint8; int8 has −128 … 127."
TRUNCATED = "it was truncated, not rounded: `astype` and `int` drop the fraction."


def grid(function) -> None:
    """Exercise 1: `grid(low, high)` gives scale and zero point."""
    look = "“Scale and zero point”: 255 steps, low becomes −128, and 0 is inside the range."
    for low, high in ((-1.5, 6.2), (0.0, 1.0), (0.5, 3.0), (-4.0, -1.0)):
        got = call(function, low, high)
        what = f"grid({low:g}, {high:g})"
        several(what, got, "a pair, (scale, zero_point)", look=look)
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
            "the range was not extended to 0: the zero point is outside of −128 to 127.": round(-128 - low / scale),
        }
        compare(f"the zero point of {what}", got[1], round(exact), points, look)
    passed("grid: 255 steps from low to high, and 0 is represented exactly.")


def quantize(quantizer, dequantizer) -> None:
    """Exercise 2: `quantize(values, scale, zero_point)` and `dequantize(q, scale, zero_point)`."""
    look = "“Quantize and dequantize”: divide, round, add the zero point, clip to −128 … 127, int8."
    _quantize(quantizer, look)
    _dequantize(dequantizer, "“Scale and zero point”: r = s · (q − z), in floating point.")
    passed("quantize, dequantize: together off by half a step at most, and 0 stays 0.")


def _quantize(function, look: str) -> None:
    scale, zero = 0.05, -28
    # No halves; values beyond both ends of int8, and beyond both ends of uint8 without a zero point.
    steps = np.array([-160.3, -99.6, -99.2, -40.7, -0.4, 0, 0.3, 0.8, 41.6, 127.9, 154.7, 200.2])
    values = scale * steps
    nearest = np.rint(steps) + zero
    clip = np.clip(nearest, -128, 127)
    mistakes = {
        "nothing was clipped: what does not fit into int8 wraps around.": _wrapped(nearest),
        "nothing was clipped: an int8 has the range −128 to 127.": nearest,
        TRUNCATED: Either(np.clip(np.trunc(steps + zero), -128, 127), np.clip(np.trunc(steps) + zero, -128, 127)),
        "it was truncated, not rounded, and not clipped either.": _wrapped(np.trunc(steps + zero)),
        "it was rounded down, not to the nearest.": np.clip(np.floor(steps) + zero, -128, 127),
        "the zero point is forgotten: 0 has to become the zero point.": np.clip(np.rint(steps), -128, 127),
        "the zero point is forgotten, and nothing was clipped.": _wrapped(np.rint(steps)),
        "the zero point was subtracted; quantize adds it.": np.clip(np.rint(steps) - zero, -128, 127),
        UINT8: Either(np.clip(nearest, 0, 255), _wrapped(np.clip(nearest, 0, 255))),
        "it was clipped at −127, as weights are; features may be −128.": np.clip(nearest, -127, 127),
        "it was clipped before the zero point was added: then the sum overflows.": _wrapped(
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
        * _wrapped(steps),
        "the zero point is forgotten: −28 stands for 0 here.": scale * q,
        "the zero point was added; dequantize subtracts it.": scale * (steps + 2 * zero),
        "the zero point was added, and an int8 overflowed.": scale * _wrapped(steps + 2 * zero),
        "the zero point was subtracted after the scale: it is an integer, s · (q − z).": scale * q - zero,
        "it was divided by the scale; multiply by it.": steps / scale,
    }
    compare("dequantize(q, 0.05, -28)", call(function, q, scale, zero), scale * steps, mistakes, look)


def _wrapped(values: np.ndarray, dtype: type = np.int8) -> np.ndarray:
    """Integers that wrap around in a type with a smaller range, as float64."""
    return np.asarray(values).astype(np.int64).astype(dtype).astype("float64")


def weight_scales(function) -> None:
    """Exercise 3: `weight_scales(weights)`, one for each output channel."""
    look = "“Weights: a scale for each channel”: largest magnitude of each output channel over 127."
    rng = np.random.default_rng(3)
    sizes = np.array([0.1, 0.8, 0.3, 0.02])[:, None, None, None]
    weights = sizes * rng.uniform(-1, 0.9, (4, 3, 3, 5))
    weights[0, 1, 1, 2] = -0.11  # the largest by size is a negative one
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
        "`keepdims` kept the axes: (output channels, 1, 1, 1), not (output channels,).": most[:, None, None, None]
        / 127,
    }
    compare("weight_scales(weights)", call(function, weights), most / 127, mistakes, look)
    passed("weight_scales: symmetric, per-channel, without a zero point.")


def rescale(split, function) -> None:
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
        compare(what, got, right, _rescale_mistakes(narrow, multiplier, shift), STEPS)
        if np.asarray(got).dtype.kind not in "iu":
            mistake = "it was computed in floating point; the board computes with integers only."
            wrong(f"{what} has values of the type {np.asarray(got).dtype}, not integers.", mistake, STEPS)
    columns = np.stack([random, random], axis=-1)
    pairs = [quantized_multiplier(factor) for factor in (0.0009, 0.03)]
    right = np.array([[board_rescale(int(x), *pair) for pair in pairs] for x in random])
    multipliers, shifts = (np.array(each) for each in zip(*pairs, strict=True))
    got = call(function, columns, multipliers, shifts)
    compare("rescale with a multiplier and a shift for each channel", got, right, look=STEPS)
    passed("rescale: requantization in integers, one multiplication and two shifts that round.")


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
    }
    compare("the multiplier of fixed_point(m)", got[0], multiplier, multipliers, look, 1e-12, np.int64)
    mistakes = {"the sign is wrong: a small m has a negative shift.": -shift}
    compare("the shift of fixed_point(m)", got[1], shift, mistakes, look)


def _rescale_mistakes(sums: np.ndarray, multiplier: int, shift: int) -> dict[str, Any]:
    product, bits = sums.astype(np.int64) * multiplier, -shift
    high, half = (product + (1 << 30)) >> 31, 1 << bits >> 1
    with np.errstate(over="ignore"):
        narrow = sums.astype(np.int32) * np.int32(multiplier)
        spilled = (narrow + np.int32(1 << 30)) >> 31
    factor = multiplier / 2**31 * 2.0**shift
    return {
        "nothing was rounded: `>>` rounds down. All results are then too low by a half on average.": product
        >> 31
        >> bits,
        "the second shift does not round: use `shift_right`, `>>` rounds down.": high >> bits,
        "the first shift does not round: 2³⁰, a half, is missing before `>> 31`.": _away(product >> 31, bits),
        "halves of negative numbers were rounded up; `shift_right` rounds them away from zero.": (high + half) >> bits,
        "the product overflowed: it needs 64 bits, and `sums` has 32.": _away(spilled, bits),
        "`>> 31` is missing.": _away(product, bits),
        "the second shift is missing.": high,
        "it was shifted to the left: the shift is negative.": high << bits,
        "it was rounded only once, as a float; the board rounds twice, and so must you.": np.rint(sums * factor),
        "it was rounded only once, by one shift; the board rounds twice, and so must you.": _away(product, 31 + bits),
        "it was computed in floating point, and truncated at the end.": np.trunc(sums * factor),
        "it was computed in floating point, and not rounded.": sums * factor,
    }


def _away(x: np.ndarray, bits: int) -> np.ndarray:
    half = 1 << bits >> 1
    x = x.astype(np.int64)
    return np.where(x < 0, -((-x + half) >> bits), (x + half) >> bits)


def convolve(function) -> None:
    """Exercise 5: a convolution in integers; a small one first, then one of the shipped network."""
    rng = np.random.default_rng(5)
    features = rng.integers(-128, 128, (6, 7, 3)).astype(np.int8)
    weights = rng.integers(-127, 128, (4, 3, 3, 3)).astype(np.int8)
    bias = rng.integers(-9_000, 9_000, 4).astype(np.int32)
    pairs = [quantized_multiplier(factor) for factor in (0.0031, 0.0072, 0.0012, 0.0041)]
    multiplier, shift = (np.array(each) for each in zip(*pairs, strict=True))
    numbers = (features, weights, bias, -100, multiplier, shift, 17)
    mistakes, got = _convolve_mistakes(*numbers), call(function, *numbers)
    compare("convolve of a small picture", got, _small(*numbers), mistakes, CONVOLUTION, dtype=np.int8)
    operands, expected = _operands()
    compare("convolve of the network's own tensors", call(function, *operands), expected, look=CONVOLUTION)
    passed("convolve: bit-exact with the board, in integers only.")


def _sums(values: np.ndarray, weights: np.ndarray, bias: np.ndarray, padding: int = 0) -> np.ndarray:
    """Accumulators of features whose zero point is subtracted already, padded with the value `padding`."""
    padded = np.pad(values.astype(np.int64), ((1, 1), (1, 1), (0, 0)), constant_values=padding)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (0, 1))  # type: ignore[call-overload]
    return np.einsum("hwiyx,oyxi->hwo", windows, weights.astype(np.int64)) + bias


def _requantized(sums: np.ndarray, multiplier: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Accumulators after the package's own requantization, without the zero point."""
    channels = [
        [board_rescale(int(x), int(multiplier[c]), int(shift[c])) for x in sums[..., c].ravel()]
        for c in range(sums.shape[-1])
    ]
    return np.array(channels).T.reshape(sums.shape)


def _clipped(values: np.ndarray, low: int = -128, high: int = 127) -> np.ndarray:
    return np.clip(values, low, high)


def _small(features, weights, bias, zero_in, multiplier, shift, zero_out) -> np.ndarray:
    sums = _sums(features.astype(np.int64) - zero_in, weights, bias)
    return _clipped(_requantized(sums, multiplier, shift) + zero_out)


def _convolve_mistakes(features, weights, bias, zero_in, multiplier, shift, zero_out) -> dict[str, Any]:
    wide = features.astype(np.int64)
    centred, none = wide - zero_in, np.zeros_like(bias)
    sums = _sums(centred, weights, bias)
    right = _requantized(sums, multiplier, shift) + zero_out
    first = (np.full_like(multiplier, multiplier[0]), np.full_like(shift, shift[0]))
    sums_of = {
        "the zero point of the features is forgotten: multiply x − z_x.": _sums(wide, weights, bias),
        "the padding is the integer 0, which is not the float 0: subtract the zero point first, then pad.": _sums(
            centred, weights, bias, padding=-zero_in
        ),
        "the bias is missing.": _sums(centred, weights, none),
        "x − z_x overflowed: features are int8, convert them to int64 before you subtract.": _sums(
            _wrapped(centred), weights, bias
        ),
        "the sums overflowed: products of int8 values need int32 or more, so convert the features to int64 first.": (
            _wrapped(_sums(_wrapped(centred), weights, none)).astype(np.int64) + bias
        ),
        "rows and columns of the weights are swapped.": _sums(centred, weights.transpose(0, 2, 1, 3), bias),
        "the kernel is flipped: a network's convolution is a cross-correlation.": _sums(
            centred, weights[:, ::-1, ::-1], bias
        ),
        "the zero point of the features was added.": _sums(wide + zero_in, weights, bias),
    }
    factor = multiplier / 2**31 * 2.0**shift
    no_zero_point = _clipped(_requantized(sums, multiplier, shift))
    return {
        **{text: _clipped(_requantized(each, multiplier, shift) + zero_out) for text, each in sums_of.items()},
        "the zero point of the output is missing.": no_zero_point,
        "it was not clipped: what does not fit into int8 wraps around.": _wrapped(right),
        "it was not clipped to −128 … 127.": right,
        UINT8: Either(_clipped(right, 0, 255), _wrapped(_clipped(right, 0, 255))),
        "it was clipped at −127: features may be −128.": _clipped(right, -127),
        "it was clipped before the zero point of the output was added.": _wrapped(no_zero_point + zero_out),
        "all channels have the multiplier of the first: each has its own.": _clipped(
            _requantized(sums, *first) + zero_out
        ),
        "it was truncated, not rounded: use your `rescale`.": _clipped((sums * factor).astype(np.int64) + zero_out),
        "the padding is missing: the output must be as large as the input.": _clipped(right)[1:-1, 1:-1],
    }


@cache
def _operands() -> tuple[tuple, np.ndarray]:
    """Operands of one convolution of the shipped network on a photo, and its output in the emulator."""
    from embedded.camera.ov7675 import Camera
    from embedded.emulator import HOOKS_SUFFIX, Emulator
    from embedded.models.shipped_models import model_file
    from embedded.tflite.hook_map import HookMap
    from model.samples import load_sample

    emulator = Emulator(model_file("nano"))
    made_by = HookMap.load(model_file("nano").with_suffix(HOOKS_SUFFIX)).places["shallow"].operator
    assert made_by is not None  # it is no input of the network
    operator = emulator.graph.operators[made_by]
    source, kernel, bias = (emulator.graph.tensors[k] for k in operator.inputs)
    target = emulator.graph.tensors[operator.outputs[0]]
    camera = Camera()
    held = emulator.tensors(camera.picture(camera.capture(load_sample("kingfisher")[0])))
    assert kernel.quantization is not None  # an int8 tensor
    scales = source.scale * kernel.quantization.scale.astype("float64") / target.scale
    pairs = [quantized_multiplier(float(scale)) for scale in scales]
    multiplier, shift = (np.array(each) for each in zip(*pairs, strict=True))
    operands = (kernel.data, bias.data, source.zero_point, multiplier, shift, target.zero_point)
    return (held[source.index][0], *operands), held[target.index][0]
