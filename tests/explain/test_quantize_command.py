"""`mirnet quantize` from a shell: files beside one another, errors in one line, nothing half-written."""

import csv

import numpy as np
import pytest

from embedded.emulator import Emulator
from explain.cli import main
from explain.frames import dark_frames
from model.config import PRESETS, MIRNetConfig
from model.errors import MirnetError
from model.images import save_image
from model.samples import SAMPLES, load_sample

SMALL = MIRNetConfig(channels=4, groups=1, blocks=1, style="board", stem=10, companding=63.0)


@pytest.fixture
def small(monkeypatch):
    """A preset that is quick to convert."""
    monkeypatch.setitem(PRESETS, "small", SMALL)


def test_the_model_its_map_and_its_report(small, tmp_path, capsys):
    words = ["quantize", "--preset", "small", "--weights", "random", "--count", "8", "-o", str(tmp_path / "m.tflite")]
    assert main(words) == 0
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


def test_floats_for_a_phone(tmp_path, capsys):
    words = ["quantize", "--float16", "--preset", "1x1", "--weights", "random", "--size", "16x24"]
    assert main([*words, "-o", str(tmp_path / "phone.tflite")]) == 0
    assert "float16" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["phone.tflite"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "m.lite"], "must end in .tflite"),
        (["-o", "no/such/m.tflite"], "a file in a folder that exists"),
        (["-o", "m.tflite", "--count", "0"], "--count must be at least 1"),
        (["-o", "m.tflite", "--float32", "--photos", "x"], "--float32 needs none"),
        (["-o", "m.tflite", "--float32", "--size", "big"], "--size must be like 256x256"),
        (["-o", "m.tflite", "--float32", "--size", "30x30"], "multiples of 4"),
        (["-o", "m.tflite", "--data", "a", "--photos", "b"], "give --data or --photos"),
        (["-o", "m.tflite", "--photos", "."], "holds no PNG, JPEG or WebP"),
        (["-o", "m.tflite", "--weights", "none.weights.h5"], "none.weights.h5"),
        (["-o", "m.tflite", "--preset", "2x2", "--weights", "random"], "the board has no operator for"),
    ],
)
def test_wrong_words(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    if "2x2" in words:  # as small as can be: it is the transposed convolution that the board lacks
        monkeypatch.setitem(PRESETS, "2x2", MIRNetConfig(channels=4, groups=1, blocks=1, stem=10))
    assert main(["quantize", *words]) == 2
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


def test_no_pictures(small):
    from embedded.quantize import quantize
    from model.mirnet import MIRNet

    with pytest.raises(MirnetError, match="ranges are taken from pictures"):
        quantize(MIRNet(SMALL), [])
