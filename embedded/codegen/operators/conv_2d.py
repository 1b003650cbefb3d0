"""Convolutions as C, depthwise or not."""

import numpy as np

from embedded.codegen.context import Emitted, Job, braces
from embedded.codegen.fixed_point import quantized_multiplier
from embedded.codegen.operators.values import output_range, quick_to_finish, scale_of, shape_of
from embedded.memory.scratch import CHUNK, FOUR, GROUP, unpacked

__all__ = ["conv_2d", "depthwise_conv_2d"]

SAME = 0
LARGEST_PRODUCT = 255 * 128  # of an activation − its zero point, and a weight


def conv_2d(job: Job) -> Emitted:
    """A convolution; the DSP kernel has its weights in another order."""
    weights, source, output = job.constant(1), job.input(0), job.output
    if not (job.dsp and _is_quick(job)):
        return job.call("conv_2d", "conv", _values(job, weights), source, output)
    *layout, scratch = unpacked(
        weights.shape, source.shape, output.shape, job.operator.options["strideH"], job.scratch_limit
    )
    if layout[0] == 1:  # form: a row of the window side by side
        weights = weights.reshape(*weights.shape[:2], 1, -1)
    values = (braces(*_values(job, _grouped(weights))), *layout)
    return job.call("conv_2d_dsp", "conv_dsp", values, source, output, scratch=scratch)


def depthwise_conv_2d(job: Job) -> Emitted:
    """A convolution of each channel by itself."""
    kernel = "depthwise_conv_2d_dsp" if job.dsp and _is_quick(job) else "depthwise_conv_2d"
    return job.call(kernel, "conv", _values(job, job.constant(1)), job.input(0), job.output)


def _grouped(weights: np.ndarray) -> np.ndarray:
    """(out, height, width, in) as (groups, height, fours, out in the group, width, four), filled up with zeros."""
    count, high, wide, depth = weights.shape
    filled = np.pad(weights, ((0, -count % GROUP), (0, 0), (0, 0), (0, -depth % CHUNK)))
    return filled.reshape(-1, GROUP, high, wide, filled.shape[3] // FOUR, FOUR).transpose(0, 2, 4, 1, 3, 5)


def _multipliers(job: Job) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Multiplier and shift of every output channel."""
    quantization = job.input(1).quantization
    assert quantization is not None  # checked when the model was converted
    scales = np.broadcast_to(quantization.scale.astype(np.float64), job.constant(2).shape)
    source, output = scale_of(job.input(0)), scale_of(job.output)
    pairs = [quantized_multiplier(source * scale / output) for scale in scales.tolist()]
    multipliers, shifts = zip(*pairs, strict=True)
    return multipliers, shifts


def _is_quick(job: Job) -> bool:
    """Whether the DSP kernels can requantize the sums: see `struct mirnet_conv_dsp`."""
    bias, (_, shifts) = job.constant(2), _multipliers(job)
    largest = int(np.abs(bias.astype(np.int64)).max()) + job.constant(1).size // bias.size * LARGEST_PRODUCT
    return largest < 1 << 28 and quick_to_finish(job, shifts)


def _values(job: Job, weights: np.ndarray) -> tuple:
    """The struct of a convolution, depthwise or not, with the weights as its kernel wants them."""
    options, source, output = job.operator.options, job.input(0), job.output
    bias, stride = job.constant(2), options["strideH"]
    if stride != options["strideW"] or options["dilationHFactor"] != 1 or options["dilationWFactor"] != 1:
        raise job.refusal("its strides differ, or it is dilated")
    if options.get("depthMultiplier", 1) != 1:
        raise job.refusal("it makes several channels of one")
    size = job.constant(1).shape[1:3]
    sides = zip(source.shape[1:3], output.shape[1:3], size, strict=True)
    before = [_before(*each, stride) if options["padding"] == SAME else 0 for each in sides]
    multipliers, shifts = _multipliers(job)
    arrays = [job.add("weights", weights), job.add("bias", bias, "int32")]
    arrays += [job.add("multiplier", multipliers, "int32"), job.add("shift", shifts)]
    window = (*size, stride, *before)
    return (shape_of(source), shape_of(output), *window, source.zero_point, output_range(job), *arrays)


def _before(given: int, made: int, window: int, stride: int) -> int:
    """Rows or columns of padding before the first."""
    return max((made - 1) * stride + window - given, 0) // 2
