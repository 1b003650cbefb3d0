"""The explanation of one value: its operands, where they are, and the steps from them to the result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Literal, NamedTuple

import numpy as np

from model.errors import MirnetError

__all__ = [
    "Arithmetic",
    "Cell",
    "CellRef",
    "How",
    "Operand",
    "Place",
    "Reader",
    "Rule",
    "Step",
    "TensorName",
    "checked_place",
    "total",
]

TensorName = str | int
"""A hook point's name, or the index of a tensor in the board's graph."""

Place = tuple[int, int, int]
"""Row, column, channel, each from 0."""

How = Literal["sum", "product", "largest", "function", "copy"]
"""What operands do together: add up, are multiplied, compete, go through a formula, or are handed on as they are."""


class CellRef(NamedTuple):
    """Where a number is.

    Attributes:
        tensor: A hook point, an inner tensor between two hook points such as `.../dau_1/body#first`, or a tensor's
            index in the board's graph.
        row: From 0. In tensors that hold one row for each stream (SKFF's logits and weights), the stream.
        column: From 0.
        channel: From 0.
    """

    tensor: TensorName
    row: int
    column: int
    channel: int

    def __str__(self) -> str:
        name = self.tensor if isinstance(self.tensor, str) else f"tensor {self.tensor}"
        return f"{name}[{self.row}, {self.column}, {self.channel}]"


class Operand(NamedTuple):
    """An operand of the result.

    Attributes:
        symbol: A short name: `x` for the tensor it is from, `b` for a bias.
        value: The number.
        weight: What it is multiplied with; None if with nothing.
        ref: Where the number is; None for a constant of the network.
        zero_point: Of an int8, the integer that stands for 0.
        scale: Of an int8, the size of one step; None for a float.
    """

    symbol: str
    value: float
    weight: float | None = None
    ref: CellRef | None = None
    zero_point: int = 0
    scale: float | None = None

    @property
    def part(self) -> float:
        """What it contributes to a sum: the value minus its zero point, times its weight."""
        centred = self.value - self.zero_point
        return centred if self.weight is None else centred * self.weight


@dataclass(frozen=True)
class Step:
    """An intermediate value between the operands and the result.

    Attributes:
        words: What it is.
        value: The number.
        subtotal: Whether it is one of many parts of a sum, such as that of one tap of a kernel.
        symbol: What it is, in LaTeX; empty where only words can say it.
    """

    words: str
    value: float
    subtotal: bool = False
    symbol: str = ""


@dataclass(frozen=True)
class Arithmetic:
    """How a number comes to be.

    Attributes:
        kind: A short name: `convolution`, `softmax`; of the board's graph the operator's, such as `CONV_2D`.
        how: What the operands do together.
        rule: One sentence.
        formula: In LaTeX, what stands behind the equals sign.
        operands: In the order of the tensors.
        steps: From the operands to the result.
        result: The number, computed from the operands.
        where: Letters of the formula that are no operands, and what they are; both in LaTeX.
    """

    kind: str
    how: How
    rule: str
    formula: str
    operands: tuple[Operand, ...]
    steps: tuple[Step, ...]
    result: float
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Cell:
    """One number of a tensor, explained.

    Attributes:
        ref: Where it is.
        title: The tensor's label.
        shape: (rows, columns, channels) of the tensor.
        value: The number in the tensor, as the network (or the emulator) computed it.
        arithmetic: How it comes to be.
        zero_point: Of an int8, the integer that stands for 0.
        scale: Of an int8, the size of one step; None for a float.
    """

    ref: CellRef
    title: str
    shape: tuple[int, int, int]
    value: float
    arithmetic: Arithmetic
    zero_point: int = 0
    scale: float | None = None

    @property
    def kind(self) -> str:
        """The kind of arithmetic."""
        return self.arithmetic.kind

    @property
    def rule(self) -> str:
        """The rule, one sentence."""
        return self.arithmetic.rule

    @property
    def formula(self) -> str:
        """The rule in LaTeX."""
        return self.arithmetic.formula

    @property
    def operands(self) -> tuple[Operand, ...]:
        """Its operands; none where the chain ends: a pixel that was given."""
        return self.arithmetic.operands

    @property
    def steps(self) -> tuple[Step, ...]:
        """From the operands to the result."""
        return self.arithmetic.steps

    @property
    def recomputed(self) -> float:
        """The number, computed here from the operands."""
        return self.arithmetic.result

    @property
    def real(self) -> float:
        """The value as a float: a float itself, an int8 dequantized, scale · (q − zero point)."""
        return self.value if self.scale is None else self.scale * (self.value - self.zero_point)


class Reader:
    """Hands out operands.

    Args:
        values: The values of a tensor, (rows, columns, channels).
    """

    def __init__(self, values: Callable[[TensorName], np.ndarray]):
        self.values = values

    def shape(self, tensor: TensorName) -> tuple[int, int, int]:
        """(rows, columns, channels) of a tensor."""
        rows, columns, channels = self.values(tensor).shape
        return rows, columns, channels

    def operand(self, symbol: str, tensor: TensorName, place: Place, weight: float | None = None) -> Operand:
        """The value at a position of a tensor."""
        return Operand(symbol, self.values(tensor)[place].item(), weight, CellRef(tensor, *place))

    def channel(self, symbol: str, tensor: TensorName, channel: int, weight: float) -> list[Operand]:
        """One channel's values at all positions: of a large photo some hundred thousand."""
        return [
            Operand(symbol, value, weight, CellRef(tensor, row, column, channel))
            for row, line in enumerate(self.values(tensor)[..., channel].tolist())
            for column, value in enumerate(line)
        ]


Rule = Callable[[Reader, Place], Arithmetic]
"""Explains the value at a position of one tensor."""


def total(operands: Sequence[Operand]) -> float:
    """The sum of all parts, in float64."""
    return float(np.sum([operand.part for operand in operands], dtype=np.float64))


def checked_place(tensor: TensorName, shape: tuple[int, int, int], place: Sequence[int]) -> Place:
    """Row, column and channel, once it is sure that the tensor has them.

    Raises:
        MirnetError: If one of them is no integer, or outside; with the range.
    """
    if len(place) != 3:
        raise MirnetError(f"a position is three numbers, row, column and channel, not {len(place)}")
    for name, value, size in zip(("row", "column", "channel"), place, shape, strict=True):
        if not isinstance(value, Integral) or isinstance(value, bool) or not 0 <= value < size:
            raise MirnetError(
                f"{name} must be an integer from 0 to {size - 1}, not {value!r}: {tensor} has {shape[0]} rows, "
                f"{shape[1]} columns and {shape[2]} channels"
            )
    row, column, channel = (int(value) for value in place)
    return row, column, channel
