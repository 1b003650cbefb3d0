"""A frame of the camera's colour bars tells which wire is wrong, however bright, colourful and noisy it is."""

import re

import numpy as np
import pytest
from bar_frames import CASES, bars, exchanged_wires, shorter_rows

from embedded.camera.colour_bars import Wiring, colour_bars, look
from embedded.camera.ov7675 import Camera
from model.errors import MirnetError
from model.images.camera_formats import YUV_ORDERS, rgb_to_yuv422
from model.samples import SAMPLES, load_sample

FRAMES = 100
QUICK = 5


def check(case: str, count: int) -> None:
    make, message = CASES[case]
    rng = np.random.default_rng(17)
    for number in range(count):
        told = Camera().looks_wrong(make(rng), test_pattern=True)
        if message is None:
            assert told is None, number
        else:
            assert re.search(message, told or "") and ";" not in told, f"{number}: {told}"


@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_named(case):
    check(case, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_named_on_a_hundred_frames(case):
    check(case, FRAMES)


def test_every_order_is_found_whatever_is_expected():
    rng = np.random.default_rng(3)
    for order in YUV_ORDERS:
        frame = bars(rng, order)
        for expected in YUV_ORDERS:
            told = Camera(order=expected).looks_wrong(frame, test_pattern=True)
            assert (told is None) == (order == expected)


def test_what_the_colours_of_a_photo_would_hide():
    """A frame that begins at any byte, other lengths of a row, and two faults at once."""
    rng = np.random.default_rng(4)
    rolled = np.roll(bars(rng).reshape(-1), 7777).reshape(120, 160, 2)  # 24 rows and 97 bytes
    assert "each row begins 48 pixels off: check the wires of HREF and VSYNC" in told_of(rolled)
    for lost in (1, 4, 7):
        assert told_of(shorter_rows(bars(rng), lost)).startswith(f"{lost} bytes of each row are missing")
    both = told_of(exchanged_wires(bars(rng, "YVYU")))
    assert "the byte order is YVYU" in both and "; the data wires D0 and D1" in both
    assert told_of(np.roll(bars(rng), 2, axis=1)) == ""  # a window that is a little off
    grey = np.full((120, 160, 2), 128, np.uint8)
    grey[:, :, 0] = np.arange(160)
    assert told_of(grey) == "the frame shows no colour bars: is the camera's test pattern on?"


def test_bars_without_sharp_edges_are_no_fault():
    """A sensor that scales its picture mixes neighbours."""
    soft = colour_bars().astype(float)
    for _ in range(4):
        soft = (np.roll(soft, -1, axis=1) + 2 * soft + np.roll(soft, 1, axis=1)) / 4
    frame = rgb_to_yuv422(soft.round().astype(np.uint8))
    assert look(frame) == Wiring()
    assert look(exchanged_wires(frame)) == Wiring(bits_exchanged=True)


def told_of(frame: np.ndarray) -> str:
    return Camera().looks_wrong(frame, test_pattern=True) or ""


def test_a_photo_is_no_test_pattern():
    for sample in SAMPLES:
        for photo in load_sample(sample.name):
            assert "test pattern" in told_of(Camera().capture(photo))


def test_only_yuv_is_judged():
    with pytest.raises(MirnetError, match="the test pattern is judged in yuv422, not in rgb565"):
        Camera("rgb565").looks_wrong(bytes(38_400), test_pattern=True)
