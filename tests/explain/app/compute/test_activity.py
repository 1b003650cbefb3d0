"""Who is on the page: how many visitors, which decides how much is remembered for them."""

import numpy as np
import pytest

from explain.app.compute import activity, runner


@pytest.fixture(autouse=True)
def nobody(monkeypatch):
    monkeypatch.setattr(activity, "_came", {})


def come(count: int) -> None:
    for k in range(count):
        with activity.running(f"visitor {k}"):
            pass


def test_visitors_are_counted_once_and_until_they_are_gone(monkeypatch):
    assert activity.visitors() == 0
    come(2)
    come(3)
    assert activity.visitors() == 3
    monkeypatch.setattr(activity, "GONE_S", 0.0)
    assert activity.visitors() == 0


def test_a_class_has_room_for_one_photo_each(monkeypatch):
    come(1)
    alone = runner._memory().limit
    come(15)
    assert runner._memory().limit == 1.5 * alone  # one visitor has room for ten
    come(200)
    assert runner._memory().limit == 2 * alone  # a computer's memory has an end


def test_what_was_kept_for_a_class_goes_when_it_goes(monkeypatch):
    memory = runner._one_memory()
    come(20)
    monkeypatch.setattr(runner, "KEPT_BYTES", 5000)
    try:
        for k in range(9):
            runner.remembered(("test", k), lambda: {"x": np.zeros(250, "float32")})
        assert ("test", 0) in memory
        monkeypatch.setattr(activity, "_came", {})
        runner.remembered(("test", 12), lambda: {"x": np.zeros(250, "float32")})
        assert ("test", 0) not in memory and ("test", 12) in memory and memory.used <= 5000
    finally:
        memory.forget("test")
