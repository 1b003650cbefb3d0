"""`mirnet quantize` from a shell: files beside one another, errors in one line, nothing half-written."""

import csv

import numpy as np
import pytest

from embedded.emulator import Emulator
from embedded.tflite.graph_file import read_graph
from explain.analysis.camera_frames import dark_frames, doubts
from explain.cli.main import main
from model.config import PRESETS, MIRNetConfig
from model.errors import MirnetError
from model.images.photo_files import save_image
from model.samples import SAMPLES, load_sample


@pytest.mark.slow
def test_the_model_its_map_and_its_report(small_preset, tmp_path, capsys):
    argv = ["quantize", "--preset", "small", "--weights", "random", "--count", "8", "-o", str(tmp_path / "m.tflite")]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'm.tflite'}\n"
    assert "ranges from 8 dark photos" in err and "every one a tensor of its own" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.csv", "m.hooks.json", "m.tflite"]
    emulator = Emulator(tmp_path / "m.tflite")
    picture = dark_frames(None, None, 1)[0]
    assert "rrg_1/mrb_1/merge/skff/weights" in emulator.cache(picture)
    with open(tmp_path / "m.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(emulator.graph.operators)
    for row, index in zip(rows, emulator.graph.computed, strict=True):
        tensor = emulator.graph.tensors[index]
        assert int(row["tensor"]) == index and float(row["scale"]) == tensor.scale
        assert float(row["low"]) == pytest.approx((-128 - tensor.zero_point) * tensor.scale)
        assert 0 <= float(row["saturated"]) <= 1


def frames(*greys: int) -> list[np.ndarray]:
    """Frames of noise around a grey level, each another one."""
    rng = np.random.default_rng(0)
    return [np.clip(rng.integers(-8, 9, (120, 160, 3)) + grey, 0, 255).astype("uint8") for grey in greys]


@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        (frames(*[20] * 30), []),
        (frames(20), ["ranges from one photo: what another reaches may be clipped"]),
        (frames(*[20] * 4), ["ranges from 4 different photos"]),
        (frames(20) * 50, ["ranges from one photo"]),
        (
            frames(*[180] * 20),
            ["20 of 20 photos are bright (mean grey level above 64), and the network meets dark ones"],
        ),
        (frames(*[20] * 19, 200), []),
        (frames(*[20] * 17, 200, 100, 65), ["3 of 20 photos are bright"]),
        (frames(*[20] * 15) + [np.zeros((120, 160, 3), "uint8")] * 5, ["5 of 20 photos are black"]),
        (frames(200), ["ranges from one photo", "1 of 1 photos are bright"]),
    ],
    ids=["dark", "one", "few", "copies", "bright", "one bright", "some bright", "black", "one and bright"],
)
def test_photos_on_which_ranges_may_be_wrong_are_told(pictures, said):
    found = doubts(pictures)
    assert len(found) == len(said)
    assert all(text in sentence for text, sentence in zip(said, found, strict=True))


def test_the_projects_own_photos_leave_no_doubt():
    assert doubts(dark_frames(None, None, 40)) == []


@pytest.mark.slow
def test_bright_photos_are_warned_of_and_taken(small_preset, tmp_path, capsys):
    (tmp_path / "photos").mkdir()
    save_image(tmp_path / "photos" / "bright.png", load_sample(SAMPLES[0].name)[1])
    argv = ["quantize", "--preset", "small", "--weights", "random", "--photos", str(tmp_path / "photos")]
    assert main([*argv, "-o", str(tmp_path / "m.tflite")]) == 0
    err = capsys.readouterr().err
    assert "warning: ranges from one photo" in err
    assert "warning: 1 of 1 photos are bright" in err


@pytest.mark.slow
def test_floats_for_a_phone(tmp_path, capsys):
    argv = ["quantize", "--float16", "--preset", "1x1", "--weights", "random", "--size", "16x24"]
    assert main([*argv, "-o", str(tmp_path / "phone.tflite")]) == 0
    assert "float16" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["phone.tflite"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["-o", "m.lite"], "must end in .tflite"),
        (["-o", "no/such/m.tflite"], "there is no folder"),
        (["-o", "m.tflite", "--count", "0"], "--count must be at least 1"),
        (["-o", "m.tflite", "--float32", "--photos", "x"], "--float32 needs none"),
        (["-o", "m.tflite", "--float32", "--size", "big"], "--size must be height x width"),
        pytest.param(["-o", "m.tflite", "--float32", "--size", "30x30"], "multiples of 4", marks=pytest.mark.slow),
        (["-o", "m.tflite", "--data", "a", "--photos", "b"], "give --data or --photos"),
        (["-o", "m.tflite", "--photos", "."], "holds no PNG, JPEG, WebP"),
        (["-o", "m.tflite", "--weights", "none.weights.h5"], "none.weights.h5"),
        pytest.param(
            ["-o", "m.tflite", "--preset", "2x2", "--weights", "random"],
            "the board has no operator for",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_wrong_arguments(argv, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    if "2x2" in argv:  # as small as can be: it is the transposed convolution that the board lacks
        monkeypatch.setitem(PRESETS, "2x2", MIRNetConfig(channels=4, groups=1, blocks=1, streams=2, columns=1, stem=10))
    assert main(["quantize", *argv]) == 2
    err = capsys.readouterr().err.strip().splitlines()[-1]
    assert err.startswith("mirnet: error:") and message in err
    assert list(tmp_path.iterdir()) == []


def test_photos_of_a_folder(tmp_path):
    for sample in SAMPLES[:3]:
        save_image(tmp_path / f"{sample.name}.png", load_sample(sample.name)[0])
    pictures = dark_frames(None, str(tmp_path), 2)
    assert len(pictures) == 2 and pictures[0].shape == (120, 160, 3)


def test_the_projects_own_photos_are_dark_and_all_different():
    pictures = dark_frames(None, None, 20)
    assert len(pictures) == 20
    assert len({picture.tobytes() for picture in pictures}) == 20
    assert max(picture.mean() for picture in pictures) < 100
    np.testing.assert_array_equal(pictures[7], dark_frames(None, None, 20)[7])


def test_no_pictures(board):
    from embedded.quantize.quantize import quantize

    with pytest.raises(MirnetError, match="ranges are taken from pictures"):
        quantize(board.net, [])


@pytest.mark.slow
def test_ranges_of_an_earlier_model(board, small_preset, tmp_path, capsys):
    """Other weights, the same scales and zero points everywhere."""
    argv = ["quantize", "--preset", small_preset, "--weights", "random", "--count", "4", "--ranges", board.model]
    assert main([*argv, "-o", str(tmp_path / "m.tflite")]) == 0
    assert f"ranges from {board.model}" in capsys.readouterr().err
    earlier, graph = read_graph(board.quantized.model), Emulator(tmp_path / "m.tflite").graph
    for one, other in zip(graph.operators, earlier.operators, strict=True):
        made, before = graph.tensors[one.outputs[0]], earlier.tensors[other.outputs[0]]
        assert (made.scale, made.zero_point) == (before.scale, before.zero_point)
        constants = [index for index in one.inputs if graph.tensors[index].dtype == np.int8]
        assert one.kind != "CONV_2D" or len(constants) == 2
    assert (tmp_path / "m.tflite").read_bytes() != board.quantized.model


def test_ranges_of_another_network_are_refused(board, tmp_path, monkeypatch, capsys):
    other = MIRNetConfig(4, groups=1, blocks=1, streams=2, columns=1, style="board", stem=10, companding=63.0)
    monkeypatch.setitem(PRESETS, "other", other)
    argv = ["quantize", "--preset", "other", "--weights", "random", "--count", "2", "--ranges", board.model]
    assert main([*argv, "-o", str(tmp_path / "m.tflite")]) == 2
    assert "other operators: give one of the same network" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
