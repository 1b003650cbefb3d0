"""Settings of Keras that a user has: the same numbers with all that Keras takes, and one line for what it does not."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from quick import quick

from explain.cli.main import main
from mirnet_packages import ROOT
from model.errors import MirnetError
from model.safety.keras_settings import check_keras, complaint_about_keras, prefer_onednn

NUMBERS = """
import sys; sys.path.insert(0, {root!r})
import keras, numpy as np
if len(sys.argv) > 2: keras.config.set_floatx(sys.argv[2])
from explain import run_with_cache
from model import ChannelAttention, MIRNet, MIRNetConfig, enhance
from model.training.step import training_step
from model.zoo import seed_weights
rng = np.random.default_rng(0)
photo = rng.random((24, 32, 3), dtype="float32")
net = MIRNet(MIRNetConfig(channels=4, groups=1, blocks=1, streams=2)); seed_weights(net)
board = MIRNet(MIRNetConfig(channels=4, groups=1, blocks=1, streams=2, stem=2, companding=50.0, style="board"))
seed_weights(board)
found = run_with_cache(net, photo)[1] | {{"enhanced": enhance(net, photo), "board": enhance(board, photo)}}
keras.utils.set_random_seed(0)
found["alone"] = run_with_cache(ChannelAttention(8), rng.random((1, 4, 4, 8)))[0]
step = training_step(net)
for k in range(2): found[f"loss {{k}}"] = np.asarray(step(photo[None, :16, :16], 1 - photo[None, :16, :16], 1e-3, 0.9))
found["weights"] = np.concatenate([np.ravel(weight) for weight in net.get_weights()])
assert {{str(array.dtype) for array in found.values()}} == {{"float32"}}, {{k: v.dtype for k, v in found.items()}}
np.savez(sys.argv[1], **{{name.replace("/", "."): array for name, array in found.items()}})
"""


def numbers(folder, settings: dict, *floatx: str) -> dict[str, np.ndarray]:
    """What a network and a training give in a process with these settings."""
    folder.mkdir()
    (folder / "keras.json").write_text(json.dumps(settings))
    path, environment = folder / "numbers.npz", os.environ | {"KERAS_HOME": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", NUMBERS.format(root=str(ROOT)), str(path), *floatx]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with np.load(path) as file:
        return dict(file)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return numbers(tmp_path_factory.mktemp("usual") / "keras", {})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "floatx"),
    [
        ({"image_data_format": "channels_first"}, ()),
        ({"floatx": "float16"}, ()),
        ({"floatx": "float64"}, ()),
        ({"floatx": "float16", "image_data_format": "channels_first", "epsilon": 1e-3}, ()),
        ({}, ("bfloat16",)),
    ],
    ids=["channels_first", "float16", "float64", "all", "bfloat16"],
)
def test_every_setting_gives_the_same_numbers(settings, floatx, usual, tmp_path):
    found = numbers(tmp_path / "keras", settings, *floatx)
    assert found.keys() == usual.keys()
    for name in usual:
        np.testing.assert_array_equal(found[name], usual[name], err_msg=name)


WRONG = [
    ({"backend": "tensorflw"}, "", "keras.json: backend is 'tensorflw', .* did you mean tensorflow"),
    ({}, "tensorflw", "KERAS_BACKEND is 'tensorflw', and Keras has no such backend: did you mean tensorflow"),
    ({}, "mxnet-gpu", "there are tensorflow, jax, torch, numpy, openvino; or unset it"),
    ({}, "openvino", "KERAS_BACKEND is 'openvino', and openvino is not installed: pip install openvino, or unset it"),
    ({"backend": ["jax"]}, "", r"backend is \['jax'\], and Keras has no such backend"),
    ({"floatx": "bfloat16"}, "", "floatx is 'bfloat16', and Keras takes float16, float32, float64 there: correct it"),
    ({"image_data_format": "first"}, "", "image_data_format is 'first', and Keras takes channels_last, channels_first"),
    ({"epsilon": 1}, "", "epsilon is 1, and Keras takes a number such as 1e-07"),
    ([1], "", "keras.json is no dictionary of settings"),
]


@pytest.fixture
def settle(tmp_path, monkeypatch):
    def put(settings, backend):
        (tmp_path / "keras.json").write_text(json.dumps(settings))
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        if backend:
            monkeypatch.setenv("KERAS_BACKEND", backend)
        else:
            monkeypatch.delenv("KERAS_BACKEND", raising=False)

    return put


@pytest.mark.parametrize(("settings", "backend", "message"), WRONG)
def test_a_setting_that_keras_does_not_take_is_told(settings, backend, message, settle):
    settle(settings, backend)
    with pytest.raises(MirnetError, match=message):
        check_keras()


@pytest.mark.parametrize("settings", [{}, {"backend": "tensorflow", "floatx": "float64", "more": 1}])
def test_what_keras_takes_passes(settings, settle, tmp_path):
    settle(settings, "")
    assert complaint_about_keras() is None
    (tmp_path / "keras.json").write_text("{ no JSON")  # Keras takes its defaults
    assert complaint_about_keras() is None
    settle({"backend": "torch"}, "tensorflow")  # the variable wins
    assert complaint_about_keras() is None


def test_numpy_needs_jax_for_convolutions(settle, monkeypatch):
    settle({}, "numpy")
    assert complaint_about_keras() is None or "jax" in complaint_about_keras()
    monkeypatch.setattr("model.safety.keras_settings.find_spec", lambda name: None if name == "jax" else name)
    said = "KERAS_BACKEND is 'numpy', and jax, which it needs, is not installed: pip install jax, or unset it"
    assert complaint_about_keras().startswith(said)


def test_settings_that_cannot_be_read_are_told(tmp_path, monkeypatch):
    """Keras passes over what is no JSON, and stops at what it may not open; a folder stands for that here."""
    (tmp_path / "keras.json").mkdir()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(MirnetError, match=r"keras\.json cannot be read .*: correct or remove it"):
        check_keras()


def test_a_user_without_a_home_folder_has_no_settings(monkeypatch):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # what Python does then
    assert complaint_about_keras() is None


def test_the_page_is_not_started_with_such_settings(settle, monkeypatch, capsys):
    settle({}, "jaxx")
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("started"))
    assert main(["app", "--no-browser"]) == 2
    assert capsys.readouterr().err.startswith("mirnet: error: KERAS_BACKEND is 'jaxx'")


@pytest.mark.parametrize(("settings", "backend", "message"), quick(WRONG, first=1))
def test_a_command_that_needs_keras_says_it_in_one_line(settings, backend, message, tmp_path):
    (tmp_path / "keras.json").write_text(json.dumps(settings))
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    environment |= {"KERAS_HOME": str(tmp_path)} | ({"KERAS_BACKEND": backend} if backend else {})
    command = [sys.executable, "-m", "mirnet_explainer", "components", "--preset", "1x1", "--size", "16x16"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("mirnet: error: ")


@pytest.mark.parametrize(
    ("imported", "before", "after"), [(False, {}, "1"), (False, {"TF_ENABLE_ONEDNN_OPTS": "0"}, "0"), (True, {}, None)]
)
def test_onednn_is_asked_for_in_time_and_unless_the_user_has_decided(imported, before, after, monkeypatch):
    monkeypatch.setattr(sys, "modules", {"tensorflow": None} if imported else {})
    monkeypatch.setattr(os, "environ", before)
    prefer_onednn()
    assert os.environ.get("TF_ENABLE_ONEDNN_OPTS") == after
