"""`mirnet enhance` as a person uses it: files, folders, and the things that go wrong."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from explain.cli.main import main
from explain.cli.running.enhance_photos import EnhanceJob, plan
from model import ImageError, load_image, save_image
from model.samples import load_sample

pytestmark = pytest.mark.usefixtures("loaded_once")


@pytest.fixture
def photo() -> np.ndarray:
    return load_sample("coffee")[0][:60, :90]


def huge_png() -> bytes:
    """A valid PNG of 20,000 x 20,000 black pixels, one bit each."""
    import struct
    import zlib

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(2501)) for _ in range(20_000)) + rows.flush()
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.slow
def test_a_folder_with_two_good_photos_a_broken_and_a_huge_one(tmp_path, photo, capsys):
    folder, out = tmp_path / "photos", tmp_path / "restored"
    folder.mkdir()
    save_image(folder / "a.png", photo)
    save_image(folder / "d.jpg", photo[:41, :53])
    (folder / "b_broken.jpg").write_bytes((folder / "d.jpg").read_bytes()[:500])
    (folder / "c_huge.png").write_bytes(huge_png())
    (folder / "notes.txt").write_text("not a photo, and not asked for")
    assert main(["enhance", str(folder), "-o", str(out)]) == 2
    assert sorted(os.listdir(out)) == ["a.png", "d.jpg"]
    assert load_image(out / "a.png").shape == photo.shape
    assert load_image(out / "d.jpg").shape == (41, 53, 3)
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("mirnet: error:")]
    assert len(errors) == 2
    assert "b_broken.jpg" in errors[0]
    assert re.search(r"c_huge.png.*400,000,000|c_huge.png.*20000|c_huge.png.*20,000", errors[1])


@pytest.mark.parametrize(
    ("argv", "note"),
    [
        (["--preset", "1x1", "--weights", "random"], "random weights (seed 0)"),
        pytest.param([], "weights desk: trained on LOL", marks=pytest.mark.slow),
    ],
    ids=["1x1", "desk"],
)
def test_one_photo_to_one_file(tmp_path, photo, capsys, argv, note):
    save_image(tmp_path / "dark.png", photo)
    assert main(["enhance", str(tmp_path / "dark.png"), "-o", str(tmp_path / "bright.webp"), *argv]) == 0
    assert load_image(tmp_path / "bright.webp").shape == photo.shape
    assert note in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["absent.png", "-o", "out.png"], "absent.png"),
        (["dark.png", "-o", "out.png", "--preset", "huge"], "unknown preset 'huge'"),
        (["dark.png", "-o", "out.png", "--weights", "absent.npz"], "there is no file absent.npz"),
        (["dark.png", "-o", "dark.png"], "would be overwritten by its own result"),
        (["dark.png", "-o", "file/inside"], "cannot be made"),
        (["dark.png", "-o", "out.gif"], "cannot write the format '.gif'"),
        (["dark.png", "-o", "out.png", "--max-pixels", "100"], "dark.png"),
        (["empty", "-o", "out"], "holds no PNG, JPEG or WebP photo"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(tmp_path, photo, capsys, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    save_image("dark.png", photo)
    Path("file").write_text("in the way")
    Path("empty").mkdir()
    before, content = sorted(os.listdir()), Path("dark.png").read_bytes()
    assert main(["enhance", *argv]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("mirnet: error:")]
    assert len(lines) == 1
    assert message in lines[0]
    assert sorted(os.listdir()) == before
    assert Path("dark.png").read_bytes() == content


class TestPlan:
    def test_a_folder_given_as_output_takes_the_photos_names(self, tmp_path):
        (tmp_path / "out").mkdir()
        assert plan(["x/a.png"], str(tmp_path / "out")) == [EnhanceJob(Path("x/a.png"), tmp_path / "out" / "a.png")]

    def test_many_photos_need_a_folder(self, tmp_path):
        (tmp_path / "taken.png").write_bytes(b"")
        with pytest.raises(ImageError, match="need a folder"):
            plan(["a.png", "b.png"], str(tmp_path / "taken.png"))

    def test_two_photos_of_one_name_are_not_written_over_each_other(self, tmp_path):
        with pytest.raises(ImageError, match="both be written"):
            plan(["x/a.png", "y/a.png"], str(tmp_path / "out"))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads peak memory from /proc, which is Linux's")
def test_a_12_megapixel_photo_takes_at_most_4_gigabytes(tmp_path):
    save_image(tmp_path / "phone.jpg", np.tile(load_sample("palace")[0], (13, 12, 1))[:3000, :4000])
    program = (
        "import re, sys\n"
        "from explain.cli.main import main\n"
        "code = main(sys.argv[1:])\n"
        "print('PEAK', re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
        "sys.exit(code)\n"
    )
    argv = ["enhance", str(tmp_path / "phone.jpg"), "-o", str(tmp_path / "out.jpg")]
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, text=True, check=True)
    assert load_image(tmp_path / "out.jpg").shape == (3000, 4000, 3)
    assert int(done.stdout.split("PEAK")[1]) < 4 * 1024**2  # kB
    assert "estimate" in done.stderr
