"""A .tflite file as a graph: what it says is what the interpreter sees, and broken files end in one clear error."""

import numpy as np
import pytest

from embedded.quantize.calibrate import together
from embedded.tflite.graph_file import ModelFileError, read_graph
from embedded.tflite.rewrite import with_metadata, with_outputs, with_scales
from embedded.tflite.runtime import reference_interpreter
from embedded.tflite.schema import pack, schema, unpack
from model.images.camera_formats import yuv422_to_rgb


@pytest.fixture(scope="module")
def model(small) -> bytes:
    return small.quantized.model


@pytest.fixture(scope="module")
def graph(model):
    return read_graph(model)


def test_the_interpreter_sees_the_same(model, graph):
    interpreter = reference_interpreter(model)
    details = {each["index"]: each for each in interpreter.get_tensor_details()}
    for tensor in graph.tensors:
        if tensor.index in details and tensor.name == details[tensor.index]["name"]:
            seen = details[tensor.index]
            assert tensor.shape == tuple(seen["shape"]) and tensor.dtype == seen["dtype"]
            if tensor.quantization is not None:
                parameters = seen["quantization_parameters"]
                np.testing.assert_array_equal(tensor.quantization.scale, parameters["scales"])
                np.testing.assert_array_equal(tensor.quantization.zero_point, parameters["zero_points"])
    steps = [each for each in interpreter._get_ops_details() if each["op_name"] != "DELEGATE"]
    assert [each.kind for each in graph.operators] == [each["op_name"] for each in steps]
    for operator, step in zip(graph.operators, steps, strict=True):
        assert operator.inputs == tuple(step["inputs"]) and operator.outputs == tuple(step["outputs"])


def test_constants_are_read(model, graph):
    interpreter = reference_interpreter(model)
    kernels = [each.inputs[1] for each in graph.operators if each.kind == "CONV_2D"]
    assert len(kernels) > 50
    for index in kernels:
        tensor = graph.tensors[index]
        np.testing.assert_array_equal(tensor.data, interpreter.get_tensor(index))
        assert len(tensor.quantization.scale) == tensor.shape[0]  # one scale for each output channel
    assert {each.options["strideH"] for each in graph.operators if each.kind == "DEPTHWISE_CONV_2D"} == {2}


def test_real_and_whole_undo_each_other(graph):
    tensor = graph.tensors[graph.inputs[0]]
    whole = np.arange(-128, 128, dtype=np.int8)
    np.testing.assert_array_equal(tensor.quantize(tensor.dequantize(whole)), whole)
    assert tensor.quantize(np.array([1e9, -1e9])).tolist() == [127, -128]


def test_packing_again_changes_nothing_that_is_read(model, graph):
    once = pack(unpack(model))
    for one, other in zip(read_graph(once).operators, graph.operators, strict=True):
        assert (one.kind, one.inputs, one.outputs) == (other.kind, other.inputs, other.outputs)
    assert pack(unpack(once)) == once


def test_every_intermediate_can_be_an_output(small, frames):
    """Read as outputs they fit together: an ADD is the sum of what went in, which older interpreters overwrite."""
    tensors = small.emulator.tensors(frames[0])
    graph = small.emulator.graph
    assert set(tensors) == {*graph.inputs, *graph.computed}
    np.testing.assert_array_equal(tensors[graph.outputs[0]], small.emulator.residual(tensors[graph.inputs[0]]))
    sums = [each for each in graph.operators if each.kind == "ADD"]
    assert len(sums) > 20
    for operator in sums:
        one, other = (graph.tensors[index].dequantize(tensors[index]) for index in operator.inputs)
        made = graph.tensors[operator.outputs[0]]
        low, high = ((end - made.zero_point) * made.scale for end in (-128, 127))
        expected = np.clip(one + other, low, high)
        np.testing.assert_allclose(made.dequantize(tensors[made.index]), expected, atol=made.scale)


def test_scales_change_and_the_meaning_stays(small, frames):
    """A coarser scale for what a convolution reads: the same floats as output, its bias included."""
    graph, leader = small.emulator.graph, together(small.emulator.graph)
    operator = next(each for each in graph.operators if each.kind == "ADD")
    source = graph.tensors[operator.outputs[0]]
    alike = [index for index, first in leader.items() if first == leader[source.index]]
    changed = with_scales(small.quantized.model, dict.fromkeys(alike, (source.scale * 1.25, source.zero_point)))
    reader = next(each for each in graph.operators if each.kind == "CONV_2D" and source.index in each.inputs)
    tensor = graph.tensors[reader.outputs[0]]
    given = small.emulator.tables.fold(yuv422_to_rgb(frames[0]))
    before = small.emulator.tensors(frames[0])[tensor.index]
    interpreter = reference_interpreter(with_outputs(changed, [tensor.index]))
    interpreter.set_tensor(graph.inputs[0], given)
    interpreter.invoke()
    after = read_graph(changed).tensors[tensor.index].dequantize(interpreter.get_tensor(tensor.index))
    weights = graph.tensors[reader.inputs[1]]
    gain = (np.abs(weights.data).reshape(len(weights.data), -1).sum(axis=1) * weights.quantization.scale).max()
    # What it reads is rounded to half a step, of the old size and of the new, and so is what it gives.
    np.testing.assert_allclose(after, tensor.dequantize(before), atol=0.5 * 2.25 * source.scale * gain + tensor.scale)


def test_a_note_travels_with_the_file(model):
    noted = with_metadata(with_metadata(model, "who", b"one"), "who", b"two")
    assert read_graph(noted).metadata["who"] == b"two"
    assert [each.name for each in unpack(noted).metadata].count(b"who") == 1


def test_no_tflite_file():
    for content in (b"", b"TFL3", b"hello, this is no model", b"\x00" * 100):
        with pytest.raises(ModelFileError, match=r"no \.tflite file"):
            read_graph(content)


def test_cut_off(model):
    for length in (9, 100, 1000, len(model) // 2, len(model) - 5000):
        with pytest.raises(ModelFileError, match="cut off or damaged"):
            read_graph(model[:length])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda c: c.subgraphs.append(c.subgraphs[0]), "2 subgraphs"),
        (lambda c: setattr(c.subgraphs[0], "outputs", np.array([10**6], np.int32)), "does not exist"),
        (lambda c: setattr(c.subgraphs[0], "inputs", np.array([], np.int32)), "no input or no output"),
        (lambda c: c.subgraphs[0].operators.pop(0), "before it is made"),
        (lambda c: setattr(c.subgraphs[0].tensors[0], "shape", np.array([-1, 4], np.int32)), "impossible shape"),
        (lambda c: setattr(c.subgraphs[0].tensors[_weights(c)], "shape", np.array([2], np.int32)), "comes with"),
        (lambda c: setattr(c.subgraphs[0].tensors[0], "type", schema().TensorType.STRING), "type STRING"),
        (lambda c: setattr(c.subgraphs[0].tensors[0].quantization, "scale", np.array([np.nan], np.float32)), "scale"),
    ],
)
def test_damage_is_named(model, damage, message):
    content = unpack(model)
    damage(content)
    with pytest.raises(ModelFileError, match=message):
        read_graph(pack(content))


def _weights(content) -> int:
    return int(content.subgraphs[0].operators[0].inputs[1])
