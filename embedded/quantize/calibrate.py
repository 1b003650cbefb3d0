"""Calibration: the floating-point range that the 256 levels of each tensor span.

The converter takes the least and the greatest value that a tensor ever had. One odd picture, or one channel that is
twenty times as lively as the rest, then makes the levels coarse for all. Here every range is searched: cut off at
either end, or at both, it should make the rounded tensor as near to the tensor as can be
(`embedded.quantize.range_search`).

Logits matter only through the sigmoid or the softmax after them, so the error is measured there (a sigmoid is flat
beyond ±10, where attention often is); and operators that only move values (concatenation, padding, slices, resizing,
maximum) need one range for inputs and output.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from embedded.quantize.activation_samples import Samples
from embedded.quantize.range_search import Error, error_after, error_of, scale_of, search_range
from embedded.quantize.ties import leave_ties
from embedded.tflite.graph import Graph, Operator
from model.contracts.formulas import sigmoid, softmax
from model.training.fake_quant import FULLY_OPEN

__all__ = ["MOVING", "search_scales", "together", "widened"]

MOVING = (
    *("CONCATENATION", "MIRROR_PAD", "PAD", "REDUCE_MAX", "RESHAPE", "RESIZE_BILINEAR", "STRIDED_SLICE"),
    "TRANSPOSE",
)
"""Kinds of operators that TFLite runs only if input and output have one scale."""

SQUASHING = ("LOGISTIC", "SOFTMAX")  # the format fixes their output: 0 to 1 in steps of 1/256
SILENT = 1e-6  # a tensor with a smaller range is zero
Progress = Callable[[int, int], None]


def together(graph: Graph) -> dict[int, int]:
    """For every tensor, the first of those that must have the same scale (itself, if there are no others)."""
    first = {tensor.index: tensor.index for tensor in graph.tensors}

    def find(index: int) -> int:
        while first[index] != index:
            index = first[index]
        return index

    for operator in graph.operators:
        if operator.kind in MOVING:
            moved = operator.inputs if operator.kind == "CONCATENATION" else operator.inputs[:1]
            for index in moved:
                one, other = sorted((find(index), find(operator.outputs[0])))
                first[other] = one
    return {index: find(index) for index in first}


def search_scales(
    graph: Graph, samples: Sequence[Samples], progress: Progress | None = None
) -> dict[int, tuple[float, int]]:
    """The best scale and zero point of every tensor whose range is free.

    Args:
        graph: The int8 graph.
        samples: From `collect` on the float graph with the same operators.
        progress: Called with (groups of tensors done, in all).

    Returns:
        Tensor index to (scale, zero point), without the graph's input and what the format fixes.
    """
    leader = together(graph)
    members: dict[int, list[int]] = {}
    for operator in graph.operators:
        members.setdefault(leader[operator.outputs[0]], []).append(operator.index)
    fixed = {leader[index] for index in graph.inputs}
    fixed |= {leader[each.outputs[0]] for each in graph.operators if each.kind in SQUASHING}
    squashed = {leader[each.inputs[0]]: each for each in graph.operators if each.kind in SQUASHING}
    free = {first: makers for first, makers in members.items() if first not in fixed}
    ranges = {}
    for done, (first, makers) in enumerate(free.items(), 1):
        error, low, high = _task(graph, samples, makers, squashed.get(first))
        # The converter gives what is always zero a scale of 8e-9, and the interpreter ends the process at such logits.
        ranges[first] = search_range(error, low, high) if high - low > SILENT else (0.0, 1.0)
        if progress is not None:
            progress(done, len(free))
    scales = {first: scale_of(*found) for first, found in ranges.items()}
    leave_ties(graph, leader, scales)
    return {index: scales[first] for index, first in leader.items() if first in scales and _free(graph, index)}


def widened(
    graph: Graph, samples: Sequence[Samples], scales: Mapping[int, tuple[float, int]], most: float
) -> dict[int, tuple[float, int]]:
    """Wider ranges, so that less is clipped: as far as values were seen, but at most `most` times as wide.

    A searched range clips the rare large value, since finer steps for all others are worth more. But in the odd picture
    where it is clipped, the brightness of the whole picture moves. A network of quantization-aware training
    (`mirnet train --ranges`) bears the coarser steps better than the clipping.

    Args:
        graph: The int8 graph.
        samples: From `collect` on the float graph with the same operators.
        scales: Tensor index to (scale, zero point), as `search_scales` gives them.
        most: Largest factor by which either end moves away from 0; at least 1.

    Returns:
        The same tensors. Logits keep their ranges: far from 0 the sigmoid is flat.
    """
    leader = together(graph)
    logits = {leader[each.inputs[0]] for each in graph.operators if each.kind in SQUASHING}
    seen: dict[int, tuple[float, float]] = {}
    for operator in graph.operators:
        each, (low, high) = samples[operator.index], seen.get(leader[operator.outputs[0]], (0.0, 0.0))
        seen[leader[operator.outputs[0]]] = min(low, each.least), max(high, each.greatest)
    wider: dict[int, tuple[float, int]] = {}
    for index, (scale, zero_point) in scales.items():
        first = leader[index]
        low, high = (-128 - zero_point) * scale, (127 - zero_point) * scale
        if first not in logits and first in seen:
            low, high = max(min(low, seen[first][0]), most * low), min(max(high, seen[first][1]), most * high)
        wider[first] = scale_of(low, high)
    leave_ties(graph, leader, wider)
    return {index: wider[leader[index]] for index in scales}


def _task(
    graph: Graph, samples: Sequence[Samples], makers: list[int], squashed: Operator | None
) -> tuple[Error, float, float]:
    """The error as a function of the range, and the widest range."""
    seen = [samples[index] for index in makers]
    low, high = min(0.0, *(each.least for each in seen)), max(0.0, *(each.greatest for each in seen))
    if squashed is None:
        return error_of(seen), low, high
    logits = samples[graph.producer[squashed.inputs[0]].index]
    if squashed.kind == "LOGISTIC":
        low, high = max(low, -FULLY_OPEN), min(high, FULLY_OPEN)
        return error_after(sigmoid, logits), low, high
    size = graph.tensors[squashed.inputs[0]].shape[-1]  # small: all of its values were kept
    return error_after(lambda values: softmax(values.reshape(-1, size), axis=1).ravel(), logits), low, high


def _free(graph: Graph, index: int) -> bool:
    tensor = graph.tensors[index]
    return tensor.data is None and tensor.dtype == np.int8 and tensor.quantization is not None
