"""Where results go: known, or refused, before anything is computed."""

import os
from pathlib import Path

import pytest

from explain.cli.main import main
from explain.cli.running.enhance_targets import EnhanceJob, left_out, plan
from model import ImageError


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).touch()


@pytest.mark.parametrize(
    ("name", "result", "transparent"),
    [
        ("a.png", "a.png", "a.png"),
        ("a.JPG", "a.JPG", "a.JPG"),
        ("a.jfif", "a.jfif", "a.jfif"),
        ("a.jpe", "a.jpe", "a.jpe"),
        ("a.tiff", "a.tiff", "a.tiff"),
        ("a.webp", "a.webp", "a.webp"),
        ("IMG_1.HEIC", "IMG_1.jpg", "IMG_1.png"),
        ("IMG_1.heif", "IMG_1.jpg", "IMG_1.png"),
        ("DSC_1.HIF", "DSC_1.jpg", "DSC_1.png"),
        ("x.avif", "x.jpg", "x.png"),
        ("scan.bmp", "scan.png", "scan.png"),
        ("scan.v2.bmp", "scan.v2.png", "scan.v2.png"),
        ("photo", "photo.png", "photo.png"),
        ("photo.dat", "photo.dat.png", "photo.dat.png"),
    ],
)
def test_names_of_results_in_a_folder(tmp_path, name, result, transparent):
    (tmp_path / "out").mkdir()
    for keep, expected in ((False, result), (True, transparent)):
        assert plan([name], str(tmp_path / "out"), keep) == [EnhanceJob(Path(name), tmp_path / "out" / expected)]


def test_many_photos_need_a_folder(tmp_path):
    (tmp_path / "taken.png").write_bytes(b"")
    with pytest.raises(ImageError, match="2 photos need a folder"):
        plan(["a.png", "b.png"], str(tmp_path / "taken.png"))


@pytest.mark.parametrize("output", ["both.png", "both.TIFF", "both.heic", "both.jpe"])
def test_many_photos_make_no_folder_of_a_photos_name(tmp_path, output):
    with pytest.raises(ImageError, match=rf"{output} is one file, but 2 photos need a folder"):
        plan(["a.png", "b.png"], str(tmp_path / output))
    touch(tmp_path / "photos", "one.jpg")
    with pytest.raises(ImageError, match="a folder of photos needs a folder"):
        plan([str(tmp_path / "photos")], str(tmp_path / output))
    assert sorted(os.listdir(tmp_path)) == ["photos"]


@pytest.mark.parametrize("output", ["results", "2026.05", "v1.0/photos"])
def test_any_other_name_is_a_folder(tmp_path, output):
    jobs = plan(["a.png", "b.heic"], str(tmp_path / output))
    assert [job.target for job in jobs] == [tmp_path / output / "a.png", tmp_path / output / "b.jpg"]
    assert not (tmp_path / output).exists()


def test_a_folder_that_is_called_like_a_photo_is_a_folder(tmp_path):
    (tmp_path / "old.png").mkdir()
    assert plan(["a.png", "b.png"], str(tmp_path / "old.png"))[0].target == tmp_path / "old.png" / "a.png"


def test_a_slash_at_the_end_is_a_folder(tmp_path):
    assert plan(["a.heic"], f"{tmp_path}/2026.05/") == [EnhanceJob(Path("a.heic"), tmp_path / "2026.05" / "a.jpg")]


def test_a_photo_that_is_named_twice_is_taken_once(tmp_path):
    touch(tmp_path / "photos", "a.jpg")
    named = str(tmp_path / "photos" / "a.jpg")
    assert len(plan([named, str(tmp_path / "photos"), named], str(tmp_path / "out"))) == 1
    assert plan([named, named], str(tmp_path / "b.jpg")) == [EnhanceJob(Path(named), tmp_path / "b.jpg")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x/a.png", "y/a.png"),
        ("x/IMG_1.HEIC", "x/IMG_1.jpg"),
        ("x/IMG_1.HEIC", "x/IMG_1.JPG"),  # one file on macOS and Windows
        ("x/IMG_1.heic", "x/IMG_1.avif"),
        ("x/scan.BMP", "x/scan.png"),
    ],
)
def test_two_results_are_not_written_over_each_other(tmp_path, one, other):
    for inputs in ([one, other], [other, one]):
        with pytest.raises(ImageError, match="would both be written to"):
            plan(inputs, str(tmp_path / "out"))


def test_names_that_lie_side_by_side_already_may_differ_in_capital_letters(tmp_path):
    assert len(plan(["x/a.png", "x/A.png"], str(tmp_path / "out"))) == 2


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("out.gif", r"cannot write the format '\.gif'"),
        ("out.v2", r"cannot write the format '\.v2'"),
        ("out.heic", "is read and not written"),
        ("out.avif", "is read and not written"),
        ("out.bmp", "is read and not written"),
        ("file/out.png", "is a file; give a folder"),
        ("file/inside", "this folder cannot be made"),
        ("file/deep/inside/out.png", "this folder cannot be made"),
        ("folder.png/out.png", None),
        ("missing/out.png", None),
        ("out.tiff", None),
        ("out.jfif", None),
    ],
)
def test_one_photo_to_one_file(tmp_path, output, says):
    (tmp_path / "file").touch()
    (tmp_path / "folder.png").mkdir()
    if says is None:
        assert plan(["a.png"], str(tmp_path / output)) == [EnhanceJob(Path("a.png"), tmp_path / output)]
    else:
        with pytest.raises(ImageError, match=says):
            plan(["a.png"], str(tmp_path / output))


def test_transparency_needs_a_format_that_holds_it(tmp_path):
    with pytest.raises(ImageError, match=r"\.jpg cannot hold transparency; end it in \.png"):
        plan(["a.png"], str(tmp_path / "out.jpg"), transparency=True)
    assert plan(["a.png"], str(tmp_path / "out.webp"), transparency=True)


def test_where_nothing_may_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    for output in ("out.png", "new/out.png", "new/deeper"):
        with pytest.raises(ImageError, match="may not be written to"):
            plan(["a.png"], str(tmp_path / output))


def test_a_write_protected_result_is_told_before_the_first_photo(tmp_path, monkeypatch):
    touch(tmp_path / "out", "b.png")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "b.png")
    with pytest.raises(ImageError, match="write-protected"):
        plan(["a.png", "b.png"], str(tmp_path / "out"))


# --- what a folder leaves out ----------------------------------------------------------------------------------


def test_a_folder_says_what_it_left_out_and_why(tmp_path):
    touch(tmp_path, "a.HEIC", "b.jfif", "c.jpg", "IMG_1.MOV", "raw.DNG", "notes.txt", ".hidden.png")
    (tmp_path / "2025").mkdir()
    (tmp_path / "moved.jpg").symlink_to(tmp_path / "gone.jpg")
    said = left_out(str(tmp_path))
    assert "moved.jpg (no ordinary file, or a link to nothing)" in said
    assert said.startswith(f"{tmp_path}: left out ")
    assert "2025 (a folder: name it" in said
    assert "IMG_1.MOV (a film)" in said
    assert "raw.DNG (raw: develop it first" in said
    assert "notes.txt (no photo that is read here, by its name)" in said
    assert not any(name in said for name in ("HEIC", "jfif", "jpg,", "c.jpg", "hidden"))
    assert [job.source.name for job in plan([str(tmp_path)], str(tmp_path / "out"))] == ["a.HEIC", "b.jfif", "c.jpg"]


def test_many_are_counted(tmp_path):
    touch(tmp_path, "a.jpg", *(f"{number}.mov" for number in range(40)), "x.mp4", "y.nef", "z.cr3")
    said = left_out(str(tmp_path))
    assert "40 .mov, 1 .mp4 (a film)" in said and "y.nef, z.cr3 (raw" in said
    assert len(said.splitlines()) == 1


def test_nothing_is_said_of_photos_alone(tmp_path):
    touch(tmp_path, "a.jpg", "b.tif")
    assert left_out(str(tmp_path)) == left_out(str(tmp_path / "a.jpg")) == left_out(str(tmp_path / "absent")) == ""


def test_a_folder_without_photos_says_what_is_in_it(tmp_path):
    touch(tmp_path, "a.dng", "b.dng")
    with pytest.raises(ImageError, match=r"holds no .* photo; left out a\.dng, b\.dng \(raw: develop it first"):
        plan([str(tmp_path)], "out")


@pytest.mark.parametrize(
    "argv",
    [
        ["a.png", "b.png", "-o", "both.png"],
        ["a.png", "-o", "o.gif"],
        ["a.png", "-o", "o.heic"],
        ["a.png", "-o", "o.jpg", "--keep-transparency"],
        ["a.png", "x/a.png", "-o", "out"],
    ],
)
def test_a_wrong_target_is_told_before_the_network_is_made(tmp_path, monkeypatch, capsys, argv):
    def no_network(*_):
        raise AssertionError("a network was made")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("model.zoo.load_network", no_network)
    assert main(["enhance", *argv]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert os.listdir() == []
