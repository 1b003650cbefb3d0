"""In place of a network on a simulated board: C that is quick to compile and to run, and the same in Python."""

import os

import numpy as np

from model.images.camera_formats import yuv422_to_rgb

__all__ = ["DEFINITIONS", "NETWORK", "has_terminals", "restored"]

NETWORK = {
    "stand_in.h": "enum { OPERATORS = 150 };\n",
    "stand_in.c": r"""
#include "stand_in.h"
#include "mirnet_commands.h"

void mirnet_restore(const uint8_t *frame, mirnet_row row, void *context);
const uint32_t *mirnet_timings(size_t *count, uint32_t *ticks_per_second);

static uint8_t inverted(int32_t luma, int32_t colour) {
    const int32_t value = luma + ((colour + 32768) >> 16);
    return (uint8_t)(255 - (value < 0 ? 0 : value > 255 ? 255 : value));
}

void mirnet_restore(const uint8_t *frame, mirnet_row row, void *context) {
    uint8_t rgb[MIRNET_PICTURE_ROW_BYTES];
    int x, y;
    for (y = 0; y < MIRNET_ROWS; y++) {
        for (x = 0; x < MIRNET_COLUMNS; x++) {
            const uint8_t *pair = frame + y * MIRNET_FRAME_ROW_BYTES + x / 2 * 4;
            const int32_t luma = pair[x % 2 * 2], u = pair[1] - 128, v = pair[3] - 128;
            rgb[3 * x] = inverted(luma, 91881 * v);
            rgb[3 * x + 1] = inverted(luma, -22554 * u - 46802 * v);
            rgb[3 * x + 2] = inverted(luma, 116130 * u);
        }
        row(y, rgb, context);
    }
}

const uint32_t *mirnet_timings(size_t *count, uint32_t *ticks_per_second) {
    static uint32_t ticks[OPERATORS];
    int k;
    for (k = 0; k < OPERATORS; k++)
        ticks[k] = 4000000000u + (uint32_t)k;
    *count = OPERATORS;
    *ticks_per_second = 64000000;
    return ticks;
}
""",
}
"""The picture in the frame, each byte taken from 255; and timings as a network would tell them."""

DEFINITIONS = {"MIRNET_HAS_TIMINGS": "1", "MIRNET_ARENA_BYTES": "66240"}
"""For `compile_board`."""


def restored(frame: np.ndarray) -> np.ndarray:
    """What the stand-in makes of a frame, by `model.images.camera_formats`."""
    return 255 - yuv422_to_rgb(frame)


def has_terminals() -> bool:
    """Whether this system has what a simulated board is connected by."""
    try:
        for descriptor in os.openpty():
            os.close(descriptor)
    except (AttributeError, OSError):
        return False
    return True
