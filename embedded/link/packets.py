"""Framing of packets on a serial line: COBS byte stuffing and a CRC-32.

```
message   kind, sequence, payload
             │ + magic, length, CRC-32
body      "MN" │ kind 1 │ sequence 2 │ length 2 │ payload 0..512 │ CRC-32 of all before, 4     little endian
             │ stuffed: no byte of it is 0 any more, 1 to 3 bytes longer
packet    00 │ stuffed body │ 00
```

**Why stuffing.** A receiver that joins late, or that has lost bytes, has to find where the next packet begins. If any
byte may stand anywhere, it can only guess: bytes of a picture may look like the beginning of a packet, the length in
them makes it wait for bytes that never come, and a real packet is lost meanwhile. Here the byte 0 stands **between
packets and nowhere else**: at a 0 the parser starts anew. That is why

- every packet whose bytes arrive is delivered with its last byte, whatever came before it;
- a packet inside the payload of another one is never taken for a packet;
- the length is trusted only when the CRC-32 agrees, so the header needs no checksum of its own;
- a parser needs memory for one packet, looks at each byte once, and never waits.

**The stuffing** is COBS (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999, section 3,
https://doi.org/10.1109/90.769765): the body, with one more 0 behind it, is cut into runs that end with a 0; each run is
sent without that 0, behind a byte that says how long the run was. 255 stands for 254 bytes with no 0 behind them:

    body 11 22 00 33     stuffed 03 11 22 02 33

    packet = encode(Message(MessageKind.HELLO, sequence=7))
    parser = Parser()
    parser.feed(b"noise" + packet[:5])  # []
    parser.feed(packet[5:])             # [Message(kind=1, sequence=7, payload=b'')]

The same in C, for the board: `sketch/mirnet_link.h`.
"""

import struct
from collections import deque
from dataclasses import dataclass
from zlib import crc32

from model.errors import MirnetError

__all__ = ["PACKET_MAX", "PAYLOAD_MAX", "Message", "Parser", "encode"]

PAYLOAD_MAX = 512
"""Bytes of a payload at most. A row of the restored picture has 480: the board needs memory for one row only."""

MAGIC = b"MN"
HEADER = struct.Struct("<2sBHH")  # magic, kind, sequence, length
CHECK = struct.Struct("<I")
BODY_MIN = HEADER.size + CHECK.size
RUN = 254  # bytes that one length byte of the stuffing speaks for, at most
STUFFED_MAX = BODY_MIN + PAYLOAD_MAX + 1 + (BODY_MIN + PAYLOAD_MAX) // RUN

PACKET_MAX = STUFFED_MAX + 2
"""Bytes of a packet on the line at most, the two zeros with it."""

LEFTOVER = 200  # bytes: enough of what is no packet to see what it is


@dataclass(frozen=True)
class Message:
    """The message in a packet.

    Attributes:
        kind: One of `embedded.link.messages.MessageKind`, or what a newer sketch may know; 0 to 255.
        sequence: The number of the request that this is or answers; 0 to 65,535.
        payload: Up to 512 bytes.
    """

    kind: int
    sequence: int = 0
    payload: bytes = b""


def encode(message: Message) -> bytes:
    """The packet of a message: the bytes on the line.

    Raises:
        MirnetError: If the payload is too long, or kind or sequence are out of range.
    """
    if len(message.payload) > PAYLOAD_MAX:
        raise MirnetError(
            f"payload: {len(message.payload)} bytes, but a packet carries {PAYLOAD_MAX}; send it in parts"
        )
    try:
        header = HEADER.pack(MAGIC, message.kind, message.sequence, len(message.payload))
    except struct.error as error:
        wrong = f"not {message.kind}, {message.sequence}"
        raise MirnetError(f"kind must be 0..255 and sequence 0..65535, {wrong}") from error
    body = header + message.payload
    return b"\0" + _stuff(body + CHECK.pack(crc32(body))) + b"\0"


class Parser:
    """Finds packets in the bytes of a line, however they are cut into pieces.

    Attributes:
        dropped: Bytes so far that belonged to no packet.
        leftover: The last bytes that belong to no packet yet, 200 at most: text, if another sketch is running.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._leftover: deque[int] = deque(maxlen=LEFTOVER)
        self._pending = bytearray()  # what came since the last zero
        self._too_long = False  # then it is no packet, and the rest up to the next zero is not kept either

    @property
    def leftover(self) -> bytes:
        """The last bytes that belong to no packet yet; see the class."""
        return (bytes(self._leftover) + self._pending)[-LEFTOVER:]  # text has no zero that would end it

    def feed(self, data: bytes | bytearray | memoryview) -> list[Message]:
        """Takes the next bytes of the line; returns the messages whose last byte is among them, in order."""
        messages = []
        *ended, rest = bytes(data).split(b"\0")
        for run in ended:
            self._keep(run)
            message = None if self._too_long else _message(bytes(self._pending))
            if message is not None:
                messages.append(message)
            else:
                self._drop(bytes(self._pending))
            self._pending.clear()
            self._too_long = False
        self._keep(rest)
        return messages

    def _keep(self, run: bytes) -> None:
        if not self._too_long and len(self._pending) + len(run) <= STUFFED_MAX:
            self._pending += run
            return
        self._too_long = True
        self._drop(bytes(self._pending) + run)
        self._pending.clear()

    def _drop(self, data: bytes) -> None:
        self.dropped += len(data)
        self._leftover.extend(data[-LEFTOVER:])


def _stuff(body: bytes) -> bytes:
    """The body, stuffed: without zeros."""
    stuffed = bytearray()
    for run in body.split(b"\0"):
        full, rest = divmod(len(run), RUN)
        for start in range(0, full * RUN, RUN):
            stuffed += bytes([RUN + 1]) + run[start : start + RUN]
        stuffed += bytes([rest + 1]) + run[full * RUN :]
    return bytes(stuffed)


def _unstuff(stuffed: bytes) -> bytes | None:
    """The body again; None if it ends in the middle of a run."""
    body, position = bytearray(), 0
    while position < len(stuffed):
        length = stuffed[position]
        body += stuffed[position + 1 : position + length]
        position += length
        if length <= RUN and position < len(stuffed):  # the zero behind the last run is not part of the body
            body.append(0)
    return bytes(body) if position == len(stuffed) else None


def _message(stuffed: bytes) -> Message | None:
    """The message between two zeros; None if it is damaged."""
    body = _unstuff(stuffed)
    if body is None or len(body) < BODY_MIN:
        return None
    magic, kind, sequence, length = HEADER.unpack_from(body)
    if magic != MAGIC or length != len(body) - BODY_MIN or length > PAYLOAD_MAX:
        return None
    if CHECK.unpack_from(body, len(body) - CHECK.size)[0] != crc32(body[: -CHECK.size]):
        return None
    return Message(kind, sequence, body[HEADER.size : -CHECK.size])
