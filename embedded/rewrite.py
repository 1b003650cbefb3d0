"""Changes to a finished `.tflite` file: other outputs, other ranges, a note that travels with it."""

from collections.abc import Iterable, Mapping

import numpy as np

from embedded.graph import read_graph
from embedded.schema import pack, schema, unpack

__all__ = ["CONVOLUTIONS", "with_metadata", "with_outputs", "with_scales"]

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")


def with_outputs(model: bytes, tensors: Iterable[int]) -> bytes:
    """The same computation, giving other tensors as its outputs.

    This is how intermediates are read. `experimental_preserve_all_tensors` is not enough: interpreters let an ADD or
    a RESHAPE write over its input where nobody else needs it, and keep that even then. An output is never written over.

    Args:
        model: Bytes of a .tflite file.
        tensors: Indices of the tensors wanted, in this order.
    """
    content = unpack(model)
    content.subgraphs[0].outputs = np.array(list(tensors), np.int32)
    content.signatureDefs = []  # they name the outputs that were
    return pack(content)


def with_scales(model: bytes, scales: Mapping[int, tuple[float, int]]) -> bytes:
    """The same graph with other scales and zero points of computed tensors; biases are carried over.

    A bias is added to products of input and weight, so its own scale is that of the input times that of the weight.

    Args:
        model: Bytes of a .tflite file of whole numbers.
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
            after = np.float64(tensors[source].quantization.scale[0]) * np.asarray(
                tensors[weights].quantization.scale, np.float64
            )
            stored = graph.tensors[bias].data
            assert stored is not None
            tensors[bias].quantization.scale = after.astype(np.float32)
            _store(content, tensors[bias], _as_int32(stored * (before / after)))
    return pack(content)


def with_metadata(model: bytes, name: str, note: bytes) -> bytes:
    """The same graph with named bytes in the file; what had that name before is replaced."""
    content = unpack(model)
    content.metadata = [each for each in content.metadata or () if each.name != name.encode()]
    entry = schema().MetadataT()
    entry.name, entry.buffer = name.encode(), len(content.buffers)
    content.metadata.append(entry)
    content.buffers.append(_buffer(note))
    return pack(content)


def _store(content, tensor, values: np.ndarray) -> None:
    # In a buffer of its own: the converter lets all zero biases of a length share one.
    tensor.buffer = len(content.buffers)
    content.buffers.append(_buffer(values.tobytes()))


def _buffer(data: bytes):
    buffer = schema().BufferT()
    buffer.data = np.frombuffer(data, np.uint8)
    return buffer


def _as_int32(values: np.ndarray) -> np.ndarray:
    limits = np.iinfo(np.int32)
    return np.clip(np.rint(values), limits.min, limits.max).astype(np.int32)
