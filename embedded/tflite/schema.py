"""Schema of the TFLite file format: TensorFlow's generated classes, without importing TensorFlow.

A `.tflite` file is a FlatBuffer. TensorFlow ships the Python classes of its schema in one file that needs
`flatbuffers` and NumPy only; loaded by its path it takes a tenth of a second, where `import tensorflow` takes three.

Format: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
"""

from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from model.errors import MirnetError

__all__ = ["IDENTIFIER", "pack", "schema", "unpack"]

IDENTIFIER = b"TFL3"
"""Bytes 4 to 7 of every .tflite file."""

FILES = {"tensorflow": "lite/python/schema_py_generated.py", "ai_edge_litert": "schema_py_generated.py"}
INITIAL_BYTES = 1 << 20  # of the buffer that a model is packed into; it grows


@cache
def schema() -> ModuleType:
    """The module with the format's classes: `ModelT`, `TensorT`, `BuiltinOperator`, ...

    Raises:
        MirnetError: If neither TensorFlow nor ai-edge-litert is installed.
    """
    for package, file in FILES.items():
        found = find_spec(package)
        for folder in (found.submodule_search_locations or ()) if found else ():
            path = Path(folder) / file
            if path.exists():
                spec = spec_from_file_location("embedded._tflite_schema", path)
                assert spec is not None and spec.loader is not None
                module = module_from_spec(spec)
                spec.loader.exec_module(module)
                return module
    raise MirnetError("reading .tflite files needs TensorFlow's description of them: pip install tensorflow")


def unpack(model: bytes) -> Any:
    """The content of a file as objects that can be changed (`ModelT`); `embedded.tflite.graph_file` checks it."""
    return schema().ModelT.InitFromPackedBuf(model, 0)


def pack(content: Any) -> bytes:
    """The bytes of a `ModelT`. The same content gives the same bytes."""
    import flatbuffers

    builder = flatbuffers.Builder(INITIAL_BYTES)
    builder.Finish(content.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())
