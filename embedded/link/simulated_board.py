"""Host build of the firmware on a pseudo-terminal: the sketch's own C code, compiled for this computer.

```
embedded.link.client.Board ── /dev/pts/7 ══ pseudo-terminal ══ simboard: mirnet_link.c, mirnet_commands.c, …, network
```

    sources = {"network.c": network}  # the text of a C file that defines mirnet_restore
    with simulated_board(sources, frame=Camera().capture(photo)) as simulated, Board(simulated.port) as board:
        frame, picture = board.capture()
    with model_board(Path("nano.tflite").read_bytes()) as simulated, Board(simulated.port) as board:
        picture = board.enhance(frame)
        print(board.timings().seconds)  # of each operator, on this computer

What differs from a board: USB is a pseudo-terminal, the camera is a file, and it is fast. Needs a C compiler (`cc`,
`gcc` or `clang`; else the one in the package ziglang) and a system with pseudo-terminals: Linux or macOS.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from io import FileIO
from pathlib import Path

import numpy as np

from embedded.camera.colour_bars import colour_bars
from embedded.camera.frame_bytes import frame_bytes
from embedded.codegen.generate import generate
from embedded.link.payloads import FORMATS
from embedded.tflite.model_hash import HASH_BYTES, hash_of
from model.errors import MirnetError
from model.images.camera_formats import rgb_to_yuv422

__all__ = [
    "BOARD_SOURCES",
    "SKETCH",
    "TIMED",
    "SimulatedBoard",
    "c_compiler",
    "compile_board",
    "model_board",
    "run_board",
    "simulated_board",
]

SKETCH = Path(__file__).parents[1] / "sketch" / "files"
"""The folder of the board's C sources."""

BOARD_SOURCES = tuple(SKETCH / f"mirnet_{name}.c" for name in ("link", "commands", "bars"))
"""The files of the sketch that run here as they do on the board."""

SOURCES = (*BOARD_SOURCES, Path(__file__).parent / "simulated_board.c")
TIMED = {
    "MIRNET_TIMED": "1",
    "MIRNET_BEFORE": "{ extern void simboard_start(void); simboard_start(); }",
    "MIRNET_AFTER(tensor, address, size)": "{ extern void simboard_lap(void); simboard_lap(); }",
}
"""Macros that time each operator in the C of `embedded.codegen.generate`, and report the size of its arena."""

COMPILERS = ("cc", "gcc", "clang")
COMPILING_TIMEOUT_S = 300  # ziglang's first run builds its C library
ENDING_TIMEOUT_S = 10


@dataclass(frozen=True)
class SimulatedBoard:
    """A running host build.

    Attributes:
        port: For `embedded.link.client.Board`: the path of a terminal, which pyserial opens.
        line: The same, open already: for a `Board` without pyserial. Use one or the other.
        process: The host build; `process.kill()` disconnects it.
        camera: Folder of the files `frame` and `pattern`: what its camera sends of a scene and of the test pattern,
            read anew each time. None without a camera.
    """

    port: str
    line: FileIO
    process: subprocess.Popen
    camera: Path | None = None


def c_compiler() -> tuple[str, ...] | None:
    """The command of a C compiler, the system's or that of ziglang; None if there is none."""
    for name in COMPILERS:
        if found := shutil.which(name):
            return (found,)
    return (sys.executable, "-m", "ziglang", "cc") if find_spec("ziglang") else None


def compile_board(
    network: Mapping[str, str],
    folder: Path,
    definitions: Mapping[str, str] | None = None,
    compiler: Sequence[str] | None = None,
) -> Path:
    """Compiles a simulated board.

    Args:
        network: File names and texts of the network's C sources and headers. One of them defines
            `void mirnet_restore(const uint8_t *frame, mirnet_row row, void *context)` of `mirnet_commands.h`.
        folder: Where to put them and the program.
        definitions: Macros for all files: `MIRNET_ARENA_BYTES` for the memory report; `MIRNET_HAS_TIMINGS` if the
            network has `const uint32_t *mirnet_timings(size_t *count, uint32_t *ticks_per_second)` as well; `TIMED`
            for a network of `embedded.codegen.generate`.
        compiler: Its command, by default `c_compiler()`.

    Returns:
        The program, for `run_board`.

    Raises:
        MirnetError: If there is no compiler, or the sources do not compile, with its first error.
    """
    command = compiler or c_compiler()
    if command is None:
        raise MirnetError("no C compiler was found: `apt-get install gcc`, or `pip install ziglang`")
    for name, text in network.items():
        (folder / name).write_text(text, encoding="utf-8")
    sources = [*map(str, SOURCES), *(str(folder / name) for name in network if name.endswith(".c"))]
    macros = [f"-D{name}={value}" for name, value in (definitions or {}).items()]
    program = folder / "simboard"
    paths = [f"-I{SKETCH}", f"-I{folder}", *sources, "-o", str(program)]
    arguments = [*command, "-std=c99", "-O2", *macros, *paths, "-lm"]
    try:
        done = subprocess.run(
            arguments,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=COMPILING_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MirnetError(f"the C compiler {command[0]} does not run: {error}") from error
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "error" in line or "undefined" in line]
        first = (errors or done.stderr.splitlines() or ["nothing"])[0]
        raise MirnetError(f"the sources of the board do not compile; {command[0]} says: {first}")
    return program


@contextmanager
def run_board(
    program: Path,
    frame: np.ndarray | bytes | None = None,
    model_hash: bytes = bytes(HASH_BYTES),
    name: str = "simulated board",
    frame_format: str = "yuv422",
    test_pattern: np.ndarray | bytes | None = None,
) -> Iterator[SimulatedBoard]:
    """Runs a simulated board until the block ends.

    Args:
        program: What `compile_board` made.
        frame: Of its camera, 38,400 bytes or (120, 160, 2) uint8, the same each time; None for no camera.
        model_hash: As HELLO tells it, 8 bytes (`embedded.tflite.model_hash.hash_of`).
        name: As HELLO tells it.
        frame_format: As HELLO tells it, "yuv422" or "rgb565".
        test_pattern: What its camera sends of the test pattern, as `frame`; None for colour bars without a fault.

    Raises:
        ImageError: If the frame has another size.
        MirnetError: If the hash or the format is none, the program does not start, or this system has no
            pseudo-terminals.
    """
    if frame_format not in FORMATS or len(model_hash) != HASH_BYTES:
        raise MirnetError(
            f"a board has a hash of {HASH_BYTES} bytes and one of the formats {', '.join(FORMATS)}, "
            f"not {model_hash!r} and {frame_format!r}"
        )
    with ExitStack() as stack:
        arguments, camera = [name, model_hash.hex(), str(FORMATS.index(frame_format))], None
        if frame is not None:
            camera = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            pattern = rgb_to_yuv422(colour_bars()) if test_pattern is None else test_pattern
            for name, seen in (("frame", frame), ("pattern", pattern)):
                (camera / name).write_bytes(frame_bytes(seen))
                arguments.append(str(camera / name))
        line, theirs = _terminal(stack)
        try:
            command = [str(program), str(theirs), *arguments]
            process = subprocess.Popen(command, pass_fds=[theirs], stdin=subprocess.DEVNULL)
        except OSError as error:
            raise MirnetError(f"{program} does not start: {error.strerror}; compile it again") from error
        finally:
            os.close(theirs)  # so that the line ends with the process
        stack.callback(_end, process)
        yield SimulatedBoard(str(line.name), line, process, camera)


@contextmanager
def simulated_board(
    network: Mapping[str, str],
    frame: np.ndarray | bytes | None = None,
    model_hash: bytes = bytes(HASH_BYTES),
    definitions: Mapping[str, str] | None = None,
) -> Iterator[SimulatedBoard]:
    """Compiles and runs a simulated board; see `compile_board` and `run_board`."""
    with tempfile.TemporaryDirectory() as folder:
        program = compile_board(network, Path(folder), definitions)
        with run_board(program, frame, model_hash) as board:
            yield board


@contextmanager
def model_board(model: bytes, frame: np.ndarray | bytes | None = None) -> Iterator[SimulatedBoard]:
    """Generates the C of a model, compiles it and runs it as a board that times each operator.

    Args:
        model: Bytes of a .tflite file of `mirnet quantize`.
        frame: As for `run_board`.

    Raises:
        MirnetError: If it is no such file or has an operator that there is no kernel for; and as `compile_board` and
            `run_board`.
    """
    with simulated_board(generate(model), frame, hash_of(model), TIMED) as board:
        yield board


def _terminal(stack: ExitStack) -> tuple[FileIO, int]:
    """A pseudo-terminal: the end that is a port, and the end of the board."""
    try:
        # Not on Windows; imported here so that `compile_board` and the error can be used there.
        import pty
        import tty

        theirs, ours = pty.openpty()
    except (ImportError, OSError) as error:
        raise MirnetError("this system has no pseudo-terminals: a simulated board needs Linux or macOS") from error
    tty.setraw(ours)  # raw bytes: no echo, no line ends
    # Open until the end, so that the line stays when a client closes its own. Not as our controlling terminal: its
    # hang-up would end this process.
    line = FileIO(os.ttyname(ours), "r+", opener=lambda path, flags: os.open(path, flags | os.O_NOCTTY))
    stack.callback(line.close)
    os.close(ours)
    return line, theirs


def _end(process: subprocess.Popen) -> None:
    process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(ENDING_TIMEOUT_S)
