"""The Arduino sketch: its files compile for the board, and its own setup() and loop() do what the computer expects."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from embedded.camera.frame_bytes import pattern_frame
from embedded.link.client import Board, Timeouts
from embedded.link.messages import MessageKind
from embedded.link.packets import Message, encode
from embedded.link.payloads import Info, MemoryReport
from embedded.link.ports import FilePort
from embedded.memory.plan import make_plan
from embedded.sketch import sketch_writer
from embedded.sketch.sketch_writer import BOARD, MANIFEST, setup_commands, sketch_files, write_sketch
from embedded.tflite.model_hash import hash_of
from model.errors import MirnetError

STUB = Path(__file__).parent / "arduino_stub"
SKETCH = Path(sketch_writer.__file__).parent / "files"
STRICT = ("-O2", "-Wall", "-Wextra", "-Werror")
CORTEX_M4 = ("-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=softfp", "-funsigned-char")
FREESTANDING = ("-ffreestanding", "-fno-exceptions")
C = ("-x", "c", "-std=c99")
CPP = ("-x", "c++", "-std=gnu++11", "-include", "Arduino.h")  # what the IDE puts before the first line of an .ino
STEADY = Timeouts(answer_s=10, work_s=30, tries=3)
RESET_BUTTON, UPLOAD = 1, 4  # bits of RESETREAS
NEEDS_GCC = "needs gcc and g++ on Linux: apt-get install g++"
NEEDS_ARM = "needs arm-none-eabi-g++: apt-get install gcc-arm-none-eabi"


@pytest.fixture(scope="session")
def folder(small, tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("sketch") / "dark_room"
    write_sketch(small.quantized.model, made)
    return made


def compiled(compiler: str, folder: Path, objects: Path, *flags: str) -> list[Path]:
    """Object files of all sources of a sketch, as the Arduino IDE compiles them: each by itself."""
    made = []
    for source in sorted(folder.iterdir()):
        if source.suffix not in (".c", ".cpp", ".ino"):
            continue
        language, command = (C, f"{compiler}gcc") if source.suffix == ".c" else (CPP, f"{compiler}g++")
        output = objects / f"{source.name}.o"
        arguments = [
            command,
            *STRICT,
            *flags,
            f"-I{folder}",
            f"-I{STUB}",
            *language,
            "-c",
            str(source),
            "-o",
            str(output),
        ]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert done.returncode == 0 and not done.stderr, f"{source.name}: {done.stderr}"
        made.append(output)
    return made


# ---- the files ----


@pytest.mark.parametrize("level", ["-Os", pytest.param("-O2", marks=pytest.mark.slow)])
def test_every_file_compiles_for_the_board_without_a_warning(require, folder, tmp_path, level):
    require(shutil.which("arm-none-eabi-g++"), NEEDS_ARM)
    objects = compiled("arm-none-eabi-", folder, tmp_path, *CORTEX_M4, *FREESTANDING, level)
    arguments = ["arm-none-eabi-gcc", *CORTEX_M4, "-nostdlib", "-r", *map(str, objects), "-o", str(tmp_path / "all.o")]
    subprocess.run(arguments, check=True)  # no name is defined twice
    listed = subprocess.run(
        ["arm-none-eabi-nm", "-u", str(tmp_path / "all.o")], capture_output=True, text=True, check=True
    ).stdout
    left = set(re.findall(r"U (\S+)", listed))
    assert left and not any("mirnet" in name or "board_" in name for name in left)
    assert not {"malloc", "free", "printf"} & left


def test_the_files_are_as_arduino_wants_them(folder, small):
    names = {path.name for path in folder.iterdir()}
    assert "dark_room.ino" in names and "README.md" in names and MANIFEST in names
    assert {path.name for path in SKETCH.glob("*.[ch]*")} <= names
    assert not {name for name in names if name.endswith(".ino")} - {"dark_room.ino"}
    digits = re.search(r"MIRNET_MODEL_HASH \{ (.*) \}", (folder / "mirnet_model.h").read_text())
    assert bytes(int(byte, 16) for byte in digits[1].split(", ")) == hash_of(small.quantized.model)


def test_the_same_model_gives_the_same_files(small, folder):
    files = sketch_files(small.quantized.model, "dark_room")
    assert {path.name: path.read_text() for path in folder.iterdir()} == files
    assert all("/tmp" not in text and "/home" not in text for text in files.values())
    others = sketch_files(small.quantized.model)
    assert "mirnet_nano.ino" in others and others["mirnet_nano.ino"] == files["dark_room.ino"]


def test_the_readme_tells_what_to_type_and_what_the_lights_mean(folder, small):
    text = (folder / "README.md").read_text()
    assert "$" not in text
    for command in setup_commands("dark_room"):
        assert f"\n{command}\n" in text
    assert BOARD in text and hash_of(small.quantized.model).hex() in text
    lights = (folder / "board_lights.h").read_text()
    for colour in ("green", "white", "blue", "red, blinking"):
        assert f"| {colour} |" in text and colour in lights


# ---- writing a folder ----


def test_an_earlier_sketch_is_replaced_and_nothing_else(small, tmp_path):
    model = small.quantized.model
    place = tmp_path / "photos"
    place.mkdir()  # empty: may be used
    write_sketch(model, place)
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    manifest = place / MANIFEST
    (place / "kernel_of_old.c").write_text("/* an earlier version had this */\n")
    digest = sha256(b"/* an earlier version had this */\n").hexdigest()
    manifest.write_text(manifest.read_text() + f"{digest}  kernel_of_old.c\n")
    write_sketch(model, place)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("notes.txt", r"holds files that were added or changed by hand \(notes\.txt\): move them away"),
        ("board_lights.cpp", r"added or changed by hand \(board_lights\.cpp\)"),
    ],
)
def test_what_a_student_wrote_is_kept(small, tmp_path, name, message):
    place = tmp_path / "mine"
    write_sketch(small.quantized.model, place)
    (place / name).write_text("mine")
    with pytest.raises(MirnetError, match=message):
        write_sketch(small.quantized.model, place)
    assert (place / name).read_text() == "mine" and [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.slow
def test_a_folder_of_something_else_is_left_alone(small, tmp_path):
    place = tmp_path / "thesis"
    place.mkdir()
    for number in range(5):
        (place / f"chapter_{number}.txt").write_text("words")
    with pytest.raises(MirnetError, match=r"other things .*\(chapter_0\.txt, .* and 2 more\)"):
        write_sketch(small.quantized.model, place)
    (place / MANIFEST).write_bytes(b"\xff no list")
    with pytest.raises(MirnetError, match="other things than a sketch of mirnet"):
        write_sketch(small.quantized.model, place)
    assert len(list(place.iterdir())) == 6
    with pytest.raises(MirnetError, match="is there and is no folder"):
        write_sketch(small.quantized.model, place / "chapter_0.txt")
    with pytest.raises(MirnetError, match="is no folder: make it first"):
        write_sketch(small.quantized.model, tmp_path / "missing" / "sketch")


def test_a_failure_half_way_leaves_the_earlier_sketch(small, tmp_path, monkeypatch):
    place = tmp_path / "sketch"
    write_sketch(small.quantized.model, place)
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    rename = Path.rename

    def fail(self, target):
        if self.name.startswith(".unfinished"):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(MirnetError, match="cannot be written: No space left"):
        write_sketch(small.quantized.model, place)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["sketch"]


@pytest.mark.parametrize("name", ["", "dark room", "-o", "ä", "a" * 64, "$(reboot)"])
def test_a_name_that_arduino_refuses_is_refused(small, name):
    with pytest.raises(MirnetError, match="a sketch cannot be called"):
        sketch_files(small.quantized.model, name)


# ---- the sketch at work ----


@pytest.fixture(scope="session")
def program(require, folder, tmp_path_factory) -> Path:
    """The sketch as a program of this computer."""
    require(shutil.which("gcc") and shutil.which("g++") and sys.platform == "linux", NEEDS_GCC)
    place = tmp_path_factory.mktemp("host")
    objects = compiled("", folder, place)
    stub = [str(STUB / "stub.cpp"), "-Wl,--defsym=__HeapLimit=stub_kept+16", "-no-pie"]
    arguments = ["g++", "-std=gnu++11", *STRICT, f"-I{STUB}", *map(str, objects), *stub, "-o", str(place / "sketch")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return place / "sketch"


class Running:
    """A sketch that runs: its line, and the colours that it has shown."""

    def __init__(self, line, process: subprocess.Popen, lights: Path):
        self.line, self.process, self._lights = line, process, lights

    def lights(self) -> list[str]:
        """Each state of the LED so far, as in "R--"."""
        return self._lights.read_text().splitlines()

    def wait_for_light(self, light: str) -> None:
        deadline = time.monotonic() + 30
        while light not in self.lights():
            assert time.monotonic() < deadline, f"{light} was not shown"
            time.sleep(0.01)


@contextmanager
def running(program: Path, camera: object, reason: int = RESET_BUTTON) -> Iterator[Running]:
    import pty
    import tty

    with ExitStack() as stack:
        theirs, ours = pty.openpty()
        tty.setraw(ours)
        line = stack.enter_context(open(ours, "r+b", buffering=0))
        lights = program.parent / f"lights-{ours}"
        output = stack.enter_context(open(lights, "w"))
        arguments = [str(program), str(theirs), str(camera), str(reason)]
        process = subprocess.Popen(arguments, pass_fds=[theirs], stdout=output, stdin=subprocess.DEVNULL)
        os.close(theirs)
        stack.callback(process.wait, 10)
        stack.callback(process.kill)
        yield Running(line, process, lights)


@pytest.fixture
def photo(frames, tmp_path) -> Path:
    path = tmp_path / "photo"
    path.write_bytes(frames[0].tobytes())
    return path


@pytest.mark.slow
def test_everything_that_can_be_asked(program, small, frames, photo):
    logs = []
    model = small.quantized.model
    with running(program, photo) as sketch, Board(sketch.line, model, STEADY, logs.append) as board:
        assert board.hello() == Info(1, hash_of(model), "yuv422", "Nano 33 BLE Sense")
        shot = board.capture()
        np.testing.assert_array_equal(shot.frame, frames[0])
        np.testing.assert_array_equal(shot.picture, small.emulator.restore(frames[0]))
        assert {"RGB", "--B", "-GB"} <= set(sketch.lights())  # took a photo, computed, sent
        for frame in frames[1:3]:
            np.testing.assert_array_equal(board.enhance(frame), small.emulator.restore(frame))
        shot = board.pattern()
        np.testing.assert_array_equal(shot.frame, pattern_frame())
        np.testing.assert_array_equal(shot.picture, small.emulator.restore(pattern_frame()))
        assert board.memory() == MemoryReport(make_plan(small.emulator.graph).peak, 2768, 88_976)
        assert sketch.process.poll() is None
        assert set(sketch.lights()) == {"-G-", "RGB", "--B", "-GB"}
    assert logs == ["ready; started by the reset button"]


def test_each_operator_has_its_cycles(program, small, photo):
    with running(program, photo) as sketch, Board(sketch.line, timeouts=STEADY) as board:
        with pytest.raises(MirnetError, match="nothing has been restored yet"):
            board.timings()
        board.pattern()
        timings = board.timings()
    assert timings.ticks_per_second == 1_000_000_000  # the stub's
    assert len(timings.ticks) == len(small.emulator.graph.operators)
    assert all(ticks > 0 for ticks in timings.ticks) and sum(timings.seconds) < 60


@pytest.mark.slow
def test_without_a_camera_the_rest_works(program, small, frames):
    for camera, message in (
        ("missing", "the board says: no camera answers: check that it sits firmly"),
        ("still", "the board says: the camera's sync lines stand still"),
    ):
        with running(program, camera, UPLOAD) as sketch, Board(sketch.line, timeouts=STEADY) as board:
            for _ in range(2):
                with pytest.raises(MirnetError, match=message):
                    board.capture()
            sketch.wait_for_light("R--")
            np.testing.assert_array_equal(board.pattern().picture, small.emulator.restore(pattern_frame()))
            np.testing.assert_array_equal(board.enhance(frames[1]), small.emulator.restore(frames[1]))
            assert sketch.process.poll() is None


def test_a_camera_that_hangs_costs_one_restart(program, small, frames):
    logs = []
    with running(program, "hangs") as sketch, Board(sketch.line, timeouts=STEADY, log=logs.append) as board:
        # The client asks again after the restart, since here the line survives it; USB would disconnect.
        with pytest.raises(MirnetError, match="the camera stopped answering last time, and the watchdog restarted"):
            Board(sketch.line, timeouts=Timeouts(answer_s=1, work_s=1, tries=8), log=logs.append).capture()
        for _ in range(2):
            with pytest.raises(MirnetError, match="then press the reset button"):
                board.capture()
        np.testing.assert_array_equal(board.enhance(frames[0]), small.emulator.restore(frames[0]))
        assert sketch.process.poll() is None
    assert logs == [
        "ready; started by the reset button",
        "ready; restarted by the watchdog: the camera stopped in the middle of a frame",
    ]


def test_a_restart_without_a_note_is_told_as_such(program, photo):
    """RAM may have lost it; the camera is under suspicion all the same."""
    logs = []
    with running(program, photo, 2) as sketch, Board(sketch.line, timeouts=STEADY, log=logs.append) as board:
        with pytest.raises(MirnetError, match="the watchdog restarted the board"):
            board.capture()
    assert logs == ["ready; restarted by the watchdog, and what it cut off is not known"]


@pytest.mark.slow
def test_a_computer_that_does_not_read_stops_nothing(program, small, frames, photo):
    with running(program, photo) as sketch:
        port = FilePort(sketch.line)
        for number in range(3):
            port.write(encode(Message(MessageKind.GET_FRAME, number)), 10)
        # The terminal is full now, and the board has more to say. Only if it gives up does it take these bytes.
        port.write(bytes(20_000), 60)
        with Board(sketch.line, timeouts=STEADY) as board:
            np.testing.assert_array_equal(board.enhance(frames[0]), small.emulator.restore(frames[0]))
