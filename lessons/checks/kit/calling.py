"""Runs a learner's function with copies of its inputs, and reports what went wrong in it."""

import copy
import inspect
import linecache
import re
import traceback
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from lessons.checks.kit.guard import is_learners
from lessons.checks.kit.plain import plain
from lessons.checks.kit.verdict import NotYet, wrong

__all__ = ["CountedGenerator", "call", "copied", "drawn_from", "same_twice", "stopped"]

COPIED = (np.ndarray, list, dict, SimpleNamespace)
LONGEST = 300
"""Letters of an error that are shown: those of Keras repeat every argument."""


def call(function: Callable[..., Any], *inputs: Any, **options: Any) -> Any:
    """The result of a learner's function for copies of these inputs, in NumPy's types.

    Args:
        function: The learner's.
        inputs: Arrays, and lists of them, are copied, so that a function that writes into them does no harm.
        options: Keyword arguments.

    Raises:
        NotYet: If it is not written yet, stops with an error, returns nothing, or changes its inputs.
    """
    name = getattr(function, "__name__", "the function")
    if function is ...:
        wrong("this exercise is not written yet: replace the `...` by a function of this name.")
    if not callable(function):
        wrong(f"this is a {type(function).__name__}, not a function: define it with `def`.")
    copies = copied(inputs)
    try:
        result = plain(function(*copies, **options))
    except NotImplementedError:
        wrong(f"{name} is not written yet: replace the line `raise NotImplementedError` by your own.")
    except NotYet:
        raise
    except Exception as error:  # a learner's function may do anything
        raise stopped(name, function, error) from error
    if result is None:
        wrong(f"{name} returns nothing.", "the line with `return` is missing.")
    if result is ...:
        wrong(f"{name} is not written yet: replace the `...`.")
    for position, (before, after) in enumerate(zip(inputs, copies, strict=True)):
        if isinstance(before, COPIED) and not _same(before, after):
            mistake = "it works in place (`+=`, `[...] =`, `pop`, `sort`); make a new one, other code may use the old."
            wrong(f"{name} changes {_argument(function, position)} that it is given.", mistake)
    return result


def copied(inputs: Sequence[Any]) -> tuple[Any, ...]:
    """The inputs of an answer: arrays and what holds them are copied, a generator or a network is handed over."""
    return tuple(copy.deepcopy(value) if isinstance(value, COPIED) else value for value in inputs)


def stopped(name: str, function: Any, error: Exception) -> NotYet:
    """The message about an error in a learner's code, with the line in which it arose."""
    text = re.sub(r"\x1b\[[\d;]*m", "", str(error))
    if "Exception encountered when calling" in text:  # Keras: the error itself is in the middle
        text = text.partition("\n\n")[2].partition("\n\nArguments received")[0] or text
    text = re.sub(r"\{\{function_node [^}]*\}\}|\[Op:\w+\]( name: ?)?", "", text)  # TensorFlow's own bookkeeping
    text = " ".join(text.split())
    text = text if len(text) <= LONGEST else text[:LONGEST] + " …"
    return NotYet(f"{name} stops with {type(error).__name__}: {text}{_line_of(function, error)}")


def _line_of(function: Any, error: Exception) -> str:
    """The learner's line in which an error arose: in the answer itself if it is among them."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_learners(frame.filename)]
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    frames = [frame for frame in frames if frame.filename == file] or frames
    code = linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip() if frames else ""
    return f"\n  in the line: {code}" if code else ""


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        return np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    if isinstance(before, list):
        return len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, SimpleNamespace):
        return _same(list(vars(before).values()), list(vars(after).values()))
    try:
        return bool(before == after)
    except ValueError:
        return True


def _argument(function: Any, position: int) -> str:
    try:
        return f"`{list(inspect.signature(function).parameters)[position]}`"
    except (IndexError, TypeError, ValueError):
        return "the input"


class CountedGenerator(np.random.Generator):
    """A generator that counts the numbers that were drawn from it.

    Args:
        seed: Of the generator.
    """

    def __init__(self, seed: int):
        super().__init__(np.random.PCG64(seed))
        self.counts: dict[str, int] = {}

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name.startswith("_") or name in ("counts", "bit_generator", "drawn") or not callable(value):
            return value

        def counted(*inputs: Any, **options: Any) -> Any:
            result = value(*inputs, **options)
            self.counts[name] = self.counts.get(name, 0) + np.size(result)
            return result

        return counted

    @property
    def drawn(self) -> int:
        """Numbers drawn so far, by all methods together."""
        return sum(self.counts.values())


def drawn_from(what: str, function: Callable[..., Any], *inputs: Any, least: int, look: str = "") -> CountedGenerator:
    """Checks that a function, whose last argument is a generator, draws its numbers from it; returns that generator.

    Args:
        what: The name in the message.
        function: The learner's.
        inputs: All but the generator.
        least: How many numbers it must draw.
        look: Where to look.

    Raises:
        NotYet: If it draws none or fewer.
    """
    rng = CountedGenerator(6)
    call(function, *inputs, rng)
    if not rng.drawn:
        mistake = "the noise does not come from `rng`: call `rng.poisson(...)`, not `np.random.poisson(...)`, and make "
        wrong(f"{what} draws nothing from `rng`.", mistake + "no generator of your own.", look)
    if rng.drawn < least:
        mistake = "pixels or colours share their noise: every value needs a number of its own (`size`, `shape`)."
        wrong(f"{what} draws {rng.drawn} numbers from `rng`, and needs {least}.", mistake, look)
    return rng


def same_twice(what: str, first: Any, second: Any) -> None:
    """Rejects a function that draws at random and ignores the generator that it is given.

    Raises:
        NotYet: If two results from generators of the same seed differ.
    """
    if not np.array_equal(np.asarray(first), np.asarray(second)):
        wrong(
            f"{what} has another result with a generator of the same seed.",
            "the noise does not come from `rng`: call `rng.poisson(...)`, not `np.random.poisson(...)`.",
        )
