"""The fixed filters of the resizing modules: a blur with stride 2, and bilinear enlargement."""

from dataclasses import dataclass

import numpy as np

from explain.cell.operands import Arithmetic, Operand, Place, Reader, Step, total
from model.resampling import BLUR_KERNEL

__all__ = ["Bilinear", "Blur"]


@dataclass(frozen=True)
class Blur:
    """`model.resampling.blur_halve`: nine fixed weights around every second row and column."""

    source: str

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The nine values; beyond the border the picture is mirrored about its last pixel."""
        row, column, channel = place
        height, width, _ = read.shape(self.source)
        operands = [
            read.operand(
                "x",
                self.source,
                (_mirrored(2 * row + down - 1, height), _mirrored(2 * column + right - 1, width), channel),
                float(BLUR_KERNEL[down, right]),
            )
            for down, right in np.ndindex(BLUR_KERNEL.shape)
        ]
        return _weighted(
            "blur",
            operands,
            f"blur: nine numbers around row {2 * row}, column {2 * column} of the larger picture, with fixed weights",
            r"\tfrac{1}{16} \sum \left[\begin{smallmatrix} 1&2&1 \\ 2&4&2 \\ 1&2&1 \end{smallmatrix}\right] "
            r"\cdot x[2i + \Delta i,\; 2j + \Delta j,\; c]",
        )


@dataclass(frozen=True)
class Bilinear:
    """`model.resampling.bilinear_double`: a mixture 9 : 3 : 3 : 1 of the four nearest positions."""

    source: str

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The four neighbours; beyond the border the last pixel is repeated."""
        row, column, channel = place
        height, width, _ = read.shape(self.source)
        operands = [
            read.operand("x", self.source, (y, x, channel), vertical * horizontal)
            for y, vertical in _between(row, height)
            for x, horizontal in _between(column, width)
        ]
        return _weighted(
            "bilinear",
            operands,
            "bilinear enlargement: the four nearest pixels of the smaller picture, the nearer the heavier",
            r"\sum_{\text{4 neighbours}} w_i \, w_j \cdot x[i', j', c], \quad w \in \{\tfrac34, \tfrac14\}",
        )


def _weighted(kind: str, operands: list[Operand], rule: str, formula: str) -> Arithmetic:
    result = total(operands)
    return Arithmetic(kind, "sum", rule, formula, tuple(operands), (Step("sum", result),), result)


def _mirrored(at: int, size: int) -> int:
    return -at if at < 0 else 2 * size - 2 - at if at >= size else at


def _between(at: int, size: int) -> list[tuple[int, float]]:
    """The two rows (columns) of the smaller picture that a row of the doubled one lies between, and their weights."""
    centre = (at + 0.5) / 2 - 0.5  # centres of pixels lie on centres of pixels
    before = int(np.floor(centre))
    after_weight = centre - before
    return [(max(before, 0), 1 - after_weight), (min(before + 1, size - 1), after_weight)]
