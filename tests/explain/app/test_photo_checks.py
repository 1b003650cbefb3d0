"""What a look at a photo tells: where there is something to see, and whether it is too bright."""

from dataclasses import replace

import numpy as np
import pytest

from explain.app.compute.photos import sample_names, sample_photo
from explain.app.photo_checks import BRIGHTEST, brightness, lively_pixel, too_bright


def test_the_pixel_is_on_the_edge_and_not_on_the_wall():
    pixels = np.full((80, 120, 3), 90, "uint8")
    pixels[:, 70:] = 140
    row, column = lively_pixel(pixels, "edge")
    assert column in (69, 70) and 10 <= row < 70


def test_a_step_in_the_shadow_outdoes_the_same_step_in_the_light():
    pixels = np.full((80, 120, 3), 4, "uint8")
    pixels[:, 30:60] = 60
    pixels[:, 60:] = 120  # and no step is higher than 56
    pixels[:, 90:] = 176
    _, column = lively_pixel(pixels, "shadow")
    assert column in (29, 30)


@pytest.mark.parametrize("shape", [(16, 16), (16, 400), (9, 12)])
def test_a_tiny_or_even_photo_has_a_pixel_too(shape):
    row, column = lively_pixel(np.zeros((*shape, 3), "uint8"), str(shape))
    assert 0 <= row < shape[0] and 0 <= column < shape[1]


@pytest.mark.parametrize("name", sample_names())
def test_samples_are_dark_and_the_same_scenes_in_good_light_are_not(name):
    photo = sample_photo(name, 4)
    assert too_bright(photo) == ""
    bright = replace(photo, pixels=photo.reference)
    assert (
        f"{brightness(photo.reference):.0%} of white" in too_bright(bright) or brightness(photo.reference) <= BRIGHTEST
    )
