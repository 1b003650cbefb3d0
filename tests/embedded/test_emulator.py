"""The emulator: byte for byte what TensorFlow Lite Micro computes, and near what the float network computes."""

import json
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from embedded.camera.pixel_tables import network_input
from embedded.emulator import NOTE, Emulator
from embedded.quantize.hook_mapping import hook_values
from embedded.tflite.graph_file import ModelFileError, read_graph
from embedded.tflite.hook_map import HookMap
from embedded.tflite.rewrite import with_metadata
from model.errors import HookError, ImageError
from model.images.camera_formats import rgb_to_yuv422, yuv422_to_rgb
from model.inference.tiling import enhance
from model.quality.metrics import psnr


@pytest.fixture
def micro(require):
    require(find_spec("tflite_micro"), "needs tflite-micro: pip install tflite-micro (Linux)")


def test_it_restores_what_the_float_network_restores(small, frames):
    for frame in frames[:6]:
        picture = yuv422_to_rgb(frame)
        found, expected = small.emulator.restore(frame), enhance(small.net, picture)
        assert found.shape == (120, 160, 3) and found.dtype == np.uint8
        assert psnr(found, expected, data_range=255) > 30


def test_a_frame_and_the_picture_in_it_are_the_same(small, frames):
    np.testing.assert_array_equal(small.emulator.restore(frames[0]), small.emulator.restore(yuv422_to_rgb(frames[0])))


def test_tensorflow_lite_micro_agrees_on_every_tensor(small, frames, micro):
    check = small.emulator.cross_check(frames)
    assert check.frames == len(frames) and check.tensors == len(small.emulator.graph.operators)
    assert check.values > 1e6
    assert check.differing == 0


def test_the_check_can_find_a_difference(small, frames, micro, monkeypatch):
    """One value of one tensor off by one."""
    from embedded import emulator

    true = emulator._invoke

    def wrong(*args):
        found = true(*args)
        found[5].flat[3] ^= 1
        return found

    monkeypatch.setattr(emulator, "_invoke", wrong)
    assert small.emulator.cross_check(frames[:2]).differing == 2


def test_default_kernels_compute_something_else(small, frames):
    """Why the reference kernels: the fast ones round differently."""
    tables = small.emulator.tables
    differing = 0
    for frame in frames[:6]:
        mirror = small.emulator.residual(tables.fold(yuv422_to_rgb(frame)))
        differing += int((small.emulator.default_kernels(frame) != mirror).sum())
    assert differing > 0


def test_the_cache_has_the_float_networks_names(small, frames):
    picture = yuv422_to_rgb(frames[0])
    cache = small.emulator.cache(frames[0])
    expected = hook_values(small.net, network_input(picture, small.net.config))
    assert set(cache) <= set(expected)
    assert len(cache) > 200
    for name in ("rrg_1/mrb_1/merge/skff/weights", "rrg_1/mrb_1/column_1/dau_1/spatial/gate", "rrg_1/out"):
        assert cache[name].shape == expected[name].shape
    weights = cache["rrg_1/mrb_1/merge/skff/weights"]
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=3 / 256)  # three shares, each rounded to 1/256


def test_without_a_map_there_are_no_names(small, frames):
    with pytest.raises(HookError, match=r"keep NAME\.hooks\.json beside"):
        Emulator(small.quantized.model).cache(frames[0])


def test_from_files(small, frames, tmp_path):
    (tmp_path / "m.tflite").write_bytes(small.quantized.model)
    small.quantized.hooks.save(tmp_path / "m.hooks.json")
    emulator = Emulator(tmp_path / "m.tflite")
    np.testing.assert_array_equal(emulator.restore(frames[0]), small.emulator.restore(frames[0]))
    assert emulator.cache(frames[0]).keys() == small.emulator.cache(frames[0]).keys()
    (tmp_path / "m.hooks.json").write_text("[1, 2]")
    with pytest.raises(ValueError, match="holds no map of hook points"):
        Emulator(tmp_path / "m.tflite")


def test_a_float_model_is_refused(float_graph):
    with pytest.raises(ModelFileError, match="float32 input and float32 output; the board's are int8"):
        Emulator(float_graph)


@pytest.mark.parametrize(
    ("note", "message"),
    [
        ("{}", "no stem and companding"),
        ("[", "no stem and companding"),
        ('{"stem": 5, "companding": 63}', "input must be int8 of shape"),
        ('{"stem": 0, "companding": 63}', "note is damaged"),
        ('{"stem": 10, "companding": -1}', "note is damaged"),
    ],
)
def test_a_wrong_note_is_refused(small, note, message):
    with pytest.raises(ModelFileError, match=message):
        Emulator(with_metadata(small.quantized.model, NOTE, note.encode()))


def test_a_wrong_frame_is_refused(small):
    for frame in (np.zeros((120, 160), np.uint8), np.zeros((160, 120, 3), np.uint8), np.zeros((144, 176, 2), np.uint8)):
        with pytest.raises(ImageError, match="a frame is uint8 of shape"):
            small.emulator.restore(frame)


def test_without_a_runtime_the_mend_is_named(small, tmp_path, monkeypatch):
    from embedded.tflite import runtime

    runtime.load_runtime.cache_clear()
    monkeypatch.setattr(runtime, "find_spec", lambda name: None)
    try:
        with pytest.raises(runtime.RuntimeMissingError, match="pip install ai-edge-litert"):
            Emulator(small.quantized.model)
    finally:
        monkeypatch.undo()
        runtime.load_runtime.cache_clear()


def test_it_needs_no_tensorflow(small, tmp_path):
    """On a small computer the emulator runs with the small runtime alone."""
    (tmp_path / "m.tflite").write_bytes(small.quantized.model)
    frame = rgb_to_yuv422(np.full((120, 160, 3), 9, np.uint8))
    code = (
        "import sys, numpy as np; from embedded.emulator import Emulator; "
        f"Emulator({str(tmp_path / 'm.tflite')!r}).restore(np.frombuffer({frame.tobytes()[:4]!r} * 9600, np.uint8)"
        ".reshape(120, 160, 2)); print('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False", done.stderr


def test_the_note_says_what_network_it_is(small):
    note = json.loads(read_graph(small.quantized.model).metadata[NOTE])
    assert note["network"] == small.net.config.to_dict()
    assert isinstance(small.emulator.hooks, HookMap)
