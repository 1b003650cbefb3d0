"""The model for the board that comes with the package: what its card says, measured again."""

import json
import os
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from embedded.budget.boards import BOARDS
from embedded.budget.fit import fit
from embedded.camera.ov7675 import Camera
from embedded.emulator import Emulator
from embedded.models import shipped_models
from embedded.models.shipped_models import NANO, model_file
from embedded.tflite.graph_file import ModelFileError, read_graph
from embedded.tflite.supported import check_for_board
from explain.analysis.camera_frames import dark_frames
from model.config import preset
from model.data import open_pairs, split
from model.images.camera_formats import COLUMNS, ROWS, rgb_to_yuv422
from model.inference.tiling import enhance
from model.mirnet import MIRNet
from model.quality.metrics import psnr
from model.quality.view import PairView
from model.samples import SAMPLES, load_sample
from model.zoo import load_network

FINGERPRINTS = Path(__file__).resolve().parents[2] / "fixtures" / "nano_frames.json"
NEED_LOL = "needs the LOL pairs: MIRNET_LOL=folder with our485 and validation.txt"


@cache
def nano() -> Emulator:
    return Emulator(model_file(NANO))


@cache
def frames() -> tuple[np.ndarray, ...]:
    """200 frames of the camera's bytes: photos, darkened ones, sensor noise, any noise, flat ones, stripes."""
    rng = np.random.default_rng(0)
    found = [rgb_to_yuv422(picture) for picture in dark_frames(None, None, 130)]
    for k, light in enumerate(np.geomspace(1 / 200, 1, 30)):
        found.append(Camera(light=float(light)).capture(load_sample(SAMPLES[k % len(SAMPLES)].name)[1], k))
    shape = (ROWS, COLUMNS, 2)
    found += [rng.integers(0, top, shape).astype(np.uint8) for top in (2, 8, 32, 128, 256) for _ in range(4)]
    found += [np.full(shape, level, np.uint8) for level in np.linspace(0, 255, 10).astype(int)]
    for k in range(8):
        picture = np.zeros((ROWS, COLUMNS, 3), np.uint8)
        picture[:, :: k + 2, k % 3] = 30 * k + 40
        found.append(rgb_to_yuv422(picture))
    found += [rgb_to_yuv422(np.full((ROWS, COLUMNS, 3), level, np.uint8)) for level in (0, 255)]
    return tuple(found)


def test_it_is_a_whole_nano():
    emulator = nano()
    assert emulator.config == preset("nano")
    check_for_board(emulator.graph)
    names = [name for name in MIRNet.from_preset("nano").hook_names if name not in ("input", "companded", "output")]
    assert set(names) - {"residual"} <= set(emulator.hooks.places)
    asked = [
        name for name in names if name.endswith(("/gate", "/weights")) or name.split("/")[-2:][0].startswith("dau")
    ]
    assert len(asked) > 30
    assert all(emulator.hooks.places[name].tensor is not None for name in asked)


def test_it_fits_the_board():
    found = fit(model_file(NANO).read_bytes(), BOARDS["nano33ble"])
    assert not found.problems
    ram, flash, time = found.lines
    assert ram.limit.value <= 176 * 1024 and flash.limit.value <= 600 * 1024 and time.limit.value <= 4


def test_a_damaged_one_is_refused(tmp_path, monkeypatch):
    content = model_file(NANO).read_bytes()
    monkeypatch.setattr(shipped_models, "FOLDER", tmp_path)
    with pytest.raises(ModelFileError, match=r"is missing .*install the package again"):
        model_file(NANO)
    (tmp_path / "nano.tflite").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelFileError, match=r"is damaged .*install the package again"):
        model_file(NANO)
    assert model_file("other.tflite") == Path("other.tflite")


@pytest.mark.slow
def test_default_kernels_compute_something_else():
    """Why the reference kernels: on the shipped model too the fast ones are not a mirror of the board."""
    emulator = nano()
    differing = 0
    for frame in frames()[:3]:
        picture = Camera().picture(frame)
        differing += int((emulator.default_kernels(frame) != emulator.residual(emulator.tables.fold(picture))).sum())
    assert differing > 100


def fingerprint(some: tuple[np.ndarray, ...]) -> dict[str, str]:
    """Checksums of frames, and of what becomes of them."""
    emulator, taken, given = nano(), sha256(), sha256()
    for frame in some:
        taken.update(frame.tobytes())
        given.update(emulator.restore(frame).tobytes())
    return {"frames": taken.hexdigest(), "restored": given.hexdigest()}


@pytest.mark.parametrize("count", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_the_same_bytes_everywhere(count):
    """tflite-runtime (Python 3.11) and ai-edge-litert (3.12, 3.13): one fingerprint for all, written down once."""
    some = frames()[:: len(frames()) // count]
    assert len(frames()) == 200 and len(some) == count
    assert fingerprint(some) == json.loads(FINGERPRINTS.read_text())[str(count)]


@pytest.mark.slow
def test_tensorflow_lite_micro_agrees_on_every_tensor_of_200_frames(require):
    require(find_spec("tflite_micro"), "needs tflite-micro: pip install tflite-micro (Linux)")
    check = nano().cross_check(frames())
    assert (check.frames, check.tensors) == (200, len(read_graph(model_file(NANO).read_bytes()).operators))
    assert check.values > 1e8 and check.differing == 0


@cache
def validation(camera: str) -> tuple[np.ndarray, ...]:
    """PSNR of the float and the int8 network on LOL's validation pairs, one row a pair."""
    net, _ = load_network(weights="nano-float")
    pairs, view = open_pairs(Path(os.environ["MIRNET_LOL"]) / "our485"), PairView(frame="qqvga", camera=camera)
    rows = []
    for name in split(pairs).validation:
        dark, bright = view(*pairs.load(name))
        rows.append([psnr(each, bright, data_range=255) for each in (enhance(net, dark), nano().restore(dark))])
    return tuple(np.array(rows).T)


@pytest.mark.slow
def test_whole_numbers_are_near_floats(require):
    require(os.environ.get("MIRNET_LOL"), NEED_LOL)
    real, whole = validation("yuv422")
    assert len(whole) == 70
    assert whole.mean() >= 20.9
    assert whole.mean() >= real.mean() - 0.3
    assert (whole - real).min() >= -1.0


@pytest.mark.slow
def test_rgb565_costs_decibels_and_yuv_tenths(require):
    require(os.environ.get("MIRNET_LOL"), NEED_LOL)
    full, yuv, rgb565 = (validation(camera)[1].mean() for camera in ("rgb", "yuv422", "rgb565"))
    assert full - yuv < 0.4
    assert full - rgb565 > 3
