"""Answers to requests: each gathers its messages until nothing is missing.

A request may be asked several times before all of its answer has arrived. An answer keeps what it has, so that a row
that was lost the first time comes from the second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from zlib import crc32

from embedded.link.messages import MessageKind
from embedded.link.packets import Message
from embedded.link.payloads import PictureRow, Ticks
from model.images.camera_formats import ROWS

__all__ = ["Answer", "Done", "Rows", "Single", "TickLists", "Timings"]


T = TypeVar("T")


@dataclass(frozen=True)
class Timings:
    """Time of the operators.

    Attributes:
        ticks_per_second: 1,000,000 for microseconds, the clock's frequency for cycles.
        ticks: Of each operator in the order of execution; a single one is the whole network.
    """

    ticks_per_second: int
    ticks: tuple[int, ...]

    @property
    def seconds(self) -> tuple[float, ...]:
        """Seconds of each operator."""
        return tuple(ticks / self.ticks_per_second for ticks in self.ticks)


class Answer:
    """Gathers messages of one kind, by their position in the answer."""

    def __init__(self, kind: MessageKind):
        self._kind = kind
        self._parts: dict[int, Any] = {}

    @property
    def begun(self) -> bool:
        """Whether any part of it came."""
        return bool(self._parts)

    @property
    def missing(self) -> str:
        """Message on what is missing."""
        return "only part of the answer came"

    def take(self, message: Message) -> bool:
        """Takes a message that is not DONE; returns whether it was a new part of the answer."""
        if message.kind != self._kind:
            return False
        position, part = self._read(message.payload)
        new = position not in self._parts
        self._parts.setdefault(position, part)
        return new

    def is_whole(self, crc: int) -> bool:
        """Whether the answer is complete, given the CRC of its DONE."""
        return self.begun

    def _read(self, payload: bytes) -> tuple[int, Any]:
        """Position in the answer and content of a payload."""
        raise NotImplementedError


class Done(Answer):
    """An answer of DONE alone, which has to confirm the CRC of what was sent."""

    def __init__(self, crc: int = 0):
        super().__init__(MessageKind.DONE)
        self._crc = crc

    def is_whole(self, crc: int) -> bool:
        """Whether DONE confirms what was sent."""
        return crc == self._crc


class Single(Answer, Generic[T]):
    """An answer of one message of a kind; `unpack` parses its payload."""

    def __init__(self, kind: MessageKind, unpack: Callable[[bytes], T]):
        super().__init__(kind)
        self._unpack = unpack

    @property
    def found(self) -> T:
        """The parsed message."""
        return self._parts[0]

    def _read(self, payload: bytes) -> tuple[int, T]:
        return 0, self._unpack(payload)


class Rows(Answer):
    """The rows of a frame or a picture.

    Args:
        kind: Of the messages.
        width: Bytes of a row.
        progress: Called with (rows received, rows in all).
    """

    def __init__(self, kind: MessageKind, width: int, progress: Callable[[int, int], None] | None = None):
        super().__init__(kind)
        self._width, self._progress = width, progress
        self._misfits = 0

    @property
    def begun(self) -> bool:
        """Whether any row came."""
        return super().begun or self._misfits > 0

    @property
    def missing(self) -> str:
        """Message on the rows that are missing."""
        if self._misfits:
            return f"{self._misfits} times {ROWS} rows came that are not of one picture,"
        return f"{len(self._parts)} of {ROWS} rows came" + (" without their end" if len(self._parts) == ROWS else "")

    @property
    def data(self) -> bytes:
        """All rows, concatenated."""
        return b"".join(self._parts[y] for y in range(ROWS))

    def take(self, message: Message) -> bool:
        """Takes a row."""
        new = super().take(message)
        if new and self._progress is not None:
            self._progress(len(self._parts), ROWS)
        return new

    def is_whole(self, crc: int) -> bool:
        """Whether all rows of one picture came. If they are of different pictures, all are dropped."""
        if len(self._parts) < ROWS:
            return False
        if crc32(self.data) == crc:
            return True
        self._parts.clear()
        self._misfits += 1
        return False

    def _read(self, payload: bytes) -> tuple[int, bytes]:
        row = PictureRow.unpack(payload, self._width, self._kind)
        return row.y, row.data


class TickLists(Answer):
    """The timings, in as many messages as they take."""

    def __init__(self) -> None:
        super().__init__(MessageKind.TICKS)

    @property
    def found(self) -> Timings:
        """The time of every operator."""
        parts = [self._parts[first] for first in sorted(self._parts)]
        return Timings(parts[0].ticks_per_second, sum((part.ticks for part in parts), ()))

    def is_whole(self, crc: int) -> bool:
        """Whether the times of all operators came."""
        parts = self._parts.values()
        return self.begun and sum(len(part.ticks) for part in parts) == next(iter(parts)).total

    def _read(self, payload: bytes) -> tuple[int, Ticks]:
        part = Ticks.unpack(payload)
        return part.first, part
