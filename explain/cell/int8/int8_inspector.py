"""Cell inspector of the int8 graph, bit for bit."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from embedded.emulator import Emulator
from embedded.tflite.graph import Graph
from embedded.tflite.hook_map import HookMap
from explain.cell.int8.bilinear import resize_bilinear
from explain.cell.int8.camera_bytes import Pixels, given
from explain.cell.int8.conv import conv_2d, depthwise_conv_2d
from explain.cell.int8.lookup import logistic, softmax
from explain.cell.int8.moved_values import concatenation, mirror_pad, reshape, strided_slice, transpose
from explain.cell.int8.operator import Int8Operator, seen_as
from explain.cell.int8.reductions import mean, reduce_max
from explain.cell.int8.sums_and_products import add, mul
from explain.cell.operands import Arithmetic, Cell, CellRef, Place, Reader, TensorName, checked_place
from model.errors import HookError, MirnetError

__all__ = ["KINDS", "Int8Inspector", "explain_int8_cell"]

KINDS: Mapping[str, Callable[[Int8Operator, Place], Arithmetic]] = {
    "ADD": add,
    "CONCATENATION": concatenation,
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "LOGISTIC": logistic,
    "MEAN": mean,
    "MIRROR_PAD": mirror_pad,
    "MUL": mul,
    "REDUCE_MAX": reduce_max,
    "RESHAPE": reshape,
    "RESIZE_BILINEAR": resize_bilinear,
    "SOFTMAX": softmax,
    "STRIDED_SLICE": strided_slice,
    "TRANSPOSE": transpose,
}
"""The operators that can be explained."""


class Int8Inspector:
    """Explains single int8 values of a run on the board.

    Args:
        model: An `Emulator`, or the graph alone.
        tensors: Every tensor of the run by index, as `Emulator.tensors` gives them.
        frame: What the run was given: the camera's bytes (120, 160, 2) or the picture (120, 160, 3), uint8. With it,
            and an `Emulator`, the chain goes on past the graph's input to these bytes, and `restored`, the restored
            picture, can be explained too.
    """

    def __init__(self, model: Emulator | Graph, tensors: Mapping[int, np.ndarray], frame: np.ndarray | None = None):
        self.graph = model if isinstance(model, Graph) else model.graph
        self._tensors = tensors
        self._pixels: Pixels | None = None
        self._hooks = HookMap({})
        if isinstance(model, Emulator):
            self._hooks = model.hooks or self._hooks
            if frame is not None:
                self._pixels = Pixels(model.tables, np.asarray(frame), tensors[self.graph.outputs[0]])
        self._reader = Reader(self._values)

    @cached_property
    def names(self) -> tuple[TensorName, ...]:
        """Every tensor that can be explained: indices in the order of execution, then the pictures around the graph."""
        outside = self._pixels.tensors if self._pixels is not None else ()
        return (*self.graph.inputs, *self.graph.computed, *outside)

    def index(self, tensor: TensorName) -> TensorName:
        """The index of a tensor that is given by index or by hook name; a picture's name as it is.

        Raises:
            MirnetError: If there is none.
        """
        if tensor in self.names:
            return tensor
        place = self._hooks.places.get(str(tensor))
        if place is not None and place.tensor is not None:
            return place.tensor
        if place is not None:
            raise HookError(
                f"{tensor} is no tensor of the board's graph: {self._hooks.describe(str(tensor), self.graph)}"
            )
        raise MirnetError(
            f"{tensor!r} is no computed tensor of this graph: give an index from {min(self.graph.computed)} to "
            f"{max(self.graph.computed)}, or {self.graph.inputs[0]} for the input"
            + (", or the name of a hook point" if self._hooks.places else "")
            + "".join(f", or {name}" for name in self.names if isinstance(name, str))
        )

    def shape(self, tensor: TensorName) -> tuple[int, int, int]:
        """(rows, columns, channels) of a tensor.

        Raises:
            MirnetError: If there is none of that index or name.
        """
        return self._reader.shape(self.index(tensor))

    def values(self, tensor: TensorName) -> np.ndarray:
        """The int8 values of a tensor, (rows, columns, channels). Do not write to them.

        Raises:
            MirnetError: If there is none of that index or name.
        """
        return self._reader.values(self.index(tensor))

    def cell(self, tensor: TensorName, row: int, column: int, channel: int) -> Cell:
        """Explains one value.

        Args:
            tensor: Index or hook name; with a frame also `camera`, `picture` or `restored`.
            row: From 0.
            column: From 0.
            channel: From 0.

        Raises:
            MirnetError: If there is no such tensor, the position is outside (with the range), or it has no rule.
        """
        index = self.index(tensor)
        shape = self._reader.shape(index)
        place = checked_place(self._title(index), shape, (row, column, channel))
        value = self._reader.values(index)[place].item()
        ref, arithmetic = CellRef(index, *place), self._explain(index, place)
        if isinstance(index, str):
            return Cell(ref, self._title(index), shape, value, arithmetic)
        quantized = self.graph.tensors[index]
        return Cell(ref, self._title(index), shape, value, arithmetic, quantized.zero_point, quantized.scale)

    def _explain(self, index: TensorName, place: Place) -> Arithmetic:
        if isinstance(index, str):
            assert self._pixels is not None  # the names of pictures are known only then
            return self._pixels.explain(index, self._reader, place)
        if index in self.graph.inputs:
            if self._pixels is None:
                return given(self._reader, index, place, "the graph's input")
            return self._pixels.network_input(self._reader, place)
        operator = self.graph.producer[index]
        if operator.kind not in KINDS:
            known = ", ".join(sorted(KINDS))
            raise MirnetError(f"{operator.kind} {operator.index} cannot be explained; there are rules for {known}")
        return KINDS[operator.kind](Int8Operator(self.graph, operator, self._reader), place)

    def _values(self, index: TensorName) -> np.ndarray:
        if isinstance(index, str):
            assert self._pixels is not None
            return self._pixels.tensors[index]
        if index not in self._tensors:
            raise MirnetError(f"tensor {index} is not among those of the run: Emulator.tensors gives all of them")
        return self._tensors[index].reshape(seen_as(self.graph.tensors[index].shape))

    def _title(self, index: TensorName) -> str:
        """The tensor's label: index, hook point, and the operator that makes it."""
        if isinstance(index, str):
            return index
        hooks = [name for name, place in self._hooks.places.items() if place.tensor == index]
        made = self.graph.producer.get(index)
        source = "the graph's input" if made is None else f"made by operator {made.index} ({made.kind})"
        return f"tensor {index}" + (f" ({hooks[0]})" if hooks else "") + f", {source}"


def explain_int8_cell(
    model: Emulator | Graph,
    tensors: Mapping[int, np.ndarray],
    tensor: TensorName,
    place: Sequence[int],
    frame: np.ndarray | None = None,
) -> Cell:
    """Explains one int8 value of a run on the board.

    Args:
        model: An `Emulator`, or the graph alone.
        tensors: Every tensor of the run by index, as `Emulator.tensors` gives them.
        tensor: Index or hook name; with a frame also `camera`, `picture` or `restored`.
        place: Row, column and channel, each from 0.
        frame: What the run was given, see `Int8Inspector`.

    Returns:
        As of `explain_cell`, with the tensor's scale and zero point (real value = scale × (integer − zero point)).

    Raises:
        MirnetError: If there is no such tensor, the position is outside (with the range), or the operator has no rule.
    """
    if len(place) != 3:
        raise MirnetError(f"a position is three numbers, row, column and channel, not {len(place)}")
    return Int8Inspector(model, tensors, frame).cell(tensor, *place)
