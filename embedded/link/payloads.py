"""Payloads of the board's messages, packed and unpacked (the table is in `embedded.link.messages`)."""

import struct
from dataclasses import astuple, dataclass

from embedded.camera.ov7675 import Camera
from embedded.link.messages import MessageKind, makes_no_sense, text_of
from model.errors import MirnetError
from model.images.camera_formats import ROWS

__all__ = ["FORMATS", "VERSION", "Info", "MemoryReport", "PictureRow", "Ticks"]

VERSION = 1
"""Version of the messages. HELLO and INFO, up to the version, are the same in all."""

FORMATS = ("yuv422", "rgb565")
"""Names of the frame formats (`embedded.camera.ov7675`), by their number in INFO."""

UNKNOWN = 0xFFFFFFFF

INFO = struct.Struct("<H8sB")
ROW = struct.Struct("<H")
TICKS = struct.Struct("<HHI")
REPORT = struct.Struct("<IIIII")
OLD_REPORT = 12  # bytes: sketches of before had no counts of the cache


@dataclass(frozen=True)
class Info:
    """Version, model, format and name of a board.

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
        """Parses a payload.

        Raises:
            MirnetError: If it is too short, of another version, or its format is unknown.
        """
        version = int.from_bytes(payload[:2], "little")
        if len(payload) >= 2 and version != VERSION:  # what follows may have changed
            raise MirnetError(
                f"the board speaks version {version} of the messages and this program version {VERSION}: "
                "upload the sketch that came with this program"
            )
        if len(payload) < INFO.size or payload[INFO.size - 1] >= len(FORMATS):
            raise makes_no_sense(MessageKind.INFO, payload)
        version, model_hash, layout = INFO.unpack_from(payload)
        return cls(version, model_hash, FORMATS[layout], text_of(payload[INFO.size :]))

    @property
    def camera(self) -> Camera:
        """The camera with the format of this board's frames."""
        return Camera(self.format)


@dataclass(frozen=True)
class PictureRow:
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
    def unpack(cls, payload: bytes, width: int, kind: MessageKind) -> "PictureRow":
        """Parses a payload.

        Raises:
            MirnetError: If there is no such row, or it has not `width` bytes.
        """
        if len(payload) != ROW.size + width or ROW.unpack_from(payload)[0] >= ROWS:
            raise makes_no_sense(kind, payload)
        return cls(ROW.unpack_from(payload)[0], payload[ROW.size :])


@dataclass(frozen=True)
class Ticks:
    """Time of operators, as many as fit one packet.

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
        """Parses a payload.

        Raises:
            MirnetError: If its numbers contradict each other.
        """
        count, rest = divmod(len(payload) - TICKS.size, 4)
        if count < 1 or rest:
            raise makes_no_sense(MessageKind.TICKS, payload)
        first, total, ticks_per_second = TICKS.unpack_from(payload)
        if first + count > total or not ticks_per_second:
            raise makes_no_sense(MessageKind.TICKS, payload)
        return cls(first, total, ticks_per_second, struct.unpack_from(f"<{count}I", payload, TICKS.size))


@dataclass(frozen=True)
class MemoryReport:
    """Memory of the board in bytes, and its instruction cache; None where it cannot tell.

    Attributes:
        arena: What the network's tensors share.
        stack_peak: Stack that was in use at most since the board started.
        free_heap: What is left of the heap.
        cache_hits: Instruction fetches in the last run of the network that the cache served.
        cache_misses: Those that went to flash.
    """

    arena: int | None
    stack_peak: int | None
    free_heap: int | None
    cache_hits: int | None = None
    cache_misses: int | None = None

    def pack(self) -> bytes:
        """The payload."""
        return REPORT.pack(*(UNKNOWN if number is None else number for number in astuple(self)))

    @classmethod
    def unpack(cls, payload: bytes) -> "MemoryReport":
        """Parses a payload.

        Raises:
            MirnetError: If it has another length.
        """
        if len(payload) not in (OLD_REPORT, REPORT.size):
            raise makes_no_sense(MessageKind.REPORT, payload)
        numbers = struct.unpack(f"<{len(payload) // 4}I", payload)
        return cls(*(None if number == UNKNOWN else number for number in numbers))
