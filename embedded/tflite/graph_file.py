"""Reads a `.tflite` file into a graph, and refuses a broken one.

All that later code relies on is checked here: indices are valid, shapes are known, constants have as many bytes as
their shape says, and every tensor is made before it is used. So a broken file ends in one clear error. (It can also
break the interpreter itself; for that see `embedded.tflite.sandbox`.)
"""

import math
from typing import Any

import numpy as np

from embedded.tflite.graph import Graph, Operator, Quantization, Tensor
from embedded.tflite.schema import IDENTIFIER, schema, unpack
from model.errors import MirnetError

__all__ = ["ModelFileError", "read_graph"]

LARGEST = 1 << 31  # bytes; the format's offsets have 32 bits, and no tensor of ours comes near
NAMES = ("float32", "float16", "int8", "int16", "int32", "int64", "uint8", "bool")
DTYPES = {name.upper(): np.dtype(name) for name in NAMES}


class ModelFileError(MirnetError):
    """A .tflite file that is broken, or that is no such file."""


def read_graph(model: bytes) -> Graph:
    """The graph in the bytes of a .tflite file.

    Args:
        model: The file's bytes.

    Returns:
        Tensors with shapes, scales and zero points, and operators in the order of execution.

    Raises:
        ModelFileError: If they are no such file, are truncated or damaged, or hold something that no network of ours
            has (several subgraphs, unknown sizes).
    """
    if len(model) < 8 or model[4:8] != IDENTIFIER:
        raise ModelFileError("this is no .tflite file (bytes 4 to 7 must be TFL3): give one that mirnet quantize wrote")
    try:
        return _checked(_read(model))
    except ModelFileError:
        raise
    except Exception as error:  # of damaged offsets: struct.error, IndexError, ...
        raise ModelFileError(f"this .tflite file is cut off or damaged ({type(error).__name__}: {error})") from error


def _read(model: bytes) -> Graph:
    content = unpack(model)
    if len(content.subgraphs) != 1:
        raise ModelFileError(f"the model has {len(content.subgraphs)} subgraphs; a network of ours has 1")
    names = _names(schema().BuiltinOperator)
    buffers = [_bytes_of(buffer.data) for buffer in content.buffers]
    graph = content.subgraphs[0]
    kinds = [names[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in content.operatorCodes]
    return Graph(
        tuple(_tensor(index, tensor, buffers) for index, tensor in enumerate(graph.tensors)),
        tuple(_operator(index, each, kinds) for index, each in enumerate(graph.operators)),
        _indices(graph.inputs),
        _indices(graph.outputs),
        {_text(each.name): buffers[each.buffer] for each in content.metadata or ()},
    )


def _tensor(index: int, tensor: Any, buffers: list[bytes]) -> Tensor:
    name = _text(tensor.name)
    kind = _names(schema().TensorType)[tensor.type]
    if kind not in DTYPES:
        raise ModelFileError(f"tensor {index} ({name}) has the type {kind}, which no network of ours has")
    dtype = DTYPES[kind]
    shape = () if tensor.shape is None else tuple(int(size) for size in tensor.shape)
    if any(size < 1 for size in shape) or math.prod(shape) * dtype.itemsize > LARGEST:
        raise ModelFileError(f"tensor {index} ({name}) has the impossible shape {shape}")
    stored = buffers[tensor.buffer]
    if stored and len(stored) != math.prod(shape) * dtype.itemsize:
        raise ModelFileError(f"tensor {index} ({name}) of shape {shape} comes with {len(stored)} bytes")
    data = np.frombuffer(stored, dtype).reshape(shape) if stored else None
    return Tensor(index, name, shape, dtype, data, _quantization(index, tensor.quantization, shape))


def _quantization(index: int, found: Any, shape: tuple[int, ...]) -> Quantization | None:
    if found is None or found.scale is None or len(found.scale) == 0:
        return None
    scale = np.asarray(found.scale, np.float32)
    zero_point = np.asarray(found.zeroPoint, np.int64)
    axis = int(found.quantizedDimension)
    if len(scale) != len(zero_point) or (len(scale) > 1 and shape[axis] != len(scale)):
        raise ModelFileError(f"tensor {index} of shape {shape} has {len(scale)} scales, {len(zero_point)} zero points")
    if not (np.isfinite(scale).all() and (scale > 0).all()):
        raise ModelFileError(f"tensor {index} has a scale that is no positive number")
    return Quantization(scale, zero_point, axis)


def _operator(index: int, operator: Any, kinds: list[str]) -> Operator:
    options = {} if operator.builtinOptions is None else dict(vars(operator.builtinOptions))
    kind = kinds[operator.opcodeIndex]
    return Operator(index, kind, _indices(operator.inputs), _indices(operator.outputs), options)


def _checked(graph: Graph) -> Graph:
    """The graph, if every index is valid and every tensor is made before it is used."""
    if not graph.inputs or not graph.outputs:
        raise ModelFileError("the model has no input or no output")
    count = len(graph.tensors)
    known = {tensor.index for tensor in graph.tensors if tensor.data is not None} | set(graph.inputs)
    for operator in graph.operators:
        if not operator.outputs or any(not 0 <= index < count for index in operator.outputs):
            raise ModelFileError(f"operator {operator.index} ({operator.kind}) writes a tensor that does not exist")
        lacking = [index for index in operator.inputs if index != -1 and index not in known]
        if lacking:
            raise ModelFileError(
                f"operator {operator.index} ({operator.kind}) reads tensor {lacking[0]} before it is made"
            )
        known.update(operator.outputs)
    if any(not 0 <= index < count for index in graph.inputs) or not set(graph.outputs) <= known:
        raise ModelFileError("the model's input or output is a tensor that does not exist")
    return graph


def _names(enumeration: type) -> dict[int, str]:
    return {value: name for name, value in vars(enumeration).items() if isinstance(value, int)}


def _indices(found: Any) -> tuple[int, ...]:
    return () if found is None else tuple(int(index) for index in found)


def _bytes_of(data: Any) -> bytes:
    return b"" if data is None else bytes(bytearray(data)) if isinstance(data, list) else np.asarray(data).tobytes()


def _text(name: Any) -> str:
    return "" if name is None else name.decode("utf-8", "replace")
