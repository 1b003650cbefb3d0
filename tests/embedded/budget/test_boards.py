"""The boards: every figure has a source, and limits are smaller than what there is."""

from dataclasses import fields

import pytest

from embedded.budget.boards import BOARDS, FRAME_BYTES, Figure, board_of
from embedded.budget.estimate import Estimate, exactly
from model.errors import MirnetError
from model.images.camera_formats import COLUMNS, ROWS, rgb_to_yuv422
from model.samples import load_sample


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_every_figure_says_where_it_comes_from(board):
    figures = [getattr(board, each.name) for each in fields(board) if each.name not in ("name", "title", "processor")]
    figures = [each for each in figures if each is not None]
    assert len(figures) == (6 if board.cycles_per_instruction is None else 7)
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
    assert (nano.clock_hz.value, nano.sketch_flash.value, nano.free_ram.value) == (64e6, 983_040, 216_688)


def test_time_is_by_cycles_where_they_are_modelled_and_else_by_a_named_guess():
    nano, nicla = BOARDS["nano33ble"], BOARDS["niclavision"]
    cycles = Estimate(64e6, 96e6, 128e6)
    assert nano.time(1e6, cycles) == Estimate(1, 1.5, 2)
    assert "manual of the Cortex-M4" in nano.timing and "guess" not in nano.timing
    assert nicla.time(640e6, cycles) == exactly(1)
    assert nicla.timing.startswith("a guess of 0.75 cycles an instruction")


def test_a_frame_is_what_the_camera_gives():
    picture = load_sample("room")[0][:ROWS, :COLUMNS]
    assert rgb_to_yuv422(picture).nbytes == FRAME_BYTES == 38_400


@pytest.mark.parametrize(("name", "hint"), [("nano33", "did you mean nano33ble"), ("", "there are nano33ble")])
def test_an_unknown_board_is_refused(name, hint):
    with pytest.raises(MirnetError, match=hint):
        board_of(name)
    assert board_of("nano33ble").name == "nano33ble"
