"""The TFLite interpreter, from `tflite-runtime` or `ai-edge-litert`.

`tflite-runtime` has wheels for Linux up to Python 3.11 and needs NumPy below 2; its successor `ai-edge-litert` has the
same interface and serves all other systems. Both compute byte for byte what the board computes, if and only if the
**reference kernels** are chosen (`BUILTIN_REF`): the default, optimized kernels differ by 1 or 2 steps of int8.

    from embedded.tflite.runtime import reference_interpreter
    interpreter = reference_interpreter(open("model.tflite", "rb").read())
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from model.errors import MirnetError

__all__ = [
    *("Runtime", "RuntimeMissingError", "interpreter_class", "load_runtime", "reference_interpreter"),
    *("runtime_version", "self_check"),
]

# (distribution on PyPI, module); the first that can work is taken.
CANDIDATES = (("tflite-runtime", "tflite_runtime.interpreter"), ("ai-edge-litert", "ai_edge_litert.interpreter"))

PROBE = Path(__file__).parent / "probe.tflite"  # made by tools/make_probe.py
PROBE_TOLERANCE = 1e-6  # two float32 operations on values up to 1


class RuntimeMissingError(MirnetError):
    """No TFLite interpreter can be used here; the message names the pip command to run."""


@dataclass(frozen=True)
class Runtime:
    """The interpreter that was found.

    Attributes:
        name: Distribution on PyPI, `tflite-runtime` or `ai-edge-litert`.
        version: Of that distribution.
        interpreter: Its `Interpreter` class.
        builtin_ref: Its `OpResolverType.BUILTIN_REF`, the reference kernels.
    """

    name: str
    version: str
    interpreter: type
    builtin_ref: Any


def _obstacle(distribution: str, module: str, numpy_version: str) -> str | None:
    """Why this candidate cannot work here; None if it can."""
    if find_spec(module.partition(".")[0]) is None:
        return f"{distribution} is not installed"
    if distribution == "tflite-runtime" and int(numpy_version.partition(".")[0]) >= 2:
        # It imports, and then every Interpreter(...) fails.
        return f"tflite-runtime needs NumPy below 2, and NumPy {numpy_version} is here (pip install 'numpy<2')"
    return None


@contextmanager
def _own_symbols_first() -> Iterator[None]:
    """A library loaded inside prefers its own symbols to those already loaded.

    TensorFlow makes its symbols global, and tflite-runtime carries an older copy of the same C++ code: imported after
    TensorFlow, it calls into TensorFlow's copy, and `Interpreter(...)` ends with "ValueError: vector::reserve".
    """
    if not hasattr(os, "RTLD_DEEPBIND"):  # glibc has it, and tflite-runtime has wheels for glibc only
        yield
        return
    before = sys.getdlopenflags()
    sys.setdlopenflags(before | os.RTLD_DEEPBIND)
    try:
        yield
    finally:
        sys.setdlopenflags(before)


@cache
def load_runtime() -> Runtime:
    """Imports the TFLite runtime of this machine.

    Raises:
        RuntimeMissingError: If neither runtime is installed, or only tflite-runtime beside NumPy 2.
    """
    obstacles = []
    for distribution, module in CANDIDATES:
        obstacle = _obstacle(distribution, module, np.__version__)
        if obstacle is None:
            with _own_symbols_first():
                found = import_module(module)
            version = metadata.version(distribution)
            return Runtime(distribution, version, found.Interpreter, found.OpResolverType.BUILTIN_REF)
        obstacles.append(obstacle)
    raise RuntimeMissingError(f"no TFLite interpreter: {'; '.join(obstacles)}: pip install ai-edge-litert")


def interpreter_class() -> type:
    """The `Interpreter` class of the runtime (see `load_runtime` for errors)."""
    return load_runtime().interpreter


def runtime_version() -> str:
    """Name and version of the runtime, for example `tflite-runtime 2.14.0`."""
    runtime = load_runtime()
    return f"{runtime.name} {runtime.version}"


def reference_interpreter(model: bytes, keep_intermediates: bool = False) -> Any:
    """An interpreter that computes as the board does, tensors allocated.

    Args:
        model: Bytes of a `.tflite` file.
        keep_intermediates: Keep every intermediate tensor readable after `invoke` (costs memory).

    Raises:
        RuntimeMissingError: See `load_runtime`.
        ValueError: If `model` is no TFLite model, or uses an operator that the reference kernels lack.
    """
    runtime = load_runtime()
    interpreter = runtime.interpreter(
        model_content=model,
        experimental_op_resolver_type=runtime.builtin_ref,
        experimental_preserve_all_tensors=keep_intermediates,
    )
    interpreter.allocate_tensors()
    return interpreter


def self_check() -> str:
    """Invokes a tiny model, y = max(2 x - 1, 0), and compares with NumPy.

    Returns:
        Name and version of the runtime.

    Raises:
        RuntimeMissingError: If there is no runtime, or it cannot invoke or computes something else.
    """
    x = np.linspace(0.0, 1.0, 16, dtype=np.float32).reshape(1, 4, 4, 1)
    try:
        interpreter = reference_interpreter(PROBE.read_bytes())
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
        interpreter.invoke()
        y = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    except (ImportError, ValueError, RuntimeError) as error:
        if isinstance(error, RuntimeMissingError):
            raise
        raise RuntimeMissingError(f"the TFLite interpreter is here and fails: {error}") from error
    if not np.allclose(y, np.maximum(2 * x - 1, 0), atol=PROBE_TOLERANCE):
        raise RuntimeMissingError(f"{runtime_version()} computes something else than NumPy")
    return runtime_version()
