"""`mirnet export`: a checked file for other runtimes, or one sentence."""

from importlib.util import find_spec

import numpy as np
import pytest

from explain.cli.main import main
from model.config import PRESETS, MIRNetConfig
from model.zoo import load_network

TINY = MIRNetConfig(channels=4, groups=1, blocks=1, streams=2, columns=1)


@pytest.fixture
def tiny(monkeypatch) -> list[str]:
    monkeypatch.setitem(PRESETS, "tiny", TINY)
    return ["export", "--preset", "tiny", "--weights", "random"]


def test_onnx(tiny, tmp_path, require, capsys):
    require(find_spec("tf2onnx") and find_spec("onnxruntime"), "needs pip install 'mirnet-explainer[onnx]'")
    import onnxruntime

    assert main([*tiny, "-o", str(tmp_path / "net.onnx")]) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'net.onnx'}\n"
    assert "of the network in onnxruntime, on three sizes" in err and "height and width: multiples of 2" in err
    images = np.random.default_rng(0).random((1, 10, 6, 3), dtype=np.float32)
    found = onnxruntime.InferenceSession(tmp_path / "net.onnx").run(None, {"images": images})[0]
    np.testing.assert_allclose(found, load_network("tiny", "random")[0](images), atol=1e-5)


@pytest.mark.slow
def test_tflite(tiny, tmp_path, capsys):
    assert main([*tiny, "-o", str(tmp_path / "net.tflite")]) == 0
    assert "tflite-runtime 2.14" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["net.tflite"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["-o", "net.pb"], "-o net.pb: the name must end in .onnx or .tflite"),
        (["-o", "no/net.tflite"], "cannot be written, there is no folder"),
        (["-o", "net.tflite", "--weights", "absent.keras"], "there is no file absent.keras"),
        (["-o", "net.tflite", "--preset", "huge"], "unknown preset 'huge'"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(argv, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["export", *argv]) == 2
    assert message in capsys.readouterr().err.strip().splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_what_onnx_needs_is_named_before_anything_slow(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("model.safety.arguments.find_spec", lambda name: None)
    assert main(["export", "-o", str(tmp_path / "net.onnx")]) == 2
    needed = "ONNX needs tf2onnx and onnxruntime: pip install 'mirnet-explainer[onnx]'"
    assert capsys.readouterr().err.splitlines() == [f"mirnet: error: {needed}"]
