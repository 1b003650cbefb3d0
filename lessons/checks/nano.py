"""Checks of lesson 10: the camera's bytes, an index, the end of a sum, a byte of a convolution, and what it costs."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from embedded.codegen.fixed_point import rescale
from lessons.checks.checking import Mistake, call, compare, passed, wrong
from model.images.camera_formats import yuv422_to_rgb

__all__ = ["conv_at", "cost", "finish", "index_of", "two_pixels"]

HALF = 1 << 15


def two_pixels(function) -> None:
    """Exercise 1: `two_pixels(four)` of the bytes Y U Y V."""
    look = "“What the camera sends”: Y of the left pixel, U, Y of the right one, V; 128 is no colour; clip at the end."
    drawn = np.random.default_rng(1).integers(0, 256, (300, 4)).tolist()
    for four in [[60, 90, 100, 150], [10, 128, 20, 128], [250, 200, 5, 40], *drawn]:
        pair = np.array(four, np.uint8)
        right = yuv422_to_rgb(pair.reshape(1, 2, 2))[0]
        got = call(function, bytes(four))
        compare(f"two_pixels(bytes({four}))", got, right, _pixel_mistakes(*four), look, 1e-9)
    passed(
        "two_pixels: brightness for each, colour for both. `model.images.camera_formats`, the C on the board "
        "and you give the same."
    )


def _pixel_mistakes(a: int, b: int, c: int, d: int) -> list[Mistake]:
    def pixels(lumas=(a, c), u=b - 128, v=d - 128, half=HALF, clip=True) -> np.ndarray:
        added = ((91881 * v + half) >> 16, (-22554 * u - 46802 * v + half) >> 16)
        found = np.array(
            [[y + each for each in (*added, (116130 * u + half) >> 16)] for y in lumas]
        )
        return np.clip(found, 0, 255) if clip else found

    u, v = b - 128, d - 128
    whole = np.array(
        [
            [(y + n + HALF) >> 16 for n in (91881 * v, -22554 * u - 46802 * v, 116130 * u)]
            for y in (a, c)
        ]
    )
    return [
        Mistake("U and V have changed places: the order is Y U Y V.", pixels(u=v, v=u)),
        Mistake(
            "the bytes were read as U Y V Y: the first one is the left pixel's Y.",
            pixels(lumas=(b, d), u=a - 128, v=c - 128),
        ),
        Mistake(
            "the bytes were read as Y Y U V: U stands between the two Y.",
            pixels(lumas=(a, b), u=c - 128),
        ),
        Mistake(
            "both pixels got the left one's Y: they share their colour, not their brightness.",
            pixels(lumas=(a, a)),
        ),
        Mistake(
            "128 was not taken away from U and V: it is the byte that means no colour.",
            pixels(u=b, v=d),
        ),
        Mistake("nothing was clipped to 0 to 255.", pixels(clip=False)),
        Mistake(
            "it was not clipped, and bytes ran over: 260 became 4.",
            pixels(clip=False).astype(np.uint8),
        ),
        Mistake("the half, 32768, is missing: `>>` alone always rounds down.", pixels(half=0)),
        Mistake(
            "Y went into the shift: Python reads `y + a >> 16` as `(y + a) >> 16`. Put brackets around the shift.",
            whole,
        ),
        Mistake(
            "Y went into the shift: Python reads `y + a >> 16` as `(y + a) >> 16`. Put brackets around the shift.",
            np.clip(whole, 0, 255),
        ),
    ]


SHAPE = (4, 7, 5)
"""Height, width and channels that cannot be taken for each other."""


def index_of(function) -> None:
    """Exercise 2: `index_of(y, x, c, shape)` in NHWC."""
    look = "“One operator as C”: row by row, in a row pixel by pixel, the channels of a pixel side by side."
    height, width, channels = SHAPE
    y, x, c = np.indices(SHAPE)
    right = np.arange(height * width * channels).reshape(SHAPE)
    got = np.array(
        [
            [[call(function, i, j, k, SHAPE) for k in range(channels)] for j in range(width)]
            for i in range(height)
        ]
    )
    mistakes = [
        Mistake(
            "the channels lie in planes, one picture after the other (NCHW, as PyTorch has it).",
            (c * height + y) * width + x,
        ),
        Mistake(
            "a row has the height's number of pixels: it has `width`.",
            (y * height + x) * channels + c,
        ),
        Mistake("rows and columns have changed places.", (x * height + y) * channels + c),
        Mistake("rows and columns have changed places.", (x * width + y) * channels + c),
        Mistake(
            "the channels of the pixels before were forgotten: each pixel has `channels` numbers.",
            y * width + x + c,
        ),
        Mistake(
            "only the rows were multiplied by the channels; a step of one column is `channels`, too.",
            y * width * channels + x + c,
        ),
    ]
    compare(f"index_of(y, x, c, {SHAPE})", got, right, mistakes, look, 1e-9)
    passed(
        "index_of: the board's memory has no axes. From now on you can read any address in the C."
    )


SCALINGS = (
    (1_073_741_824, -3, -20, -128),
    (1_734_906_527, -7, -128, -128),
    (1_218_442_895, -6, 4, 4),
    (2_147_483_647, 0, 0, -128),
)
"""Multiplier, shift, zero point and lowest value: with and without ReLU; the first meets halves often."""


def finish(function) -> None:
    """Exercise 3: `finish(total, multiplier, shift, zero_point, low)`, to the bit."""
    look = "“From a sum to a byte”: multiply high, shift right, both rounding; the zero point; and the clamp at last."
    totals = [*range(-400, 401), *np.random.default_rng(3).integers(-40_000, 40_000, 300).tolist()]
    for scaling in SCALINGS:
        multiplier, shift, zero_point, low = scaling
        right = np.array(
            [min(max(rescale(total, multiplier, shift) + zero_point, low), 127) for total in totals]
        )
        got = np.array([call(function, total, *scaling) for total in totals])
        if got.shape == right.shape and np.array_equal(got, right):
            continue
        mistake = next(
            (
                text
                for text, variant in FINISH_MISTAKES
                if np.array_equal(got, [variant(total, *scaling) for total in totals])
            ),
            "",
        )
        k = int(np.argmax(got != right))
        wrong(
            f"finish({totals[k]}, {multiplier}, {shift}, {zero_point}, {low}) is {got[k]}, not {right[k]}.",
            mistake,
            look,
        )
    passed("finish: the same byte as the C gives, for every sum. Two roundings, and both matter.")


def _high(total: int, multiplier: int) -> int:
    return (total * multiplier + (1 << 30)) >> 31


def _right(x: int, bits: int) -> int:
    mask = (1 << bits) - 1
    return (x >> bits) + ((x & mask) > (mask >> 1) + (x < 0))


def _clamp(x: float, low: float) -> float:
    return min(max(x, low), 127)


Scaled = Callable[[int, int, int, int, int], float]
FINISH_MISTAKES: tuple[tuple[str, Scaled], ...] = (
    (
        "the second shift rounds down: `>>` alone does; one more is due where the rest is above the threshold.",
        lambda t, m, s, z, low: _clamp((_high(t, m) >> -s) + z, low),
    ),
    (
        "halves below 0 are rounded up: C rounds them away from 0, so the threshold is one higher for negative "
        "numbers.",
        lambda t, m, s, z, low: _clamp(((_high(t, m) + ((1 << -s) >> 1)) >> -s) + z, low),
    ),
    (
        "the first product is cut off: `+ (1 << 30)` before `>> 31` rounds it.",
        lambda t, m, s, z, low: _clamp(_right((t * m) >> 31, -s) + z, low),
    ),
    (
        "nothing is rounded: both steps of the C add a half.",
        lambda t, m, s, z, low: _clamp((((t * m) >> 31) >> -s) + z, low),
    ),
    (
        "it is rounded once, at the end: the C rounds twice, and now and then that is another byte.",
        lambda t, m, s, z, low: _clamp(round(t * m / 2**31 * 2.0**s) + z, low),
    ),
    (
        "the zero point is missing.",
        lambda t, m, s, z, low: _clamp(_right(_high(t, m), -s), low),
    ),
    (
        "the zero point is added before the multiplication: it belongs to the output.",
        lambda t, m, s, z, low: _clamp(_right(_high(t + z, m), -s), low),
    ),
    (
        "the clamp came before the zero point.",
        lambda t, m, s, z, low: _clamp(_right(_high(t, m), -s), low) + z,
    ),
    (
        "it ends at −128: but `low` may be higher. This is how a ReLU is built in, it ends at what stands for 0.",
        lambda t, m, s, z, low: _clamp(_right(_high(t, m), -s) + z, -128),
    ),
    (
        "nothing was clamped: an int8 ends at 127, and at `low`.",
        lambda t, m, s, z, low: _right(_high(t, m), -s) + z,
    ),
    (
        "the shift goes the wrong way: a shift of −7 divides by 2⁷.",
        lambda t, m, s, z, low: _clamp((_high(t, m) << -s) + z, low),
    ),
)


class Conv(NamedTuple):
    """The operands of a convolution, as the lesson has them."""

    shape: tuple
    side: int
    padding: int
    in_zero_point: int
    zero_point: int
    low: int
    weights: list
    bias: list
    multiplier: list
    shift: list


def _small() -> tuple[list[int], Conv]:
    """An input and a convolution in which every mistake becomes another number."""
    rng = np.random.default_rng(5)
    shape, outputs = (4, 5, 3), 4
    conv = Conv(
        shape,
        3,
        1,
        11,
        -3,
        -128,
        rng.integers(-127, 128, outputs * 9 * shape[2]).tolist(),
        rng.integers(-30_000, 30_000, outputs).tolist(),
        rng.integers(2**30, 2**31, outputs).tolist(),
        [-10, -11, -9, -10],
    )
    return rng.integers(-128, 128, int(np.prod(shape))).tolist(), conv


def conv_at(function) -> None:
    """Exercise 4: `conv_at(given, p, y, x, c)`, at every place of a small convolution."""
    look = "“One operator as C”, `window_sum`: what lies outside is left out, the zero point is subtracted, bias first."
    given, p = _small()
    height, width, _ = p.shape
    wanted = (height, width, len(p.bias))
    right = np.array([_conv_at(given, p, *at) for at in np.ndindex(wanted)]).reshape(wanted)
    got = np.array([_one(function, given, p, at) for at in np.ndindex(wanted)]).reshape(wanted)
    if np.array_equal(got, right):
        passed(
            "conv_at: from addresses to a byte, as the board does it. The rest of the network is more of the same."
        )
        return
    text = ""
    for words, options in CONV_MISTAKES:
        value = np.array([_conv_at(given, p, *at, **options) for at in np.ndindex(wanted)])
        if np.array_equal(got, value.reshape(wanted)):
            text = words
            break
    y, x, c = (int(k) for k in np.argwhere(got != right)[0])
    inside = np.array_equal(got[1:-1, 1:-1], right[1:-1, 1:-1])
    text = text or ("the border is wrong, and the inside is right." if inside else "")
    wrong(
        f"conv_at of a small convolution is {got[y, x, c]} at row {y}, column {x}, channel {c}, not "
        f"{right[y, x, c]} ({(got != right).mean():.0%} of the bytes differ).",
        text,
        look,
    )


def _one(function, given: list[int], p: Conv, at: tuple[int, ...]) -> int:
    try:
        return int(call(function, list(given), p, *at))
    except (TypeError, ValueError):
        wrong("conv_at does not give one whole number.")


CONV_MISTAKES: tuple[tuple[str, dict], ...] = (
    ("the input's zero point was not subtracted.", {"zero": False}),
    ("the bias is missing: the sum begins with it.", {"bias": False}),
    (
        "what lies outside is read all the same: a negative index takes numbers from the end in Python, and in C "
        "whatever lies there. Leave those places out.",
        {"outside": "wrapped"},
    ),
    (
        "what lies outside counts as the whole number 0, from which the zero point is subtracted. It should stand for "
        "the real 0: leave it out.",
        {"outside": "zero"},
    ),
    (
        "the window begins at (y, x); it begins one row higher and one column further left.",
        {"padding": False},
    ),
    ("the weights are upside down: no kernel is turned around here.", {"flip": True}),
    (
        "the weights are read as (side, side, in, out), as Keras has them; here each output channel has its own "
        "kernel, in one piece.",
        {"keras": True},
    ),
    ("all output channels take the weights of the first.", {"first": True}),
)


def _conv_at(
    given,
    p,
    y,
    x,
    c,
    *,
    zero=True,
    bias=True,
    outside="left out",
    padding=True,
    flip=False,
    keras=False,
    first=False,
) -> int:
    """A byte of the convolution, or what comes of a mistake."""
    height, width, channels = p.shape
    outputs, side = len(p.bias), p.side
    total = p.bias[c] if bias else 0
    begin = 0 if first else c * side * side * channels
    for i, j, k in np.ndindex(side, side, channels):
        row, column = (y - p.padding + i, x - p.padding + j) if padding else (y + i, x + j)
        inside = 0 <= row < height and 0 <= column < width
        if not inside and outside == "left out":
            continue
        at = (row * width + column) * channels + k
        value = given[at % len(given)] if inside or outside == "wrapped" else 0
        place = ((side - 1 - i) * side + side - 1 - j if flip else i * side + j) * channels + k
        weight = p.weights[place * outputs + c if keras else begin + place]
        total += (value - (p.in_zero_point if zero else 0)) * weight
    return int(_clamp(_right(_high(total, p.multiplier[c]), -p.shift[c]) + p.zero_point, p.low))


def cost(function) -> None:
    """Exercise 5: `cost(instructions, cycles_each, hertz, milliamperes, volts)`."""
    look = (
        "“What a picture costs”: cycles over cycles a second; joules are volts × amperes × seconds."
    )
    n, each, hertz, milli, volts = 96_000_000, 1.5, 64e6, 20.0, 3.3
    got = call(function, n, each, hertz, milli, volts)
    try:
        seconds, joules = got
    except TypeError:
        wrong("cost gives one number, not two: (seconds, joules).", look=look)
    right = n * each / hertz
    watts = volts * milli / 1000
    what = "cost(96000000, 1.5, 64e6, 20, 3.3)"
    mistakes = [
        Mistake("the cycles of an instruction are missing: it takes 1.5 of them.", n / hertz),
        Mistake("it is divided by the cycles of an instruction: each takes 1.5.", n / each / hertz),
        Mistake(
            "this is how many such programs run in a second: the fraction is upside down.",
            1 / right,
        ),
        Mistake(
            "the clock is taken for megahertz: hertz are cycles a second already.", right * 1e6
        ),
        Mistake("this is the energy: seconds come first.", right * watts),
    ]
    compare(f"{what}, seconds,", seconds, right, mistakes, look)
    mistakes = [
        Mistake("milliamperes are taken for amperes: a thousandth.", right * watts * 1000),
        Mistake("this is the power in watts; energy is power times seconds.", watts),
        Mistake("this is the power in milliwatts; energy is power times seconds.", watts * 1000),
        Mistake("power is divided by seconds; energy is power times seconds.", watts / right),
        Mistake("the volts are missing: power is volts times amperes.", right * milli / 1000),
    ]
    compare(f"{what}, joules,", joules, right * watts, mistakes, look)
    passed(
        "cost: half the instructions are half the time, and twice as many pictures from a battery."
    )
