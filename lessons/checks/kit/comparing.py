"""Compares a result with the right one, and says how it differs: the mistake, or the step where it begins."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lessons.checks.kit.learner_steps import Steps
from lessons.checks.kit.plain import plain
from lessons.checks.kit.relations import close, related, where_wrong
from lessons.checks.kit.verdict import wrong

__all__ = ["Either", "compare", "several"]

RELATIVE = 1e-5
"""Float32 sums in another order differ by about 1e-6 of the largest value."""


class Either:
    """Several results of the same mistake.

    Args:
        values: Each of the same shape as the right answer.
    """

    def __init__(self, *values: Any):
        self.values = values


def compare(
    what: str | Callable[..., str],
    got: Any,
    expected: Any,
    mistakes: Mapping[str, Any] | None = None,
    look: str = "",
    relative: float = RELATIVE,
    dtype: type | None = None,
    steps: Steps | None = None,
) -> None:
    """Compares a number or an array with the right one.

    Args:
        what: The name in the message: `"psnr(dark, bright)"`; or a function from the index of the worst value of an
            array to this name.
        got: The learner's, of any library. One number may come in an array.
        expected: The right one.
        mistakes: Known mistakes: the text after "It looks as if", and its result (an array of the shape of `got`, or
            `Either`). If `got` is wrong, the first mistake with this result is named.
        look: Where to look.
        relative: Tolerance, as a share of the largest expected value.
        dtype: The type that an array must have; any, if left out.
        steps: The right steps. If no mistake is known, the answer is followed step by step.

    Raises:
        NotYet: If they differ.
    """
    right, found = np.asarray(expected), _numbers(got)
    name = what if isinstance(what, str) else what(*np.zeros(right.ndim, int))
    if found is None:
        wrong(f"{name} is a {type(got).__name__}, not {_kind(right)}.", look=look)
    if found.shape != right.shape and not right.ndim and found.size == 1:
        found = found.reshape(())
    if found.shape == right.shape and close(found, right, relative):
        if dtype and found.dtype != dtype:
            mistake = f"the conversion is missing: `.astype(np.{np.dtype(dtype)})` at the end."
            wrong(f"{name} has values of the type {found.dtype}, not {np.dtype(dtype)}.", mistake, look)
        return
    likely = next((text for text, value in (mistakes or {}).items() if _explains(value, found, relative)), "")
    wrong(_difference(what, found, right, steps), likely, look, "" if likely else _followed(found, right, steps))


def several(what: str, got: Any, parts: str, count: int = 2, mistake: str = "", look: str = "") -> Any:
    """A result that must have so many parts: a tuple, a list, an array, or what a generator gives.

    Args:
        what: The name in the message.
        got: The learner's.
        parts: What the parts are, for the message: `"scale and zero point"`.
        count: How many there must be.
        mistake: What it looks like if there are not.
        look: Where to look.

    Raises:
        NotYet: If it is something else.
    """
    got = plain(got)
    if not isinstance(got, list | np.ndarray) or not np.ndim(got if isinstance(got, np.ndarray) else [0]):
        one = "this is text: give the numbers themselves, and leave how they look to `print`."
        if not isinstance(got, str):
            one = f"this is one value: there have to be {count}, with a comma between them."
        wrong(f"{what} is a {type(got).__name__}, not {parts}.", mistake or one, look)
    if len(got) != count:
        wrong(f"{what} is a list of {len(got)}, not {parts}.", mistake, look)
    return got


def _numbers(got: Any) -> np.ndarray | None:
    """The values as an array; None if they are no numbers."""
    try:
        found = np.asarray(plain(got))
    except ValueError:  # a list of arrays of different shapes
        return None
    return found if found.dtype.kind in "buif" else None


def _explains(mistaken: Any, found: np.ndarray, relative: float) -> bool:
    """Whether what was found is the result of a mistake, or one of its results."""
    for value in map(np.asarray, mistaken.values if isinstance(mistaken, Either) else (mistaken,)):
        if value.shape == found.shape and (
            np.array_equal(found, value, equal_nan=found.dtype.kind == "f") or close(found, value, 10 * relative)
        ):
            return True
    return False


def _followed(found: np.ndarray, right: np.ndarray, steps: Steps | None) -> str:
    """How a wrong result is related to the right one, which values are wrong, and where the computation departs."""
    said = []
    if text := related(found, right):
        said.append(f"the result is {text}.")
    elif found.shape == right.shape and (text := where_wrong(_off(found, right), right)):
        said.append(f"{text}.")
    if steps and (text := steps.departure()):
        said.append(text)
    return " ".join([part[0].lower() + part[1:] if not k else part for k, part in enumerate(said)])


def _off(found: np.ndarray, right: np.ndarray) -> np.ndarray:
    off = np.abs(found.astype("float64") - right.astype("float64"))
    return ~(off <= RELATIVE * max(float(np.abs(right.astype("float64")).max(initial=0)), 1e-30))


def _difference(what: str | Callable[..., str], found: np.ndarray, right: np.ndarray, steps: Steps | None) -> str:
    at: tuple[int, ...] = (0,) * right.ndim
    share = ""
    if right.ndim and found.shape == right.shape:
        off = np.abs(found.astype("float64") - right.astype("float64"))
        at = tuple(map(int, np.unravel_index(np.argmax(np.where(np.isnan(off), np.inf, off)), off.shape)))
        share = f"wrong in {np.mean(_off(found, right)):.0%} of its values: [{', '.join(map(str, at))}] is "
    name, share = (what, share) if isinstance(what, str) else (what(*at), "")
    if found.shape != right.shape:
        return f"{name} is {_kind(found)}, not {_kind(right)}."
    mine, due = _apart(found[at], right[at])
    return f"{name} is {share}{mine}, not {due}{_inputs_at(steps, right.shape, at)}."


def _apart(mine: Any, due: Any) -> tuple[str, str]:
    """Two numbers with so many digits that they differ."""
    for digits in (6, 9, 12, 17):
        texts = f"{mine:.{digits}g}", f"{due:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


def _inputs_at(steps: Steps | None, shape: tuple[int, ...], at: tuple[int, ...]) -> str:
    """The inputs that belong to a value, where there is one for each: ` (mean = 16)`."""
    if steps is None or not shape:
        return ""
    names = list(inspect.signature(steps.function).parameters)
    shown = [
        f"{name} = {value[at]:.6g}"
        for name, value in zip(names, steps.inputs, strict=False)
        if isinstance(value, np.ndarray) and value.shape == shape
    ]
    return f" (where {', '.join(shown)})" if shown else ""


def _kind(values: np.ndarray) -> str:
    if not values.shape:
        return "a number"
    return f"an array of the shape {values.shape}"
