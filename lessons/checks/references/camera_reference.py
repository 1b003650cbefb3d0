"""Lesson 1"s camera, whose steps can be replaced by wrong ones."""

from collections.abc import Callable

import numpy as np

from model.images.darken import to_bytes, to_linear

__all__ = ["FULL_WELL", "READ_NOISE", "photo_taken", "read_noise"]

FULL_WELL = 10_000.0

READ_NOISE = 4.0


def read_noise(counted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Electrons as they are read, as a share of the full well."""
    return (counted + rng.normal(0, READ_NOISE, counted.shape)) / FULL_WELL


def photo_taken(
    scene: np.ndarray,
    exposure: float,
    linear: Callable = to_linear,
    expose: Callable = np.divide,
    draw: Callable = lambda mean, rng: rng.poisson(np.minimum(mean, 1e9)),
    read: Callable = read_noise,
    encode: Callable = to_bytes,
) -> np.ndarray:
    """The right camera, or a wrong one with another step."""
    rng = np.random.default_rng(9)
    light = expose(linear(scene / 255), exposure)
    return encode(read(draw(np.maximum(light, 0) * FULL_WELL, rng), rng))
