"""Values over a pipe, between a judge and an answer: numbers, text, arrays and what holds them, never code.

A message is JSON with its length before it. What is no value stays where it is, and is sent as a number that stands for
it: a learner's layer in the sandbox, the judge's generator outside.
"""

import base64
import dataclasses
import json
import queue
import struct
import threading
from collections import namedtuple
from collections.abc import Callable
from contextlib import suppress
from types import EllipsisType, SimpleNamespace
from typing import Any, BinaryIO

import numpy as np

__all__ = ["Pipe", "PipeEnded", "generator_moved", "generator_sent", "packed", "unpacked"]

MOST_BYTES = 64 * 2**20
"""Of a message: the largest right answer is a photo."""

TYPES = (int, float, bool, *np.sctypeDict.values())
NUMBERS = "biufc"
"""Kinds of arrays that are sent."""


class PipeEnded(Exception):
    """The other side has ended, or sends what is no message."""


class Pipe:
    """Messages both ways.

    Args:
        source: What the other side writes.
        target: What it reads.
    """

    def __init__(self, source: BinaryIO, target: BinaryIO):
        self._target = target
        self._arrived: queue.Queue[Any] = queue.Queue(1)  # whoever floods it waits
        threading.Thread(target=self._read, args=(source,), daemon=True).start()

    def send(self, message: Any, seconds: float | None = None) -> None:
        """Writes a message.

        Raises:
            TimeoutError: If the other side does not read it in so many seconds.
            PipeEnded: If nobody reads any more.
        """
        text = json.dumps(message).encode()
        failed: list[Exception] = []

        def write() -> None:
            try:
                self._target.write(struct.pack(">I", len(text)) + text)
                self._target.flush()
            except (OSError, ValueError) as error:
                failed.append(error)

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        writer.join(seconds)
        if writer.is_alive():
            raise TimeoutError
        if failed:
            raise PipeEnded from failed[0]

    def receive(self, seconds: float | None = None) -> Any:
        """The next message.

        Raises:
            TimeoutError: If none comes in so many seconds.
            PipeEnded: If none will come.
        """
        try:
            message = self._arrived.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(message, PipeEnded):
            self._arrived.put(message)
            raise message
        return message

    def _read(self, source: BinaryIO) -> None:
        with source, suppress(Exception):  # whatever the other side may write
            while head := source.read(4):
                (length,) = struct.unpack(">I", head)
                self._arrived.put(json.loads(source.read(length) if length <= MOST_BYTES else b""))
        self._arrived.put(PipeEnded())


def packed(value: Any, hold: Callable[[Any], dict[str, Any]]) -> Any:
    """A value as JSON has it.

    Args:
        value: Any.
        hold: Keeps what is no value, and says what to send for it.
    """

    def inside(values: Any) -> list[Any]:
        return [packed(each, hold) for each in values]

    if value is None or isinstance(value, bool | str) or type(value) in (int, float):
        return value
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in NUMBERS:
        whole = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"))
        data = base64.b64encode(whole.tobytes()).decode()
        kind = "scalar" if isinstance(value, np.generic) else "array"
        return {"kind": kind, "dtype": whole.dtype.str, "shape": list(value.shape), "data": data}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {"kind": "record", "names": list(value._fields), "values": inside(value)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {
            "kind": "record",
            "names": names,
            "values": inside(getattr(value, name) for name in names),
        }
    if isinstance(value, list | tuple | range):
        return {"kind": "tuple" if isinstance(value, tuple) else "list", "values": inside(value)}
    if isinstance(value, dict):
        return {"kind": "dict", "keys": inside(value), "values": inside(value.values())}
    if isinstance(value, SimpleNamespace):
        return {
            "kind": "namespace",
            "names": list(vars(value)),
            "values": inside(vars(value).values()),
        }
    if isinstance(value, bytes | bytearray):
        return {"kind": "bytes", "data": base64.b64encode(value).decode()}
    if isinstance(value, EllipsisType):
        return {"kind": "ellipsis"}
    if isinstance(value, np.dtype) or (isinstance(value, type) and value in TYPES):
        return {"kind": "dtype", "name": np.dtype(value).name}
    return hold(value)


def unpacked(message: Any, held: Callable[[dict[str, Any]], Any], records: bool = False) -> Any:
    """The value of a message.

    Args:
        message: As `packed` makes it; it may be anything.
        held: From what was sent for something that is no value, to what stands for it here.
        records: Whether named tuples are made of records; else they become plain tuples.

    Raises:
        ValueError: If it is no such message.
    """
    if not isinstance(message, dict):
        if isinstance(message, list):
            raise ValueError("a bare list is no message")
        return message
    kind = message.get("kind")
    values = [unpacked(each, held, records) for each in message.get("values", ())]
    if kind in ("array", "scalar"):
        dtype = np.dtype(str(message["dtype"]))
        if dtype.kind not in NUMBERS:
            raise ValueError(f"no array of {dtype}")
        data = np.frombuffer(base64.b64decode(message["data"]), dtype).reshape([int(side) for side in message["shape"]])
        return data[()] if kind == "scalar" else data.astype(dtype.newbyteorder("="))
    if kind == "record":
        return namedtuple("Record", message["names"])(*values) if records else tuple(values)
    if kind == "list":
        return values
    if kind == "tuple":
        return tuple(values)
    if kind == "dict":
        try:
            return dict(zip([unpacked(each, held, records) for each in message["keys"]], values, strict=True))
        except TypeError as error:
            raise ValueError("no keys of a dictionary") from error
    if kind == "namespace":
        return SimpleNamespace(**dict(zip(map(str, message["names"]), values, strict=True)))
    if kind == "bytes":
        return base64.b64decode(message["data"])
    if kind == "dtype":
        return np.dtype(str(message["name"]))
    return ... if kind == "ellipsis" else held(message)


def generator_sent(rng: np.random.Generator) -> dict[str, Any]:
    """A generator as a message: where it stands, and what was drawn from it if it counts."""
    state = packed(rng.bit_generator.state, dict)
    return {"kind": "generator", "state": state, "counts": getattr(rng, "counts", None)}


def generator_moved(rng: np.random.Generator, message: Any) -> None:
    """Sets a generator to where another one stands.

    Raises:
        ValueError: If the message is none of a generator.
    """
    try:
        rng.bit_generator.state = unpacked(message["state"], dict)
        if isinstance(message["counts"], dict) and hasattr(rng, "counts"):
            rng.counts = {str(name): int(count) for name, count in message["counts"].items()}
    except (TypeError, KeyError, OverflowError, AttributeError) as error:
        raise ValueError("no generator") from error
