"""Training as it should be: the loss falls, a killed run ends as an unbroken one, and nonsense stops it in time."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from model import MIRNet, MIRNetConfig, MirnetError, psnr
from model.data.prefetch import prefetched
from model.images.arrays import as_float
from model.samples import SAMPLES, load_sample
from model.training import checkpoint
from model.training.checkpoint import load_checkpoint
from model.training.loop import WEIGHTS, Watcher, steps_within, train
from model.training.recipe import Recipe
from model.training.run_log import Events, machine, read_card, read_log, versions
from model.training.step import training_step
from model.zoo import load_network, seed_weights

TINY = MIRNetConfig(channels=8, groups=1, blocks=1, streams=2, columns=1)

BACKENDS_AGREE = 1e-4
"""What two backends' losses may differ by after 20 steps: float32 sums in another order."""


class SampleCrops:
    """Crops of the samples; the batch of a step depends on the seed and the step alone."""

    def __init__(self, size=16, batch=4, seed=0):
        self.size, self.count, self.seed = size, batch, seed
        self.pairs = [tuple(as_float(side) for side in load_sample(sample.name)) for sample in SAMPLES]

    def batch(self, step):
        rng = np.random.default_rng([self.seed, step])
        return tuple(np.stack(side) for side in zip(*(self._crop(rng) for _ in range(self.count)), strict=True))

    def _crop(self, rng):
        low, high = self.pairs[rng.integers(len(self.pairs))]
        top, left = (rng.integers(length - self.size + 1) for length in low.shape[:2])
        here = np.s_[top : top + self.size, left : left + self.size]
        return low[here], high[here]


class Poisoned(SampleCrops):
    """Good crops up to a step, then a NaN."""

    def __init__(self, good):
        super().__init__()
        self.good = good

    def batch(self, step):
        low, high = super().batch(step)
        return (low if step < self.good else low * np.nan), high


def network(seed=0):
    net = MIRNet(TINY)
    seed_weights(net, seed)
    return net


class TestRecipe:
    def test_the_rate_rises_then_falls_along_a_cosine(self):
        recipe = Recipe(steps=2000, learning_rate=1e-3)
        rates = np.array([recipe.rate_at(step) for step in range(2000)])
        assert rates[0] == pytest.approx(1e-3 / recipe.warm_up)
        assert rates.argmax() == recipe.warm_up - 1 or rates.argmax() == recipe.warm_up
        assert rates.max() == pytest.approx(1e-3)
        middle = recipe.warm_up + (2000 - recipe.warm_up) // 2
        assert rates[middle] == pytest.approx(1e-3 * (1 + 1 / 200) / 2)
        assert rates[-1] == pytest.approx(1e-3 / 200, rel=0.01)
        assert (np.diff(rates[recipe.warm_up :]) < 0).all()

    def test_the_average_forgets_the_start(self):
        recipe = Recipe(steps=10)
        left = np.prod([recipe.ema_decay_at(step) for step in range(100)])
        assert left < 1e-9  # what is left of the first weights after 100 steps
        assert recipe.ema_decay_at(10**6) == 0.999

    @pytest.mark.parametrize(
        "wrong",
        [
            {"steps": 0},
            {"steps": 2.5},
            {"batch": 0},
            {"crop": -8},
            {"learning_rate": 0.0},
            {"clip": float("inf")},
            {"precision": "float16"},
            {"loss": "l1"},
        ],
    )
    def test_a_wrong_number_is_named(self, wrong):
        ((name, value),) = wrong.items()
        with pytest.raises(MirnetError, match=f"{name} must be .* not {value!r}"):
            Recipe(**{"steps": 10} | wrong)


class TestPrefetch:
    @pytest.mark.parametrize("workers", [1, 3])
    def test_the_order_is_that_of_the_steps(self, workers):
        class Slow:
            def batch(self, step):
                time.sleep(0.001 * (step % 3))
                return step, -step

        assert list(prefetched(Slow(), range(5, 25), workers)) == [(step, -step) for step in range(5, 25)]

    def test_an_error_in_a_thread_is_raised(self):
        class Broken:
            def batch(self, step):
                raise MirnetError(f"picture {step} is broken")

        with pytest.raises(MirnetError, match="picture 3 is broken"):
            list(prefetched(Broken(), range(3, 9)))


@pytest.fixture(scope="module")
def made_step():
    return training_step(network())


@pytest.fixture
def step(made_step):
    """A step that has not been taken: a compiled one, given back as it was."""
    before = made_step.read()
    yield made_step
    made_step.write(before)


class TestStep:
    @pytest.mark.slow
    def test_a_step_is_adam_on_the_clipped_gradient(self):
        """Against Adam's formula: after one step every weight has moved by the rate, whatever the gradient's size."""
        net = network()
        before = net.get_weights()
        step = training_step(net, clip=1.0)
        low, high = SampleCrops().batch(0)
        loss = float(step(low, high, 1e-3, 0.0))
        same = MIRNet(TINY)
        same.set_weights(before)
        restored = np.asarray(same(low))
        assert loss == pytest.approx(np.sqrt((restored - high) ** 2 + 1e-6).mean(), rel=1e-5)
        for index in (0, -1):  # the first and the last convolution; Adam's first step is the rate times the sign
            moved = step.read()[: len(before)][index] - before[index]
            np.testing.assert_allclose(np.median(np.abs(moved)), 1e-3, rtol=1e-2)
            assert np.abs(moved).max() < 1.001e-3

    @pytest.mark.slow
    def test_long_gradients_are_shortened(self):
        """Adam does not see a gradient's length until it comes near its own epsilon of 1e-7."""
        net = network()
        before = net.get_weights()
        step = training_step(net, clip=1e-10)
        step(*SampleCrops().batch(0), 1e-3, 0.0)
        moves = [np.abs(new - old).max() for new, old in zip(step.read(), before, strict=False)]
        assert 0 < max(moves) < 1e-3 * 1e-10 / 1e-7

    @pytest.mark.slow
    def test_the_average_follows_the_weights(self, step):
        crops, count = SampleCrops(), len(step.averages)
        expected = step.averaged_weights()
        for k in range(3):
            step(*crops.batch(k), 1e-3, 0.75)
            now = step.read()[:count]
            expected = [0.75 * average + 0.25 * weight for average, weight in zip(expected, now, strict=True)]
        for average, value in zip(step.averaged_weights(), expected, strict=True):
            np.testing.assert_allclose(average, value, rtol=1e-5, atol=1e-7)

    @pytest.mark.slow
    def test_going_back_is_exact(self, step):
        crops = SampleCrops()
        step(*crops.batch(0), 1e-3, 0.5)
        there = step.read()
        first = float(step(*crops.batch(1), 1e-3, 0.5)), step.read()
        step.write(there)
        again = float(step(*crops.batch(1), 1e-3, 0.5)), step.read()
        assert first[0] == pytest.approx(again[0], rel=1e-6)
        for a, b in zip(first[1], again[1], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-7)

    def test_another_networks_state_is_refused(self, step):
        state = step.read()
        other = training_step(MIRNet(TINY.replace(channels=16)))
        with pytest.raises(MirnetError, match="another network"):
            other.write(state)

    @pytest.mark.slow
    def test_mixed_precision_keeps_weights_and_loss_in_float32(self):
        net = MIRNet(TINY, dtype="mixed_bfloat16")
        seed_weights(net)
        low, high = SampleCrops().batch(0)
        assert keras.backend.standardize_dtype(net(low).dtype) == "bfloat16"
        loss = training_step(net)(low, high, 1e-3, 0.5)
        assert keras.backend.standardize_dtype(loss.dtype) == "float32"
        assert {str(weight.dtype) for weight in net.get_weights()} == {"float32"}
        exact = float(training_step(network())(low, high, 1e-3, 0.5))
        assert float(loss) == pytest.approx(exact, rel=0.02)


class TestTrain:
    @pytest.mark.slow
    def test_the_loss_falls_and_the_average_restores(self, tmp_path):
        """80 steps on the samples' crops: the error that is left is less than half of that at the start."""
        net, crops = network(), SampleCrops()
        recipe = Recipe(steps=80, batch=4, crop=16, learning_rate=4e-3)
        outcome = train(net, crops, recipe, tmp_path)
        assert outcome.finished
        losses = [row.loss for row in outcome.rows]
        epsilon = net_loss_of_equal_pictures = 1e-3
        assert np.mean(losses[-10:]) - epsilon < 0.5 * (losses[0] - net_loss_of_equal_pictures)
        low, high = SampleCrops(seed=1).batch(0)
        restored = np.clip(np.asarray(net(low)), 0, 1)
        as_is = np.mean([psnr(a, b, data_range=1) for a, b in zip(low, high, strict=True)])
        restored_psnr = np.mean([psnr(a, b, data_range=1) for a, b in zip(restored, high, strict=True)])
        assert restored_psnr > as_is + 3

    @pytest.mark.slow
    def test_what_is_left_in_the_folder(self, tmp_path):
        seen = []

        class Notes(Watcher):
            def stepped(self, done, steps):
                seen.append((done, steps))

        net = network()
        recipe = Recipe(steps=12, batch=2, crop=16)
        outcome = train(
            net,
            SampleCrops(batch=2),
            recipe,
            tmp_path,
            card={"data": "samples"},
            validate=lambda net: 12.5,
            watcher=Notes(),
        )
        assert seen == [(done, 12) for done in range(1, 13)]
        assert [row.step for row in outcome.rows] == list(range(1, 13))
        assert [row.validation_psnr for row in outcome.rows] == [None] * 9 + [12.5, None, 12.5]
        assert read_log(tmp_path / "log.csv") == outcome.rows
        card = read_card(tmp_path)
        assert card["data"] == "samples"
        assert card["recipe"] == recipe.to_dict()
        assert card["network"] == TINY.to_dict()
        assert card["result"]["step"] == 12 and card["result"]["finished"]
        shipped, _ = load_network(TINY, tmp_path / WEIGHTS)
        for a, b in zip(shipped.get_weights(), net.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)

        for name in ("log.csv", WEIGHTS):  # killed after the last checkpoint, before these
            (tmp_path / name).unlink()
        train(network(), SampleCrops(batch=2), recipe, tmp_path)
        assert read_log(tmp_path / "log.csv") == outcome.rows
        again, _ = load_network(TINY, tmp_path / WEIGHTS)
        np.testing.assert_array_equal(again.get_weights()[0], shipped.get_weights()[0])

    @pytest.mark.slow
    def test_time_that_is_up_ends_a_round_early(self, tmp_path):
        recipe = Recipe(steps=400, batch=2, crop=16)
        outcome = train(network(), SampleCrops(batch=2), recipe, tmp_path, seconds=0.0)
        assert not outcome.finished
        assert len(outcome.rows) == 1  # so that even calls that are too short end one day

    @pytest.mark.slow
    def test_nan_stops_with_the_last_good_checkpoint(self, tmp_path):
        recipe = Recipe(steps=300, batch=4, crop=16)  # rounds of 3
        with pytest.raises(MirnetError, match=r"loss of step 8 is nan.*checkpoint of step 6 is kept.*--init-from"):
            train(network(), Poisoned(good=7), recipe, tmp_path)
        assert [row.step for row in read_log(tmp_path / "log.csv")] == [3, 6]
        shipped, _ = load_network(TINY, tmp_path / WEIGHTS)
        assert all(np.isfinite(weight).all() for weight in shipped.get_weights())

    @pytest.mark.slow
    def test_a_full_disk_stops_with_the_last_good_checkpoint(self, tmp_path, monkeypatch):
        """The disk is full from the third checkpoint on; with room again, the training goes on."""
        recipe = Recipe(steps=5, batch=2, crop=16)
        written = []

        def sync(file):
            written.append(file)
            if len(written) > 2:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patched:
            patched.setattr(checkpoint.os, "fsync", sync)
            with pytest.raises(MirnetError, match=r"disk is full; free some space. The checkpoint of step 2 is kept"):
                train(network(), SampleCrops(batch=2), recipe, tmp_path)
        assert load_checkpoint(tmp_path).step == 2
        assert [row.step for row in read_log(tmp_path / "log.csv")] == [1, 2]
        assert not list(tmp_path.glob(".unfinished-*"))
        assert train(network(), SampleCrops(batch=2), recipe, tmp_path).finished

    @pytest.mark.slow
    def test_weights_are_not_begun_on_a_disk_without_room(self, tmp_path, monkeypatch):
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1_100_000))
        with pytest.raises(MirnetError, match=r"net.weights.h5 cannot be written: the disk is full; free some space"):
            train(network(), SampleCrops(batch=2), Recipe(steps=3, batch=2, crop=16), tmp_path)
        assert load_checkpoint(tmp_path).step == 1
        assert not list(tmp_path.glob("*.weights.h5"))

    @pytest.mark.slow
    def test_steps_for_a_time(self, step):
        crops = SampleCrops()
        steps = steps_within(20.0, step, crops, batch=4)
        began = time.monotonic()
        for k in range(5):
            float(step(*crops.batch(k), 1e-3, 0.5))
        each = (time.monotonic() - began) / 5
        assert 0.2 < steps * each / 20 < 5  # a busy machine's clock is all that this depends on
        with pytest.raises(MirnetError, match="give more time, a smaller batch or smaller crops"):
            steps_within(0.001, step, crops, batch=4)

    @pytest.mark.slow
    def test_measuring_leaves_no_trace(self, step):
        before = step.read()
        steps_within(20.0, step, SampleCrops(), batch=4)
        for a, b in zip(before, step.read(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_versions_and_machine():
    assert {"python", "keras", "numpy"} <= set(versions())
    here = machine()
    assert here["cores"] == os.cpu_count()
    assert here["cpu"]
    assert os.uname().nodename not in json.dumps(here).split()


def test_events_for_tensorboard(tmp_path, require):
    require(find_spec("tensorboard"), "needs tensorboard: pip install tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from model.training.checkpoint import LogRow

    events = Events(tmp_path)
    for step in (5, 10):
        events.add(LogRow(step, 0.5 / step, 1e-3, 2.0, 20.0 if step == 10 else None))
    events.close()
    found = EventAccumulator(str(tmp_path / "events"))
    found.Reload()
    assert [(event.step, event.tensor_proto.float_val[0]) for event in found.Tensors("loss")] == [
        (5, pytest.approx(0.1)),
        (10, pytest.approx(0.05)),
    ]
    assert [event.step for event in found.Tensors("validation_psnr")] == [10]


RUN = """
import json, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_loop import SampleCrops, network
from model.training.recipe import Recipe
from model.training.loop import train
recipe = Recipe(steps=30, batch=2, crop=16)
train(network(), SampleCrops(batch=2), recipe, Path(sys.argv[1]))
"""
"""A training of 30 steps, a checkpoint after each."""

ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}


def start(program, folder, **environment):
    tests = os.path.dirname(__file__)
    command = [sys.executable, "-c", program.format(tests=tests), str(folder)]
    return subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.PIPE, text=True)


def finish(process):
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX's")
def test_killed_and_resumed_is_bit_equal_to_unbroken(tmp_path):
    finish(start(RUN, tmp_path / "unbroken", **ONE_THREAD))
    folder = tmp_path / "killed"
    process = start(RUN, folder, **ONE_THREAD)
    deadline = time.monotonic() + 300
    while process.poll() is None and time.monotonic() < deadline:
        if (folder / "log.csv").exists() and len(read_log(folder / "log.csv")) >= 10:
            break
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert 10 <= len(read_log(folder / "log.csv")) < 30, "the kill came too late to show anything"
    finish(start(RUN, folder, **ONE_THREAD))
    rows = {name: read_log(tmp_path / name / "log.csv") for name in ("unbroken", "killed")}
    assert [row.loss for row in rows["killed"]] == [row.loss for row in rows["unbroken"]]
    with (
        np.load(tmp_path / "killed" / "checkpoint.npz") as killed,
        np.load(tmp_path / "unbroken" / "checkpoint.npz") as unbroken,
    ):
        assert killed.files == unbroken.files
        for name in set(killed.files) - {"rows"}:  # the rows have times in them
            np.testing.assert_array_equal(killed[name], unbroken[name])
    assert not list(folder.glob(".unfinished-*"))


LOSSES = """
import json, sys
sys.path.insert(0, {tests!r})
import keras
from test_loop import SampleCrops, network
from model.training.recipe import Recipe
from model.training.step import training_step
recipe, crops, step = Recipe(steps=20), SampleCrops(), training_step(network())
losses = [float(step(*crops.batch(k), recipe.rate_at(k), recipe.ema_decay_at(k))) for k in range(20)]
json.dump(dict(backend=keras.backend.backend(), losses=losses), open(sys.argv[1], "w"))
"""


@pytest.mark.slow
@pytest.mark.parametrize("other", ["jax", "torch"])
def test_the_same_20_steps_on_another_backend(tmp_path, other, require):
    require(find_spec(other), f"needs {other}: pip install {other}")
    processes = [start(LOSSES, tmp_path / name, KERAS_BACKEND=name) for name in ("tensorflow", other)]
    for process in processes:
        finish(process)
    first, second = (json.loads((tmp_path / name).read_text()) for name in ("tensorflow", other))
    assert (first["backend"], second["backend"]) == ("tensorflow", other)
    assert first["losses"][-1] < 0.9 * first["losses"][0]  # something was learnt
    np.testing.assert_allclose(second["losses"], first["losses"], rtol=0, atol=BACKENDS_AGREE)
