"""A check around a learner's code: what it prints is held back, and what does not end is stopped.

No signal is used: an exception is set in the thread of the cell, which works in every operating system as long as the
code is Python. Where it is not, the learner is told to restart the kernel.
"""

import ctypes
import functools
import io
import linecache
import sys
import sysconfig
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import FrameType

import numpy as np

from lessons.checks.kit.verdict import NotYet, wrong

__all__ = ["exercise", "learners_line"]

LIMIT_S = 20.0
"""An answer that has not ended by then is stopped; the slowest right one takes a few seconds."""

IMPORTS = 5
"""How often the limit is waited for again while an answer imports: Keras's first import may take a minute."""

STOP_S = 5.0
"""How long it may take to stop it."""

SHOWN = 5
"""Lines of what an answer prints that are shown."""

_OURS = Path(__file__).resolve().parents[3]
_INSTALLED = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
_PACKAGES = tuple(str(_OURS / name) for name in ("model", "embedded", "explain", "lessons"))


class TimeUp(BaseException):
    """Raised in a learner's code that does not end; no `except Exception` there catches it."""


def exercise(check: Callable[..., str]) -> Callable[..., None]:
    """Makes a check of a function that takes answers and returns what has been learned, or raises `NotYet`.

    The check prints one line with a tick. Warnings of NumPy are left out: the check says it in a message.
    """

    @functools.wraps(check)
    def run(*answers, **options) -> None:
        printed = FirstLines(SHOWN)
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"), redirect_stdout(printed):
                with limited(check.__name__):
                    learned = check(*answers, **options)
        except NotYet:
            raise
        except Exception as error:
            message = f"{check.__name__}: the check cannot use this answer ({type(error).__name__}: {error})."
            raise NotYet(message, look="the types and shapes in the docstring of the exercise.") from error
        finally:
            printed.show()
        print(f"✓ {learned}")

    return run


@contextmanager
def limited(name: str, limit: float = LIMIT_S) -> Iterator[None]:
    """Stops a learner's code in this thread that runs for longer than so many seconds.

    Args:
        name: Of the exercise.
        limit: In seconds.

    Raises:
        NotYet: With the line where it was.
    """
    thread, out, lock, ended = threading.get_ident(), sys.__stdout__, threading.Lock(), threading.Event()
    where: list[str] = []

    def watch() -> None:
        wait, patience = limit, IMPORTS
        while not ended.wait(wait):
            frame = sys._current_frames().get(thread)
            if patience and _imports(frame):
                patience -= 1
                continue
            patience = 0
            with lock:
                line = learners_line(frame)
                if line and not ended.is_set():
                    where.append(line)
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TimeUp))
            if where and ended.wait(STOP_S):
                return
            if len(where) == 2:
                print(f"{name} cannot be stopped: restart the kernel (menu Kernel, Restart).", file=out, flush=True)
            wait = 0.5

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        try:
            yield
        finally:
            ended.set()
            with lock:
                pass  # the watcher does not raise it any more
    except TimeUp:
        what = f"{name} has not ended after {limit:.0f} seconds, and was stopped in the line: {where[-1]}"
        wrong(what, "a loop does not come to its end: does its condition change in each round?")


def _imports(frame: FrameType | None) -> bool:
    """Whether a module is being imported somewhere on a stack."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def learners_line(frame: FrameType | None) -> str:
    """The innermost line of a learner's code on a stack; empty if there is none."""
    while frame is not None:
        file = frame.f_code.co_filename
        if is_learners(file):
            return linecache.getline(file, frame.f_lineno).strip() or f"line {frame.f_lineno}"
        frame = frame.f_back
    return ""


def is_learners(file: str) -> bool:
    """Whether a file is neither part of Python, nor installed, nor of this project: a cell of a notebook."""
    return not file.startswith(("<frozen", "<__array_function__", *_INSTALLED, *_PACKAGES))


class FirstLines(io.TextIOBase):
    """A stream that keeps its first lines, and counts the others.

    Args:
        most: How many it keeps.
    """

    def __init__(self, most: int):
        self._most, self._text, self._lines = most, "", 0

    def write(self, text: str) -> int:
        """Keeps as much as there is room for."""
        self._lines += text.count("\n")
        if self._text.count("\n") < self._most and len(self._text) < 1000:
            self._text += text[:1000]
        return len(text)

    def show(self) -> None:
        """Prints what was kept."""
        if self._text:
            kept = self._text.splitlines()[: self._most]
            more = f" (of {self._lines} lines)" if self._lines > len(kept) else ""
            print(f"Your code printed{more}:", *kept, sep="\n  ")
