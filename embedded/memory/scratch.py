"""Scratch memory: what a DSP kernel needs for itself while it runs, beside the arena."""

from typing import NamedTuple

__all__ = ["ADD_TABLES", "CHUNK", "FOUR", "GROUP", "WINOGRAD_WIDTH", "Unpacked", "unpacked"]

Shape = tuple[int, ...]

INT16 = 2  # bytes
FOUR, CHUNK, GROUP = 4, 12, 3  # numbers that are unpacked together, of a column, and output channels, in conv_2d_dsp.c
WINOGRAD_WIDTH, WINOGRAD_FORMS = 3, 4  # as in conv_3_wide_dsp.c
SCRATCH = 48 * 1024  # bytes at most for a convolution: together with arena and camera frame, within the board's RAM
ADD_TABLES = 2 * 256 * 4  # bytes: both sides of a sum in elementwise_dsp.c


class Unpacked(NamedTuple):
    """How conv_2d_dsp.c lays out the input: fields of `struct mirnet_conv_dsp`, and the bytes of scratch memory."""

    forms: int
    chunks: int
    columns: int
    rows: int
    scratch: int


def unpacked(weights: Shape, source: Shape, output: Shape, stride: int) -> Unpacked:
    """As many rows of the output at a time as fit the scratch memory, from four shapes of a convolution.

    Args:
        weights: Output channels, height, width, input channels.
        source: The input: 1, height, width, channels.
        output: The same of the output.
        stride: Of the windows.
    """
    _, high, wide, depth = weights
    forms, columns, numbers = 1, output[2], wide * depth
    if wide == WINOGRAD_WIDTH and stride == 1:
        forms, columns, numbers = WINOGRAD_FORMS, -(-output[2] // 2), depth
    chunks, columns = -(-numbers // CHUNK), columns + columns % 2
    row, group = (INT16 * chunks * forms * each * CHUNK for each in (columns, high * GROUP))  # bytes
    rows = min(max(((SCRATCH - group) // row - high) // stride + 1, 1), output[1])
    known = min((rows - 1) * stride + high, source[1])  # rows of the input at most
    return Unpacked(forms, chunks, columns, rows, group + known * row)
