"""`mirnet board-test`: a good board passes, and whatever is wrong with a bad one is found and told."""

import json
import os
import re
import sys
from functools import partial
from importlib.util import find_spec
from io import StringIO
from zlib import crc32

import numpy as np
import pytest
from rich.console import Console

from embedded.budget.boards import NANO
from embedded.budget.fit import fit
from embedded.camera.colour_bars import Wiring, colour_bars
from embedded.camera.frame_bytes import pattern_frame
from embedded.emulator import Emulator
from embedded.link import simulated_board as simulated_boards
from embedded.link.client import Board, Timeouts
from embedded.link.payloads import Info, MemoryReport
from embedded.link.replies import Timings
from embedded.link.self_test import SelfTest
from embedded.tflite.model_hash import hash_of
from explain.analysis.trial_frames import trials
from explain.cli.main import main
from explain.cli.running import board_link
from explain.cli.running.board_link import Link, beside_bars, memory_summary, times_by_kind
from explain.cli.running.self_checks import self_checks
from model.errors import MirnetError
from model.images.camera_formats import rgb_to_yuv422
from model.samples import SAMPLES

NEEDS_PYSERIAL = "needs pyserial: pip install 'mirnet-explainer[serial]'"
QUICK = Timeouts(answer_s=0.2, work_s=0.2, tries=2)


@pytest.fixture
def pyserial(require):
    require(find_spec("serial"), NEEDS_PYSERIAL)


def board_test(capsys, *argv) -> tuple[int, str, str]:
    code = main(["board-test", *map(str, argv)])
    return code, *capsys.readouterr()


def outcomes(out: str) -> list[str]:
    """The lines about frames."""
    return re.findall(r"^ *\d+  (.*)$", out, re.MULTILINE)


def attached(capsys, board, simulated, *argv) -> tuple[int, str, str]:
    """With a board that is told by its port."""
    return board_test(capsys, "--port", simulated.port, "--model", board.model, *argv)


# ---- a good board ----


def test_a_simulated_board_is_equal(capsys, board, needs_simboard, tmp_path):
    path = tmp_path / "report.json"
    code, out, err = board_test(capsys, "--simulated", "--model", board.model, "--frames", 9, "--json", path)
    assert code == 0, out + err
    lines = outcomes(out)
    assert len(lines) == 9 and all(re.search(r": equal; \d+\.\d\d s$", line) for line in lines)
    assert out.splitlines()[-1] == "Equal: 9 frames, every byte as the emulator has it."
    assert "which says nothing about a Nano" in out and "the board says: ready" in err
    report, graph = json.loads(path.read_text()), fit(board.quantized.model, NANO)
    assert report["equal"] and report["board"]["simulated"] and report["frames_asked"] == 9
    assert [frame["differing"] for frame in report["frames"]] == [0] * 9
    assert len(report["ticks"]) == len(graph.works) == sum(kind["operators"] for kind in report["kinds"])
    assert sum(kind["seconds"] for kind in report["kinds"]) == pytest.approx(report["seconds"])
    assert report["memory"]["arena"] == report["planned_arena"] == graph.plan.peak
    assert f"Memory: arena {graph.plan.peak:,} B as planned; stack at most unknown" in out
    table = [line.split()[0] for line in out.splitlines() if re.match(r"[A-Z_0-9]+ +\d+ ", line)]
    assert table == [kind["kind"] for kind in report["kinds"]]
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    tests = {test["name"]: test["passed"] for test in report["self_test"]}
    assert tests == dict(camera=None, memory=True, cache=None, clock=None, model=True) | {"one frame": True}
    assert re.search(r"^  camera     \?      not looked at: this simulated board has no camera", out, re.MULTILINE)
    assert re.search(r"^  one frame  right  the network restores the pattern as the emulator does", out, re.MULTILINE)


@pytest.mark.slow
def test_a_board_is_found_by_its_port(capsys, board, simboard, pyserial):
    with simboard(name="Nano 33 BLE Sense") as simulated:
        for _ in range(2):  # it is given back
            code, out, _ = attached(capsys, board, simulated, "--frames", 1)
            assert code == 0
    assert out.startswith("Nano 33 BLE Sense: network ") and "Equal: 1 frame, every" in out
    assert "which says nothing about a Nano" not in out


@pytest.mark.slow
def test_a_board_that_does_not_count_operators_tells_the_whole(capsys, board, simboard, pyserial):
    with simboard(timed=False) as simulated:
        code, out, _ = attached(capsys, board, simulated, "--frames", 1)
    assert code == 0
    assert "all (not counted one by one)" in out and "CONV_2D" not in out


@pytest.mark.parametrize(
    ("pattern", "code", "said"),
    [
        (rgb_to_yuv422(colour_bars(), "YVYU"), 0, r"camera     right  it sends Y Cr Y Cb.*; the board makes Y Cb Y Cr"),
        (bytes(38_400), 1, r"camera     WRONG  the frame is constant: no data comes from the camera"),
    ],
    ids=["another order", "no data"],
)
@pytest.mark.slow
def test_the_cameras_wires_are_told(capsys, board, simboard, pyserial, pattern, code, said):
    with simboard(frame=pattern_frame(), test_pattern=pattern) as simulated:
        found, out, _ = attached(capsys, board, simulated, "--frames", 1)
    assert re.search(f"^  {said}", out, re.MULTILINE) and found == code
    assert outcomes(out)[0].startswith(SAMPLES[0].name) and ": equal; " in outcomes(out)[0]


@pytest.mark.slow
def test_a_sketch_without_a_self_test_is_compared_all_the_same(capsys, board, simboard, pyserial, monkeypatch):
    def refuse(self):
        raise MirnetError("the board says: this sketch does not know that request: upload the newest")

    monkeypatch.setattr(Board, "self_test", refuse)
    with simboard() as simulated:
        code, out, _ = attached(capsys, board, simulated, "--frames", 1)
    assert code == 0 and "Equal: 1 frame" in out
    assert "\nNo self-test: the board says: this sketch does not know that request: upload the newest\n" in out


def test_what_a_self_test_may_find(board):
    model = board.quantized.model
    found, info = fit(model, NANO), Info(1, hash_of(model), "yuv422", "Nano")
    link, emulator = Link(None, info, model, found, False), Emulator(model)
    crc = crc32(emulator.restore(pattern_frame()).tobytes())
    memory = MemoryReport(found.plan.peak, 1, 2, 99, 1)
    right = SelfTest(Wiring(), "", hash_of(model), 64_100_000, crc, memory)
    assert [check.passed for check in self_checks(right, link, emulator)] == [True] * 6
    nothing = MemoryReport(None, None, None)
    unknown = self_checks(SelfTest(None, "it is missing", hash_of(model), None, crc, nothing), link, emulator)
    assert [check.passed for check in unknown] == [None] * 4 + [True] * 2
    off = MemoryReport(found.plan.peak + 16, 1, 2, 0, 0)
    wrong = SelfTest(Wiring("noise"), "", bytes(8), 32_000_000, crc ^ 1, off)
    checks = self_checks(wrong, link, emulator)
    assert [check.passed for check in checks] == [False] * 6
    for check, text in zip(
        checks, ("noise", "are planned", "is it off", "32.0 MHz, 64", ", not ", "CRC-32"), strict=True
    ):
        assert check.line.startswith(f"  {check.name:11}WRONG  ") and text in check.text


# ---- boards that are wrong ----


@pytest.mark.slow
def test_another_byte_is_found(capsys, board, simboard, pyserial, tmp_path):
    path = tmp_path / "report.json"
    with simboard("if (y == 60) rgb[7] ^= 64;") as simulated:
        code, out, _ = attached(capsys, board, simulated, "--frames", 3, "--json", path)
    assert code == 1
    assert all(re.search(r": 1 bytes differ, by up to 64; ", line) for line in outcomes(out))
    assert "3 of 3 frames came back with other bytes. All of them do, and by much: make the sketch" in out
    report = json.loads(path.read_text())
    assert not report["equal"] and [frame["largest"] for frame in report["frames"]] == [64] * 3


@pytest.mark.slow
def test_small_differences_are_another_rounding(capsys, board, simboard, pyserial):
    with simboard("rgb[0] ^= 1;") as simulated:
        code, out, _ = attached(capsys, board, simulated, "--frames", 2)
    assert code == 1
    assert all("120 bytes differ, by up to 1; " in line for line in outcomes(out))
    assert "another rounding" in out


@pytest.mark.slow
def test_a_difference_now_and_then_is_no_fault_of_the_code(capsys, board, simboard, pyserial):
    with simboard("if (run == 2) rgb[0] ^= 128;") as simulated:
        code, out, _ = attached(capsys, board, simulated, "--frames", 3)
    assert code == 1
    assert [": equal; " in line for line in outcomes(out)] == [True, False, True]
    assert "1 of 3 frames came back with other bytes. Since others were right, the code is" in out


@pytest.mark.slow
def test_it_goes_on_after_a_frame_that_is_lost(capsys, board, simboard, pyserial):
    """Of the second frame no row comes, however often it is asked for."""
    with simboard("if (run >= 2 && run <= 4) continue;") as simulated:
        code, out, _ = attached(capsys, board, simulated, "--frames", 3)
    assert code == 1
    first, second, third = outcomes(out)
    assert ": equal; " in first and ": equal; " in third
    assert ": lost: " in second and "the board began to RESTORE" in second
    assert "1 of 3 frames got lost: try another cable" in out


@pytest.mark.slow
def test_it_stops_when_nothing_comes_any_more(capsys, board, simboard, pyserial, tmp_path):
    path = tmp_path / "report.json"
    with simboard("if (run > 1) continue;") as simulated:
        code, out, _ = attached(capsys, board, simulated, "--frames", 8, "--json", path)
    assert code == 2
    assert [": lost: " in line for line in outcomes(out)] == [False, True, True, True]
    assert "Given up after 4 of 8 frames" in out
    report = json.loads(path.read_text())
    assert len(report["frames"]) == 4 and report["frames"][3]["error"] and report["ticks"] is None


@pytest.mark.slow
def test_a_board_that_is_unplugged_in_the_middle(capsys, board, simboard, pyserial):
    with simboard("if (run == 2 && y == 40) exit(0);") as simulated:
        code, out, _ = attached(capsys, board, simulated, "--frames", 8)
    assert code == 2
    assert ": equal; " in outcomes(out)[0] and len(outcomes(out)) == 4
    assert "was it unplugged" in outcomes(out)[1] and "Given up after 4 of 8 frames" in out


@pytest.mark.slow
def test_a_board_that_is_unplugged_after_the_last_frame(capsys, board, simboard, pyserial, monkeypatch):
    with simboard() as simulated:

        def unplug(self):
            simulated.process.kill()
            simulated.process.wait()
            return Board.memory(self)

        monkeypatch.setattr(Board, "timings", unplug)
        code, out, _ = attached(capsys, board, simulated, "--frames", 1)
    assert code == 2
    assert ": equal; " in outcomes(out)[0] and "Given up after 1 of 1 frames: " in out


# ---- boards that are not there ----


def test_a_board_of_another_model(capsys, board, simboard, pyserial):
    with simboard(model_hash=b"strange!") as simulated:
        code, out, err = attached(capsys, board, simulated)
    assert code == 2 and not outcomes(out)
    assert "mirnet: error: the sketch on the board was made of another model (737472616e676521…)" in err


def test_no_such_port(capsys, board, pyserial):
    code, _, err = board_test(capsys, "--port", "/dev/no-such-port", "--model", board.model)
    assert code == 2 and "mirnet: error: /dev/no-such-port cannot be opened: there is no such port" in err


def test_nobody_at_the_port(capsys, board, needs_simboard, pyserial, monkeypatch):
    monkeypatch.setattr(board_link, "Board", partial(Board, timeouts=QUICK))
    ours, theirs = os.openpty()
    try:
        code, _, err = board_test(capsys, "--port", os.ttyname(theirs), "--model", board.model)
    finally:
        os.close(ours)
        os.close(theirs)
    assert code == 2 and "no answer to HELLO" in err and "press the board's reset button" in err


@pytest.mark.parametrize("argv", [["--port", "/dev/ttyACM0"], []])
def test_without_pyserial(capsys, board, monkeypatch, argv):
    monkeypatch.setitem(sys.modules, "serial", None)
    code, _, err = board_test(capsys, "--model", board.model, *argv)
    assert code == 2
    assert err == "mirnet: error: pyserial is not installed: pip install 'mirnet-explainer[serial]'\n"


def test_without_a_compiler(capsys, board, monkeypatch):
    monkeypatch.setattr(simulated_boards, "c_compiler", lambda: None)
    code, _, err = board_test(capsys, "--simulated", "--model", board.model)
    assert code == 2 and "no C compiler was found: `apt-get install gcc`, or `pip install ziglang`" in err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--frames", "0"], "--frames must be at least 1, not 0"),
        (["--json", "no/such/folder/x.json"], "--json no/such/folder/x.json: cannot be written, there is no folder"),
        (["--model", "missing.tflite"], "missing.tflite: No such file"),
    ],
)
def test_what_the_user_can_fix_is_one_line_and_exit_code_2(capsys, argv, message):
    code, out, err = board_test(capsys, "--simulated", *argv)
    assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1


def test_one_board_is_enough(capsys):
    with pytest.raises(SystemExit) as end:
        main(["board-test", "--simulated", "--port", "/dev/ttyACM0"])
    assert end.value.code == 2 and "not allowed with" in capsys.readouterr().err


# ---- parts ----


def test_frames_are_the_same_every_time_and_each_is_another():
    many = trials(30, "yuv422")
    assert len(many) == len({trial.name for trial in many}) == len({trial.frame.tobytes() for trial in many}) == 30
    assert {trial.frame.shape for trial in many} == {(120, 160, 2)}
    for count in (1, 4, 12):
        assert [trial.frame.tobytes() for trial in trials(count, "yuv422")] == [
            trial.frame.tobytes() for trial in many[:count]
        ]
    assert many[0].name == f"{SAMPLES[0].name}, dark"
    names = {trial.name: trial.frame for trial in many}
    assert np.unique(names["noise in all bytes"]).size == 256
    assert names["black"][..., 0].max() == 0 and names["white"][..., 0].min() == 255
    assert np.unique(names["stripes one pixel wide"][..., 0]).tolist() == [0, 255]
    assert len({trial.frame.tobytes() for trial in trials(9, "rgb565")}) == 9


@pytest.mark.slow
def test_times_are_summed_by_kind(board):
    found = fit(board.quantized.model, NANO)
    timings = Timings(1000, tuple(range(len(found.works))))
    kinds = times_by_kind(found, timings)
    assert sorted(kinds, key=lambda each: -each.seconds) == kinds
    for each in kinds:
        steps = [step for step, work in enumerate(found.works) if work.kind == each.kind]
        assert each.operators == len(steps) and each.seconds == pytest.approx(sum(steps) / 1000)
        assert each.estimate == found.seconds_by_kind[each.kind]
    assert times_by_kind(found, Timings(1000, (7,))) == []


def test_memory_in_one_line(board):
    found = fit(board.quantized.model, NANO)
    text = memory_summary(found, MemoryReport(found.plan.peak + 16, 1234, 56789))
    assert f"arena {found.plan.peak + 16:,} B, but {found.plan.peak:,} B are planned" in text
    assert text.endswith("stack at most 1,234 B; free heap 56,789 B.")
    counted = memory_summary(found, MemoryReport(1, 2, 3, cache_hits=95_000_000, cache_misses=5_000_000))
    assert counted.endswith(" Instruction cache: 95.00% of 100,000,000 fetches hit, 5,000,000 missed.")
    assert memory_summary(found, MemoryReport(1, 2, 3, 0, 0)).endswith("it counted nothing; is it off?")


def test_lines_and_bars_share_a_terminal():
    terminal, bars, pipe = (Console(file=StringIO(), force_terminal=force) for force in (True, True, False))
    assert beside_bars(terminal, bars) is bars
    assert beside_bars(pipe, bars) is pipe and beside_bars(terminal, pipe) is terminal
