"""What a computer and the board say to each other. The packets that carry it are described in `embedded.link.packets`.

The computer asks, the board answers. Every answer carries the **sequence number** of its request, so that one that
comes late is not taken for another, and ends with DONE or ERROR. Numbers are little endian; u16 has 2 bytes.

| kind | from the computer | payload | answered by |
| --- | --- | --- | --- |
| 01 | HELLO | | INFO, DONE |
| 02 | CAPTURE: the camera's next frame, into the board's memory | | STARTED, DONE |
| 03 | PATTERN: the frame of `pattern_frame`, into the board's memory | | DONE |
| 04 | PUT_ROW: a row of a frame, into the board's memory | u16 y, 320 bytes | DONE with the row's CRC |
| 05 | GET_FRAME: what is in that memory | | 120 × FRAME_ROW, DONE with their CRC |
| 06 | RESTORE: let the network run on it | u32 CRC-32 of the frame | STARTED, 120 × PICTURE_ROW, DONE with their CRC |
| 07 | TIMINGS of the last run | | TICKS, as many as it takes, DONE |
| 08 | MEMORY | | REPORT, DONE |

| kind | from the board | payload |
| --- | --- | --- |
| 81 | INFO | u16 version of these messages, 8 bytes of the model's SHA-256, u8 format, name in UTF-8 |
| 82 | STARTED: it has begun, and takes a while | |
| 83 | DONE | u32 CRC-32 of all rows of this answer, from the first to the last; 0 without rows |
| 84 | FRAME_ROW | u16 y, 320 bytes as the camera gave them |
| 85 | PICTURE_ROW | u16 y, 480 bytes: 160 × red, green, blue |
| 86 | TICKS | u16 index of the first, u16 how many in all, u32 ticks a second, up to 126 × u32 |
| 87 | REPORT | u32 bytes of the arena, u32 of stack used at most, u32 of free heap; FFFFFFFF: cannot tell |
| 88 | ERROR | text in UTF-8: what is wrong and how to mend it |
| 89 | LOG, at any time, sequence 0 | text in UTF-8 |

So an **echo**, a picture of the computer's own restored by the board, is 120 × PUT_ROW and a RESTORE; a photo of the
board is CAPTURE, GET_FRAME and RESTORE. Whatever gets lost can be asked for once more: all requests but CAPTURE give
the same again, since the frame stays in the board's memory. RESTORE names the frame that is meant, so that a board that
was reset meanwhile does not restore an empty one.

A frame's format is 0 for YUV 4:2:2, Y U Y V, or 1 for RGB565, high byte first; it has 160 × 120 pixels of 2 bytes.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from pathlib import Path

import numpy as np

from embedded.budget.boards import FRAME_BYTES
from embedded.camera.ov7675 import Camera
from model.errors import ImageError, MirnetError
from model.images.camera_formats import COLUMNS, ROWS

__all__ = [
    "VERSION",
    "Info",
    "Kind",
    "Memory",
    "Row",
    "Ticks",
    "crc_of",
    "crc_payload",
    "frame_bytes",
    "hash_of",
    "pattern_frame",
    "text_of",
]

VERSION = 1
"""Of these messages. HELLO and INFO, up to the version, stay as they are in every version."""

HASH_BYTES = 8
FORMATS = ("yuv422", "rgb565")  # as `embedded.camera.ov7675` names them
UNKNOWN = 0xFFFFFFFF

INFO = struct.Struct("<H8sB")
ROW = struct.Struct("<H")
CRC = struct.Struct("<I")
TICKS = struct.Struct("<HHI")
REPORT = struct.Struct("<III")


class Kind(IntEnum):
    """The kinds of message; below 0x80 they come from the computer."""

    HELLO = 0x01
    CAPTURE = 0x02
    PATTERN = 0x03
    PUT_ROW = 0x04
    GET_FRAME = 0x05
    RESTORE = 0x06
    TIMINGS = 0x07
    MEMORY = 0x08
    INFO = 0x81
    STARTED = 0x82
    DONE = 0x83
    FRAME_ROW = 0x84
    PICTURE_ROW = 0x85
    TICKS = 0x86
    REPORT = 0x87
    ERROR = 0x88
    LOG = 0x89


@dataclass(frozen=True)
class Info:
    """Who is at the other end.

    Attributes:
        version: Of the messages that the board speaks.
        model_hash: The first 8 bytes of the SHA-256 of the .tflite file that its network was made of.
        format: Of the camera's frames, "yuv422" or "rgb565".
        name: Of the board.
    """

    version: int
    model_hash: bytes
    format: str
    name: str

    def pack(self) -> bytes:
        """The payload."""
        return INFO.pack(self.version, self.model_hash, FORMATS.index(self.format)) + self.name.encode()

    @classmethod
    def unpack(cls, payload: bytes) -> "Info":
        """What a payload says.

        Raises:
            MirnetError: If it is too short, of another version, or its format is unknown.
        """
        version = int.from_bytes(payload[:2], "little")
        if len(payload) >= 2 and version != VERSION:  # whatever comes behind it may have changed
            raise MirnetError(
                f"the board speaks version {version} of the messages and this program version {VERSION}: "
                "upload the sketch that came with this program"
            )
        if len(payload) < INFO.size or payload[INFO.size - 1] >= len(FORMATS):
            raise _strange(Kind.INFO, payload)
        version, model_hash, layout = INFO.unpack_from(payload)
        return cls(version, model_hash, FORMATS[layout], text_of(payload[INFO.size :]))

    @property
    def camera(self) -> Camera:
        """How the frames of this board become pictures."""
        return Camera(self.format)


@dataclass(frozen=True)
class Row:
    """A row of a frame or of a picture.

    Attributes:
        y: 0 at the top.
        data: 320 bytes of the camera, or 480 bytes of red, green and blue.
    """

    y: int
    data: bytes

    def pack(self) -> bytes:
        """The payload."""
        return ROW.pack(self.y) + self.data

    @classmethod
    def unpack(cls, payload: bytes, width: int, kind: Kind) -> "Row":
        """What a payload says.

        Raises:
            MirnetError: If there is no such row, or it has not `width` bytes.
        """
        if len(payload) != ROW.size + width or ROW.unpack_from(payload)[0] >= ROWS:
            raise _strange(kind, payload)
        return cls(ROW.unpack_from(payload)[0], payload[ROW.size :])


@dataclass(frozen=True)
class Ticks:
    """How long operators took: one packet's part of the list.

    Attributes:
        first: Index of the first operator here.
        total: How many operators there are.
        ticks_per_second: 1,000,000 for microseconds, the clock's frequency for cycles.
        ticks: Of each operator, in the order in which they ran.
    """

    first: int
    total: int
    ticks_per_second: int
    ticks: tuple[int, ...]

    def pack(self) -> bytes:
        """The payload."""
        head = TICKS.pack(self.first, self.total, self.ticks_per_second)
        return head + struct.pack(f"<{len(self.ticks)}I", *self.ticks)

    @classmethod
    def unpack(cls, payload: bytes) -> "Ticks":
        """What a payload says.

        Raises:
            MirnetError: If it does not fit together.
        """
        count, rest = divmod(len(payload) - TICKS.size, 4)
        if count < 1 or rest:
            raise _strange(Kind.TICKS, payload)
        first, total, ticks_per_second = TICKS.unpack_from(payload)
        if first + count > total or not ticks_per_second:
            raise _strange(Kind.TICKS, payload)
        return cls(first, total, ticks_per_second, struct.unpack_from(f"<{count}I", payload, TICKS.size))


@dataclass(frozen=True)
class Memory:
    """Memory of the board in bytes; None where it cannot tell.

    Attributes:
        arena: What the network's tensors share.
        stack_peak: Stack that was in use at most since the board started.
        free_heap: What is left of the heap.
    """

    arena: int | None
    stack_peak: int | None
    free_heap: int | None

    def pack(self) -> bytes:
        """The payload."""
        numbers = (self.arena, self.stack_peak, self.free_heap)
        return REPORT.pack(*(UNKNOWN if number is None else number for number in numbers))

    @classmethod
    def unpack(cls, payload: bytes) -> "Memory":
        """What a payload says.

        Raises:
            MirnetError: If it has another length.
        """
        if len(payload) != REPORT.size:
            raise _strange(Kind.REPORT, payload)
        return cls(*(None if number == UNKNOWN else number for number in REPORT.unpack(payload)))


def crc_payload(crc: int) -> bytes:
    """The payload of DONE and of RESTORE."""
    return CRC.pack(crc)


def crc_of(payload: bytes) -> int:
    """What DONE says.

    Raises:
        MirnetError: If it has another length.
    """
    if len(payload) != CRC.size:
        raise _strange(Kind.DONE, payload)
    return CRC.unpack(payload)[0]


def text_of(payload: bytes) -> str:
    """The text of ERROR and LOG; whatever is no UTF-8 becomes a question mark in a box."""
    return payload.decode(errors="replace")


def hash_of(model: str | Path | bytes) -> bytes:
    """What INFO says of a model: the first 8 bytes of the SHA-256 of its .tflite file.

    Args:
        model: The file, or its bytes.

    Raises:
        MirnetError: If the file cannot be read.
    """
    if isinstance(model, bytes):
        return sha256(model).digest()[:HASH_BYTES]
    try:
        return hash_of(Path(model).read_bytes())
    except OSError as error:
        raise MirnetError(f"{model} cannot be read ({error.strerror}): give the file that the sketch is of") from error


def frame_bytes(frame: np.ndarray | bytes) -> bytes:
    """The bytes of a frame, in the order in which a camera sends them.

    Args:
        frame: (120, 160, 2) uint8, or its bytes.

    Raises:
        ImageError: If it is something else.
    """
    shape = (ROWS, COLUMNS, 2)
    if not isinstance(frame, bytes) and (frame.dtype != np.uint8 or frame.shape != shape):
        raise ImageError(f"frame: give uint8 of shape {shape}, not {frame.dtype} of {frame.shape}")
    data = frame if isinstance(frame, bytes) else frame.tobytes()
    if len(data) != FRAME_BYTES:
        raise ImageError(f"frame: {len(data):,} bytes, but one has {FRAME_BYTES:,}; embedded.Camera makes one")
    return data


def pattern_frame() -> np.ndarray:
    """The frame that PATTERN makes the board write: brightness and both colours rise slowly.

    It tests the line and the network without the camera, since the computer knows what has to come.

    Returns:
        (120, 160, 2) uint8, YUV 4:2:2, Y U Y V.
    """
    y, x = np.mgrid[:ROWS, :COLUMNS]
    frame = np.empty((ROWS, COLUMNS, 2), np.uint8)
    frame[..., 0] = x + y // 2
    frame[..., 1] = np.where(x % 2 == 0, 48 + x, 68 + y)  # U, V
    return frame


def _strange(kind: Kind, payload: bytes) -> MirnetError:
    return MirnetError(
        f"the board's {kind.name} of {len(payload)} bytes makes no sense: its sketch and this program are not of the "
        "same version; upload the sketch that came with this program"
    )
