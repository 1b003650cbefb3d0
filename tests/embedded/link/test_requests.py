"""Sessions over a line that damages bytes or drops: nothing is lost that was acknowledged, and every call ends.

The board's C code and the client run in one process, by a clock that goes on only when somebody waits: ten thousand
sessions with all their timeouts take minutes.
"""

import random
from zlib import crc32

import pytest
from quick import quick

from embedded.link import requests
from embedded.link.client import Board
from embedded.link.messages import MessageKind, crc_payload
from embedded.link.packets import Message, encode
from embedded.link.payloads import PictureRow
from embedded.link.ports import Port
from embedded.link.replies import Done, Rows
from embedded.link.requests import Requests, Timeouts
from model.errors import MirnetError

TIMEOUTS = Timeouts(answer_s=1, work_s=4, tries=4)
LONGEST_S = sum(TIMEOUTS.answer_s * 2**k + 2 * TIMEOUTS.work_s for k in range(TIMEOUTS.tries))
STEPS = 20_000  # reads of one session at most: more is a loop without end
ROWS_PUT = 8


class Clock:
    """Seconds that have been waited."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


class BadWire(Port):
    """A line to the board in this process.

    Args:
        c: The board's C code, switched on.
        clock: Goes on while nothing comes.
        rng: Decides what goes wrong.
        every: Bytes between two damages, on average.
        drops_at: Bytes, both ways together, after which the port is gone; None if it stays.
    """

    def __init__(self, c, clock: Clock, rng: random.Random, every: float, drops_at: int | None):
        self.name, self.damaged, self.steps = "bad wire", 0, 0
        self._c, self._clock, self._rng, self._every, self._left = c, clock, rng, every, drops_at
        self._coming = b""

    def _write(self, data: bytes, timeout_s: float) -> None:
        data = self._until_drop(data)
        self._coming += self._spoilt(self._c.feed(self._spoilt(data)))
        self._check_drop()

    def _read(self, timeout_s: float) -> bytes:
        self.steps += 1
        assert self.steps < STEPS
        self._check_drop()
        size = self._rng.choice((1, 63, 700, 60_000))
        data, self._coming = self._coming[:size], self._coming[size:]
        self._clock.now += 1e-4 if data else timeout_s + 1e-4
        return self._until_drop(data)

    def _close(self) -> None:
        pass

    def _until_drop(self, data: bytes) -> bytes:
        if self._left is None:
            return data
        data = data[: self._left]
        self._left -= len(data)
        return data

    def _check_drop(self) -> None:
        if self._left == 0:
            raise OSError("the port is gone")

    def _spoilt(self, data: bytes) -> bytes:
        """With bits changed, bytes missing and bytes too many."""
        spoilt, places, place = bytearray(data), [], int(self._rng.expovariate(1 / self._every))
        while place < len(data):
            places.append(place)
            place += 1 + int(self._rng.expovariate(1 / self._every))
        for place in reversed(places):
            match self._rng.randrange(4):
                case 0:
                    del spoilt[place : place + self._rng.choice((1, 1, 64))]
                case 1:
                    spoilt[place] ^= 1 << self._rng.randrange(8)
                case 2:
                    spoilt[place:place] = self._rng.randbytes(3)
                case _:
                    spoilt[place:place] = spoilt[max(0, place - 100) : place]
        self.damaged += len(places)
        return bytes(spoilt)


class Session:
    """Rows are put, and the frame is restored or fetched, as far as the line lets them."""

    def __init__(self, c, clock: Clock, seed: int):
        self.c, self.clock, self.rng = c, clock, random.Random(seed)
        self.acknowledged: dict[int, bytes] = {}
        self.ended: list[str] = []  # how each call ended: "whole", or the error's text

    def run(self, wire: BadWire) -> None:
        asking = Requests(wire, TIMEOUTS, lambda text: None)
        for _ in range(ROWS_PUT):
            row = PictureRow(self.rng.randrange(120), self.rng.randbytes(320))
            if self.ask(asking, MessageKind.PUT_ROW, Done(crc32(row.data)), row.pack()):
                self.acknowledged[row.y] = row.data
                self.check_memory()
            else:
                self.acknowledged.pop(row.y, None)  # it may have arrived or not
        frame = self.c.frame
        if self.rng.randrange(2):
            shown = Rows(MessageKind.PICTURE_ROW, 480)
            if self.ask(asking, MessageKind.RESTORE, shown, crc_payload(crc32(frame))):
                assert shown.data == b"".join(frame[320 * y : 320 * y + 1] * 480 for y in range(120))
        else:
            fetched = Rows(MessageKind.FRAME_ROW, 320)
            if self.ask(asking, MessageKind.GET_FRAME, fetched):
                assert fetched.data == frame
        self.check_memory()

    def ask(self, asking: Requests, kind: MessageKind, answer, payload: bytes = b"") -> bool:
        began = self.clock.now
        try:
            asking.ask(kind, answer, payload)
            self.ended.append("whole")
        except MirnetError as error:
            self.ended.append(str(error))
        assert self.clock.now - began < LONGEST_S + 1
        return self.ended[-1] == "whole"

    def check_memory(self) -> None:
        """What the board said that it has, it has."""
        frame = self.c.frame
        for y, data in self.acknowledged.items():
            assert frame[320 * y : 320 * y + 320] == data


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """In place of the time of `embedded.link.requests`."""
    clock = Clock()
    monkeypatch.setattr(requests, "time", clock)
    return clock


@pytest.mark.parametrize("seeds", quick([range(200), *(range(k, k + 980) for k in range(200, 10_000, 980))], first=1))
def test_nothing_is_lost_that_was_acknowledged_and_nobody_waits_for_ever(c, clock, seeds):
    """Every third port drops in the middle, and is opened again; the board is as it was, in the middle of a packet."""
    whole = failed = dropped = 0
    for seed in seeds:
        session = Session(c, clock, seed)
        rng = session.rng
        c.start()
        c.feed(encode(Message(MessageKind.PATTERN)))  # a frame of zeros would be four times as slow to unpack
        every = rng.choice((300, 1_000, 4_000, 20_000))
        drops_at = rng.randrange(1, 90_000) if seed % 3 == 0 else None
        session.run(BadWire(c, clock, rng, every, drops_at))
        gone = any("disconnected" in how for how in session.ended)
        assert drops_at is not None or not gone
        dropped += gone
        session.run(BadWire(c, clock, rng, 1e9, None))
        # At most the first request meets half a packet of before; asked again, it is answered.
        assert session.ended[-(ROWS_PUT + 1) :] == ["whole"] * (ROWS_PUT + 1)
        whole += session.ended.count("whole")
        failed += len(session.ended) - session.ended.count("whole")
    assert whole > 15 * len(seeds) and failed > len(seeds) / 5 and dropped > len(seeds) / 5


def test_a_client_that_believed_any_end_would_lose_rows(c, clock, monkeypatch):
    """So the test above can fail."""
    monkeypatch.setattr(Done, "is_whole", lambda self, crc: True)
    monkeypatch.setattr(PictureRow, "pack", lambda self: self.y.to_bytes(2, "little") + self.data[::-1])
    c.start()
    with pytest.raises(AssertionError):
        Session(c, clock, 1).run(BadWire(c, clock, random.Random(1), 1e9, None))


def test_a_board_that_was_reset_meanwhile_restores_nothing_else(c, clock):
    c.start()
    with Board(BadWire(c, clock, random.Random(2), 1e9, None), timeouts=TIMEOUTS) as board:
        board.enhance(bytes(range(256)) * 150)
        c.start()
        with pytest.raises(MirnetError, match=r"another frame is in the memory .* Begin again"):
            board._restore(bytes(range(256)) * 150, None)
