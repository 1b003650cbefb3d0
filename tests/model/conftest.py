"""Small pairs of photos for the tests of training data: cut from the shipped samples and darkened here."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model.images.darken import Darkness, darken
from model.images.photo_files import save_image
from model.samples import SAMPLES, load_sample


@pytest.fixture(scope="session")
def bright() -> list[np.ndarray]:
    """Twelve different bright pictures, 96 rows, 144 columns."""
    pictures = []
    for sample in SAMPLES:
        reference = load_sample(sample.name)[1]
        pictures += [reference[:96, :144], reference[-96:, -144:]]
    return pictures


@pytest.fixture
def make_pairs(tmp_path, bright) -> Callable[..., Path]:
    """`make_pairs(count)` writes a folder of pairs and gives its path; pairs are called 00, 01 and so on.

    `same` maps a pair to the one whose bright photo it shares, byte for byte.
    """

    def make(count: int = 12, name: str = "set", same: dict[int, int] | None = None) -> Path:
        folder = tmp_path / name
        for side in ("low", "high"):
            (folder / side).mkdir(parents=True)
        for number in range(count):
            high = bright[(same or {}).get(number, number) % len(bright)]
            rng = np.random.default_rng(number)
            save_image(folder / "high" / f"{number:02}.png", high)
            save_image(folder / "low" / f"{number:02}.png", darken(high, rng, Darkness(exposure=12)))
        return folder

    return make
