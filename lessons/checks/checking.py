"""Tools of all checks: call a learner's function, compare its result with the right one, name the likely mistake."""

import linecache
import textwrap
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np

__all__ = [
    "Either",
    "NotYet",
    "call",
    "compare",
    "component",
    "given",
    "passed",
    "same_twice",
    "several",
    "with_weights",
    "wrong",
]

RELATIVE = 1e-5
"""Float32 sums in another order differ by about 1e-6 of the largest value."""

WIDTH = 96
"""Characters in a line of a message, as a notebook shows it."""


class NotYet(AssertionError):
    """An exercise is not solved yet. A notebook shows the message alone, without a traceback.

    Args:
        what: What is wrong, a sentence with what was found and what was expected.
        mistake: Which mistake it looks like, and what to do instead; empty if it is none that we know.
        look: Where to look.
    """

    def __init__(self, what: str, mistake: str = "", look: str = ""):
        self.what, self.mistake, self.look = what, mistake, look
        lines = [f"✗ {what}"]
        lines += [f"  It looks as if {mistake}"] if mistake else []
        lines += [f"  Where to look: {look}"] if look else []
        super().__init__("\n".join(lines))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback: the message in lines that fit its cell."""
        return [
            line for part in str(self).splitlines() for line in textwrap.wrap(part, WIDTH, subsequent_indent="    ")
        ]


class Either:
    """Several results of the same mistake.

    Args:
        values: Each of the same shape as the right answer.
    """

    def __init__(self, *values: Any):
        self.values = values


def passed(text: str) -> None:
    """Prints that an exercise is solved, in a line that repeats what has been learned."""
    print(f"✓ {text}")


def wrong(what: str, mistake: str = "", look: str = "") -> NoReturn:
    """Stops a check with a message.

    Args:
        what: What is wrong.
        mistake: Which mistake it looks like.
        look: Where to look.

    Raises:
        NotYet: Always.
    """
    raise NotYet(what, mistake, look)


def given(name: str, value: Any) -> Any:
    """The value that a learner had to fill in.

    Raises:
        NotYet: If it is still `...`, or None.
    """
    if value is ... or value is None:
        wrong(f"{name} is not filled in yet: replace the `...`.")
    return value


def call(function: Callable[..., Any], *inputs: Any, **options: Any) -> Any:
    """The result of a learner's function for copies of these inputs.

    Args:
        function: The learner's.
        inputs: Arrays are copied, so that a function that writes into them does no harm.
        options: Keyword arguments.

    Raises:
        NotYet: If it is not written yet, stops with an error, returns nothing, or changes its inputs.
    """
    name = getattr(function, "__name__", "the function")
    copies = [value.copy() if isinstance(value, np.ndarray) else value for value in inputs]
    try:
        result = function(*copies, **options)
    except NotImplementedError:
        wrong(f"{name} is not written yet: replace the line `raise NotImplementedError` by your own.")
    except Exception as error:  # a learner's function may do anything
        raise NotYet(f"{name} stops with {type(error).__name__}: {error}{_line_of(function, error)}") from error
    if result is None:
        wrong(f"{name} returns nothing.", "the line with `return` is missing.")
    if result is ...:
        wrong(f"{name} is not written yet: replace the `...`.")
    for before, after in zip(inputs, copies, strict=True):
        if isinstance(before, np.ndarray) and not np.array_equal(before, after, equal_nan=before.dtype.kind == "f"):
            wrong(
                f"{name} changes the array that it is given.",
                "it works in place (`+=`, `[...] =`, `out=`); make a new array, other code may use the old one.",
            )
    return result


def compare(
    what: str | Callable[..., str],
    got: Any,
    expected: Any,
    mistakes: Mapping[str, Any] | None = None,
    look: str = "",
    relative: float = RELATIVE,
    dtype: type | None = None,
) -> None:
    """Compares a number or an array with the right one.

    Args:
        what: The name in the message: `"psnr(dark, bright)"`; or a function from the index of the worst value of an
            array to this name.
        got: The learner's.
        expected: The right one.
        mistakes: Known mistakes: the text after "It looks as if", and its result (an array of the shape of `got`, or
            `Either`). If `got` is wrong, the first mistake with this result is named.
        look: Where to look.
        relative: Tolerance, as a share of the largest expected value.
        dtype: The type that an array must have; any, if left out.

    Raises:
        NotYet: If they differ.
    """
    right = np.asarray(expected)
    name = what if isinstance(what, str) else what(*np.zeros(right.ndim, int))
    try:
        found = np.asarray(got)
        numeric = found.dtype.kind in "buif"
    except ValueError:  # a list of arrays of different shapes
        numeric = False
    if not numeric:
        wrong(f"{name} is a {type(got).__name__}, not {_kind(right)}.", look=look)
    if found.shape == right.shape and _close(found, right, relative):
        if dtype and found.dtype != dtype:
            wrong(f"{name} has values of the type {found.dtype}, not {np.dtype(dtype)}.", look=look)
        return
    likely = next((text for text, value in (mistakes or {}).items() if _explains(value, found, relative)), "")
    wrong(_difference(what, found, right), likely, look)


def several(what: str, got: Any, parts: str, count: int = 2, mistake: str = "", look: str = "") -> Any:
    """A result that must be a tuple or a list of so many parts.

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
    if not isinstance(got, tuple | list):
        wrong(f"{what} is a {type(got).__name__}, not {parts}.", mistake, look)
    if len(got) != count:
        wrong(f"{what} is a list of {len(got)}, not {parts}.", mistake, look)
    return got


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


def component(learners: Callable[..., Any], kind: str, inputs: Any, look: str = "") -> None:
    """Checks a learner's own component against the contracts of its kind.

    Args:
        learners: The component, such as an instance of the learner's SKFF.
        kind: The contracts' name for it, one of `model.contracts.KINDS`.
        inputs: As `model.contracts.examine` takes them.
        look: Where to look.

    Raises:
        NotYet: With the first contract that is broken, and the mistake that it names.
    """
    from model.contracts import examine

    report = examine(learners, inputs, kind)
    if report.holds:
        return
    contract, verdict = report.broken[0]
    if "NotImplementedError" in verdict.message:
        wrong(
            f"{kind} is not written yet: replace the line `raise NotImplementedError` by your own.",
            look=look,
        )
    more = len(report.broken) - 1
    others = f" ({more} more of its {len(report.results)} contracts do not hold either.)" if more else ""
    wrong(
        f"{kind} breaks the contract “{contract.title}”: {contract.promise} Here {verdict.message}.{others}",
        look=look,
    )


def with_weights(learners: Any, weights: list[np.ndarray], kind: str, inputs: Any, look: str) -> np.ndarray:
    """The output of a learner's component that has the weights of the right one; checks its contracts before.

    Args:
        learners: The component, such as an instance of the learner's SKFF.
        weights: Of the right component.
        kind: As `component` takes it.
        inputs: As `component` takes them.
        look: Where to look.

    Raises:
        NotYet: If a contract is broken, or the weights do not fit.
    """
    fits = [values.shape for values in weights] == [values.shape for values in learners.get_weights()]
    if fits:
        learners.set_weights(weights)
    component(learners, kind, inputs, look)
    if not fits:
        wrong(f"{kind} has other layers than the skeleton, or in another order.", look=look)
    return np.asarray(learners(inputs))


def _line_of(function: Callable[..., Any], error: Exception) -> str:
    """The learner's line in which an error arose."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    code = linecache.getline(file, lines[-1]).strip() if file and lines and lines[-1] else ""
    return f"\n  in the line: {code}" if code else ""


def _close(found: np.ndarray, right: np.ndarray, relative: float) -> bool:
    finite = right[np.isfinite(right)] if right.dtype.kind == "f" else right
    largest = float(np.abs(finite.astype("float64")).max(initial=0.0))
    return bool(np.allclose(found.astype("float64"), right.astype("float64"), rtol=0, atol=relative * (largest or 1)))


def _explains(mistaken: Any, found: np.ndarray, relative: float) -> bool:
    """Whether what was found is the result of a mistake, or one of its results."""
    for value in map(np.asarray, mistaken.values if isinstance(mistaken, Either) else (mistaken,)):
        if value.shape == found.shape and (
            np.array_equal(found, value, equal_nan=found.dtype.kind == "f") or _close(found, value, 10 * relative)
        ):
            return True
    return False


def _difference(what: str | Callable[..., str], found: np.ndarray, right: np.ndarray) -> str:
    at = (0,) * right.ndim
    share = ""
    if right.ndim and found.shape == right.shape:
        off = np.abs(found.astype("float64") - right.astype("float64"))
        at = tuple(map(int, np.unravel_index(np.argmax(np.where(np.isnan(off), np.inf, off)), off.shape)))
        wrong_ones = ~(off <= RELATIVE * max(float(np.abs(right).max(initial=0)), 1e-30))
        share = f"wrong in {np.mean(wrong_ones):.0%} of its values: [{', '.join(map(str, at))}] is "
    name, share = (what, share) if isinstance(what, str) else (what(*at), "")
    if found.shape != right.shape:
        return f"{name} is {_kind(found)}, not {_kind(right)}."
    return f"{name} is {share}{found[at]:.6g}, not {right[at]:.6g}."


def _kind(values: np.ndarray) -> str:
    if not values.shape:
        return "a number"
    return f"an array of the shape {values.shape}"
