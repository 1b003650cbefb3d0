"""`mirnet evaluate` as a person uses it: the table, the files, going on after an interruption, and mistakes."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from embedded.emulator import Emulator
from explain.cli.main import main
from explain.figures import THEMES
from explain.figures.results.best_and_worst import Case, draw_cases
from model import MIRNet, load_image, psnr, save_image
from model.config import preset
from model.data import open_pairs
from model.quality.view import PairView
from model.samples import SAMPLES
from model.zoo import seed_weights

SMALL = ["--preset", "1x1", "--channels", "4", "--resize", "48"]


@pytest.mark.slow
def test_table_files_and_going_on(tmp_path, data, capsys):
    scores, picture = tmp_path / "scores.json", tmp_path / "cases.png"
    argv = [
        "evaluate",
        "--data",
        str(data),
        *SMALL,
        "--split",
        "all",
        "--json",
        str(scores),
        "--picture",
        str(picture),
    ]
    assert main([*argv, "--per-image"]) == 0
    out, err = capsys.readouterr()
    assert "random weights" in err
    content = json.loads(scores.read_text())
    assert set(content["images"]) == {sample.name for sample in SAMPLES}
    for method, name in (("network", "the network"), ("oracle", "oracle: gain + gamma per picture")):
        line = next(line for line in out.splitlines() if line.startswith(name))
        mean, low, high = (float(number) for number in re.findall(r"\d+\.\d\d\b", line)[:3])
        assert mean == pytest.approx(content["summary"][method]["psnr"]["mean"], abs=0.006)
        assert (low, high) == pytest.approx(
            (content["summary"][method]["psnr"]["low"], content["summary"][method]["psnr"]["high"]), abs=0.006
        )
    assert "some of them are among those measured" in out and "no method may" in out
    assert all(re.search(rf"^{sample.name} +\d+\.\d\d", out, re.MULTILINE) for sample in SAMPLES)
    assert load_image(picture).shape[1] == 1280
    assert "weights" in content["about"] and str(tmp_path) not in scores.read_text()
    # Half of it lost, and another picture: only that half is computed again, with the same result.
    shorter = content | {"images": dict(list(content["images"].items())[:3]), "summary": None}
    scores.write_text(json.dumps(shorter))
    assert main(argv) == 0
    assert json.loads(scores.read_text())["summary"] == content["summary"]


@pytest.mark.slow
def test_the_network_is_that_of_the_run_card_beside_the_weights(tmp_path, data, capsys):
    config = preset("1x1").replace(channels=4)
    net = MIRNet(config)
    seed_weights(net, 3)
    net.save_weights(tmp_path / "net.weights.h5")
    (tmp_path / "run.json").write_text(json.dumps({"network": config.to_dict()}))
    argv = ["evaluate", "--data", str(data), "--weights", str(tmp_path / "net.weights.h5"), "--frame", "qqvga"]
    assert main([*argv, "--json", str(tmp_path / "scores.json")]) == 0
    out, err = capsys.readouterr()
    assert "weights from net.weights.h5" in err
    assert "1 pictures, 120 x 160 frames through YUV 4:2:2" in out
    assert "fitted on 5 training pairs without unfit ones." in out
    about = json.loads((tmp_path / "scores.json").read_text())["about"]
    assert about["network"]["channels"] == 4
    assert re.fullmatch("[0-9a-f]{64}", about["weights"]["sha256"])
    assert main([*argv, "--json", str(tmp_path / "scores.json"), "--split", "all"]) == 2
    assert "holds the results of another evaluation (data differ)" in capsys.readouterr().err


@pytest.mark.slow
def test_the_boards_model_beside_its_float_network(tmp_path, data, board, capsys):
    scores = tmp_path / "scores.json"
    argv = ["evaluate", "--data", str(data), "--split", "all", "--weights", board.model, "--frame", "qqvga"]
    assert main([*argv, "--float", board.weights, "--json", str(scores)]) == 0
    out, err = capsys.readouterr()
    assert "m.tflite: int8" in err and "beside it weights from m.weights.h5" in err
    content = json.loads(scores.read_text())
    assert {"network", "float"} <= set(content["summary"])
    lost = {name: each["network"]["psnr"] - each["float"]["psnr"] for name, each in content["images"].items()}
    mean, worst = sum(lost.values()) / len(lost), min(lost, key=lost.get)
    assert f"picture by picture: {mean:+.2f} dB in the mean; the worst: {worst} {lost[worst]:+.2f}" in out
    # The same bytes of the same frames: the emulator on the camera's picture.
    low, high = PairView(frame="qqvga")(*open_pairs(data).load(worst))
    mine = psnr(Emulator(board.model).restore(low), high, data_range=255)
    assert content["images"][worst]["network"]["psnr"] == pytest.approx(mine)


def only(data: Path, *names: str) -> Path:
    """The pairs without all but these."""
    for file in [file for side in ("low", "high") for file in (data / side).iterdir()]:
        if file.stem not in names:
            file.unlink()
    return data


def scores_of(tmp_path, *argv: str) -> dict:
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
    assert main(["evaluate", *SMALL, "--split", "all", "--json", str(path), *argv]) == 0
    return json.loads(path.read_text())


@pytest.mark.slow
def test_one_single_pair_is_scored_without_the_baseline_that_needs_two(tmp_path, data, capsys):
    only(data, "room")
    content = scores_of(tmp_path, "--data", str(data), "--per-image", "--picture", str(tmp_path / "case.png"))
    assert set(content["images"]) == {"room"}
    assert content["gain_gamma"] is None and "gain_gamma" not in content["summary"]
    out = capsys.readouterr().out
    assert "One gain + gamma is left out: no pair is left to fit it on" in out
    line = next(line for line in out.splitlines() if line.startswith("the network"))
    assert " to " not in line, "one picture has no interval"
    assert f"{content['summary']['network']['gt_mean_psnr']['mean']:.2f} dB" in line
    assert load_image(tmp_path / "case.png").shape[1] == 1280
    files = ["--low", str(data / "low" / "room.webp"), "--high", str(data / "high" / "room.webp")]
    assert scores_of(tmp_path, *files)["images"] == content["images"]
    assert main(["evaluate", *SMALL, "--data", str(data)]) == 2
    assert "needs two different bright photos at least" in capsys.readouterr().err


@pytest.mark.slow
def test_one_scene_and_a_list_that_holds_out_everything(tmp_path, data):
    only(data, "room", "coffee")
    (data / "validation.txt").write_text("room\ncoffee\n")
    assert "gain_gamma" not in scores_of(tmp_path, "--data", str(data))["summary"]
    (data / "validation.txt").unlink()
    for side in ("low", "high"):
        (data / side / "coffee.webp").write_bytes((data / side / "room.webp").read_bytes())
    assert "gain_gamma" not in scores_of(tmp_path, "--data", str(data))["summary"]


@pytest.mark.slow
def test_exchanged_folders_are_listed_and_scored(tmp_path, data, capsys):
    """No pair is fit to fit a curve on, which says nothing about the network."""
    content = scores_of(tmp_path, "--low", str(data / "high"), "--high", str(data / "low"))
    assert content["gain_gamma"] is None and "gain_gamma" not in content["summary"]
    assert set(content["doubtful"]) == set(content["images"])
    assert "times as bright as high" in capsys.readouterr().err


@pytest.mark.slow
def test_a_single_pair_beside_others_that_the_curve_is_fitted_on(tmp_path, data, sample_pairs):
    only(data, "room")
    content = scores_of(tmp_path, "--data", str(data), "--fit-on", str(sample_pairs))
    assert content["gain_gamma"] and "gain_gamma" in content["summary"]


@pytest.mark.slow
def test_pairs_that_may_not_belong_together_are_listed(tmp_path, data, capsys):
    (data / "low" / "room.webp").write_bytes((data / "low" / "coffee.webp").read_bytes())
    (data / "low" / "palace.webp").write_bytes((data / "high" / "palace.webp").read_bytes())
    only(data, "coffee", "room", "palace")
    save_image(data / "high" / "room.png", load_image(data / "high" / "coffee.webp")[::-1])
    (data / "high" / "room.webp").unlink()
    content = scores_of(tmp_path, "--data", str(data))
    err = capsys.readouterr().err
    assert "2 of 3 pairs may not belong together, and count all the same:" in err
    assert "  palace: low is 1.00 times as bright as high" in err
    assert re.search(r"  room: low and high correlate by -?0\.\d\d only", err)
    assert set(content["images"]) == {"coffee", "palace", "room"} and set(content["doubtful"]) == {"palace", "room"}


def test_pairs_that_cannot_be_used_are_all_named_before_any_is_scored(tmp_path, data, capsys):
    for name in ("coffee", "room"):
        picture = load_image(data / "low" / f"{name}.webp")
        save_image(data / "low" / f"{name}.webp", picture[: -8 if name == "room" else -9])
    argv = ["evaluate", *SMALL, "--split", "all", "--data", str(data), "--json", str(tmp_path / "scores.json")]
    assert main(argv) == 2
    err = capsys.readouterr().err
    assert "2 of 6 pairs cannot be used" in err and "pair coffee differ in size" in err and "pair room differ" in err
    assert not (tmp_path / "scores.json").exists()


@pytest.mark.slow
def test_folders_of_other_names_give_the_same(tmp_path, data):
    expected = scores_of(tmp_path, "--data", str(data))["images"]
    for side, other in (("low", "dim"), ("high", "lit")):
        (data / side).rename(data / other)
    assert scores_of(tmp_path, "--low", str(data / "dim"), "--high", str(data / "lit"))["images"] == expected
    (data / "dim").rename(data / "Low")
    (data / "lit").rename(data / "Normal")
    assert scores_of(tmp_path, "--data", str(data))["images"] == expected


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "pairs of photos are needed: give --data DATA, or --low DIR and --high DIR"),
        (["--low", "pairs/low"], "--low and --high belong together"),
        (["--high", "pairs/high"], "--low and --high belong together"),
        (["--data", "pairs", "--low", "pairs/low", "--high", "pairs/high"], "give one of the two"),
        (["--low", "pairs/low", "--high", "absent"], "absent: there is no such folder"),
        (["--data", "absent"], "absent: there is no such file or folder"),
    ],
)
def test_where_the_pairs_are_has_to_be_said_once(tmp_path, data, capsys, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", *SMALL, *argv]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.slow
def test_the_boards_model_takes_frames_only(data, board, capsys):
    for argv, message in (([], "give --frame qqvga"), (["--frame", "qqvga", "--preset", "nano"], "no --preset")):
        assert main(["evaluate", "--data", str(data), "--weights", board.model, *argv]) == 2
        assert message in capsys.readouterr().err
    assert main(["evaluate", "--data", str(data), *SMALL, "--float", "desk"]) == 2
    assert "--float is for an int8 .tflite file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--resize", "0"], "--resize must be at least 1 pixel, not 0"),
        (["--resize", "90", "--frame", "qqvga"], "give --resize or --frame, not both"),
        (["--camera", "rgb565"], "give --frame qqvga too"),
        (["--picture", "cases.gif"], "cannot write the format '.gif'"),
        (["--json", "absent/scores.json"], "there is no folder"),
        (["--preset", "huge"], "unknown preset 'huge'"),
        (["--preset", "1x1", "--weights", "absent.weights.h5"], "there is no file absent.weights.h5"),
        (["--fit-on", "absent"], "absent"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, data, capsys, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", "--data", str(data), *argv]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("mirnet: error:")]
    assert len(lines) == 1
    assert message in lines[0]
    assert {path.name for path in tmp_path.iterdir()} == {"pairs"}


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_cases_show_the_pictures_in_their_places(theme):
    def case(name, value):
        pictures = [np.full((12, 16, 3), value + k, np.uint8) for k in range(4)]
        return Case(name, *pictures, 8.0, 17.0, 20.0 + value, 0.7)

    sheet = draw_cases([case("a", 0), case("b", 4)], [case("c", 8)], theme, "Worst and best")
    shown = [np.asarray(axes.images[0].get_array())[0, 0, 0] * 255 for axes in sheet.axes]
    np.testing.assert_allclose(shown, np.arange(12))
    assert "Worst is a with 20.00 dB, best c with 28.00 dB" in sheet.caption
