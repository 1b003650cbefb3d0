"""Lesson 10"s byte of a convolution, right and with known mistakes."""

from typing import Any

import numpy as np

__all__ = ["CONV_MISTAKES", "byte_at", "high_product", "shifted_right"]


def high_product(total: Any, multiplier: int) -> Any:
    """The upper half of a product, rounded."""
    return (total * multiplier + (1 << 30)) >> 31


def shifted_right(x: Any, bits: int) -> Any:
    """A shift to the right that rounds to the nearest, halves away from 0."""
    mask = (1 << bits) - 1
    return (x >> bits) + ((x & mask) > (mask >> 1) + (x < 0))


CONV_MISTAKES: dict[str, dict[str, Any]] = {
    "the input's zero point was not subtracted.": {"zero": False},
    "the bias is missing: the sum begins with it.": {"bias": False},
    "positions outside are read, too: in Python a negative index reads from the end, in C whatever is stored there. "
    "Skip them.": {"outside": "wrapped"},
    "a position outside counts as the integer 0, from which the zero point is subtracted. It stands for the float 0: "
    "skip it.": {"outside": "zero"},
    "the window begins at (y, x); it begins one row higher and one column further left.": {"padding": False},
    "the kernel is flipped: here it is not.": {"flip": True},
    "the weights are read as (side, side, in, out), as Keras has them; here they are (out, side, side, in).": {
        "keras": True
    },
    "all output channels have the weights of the first.": {"first": True},
    "all output channels have the multiplier and the shift of the first.": {"one_scale": True},
    "rows and columns of the kernel are swapped.": {"turned": True},
    "the loop ends at the first position outside (`break`); it goes on (`continue`).": {"outside": "break"},
    "this is the sum; `finish` it.": {"finished": False},
}


def byte_at(
    data,
    p,
    y,
    x,
    c,
    *,
    zero=True,
    bias=True,
    outside="skipped",
    padding=True,
    flip=False,
    keras=False,
    first=False,
    one_scale=False,
    turned=False,
    finished=True,
) -> int:
    """An int8 output of the convolution, or a wrong one."""
    height, width, channels = p.shape
    outputs, side = len(p.bias), p.side
    total = p.bias[c] if bias else 0
    begin = 0 if first else c * side * side * channels
    for i, j, k in np.ndindex(side, side, channels):
        row, column = (y - p.padding + i, x - p.padding + j) if padding else (y + i, x + j)
        inside = 0 <= row < height and 0 <= column < width
        if not inside and outside in ("skipped", "break"):
            continue
        if outside == "break" and not (0 <= row < height and x - p.padding >= 0):
            continue  # the first position of this row of the kernel was outside
        at = (row * width + column) * channels + k
        value = data[at % len(data)] if inside or outside == "wrapped" else 0
        tap = (
            (side - 1 - i) * side + side - 1 - j if flip else j * side + i if turned else i * side + j
        ) * channels + k
        weight = p.weights[tap * outputs + c if keras else begin + tap]
        total += (value - (p.in_zero_point if zero else 0)) * weight
    c = 0 if one_scale else c
    if not finished:
        return total
    return min(max(shifted_right(high_product(total, p.multiplier[c]), -p.shift[c]) + p.zero_point, p.low), 127)
