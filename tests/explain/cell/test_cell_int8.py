"""The cell inspector on int8 tensors: every value is recomputed bit for bit, back to the camera."""

import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from embedded.emulator import Emulator
from embedded.models.shipped_models import model_file
from embedded.tflite.graph import Graph, Operator, Quantization, Tensor
from embedded.tflite.hook_map import HookMap, Place
from explain.cell import CellRef, Int8Inspector, as_latex, as_text, explain_int8_cell
from explain.cell.int8.int8_inspector import KINDS
from explain.cell.int8.requantization import multiply_high, shift_right
from model.errors import HookError, MirnetError
from model.images.camera_formats import rgb_to_yuv422, to_frame, yuv422_to_rgb
from model.images.darken import through_camera
from model.samples import load_sample

BODY = "rrg_1/mrb_1/column_1/dau_1/body"
AROUND = {"levels", "colour", "restored", "given"}


class Run(NamedTuple):
    frame: np.ndarray
    tensors: dict[int, np.ndarray]
    inspector: Int8Inspector


@pytest.fixture(scope="module")
def emulator() -> Emulator:
    return Emulator(model_file("nano"))


@pytest.fixture(scope="module")
def runs(emulator) -> list[Run]:
    """A photo as the camera sends it, noise, the darkest and the brightest frame there are."""
    rng = np.random.default_rng(0)
    photo = through_camera(to_frame(load_sample("kingfisher")[0]), "yuv422")
    noise = rng.integers(0, 256, (120, 160, 2), dtype=np.uint8)
    frames = [rgb_to_yuv422(photo), noise, rgb_to_yuv422(np.zeros_like(photo)), np.full_like(noise, 255)]
    found = []
    for frame in frames:
        tensors = emulator.tensors(frame)
        found.append(Run(frame, tensors, Int8Inspector(emulator, tensors, frame)))
    return found


def drawn(rng: np.random.Generator, inspector: Int8Inspector, name):
    return inspector.cell(name, *(int(rng.integers(size)) for size in inspector.shape(name)))


def test_500_numbers_of_every_operator_kind_are_exact(emulator, runs):
    rng, graph = np.random.default_rng(1), emulator.graph
    tensors = defaultdict(list)
    for operator in graph.operators:
        tensors[operator.kind].append(operator.outputs[0])
    assert set(tensors) == KINDS.keys() - {"RESHAPE"}  # none in this model; see below
    for kind, indices in tensors.items():
        for number in range(40):
            run = runs[number % len(runs)]
            cell = drawn(rng, run.inspector, int(rng.choice(indices)))
            assert cell.kind == kind
            assert cell.value == int(run.tensors[cell.ref.tensor][0][cell.ref[1:]])
            assert cell.recomputed == cell.value, as_text(cell)
            assert isinstance(cell.recomputed, int)


def test_every_tensor_is_exact_at_its_corners(runs):
    run = runs[0]
    for name in run.inspector.names:
        rows, columns, channels = run.inspector.shape(name)
        for place in ((0, 0, 0), (rows - 1, columns - 1, channels - 1)):
            cell = run.inspector.cell(name, *place)
            assert cell.recomputed == cell.value, as_text(cell)


def test_the_pictures_around_the_graph_are_exact(emulator, runs):
    rng = np.random.default_rng(2)
    for run in runs:
        expected = {"camera": run.frame, "picture": yuv422_to_rgb(run.frame), "restored": emulator.restore(run.frame)}
        for name in (*expected, emulator.graph.inputs[0]):
            for _ in range(25):
                cell = drawn(rng, run.inspector, name)
                assert cell.recomputed == cell.value
                assert cell.kind in AROUND
                assert name not in expected or cell.value == expected[name][cell.ref[1:]]


@pytest.mark.parametrize("choice", ["first", "any"])
def test_references_lead_to_a_byte_of_the_camera(emulator, runs, choice):
    rng = np.random.default_rng(3)
    for number in range(40):
        run = runs[number % len(runs)]
        start = "restored" if number % 3 == 0 else emulator.graph.outputs[0]
        cell, steps = drawn(rng, run.inspector, start), 0
        while cell.operands:
            refs = [operand.ref for operand in cell.operands if operand.ref is not None]
            ref = refs[0 if choice == "first" else int(rng.integers(len(refs)))]
            cell = run.inspector.cell(*ref)
            assert cell.ref == ref and cell.recomputed == cell.value
            steps += 1
            assert steps < len(run.inspector.names)
        assert cell.ref.tensor == "camera"


def test_operands_are_the_numbers_they_point_at(emulator, runs):
    rng, run = np.random.default_rng(4), runs[1]
    order = {name: number for number, name in enumerate(run.inspector.names)}
    for name in emulator.graph.computed:
        cell = drawn(rng, run.inspector, name)
        for operand in cell.operands:
            if operand.ref is not None:
                assert order[operand.ref.tensor] < order[name]
                assert operand.value == run.tensors[operand.ref.tensor][0][operand.ref[1:]]
                assert operand.scale == emulator.graph.tensors[operand.ref.tensor].scale


def test_without_a_frame_the_chain_ends_at_the_graphs_input(emulator, runs):
    for model in (emulator, emulator.graph):
        cell = explain_int8_cell(model, runs[0].tensors, emulator.graph.outputs[0], (5, 6, 7))
        while cell.operands:
            cell = explain_int8_cell(model, runs[0].tensors, cell.operands[0].ref.tensor, cell.operands[0].ref[1:])
        assert cell.ref.tensor == emulator.graph.inputs[0]


def test_a_picture_may_be_given_in_the_place_of_the_cameras_bytes(emulator, runs):
    picture = yuv422_to_rgb(runs[0].frame)
    inspector = Int8Inspector(emulator, runs[0].tensors, picture)
    assert inspector.cell("picture", 3, 4, 1).operands == ()
    assert inspector.cell("restored", 3, 4, 1).value == runs[0].inspector.cell("restored", 3, 4, 1).value
    with pytest.raises(MirnetError, match="'camera' is no computed tensor"):
        inspector.cell("camera", 0, 0, 0)


def test_real_numbers_and_hook_names(emulator, runs):
    cell = explain_int8_cell(emulator, runs[0].tensors, BODY, (2, 3, 4))
    index = emulator.hooks.places[BODY].tensor
    assert cell.ref == CellRef(index, 2, 3, 4)
    assert cell.real == pytest.approx(emulator.cache(runs[0].frame)[BODY][0, 2, 3, 4], rel=1e-6)
    assert BODY in cell.title and "CONV_2D" in cell.title


def test_a_changed_weight_is_noticed(emulator, runs):
    """The graph as another file would have it: one weight, one bias, one scale different."""
    graph, index = emulator.graph, emulator.hooks.places[BODY].tensor
    operator = graph.producer[index]
    weights, bias = (graph.tensors[k] for k in operator.inputs[1:3])
    place = (10, 12, 3)
    assert explain_int8_cell(graph, runs[0].tensors, index, place).steps[-1].value not in (-128, 127)
    changes = [
        replace(weights, data=np.where(weights.data > 0, 127, weights.data).astype(np.int8)),
        replace(bias, data=bias.data + (1 << 16)),
        replace(weights, quantization=Quantization(weights.quantization.scale * 2, weights.quantization.zero_point, 0)),
    ]
    for changed in changes:
        tensors = list(graph.tensors)
        tensors[changed.index] = changed
        cell = explain_int8_cell(replace(graph, tensors=tuple(tensors)), runs[0].tensors, index, place)
        assert cell.recomputed != cell.value


def test_a_softmax_over_the_wrong_axis_is_noticed(emulator, runs):
    """Logits that were not transposed: the channels compete, and not the streams."""
    graph, tensors = emulator.graph, dict(runs[1].tensors)
    softmax = next(operator for operator in graph.operators if operator.kind == "SOFTMAX")
    source, output = softmax.inputs[0], softmax.outputs[0]
    tensors[source] = np.roll(tensors[source], 1, axis=-1)
    cells = [explain_int8_cell(graph, tensors, output, (5, 0, k)) for k in range(3)]
    assert any(cell.recomputed != cell.value for cell in cells)


def test_one_bit_in_any_tensor_is_noticed(emulator, runs):
    rng = np.random.default_rng(5)
    for index in rng.choice(emulator.graph.computed, 20, replace=False).tolist():
        tensors = dict(runs[0].tensors)
        tensors[index] = tensors[index] ^ 1
        place = [int(rng.integers(size)) for size in Int8Inspector(emulator, tensors).shape(index)]
        cell = explain_int8_cell(emulator, tensors, index, place)
        assert abs(cell.recomputed - cell.value) == 1


@pytest.mark.parametrize(
    ("tensor", "place", "message"),
    [
        (1, (0, 0, 0), "1 is no computed tensor of this graph: give an index from 207 to 460, or 0 for the input"),
        (461, (0, 0, 0), "461 is no computed tensor"),
        ("nonsense", (0, 0, 0), "or the name of a hook point, or picture, or restored, or camera"),
        (
            207,
            (24, 0, 0),
            r"row must be an integer from 0 to 23, not 24: tensor 207 \(shallow\), made by operator 0 ",
        ),
        (207, (0, 32, 0), "column must be an integer from 0 to 31, not 32"),
        (207, (0, 0, -1), "channel must be an integer from 0 to 11, not -1"),
        ("restored", (120, 0, 0), "row must be an integer from 0 to 119"),
        (207, (0, 0), "three numbers, row, column and channel, not 2"),
    ],
)
def test_bad_requests_are_refused_with_a_message(emulator, runs, tensor, place, message):
    with pytest.raises(MirnetError, match=message):
        explain_int8_cell(emulator, runs[0].tensors, tensor, place, runs[0].frame)


def test_a_hook_point_that_is_fused_away_is_said(emulator, runs):
    other = Emulator(emulator.model, HookMap({"gone": Place(None, 4)}))
    with pytest.raises(HookError, match="gone is no tensor of the board's graph: fused into CONV_2D 4"):
        explain_int8_cell(other, runs[0].tensors, "gone", (0, 0, 0))


def test_a_tensor_that_was_not_kept_is_said(emulator, runs):
    with pytest.raises(MirnetError, match="tensor 209 is not among those of the run"):
        explain_int8_cell(emulator, {207: runs[0].tensors[207]}, 209, (0, 0, 0))


def one_operator(kind: str, shapes, constants=(), **options) -> tuple[Graph, dict[int, np.ndarray]]:
    """A graph of one operator by hand: its input, its constants, its output; and random numbers in the input."""
    whole = Quantization(np.array([0.1], np.float32), np.array([3], np.int64))
    given, made = shapes
    tensors = [Tensor(0, "in", given, np.dtype(np.int8), None, whole)]
    for data in constants:
        plain = np.asarray(data)
        tensors.append(Tensor(len(tensors), "constant", plain.shape, plain.dtype, plain, whole))
    tensors.append(Tensor(len(tensors), "out", made, np.dtype(np.int8), None, whole))
    operator = Operator(0, kind, tuple(range(len(tensors) - 1)), (len(tensors) - 1,), options)
    graph = Graph(tuple(tensors), (operator,), (0,), (len(tensors) - 1,))
    return graph, {0: np.random.default_rng(6).integers(-128, 128, given, dtype=np.int8)}


def test_moves_of_any_shape():
    """What `nano` has none of: a reshape, all axes in another order, a slice with steps."""
    cases = {
        "RESHAPE": (one_operator("RESHAPE", ((1, 4, 6, 2), (8, 3, 2, 1))), lambda x: x.reshape(8, 3, 2, 1)),
        "TRANSPOSE": (
            one_operator("TRANSPOSE", ((2, 3, 4, 5), (4, 2, 5, 3)), [np.array([2, 0, 3, 1])]),
            lambda x: x.transpose(2, 0, 3, 1),
        ),
        "STRIDED_SLICE": (
            one_operator(
                "STRIDED_SLICE",
                ((1, 5, 6, 4), (1, 2, 3, 4)),
                [np.array([0, 1, 1, 9]), np.array([1, 5, 6, 9]), np.array([1, 2, 2, 1])],
                beginMask=8,
                endMask=8,
            ),
            lambda x: x[:, 1::2, 1::2],
        ),
    }
    for (graph, tensors), expected in cases.values():
        output = graph.outputs[0]
        run = tensors | {output: np.ascontiguousarray(expected(tensors[0]))}
        inspector = Int8Inspector(graph, run)
        for place in np.ndindex(inspector.shape(output)):
            cell = inspector.cell(output, *place)
            assert cell.recomputed == cell.value == inspector.cell(*cell.operands[0].ref).value


@pytest.mark.parametrize(
    ("kind", "constants", "options", "message"),
    [
        ("FLOOR", (), {}, "FLOOR 0 cannot be explained; there are rules for ADD, CONCATENATION"),
        ("MUL", (np.int8([[[[2]]]]),), {"fusedActivationFunction": 3}, "MUL 0 .*: it ends in an activation other than"),
        ("MIRROR_PAD", (np.zeros((4, 2), np.int32),), {"mode": 1}, "it does not pad by reflection"),
        ("RESIZE_BILINEAR", (np.int32([2, 2]),), {"alignCorners": True}, "centres of pixels"),
        ("MEAN", (), {}, None),
    ],
)
def test_what_has_no_rule_is_refused_by_name(kind, constants, options, message):
    shape = (1, 2, 2, 1)
    graph, tensors = one_operator(kind, (shape, shape), constants, **options)
    run = tensors | {graph.outputs[0]: tensors[0]}
    if message is None:  # axes that are no constant but the input itself
        operator = replace(graph.operators[0], inputs=(0, 0))
        graph, message = replace(graph, operators=(operator,)), "its input 1 is computed"
    with pytest.raises(MirnetError, match=message):
        explain_int8_cell(graph, run, graph.outputs[0], (0, 0, 0))


def test_a_constant_operand_has_no_cell():
    graph, tensors = one_operator("MUL", ((1, 2, 2, 1), (1, 2, 2, 1)), [np.int8([[[[7]]]])])
    cell = explain_int8_cell(graph, tensors | {2: tensors[0]}, 2, (1, 1, 0))
    x = int(tensors[0][0, 1, 1, 0])
    assert cell.operands[1].ref is None and cell.operands[1].part == 4
    assert cell.recomputed == min(max(round((x - 3) * 4 * 0.1) + 3, -128), 127)


@pytest.mark.parametrize("x", [-128, 127])
def test_a_fused_relu_saturates_at_the_zero_point(x):
    graph, _ = one_operator("MUL", ((1, 1, 1, 1),) * 2, [np.int8([[[[7]]]])], fusedActivationFunction=1)
    run = {0: np.full((1, 1, 1, 1), x, np.int8), 2: np.zeros((1, 1, 1, 1), np.int8)}
    cell = explain_int8_cell(graph, run, 2, (0, 0, 0))
    assert cell.recomputed == (3 if x < 0 else round(124 * 4 * 0.1) + 3)
    assert cell.steps[-1].words == "saturated to [3, 127], which is the ReLU"


def test_the_reciprocal_of_a_softmax_is_exact_to_its_last_bits(emulator, runs):
    """Shares of 1/256 would hide a reciprocal that is off by a thousandth."""
    softmax = next(operator for operator in emulator.graph.operators if operator.kind == "SOFTMAX")
    for row in range(48):
        steps = {step.words: step.value for step in runs[1].inspector.cell(softmax.outputs[0], row, 0, 0).steps}
        product = steps["mantissa of 1 / sum, × 2^31"] / 2**31 * steps["sum of the exponentials, × 2^19"] / 2**19
        assert np.log2(product) == pytest.approx(round(np.log2(product)), abs=1e-7)


def test_roundings():
    half = 1 << 30
    assert [multiply_high(x, half) for x in (1, 3, -1, -3)] == [1, 2, 0, -1]  # halves up
    assert [shift_right(x, 1) for x in (1, 3, -1, -3)] == [1, 2, -1, -2]  # halves away from zero
    assert [shift_right(x, 0) for x in (5, -5)] == [5, -5]


def test_text_and_latex_show_the_rounding(emulator, runs):
    cell = explain_int8_cell(emulator, runs[0].tensors, BODY, (2, 3, 4), runs[0].frame)
    text, latex = as_text(cell, most=3), as_latex(cell)
    assert text.startswith(f"{cell.ref} = {cell.value}, which stands for ")
    assert "and 106 more that add up to" in text and "the accumulator, an int32" in text
    assert text.endswith(f"computed again from these numbers: {cell.value}, the same")
    parts = [int(line.split()[-1]) for line in text.splitlines() if line.startswith(("  q[", "  and 106"))]
    sum_ = next(int(line.split()[-1]) for line in text.splitlines() if line.startswith("  the accumulator, an int32"))
    assert len(parts) == 4 and sum(parts) == sum_
    assert r"\text{the accumulator × multiplier / $2^{31}$, rounded}" in latex
    by = {step.symbol: step.value for step in cell.steps if step.symbol}
    assert by["S"] == sum_ and f"S &= {sum_} " in latex and f"M &= {by['M']} " in latex
    shift = int(re.search(r"m &= M / 2\^\{31\} / 2\^\{(\d+)\} ", latex)[1])
    assert abs(round(sum_ * by["M"] / 2**31 / 2**shift) + cell.zero_point - cell.recomputed) <= 1  # rounded twice
    assert rf"z_\text{{out}} &= {cell.zero_point} " in latex and f"z &= {cell.operands[0].zero_point} " in latex
    wrong = replace(cell, value=cell.value - 2)
    assert as_text(wrong).endswith("off by 2")


def test_it_needs_no_keras():
    code = (
        "import sys; import explain.cell as c; c.explain_int8_cell, c.as_text, c.as_latex; "
        "print([m for m in ('keras', 'tensorflow', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
