"""`mirnet study`: the same table serially and side by side, trials that go on, and what is refused."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from explain.analysis.study import StudyPlan
from explain.analysis.trials import run_study
from explain.cli.main import main
from model import load_image
from model.errors import MirnetError
from model.training.run_log import read_card, read_log

TINY = ["--sizes", "1x1,3x1", "--channels", "4", "--steps", "3", "--batch", "1", "--crop", "16", "--resize", "96"]


@pytest.fixture(scope="module")
def data(sample_pairs) -> Path:
    return sample_pairs


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def serial(data, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("serial")
    assert main(["study", "--data", str(data), "-o", str(folder), *TINY, "--workers", "1"]) == 0
    return folder


def scores(folder: Path) -> list[tuple]:
    """Everything in the table but times, which differ from run to run."""
    entries = json.loads((folder / "study.json").read_text())["entries"]
    assert len(entries) == 2
    return [
        (
            entry["size"],
            entry["parameters"],
            entry["macs"],
            round(entry["psnr"]["mean"], 2),
            round(entry["ssim"]["mean"], 3),
        )
        for entry in entries
    ]


@pytest.mark.slow
def test_a_table_a_picture_and_all_logs(serial):
    table = (serial / "study.md").read_text()
    assert re.search(r"3 steps of 1 crops of 16 × 16 pixels .*4 channels", table)
    assert re.search(r"\| 1 × 1 \| [\d,]+ \| \d\.\d\d \| \d+\.\d\d \[", table)
    assert "one gain + gamma" in table
    assert load_image(serial / "study.png").shape[1] > 1000
    for size in ("1x1", "3x1"):
        assert read_log(serial / size / "log.csv")[-1].step == 3
        assert (serial / size / "net.weights.h5").exists() and (serial / size / "curve.png").exists()
    study = json.loads((serial / "study.json").read_text())
    assert study["plan"]["steps"] == 3 and study["machine"]["cores"]


@pytest.mark.slow
def test_side_by_side_on_ray_gives_the_same_table(serial, data, tmp_path, require):
    require(find_spec("ray"), "needs ray: pip install 'mirnet-explainer[study]'")
    argv = ["study", "--data", str(data), "-o", str(tmp_path / "ray"), *TINY, "--workers", "2"]
    run = subprocess.run([sys.executable, "-m", "mirnet_explainer", *argv], capture_output=True, text=True, timeout=500)
    assert run.returncode == 0, run.stderr
    assert "2 of 2 sizes done" in run.stderr
    assert scores(tmp_path / "ray") == scores(serial)


@pytest.mark.slow
def test_a_trial_that_was_stopped_goes_on_and_a_finished_one_is_left_alone(serial, data, tmp_path, capsys):
    plan = StudyPlan(("1x1",), 4, 3, 1, 16, resize=96)
    argv = ["--data", str(data), "-o", str(tmp_path / "1x1")]
    argv += ["--preset", "1x1", "--channels", "4", "--steps", "3", "--batch", "1", "--crop", "16"]
    assert main(["train", *argv, "--stop-after", "0"]) == 0
    assert not read_card(tmp_path / "1x1")["result"]["finished"]
    run_study(plan, str(data), tmp_path)
    assert read_card(tmp_path / "1x1")["result"]["finished"]
    assert [row.step for row in read_log(tmp_path / "1x1" / "log.csv")] == [1, 2, 3]
    first = json.loads((serial / "1x1" / "scores.json").read_text())["summary"]["network"]
    again = json.loads((tmp_path / "1x1" / "scores.json").read_text())["summary"]["network"]
    assert again["psnr"]["mean"] == pytest.approx(first["psnr"]["mean"], abs=0.005)
    before = (tmp_path / "1x1" / "net.weights.h5").stat().st_mtime_ns
    run_study(plan, str(data), tmp_path)
    assert (tmp_path / "1x1" / "net.weights.h5").stat().st_mtime_ns == before


@pytest.mark.slow
def test_another_study_in_the_folder_is_refused(serial, data, capsys):
    assert main(["study", "--data", str(data), "-o", str(serial), *TINY, "--seed", "1"]) == 2
    assert "holds another study (seed differ)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--sizes", "1x1,9x9"], "unknown preset '9x9'"),
        (["--workers", "0"], "--workers must be at least 1"),
        (["--channels", "0"], "channels must be an integer"),
        (["-o", __file__], "is a file; give a folder"),
    ],
)
def test_nonsense_is_refused(data, tmp_path, capsys, argv, message):
    assert main(["study", "--data", str(data), "-o", str(tmp_path), *argv]) == 2
    assert message in capsys.readouterr().err


def test_without_ray_one_line_says_how_to_get_it(data, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MirnetError, match=r"pip install 'mirnet-explainer\[study\]', or run them with --workers 1"):
        run_study(StudyPlan(("1x1",)), str(data), tmp_path, workers=2)
