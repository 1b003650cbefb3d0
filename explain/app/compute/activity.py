"""Whether somebody is waiting for a page right now, and what to do as soon as nobody is."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, Full, Queue
from typing import Any

__all__ = ["is_quiet", "prepare_soon", "running", "to_prepare"]

MOST_WAITING = 20  # photos of a class that came at once; for later ones nothing is prepared

_changing = threading.Lock()
_runs = 0  # of pages, under way
_ended = 0.0  # when the last one did
_waiting: Queue[tuple[Any, Any]] = Queue(MOST_WAITING)


@contextmanager
def running() -> Iterator[None]:
    """To be held while a page runs."""
    global _runs, _ended
    with _changing:
        _runs += 1
    try:
        yield
    finally:
        with _changing:
            _runs -= 1
            _ended = time.monotonic()


def is_quiet(seconds: float) -> bool:
    """Whether no page has run for so long."""
    with _changing:
        return _runs == 0 and time.monotonic() - _ended >= seconds


def prepare_soon(setup: Any, photo: Any) -> None:
    """Has `explain.app.warm_up` run on a photo what pages will need, when nobody is waiting."""
    try:
        _waiting.put_nowait((setup, photo))
    except Full:
        pass


def to_prepare() -> tuple[Any, Any] | None:
    """A network and a photo for which something is to be prepared; None where there is nothing."""
    try:
        return _waiting.get_nowait()
    except Empty:
        return None
