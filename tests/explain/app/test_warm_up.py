"""Getting ready before the first visitor: his first page then runs nothing, and the server's end waits for nobody."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from itertools import islice, product
from queue import Queue
from types import SimpleNamespace

import numpy as np
import pytest

from explain.analysis.receptive import field_of
from explain.app import warm_up
from explain.app.catalog.choices import Choice, opening, settle
from explain.app.compute import activity, block_gradients, part_costs, runner
from explain.app.compute.activity import prepare_soon, running
from explain.app.compute.contract_verdicts import verdicts
from explain.app.compute.photos import Photo, sample_names, sample_photo
from explain.app.compute.runner import Setup, configuration
from explain.app.map.amounts import amounts
from explain.app.map.thumbnails import thumbnails
from explain.app.photo_checks import lively_pixel
from explain.app.views.component.facts import facts_of
from explain.app.views.streams.streams_page import first_stage, seen_by
from explain.app.views.training.shipped_networks import frame_of
from explain.app.widgets.figure_files import before_and_after
from mirnet_packages import ROOT
from model.errors import MirnetError


@pytest.fixture(autouse=True)
def no_photos_waiting(monkeypatch):
    """Photos that other tests sent."""
    monkeypatch.setattr(activity, "_waiting", Queue(activity.MOST_WAITING))


def test_the_first_page_has_nothing_left_to_compute(monkeypatch):
    warm_up.warm_up(warm_up.STEPS[:-1])  # not the last one: it sets this process's objects aside
    names = runner.hook_names(Setup())
    monkeypatch.setattr(runner, "engine", lambda setup: SimpleNamespace(names=names))  # one that cannot run
    photo = sample_photo(sample_names()[0], configuration(Setup()).multiple)
    first = settle("mrb", configuration(Setup()), opening("mrb"))
    block = first.group, first.block
    for theme in ("light", "dark"):
        found = thumbnails(Setup(), photo, photo.key, *block, theme)
        assert "rrg_{}/mrb_{}/column_2/dau_3/out".format(*block) in found
    assert len(before_and_after(Setup(), photo, photo.key)) == 3
    monkeypatch.setattr(block_gradients, "block_back", None)
    assert block_gradients.backward_of(Setup()) is not None


def test_what_some_pages_need_is_prepared_while_nobody_waits(monkeypatch):
    monkeypatch.setattr(warm_up, "QUIET_S", 0.2)
    monkeypatch.setattr(warm_up, "LONGEST_WAIT_S", 30.0)
    monkeypatch.setattr(warm_up, "_settle", lambda: None)
    taken: list[str] = []
    with running():
        works = threading.Thread(target=warm_up.prepare, args=([lambda: taken.append("step")],))
        works.start()
        time.sleep(0.5)
        assert not taken
    works.join(20)
    assert taken == ["step"]


def test_a_page_that_never_rests_does_not_keep_it_away_for_ever(monkeypatch):
    monkeypatch.setattr(warm_up, "LONGEST_WAIT_S", 0.1)
    monkeypatch.setattr(warm_up, "_settle", lambda: None)
    taken: list[str] = []
    with running():
        warm_up.prepare([lambda: taken.append("step")])
    assert taken == ["step"]


def test_a_step_that_fails_does_not_keep_the_others_away(monkeypatch, caplog):
    monkeypatch.setattr(warm_up, "LONGEST_WAIT_S", 0.0)
    monkeypatch.setattr(warm_up, "_settle", lambda: None)
    taken: list[str] = []

    def of_a_black_photo():
        raise MirnetError("choose another pixel")

    warm_up.prepare([of_a_black_photo])
    assert caplog.text == ""  # its page says it
    warm_up.prepare([lambda: 1 / 0, lambda: taken.append("step")])
    assert taken == ["step"] and "a step of the preparation failed" in caplog.text


@pytest.mark.slow
def test_the_later_steps_are_the_pages_own(monkeypatch):
    """Each fills a cache that a page asks: asked again, nothing is made anew."""
    steps = list(islice(warm_up.later_steps(), len(sample_names()) + 6))
    for step in steps:
        step()
    with monkeypatch.context() as patch:
        names = runner.hook_names(Setup())
        patch.setattr(runner, "engine", lambda setup: SimpleNamespace(names=names))  # one that cannot run
        for photo in runner.samples(Setup()):
            runner.outline(Setup(), photo)
    monkeypatch.setattr(part_costs, "cost", None)
    found = amounts(Setup(), sample_photo(sample_names()[0], 4).size)
    assert found["macs"][""][0] > 1e9
    assert facts_of(Setup(), "rrg", Choice(group=2), sample_photo(sample_names()[0], 4).size).macs > 1e9


@pytest.mark.slow
def test_pages_on_a_photo_that_just_came_find_their_work_done(monkeypatch):
    setup = Setup()
    pixels = np.random.default_rng(5).integers(0, 60, (64, 96, 3), dtype="uint8")
    photo = Photo("just came", pixels, "Your photo")
    for step in warm_up.photo_steps(setup, photo):
        step()
    names = runner.hook_names(setup)
    monkeypatch.setattr(runner, "engine", lambda setup: SimpleNamespace(names=names))  # one that cannot run
    monkeypatch.setattr("explain.app.views.streams.streams_page.seen_from", None)
    config = configuration(setup)
    frame_of(setup, photo)
    pixel = lively_pixel(photo.pixels, photo.key)
    seen_by(setup, photo, field_of(config, first_stage(config), *pixel), pixel)
    runner.outline(replace(setup, softmax="channels"), photo)
    for group, block in product((1, 2), (1, 2)):
        verdicts(setup, photo, photo.key, f"rrg_{group}/mrb_{block}")


def test_what_one_visitor_may_need_is_left_out_while_others_click_all_the_time(monkeypatch):
    monkeypatch.setattr(warm_up, "LONGEST_WAIT_S", 0.1)
    monkeypatch.setattr(warm_up, "_settle", lambda: None)
    taken: list[str] = []
    monkeypatch.setattr(warm_up, "photo_steps", lambda setup, photo: [lambda: taken.append("of a photo")])
    prepare_soon("network", "photo")
    with running():
        warm_up.prepare([lambda: taken.append("for all")])
    assert taken == ["for all"]


def test_a_photo_that_came_is_prepared_even_before_the_later_steps(monkeypatch):
    monkeypatch.setattr(warm_up, "QUIET_S", 0.0)
    monkeypatch.setattr(warm_up, "_settle", lambda: None)
    taken: list[str] = []
    monkeypatch.setattr(warm_up, "photo_steps", lambda setup, photo: [lambda: taken.append(f"{photo} for {setup}")])
    prepare_soon("network", "photo")
    warm_up.prepare([lambda: taken.append("later")])
    assert taken == ["photo for network", "later"]


def test_no_step_begins_once_the_server_ends():
    script = f"""
import sys, time
sys.path.append({str(ROOT)!r})
from explain.app import warm_up as warm
warm._server_runs = lambda: True
warm.STEPS = (lambda: (print("first", flush=True), time.sleep(0.5)), lambda: print("second", flush=True))
warm.start()
time.sleep(0.2)
"""
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "first\n", "")


def test_it_waits_for_a_server_and_gives_up_with_the_process():
    script = f"""
import sys, time
sys.path.append({str(ROOT)!r})
from explain.app import warm_up as warm
warm.STEPS = (lambda: print("too early"),)
warm.start()
time.sleep(0.2)
print(sorted(set(sys.modules) & {{"streamlit", "keras", "tensorflow", "numpy"}}))
"""
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


@pytest.mark.slow
def test_what_stays_is_set_aside_and_what_nobody_holds_is_not_kept():
    script = f"""
import gc, sys, threading, time
sys.path.append({str(ROOT)!r})
from explain.app import warm_up as warm


class Ring:
    alive = 0

    def __init__(self):
        self.self = self
        Ring.alive += 1

    def __del__(self):
        Ring.alive -= 1


gc.disable()  # nobody collects but the function under test
warm.CHECK_EVERY_S, warm.MANY = 0.1, 20_000
ends = threading.Event()
warm._goes_on = lambda: not ends.is_set()
rings = [Ring() for _ in range(30_000)]
light = threading.Thread(target=warm._stay_light)
light.start()
time.sleep(1)
print(len(gc.get_objects()) < 20_000, Ring.alive)
del rings  # a ring: its own last holder
more = [[] for _ in range(30_000)]
time.sleep(1)
print(len(gc.get_objects()) < 20_000, Ring.alive)
ends.set()
light.join()
"""
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True 30000\nTrue 0\n", "")
