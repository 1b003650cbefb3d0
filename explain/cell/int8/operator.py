"""One operator of the board's graph, as the rules of this folder see it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embedded.tflite.graph import Graph, Operator, Tensor
from explain.cell.operands import Arithmetic, CellRef, How, Operand, Place, Reader, Step
from model.errors import MirnetError

__all__ = ["Int8Operator", "coordinates", "place_of", "seen_as"]

NO_ACTIVATION, RELU = 0, 1  # numbers of the file format


@dataclass(frozen=True, eq=False)
class Int8Operator:
    """An operator, and the values around it.

    Attributes:
        graph: The graph.
        operator: One of its operators.
        read: Hands out values.
    """

    graph: Graph
    operator: Operator
    read: Reader

    @property
    def options(self) -> Any:
        """What the file keeps for this kind of operator."""
        return self.operator.options

    @property
    def output(self) -> Tensor:
        """Its first output."""
        return self.graph.tensors[self.operator.outputs[0]]

    @property
    def relu(self) -> bool:
        """Whether a ReLU is fused into it.

        Raises:
            MirnetError: If another activation is.
        """
        fused = self.options.get("fusedActivationFunction", NO_ACTIVATION)
        if fused not in (NO_ACTIVATION, RELU):
            raise self.refusal(f"it ends in an activation other than ReLU (number {fused})")
        return fused == RELU

    def input(self, number: int) -> Tensor:
        """One of its inputs, from 0."""
        return self.graph.tensors[self.operator.inputs[number]]

    def constant(self, number: int) -> np.ndarray:
        """The values of a constant that it reads.

        Raises:
            MirnetError: If that is none.
        """
        data = self.input(number).data
        if data is None:
            raise self.refusal(f"its input {number} is computed, and should be a constant")
        return data

    def operand(self, symbol: str, source: Tensor, at: Sequence[int], weight: int | None = None) -> Operand:
        """The int8 at some coordinates of a tensor; of a constant, without a cell of its own."""
        zero, scale = source.zero_point, source.scale
        if source.data is not None:
            return Operand(symbol, source.data[tuple(at)].item(), weight, None, zero, scale)
        place = place_of(source.shape, at)
        value = self.read.values(source.index)[place].item()
        return Operand(symbol, value, weight, CellRef(source.index, *place), zero, scale)

    def explained(
        self,
        how: How,
        rule: str,
        formula: str,
        operands: Sequence[Operand],
        steps: Sequence[Step],
        result: int,
        where: Sequence[tuple[str, str]] = (),
    ) -> Arithmetic:
        """The answer of a rule."""
        return Arithmetic(self.operator.kind, how, rule, formula, tuple(operands), tuple(steps), result, tuple(where))

    @property
    def end(self) -> tuple[str, str]:
        """The zero point of its output, for `Arithmetic.where`."""
        return r"z_\text{out}", str(self.output.zero_point)

    def refusal(self, why: str) -> MirnetError:
        """An error that names the operator."""
        return MirnetError(f"{self.operator.kind} {self.operator.index} cannot be explained: {why}")


def seen_as(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """A shape as rows, columns and channels: all axes before the last two, the batch's too, count as rows."""
    columns, channels = (1, 1, *shape)[-2:]
    return math.prod(shape[:-2]), columns, channels


def place_of(shape: tuple[int, ...], at: Sequence[int]) -> Place:
    """Row, column and channel of coordinates."""
    flat = int(np.ravel_multi_index(tuple(at), shape)) if shape else 0
    row, column, channel = (int(each) for each in np.unravel_index(flat, seen_as(shape)))
    return row, column, channel


def coordinates(shape: tuple[int, ...], place: Place) -> tuple[int, ...]:
    """Undoes `place_of`."""
    flat = int(np.ravel_multi_index(place, seen_as(shape)))
    return tuple(int(each) for each in np.unravel_index(flat, shape)) if shape else ()
