"""A learner's own photo beside the notebook, or one of the package's as long as there is none."""

from pathlib import Path

import numpy as np

from model.images.arrays import as_uint8
from model.images.photo_files import load_image, resize_to_fit
from model.samples import load_sample

__all__ = ["own_photo"]

LONGEST = 400
"""Pixels of the longer side: what a lesson computes with it then takes a second."""


def own_photo(name: str, otherwise: str = "kingfisher") -> np.ndarray:
    """A photo, made smaller if it is large.

    Args:
        name: Of a file in the folder of the notebook, in any format that the package reads.
        otherwise: The sample that takes its place where there is no such file; its good photo.

    Returns:
        (height, width, 3), uint8.

    Raises:
        ImageError: If the file is there and is no photo.
    """
    if Path(name).exists():
        return as_uint8(resize_to_fit(load_image(name), LONGEST))
    print(f"there is no {name} beside this notebook yet: {otherwise} takes its place")
    return load_sample(otherwise)[1]
