"""Six dark photos that come with the project, each with its bright reference.

The references are public-domain photographs. The dark photos are simulated from them, in linear light: less
exposure, a slight colour cast, shot noise and read noise (tools/make_samples.py makes them; credits.csv says what was
done to each). They are good to look at and to compare with; they are no benchmark of real cameras.

This package needs NumPy and Pillow only.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np

from model.errors import MirnetError
from model.images.photo_files import load_image

__all__ = ["SAMPLES", "Sample", "get_sample", "load_sample"]


@dataclass(frozen=True)
class Sample:
    """One scene, dark and bright.

    Attributes:
        name: What it is called in code and on the command line.
        title: A short name for people.
        caption: What to look at in it, and that it was darkened by us.
        dark: The dark photo's file, 240 x 360 or 360 x 240 pixels.
        reference: The bright photo's file, of the same size.
        author: Who took the photo.
        source: The page where it was published.
        licence: CC0-1.0 or public domain.
        exposure: How much of the light was left, e.g. 1/32.
        changes: What we did to the photo.
    """

    name: str
    title: str
    caption: str
    dark: Traversable
    reference: Traversable
    author: str
    source: str
    licence: str
    exposure: Fraction
    changes: str


def _read_credits() -> Iterator[Sample]:
    folder = files(__name__)
    for row in csv.DictReader(folder.joinpath("credits.csv").read_text(encoding="utf-8").splitlines()):
        dark, reference = folder.joinpath(row.pop("dark")), folder.joinpath(row.pop("reference"))
        yield Sample(dark=dark, reference=reference, exposure=Fraction(row.pop("exposure")), **row)


SAMPLES: tuple[Sample, ...] = tuple(_read_credits())


def get_sample(name: str) -> Sample:
    """The sample called `name`.

    Raises:
        MirnetError: If there is none, with the names that there are.
    """
    for sample in SAMPLES:
        if sample.name == name:
            return sample
    raise MirnetError(f"unknown sample {name!r}; there are {', '.join(sample.name for sample in SAMPLES)}")


def load_sample(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The dark photo called `name`, and its bright reference.

    Returns:
        Two (height, width, 3) uint8 arrays of the same shape.

    Raises:
        MirnetError: If there is none, with the names that there are.
    """
    sample = get_sample(name)
    return load_image(sample.dark.read_bytes()), load_image(sample.reference.read_bytes())
