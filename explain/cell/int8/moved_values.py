"""Operators that only move values: padding, concatenation, slices, transposes, reshapes; each has one operand."""

from collections.abc import Sequence

import numpy as np

from embedded.tflite.graph import Tensor
from explain.cell.int8.operator import Int8Operator, coordinates
from explain.cell.operands import Arithmetic, Place

__all__ = ["concatenation", "mirror_pad", "reshape", "strided_slice", "transpose"]

REFLECT = 0  # number of the file format


def mirror_pad(job: Int8Operator, place: Place) -> Arithmetic:
    """A border in which the picture goes on as in a mirror at its last pixel."""
    if job.options["mode"] != REFLECT:
        raise job.refusal("it does not pad by reflection")
    shape = job.input(0).shape
    at = [where - int(pad[0]) for where, pad in zip(_at(job, place), job.constant(1), strict=True)]
    inside = all(0 <= where < size for where, size in zip(at, shape, strict=True))
    mirrored = [_mirrored(where, size) for where, size in zip(at, shape, strict=True)]
    label = "inside the picture" if inside else "in the border: the picture mirrored about its last pixel"
    return _moved(job, job.input(0), mirrored, label, r"q[\text{mirrored}]")


def concatenation(job: Int8Operator, place: Place) -> Arithmetic:
    """Tensors side by side."""
    at = list(_at(job, place))
    axis = job.options["axis"] % len(at)
    number = 0
    while at[axis] >= job.input(number).shape[axis]:
        at[axis] -= job.input(number).shape[axis]
        number += 1
    label = f"from tensor {number + 1} of the {len(job.operator.inputs)} that are put side by side along axis {axis}"
    return _moved(job, job.input(number), at, label, f"q_{number + 1}")


def strided_slice(job: Int8Operator, place: Place) -> Arithmetic:
    """A part of a tensor."""
    if any(job.options.get(mask) for mask in ("ellipsisMask", "newAxisMask", "shrinkAxisMask")):
        raise job.refusal("it drops or adds axes")
    begins, strides = job.constant(1).tolist(), job.constant(3).tolist()
    if any(stride < 1 for stride in strides) or any(begin < 0 for begin in begins):
        raise job.refusal("it counts from the end")
    first = [0 if job.options["beginMask"] >> axis & 1 else begin for axis, begin in enumerate(begins)]
    at = [begin + stride * where for begin, stride, where in zip(first, strides, _at(job, place), strict=True)]
    return _moved(job, job.input(0), at, f"cut out of a tensor, from {first} on", r"q[\text{cut out}]")


def transpose(job: Int8Operator, place: Place) -> Arithmetic:
    """The same numbers with the axes in another order."""
    order = [int(axis) for axis in job.constant(1)]
    at = [0] * len(order)
    for axis, where in zip(order, _at(job, place), strict=True):
        at[axis] = where
    return _moved(job, job.input(0), at, f"axes in the order {order}", r"q^{\mathsf T}")


def reshape(job: Int8Operator, place: Place) -> Arithmetic:
    """The same numbers in the same order, with another shape."""
    flat = np.ravel_multi_index(_at(job, place), job.output.shape)
    at = [int(where) for where in np.unravel_index(flat, job.input(0).shape)]
    return _moved(job, job.input(0), at, "the same numbers in another shape", "q")


def _at(job: Int8Operator, place: Place) -> tuple[int, ...]:
    return coordinates(job.output.shape, place)


def _mirrored(at: int, size: int) -> int:
    return -at if at < 0 else 2 * size - 2 - at if at >= size else at


def _moved(job: Int8Operator, source: Tensor, at: Sequence[int], label: str, formula: str) -> Arithmetic:
    operand = job.operand("q", source, at)
    return job.explained("copy", f"moved: {label}", formula, (operand,), (), int(operand.value))
