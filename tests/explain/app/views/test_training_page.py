"""The page on training without a browser: curves, the table, the study of the package, the shipped logs."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from explain.app.charts.line_chart import Line, line_chart, smoothed
from explain.app.compute.photos import sample_photo
from explain.app.data.study_results import Study, photo_file, read_study, ship_study, shipped_study
from explain.app.views.training.shipped_networks import framed, score
from explain.app.views.training.study_table import all_numbers, budget, table, verdict, without_learning
from explain.app.views.training.training_logs import board_card, own_training, recipe_text, trained
from explain.figures import THEMES
from model.config import preset
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.quality.metrics import psnr
from model.quality.scores import Interval
from model.samples import load_sample
from model.training.checkpoint import LogRow
from model.training.run_log import write_card, write_log
from model.weights.shipped_weights import SHIPPED
from model.zoo import seed_weights

LIGHT = THEMES["light"]
WEBP = 0.3  # dB: what the photos lose as files

# Curves.


def test_smoothing_takes_no_later_value():
    points = [(1, 4.0), (2, 2.0), (3, 0.0), (4, 6.0)]
    assert smoothed(points, 1) == points
    assert smoothed(points, 3) == [(1, 4.0), (2, 3.0), (3, 2.0), (4, pytest.approx(8 / 3))]


def test_a_chart_draws_every_line_and_names_it(charts):
    lines = [Line("3 × 2", [(0, 1.0), (50, 2.0), (100, 4.0)]), Line("<b>", [(50, 3.0)])]
    line_chart(lines, LIGHT, "Sizes", unit=" dB")
    [chart] = charts
    assert chart.label == "Sizes: 3 × 2 ends at 4 dB; <b> ends at 3 dB"
    assert chart.rows[1] == {"line": "3 × 2", "step": 50, "value": 2.0} and len(chart.rows) == 4
    [drawn] = chart.encodings("line")
    assert drawn["color"]["scale"] == {"domain": ["3 × 2", "<b>"], "range": list(LIGHT.streams[:2])}
    assert drawn["color"]["legend"] and drawn["x"]["title"] == "steps"
    assert drawn["y"]["scale"] == {"zero": False}
    assert [tip["field"] for tip in chart.encodings("point")[0]["tooltip"]] == ["line", "step", "value"]


def test_one_line_needs_no_legend_and_a_steep_fall_is_drawn_by_ratios(charts):
    line_chart([Line("3 × 2", [(0, 1.0), (50, 2.0), (100, 4.0)])], LIGHT, "Sizes", log=True)
    [drawn] = charts[0].encodings("line")
    assert drawn["y"]["scale"]["type"] == "log" and drawn["color"]["legend"] is None


def test_five_curves_have_five_colours_and_dashes(charts):
    line_chart([Line(str(k), [(0, 20.5), (100, 21.5 + k / 10)]) for k in range(5)], LIGHT, "Sizes")
    [drawn] = charts[0].encodings("line")
    assert (
        len(set(drawn["color"]["scale"]["range"])) == len(set(map(tuple, drawn["strokeDash"]["scale"]["range"]))) == 5
    )


# The study.


def test_the_study_of_the_package_is_whole():
    study = shipped_study()
    assert {entry.size for entry in study.sizes} == set(study.curves) == {"3x2", "3x3", "3x1", "1x1", "2x2"}
    assert all(rows[-1].step == study.plan.steps and rows[-1].validation_psnr for rows in study.curves.values())
    for name, scores in study.photos.items():
        dark, bright = load_sample(name)
        assert set(scores) == set(study.curves)
        for size, reached in scores.items():
            picture = np.asarray(Image.open(photo_file(name, size)).convert("RGB"))
            assert psnr(picture, bright, data_range=255) == pytest.approx(reached, abs=WEBP)
            assert reached > psnr(dark, bright, data_range=255) + 3, "no better than the dark photo"


def test_the_table_and_its_verdict_follow_the_numbers(charts, monkeypatch):
    tables = []
    monkeypatch.setattr("streamlit.caption", lambda _: None)
    monkeypatch.setattr("streamlit.dataframe", lambda rows, **_: tables.append(rows))
    study = shipped_study()
    all_numbers(table(study, LIGHT))
    [rows], [chart] = tables, charts
    assert len(rows) == len(chart.rows) == len(study.sizes) + 3
    for entry in study.sizes:
        row = next(row for row in rows if row["parameters"] == entry.parameters)
        assert (row["psnr"], row["ssim"]) == (entry.psnr.mean, entry.ssim.mean)
        assert row["psnr95"] == f"{entry.psnr.low:.2f} to {entry.psnr.high:.2f}"
        drawn = next(drawn for drawn in chart.rows if drawn["name"] == row["name"])
        assert (drawn["low"], drawn["psnr"], drawn["high"]) == (entry.psnr.low, entry.psnr.mean, entry.psnr.high)
    assert chart.encodings("rule")[0]["x2"]["field"] == "high" and chart.encodings("point")[0]["x"]["field"] == "psnr"
    assert chart.column("kind")[-4:] == ["a network", *3 * ["without learning"]]
    assert "1,200 steps of 8 crops of 64 × 64 pixels" in budget(study) and "not the paper's numbers" in budget(study)
    assert "All intervals overlap" in verdict(study)
    apart = [
        replace(entry, psnr=Interval(10.0 * k, 10.0 * k - 1, 10.0 * k + 1)) for k, entry in enumerate(study.sizes, 1)
    ]
    assert "overlap" not in verdict(replace(study, sizes=tuple(apart)))
    names = ["1 × 1", "3 × 1", "2 × 2", "3 × 2", "3 × 3"]
    assert [row["name"] for row in rows[:5]] == names, "not by their parameters"
    oracle = study.baselines["oracle"]
    assert f"{oracle[0].mean:.2f} dB" in without_learning(study) and f"{oracle[1].mean:.3f}" in without_learning(study)
    assert "looking at the answer" in without_learning(study) and "at full size" in without_learning(study)
    one = replace(study, sizes=study.sizes[:1])
    assert verdict(one) == f"3 × 2 came furthest, {study.sizes[0].psnr.mean:.2f} dB."
    all_numbers(table(one, LIGHT))
    assert len(tables[1]) == len(charts[1].rows) == 1 + 3


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A study's folder of which one trial is finished."""
    folder = tmp_path_factory.mktemp("study")
    net = MIRNet(preset("1x1").replace(channels=4))
    seed_weights(net)
    trial = folder / "1x1"
    trial.mkdir()
    net.save_weights(trial / "net.weights.h5")
    write_card(trial, {"network": net.config.to_dict()})
    rows = [LogRow(1, 0.123456789, 1e-3, 5.0), LogRow(2, 0.1, 1e-4, 9.0, 17.25)]
    write_log(trial, rows)
    wide = {"mean": 18.0, "low": 17.0, "high": 19.0}
    entry = {"size": "1x1", "parameters": 5, "macs": 7, "psnr": wide, "ssim": wide, "training_seconds": 9.0}
    plan = {"sizes": ["3x2", "1x1"], "channels": 4, "steps": 2}
    baselines = {name: {"psnr": wide, "ssim": wide} for name in ("network", "as_is")}
    content = {"plan": plan, "entries": [entry], "baselines": baselines}
    (folder / "study.json").write_text(json.dumps(content))
    return folder


@pytest.mark.slow
def test_a_study_is_copied_as_far_as_it_is(run, tmp_path):
    (tmp_path / "room-3x2.webp").write_bytes(b"of an older study")
    steps = []
    made = ship_study(run, lambda *step: steps.append(step), tmp_path)
    assert steps == [(0, 1), (1, 1)]
    assert set(made) == set(tmp_path.iterdir()), "something else was left there"
    study = read_study(tmp_path)
    assert isinstance(study, Study) and study.plan.sizes == ("1x1",) and study.plan.steps == 2
    assert study.sizes[0].parameters == 5 and set(study.baselines) == {"as_is"}
    assert study.curves == {"1x1": (LogRow(1, 0.12346, 1e-3, 0.0), LogRow(2, 0.1, 1e-4, 0.0, 17.25))}
    assert "seconds" not in (tmp_path / "study.json").read_text()
    for name, scores in study.photos.items():
        picture = np.asarray(Image.open(photo_file(name, "1x1", tmp_path)).convert("RGB"))
        assert psnr(picture, load_sample(name)[1], data_range=255) == pytest.approx(scores["1x1"], abs=WEBP)


def test_what_is_no_study_is_refused(run, tmp_path):
    (tmp_path / "study.json").write_text('{"plan": {"sizes": ["1x1"]}}')
    with pytest.raises(MirnetError, match="no finished study"):
        ship_study(tmp_path, lambda done, total: None, tmp_path / "out")
    with pytest.raises(MirnetError, match="copy it anew"):
        read_study(tmp_path)


# The shipped networks.


def test_the_shipped_networks_tell_of_their_training():
    assert [one.shipped for one in trained()] == list(SHIPPED.values())
    for one in trained():
        assert one.log[-1].validation_psnr and one.card.startswith("#### Model card")
        assert "\n## " not in one.card and str(one.shipped.sha256) in one.card
    assert board_card().startswith("#### Model card: `nano`")


def test_a_recipe_in_words():
    recipe = {"steps": 2400, "batch": 2, "crop": 128, "frame": "", "int8": False}
    text = "2,400 steps of 2 crops of 128 × 128 pixels, from a random start"
    assert recipe_text({"recipe": recipe, "start": {"weights": "random", "seed": 0}}) == text
    framed = recipe | {"frame": "qqvga", "int8": True}
    text = (
        "2,400 steps of 2 whole frames, with quantization-aware training (QAT), "
        "from the weights of a training before it"
    )
    assert recipe_text({"recipe": framed, "start": {"weights": "x.h5"}}) == text


def test_the_frame_is_what_the_board_sees():
    dark, bright = framed(sample_photo("palace", 4))
    assert dark.shape == bright.shape == (120, 160, 3)
    assert score(bright, bright) == np.inf and score(dark, None) is None
    assert score(dark, bright) < 12


def test_a_run_folder_tells_as_much_as_it_holds(tmp_path):
    rows = [LogRow(1, 0.5, 1e-3, 1.0), LogRow(2, 0.25, 1e-3, 2.0, 9.5)]
    write_log(tmp_path, rows)
    bare = own_training(tmp_path)
    assert (bare.log, bare.recipe, bare.loss, bare.frame) == (tuple(rows), "", "charbonnier", False)
    recipe = {"steps": 2, "batch": 1, "crop": 16, "frame": "qqvga", "loss": "psnr"}
    write_card(tmp_path, {"recipe": recipe, "start": {"weights": "random"}})
    whole = own_training(tmp_path)
    assert (whole.recipe, whole.loss, whole.frame) == ("2 steps of 1 whole frames, from a random start", "psnr", True)
    (tmp_path / "run.json").write_text("{}")
    assert own_training(tmp_path) == bare
    for content in ("step\n", "no log at all"):
        (tmp_path / "log.csv").write_text(content)
        with pytest.raises(MirnetError, match="row yet"):
            own_training(tmp_path)
