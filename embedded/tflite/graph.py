"""A `.tflite` model as a graph that one can read: tensors, operators, and how they hang together.

graph = read_graph(Path("nano.tflite").read_bytes())  # embedded.tflite.graph_file
for operator in graph.operators:
print(operator.kind, [graph.tensors[k].shape for k in operator.outputs])
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from model.errors import MirnetError

__all__ = ["Graph", "Operator", "Quantization", "Tensor", "skeleton"]


@dataclass(frozen=True, eq=False)
class Quantization:
    """How whole numbers stand for real ones: real = scale * (whole - zero point).

    Attributes:
        scale: (1,) or one for each index along `axis`, float32, above 0.
        zero_point: Of the same length, int64.
        axis: The axis along which scales differ, of weights. 0 where there is a single one.

    Reference: https://arxiv.org/abs/1712.05877, section 2.1.
    """

    scale: np.ndarray
    zero_point: np.ndarray
    axis: int = 0


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor of the graph.

    Attributes:
        index: Its place in `Graph.tensors`.
        name: As the converter named it.
        shape: With the batch axis.
        dtype: Of its elements.
        data: The values of a constant; None for what is computed.
        quantization: None for floats, and for whole numbers that stand for themselves.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    data: np.ndarray | None = None
    quantization: Quantization | None = None

    @property
    def bytes(self) -> int:
        """Its size in memory."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def scale(self) -> float:
        """Of a tensor with a single scale."""
        return float(self._single().scale[0])

    @property
    def zero_point(self) -> int:
        """Of a tensor with a single zero point."""
        return int(self._single().zero_point[0])

    def real(self, whole: np.ndarray) -> np.ndarray:
        """The real numbers that whole ones stand for, float32; floats come back as they are."""
        if self.quantization is None:
            return whole
        return (whole.astype(np.float32) - self.zero_point) * np.float32(self.scale)

    def whole(self, real: np.ndarray) -> np.ndarray:
        """The nearest whole numbers, those out of range at its ends."""
        limits = np.iinfo(self.dtype)
        nearest = np.rint(np.asarray(real, np.float32) / np.float32(self.scale)) + self.zero_point
        return np.clip(nearest, limits.min, limits.max).astype(self.dtype)

    def _single(self) -> Quantization:
        if self.quantization is None or len(self.quantization.scale) != 1:
            raise MirnetError(f"tensor {self.index} ({self.name}) has no single scale")
        return self.quantization


@dataclass(frozen=True, eq=False)
class Operator:
    """One step of the computation.

    Attributes:
        index: Its place in `Graph.operators`, which is the order of execution.
        kind: The format's name of it, such as `CONV_2D`.
        inputs: Indices of tensors; -1 for one that is left out.
        outputs: Indices of tensors.
        options: What the format keeps for its kind: strides, padding, fused activation, ...
    """

    index: int
    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Graph:
    """A whole model.

    Attributes:
        tensors: All of them, by index.
        operators: In the order of execution.
        inputs: Indices of the tensors that are given.
        outputs: Indices of the tensors that are asked for.
        metadata: Named bytes that travel with the file.
    """

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    metadata: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def producer(self) -> dict[int, Operator]:
        """The operator that makes a tensor, for each that is made by one."""
        return {index: operator for operator in self.operators for index in operator.outputs}

    @cached_property
    def computed(self) -> tuple[int, ...]:
        """Tensors that operators make, in the order in which they come to be."""
        return tuple(index for operator in self.operators for index in operator.outputs)


def skeleton(graph: Graph) -> list[tuple]:
    """Kinds and shapes in the order of execution: the same for two models of one network, whatever its weights."""
    return [(each.kind, *(graph.tensors[index].shape for index in each.outputs)) for each in graph.operators]
