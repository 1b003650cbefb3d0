"""Values go through a pipe as they are; what is no value is kept, and what is no message is refused."""

import io
import json
import os
import struct
from collections import namedtuple
from types import SimpleNamespace

import numpy as np
import pytest

from lessons.grading.data_pipe import Pipe, PipeEnded, packed, unpacked

VALUES = [
    *(None, True, 3, -(2**80), 0.1, float("inf"), "ä\n", b"\x00\xff", ..., [1, [2]], (1, (2,)), {"a": 1, (2, 3): [4]}),
    *(np.arange(6, dtype=np.int8).reshape(2, 3), np.ones((0, 3)), np.array(2.5), np.float32(1.5), np.array([1j])),
    *(np.arange(8, dtype=">i4")[::2], np.array([True, False]), np.dtype("int16")),
]


def there_and_back(value, records=False):
    def no(*words):
        raise AssertionError(words)

    return unpacked(json.loads(json.dumps(packed(value, no))), no, records)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_are_what_they_were(value):
    back = there_and_back(value)
    assert type(back) is type(value)
    if isinstance(value, np.ndarray):
        assert back.shape == value.shape
        assert back.dtype == value.dtype.newbyteorder("=")
        assert np.array_equal(back, value)
        assert back.flags.writeable
    else:
        assert back == value


def test_records_and_namespaces():
    point = namedtuple("point", "x y")(1, 2)
    assert there_and_back(point, records=True).y == 2
    assert type(there_and_back(point)) is tuple  # a learner makes no class in the judge
    assert there_and_back(SimpleNamespace(a=[1])) == SimpleNamespace(a=[1])


def test_what_is_no_value_is_kept():
    kept = []
    message = packed([len, object()], lambda value: kept.append(value) or {"kind": "held", "number": len(kept)})
    assert kept[0] is len
    assert unpacked(message, lambda held: held["number"]) == [1, 2]
    objects = packed(np.array([{}], object), lambda value: {"kind": "held"})
    assert objects == {"kind": "held"}


@pytest.mark.parametrize(
    "message",
    [
        [1],
        {"kind": "array", "dtype": "O", "shape": [1], "data": ""},
        {"kind": "array", "dtype": "<f8", "shape": [10**12], "data": ""},
        {"kind": "array", "dtype": "<f8", "shape": [1], "data": "AAAA"},
        {"kind": "dict", "keys": [{"kind": "list", "values": []}], "values": [1]},
        {"kind": "dict", "keys": [1, 2], "values": [1]},
    ],
)
def test_what_is_no_message_is_refused(message):
    with pytest.raises(ValueError):
        unpacked(message, lambda held: held)


def test_messages_arrive_in_order_and_then_none():
    source, target = os.pipe()
    with os.fdopen(target, "wb") as writer:
        pipe = Pipe(os.fdopen(source, "rb"), writer)
        with pytest.raises(TimeoutError):
            pipe.receive(0.01)
        pipe.send({"a": 1})
        pipe.send([2])
        assert (pipe.receive(5), pipe.receive(5)) == ({"a": 1}, [2])
    for _ in range(2):
        with pytest.raises(PipeEnded):
            pipe.receive(5)
    with pytest.raises(PipeEnded):
        pipe.send(1)


@pytest.mark.parametrize("said", [b"\x00", b"\xff\xff\xff\xff{}", struct.pack(">I", 3) + b"{{{", struct.pack(">I", 9)])
def test_noise_ends_a_pipe(said):
    pipe = Pipe(io.BytesIO(said), io.BytesIO())
    with pytest.raises(PipeEnded):
        pipe.receive(5)


def test_who_does_not_read_stops_nobody():
    source, target = os.pipe()
    pipe = Pipe(io.BytesIO(), os.fdopen(target, "wb"))
    with pytest.raises(TimeoutError):
        pipe.send("x" * 10**6, 0.1)
    with os.fdopen(source, "rb") as reader:  # who comes late gets it whole
        assert reader.read(10**6 + 6).endswith(b'x"')
    pipe._target.close()
