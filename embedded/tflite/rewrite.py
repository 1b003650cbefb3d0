"""Changes to a `.tflite` file: other outputs, other ranges, metadata."""

from collections.abc import Iterable, Mapping

import numpy as np

from embedded.tflite.graph_file import read_graph
from embedded.tflite.schema import pack, schema, unpack

__all__ = ["CONVOLUTIONS", "with_metadata", "with_outputs", "with_rounding", "with_scales"]

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")


def with_outputs(model: bytes, tensors: Iterable[int]) -> bytes:
    """The same computation with other tensors as outputs.

    This is how activations are read. `experimental_preserve_all_tensors` is not enough: interpreters let an ADD or a
    RESHAPE write over its input even then. An output is never written over.

    Args:
        model: Bytes of a .tflite file.
        tensors: Indices of the tensors wanted, in this order.
    """
    content = unpack(model)
    content.subgraphs[0].outputs = np.array(list(tensors), np.int32)
    content.signatureDefs = []  # they name the old outputs
    return pack(content)


def with_scales(model: bytes, scales: Mapping[int, tuple[float, int]]) -> bytes:
    """The same graph with other scales and zero points of computed tensors; biases are rescaled.

    A bias is added to products of input and weight, so its own scale is that of the input times that of the weight.

    Args:
        model: Bytes of an int8 .tflite file.
        scales: Tensor index to (scale, zero point).
    """
    content, graph = unpack(model), read_graph(model)
    tensors = content.subgraphs[0].tensors
    for index, (scale, zero_point) in scales.items():
        tensors[index].quantization.scale = np.array([scale], np.float32)
        tensors[index].quantization.zeroPoint = np.array([zero_point], np.int64)
    for operator in graph.operators:
        if operator.kind in CONVOLUTIONS:
            source, weights, bias = operator.inputs[:3]
            before = np.asarray(tensors[bias].quantization.scale, np.float64)
            after = np.asarray(tensors[weights].quantization.scale, np.float64)
            after = np.float64(tensors[source].quantization.scale[0]) * after
            stored = graph.tensors[bias].data
            assert stored is not None
            tensors[bias].quantization.scale = after.astype(np.float32)
            tensors[bias].buffer = len(content.buffers)  # its own: the converter lets zero biases share one
            content.buffers.append(_buffer(_as_int32(stored * (before / after)).tobytes()))
    return pack(content)


def with_rounding(model: bytes, tensor: int, scale: float, zero_point: int) -> bytes:
    """The same float graph with one tensor rounded to int8: QUANTIZE and DEQUANTIZE after the operator that makes it.

    Args:
        model: Bytes of a float .tflite file.
        tensor: Index of a computed tensor, or of the graph's input.
        scale: Size of one step, as float.
        zero_point: The integer that stands for 0.
    """
    content, graph = unpack(model), read_graph(model)
    subgraph, kinds = content.subgraphs[0], schema().BuiltinOperator
    quantized, floats = len(subgraph.tensors), len(subgraph.tensors) + 1
    for operator in subgraph.operators:
        operator.inputs = np.where(np.asarray(operator.inputs) == tensor, floats, operator.inputs).astype(np.int32)
    subgraph.outputs = np.where(np.asarray(subgraph.outputs) == tensor, floats, subgraph.outputs).astype(np.int32)
    subgraph.tensors += [_like(content, tensor, f"int8_{k}") for k in range(2)]
    subgraph.tensors[quantized].type = schema().TensorType.INT8
    quantization = schema().QuantizationParametersT()
    quantization.scale, quantization.zeroPoint = np.array([scale], np.float32), np.array([zero_point], np.int64)
    subgraph.tensors[quantized].quantization = quantization
    made = graph.producer.get(tensor)
    after = 0 if made is None else made.index + 1
    subgraph.operators[after:after] = [
        _conversion(content, kinds.QUANTIZE, tensor, quantized),
        _conversion(content, kinds.DEQUANTIZE, quantized, floats),
    ]
    return pack(content)


def with_metadata(model: bytes, name: str, note: bytes) -> bytes:
    """The same graph with named bytes in the file; earlier ones of that name are replaced."""
    content = unpack(model)
    content.metadata = [each for each in content.metadata or () if each.name != name.encode()]
    entry = schema().MetadataT()
    entry.name, entry.buffer = name.encode(), len(content.buffers)
    content.metadata.append(entry)
    content.buffers.append(_buffer(note))
    return pack(content)


def _like(content, tensor: int, name: str):
    """A computed tensor of the same shape and type as another."""
    model = content.subgraphs[0].tensors[tensor]
    made = schema().TensorT()
    made.name, made.shape, made.type, made.buffer = name.encode(), model.shape, model.type, len(content.buffers)
    content.buffers.append(schema().BufferT())
    return made


def _conversion(content, kind: int, source: int, target: int):
    operator, code = schema().OperatorT(), schema().OperatorCodeT()
    code.builtinCode, code.deprecatedBuiltinCode, code.version = kind, kind, 1
    operator.opcodeIndex = len(content.operatorCodes)
    content.operatorCodes.append(code)
    operator.inputs, operator.outputs = np.array([source], np.int32), np.array([target], np.int32)
    return operator


def _buffer(data: bytes):
    buffer = schema().BufferT()
    buffer.data = np.frombuffer(data, np.uint8)
    return buffer


def _as_int32(values: np.ndarray) -> np.ndarray:
    limits = np.iinfo(np.int32)
    return np.clip(np.rint(values), limits.min, limits.max).astype(np.int32)
