"""The board's C code, run as a process behind a terminal, does what the client and the camera formats expect."""

import random
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np
import pytest
from quick import quick
from stand_in import NETWORK, has_terminals, restored

from embedded.camera.frame_bytes import pattern_frame
from embedded.codegen.generate import generate
from embedded.link import simulated_board as simulated_boards
from embedded.link.client import Board, Timeouts
from embedded.link.messages import MessageKind, crc_payload
from embedded.link.packets import Message, Parser, encode
from embedded.link.payloads import Info, MemoryReport
from embedded.link.ports import FilePort, Port
from embedded.link.simulated_board import (
    SKETCH,
    SOURCES,
    TIMED,
    c_compiler,
    compile_board,
    model_board,
    run_board,
    simulated_board,
)
from embedded.memory.plan import make_plan
from embedded.tflite.model_hash import hash_of
from model.errors import ImageError, MirnetError

# Answers come within milliseconds; on a busy machine a process may wait a while for its turn.
STEADY = Timeouts(answer_s=10, work_s=30, tries=3)
STRICT = ("-O2", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-pedantic")
C99, CPP11 = ("-x", "c", "-std=c99"), ("-x", "c++", "-std=c++11")
ZIG = (sys.executable, "-m", "ziglang", "cc")
CORTEX_M4 = ("-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m4")
NEEDS_COMPILER = "needs a C compiler: apt-get install gcc"
NEEDS_ZIG = "needs ziglang: pip install ziglang"
NEEDS_PYSERIAL = "needs pyserial: pip install 'mirnet-explainer[serial]'"


# ---- the C sources ----


@pytest.mark.parametrize("language", [C99, pytest.param(CPP11, marks=pytest.mark.slow)], ids=["c99", "c++11"])
@pytest.mark.parametrize(
    "compiler", ["gcc", pytest.param("zig", marks=pytest.mark.slow), "zig for the board's processor"]
)
def test_the_c_sources_compile_without_a_warning(require, tmp_path, compiler, language):
    if compiler == "gcc":
        require(c_compiler() and c_compiler() != ZIG, NEEDS_COMPILER)
        command: Sequence[str] = c_compiler()
    else:
        require(find_spec("ziglang"), NEEDS_ZIG)
        command = ZIG if compiler == "zig" else (*ZIG, *CORTEX_M4)
    for source in SOURCES:
        if source.parent != SKETCH and CORTEX_M4[0] in command:
            continue  # the PC's own part
        arguments = [*command, *STRICT, f"-I{SKETCH}", *language, "-c", str(source), "-o", str(tmp_path / "object.o")]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert done.returncode == 0 and not done.stderr, done.stderr


@pytest.mark.parametrize("language", [C99, CPP11], ids=["c99", "c++11"])
def test_the_clock_of_operators_compiles_without_a_warning(require, small, tmp_path, language):
    require(c_compiler() and c_compiler() != ZIG, NEEDS_COMPILER)
    for name, text in generate(small.quantized.model).items():
        (tmp_path / name).write_text(text)
    macros = [f"-D{name}={value}" for name, value in TIMED.items()]
    arguments = [*c_compiler(), *STRICT, *macros, f"-I{SKETCH}", f"-I{tmp_path}", *language, "-c", str(SOURCES[-1])]
    done = subprocess.run([*arguments, "-o", str(tmp_path / "o.o")], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr


def test_the_c_sources_need_no_heap_and_nothing_of_arduino():
    for path in sorted(SKETCH.glob("mirnet_*")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        assert not re.search(r"\b(malloc|calloc|realloc|free|alloca|new|Arduino|Serial)\b", text), path


@pytest.mark.slow  # the first time, zig makes its C library
def test_a_board_compiled_by_zig_gives_the_same(require, tmp_path):
    require(find_spec("ziglang"), NEEDS_ZIG)
    require(has_terminals(), "needs pseudo-terminals")
    program = compile_board(NETWORK, tmp_path, compiler=ZIG)
    frame = np.random.default_rng(2).integers(0, 256, (120, 160, 2), np.uint8)
    with run_board(program) as simulated, Board(simulated.line, timeouts=STEADY) as board:
        np.testing.assert_array_equal(board.enhance(frame), restored(frame))


# ---- a board ----


def test_everything_that_can_be_asked(program):
    frame = np.random.default_rng(0).integers(0, 256, (120, 160, 2), np.uint8)
    rows, logs = [], []
    with (
        run_board(program, frame, hash_of(b"model"), "Nänö", "rgb565") as simulated,
        Board(simulated.line, b"model", STEADY, logs.append) as board,
    ):
        assert board.hello() == Info(1, hash_of(b"model"), "rgb565", "Nänö")
        with pytest.raises(MirnetError, match="the board says: nothing has been restored yet"):
            board.timings()
        shot = board.capture(lambda here, all_of_them: rows.append((here, all_of_them)))
        np.testing.assert_array_equal(shot.frame, frame)
        np.testing.assert_array_equal(shot.picture, restored(frame))
        assert rows == [(k, 120) for k in range(1, 121)]
        assert board.timings().ticks == tuple(range(4_000_000_000, 4_000_000_150))  # three packets
        assert board.timings().seconds[0] == 62.5
        assert board.memory() == MemoryReport(66_240, None, None)
        shot = board.pattern()
        np.testing.assert_array_equal(shot.frame, pattern_frame())
        np.testing.assert_array_equal(shot.picture, restored(pattern_frame()))
    assert logs == ["ready", "camera: not looked at: its test pattern is read in YUV 4:2:2 only"]


def test_any_frame_comes_back_restored(program):
    """All zeros and all 255 are the extremes of what the packets' stuffing has to do."""
    rng = np.random.default_rng(1)
    frames = [np.full((120, 160, 2), value, np.uint8) for value in (0, 1, 128, 255)]
    frames += [rng.integers(0, high, (120, 160, 2), np.uint8) for high in (2, 30, 256)]
    with run_board(program) as simulated, Board(simulated.line, timeouts=STEADY) as board:
        for frame in frames:
            np.testing.assert_array_equal(board.enhance(frame), restored(frame))
            np.testing.assert_array_equal(board.enhance(frame.tobytes()), restored(frame))


def test_one_call_makes_a_board_of_sources(require):
    """Without timings of its own, the whole network is one number."""
    require(c_compiler(), NEEDS_COMPILER)
    require(has_terminals(), "needs pseudo-terminals")
    with simulated_board(NETWORK) as simulated, Board(simulated.line, timeouts=STEADY) as board:
        np.testing.assert_array_equal(board.pattern().picture, restored(pattern_frame()))
        assert len(board.timings().ticks) == 1 and board.timings().ticks_per_second == 1_000_000
        assert board.memory() == MemoryReport(None, None, None)
        with pytest.raises(MirnetError, match="the board says: this simulated board has no camera"):
            board.capture()
    assert simulated.process.poll() is not None


@pytest.mark.slow
def test_pyserial_opens_it_as_it_opens_a_board(require, program):
    require(find_spec("serial"), NEEDS_PYSERIAL)
    with run_board(program) as simulated:
        for _ in range(2):  # one after the other: a port is given back
            with Board(simulated.port, timeouts=STEADY) as board:
                np.testing.assert_array_equal(board.pattern().picture, restored(pattern_frame()))
        with Board(simulated.port), pytest.raises(MirnetError, match="another program uses it"):
            Board(simulated.port)
        with Board(simulated.port, timeouts=STEADY) as board:
            board.hello()
            simulated.process.kill()
            simulated.process.wait()
            with pytest.raises(MirnetError, match=r"the board is disconnected"):
                board.memory()
    with pytest.raises(
        MirnetError, match=r"there is no such port; (the ports here are|this computer has no serial port)"
    ):
        Board("/dev/no-such-port")


# ---- a board in trouble ----


def test_a_board_that_dies_in_the_middle_is_gone(program):
    with run_board(program) as simulated, Board(simulated.line, timeouts=STEADY) as board:

        def pull_the_plug(rows: int, _: int) -> None:
            if rows == 40:
                simulated.process.kill()
                simulated.process.wait()

        board.hello()
        # What it had sent before is still in the terminal: either way there is no picture, and no long wait.
        with pytest.raises(MirnetError, match="the board is disconnected"):
            for _ in range(50):
                board.pattern(pull_the_plug)


def test_a_client_that_leaves_in_the_middle_disturbs_nobody(program):
    frame = np.random.default_rng(3).integers(0, 256, (120, 160, 2), np.uint8)

    def leave(rows: int, _: int) -> None:
        if rows == 17:
            raise KeyboardInterrupt

    with run_board(program, frame) as simulated:
        for _ in range(3):
            with Board(simulated.line, timeouts=STEADY) as board, pytest.raises(KeyboardInterrupt):
                board.pattern(leave)
            with Board(simulated.line, timeouts=STEADY) as board:
                assert board.hello().name == "simulated board"
                np.testing.assert_array_equal(board.capture().picture, restored(frame))


def test_the_frame_that_is_restored_is_the_one_that_was_meant(program):
    """As after a reset: the board's memory holds another one."""
    with run_board(program) as simulated:
        port = FilePort(simulated.line)
        port.write(encode(Message(MessageKind.RESTORE, 77, crc_payload(12345))), 10)
        parser, answers = Parser(), []
        while not answers or answers[-1].sequence != 77:
            answers += parser.feed(port.read(10))
    assert answers[-1].kind == MessageKind.ERROR and b"Begin again" in answers[-1].payload


class BadLine:
    """A port that loses, changes and adds bytes now and then, both ways."""

    def __init__(self, port: Port, rng: random.Random, every: int):
        self.name, self.damaged = "bad line", 0
        self._port, self._rng, self._every = port, rng, every

    def read(self, timeout_s: float) -> bytes:
        return self._spoil(self._port.read(timeout_s))

    def write(self, data: bytes, timeout_s: float) -> None:
        self._port.write(self._spoil(data), timeout_s)

    def close(self) -> None:
        self._port.close()

    def _spoil(self, data: bytes) -> bytes:
        spoilt = bytearray(data)
        for place in range(len(data) - 1, -1, -1):
            if self._rng.randrange(self._every) == 0:
                self.damaged += 1
                match self._rng.randrange(3):
                    case 0:
                        del spoilt[place]
                    case 1:
                        spoilt[place] ^= 1 << self._rng.randrange(8)
                    case _:
                        spoilt[place:place] = self._rng.randbytes(3)
        return bytes(spoilt)


@pytest.mark.parametrize("seed", quick(range(3), 0))
def test_a_bad_line_costs_time_and_not_a_byte(program, seed):
    frame = np.random.default_rng(seed).integers(0, 256, (120, 160, 2), np.uint8)
    with run_board(program, frame) as simulated:
        line = BadLine(FilePort(simulated.line), random.Random(seed), every=5_000)
        with Board(line, timeouts=Timeouts(answer_s=0.2, work_s=0.5, tries=8)) as board:
            shot = board.capture()
            np.testing.assert_array_equal(shot.frame, frame)
            np.testing.assert_array_equal(shot.picture, restored(frame))
            np.testing.assert_array_equal(board.enhance(pattern_frame()), restored(pattern_frame()))
    assert line.damaged > 10


def test_noise_before_anybody_speaks_is_no_hindrance(program):
    rng = random.Random(9)
    with run_board(program) as simulated:
        port = FilePort(simulated.line)
        for _ in range(20):
            port.write(rng.randbytes(2000), 10)
        with Board(simulated.line, timeouts=STEADY) as board:
            np.testing.assert_array_equal(board.pattern().picture, restored(pattern_frame()))


# ---- what a user can get wrong ----


def test_sources_that_do_not_compile_are_told(program, tmp_path):
    with pytest.raises(MirnetError, match=r"the sources of the board do not compile; .* says: .*net\.c:1.*error"):
        compile_board({"net.c": "this is no C"}, tmp_path)
    with pytest.raises(MirnetError, match=r"do not compile; .* says: .*undefined.*mirnet_restore"):
        compile_board({"empty.c": "int nothing;\n"}, tmp_path)
    with pytest.raises(MirnetError, match="the C compiler no-such-compiler does not run"):
        compile_board(NETWORK, tmp_path, compiler=["no-such-compiler"])


def test_without_a_compiler_the_error_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setattr(simulated_boards.shutil, "which", lambda name: None)
    monkeypatch.setattr(simulated_boards, "find_spec", lambda name: None)
    assert c_compiler() is None
    with pytest.raises(MirnetError, match="no C compiler was found: `apt-get install gcc`, or `pip install ziglang`"):
        compile_board(NETWORK, tmp_path)
    monkeypatch.setattr(simulated_boards, "find_spec", lambda name: name)
    assert c_compiler() == ZIG


def test_an_impossible_board_is_refused(program, tmp_path):
    for error, message, call in (
        (ImageError, "frame: 7 bytes, but one has 38,400", lambda: run_board(program, bytes(7))),
        (MirnetError, "a board has a hash of 8 bytes", lambda: run_board(program, model_hash=b"123")),
        (MirnetError, "not .* and 'jpeg'", lambda: run_board(program, frame_format="jpeg")),
        (MirnetError, "missing does not start: No such file", lambda: run_board(tmp_path / "missing")),
    ):
        with pytest.raises(error, match=message), call():
            pass


@pytest.mark.slow
def test_with_a_real_network_it_restores_what_the_emulator_restores(small, frames):
    """The generated C behind the very protocol: the bytes that the sketch will send."""
    expected_hash = hash_of(small.quantized.model)
    with simulated_board(generate(small.quantized.model), frames[0], expected_hash) as sim:
        with Board(sim.line, small.quantized.model, STEADY) as board:
            assert board.hello().model_hash == expected_hash
            frame, picture = board.capture()
            np.testing.assert_array_equal(frame, frames[0])
            np.testing.assert_array_equal(picture, small.emulator.restore(frames[0]))
            for other in frames[1:4]:
                np.testing.assert_array_equal(board.enhance(other), small.emulator.restore(other))


@pytest.mark.slow
def test_the_board_of_a_model_times_its_operators(require, small, frames):
    require(c_compiler(), NEEDS_COMPILER)
    require(has_terminals(), "needs pseudo-terminals")
    graph, plan = small.emulator.graph, make_plan(small.emulator.graph)
    with model_board(small.quantized.model) as simulated, Board(simulated.line, small.quantized.model, STEADY) as board:
        for frame in frames[:2]:
            np.testing.assert_array_equal(board.enhance(frame), small.emulator.restore(frame))
            ticks = board.timings().ticks
            assert len(ticks) == len(plan.order)
            assert all(ticks[k] > 0 for k, index in enumerate(plan.order) if graph.operators[index].kind == "CONV_2D")
        assert board.timings().ticks_per_second == 1_000_000_000
        assert board.memory() == MemoryReport(plan.peak, None, None)
