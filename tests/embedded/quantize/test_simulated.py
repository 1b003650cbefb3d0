"""Quantization simulated in the float network: what it rounds, and how near it is to the real thing."""

import keras
import numpy as np
import pytest

from embedded.camera.pixel_tables import network_input
from embedded.quantize.simulated import Simulation, ranges_of
from embedded.tflite.graph_file import read_graph
from embedded.tflite.rewrite import with_rounding
from embedded.tflite.runtime import reference_interpreter
from model.errors import HookError
from model.hooks import visiting
from model.images.camera_formats import yuv422_to_rgb
from model.training.fake_quant import as_int8

pytestmark = pytest.mark.slow

GATE = "rrg_1/mrb_1/column_1/dau_1/spatial/gate"
OUT = "rrg_1/out"


def given(small, frames):
    return np.concatenate([network_input(yuv422_to_rgb(frame), small.net.config) for frame in frames])


def run(model: bytes, frame):
    interpreter = reference_interpreter(model)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], frame)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def test_a_tensor_is_held_as_the_graph_holds_it(small):
    """The same numbers as `Tensor.whole` and back, at both ends of the range too."""
    tensor = small.emulator.graph.tensors[small.emulator.hooks.places["rrg_1/out"].tensor]
    values = np.linspace(-200, 200, 999, dtype="float32") * tensor.scale
    expected = tensor.dequantize(tensor.quantize(values))
    found = keras.ops.convert_to_numpy(as_int8(values, tensor.scale, tensor.zero_point))
    np.testing.assert_allclose(found, expected, atol=1e-5 * tensor.scale * 255)


@pytest.fixture(scope="module")
def simulation(small):
    return Simulation(small.net, small.emulator.graph, small.emulator.hooks)


def test_nothing_chosen_is_the_float_network(small, simulation, frames):
    x = given(small, frames[:6])
    np.testing.assert_allclose(simulation(x, ()), small.net.residual(x), atol=1e-6)


def test_only_what_is_chosen_is_rounded(small, simulation, frames):
    """The same as replacing that one tensor by hand."""
    x = given(small, frames[:6])
    ranges = ranges_of(small.emulator.graph, small.emulator.hooks)
    seen = {}

    def visit(name, tensor):
        seen[name] = as_int8(tensor, *ranges[name]) if name == GATE else tensor
        return seen[name]

    with visiting(visit):
        expected = small.net.residual(x)
    np.testing.assert_allclose(simulation(x, (GATE,)), expected, atol=1e-6)
    steps = np.asarray(seen[GATE]) * 256
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-3)


def test_all_names_of_a_tensor_are_one(small, simulation, frames):
    x = given(small, frames[:6])
    place = small.emulator.hooks.places[OUT].tensor
    names = [name for name, each in small.emulator.hooks.places.items() if each.tensor == place]
    assert set(simulation.tensors) & set(names) == {names[0]}
    for name in names:
        np.testing.assert_array_equal(simulation(x, (name,)), simulation(x, (OUT,)))


def test_a_strange_name(small, simulation, frames):
    with pytest.raises(HookError, match="no hook point with a tensor"):
        simulation(given(small, frames[:6]), ("rrg_9/out",))


def test_all_rounded_is_near_the_int8_graph(small, simulation, frames):
    """Nearer than the float network is, for every frame that is a photo."""
    x = given(small, frames[:6])
    graph = small.emulator.graph
    exact, rounded = simulation(x, ()), simulation(x)
    target = graph.tensors[graph.outputs[0]]
    for k, frame in enumerate(frames[:6]):
        whole = small.emulator.residual(small.emulator.tables.fold(yuv422_to_rgb(frame)))
        real = target.dequantize(whole)[0]
        assert np.abs(rounded[k] - real).mean() < np.abs(exact[k] - real).mean()


def test_a_mixed_model_rounds_that_tensor_alone(small, float_graph, simulation, frames):
    """The interpreter, with one tensor between QUANTIZE and DEQUANTIZE, and the simulation: the same residual."""
    x = given(small, frames[:6])
    model, graph = float_graph, small.emulator.graph
    place = small.emulator.hooks.places[OUT]
    tensor = graph.tensors[place.tensor]
    made = read_graph(model).operators[place.operator].outputs[0]
    mixed = with_rounding(model, made, tensor.scale, tensor.zero_point)
    kinds = [operator.kind for operator in read_graph(mixed).operators]
    assert kinds.count("QUANTIZE") == kinds.count("DEQUANTIZE") == 1
    expected = simulation(x, (OUT,))
    found, plain = run(mixed, x[:1]), run(model, x[:1])
    # A value that lies between two steps may fall to either side, so not all are equal.
    assert np.abs(found - expected[:1]).mean() < 0.02 * np.abs(found - plain).mean()


def test_the_input_and_the_output_can_be_rounded(small, float_graph, frames):
    x = given(small, frames[:1])
    model = float_graph
    graph = read_graph(model)
    coarse = run(with_rounding(model, graph.outputs[0], 0.25, 0), x)
    np.testing.assert_allclose(coarse * 4, np.rint(coarse * 4), atol=1e-6)
    dark = run(with_rounding(model, graph.inputs[0], 10.0, 0), x)  # everything below 5 becomes 0
    np.testing.assert_allclose(dark, run(model, np.zeros_like(x)), atol=1e-6)


def test_the_gradient_passes_inside_the_range_only():
    import tensorflow as tf

    values = tf.constant([-2.0, -0.3, 0.4, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(values)
        total = tf.reduce_sum(as_int8(values, 0.01, 0))
    np.testing.assert_array_equal(tape.gradient(total, values), [0, 1, 1, 0])
