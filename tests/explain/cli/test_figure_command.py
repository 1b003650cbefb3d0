"""`mirnet figure` from the command line: a file and a caption, or one line that says what to do."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explain.cli.main import main
from model.images.photo_files import save_image

SAMPLES = Path(__file__).parents[3] / "model" / "samples"
DARK_PHOTO, GOOD_PHOTO = SAMPLES / "palace_dark.webp", SAMPLES / "palace.webp"
pytestmark = pytest.mark.usefixtures("loaded_once")


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """A small dark photo whose sides are no multiples of 4."""
    path = tmp_path_factory.mktemp("photos") / "photo.png"
    with Image.open(DARK_PHOTO) as picture:
        picture.convert("RGB").resize((46, 31)).save(path)
    return path


def figure(capsys, *argv):
    """The exit code, standard output and standard error of `mirnet figure ...`."""
    code = main(["figure", *map(str, argv)])
    return code, *capsys.readouterr()


def size_of(path):
    with Image.open(path) as picture:
        return picture.size


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("skff", "stream"),
        ("ChannelAttention", "gate"),
        ("rrg_2/mrb_1", "in the exchange every stream gets all 3"),
        ("rrg_1/mrb_1/exchange/down_1_3/step_2", "shrinks"),
        ("rrg_1/conv", "histogram"),
    ],
)
@pytest.mark.slow
def test_a_figure_and_its_caption(capsys, photo, tmp_path, name, text):
    code, out, err = figure(capsys, name, photo, "-o", tmp_path / "figure.png")
    assert code == 0
    assert text in out and out.count("\n") == 1
    assert err.startswith("weights desk: trained on LOL") and err.count("\n") == 1
    width, height = size_of(tmp_path / "figure.png")
    assert width == 1280 and height > 200
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
@pytest.mark.slow
def test_other_formats(capsys, photo, tmp_path, suffix, start):
    target = tmp_path / f"figure.{suffix}"
    assert figure(capsys, "shallow", photo, "-o", target)[0] == 0
    assert target.read_bytes().startswith(start)


@pytest.mark.slow
def test_theme_and_channel_change_the_picture(capsys, photo, tmp_path):
    files = []
    for k, argv in enumerate(([], ["--theme", "dark"], ["--channel", "3"], ["--all-channels"])):
        files.append(tmp_path / f"{k}.png")
        assert figure(capsys, "shallow", photo, "-o", files[-1], *argv)[0] == 0
    assert len({path.read_bytes() for path in files}) == len(files)
    with Image.open(files[0]) as light, Image.open(files[1]) as dark:
        assert light.convert("RGB").getpixel((2, 2)) == (255, 255, 255)
        assert max(dark.convert("RGB").getpixel((2, 2))) < 40


@pytest.mark.slow
def test_a_large_photo_is_shrunk_and_that_is_said(capsys, tmp_path):
    save_image(tmp_path / "large.png", np.full((160, 1040, 3), 40, "uint8"))
    code, out, err = figure(capsys, "input", tmp_path / "large.png", "-o", tmp_path / "x.svg")
    assert code == 0 and out
    assert "shrunk to 512 x 79 pixels" in err
    assert "80 × 512 × 3" in _words_in(tmp_path / "x.svg")  # 79 rows, padded to a multiple of 4


def _words_in(path):
    """The texts of an SVG: matplotlib writes each in a comment above its letters' outlines."""
    return re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_a_reference_is_compared_with(capsys, tmp_path):
    for path in (DARK_PHOTO, GOOD_PHOTO):
        with Image.open(path) as picture:
            picture.convert("RGB").resize((48, 32)).save(tmp_path / f"{path.stem}.png")
    files = tmp_path / f"{DARK_PHOTO.stem}.png", tmp_path / f"{GOOD_PHOTO.stem}.png"
    code, out, _ = figure(capsys, "mirnet", files[0], "-o", tmp_path / "x.png", "--reference", files[1])
    assert code == 0
    assert re.search(r"the input has PSNR \d+\.\d\d dB, the result PSNR \d+\.\d\d dB", out)


@pytest.mark.parametrize("name", ["skff", "input"])
@pytest.mark.slow
def test_one_pixel_is_enough(capsys, tmp_path, name):
    save_image(tmp_path / "pixel.png", np.full((1, 1, 3), 9, "uint8"))
    assert figure(capsys, name, tmp_path / "pixel.png", "-o", tmp_path / "x.png")[0] == 0


# Bad input: exit code 2, one line on standard error, nothing written.


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["skf"], "did you mean skff"),
        (["rrg_7/conv"], "is no component and no hook point"),
        (["skff", "--channel", "8"], "channel must be from 0 to 7 here, not 8"),
        (["skff", "--channel", "-1"], "not -1"),
        (["skff", "--all-channels"], "all channels can be drawn of one tensor"),
        (["skff", "--preset", "dask"], "unknown preset 'dask'"),
        (["skff", "--weights", "none.weights.h5"], "none.weights.h5"),
        (["skff", "--reference", str(GOOD_PHOTO)], "--reference must have the photo's size"),
    ],
)
def test_a_wrong_argument_is_one_line(capsys, photo, tmp_path, argv, complaint):
    code, out, err = figure(capsys, argv[0], photo, "-o", tmp_path / "x.png", *argv[1:])
    assert (code, out) == (2, "")
    lines = [line for line in err.splitlines() if not line.startswith("weights desk")]
    assert len(lines) == 1 and lines[0].startswith("mirnet: error: ") and complaint in lines[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("output", "complaint"),
    [
        ("x.gif", "end it in .png, .svg or .pdf"),
        ("x", "end it in .png, .svg or .pdf"),
        ("no/such/x.png", "no folder"),
        ("folder.png", "is a folder"),
    ],
)
def test_an_output_that_cannot_be_written(capsys, photo, tmp_path, output, complaint):
    (tmp_path / "folder.png").mkdir()
    code, out, err = figure(capsys, "skff", photo, "-o", tmp_path / output)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert complaint in err
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


@pytest.mark.skipif(os.name != "posix", reason="a read-only file is made with POSIX permissions")
def test_a_write_protected_output_stays_as_it_was(photo, tmp_path, capsys, monkeypatch):
    target = tmp_path / "x.png"
    target.write_bytes(b"mine")
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write everywhere
    code, _, err = figure(capsys, "skff", photo, "-o", target)
    assert code == 2 and "cannot be replaced" in err
    assert target.read_bytes() == b"mine"


@pytest.mark.parametrize("content", [b"", b"no picture", DARK_PHOTO.read_bytes()[:200]])
def test_what_is_no_image(capsys, tmp_path, content):
    (tmp_path / "photo.png").write_bytes(content)
    code, out, err = figure(capsys, "skff", tmp_path / "photo.png", "-o", tmp_path / "x.png")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "photo.png" in err and not (tmp_path / "x.png").exists()


@pytest.mark.slow
def test_in_a_process_of_its_own(photo, tmp_path):
    command = [sys.executable, "-c", "from mirnet_explainer import main; raise SystemExit(main())", "figure"]
    done = subprocess.run([*command, "skf", photo, "-o", tmp_path / "x.png"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 2  # the weights, and what is wrong
    assert not (tmp_path / "x.png").exists()
