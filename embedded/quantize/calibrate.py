"""Which range of real numbers the 256 levels of each tensor should span.

The converter takes the least and the greatest value that a tensor ever had. One odd picture, or one channel that is
twenty times as lively as the rest, then makes the levels coarse for all. Here every range is searched: cut off at
either end, or at both, it should make the rounded tensor as near to the tensor as can be, measured for each picture
against that picture's own variance, so that a dark picture counts as much as a bright one.

Two things are known beforehand: logits matter only through the sigmoid or the softmax after them, so the error is
measured there (a sigmoid is flat beyond ±10, and that is where attention often is); and operators that only move values
(concatenation, padding, slices, resizing, maximum) need one range for all they touch.

Reference: choosing ranges by the error they make, https://arxiv.org/abs/2106.08295, section 3.1.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embedded.tflite.graph import Graph, Operator, read_graph
from embedded.tflite.rewrite import with_outputs
from embedded.tflite.runtime import reference_interpreter
from model.training.fake_quant import FULLY_OPEN

__all__ = ["MOVING", "Samples", "collect", "scale_of", "search_scales", "together", "widened"]

MOVING = (
    "CONCATENATION",
    "MIRROR_PAD",
    "PAD",
    "REDUCE_MAX",
    "RESHAPE",
    "RESIZE_BILINEAR",
    "STRIDED_SLICE",
    "TRANSPOSE",
)
"""Kinds of operators that TFLite runs only if what goes in and what comes out have one scale."""

SQUASHING = ("LOGISTIC", "SOFTMAX")  # what they give spans 0 to 1 in steps of 1/256, says the format
SAMPLED = 400  # values of a tensor kept from each picture
SHARES = np.geomspace(0.04, 1, 22)  # of the whole range, that are tried
QUIET = 0.1  # of the median picture's variance, added to all: a picture where the tensor is still must not decide
STEPS = 255
BETTER = 0.999  # a change has to gain a thousandth
SILENT = 1e-6  # a tensor with a smaller range than this is zero
TINY = float(np.finfo(np.float32).tiny)
PRODUCTS = np.arange(1.0, 255 * 255 + 1)  # of two numbers of 8 bits, less their zero points
FLOAT32_ERROR = 2.0**-23  # of a product and a quotient of 32-bit floats, 2^-24 each
LARGEST_INT8 = 128  # beyond, the result is cut off whichever way it was rounded
NUDGE = 1.0003
MOST_NUDGES = 50
Progress = Callable[[int, int], None]
Error = Callable[[float, float], float]


@dataclass(frozen=True, eq=False)
class Samples:
    """Values that one tensor had.

    Attributes:
        values: Drawn from each picture, one array a picture.
        variances: Of the whole tensor, one for each picture.
        least: Of all values.
        greatest: Of all values.
    """

    values: tuple[np.ndarray, ...]
    variances: np.ndarray
    least: float
    greatest: float


def collect(
    model: bytes, frames: Sequence[np.ndarray], seed: int = 0, progress: Progress | None = None
) -> tuple[Samples, ...]:
    """Runs the float graph and keeps a part of what every operator gives.

    Args:
        model: Bytes of the float .tflite file.
        frames: Its inputs, each of the shape that it takes.
        seed: Which values are drawn.
        progress: Called with (frames done, frames in all).

    Returns:
        One for each operator, in the order of execution.
    """
    graph, rng = read_graph(model), np.random.default_rng(seed)
    interpreter = reference_interpreter(with_outputs(model, graph.computed))
    kept: list[list[tuple[np.ndarray, float, float, float]]] = [[] for _ in graph.computed]
    for done, frame in enumerate(frames, 1):
        interpreter.set_tensor(graph.inputs[0], frame)
        interpreter.invoke()
        for rows, index in zip(kept, graph.computed, strict=True):
            values = interpreter.get_tensor(index).ravel()
            drawn = values if values.size <= SAMPLED else rng.choice(values, SAMPLED, replace=False)
            rows.append((drawn, float(values.var()), float(values.min()), float(values.max())))
        if progress is not None:
            progress(done, len(frames))
    return tuple(_samples(rows) for rows in kept)


def _samples(rows: list[tuple[np.ndarray, float, float, float]]) -> Samples:
    values, variances, least, greatest = zip(*rows, strict=True)
    return Samples(values, np.array(variances), min(least), max(greatest))


def together(graph: Graph) -> dict[int, int]:
    """For every tensor, the first of those that must have its scale (itself, if there are no others)."""
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
        graph: That of the whole numbers.
        samples: From `collect` on the float graph with the same operators.
        progress: Called with (groups of tensors done, in all).

    Returns:
        Tensor index to (scale, zero point); the graph's input and what the format fixes are left out.
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
        ranges[first] = _search(error, low, high) if high - low > SILENT else (0.0, 1.0)
        if progress is not None:
            progress(done, len(free))
    scales = {first: scale_of(*found) for first, found in ranges.items()}
    _leave_ties(graph, leader, scales)
    return {index: scales[first] for index, first in leader.items() if first in scales and _free(graph, index)}


def widened(
    graph: Graph, samples: Sequence[Samples], scales: Mapping[int, tuple[float, int]], most: float
) -> dict[int, tuple[float, int]]:
    """Wider ranges, so that less is cut off: as far as values were seen, but at most so many times as wide.

    A searched range cuts off the rare large value, since finer steps for all others are worth more. But where it is cut
    off, in one odd picture, it is missed: the brightness of the whole picture moves. A network that is trained to fit
    into its ranges (`mirnet train --ranges`) bears the coarser steps better than the cuts.

    Args:
        graph: That of the whole numbers.
        samples: From `collect` on the float graph with the same operators.
        scales: Tensor index to (scale, zero point), as `search_scales` gives them.
        most: Each end moves at most so many times as far from 0; at least 1.

    Returns:
        The same tensors. Logits keep their ranges: far out, they say nothing more.
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
    _leave_ties(graph, leader, wider)
    return {index: wider[leader[index]] for index in scales}


def _leave_ties(graph: Graph, leader: Mapping[int, int], scales: dict[int, tuple[float, int]]) -> None:
    """Makes the scale of a product a little coarser where its rounding would depend on the interpreter.

    The product of two whole numbers times m = scale · scale / scale is rounded. tflite-runtime divides the scales as
    floats of 32 bits, TensorFlow Lite Micro as floats of 64: m differs in its eighth digit. That matters where a
    product lands on a half, and if m is near a simple fraction, such as 3/256, one in some hundred does.
    """

    def scale(index: int) -> float:
        first = leader[index]
        return scales[first][0] if first in scales else graph.tensors[index].scale

    for operator in graph.operators:  # in this order, so that what goes into a product is settled before it
        if operator.kind == "MUL" and leader[operator.outputs[0]] in scales:
            first = leader[operator.outputs[0]]
            one, other = (scale(index) for index in operator.inputs)
            for _ in range(MOST_NUDGES):
                if not _has_ties(one * other / scales[first][0]):
                    break
                scales[first] = (float(np.float32(scales[first][0] * NUDGE)), scales[first][1])


def _has_ties(multiplier: float) -> bool:
    """Whether a product of two whole numbers of 8 bits can land on a half, as near as 32-bit floats can tell."""
    rounded = PRODUCTS * multiplier
    rounded = rounded[rounded < 2 * LARGEST_INT8]  # less the zero point, at most twice as far
    return bool((np.abs(rounded - np.trunc(rounded) - 0.5) <= FLOAT32_ERROR * rounded).any())


def _task(
    graph: Graph, samples: Sequence[Samples], makers: list[int], squashed: Operator | None
) -> tuple[Error, float, float]:
    """What is to be made small by the choice of a range, and the widest range."""
    seen = [samples[index] for index in makers]
    low, high = min(0.0, *(each.least for each in seen)), max(0.0, *(each.greatest for each in seen))
    if squashed is None:
        return _error_of(seen), low, high
    logits = samples[graph.producer[squashed.inputs[0]].index]
    if squashed.kind == "LOGISTIC":
        low, high = max(low, -FULLY_OPEN), min(high, FULLY_OPEN)
        return _error_after(_sigmoid, logits), low, high
    shape = graph.tensors[squashed.inputs[0]].shape  # small: all of its values were kept
    return _error_after(lambda values: _softmax(values, shape[-1]), logits), low, high


def _free(graph: Graph, index: int) -> bool:
    tensor = graph.tensors[index]
    return tensor.data is None and tensor.dtype == np.int8 and tensor.quantization is not None


def scale_of(low: float, high: float) -> tuple[float, int]:
    """Scale and zero point of int8 for the range from `low` (at most 0) to `high` (at least 0).

    The zero point is a whole number, so that zero padding and ReLU are exact.
    """
    scale = float(np.float32((high - low) / STEPS))
    return scale, int(np.clip(np.rint(-128 - low / scale), -128, 127))


def _search(error: Error, low: float, high: float) -> tuple[float, float]:
    """The range with the least error within the widest one."""
    best = (error(low, high), low, high)
    for _ in range(2):  # once more with the other end cut
        for cut_low, cut_high in ((True, False), (False, True), (True, True)):
            _, now_low, now_high = best
            for share in SHARES:
                one, other = low * share if cut_low else now_low, high * share if cut_high else now_high
                found = error(one, other) if other - one > TINY else np.inf
                if found < best[0] * BETTER:
                    best = (found, one, other)
    return best[1:]


def _error_of(samples: Sequence[Samples]) -> Error:
    """The mean over pictures of the squared error against the picture's variance, as a function of the range."""
    variances = np.concatenate([each.variances for each in samples])
    return _relative([row for each in samples for row in each.values], variances, lambda values: values)


def _error_after(squash: Callable[[np.ndarray], np.ndarray], logits: Samples) -> Error:
    """The same, of what a sigmoid or a softmax makes of logits."""
    variances = np.array([squash(row).var() for row in logits.values])
    return _relative(logits.values, variances, squash)


def _relative(rows: Sequence[np.ndarray], variances: np.ndarray, squash: Callable[[np.ndarray], np.ndarray]) -> Error:
    values = np.concatenate(rows)
    starts = np.cumsum([0] + [len(row) for row in rows])
    weights = np.diff(starts) * (variances + QUIET * np.median(variances) + TINY)
    seen = squash(values)

    def error(low: float, high: float) -> float:
        scale, zero = scale_of(low, high)
        real = (np.clip(np.rint(values / scale) + zero, -128, 127) - zero) * scale
        wrong = squash(real) - seen
        return float((np.add.reduceat(wrong * wrong, starts[:-1]) / weights).mean())

    return error


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(values, -30, 30)))


def _softmax(values: np.ndarray, size: int) -> np.ndarray:
    """The softmax of every `size` values in a row."""
    logits = values.reshape(-1, size)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).ravel()
