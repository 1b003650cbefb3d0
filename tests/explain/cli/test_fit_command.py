"""`mirnet fit`: the table, the answer as an exit code, and a refusal that names the operator."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from embedded.budget.boards import BOARDS
from explain.cli.commands.fit import BOARD_NAMES
from explain.cli.main import build_parser, find_commands, main
from model import load_image

# TensorFlow's own, about an input whose range it does find.
pytestmark = pytest.mark.filterwarnings("ignore:Statistics for quantized inputs were expected")


def write(path, side: int, channels: int):
    """Two convolutions and a sum, as an int8 .tflite file."""
    given = keras.Input((side, side, channels), batch_size=1)
    features = keras.layers.Conv2D(channels, 3, padding="same", activation="relu", name="first")(given)
    features = keras.layers.Conv2D(channels, 3, padding="same", name="second")(features)
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(given, given + features))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    noise = np.random.default_rng(0).normal(size=given.shape).astype("float32")
    converter.representative_dataset = lambda: [[noise]]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    path.write_bytes(converter.convert())
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write(tmp_path_factory.mktemp("fit") / "small.tflite", 16, 4)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return write(tmp_path_factory.mktemp("fit") / "large.tflite", 100, 8)


def fit(capsys, *argv) -> tuple[int, str, str]:
    code = main(["fit", *(str(each) for each in argv)])
    return code, *capsys.readouterr()


def test_a_network_that_fits(capsys, small):
    code, out, err = fit(capsys, small)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"{small} on Arduino Nano 33 BLE Sense (nRF52840, Cortex-M4F, 64 MHz)"
    for name in ("RAM", "flash", "time"):
        (line,) = [line for line in lines if line.startswith(name)]
        assert "fits; our target" in line
    assert re.search(r"camera frame +38,400 B", out)
    static, heap = (
        int(re.search(rf"{name} +([\d,]+) B", out)[1].replace(",", "")) for name in ("\nstatic", "left for the heap")
    )
    assert static + heap == 256 * 1024 and "core and USB" in out
    low, high = (float(part) for part in re.search(r"estimate, ([\d.e-]+) to ([\d.e-]+) s: lowest", out).groups())
    assert low < high
    assert f"{2 * 16 * 16 * 4 * 36:,}" in next(line for line in lines if line.startswith("CONV_2D"))
    assert f"The file has {small.stat().st_size:,} B." in out
    assert "estimate" in out and lines[-1] == "It fits."
    assert "\x1b" not in out  # no colours in a pipe


def test_a_network_that_does_not_fit_names_the_operator(capsys, large):
    code, out, err = fit(capsys, large)
    assert (code, err) == (1, "")
    assert "too much; our target: 176 KB" in next(line for line in out.splitlines() if line.startswith("RAM"))
    assert re.search(r"Does not fit\. RAM: [\d,]+ B needed .* most is live at CONV_2D \d, layer \w*", out)
    assert "It fits" not in out


def test_it_fits_a_larger_board(capsys, large):
    code, out, _ = fit(capsys, large, "--board", "niclavision")
    assert code == 0
    assert "Arduino Nicla Vision (STM32H757, Cortex-M7, 480 MHz)" in out and "upload.maximum_size" in out
    assert "Time is an estimate: a guess of 0.75 cycles an instruction" in " ".join(out.split())
    assert "left for the heap" not in out  # nothing was linked for it


def test_every_operator_has_a_line(capsys, small):
    _, out, _ = fit(capsys, small, "--operators")
    rows = [line for line in out.splitlines() if re.match(r"\d+ +[A-Z_0-9]+ \d+ ", line)]
    assert [line.split()[1] for line in rows] == ["CONV_2D", "CONV_2D", "ADD"]
    assert all(line.endswith(" B") for line in rows)  # what is live


def test_the_picture(capsys, large, tmp_path):
    code, _, err = fit(capsys, large, "--picture", tmp_path / "fit.png", "--theme", "dark")
    assert code == 1
    assert load_image(tmp_path / "fit.png").shape[1] > 1000
    assert "It does not fit." in err  # the caption


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--board", "nano"], "unknown board 'nano'; there are nano33ble, niclavision; did you mean nano33ble?"),
        (["--picture", "fit.gif"], "cannot write the format '.gif'"),
        (["--picture", "no/such/folder/fit.png"], "there is no folder"),
    ],
)
def test_what_the_user_can_fix_is_one_line_and_exit_code_2(capsys, small, argv, message):
    code, out, err = fit(capsys, small, *argv)
    assert (code, out) == (2, "")
    assert message in err and len(err.splitlines()) == 1


def test_no_model_is_exit_code_2(capsys, tmp_path, small):
    assert fit(capsys, tmp_path / "missing.tflite")[0] == 2
    broken = tmp_path / "broken.tflite"
    for content, message in ((b"", "no .tflite file"), (small.read_bytes()[:200], "cut off or damaged")):
        broken.write_bytes(content)
        code, _, err = fit(capsys, broken)
        assert code == 2 and message in err and len(err.splitlines()) == 1


def test_the_help_names_all_boards():
    assert list(BOARDS) == list(BOARD_NAMES)
    assert build_parser(find_commands()).parse_args(["fit", "x.tflite"]).board == BOARD_NAMES[0]
