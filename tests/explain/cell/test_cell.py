"""The cell inspector on the float network: every number is what its formula says, back to the photo."""

import re
from typing import NamedTuple

import numpy as np
import pytest

from explain import run_with_cache
from explain.cell import CellInspector, CellRef, as_latex, as_text, explain_cell
from model import (
    SKFF,
    ChannelAttention,
    Downsample,
    DualAttentionUnit,
    HookError,
    MIRNet,
    MIRNetConfig,
    MirnetError,
    MultiScaleResidualBlock,
    SpatialAttention,
    Upsample,
)
from model.zoo import seed_weights

CLOSE = 1e-5  # float32 sums of some hundred products against float64, of numbers about as large as 1
STYLES = {
    "paper": MIRNetConfig(channels=8, groups=1, blocks=1),
    "board": MIRNetConfig(channels=4, groups=2, blocks=1, streams=2, style="board", stem=2, companding=63.0),
}
KINDS = {
    *("given", "copy", "companding", "convolution", "transposed convolution", "PReLU", "ReLU", "sum", "product"),
    *("gate", "mean", "maximum", "softmax", "blur", "bilinear"),
}
BODY = "rrg_1/mrb_1/column_1/dau_1/body"


class Run(NamedTuple):
    net: MIRNet
    cache: dict[str, np.ndarray]
    inspector: CellInspector


def run_of(config: MIRNetConfig) -> Run:
    net = MIRNet(config)
    seed_weights(net, seed=1)
    sides = (2 * config.multiple, 3 * config.multiple, 3)
    photo = np.random.default_rng(0).integers(0, 256, sides, dtype=np.uint8)
    cache = run_with_cache(net, photo)[1]
    return Run(net, cache, CellInspector(net, cache))


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return {style: run_of(config) for style, config in STYLES.items()}


@pytest.fixture(scope="module", params=list(STYLES))
def run(request, runs) -> Run:
    return runs[request.param]


def drawn(rng: np.random.Generator, inspector: CellInspector, name: str):
    return inspector.cell(name, *(int(rng.integers(size)) for size in inspector.shape(name)))


def check(cell) -> None:
    assert abs(cell.recomputed - cell.value) <= CLOSE * max(1, abs(cell.value)), as_text(cell)


def test_500_numbers_of_every_kind_are_what_their_formulas_say(runs):
    rng, kinds = np.random.default_rng(2), set()
    for run in runs.values():
        names = rng.choice(run.inspector.names, 250, replace=False)
        for name in names:
            cell = drawn(rng, run.inspector, name)
            assert "#" in name or cell.value == run.cache[name][0][cell.ref[1:]]
            check(cell)
            kinds.add(cell.kind)
    assert kinds >= KINDS - {"given", "companding"}  # of these two there is one tensor in a network


def test_every_hook_point_has_a_rule_to_its_corners(run):
    """At corners, convolutions meet the border, the blur mirrors it, and bilinear repeats it."""
    named = [name for name in run.inspector.names if "#" not in name]
    assert named == list(run.net.hook_names)
    found = set()
    for name in run.inspector.names:
        rows, columns, channels = run.inspector.shape(name)
        for place in ((0, 0, 0), (rows - 1, columns - 1, channels - 1)):
            cell = run.inspector.cell(name, *place)
            check(cell)
            assert cell.rule and cell.formula and cell.ref == CellRef(name, *place)
            assert bool(cell.operands) == (name != "input")
            found.add(cell.kind)
    assert found >= {"given", "convolution", "softmax", "blur", "bilinear"}


def test_all_kinds_are_met(runs):
    found = set()
    for run in runs.values():
        found |= {run.inspector.cell(name, 0, 0, 0).kind for name in run.inspector.names}
    assert found == KINDS


def test_operands_come_from_earlier_tensors_and_are_their_numbers(run):
    """So every chain ends, and no operand is a number from nowhere."""
    order = {name: number for number, name in enumerate(run.inspector.names)}
    rng = np.random.default_rng(3)
    for name in run.inspector.names:
        operands = drawn(rng, run.inspector, name).operands
        assert all(order[operand.ref.tensor] < order[name] for operand in operands)  # no convolution here has a bias
        for operand in operands[:: len(operands) // 2 + 1]:
            assert run.inspector.cell(*operand.ref).value == operand.value


@pytest.mark.parametrize("choice", ["first", "any"])
def test_references_lead_to_a_pixel(run, choice):
    rng = np.random.default_rng(4)
    for name in (*rng.choice(run.inspector.names, 30), "output"):
        cell, steps = drawn(rng, run.inspector, name), 0
        while cell.operands:
            number = 0 if choice == "first" else int(rng.integers(len(cell.operands)))
            cell = run.inspector.cell(*cell.operands[number].ref)
            steps += 1
            assert steps < len(run.inspector.names)
        assert cell.ref.tensor == "input" and cell.kind == "given"


def test_a_pixel_has_its_byte(runs):
    run = runs["board"]
    cell = run.inspector.cell("input", 3, 5, 1)
    byte = np.random.default_rng(0).integers(0, 256, (8, 12, 3), dtype=np.uint8)[3, 5, 1]
    assert cell.steps[0].value == byte
    assert run.inspector.cell("companded", 3, 5, 1).steps[0].value == byte


def test_depth_to_space_takes_pixels_from_their_square(runs):
    """Every channel after space-to-depth is another pixel of its square, as in `model.images.camera_formats`."""
    inspector = runs["board"].inspector
    refs = [inspector.cell("folded", 2, 3, channel).operands[0].ref for channel in range(12)]
    assert refs == [CellRef("companded", 4 + c // 6, 6 + c // 3 % 2, c % 3) for c in range(12)]
    assert inspector.cell("residual", 5, 7, 2).operands[0].ref == CellRef("folded_residual", 2, 3, 11)


def test_the_steps_of_a_convolution_are_its_taps(runs):
    cell = runs["paper"].inspector.cell(BODY, 5, 5, 3)
    taps = [step.value for step in cell.steps if step.subtotal]
    assert len(cell.operands) == 9 * 8 and len(taps) == 9
    assert sum(taps) == pytest.approx(cell.recomputed)
    corner = runs["paper"].inspector.cell(BODY, 0, 0, 3)
    assert len(corner.operands) == 4 * 8 and "5 of 9 taps lie outside" in corner.rule


def test_weights_add_up_to_one(runs):
    """Of the blur, of bilinear and of means always; of SKFF's softmax over the streams."""
    for run in runs.values():
        for name in run.inspector.names:
            cell = run.inspector.cell(name, 0, 0, 0)
            if cell.kind in ("blur", "bilinear", "mean"):
                assert sum(operand.weight for operand in cell.operands) == pytest.approx(1)
        weights = "rrg_1/mrb_1/merge/skff/weights"
        shares = [run.inspector.cell(weights, k, 0, 2).recomputed for k in range(run.net.config.streams)]
        assert sum(shares) == pytest.approx(1)


def test_the_maximum_says_where_it_is(runs):
    run = runs["paper"]
    cell = run.inspector.cell("rrg_1/mrb_1/column_1/dau_1/spatial/pooled", 2, 3, 0)
    features = run.cache[BODY][0, 2, 3]
    assert [step.value for step in cell.steps] == [8, int(features.argmax())]


def test_a_weight_that_was_changed_after_the_run_is_noticed():
    net, cache, _ = run_of(STYLES["paper"])
    unit = net.groups[0].chain[0].units[0]
    faults = {
        "shallow": net.shallow.kernel,
        BODY: unit.second.kernel,
        "rrg_1/mrb_1/exchange/up_3_1/step_1/resized": net.groups[0].chain[0].resize["3_1"].steps[0].enlarge.kernel,
        "rrg_1/mrb_1/merge/skff/logits": net.groups[0].chain[0].fusions[0].expand[1].kernel,
        "rrg_1/mrb_1/column_1/dau_1/spatial/logits": unit.spatial.locate.kernel,
    }
    for tensor, weight in faults.items():
        rows, columns, channels = CellInspector(net, cache).shape(tensor)
        place = (1 % rows, columns - 1, channels - 1)
        check(explain_cell(net, cache, tensor, *place))
        weight.assign(weight * 1.5)
        cell = explain_cell(net, cache, tensor, *place)
        assert abs(cell.recomputed - cell.value) > 10 * CLOSE, tensor


def test_a_softmax_over_the_wrong_axis_is_noticed():
    net, cache, inspector = run_of(STYLES["paper"])
    right = inspector.cell("rrg_1/mrb_1/merge/skff/weights", 1, 0, 2)
    check(right)
    assert [operand.ref.row for operand in right.operands] == [0, 1, 2]
    net.groups[0].chain[0].fusions[0].softmax_over = "channels"
    wrong = CellInspector(net, cache).cell("rrg_1/mrb_1/merge/skff/weights", 1, 0, 2)
    assert [operand.ref.channel for operand in wrong.operands] == list(range(8))
    assert abs(wrong.recomputed - wrong.value) > 0.1


def test_a_tensor_that_was_replaced_on_the_way_is_noticed(runs):
    gate = "rrg_1/mrb_1/column_1/dau_1/channel/gate"
    net = runs["paper"].net
    photo = np.random.default_rng(5).random((8, 8, 3), dtype="float32")
    cache = run_with_cache(net, photo, hooks={gate: lambda tensor: tensor * 0.5})[1]
    cell = explain_cell(net, cache, gate, 0, 0, 3)
    assert cell.value == pytest.approx(cell.recomputed / 2)
    check(explain_cell(net, cache, gate.replace("gate", "out"), 2, 3, 3))  # what comes after it went on with it


COMPONENTS = {
    "SKFF": (SKFF(8), [(4, 6, 8)] * 3),
    "SKFF over channels": (SKFF(8, softmax_over="channels"), [(4, 6, 8)] * 3),
    "channel attention with bias": (ChannelAttention(16, use_bias=True), [(4, 6, 16)]),
    "spatial attention": (SpatialAttention(), [(4, 6, 3)]),
    "dual attention unit": (DualAttentionUnit(4), [(4, 6, 4)]),
    "down by 4": (Downsample(2, 4), [(8, 4, 2)]),
    "down from odd sides": (Downsample(2, 2), [(5, 7, 2)]),
    "up by 4": (Upsample(8, 4), [(2, 3, 8)]),
    "up in the board's style": (Upsample(8, 2, style="board"), [(2, 3, 8)]),
    "block of 2 streams and 3 columns": (MultiScaleResidualBlock(4, 2, 3), [(4, 6, 4)]),
}


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_alone(name):
    component, shapes = COMPONENTS[name]
    rng = np.random.default_rng(6)
    for weight in component.weights:
        weight.assign(rng.normal(0, 0.5, weight.shape))
    given = [rng.normal(0, 1, (1, *shape)).astype("float32") for shape in shapes]
    cache = run_with_cache(component, given if len(given) > 1 else given[0])[1]
    inspector = CellInspector(component, cache)
    assert [tensor for tensor in inspector.names if "#" not in tensor] == list(cache)
    for tensor in inspector.names:
        check(drawn(rng, inspector, tensor))
        check(inspector.cell(tensor, *(size - 1 for size in inspector.shape(tensor))))
    cell = inspector.cell("out", 0, 0, 0)
    while cell.operands:
        cell = inspector.cell(*cell.operands[len(cell.operands) // 2].ref)
    assert cell.ref.tensor in ("in", "stream_1", "stream_2", "stream_3")


def test_a_bias_has_no_cell(runs):
    component, _ = COMPONENTS["channel attention with bias"]
    features = np.random.default_rng(7).normal(0, 1, (1, 4, 6, 16)).astype("float32")
    component.squeeze.bias.assign([0.5, -0.25])
    cell = explain_cell(component, run_with_cache(component, features)[1], "squeezed#squeeze", 0, 0, 1)
    assert cell.operands[-1].symbol == "b" and cell.operands[-1].ref is None
    assert cell.operands[-1].value == -0.25


def test_of_a_batch_the_first_picture_is_explained(runs):
    pictures = np.random.default_rng(8).random((2, 8, 8, 3), dtype="float32")
    cache = run_with_cache(runs["paper"].net, pictures)[1]
    for name in (BODY, f"{BODY}#first", "output"):
        cell = explain_cell(runs["paper"].net, cache, name, 3, 3, 1)
        check(cell)
    assert cell.value == cache["output"][0, 3, 3, 1]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (("rrg_1/mrb_1/column_1/dau_1/boddy", 0, 0, 0), f"no tensor of this network; did you mean {BODY}"),
        (("", 0, 0, 0), "no tensor of this network; did you mean output"),
        ((BODY, 8, 0, 0), "row must be an integer from 0 to 7, not 8: .* has 8 rows, 12 columns and 8 channels"),
        ((BODY, 0, -1, 0), "column must be an integer from 0 to 11, not -1"),
        ((BODY, 0, 0, 1.5), "channel must be an integer from 0 to 7, not 1.5"),
        ((f"{BODY}#first", 0, 0, 8), "channel must be an integer from 0 to 7, not 8"),
    ],
)
def test_bad_requests_are_refused_with_a_message(runs, request_, message):
    with pytest.raises(MirnetError, match=message):
        explain_cell(runs["paper"].net, runs["paper"].cache, *request_)


def test_what_the_cache_lacks_is_said(runs):
    net, cache, _ = runs["paper"]
    small = {BODY: cache[BODY]}
    with pytest.raises(MirnetError, match=r"the cache has no rrg_1/mrb_1/column_1/dau_1/in: keep it"):
        explain_cell(net, small, BODY, 0, 0, 0)


def test_what_is_no_network_is_refused(runs):
    with pytest.raises(MirnetError, match="a Conv2D is no part of a MIRNet"):
        explain_cell(runs["paper"].net.shallow, {}, "in", 0, 0, 0)
    with pytest.raises(HookError):
        explain_cell(runs["board"].net, runs["board"].cache, "resized", 0, 0, 0)


def test_text_has_the_largest_first_and_the_rest_as_one_number(runs):
    cell = runs["paper"].inspector.cell(BODY, 3, 5, 2)
    lines = as_text(cell, most=5).splitlines()
    operands = [line for line in lines if re.match(r"  x\[", line)]
    parts = [float(line.split()[-1]) for line in operands]
    assert len(parts) == 5
    assert [abs(part) for part in parts] == sorted((abs(part) for part in parts), reverse=True)
    assert min(abs(part) for part in parts) >= sorted(abs(operand.part) for operand in cell.operands)[-6] - 1e-6
    (rest,) = [line for line in lines if line.startswith("  and 67 more that add up to")]
    assert sum(parts) + float(rest.split()[-1]) == pytest.approx(cell.value, abs=1e-5)
    ends = {len(line) for line in lines if line.startswith("  ")}
    assert len(ends) == 1  # numbers below one another
    assert lines[0].startswith(f"{BODY}[3, 5, 2] = {cell.value:.6f}")
    assert f"x: {BODY}#activation" in lines


def test_text_does_not_spend_a_line_on_one_more(runs):
    cell = runs["paper"].inspector.cell("rrg_1/mrb_1/column_1/dau_1/channel/squeezed#squeeze", 0, 0, 0)
    assert len(cell.operands) == 8
    assert "more" not in as_text(cell, most=7) and "and 2 more" in as_text(cell, most=6)


def test_the_lines_of_a_formula_are_what_it_computes(runs):
    """The sigmoid of a logit below 0 takes another formula; a softmax takes the largest logit off first."""
    inspector, gate = runs["paper"].inspector, "rrg_1/mrb_1/column_1/dau_1/channel/gate"
    ways = set()
    for channel in range(8):
        cell = inspector.cell(gate, 0, 0, channel)
        above = cell.operands[0].value >= 0
        power = np.exp(-abs(cell.operands[0].value))
        assert cell.steps[0].symbol == ("e^{-z}" if above else "e^{z}") and cell.steps[0].value == pytest.approx(power)
        assert (r"\frac{e^{z}}{1 + e^{z}}" in cell.formula) == (not above)
        ways.add(above)
    assert ways == {True, False}
    softmax = inspector.cell("rrg_1/mrb_1/merge/skff/weights", 1, 0, 3)
    largest, *powers, whole = (step.value for step in softmax.steps)
    assert powers == [np.exp(operand.value - largest) for operand in softmax.operands]
    assert [step.words for step in softmax.steps[1:4]] == [f"exponential of stream {k}" for k in (1, 2, 3)]
    assert powers[1] / whole == pytest.approx(softmax.recomputed)
    shown = as_latex(softmax)
    assert all(rf"e^{{z[{k},0,3] - m}} &= {power:.6f}" in shown for k, power in enumerate(powers))


def test_a_result_has_one_line_of_its_own(runs):
    cell = runs["paper"].inspector.cell(BODY, 3, 5, 2)
    assert r"\to" not in as_latex(cell) and rf"y &= \mathbf{{{cell.recomputed:.6f}}}" in as_latex(cell)


def test_latex_is_whole_and_has_the_numbers(run):
    rng = np.random.default_rng(9)
    for name in run.inspector.names:
        cell = drawn(rng, run.inspector, name)
        latex = as_latex(cell)
        assert latex.startswith("\\begin{aligned}\n") and latex.endswith("\n\\end{aligned}")
        bare = latex.replace(r"\{", "").replace(r"\}", "")
        assert bare.count("{") == bare.count("}") and latex.count(r"\left") == latex.count(r"\right")
        assert cell.formula in latex and "e-" not in latex
        assert not re.search(r"(?<!\\)[#%]", latex)
    product = run.inspector.cell("rrg_1/mrb_1/column_1/dau_1/channel/out", 1, 1, 1)
    shown = as_latex(product)
    for operand in product.operands:
        assert f"{abs(operand.value):.6f}" in shown and str(list(operand.ref[1:])).replace(" ", "") in shown
