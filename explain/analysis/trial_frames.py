"""Frames that find a board's faults: dark photos, as in use, and the extremes of what a camera can give."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embedded.camera.ov7675 import Camera
from model.images.camera_formats import COLUMNS, ROWS
from model.samples import SAMPLES, load_sample

__all__ = ["Trial", "trials"]

DARK = 20  # levels of a dark noise, out of 256
LIGHTS = (1 / 8, 1 / 32, 1 / 64)  # shares of the light for the photos that are darkened here


@dataclass(frozen=True, eq=False)
class Trial:
    """A frame to restore.

    Attributes:
        name: What is on it.
        frame: (120, 160, 2) uint8, the camera's bytes.
    """

    name: str
    frame: np.ndarray


def trials(count: int, layout: str) -> list[Trial]:
    """So many frames, always the same ones.

    Args:
        count: How many. First comes a dark photo, then what no camera gives, then dark photos.
        layout: The camera's format, "yuv422" or "rgb565".
    """
    camera = Camera(layout)
    (first, *photos) = _photos(max(count, 1), camera)
    return [first, *_extremes(camera), *photos][:count]


def _extremes(camera: Camera) -> Iterator[Trial]:
    rng = np.random.default_rng(0)
    shape = (ROWS, COLUMNS, 3)
    # Any bytes at all: most of them are colours that no red, green and blue have, and have to be cut off.
    yield Trial("noise in all bytes", rng.integers(0, 256, (ROWS, COLUMNS, 2), np.uint8))
    stripes = np.zeros(shape, np.uint8)
    stripes[:, ::2] = 255
    checks = np.kron(np.indices((ROWS // 8, COLUMNS // 8)).sum(0) % 2, np.ones((8, 8), int))[..., None]
    colours = np.where(checks, (255, 0, 0), (0, 255, 255)).astype(np.uint8)
    pictures = {
        "black": np.zeros(shape, np.uint8),
        "white": np.full(shape, 255, np.uint8),
        "stripes one pixel wide": stripes,
        "red and cyan squares": colours,
        "dark noise": rng.integers(0, DARK, shape, np.uint8),
    }
    for name, picture in pictures.items():
        yield Trial(name, camera.capture(picture))


def _photos(count: int, camera: Camera) -> Iterator[Trial]:
    """The project's dark photos, then its bright ones with ever other darkness and noise."""
    for k in range(count):
        sample, turn = SAMPLES[k % len(SAMPLES)], k // len(SAMPLES)
        dark, bright = load_sample(sample.name)
        if turn == 0:
            yield Trial(f"{sample.name}, dark", camera.capture(dark))
            continue
        light = LIGHTS[(turn - 1) % len(LIGHTS)]
        name = f"{sample.name}, 1/{1 / light:.0f} of its light"
        yield Trial(name, Camera(camera.format, light=light).capture(bright, rng=k))
