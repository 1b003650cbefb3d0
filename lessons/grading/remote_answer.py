"""A learner's answer as the judge sees it: functions and layers whose code is in the sandbox, called over the pipe."""

import inspect
import operator
import re
import time
from collections.abc import Callable
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np

from lessons.checks.kit import NotYet, plain
from lessons.grading.data_pipe import Pipe, PipeEnded, generator_moved, generator_sent, packed, unpacked

__all__ = ["LearnersError", "RemoteAnswers"]

PARTS = ("dau", "bring", "skff", "rise", "conv")


class LearnersError(Exception):
    """What an answer stopped with; of a class that is called as the error was."""


class RemoteAnswers:
    """The names of a learner in the sandbox.

    Args:
        pipe: To the process that has them.
        seconds: For all that is asked of it until `until` is called again.
    """

    def __init__(self, pipe: Pipe, seconds: float):
        self._pipe = pipe
        self._served: list[Any]
        self._arrays: dict[bytes, np.ndarray]
        self.ended = False
        self.until(seconds)

    def until(self, seconds: float) -> None:
        """Sets the time that is left from now on; what was handed out before is forgotten."""
        self._served, self._arrays = [], {}
        self._seconds, self._deadline = seconds, time.monotonic() + seconds

    def run(self, source: str, label: str) -> str:
        """Runs a cell; returns what it stopped with, or nothing."""
        try:
            self._asked("this cell", do="cell", source=source, label=label)
        except (LearnersError, NotImplementedError, NotYet) as error:
            return f"{type(error).__name__}: {error}"
        return ""

    def value(self, name: str) -> Any:
        """A value that the learner has given this name to; a function or a layer stays where it is.

        Raises:
            NotYet: If there is none, or the process ends or takes too long.
        """
        try:
            return self._value(self._asked(name, do="get", name=name).get("value"), name)
        except LearnersError:
            raise NotYet(f"{name} is not defined.", "the cell that defines it is missing, or stops.") from None

    def called(self, what: str, number: int, method: str, inputs: tuple, options: dict[str, Any]) -> Any:
        """The result of a call, with the inputs changed as the answer has changed them."""
        sent = [packed(self._remembered(each), self._serve) for each in inputs]
        more = {name: packed(each, self._serve) for name, each in options.items()}
        reply = self._asked(what, do="call", number=number, method=method, inputs=sent, options=more)
        after = None if method else reply.get("after")
        if isinstance(after, list) and len(after) == len(inputs):
            for mine, theirs in zip(inputs, after, strict=True):
                if isinstance(mine, np.random.Generator):
                    generator_moved(mine, theirs)
                else:
                    _change(mine, self._value(theirs, what))
        return self._value(reply.get("value"), what)

    def _asked(self, what: str, **request: Any) -> dict[str, Any]:
        """The reply to a request; meanwhile, whatever the answer asks back is done."""
        try:
            self._pipe.send(request, self._left())
            while True:
                reply = self._pipe.receive(self._left())
                if not isinstance(reply, dict):
                    raise PipeEnded
                if "use" not in reply:
                    break
                self._pipe.send(self._use(reply), self._left())
        except TimeoutError:
            self.ended = True
            late = f"{what} has not ended after {self._seconds:.0f} seconds, and was stopped."
            raise NotYet(late, "a loop does not come to its end: does its condition change in each round?") from None
        except PipeEnded:
            self.ended = True
            gone = "it ends Python (`os._exit`, `exit`), takes too much memory, or does what a sandbox forbids."
            raise NotYet(f"{what} has ended the process that it ran in.", gone) from None
        if "error" in reply:
            line = f" (in the line: {reply.get('line')})" if reply.get("line") else ""
            if reply["error"] == "NotImplementedError":
                raise NotImplementedError
            kind = re.sub(r"\W", "", str(reply["error"]))[:60] or "Error"
            raise type(kind, (LearnersError,), {})(f"{reply.get('text')}{line}")
        return reply

    def _left(self) -> float:
        """Seconds, above 0: an answer may ask back for ever."""
        if (left := self._deadline - time.monotonic()) <= 0:
            raise TimeoutError
        return left

    def _value(self, message: Any, name: str) -> Any:
        """The value of a message that may be anything."""

        def held(message: dict[str, Any]) -> Any:
            number = message.get("number")
            if message.get("kind") == "served" and isinstance(number, int) and 0 <= number < len(self._served):
                return self._served[number]
            if message.get("kind") != "held":
                raise ValueError("no value")
            return (RemoteFunction if message.get("callable") else RemoteThing)(self, message, name)

        try:
            value = unpacked(message, held)
        except (ValueError, KeyError, TypeError, RecursionError, MemoryError, OverflowError):
            raise NotYet(f"{name} gives what is no number, text or array.") from None
        return self._known(value)

    def _known(self, value: Any) -> Any:
        """Arrays that the judge has handed out, and sums of two, are its own again: they know where they come from."""
        if isinstance(value, np.ndarray) and self._arrays:
            if (known := self._arrays.get(value.tobytes())) is not None:
                return known
            alike = [each for each in self._arrays.values() if each.shape == value.shape and each.dtype == value.dtype]
            sums = (one + other for one, other in combinations(alike, 2))
            return next((each for each in sums if np.array_equal(each, value)), value)
        if type(value) in (list, tuple):
            return type(value)(map(self._known, value))
        return value

    def _serve(self, value: Any) -> dict[str, Any]:
        """Keeps something of the judge's, whose methods the answer may call."""
        if isinstance(value, np.random.Generator):
            return generator_sent(value)
        if isinstance(array := plain(value), np.ndarray):  # of another library
            return packed(array, dict)
        methods = _methods(value)
        if not methods and not callable(value):
            raise TypeError(f"a {type(value).__name__} cannot be handed to an answer")
        numbers = [k for k, each in enumerate(self._served) if each is value]
        if not numbers:
            self._served.append(value)
        return {
            "kind": "served",
            "number": numbers[0] if numbers else len(self._served) - 1,
            "methods": list(methods),
        }

    def _use(self, request: dict[str, Any]) -> dict[str, Any]:
        """Calls something of the judge's for an answer."""
        try:
            number, method = int(request["use"]), str(request["method"])
            inputs = [self._value(each, "this") for each in request["inputs"]]
            options = {str(name): self._value(each, "this") for name, each in request["options"].items()}
            thing = self._served[number] if number >= 0 else None
            if method not in (_methods(thing) or ("",)):
                raise AttributeError(method)
            result = (getattr(thing, method) if method else thing)(*inputs, **options)  # type: ignore[misc]
            return {"value": packed(self._remembered(result), self._serve)}
        except Exception as error:  # the answer may have asked for anything
            return {"error": type(error).__name__, "text": str(error)}

    def _remembered(self, value: Any) -> Any:
        """The value; arrays that know where they come from are found again when they come back."""
        if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
            self._arrays[np.asarray(value).tobytes()] = value
        elif isinstance(value, list | tuple):
            for each in value:
                self._remembered(each)
        return value


def _methods(value: Any) -> tuple[str, ...]:
    """Of something of the judge's, what an answer may call."""
    return PARTS if all(hasattr(value, name) for name in PARTS) else ()


def _change(mine: Any, theirs: Any) -> None:
    """Makes of an input what an answer has made of its copy."""
    if isinstance(mine, np.ndarray) and isinstance(theirs, np.ndarray) and mine.shape == theirs.shape:
        mine[...] = theirs
    elif isinstance(mine, list) and isinstance(theirs, list):
        mine[:] = theirs
    elif isinstance(mine, dict) and isinstance(theirs, dict):
        mine.clear()
        mine.update(theirs)
    elif isinstance(mine, SimpleNamespace) and isinstance(theirs, SimpleNamespace):
        vars(mine).update(vars(theirs))


class RemoteThing:
    """Something in the sandbox that is no value."""

    def __init__(self, answers: RemoteAnswers, message: dict[str, Any], name: str):
        self._answers, self._number = answers, int(message.get("number", 0))
        self.__name__ = str(message.get("name") or name)[:60]


class RemoteFunction(RemoteThing):
    """A function, a class or a layer in the sandbox."""

    call: Callable[..., Any] = staticmethod(operator.call)  # type: ignore[arg-type]
    """Of a layer, the method whose steps could be followed; there is no source of it here."""

    def __init__(self, answers: RemoteAnswers, message: dict[str, Any], name: str):
        super().__init__(answers, message, name)
        names = [each for each in map(str, message.get("parameters", ())) if each.isidentifier()]
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        if names and len(set(names)) == len(names):  # for messages, which name an input
            self.__signature__ = inspect.Signature([inspect.Parameter(each, kind) for each in names])

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        return self._answers.called(self.__name__, self._number, "", inputs, options)

    def get_weights(self) -> Any:
        """Of a layer."""
        weights = self._answers.called(self.__name__, self._number, "get_weights", (), {})
        return [np.asarray(each) for each in weights] if isinstance(weights, list) else []

    def set_weights(self, weights: Any) -> None:
        """Of a layer."""
        self._answers.called(self.__name__, self._number, "set_weights", (weights,), {})
