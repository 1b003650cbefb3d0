"""A board that tests itself: its C names the camera's faults as Python does, and puts right what it can."""

import re
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from bar_frames import CASES, bars, exchanged_wires, shorter_rows
from hypothesis import given
from hypothesis import strategies as st
from stand_in import restored

from embedded.camera.colour_bars import PICTURES, Wiring, colour_bars, look
from embedded.camera.frame_bytes import pattern_frame
from embedded.camera.ov7675 import Camera
from embedded.link.client import Board, Timeouts
from embedded.link.payloads import MemoryReport
from embedded.link.self_test import SelfTest
from embedded.link.simulated_board import run_board
from model.errors import MirnetError
from model.images.camera_formats import YUV_ORDERS, rgb_to_yuv422
from model.samples import SAMPLES, load_sample

STEADY = Timeouts(answer_s=10, work_s=30, tries=3)
FRAMES, QUICK = 100, 4
MEMORY = MemoryReport(1, 2, None, 4, 5)
GOOD = SelfTest(Wiring(), "", bytes(8), 64_000_000, 7, MEMORY)
BY_ITSELF = {  # what the board puts right, where Python's user is told to do something
    "good": "it sends Y Cb Y Cr, its wires are right",
    "Y Cr": "it sends Y Cr Y Cb, its wires are right; the board makes Y Cb Y Cr of it",
    "Y second": "it sends Cb Y Cr Y, its wires are right; the board makes Y Cb Y Cr of it",
    "D0/D1": "it sends Y Cb Y Cr, with the data wires D0 and D1 exchanged; the board makes Y Cb Y Cr of it",
}

# ---- the payload ----

uint32s = st.none() | st.integers(0, 2**32 - 2)


@given(
    wiring=st.none()
    | st.builds(
        Wiring,
        st.sampled_from(PICTURES),
        st.integers(312, 328),
        st.sampled_from(YUV_ORDERS),
        st.integers(-80, 79),
        st.booleans(),
    ),
    trouble=st.text(st.characters(codec="utf-8"), max_size=60),
    numbers=st.tuples(uint32s, uint32s),
    memory=st.builds(MemoryReport, *[uint32s] * 5),
)
def test_it_comes_back_from_its_bytes(wiring, trouble, numbers, memory):
    found = SelfTest(wiring, trouble, b"12345678", *numbers, memory)
    assert SelfTest.unpack(found.pack()) == found


@pytest.mark.parametrize("wrong", [b"", GOOD.pack()[:43], b"\x04" + GOOD.pack()[1:], b"\0\x04" + GOOD.pack()[2:]])
def test_what_makes_no_sense_is_told(wrong):
    with pytest.raises(MirnetError, match=r"FINDINGS of .* bytes makes no sense"):
        SelfTest.unpack(wrong)


# ---- the board's C beside Python ----


@pytest.mark.parametrize("case", CASES)
def test_c_sees_what_python_sees(c, case):
    make, _ = CASES[case]
    rng = np.random.default_rng(5)
    for _ in range(QUICK):
        frame = make(rng)
        assert c.look(frame) == look(frame)


@pytest.mark.slow
def test_c_sees_what_python_sees_in_any_frame(c):
    """Two faults at once, any place of the bars, any length of a row; and frames that are no test pattern."""
    rng = np.random.default_rng(6)
    seen = set()
    for number in range(FRAMES):
        frame = bars(rng, YUV_ORDERS[number % 4])
        frame = np.roll(frame.reshape(-1), rng.integers(0, 38_400)).reshape(frame.shape)
        frame = exchanged_wires(frame) if number % 3 == 0 else frame
        frame = shorter_rows(frame, int(rng.integers(0, 12))) if number % 5 == 0 else frame
        told = look(frame)
        assert c.look(frame) == told, number
        seen.add((told.picture, told.order, told.row_bytes, told.bits_exchanged))
    assert len(seen) > 10
    for sample in SAMPLES:
        for photo in load_sample(sample.name):
            frame = Camera().capture(photo)
            assert c.look(frame) == look(frame)


def test_c_makes_y_u_y_v_of_every_order(c):
    photo = load_sample(SAMPLES[0].name)[0]
    expected = Camera().capture(photo)
    for order in YUV_ORDERS:
        frame = Camera(order=order).capture(photo)
        np.testing.assert_array_equal(c.straighten(frame, Wiring(order=order)), expected)
        wiring = Wiring(order=order, bits_exchanged=True)
        np.testing.assert_array_equal(c.straighten(exchanged_wires(frame), wiring), expected)


# ---- a board ----


def show(camera: Path, name: str, frame: np.ndarray) -> None:
    """What the camera of a simulated board sends from now on."""
    (camera / name).write_bytes(frame.tobytes())


def check(program: Path, case: str, count: int) -> None:
    make, message = CASES[case]
    rng = np.random.default_rng(17)
    with run_board(program, pattern_frame()) as simulated, Board(simulated.line, timeouts=STEADY) as board:
        for number in range(count):
            show(simulated.camera, "pattern", make(rng))
            told = board.self_test().camera
            if case in BY_ITSELF:
                assert told == BY_ITSELF[case], number
            else:
                assert re.search(message, told) and ";" not in told, f"{number}: {told}"


@pytest.mark.parametrize("case", CASES)
def test_a_board_names_each_fault(program, case):
    check(program, case, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_board_names_each_fault_on_a_hundred_frames(program, case):
    check(program, case, FRAMES)


def test_a_frame_in_any_order_gives_the_same_restored_bytes(program):
    photo = load_sample(SAMPLES[0].name)[0]
    expected = Camera().capture(photo)
    rng = np.random.default_rng(8)
    for order in YUV_ORDERS:
        for damage in (np.copy, exchanged_wires):
            frame, pattern = damage(Camera(order=order).capture(photo)), damage(bars(rng, order))
            with (
                run_board(program, frame, test_pattern=pattern) as simulated,
                Board(simulated.line, timeouts=STEADY) as board,
            ):
                shot = board.capture()
                np.testing.assert_array_equal(shot.frame, expected)
                np.testing.assert_array_equal(shot.picture, restored(expected))


def test_all_that_a_board_finds(program):
    with run_board(program, pattern_frame(), b"12345678") as simulated, Board(simulated.line, timeouts=STEADY) as board:
        found = board.self_test()
        assert (found.wiring, found.trouble, found.model_hash) == (Wiring(), "", b"12345678")
        assert found.crc == crc32(restored(pattern_frame()).tobytes())
        assert found.memory == board.memory() and found.clock_hz is None
        np.testing.assert_array_equal(board.pattern().picture, restored(pattern_frame()))


def test_it_is_told_at_the_start_and_a_camera_may_come_later(program):
    logs = []
    frame = pattern_frame()
    with (
        run_board(program, frame, test_pattern=bytes(38_400)) as simulated,
        Board(simulated.line, timeouts=STEADY, log=logs.append) as board,
    ):
        board.hello()
        assert len(logs) == 2 and logs[1].startswith("camera: the frame is constant: no data comes from the camera")
        show(simulated.camera, "pattern", rgb_to_yuv422(colour_bars(), "YVYU"))
        np.testing.assert_array_equal(board.capture().frame, frame)  # it is looked at once
        (simulated.camera / "pattern").unlink()
        assert board.self_test().camera.startswith("not looked at: this simulated board has no camera")
        show(simulated.camera, "pattern", rgb_to_yuv422(colour_bars(), "YVYU"))
        np.testing.assert_array_equal(board.capture().frame.reshape(-1, 4), frame.reshape(-1, 4)[:, [0, 3, 2, 1]])


def test_where_there_is_no_camera_or_another_format(program):
    with run_board(program) as simulated, Board(simulated.line, timeouts=STEADY) as board:
        assert board.self_test().camera.startswith("not looked at: this simulated board has no camera")
        assert board.self_test().crc == crc32(restored(pattern_frame()).tobytes())
    with (
        run_board(program, pattern_frame(), frame_format="rgb565") as simulated,
        Board(simulated.line, timeouts=STEADY) as board,
    ):
        assert board.self_test().camera == "not looked at: its test pattern is read in YUV 4:2:2 only"
