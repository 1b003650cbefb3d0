"""Comparing what a component computed with what its formula gives, and naming the mistake when they differ.

A large picture is not computed again as a whole: `compare_locally` computes five small windows, the four corners
(borders are where mistakes hide) and the middle. A convolution does the same everywhere, so a mistake in it shows
in every window.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import NamedTuple

import numpy as np
from keras import ops

from model.contracts.formulas import convolution
from model.contracts.promise import Call, Verdict, numbers, small_number

__all__ = ["Mistake", "compare", "compare_locally", "every", "same", "tolerance"]

RELATIVE = 2e-5
"""Float32 sums in another order differ by about 1e-6 of the largest value; known mistakes by 1e-2."""

WHOLE = 32 * 32
"""Pictures up to this many pixels are computed again as a whole."""

WINDOW = 12
"""Height and width of the windows that are computed again of a larger one."""


class Mistake(NamedTuple):
    """A known mistake: what it is called, and what it would have computed."""

    text: str
    result: Callable[..., np.ndarray]


@cache
def tolerance(dtype: str) -> float:
    """How far a right result may be off, as a share of the largest value, in this precision on this machine.

    Some graphics cards multiply float32 with 10 bits; so it is measured, on one convolution, instead of assumed.
    """
    rng = np.random.default_rng(0)
    features, kernel = rng.normal(size=(1, 8, 8, 32)), rng.normal(size=(3, 3, 32, 16))
    tensors = (ops.cast(ops.convert_to_tensor(values.astype("float32")), dtype) for values in (features, kernel))
    computed = numbers(ops.conv(*tensors, padding="same", data_format="channels_last")).astype("float64")
    exact = convolution(features, kernel)
    return max(RELATIVE, 16 * float(np.abs(computed - exact).max() / np.abs(exact).max()))


def compare(
    what: str, measured: np.ndarray, expected: np.ndarray, mistakes: Sequence[Mistake] = (), size: float = 0.0
) -> Verdict:
    """Whether two arrays agree.

    Args:
        what: The name of the tensor, for the message.
        measured: What the component computed.
        expected: What the formula gives.
        mistakes: If they differ, the first of these that gives `measured` is named.
        size: The size of the numbers that went into the sum, where they cancel out to something smaller.
    """
    whole = [_Part(measured, lambda: expected, size=size)]
    return _judge(what, whole, ((mistake.text, [_Part(measured, mistake.result)]) for mistake in mistakes))


def compare_locally(
    call: Call,
    hook: str,
    source: str | Sequence[str],
    formula: Callable[..., np.ndarray],
    mistakes: Sequence[Mistake] = (),
    *,
    reach: int = 0,
    ratio: float = 1,
) -> Verdict:
    """Whether a tensor is the formula of others, computed again in some windows of the picture.

    Args:
        call: Where they were recorded.
        hook: What the component computed.
        source: The hook points that it was computed from: one, or several of one height and width.
        formula: Takes (parts of) the sources, in float64.
        mistakes: If they differ, the first of these that computes it from the same sources is named.
        reach: From how many pixels away, in the sources, a value can come.
        ratio: Height of the result / height of the sources: 1, 2 or 1/2.
    """
    measured, sources = call[hook], [call[name] for name in ([source] if isinstance(source, str) else source)]
    batch, height, width, _ = sources[0].shape
    expected_size = (batch, ceil(height * ratio), ceil(width * ratio))
    if measured.shape[:3] != expected_size:
        return Verdict(False, f"{hook} has the shape {measured.shape}; expected were {expected_size} and channels")

    def parts(rule) -> list[_Part]:
        return [_part(measured, sources, rule, window, reach + reach % 2, ratio) for window in _windows(height, width)]

    return _judge(hook, parts(formula), ((mistake.text, parts(mistake.result)) for mistake in mistakes))


def same(what: str, measured: np.ndarray, source: str, expected: np.ndarray) -> Verdict:
    """Whether `measured` is the very array that came out of `source`: nothing was computed in between."""
    if measured is expected or np.array_equal(measured, expected):
        return Verdict(True, f"{what} is {source}", 0.0)
    if measured.shape != expected.shape:
        return Verdict(False, f"{what} has the shape {measured.shape}, and {source} has {expected.shape}")
    return Verdict(False, f"{what} should be {source}", float(np.abs(measured - expected).max()))


def every(verdicts: Iterator[Verdict] | Sequence[Verdict]) -> Verdict:
    """The first broken one; if all hold, the one that came closest to breaking."""
    held = []
    for verdict in verdicts:
        if not verdict.holds:
            return verdict
        held.append(verdict)
    return max(held, key=lambda verdict: verdict.measured or 0.0)


@dataclass
class _Part:
    """A part of a result, what it should be, and where in the result it begins."""

    measured: np.ndarray
    expected: Callable[[], np.ndarray]
    size: float = 0.0
    corner: tuple[int, int] = (0, 0)


def _judge(what: str, parts: list[_Part], mistakes) -> Verdict:
    deviation, allowed, where = _deviation(parts)
    if deviation <= allowed:
        found = f"largest deviation {small_number(deviation)}, allowed {small_number(allowed)}"
        return Verdict(True, f"{what}: {found if deviation else 'exactly equal'}", deviation)
    # A mistake is recognized if it explains the numbers a hundred times better than the contract does.
    hint = next((text for text, wrong in mistakes if _deviation(wrong)[0] <= max(allowed, deviation / 100)), "")
    return Verdict(False, f"{what}{where}" + (f": {hint}" if hint else ""), deviation)


def _deviation(parts: list[_Part]) -> tuple[float, float, str]:
    """The largest deviation in all parts, the allowed one, and the sentence that says where the largest is."""
    worst, largest, noise, where = 0.0, 0.0, 0.0, ""
    for part in parts:
        expected = part.expected()
        if part.measured.shape != expected.shape:
            return np.inf, 0.0, f" has the shape {part.measured.shape}, not {expected.shape}"
        off = np.abs(part.measured.astype("float64") - expected)
        largest = max(largest, float(np.abs(expected).max(initial=0.0)))
        noise = max(noise, part.size)
        peak = off.max(initial=0.0)
        if not peak <= worst:  # also true for NaN, which no comparison with < or > would find
            worst = float(peak)
            index = np.unravel_index(np.argmax(off), off.shape)
            begin = (0, *part.corner, 0) if off.ndim == 4 else (0,) * off.ndim
            at = ", ".join(str(int(number) + first) for number, first in zip(index, begin, strict=True))
            where = f"[{at}] is {float(part.measured[index]):.4g}, not {float(expected[index]):.4g}"
        if np.isnan(worst):
            return np.inf, 0.0, where
    dtype = str(parts[0].measured.dtype)
    return worst, tolerance(dtype) * max(largest, noise), where


def _windows(height: int, width: int) -> list[tuple[slice, slice]]:
    """The windows to compute again. They begin at even pixels, so that halving keeps its grid."""
    if height * width <= WHOLE:
        return [(slice(0, height), slice(0, width))]

    def begins(size):
        return sorted({0, max(0, (size - WINDOW) // 2 * 2)})

    def window(top, left):
        # The last window goes to the border, also of an odd size.
        bottom = height if top + WINDOW + 1 >= height else top + WINDOW
        right = width if left + WINDOW + 1 >= width else left + WINDOW
        return slice(top, bottom), slice(left, right)

    corners = [(top, left) for top in begins(height) for left in begins(width)]
    middle = (begins(height)[-1] // 4 * 2, begins(width)[-1] // 4 * 2)
    return [window(*corner) for corner in [*corners, middle]]


def _part(measured, sources, formula, window, margin: int, ratio: float) -> _Part:
    """One window of the result; its expected values from that window of the sources and `margin` around it."""
    rows, columns = window
    top, left = max(0, rows.start - margin), max(0, columns.start - margin)
    around = (slice(None), slice(top, rows.stop + margin), slice(left, columns.stop + margin))
    target = _scaled(rows, ratio), _scaled(columns, ratio)
    corner = target[0].start, target[1].start

    def expected():
        result = formula(*(source[around].astype("float64") for source in sources))
        inner = (
            slice(target[0].start - int(top * ratio), target[0].stop - int(top * ratio)),
            slice(target[1].start - int(left * ratio), target[1].stop - int(left * ratio)),
        )
        return result[:, inner[0], inner[1]]

    return _Part(measured[:, target[0], target[1]], expected, corner=corner)


def _scaled(pixels: slice, ratio: float) -> slice:
    return slice(int(pixels.start * ratio), ceil(pixels.stop * ratio))
