"""The board's C code in this process, for the tests here."""

import ctypes
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from stand_in import DEFINITIONS, NETWORK, has_terminals

from embedded.budget.boards import FRAME_BYTES
from embedded.camera.colour_bars import PICTURES, Wiring
from embedded.link.packets import Message, Parser
from embedded.link.simulated_board import BOARD_SOURCES, SKETCH, c_compiler, compile_board
from model.images.camera_formats import YUV_ORDERS


class CWiring(ctypes.Structure):
    """`mirnet_wiring`."""

    _fields_ = (
        ("picture", ctypes.c_uint8),
        ("order", ctypes.c_uint8),
        ("row_bytes", ctypes.c_int16),
        ("moved", ctypes.c_int16),
        ("bits_exchanged", ctypes.c_bool),
    )


class CLibrary:
    """The board's code in this process: arguments and results as Python's values."""

    def __init__(self, path: Path):
        self._library = ctypes.CDLL(str(path))
        for name in ("encode", "parse", "board", "feed"):
            getattr(self._library, f"harness_{name}").restype = ctypes.c_size_t
        self._library.mirnet_crc32.restype = ctypes.c_uint32
        self._library.harness_frame.restype = ctypes.c_void_p
        self._library.mirnet_look_at_bars.restype = CWiring
        self._buffer = ctypes.create_string_buffer(1 << 20)

    def encode(self, message: Message, cut: int = 0) -> bytes:
        kind, sequence = ctypes.c_uint8(message.kind), ctypes.c_uint16(message.sequence)
        length = ctypes.c_size_t(len(message.payload))
        return self._call("encode", kind, sequence, message.payload, ctypes.c_size_t(cut), length)

    def parse(self, line: bytes) -> list[Message]:
        found, place, out = self._call("parse", line, ctypes.c_size_t(len(line))), 0, []
        while place < len(found):
            kind, sequence, length = struct.unpack_from("<BHH", found, place)
            out.append(Message(kind, sequence, found[place + 5 : place + 5 + length]))
            place += 5 + length
        return out

    def board(self, line: bytes) -> list[Message]:
        return Parser().feed(self._call("board", line, ctypes.c_size_t(len(line))))

    def start(self) -> None:
        """Switches a board on that then answers to `feed`."""
        self._library.harness_start()

    def feed(self, line: bytes) -> bytes:
        return self._call("feed", line, ctypes.c_size_t(len(line)))

    @property
    def frame(self) -> bytes:
        """What is in that board's memory."""
        return ctypes.string_at(self._library.harness_frame(), FRAME_BYTES)

    def look(self, frame: np.ndarray) -> Wiring:
        """`mirnet_look_at_bars`."""
        seen = self._library.mirnet_look_at_bars(frame.tobytes())
        order = YUV_ORDERS[seen.order]
        return Wiring(PICTURES[seen.picture], seen.row_bytes, order, seen.moved, seen.bits_exchanged)

    def straighten(self, frame: np.ndarray, wiring: Wiring) -> np.ndarray:
        """`mirnet_straighten`."""
        buffer = ctypes.create_string_buffer(frame.tobytes(), FRAME_BYTES)
        order = YUV_ORDERS.index(wiring.order)
        seen = CWiring(PICTURES.index(wiring.picture), order, wiring.row_bytes, wiring.moved, wiring.bits_exchanged)
        self._library.mirnet_straighten(buffer, ctypes.byref(seen))
        return np.frombuffer(buffer.raw, np.uint8).reshape(frame.shape)

    def crc(self, start: int, data: bytes) -> int:
        return self._library.mirnet_crc32(ctypes.c_uint32(start), data, ctypes.c_size_t(len(data)))

    def _call(self, name: str, *arguments) -> bytes:
        size = len(self._buffer)
        count = getattr(self._library, f"harness_{name}")(*arguments, self._buffer, ctypes.c_size_t(size))
        assert count < size, "a byte beside the parser or the frame was written to, or the test has too small a buffer"
        return ctypes.string_at(self._buffer, count)


@pytest.fixture(scope="session")
def c(require, tmp_path_factory) -> CLibrary:
    """`tests/embedded/link/link_harness.c`, compiled."""
    command = c_compiler()
    require(command, "needs a C compiler: apt-get install gcc")
    path = tmp_path_factory.mktemp("harness") / "harness.so"
    sources = [Path(__file__).with_name("link_harness.c"), *BOARD_SOURCES]
    arguments = [*command, "-std=c99", "-O2", "-fPIC", "-shared", f"-I{SKETCH}", *map(str, sources), "-o", str(path)]
    subprocess.run(arguments, check=True, capture_output=True)
    return CLibrary(path)


@pytest.fixture(scope="session")
def program(require, tmp_path_factory) -> Path:
    """A simulated board with the stand-in of a network, for `run_board`."""
    require(c_compiler(), "needs a C compiler: apt-get install gcc")
    require(has_terminals(), "needs pseudo-terminals")
    return compile_board(NETWORK, tmp_path_factory.mktemp("simboard"), DEFINITIONS)
