"""Convolutions as C, depthwise or not."""

from typing import NamedTuple

import numpy as np

from embedded.codegen.context import Emitted, Job, braces
from embedded.codegen.fixed_point import quantized_multiplier
from embedded.codegen.operators.values import output_range, scale_of, shape_of

__all__ = ["conv_2d", "depthwise_conv_2d"]

SAME = 0
LARGEST_PRODUCT = 255 * 128  # of an activation − its zero point, and a weight
FOURS = 4  # channels that conv_2d_dsp.c takes at a time


class _Convolution(NamedTuple):
    """The values of `struct mirnet_conv`, and those of `struct mirnet_conv_dsp` besides."""

    values: tuple
    rows: int  # of the window, and so of a ring of rows
    columns: int  # of the input, padding included
    quick: int  # as in `struct mirnet_conv_dsp`


def conv_2d(job: Job) -> Emitted:
    """A convolution; the DSP kernel has a ring buffer of rows, and channels padded to a multiple of 4."""
    weights = job.constant(1)
    if not job.dsp:
        return job.call("conv_2d", "conv", _convolution(job, weights).values, job.input(0), job.output)
    depth = -(-weights.shape[3] // FOURS) * FOURS
    found = _convolution(job, np.pad(weights, ((0, 0), (0, 0), (0, 0), (0, depth - weights.shape[3]))))
    row = found.columns * depth
    scratch = found.rows * row * np.dtype(np.int16).itemsize
    values = (braces(*found.values), depth, row, found.quick)
    return job.call("conv_2d_dsp", "conv_dsp", values, job.input(0), job.output, scratch=scratch)


def depthwise_conv_2d(job: Job) -> Emitted:
    """A convolution of each channel by itself."""
    found = _convolution(job, job.constant(1))
    if not job.dsp:
        return job.call("depthwise_conv_2d", "conv", found.values, job.input(0), job.output)
    values = (braces(*found.values), 0, 0, found.quick)
    return job.call("depthwise_conv_2d_dsp", "conv_dsp", values, job.input(0), job.output)


def _convolution(job: Job, weights: np.ndarray) -> _Convolution:
    """The struct of a convolution, depthwise or not, with the weights as its kernel wants them."""
    options, source, output = job.operator.options, job.input(0), job.output
    bias, stride = job.constant(2), options["strideH"]
    if stride != options["strideW"] or options["dilationHFactor"] != 1 or options["dilationWFactor"] != 1:
        raise job.refusal("its strides differ, or it is dilated")
    if options.get("depthMultiplier", 1) != 1:
        raise job.refusal("it makes several channels of one")
    size = job.constant(1).shape[1:3]
    pads = [
        max((out - 1) * stride + side - given, 0) if options["padding"] == SAME else 0
        for out, side, given in zip(output.shape[1:3], size, source.shape[1:3], strict=True)
    ]
    quantization = job.input(1).quantization
    assert quantization is not None  # checked when the model was converted
    scales = np.broadcast_to(quantization.scale.astype(np.float64), bias.shape)
    pairs = [quantized_multiplier(scale_of(source) * scale / scale_of(output)) for scale in scales.tolist()]
    multipliers, shifts = zip(*pairs, strict=True)
    window = (*size, stride, pads[0] // 2, pads[1] // 2)
    arrays = [job.add("weights", weights), job.add("bias", bias, "int32")]
    arrays += [job.add("multiplier", multipliers, "int32"), job.add("shift", shifts)]
    values = (shape_of(source), shape_of(output), *window, source.zero_point, output_range(job), *arrays)
    largest = int(np.abs(bias.astype(np.int64)).max()) + weights.size // bias.size * LARGEST_PRODUCT
    quick = max(shifts) < 0 and largest < 1 << 30
    return _Convolution(values, size[0], source.shape[2] + pads[1], int(quick))
