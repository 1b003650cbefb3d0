"""Graph of a `.tflite` model: tensors and operators.

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
    """Affine quantization: float = scale * (integer - zero point).

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
        index: Position in `Graph.tensors`.
        name: As the converter named it.
        shape: With the batch axis.
        dtype: Of its elements.
        data: The values of a constant; None for what is computed.
        quantization: None for floats, and for integers that stand for themselves.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    data: np.ndarray | None = None
    quantization: Quantization | None = None

    @property
    def bytes(self) -> int:
        """Size in memory, bytes."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def scale(self) -> float:
        """The scale of a tensor that has a single one."""
        return float(self._single().scale[0])

    @property
    def zero_point(self) -> int:
        """The zero point of a tensor that has a single one."""
        return int(self._single().zero_point[0])

    def dequantize(self, integers: np.ndarray) -> np.ndarray:
        """The floats that integers of this tensor stand for, float32; unchanged for a tensor of floats."""
        if self.quantization is None:
            return integers
        return (integers.astype(np.float32) - self.zero_point) * np.float32(self.scale)

    def quantize(self, floats: np.ndarray) -> np.ndarray:
        """The nearest integers of this tensor's dtype, clipped to its range."""
        limits = np.iinfo(self.dtype)
        nearest = np.rint(np.asarray(floats, np.float32) / np.float32(self.scale)) + self.zero_point
        return np.clip(nearest, limits.min, limits.max).astype(self.dtype)

    def _single(self) -> Quantization:
        if self.quantization is None or len(self.quantization.scale) != 1:
            raise MirnetError(f"tensor {self.index} ({self.name}) has no single scale")
        return self.quantization


@dataclass(frozen=True, eq=False)
class Operator:
    """An operator of the graph.

    Attributes:
        index: Position in `Graph.operators`, which is the order of execution.
        kind: The format's name of it, such as `CONV_2D`.
        inputs: Indices of tensors; -1 for an optional one that is missing.
        outputs: Indices of tensors.
        options: Of its kind: strides, padding, fused activation, ...
    """

    index: int
    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Graph:
    """A model.

    Attributes:
        tensors: All of them, by index.
        operators: In the order of execution.
        inputs: Indices of the input tensors.
        outputs: Indices of the output tensors.
        metadata: Named bytes of the file.
    """

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    metadata: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def producer(self) -> dict[int, Operator]:
        """The operator that computes each computed tensor."""
        return {index: operator for operator in self.operators for index in operator.outputs}

    @cached_property
    def computed(self) -> tuple[int, ...]:
        """Indices of the computed tensors, in the order of execution."""
        return tuple(index for operator in self.operators for index in operator.outputs)


def skeleton(graph: Graph) -> list[tuple]:
    """Kinds and shapes in the order of execution: the same for two models of one network, whatever its weights."""
    return [(each.kind, *(graph.tensors[index].shape for index in each.outputs)) for each in graph.operators]
