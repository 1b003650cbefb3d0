"""`mirnet receptive` and its figure: squares, heat maps, circles and numbers in their places."""

from itertools import product

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.patches import Circle, Rectangle
from quick import quick

from explain.analysis.receptive import Field, Seen, field_of, stages
from explain.cli.main import main
from explain.figures import THEMES, figure_bytes
from explain.figures.results.receptive_fields import SHARES, draw_receptive, headings, numbers
from model import MIRNetConfig
from model.config import PRESETS
from model.images.photo_files import save_image

TINY = MIRNetConfig(channels=2, groups=1, blocks=1, streams=2, columns=1)
HEIGHT, WIDTH = 40, 60


def seen_by(field: Field, row: int, column: int, narrow: float = 6.0) -> Seen:
    """A made-up gradient, strongest at the pixel and fading with the distance."""
    rows, columns = np.indices((HEIGHT, WIDTH))
    away = np.hypot(rows - row, columns - column)
    return Seen(field, np.exp(-away / narrow) + 1e-4, row, column)


def drawn(size: str = "desk", theme: str = "light", pixel=(13, 21)):
    config = PRESETS[size]
    fields = [field_of(config, stage.name, *pixel) for stage in stages(config)]
    seen = [seen_by(field, *pixel) for field in fields]
    photo = np.random.default_rng(0).random((HEIGHT, WIDTH, 3), dtype="float32")
    held = seen_by(fields[-1], *pixel, narrow=2.0)
    return seen, held, draw_receptive(photo, seen, seen[-1], held, THEMES[theme])


def chart(figure, title):
    return next(axes for axes in figure.axes if axes.get_title("left").startswith(title))


@pytest.mark.parametrize(("size", "theme"), quick(product(("desk", "nano"), ("light", "dark")), ("nano", "dark")))
def test_words_neither_touch_nor_leave_the_figure(size, theme, crowded):
    _, _, figure = drawn(size, theme)
    assert crowded(figure) == []
    assert figure.get_facecolor() == mpl.colors.to_rgba(THEMES[theme].background)
    assert figure_bytes(figure, "png")[:4] == b"\x89PNG"


@pytest.mark.slow
def test_squares_lie_around_the_photo_where_the_fields_are():
    seen, _, figure = drawn()
    axes = chart(figure, "theoretical fields")
    fields = {one.field.name: one.field for one in seen}
    top, left = (min(getattr(field, side) for field in fields.values()) for side in ("top", "left"))
    boxes = [each for each in axes.patches if isinstance(each, Rectangle)]
    found = {(box.get_x() + left + 0.5, box.get_y() + top + 0.5, box.get_width(), box.get_height()) for box in boxes}
    known = {(field.left, field.top, *field.size[::-1]) for field in fields.values()}
    assert found <= known
    for name in ("shallow", "rrg_2/mrb_1/column_2/dau_3/out", "output"):
        assert (fields[name].left, fields[name].top, *fields[name].size[::-1]) in found
    view = axes.images[0].get_array()
    assert view.shape[:2] == fields["output"].size
    assert len({box.get_edgecolor() for box in boxes}) == len(boxes) == 1 + 4 + 1
    swatches = {each.get_facecolor() for each in figure.axes if each.get_label() == "colour bar"}
    assert {box.get_edgecolor() for box in boxes} <= swatches


def test_a_photo_larger_than_its_fields_is_shown_as_it_is():
    field = field_of(TINY, "shallow", 13, 21)
    one = seen_by(field, 13, 21)
    photo = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), "uint8")
    figure = draw_receptive(photo, [one], one, one)
    assert chart(figure, "theoretical fields").images[0].get_array().shape[:2] == (HEIGHT, WIDTH)


@pytest.mark.slow
def test_heat_is_logarithmic_and_circles_hold_their_shares():
    seen, held, figure = drawn()
    for title, one in (("effective field", seen[-1]), ("the same", held)):
        axes = chart(figure, title)
        heat = axes.images[0].get_array()
        np.testing.assert_allclose(heat, np.log10(np.maximum(one.gradient / one.gradient.max(), 1e-5)), atol=1e-6)
        assert heat.max() == 0 and heat[13, 21] == 0
        circles = [each for each in axes.patches if isinstance(each, Circle)]
        assert [circle.radius for circle in circles] == [one.radius(share) for share in SHARES]
        assert {circle.center for circle in circles} == {(21, 13)}
        assert axes.images[0].get_clim() == (-5, 0)


@pytest.mark.slow
def test_the_table_says_what_was_measured():
    seen, _, figure = drawn()
    texts = [text.get_text() for text in figure.texts]
    assert all(argv in texts for argv in headings())
    for one in seen:
        argv = numbers(one)
        assert all(word in texts for word in argv)
        rows, columns = one.field.size
        assert argv[1] == f"{rows} × {columns}" and argv[-1] == f"{one.share_inside:.2%}"
        assert argv[3:6] == tuple(f"{one.radius(share):.1f} px" for share in SHARES)


def test_the_caption_compares_both_heat_maps():
    seen, held, figure = drawn()
    assert f"90 % within {seen[-1].radius(0.9):.1f}" in figure.caption
    assert f"it is 90 % within {held.radius(0.9):.1f}" in figure.caption
    assert "every pixel matters a little" in figure.caption


# The command.


@pytest.fixture
def tiny(monkeypatch) -> list[str]:
    monkeypatch.setitem(PRESETS, "tiny", TINY)
    return ["--preset", "tiny", "--weights", "random"]


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "photo.png"
    save_image(path, np.random.default_rng(0).integers(0, 90, (35, 50, 3), "uint8"))
    return path


def receptive(capsys, *argv):
    """The exit code, standard output and standard error of `mirnet receptive ...`."""
    code = main(["receptive", *map(str, argv)])
    return code, *capsys.readouterr()


def test_a_figure_a_table_and_a_caption(capsys, tiny, photo, tmp_path):
    code, out, err = receptive(capsys, photo, "-o", tmp_path / "x.png", "--pixel", "20", "30", *tiny)
    assert code == 0 and err.startswith("random weights") and "shrunk" not in err
    lines = out.splitlines()
    assert lines[0].split()[0] == "stage"
    assert [line.split("  ")[0] for line in lines[1:6]] == [stage.words for stage in stages(TINY)]
    assert "compare the two heat maps" in out
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


def test_a_large_photo_is_shrunk_with_its_pixel(capsys, tiny, photo, tmp_path):
    argv = [photo, "-o", tmp_path / "x.svg", "--pixel", "34", "49", "--side", "25"]
    code, _, err = receptive(capsys, *argv, "--hook", "rrg_1/mrb_1/merge/skff/out", *tiny)
    assert code == 0
    assert "shrunk to 25 x 18 pixels, the pixel is now 17 24" in err
    drawn = (tmp_path / "x.svg").read_text(encoding="utf-8")
    assert "around row 17, column 24 of a photo of 18 × 26 pixels" in drawn
    assert "effective field: group 1 · block 1 · merge · SKFF · out" in drawn


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["--pixel", "35", "0"], "--pixel must be a row from 0 to 34 and a column from 0 to 49, not 35 0"),
        (["--side", "3"], "--side must be at least 16, not 3"),
        (["--hook", "nothing"], "'nothing' is not a hook point"),
        (["--hook", "rrg_1/mrb_1/merge/skff/weights"], "comes from the whole photo"),
        (["-o", "x.gif"], "end it in .png, .svg or .pdf"),
    ],
)
def test_what_a_user_can_fix(capsys, tiny, photo, tmp_path, argv, complaint):
    code, out, err = receptive(capsys, photo, "-o", tmp_path / "x.png", *argv, *tiny)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("mirnet: error: ") and complaint in err
    assert list(tmp_path.iterdir()) == []
