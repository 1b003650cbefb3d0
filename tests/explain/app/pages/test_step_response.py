"""The tiny pictures for an upsampling step, with weights whose effect can be counted by hand."""

import numpy as np
import pytest

from explain.app.pages.component.sections.resizing_plot import round_ticks
from explain.app.pages.component.sections.step_response import NAMES, SIDE, SIGNALS, checkered, respond, signal
from model.resizing import Upsample

CHANNELS = 4
COLOUR = np.array([1, 2, 0.5, 3], "float32")


def step(stamp: np.ndarray):
    """A step whose main branch only stamps `stamp` (3, 3) around every pixel, and halves the channels."""
    layer = Upsample(CHANNELS).steps[0]
    eye = np.eye(CHANNELS, dtype="float32")
    layer.enter.kernel.assign(eye[None, None])
    layer.enlarge.kernel.assign(stamp.astype("float32")[:, :, None, None] * eye)
    for convolution in (layer.narrow, layer.shortcut):
        convolution.kernel.assign(eye[None, None, :, : CHANNELS // 2])
    return layer


def test_equal_stamps_add_up_to_a_checkerboard():
    """New pixels get 4, 2, 2 or 1 stamps: 2.25 on average, and apart from that by the root of 19/16."""
    found = respond(step(np.ones((3, 3))), "grey", COLOUR)
    inner = found.tensors["main"][4:-4, 4:-4, 0]
    assert sorted(np.unique(inner)) == [1, 2, 4]
    assert checkered(found.tensors["main"]) == pytest.approx(np.sqrt(19 / 16) / 2.25)
    assert checkered(found.tensors["shortcut"]) == pytest.approx(0, abs=1e-6)


def test_a_stamp_that_overlaps_evenly_makes_none():
    stamp = np.outer([1, 2, 1], [1, 2, 1]) / 4
    found = respond(step(stamp), "grey", COLOUR)
    assert checkered(found.tensors["main"]) == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(found.tensors["main"][4:-4, 4:-4], found.tensors["shortcut"][4:-4, 4:-4], atol=1e-6)


def test_one_pixel_shows_the_stamp_and_the_weights_of_bilinear():
    stamp = np.arange(1, 10).reshape(3, 3)
    found = respond(step(stamp), "pixel", COLOUR)
    lit = 2 * (SIDE // 2 - 1)  # the first of the new pixels over the lit one
    main = found.tensors["main"]
    np.testing.assert_allclose(main[lit - 1 : lit + 2, lit - 1 : lit + 2, 1], 2 * stamp)
    assert np.count_nonzero(main[:, :, 1]) == 9
    weights = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16
    np.testing.assert_allclose(found.smooth[lit - 1 : lit + 3, lit - 1 : lit + 3], weights)
    assert found.smooth.sum() == pytest.approx(4)
    np.testing.assert_allclose(found.tensors["shortcut"][:, :, 1], 2 * found.smooth, atol=1e-6)
    np.testing.assert_allclose(found.tensors["out"], main + found.tensors["shortcut"], atol=1e-6)


def test_the_tiny_pictures():
    assert [int(signal(name).sum()) for name in SIGNALS] == [1, SIDE**2 // 2, SIDE**2]
    found = respond(step(np.ones((3, 3))), "edge", COLOUR)
    assert tuple(found.tensors) == NAMES and found.tensors["resized"].shape == (2 * SIDE, 2 * SIDE, CHANNELS)


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(-0.001, 0.0153, 0.005), (-0.0077, 0.0077, 0.005), (0.2, 1.0, 0.5), (-3.1, -2.0, 1), (-29, 12, 20)],
)
def test_ticks_are_round_and_hold_all(low, high, step):
    ticks = [value for value, _ in round_ticks(low, high)]
    assert np.diff(ticks) == pytest.approx(step) and 2 <= len(ticks) <= 7 and 0 in ticks
    assert ticks[0] <= low and high <= ticks[-1]
    assert [words for _, words in round_ticks(low, high)] == [f"{tick:.3g}".replace("-", "−") for tick in ticks]


def test_of_nothing_there_are_ticks_too():
    assert len(round_ticks(0.0, 0.0)) >= 2
