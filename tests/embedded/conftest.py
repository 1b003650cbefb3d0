"""The small network of the board's style, quantized, and frames to run it on."""

from typing import NamedTuple

import numpy as np
import pytest
from small_board import small_board

from embedded.emulator import Emulator
from embedded.quantize.convert import board_graph
from embedded.quantize.quantize import Quantized
from explain.analysis.camera_frames import dark_frames
from model.images.camera_formats import COLUMNS, ROWS, rgb_to_yuv422, to_frame
from model.images.darken import through_camera
from model.mirnet import MIRNet
from model.samples import SAMPLES, load_sample


class Small(NamedTuple):
    """The network, and what became of it."""

    net: MIRNet
    quantized: Quantized
    emulator: Emulator


@pytest.fixture(scope="session")
def pictures() -> list[np.ndarray]:
    """The project's dark photos as the camera sees them, (120, 160, 3) uint8."""
    return [through_camera(to_frame(load_sample(sample.name)[0]), "yuv422") for sample in SAMPLES]


@pytest.fixture(scope="session")
def small(tmp_path_factory) -> Small:
    net, quantized = small_board(tmp_path_factory)
    return Small(net, quantized, Emulator(quantized.model, quantized.hooks))


@pytest.fixture(scope="session")
def float_graph(small) -> bytes:
    """The small network as a float .tflite file."""
    return board_graph(small.net)


@pytest.fixture(scope="session")
def frames(pictures) -> list[np.ndarray]:
    """Camera bytes, (120, 160, 2) uint8: real ones, noise, all black and all white."""
    rng = np.random.default_rng(0)
    shape = (ROWS, COLUMNS, 3)
    made = [*pictures, rng.integers(0, 256, shape), rng.integers(0, 20, shape), np.zeros(shape), np.full(shape, 255)]
    return [rgb_to_yuv422(picture.astype(np.uint8)) for picture in made]


@pytest.fixture(scope="session")
def fifty() -> list[np.ndarray]:
    """Camera bytes for what takes a while: 42 photos, darkened, and 8 frames of any bytes, from black to full noise."""
    rng = np.random.default_rng(2)
    photos = [rgb_to_yuv422(picture) for picture in dark_frames(None, None, 42)]
    return photos + [rng.integers(0, top, (ROWS, COLUMNS, 2)).astype(np.uint8) for top in (1, 4, 64, 256) * 2]
