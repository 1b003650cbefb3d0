"""Follows a learner's computation: every expression in an answer and its value, compared with the right steps.

The answer's own source is compiled once more, with each expression inside a call that writes down its value. So it does
not matter which library computes, or whether a step has a name.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lessons.checks.kit.calling import copied
from lessons.checks.kit.plain import plain
from lessons.checks.kit.relations import close, related

__all__ = ["LearnerStep", "Steps", "recorded_steps"]

MOST_STEPS = 3000
MOST_VALUES = 200_000
SEEN = "__seen"
LOOSE = 1e-4
"""Tolerance of a step: float32 sums in another order."""

WATCHED = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Compare, ast.IfExp, ast.Subscript, ast.ListComp, ast.Attribute)


class LearnerStep(NamedTuple):
    """An expression of an answer, as it is written, and an array of its value."""

    text: str
    value: np.ndarray


@dataclass(frozen=True)
class Steps:
    """The right steps to a result, and how to run the answer again.

    Attributes:
        function: The learner's.
        inputs: As it was called.
        stages: What each step gives, by its name, in order; a tuple of arrays where there are several right ways.
        parallel: Whether the stages do not follow one from the other. Else a later one that is right excuses all
            before it: there are other ways to get there.
    """

    function: Callable[..., Any]
    inputs: tuple
    stages: Mapping[str, Any]
    parallel: bool = False

    def departure(self) -> str:
        """Where the answer leaves the right computation, in a sentence; empty if nothing can be said."""
        taken = recorded_steps(self.function, self.inputs)
        if not taken:
            return ""
        hits = {name: _first(taken, due) for name, due in self.stages.items()}
        names, found = list(hits), [name for name in hits if hits[name] is not None]
        reached = names.index(found[-1]) + 1 if found and not self.parallel else 0
        missing = next((name for name in names[reached:] if hits[name] is None), "")
        sure = _before(missing, names, found) if self.parallel and missing else (found or [""])[-1]
        begin = f"“{sure}” is right (`{taken[hits[sure] or 0].text}`)" if sure else ""
        if not missing:
            return f"{begin}, but it is not what comes out at the end."
        due = _ways(self.stages[missing])[0]
        after = taken[(hits[sure] or 0) if sure and not self.parallel else 0 :]
        near = next(((step, text) for step in after if (text := related(step.value, due, "it", LOOSE))), None)
        hint = f" `{near[0].text}` is {near[1]}." if near else ""
        return (f"{begin}. Then, no" if sure else "No") + f" step of yours is “{missing}”.{hint}"


def _before(missing: str, names: list[str], found: list[str]) -> str:
    return next((name for name in reversed(names[: names.index(missing)]) if name in found), "")


def _ways(due: Any) -> tuple[np.ndarray, ...]:
    return tuple(np.asarray(each) for each in (due if isinstance(due, tuple) else (due,)))


def _first(taken: list[LearnerStep], due: Any) -> int | None:
    """The first step whose value is one of the right ones, whatever axes of length 1 it has."""
    for k, step in enumerate(taken):
        for way in _ways(due):
            if step.value.size == way.size and close(step.value.reshape(-1), way.reshape(-1), LOOSE):
                return k
    return None


def recorded_steps(function: Callable[..., Any], inputs: tuple) -> list[LearnerStep]:
    """Every expression with a number or an array that an answer computes, in the order of computation.

    Args:
        function: With its source in a file or a cell; of any other, and of a generator, nothing is recorded.
        inputs: Copied.
    """
    try:
        instrumented, texts = _instrumented(function)
    except (OSError, TypeError, SyntaxError, ValueError):
        return []
    taken: list[LearnerStep] = []

    def seen(number: int, value: Any) -> Any:
        if len(taken) < MOST_STEPS and not isinstance(value, Iterator):  # reading one would use it up
            try:
                array = np.array(plain(value))
            except Exception:  # anything that is no number
                return value
            if array.dtype.kind in "buif" and 0 < array.size <= MOST_VALUES:
                taken.append(LearnerStep(texts[number], array))
        return value

    try:
        plain(instrumented(seen)(*copied(inputs)))
    except Exception:
        pass  # the steps before the error are what we want
    return taken


def _instrumented(function: Callable[..., Any]) -> tuple[Callable, list[str]]:
    """A function that takes the recorder and gives the answer with recording, and the text of each expression."""
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise ValueError("no function")
    definition.decorator_list = []
    watcher = _Watcher(source)
    definition.body = [watcher.visit(line) for line in definition.body]
    names = [SEEN, *function.__code__.co_freevars]
    arguments = ast.arguments([], [ast.arg(name) for name in names], kwonlyargs=[], kw_defaults=[], defaults=[])
    returned = ast.Return(ast.Name(definition.name, ast.Load()))
    factory = ast.FunctionDef("__made", arguments, [definition, returned], [], lineno=1)
    if "type_params" in ast.FunctionDef._fields:
        factory.type_params = []  # type: ignore[attr-defined, unused-ignore]
    module = ast.fix_missing_locations(ast.Module([factory], []))
    made: dict[str, Any] = {}
    exec(compile(module, function.__code__.co_filename, "exec"), function.__globals__, made)
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    return (lambda seen: made["__made"](seen, *cells)), watcher.texts


class _Watcher(ast.NodeTransformer):
    """Puts every expression into a call of the recorder, with the number of its text."""

    def __init__(self, source: str):
        self.source = source
        self.texts: list[str] = []

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.JoinedStr | ast.Lambda | ast.FunctionDef | ast.arguments):
            return node
        if isinstance(node, ast.Call):  # the function itself is no step
            node.args = [self.visit(each) for each in node.args]
            node.keywords = [self.visit(each) for each in node.keywords]
            if isinstance(node.func, ast.Attribute):
                node.func.value = self.visit(node.func.value)
        else:
            self.generic_visit(node)
        if not isinstance(node, WATCHED) or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return node
        text = " ".join((ast.get_source_segment(self.source, node) or "").split())
        self.texts.append(text if len(text) <= 60 else text[:58] + " …")
        number = ast.Constant(len(self.texts) - 1)
        return ast.Call(ast.Name(SEEN, ast.Load()), [number, node], [])
