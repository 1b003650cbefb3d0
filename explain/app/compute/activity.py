"""Whether somebody is waiting for a page right now: work that can wait stays away meanwhile."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["is_quiet", "running"]

_changing = threading.Lock()
_runs = 0  # of pages, under way
_ended = 0.0  # when the last one did


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
