"""`mirnet enhance` as a person uses it: files, folders, and the things that go wrong."""

import io
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from photo_cases import WHOLE, dark_gradient, encoded, gradient, shot_exif, whole_photo
from PIL import Image, ImageCms

from explain.cli.console import notes_console
from explain.cli.main import main
from explain.cli.running.enhance_photos import enhance_all
from explain.cli.running.enhance_targets import EnhanceJob
from model import MIRNet, MIRNetConfig, load_image, save_image
from model.images.photo_files import load_photo
from model.images.photo_formats import RESULT_SUFFIXES
from model.images.photo_writers import photo_bytes
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


def test_a_photo_that_is_too_wide_for_its_result_is_not_computed(tmp_path):
    save_image(tmp_path / "wide.png", np.zeros((1, 16_384, 3), np.uint8))
    jobs = [EnhanceJob(tmp_path / "wide.png", tmp_path / "wide.webp")]
    nobody: Any = None  # a network that computes nothing
    [said] = enhance_all(nobody, jobs, 10**6, notes_console())
    assert said.endswith("wide.webp: a WebP has at most 16383 pixels a side; end it in .png")


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
        (["empty", "-o", "out"], "holds no PNG, JPEG, WebP, HEIC, AVIF, TIFF or BMP photo"),
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


@pytest.fixture(scope="module")
def identity() -> MIRNet:
    """A network that changes nothing: all it adds is 0."""
    net = MIRNet(MIRNetConfig(channels=4, groups=1, blocks=1, streams=2))
    net(np.zeros((1, 8, 8, 3), "float32"))
    for weight in net.trainable_weights:
        weight.assign(np.zeros(weight.shape))
    return net


@pytest.fixture
def enhanced(identity, monkeypatch, tmp_path):
    """`enhanced(content, name, output, *options)`: the exit code of `mirnet enhance name -o output …`."""
    monkeypatch.setattr("model.zoo.load_network", lambda *_: (identity, "a network that changes nothing"))
    monkeypatch.chdir(tmp_path)

    def run(content: bytes, name: str, output: str, *options: str) -> int:
        Path(name).write_bytes(content)
        return main(["enhance", name, "-o", output, *options])

    return run


@pytest.mark.parametrize(("name", "output"), [("in.png", "out.png"), ("in.tif", "out.tiff"), ("in.png", "out.tif")])
def test_a_dark_gradient_of_16_bits_loses_nothing(enhanced, name, output):
    assert enhanced(photo_bytes(Path(name).suffix, dark_gradient(), b""), name, output) == 0
    result = np.rint(load_photo(output).pixels * 65535)
    np.testing.assert_array_equal(result, dark_gradient())
    assert len(np.unique(result[..., 0])) == 4096


@pytest.mark.parametrize("kind", WHOLE)
def test_every_format_into_a_folder(enhanced, kind, require):
    if kind == "HEIC":
        require(find_spec("pi_heif"), "needs pi-heif: pip install pi-heif")
    assert enhanced(whole_photo(kind), f"IMG_1{WHOLE[kind]}", "out/") == 0
    [result] = Path("out").iterdir()
    assert result.name == f"IMG_1{RESULT_SUFFIXES[WHOLE[kind]]}"
    assert np.abs(load_image(result).astype(int) - gradient()).max() <= 12  # JPEG twice, at most


@pytest.mark.parametrize("name", ["IMG_1.HEIC", "mail.jfif", "old.jpe"])
def test_a_jpeg_by_another_name(enhanced, name):
    assert enhanced(whole_photo("JPEG"), name, "out") == 0
    [result] = Path("out").iterdir()
    assert result.read_bytes()[:3] == b"\xff\xd8\xff" and load_image(result).shape == (48, 80, 3)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tiff"])
def test_transparency_is_kept_on_request(enhanced, suffix):
    alpha = np.repeat([255, 128, 0], [40, 20, 20]).astype(np.uint8)[None].repeat(48, axis=0)
    content = encoded(np.dstack([gradient(), alpha]), "PNG")
    assert enhanced(content, "in.png", f"out{suffix}", "--keep-transparency") == 0
    kept = load_photo(f"out{suffix}", keep_transparency=True)
    np.testing.assert_array_equal(kept.alpha, alpha)
    assert np.abs(kept.pixels[:, :40].astype(int) - gradient()[:, :40]).max() <= (0 if suffix != ".webp" else 20)
    assert enhanced(content, "in.png", f"plain{suffix}") == 0
    assert load_photo(f"plain{suffix}", keep_transparency=True).alpha is None


def test_transparency_that_the_photos_own_name_cannot_hold_is_an_error(enhanced, capsys):
    transparent = encoded(np.dstack([gradient(), np.full((48, 80), 9, np.uint8)]), "PNG")
    assert enhanced(transparent, "really-a-png.jpg", "out", "--keep-transparency") == 2
    assert ".jpg cannot hold transparency" in capsys.readouterr().err
    assert enhanced(whole_photo("JPEG"), "really-a-jpeg.jpg", "out", "--keep-transparency") == 0


@pytest.mark.parametrize(("options", "has_place"), [((), False), (("--keep-location",), True)])
def test_date_and_camera_are_kept_and_the_place_on_request(enhanced, options, has_place):
    content = encoded(gradient(), "JPEG", exif=shot_exif().tobytes())
    assert enhanced(content, "in.jpg", "out.tif", *options) == 0
    with Image.open("out.tif") as result:
        exif = result.getexif()
        assert (exif[0x0110], exif[0x0132]) == ("Phone 9", "2026:05:04 21:22:23")
        assert bool(exif.get_ifd(0x8825)) == has_place
        assert "sRGB" in ImageCms.getProfileDescription(
            ImageCms.ImageCmsProfile(io.BytesIO(result.info["icc_profile"]))
        )
        assert result.size == (48, 80)


@pytest.mark.slow
def test_of_several_pages_the_first_and_what_a_folder_leaves_out_are_said(enhanced, capsys):
    Path("photos").mkdir()
    Path("photos/notes.txt").touch()
    pages = encoded(Image.fromarray(gradient()), "TIFF", save_all=True, append_images=[Image.new("RGB", (9, 9))])
    assert enhanced(pages, "photos/scan.tif", "out") == 0
    assert main(["enhance", "photos", "-o", "out"]) == 0
    said = capsys.readouterr().err
    assert "photos/scan.tif: the file holds several pictures (pages, or an animation); the first was taken" in said
    assert "photos: left out notes.txt (no photo that is read here, by its name)" in said


def test_a_heic_in_a_folder_without_its_package_is_an_error(enhanced, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    Path("photos").mkdir()
    Path("photos/a.heic").write_bytes(whole_photo("HEIC"))
    assert enhanced(whole_photo("JPEG"), "photos/b.jpg", "out") == 0
    assert main(["enhance", "photos", "-o", "out"]) == 2
    assert "a.heic: is a HEIC picture" in capsys.readouterr().err
    assert os.listdir("out") == ["b.jpg"]


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
