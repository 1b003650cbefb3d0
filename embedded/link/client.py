"""Client of the board over USB: takes photos with its camera, and lets it restore photos of the computer.

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
        print(board.self_test().camera)                     # byte order, and what is wrong with its wires

Bytes may get lost or change on the way. Every packet has a checksum (`embedded.link.packets`), what does not arrive is
asked for again (`embedded.link.messages`), and the checksum over all rows shows that they belong together. Every call
ends: see `Timeouts`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np

from embedded.camera.frame_bytes import FRAME_SHAPE, frame_bytes
from embedded.link.messages import MessageKind, crc_payload
from embedded.link.payloads import Info, MemoryReport, PictureRow
from embedded.link.ports import HasFileno, Port, open_port
from embedded.link.replies import Done, Rows, Single, TickLists, Timings
from embedded.link.requests import Requests, Timeouts
from embedded.link.self_test import SelfTest
from embedded.tflite.model_hash import hash_of
from model.errors import MirnetError
from model.images.camera_formats import COLUMNS, ROWS

__all__ = ["Board", "Shot", "Timeouts"]

FRAME_WIDTH, PICTURE_WIDTH = COLUMNS * 2, COLUMNS * 3  # bytes of a row

Progress = Callable[[int, int], None]
"""Called with (rows received, rows in all)."""


class Shot(NamedTuple):
    """A photo by the board.

    Attributes:
        frame: (120, 160, 2) uint8, the bytes of the camera.
        picture: (120, 160, 3) uint8, sRGB: what the network made of it.
    """

    frame: np.ndarray
    picture: np.ndarray


class Board:
    """Connection to a board with our sketch. One request at a time: a `Board` is for one thread.

    Args:
        port: The name of a serial port; or None for the only Arduino that is connected; or something open with a file
            descriptor, a pseudo-terminal or a socket for example.
        model: The .tflite file that the sketch should have been made of, or its bytes; None leaves it unchecked.
        timeouts: Of requests.
        log: Called with each line that the sketch logs.

    Raises:
        MirnetError: If the port cannot be opened (the message lists those there are), or the model not be read.
    """

    def __init__(
        self,
        port: str | HasFileno | Port | None = None,
        model: str | Path | bytes | None = None,
        timeouts: Timeouts | None = None,
        log: Callable[[str], None] = lambda text: None,
    ):
        self._model_hash = None if model is None else hash_of(model)
        self._info: Info | None = None
        self._port = open_port(port)
        self._requests = Requests(self._port, timeouts or Timeouts(), log)

    def __enter__(self) -> "Board":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the port; once more does nothing."""
        self._port.close()

    def hello(self) -> Info:
        """Name, model and format of the board. The other methods ask first if nobody has.

        Raises:
            MirnetError: If nobody answers, the sketch is of another version, or was made of another model.
        """
        info = self._requests.ask(MessageKind.HELLO, Single(MessageKind.INFO, Info.unpack)).found
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
        return self._shot(MessageKind.CAPTURE, progress)

    def pattern(self, progress: Progress | None = None) -> Shot:
        """Restores a frame that the board makes up itself; `pattern_frame` makes the same.

        For a board without a camera; arguments and result are those of `capture`.
        """
        return self._shot(MessageKind.PATTERN, progress)

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
            row = PictureRow(y, data[y * FRAME_WIDTH : (y + 1) * FRAME_WIDTH])
            self._requests.ask(MessageKind.PUT_ROW, Done(crc32(row.data)), row.pack())
        return self._restore(data, progress)

    def timings(self) -> Timings:
        """Time of each operator in the last run of the network.

        Raises:
            MirnetError: If nothing has been restored yet, or the board or the line fails.
        """
        self._greet()
        return self._requests.ask(MessageKind.TIMINGS, TickLists()).found

    def memory(self) -> MemoryReport:
        """Memory of the board that is in use.

        Raises:
            MirnetError: If the board or the line fails.
        """
        self._greet()
        return self._requests.ask(MessageKind.MEMORY, Single(MessageKind.REPORT, MemoryReport.unpack)).found

    def self_test(self) -> SelfTest:
        """Lets the board test itself: camera, network, memory, clock. What it had captured is lost.

        Raises:
            MirnetError: If its sketch is older than this request, or the board or the line fails.
        """
        self._greet()
        return self._requests.ask(MessageKind.SELF_TEST, Single(MessageKind.FINDINGS, SelfTest.unpack)).found

    def _greet(self) -> None:
        if self._info is None:
            self.hello()

    def _shot(self, source: MessageKind, progress: Progress | None) -> Shot:
        self._greet()
        self._requests.ask(source, Done())
        frame = self._requests.ask(MessageKind.GET_FRAME, Rows(MessageKind.FRAME_ROW, FRAME_WIDTH)).data
        return Shot(np.frombuffer(frame, np.uint8).reshape(FRAME_SHAPE).copy(), self._restore(frame, progress))

    def _restore(self, frame: bytes, progress: Progress | None) -> np.ndarray:
        wanted = Rows(MessageKind.PICTURE_ROW, PICTURE_WIDTH, progress)
        rows = self._requests.ask(MessageKind.RESTORE, wanted, crc_payload(crc32(frame)))
        return np.frombuffer(rows.data, np.uint8).reshape(ROWS, COLUMNS, 3).copy()
