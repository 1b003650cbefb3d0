"""Requantization and a convolution in integers, right and with known mistakes, for lesson 8."""

from functools import cache
from typing import Any

import numpy as np

from embedded.codegen.fixed_point import quantized_multiplier
from embedded.codegen.fixed_point import rescale as board_rescale
from lessons.checks.kit import Either

__all__ = [
    "UINT8",
    "convolution_in_int8",
    "convolution_mistakes",
    "convolution_stages",
    "operands",
    "rescale_mistakes",
    "rescale_stages",
    "wrapped",
]

UINT8 = "it was clipped to 0 … 255, the range of uint8; int8 has −128 … 127."


def wrapped(values: np.ndarray, dtype: type = np.int8) -> np.ndarray:
    """Integers that wrap around in a type with a smaller range, as float64."""
    return np.asarray(values).astype(np.int64).astype(dtype).astype("float64")


def rescale_stages(sums: np.ndarray, multiplier: int, shift: int) -> dict[str, Any]:
    """The right steps of requantization."""
    product = sums.astype(np.int64) * multiplier
    return {
        "the product in 64 bits": product,
        "the product plus 2³⁰": product + (1 << 30),
        "that, shifted right by 31": (product + (1 << 30)) >> 31,
    }


def rescale_mistakes(sums: np.ndarray, multiplier: int, shift: int) -> dict[str, Any]:
    """Results of a requantization with something wrong."""
    product, bits = sums.astype(np.int64) * multiplier, -shift
    high, half = (product + (1 << 30)) >> 31, 1 << bits >> 1
    with np.errstate(over="ignore"):
        narrow = sums.astype(np.int32) * np.int32(multiplier)
        spilled = (narrow + np.int32(1 << 30)) >> 31
    factor = multiplier / 2**31 * 2.0**shift
    return {
        "nothing was rounded: `>>` rounds down. All results are then too low by a half on average.": product
        >> 31
        >> bits,
        "the second shift does not round: use `shift_right`, `>>` rounds down.": high >> bits,
        "the first shift does not round: 2³⁰, a half, is missing before `>> 31`.": _away(product >> 31, bits),
        "halves of negative numbers were rounded up; `shift_right` rounds them away from zero.": (high + half) >> bits,
        "the product overflowed: it needs 64 bits, and `sums` has 32.": _away(spilled, bits),
        "`>> 31` is missing.": _away(product, bits),
        "half of 2³¹ is 2³⁰, not 2³¹.": _away((product + (1 << 31)) >> 31, bits),
        "it was divided in floating point, not shifted.": Either(
            np.rint((product + (1 << 30)) / 2**31 / 2.0**bits), np.rint(np.rint(product / 2**31) / 2.0**bits)
        ),
        "the second shift is missing.": high,
        "it was shifted to the left: the shift is negative.": high << bits,
        "it was rounded only once, as a float; the board rounds twice, and so must you.": np.rint(sums * factor),
        "it was rounded only once, by one shift; the board rounds twice, and so must you.": _away(product, 31 + bits),
        "it was computed in floating point, and truncated at the end.": np.trunc(sums * factor),
        "it was computed in floating point, and not rounded.": sums * factor,
    }


def _away(x: np.ndarray, bits: int) -> np.ndarray:
    half = 1 << bits >> 1
    x = x.astype(np.int64)
    return np.where(x < 0, -((-x + half) >> bits), (x + half) >> bits)


def _sums(values: np.ndarray, weights: np.ndarray, bias: np.ndarray, padding: int = 0, mode: Any = "") -> np.ndarray:
    """Accumulators of features whose zero point is subtracted already, padded with the value `padding` or by a mode."""
    around, wide = ((1, 1), (1, 1), (0, 0)), values.astype(np.int64)
    padded = np.pad(wide, around, mode=mode) if mode else np.pad(wide, around, constant_values=padding)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (0, 1))  # type: ignore[call-overload]
    return np.einsum("hwiyx,oyxi->hwo", windows, weights.astype(np.int64)) + bias


def _requantized(sums: np.ndarray, multiplier: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Accumulators after the package's own requantization, without the zero point."""
    channels = [
        [board_rescale(int(x), int(multiplier[c]), int(shift[c])) for x in sums[..., c].ravel()]
        for c in range(sums.shape[-1])
    ]
    return np.array(channels).T.reshape(sums.shape)


def _clipped(values: np.ndarray, low: int = -128, high: int = 127) -> np.ndarray:
    return np.clip(values, low, high)


def convolution_in_int8(features, weights, bias, zero_in, multiplier, shift, zero_out) -> np.ndarray:
    """The right output, as float64 or int64 in the range of int8."""
    sums = _sums(features.astype(np.int64) - zero_in, weights, bias)
    return _clipped(_requantized(sums, multiplier, shift) + zero_out)


def convolution_stages(features, weights, bias, zero_in, multiplier, shift, zero_out) -> dict[str, Any]:
    """The right steps of the convolution."""
    centred = features.astype(np.int64) - zero_in
    padded = np.pad(centred, ((1, 1), (1, 1), (0, 0)))
    sums = _sums(centred, weights, bias)
    rescaled = _requantized(sums, multiplier, shift)
    return {
        "the features minus their zero point": (centred, padded),
        "those, with zeros around them": padded,
        "the bias plus the sum over the kernel": sums,
        "the rescaled sums": rescaled,
        "those plus the zero point of the output": rescaled + zero_out,
    }


def convolution_mistakes(features, weights, bias, zero_in, multiplier, shift, zero_out) -> dict[str, Any]:
    """Outputs of a convolution with something wrong."""
    wide = features.astype(np.int64)
    centred, none = wide - zero_in, np.zeros_like(bias)
    sums = _sums(centred, weights, bias)
    right = _requantized(sums, multiplier, shift) + zero_out
    first = (np.full_like(multiplier, multiplier[0]), np.full_like(shift, shift[0]))
    sums_of = {
        "the zero point of the features is forgotten: multiply x − z_x.": _sums(wide, weights, bias),
        "the padding is the integer 0, which is not the float 0: subtract the zero point first, then pad.": _sums(
            centred, weights, bias, padding=-zero_in
        ),
        "the bias is missing.": _sums(centred, weights, none),
        "the bias is added at each of the nine positions; it belongs into the sum once.": _sums(
            centred, weights, 9 * bias
        ),
        "only the middle of the kernel is used, without its neighbours.": centred @ weights[:, 1, 1].T.astype(np.int64)
        + bias,
        "the edge pixels are repeated; the padding is zero.": _sums(centred, weights, bias, mode="edge"),
        "the padding reflects the picture; it is zero.": _sums(centred, weights, bias, mode="reflect"),
        "x − z_x was put into int8 again, and overflowed: keep it wide.": _sums(wrapped(centred), weights, bias),
        "x − z_x overflowed: features are int8, convert them to int64 before you subtract.": _sums(
            wrapped(centred), weights, bias
        ),
        "the sums overflowed: products of int8 values need int32 or more, so convert the features to int64 first.": (
            wrapped(_sums(wrapped(centred), weights, none)).astype(np.int64) + bias
        ),
        "rows and columns of the weights are swapped.": _sums(centred, weights.transpose(0, 2, 1, 3), bias),
        "the kernel is flipped: a network's convolution is a cross-correlation.": _sums(
            centred, weights[:, ::-1, ::-1], bias
        ),
        "the zero point of the features was added.": _sums(wide + zero_in, weights, bias),
    }
    factor = multiplier / 2**31 * 2.0**shift
    parts = [
        _requantized(_sums(centred, weights * mask, none), multiplier, shift)
        for mask in np.eye(9, dtype=np.int64).reshape(9, 1, 3, 3, 1)
    ]
    each = sum(parts) + _requantized(np.broadcast_to(bias, right.shape).astype(np.int64), multiplier, shift) + zero_out
    no_zero_point = _clipped(_requantized(sums, multiplier, shift))
    return {
        **{text: _clipped(_requantized(each, multiplier, shift) + zero_out) for text, each in sums_of.items()},
        "it was rescaled at each position of the kernel: add up all nine first, and rescale once.": _clipped(each),
        "the zero point of the output is missing.": no_zero_point,
        "it was not clipped: what does not fit into int8 wraps around.": wrapped(right),
        "it was not clipped to −128 … 127.": right,
        UINT8: Either(_clipped(right, 0, 255), wrapped(_clipped(right, 0, 255))),
        "it was clipped at −127: features may be −128.": _clipped(right, -127),
        "it was clipped before the zero point of the output was added.": wrapped(no_zero_point + zero_out),
        "all channels have the multiplier of the first: each has its own.": _clipped(
            _requantized(sums, *first) + zero_out
        ),
        "it was truncated, not rounded: use your `rescale`.": _clipped((sums * factor).astype(np.int64) + zero_out),
        "the padding is missing: the output must be as large as the input.": _clipped(right)[1:-1, 1:-1],
    }


@cache
def operands() -> tuple[tuple, np.ndarray]:
    """Operands of one convolution of the shipped network on a photo, and its output in the emulator."""
    from embedded.camera.ov7675 import Camera
    from embedded.emulator import HOOKS_SUFFIX, Emulator
    from embedded.models.shipped_models import model_file
    from embedded.tflite.hook_map import HookMap
    from model.samples import load_sample

    emulator = Emulator(model_file("nano"))
    made_by = HookMap.load(model_file("nano").with_suffix(HOOKS_SUFFIX)).places["shallow"].operator
    assert made_by is not None  # it is no input of the network
    operator = emulator.graph.operators[made_by]
    source, kernel, bias = (emulator.graph.tensors[k] for k in operator.inputs)
    target = emulator.graph.tensors[operator.outputs[0]]
    camera = Camera()
    held = emulator.tensors(camera.picture(camera.capture(load_sample("kingfisher")[0])))
    assert kernel.quantization is not None  # an int8 tensor
    scales = source.scale * kernel.quantization.scale.astype("float64") / target.scale
    pairs = [quantized_multiplier(float(scale)) for scale in scales]
    multiplier, shift = (np.array(each) for each in zip(*pairs, strict=True))
    operands = (kernel.data, bias.data, source.zero_point, multiplier, shift, target.zero_point)
    return (held[source.index][0], *operands), held[target.index][0]
