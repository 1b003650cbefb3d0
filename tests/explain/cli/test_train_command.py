"""`mirnet train` as a person uses it: start, stop, go on; what lies in the folder; and what is refused."""

import json
import os
import re
import shutil
import socket
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from embedded.tflite.rewrite import with_metadata
from explain.cli.main import main
from explain.figures import THEMES
from explain.figures.results.training_curve import draw_training, duration
from model import load_image, save_image
from model.config import preset
from model.samples import SAMPLES
from model.training.checkpoint import LogRow
from model.training.run_log import read_card, read_log
from model.zoo import load_network

SMALL = ["--preset", "1x1", "--channels", "8", "--batch", "2", "--crop", "16"]


def error_lines(capsys) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("mirnet: error:")]


@pytest.mark.slow
def test_start_stop_and_go_on(tmp_path, data, capsys):
    run = tmp_path / "runs" / "first"
    argv = ["train", "--data", str(data), "-o", str(run)]
    assert main([*argv, *SMALL, "--steps", "5", "--stop-after", "0"]) == 0
    assert f"go on with: mirnet train --data {data} -o {run} --resume" in capsys.readouterr().err
    assert main([*argv, "--resume"]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == str(run / "net.weights.h5")
    assert re.search(r"5 pairs to train on \(0 left out as unfit\), 1 held out", err)
    assert {"checkpoint.npz", "checkpoint.previous.npz", "curve.png", "log.csv", "net.weights.h5", "run.json"} <= set(
        os.listdir(run)
    )
    rows = read_log(run / "log.csv")
    assert [row.step for row in rows] == [1, 2, 3, 4, 5]
    assert rows[-1].validation_psnr > 5
    card = read_card(run)
    assert card["recipe"] == card["recipe"] | {"steps": 5, "batch": 2, "crop": 16, "seed": 0, "precision": "float32"}
    assert card["result"]["finished"]
    assert re.fullmatch("[0-9a-f]{64}", card["data"]["sha256"])
    text = json.dumps(card)
    assert socket.gethostname() not in re.findall(r"[\w.-]+", text)
    assert str(tmp_path) not in text
    net, note = load_network(preset("1x1").replace(channels=8), run / "net.weights.h5")
    assert card["parameters"] == net.count_params() and "net.weights.h5" in note
    assert load_image(run / "curve.png").shape[1] == 1280
    assert main([*argv, "--resume"]) == 0  # nothing left to do
    assert read_log(run / "log.csv") == rows


@pytest.mark.slow
def test_hours_fix_the_steps_and_weights_can_be_the_start(tmp_path, data, capsys):
    first, second = tmp_path / "first", tmp_path / "second"
    argv = ["train", "--data", str(data), *SMALL]
    assert main([*argv, "-o", str(first), "--steps", "1"]) == 0
    weights = str(first / "net.weights.h5")
    assert main([*argv, "-o", str(second), "--hours", "0.1", "--init-from", weights, "--stop-after", "0"]) == 0
    steps = int(re.search(r"([\d,]+) steps fit into 6 min", capsys.readouterr().err)[1].replace(",", ""))
    card = read_card(second)
    assert steps > 3
    assert card["recipe"]["steps"] == steps
    assert card["start"]["weights"] == "net.weights.h5"
    before = load_network(preset("1x1").replace(channels=8), weights)[0].get_weights()
    with np.load(second / "checkpoint.npz") as archive:  # after one round, still close to the start
        after = [archive[f"array_{k:05d}"] for k in range(len(before))]
    assert max(np.abs(a - b).max() for a, b in zip(before, after, strict=True)) < 0.05


@pytest.mark.slow
def test_good_photos_are_enough(tmp_path, data, capsys):
    """No pairs at all: photos are made dark, a seventh of them is held out, and the training can go on."""
    run, photos = tmp_path / "run", data / "high"
    argv = ["train", "--photos", str(photos), "-o", str(run)]
    assert main([*argv, *SMALL, "--steps", "2", "--stop-after", "0"]) == 0
    err = capsys.readouterr().err
    assert re.search(r"5 good photos to train on, made dark by chance, 1 held out by groups of identical", err)
    assert f"go on with: mirnet train --photos {photos} -o {run} --resume" in err
    assert main([*argv, "--resume"]) == 0
    card = read_card(run)
    assert card["recipe"]["photo_share"] == 1 and "data" not in card
    assert (card["photos"]["training_photos"], card["photos"]["validation_photos"]) == (5, 1)
    assert read_log(run / "log.csv")[-1].validation_psnr > 5
    assert load_network(weights=run)[0].config.channels == 8
    (photos / "more.webp").write_bytes((photos / "room.webp").read_bytes() + b"\0")
    capsys.readouterr()
    assert main([*argv, "--resume"]) == 2
    assert "the photos differ from those that the training" in error_lines(capsys)[0]


@pytest.mark.slow
def test_what_the_board_sees_of_good_photos(tmp_path, data):
    argv = ["train", "--photos", str(data / "high"), "-o", str(tmp_path / "run"), "--frame", "qqvga"]
    assert main([*argv, "--preset", "nano", "--channels", "4", "--batch", "2", "--steps", "1"]) == 0
    assert read_card(tmp_path / "run")["recipe"]["frame"] == "qqvga"


@pytest.mark.slow
def test_two_folders_and_pairs_that_are_left_out(tmp_path, data, capsys):
    (data / "low" / "room.webp").write_bytes((data / "high" / "room.webp").read_bytes())
    (data / "validation.txt").write_bytes(b"\xef\xbb\xbfcoffee.png\r\n")
    for side, other in (("low", "dim [1]"), ("high", "lit")):
        (data / side).rename(data / other)
    argv = ["train", "--low", str(data / "dim [1]"), "--high", str(data / "lit"), "-o", str(tmp_path / "run")]
    assert main([*argv, *SMALL, "--steps", "2", "--stop-after", "0"]) == 0
    err = capsys.readouterr().err
    assert "4 pairs to train on (1 left out as unfit), 1 held out by validation.txt" in err
    assert "  room: low is 1.00 times as bright as high" in err
    assert f"mirnet train --low '{data / 'dim [1]'}' --high {data / 'lit'} -o" in err


def test_exchanged_folders_are_told(tmp_path, data, capsys):
    argv = ["train", "--low", str(data / "high"), "--high", str(data / "low"), "-o", str(tmp_path / "run")]
    assert main([*argv, *SMALL, "--steps", "2"]) == 2
    (line,) = error_lines(capsys)
    assert "no pair can be trained on" in line and "are dark and bright photos exchanged" in line
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "pairs of photos are needed: give --data DATA, or --low DIR and --high DIR"),
        (["--photos", "absent"], "absent: cannot be read as a folder"),
        (["--photos", "pairs"], "this folder holds no PNG"),
        (["--photos", "pairs/high", "--photo-share", "0.5"], "without pairs, good photos are made dark for every crop"),
        (["--photos", "one"], "needs two different bright photos at least, one to train on and one to measure on"),
        (["--low", "pairs/low", "--photos", "pairs/high"], "--low and --high belong together"),
    ],
)
def test_too_little_to_learn_from(tmp_path, data, capsys, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    Path("one").mkdir()
    shutil.copy(data / "high" / "room.webp", "one")
    assert main(["train", *argv, "-o", "run", *SMALL, "--steps", "2"]) == 2
    (line,) = error_lines(capsys)
    assert message in line
    assert not Path("run").exists()


@pytest.mark.slow
def test_other_data_is_refused(tmp_path, data, capsys):
    run = tmp_path / "run"
    argv = ["train", "--data", str(data), "-o", str(run)]
    assert main([*argv, *SMALL, "--steps", "3", "--stop-after", "0"]) == 0
    for side in ("low", "high"):
        (data / side / f"{SAMPLES[0].name}.webp").unlink()
    capsys.readouterr()
    assert main([*argv, "--resume"]) == 2
    assert "the data differ from those that the training" in error_lines(capsys)[0]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "either --steps or --hours"),
        (["--hours", "-1"], "--hours must be a number above 0, not -1.0"),
        (["--steps", "0"], "steps must be an integer of at least 1"),
        (["--steps", "5", "--batch", "0"], "batch must be an integer of at least 1, not 0"),
        (["--steps", "5", "--preset", "huge"], "unknown preset 'huge'"),
        (["--steps", "5", "--channels", "0"], "channels must be an integer of at least 1, not 0"),
        (["--steps", "5", "--scales", "1;2"], "--scales must be integers with commas between"),
        (["--steps", "5", "--crop", "500"], "size 500 is larger than"),
        (["--steps", "5", "--photo-share", "0.5"], "give --photos and --photo-share"),
        (["--steps", "5", "--init-from", "absent.weights.h5"], "there is no file absent.weights.h5"),
        (["--resume"], "holds no training to go on with"),
        (["--steps", "5", "-o", __file__], "is a file; give a folder"),
        (["--steps", "5", "-o", f"{__file__}/run"], "this folder cannot be made"),
    ],
)
def test_a_mistake_is_one_line_and_makes_nothing(tmp_path, data, capsys, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "--data", str(data), "-o", "run", *argv]) == 2
    (line,) = error_lines(capsys)
    assert message in line
    assert not Path("run").exists()


def test_a_training_is_not_overwritten(tmp_path, data, capsys):
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_text('{"preset": "desk"}')
    argv = ["train", "--data", str(data), "-o", str(run)]
    assert main([*argv, "--steps", "5"]) == 2
    assert "holds a training already" in error_lines(capsys)[0]
    assert main([*argv, "--resume", "--steps", "5", "--learning-rate", "0.1"]) == 2
    assert "leave out --steps, --learning-rate" in error_lines(capsys)[0]
    assert main([*argv, "--resume"]) == 2
    assert "no run card of a training" in error_lines(capsys)[0]
    assert os.listdir(run) == ["run.json"]


@pytest.mark.parametrize("damage", ["missing partner", "unequal sizes", "broken file"])
def test_bad_pairs_are_named(tmp_path, data, capsys, damage):
    victim = data / "low" / f"{SAMPLES[2].name}.webp"
    if damage == "missing partner":
        victim.unlink()
    elif damage == "unequal sizes":
        save_image(victim, load_image(victim)[:-1])
    else:
        victim.write_bytes(victim.read_bytes()[:500])
    assert main(["train", "--data", str(data), "-o", str(tmp_path / "run"), *SMALL, "--steps", "3"]) == 2
    (line,) = error_lines(capsys)
    assert SAMPLES[2].name in line
    assert not (tmp_path / "run").exists()


class TestCurve:
    ROWS = tuple(LogRow(k, 0.5 / k, 1e-3, 30.0 * k, 15.0 + k if k % 2 == 0 else None) for k in range(1, 9))

    @pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
    def test_it_shows_what_the_log_says(self, theme):
        sheet = draw_training(self.ROWS, theme, "desk", "8 steps")
        loss, quality, rate = sheet.axes
        np.testing.assert_allclose(loss.lines[0].get_ydata(), [row.loss for row in self.ROWS])
        np.testing.assert_allclose(quality.lines[0].get_xdata(), [2, 4, 6, 8])
        np.testing.assert_allclose(quality.lines[0].get_ydata(), [17, 19, 21, 23])
        np.testing.assert_allclose(rate.lines[0].get_ydata(), 1e-3)
        assert "from 0.500 to 0.062 in 8 steps and 4 min" in sheet.caption
        assert "23.00 dB" in sheet.caption

    def test_without_validation_there_is_no_such_curve(self):
        sheet = draw_training(self.ROWS[:1], THEMES["light"], "desk")
        assert len(sheet.axes) == 2
        assert "dB" not in sheet.caption

    def test_durations(self):
        assert [duration(seconds) for seconds in (4, 89, 600, 3600, 11_100)] == [
            "4 s",
            "89 s",
            "10 min",
            "1 h 00 min",
            "3 h 05 min",
        ]


@pytest.mark.slow
def test_rounding_to_the_ranges_of_a_model(tmp_path, data, board, small_preset, capsys):
    """The model is kept with the training, which goes on with it and with no other."""
    run = tmp_path / "run"
    argv = ["train", "--data", str(data), "-o", str(run)]
    how = ["--preset", small_preset, "--init-from", board.weights, "--int8", "--ranges", board.model]
    how += ["--frame", "qqvga", "--batch", "2", "--steps", "2", "--stop-after", "0"]
    assert main([*argv, *how]) == 0
    card = read_card(run)
    kept = run / "ranges.tflite"
    assert card["ranges"] == {"file": "ranges.tflite", "sha256": sha256(kept.read_bytes()).hexdigest()}
    assert kept.read_bytes() == board.quantized.model
    kept.write_bytes(with_metadata(board.quantized.model, "other", b"1"))
    capsys.readouterr()
    assert main([*argv, "--resume"]) == 2
    assert "is not the model that this training began with" in capsys.readouterr().err
    kept.write_bytes(board.quantized.model)
    assert main([*argv, "--resume"]) == 0
    assert [row.step for row in read_log(run / "log.csv")] == [1, 2]


def test_ranges_need_int8_and_the_same_network(tmp_path, data, board, small_preset, capsys):
    argv = ["train", "--data", str(data), "-o", str(tmp_path / "run"), "--steps", "2", "--ranges", board.model]
    assert main([*argv, "--preset", small_preset]) == 2
    assert "--ranges are for quantization-aware training" in capsys.readouterr().err
    assert main([*argv, "--preset", "nano", "--int8"]) == 2
    assert "the model of another network" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
