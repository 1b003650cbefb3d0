"""`mirnet data pack` as a person uses it."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from explain.cli.main import main
from model.data import PairFolder, archive_writer, open_pairs, split
from model.images.darken import Darkness, darken
from model.images.photo_files import save_image
from model.samples import SAMPLES, load_sample


@pytest.fixture
def folder(tmp_path) -> Path:
    """Six pairs of 96 x 144."""
    for side in ("low", "high"):
        (tmp_path / "set" / side).mkdir(parents=True)
    for number, sample in enumerate(SAMPLES):
        high = load_sample(sample.name)[1][:96, :144]
        save_image(tmp_path / "set" / "high" / f"{sample.name}.png", high)
        dark = darken(high, np.random.default_rng(number), Darkness(exposure=12))
        save_image(tmp_path / "set" / "low" / f"{sample.name}.png", dark)
    return tmp_path / "set"


def test_pack_says_what_it_did(folder, tmp_path, capsys):
    target = tmp_path / "pairs.zip"
    assert main(["data", "pack", "--data", str(folder), "-o", str(target), "--limit", "0.1"]) == 0
    out = capsys.readouterr().out.splitlines()
    pairs = open_pairs(target)
    size = target.stat().st_size
    assert size <= 100_000
    assert out[0].startswith(f"{target}: {size / 1e6:.1f} MB, {len(pairs.names)} pairs at {pairs.shrunk:.3g} of their")
    assert "dark ones without loss, bright ones as JPEG of quality 95" in out[0]
    held_out = split(PairFolder(folder)).validation
    assert out[1].startswith(f"held out for validation: {len(held_out)} pairs, by name only (chosen by groups of")


def test_unfit_pairs_are_named(folder, tmp_path, capsys):
    (folder / "validation.txt").write_text("room\n")
    save_image(folder / "low" / "coffee.png", load_sample("coffee")[1][:96, :144])
    argv = ["data", "pack", "--data", str(folder), "-o", str(tmp_path / "pairs.zip"), "--scale", "1"]
    assert main([*argv, "--part", "0.5", "--with-validation"]) == 0
    out = capsys.readouterr().out
    assert "5 pairs at full size, a window of 50% of each picture" in out
    assert "1 pairs, with their pictures (chosen by validation.txt)" in out
    assert "coffee: low is 1.00 times as bright as high" in out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--data", "absent"], "absent: there is no such folder"),
        (["--data", "."], "did you mean set?"),
        (["--data", "set", "--limit", "0.0001"], "do not fit into 0.0001 MB"),
        (["--data", "set", "--limit", "nan"], "--limit must be a number of MB above 0, not nan"),
        (["--data", "set", "--limit", "-1"], "--limit must be a number of MB above 0"),
        (["--data", "set", "--scale", "2"], "scale must be above 0 and at most 1, not 2.0"),
        (["--data", "set", "--part", "0"], "part must be above 0"),
        (["--data", "set", "-o", "set"], "set: is a folder; add a file name"),
        (["--data", "set", "-o", "absent/pairs.zip"], "cannot be written"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(folder, tmp_path, monkeypatch, capsys, argv, message):
    monkeypatch.chdir(tmp_path)
    output = [] if "-o" in argv else ["-o", "pairs.zip"]
    assert main(["data", "pack", *argv, *output]) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("mirnet: error:")]
    assert len(errors) == 1
    assert message in errors[0]
    assert os.listdir(tmp_path) == ["set"]


def test_broken_photo_is_named(folder, tmp_path, capsys):
    file = folder / "high" / "palace.png"
    file.write_bytes(file.read_bytes()[:1000])
    assert main(["data", "pack", "--data", str(folder), "-o", str(tmp_path / "pairs.zip"), "--scale", "0.5"]) == 2
    assert "palace.png: is damaged or incomplete" in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["set"]


def test_interrupted_it_leaves_nothing(folder, tmp_path, monkeypatch, capsys):
    encoded, unfinished = archive_writer.encoded, []

    def encoded_until_ctrl_c(*argv):
        unfinished.extend(name for name in os.listdir(tmp_path) if name.startswith(".unfinished"))
        if len(unfinished) == 3:
            signal.raise_signal(signal.SIGINT)
        return encoded(*argv)

    monkeypatch.setattr(archive_writer, "encoded", encoded_until_ctrl_c)
    assert main(["data", "pack", "--data", str(folder), "-o", str(tmp_path / "pairs.zip"), "--scale", "0.5"]) == 130
    assert len(unfinished) == 3, "it was caught at work"
    assert capsys.readouterr().err.splitlines()[-1] == "mirnet: interrupted"
    assert os.listdir(tmp_path) == ["set"]
