"""Evaluation: scores are those of the definitions, means have honest intervals, and an interruption costs nothing."""

import json
import math
import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from model import MIRNet, MIRNetConfig, MirnetError, load_image, psnr, ssim
from model.data import open_pairs, split
from model.images.arrays import as_float
from model.images.camera_formats import rgb565_to_rgb, rgb_to_rgb565, rgb_to_yuv422, to_frame, yuv422_to_rgb
from model.inference.tiling import enhance
from model.quality.baselines import GainGamma
from model.quality.evaluate import evaluate, fit_curve
from model.quality.scores import METHODS, Results, interval
from model.quality.view import PairView
from model.samples import SAMPLES
from model.zoo import seed_weights

LOL = os.environ.get("MIRNET_LOL", "")

FLOAT = 1e-6
"""dB and SSIM: float64 sums in another order."""


@pytest.fixture
def data(tmp_path) -> Path:
    folder = tmp_path / "pairs"
    for side in ("low", "high"):
        (folder / side).mkdir(parents=True)
    for sample in SAMPLES[:4]:
        (folder / "low" / f"{sample.name}.webp").write_bytes(sample.dark.read_bytes())
        (folder / "high" / f"{sample.name}.webp").write_bytes(sample.reference.read_bytes())
    return folder


@pytest.fixture(scope="module")
def net():
    network = MIRNet(MIRNetConfig(channels=4, groups=1, blocks=1, streams=2, columns=1))
    seed_weights(network)
    return network


class TestView:
    LOW, HIGH = (load_image(side.read_bytes()) for side in (SAMPLES[0].dark, SAMPLES[0].reference))

    def test_full_size_changes_nothing(self):
        low, high = PairView()(self.LOW, self.HIGH)
        assert low is self.LOW and high is self.HIGH

    def test_resize_is_the_longer_side(self):
        low, high = PairView(resize=90)(self.LOW, self.HIGH)
        assert low.shape == high.shape and max(low.shape) == 90

    def test_the_board_sees_a_frame_and_only_the_dark_one_through_the_cameras_bytes(self):
        low, high = PairView(frame="qqvga")(self.LOW, self.HIGH)
        np.testing.assert_array_equal(low, yuv422_to_rgb(rgb_to_yuv422(to_frame(self.LOW))))
        np.testing.assert_array_equal(high, to_frame(self.HIGH))
        assert low.shape == (120, 160, 3)

    def test_other_bytes_of_the_camera(self):
        frame = to_frame(self.LOW)
        np.testing.assert_array_equal(PairView(frame="qqvga", camera="rgb")(self.LOW, self.HIGH)[0], frame)
        found, _ = PairView(frame="qqvga", camera="rgb565")(self.LOW, self.HIGH)
        np.testing.assert_array_equal(found, rgb565_to_rgb(rgb_to_rgb565(frame)))

    @pytest.mark.parametrize(
        "wrong",
        [{"resize": -1}, {"frame": "vga"}, {"frame": "qqvga", "camera": "raw"}, {"resize": 90, "frame": "qqvga"}],
    )
    def test_what_does_not_go_is_refused(self, wrong):
        with pytest.raises(MirnetError, match=r"resize|frame|camera"):
            PairView(**wrong)


class TestInterval:
    def test_it_is_that_of_the_normal_distribution_for_many_pictures(self):
        scores = np.random.default_rng(0).normal(20, 3, 400)
        found = interval(scores)
        half = 1.96 * scores.std() / math.sqrt(400)
        assert found.mean == pytest.approx(scores.mean())
        assert found.low == pytest.approx(scores.mean() - half, abs=0.1 * half)
        assert found.high == pytest.approx(scores.mean() + half, abs=0.1 * half)

    def test_it_covers_the_truth_as_often_as_it_says(self):
        rng = np.random.default_rng(1)
        hits = 0
        for _ in range(100):
            found = interval(rng.normal(20, 3, 70))
            hits += found.low <= 20 <= found.high
        assert hits >= 88  # of 100, where 95 are expected: 88 or fewer happen once in 300 times

    def test_the_same_scores_give_the_same_interval(self):
        assert interval([18.0, 20.0, 25.0]) == interval([18.0, 20.0, 25.0])

    def test_identical_pictures_do_not_make_nonsense(self):
        found = interval([20.0, math.inf])
        assert found.mean == math.inf and not math.isnan(found.low) and not math.isnan(found.high)


class TestEvaluate:
    def scored(self, net, data, path=None, names=None, view=None):
        pairs = open_pairs(data)
        results = Results({"what": "test"}, path)
        results.curve = results.curve or GainGamma(3.0, 0.7)
        evaluate({"network": partial(enhance, net)}, pairs, names or pairs.names, view or PairView(resize=64), results)
        return pairs, results

    def test_scores_are_those_of_the_definitions(self, net, data):
        pairs, results = self.scored(net, data)
        assert list(results.images) == list(pairs.names)
        for name in pairs.names:
            low, high = PairView(resize=64)(*pairs.load(name))
            height, width = low.shape[:2]
            even = ((0, height % 2), (0, width % 2), (0, 0))  # for two streams
            output = np.asarray(net(np.pad(as_float(low), even, mode="reflect")[None]))[0, :height, :width]
            by_hand = {
                "as_is": low,
                "gain_gamma": np.rint(np.clip(3 * (low / 255) ** 0.7, 0, 1) * 255).astype(np.uint8),
                "network": np.rint(np.clip(output, 0, 1) * 255).astype(np.uint8),
            }
            for method, picture in by_hand.items():
                # On data in [0, 1]: the 48.13 dB trap would show here.
                a, b = picture / 255, high / 255
                assert results.images[name][method]["psnr"] == pytest.approx(psnr(a, b, data_range=1), abs=0.01)
                assert results.images[name][method]["ssim"] == pytest.approx(ssim(a, b, data_range=1), abs=1e-3)
                mean = [(side @ [0.299, 0.587, 0.114]).mean() for side in (picture, high)]
                scaled = np.rint(np.clip(picture * (mean[1] / mean[0]), 0, 255)).astype(np.uint8)
                expected = psnr(scaled, high, data_range=255)
                assert results.images[name][method]["gt_mean_psnr"] == pytest.approx(expected, abs=0.01)
            assert set(results.images[name]) == set(METHODS) - {"float"}

    def test_the_oracle_is_the_best_of_the_curves(self, net, data):
        _, results = self.scored(net, data)
        for scores in results.images.values():
            assert scores["oracle"]["psnr"] >= scores["gain_gamma"]["psnr"] - 0.02
            assert scores["oracle"]["psnr"] >= scores["as_is"]["psnr"] - 0.02

    def test_summary_and_rank(self, net, data):
        _, results = self.scored(net, data)
        summary = results.finish()
        values = [scores["clahe"]["ssim"] for scores in results.images.values()]
        assert summary["clahe"]["ssim"].mean == pytest.approx(np.mean(values), abs=FLOAT)
        assert min(values) <= summary["clahe"]["ssim"].low <= summary["clahe"]["ssim"].high <= max(values)
        ranked = [results.images[name]["network"]["psnr"] for name in results.ranked()]
        assert ranked == sorted(ranked)

    def test_an_interrupted_evaluation_goes_on(self, net, data, tmp_path, monkeypatch):
        path = tmp_path / "scores.json"
        pairs, whole = self.scored(net, data, tmp_path / "whole.json")
        self.scored(net, data, path, names=pairs.names[:2])
        loaded = []
        load = type(pairs).load
        monkeypatch.setattr(type(pairs), "load", lambda self, name: loaded.append(name) or load(self, name))
        _, results = self.scored(net, data, path)
        assert loaded == list(pairs.names[2:])
        assert results.images == whole.images
        results.finish()
        content = json.loads(path.read_text())
        assert content["gain_gamma"] == {"gain": 3.0, "gamma": 0.7}
        assert content["summary"]["network"]["psnr"]["mean"] == pytest.approx(np.mean(whole.of("network", "psnr")))

    def test_other_results_are_not_mixed(self, net, data, tmp_path):
        path = tmp_path / "scores.json"
        self.scored(net, data, path)
        before = path.read_text()
        with pytest.raises(MirnetError, match=r"another evaluation \(what differ\); choose another name"):
            Results({"what": "something else"}, path)
        path.with_name("notes.json").write_text("[1, 2]")
        with pytest.raises(MirnetError, match="holds no results of an evaluation"):
            Results({"what": "test"}, path.with_name("notes.json"))
        assert path.read_text() == before

    def test_scores_of_before_gt_mean_are_computed_again(self, net, data, tmp_path):
        path = tmp_path / "scores.json"
        pairs, whole = self.scored(net, data, path)
        content = json.loads(path.read_text())
        for scores in content["images"][pairs.names[1]].values():
            del scores["gt_mean_psnr"]
        path.write_text(json.dumps(content))
        assert self.scored(net, data, path)[1].images == whole.images

    def test_without_pairs_to_fit_on_one_baseline_is_left_out(self, net, data):
        pairs = open_pairs(data)
        results = Results({})
        evaluate({"network": partial(enhance, net)}, pairs, pairs.names[:1], PairView(64), results, with_curve=False)
        assert set(results.finish()) == set(METHODS) - {"float", "gain_gamma"}

    def test_two_networks_side_by_side(self, net, data):
        pairs = open_pairs(data)
        results = Results({})
        results.curve = GainGamma(3.0, 0.7)
        evaluate(
            {"network": lambda low: low, "float": partial(enhance, net)}, pairs, pairs.names, PairView(64), results
        )
        _, alone = self.scored(net, data)
        assert results.of("float", "psnr") == alone.of("network", "psnr")
        assert results.of("network", "psnr") == alone.of("as_is", "psnr")
        assert set(results.finish()) == set(METHODS)

    def test_the_curve_must_be_there(self, net, data):
        pairs = open_pairs(data)
        with pytest.raises(MirnetError, match="fit_curve"):
            evaluate({"network": partial(enhance, net)}, pairs, pairs.names, PairView(), Results({}))

    def test_pictures_too_small_for_ssim_are_refused(self, net, data):
        with pytest.raises(MirnetError, match="window of 11 x 11"):
            self.scored(net, data, view=PairView(resize=10))


def test_the_curve_is_fitted_on_what_it_is_told_and_a_network_would_learn_from(data):
    pairs = open_pairs(data)
    alone = fit_curve(pairs, pairs.names[:1], PairView(resize=64))
    bright = data / "high" / f"{pairs.names[1]}.webp"
    (data / "low" / f"{pairs.names[1]}.webp").write_bytes(bright.read_bytes())  # not dark at all
    assert fit_curve(pairs, pairs.names[:2], PairView(resize=64)) == alone


def test_the_curve_follows_the_pairs(data):
    pairs = open_pairs(data)
    first, second = (fit_curve(pairs, [name], PairView(resize=64)) for name in pairs.names[:2])
    assert first != second
    seen = []
    fit_curve(pairs, pairs.names[:2], PairView(resize=64), lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


LOL_NUMBERS = {"as_is": 7.9, "gain_gamma": 17.0}
"""dB on LOL's 70 validation pairs at 160 x 120, as they are known."""


@pytest.mark.slow
def test_the_known_baselines_of_lol(require):
    require(LOL, "needs LOL's training half: set MIRNET_LOL to the folder that holds our485 and validation.txt")
    pairs = open_pairs(Path(LOL) / "our485")
    parts = split(pairs)
    assert len(parts.validation) == 70
    view = PairView(frame="qqvga")
    curve = fit_curve(pairs, parts.training, view)
    scores = {"as_is": [], "gain_gamma": []}
    for name in parts.validation:
        low, high = view(*pairs.load(name))
        scores["as_is"].append(psnr(low, high, data_range=255))
        scores["gain_gamma"].append(psnr(curve(low), high, data_range=255))
    for method, known in LOL_NUMBERS.items():
        assert np.mean(scores[method]) == pytest.approx(known, abs=0.1)
