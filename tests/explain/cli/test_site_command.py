"""`mirnet site`: what it cannot make is one line, told before anything slow, and nothing is left behind."""

import os

import pytest

from explain.cli.main import main

pytestmark = pytest.mark.slow  # it imports the page


def refused(capsys, *argv: str) -> str:
    """What the command says, in one line, where it refuses."""
    assert main(["site", *argv]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    return said.err


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("mine", "holds other things than a site of mirnet: choose a new folder"),
        ("mine/notes.txt", "is there and is no folder"),
        ("missing/site", "is no folder: make it first"),
        ("mine/notes.txt/site", "is no folder: make it first"),
        ("a" * 300, "File name too long"),
    ],
)
def test_a_place_that_cannot_be_is_told(tmp_path, capsys, place, text):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    assert text in refused(capsys, "-o", str(tmp_path / place))
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "notes.txt"]


def test_a_folder_without_the_right_to_write_is_told_at_once(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.R_OK)  # root may write everywhere
    assert "cannot be written to" in refused(capsys, "-o", str(tmp_path / "site"))


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["--model", "nanoo"], "nanoo"),
        (["--model", "broken.tflite"], "broken.tflite"),
        (["--lessons", "nowhere"], "nowhere has no index.html: make it first, or leave lessons out"),
        (["--reference", "nowhere"], "nowhere has no index.html: make it first, or leave reference out"),
    ],
)
def test_what_it_should_show_and_cannot_find_is_told(tmp_path, capsys, monkeypatch, argv, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.tflite").write_bytes(b"no model")
    assert text in refused(capsys, "-o", "site", *argv)
    assert not (tmp_path / "site").exists()
