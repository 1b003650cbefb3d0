"""Quantization to integers, in NumPy: the grid that a tensor is held on, what falls on its ends, and fewer bits."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["BITS", "Grid", "GridHistogram", "histogram", "is_map", "near", "sqnr"]

BITS = 8
"""Of the board's numbers."""


@dataclass(frozen=True)
class Grid:
    """Integers for floats: float = scale * (integer - zero point).

    Attributes:
        scale: The size of one step, above 0.
        zero_point: The integer that stands for 0.
        low: The least integer.
        high: The greatest.
    """

    scale: float
    zero_point: int
    low: int = -128
    high: int = 127

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest float that it can hold."""
        return self.scale * (self.low - self.zero_point), self.scale * (self.high - self.zero_point)

    def nearest(self, floats: np.ndarray) -> np.ndarray:
        """The nearest integers, not clipped: int64."""
        return np.rint(np.asarray(floats, np.float32) / np.float32(self.scale)).astype(np.int64) + self.zero_point

    def quantize(self, floats: np.ndarray) -> np.ndarray:
        """The nearest integers within [low, high], int64."""
        return np.clip(self.nearest(floats), self.low, self.high)

    def dequantize(self, integers: np.ndarray) -> np.ndarray:
        """The floats that integers stand for, float32."""
        return (np.asarray(integers, np.float32) - self.zero_point) * np.float32(self.scale)

    def fake_quantize(self, floats: np.ndarray) -> np.ndarray:
        """Floats quantized and dequantized again, float32."""
        return self.dequantize(self.quantize(floats))

    def with_bits(self, bits: int) -> "Grid":
        """The same range in 2**bits integers; with 8 bits the very same grid.

        The step grows, and 0 stays an integer: so the range moves by half a step at most.
        """
        if bits == BITS:
            return self
        levels = 2**bits - 1
        low, high = self.ends
        scale = (high - low) / levels
        first = -(2 ** (bits - 1))
        zero_point = min(max(round(-low / scale), 0), levels) + first
        return Grid(scale, zero_point, first, first + levels)


@dataclass(frozen=True, eq=False)
class GridHistogram:
    """How often each integer occurs in a tensor.

    Attributes:
        int8: (256,) how often the board's tensor has each, from -128.
        floats: (256,) the same for the float tensor, rounded on the same grid.
        below: How many float values lie below the first step: more than half a step beyond it.
        above: How many lie above the last one.
    """

    int8: np.ndarray
    floats: np.ndarray
    below: int
    above: int

    @property
    def size(self) -> int:
        """How many numbers the tensor has."""
        return int(self.int8.sum())

    @property
    def at_ends(self) -> tuple[int, int]:
        """How many of the board's numbers are -128, and how many 127."""
        return int(self.int8[0]), int(self.int8[-1])

    @property
    def saturated(self) -> float:
        """Share of the board's numbers at the ends, from 0 to 1."""
        return sum(self.at_ends) / self.size


def histogram(floats: np.ndarray, int8: np.ndarray, grid: Grid) -> GridHistogram:
    """Counts the numbers of a float tensor, and of the board's int8 tensor of the same shape, on the board's grid."""
    nearest = grid.nearest(floats).ravel()
    inside = nearest[(nearest >= grid.low) & (nearest <= grid.high)]
    count = grid.high - grid.low + 1
    return GridHistogram(
        np.bincount(int8.ravel().astype(np.int64) - grid.low, minlength=count),
        np.bincount(inside - grid.low, minlength=count),
        int((nearest < grid.low).sum()),
        int((nearest > grid.high).sum()),
    )


def sqnr(floats: np.ndarray, other: np.ndarray) -> float:
    """Signal to quantization noise in decibels: the power of the one over that of the difference; inf if equal."""
    signal = float(np.square(floats, dtype=np.float64).sum())
    noise = float(np.square(np.subtract(floats, other, dtype=np.float64)).sum())
    if noise == 0:
        return math.inf
    return 10 * math.log10(signal / noise) if signal else -math.inf


def near(floats: Mapping[str, np.ndarray], back: Mapping[str, np.ndarray]) -> tuple[float, ...]:
    """The SQNR of each tensor."""
    return tuple(sqnr(floats[name], back[name]) for name in floats)


def is_map(shape: Sequence[int]) -> bool:
    """Whether a tensor (1, height, width, channels) has a height and a width to be drawn as maps."""
    return len(shape) == 4 and min(shape[1:3]) > 3
