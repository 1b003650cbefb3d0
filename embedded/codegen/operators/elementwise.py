"""Elementwise operators as C: sums, products and sigmoids."""

import math

from embedded.codegen.context import Emitted, Job, braces
from embedded.codegen.fixed_point import logistic_table, quantized_multiplier
from embedded.codegen.operators.values import output_range, quick_to_finish, scale_of, size_of
from embedded.memory.scratch import ADD_TABLES
from embedded.tflite.graph import Tensor

__all__ = ["add", "logistic", "mul"]

FINE = 20  # bits by which both sides of a sum are made finer, as in elementwise.c
FOUR = 4  # channels that elementwise_dsp.c takes at a time


def add(job: Job) -> Emitted:
    """A sum, both sides first brought to one finer scale."""
    one, other, pair = _pair(job)
    widest = 2 * max(scale_of(one), scale_of(other))
    sides = [(each.zero_point, *quantized_multiplier(scale_of(each) / widest)) for each in (one, other)]
    multiplier, shift = quantized_multiplier(widest / ((1 << FINE) * scale_of(job.output)))
    values = (pair, *sides[0], *sides[1], multiplier, shift, output_range(job))
    if one.shape == other.shape and _is_quick(job, shift):
        return job.call("add_dsp", "add", values, one, other, job.output, scratch=ADD_TABLES, seen_as="tables")
    return job.call("add", "add", values, one, other, job.output)


def mul(job: Job) -> Emitted:
    """A product."""
    one, other, pair = _pair(job)
    multiplier, shift = quantized_multiplier(scale_of(job.input(0)) * scale_of(job.input(1)) / scale_of(job.output))
    values = (pair, one.zero_point, other.zero_point, multiplier, shift, output_range(job))
    kernel = "mul_dsp" if _is_quick(job, shift) else "mul"
    return job.call(kernel, "mul", values, one, other, job.output)


def logistic(job: Job) -> Emitted:
    """A sigmoid, looked up in a table."""
    source = job.input(0)
    table = job.add("logistic", logistic_table(scale_of(source), source.zero_point))
    return Emitted("", (f"mirnet_lookup({table}, {size_of(source)}, {job.where(source)}, {job.where(job.output)});",))


def _is_quick(job: Job, shift: int) -> bool:
    """Whether elementwise_dsp.c can do it: four channels at a time, and quick to requantize."""
    return job.dsp and job.output.shape[-1] % FOUR == 0 and quick_to_finish(job, [shift])


def _pair(job: Job) -> tuple[Tensor, Tensor, str]:
    """The two sides of a sum or a product, the one of full size first, and `struct mirnet_pair`."""
    one, other = job.input(0), job.input(1)
    if one.shape != job.output.shape:
        one, other = other, one
    full = one.shape
    if full != job.output.shape:
        raise job.refusal("both of its inputs would have to be repeated")
    channels = full[-1]
    # The other side's stride per position and per channel; full size last, as it may be one of these too.
    steps = {(1, 1, 1, channels): (0, 1), (*full[:-1], 1): (1, 0), full: (channels, 1)}
    if other.shape not in steps:
        raise job.refusal(f"it repeats {other.shape} over {full}")
    return one, other, braces(math.prod(full[:-1]), channels, *steps[other.shape])
