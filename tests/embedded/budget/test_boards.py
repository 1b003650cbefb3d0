"""The boards: every figure has a source, and limits are smaller than what there is."""

from dataclasses import fields

import pytest

from embedded.budget.boards import BOARDS, FRAME_BYTES, Figure, board_of
from model.errors import MirnetError
from model.images.camera_formats import COLUMNS, ROWS, rgb_to_yuv422
from model.samples import load_sample


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_every_figure_says_where_it_comes_from(board):
    figures = [getattr(board, each.name) for each in fields(board) if each.name not in ("name", "title", "processor")]
    assert len(figures) == 7
    for figure in figures:
        assert isinstance(figure, Figure) and figure.value > 0 and figure.source
        assert figure.url.startswith("https://") or "our target" in figure.source or "what remains" in figure.source


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_limits_leave_something(board):
    assert board.flash.value <= board.sketch_flash.value
    assert board.ram.value + 30_000 < board.free_ram.value  # for heap and stack


def test_the_nano():
    nano = next(iter(BOARDS.values()))
    assert (nano.name, nano.ram.value, nano.flash.value, nano.seconds.value) == ("nano33ble", 180_224, 614_400, 4)
    assert (nano.clock_hz.value, nano.sketch_flash.value, nano.free_ram.value) == (64e6, 983_040, 214_600)


def test_a_frame_is_what_the_camera_gives():
    picture = load_sample("room")[0][:ROWS, :COLUMNS]
    assert rgb_to_yuv422(picture).nbytes == FRAME_BYTES == 38_400


@pytest.mark.parametrize(("name", "hint"), [("nano33", "did you mean nano33ble"), ("", "there are nano33ble")])
def test_an_unknown_board_is_refused(name, hint):
    with pytest.raises(MirnetError, match=hint):
        board_of(name)
    assert board_of("nano33ble").name == "nano33ble"
