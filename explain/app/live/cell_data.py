"""What a page has to know to explain a number of the int8 graph: operators, constants, tables, and the sentences.

Every sentence is one that `explain.cell.int8` says. They are found by asking it about a few positions of each tensor,
on a frame of zeros: in the middle, in the corner, and in each part of a concatenation. The arithmetic itself is done
once more in `web/cell.js`; a test compares the two, position by position.
"""

import re
from typing import Any

import numpy as np

from embedded.codegen.fixed_point import exponential_table, logistic_table, mean_multiplier, quantized_multiplier
from embedded.emulator import Emulator
from embedded.tflite.graph import Graph, Operator
from explain.cell.int8.camera_bytes import CAMERA, PICTURE, RESTORED, U_AND_V
from explain.cell.int8.int8_inspector import Int8Inspector
from explain.cell.int8.operator import place_of
from explain.cell.operands import Cell
from model.images.camera_formats import rgb_to_yuv422

__all__ = ["cell_data", "constants"]

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
SAME, RELU = 0, 1  # numbers of the file format


def constants(graph: Graph) -> tuple[bytes, dict[int, dict[str, Any]]]:
    """Weights and biases of all convolutions one behind the other, and where each tensor's lie."""
    content, places = bytearray(), {}
    wanted = dict.fromkeys(
        index for operator in graph.operators if operator.kind in CONVOLUTIONS for index in operator.inputs[1:3]
    )
    for dtype in ("int32", "int8"):  # aligned ones first
        for index in wanted:
            data = graph.tensors[index].data
            if data is not None and data.dtype == dtype:
                places[index] = {"offset": len(content), "size": data.size, "type": dtype}
                content += data.tobytes()
    return bytes(content), places


def cell_data(emulator: Emulator) -> dict[str, Any]:
    """Everything that `web/cell.js` needs but the constants' values, for JSON."""
    graph, tables = emulator.graph, emulator.tables
    rows, columns = tables.size
    frame = rgb_to_yuv422(np.zeros((rows, columns, 3), np.uint8))
    inspector = Int8Inspector(emulator, emulator.tensors(frame), frame)
    return {
        "rows": rows,
        "columns": columns,
        "stem": tables.stem,
        "input": graph.inputs[0],
        "output": graph.outputs[0],
        "curve": tables.curve.tolist(),
        "quantizer": tables.source.scale,
        "chroma": U_AND_V,
        "tensors": {
            index: {
                "shape": graph.tensors[index].shape,
                "zero": graph.tensors[index].zero_point,
                "scale": graph.tensors[index].scale,
            }
            for index in (*graph.inputs, *graph.computed)
        },
        "constants": constants(graph)[1],
        "operators": [_operator(inspector, operator) for operator in graph.operators],
        "texts": {**_picture_texts(inspector), **{k: _texts(inspector, k) for k in (*graph.inputs, *graph.computed)}},
    }


def _middle(inspector: Int8Inspector, tensor: int | str) -> Cell:
    return inspector.cell(tensor, *(size // 2 for size in inspector.shape(tensor)))


def _text(cells: list[Cell]) -> dict[str, Any]:
    first = cells[0]
    words = [step.words for step in first.steps if not step.subtotal]
    rules = [cell.rule for cell in cells]
    return {"title": first.title, "kind": first.kind, "how": first.arithmetic.how, "words": words, "rules": rules}


def _picture_texts(inspector: Int8Inspector) -> dict[str, Any]:
    return {
        CAMERA: _text([_middle(inspector, CAMERA)]),
        PICTURE: _text([inspector.cell(PICTURE, 1, 1, colour) for colour in range(3)]),
        RESTORED: _text([_middle(inspector, RESTORED)]),
    }


def _texts(inspector: Int8Inspector, tensor: int) -> dict[str, Any]:
    """The sentences of a tensor; several rules where it depends on the position which one holds."""
    graph = inspector.graph
    cells = [_middle(inspector, tensor)]
    operator = graph.producer.get(tensor)
    if operator is not None and operator.kind == "MIRROR_PAD":
        cells.append(inspector.cell(tensor, 0, 0, 0))
    if operator is not None and operator.kind == "CONCATENATION":
        shape, axis = graph.tensors[tensor].shape, operator.options["axis"] % 4
        starts = np.cumsum([0, *(graph.tensors[index].shape[axis] for index in operator.inputs[:-1])])
        cells = [inspector.cell(tensor, *place_of(shape, [int(s) * (k == axis) for k in range(4)])) for s in starts]
    return _text(cells)


def _operator(inspector: Int8Inspector, operator: Operator) -> dict[str, Any]:
    """One operator: what it reads, and its constants."""
    graph = inspector.graph
    source, output = (graph.tensors[index] for index in (operator.inputs[0], operator.outputs[0]))
    relu = operator.options.get("fusedActivationFunction", 0) == RELU
    found: dict[str, Any] = {"kind": operator.kind, "output": output.index, "source": source.index, "relu": relu}
    computed = [index for index in operator.inputs if index >= 0 and graph.tensors[index].data is None]
    if operator.kind in CONVOLUTIONS:
        return found | _convolution(inspector, operator)
    if operator.kind == "ADD":
        scales = [graph.tensors[index].scale for index in operator.inputs[:2]]
        widest = 2 * max(scales)
        sides = [quantized_multiplier(scale / widest) for scale in scales]
        factor = quantized_multiplier(widest / ((1 << 20) * output.scale))
        return found | {"sources": computed, "sides": sides, "factor": factor}
    if operator.kind == "MUL":
        one, other = (graph.tensors[index].scale for index in operator.inputs[:2])
        return found | {"sources": computed, "factor": quantized_multiplier(one * other / output.scale)}
    if operator.kind in ("MEAN", "REDUCE_MAX"):
        axes = sorted({int(axis) % 4 for axis in _data(graph, operator, 1).ravel()})
        count = int(np.prod([source.shape[axis] for axis in axes]))
        return found | {"axes": axes, "factor": mean_multiplier(source.scale / output.scale, count)}
    if operator.kind == "LOGISTIC":
        return found | {"table": list(logistic_table(source.scale, source.zero_point))}
    if operator.kind == "SOFTMAX":
        return found | {"table": list(exponential_table(source.scale, operator.options["beta"]))}
    if operator.kind == "RESIZE_BILINEAR":
        return found | {"rule": _counted(_middle(inspector, output.index), 0, "the {} nearest")}
    if operator.kind == "MIRROR_PAD":
        return found | {"pads": _data(graph, operator, 1)[:, 0].tolist()}
    if operator.kind == "CONCATENATION":
        return found | {"sources": computed, "axis": operator.options["axis"] % len(output.shape)}
    if operator.kind == "STRIDED_SLICE":
        begins, mask = _data(graph, operator, 1).tolist(), operator.options["beginMask"]
        first = [0 if mask >> axis & 1 else begin for axis, begin in enumerate(begins)]
        return found | {"first": first, "strides": _data(graph, operator, 3).tolist()}
    if operator.kind == "TRANSPOSE":
        return found | {"axes": _data(graph, operator, 1).tolist()}
    return found


def _convolution(inspector: Int8Inspector, operator: Operator) -> dict[str, Any]:
    graph, options = inspector.graph, operator.options
    source, output = (graph.tensors[index] for index in (operator.inputs[0], operator.outputs[0]))
    weights, bias = operator.inputs[1:3]
    size, stride = graph.tensors[weights].shape[1:3], options["strideH"]
    pads = [
        max((out - 1) * stride + side - given, 0) // 2 if options["padding"] == SAME else 0
        for out, given, side in zip(output.shape[1:3], source.shape[1:3], size, strict=True)
    ]
    quantization = graph.tensors[weights].quantization
    assert quantization is not None  # checked when the model was converted
    scales = np.broadcast_to(quantization.scale.astype(np.float64), graph.tensors[bias].shape).tolist()
    cell = _middle(inspector, output.index)
    taps = [step.words for step in cell.steps if step.subtotal]
    return {
        "weights": weights,
        "bias": bias,
        "size": size,
        "stride": stride,
        "top": pads[0],
        "left": pads[1],
        "factors": [quantized_multiplier(source.scale * scale / output.scale) for scale in scales],
        "tap": re.sub(r"\d+, \d+$", "0, 0", taps[0]) if taps else "",
        "rule": _counted(cell, 1, "{} int8 values"),
    }


def _counted(cell: Cell, besides: int, counted: str) -> str:
    """A rule with `{n}` where it says how many operands there are, `besides` not counted."""
    return cell.rule.replace(counted.format(len(cell.operands) - besides), counted.format("{n}"), 1)


def _data(graph: Graph, operator: Operator, position: int) -> np.ndarray:
    data = graph.tensors[operator.inputs[position]].data
    assert data is not None  # the inspector has refused others
    return data
