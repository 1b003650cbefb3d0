"""Fine patterns shrunk with and without the blur: against the network's own blur, and against the theory of waves."""

import numpy as np
import pytest

from explain.app.views.component.sections.fine_patterns import (
    KINDS,
    SHIFTS,
    SIDE,
    Pattern,
    false_pattern,
    limit,
    patch,
    response,
    shrunk,
)
from model.resampling import blur_halve

BORDER = 0.03  # of an amplitude: a cut through the pattern leaves no integer number of waves
CUT = 0.05  # of an energy: for the same reason, some of a wave lies on the other side of the limit


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 90, (100, 140, 3), "uint8")


@pytest.mark.parametrize("kind", KINDS)
def test_the_blur_is_that_of_the_network(kind, photo):
    pixels = Pattern(kind, period=2.75, angle=35, shift=13).pixels(patch(photo, (50, 70)))
    assert pixels.shape == (SIDE, SIDE) and 0 <= pixels.min() < pixels.max() <= 1
    once = blur_halve(pixels[None, :, :, None].astype("float32"))
    np.testing.assert_allclose(shrunk(pixels, 2, blur=True), np.asarray(once)[0, :, :, 0], atol=1e-6)
    np.testing.assert_allclose(shrunk(pixels, 4, blur=True), np.asarray(blur_halve(once))[0, :, :, 0], atol=1e-6)
    np.testing.assert_array_equal(shrunk(pixels, 4, blur=False), pixels[::4, ::4])


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize(("period", "angle"), [(2.5, 20), (3.0, 90), (5.0, 0), (9.5, 45)])
def test_the_response_is_what_the_blurs_leave(period, angle, factor):
    pattern = Pattern("stripes", period, angle)
    pixels = pattern.pixels(np.zeros(0))
    inner = (slice(1, None),) * 2  # the first row and column are mirrored
    left = shrunk(pixels, factor, blur=True)[inner].std() / shrunk(pixels, factor, blur=False)[inner].std()
    assert left == pytest.approx(response(pattern.waves, factor), abs=BORDER)


def test_the_response_by_hand():
    assert response((0, 0), 4) == 1
    assert response((0, 1 / 4), 2) == pytest.approx(0.5)
    assert response((0, 1 / 3), 2) == pytest.approx(1 / 16 + 3 / 16)
    assert response((0, 1 / 2), 2) == pytest.approx(0, abs=1e-12)
    assert response((1 / 8, 0), 4) == pytest.approx(np.cos(np.pi / 8) ** 2 * 0.5)


@pytest.mark.parametrize("factor", [2, 4])
def test_what_is_too_fine_is_all_false_and_what_fits_is_not(factor):
    for period in (2.5, 0.7 * limit(0, factor)):
        pattern = Pattern("stripes", period, angle=0)
        pixels = pattern.pixels(np.zeros(0))
        assert false_pattern(pixels, factor, blur=False).energy == pytest.approx(1, abs=CUT)
        left = response(pattern.waves, factor)
        assert false_pattern(pixels, factor, blur=True).energy == pytest.approx(left**2, abs=0.01)
    fits = Pattern("stripes", 1.4 * limit(0, factor), angle=0).pixels(np.zeros(0))
    assert false_pattern(fits, factor, blur=False).energy < 0.01


def test_a_checkerboard_of_single_pixels():
    """Dropped, it turns into plain white, or black when it moves by one pixel; blurred, into the grey that it is."""
    for shift, colour in ((0, 1), (8, 0)):
        pixels = Pattern("check", 2, shift=shift).pixels(np.zeros(0))
        np.testing.assert_allclose(shrunk(pixels, 2, blur=False), colour, atol=1e-12)
        np.testing.assert_allclose(shrunk(pixels, 2, blur=True), 0.5, atol=1e-12)
    false = false_pattern(pixels, 2, blur=False)
    assert false.energy == pytest.approx(1, abs=1e-3) and false.amplitude == pytest.approx(0.5, abs=1e-3)


def test_the_shortest_stripes_that_fit():
    assert limit(0, 2) == pytest.approx(4) and limit(90, 4) == pytest.approx(8)
    assert limit(45, 2) == pytest.approx(4 / np.sqrt(2))


def test_stripes_move_by_fractions_and_a_photo_by_whole_pixels(photo):
    stripes = [Pattern("stripes", 4, 0, shift).pixels(np.zeros(0)) for shift in (0, 1, 8)]
    assert np.abs(stripes[0] - stripes[1]).max() > 0.05
    np.testing.assert_allclose(stripes[2][:, 1:], stripes[0][:, :-1])
    detail = patch(photo, (0, 0))
    still = Pattern("photo").pixels(detail)
    np.testing.assert_array_equal(Pattern("photo", shift=3).pixels(detail), still)
    np.testing.assert_array_equal(Pattern("photo", shift=4).pixels(detail)[:, 1:], still[:, :-1])
    np.testing.assert_array_equal(Pattern("photo", shift=SHIFTS).pixels(detail)[:, 8:], still[:, :-8])


@pytest.mark.parametrize("size", [(16, 20), (64, 72), (240, 360)])
def test_the_detail_of_photos_of_any_size(size):
    photo = np.random.default_rng(0).integers(0, 9, (*size, 3), "uint8")
    for pixel in ((0, 0), (size[0] - 1, size[1] - 1)):
        detail = patch(photo, pixel)
        assert detail.shape == (SIDE, SIDE + 8) and detail.min() == 0 and detail.max() == 255
