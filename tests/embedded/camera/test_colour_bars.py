"""A frame of the camera's colour bars tells which wire is wrong, however bright, colourful and noisy it is."""

import re

import numpy as np
import pytest

from embedded.camera.colour_bars import colour_bars
from embedded.camera.ov7675 import Camera
from model.errors import MirnetError
from model.images.camera_formats import YUV_ORDERS
from model.samples import SAMPLES, load_sample

FRAMES = 100
QUICK = 5
NOISE = (0, 0.2, 0.4, 0.7, 1, 1.3, 2, 4, 6)  # levels


def bars(rng: np.random.Generator, order: str = "YUYV") -> np.ndarray:
    """A frame of the test pattern with any gain, offset, saturation and noise; the formulas are BT.601's, in floats."""
    red, green, blue = np.moveaxis(colour_bars().astype(float), -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    saturation = rng.uniform(0.4, 1.3)
    channels = {
        "Y": rng.uniform(0.4, 1.2) * luma + rng.uniform(-10, 30),
        "U": 128 + saturation * (blue - luma) / 1.772,
        "V": 128 + saturation * (red - luma) / 1.402,
    }
    column = {letter: iter((values[:, 0::2], values[:, 1::2])) for letter, values in channels.items()}
    frame = np.stack([next(column[letter]) for letter in order], axis=-1)  # (120, 80, 4)
    frame += rng.choice(NOISE) * rng.standard_normal(frame.shape)
    return np.clip(np.rint(frame), 0, 255).astype(np.uint8).reshape(120, 160, 2)


def exchanged_wires(frame: np.ndarray) -> np.ndarray:
    """D0 and D1 exchanged, as a table."""
    table = np.array([byte - byte % 4 + (0, 2, 1, 3)[byte % 4] for byte in range(256)], np.uint8)
    return table[frame]


def shorter_rows(frame: np.ndarray, lost: int) -> np.ndarray:
    """The camera's stream if so many bytes of each row are lost."""
    stream = b"".join(row.tobytes()[: 320 - lost] for row in frame)
    return np.frombuffer(stream.ljust(38_400, b"\0"), np.uint8).reshape(120, 160, 2)


def constant(rng: np.random.Generator) -> np.ndarray:
    values = rng.integers(0, 256) + rng.choice(NOISE) * rng.standard_normal((120, 160, 2))
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


CASES = {
    "good": (bars, None),
    "Y Cr": (lambda rng: bars(rng, "YVYU"), "^the byte order is YVYU, not YUYV: read it with"),
    "Y second": (lambda rng: bars(rng, "UYVY"), "^the byte order is UYVY, not YUYV: read it with"),
    "D0/D1": (lambda rng: exchanged_wires(bars(rng)), "^the data wires D0 and D1 are exchanged"),
    "two bytes lost": (lambda rng: shorter_rows(bars(rng), 2), "^2 bytes of each row are missing"),
    "halves": (lambda rng: np.roll(bars(rng), 80, axis=1), "^the halves of the picture are exchanged"),
    "constant": (constant, "^the frame is constant"),
    "noise": (lambda rng: rng.integers(0, 256, (120, 160, 2), dtype=np.uint8), "^the frame is noise"),
}


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


def told_of(frame: np.ndarray) -> str:
    return Camera().looks_wrong(frame, test_pattern=True) or ""


def test_a_photo_is_no_test_pattern():
    for sample in SAMPLES:
        for photo in load_sample(sample.name):
            assert "test pattern" in told_of(Camera().capture(photo))


def test_only_yuv_is_judged():
    with pytest.raises(MirnetError, match="the test pattern is judged in yuv422, not in rgb565"):
        Camera("rgb565").looks_wrong(bytes(38_400), test_pattern=True)
