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
from zlib import crc32

import numpy as np
import pytest
from quick import quick

from embedded.camera.colour_bars import Wiring, colour_bars
from embedded.camera.frame_bytes import pattern_frame
from embedded.camera.ov7675 import Camera
from embedded.link.client import Board, Timeouts
from embedded.link.messages import MessageKind
from embedded.link.packets import Message, Parser, encode
from embedded.link.payloads import Info, MemoryReport
from embedded.link.ports import FilePort
from embedded.memory.plan import make_plan
from embedded.sketch import sketch_writer
from embedded.sketch.sketch_writer import BOARD, CORE, LIBRARY, MANIFEST, setup_commands, sketch_files, write_sketch
from embedded.tflite.model_hash import hash_of
from model.errors import MirnetError
from model.images.camera_formats import YUV_ORDERS, rgb_to_yuv422

STUB = Path(__file__).parent / "arduino_stub"
SKETCH = Path(sketch_writer.__file__).parent / "files"
STRICT = ("-O2", "-Wall", "-Wextra", "-Werror")
CORTEX_M4 = ("-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=softfp", "-funsigned-char")
FREESTANDING = ("-ffreestanding", "-fno-exceptions")
NANO_CORE = ("-DARDUINO_ARCH_MBED", "-DARDUINO_ARCH_MBED_NANO", "-DARDUINO_ARDUINO_NANO33BLE")  # from its platform.txt
LIBRARIES = {"0.0.2": (), "head": ("-DSTUB_OV767X_HEAD",)}
"""Both versions of the camera's library, as the stub has them."""
C = ("-x", "c", "-std=c99")
CPP = ("-x", "c++", "-std=gnu++11", "-include", "Arduino.h")  # what the IDE puts before the first line of an .ino
STEADY = Timeouts(answer_s=10, work_s=30, tries=3)
RESET_BUTTON, UPLOAD = 1, 4  # bits of RESETREAS
RIGHT = "it sends Y Cb Y Cr, its wires are right"
NEEDS_GCC = "needs gcc and g++ on Linux: apt-get install g++"
NEEDS_ARM = "needs arm-none-eabi-g++: apt-get install gcc-arm-none-eabi"


@pytest.fixture(scope="session")
def folder(small, tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("sketch") / "dark_room"
    write_sketch(small.quantized.model, made)
    return made


def compiled(compiler: str, folder: Path, objects: Path, *flags: str) -> list[Path]:
    """Object files of all sources of a sketch or library, as the Arduino IDE compiles them: each by itself."""
    made = []
    for source in sorted(folder.rglob("*")):
        if source.suffix not in (".c", ".cpp", ".ino"):
            continue
        language, command = (C, f"{compiler}gcc") if source.suffix == ".c" else (CPP, f"{compiler}g++")
        output = objects / f"{source.name}.o"
        arguments = [
            command,
            *STRICT,
            *NANO_CORE,
            *flags,
            f"-I{folder}",
            f"-I{folder}/src",
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


@pytest.mark.parametrize(
    ("library", "level"),
    [
        ("0.0.2", "-Os"),
        pytest.param("0.0.2", "-O2", marks=pytest.mark.slow),
        pytest.param("head", "-O2", marks=pytest.mark.slow),
    ],
)
def test_every_file_compiles_for_the_board_without_a_warning(require, folder, tmp_path, library, level):
    require(shutil.which("arm-none-eabi-g++"), NEEDS_ARM)
    objects = compiled("arm-none-eabi-", folder, tmp_path, *CORTEX_M4, *FREESTANDING, level, *LIBRARIES[library])
    arguments = ["arm-none-eabi-gcc", *CORTEX_M4, "-nostdlib", "-r", *map(str, objects), "-o", str(tmp_path / "all.o")]
    subprocess.run(arguments, check=True)  # no name is defined twice
    listed = subprocess.run(
        ["arm-none-eabi-nm", "-u", str(tmp_path / "all.o")], capture_output=True, text=True, check=True
    ).stdout
    left = set(re.findall(r"U (\S+)", listed))
    assert left and not any("mirnet" in name or "board_" in name for name in left)
    assert not {"malloc", "free", "printf"} & left


def test_the_camera_compiles_with_both_versions_of_its_library_and_with_no_other_call(require, folder, tmp_path):
    require(shutil.which("g++"), NEEDS_GCC)
    text = (folder / "board_camera.cpp").read_text()
    for version, flags in LIBRARIES.items():
        assert not complaints(folder, "board_camera.cpp", *NANO_CORE, *flags), version
    four = tmp_path / "board_camera.cpp"
    four.write_text(text.replace("FRAMES_A_SECOND)", "FRAMES_A_SECOND, OV7675)"))
    assert not complaints(folder, four, *NANO_CORE, *LIBRARIES["head"])
    assert "OV7675" in complaints(folder, four, *NANO_CORE)[0]  # so that the stub is of the version that people have


ZEPHYR = ("-DARDUINO_ARCH_ZEPHYR", "-DARDUINO_ARDUINO_NANO33BLE")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (ZEPHYR, "MIRNet does not build with the Arduino core based on Zephyr. Install the other one"),
        (("-DARDUINO_ARCH_AVR", "-DARDUINO_AVR_UNO"), "MIRNet needs the core Arduino Mbed OS Nano Boards."),
        (("-DARDUINO_ARCH_MBED", "-DARDUINO_NANO_RP2040_CONNECT"), "MIRNet is for the Arduino Nano 33 BLE Sense"),
    ],
)
def test_another_core_or_board_is_told_in_a_sentence(require, folder, flags, message):
    require(shutil.which("g++"), NEEDS_GCC)
    for name in ("dark_room.ino", "board_camera.cpp", "board_line.cpp", "board_memory.cpp", "board_watch.cpp"):
        first = complaints(folder, name, *flags)[0]
        assert "error" in first and message in first and f"--fqbn {BOARD}" in first, name
        assert CORE in first or "no other board" in first


def complaints(folder: Path, source: str | Path, *flags: str) -> list[str]:
    """What the compiler says of one file of a sketch."""
    paths = (f"-I{folder}", f"-I{STUB}")
    arguments = ["g++", *STRICT, *flags, *paths, *CPP, "-fsyntax-only", str(folder / source)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    return [line for line in done.stderr.splitlines() if "error" in line or "warning" in line]


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
    assert f"core install {CORE}\n" in text and f"lib install {LIBRARY}\n" in text
    flowing = " ".join(text.split())
    assert "claims to run on mbed architecture(s)" in flowing and "no compiled firmware is shipped" in flowing
    lights = (folder / "board_lights.h").read_text()
    for colour in ("green", "white", "off", "blue", "red, blinking"):
        assert re.search(rf"\| {colour}\b.* \|", text) and colour in lights


# ---- the same as a library ----


@pytest.fixture(scope="session")
def library(small, tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("libraries") / "dark_room"
    write_sketch(small.quantized.model, made, library=True)
    return made


def test_a_library_keeps_the_rules_of_arduino_lint(library):
    """In their order: LS, LP, LD and SS, as far as they can be told from the files alone."""
    files = {path.relative_to(library).as_posix() for path in library.rglob("*") if path.is_file()}
    assert {name.split("/")[0] for name in files} == {
        "LICENSE",
        "README.md",
        "examples",
        "library.properties",
        MANIFEST,
        "src",
    }
    assert [name for name in files if name.endswith(".ino")] == ["examples/dark_room/dark_room.ino"]  # LD003, SS001
    assert not any(path.is_symlink() for path in library.rglob("*"))
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", library.name)
    lines = (library / "library.properties").read_text().splitlines()
    fields = dict(line.split("=", 1) for line in lines)
    assert list(fields)[:8] == "name version author maintainer sentence paragraph category url".split()
    assert all(fields.values()) and fields["name"] == library.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", fields["version"])
    assert "arduino" not in (fields["name"] + fields["maintainer"]).lower()
    assert fields["sentence"] not in fields["paragraph"] and fields["category"] == "Data Processing"
    assert fields["architectures"] == "mbed_nano" and fields["url"].startswith("https://")
    assert fields["depends"] == "Arduino_OV767X (=0.0.2)" and fields["includes"] == "dark_room.h"
    assert "src/dark_room.h" in files
    assert "Apache License" in (library / "LICENSE").read_text()
    text = (library / "README.md").read_text()
    assert "an Arduino library, with a sketch in `examples/dark_room`" in text
    assert "--library dark_room dark_room/examples/dark_room\n" in text


@pytest.mark.parametrize("name", ["Arduino_mirnet", "my_library", "_dark", "1234", "a" * 33])
def test_a_name_that_arduino_lint_refuses_is_refused_for_a_library(small, name):
    sketch_files(small.quantized.model, name)
    with pytest.raises(MirnetError, match="an Arduino library cannot be called"):
        sketch_files(small.quantized.model, name, library=True)


@pytest.mark.slow
def test_a_library_compiles_and_does_the_same(require, library, small, frames, photo, tmp_path):
    require(shutil.which("gcc") and shutil.which("g++") and sys.platform == "linux", NEEDS_GCC)
    with running(built(library, tmp_path), photo) as sketch, Board(sketch.line, timeouts=STEADY) as board:
        np.testing.assert_array_equal(board.capture().picture, small.emulator.restore(frames[0]))


@pytest.mark.slow
def test_a_library_is_replaced_and_what_was_added_to_it_is_kept(small, tmp_path):
    place = tmp_path / "mine"
    for library in (True, True, False, True):  # a sketch takes the place of a library, and the other way round
        write_sketch(small.quantized.model, place, library)
        assert (place / "library.properties").exists() == library
    (place / "examples" / "own.ino").write_text("mine")
    with pytest.raises(MirnetError, match=r"added or changed by hand \(examples/own\.ino\)"):
        write_sketch(small.quantized.model, place, library=True)


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


def built(folder: Path, place: Path, *flags: str) -> Path:
    """The sketch as a program of this computer."""
    objects = compiled("", folder, place, *flags)
    stub = [str(STUB / "stub.cpp"), "-Wl,--defsym=__HeapLimit=stub_kept+16", "-no-pie"]
    paths = [f"-I{STUB}", *map(str, objects), *stub, "-o", str(place / "sketch")]
    arguments = ["g++", "-std=gnu++11", *STRICT, *flags, *paths]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return place / "sketch"


@pytest.fixture(scope="session")
def program(require, folder, tmp_path_factory) -> Path:
    """The sketch as a program of this computer."""
    require(shutil.which("gcc") and shutil.which("g++") and sys.platform == "linux", NEEDS_GCC)
    return built(folder, tmp_path_factory.mktemp("host"))


class Running:
    """A sketch that runs: its line, the colours that it has shown, and the photos that it took."""

    def __init__(self, line, process: subprocess.Popen, lights: Path):
        self.line, self.process, self._lights = line, process, lights

    def lights(self) -> list[str]:
        """Each state of the LED so far, as in "R--", and each photo, as in "photo in the dark"."""
        return self._lights.read_text().splitlines()

    def wait_for_light(self, light: str) -> None:
        deadline = time.monotonic() + 30
        while light not in self.lights():
            assert time.monotonic() < deadline, f"{light} was not shown"
            time.sleep(0.01)


@contextmanager
def running(
    program: Path, camera: object, reason: int = RESET_BUTTON, usb: str = "works", order: str = "YUYV"
) -> Iterator[Running]:
    import pty
    import tty

    with ExitStack() as stack:
        theirs, ours = pty.openpty()
        tty.setraw(ours)
        line = stack.enter_context(open(ours, "r+b", buffering=0))
        lights = program.parent / f"lights-{ours}"
        output = stack.enter_context(open(lights, "w"))
        arguments = [str(program), str(theirs), str(camera), str(reason)]
        bars = program.parent / f"bars-{order}"
        if order in YUV_ORDERS:
            bars.write_bytes(rgb_to_yuv422(colour_bars(), order).tobytes())
        environment = {**os.environ, "STUB_USB": usb, "STUB_BARS": str(bars)}
        process = subprocess.Popen(
            arguments, pass_fds=[theirs], stdout=output, stdin=subprocess.DEVNULL, env=environment
        )
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
        assert {"RGB", "--B", "-GB"} <= set(sketch.lights())  # started the camera, computed, sent
        photo_at = sketch.lights().index("photo in the dark")
        assert sketch.lights()[photo_at - 2 : photo_at + 2] == ["RGB", "---", "photo in the dark", "-G-"]
        for frame in frames[1:3]:
            np.testing.assert_array_equal(board.enhance(frame), small.emulator.restore(frame))
        shot = board.pattern()
        np.testing.assert_array_equal(shot.frame, pattern_frame())
        np.testing.assert_array_equal(shot.picture, small.emulator.restore(pattern_frame()))
        assert board.memory() == MemoryReport(make_plan(small.emulator.graph).peak, 2768, 88_976, 1400, 14)
        assert sketch.process.poll() is None
        assert set(sketch.lights()) == {"-G-", "RGB", "---", "test pattern", "photo in the dark", "--B", "-GB"}
    assert logs == ["ready; started by the reset button", f"camera: {RIGHT}"]


@pytest.mark.parametrize("order", quick(YUV_ORDERS, "YVYU"))
def test_a_frame_in_any_order_gives_the_same_picture(program, small, frames, tmp_path, order):
    seen = tmp_path / "seen"
    seen.write_bytes(Camera(order=order).capture(Camera().picture(frames[1])).tobytes())
    expected = Camera().capture(Camera().picture(frames[1]))
    with running(program, seen, order=order) as sketch, Board(sketch.line, timeouts=STEADY) as board:
        assert board.self_test().wiring == Wiring(order=order)
        shot = board.capture()
        np.testing.assert_array_equal(shot.frame, expected)
        np.testing.assert_array_equal(shot.picture, small.emulator.restore(expected))


def test_the_board_tests_itself(program, small, photo):
    with running(program, photo) as sketch, Board(sketch.line, timeouts=STEADY) as board:
        found = board.self_test()
        assert found.camera == RIGHT and found.model_hash == hash_of(small.quantized.model)
        assert found.crc == crc32(small.emulator.restore(pattern_frame()).tobytes())
        assert found.memory == board.memory() and found.memory.cache_hits == 1400
        assert found.clock_hz == pytest.approx(1e9, rel=0.2)  # the stub's; it may be interrupted while it counts
        assert sketch.lights().count("test pattern") == 2


@pytest.mark.parametrize(("pattern", "light"), [("YUYV", "-G-"), ("nothing", "R--")])
def test_wrong_wires_blink_in_red_from_the_start(program, photo, pattern, light):
    (program.parent / "bars-nothing").write_bytes(bytes(38_400))
    with running(program, photo, order=pattern) as sketch:
        sketch.wait_for_light(light)


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
        ("exchanged", "the board says: the camera's wires VSYNC and HREF are exchanged: VSYNC belongs to D8"),
    ):
        with running(program, camera, UPLOAD) as sketch, Board(sketch.line, timeouts=STEADY) as board:
            for _ in range(2):
                with pytest.raises(MirnetError, match=message):
                    board.capture()
            sketch.wait_for_light("R--")
            np.testing.assert_array_equal(board.pattern().picture, small.emulator.restore(pattern_frame()))
            np.testing.assert_array_equal(board.enhance(frames[1]), small.emulator.restore(frames[1]))
            assert sketch.process.poll() is None


@pytest.mark.parametrize("camera", ["hangs", "loosens"])
def test_a_camera_that_hangs_costs_one_restart(program, small, frames, camera):
    logs = []
    with running(program, camera) as sketch, Board(sketch.line, timeouts=STEADY, log=logs.append) as board:
        # The client asks again after the restart, since here the line survives it; USB would disconnect.
        with pytest.raises(MirnetError, match="the camera stopped answering last time, and the watchdog restarted"):
            Board(sketch.line, timeouts=Timeouts(answer_s=1, work_s=1, tries=8), log=logs.append).capture()
        for _ in range(2):
            with pytest.raises(MirnetError, match="then press the reset button"):
                board.capture()
        np.testing.assert_array_equal(board.enhance(frames[0]), small.emulator.restore(frames[0]))
        assert sketch.process.poll() is None
    before = ["ready; started by the reset button", f"camera: {RIGHT}"] if camera == "loosens" else []
    assert logs == [
        *before,
        "ready; restarted by the watchdog: the camera stopped in the middle of a frame",
        "camera: not looked at: the camera stopped answering last time, and the watchdog restarted the board: check "
        "the camera's wires, then press the reset button",
    ]


def test_a_restart_without_a_note_is_told_as_such(program, photo):
    """RAM may have lost it; the camera is under suspicion all the same."""
    logs = []
    with running(program, photo, 2) as sketch, Board(sketch.line, timeouts=STEADY, log=logs.append) as board:
        with pytest.raises(MirnetError, match="the watchdog restarted the board"):
            board.capture()
    assert logs[0] == "ready; restarted by the watchdog, and what it cut off is not known"
    assert len(logs) == 2 and logs[1].startswith("camera: not looked at: ")


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


@pytest.mark.slow
def test_the_sketch_does_the_same_with_the_librarys_head(require, folder, small, frames, photo, tmp_path):
    require(shutil.which("gcc") and shutil.which("g++") and sys.platform == "linux", NEEDS_GCC)
    program = built(folder, tmp_path, *LIBRARIES["head"])
    with running(program, photo) as sketch, Board(sketch.line, timeouts=STEADY) as board:
        shot = board.capture()
        np.testing.assert_array_equal(shot.frame, frames[0])
        np.testing.assert_array_equal(shot.picture, small.emulator.restore(frames[0]))


def answers(port: FilePort, request: Message, quiet_s: float) -> list[Message]:
    """All that a board answers to one request, until nothing has come for a while."""
    parser, messages = Parser(), []
    port.write(encode(request), 10)
    while data := port.read(quiet_s):
        messages += parser.feed(data)
    return messages


def test_a_port_that_closes_ends_the_answer_until_the_computer_asks_again(program, small, frames, photo):
    """The first four transfers are the log's and what was found; a row of the frame takes 6."""
    with running(program, photo, usb="closes 40") as sketch:
        got = answers(FilePort(sketch.line), Message(MessageKind.GET_FRAME, 5), quiet_s=1)
        assert {each.kind for each in got} == {MessageKind.LOG, MessageKind.FINDINGS, MessageKind.FRAME_ROW}
        assert len(got) < 10
        with Board(sketch.line, timeouts=STEADY) as board:
            np.testing.assert_array_equal(board.enhance(frames[1]), small.emulator.restore(frames[1]))


def test_a_transfer_that_cannot_begin_at_first_loses_nothing(program, photo):
    with running(program, photo, usb="refuses 40") as sketch:
        got = answers(FilePort(sketch.line), Message(MessageKind.GET_FRAME, 5), quiet_s=1)
        assert [each.kind for each in got].count(MessageKind.FRAME_ROW) == 120
        assert got[-1].kind == MessageKind.DONE
