"""Messages between computer and board; the packets that carry them: `embedded.link.packets`.

The computer asks, the board answers. Every answer carries the **sequence number** of its request, so that a late one is
not taken for another, and ends with DONE or ERROR. Numbers are little endian; u16 has 2 bytes.

| kind | from the computer | payload | answered by |
| --- | --- | --- | --- |
| 01 | HELLO | | INFO, DONE |
| 02 | CAPTURE: the camera's next frame, into the board's memory | | STARTED, DONE |
| 03 | PATTERN: the frame of `embedded.camera.frame_bytes.pattern_frame`, into the board's memory | | DONE |
| 04 | PUT_ROW: a row of a frame, into the board's memory | u16 y, 320 bytes | DONE with the row's CRC |
| 05 | GET_FRAME: what is in that memory | | 120 × FRAME_ROW, DONE with their CRC |
| 06 | RESTORE: let the network run on it | u32 CRC-32 of the frame | STARTED, 120 × PICTURE_ROW, DONE with their CRC |
| 07 | TIMINGS of the last run | | TICKS, as many as it takes, DONE |
| 08 | MEMORY | | REPORT, DONE |
| 09 | SELF_TEST: camera, clock, and the network on the PATTERN, which stays in the memory | | STARTED, FINDINGS, DONE |

| kind | from the board | payload |
| --- | --- | --- |
| 81 | INFO | u16 version of these messages, 8 bytes of the model's SHA-256, u8 format, name in UTF-8 |
| 82 | STARTED: it has begun, and takes a while | |
| 83 | DONE | u32 CRC-32 of all rows of this answer, from the first to the last; 0 without rows |
| 84 | FRAME_ROW | u16 y, 320 bytes as the camera gave them |
| 85 | PICTURE_ROW | u16 y, 480 bytes: 160 × red, green, blue |
| 86 | TICKS | u16 index of the first, u16 how many in all, u32 ticks a second, up to 126 × u32 |
| 87 | REPORT | u32 bytes of the arena, u32 of stack used at most, u32 of free heap; u32 hits and u32 misses of the
  instruction cache in the last run; FFFFFFFF: cannot tell |
| 88 | ERROR | text in UTF-8: what is wrong and what to do |
| 89 | LOG, at any time, sequence 0 | text in UTF-8 |
| 8a | FINDINGS; also when the port is opened, with sequence 0, and then without clock and CRC | of the camera's test
  pattern: u8 picture (0 bars, 1 constant, 2 noise, 3 no bars, FF not seen), u8 byte order (0 to 3: YUYV, YVYU, UYVY,
  VYUY), i16 bytes of a row, i16 pixels moved, u8 D0 and D1 exchanged, u8 0; then 8 bytes of the model's SHA-256, u32
  cycles a second, u32 CRC-32 of the restored PATTERN, the numbers of REPORT; text: why the camera was not looked at |

So an **echo**, a picture of the computer's own restored by the board, is 120 × PUT_ROW and a RESTORE; a photo of the
board is CAPTURE, GET_FRAME and RESTORE. Whatever gets lost can be asked for once more: all requests but CAPTURE give
the same again, since the frame stays in the board's memory. RESTORE names the frame that is meant, so that a board that
was reset meanwhile does not restore an empty one.

Kinds may be added without a new version: a sketch answers one that it does not know with an ERROR that says so, and a
program overlooks one that it did not ask for.

A frame's format is 0 for YUV 4:2:2, Y U Y V whatever order the camera sends, or 1 for RGB565, high byte first; it has
160 × 120 pixels of 2 bytes.
"""

import struct
from enum import IntEnum

from model.errors import MirnetError

__all__ = ["MessageKind", "crc_of", "crc_payload", "makes_no_sense", "text_of"]

CRC = struct.Struct("<I")


class MessageKind(IntEnum):
    """The kinds of message; below 0x80 they come from the computer."""

    HELLO = 0x01
    CAPTURE = 0x02
    PATTERN = 0x03
    PUT_ROW = 0x04
    GET_FRAME = 0x05
    RESTORE = 0x06
    TIMINGS = 0x07
    MEMORY = 0x08
    SELF_TEST = 0x09
    INFO = 0x81
    STARTED = 0x82
    DONE = 0x83
    FRAME_ROW = 0x84
    PICTURE_ROW = 0x85
    TICKS = 0x86
    REPORT = 0x87
    ERROR = 0x88
    LOG = 0x89
    FINDINGS = 0x8A


def crc_payload(crc: int) -> bytes:
    """The payload of DONE and of RESTORE."""
    return CRC.pack(crc)


def crc_of(payload: bytes) -> int:
    """The CRC-32 in the payload of DONE.

    Raises:
        MirnetError: If it has another length.
    """
    if len(payload) != CRC.size:
        raise makes_no_sense(MessageKind.DONE, payload)
    return CRC.unpack(payload)[0]


def text_of(payload: bytes) -> str:
    """The text of ERROR and LOG; what is no UTF-8 becomes U+FFFD."""
    return payload.decode(errors="replace")


def makes_no_sense(kind: MessageKind, payload: bytes) -> MirnetError:
    """The error for a payload that does not fit its kind."""
    return MirnetError(
        f"the board's {kind.name} of {len(payload)} bytes makes no sense: its sketch and this program are not of the "
        "same version; upload the sketch that came with this program"
    )
