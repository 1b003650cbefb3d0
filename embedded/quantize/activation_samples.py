"""Samples of the activations of a float graph on some pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from embedded.tflite.graph_file import read_graph
from embedded.tflite.rewrite import with_outputs
from embedded.tflite.runtime import reference_interpreter

__all__ = ["Samples", "collect"]

SAMPLED = 400  # values of a tensor kept from each picture
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples of one tensor.

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
    """Runs the float graph and samples the output of every operator.

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
