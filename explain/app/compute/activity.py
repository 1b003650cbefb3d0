"""How many visitors there are, whether one is waiting for a page right now, and what to do as soon as nobody is."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, Full, Queue
from typing import Any

__all__ = ["is_quiet", "prepare_soon", "running", "to_prepare", "visitors"]

MOST_WAITING = 20  # photos of a class that came at once; for later ones nothing is prepared
GONE_S = 300.0  # a visitor who has asked for no page for so long counts no more

_changing = threading.Lock()
_runs = 0  # of pages, under way
_ended = 0.0  # when the last one did
_came: dict[str, float] = {}  # visitors, and when each last asked for a page
_waiting: Queue[tuple[Any, Any]] = Queue(MOST_WAITING)


@contextmanager
def running(visitor: str = "") -> Iterator[None]:
    """To be held while a page runs, for this visitor."""
    global _runs, _ended
    with _changing:
        _runs += 1
        _came[visitor] = time.monotonic()
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


def visitors() -> int:
    """How many different visitors have asked for a page lately."""
    with _changing:
        oldest = time.monotonic() - GONE_S
        for visitor in [visitor for visitor, came in _came.items() if came < oldest]:
            del _came[visitor]
        return len(_came)


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
