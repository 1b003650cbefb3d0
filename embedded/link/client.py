"""The board on the other end of a USB cable: take a photo with it, or let it restore one of yours.

```
photo ─ Camera.capture ─▶ frame ─ rows ─▶ ┌───────┐ ─ rows, as they are computed ─▶ picture
                                          │ board │
                          its camera ───▶ └───────┘ ─ rows ─▶ frame
```

    with Board(model="nano.tflite") as board:               # the only Arduino that is connected
        print(board.hello().name)
        frame, picture = board.capture()                    # its camera: (120, 160, 2) and (120, 160, 3) uint8
        mine = board.enhance(Camera().capture(photo))       # a photo of yours
        print(sum(board.timings().seconds))

Bytes may get lost or change on the way. Every packet has a checksum (`embedded.link.packets`), what does not arrive is
asked for again (`embedded.link.messages`), and the checksum over all rows shows that they belong together. No call
waits for
ever: see `Patience`.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np

from embedded.link.messages import Info, Kind, Memory, Row, crc_of, crc_payload, frame_bytes, hash_of, text_of
from embedded.link.packets import Message, Parser, encode
from embedded.link.ports import HasFileno, Port, open_port
from embedded.link.replies import Answer, Infos, Nothing, Reports, Rows, TickLists, Timings
from model.errors import MirnetError
from model.images.camera_formats import COLUMNS, ROWS

__all__ = ["Board", "Patience", "Shot"]

FRAME_WIDTH, PICTURE_WIDTH = COLUMNS * 2, COLUMNS * 3  # bytes of a row

Progress = Callable[[int, int], None]
"""Called with how many rows of the picture are here, and how many it has."""


@dataclass(frozen=True)
class Patience:
    """How long to wait, and how often to ask.

    Attributes:
        answer_s: For an answer to begin or to go on; twice as long at each repeat, for a board that is still busy.
        work_s: For a board that has said that it has begun: a camera that exposes, a network that computes. No try of
            anything takes longer than twice this and `answer_s`.
        tries: How often something is asked before it is given up.
    """

    answer_s: float = 2.0
    work_s: float = 60.0
    tries: int = 3


class Shot(NamedTuple):
    """A photo by the board.

    Attributes:
        frame: (120, 160, 2) uint8, the bytes of the camera.
        picture: (120, 160, 3) uint8, sRGB: what the network made of it.
    """

    frame: np.ndarray
    picture: np.ndarray


class Board:
    """A board with our sketch. One request at a time: a `Board` is for one thread.

    Args:
        port: The name of a serial port; or None for the only Arduino that is connected; or something open with a file
            descriptor, a pseudo-terminal or a socket for example.
        model: The .tflite file that the sketch should have been made of, or its bytes; None leaves it unchecked.
        patience: How long to wait.
        log: Called with each line that the sketch logs.

    Raises:
        MirnetError: If the port cannot be opened (which ones there are is told), or the model not be read.
    """

    def __init__(
        self,
        port: str | HasFileno | Port | None = None,
        model: str | Path | bytes | None = None,
        patience: Patience = Patience(),
        log: Callable[[str], None] = lambda text: None,
    ):
        self._model_hash = None if model is None else hash_of(model)
        self._patience, self._log = patience, log
        self._info: Info | None = None
        self._started = False  # whether the board has begun what it was asked for last
        # Answers to whoever used the board before may still be on their way: begin with other numbers than theirs.
        self._sequence = random.randrange(1 << 16)
        self._parser = Parser()
        self._port = open_port(port)

    def __enter__(self) -> "Board":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the port back; once more does nothing."""
        self._port.close()

    def hello(self) -> Info:
        """Who is there. The other methods do this first if nobody has.

        Raises:
            MirnetError: If nobody answers, the sketch is of another version, or was made of another model.
        """
        infos = Infos()
        self._ask(Kind.HELLO, b"", infos)
        info = infos.found
        if self._model_hash is not None and info.model_hash != self._model_hash:
            raise MirnetError(
                f"the sketch on the board was made of another model ({info.model_hash.hex()}…) than the one given "
                f"({self._model_hash.hex()}…): make the sketch of this model and upload it, or give the other"
            )
        self._info = info
        return info

    def capture(self, progress: Progress | None = None) -> Shot:
        """Takes a photo with the board's camera and restores it.

        Args:
            progress: Called for each row of the restored picture.

        Returns:
            The camera's frame and the picture.

        Raises:
            MirnetError: If the board, its camera or the line fails; it says what to do.
        """
        return self._shot(Kind.CAPTURE, progress)

    def pattern(self, progress: Progress | None = None) -> Shot:
        """Restores a frame that the board makes up itself, which `embedded.link.messages.pattern_frame` knows as well.

        For a board without a camera; arguments and result are those of `capture`.
        """
        return self._shot(Kind.PATTERN, progress)

    def enhance(self, frame: np.ndarray | bytes, progress: Progress | None = None) -> np.ndarray:
        """Lets the board restore a frame of yours.

        Args:
            frame: (120, 160, 2) uint8, or its 38,400 bytes, in the format that `hello` tells; `embedded.Camera` makes
                one of any photo.
            progress: Called for each row of the restored picture.

        Returns:
            (120, 160, 3) uint8, sRGB.

        Raises:
            ImageError: If the frame has another size.
            MirnetError: If the board or the line fails; it says what to do.
        """
        data = frame_bytes(frame)
        self._greet()
        for y in range(ROWS):
            row = Row(y, data[y * FRAME_WIDTH : (y + 1) * FRAME_WIDTH])
            self._ask(Kind.PUT_ROW, row.pack(), Nothing(crc32(row.data)))
        return self._restore(data, progress)

    def timings(self) -> Timings:
        """How long the operators of the network took when it ran last.

        Raises:
            MirnetError: If nothing has been restored yet, or the board or the line fails.
        """
        self._greet()
        lists = TickLists()
        self._ask(Kind.TIMINGS, b"", lists)
        return lists.found

    def memory(self) -> Memory:
        """How much memory is in use.

        Raises:
            MirnetError: If the board or the line fails.
        """
        self._greet()
        reports = Reports()
        self._ask(Kind.MEMORY, b"", reports)
        return reports.found

    def _greet(self) -> None:
        if self._info is None:
            self.hello()

    def _shot(self, source: Kind, progress: Progress | None) -> Shot:
        self._greet()
        self._ask(source, b"", Nothing())
        rows = Rows(Kind.FRAME_ROW, FRAME_WIDTH)
        self._ask(Kind.GET_FRAME, b"", rows)
        picture = self._restore(rows.data, progress)
        return Shot(np.frombuffer(rows.data, np.uint8).reshape(ROWS, COLUMNS, 2).copy(), picture)

    def _restore(self, frame: bytes, progress: Progress | None) -> np.ndarray:
        rows = Rows(Kind.PICTURE_ROW, PICTURE_WIDTH, progress)
        self._ask(Kind.RESTORE, crc_payload(crc32(frame)), rows)
        return np.frombuffer(rows.data, np.uint8).reshape(ROWS, COLUMNS, 3).copy()

    def _ask(self, kind: Kind, payload: bytes, answer: Answer) -> None:
        """Asks until the answer is whole. What arrived of it stays, so a repeat only has to fill the gaps."""
        # One number for all tries: what comes late of the first is as good as what comes of the second.
        self._sequence = (self._sequence + 1) % (1 << 16)
        packet = encode(Message(kind, self._sequence, payload))
        self._started = False
        for again in range(self._patience.tries):
            patience_s = self._patience.answer_s * 2**again
            self._port.write(packet, patience_s)
            if self._listen(answer, patience_s):
                return
        raise self._given_up(kind, answer)

    def _listen(self, answer: Answer, patience_s: float) -> bool:
        """Whether the answer is whole; False if it ended with gaps, or went silent.

        What brings the answer forward makes the wait longer, and so does a sign of work, but only so far: a board that
        talks without end is not listened to without end.
        """
        deadline = time.monotonic() + patience_s
        last = deadline + 2 * self._patience.work_s
        while (left := min(deadline, last) - time.monotonic()) > 0:
            for message in self._hear(left):
                if message.kind == Kind.ERROR:
                    raise MirnetError(f"the board says: {text_of(message.payload)}")
                if message.kind == Kind.DONE:
                    return answer.is_whole(crc_of(message.payload))
                if message.kind == Kind.STARTED:
                    self._started = True
                    deadline = time.monotonic() + self._patience.work_s
                elif answer.take(message):
                    deadline = time.monotonic() + patience_s
        return False

    def _hear(self, patience_s: float) -> list[Message]:
        """What comes next that answers the request of now."""
        messages = self._parser.feed(self._port.read(patience_s))
        for message in messages:
            if message.kind == Kind.LOG:
                self._log(text_of(message.payload))
        return [message for message in messages if message.sequence == self._sequence and message.kind != Kind.LOG]

    def _given_up(self, kind: Kind, answer: Answer) -> MirnetError:
        name, tries = self._port.name, self._patience.tries
        if answer.begun:
            return MirnetError(
                f"{name}: {answer.missing} in {tries} tries: try another cable or USB port, without a hub"
            )
        if self._started:
            return MirnetError(
                f"{name}: the board began to {kind.name} and did not come to an end in {self._patience.work_s:g} s: "
                "press its reset button, and try again; if it happens again, check the camera's cable"
            )
        waited = self._patience.answer_s * (2**tries - 1)
        return MirnetError(
            f"{name}: no answer to {kind.name} in {waited:g} s: press the board's reset button; if that does not help, "
            f"press it twice quickly and upload the sketch again{_other_sketch(self._parser.leftover)}"
        )


def _other_sketch(leftover: bytes) -> str:
    """What to add to an error if what came instead of packets is text."""
    text = " ".join("".join(mark if mark.isprintable() else " " for mark in leftover.decode("ascii", "ignore")).split())
    if len(text) < len(leftover) / 2 or not text:  # less than half of it can be read: noise
        return ""
    return f". It says {text!r}: another sketch may be running"
