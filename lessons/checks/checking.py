"""What all checks are made of: calling a learner's function, comparing what it gives, and saying what is wrong."""

import linecache
import textwrap
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np

__all__ = [
    "Mistake",
    "NotYet",
    "call",
    "compare",
    "component",
    "given",
    "passed",
    "same_twice",
    "wrong",
]

RELATIVE = 1e-5
"""Float32 sums in another order differ by about 1e-6 of the largest value."""


WIDTH = 96
"""Letters in a line of a message, as a notebook shows it."""


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
            line
            for part in str(self).splitlines()
            for line in textwrap.wrap(part, WIDTH, subsequent_indent="    ")
        ]


class Mistake(NamedTuple):
    """A known wrong turn.

    Attributes:
        text: Goes on after "It looks as if": `"max_val is 255 ..."`.
        value: What it gives, of the same shape as the right answer.
    """

    text: str
    value: Any


def passed(text: str) -> None:
    """Says that an exercise is solved, in a line that repeats what has been learned."""
    print(f"✓ {text}")


def wrong(what: str, mistake: str = "", look: str = "") -> NoReturn:
    """Says what is wrong.

    Raises:
        NotYet: Always.
    """
    raise NotYet(what, mistake, look)


def given(name: str, value: Any) -> Any:
    """A value that a learner had to fill in.

    Raises:
        NotYet: If it is still `...`, or None.
    """
    if value is ... or value is None:
        wrong(f"{name} is not filled in yet: replace the `...`.")
    return value


def call(function: Callable[..., Any], *inputs: Any, **options: Any) -> Any:
    """What a learner's function gives for these inputs, of which it gets copies.

    Args:
        function: The learner's.
        inputs: Arrays are copied, so that a function that writes into them does no harm.
        options: Keyword arguments.

    Raises:
        NotYet: If it is not written yet, stops with an error, gives nothing, or writes into its inputs.
    """
    name = getattr(function, "__name__", "the function")
    copies = [value.copy() if isinstance(value, np.ndarray) else value for value in inputs]
    try:
        result = function(*copies, **options)
    except NotImplementedError:
        wrong(
            f"{name} is not written yet: replace the line `raise NotImplementedError` by your own."
        )
    except Exception as error:  # a learner's function may do anything
        raise NotYet(
            f"{name} stops with {type(error).__name__}: {error}{_place(function, error)}"
        ) from error
    if result is None:
        wrong(f"{name} gives nothing back.", "the line with `return` is missing.")
    if result is ...:
        wrong(f"{name} is not written yet: replace the `...`.")
    for before, after in zip(inputs, copies, strict=True):
        if isinstance(before, np.ndarray) and not np.array_equal(
            before, after, equal_nan=before.dtype.kind == "f"
        ):
            wrong(
                f"{name} changes the array that it is given.",
                "it works in place (`+=`, `[...] =`, `out=`); make a new array, or others who use the old one wonder.",
            )
    return result


def compare(
    what: str,
    got: Any,
    expected: Any,
    mistakes: Sequence[Mistake] = (),
    look: str = "",
    relative: float = RELATIVE,
) -> None:
    """Compares a number or an array with what it should be.

    Args:
        what: What it is, as the message has it: `"psnr(dark, bright)"`.
        got: The learner's.
        expected: The right one.
        mistakes: If they differ, the first of these that gives `got` is named.
        look: Where to look.
        relative: How far it may be off, as a share of the largest expected value.

    Raises:
        NotYet: If they differ.
    """
    right = np.asarray(expected)
    try:
        found = np.asarray(got)
        numeric = found.dtype.kind in "buif"
    except ValueError:  # a list of arrays of different shapes
        numeric = False
    if not numeric:
        wrong(f"{what} is a {type(got).__name__}, not {_kind(right)}.", look=look)
    if found.shape == right.shape and _close(found, right, relative):
        return
    likely = next(
        (m.text for m in mistakes if _same(found, np.asarray(m.value), right, relative)), ""
    )
    wrong(f"{what} {_difference(found, right)}", likely, look)


def same_twice(what: str, first: Any, second: Any) -> None:
    """Refuses a function that draws at random and ignores the generator that it is given.

    Raises:
        NotYet: If two results from generators of the same seed differ.
    """
    if not np.array_equal(np.asarray(first), np.asarray(second)):
        wrong(
            f"{what} gives another result with a generator of the same seed.",
            "the noise does not come from `rng`: call `rng.poisson(...)`, not `np.random.poisson(...)`.",
        )


def component(learners: Callable[..., Any], kind: str, inputs: Any, look: str = "") -> None:
    """Checks a learner's own component against the contracts of the one that it is meant to be.

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
    others = (
        f" ({more} more of its {len(report.results)} contracts do not hold either.)" if more else ""
    )
    wrong(
        f"{kind} breaks the contract “{contract.title}”: {contract.promise} Here {verdict.message}.{others}",
        look=look,
    )


def _place(function: Callable[..., Any], error: Exception) -> str:
    """The learner's line in which an error arose."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == file
    ]
    words = linecache.getline(file, lines[-1]).strip() if file and lines and lines[-1] else ""
    return f"\n  in the line: {words}" if words else ""


def _close(found: np.ndarray, right: np.ndarray, relative: float) -> bool:
    finite = right[np.isfinite(right)] if right.dtype.kind == "f" else right
    largest = float(np.abs(finite.astype("float64")).max(initial=0.0))
    return bool(
        np.allclose(
            found.astype("float64"), right.astype("float64"), rtol=0, atol=relative * (largest or 1)
        )
    )


def _same(found: np.ndarray, mistaken: np.ndarray, right: np.ndarray, relative: float) -> bool:
    """Whether a mistake explains what was found: it gives the same, and not (nearly) the right answer."""
    if mistaken.shape != found.shape:
        return False
    return np.array_equal(found, mistaken, equal_nan=found.dtype.kind == "f") or _close(
        found, mistaken, 10 * relative
    )


def _difference(found: np.ndarray, right: np.ndarray) -> str:
    if found.shape != right.shape:
        return f"is {_kind(found)}, not {_kind(right)}."
    if not found.shape:
        return f"is {found.item():.6g}, not {right.item():.6g}."
    off = np.abs(found.astype("float64") - right.astype("float64"))
    worst = np.unravel_index(np.argmax(np.where(np.isnan(off), np.inf, off)), off.shape)
    at = ", ".join(map(str, map(int, worst)))
    share = np.mean(~(off <= RELATIVE * max(float(np.abs(right).max(initial=0)), 1e-30)))
    return f"is wrong in {share:.0%} of its values: [{at}] is {found[worst]:.6g}, not {right[worst]:.6g}."


def _kind(values: np.ndarray) -> str:
    if not values.shape:
        return "a number"
    return f"an array of the shape {values.shape}"
