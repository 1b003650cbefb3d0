"""The same network for a larger frame: other shapes, all weights and scales as they are.

A MIRNet has convolutions, means over the whole picture and resizing by 2, so its weights fit every size that its
lowest stream divides. Scales were measured on small frames; a larger one has the same range of values.
"""

import numpy as np

from embedded.tflite.graph_file import read_graph
from embedded.tflite.runtime import interpreter_class
from embedded.tflite.schema import pack, unpack

__all__ = ["enlarged"]

RESIZE = "RESIZE_BILINEAR"


def enlarged(model: bytes, times: int) -> bytes:
    """The same graph for an input so many times as high and as wide.

    Args:
        model: Bytes of an int8 .tflite file.
        times: From 1.

    Returns:
        Bytes of a .tflite file; every tensor has the same index.
    """
    graph, content = read_graph(model), unpack(model)
    source = graph.tensors[graph.inputs[0]]
    tensors, buffers = content.subgraphs[0].tensors, content.buffers
    for index in {operator.inputs[1] for operator in graph.operators if operator.kind == RESIZE}:
        size = graph.tensors[index].data
        assert size is not None  # the size of a resizing is a constant
        buffer = type(buffers[0])()  # its own: equal constants share one
        buffer.data = np.frombuffer((size * times).astype(np.int32).tobytes(), np.uint8)
        tensors[index].buffer = len(buffers)
        buffers.append(buffer)
    batch, height, width, channels = source.shape
    shape = (batch, height * times, width * times, channels)
    for index, found in _shapes(pack(content), source.index, shape).items():
        tensors[index].shape = np.array(found, np.int32)
    return pack(content)


def _shapes(model: bytes, source: int, shape: tuple[int, ...]) -> dict[int, tuple[int, ...]]:
    """The shapes of all tensors when the input has this one, as the interpreter infers them."""
    count = len(read_graph(model).tensors)
    interpreter = interpreter_class()(model_content=model)
    interpreter.resize_tensor_input(source, shape)
    interpreter.allocate_tensors()
    found = {detail["index"]: tuple(map(int, detail["shape"])) for detail in interpreter.get_tensor_details()}
    return {index: found[index] for index in range(count) if index in found}
