"""Sandbox for `.tflite` files: tries them out in a process of their own.

The interpreter is C++ and trusts the file: a damaged or hostile one can end the whole process, or keep it busy for
ever. So a file from outside is first read, allocated and invoked once in another process, with a limit on memory and
time. If that process dies, an error says so.

    python -m embedded.tflite.sandbox FILE...      `ready`, and a line of JSON for each: null, or what is wrong
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from embedded.tflite.graph_file import ModelFileError
from embedded.tflite.runtime import load_runtime
from model.errors import MirnetError
from model.safety.process_limits import limit_process, own_process, told_by_limits
from model.safety.whole_files import reason_of

__all__ = ["faults", "vet"]

READY = "ready"  # what the process says once it can try files out
MEMORY = 4 << 30  # bytes of its own data; a network of ours needs a tenth
SECONDS = 60  # of processor time
OUT_OF_MEMORY = 1  # an exit code, for a fault that did not end the process

_passed: set[str] = set()  # SHA-256 of the files that went through in this process


def vet(model: bytes) -> None:
    """Checks that a model can be read, allocated and invoked.

    Raises:
        ModelFileError: If it cannot, with the reason.
        RuntimeMissingError: If there is no TFLite interpreter.
        MirnetError: If no file can be tried out here.
    """
    digest = hashlib.sha256(model).hexdigest()
    if digest in _passed:
        return
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.tflite"
            path.write_bytes(model)
            fault = faults([path])[0]
    except OSError as error:
        raise MirnetError(f"no .tflite file can be tried out here: {reason_of(error)}") from error
    if fault is not None:
        raise ModelFileError(fault)
    _passed.add(digest)


def faults(paths: Sequence[Path]) -> list[str | None]:
    """What is wrong with each of several files; None for those that work.

    Raises:
        RuntimeMissingError: If there is no TFLite interpreter.
        MirnetError: If no file can be tried out here.
    """
    load_runtime()  # a missing one is not the file's fault
    found: list[str | None] = []
    while len(found) < len(paths):  # more than once only where a fault ends the helper and not only its child
        rest = paths[len(found) :]
        command, environment = own_process("embedded.tflite.sandbox", *map(str, rest))
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if READY not in done.stdout.split():
            raise MirnetError(_unready(done.returncode, done.stderr))
        answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(("null", '"'))]
        found += answers[: len(rest)]
        if len(answers) < len(rest):
            found.append(_death(done.returncode))
    return found


def _unready(code: int, errors: str) -> str:
    """What to say about a process that ended before it could try a file out."""
    reason = told_by_limits(code, SECONDS, MEMORY) or errors.strip().split("\n")[-1] or _how(code)
    return f"no .tflite file can be tried out here: {reason}"


def _death(code: int) -> str:
    """What to say about a process that ended while it tried a file out."""
    if limits := told_by_limits(code, SECONDS, MEMORY):
        return _limited(limits)
    # A machine or a container whose memory runs out ends a process by SIGKILL; an interpreter that goes wrong does not.
    what = "damaged, or memory ran out" if code == -getattr(signal, "SIGKILL", 0) else "damaged"
    return f"this .tflite file is {what}: the interpreter does not survive it ({_how(code)})"


def _limited(limits: str) -> str:
    return f"this .tflite file was not tried out to the end: {limits}; if that does not help, it is damaged"


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _fault(path: Path) -> str | None:
    """Reads and runs a file in this process, which may die of it."""
    from embedded.tflite.graph_file import read_graph
    from embedded.tflite.runtime import reference_interpreter

    try:
        model = path.read_bytes()
        graph = read_graph(model)
        interpreter = reference_interpreter(model)
        if [each["index"] for each in interpreter.get_input_details()] != list(graph.inputs):
            return "this .tflite file is damaged: the interpreter has other inputs than the file says"
        interpreter.invoke()  # on zeros, as allocated
    except (ModelFileError, OSError) as error:
        return str(error)
    except (ValueError, RuntimeError, MemoryError) as error:
        if isinstance(error, MemoryError) and (limits := told_by_limits(OUT_OF_MEMORY, SECONDS, MEMORY)):
            return _limited(limits)
        reason = " ".join(str(error).split()) or type(error).__name__
        return f"this .tflite file is damaged, the interpreter says: {reason}"
    return None


def _in_a_child(path: Path) -> str | None:
    """`_fault` in a fork of this process, where there are forks."""
    if not hasattr(os, "fork"):
        return _fault(path)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        limit_process(SECONDS, MEMORY)
        os.close(reader)
        with os.fdopen(writer, "w") as out:
            json.dump(_fault(path), out)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return json.loads(said) if code == 0 and said else _death(code)


if __name__ == "__main__":
    import numpy  # noqa: F401  # once, before the forks

    from embedded.tflite.schema import schema

    load_runtime()
    schema()
    print(READY, flush=True)
    for name in sys.argv[1:]:
        print(json.dumps(_in_a_child(Path(name))), flush=True)
