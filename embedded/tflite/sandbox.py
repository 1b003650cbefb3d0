"""Sandbox for `.tflite` files: tries them out in a process of their own.

The interpreter is C++ and trusts the file: a damaged or hostile one can end the whole process, or keep it busy for
ever. So a file from outside is first read, allocated and invoked once in another process, with a limit on memory and
time. If that process dies, an error says so.

    python -m embedded.tflite.sandbox FILE...      a line of JSON for each: null, or what is wrong
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from embedded.tflite.graph_file import ModelFileError

__all__ = ["faults", "vet"]

MEMORY = 4 << 30  # bytes of address space; a network of ours needs a tenth
SECONDS = 60  # of processor time

_passed: set[str] = set()  # SHA-256 of the files that went through in this process


def vet(model: bytes) -> None:
    """Checks that a model can be read, allocated and invoked.

    Raises:
        ModelFileError: If it cannot, with the reason.
    """
    digest = hashlib.sha256(model).hexdigest()
    if digest in _passed:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        path.write_bytes(model)
        fault = faults([path])[0]
    if fault is not None:
        raise ModelFileError(fault)
    _passed.add(digest)


def faults(paths: Sequence[Path]) -> list[str | None]:
    """What is wrong with each of several files; None for those that work."""
    found: list[str | None] = []
    while len(found) < len(paths):  # more than once only where a fault ends the helper and not only its child
        rest = paths[len(found) :]
        command = [sys.executable, "-m", "embedded.tflite.sandbox", *map(str, rest)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(("null", '"'))]
        found += answers[: len(rest)]
        if len(answers) < len(rest):
            found.append(_death(done.returncode))
    return found


def _death(code: int) -> str:
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"this .tflite file is damaged: the interpreter does not survive it ({how})"


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
        reason = " ".join(str(error).split()) or type(error).__name__
        return f"this .tflite file is damaged, the interpreter says: {reason}"
    return None


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _in_a_child(path: Path) -> str | None:
    """`_fault` in a fork of this process, where there are forks."""
    if not hasattr(os, "fork"):
        return _fault(path)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _limit()
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

    from embedded.tflite.runtime import load_runtime
    from embedded.tflite.schema import schema

    load_runtime()
    schema()
    for name in sys.argv[1:]:
        print(json.dumps(_in_a_child(Path(name))), flush=True)
