"""`mirnet view`: photos before and after the board, saved whole and never over others, and shown."""

import sys
from importlib.util import find_spec
from io import StringIO
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image
from rich.console import Console

from embedded.camera.frame_bytes import pattern_frame
from embedded.camera.ov7675 import Camera
from embedded.emulator import Emulator
from explain.cli.main import build_parser, find_commands, main
from explain.cli.running import view_photos
from explain.cli.running.terminal_pictures import side_by_side
from explain.figures import THEMES
from explain.figures.results.board_photo import draw_shot
from model.images.camera_formats import rgb_to_yuv422, yuv422_to_rgb
from model.images.photo_files import load_image
from model.samples import get_sample, load_sample

NEEDS_PYSERIAL = "needs pyserial: pip install 'mirnet-explainer[serial]'"
FILES = {"before.png", "after.png", "both.png"}


@pytest.fixture
def pyserial(require):
    require(find_spec("serial"), NEEDS_PYSERIAL)


@pytest.fixture
def view(capsys, board, tmp_path):
    """`mirnet view` on the small network, into a folder of the test: exit code, output, errors."""

    def run(*argv):
        code = main(["view", "--model", board.model, "-o", str(tmp_path / "photos"), *map(str, argv)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def photos(tmp_path):
    """What the command has left: photo to its files."""

    def look() -> dict[str, set[str]]:
        folder = tmp_path / "photos"
        return {path.name: {file.name for file in path.iterdir()} for path in sorted(folder.iterdir())}

    return look


@pytest.mark.slow
def test_photos_of_the_camera(view, photos, board, needs_simboard, tmp_path):
    code, out, err = view("--simulated", "--count", 2)
    assert code == 0, out + err
    assert photos() == {"photo-0001": FILES, "photo-0002": FILES}
    frame = Camera().capture(load_sample("kingfisher")[0])
    first = tmp_path / "photos" / "photo-0001"
    np.testing.assert_array_equal(load_image(first / "before.png"), yuv422_to_rgb(frame))
    np.testing.assert_array_equal(load_image(first / "after.png"), Emulator(board.model).restore(frame))
    assert load_image(first / "both.png").shape[1] > 900
    assert f"{first}: " in out and "2 photos are in" in out
    assert "other kinds" in out and "Memory: arena " in out and out.count("kind of operator") == 1
    assert "\x1b" not in out and "\N{UPPER HALF BLOCK}" not in out  # a pipe
    assert "rows of photo 2" in err and "120/120" in err

    before = {path: path.read_bytes() for path in first.parent.rglob("*.png")}
    assert view("--simulated")[0] == 0
    assert list(photos()) == ["photo-0001", "photo-0002", "photo-0003"]
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.slow
def test_a_photo_of_ones_own(view, board, needs_simboard, tmp_path):
    path = tmp_path / "my $1 photo for 2$.webp"
    path.write_bytes(get_sample("palace").dark.read_bytes())
    code, _, err = view("--simulated", "--photo", path)
    assert code == 0, err
    frame = Camera().capture(load_image(path))
    folder = tmp_path / "photos" / "photo-0001"
    np.testing.assert_array_equal(load_image(folder / "before.png"), Camera().picture(frame))
    np.testing.assert_array_equal(load_image(folder / "after.png"), Emulator(board.model).restore(frame))


@pytest.mark.slow
def test_the_pattern_needs_no_camera(view, board, simboard, pyserial, tmp_path):
    with simboard() as simulated:
        code, _, err = view("--port", simulated.port)
        assert code == 2 and "the board says: this simulated board has no camera" in err
        assert not (tmp_path / "photos").exists()
        assert view("--port", simulated.port, "--pattern")[0] == 0
    after = load_image(tmp_path / "photos" / "photo-0001" / "after.png")
    np.testing.assert_array_equal(after, Emulator(board.model).restore(pattern_frame()))


@pytest.mark.slow
def test_a_camera_in_another_byte_order_is_told(view, simboard, pyserial):
    photo = yuv422_to_rgb(Camera().capture(load_sample("kingfisher")[1]))
    with simboard(frame=rgb_to_yuv422(photo, "UYVY")) as simulated:
        code, _, err = view("--port", simulated.port)
    assert code == 0
    assert "the frame looks like UYVY" in " ".join(err.split())


@pytest.mark.slow
def test_a_terminal_shows_the_photo(board, needs_simboard, tmp_path):
    argv = ["view", "--simulated", "--model", board.model, "-o", str(tmp_path / "photos")]
    args = build_parser(find_commands()).parse_args(argv)
    shown = Console(file=StringIO(), force_terminal=True, color_system="truecolor", width=80)
    view_photos.view(args, Console(file=StringIO()), shown)
    lines = [line for line in shown.file.getvalue().splitlines() if "\N{UPPER HALF BLOCK}" in line]
    assert len(lines) == 15 and all(line.count("\N{UPPER HALF BLOCK}") == 78 for line in lines)
    plain = Console(file=StringIO(), force_terminal=True, color_system=None, width=80)
    view_photos.view(args, Console(file=StringIO()), plain)
    assert "\N{UPPER HALF BLOCK}" not in plain.file.getvalue()


@pytest.mark.parametrize("found", [True, False])
@pytest.mark.slow
def test_the_first_photo_is_opened(view, needs_simboard, tmp_path, monkeypatch, found):
    opened = []
    monkeypatch.setattr(view_photos.webbrowser, "open", lambda address: opened.append(address) or found)
    code, _, err = view("--simulated", "--show", "--count", 2)
    assert code == 0
    assert opened == [(tmp_path / "photos" / "photo-0001" / "both.png").as_uri()]
    assert ("No viewer was found" in err) is not found


# ---- an end before the end ----


def test_without_a_count_it_goes_on_until_ctrl_c(view, photos, needs_simboard, monkeypatch):
    """A photo is due every 1000 s: each wait is as long as the time has not passed anyway."""
    now, waits = [5.0], []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 4:
            raise KeyboardInterrupt
        now[0] += seconds + 10

    monkeypatch.setattr(view_photos, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    code, out, err = view("--simulated", "--every", 1000)
    assert code == 130 and err.endswith("mirnet: interrupted\n")
    assert photos() == dict.fromkeys(["photo-0001", "photo-0002", "photo-0003"], FILES)
    assert "3 photos are in" in out
    assert waits == [0, 990, 990, 990]


def test_ctrl_c_while_a_photo_is_written_leaves_nothing_of_it(view, photos, needs_simboard, monkeypatch):
    save, saved = view_photos.save_figure, []

    def interrupt(*argv):
        save(*argv)
        saved.append(argv)
        if len(saved) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(view_photos, "save_figure", interrupt)
    assert view("--simulated", "--count", 5)[0] == 130
    assert photos() == {"photo-0001": FILES}


@pytest.mark.slow
def test_a_board_that_is_unplugged_in_the_middle(view, photos, simboard, pyserial):
    photo = yuv422_to_rgb(Camera().capture(load_sample("kingfisher")[1]))
    with simboard("if (run == 2 && y == 40) exit(0);", frame=rgb_to_yuv422(photo, "YUYV")) as simulated:
        code, out, err = view("--port", simulated.port, "--count", 5)
    assert code == 2 and "the board is disconnected" in " ".join(err.split())
    assert photos() == {"photo-0001": FILES}
    assert "photo-0001: " in out


def test_a_number_that_somebody_else_takes_meanwhile_stays_theirs(tmp_path, monkeypatch):
    picture, rename = np.zeros((120, 160, 3), np.uint8), view_photos.Path.rename
    (tmp_path / "photo-0007").mkdir()

    def late(path, target):
        if target.name == "photo-0008":
            target.mkdir()
            (target / "theirs").touch()
        return rename(path, target)

    monkeypatch.setattr(view_photos.Path, "rename", late)
    place = view_photos.save_shot(tmp_path, picture, picture, lambda path: path.write_bytes(b"both"))
    assert place == tmp_path / "photo-0009" and {path.name for path in place.iterdir()} == FILES
    assert [path.name for path in (tmp_path / "photo-0008").iterdir()] == ["theirs"]
    assert len(list(tmp_path.iterdir())) == 3


# ---- what a user can fix ----


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--count", "0"], "--count must be at least 1, not 0"),
        (["--every", "-1"], "--every is a number of seconds, 0 or more, not -1"),
        (["--every", "nan"], "--every is a number of seconds"),
        (["--photo", "missing.png"], "missing.png: there is no such file"),
        (["-o", __file__], "is a file; give a folder"),
    ],
)
def test_wrong_words_are_one_line_and_exit_code_2(view, argv, message):
    code, out, err = view("--simulated", *argv)
    assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1


def test_a_folder_that_cannot_be_made(view, needs_simboard, tmp_path):
    (tmp_path / "file").touch()
    code, _, err = view("--simulated", "-o", tmp_path / "file" / "photos")
    assert code == 2 and "is a file; choose another folder" in err and len(err.splitlines()) == 1


@pytest.mark.slow
def test_a_board_of_another_model_and_none(view, simboard, pyserial, monkeypatch):
    with simboard(model_hash=b"strange!") as simulated:
        code, _, err = view("--port", simulated.port)
        assert code == 2 and "was made of another model" in err
    code, _, err = view("--port", "/dev/no-such-port")
    assert code == 2 and "there is no such port" in err
    monkeypatch.setitem(sys.modules, "serial", None)
    code, _, err = view()
    assert code == 2 and "pip install 'mirnet-explainer[serial]'" in err


# ---- pictures ----


def test_half_blocks_have_the_colours_of_two_pixels():
    rows = np.array([[10, 20], [30, 40], [50, 60], [70, 80]], np.uint8)
    picture = np.repeat(rows[..., None], 3, axis=2) + np.arange(3, dtype=np.uint8)
    text = side_by_side([("a", picture), ("b", picture)], columns=6)
    assert text.plain == "a   b \n▀▀  ▀▀\n▀▀  ▀▀"
    colours = [(span.style.color.triplet, span.style.bgcolor.triplet) for span in text.spans[1:]]
    one = [((a, a + 1, a + 2), (a + 20, a + 21, a + 22)) for a in (10, 20)]
    two = [((a, a + 1, a + 2), (a + 20, a + 21, a + 22)) for a in (50, 60)]
    assert colours == [*one, *one, *two, *two]


def test_half_blocks_fit_the_width_and_keep_the_shape():
    picture = np.zeros((120, 160, 3), np.uint8)
    for columns in (4, 20, 79, 80, 200):
        lines = side_by_side([("before", picture), ("after", picture)], columns).plain.splitlines()
        assert {len(line) for line in lines} <= {columns, columns - 1}
        assert len(lines) - 1 == max(1, round((columns - 2) // 2 * 120 / 160 / 2))
    assert side_by_side([("before", picture)] * 3, 1).plain == "b  b  b\n▀  ▀  ▀"  # never nothing


@pytest.mark.parametrize("theme", THEMES)
def test_the_picture_of_both(theme):
    before, after = np.full((120, 160, 3), 9, np.uint8), np.full((120, 160, 3), 99, np.uint8)
    figure = draw_shot(before, after, THEMES[theme], "a $photo$", "a board: 2.31 s")
    shown = [image.get_array() for axes in figure.axes for image in axes.images]
    np.testing.assert_allclose(shown[0], before / 255)
    np.testing.assert_allclose(shown[1], after / 255)
    assert figure.caption == "The network raised the mean level from 9 to 99 of 255."
    assert draw_shot(after, before).caption == "The mean level was 99 of 255 and is 9 now."
    assert figure.get_facecolor() == mpl.colors.to_rgba(THEMES[theme].background)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [text.get_window_extent() for text in figure.texts]
    boxes += [axes.title.get_window_extent() for axes in figure.axes]
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1 for box in boxes)


def test_the_picture_is_small_enough_to_look_at(tmp_path):
    picture = np.zeros((120, 160, 3), np.uint8)
    draw_shot(picture, picture).savefig(tmp_path / "both.png")
    with Image.open(tmp_path / "both.png") as image:
        assert image.width == 972 and 400 < image.height < 600
