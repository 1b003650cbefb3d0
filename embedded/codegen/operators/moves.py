"""Operators as C that change the shape: values are moved, reflected at a border, or interpolated."""

import math

from embedded.codegen.context import Emitted, Job, braces
from embedded.codegen.operators.values import shape_of

__all__ = ["concatenation", "mirror_pad", "resize_bilinear", "strided_slice", "transpose"]

REFLECT = 0
ONE = 1024  # positions in a resized picture are integers of 1/1024, as in resize_bilinear.c


def concatenation(job: Job) -> Emitted:
    """Each input scattered to its positions in the output."""
    axis = job.operator.options["axis"] % len(job.output.shape)
    stride = math.prod(job.output.shape[axis:])
    calls, begin = [], 0
    for position in range(len(job.operator.inputs)):
        part = job.input(position)
        size, rows = math.prod(part.shape[axis:]), math.prod(part.shape[:axis])
        calls.append(f"mirnet_scatter({rows}, {size}, {stride}, {job.where(part)}, {job.where(job.output)} + {begin});")
        begin += size
    return Emitted("", tuple(calls))


def mirror_pad(job: Job) -> Emitted:
    """Rows and columns continued by their mirror image."""
    pads = job.constant(1)
    if pads.shape != (4, 2) or pads[0].any() or pads[3].any() or job.operator.options["mode"] != REFLECT:
        raise job.refusal("it pads something else than rows and columns, or not by reflection")
    values = (shape_of(job.input(0)), *pads[1:3].ravel())
    return job.call("mirror_pad", "mirror", values, job.input(0), job.output)


def resize_bilinear(job: Job) -> Emitted:
    """A bilinear resize, centres of pixels on centres of pixels."""
    source, output, options = job.input(0), job.output, job.operator.options
    if options["alignCorners"] or not options["halfPixelCenters"]:
        raise job.refusal("it does not lay centres of pixels on centres of pixels")
    steps = [(ONE * before + after // 2) // after for before, after in zip(source.shape, output.shape, strict=True)]
    return job.call("resize_bilinear", "resize", (shape_of(source), shape_of(output), *steps[1:3]), source, output)


def transpose(job: Job) -> Emitted:
    """A transposition: gathered with the steps of the axes in the new order."""
    steps = _steps(job.input(0).shape)
    return _gather(job, [steps[int(axis)] for axis in job.constant(1)], 0)


def strided_slice(job: Job) -> Emitted:
    """A slice with a begin and a stride along each axis."""
    options, steps = job.operator.options, _steps(job.input(0).shape)
    if any(options.get(mask) for mask in ("ellipsisMask", "newAxisMask", "shrinkAxisMask")):
        raise job.refusal("it drops or adds axes")
    begins, strides = job.constant(1).tolist(), job.constant(3).tolist()
    if any(stride < 1 for stride in strides) or any(begin < 0 for begin in begins):
        raise job.refusal("it counts from the end")
    first = [0 if options["beginMask"] >> axis & 1 else begin for axis, begin in enumerate(begins)]
    start = sum(begin * step for begin, step in zip(first, steps, strict=True))
    return _gather(job, [step * stride for step, stride in zip(steps, strides, strict=True)], start)


def _gather(job: Job, steps: list[int], begin: int) -> Emitted:
    source, output = job.input(0), job.output
    if len(source.shape) != 4 or len(output.shape) != 4:
        raise job.refusal("it has other than four axes")
    constant = job.struct("gather", (braces(*output.shape), braces(*steps)))
    return Emitted(constant, (f"mirnet_gather(&{job.name}, {job.where(source)} + {begin}, {job.where(output)});",))


def _steps(shape: tuple[int, ...]) -> list[int]:
    """Elements from one index to the next, along each axis."""
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
