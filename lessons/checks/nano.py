"""Checks of lesson 10: the camera's bytes, an index, requantization, a byte of a convolution, time and energy."""

from typing import Any, NamedTuple

import numpy as np

from embedded.codegen.fixed_point import rescale
from lessons.checks.kit import Either, call, compare, exercise, several, wrong
from lessons.checks.references.nano_reference import CONV_MISTAKES, byte_at, high_product, shifted_right
from model.images.camera_formats import yuv422_to_rgb

__all__ = ["Conv", "conv_at", "cost", "finish", "index_of", "two_pixels"]

HALF = 1 << 15


class Conv(NamedTuple):
    """The fields of `struct mirnet_conv`; arrays are flat lists."""

    shape: tuple  # of the input: height, width, channels
    side: int  # the kernel is side x side
    padding: int  # rows above, and columns on the left
    in_zero_point: int
    zero_point: int
    low: int
    weights: list  # (out channels, side, side, in channels), flat
    bias: list
    multiplier: list
    shift: list


@exercise
def two_pixels(function) -> str:
    """Exercise 1: `two_pixels(four)` of the bytes Y U Y V."""
    look = "“What the camera sends”: Y of the left pixel, U, Y of the right one, V; 128 is no colour; clip at the end."
    drawn = np.random.default_rng(1).integers(0, 256, (300, 4)).tolist()
    for four in [[60, 90, 100, 150], [10, 128, 20, 128], [250, 200, 5, 40], *drawn]:
        pair = np.array(four, np.uint8)
        right = yuv422_to_rgb(pair.reshape(1, 2, 2))[0]
        got = call(function, bytes(four))
        compare(f"two_pixels(bytes({four}))", got, right, _pixel_mistakes(*four), look, 1e-9)
    return "two_pixels: a luma for each, chroma for both. The same as `model.images.camera_formats` and the C code."


def _pixel_mistakes(a: int, b: int, c: int, d: int) -> dict[str, Any]:
    def pixels(lumas=(a, c), u=b - 128, v=d - 128, half=HALF, clip=True) -> np.ndarray:
        added = ((91881 * v + half) >> 16, (-22554 * u - 46802 * v + half) >> 16)
        found = np.array([[y + each for each in (*added, (116130 * u + half) >> 16)] for y in lumas])
        return np.clip(found, 0, 255) if clip else found

    u, v = b - 128, d - 128
    shifted = np.array(
        [[(y + n + HALF) >> 16 for n in (91881 * v, -22554 * u - 46802 * v, 116130 * u)] for y in (a, c)]
    )
    return {
        "U and V are swapped: the order is Y U Y V.": pixels(u=v, v=u),
        "the bytes were read as U Y V Y: the first one is the left pixel's Y.": pixels((b, d), a - 128, c - 128),
        "the bytes were read as Y Y U V: U is between the two Y.": pixels(lumas=(a, b), u=c - 128),
        "both pixels have the left one's Y: they share their chroma, not their luma.": pixels(lumas=(a, a)),
        "128 was not subtracted from U and V: it is the value that means no colour.": pixels(u=b, v=d),
        "nothing was clipped to 0 to 255.": pixels(clip=False),
        "the colours are in the wrong order: red, green, blue.": pixels()[:, ::-1],
        "the pixels are in the wrong order: the left one comes first.": pixels()[::-1],
        "the signs of green are wrong: there, U and V are taken away.": _with_green(
            pixels(), [y + ((22554 * u + 46802 * v + HALF) >> 16) for y in (a, c)]
        ),
        "these are six numbers in a row; return two lists of three.": pixels().ravel(),
        "it was not clipped, and uint8 values wrapped around: 260 became 4.": pixels(clip=False).astype(np.uint8),
        "the half, 32768, is missing: `>>` alone always rounds down.": pixels(half=0),
        "Y is shifted, too: Python reads `y + a >> 16` as `(y + a) >> 16`. Put brackets around the shift.": Either(
            shifted, np.clip(shifted, 0, 255)
        ),
    }


def _with_green(pixels: np.ndarray, green: list[int]) -> np.ndarray:
    changed = pixels.copy()
    changed[:, 1] = np.clip(green, 0, 255)
    return changed


SHAPE = (4, 7, 5)
"""Height, width and channels, all different."""


@exercise
def index_of(function) -> str:
    """Exercise 2: `index_of(y, x, c, shape)` in NHWC."""
    look = "“One operator as C”: row by row, in a row pixel by pixel, the channels of a pixel side by side."
    height, width, channels = SHAPE
    y, x, c = np.indices(SHAPE)
    got = np.array([call(function, *at, SHAPE) for at in np.ndindex(SHAPE)]).reshape(SHAPE)
    planes, rows = (c * height + y) * width + x, y * width * channels + x + c
    mistakes = {
        "the channels are stored as planes, one after the other (NCHW, as PyTorch has it).": planes,
        "a row was taken to have `height` pixels: it has `width`.": (y * height + x) * channels + c,
        "rows and columns are swapped.": Either((x * height + y) * channels + c, (x * width + y) * channels + c),
        "the channels of the pixels before are missing: each pixel has `channels` values.": y * width + x + c,
        "only the rows were multiplied by the channels; a step of one column is `channels`, too.": rows,
        "only the columns were multiplied by the channels; a row has width · channels values.": y * width
        + x * channels
        + c,
        "it counts from 1; the first value has the index 0.": (y * width + x) * channels + c + 1,
        "the channel is missing: + c.": (y * width + x) * channels,
        "the sides were multiplied in the wrong places: (y · width + x) · channels + c.": y * height * width
        + x * width
        + c * channels,
    }
    compare(f"index_of(y, x, c, {SHAPE})", got, np.arange(got.size).reshape(SHAPE), mistakes, look, 1e-9)
    return "index_of: memory has addresses, no axes. Now you can read every index in the C code."


SCALINGS = (
    (1_073_741_824, -3, -20, -128),
    (1_734_906_527, -7, -128, -128),
    (1_218_442_895, -6, 4, 4),
    (2_147_483_647, 0, 0, -128),
)
"""Multiplier, shift, zero point and lowest value: with and without ReLU; the first often rounds halves."""


@exercise
def finish(function) -> str:
    """Exercise 3: `finish(total, multiplier, shift, zero_point, low)`, bit-exact."""
    look = "“Requantization”: multiply high, shift right, both rounding; the zero point; and the clamp at the end."
    totals = [*range(-400, 401), *np.random.default_rng(3).integers(-40_000, 40_000, 300).tolist()]
    for scaling in SCALINGS:
        multiplier, shift, zero_point, low = scaling
        right = [min(max(rescale(total, multiplier, shift) + zero_point, low), 127) for total in totals]
        got = [call(function, total, *scaling) for total in totals]
        arguments = ", ".join(map(str, scaling))
        mistakes = _finish_mistakes(np.array(totals), *scaling)
        compare(lambda k, rest=arguments: f"finish({totals[k]}, {rest})", got, right, mistakes, look)
    return "finish: the same byte as the C code, for every sum. Two roundings, and both matter."


def _finish_mistakes(t: np.ndarray, multiplier: int, shift: int, z: int, low: int) -> dict[str, Any]:
    def clamped(values):
        return np.clip(values, low, 127)

    bits, half = -shift, (1 << -shift) >> 1
    product, high = (t * multiplier) >> 31, high_product(t, multiplier)
    right = shifted_right(high, bits) + z
    return {
        "the second shift rounds down: `>>` alone does; add one where the rest is above the threshold.": clamped(
            (high >> bits) + z
        ),
        "halves below 0 are rounded up: C rounds them away from 0, so for negative numbers the threshold is one "
        "higher.": clamped(((high + half) >> bits) + z),
        "the first product is rounded down: `+ (1 << 30)` before `>> 31` rounds it.": clamped(
            shifted_right(product, bits) + z
        ),
        "nothing is rounded: both steps of the C code add a half.": clamped((product >> bits) + z),
        "it is rounded once, at the end: the C code rounds twice, which sometimes gives another byte.": clamped(
            np.rint(t * multiplier / 2**31 * 2.0**shift) + z
        ),
        "the zero point is missing.": clamped(right - z),
        "the zero point is added before the multiplication: it belongs to the output.": clamped(
            shifted_right(high_product(t + z, multiplier), bits)
        ),
        "it was clamped before the zero point was added.": clamped(right - z) + z,
        "it is clamped at −128, not at `low`. A fused ReLU is a clamp at the zero point.": np.clip(right, -128, 127),
        "nothing was clamped: the range is `low` to 127.": right,
        "it was clamped at `low` only: the highest value is 127.": np.maximum(right, low),
        "the rest must be *larger* than the threshold to round up: `>`, not `>=`.": clamped(
            (high >> bits) + ((high & ((1 << bits) - 1)) >= (((1 << bits) - 1) >> 1) + (high < 0)) + z
        ),
        "there is one shift for both: the C code rounds twice, which sometimes gives another byte.": clamped(
            ((t.astype(object) * multiplier + (1 << (30 + bits))) >> (31 + bits)).astype(np.int64) + z
        ),
        "the shift has the wrong direction: a shift of −7 divides by 2⁷.": clamped((high << bits) + z),
    }


def _small() -> tuple[list[int], Conv]:
    """An input and a convolution for which every mistake has another output."""
    rng = np.random.default_rng(5)
    shape, outputs = (4, 5, 3), 4
    weights = rng.integers(-127, 128, outputs * 9 * shape[2]).tolist()
    bias = rng.integers(-30_000, 30_000, outputs).tolist()
    multiplier = rng.integers(2**30, 2**31, outputs).tolist()
    conv = Conv(shape, 3, 1, 11, -3, -128, weights, bias, multiplier, [-10, -11, -9, -10])
    return rng.integers(-128, 128, int(np.prod(shape))).tolist(), conv


@exercise
def conv_at(function) -> str:
    """Exercise 4: `conv_at(data, p, y, x, c)`, at every position of a small convolution."""
    look = "“One operator as C”, `window_sum`: skip positions outside, subtract the zero point, begin with the bias."
    data, p = _small()
    height, width, _ = p.shape
    shape = (height, width, len(p.bias))

    def outputs(**options) -> np.ndarray:
        return np.array([byte_at(data, p, *at, **options) for at in np.ndindex(shape)]).reshape(shape)

    right = outputs()
    got = np.array([_one(function, data, p, at) for at in np.ndindex(shape)]).reshape(shape)
    mistakes = {text: outputs(**options) for text, options in CONV_MISTAKES.items()}
    if np.array_equal(got[1:-1, 1:-1], right[1:-1, 1:-1]):
        mistakes["the border is wrong, and the inside is right."] = got
    compare(lambda *at: f"conv_at of a small convolution at (row, column, channel) {at}", got, right, mistakes, look)
    return "conv_at: from addresses to a byte, as on the board. The rest of the network is more of the same."


def _one(function, data: list[int], p: Conv, at: tuple[int, ...]) -> int:
    try:
        return int(call(function, list(data), p, *at))
    except (TypeError, ValueError):
        wrong("conv_at is not one integer.", "the result is an array or a list, or `finish` was left out.")


@exercise
def cost(function) -> str:
    """Exercise 5: `cost(instructions, cycles_each, hertz, milliamperes, volts)`."""
    look = "“Time and energy”: cycles over cycles a second; joules are volts × amperes × seconds."
    for numbers in ((96_000_000, 1.5, 64e6, 20.0, 3.3), (5_000_000, 2.5, 16e6, 8.0, 1.8)):
        n, each, hertz, milli, volts = numbers
        what = f"cost({n}, {each}, {hertz / 1e6:.0f}e6, {milli:.0f}, {volts})"
        got = call(function, *numbers)
        seconds, joules = several(what, tuple(got) if np.ndim(got) else got, "a pair, (seconds, joules)", look=look)
        right = n * each / hertz
        watts = volts * milli / 1000
        mistakes = {
            "the cycles of an instruction are missing: it takes `cycles_each` of them.": n / hertz,
            "it is divided by the cycles of an instruction: each takes `cycles_each`.": n / each / hertz,
            "this is how many such programs run in a second: the fraction is inverted.": 1 / right,
            "it is multiplied by the cycles of a second; divide by them.": n * each * hertz,
            "the clock is taken for megahertz: hertz are cycles a second already.": right * 1e6,
            "this is the energy: seconds come first.": right * watts,
            "these are milliseconds.": right * 1000,
            "the fraction was cut off: divide with `/`, not with `//`.": float(int(right)),
            "the clock is always the Nano's here: use `hertz`.": n * each / 64e6,
        }
        compare(f"{what}, seconds,", seconds, right, mistakes, look)
        mistakes = {
            "milliamperes are taken for amperes: a thousandth.": right * watts * 1000,
            "milliamperes are taken for microamperes: a thousandth, not a millionth.": right * watts / 1000,
            "this is the power in watts; energy is power times seconds.": watts,
            "this is the power in milliwatts; energy is power times seconds.": watts * 1000,
            "power is divided by seconds; energy is power times seconds.": watts / right,
            "the volts are missing: power is volts times amperes.": right * milli / 1000,
            "the current is always 20 mA here: use `milliamperes`.": right * volts * 0.02,
            "the voltage is always 3.3 V here: use `volts`.": right * milli / 1000 * 3.3,
        }
        compare(f"{what}, joules,", joules, right * watts, mistakes, look)
    return "cost: half the instructions take half the time, and a battery lasts for twice as many pictures."
