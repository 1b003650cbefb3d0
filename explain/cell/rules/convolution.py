"""Convolutions: a patch of values, each times its weight, added up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from explain.cell.operands import Arithmetic, Operand, Place, Reader, Step, total

__all__ = ["Convolution", "Stacked", "TransposedConvolution"]


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution that keeps height and width; what lies outside counts as 0.

    Attributes:
        layer: The Keras layer.
        sources: The tensors that it takes, side by side along the channels.
        symbols: A letter for each.
    """

    layer: keras.layers.Conv2D
    sources: tuple[str, ...]
    symbols: tuple[str, ...] = ("x",)

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The patch around the position."""
        row, column, channel = place
        kernel = keras.ops.convert_to_numpy(self.layer.kernel)[..., channel].astype(np.float64)
        side = kernel.shape[0]
        height, width, _ = read.shape(self.sources[0])
        operands: list[Operand] = []
        steps: list[Step] = []
        for down, right in np.ndindex(kernel.shape[:2]):
            y, x = row + down - side // 2, column + right - side // 2
            if not (0 <= y < height and 0 <= x < width):
                continue
            tap = list(self._tap(read, (y, x), kernel[down, right].tolist()))
            operands += tap
            if side > 1:
                where = f"row {down - side // 2:+d}, column {right - side // 2:+d}"
                steps.append(Step(f"the kernel's tap at {where}", total(tap), subtotal=True))
        outside = side * side - (len(steps) if side > 1 else 1)
        count = len(operands)
        if self.layer.use_bias:
            bias = float(keras.ops.convert_to_numpy(self.layer.bias)[channel])
            operands.append(Operand("b", bias))
        result = total(operands)
        return Arithmetic(
            kind="convolution",
            how="sum",
            rule=_rule(side, count, outside, self.layer.use_bias),
            formula=_formula(side, self.layer.use_bias),
            operands=tuple(operands),
            steps=(*steps, Step("sum", result)),
            result=result,
        )

    def _tap(self, read: Reader, at: tuple[int, int], weights: list[float]) -> Iterator[Operand]:
        """All channels of all tensors at one position."""
        given = iter(weights)
        for symbol, source in zip(self.symbols, self.sources, strict=True):
            for channel in range(read.shape(source)[2]):
                yield read.operand(symbol, source, (*at, channel), next(given))


@dataclass(frozen=True, eq=False)
class Stacked:
    """SKFF's logits: a row for each stream, each from a 1x1 convolution of its own of the same few numbers."""

    layers: Sequence[keras.layers.Conv2D]
    source: str

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The convolution of this stream."""
        stream, _, channel = place
        return Convolution(self.layers[stream], (self.source,))(read, (0, 0, channel))


@dataclass(frozen=True, eq=False)
class TransposedConvolution:
    """A transposed 3x3 convolution with stride 2, without the first row and column of its result.

    Each input value spreads over 3x3 positions, two apart; so an output position gets 1, 2 or 4 of them.
    """

    layer: keras.layers.Conv2DTranspose
    source: str

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The input positions that reach this one."""
        row, column, channel = place
        kernel = keras.ops.convert_to_numpy(self.layer.kernel)[:, :, channel].astype(np.float64)  # (3, 3, inputs)
        height, width, channels = read.shape(self.source)
        operands: list[Operand] = []
        steps: list[Step] = []
        for y, down in _reaching(row + 1, height, kernel.shape[0]):
            for x, right in _reaching(column + 1, width, kernel.shape[1]):
                weights = kernel[down, right].tolist()
                tap = [read.operand("x", self.source, (y, x, c), weights[c]) for c in range(channels)]
                operands += tap
                steps.append(Step(f"from row {y}, column {x}", total(tap), subtotal=True))
        result = total(operands)
        return Arithmetic(
            kind="transposed convolution",
            how="sum",
            rule=f"transposed 3×3 convolution: {len(steps)} of the smaller picture's positions reach this one, "
            f"{len(operands)} numbers, each times its weight, added up",
            formula=r"\sum_{2 i' + \Delta i = i + 1} \sum_{2 j' + \Delta j = j + 1} \sum_{c'} "
            r"w[\Delta i, \Delta j, c, c'] \cdot x[i', j', c']",
            operands=tuple(operands),
            steps=(*steps, Step("sum", result)),
            result=result,
        )


def _reaching(at: int, size: int, taps: int) -> Iterator[tuple[int, int]]:
    """Which input positions reach position `at` of the uncropped result, and through which row of the kernel."""
    for tap in range(taps):
        if (at - tap) % 2 == 0 and 0 <= (at - tap) // 2 < size:
            yield (at - tap) // 2, tap


def _rule(side: int, count: int, outside: int, bias: bool) -> str:
    where = "around the position" if side > 1 else "at the position"
    rule = f"{side}×{side} convolution: {count} numbers {where}, each times its weight, added up"
    rule += ", and a bias" if bias else ""
    return rule + (f"; {outside} of {side * side} taps lie outside and count as 0" if outside else "")


def _formula(side: int, bias: bool) -> str:
    end = " + b[c]" if bias else ""
    if side == 1:
        return r"\sum_{c'} w[c', c] \cdot x[i, j, c']" + end
    return (
        r"\sum_{\Delta i, \Delta j} \sum_{c'} w[\Delta i, \Delta j, c', c] \cdot x[i + \Delta i, j + \Delta j, c']"
        + end
    )
