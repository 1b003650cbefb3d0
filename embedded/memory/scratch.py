"""Scratch memory: what a DSP kernel needs for itself while it runs, beside the arena."""

from typing import NamedTuple

from model.images.camera_formats import COLUMNS, ROWS

__all__ = ["ADD_TABLES", "CHUNK", "FOUR", "GROUP", "MOST", "WINOGRAD_WIDTH", "Unpacked", "limit_beside", "unpacked"]

Shape = tuple[int, ...]

INT16 = 2  # bytes
FOUR, CHUNK, GROUP = 4, 12, 3  # numbers that are unpacked together, of a column, and output channels, in conv_2d_dsp.c
WINOGRAD_WIDTH, WINOGRAD_FORMS = 3, 4  # as in conv_3_wide_dsp.c
MOST = 48 * 1024  # bytes for a convolution: with arena and camera frame of `nano`, within the 176 KB
BOARD = 176 * 1024 - ROWS * COLUMNS * 2  # bytes for arena and scratch memory: our target, less the camera's frame
ADD_TABLES = 2 * 256 * 4  # bytes: both sides of a sum in elementwise_dsp.c


class Unpacked(NamedTuple):
    """How conv_2d_dsp.c lays out the input: fields of `struct mirnet_conv_dsp`, and the bytes of scratch memory."""

    forms: int
    chunks: int
    columns: int
    rows: int
    scratch: int


def limit_beside(arena: int) -> int:
    """Bytes of scratch memory that fit the board beside an arena; a convolution takes at least what one row needs."""
    return min(MOST, max(BOARD - arena, 0))


def unpacked(weights: Shape, source: Shape, output: Shape, stride: int, limit: int = MOST) -> Unpacked:
    """As many rows of the output at a time as fit the scratch memory, from three shapes of a convolution.

    Args:
        weights: Output channels, height, width, input channels.
        source: The input: 1, height, width, channels.
        output: The same of the output.
        stride: Of the windows.
        limit: Bytes of scratch memory.
    """
    _, high, wide, depth = weights
    forms, columns, numbers = 1, output[2], wide * depth
    if wide == WINOGRAD_WIDTH and stride == 1:
        forms, columns, numbers = WINOGRAD_FORMS, -(-output[2] // 2), depth
    chunks, columns = -(-numbers // CHUNK), columns + columns % 2
    row, group = (INT16 * chunks * forms * each * CHUNK for each in (columns, high * GROUP))  # bytes
    rows = min(max(((limit - group) // row - high) // stride + 1, 1), output[1])
    known = min((rows - 1) * stride + high, source[1])  # rows of the input at most
    return Unpacked(forms, chunks, columns, rows, group + known * row)
