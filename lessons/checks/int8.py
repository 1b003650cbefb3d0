"""Checks of lesson 8: the grid of a range, there and back, scales of weights, multiply and shift, a convolution."""

from functools import cache

import numpy as np

from embedded.codegen.fixed_point import quantized_multiplier
from embedded.codegen.fixed_point import rescale as board_rescale
from lessons.checks.checking import Mistake, call, compare, passed, wrong

__all__ = ["convolve", "grid", "quantize", "rescale", "weight_scales"]

STEPS = "“Multiply and shift”: product in 64 bits, plus 2³⁰, >> 31, then `shift_right` by minus the shift."
WHOLE = "“A whole convolution”: subtract, margin of zeros, bias and sum, rescale, zero point, clip, int8."


def grid(function) -> None:
    """Exercise 1: `grid(low, high)` gives scale and zero point."""
    look = "“Scale and zero point”: 255 steps, low becomes −128, and 0 is inside the range."
    for low, high in ((-1.5, 6.2), (0.0, 1.0), (0.5, 3.0), (-4.0, -1.0)):
        got = call(function, low, high)
        what = f"grid({low:g}, {high:g})"
        if not isinstance(got, tuple | list) or len(got) != 2:
            wrong(f"{what} is {got!r}, not a pair: scale and zero point.", look=look)
        least, most = min(low, 0.0), max(high, 0.0)
        scale = (most - least) / 255
        scales = [
            Mistake(
                "the range was not stretched to 0: then no whole number stands for 0.",
                (high - low) / 255,
            ),
            Mistake("256 numbers have 255 steps between them, not 256.", (most - least) / 256),
            Mistake(
                "the grid is symmetric, largest size over 127: that is for weights. Half of it is wasted here.",
                max(-least, most) / 127,
            ),
            Mistake("this is the number of steps for 1, the scale upside down.", 1 / scale),
            Mistake("scale and zero point are in each other's place.", round(-128 - least / scale)),
        ]
        compare(f"the scale of {what}", got[0], scale, scales, look)
        exact = -128 - least / scale
        points = [
            Mistake(
                "it is not rounded: a zero point is a whole number, or 0 is not on the grid.", exact
            ),
            Mistake(
                "this is for numbers from 0 to 255: int8 begins at −128, which is missing.",
                round(-least / scale),
            ),
            Mistake("low is added, not taken away: −128 − low / s.", round(-128 + least / scale)),
            Mistake(
                "the zero point is forgotten: 0 is not in the middle of this range.",
                0,
            ),
            Mistake(
                "the range was not stretched to 0: the zero point is outside of −128 to 127.",
                round(-128 - low / scale),
            ),
        ]
        compare(f"the zero point of {what}", got[1], round(exact), points, look)
    passed("grid: 255 steps from end to end, and 0 is exactly on one of them.")


def quantize(there, back) -> None:
    """Exercise 2: `quantize(values, scale, zero_point)` and `dequantize(whole, scale, zero_point)`."""
    look = "“Real to whole and back”: divide, round, add the zero point, clip to −128 … 127, int8."
    _there(there, look)
    _back(back, "“Scale and zero point”: real = s · (whole − z), in floating point.")
    passed("quantize, dequantize: there and back is off by half a step at most, and 0 stays 0.")


def _there(function, look: str) -> None:
    scale, zero = 0.05, -28
    # Fractions of a step that are no half, beyond both ends, and beyond both ends of a byte without a zero point.
    steps = np.array([-160.3, -99.6, -99.2, -40.7, -0.4, 0, 0.3, 0.8, 41.6, 127.9, 154.7, 200.2])
    values = scale * steps
    nearest = np.rint(steps) + zero
    clip = np.clip(nearest, -128, 127)
    mistakes = [
        Mistake(
            "nothing was clipped: what does not fit into an int8 runs around.", _wrapped(nearest)
        ),
        Mistake("nothing was clipped: an int8 has room for −128 to 127.", nearest),
        Mistake(
            "it was cut off, not rounded: `astype` and `int` drop what is behind the point.",
            np.clip(np.trunc(steps + zero), -128, 127),
        ),
        Mistake(
            "it was cut off, not rounded: `astype` and `int` drop what is behind the point.",
            np.clip(np.trunc(steps) + zero, -128, 127),
        ),
        Mistake(
            "it was cut off, not rounded, and not clipped either.", _wrapped(np.trunc(steps + zero))
        ),
        Mistake(
            "it was rounded down, not to the nearest.",
            np.clip(np.floor(steps) + zero, -128, 127),
        ),
        Mistake(
            "the zero point is forgotten: 0 has to become the zero point.",
            np.clip(np.rint(steps), -128, 127),
        ),
        Mistake("the zero point is forgotten, and nothing was clipped.", _wrapped(np.rint(steps))),
        Mistake(
            "the zero point was taken away; on this way it is added.",
            np.clip(np.rint(steps) - zero, -128, 127),
        ),
        Mistake(
            "it was clipped to 0 … 255, the range of uint8; int8 has −128 … 127.",
            np.clip(nearest, 0, 255),
        ),
        Mistake(
            "it was clipped to 0 … 255, the range of uint8; int8 has −128 … 127.",
            _wrapped(np.clip(nearest, 0, 255)),
        ),
        Mistake(
            "it was clipped at −127, as weights are; features may be −128.",
            np.clip(nearest, -127, 127),
        ),
        Mistake(
            "it was clipped before the zero point was added: then the sum runs over.",
            _wrapped(np.clip(np.rint(steps), -128, 127) + zero),
        ),
        Mistake(
            "it was multiplied by the scale; divide by it.",
            np.clip(np.rint(values * scale) + zero, -128, 127),
        ),
    ]
    got = call(function, values, scale, zero)
    compare("quantize(values, 0.05, -28)", got, clip, mistakes, look)
    if np.asarray(got).dtype != np.int8:
        wrong(f"quantize gives {np.asarray(got).dtype} numbers, not int8.", look=look)


def _back(function, look: str) -> None:
    scale, zero = 0.05, -28
    whole = np.array([-128, -101, -28, -27, 0, 60, 100, 127], np.int8)
    steps = whole.astype("float64") - zero
    mistakes = [
        Mistake(
            "the difference of int8 numbers ran over: 127 − (−28) = 155 does not fit. Make floating point of them "
            "first.",
            scale * _wrapped(steps),
        ),
        Mistake("the zero point is forgotten: −28 stands for 0 here.", scale * whole),
        Mistake(
            "the zero point was added; on the way back it is taken away.",
            scale * (whole.astype("float64") + zero),
        ),
        Mistake(
            "the zero point was added, and an int8 ran over.",
            scale * _wrapped(whole.astype("float64") + zero),
        ),
        Mistake(
            "the zero point was taken away after the scale: it is a whole number, s · (whole − z).",
            scale * whole - zero,
        ),
        Mistake("it was divided by the scale; multiply by it.", steps / scale),
    ]
    got = call(function, whole, scale, zero)
    compare("dequantize(whole, 0.05, -28)", got, scale * steps, mistakes, look)


def _wrapped(values: np.ndarray, dtype: type = np.int8) -> np.ndarray:
    """What is left of whole numbers in a type that has no room for them."""
    return np.asarray(values).astype(np.int64).astype(dtype).astype("float64")


def weight_scales(function) -> None:
    """Exercise 3: `weight_scales(weights)`, one for each output channel."""
    look = "“Weights: a scale for each channel”: largest size of each output channel over 127."
    rng = np.random.default_rng(3)
    sizes = np.array([0.1, 0.8, 0.3, 0.02])[:, None, None, None]
    weights = sizes * rng.uniform(-1, 0.9, (4, 3, 3, 5))
    weights[0, 1, 1, 2] = -0.11  # the largest by size is a negative one
    size, ends = np.abs(weights), (1, 2, 3)
    mistakes = [
        Mistake(
            "there is one scale for the whole layer: a channel of small weights then has too large steps.",
            size.max() / 127,
        ),
        Mistake(
            "all channels have the scale of the whole layer: a channel of small weights then has too large steps.",
            np.full(4, size.max() / 127),
        ),
        Mistake(
            "there is a scale for each *input* channel; the output channel is the first axis.",
            size.max(axis=(0, 1, 2)) / 127,
        ),
        Mistake(
            "the size is missing: the largest weight may be a negative one, take `np.abs` first.",
            weights.max(axis=ends) / 127,
        ),
        Mistake(
            "the weights are asymmetric, (max − min) / 255: that needs a zero point, and weights have none.",
            np.ptp(weights, axis=ends) / 255,
        ),
        Mistake(
            "it was divided by 128: the largest weight is then 128, which is no int8.",
            size.max(axis=ends) / 128,
        ),
        Mistake(
            "it was divided by 255; the numbers on one side of 0 are 127.",
            size.max(axis=ends) / 255,
        ),
        Mistake("this is the largest weight; divide it by 127.", size.max(axis=ends)),
        Mistake(
            "the axes were kept: (output channels, 1, 1, 1) instead of (output channels,).",
            size.max(axis=ends, keepdims=True) / 127,
        ),
    ]
    compare(
        "weight_scales(weights)",
        call(function, weights),
        size.max(axis=ends) / 127,
        mistakes,
        look,
    )
    passed("weight_scales: symmetric, no zero point, and no channel pays for the largest one.")


def rescale(split, function) -> None:
    """Exercise 4: `fixed_point(m)` and `rescale(sums, multiplier, shift)`."""
    _fixed_point(split)
    rng = np.random.default_rng(4)
    random = rng.integers(-60_000, 60_000, 300)
    # 1/16 is M = 2^30: there, halves come up at both roundings.
    for real, sums in ((1 / 16, np.arange(-200, 200)), (0.0009, random)):
        multiplier, shift = quantized_multiplier(real)
        narrow = sums.astype(np.int32)
        right = np.array([board_rescale(int(x), multiplier, shift) for x in sums])
        got = call(function, narrow, multiplier, shift)
        what = f"rescale(sums, {multiplier}, {shift})"
        compare(what, got, right, _rescale_mistakes(narrow, multiplier, shift), STEPS)
        if np.asarray(got).dtype.kind not in "iu":
            wrong(
                f"{what} gives {np.asarray(got).dtype} numbers, not whole ones.",
                "there is a fraction on the way; the board computes with whole numbers only.",
                STEPS,
            )
    columns = np.stack([random, random], axis=-1)
    pairs = [quantized_multiplier(real) for real in (0.0009, 0.03)]
    right = np.array([[board_rescale(int(x), *pair) for pair in pairs] for x in random])
    multipliers, shifts = (np.array(each) for each in zip(*pairs, strict=True))
    got = call(function, columns, multipliers, shifts)
    compare("rescale with a multiplier and a shift for each channel", got, right, look=STEPS)
    passed("rescale: a fraction without fractions, one multiplication and two shifts that round.")


def _fixed_point(function) -> None:
    look = "“Multiply and shift”: `np.frexp` gives a fraction from ½ to 1 and a power of two; times 2³¹, rounded."
    reals = np.array([0.0009, 0.3, 1 / 16, 0.004123])
    got = call(function, reals)
    if not isinstance(got, tuple | list) or len(got) != 2:
        wrong("fixed_point(m) is no pair: multiplier and shift.", look=look)
    pairs = [quantized_multiplier(real) for real in reals]
    multiplier, shift = (np.array(each) for each in zip(*pairs, strict=True))
    fraction = np.frexp(reals)[0]
    multipliers = [
        Mistake(
            "the fraction was multiplied by 2³⁰: then M has one bit less than it could.",
            np.rint(fraction * 2**30),
        ),
        Mistake("this is the fraction itself, not times 2³¹.", fraction),
        Mistake("this is m · 2³¹, without the power of two taken out.", np.rint(reals * 2**31)),
        Mistake("multiplier and shift are in each other's place.", shift),
    ]
    compare("the multiplier of fixed_point(m)", got[0], multiplier, multipliers, look, 1e-12)
    mistakes = [Mistake("the sign is wrong: a small m has a negative shift.", -shift)]
    compare("the shift of fixed_point(m)", got[1], shift, mistakes, look)
    if np.asarray(got[0]).dtype != np.int64:
        kind = np.asarray(got[0]).dtype
        wrong(f"the multiplier of fixed_point(m) is {kind}, not int64.", look=look)


def _rescale_mistakes(sums: np.ndarray, multiplier: int, shift: int) -> list[Mistake]:
    product, bits = sums.astype(np.int64) * multiplier, -shift
    high, half = (product + (1 << 30)) >> 31, 1 << bits >> 1
    with np.errstate(over="ignore"):
        narrow = sums.astype(np.int32) * np.int32(multiplier)
        spilled = (narrow + np.int32(1 << 30)) >> 31
    real = multiplier / 2**31 * 2.0**shift
    return [
        Mistake(
            "nothing was rounded: `>>` cuts off. Every result is then too low by a half on average.",
            (product >> 31) >> bits,
        ),
        Mistake("the second shift does not round: use `shift_right`, `>>` cuts off.", high >> bits),
        Mistake(
            "the first shift does not round: 2³⁰, a half, is missing before `>> 31`.",
            _away(product >> 31, bits),
        ),
        Mistake(
            "halves of negative numbers were rounded up; `shift_right` rounds them away from zero.",
            (high + half) >> bits,
        ),
        Mistake("the product ran over: it needs 64 bits, and `sums` has 32.", _away(spilled, bits)),
        Mistake("`>> 31` is missing.", _away(product, bits)),
        Mistake("the second shift is missing.", high),
        Mistake("it was shifted to the left: the shift is negative.", high << bits),
        Mistake(
            "it was rounded only once, as a real number; the board rounds twice, and so must you.",
            np.rint(sums * real),
        ),
        Mistake(
            "it was rounded only once, by one shift; the board rounds twice, and so must you.",
            _away(product, 31 + bits),
        ),
        Mistake("it was computed with fractions, and cut off at the end.", np.trunc(sums * real)),
        Mistake("it was computed with fractions, and not rounded.", sums * real),
    ]


def _away(x: np.ndarray, bits: int) -> np.ndarray:
    half = 1 << bits >> 1
    x = x.astype(np.int64)
    return np.where(x < 0, -((-x + half) >> bits), (x + half) >> bits)


def convolve(function) -> None:
    """Exercise 5: a convolution in whole numbers; a small one first, then one of the shipped network."""
    rng = np.random.default_rng(5)
    features = rng.integers(-128, 128, (6, 7, 3)).astype(np.int8)
    weights = rng.integers(-127, 128, (4, 3, 3, 3)).astype(np.int8)
    bias = rng.integers(-9_000, 9_000, 4).astype(np.int32)
    pairs = [quantized_multiplier(real) for real in (0.0031, 0.0072, 0.0012, 0.0041)]
    multiplier, shift = (np.array(each) for each in zip(*pairs, strict=True))
    numbers = (features, weights, bias, -100, multiplier, shift, 17)
    got = call(function, *numbers)
    what = "convolve of a small picture"
    compare(what, got, _small(*numbers), _convolve_mistakes(*numbers), WHOLE)
    if np.asarray(got).dtype != np.int8:
        wrong(f"{what} gives {np.asarray(got).dtype} numbers, not int8.", look=WHOLE)
    real, expected = _real()
    compare("convolve of the network's own tensors", call(function, *real), expected, look=WHOLE)
    passed("convolve: equal to the board's, byte for byte, without a single fraction.")


def _sums(values: np.ndarray, weights: np.ndarray, bias: np.ndarray, margin: int = 0) -> np.ndarray:
    """Accumulators of features whose zero point is taken away already; around them lies `margin`."""
    padded = np.pad(values.astype(np.int64), ((1, 1), (1, 1), (0, 0)), constant_values=margin)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (0, 1))  # type: ignore[call-overload]
    return np.einsum("hwiyx,oyxi->hwo", windows, weights.astype(np.int64)) + bias


def _finished(sums: np.ndarray, multiplier: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Rescaled by the package's own arithmetic."""
    channels = [
        [board_rescale(int(x), int(multiplier[c]), int(shift[c])) for x in sums[..., c].ravel()]
        for c in range(sums.shape[-1])
    ]
    return np.array(channels).T.reshape(sums.shape)


def _clipped(values: np.ndarray, low: int = -128, high: int = 127) -> np.ndarray:
    return np.clip(values, low, high)


def _small(features, weights, bias, zero_in, multiplier, shift, zero_out) -> np.ndarray:
    sums = _sums(features.astype(np.int64) - zero_in, weights, bias)
    return _clipped(_finished(sums, multiplier, shift) + zero_out)


def _convolve_mistakes(
    features, weights, bias, zero_in, multiplier, shift, zero_out
) -> list[Mistake]:
    wide = features.astype(np.int64)
    real, none = wide - zero_in, np.zeros_like(bias)
    sums = _sums(real, weights, bias)
    right = _finished(sums, multiplier, shift) + zero_out
    turned = weights.transpose(0, 2, 1, 3)
    first = (np.full_like(multiplier, multiplier[0]), np.full_like(shift, shift[0]))
    cases = [
        (
            "the zero point of the features is forgotten: x − z_x is what is multiplied.",
            _sums(wide, weights, bias),
        ),
        (
            "the margin is made of the whole number 0, which stands for something else: subtract the zero point first, "
            "then add the margin.",
            _sums(real, weights, bias, margin=-zero_in),
        ),
        ("the bias is missing.", _sums(real, weights, none)),
        (
            "x − z_x ran over: features are int8, make int64 of them before you subtract.",
            _sums(_wrapped(real), weights, bias),
        ),
        (
            "the sums ran over: products of int8 numbers need int32 or more, so make int64 of the features first.",
            _wrapped(_sums(_wrapped(real), weights, none)).astype(np.int64) + bias,
        ),
        ("rows and columns of the weights are in each other's place.", _sums(real, turned, bias)),
        (
            "the weights are turned around: a network's convolution takes them as they lie.",
            _sums(real, weights[:, ::-1, ::-1], bias),
        ),
        ("the zero point of the features was added.", _sums(wide + zero_in, weights, bias)),
    ]
    mistakes = [
        Mistake(text, _clipped(_finished(each, multiplier, shift) + zero_out))
        for text, each in cases
    ]
    real_m = multiplier / 2**31 * 2.0**shift
    return [
        *mistakes,
        Mistake(
            "the zero point of the output is missing.",
            _clipped(_finished(sums, multiplier, shift)),
        ),
        Mistake("it was not clipped: what does not fit into an int8 runs around.", _wrapped(right)),
        Mistake("it was not clipped to −128 … 127.", right),
        Mistake(
            "it was clipped to 0 … 255, the range of uint8; int8 has −128 … 127.",
            _clipped(right, 0, 255),
        ),
        Mistake(
            "it was clipped to 0 … 255, the range of uint8; int8 has −128 … 127.",
            _wrapped(_clipped(right, 0, 255)),
        ),
        Mistake("it was clipped at −127: features may be −128.", _clipped(right, -127)),
        Mistake(
            "it was clipped before the zero point of the output was added.",
            _wrapped(_clipped(_finished(sums, multiplier, shift)) + zero_out),
        ),
        Mistake(
            "all channels have the multiplier of the first: each has one of its own.",
            _clipped(_finished(sums, *first) + zero_out),
        ),
        Mistake(
            "it was cut off, not rounded: use your `rescale`.",
            _clipped((sums * real_m).astype(np.int64) + zero_out),
        ),
        Mistake(
            "the margin is missing: the output has to be as large as the input.",
            _clipped(right)[1:-1, 1:-1],
        ),
    ]


@cache
def _real() -> tuple[tuple, np.ndarray]:
    """Operands of one convolution of the shipped network on a photo, and what the emulator makes of them."""
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
