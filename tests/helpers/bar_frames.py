"""Frames of the camera's colour bars, good ones and with each fault, for the tests of Python and of the board's C."""

import numpy as np

from embedded.camera.colour_bars import colour_bars

__all__ = ["CASES", "bars", "exchanged_wires", "shorter_rows"]

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


CASES = {  # how to make a frame, and what is told to somebody who expects Y U Y V
    "good": (bars, None),
    "Y Cr": (lambda rng: bars(rng, "YVYU"), "^the byte order is YVYU, not YUYV: read it with"),
    "Y second": (lambda rng: bars(rng, "UYVY"), "^the byte order is UYVY, not YUYV: read it with"),
    "D0/D1": (lambda rng: exchanged_wires(bars(rng)), "^the data wires D0 and D1 are exchanged"),
    "two bytes lost": (lambda rng: shorter_rows(bars(rng), 2), "^2 bytes of each row are missing"),
    "halves": (lambda rng: np.roll(bars(rng), 80, axis=1), "^the halves of the picture are exchanged"),
    "constant": (constant, "^the frame is constant"),
    "noise": (lambda rng: rng.integers(0, 256, (120, 160, 2), dtype=np.uint8), "^the frame is noise"),
}
