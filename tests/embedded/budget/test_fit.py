"""Whether a network fits: counted work against Keras' own shapes, limits, and refusals that name the operator."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from embedded.budget.boards import BOARDS, FRAME_BYTES
from embedded.budget.fit import fit
from embedded.budget.flash import network_flash
from embedded.budget.instructions import work_of
from embedded.memory.plan import first_come
from embedded.tflite.graph import Graph, Operator, Tensor
from embedded.tflite.graph_file import read_graph
from embedded.tflite.naming import PARTS, part_of, readable_layer
from explain.tracing.costs import cost
from model import DualAttentionUnit, MIRNet
from model.errors import MirnetError

# TensorFlow's own, about an input whose range it does find.
pytestmark = pytest.mark.filterwarnings("ignore:Statistics for quantized inputs were expected")

NANO, NICLA = BOARDS["nano33ble"], BOARDS["niclavision"]
INT8 = np.dtype("int8")
BLOCK = "functional_1/recursive_residual_group_1/multi_scale_residual_block_1"


def tensor(index, shape, name="", constant=False) -> Tensor:
    data = np.full(shape, index, np.int8) if constant else None
    return Tensor(index, name or f"functional_1/layer_{index}/op", shape, INT8, data)


def convolutions(side: int, channels: int, count: int = 3) -> Graph:
    """3 x 3 convolutions one after the other, each with as many channels, at full size."""
    shape = (1, side, side, channels)
    tensors, operators = [tensor(0, shape)], []
    for k in range(count):
        last = 0 if k == 0 else len(tensors) - 1
        tensors.append(tensor(len(tensors), (channels, 3, 3, channels), constant=True))
        tensors.append(tensor(len(tensors), shape, f"{BLOCK}/conv2d_{k}/convolution"))
        operators.append(Operator(k, "CONV_2D", (last, len(tensors) - 2, -1), (len(tensors) - 1,)))
    return Graph(tuple(tensors), tuple(operators), (0,), (len(tensors) - 1,))


def int8(layer: keras.Layer, shape: tuple[int, ...]) -> bytes:
    """A layer as a .tflite file of int8; its ranges come from noise."""
    given = keras.Input(shape[1:], batch_size=1)
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(given, layer(given)))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    noise = np.random.default_rng(0)
    converter.representative_dataset = lambda: ([noise.normal(size=shape).astype("float32")] for _ in range(2))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


@pytest.fixture(scope="module")
def nano() -> bytes:
    """The network for the board, untrained: the same operators as the trained one."""
    net = MIRNet.from_preset("nano")
    return int8(keras.layers.Lambda(net.residual), (1, 24, 32, net.config.depth))


# The network that the board is for


@pytest.mark.slow
def test_the_nano_network_fits_the_nano(nano):
    found = fit(nano, NANO)
    assert found.problems == []
    assert found.plan.peak + FRAME_BYTES < found.ram <= 180_224
    weights = found.lines[1].parts["weights"]
    network = sum(network_flash(found.graph).values())
    assert weights < network < len(nano)  # code and tables take less than the file's descriptions
    assert found.flash <= 614_400
    assert 0.5 < found.seconds <= 4
    assert found.plan.peak == found.plan.bound < found.unplanned  # proven: no order needs less
    assert found.file_bytes == len(nano)
    assert fit(nano, NICLA).seconds < found.seconds / 5


def test_every_operator_is_counted(nano):
    found = fit(nano, NANO)
    assert found.time.lowest < found.time.likely < found.time.highest
    assert found.seconds == pytest.approx(found.time.likely)
    guessed = fit(nano, NICLA).time
    assert guessed.lowest == guessed.likely == guessed.highest  # no model of that processor
    assert sorted(work.operator for work in found.works) == list(range(len(found.graph.operators)))
    assert sum(found.seconds_of(work) for work in found.works) == pytest.approx(found.seconds)
    assert sum(found.seconds_by_kind.values()) == pytest.approx(found.seconds)
    counted = cost(MIRNet.from_preset("nano"), (120, 160))
    # TensorFlow computes one of the enlarged streams once that MIRNet names twice.
    assert 0.9 * counted.macs < found.macs - found.depthwise_macs <= counted.macs
    parts = {part_of(found.graph, index) for index in found.plan.offsets}
    assert parts == set(PARTS)


# Counting


def test_macs_are_those_of_explain_costs():
    unit = DualAttentionUnit(8)
    counted = cost(unit, (16, 24), 8)
    found = fit(int8(unit, (1, 16, 24, 8)), NANO)
    assert found.macs == counted.macs > 0
    assert found.depthwise_macs == 0


@pytest.mark.parametrize(
    ("kind", "shapes", "made", "macs", "elements"),
    [
        ("CONV_2D", [(1, 8, 8, 3), (5, 3, 3, 3), (5,)], (1, 8, 8, 5), 8 * 8 * 5 * 27, 320),
        ("CONV_2D", [(1, 8, 8, 3), (5, 3, 3, 3), (5,)], (1, 4, 4, 5), 4 * 4 * 5 * 27, 80),
        ("DEPTHWISE_CONV_2D", [(1, 8, 8, 6), (1, 3, 3, 6), (6,)], (1, 4, 4, 6), 4 * 4 * 6 * 9, 96),
        ("TRANSPOSE_CONV", [(4,), (5, 3, 3, 2), (1, 8, 8, 2)], (1, 16, 16, 5), 8 * 8 * 90, 1280),
        ("FULLY_CONNECTED", [(1, 10), (4, 10), (4,)], (1, 4), 40, 4),
        ("ADD", [(1, 8, 8, 3), (1, 8, 8, 3)], (1, 8, 8, 3), 0, 192),
        ("MEAN", [(1, 8, 8, 3), (2,)], (1, 1, 1, 3), 0, 192),
        ("RESHAPE", [(1, 8, 8, 3), (2,)], (1, 192), 0, 192),
    ],
)
def test_work_of_one_operator(kind, shapes, made, macs, elements):
    tensors = tuple(tensor(k, shape) for k, shape in enumerate([*shapes, made]))
    operator = Operator(0, kind, tuple(range(len(shapes))), (len(shapes),))
    graph = Graph(tensors, (operator,), tuple(range(len(shapes))), (len(shapes),))
    work = work_of(graph, operator)
    assert (work.macs, work.elements) == (macs, elements)
    assert (work.instructions > 0) == (kind != "RESHAPE")  # the same bytes under another shape: nothing to do


def test_kernels_ask_for_the_unpacked_input_and_the_weights_of_three_channels():
    found = fit(convolutions(16, 4), NANO)
    unpacked, weights = 16 * 8 * 4 * 12, 4 * 3 * 3 * 12  # rows, pairs of columns, forms, chunk; forms, rows, channels
    assert found.lines[0].parts == {"arena": 2048, "camera frame": FRAME_BYTES, "kernels": 2 * (unpacked + weights)}
    assert found.ram == sum(found.lines[0].parts.values())


def test_equal_constants_are_in_flash_once():
    graph = convolutions(8, 4, count=2)
    twin = Graph(
        tuple(tensor(3, (4, 3, 3, 4), constant=True) if each.index == 1 else each for each in graph.tensors),
        graph.operators,
        graph.inputs,
        graph.outputs,
    )
    twin.tensors[1].data[:] = 3
    assert fit(graph, NANO).lines[1].parts["weights"] == 2 * fit(twin, NANO).lines[1].parts["weights"]


# Limits


def test_a_network_too_large_for_the_nano_fits_a_larger_board():
    graph = convolutions(96, 8)
    found = fit(graph, NANO)
    (problem,) = found.problems
    assert "RAM: 200,544 B needed" in problem and "the limit is 180,224 B" in problem
    assert "most is live at CONV_2D 0, layer rrg_1/mrb_1/conv2d_0: take fewer channels" in problem
    assert not found.lines[0].fits and found.lines[1].fits and found.lines[2].fits
    assert fit(graph, NICLA).problems == []
    assert fit(graph, NANO, frame_bytes=0).problems == []


def test_too_slow_and_too_much_flash_are_told_too():
    slow = fit(convolutions(48, 16, count=60), NANO)
    assert [problem.split(" ")[0] for problem in slow.problems] == ["about"]
    assert "the limit is 4 s" in slow.problems[0] and "the slowest operator is CONV_2D" in slow.problems[0]
    heavy = fit(convolutions(4, 160), NANO)
    assert [problem.split(" ")[0] for problem in heavy.problems] == ["flash:"]


def test_exactly_the_limit_fits():
    graph = convolutions(16, 4)
    free = int(NANO.ram.value) - fit(graph, NANO, frame_bytes=0).ram
    assert fit(graph, NANO, frame_bytes=free).problems == []
    assert fit(graph, NANO, frame_bytes=free + 1).problems


def test_an_operator_that_the_board_lacks_is_a_problem():
    graph = convolutions(8, 4)
    first = graph.operators[0]
    strange = Operator(0, "DEPTH_TO_SPACE", first.inputs, first.outputs)
    found = fit(Graph(graph.tensors, (strange, *graph.operators[1:]), graph.inputs, graph.outputs), NANO)
    assert len(found.problems) == 1 and "DEPTH_TO_SPACE" in found.problems[0]


@pytest.mark.parametrize("frame_bytes", [-1, 1.5, True, "38400"])
def test_a_frame_that_is_no_size_is_refused(frame_bytes):
    with pytest.raises(MirnetError, match="frame_bytes must be an integer"):
        fit(convolutions(8, 4), NANO, frame_bytes=frame_bytes)


def test_no_model_is_refused():
    with pytest.raises(MirnetError, match=r"no \.tflite file"):
        fit(b"PNG and so on", NANO)


# Names


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        (f"{BLOCK}/dual_attention_unit_1_2/conv2d_7_1/convolution;{BLOCK}/x", "rrg_1/mrb_1/dau_1_2/conv2d_7_1"),
        (f"{BLOCK}/dual_attention_unit_1/re_lu_1/Relu", "rrg_1/mrb_1/dau_1/re_lu_1"),
        (f"{BLOCK}/dual_attention_unit_1/channel_attention_1/Mean", "rrg_1/mrb_1/dau_1/channel_1/Mean"),
        (f"{BLOCK}/skff_1/add_2", "rrg_1/mrb_1/skff_1/add_2"),
        ("StatefulPartitionedCall_1:0", "output"),
        ("", "output"),
        ("tfl.quantize", "tfl.quantize"),
    ],
)
def test_readable_names(name, readable):
    operator = Operator(0, "ADD", (0,), (1,))
    tensors = (tensor(0, (1, 4)), Tensor(1, name, (1, 4), INT8))
    assert readable_layer(Graph(tensors, (operator,), (0,), (1,)), operator) == readable


def test_without_a_plan_it_takes_more(nano):
    graph = read_graph(nano)
    assert fit(graph, NANO).unplanned == first_come(graph)
    assert fit(graph, NANO).file_bytes is None
