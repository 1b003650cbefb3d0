"""Values that the structs of several kernels have in common."""

import math
from collections.abc import Sequence

import numpy as np

from embedded.codegen.context import Job, braces
from embedded.tflite.graph import Tensor

__all__ = ["RELU", "output_range", "quick_to_finish", "scale_of", "shape_of", "size_of"]

NO_ACTIVATION, RELU = 0, 1
LEAST = -128  # int8
LARGEST_SHIFT = 22  # to the right: so the zero point, shifted as far to the left, fits into 32 bits


def shape_of(tensor: Tensor) -> str:
    """`struct mirnet_shape`: height, width, channels."""
    return braces(*(1, 1, 1, *tensor.shape)[-3:])


def size_of(tensor: Tensor) -> int:
    """How many elements it has."""
    return math.prod(tensor.shape)


def scale_of(tensor: Tensor) -> float:
    """The tensor's scale, rounded to float32, as float64."""
    return float(np.float64(np.float32(tensor.scale)))


def output_range(job: Job) -> str:
    """`struct mirnet_output`: zero point, least and greatest int8."""
    fused = job.operator.options.get("fusedActivationFunction", NO_ACTIVATION)
    if fused not in (NO_ACTIVATION, RELU):
        raise job.refusal(f"it ends in an activation other than ReLU (number {fused})")
    zero = job.output.zero_point
    return braces(zero, zero if fused == RELU else LEAST, 127)


def quick_to_finish(job: Job, shifts: Sequence[int]) -> bool:
    """Whether finish_dsp.h can requantize with these shifts: all are to the right, and int8's own ends are the clip."""
    fused = job.operator.options.get("fusedActivationFunction", NO_ACTIVATION)
    whole = fused == NO_ACTIVATION or job.output.zero_point == LEAST
    return whole and -LARGEST_SHIFT <= min(shifts) and max(shifts) < 0
