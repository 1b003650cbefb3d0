"""Averages, maxima and softmaxes as C."""

import math

from embedded.codegen.context import Emitted, Job, braces
from embedded.codegen.fixed_point import exponential_table, mean_multiplier
from embedded.codegen.operators.values import output_range, scale_of, size_of

__all__ = ["mean", "reduce_max", "softmax"]


def mean(job: Job) -> Emitted:
    """An average along neighbouring axes."""
    outer, count, inner = _axes(job)
    multiplier, shift = mean_multiplier(scale_of(job.input(0)) / scale_of(job.output), count)
    values = (outer, count, inner, job.input(0).zero_point, multiplier, shift, output_range(job))
    return job.call("mean", "reduce", values, job.input(0), job.output)


def reduce_max(job: Job) -> Emitted:
    """A maximum along neighbouring axes; it needs no other scale."""
    return job.call("reduce_max", "reduce", (*_axes(job), 0, 0, 0, braces(0, 0, 0)), job.input(0), job.output)


def softmax(job: Job) -> Emitted:
    """A softmax along the last axis."""
    source, depth = job.input(0), job.input(0).shape[-1]
    table = job.add("exponential", exponential_table(scale_of(source), job.operator.options["beta"]), "int32")
    return job.call("softmax", "softmax", (size_of(source) // depth, depth, table), source, job.output)


def _axes(job: Job) -> tuple[int, int, int]:
    """The input's shape as (outer, count, inner), reduced over the middle."""
    shape = job.input(0).shape
    axes = sorted(int(axis) % len(shape) for axis in job.constant(1).ravel())
    if axes != list(range(axes[0], axes[-1] + 1)):
        raise job.refusal(f"it reduces axes {axes}, which are not neighbours")
    return math.prod(shape[: axes[0]]), math.prod(shape[axes[0] : axes[-1] + 1]), math.prod(shape[axes[-1] + 1 :])
