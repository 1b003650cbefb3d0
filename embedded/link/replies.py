"""What a request waits for: each answer gathers its messages until nothing is missing.

A request may be asked several times before all of its answer has arrived. An answer keeps what it has, so that a row
that was lost the first time comes from the second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from zlib import crc32

from embedded.link.messages import Info, Kind, Memory, Row, Ticks
from embedded.link.packets import Message
from model.images.camera_formats import ROWS

__all__ = ["Answer", "Infos", "Nothing", "Reports", "Rows", "TickLists", "Timings"]


@dataclass(frozen=True)
class Timings:
    """How long operators took.

    Attributes:
        ticks_per_second: 1,000,000 for microseconds, the clock's frequency for cycles.
        ticks: Of each operator in the order in which they ran; a single one is the whole network.
    """

    ticks_per_second: int
    ticks: tuple[int, ...]

    @property
    def seconds(self) -> tuple[float, ...]:
        """The same in seconds."""
        return tuple(ticks / self.ticks_per_second for ticks in self.ticks)


class Answer(Protocol):
    """What a request waits for."""

    @property
    def begun(self) -> bool:
        """Whether anything of it is here."""
        ...

    @property
    def missing(self) -> str:
        """What is not here, in words."""
        ...

    def take(self, message: Message) -> bool:
        """Takes a message that is not DONE. Whether it was part of the answer, and new."""
        ...

    def is_whole(self, crc: int) -> bool:
        """Whether all is here that belongs to a DONE with this CRC."""
        ...


class Nothing:
    """The answer to a request that is only obeyed: DONE.

    Args:
        crc: Of what was sent, as DONE has to confirm it.
    """

    begun = False
    missing = "no confirmation"

    def __init__(self, crc: int = 0):
        self._crc = crc

    def take(self, message: Message) -> bool:
        """See `Answer`."""
        return False

    def is_whole(self, crc: int) -> bool:
        """See `Answer`."""
        return crc == self._crc


class _Single:
    """An answer of one message."""

    kind: Kind
    missing = "only part of the answer came"

    def __init__(self) -> None:
        self._payload: bytes | None = None

    @property
    def begun(self) -> bool:
        """See `Answer`."""
        return self._payload is not None

    def take(self, message: Message) -> bool:
        """See `Answer`."""
        if message.kind != self.kind or self.begun:
            return False
        self._payload = message.payload
        return True

    def is_whole(self, crc: int) -> bool:
        """See `Answer`."""
        return self.begun


class Infos(_Single):
    """The answer to HELLO."""

    kind = Kind.INFO

    @property
    def found(self) -> Info:
        """It."""
        return Info.unpack(self._payload or b"")


class Reports(_Single):
    """The answer to MEMORY."""

    kind = Kind.REPORT

    @property
    def found(self) -> Memory:
        """It."""
        return Memory.unpack(self._payload or b"")


class Rows:
    """The rows of a frame or a picture.

    Args:
        kind: Of the messages.
        width: Bytes of a row.
        progress: Called with how many rows are here, and how many there are.
    """

    def __init__(self, kind: Kind, width: int, progress: Callable[[int, int], None] | None = None):
        self._kind, self._width, self._progress = kind, width, progress
        self._rows: dict[int, bytes] = {}
        self._misfits = 0

    @property
    def begun(self) -> bool:
        """See `Answer`."""
        return bool(self._rows) or self._misfits > 0

    @property
    def missing(self) -> str:
        """See `Answer`."""
        if self._misfits:
            return f"{self._misfits} times {ROWS} rows came that are not of one picture,"
        return f"{len(self._rows)} of {ROWS} rows came" + (" without their end" if len(self._rows) == ROWS else "")

    @property
    def data(self) -> bytes:
        """All rows, one behind the other."""
        return b"".join(self._rows[y] for y in range(ROWS))

    def take(self, message: Message) -> bool:
        """See `Answer`."""
        if message.kind != self._kind:
            return False
        row = Row.unpack(message.payload, self._width, self._kind)
        if row.y in self._rows:
            return False
        self._rows[row.y] = row.data
        if self._progress is not None:
            self._progress(len(self._rows), ROWS)
        return True

    def is_whole(self, crc: int) -> bool:
        """See `Answer`. Rows that do not belong together are all forgotten."""
        if len(self._rows) < ROWS:
            return False
        if crc32(self.data) == crc:
            return True
        self._rows.clear()
        self._misfits += 1
        return False


class TickLists:
    """The timings, in as many messages as they take."""

    missing = "only part of the timings came"

    def __init__(self) -> None:
        self._parts: dict[int, Ticks] = {}

    @property
    def begun(self) -> bool:
        """See `Answer`."""
        return bool(self._parts)

    @property
    def found(self) -> Timings:
        """They."""
        parts = [self._parts[first] for first in sorted(self._parts)]
        return Timings(parts[0].ticks_per_second, sum((part.ticks for part in parts), ()))

    def take(self, message: Message) -> bool:
        """See `Answer`."""
        if message.kind != Kind.TICKS:
            return False
        part = Ticks.unpack(message.payload)
        new = part.first not in self._parts
        self._parts[part.first] = part
        return new

    def is_whole(self, crc: int) -> bool:
        """See `Answer`."""
        parts = self._parts.values()
        return self.begun and sum(len(part.ticks) for part in parts) == next(iter(parts)).total
