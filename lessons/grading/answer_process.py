"""What runs in the sandbox: a learner's cells and functions, as the judge asks for them.

`python -m lessons.grading.answer_process MEGABYTES SECONDS`: requests come on standard input, replies go to standard
output. Nothing here decides anything: whoever takes over this process can only send other outputs.
"""

import builtins
import inspect
import linecache
import os
import re
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

from lessons.checks.kit import CountedGenerator, plain
from lessons.grading.data_pipe import Pipe, generator_moved, generator_sent, packed, unpacked
from model.safety.process_limits import limit_process

__all__ = ["main"]

CELL = "<cell "
METHODS = ("get_weights", "set_weights")
MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
LONGEST = 400
"""Letters of an error that are sent."""

LEFT_OUT = ("drawing", *(f"checks.{name}" for name in
    ("dark", "pipeline", "streams", "skff", "dau", "mirnet", "training", "int8", "memory", "nano")))  # fmt: skip
"""Modules of the lessons that are not here: figures are not looked at, and the checks are the judge's."""


class Nothing:
    """Takes the place of what draws and checks: whatever is done with it gives another one."""

    def __getattr__(self, name: str) -> "Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *inputs: Any, **options: Any) -> "Nothing":
        return self

    def __getitem__(self, key: Any) -> "Nothing":
        raise IndexError(key)


class Elsewhere(ModuleType):
    """A module whose every name is `Nothing`."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()


class Served:
    """Something of the judge's: its calls are the judge's to make."""

    def __init__(self, number: int, methods: list[str], use: Callable[..., Any]):
        self._number, self._methods, self._use = number, methods, use

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        return self._use(self._number, "", inputs, options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._methods:
            raise AttributeError(f"there is no {name!r} where answers are graded")
        return lambda *inputs, **options: self._use(self._number, name, inputs, options)


class Answers:
    """The learner's names, and what the judge does with them.

    Args:
        pipe: To the judge.
    """

    def __init__(self, pipe: Pipe):
        self._pipe = pipe
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._held: list[Any] = []

    def serve(self) -> None:
        """Does what is asked, until nobody asks any more."""
        while True:
            request = self._pipe.receive()
            try:
                reply = getattr(self, f"do_{request.pop('do')}")(**request)
            except BaseException as error:  # a learner's code may do anything
                reply = _told(error)
            self._pipe.send(reply)

    def do_cell(self, source: str, label: str) -> dict[str, Any]:
        """Runs a cell."""
        file = f"{CELL}{label}>"
        try:
            code = compile(source, file, "exec")
        except SyntaxError:
            source = MAGIC.sub(r"\1pass", source)
            code = compile(source, file, "exec")
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        exec(code, self._names)
        return {}

    def do_get(self, name: str) -> dict[str, Any]:
        """A value of the learner's, or what stands for it."""
        if name not in self._names:
            raise NameError(f"{name} is not defined")
        return {"value": packed(plain(self._names[name]), self._hold)}

    def do_call(self, number: int, method: str, inputs: list[Any], options: dict[str, Any]) -> dict[str, Any]:
        """Calls what the judge was handed; the reply has the result, and the inputs if they were changed."""
        function = getattr(self._held[number], method) if method in METHODS else self._held[number]
        mine = [self._here(each) for each in inputs]
        before = [self._sent(each) for each in mine]
        result = plain(function(*mine, **{name: self._here(each) for name, each in options.items()}))
        after = [self._sent(each) for each in mine]
        return {"value": packed(result, self._hold), "after": None if before == after else after}

    def _hold(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Served):
            return {"kind": "served", "number": value._number}
        self._held.append(value)
        return {
            "kind": "held",
            "number": len(self._held) - 1,
            "type": type(value).__name__,
            "name": getattr(value, "__name__", ""),
            "callable": callable(value),
            "parameters": _parameters(value),
        }

    def _sent(self, value: Any) -> Any:
        if isinstance(value, CountedGenerator):
            return generator_sent(value)
        return packed(value, lambda other: {"kind": "served", "number": getattr(other, "_number", -1)})

    def _here(self, message: Any) -> Any:
        if isinstance(message, dict) and message.get("kind") == "generator":
            rng = CountedGenerator(0)
            generator_moved(rng, message)
            return rng
        return unpacked(message, lambda held: Served(held["number"], held["methods"], self._use), records=True)

    def _use(self, number: int, method: str, inputs: tuple, options: dict[str, Any]) -> Any:
        """Asks the judge for a call of something of its own."""
        sent = {name: packed(plain(each), self._hold) for name, each in options.items()}
        inputs_sent = [packed(plain(each), self._hold) for each in inputs]
        self._pipe.send({"use": number, "method": method, "inputs": inputs_sent, "options": sent})
        reply = self._pipe.receive()
        if "error" in reply:
            kind = getattr(builtins, reply["error"], RuntimeError)
            raise (kind if isinstance(kind, type) and issubclass(kind, Exception) else RuntimeError)(reply["text"])
        return self._here(reply["value"])


def _parameters(value: Any) -> list[str]:
    try:
        return list(inspect.signature(value).parameters)
    except (TypeError, ValueError):
        return []


def _told(error: BaseException) -> dict[str, Any]:
    """An error for the judge: its kind, its text, and the learner's line."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(CELL)]
    line = linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip() if frames else ""
    return {"error": type(error).__name__, "text": str(error)[:LONGEST], "line": line}


def main(megabytes: int, seconds: int) -> None:
    """Serves a judge; standard input and output are closed to the learner's code.

    Args:
        megabytes: Memory that this process may take, where the system can limit it.
        seconds: Processor time, likewise: for an answer that outlives its judge.
    """
    pipe = Pipe(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    limit_process(seconds, megabytes * 2**20)
    for name in LEFT_OUT:
        sys.modules[f"lessons.{name}"] = Elsewhere(f"lessons.{name}")
    import lessons.checks

    lessons.checks.agrees = Nothing()  # type: ignore[assignment]
    for name in LEFT_OUT[1:]:
        setattr(lessons.checks, name.partition(".")[2], sys.modules[f"lessons.{name}"])
    Answers(pipe).serve()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
