"""Operators that the board can run, and a check that names the layer of any other."""

import numpy as np

from embedded.tflite.graph import Graph
from embedded.tflite.naming import named
from model.errors import MirnetError

__all__ = ["AXES", "BOARD_OPERATORS", "check_for_board"]

AXES = 4
"""TensorFlow Lite Micro's kernels take tensors of at most four axes."""

BOARD_OPERATORS = frozenset(
    {
        *("ADD", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D", "LOGISTIC", "MEAN", "MIRROR_PAD", "MUL", "PAD"),
        *("REDUCE_MAX", "RESHAPE", "RESIZE_BILINEAR", "SOFTMAX", "STRIDED_SLICE", "TRANSPOSE"),
    }
)
"""Kinds of operators that TensorFlow Lite Micro has for int8 and that MIRNet needs."""

INTEGERS = (np.dtype(np.int8), np.dtype(np.int32))  # int32: biases, axes, sizes


def check_for_board(graph: Graph) -> None:
    """Checks that the board can run every operator of a graph.

    Raises:
        MirnetError: If it cannot, with the operator's kind and layer.
    """
    for operator in graph.operators:
        where = named(graph, operator)
        if operator.kind not in BOARD_OPERATORS:
            raise MirnetError(
                f"the board has no operator for {where}. It has {', '.join(sorted(BOARD_OPERATORS))}: build the "
                'network with style="board", as the preset nano does'
            )
        for index in (*operator.inputs, *operator.outputs):
            tensor = graph.tensors[index] if index >= 0 else None
            if tensor is not None and len(tensor.shape) > AXES:
                raise MirnetError(f"{where} has a tensor of {len(tensor.shape)} axes; the board takes at most {AXES}")
            if tensor is not None and tensor.dtype not in INTEGERS:
                raise MirnetError(f"{where} computes with {tensor.dtype}; the board runs int8 only")
