"""One operator of an int8 graph as C: the constants that it needs, and the calls of its kernel (see `kernels/`).

    emitted = emit(Job(graph, operator, Arrays(), address))
    emitted.constant     static const struct mirnet_mul operator_7 = {{768, 12, 0, 1}, 24, 127, ...};
    emitted.calls        ("mirnet_mul(&operator_7, arena + 0, arena + 9216, arena + 0);",)

Numbers are those that TensorFlow Lite Micro computes when it prepares a model (64-bit floats until the multiplier).
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from embedded.codegen.context import Emitted, Job
from embedded.codegen.fixed_point import exponential_table, logistic_table, mean_multiplier, quantized_multiplier
from embedded.memory.buffers import VIEWS
from embedded.tflite.graph import Tensor

__all__ = ["RELU", "emit"]

NO_ACTIVATION, RELU = 0, 1
SAME = 0
REFLECT = 0
FINE = 20  # bits by which both sides of a sum are made finer, as in elementwise.c
TABLES = 2 * 256 * 4  # bytes: both sides of a sum in elementwise_dsp.c
LARGEST_PRODUCT = 255 * 128  # of a number less its zero point, and a weight
FOURS = 4  # channels that conv_2d_dsp.c takes at a time
ONE = 1024  # positions in a resized picture are whole numbers of 1/1024, as in resize_bilinear.c


def emit(job: Job) -> Emitted:
    """C for one operator.

    Raises:
        MirnetError: If no kernel can run it, naming the layer.
    """
    kind = job.operator.kind
    if kind in VIEWS:
        return Emitted("", ())
    if kind not in _KINDS:
        raise job.refusal(f"the kernels are {', '.join(sorted(_KINDS))}")
    return _KINDS[kind](job)


def _shape(tensor: Tensor) -> str:
    height, width, channels = (1, 1, 1, *tensor.shape)[-3:]
    return f"{{{height}, {width}, {channels}}}"


def _scale(tensor: Tensor) -> float:
    return float(np.float64(np.float32(tensor.scale)))


def _to(job: Job) -> str:
    """How a sum becomes an int8, `struct mirnet_output`."""
    fused = job.operator.options.get("fusedActivationFunction", NO_ACTIVATION)
    if fused not in (NO_ACTIVATION, RELU):
        raise job.refusal(f"it ends in an activation other than ReLU (number {fused})")
    zero = job.output.zero_point
    return f"{{{zero}, {zero if fused == RELU else -128}, 127}}"


class _Convolution(NamedTuple):
    """`struct mirnet_conv`, and what its DSP kernels have to know besides."""

    values: str
    rows: int  # of the window, and so of a ring of rows
    columns: int  # of the input, padding included
    quick: int  # as in `struct mirnet_conv_dsp`


def _convolution(job: Job, weights: np.ndarray) -> _Convolution:
    """What is the same for all convolutions.

    Args:
        job: A convolution, depthwise or not.
        weights: As its kernel wants them.
    """
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
    pairs = [quantized_multiplier(_scale(source) * scale / _scale(output)) for scale in scales.tolist()]
    multipliers, shifts = zip(*pairs, strict=True)
    values = (
        f"{_shape(source)}, {_shape(output)}, {size[0]}, {size[1]}, {stride}, {pads[0] // 2}, {pads[1] // 2}, "
        f"{source.zero_point}, {_to(job)}, {job.add('weights', weights)}, {job.add('bias', bias, 'int32')}, "
        f"{job.add('multiplier', multipliers, 'int32')}, {job.add('shift', shifts)}"
    )
    largest = int(np.abs(bias.astype(np.int64)).max()) + weights.size // bias.size * LARGEST_PRODUCT
    quick = max(shifts) < 0 and largest < 1 << 30
    return _Convolution(values, size[0], source.shape[2] + pads[1], int(quick))


def _conv_2d(job: Job) -> Emitted:
    weights = job.constant(1)
    if not job.dsp:
        return job.call("conv_2d", "conv", _convolution(job, weights).values, job.input(0), job.output)
    depth = -(-weights.shape[3] // FOURS) * FOURS
    filled = np.pad(weights, ((0, 0), (0, 0), (0, 0), (0, depth - weights.shape[3])))
    found = _convolution(job, filled)
    row = found.columns * depth
    scratch = found.rows * row * np.dtype(np.int16).itemsize
    values = f"{{{found.values}}}, {depth}, {row}, {found.quick}"
    return job.call("conv_2d_dsp", "conv_dsp", values, job.input(0), job.output, scratch=scratch)


def _depthwise_conv_2d(job: Job) -> Emitted:
    found = _convolution(job, job.constant(1))
    if not job.dsp:
        return job.call("depthwise_conv_2d", "conv", found.values, job.input(0), job.output)
    values = f"{{{found.values}}}, 0, 0, {found.quick}"
    return job.call("depthwise_conv_2d_dsp", "conv_dsp", values, job.input(0), job.output)


def _pair(job: Job) -> tuple[Tensor, Tensor, str]:
    """The two sides of a sum or a product, the one of full size first, and `struct mirnet_pair`."""
    one, other = job.input(0), job.input(1)
    if one.shape != job.output.shape:
        one, other = other, one
    full = one.shape
    if full != job.output.shape:
        raise job.refusal("both of its inputs would have to be repeated")
    channels = full[-1]
    steps = {full: (channels, 1), (1, 1, 1, channels): (0, 1), (*full[:-1], 1): (1, 0)}
    if other.shape not in steps:
        raise job.refusal(f"it repeats {other.shape} over {full}")
    place, channel = steps[other.shape] if other.shape != full else (channels, 1)
    return one, other, f"{{{math.prod(full[:-1])}, {channels}, {place}, {channel}}}"


def _add(job: Job) -> Emitted:
    one, other, pair = _pair(job)
    widest = 2 * max(_scale(one), _scale(other))
    parts = [pair]
    for side in (one, other):
        multiplier, shift = quantized_multiplier(_scale(side) / widest)
        parts.append(f"{side.zero_point}, {multiplier}, {shift}")
    multiplier, shift = quantized_multiplier(widest / ((1 << FINE) * _scale(job.output)))
    values = ", ".join([*parts, f"{multiplier}, {shift}, {_to(job)}"])
    if job.dsp and shift < 0:
        return job.call("add_dsp", "add", values, one, other, job.output, scratch=TABLES, seen_as="tables")
    return job.call("add", "add", values, one, other, job.output)


def _mul(job: Job) -> Emitted:
    one, other, pair = _pair(job)
    multiplier, shift = quantized_multiplier(_scale(job.input(0)) * _scale(job.input(1)) / _scale(job.output))
    values = f"{pair}, {one.zero_point}, {other.zero_point}, {multiplier}, {shift}, {_to(job)}"
    kernel = "mul_dsp" if job.dsp and shift < 0 else "mul"
    return job.call(kernel, "mul", values, one, other, job.output)


def _axes(job: Job) -> tuple[int, int, int]:
    """The input seen as (outer, count, inner), reduced over the middle."""
    shape = job.input(0).shape
    axes = sorted(int(axis) % len(shape) for axis in job.constant(1).ravel())
    if axes != list(range(axes[0], axes[-1] + 1)):
        raise job.refusal(f"it reduces axes {axes}, which are not neighbours")
    return math.prod(shape[: axes[0]]), math.prod(shape[axes[0] : axes[-1] + 1]), math.prod(shape[axes[-1] + 1 :])


def _mean(job: Job) -> Emitted:
    outer, count, inner = _axes(job)
    multiplier, shift = mean_multiplier(_scale(job.input(0)) / _scale(job.output), count)
    values = f"{outer}, {count}, {inner}, {job.input(0).zero_point}, {multiplier}, {shift}, {_to(job)}"
    return job.call("mean", "reduce", values, job.input(0), job.output)


def _reduce_max(job: Job) -> Emitted:
    outer, count, inner = _axes(job)
    return job.call(
        "reduce_max", "reduce", f"{outer}, {count}, {inner}, 0, 0, 0, {{0, 0, 0}}", job.input(0), job.output
    )


def _logistic(job: Job) -> Emitted:
    source = job.input(0)
    table = job.add("logistic", logistic_table(_scale(source), source.zero_point))
    size = math.prod(source.shape)
    return Emitted("", (f"mirnet_lookup({table}, {size}, {job.where(source)}, {job.where(job.output)});",))


def _softmax(job: Job) -> Emitted:
    source, depth = job.input(0), job.input(0).shape[-1]
    table = job.add("exponential", exponential_table(_scale(source), job.operator.options["beta"]), "int32")
    values = f"{math.prod(source.shape) // depth}, {depth}, {table}"
    return job.call("softmax", "softmax", values, source, job.output)


def _resize_bilinear(job: Job) -> Emitted:
    source, output, options = job.input(0), job.output, job.operator.options
    if options["alignCorners"] or not options["halfPixelCenters"]:
        raise job.refusal("it does not lay centres of pixels on centres of pixels")
    steps = [(ONE * before + after // 2) // after for before, after in zip(source.shape, output.shape, strict=True)]
    values = f"{_shape(source)}, {_shape(output)}, {steps[1]}, {steps[2]}"
    return job.call("resize_bilinear", "resize", values, source, output)


def _mirror_pad(job: Job) -> Emitted:
    pads = job.constant(1)
    if pads.shape != (4, 2) or pads[0].any() or pads[3].any() or job.operator.options["mode"] != REFLECT:
        raise job.refusal("it pads something else than rows and columns, or not by reflection")
    values = f"{_shape(job.input(0))}, {', '.join(str(int(pad)) for pad in pads[1:3].ravel())}"
    return job.call("mirror_pad", "mirror", values, job.input(0), job.output)


def _concatenation(job: Job) -> Emitted:
    axis = job.operator.options["axis"] % len(job.output.shape)
    stride = math.prod(job.output.shape[axis:])
    calls, begin = [], 0
    for place in range(len(job.operator.inputs)):
        part = job.input(place)
        size = math.prod(part.shape[axis:])
        rows = math.prod(part.shape[:axis])
        calls.append(f"mirnet_scatter({rows}, {size}, {stride}, {job.where(part)}, {job.where(job.output)} + {begin});")
        begin += size
    return Emitted("", tuple(calls))


def _gather(job: Job, steps: list[int], begin: int) -> Emitted:
    source, output = job.input(0), job.output
    if len(source.shape) != 4 or len(output.shape) != 4:
        raise job.refusal("it has other than four axes")
    name = f"operator_{job.operator.index}"
    shape, step = (", ".join(map(str, numbers)) for numbers in (output.shape, steps))
    constant = f"static const struct mirnet_gather {name} = {{{{{shape}}}, {{{step}}}}};"
    return Emitted(constant, (f"mirnet_gather(&{name}, {job.where(source)} + {begin}, {job.where(output)});",))


def _steps(shape: tuple[int, ...]) -> list[int]:
    """How far apart neighbours along each axis are."""
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]


def _transpose(job: Job) -> Emitted:
    steps = _steps(job.input(0).shape)
    return _gather(job, [steps[int(axis)] for axis in job.constant(1)], 0)


def _strided_slice(job: Job) -> Emitted:
    options, steps = job.operator.options, _steps(job.input(0).shape)
    if any(options.get(mask) for mask in ("ellipsisMask", "newAxisMask", "shrinkAxisMask")):
        raise job.refusal("it drops or adds axes")
    begins, strides = job.constant(1).tolist(), job.constant(3).tolist()
    if any(stride < 1 for stride in strides) or any(begin < 0 for begin in begins):
        raise job.refusal("it counts from the end")
    first = [0 if options["beginMask"] >> axis & 1 else begin for axis, begin in enumerate(begins)]
    start = sum(begin * step for begin, step in zip(first, steps, strict=True))
    return _gather(job, [step * stride for step, stride in zip(steps, strides, strict=True)], start)


_KINDS: Mapping[str, Callable[[Job], Emitted]] = {
    "ADD": _add,
    "CONCATENATION": _concatenation,
    "CONV_2D": _conv_2d,
    "DEPTHWISE_CONV_2D": _depthwise_conv_2d,
    "LOGISTIC": _logistic,
    "MEAN": _mean,
    "MIRROR_PAD": _mirror_pad,
    "MUL": _mul,
    "REDUCE_MAX": _reduce_max,
    "RESIZE_BILINEAR": _resize_bilinear,
    "SOFTMAX": _softmax,
    "STRIDED_SLICE": _strided_slice,
    "TRANSPOSE": _transpose,
}
