"""Buffers of a graph: which tensors may share memory, whatever the order of operators.

A **buffer** is the memory of one value. A RESHAPE makes no new value, so its output lives in its input's buffer. An
ADD makes a new one, but it may write in place, over an input of the same size that nobody reads later: element k of the
output needs element k of the input and no other. A convolution may not, since it reads its neighbours again.

    ADD        a ─┐                    a's buffer
               b ─┴▶ a + b             b's buffer, and a + b in one of the two if it is not needed any more
    RESHAPE    a ──▶ the same elements a's buffer
"""

from dataclasses import dataclass
from functools import cached_property

from embedded.tflite.graph import Graph, Operator

__all__ = ["ALIGNMENT", "ELEMENTWISE", "VIEWS", "Buffers", "aligned", "kept_tensors", "source_of_view"]

ALIGNMENT = 16
"""Bytes. TensorFlow Lite Micro aligns its tensors so too, and 32-bit words are read faster than bytes:
https://github.com/tensorflow/tflite-micro/blob/main/tensorflow/lite/micro/micro_arena_constants.h
"""

VIEWS = ("RESHAPE", "EXPAND_DIMS", "SQUEEZE")
"""Operators that give the same elements another shape."""

ELEMENTWISE = (
    *("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "PRELU", "SQUARED_DIFFERENCE"),
    *("LOGISTIC", "TANH", "RELU", "RELU6", "LEAKY_RELU", "ELU", "HARD_SWISH", "QUANTIZE"),
    *("ABS", "NEG", "SQUARE", "SQRT", "RSQRT", "EXP"),
)
"""Operators whose output element k depends on no element but k of an input of the same size."""


def aligned(size: int) -> int:
    """The next multiple of the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def source_of_view(graph: Graph, operator: Operator) -> int | None:
    """The tensor that this operator gives another shape; None if it computes a new one."""
    if operator.kind not in VIEWS:
        return None
    source, output = graph.tensors[operator.inputs[0]], graph.tensors[operator.outputs[0]]
    return source.index if source.data is None and source.bytes == output.bytes else None


def kept_tensors(graph: Graph) -> tuple[int, ...]:
    """Tensors that live to the end: the outputs, and inputs that no operator reads (so none can say when they die)."""
    read = {index for operator in graph.operators for index in operator.inputs}
    return (*graph.outputs, *(index for index in graph.inputs if index not in read))


@dataclass(frozen=True, eq=False)
class Buffers:
    """Buffers of a graph, and the dependences between its operators."""

    graph: Graph

    @cached_property
    def of_tensor(self) -> dict[int, int]:
        """The buffer of every tensor that is given or made, named by the tensor that it was made for."""
        found = {index: index for index in self.graph.inputs if self.graph.tensors[index].data is None}
        for operator in self.graph.operators:
            source = source_of_view(self.graph, operator)
            for index in operator.outputs:
                found[index] = index if source is None else found[source]
        return found

    @cached_property
    def sizes(self) -> dict[int, int]:
        """Bytes of every buffer, rounded up to the alignment."""
        return {buffer: aligned(self.graph.tensors[buffer].bytes) for buffer in self.of_tensor.values()}

    @cached_property
    def given(self) -> frozenset[int]:
        """Buffers that are filled before the first operator."""
        return frozenset(self.of_tensor[index] for index in self.graph.inputs if index in self.of_tensor)

    @cached_property
    def kept(self) -> frozenset[int]:
        """Buffers that hold their value to the end: the outputs', and inputs' that no operator reads."""
        return frozenset(self.of_tensor[index] for index in kept_tensors(self.graph) if index in self.of_tensor)

    @cached_property
    def reads(self) -> tuple[frozenset[int], ...]:
        """For each operator, the buffers that it reads; a view counts as a reader."""
        return tuple(
            frozenset(self.of_tensor[index] for index in operator.inputs if index in self.of_tensor)
            for operator in self.graph.operators
        )

    @cached_property
    def writes(self) -> tuple[tuple[int, ...], ...]:
        """For each operator, the buffers that it fills; none for a view."""
        return tuple(
            tuple(index for index in operator.outputs if self.of_tensor[index] == index)
            for operator in self.graph.operators
        )

    @cached_property
    def readers(self) -> dict[int, int]:
        """How many operators read each buffer."""
        counts = dict.fromkeys(self.sizes, 0)
        for buffers in self.reads:
            for buffer in buffers:
                counts[buffer] += 1
        return counts

    @cached_property
    def replaceable(self) -> tuple[tuple[int, ...], ...]:
        """For each operator, the input tensors that its output may be written over if they die there."""
        return tuple(self._replaceable(operator) for operator in self.graph.operators)

    @cached_property
    def waits_for(self) -> tuple[frozenset[int], ...]:
        """For each operator, the operators whose outputs it reads."""
        producer = self.graph.producer
        return tuple(
            frozenset(producer[index].index for index in operator.inputs if index in producer)
            for operator in self.graph.operators
        )

    @cached_property
    def followers(self) -> tuple[tuple[int, ...], ...]:
        """For each operator, the operators that wait for it."""
        found: list[list[int]] = [[] for _ in self.waits_for]
        for operator, others in enumerate(self.waits_for):
            for other in others:
                found[other].append(operator)
        return tuple(tuple(each) for each in found)

    def _replaceable(self, operator: Operator) -> tuple[int, ...]:
        if operator.kind not in ELEMENTWISE or len(operator.outputs) != 1:
            return ()
        output = self.graph.tensors[operator.outputs[0]]
        tensors = [self.graph.tensors[index] for index in dict.fromkeys(operator.inputs) if index in self.of_tensor]
        same = [each for each in tensors if each.bytes == output.bytes and each.dtype.itemsize == output.dtype.itemsize]
        return tuple(each.index for each in same if self.of_tensor[each.index] not in self.kept)
