"""`mirnet sketch`: the folder, what to type next, and an answer as an exit code."""

import re
import shlex
from dataclasses import replace

import pytest

import embedded.budget.fit
from embedded.budget.boards import NANO
from embedded.models.shipped_models import model_file
from embedded.sketch.sketch_writer import MANIFEST
from embedded.tflite.model_hash import hash_of
from explain.cli.main import main


def sketch(capsys, *argv) -> tuple[int, str, str]:
    code = main(["sketch", *(str(each) for each in argv)])
    return code, *capsys.readouterr()


def limited(monkeypatch, **needed: float) -> None:
    """Has the fit find that something needs more, as it does for a larger network."""
    honest = embedded.budget.fit.fit

    def fit(*args):
        found = honest(*args)
        return replace(
            found, lines=tuple(replace(each, needed=needed.get(each.name, each.needed)) for each in found.lines)
        )

    monkeypatch.setattr(embedded.budget.fit, "fit", fit)


def test_a_sketch_of_the_shipped_model(capsys, tmp_path):
    folder = tmp_path / "my_sketch"
    for _ in range(2):  # the second one replaces the first
        code, out, err = sketch(capsys, "nano", "-o", folder)
        assert (code, err) == (0, "")
    assert (folder / "my_sketch.ino").is_file() and (folder / MANIFEST).is_file()
    assert (
        hash_of(model_file("nano")).hex() in out
        and hash_of(model_file("nano")).hex() in (folder / "README.md").read_text()
    )
    commands = [shlex.split(line) for line in out.splitlines() if line.startswith("  ")]
    assert [argv[:2] for argv in commands] == [
        *(["arduino-cli", word] for word in ("core", "lib", "compile", "upload")),
        ["mirnet", "board-test"],
        ["mirnet", "view"],
    ]
    assert commands[0][-1].endswith("@4.6.0") and commands[1][-1].endswith("@0.0.2")
    for argv in commands[2:4]:
        assert argv[-1] == str(folder) and "arduino:mbed_nano:nano33ble" in argv
    assert re.search(r"^RAM +[\d,]+ B of 180,224 B", out, re.MULTILINE)
    assert "\x1b" not in out  # no colours in a pipe


def test_the_same_as_a_library(capsys, tmp_path):
    folder = tmp_path / "dark"
    code, out, err = sketch(capsys, "nano", "-o", folder, "--library")
    assert (code, err) == (0, "") and (folder / "library.properties").is_file()
    commands = [shlex.split(line) for line in out.splitlines() if line.startswith("  arduino-cli")]
    assert commands[2][-3:] == ["--library", str(folder), str(folder / "examples" / "dark")]
    assert commands[3][-1] == str(folder / "examples" / "dark") and (folder / "examples/dark/dark.ino").is_file()


@pytest.mark.parametrize(
    ("name", "message"),
    [("RAM", r"Does not fit\. RAM: 999,999 B needed"), ("flash", r"Does not fit\. flash: 999,999 B")],
)
def test_what_does_not_fit_is_not_written(capsys, tmp_path, monkeypatch, name, message):
    limited(monkeypatch, **{name: 999_999, "time": 100})
    code, out, err = sketch(capsys, "nano", "-o", tmp_path / "large")
    assert (code, err) == (1, "") and re.search(message, out)
    assert "for a picture" not in out  # slow is another matter
    assert not list(tmp_path.iterdir())


def test_what_is_only_slow_is_written(capsys, tmp_path, monkeypatch):
    limited(monkeypatch, time=100)
    code, out, _ = sketch(capsys, "nano", "-o", tmp_path / "slow")
    assert code == 0 and f"more than our target of {NANO.seconds.value:g} s" in out
    assert (tmp_path / "slow" / "slow.ino").is_file()


@pytest.mark.parametrize(
    ("model", "place", "message"),
    [
        ("nano", "no/such/place", "is no folder: make it first"),
        ("nano", "dark room", "a sketch cannot be called 'dark room'"),
        ("missing.tflite", "fine", "missing.tflite: No such file"),
    ],
)
def test_what_the_user_can_fix_is_one_line_and_exit_code_2(capsys, tmp_path, monkeypatch, model, place, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = sketch(capsys, model, "-o", place)
    assert (code, out) == (2, "")
    assert message in err and len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_of_the_users_own_is_left_alone(capsys, tmp_path):
    (tmp_path / "thesis.txt").write_text("argv")
    code, _, err = sketch(capsys, "nano", "-o", tmp_path)
    assert code == 2 and "other things than a sketch of mirnet (thesis.txt)" in err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_that_is_no_model_of_ours_is_told(capsys, tmp_path):
    (tmp_path / "broken.tflite").write_bytes(model_file("nano").read_bytes()[:1000])
    code, out, err = sketch(capsys, tmp_path / "broken.tflite", "-o", tmp_path / "x")
    assert (code, out) == (2, "") and len(err.splitlines()) == 1
    assert not (tmp_path / "x").exists()
