"""CONV_2D and DEPTHWISE_CONV_2D: int32 accumulator of (q − z) · w over a patch, plus bias, requantized."""

import math

import numpy as np

from explain.cell.int8.operator import Int8Operator, coordinates
from explain.cell.int8.requantization import finished, scaling
from explain.cell.operands import Arithmetic, Operand, Place, Step

__all__ = ["conv_2d", "depthwise_conv_2d"]

SAME = 0  # number of the file format: positions outside count as 0


def conv_2d(job: Int8Operator, place: Place) -> Arithmetic:
    """All channels of a patch, with the weights of one output channel."""
    weights = job.constant(1)[place[2]]  # (rows, columns, channels)
    return _convolution(job, place, weights, range(weights.shape[2]), "convolution")


def depthwise_conv_2d(job: Int8Operator, place: Place) -> Arithmetic:
    """One channel of a patch, with its own weights: in MIRNet, the blur."""
    if job.options.get("depthMultiplier", 1) != 1:
        raise job.refusal("it makes several channels of one")
    channel = place[2]
    weights = job.constant(1)[0, :, :, channel : channel + 1]
    return _convolution(job, place, weights, range(channel, channel + 1), "convolution of one channel by itself")


def _convolution(job: Int8Operator, place: Place, weights: np.ndarray, channels: range, what: str) -> Arithmetic:
    source, output, options = job.input(0), job.output, job.options
    if options["dilationHFactor"] != 1 or options["dilationWFactor"] != 1:
        raise job.refusal("it is dilated")
    _, row, column, channel = coordinates(output.shape, place)
    size, strides = weights.shape[:2], (options["strideH"], options["strideW"])
    top, left = (
        at * stride - _before(out, given, stride, side, options["padding"])
        for at, out, given, stride, side in zip(
            (row, column), output.shape[1:3], source.shape[1:3], strides, size, strict=True
        )
    )
    operands: list[Operand] = []
    steps: list[Step] = []
    for down, right in np.ndindex(size):
        y, x = top + down, left + right
        if not (0 <= y < source.shape[1] and 0 <= x < source.shape[2]):
            continue
        tap = [
            job.operand("q", source, (0, y, x, each), int(weight))
            for each, weight in zip(channels, weights[down, right].tolist(), strict=True)
        ]
        operands += tap
        if math.prod(size) > 1:
            value = sum(operand.part for operand in tap)
            steps.append(Step(f"the kernel's tap {down}, {right}", value, subtotal=True))
    count = len(operands)
    operands.append(Operand("b", int(job.constant(2)[channel])))
    sum_ = int(sum(operand.part for operand in operands))
    factor = scaling(_factor(job, channel))
    last, result = finished(sum_, factor, output, job.relu)
    return job.explained(
        how="sum",
        rule=f"{size[0]}×{size[1]} {what}: {count} int8 values minus their zero point, each times its weight, "
        f"added up with a bias, then requantized to steps of {output.scale:.4g}",
        formula=r"\operatorname{clip}\big(z_\text{out} + \operatorname{round}(m\,S)\big)",
        operands=operands,
        steps=(*steps, Step("the accumulator, an int32", sum_, symbol="S"), *last),
        result=result,
        where=(
            ("S", r"b + \textstyle\sum w \, (q - z)"),
            ("z", str(source.zero_point)),
            job.end,
            ("m", factor.latex()),
        ),
    )


def _factor(job: Int8Operator, channel: int) -> float:
    """From the scale of the accumulator (per output channel) to that of the output."""
    found = job.input(1).quantization
    if found is None:
        raise job.refusal("its weights have no scale")
    scales = np.broadcast_to(found.scale.astype(np.float64), job.constant(2).shape)
    return job.input(0).scale * float(scales[channel]) / job.output.scale


def _before(out: int, given: int, stride: int, side: int, padding: int) -> int:
    """Rows (columns) of zero padding before the first."""
    return max((out - 1) * stride + side - given, 0) // 2 if padding == SAME else 0
