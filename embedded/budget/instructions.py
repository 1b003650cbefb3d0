"""MACs, elements and instructions of each operator of a `.tflite` file: counted, not measured.

MACs are counted as in `explain.tracing.costs`: a convolution has (kernel height * width * input channels) of them for
each element of its output, and a transposed convolution adds its whole kernel at each position of its input. Other
operators are counted in elements: of their output, or of their input where they average or take a maximum.

Instructions are an **estimate**, from what the generated C for `nano` took on an emulated Cortex-M4 (GCC 12, -O2, DSP
kernels; `mirnet board` counts them): a constant for each MAC and each element, whatever the shape. So are cycles: a
constant for each instruction of a kind of operator, by the cycle model of `embedded.cortexm.timing` from the same runs.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from embedded.budget.estimate import Estimate
from embedded.memory.buffers import source_of_view
from embedded.memory.scratch import ADD_TABLES, MOST, WINOGRAD_WIDTH, unpacked
from embedded.tflite.graph import Graph, Operator
from embedded.tflite.naming import readable_layer

__all__ = ["CYCLES_PER_INSTRUCTION", "INSTRUCTIONS_PER_ELEMENT", "INSTRUCTIONS_PER_MAC", "Work", "work_of"]

THREE_WIDE = "CONV_2D 3 wide"
"""A convolution with windows 3 wide: `conv_3_wide_dsp.c` computes it with a third of the multiplications saved."""

INSTRUCTIONS_PER_MAC: Mapping[str, float] = {
    THREE_WIDE: 0.72,  # 71 instructions of the innermost loop do 72 multiplications, which serve for 108 MACs
    "CONV_2D": 1.25,
    "FULLY_CONNECTED": 1.25,
    "DEPTHWISE_CONV_2D": 3.5,
    "TRANSPOSE_CONV": 10.7,  # plain C on an emulated Cortex-M4 at -O3: `nano` has none
}

INSTRUCTIONS_PER_ELEMENT: Mapping[str, float] = {
    THREE_WIDE: 32,  # input and weights unpacked, sums put together and requantized
    **dict.fromkeys(("CONV_2D", "FULLY_CONNECTED"), 25.5),
    **dict.fromkeys(("DEPTHWISE_CONV_2D", "TRANSPOSE_CONV"), 58),  # a window's begin, end
    **dict.fromkeys(("ADD", "SUB"), 14.5),  # two tables, one multiplication
    "MUL": 15.6,
    **dict.fromkeys(("LOGISTIC", "TANH"), 6),  # a table of 256 values
    "SOFTMAX": 124,  # exponential by a table, reciprocal in fixed point
    **dict.fromkeys(("MEAN", "SUM"), 7.5),
    "REDUCE_MAX": 9.5,
    **dict.fromkeys(("CONCATENATION", "PAD"), 2.9),  # copies
    "MIRROR_PAD": 3.5,
    **dict.fromkeys(("STRIDED_SLICE", "TRANSPOSE"), 12),  # copies one by one
    "RESIZE_BILINEAR": 20,  # four neighbours, four weights
}
"""Includes the overhead of an operator, such as the tables of a sum, spread over its elements."""

OTHER = 30.0  # instructions per element of a kind that is not in the table

CYCLES_PER_INSTRUCTION: Mapping[str, float] = {
    THREE_WIDE: 1.19,
    **dict.fromkeys(("CONV_2D", "FULLY_CONNECTED"), 1.27),
    **dict.fromkeys(("DEPTHWISE_CONV_2D", "TRANSPOSE_CONV"), 1.46),
    **dict.fromkeys(("ADD", "SUB"), 1.21),
    "MUL": 1.25,
    **dict.fromkeys(("LOGISTIC", "TANH"), 2),  # the table is in flash
    "SOFTMAX": 1.24,
    **dict.fromkeys(("MEAN", "SUM"), 1.53),
    "REDUCE_MAX": 1.17,
    **dict.fromkeys(("CONCATENATION", "PAD"), 1.3),
    "MIRROR_PAD": 1.38,
    **dict.fromkeys(("STRIDED_SLICE", "TRANSPOSE"), 2),
    "RESIZE_BILINEAR": 1.3,
}
"""The likely ones."""

OTHER_CYCLES = 1.5  # for each instruction of a kind that is not in the table
LOWEST, HIGHEST = 0.96, 1.11  # of the likely cycles: of a frame of `nano`

REDUCING = ("MEAN", "SUM", "REDUCE_MAX")


@dataclass(frozen=True)
class Work:
    """Cost of one operator.

    Attributes:
        operator: Index in the graph.
        kind: `CONV_2D`, ...
        layer: The layer it came from, readable.
        macs: Multiply–accumulates; 0 for all but convolutions and dense layers.
        elements: Of its output; of its input where it averages or takes a maximum.
        instructions: Estimate.
        cycles: Estimate, on a Cortex-M4.
        scratch: Bytes of RAM that its kernel needs for itself.
    """

    operator: int
    kind: str
    layer: str
    macs: int
    elements: int
    instructions: float
    cycles: Estimate
    scratch: int


def work_of(graph: Graph, operator: Operator, scratch_limit: int = MOST) -> Work:
    """Counts one operator; its kernel may ask for so many bytes of scratch memory."""
    macs, elements = _macs(graph, operator), _elements(graph, operator)
    kind = THREE_WIDE if _is_three_wide(graph, operator) else operator.kind
    instructions = 0.0
    if source_of_view(graph, operator) is None:
        instructions = macs * INSTRUCTIONS_PER_MAC.get(kind, 0) + elements * INSTRUCTIONS_PER_ELEMENT.get(kind, OTHER)
    layer = readable_layer(graph, operator)
    likely = instructions * CYCLES_PER_INSTRUCTION.get(kind, OTHER_CYCLES)
    cycles = Estimate(LOWEST * likely, likely, HIGHEST * likely)
    scratch = _scratch(graph, operator, scratch_limit)
    return Work(operator.index, operator.kind, layer, macs, elements, instructions, cycles, scratch)


def _shape(graph: Graph, operator: Operator, position: int) -> tuple[int, ...]:
    return graph.tensors[operator.inputs[position]].shape


def _macs(graph: Graph, operator: Operator) -> int:
    output = math.prod(graph.tensors[operator.outputs[0]].shape)
    match operator.kind:
        case "CONV_2D" | "FULLY_CONNECTED":  # kernel: (output channels, height, width, input channels)
            return output * math.prod(_shape(graph, operator, 1)[1:])
        case "DEPTHWISE_CONV_2D":  # kernel: (1, height, width, channels)
            return output * math.prod(_shape(graph, operator, 1)[1:3])
        case "TRANSPOSE_CONV":  # inputs: output shape, kernel, features
            return math.prod(_shape(graph, operator, 2)[:-1]) * math.prod(_shape(graph, operator, 1))
        case _:
            return 0


def _elements(graph: Graph, operator: Operator) -> int:
    if operator.kind in REDUCING:
        return math.prod(_shape(graph, operator, 0))
    return sum(math.prod(graph.tensors[index].shape) for index in operator.outputs)


def _is_three_wide(graph: Graph, operator: Operator) -> bool:
    if operator.kind != "CONV_2D":
        return False
    return _shape(graph, operator, 1)[2] == WINOGRAD_WIDTH and operator.options.get("strideH", 1) == 1


def _scratch(graph: Graph, operator: Operator, limit: int) -> int:
    """As in the generated C."""
    if operator.kind == "CONV_2D":
        shapes = _shape(graph, operator, 1), _shape(graph, operator, 0), graph.tensors[operator.outputs[0]].shape
        return unpacked(*shapes, operator.options.get("strideH", 1), limit).scratch
    return ADD_TABLES if operator.kind == "ADD" else 0
