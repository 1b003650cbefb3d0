"""Rounding ties of products, on which interpreters differ, and scales that avoid them."""

from collections.abc import Mapping

import numpy as np

from embedded.tflite.graph import Graph

__all__ = ["leave_ties"]

PRODUCTS = np.arange(1.0, 255 * 255 + 1)  # of two int8 − their zero points
FLOAT32_ERROR = 2.0**-23  # of a product and a quotient of 32-bit floats, 2^-24 each
LARGEST_INT8 = 128  # beyond, the result is clipped whichever way it was rounded
NUDGE = 1.0003
MOST_NUDGES = 50


def leave_ties(graph: Graph, leader: Mapping[int, int], scales: dict[int, tuple[float, int]]) -> None:
    """Makes the scale of a product a little coarser where its rounding would depend on the interpreter.

    The product of two integers times m = scale · scale / scale is rounded. tflite-runtime divides the scales as
    floats of 32 bits, TensorFlow Lite Micro as floats of 64: m differs in its eighth digit. That matters where a
    product lands on a half, and if m is near a simple fraction, such as 3/256, one in some hundred does.
    """

    def scale(index: int) -> float:
        first = leader[index]
        return scales[first][0] if first in scales else graph.tensors[index].scale

    for operator in graph.operators:  # in this order, so that the inputs of a product are settled before it
        if operator.kind == "MUL" and leader[operator.outputs[0]] in scales:
            first = leader[operator.outputs[0]]
            one, other = (scale(index) for index in operator.inputs)
            for _ in range(MOST_NUDGES):
                if not _has_ties(one * other / scales[first][0]):
                    break
                scales[first] = (float(np.float32(scales[first][0] * NUDGE)), scales[first][1])


def _has_ties(multiplier: float) -> bool:
    """Whether a product of two int8 can land on a half, as near as float32 can tell."""
    rounded = PRODUCTS * multiplier
    rounded = rounded[rounded < 2 * LARGEST_INT8]  # minus the zero point, at most twice as far
    return bool((np.abs(rounded - np.trunc(rounded) - 0.5) <= FLOAT32_ERROR * rounded).any())
