"""Pixels by tables: the same as the formulas in floating point, to the nearest byte."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.camera.pixel_tables import PixelTables, curve, network_input
from embedded.tflite.graph import Quantization, Tensor
from model.config import preset
from model.errors import ImageError, MirnetError
from model.images.camera_formats import COLUMNS, ROWS, depth_to_space
from model.images.companding import compand


def tensor(scale: float, zero_point: int, stem: int = 5, dtype=np.int8) -> Tensor:
    shape = (1, ROWS // stem, COLUMNS // stem, 3 * stem**2)
    quantization = Quantization(np.array([scale], np.float32), np.array([zero_point]))
    return Tensor(0, "pixels", shape, np.dtype(dtype), None, quantization)


@given(st.floats(1e-4, 0.02), st.integers(-128, 127), st.sampled_from([0.0, 15.0, 63.0]), st.integers(0, 2**32 - 1))
def test_the_sum_is_the_formula_rounded_once(scale, zero_point, companding, seed):
    """At most one step in a hundred thousand lands on the other side of a half: the tables have 16 bits."""
    target = tensor(scale, zero_point)
    tables = PixelTables(tensor(1 / 255, -128), target, companding, 5)
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (ROWS, COLUMNS, 3), np.uint8)
    residual = rng.integers(-128, 128, target.shape).astype(np.int8)
    base = np.asarray(compand(picture / 255, companding)) if companding else picture / 255
    exact = np.clip((base + depth_to_space(target.dequantize(residual)[0], 5)) * 255, 0, 255)
    found = tables.unfold(picture, residual).astype(float)
    assert np.abs(found - exact).max() <= 0.5 + 2**-12  # the formula is in float32


def test_every_byte_gets_the_nearest_level():
    tables = PixelTables(tensor(1 / 255, -128), tensor(0.01, 0), 63.0, 5)
    exact = np.asarray(compand(np.arange(256) / 255, 63.0))
    assert np.abs(tables.source.dequantize(tables.levels) - exact).max() <= 0.5 / 255 + 1e-6
    assert tables.levels[0] == -128 and tables.levels[255] == 127
    assert (np.diff(tables.levels[:20].astype(int)) >= 1).all()  # the dark keeps its levels apart


def test_without_companding_bytes_are_levels():
    tables = PixelTables(tensor(1 / 255, -128), tensor(0.01, 0), 0.0, 5)
    np.testing.assert_array_equal(tables.levels, np.arange(-128, 128))
    np.testing.assert_array_equal(curve(0.0), np.arange(256) / 255)


def test_no_residual_gives_the_companded_picture():
    tables = PixelTables(tensor(1 / 255, -128), tensor(0.01, 7), 63.0, 5)
    picture = np.random.default_rng(0).integers(0, 256, (ROWS, COLUMNS, 3), np.uint8)
    nothing = np.full(tables.target.shape, 7, np.int8)
    np.testing.assert_array_equal(tables.unfold(picture, nothing), np.rint(curve(63.0)[picture] * 255))


def test_folding_for_floats_and_for_whole_numbers_is_the_same():
    config = preset("nano")
    tables = PixelTables(tensor(1 / 255, -128), tensor(0.01, 0), config.companding, config.stem)
    picture = np.random.default_rng(1).integers(0, 256, (ROWS, COLUMNS, 3), np.uint8)
    real = network_input(picture, config)
    assert real.dtype == np.float32 and real.min() >= 0 and real.max() <= 1
    np.testing.assert_array_equal(tables.fold(picture), tables.source.quantize(real))


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((120, 160), np.uint8),
        np.zeros((120, 160, 3)),
        np.zeros((160, 120, 3), np.uint8),
        np.zeros((0, 0, 3), "u1"),
    ],
)
def test_a_frame_of_another_size_is_refused(frame):
    tables = PixelTables(tensor(1 / 255, -128), tensor(0.01, 0), 63.0, 5)
    with pytest.raises(ImageError, match=r"a frame is uint8 of shape \(120, 160, 3\)"):
        tables.fold(frame)


def test_a_model_for_another_frame_is_refused():
    with pytest.raises(MirnetError, match="input must be int8 of shape"):
        PixelTables(tensor(1 / 255, -128, stem=10), tensor(0.01, 0), 63.0, 5)
    with pytest.raises(MirnetError, match="output must be int8"):
        PixelTables(tensor(1 / 255, -128), tensor(0.01, 0, dtype=np.int16), 63.0, 5)
