"""Checkpoints: what comes back is what was written, whatever happens while it is written."""

import errno
import os
import subprocess
import sys

import numpy as np
import pytest

from model import MirnetError
from model.safety.whole_files import replacing
from model.training import checkpoint
from model.training.checkpoint import Checkpoint, LogRow, load_checkpoint, save_checkpoint

ROWS = (LogRow(5, 0.25, 1e-3, 1.5), LogRow(10, 0.125, 5e-4, 3.25, 20.5))


def made(step, size=1000):
    rng = np.random.default_rng(step)
    state = [rng.normal(size=(3, size)).astype("float32"), np.int32(step) * np.ones((), "int32"), np.zeros((0, 2))]
    return Checkpoint(state, (*ROWS, LogRow(step, 0.1, 1e-4, 9.0)))


def assert_same(a, b):
    assert a.rows == b.rows
    for first, second in zip(a.state, b.state, strict=True):
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second)


def test_what_was_written_comes_back(tmp_path):
    assert load_checkpoint(tmp_path) is None
    save_checkpoint(tmp_path, made(20))
    found = load_checkpoint(tmp_path)
    assert_same(found, made(20))
    assert (found.step, found.seconds) == (20, 9.0)


def test_the_one_before_is_kept(tmp_path):
    for step in (20, 30, 40):
        save_checkpoint(tmp_path, made(step))
    assert sorted(os.listdir(tmp_path)) == ["checkpoint.npz", "checkpoint.previous.npz"]
    (tmp_path / "checkpoint.npz").unlink()  # killed between the two renames
    assert load_checkpoint(tmp_path).step == 30


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "not an archive"])
def test_a_broken_one_is_passed_over_and_does_not_come_back(tmp_path, damage):
    save_checkpoint(tmp_path, made(20))
    save_checkpoint(tmp_path, made(30))
    newest = tmp_path / "checkpoint.npz"
    content = bytearray(newest.read_bytes())
    if damage == "changed":
        content[len(content) // 2] ^= 1
    newest.write_bytes({"cut": content[:-300], "changed": content, "empty": b"", "not an archive": b"hello"}[damage])
    assert_same(load_checkpoint(tmp_path), made(20))
    save_checkpoint(tmp_path, made(40))
    newest.unlink()
    assert load_checkpoint(tmp_path).step == 20  # and not the broken one


def test_when_all_are_broken_it_says_so(tmp_path):
    (tmp_path / "checkpoint.npz").write_bytes(b"")
    (tmp_path / "checkpoint.previous.npz").write_bytes(b"")
    with pytest.raises(MirnetError, match=r"is broken.*start anew"):
        load_checkpoint(tmp_path)


def test_leftovers_of_a_killed_training_go(tmp_path):
    save_checkpoint(tmp_path, made(20))
    (tmp_path / ".unfinished-0123456789ab.npz").write_bytes(b"half")
    load_checkpoint(tmp_path)
    assert os.listdir(tmp_path) == ["checkpoint.npz"]


@pytest.mark.parametrize(
    ("number", "message"), [(errno.ENOSPC, "the disk is full; free"), (errno.EIO, "check the folder")]
)
def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch, number, message):
    save_checkpoint(tmp_path, made(20))

    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(checkpoint.os, "fsync", fail)
    with pytest.raises(MirnetError, match=message):
        save_checkpoint(tmp_path, made(30))
    assert os.listdir(tmp_path) == ["checkpoint.npz"]
    assert load_checkpoint(tmp_path).step == 20


def test_replacing_is_all_or_nothing(tmp_path):
    target = tmp_path / "a.weights.h5"
    target.write_text("old")
    with pytest.raises(RuntimeError), replacing(target) as unfinished:
        assert unfinished.name.endswith(".weights.h5")  # Keras asks for it
        unfinished.write_text("half")
        raise RuntimeError
    assert os.listdir(tmp_path) == ["a.weights.h5"]
    assert target.read_text() == "old"
    with replacing(target) as unfinished:
        unfinished.write_text("new")
    assert target.read_text() == "new"


def can_mount(folder):
    """Whether this process may mount a small file system of its own."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_full_disk_keeps_the_last_good_one(tmp_path, require):
    folder = tmp_path / "small"
    folder.mkdir()
    require(can_mount(folder), "needs root on Linux, to mount a disk of 1 MB")
    try:
        save_checkpoint(folder, made(20, size=30_000))  # 360 kB of 1 MB
        save_checkpoint(folder, made(30, size=30_000))
        with pytest.raises(MirnetError, match=r"checkpoint.npz cannot be written: the disk is full; free some space"):
            save_checkpoint(folder, made(40, size=30_000))
        assert sorted(os.listdir(folder)) == ["checkpoint.npz", "checkpoint.previous.npz"]
        assert_same(load_checkpoint(folder), made(30, size=30_000))
    finally:
        subprocess.run(["umount", str(folder)], check=True)
