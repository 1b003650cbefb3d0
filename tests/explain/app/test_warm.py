"""Getting ready before the first visitor: his first page then runs nothing, and the server's end waits for nobody."""

import subprocess
import sys

from explain.app import runner, warm
from explain.app.photos import sample_names, sample_photo
from explain.app.pictures import before_and_after
from explain.app.runner import Setup, configuration
from explain.app.thumbnails import thumbnails
from mirnet_explainer import ROOT


def test_the_first_page_has_nothing_left_to_compute(monkeypatch):
    warm.warm_up(warm.STEPS[:-1])  # not the last one: it sets this process's objects aside
    monkeypatch.setattr(runner, "_record", lambda *_: (_ for _ in ()).throw(AssertionError("the network runs")))
    photo = sample_photo(sample_names()[0], configuration(Setup()).multiple)
    for theme in ("light", "dark"):
        assert "rrg_1/mrb_1/column_2/dau_3/out" in thumbnails(Setup(), photo, photo.key, 1, 1, theme)
    assert len(before_and_after(Setup(), photo, photo.key)) == 3


def test_no_step_begins_once_the_server_ends():
    script = f"""
import sys, time
sys.path.append({str(ROOT)!r})
from explain.app import warm
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
from explain.app import warm
warm.STEPS = (lambda: print("too early"),)
warm.start()
time.sleep(0.2)
print(sorted(set(sys.modules) & {{"streamlit", "keras", "tensorflow", "numpy"}}))
"""
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_what_stays_is_set_aside_and_what_nobody_holds_is_not_kept():
    script = f"""
import gc, sys, threading, time
sys.path.append({str(ROOT)!r})
from explain.app import warm


class Ring:
    alive = 0

    def __init__(self):
        self.self = self
        Ring.alive += 1

    def __del__(self):
        Ring.alive -= 1


gc.disable()  # nobody collects but the function under test
warm.LOOK_EVERY_S, warm.MANY = 0.1, 20_000
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
