"""What a board finds when it tests itself: FINDINGS, parsed, and what it says of the camera."""

import struct
from dataclasses import dataclass

from embedded.camera.colour_bars import PICTURES, Wiring
from embedded.link.messages import MessageKind, makes_no_sense, text_of
from embedded.link.payloads import UNKNOWN, MemoryReport
from model.images.camera_formats import COLUMNS, YUV_ORDERS

__all__ = ["SelfTest"]

HEAD = struct.Struct("<BBhhBx8sII")
SIZE = HEAD.size + 20  # with the memory report; text follows
NOT_SEEN = 255
LETTERS = {"Y": "Y", "U": "Cb", "V": "Cr"}


@dataclass(frozen=True)
class SelfTest:
    """What a board found.

    Attributes:
        wiring: What the camera's test pattern tells; None if the camera was not looked at.
        trouble: Why it was not.
        model_hash: The first 8 bytes of the SHA-256 of the .tflite file that its network was made of.
        clock_hz: Cycles of the processor that it counted in a second; None where it cannot tell.
        crc: CRC-32 of what its network made of `embedded.camera.frame_bytes.pattern_frame`, 57,600 bytes of red, green
            and blue; None if it did not run.
        memory: In use, and the instruction cache.
    """

    wiring: Wiring | None
    trouble: str
    model_hash: bytes
    clock_hz: int | None
    crc: int | None
    memory: MemoryReport

    def pack(self) -> bytes:
        """The payload."""
        seen = self.wiring or Wiring()
        picture = NOT_SEEN if self.wiring is None else PICTURES.index(seen.picture)
        camera = (picture, YUV_ORDERS.index(seen.order), seen.row_bytes, seen.moved, seen.bits_exchanged)
        numbers = (UNKNOWN if number is None else number for number in (self.clock_hz, self.crc))
        return HEAD.pack(*camera, self.model_hash, *numbers) + self.memory.pack() + self.trouble.encode()

    @classmethod
    def unpack(cls, payload: bytes) -> "SelfTest":
        """Parses a payload.

        Raises:
            MirnetError: If it is too short, or its numbers are out of range.
        """
        if len(payload) < SIZE:
            raise makes_no_sense(MessageKind.FINDINGS, payload)
        picture, order, row_bytes, moved, bits, model_hash, *numbers = HEAD.unpack_from(payload)
        if picture not in (*range(len(PICTURES)), NOT_SEEN) or order >= len(YUV_ORDERS) or abs(moved) > COLUMNS:
            raise makes_no_sense(MessageKind.FINDINGS, payload)
        wiring = None
        if picture != NOT_SEEN:
            wiring = Wiring(PICTURES[picture], row_bytes, YUV_ORDERS[order], moved, bool(bits))
        clock_hz, crc = (None if number == UNKNOWN else number for number in numbers)
        memory = MemoryReport.unpack(payload[HEAD.size : SIZE])
        return cls(wiring, text_of(payload[SIZE:]), model_hash, clock_hz, crc, memory)

    @property
    def camera(self) -> str:
        """The camera in one sentence: what is wrong and what to do, or what the board puts right itself."""
        if self.wiring is None:
            return f"not looked at: {self.trouble}"
        if self.wiring.faults:
            return "; ".join(self.wiring.faults)
        order = " ".join(LETTERS[letter] for letter in self.wiring.order)
        said = f"it sends {order}, its wires are right"
        if self.wiring.bits_exchanged:
            said = f"it sends {order}, with the data wires D0 and D1 exchanged"
        if self.wiring == Wiring(moved=self.wiring.moved):
            return said
        return f"{said}; the board makes Y Cb Y Cr of it"
