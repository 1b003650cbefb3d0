"""A line may do anything to the bytes: what arrives whole is delivered, nothing else is, and nobody waits for ever.

Packets and messages in Python and in the board's C, and the client against boards that misbehave. The board's own
code behind a terminal is in `test_simulated_board.py`.
"""

import os
import pickle
import random
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import SimpleNamespace
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quick import quick

from embedded.budget import boards as limits
from embedded.camera.frame_bytes import frame_bytes, pattern_frame
from embedded.camera.ov7675 import Camera
from embedded.link import messages as protocol
from embedded.link import ports as ports_module
from embedded.link.client import Board, Timeouts
from embedded.link.messages import MessageKind, crc_of, crc_payload, text_of
from embedded.link.packets import PACKET_MAX, PAYLOAD_MAX, Message, Parser, encode
from embedded.link.payloads import FORMATS, VERSION, Info, MemoryReport, PictureRow, Ticks
from embedded.link.ports import SerialPort, find_port, open_port
from embedded.link.simulated_board import SKETCH
from embedded.tflite.model_hash import hash_of
from model.errors import ImageError, MirnetError

# Boards here answer at once or never. On a busy machine a thread may still wait a while for its turn.
QUICK = Timeouts(answer_s=0.5, work_s=0.5, tries=2)
STEADY = Timeouts(answer_s=10, work_s=30, tries=3)
# No call may hang; how fast it is depends on the machine.
GENEROUS_S = 60
PARSER_BYTES = 4 * PACKET_MAX
HASH = bytes(range(8))
INFO = Info(VERSION, HASH, "yuv422", "Nano")

messages = st.builds(
    Message,
    st.integers(0, 255),
    st.integers(0, 65535),
    st.one_of(
        st.binary(max_size=40),
        # Around the length at which a run without zeros is cut in two, and the longest there is.
        st.builds(
            lambda length, byte, tail: (bytes([byte]) * length + tail)[:PAYLOAD_MAX],
            st.sampled_from([0, 240, 243, 244, 245, 246, 247, 248, 253, 254, 255, 500, 508, 512]),
            st.sampled_from([0, 1, 255]),
            st.binary(max_size=8),
        ),
    ),
)


# ---- packets ----


def stuffed_by_the_book(body: bytes) -> bytes:
    """COBS as its authors tell it: a zero is put behind, and every zero becomes the way to the next one."""
    out, run = bytearray(), bytearray()
    for byte in body + b"\0":
        if byte:
            run.append(byte)
        if not byte or len(run) == 254:
            out += bytes([len(run) + 1]) + run
            run.clear()
    return bytes(out)


def test_a_packet_is_made_of_what_the_documentation_says():
    body = b"MN\x05\x34\x12\x03\x00a\x00b"
    expected = b"\0" + stuffed_by_the_book(body + struct.pack("<I", crc32(body))) + b"\0"
    assert encode(Message(5, 0x1234, b"a\0b")) == expected
    assert expected.startswith(b"\0\x07MN\x05\x34\x12\x03\x02a\x06b")
    longest = encode(Message(255, 65535, b"\xff" * PAYLOAD_MAX))
    assert len(longest) == PACKET_MAX <= 2 + 1.02 * (PAYLOAD_MAX + 11)


@given(message=messages, cut=st.integers(0, PAYLOAD_MAX))
def test_python_and_c_make_and_read_the_same_bytes(c, message, cut):
    packet = encode(message)
    assert c.encode(message, min(cut, len(message.payload))) == packet
    assert 0 not in packet[1:-1]
    assert Parser().feed(packet) == c.parse(packet) == [message]


@given(data=st.binary(max_size=600), start=st.integers(0, 2**32 - 1))
def test_the_checksum_is_zlibs(c, data, start):
    assert c.crc(0, b"123456789") == 0xCBF43926  # the check value of CRC-32 in every catalogue
    assert c.crc(start, data) == crc32(data, start)


@given(sent=st.lists(messages, max_size=4), noise=st.lists(st.binary(max_size=30), max_size=5), data=st.data())
def test_any_cutting_of_a_stream_gives_the_same_messages(c, sent, noise, data):
    pieces = [encode(message) for message in sent]
    for garbage in noise:
        pieces.insert(data.draw(st.integers(0, len(pieces))), garbage)
    line = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(line)), max_size=12)))
    parser, found = Parser(), []
    for start, end in zip([0, *cuts], [*cuts, len(line)], strict=True):
        found += parser.feed(line[start:end])
    assert found == Parser().feed(line) == c.parse(line)
    assert found == sent  # noise between two zeros costs nothing


def test_a_payload_that_is_too_long_is_refused(c):
    with pytest.raises(MirnetError, match="payload: 513 bytes, but a packet carries 512; send it in parts"):
        encode(Message(1, 0, bytes(513)))
    assert c.encode(Message(1, 0, bytes(513)), cut=1) == b""
    for message in (Message(256), Message(-1), Message(1, 65536)):
        with pytest.raises(MirnetError, match=r"kind must be 0\.\.255 and sequence 0\.\.65535"):
            encode(message)


@pytest.mark.parametrize("byte", [0, 1])  # stuffed, 513 zeros are shorter than 512 ones
def test_a_packet_that_is_too_long_is_none(c, byte):
    body = struct.pack("<2sBHH", b"MN", 1, 2, 513) + bytes([byte]) * 513
    packet = b"\0" + stuffed_by_the_book(body + struct.pack("<I", crc32(body))) + b"\0"
    assert Parser().feed(packet) == c.parse(packet) == []
    assert Parser().feed(packet + encode(Message(3))) == c.parse(packet + encode(Message(3))) == [Message(3)]


def test_what_follows_a_flood_without_a_zero_is_part_of_it(c):
    """In whatever pieces it comes."""
    line = b"\x05" * 600 + encode(Message(1))[1:]
    assert c.parse(line) == []
    for cut in range(len(line)):
        parser = Parser()
        assert parser.feed(line[:cut]) + parser.feed(line[cut:]) == []


# ---- damage ----


def some_message(rng: random.Random) -> Message:
    """Also what is easily mistaken: another packet, or the beginning of one, as a payload."""
    payload = rng.choice(
        (
            b"",
            rng.randbytes(rng.randrange(60)),
            bytes(rng.randrange(60)),
            b"\xff" * rng.randrange(240, 270),
            b"\0\x08MN\x01\x01\x01\xff\x01" * rng.randrange(1, 5),
            encode(Message(rng.randrange(256), rng.randrange(65536), rng.randbytes(9))),
        )
    )
    return Message(rng.randrange(256), rng.randrange(65536), payload)


def garbage(rng: random.Random, packets: list[bytes]) -> bytes:
    packet = rng.choice(packets)
    return rng.choice(
        (
            rng.randbytes(rng.randrange(1, 40)),
            rng.randbytes(rng.randrange(1, 3 * PACKET_MAX)),
            bytes(rng.randrange(1, 40)),
            b"++ MbedOS Error Info ++\r\n",
            packet[: rng.randrange(1, len(packet))],  # half of one, with another behind it
            packet[rng.randrange(1, len(packet)) :],
            encode(Message(6, 1, bytes(PAYLOAD_MAX)))[:12],  # a header that promises 512 bytes
            packet,  # sent twice, which the sequence number tells
        )
    )


def damaged_stream(seed: int) -> tuple[list[Message], bytes]:
    """Messages, and what is left of their packets after flips, cuts, insertions and repetitions."""
    rng = random.Random(seed)
    sent = [some_message(rng) for _ in range(rng.randrange(1, 7))]
    packets = [encode(message) for message in sent]
    line = bytearray(b"".join(packets))
    for _ in range(rng.randrange(5)):
        place = rng.randrange(len(line) + 1)
        match rng.randrange(4):
            case 0 if place < len(line):
                line[place] ^= 1 << rng.randrange(8)
            case 1:
                del line[place : place + rng.choice((1, 1, rng.randrange(1, 200)))]
            case 2:
                line[place:place] = garbage(rng, packets)
            case _:
                line[place:place] = line[(start := rng.randrange(len(line) + 1)) : start + rng.randrange(100)]
    return sent, bytes(line)


def intact(sent: list[Message], line: bytes) -> list[Message]:
    """Those whose packets are still in the line, every byte of them, in the order in which they come."""
    found = []
    for message in set(sent):
        packet, place = encode(message), -1
        while (place := line.find(packet, place + 1)) >= 0:
            found.append((place, message))
    return [message for _, message in sorted(found, key=lambda entry: entry[0])]


def is_among(few: list[Message], many: list[Message]) -> bool:
    """Whether all of the few are among the many, in this order."""
    rest = iter(many)
    return all(message in rest for message in few)


def in_pieces(line: bytes, rng: random.Random) -> Iterator[bytes]:
    while line:
        size = rng.choice((1, 7, 64, 600))
        yield line[:size]
        line = line[size:]


@pytest.mark.parametrize("streams", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_damaged_streams_lose_and_invent_nothing(c, streams):
    whole = lost = 0
    for seed in range(streams):
        sent, line = damaged_stream(seed)
        parser, delivered = Parser(), []
        for piece in in_pieces(line, random.Random(seed)):
            delivered += parser.feed(piece)
        expected = intact(sent, line)
        assert is_among(expected, delivered), seed
        assert set(delivered) <= set(sent), seed
        assert c.parse(line) == delivered, seed
        assert len(pickle.dumps(parser)) < PARSER_BYTES, seed
        whole += len(expected)
        lost += len(set(sent) - set(delivered))
    assert whole > 2 * streams and lost > streams / 4  # so there was something to deliver, and something to lose


def believing_parser(line: bytes) -> list[Message]:
    """One that looks for the magic and then believes the length: what our packets do without."""
    found, place = [], 0
    while (place := line.find(b"\0\x08MN", place)) >= 0 and place + 9 <= len(line):
        length = PACKET_MAX if line[place + 7] == 0xFF else line[place + 7]
        content = line[place : place + length + 13]
        found += Parser().feed(content)[:1]
        place += max(len(content), 1)
    return found


def test_a_parser_that_believes_lengths_fails_on_the_same_streams():
    """So the test above can fail."""
    failures = 0
    for seed in range(300):
        sent, line = damaged_stream(seed)
        failures += not is_among(intact(sent, line), believing_parser(line))
    assert failures > 30


def test_a_packet_behind_half_a_packet_comes_at_once(c):
    """Wherever the first one was cut; nothing has to follow, and no time has to pass."""
    first, second = Message(MessageKind.PICTURE_ROW, 3, bytes(482)), Message(MessageKind.DONE, 3, b"1234")
    packet = encode(first)
    for cut in range(len(packet)):
        line = packet[:cut] + encode(second)
        expected = [first, second] if cut == len(packet) - 1 else [second]  # the next one's zero ends it too
        assert Parser().feed(line) == c.parse(line) == expected


def test_a_packet_inside_a_packet_is_never_taken_for_one(c):
    """However the outer one is damaged at one place: a row may look like anything."""
    inner = encode(Message(MessageKind.DONE, 1, crc_payload(7)))
    outer = Message(MessageKind.PICTURE_ROW, 1, b"\x01\x00" + inner * 3)
    packet = encode(outer)
    for place in range(len(packet)):
        for line in (
            packet[:place] + packet[place + 1 :],
            packet[place:],
            packet[:place],
            *(packet[:place] + bytes([packet[place] ^ 1 << bit]) + packet[place + 1 :] for bit in range(8)),
            packet[:place] + b"\0" + packet[place:],
        ):
            assert set(Parser().feed(line)) <= {outer}
            assert set(c.parse(line)) <= {outer}


def test_every_single_changed_bit_is_noticed(c):
    message = Message(MessageKind.RESTORE, 513, crc_payload(0xDEADBEEF))
    packet = encode(message)
    for bit in range(8 * len(packet)):
        line = bytearray(packet)
        line[bit // 8] ^= 1 << bit % 8
        assert Parser().feed(bytes(line)) == c.parse(bytes(line)) == [], bit


def test_a_flood_needs_no_memory_and_what_follows_is_heard():
    parser, rng = Parser(), random.Random(5)
    for _ in range(200):
        assert parser.feed(rng.randbytes(4096).replace(b"\0", b"\x01")) == []
        assert len(pickle.dumps(parser)) < PARSER_BYTES
    assert parser.dropped > 700_000
    assert len(parser.leftover) == 200
    assert parser.feed(encode(Message(7))) == [Message(7)]


def test_what_is_no_packet_is_kept_for_the_user():
    parser = Parser()
    parser.feed(encode(Message(1)) + b"Hello from Blink")
    assert (parser.leftover, parser.dropped) == (b"Hello from Blink", 0)  # it may still become one
    parser.feed(encode(Message(1)))
    assert (parser.leftover, parser.dropped) == (b"Hello from Blink", 16)


# ---- messages ----


def test_python_and_c_agree_on_numbers():
    text = "".join((SKETCH / name).read_text() for name in ("mirnet_link.h", "mirnet_commands.h"))
    numbers = {name: int(value, 0) for name, value in re.findall(r"\bMIRNET_(\w+) = (0x\w+|\d+)\b", text)}
    for kind in MessageKind:
        assert numbers.pop(kind.name) == kind
        assert f"| {kind:02x} | {kind.name}" in protocol.__doc__
    assert not [name for name, value in numbers.items() if 0x80 <= value < 0x90]  # no kind that only C knows
    assert numbers["PAYLOAD_MAX"] == PAYLOAD_MAX
    assert numbers["VERSION"] == VERSION
    assert (numbers["ROWS"], numbers["COLUMNS"]) == (120, 160)
    assert [numbers[name.upper()] for name in FORMATS] == [0, 1]
    assert limits.FRAME_BYTES == 120 * 320


uint32s = st.integers(0, 2**32 - 1)


@given(
    info=st.builds(
        Info,
        st.just(VERSION),
        st.binary(min_size=8, max_size=8),
        st.sampled_from(FORMATS),
        st.text(st.characters(codec="utf-8"), max_size=60),
    ),
    row=st.builds(PictureRow, st.integers(0, 119), st.binary(min_size=320, max_size=320)),
    ticks=st.lists(uint32s, min_size=1, max_size=126),
    memory=st.builds(MemoryReport, *[st.none() | st.integers(0, 2**32 - 2)] * 5),
    crc=uint32s,
)
def test_every_message_comes_back_from_its_bytes(info, row, ticks, memory, crc):
    assert Info.unpack(info.pack()) == info
    assert info.camera == Camera(info.format)
    assert PictureRow.unpack(row.pack(), 320, MessageKind.PUT_ROW) == row
    part = Ticks(5, 5 + len(ticks), 64_000_000, tuple(ticks))
    assert Ticks.unpack(part.pack()) == part
    assert MemoryReport.unpack(memory.pack()) == memory
    old = MemoryReport(memory.arena, memory.stack_peak, memory.free_heap)
    assert MemoryReport.unpack(memory.pack()[:12]) == old  # of a sketch without counts of the cache
    assert crc_of(crc_payload(crc)) == crc
    assert all(len(packed) <= PAYLOAD_MAX for packed in (info.pack(), row.pack(), part.pack(), memory.pack()))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Info.unpack(b"\x02\0new"), "the board speaks version 2 of the messages and this program version 1"),
        (lambda: Info.unpack(b"\x01"), "the board's INFO of 1 bytes makes no sense"),
        (lambda: Info.unpack(INFO.pack()[:10] + b"\x09"), "INFO of 11 bytes makes no sense"),
        (lambda: PictureRow.unpack(bytes(320), 320, MessageKind.FRAME_ROW), "FRAME_ROW of 320 bytes makes no sense"),
        (
            lambda: PictureRow.unpack(b"\x78" + bytes(321), 320, MessageKind.FRAME_ROW),
            "FRAME_ROW of 322 bytes",
        ),  # row 120
        (lambda: Ticks.unpack(bytes(8)), "TICKS of 8 bytes"),
        (lambda: Ticks.unpack(bytes(13)), "TICKS of 13 bytes"),
        (lambda: Ticks.unpack(Ticks(2, 3, 1, (4, 5)).pack()), "TICKS of 16 bytes"),  # more than there are
        (lambda: Ticks.unpack(Ticks(0, 1, 0, (4,)).pack()), "TICKS of 12 bytes"),  # no time unit
        (lambda: MemoryReport.unpack(bytes(16)), "REPORT of 16 bytes"),
        (lambda: MemoryReport.unpack(bytes(11)), "REPORT of 11 bytes .* upload the sketch that came with this program"),
        (lambda: crc_of(b"123"), "DONE of 3 bytes"),
        (lambda: hash_of("missing.tflite"), "missing.tflite cannot be read .No such file or directory.: give the file"),
    ],
)
def test_what_makes_no_sense_is_told(call, message):
    with pytest.raises(MirnetError, match=message):
        call()


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (bytes(38_399), "frame: 38,399 bytes, but one has 38,400"),
        (
            np.zeros((120, 160, 3), np.uint8),
            r"frame: give uint8 of shape \(120, 160, 2\), not uint8 of \(120, 160, 3\)",
        ),
        (np.zeros((120, 160, 2)), "not float64"),
    ],
)
def test_a_frame_of_another_size_is_refused(frame, message):
    with pytest.raises(ImageError, match=message):
        frame_bytes(frame)


def test_a_model_is_known_by_its_sha_256(tmp_path):
    (tmp_path / "a.tflite").write_bytes(b"abc")
    assert hash_of(tmp_path / "a.tflite") == hash_of(b"abc") == bytes.fromhex("ba7816bf8f01cfea")
    assert text_of(b"80 \xc2\xb0C \xff") == "80 °C �"


# ---- the board's code ----


def test_the_boards_code_answers_each_request_with_its_sequence(c):
    pixels = bytes(range(256)) * 2
    row = PictureRow(3, pixels[:320])
    frame = bytes(3 * 320) + row.data + bytes(116 * 320)
    line = b"".join(
        encode(message)
        for message in (
            Message(MessageKind.HELLO, 1),
            Message(MessageKind.PUT_ROW, 2, row.pack()),
            Message(MessageKind.CAPTURE, 3),
            Message(MessageKind.TIMINGS, 4),
            Message(MessageKind.RESTORE, 5, crc_payload(crc32(frame))),
            Message(MessageKind.TIMINGS, 6),
            Message(MessageKind.MEMORY, 7),
            Message(MessageKind.RESTORE, 8, crc_payload(1)),
            Message(0x42, 9),
            Message(MessageKind.GET_FRAME, 10),
        )
    )
    answers = c.board(line)
    by_sequence = {k: [message for message in answers if message.sequence == k] for k in range(1, 11)}
    assert sum(map(len, by_sequence.values())) == len(answers)
    info, end = by_sequence[1]
    assert Info.unpack(info.payload) == Info(1, bytes(range(1, 9)), "rgb565", "harness")
    assert end == Message(MessageKind.DONE, 1, crc_payload(0))
    assert by_sequence[2] == [Message(MessageKind.DONE, 2, crc_payload(crc32(row.data)))]
    assert by_sequence[3] == [Message(MessageKind.STARTED, 3), Message(MessageKind.ERROR, 3, b"no camera")]
    assert b"nothing has been restored yet" in by_sequence[4][0].payload
    started, *rows, end = by_sequence[5]
    picture = b"".join(PictureRow.unpack(message.payload, 480, MessageKind.PICTURE_ROW).data for message in rows)
    assert started == Message(MessageKind.STARTED, 5)
    assert [PictureRow.unpack(message.payload, 480, MessageKind.PICTURE_ROW).y for message in rows] == list(range(120))
    assert crc_of(end.payload) == crc32(picture)
    # The harness' clock goes on by 10 at each look: at the beginning, before and after sending a row, and at the end.
    assert Ticks.unpack(by_sequence[6][0].payload) == Ticks(0, 1, 1_000_000, (2410 - 1200,))  # less the sending
    assert MemoryReport.unpack(by_sequence[7][0].payload) == MemoryReport(1, None, None)
    assert b"another frame is in the memory" in by_sequence[8][0].payload
    assert by_sequence[9][0].kind == MessageKind.ERROR
    *rows, end = by_sequence[10]
    assert b"".join(PictureRow.unpack(message.payload, 320, MessageKind.FRAME_ROW).data for message in rows) == frame
    assert crc_of(end.payload) == crc32(frame)


@settings(max_examples=200)
@given(
    requests=st.lists(
        st.builds(
            Message,
            st.sampled_from([kind for kind in MessageKind if kind < 0x80]) | st.integers(0, 255),
            st.integers(0, 65535),
            st.binary(max_size=8)
            | st.builds(
                lambda y, rest: PictureRow(y, bytes(rest)).pack(),
                st.integers(0, 130) | st.just(65535),
                st.integers(318, 322),
            ),
        ),
        max_size=4,
    )
)
def test_no_request_makes_the_board_write_beside_its_frame(c, requests):
    """Rows that are not there, of any length, and payloads where none belongs; each is answered and ended."""
    answers = c.board(b"".join(encode(request) for request in requests))
    ends = [message for message in answers if message.kind in (MessageKind.DONE, MessageKind.ERROR)]
    assert [end.sequence for end in ends] == [request.sequence for request in requests]


@pytest.mark.parametrize("y", [0, 119, 120, 65535])
@pytest.mark.parametrize("size", [0, 2, 319, 320, 321, 510])
def test_only_a_row_that_there_is_goes_into_the_frame(c, y, size):
    put = encode(Message(MessageKind.PUT_ROW, 1, PictureRow(y, b"\xff" * size).pack()))
    answer, *rows, end = c.board(put + encode(Message(MessageKind.GET_FRAME, 2)))
    frame = b"".join(PictureRow.unpack(message.payload, 320, MessageKind.FRAME_ROW).data for message in rows)
    if y < 120 and size == 320:
        assert answer == Message(MessageKind.DONE, 1, crc_payload(crc32(b"\xff" * 320)))
        assert frame == bytes(320 * y) + b"\xff" * 320 + bytes(320 * (119 - y))
    else:
        assert answer == Message(MessageKind.ERROR, 1, b"a row needs its number, 0 to 119, and 320 bytes")
        assert frame == bytes(38_400)
    assert crc_of(end.payload) == crc32(frame)


# ---- boards that misbehave ----


@contextmanager
def fake_board(
    answer: Callable[[Message], list[Message | bytes] | None], opening: bytes = b""
) -> Iterator[socket.socket]:
    """A line to a board that gives these messages, or raw bytes, to each request; None hangs up."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        parser = Parser()
        with theirs:
            try:
                theirs.sendall(opening)
                while data := theirs.recv(4096):
                    for request in parser.feed(data):
                        answers = answer(request)
                        if answers is None:
                            return
                        for entry in answers:
                            theirs.sendall(entry if isinstance(entry, bytes) else encode(entry))
            except OSError:
                return  # the client has disconnected

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with ours:
        yield ours
    thread.join(GENEROUS_S)
    assert not thread.is_alive()


def good(request: Message) -> list[Message]:
    """A board without faults that makes every picture grey."""
    s = request.sequence
    rows = [Message(MessageKind.PICTURE_ROW, s, PictureRow(y, bytes([y]) * 480).pack()) for y in range(120)]
    end = Message(MessageKind.DONE, s, crc_payload(crc32(b"".join(bytes([y]) * 480 for y in range(120)))))
    return {
        MessageKind.HELLO: [Message(MessageKind.INFO, s, INFO.pack()), Message(MessageKind.DONE, s, crc_payload(0))],
        MessageKind.PUT_ROW: [Message(MessageKind.DONE, s, crc_payload(crc32(request.payload[2:])))],
        MessageKind.RESTORE: [Message(MessageKind.STARTED, s), *rows, end],
        MessageKind.MEMORY: [
            Message(MessageKind.REPORT, s, MemoryReport(1, 2, None).pack()),
            Message(MessageKind.DONE, s, crc_payload(0)),
        ],
    }[MessageKind(request.kind)]


GREY = np.repeat(np.arange(120, dtype=np.uint8), 480).reshape(120, 160, 3)


def test_a_good_board_is_heard():
    steps, logs = [], []
    with (
        fake_board(good, opening=encode(Message(MessageKind.LOG, 0, b"ready"))) as line,
        Board(line, timeouts=STEADY, log=logs.append) as board,
    ):
        assert board.hello() == INFO
        np.testing.assert_array_equal(board.enhance(pattern_frame(), lambda *step: steps.append(step)), GREY)
        np.testing.assert_array_equal(board.enhance(bytes(38_400)), GREY)
        assert board.memory() == MemoryReport(1, 2, None)
    assert steps == [(k, 120) for k in range(1, 121)]
    assert logs == ["ready"]


def test_a_silent_board_is_given_up():
    with fake_board(lambda request: []) as line, Board(line, timeouts=QUICK) as board:
        with pytest.raises(MirnetError, match=r"no answer to HELLO in 1\.5 s: press the board's reset button") as told:
            board.hello()
        assert "upload the sketch again" in str(told.value)
        assert "It says" not in str(told.value)


def test_another_sketch_is_recognised_by_its_text():
    said = b"Sensor: 21\r\n" * 3
    with fake_board(lambda request: [said]) as line, Board(line, timeouts=QUICK) as board:
        with pytest.raises(MirnetError, match=r"It says 'Sensor: 21 Sensor: 21 .*': another sketch may be running"):
            board.memory()


def test_noise_is_not_shown_as_text():
    noise = random.Random(1).randbytes(400)
    with fake_board(lambda request: [noise]) as line, Board(line, timeouts=QUICK) as board:
        with pytest.raises(MirnetError, match=r"upload the sketch again$"):
            board.hello()


@pytest.mark.parametrize("kind", [MessageKind.HELLO, MessageKind.PUT_ROW, MessageKind.RESTORE])
def test_a_board_that_hangs_up_is_gone(kind):
    with fake_board(lambda request: None if request.kind == kind else good(request)) as line:
        with (
            Board(line, timeouts=STEADY) as board,
            pytest.raises(MirnetError, match="board is disconnected: was it unpl"),
        ):
            board.enhance(pattern_frame())


def test_a_board_that_stops_in_the_middle_is_given_up():
    def half(request: Message) -> list[Message]:
        return good(request)[:51] if request.kind == MessageKind.RESTORE else good(request)

    with fake_board(half) as line, Board(line, timeouts=QUICK) as board:
        with pytest.raises(MirnetError, match="50 of 120 rows came in 2 tries: try another cable"):
            board.enhance(pattern_frame())


def test_a_board_that_begins_and_never_ends_is_given_up():
    asked = []

    def stuck(request: Message) -> list[Message]:
        asked.append(request.kind)
        if request.kind != MessageKind.RESTORE:
            return good(request)
        return good(request)[:1] if asked.count(MessageKind.RESTORE) == 1 else []

    with fake_board(stuck) as line, Board(line, timeouts=QUICK) as board:
        with pytest.raises(
            MirnetError, match=r"the board began to RESTORE and did not come to an end in 0\.5 s: press"
        ):
            board.enhance(pattern_frame())


def test_a_lost_end_is_asked_for_again():
    asked = []

    def endless_once(request: Message) -> list[Message]:
        asked.append(request.kind)
        return (
            good(request)[:-1]
            if request.kind == MessageKind.RESTORE and asked.count(MessageKind.RESTORE) == 1
            else good(request)
        )

    with fake_board(endless_once) as line, Board(line, timeouts=Timeouts(1, 1, 6)) as board:
        np.testing.assert_array_equal(board.enhance(pattern_frame()), GREY)


@pytest.mark.parametrize(
    ("entry", "message"),
    quick(
        [
            (lambda sequence: Message(MessageKind.LOG, 0, b"hello " * 80), "no answer to RESTORE"),
            (lambda sequence: Message(MessageKind.STARTED, sequence), "began to RESTORE and did not come to an end"),
            (
                lambda sequence: Message(MessageKind.PICTURE_ROW, sequence, PictureRow(7, bytes(480)).pack()),
                " 1 of 120 rows came",
            ),
            (
                lambda sequence: Message(MessageKind.PICTURE_ROW, sequence ^ 1, PictureRow(7, bytes(480)).pack()),
                "no answer to RESTORE",
            ),
            (lambda sequence: Message(MessageKind.DONE, sequence ^ 1, bytes(4)), "no answer to RESTORE"),
            (lambda sequence: b"noise" * 100, "no answer to RESTORE"),
            (lambda sequence: b"\0" * 500, "no answer to RESTORE"),
        ],
        first=2,
    ),
    ids=["logs", "started", "one row", "rows of another request", "other ends", "noise", "zeros"],
)
@pytest.mark.slow
def test_a_board_that_floods_is_given_up(entry, message):
    def endless(request: Message) -> Iterator[Message | bytes]:
        if request.kind != MessageKind.RESTORE:
            return iter(good(request))
        return (entry(request.sequence) for _ in iter(int, 1))

    began = time.monotonic()
    with fake_board(endless) as line, Board(line, timeouts=QUICK) as board:
        with pytest.raises(MirnetError, match=message):
            board.enhance(pattern_frame())
        line.close()
    assert time.monotonic() - began < GENEROUS_S


def test_a_board_that_takes_no_bytes_is_given_up():
    ours, theirs = socket.socketpair()
    with ours, theirs, Board(ours, timeouts=QUICK) as board:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        with pytest.raises(
            MirnetError,
            match=r"write timeout: the board took no bytes for 0\.\d+ s: press its reset button|no answer to HELLO",
        ):
            for _ in range(10_000):
                board.hello()


def test_a_line_is_given_back_as_it_was():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        board = Board(ours)
        assert not os.get_blocking(ours.fileno())
        board.close()
        board.close()
        assert os.get_blocking(ours.fileno())
        ours.sendall(b"x")
        assert theirs.recv(1) == b"x"


def test_rows_that_are_lost_come_from_the_next_try():
    asked = []

    def lossy(request: Message) -> list[Message]:
        if request.kind != MessageKind.RESTORE:
            return good(request)
        asked.append(request.sequence)
        return [message for k, message in enumerate(good(request)) if k % 3 != len(asked) % 3 or k in (0, 121)]

    with fake_board(lossy) as line, Board(line, timeouts=STEADY) as board:
        np.testing.assert_array_equal(board.enhance(pattern_frame()), GREY)
    assert len(asked) == 2 and len(set(asked)) == 1


def test_answers_to_another_request_are_not_taken_for_ones_own():
    """Messages that come late, or were meant for a program that has used the board before."""
    asked = []

    def late(request: Message) -> list[Message]:
        asked.append(request.sequence)
        before = Message(request.kind, (request.sequence - 1) % 65536, request.payload)
        lie = Message(MessageKind.INFO, before.sequence, Info(VERSION, HASH[::-1], "rgb565", "another").pack())
        error = Message(MessageKind.ERROR, before.sequence, b"of before")
        return [lie, error, *good(before), *good(request)]

    with fake_board(late) as line, Board(line, timeouts=STEADY) as board:
        assert board.hello() == INFO
        np.testing.assert_array_equal(board.enhance(pattern_frame()), GREY)
    assert len(asked) == len(set(asked)) == 122
    starts = set()
    for _ in range(20):
        with fake_board(lambda request: [] if starts.add(request.sequence) else good(request)) as line:
            with Board(line, timeouts=STEADY) as board:
                board.hello()
    assert len(starts) > 10  # each program begins elsewhere


def test_a_lost_answer_is_asked_for_again():
    asked = []

    def forgetful(request: Message) -> list[Message]:
        asked.append(request)
        return good(request) if asked.count(request) == 2 or request.kind != MessageKind.HELLO else []

    with fake_board(forgetful) as line, Board(line, timeouts=Timeouts(0.25, 30, 4)) as board:
        assert board.hello() == INFO
        assert board.memory() == MemoryReport(1, 2, None)  # late answers to HELLO, if any, are not taken for this one's


def test_rows_that_do_not_fit_together_are_not_a_picture():
    """Each is whole, but one is of another picture."""

    def mixed(request: Message) -> list[Message]:
        answers = good(request)
        if request.kind == MessageKind.RESTORE:
            answers[30] = Message(MessageKind.PICTURE_ROW, request.sequence, PictureRow(29, bytes(480)).pack())
        return answers

    with fake_board(mixed) as line, Board(line, timeouts=QUICK) as board:
        with pytest.raises(MirnetError, match="2 times 120 rows came that are not of one picture, in 2 tries"):
            board.enhance(pattern_frame())


@pytest.mark.parametrize(
    ("kind", "payload", "message"),
    [
        (
            MessageKind.ERROR,
            b"the camera does not answer: check its cable",
            "the board says: the camera does not answer: check",
        ),
        (MessageKind.INFO, b"\x09\0", "the board speaks version 9 of the messages"),
        (
            MessageKind.INFO,
            Info(VERSION, HASH[::-1], "yuv422", "Nano").pack(),
            "made of another model .0706050403020100…. than",
        ),
    ],
)
def test_what_the_board_says_is_told(kind, payload, message):
    def answer(request: Message) -> list[Message]:
        return [Message(kind, request.sequence, payload), Message(MessageKind.DONE, request.sequence, crc_payload(0))]

    with fake_board(answer) as line, Board(line, model=b"model", timeouts=STEADY) as board:
        with pytest.raises(MirnetError, match=message):
            board.memory()


def test_a_sketch_that_is_older_than_a_request_says_so():
    """The answer is what the sketches from before the self-test give."""

    def old(request: Message) -> list[Message]:
        refused = Message(
            MessageKind.ERROR, request.sequence, b"this sketch does not know that request: upload the newest"
        )
        return [refused] if request.kind == MessageKind.SELF_TEST else good(request)

    with fake_board(old) as line, Board(line, timeouts=STEADY) as board:
        with pytest.raises(MirnetError, match="the board says: this sketch does not know that request: upload the new"):
            board.self_test()
        np.testing.assert_array_equal(board.enhance(pattern_frame()), GREY)


# ---- ports ----


def port(device: str, vendor: int | None, description: str) -> SimpleNamespace:
    return SimpleNamespace(device=device, vid=vendor, description=description)


ARDUINO = port("/dev/ttyACM0", 0x2341, "Nano 33 BLE")
MOUSE = port("/dev/ttyS0", None, "n/a")


@pytest.fixture
def pyserial(monkeypatch) -> SimpleNamespace:
    """In place of pyserial: `error` is what opening raises, `ports` are there."""
    fake = SimpleNamespace(
        error=None, ports=[ARDUINO, MOUSE], opened=[], tries=0, fails=1000, SerialTimeoutException=TimeoutError
    )

    def open_it(name: str, *_: object, **options: object) -> SimpleNamespace:
        fake.tries += 1
        if fake.error and fake.tries <= fake.fails:
            raise fake.error
        fake.opened.append(name)
        return SimpleNamespace(close=lambda: None)

    fake.Serial = open_it
    monkeypatch.setitem(sys.modules, "serial", fake)
    monkeypatch.setattr(ports_module, "BUSY_S", 0.2)
    monkeypatch.setattr(ports_module, "PAUSE_S", 0.01)
    ports = SimpleNamespace(comports=lambda: fake.ports)
    monkeypatch.setitem(sys.modules, "serial.tools", SimpleNamespace(list_ports=ports))
    monkeypatch.setitem(sys.modules, "serial.tools.list_ports", ports)
    return fake


@pytest.mark.parametrize("call", [lambda: Board("/dev/ttyACM0"), Board, find_port])
def test_without_pyserial_the_error_says_how_to_get_it(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(MirnetError, match=r"pyserial is not installed: pip install 'mirnet-explainer\[serial\]'"):
        call()


STRANGERS = {
    "another package": "from datetime import date\nclass Serializer: pass\n",
    "a file of one's own": "print('reads a meter')\n",
    "a file that fails": "raise RuntimeError('no meter')\n",
    "a file that misses something": "import no_such_module\n",
    "a file with a mistake": "def (:\n",
}


@pytest.mark.parametrize("kind", STRANGERS)
@pytest.mark.parametrize("call", [lambda: open_port("/dev/ttyACM0"), find_port], ids=["open", "find"])
def test_a_package_serial_that_is_not_pyserial_is_named(kind, call, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "serial"]:
        monkeypatch.delitem(sys.modules, name)
    path = tmp_path / "serial.py"
    path.write_text(STRANGERS[kind])
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MirnetError, match=f"`serial` is {path}, not the package of pyserial") as raised:
        call()
    assert "\n" not in str(raised.value)
    sys.modules.pop("serial", None)


def test_the_only_arduino_is_found(pyserial):
    Board().close()
    assert pyserial.opened == ["/dev/ttyACM0"]
    pyserial.ports.append(port("/dev/ttyACM7", 0x2341, "Nano 33 BLE"))
    with pytest.raises(MirnetError, match="more than one Arduino: choose one of /dev/ttyACM0, /dev/ttyACM7"):
        Board()
    pyserial.ports[:] = [MOUSE]
    with pytest.raises(MirnetError, match=r"no Arduino was found: connect .*; the ports here are /dev/ttyS0 \(n/a\)"):
        Board()
    pyserial.ports.clear()
    with pytest.raises(MirnetError, match="this computer has no serial port now: connect the board with a USB cable"):
        Board()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            "[Errno 2] could not open port ttyX: [Errno 2] No such file",
            r"no such port; the ports here are .*ttyACM0 \(Nano",
        ),
        (
            "could not open port 'COM9': FileNotFoundError(2, 'The system cannot find the file')",
            "there is no such port",
        ),
        ("Could not configure port: (25, 'Inappropriate ioctl')", "Inappropriate ioctl.*; the ports here are"),
    ],
)
def test_a_port_that_cannot_be_opened_says_why_and_what_to_do(pyserial, error, message):
    pyserial.error = OSError(error)
    with pytest.raises(MirnetError, match=f"^ttyX cannot be opened: .*{message}"):
        Board("ttyX")
    assert pyserial.tries == 1


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            "[Errno 16] could not open port: [Errno 16] Device or resource busy",
            "another program uses it: close the Ard.*ModemManager",
        ),
        ("Could not exclusively lock port /dev/ttyACM0: [Errno 11]", "another program uses it"),
        ("could not open port 'COM3': PermissionError(13, 'Access is denied.')", "another program uses it"),
        ("[Errno 13] could not open port: [Errno 13] Permission denied", "usermod -a -G dialout"),
        ("Could not configure port: (5, 'Input/output error')", r"cannot talk to it \(Could not conf.*reset button"),
    ],
)
def test_a_port_that_is_busy_just_after_a_reset_is_asked_again(pyserial, error, message):
    pyserial.error = OSError(error)
    pyserial.fails = 3
    Board("ttyX").close()
    assert (pyserial.opened, pyserial.tries) == (["ttyX"], 4)
    pyserial.fails = 1000
    with pytest.raises(MirnetError, match=f"^ttyX cannot be opened, also not within 0.2 s: .*{message}"):
        Board("ttyX")
    assert pyserial.tries > 6


def test_a_real_port_that_somebody_else_holds_for_a_moment_is_opened(require):
    require(find_spec("serial") and hasattr(os, "openpty"), "needs pyserial and pseudo-terminals")
    import serial

    _, theirs = os.openpty()
    name = os.ttyname(theirs)
    holder = serial.Serial(name, exclusive=True)
    threading.Timer(0.5, holder.close).start()
    began = time.monotonic()
    SerialPort(name).close()
    assert time.monotonic() - began >= 0.4


def test_a_serial_port_that_fails_later_is_gone(pyserial):
    def fails(*_: object) -> bytes:
        raise OSError("device reports readiness to read but returned no data")

    broken = SimpleNamespace(write=len, read=fails, in_waiting=0, close=fails)
    pyserial.Serial = lambda *_, **__: broken
    with Board("ttyX", timeouts=QUICK) as board, pytest.raises(MirnetError, match="ttyX: the board is disconnected"):
        board.hello()
    broken.write = fails
    with Board("ttyX", timeouts=QUICK) as board, pytest.raises(MirnetError, match="ttyX: the board is disconnected"):
        board.hello()

    def never(*_: object) -> None:
        raise TimeoutError

    broken.write = never
    with (
        Board("ttyX", timeouts=QUICK) as board,
        pytest.raises(MirnetError, match=r"ttyX: write timeout: the board took no bytes for 0\.5"),
    ):
        board.hello()
