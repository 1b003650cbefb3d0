"""The pixel cache: right pixels, made once, killed and resumed, full disks, broken pictures, never in the project."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from model.data import PairFolder, PhotoFolder
from model.data.pixel_cache import PixelCache
from model.errors import MirnetError
from model.images.camera_formats import resize
from model.images.photo_files import save_image
from model.safety.whole_files import default_cache

ROOT = Path(__file__).parents[3]


class Counted:
    """A source that notes what is loaded from it, and can be interrupted."""

    def __init__(self, source, stop_after: int | None = None):
        self.source, self.stop_after, self.loaded = source, stop_after, []
        self.title, self.sides, self.names, self.fingerprint = (
            source.title,
            source.sides,
            source.names,
            source.fingerprint,
        )

    def load(self, name):
        if len(self.loaded) == self.stop_after:
            raise KeyboardInterrupt
        self.loaded.append(name)
        return self.source.load(name)


def content(cache: PixelCache) -> bytes:
    return (cache.folder / "pixels.u8").read_bytes()


def test_pixels_at_every_scale(make_pairs, tmp_path):
    pairs = PairFolder(make_pairs(3))
    cache = PixelCache(pairs, tmp_path / "cache", scales=(1, 2, 4))
    for name in pairs.names:
        for side, picture in zip(("low", "high"), pairs.load(name), strict=True):
            np.testing.assert_array_equal(cache.picture(name, side), picture)
            for scale in (2, 4):
                expected = resize(picture, 96 // scale, 144 // scale)
                np.testing.assert_array_equal(cache.picture(name, side, scale), expected)
                assert cache.size(name, scale) == expected.shape[:2]
    with pytest.raises(ValueError, match="read-only"):
        cache.picture("00")[0, 0] = 1


def test_sizes_may_differ_between_pairs_and_be_odd(make_pairs, tmp_path, bright):
    folder = make_pairs(3)
    for side in ("low", "high"):
        save_image(folder / side / "01.png", bright[1][:51, :77])
    cache = PixelCache(PairFolder(folder), tmp_path / "cache")
    assert [cache.size(name, 2) for name in cache.names] == [(48, 72), (26, 38), (48, 72)]
    np.testing.assert_array_equal(cache.picture("02", "high"), bright[2])


def test_made_once_and_again_when_a_byte_changes(make_pairs, tmp_path, bright):
    folder = make_pairs(3)
    steps = []
    first = PixelCache(PairFolder(folder), tmp_path / "cache", progress=lambda *step: steps.append(step))
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    source = Counted(PairFolder(folder))
    assert PixelCache(source, tmp_path / "cache").folder == first.folder
    assert source.loaded == []
    assert PixelCache(source, tmp_path / "cache", scales=(1, 2)).folder != first.folder
    save_image(folder / "high" / "02.png", bright[7])
    changed = PixelCache(PairFolder(folder), tmp_path / "cache")
    assert changed.folder != first.folder
    np.testing.assert_array_equal(changed.picture("02"), bright[7])
    np.testing.assert_array_equal(first.picture("02"), bright[2])


def test_interrupted_it_goes_on_where_it_was(make_pairs, tmp_path):
    pairs = PairFolder(make_pairs(6))
    with pytest.raises(KeyboardInterrupt):
        PixelCache(Counted(pairs, stop_after=4), tmp_path / "cache")
    source = Counted(pairs)
    cache = PixelCache(source, tmp_path / "cache")
    assert source.loaded == ["04", "05"]
    assert content(cache) == content(PixelCache(pairs, tmp_path / "other"))
    assert sorted(file.name for file in cache.folder.iterdir()) == ["index.json", "lock", "pixels.u8"]


@pytest.mark.parametrize(
    ("damage", "again"),
    [
        (lambda pixels, journal: pixels.write_bytes(pixels.read_bytes()[:-1]), 1),  # the last picture is cut short
        (lambda pixels, journal: journal.write_bytes(journal.read_bytes()[:-5]), 1),  # its line is
        (lambda pixels, journal: pixels.write_bytes(pixels.read_bytes() + b"half a picture"), 0),
        (lambda pixels, journal: journal.write_bytes(b"nonsense\n" + journal.read_bytes()), 4),
        (lambda pixels, journal: pixels.write_bytes(b"\xff" + pixels.read_bytes()[1:]), 4),  # a flipped bit
        (lambda pixels, journal: pixels.unlink(), 4),
    ],
)
def test_what_an_interruption_left_is_checked(make_pairs, tmp_path, damage, again):
    pairs = PairFolder(make_pairs(6))
    with pytest.raises(KeyboardInterrupt):
        PixelCache(Counted(pairs, stop_after=4), tmp_path / "cache")
    (folder,) = (tmp_path / "cache").iterdir()
    damage(folder / "pixels.u8", folder / "journal.jsonl")
    source = Counted(pairs)
    cache = PixelCache(source, tmp_path / "cache")
    assert len(source.loaded) == 2 + again
    assert content(cache) == content(PixelCache(pairs, tmp_path / "other"))


def test_a_damaged_complete_cache_is_made_again(make_pairs, tmp_path):
    pairs = PairFolder(make_pairs(2))
    cache = PixelCache(pairs, tmp_path / "cache")
    right = content(cache)
    for name, damage in (("pixels.u8", right[:100]), ("index.json", b"[{}]"), ("index.json", b"")):
        (cache.folder / name).write_bytes(damage)
        assert content(PixelCache(pairs, tmp_path / "cache")) == right


KILLED = """
import sys, time
from model.data import PairFolder, PixelCache
def slowly(done, total):
    print(done, flush=True)
    time.sleep(0.3)
PixelCache(PairFolder(sys.argv[1]), sys.argv[2], progress=slowly)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system: kill -9")
def test_kill_9_in_the_middle(make_pairs, tmp_path):
    folder = make_pairs(8)
    command = [sys.executable, "-c", KILLED, str(folder), str(tmp_path / "cache")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        while process.stdout.readline().strip() != "3":
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    (left,) = (tmp_path / "cache").iterdir()
    assert not (left / "index.json").exists()
    source = Counted(PairFolder(folder))
    cache = PixelCache(source, tmp_path / "cache")
    assert source.loaded == list(source.names[3:])
    assert content(cache) == content(PixelCache(PairFolder(folder), tmp_path / "other"))


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system: file locks")
@pytest.mark.slow
def test_two_processes_make_one_cache(make_pairs, tmp_path):
    folder = make_pairs(6)
    command = [sys.executable, "-c", KILLED, str(folder), str(tmp_path / "cache")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)]
    printed = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    # One of them makes it, the other waits and then finds it made.
    assert sorted(len(text.split()) for text in printed) == [0, 7]
    pairs = PairFolder(folder)
    assert content(PixelCache(pairs, tmp_path / "cache")) == content(PixelCache(pairs, tmp_path / "other"))


def test_every_broken_picture_is_named(make_pairs, tmp_path, bright):
    folder = make_pairs(12)
    for number in (3, 8):
        file = folder / "low" / f"{number:02}.png"
        file.write_bytes(file.read_bytes()[:900])
    save_image(folder / "high" / "05.png", bright[5][:40])
    with pytest.raises(MirnetError) as caught:
        PixelCache(PairFolder(folder), tmp_path / "cache")
    text = str(caught.value)
    assert text.startswith("3 of 12 in set cannot be used: ")
    for name in ("03.png", "08.png", "pair 05 differ in size"):
        assert name in text


@pytest.fixture
def small_disk(require, tmp_path):
    """A folder on a disk of 400 KB of its own."""
    require(
        sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount"), "needs root on Linux: mount a tmpfs"
    )
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)], check=False)
    try:
        require(mounted.returncode == 0, "needs the right to mount a tmpfs")
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=False, stderr=subprocess.DEVNULL)


def test_a_full_disk_is_one_error_and_leaves_nothing(make_pairs, small_disk):
    with pytest.raises(MirnetError, match=r"the disk is full .* the unfinished cache was removed; .* about 1 MB"):
        PixelCache(PairFolder(make_pairs(12)), small_disk)
    assert list(small_disk.iterdir()) == []


def test_a_full_disk_without_a_disk(make_pairs, tmp_path, monkeypatch):
    """The same where no disk can be mounted: the system's answer to a write is put on."""

    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(MirnetError, match="the disk is full"):
        PixelCache(PairFolder(make_pairs(2)), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_never_inside_the_project(make_pairs):
    for folder in (ROOT / "cache", ROOT / "model" / "samples" / ".." / "cache"):
        with pytest.raises(MirnetError, match="lies inside the project"):
            PixelCache(PairFolder(make_pairs(1, name=str(time.monotonic_ns()))), folder)
        assert not folder.exists()


def test_where_caches_are_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "mirnet-explainer"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_cache() == tmp_path / "home" / ".cache" / "mirnet-explainer"


def test_a_user_without_a_home_is_told(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(MirnetError, match="set HOME or XDG_CACHE_HOME"):
        default_cache()


def test_a_cache_of_good_photos(tmp_path, bright):
    (tmp_path / "photos").mkdir()
    save_image(tmp_path / "photos" / "one.png", bright[0])
    cache = PixelCache(PhotoFolder(tmp_path / "photos"), tmp_path / "cache")
    assert cache.sides == ("high",)
    np.testing.assert_array_equal(cache.picture("one"), bright[0])
    with pytest.raises(MirnetError, match="holds no low of 'one' at scale 1: sides high, scales 1, 2, 4"):
        cache.picture("one", "low")


def test_mistakes(make_pairs, tmp_path):
    pairs = PairFolder(make_pairs(1))
    for scales in ((), (0,), (1.5,)):
        with pytest.raises(MirnetError, match="scales must be integers of at least 1"):
            PixelCache(pairs, tmp_path / "cache", scales=scales)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MirnetError, match=r"cannot be written .* choose another cache folder"):
        PixelCache(pairs, tmp_path / "file" / "cache")


def test_the_journal_is_what_it_says(make_pairs, tmp_path):
    pairs = PairFolder(make_pairs(3))
    with pytest.raises(KeyboardInterrupt):
        PixelCache(Counted(pairs, stop_after=2), tmp_path / "cache")
    (folder,) = (tmp_path / "cache").iterdir()
    lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    assert [(line["name"], line["height"], line["width"]) for line in lines] == [("00", 96, 144), ("01", 96, 144)]
