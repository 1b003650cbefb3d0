"""Checks of lesson 6: the first column, the exchange, the block, the network, and what a unit costs.

The first four compare connections, wire by wire: `lessons/checks/wires.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from explain.tracing.costs import cost
from lessons.checks.kit import call, compare, exercise, several, wrong
from lessons.checks.parts import STREAMS, Parts, Whole
from lessons.checks.wires import Circuit, Node, Wire, collapsed, first_difference
from model.attention import DualAttentionUnit

__all__ = ["block", "exchange", "first_column", "restore", "unit_cost"]

CLOSE = 1e-4
"""Tolerance for float32 through a chain of layers; a wrong connection changes far more."""


@exercise
def first_column(function) -> str:
    """Exercise 1: `first_column(features, parts)` opens the three streams."""
    look = "“Three streams”: dau, then down, then dau, then down, then dau."
    circuit = Circuit()
    x, parts = circuit.input("features"), circuit.parts()
    right = _first_column(x, parts)
    names = _named(_COLUMN, right) | {x.node: "the input"}
    got = call(function, x, parts)
    _same_streams("first_column(features, parts)", got, right, circuit, names, look)
    return "first_column: three streams, each made from the one above after its attention."


@exercise
def exchange(function) -> str:
    """Exercise 2: `exchange(streams, parts)` fuses all three streams at each resolution."""
    look = "“The exchange”: for each stream j, bring all three to j and fuse them with skff(j, ...)."
    circuit = Circuit()
    parts, streams = circuit.parts(), [circuit.input(f"stream {k}", k) for k in STREAMS]
    right = _exchange(streams, parts)
    got = call(function, list(streams), parts)
    _same_streams("exchange(streams, parts)", got, right, circuit, _named(_FUSED, right), look)
    return "exchange: nine connections and three fusions, all of them from the same inputs."


@exercise
def block(function) -> str:
    """Exercise 3: `block(features, parts)` is the multi-scale residual block."""
    look = "“The block”: first column, exchange, attention again, merge with rise, conv, and add the input."
    circuit = Circuit()
    x, parts = circuit.input("features"), circuit.parts()
    right = _block(x, parts)
    column = _first_column(x, parts)
    fused = _exchange(column, parts)
    names = _named(_COLUMN, column) | _named(_FUSED, fused) | _named(_AGAIN, _attended(fused, parts))
    names[x.node] = "the input of the block"
    _same_wires("block(features, parts)", call(function, x, parts), right, circuit, names, look)
    return "block: three resolutions, an exchange, a merge, and a skip connection."


@exercise
def restore(function) -> str:
    """Exercise 4: `restore(photo, whole)` is MIRNet."""
    look = "“The network”: shallow, then for each group blocks, conv and its input, then last, then the photo."
    circuit = Circuit()
    photo, whole = circuit.input("the photo", channels=3), circuit.whole()
    features: Any = whole.shallow(photo)
    names = {photo.node: "the photo"}
    names[features.node] = "the shallow features"
    right: Any = features
    for number, group in enumerate(whole.groups, 1):
        refined = right
        for parts in group.blocks:
            refined = _block(refined, parts)
        right = right + group.conv(refined)
        names[right.node] = f"the output of group {number}"
    right = photo + whole.last(right)
    got = call(function, photo, whole)

    outputs = cache(lambda: _block_outputs(circuit, whole))

    def whole_blocks(node: Node) -> Node:
        return collapsed(circuit, node, outputs())

    _same_wires("restore(photo, whole)", got, right, circuit, names, look, whole_blocks)
    return "restore: MIRNet, from a dark photo to a restored one."


def _block_outputs(circuit: Circuit, whole: Whole) -> dict[Node, tuple[str, Node]]:
    """Of every block that was called, with whatever input: its output, its name, and that input."""
    blocks = {parts.owner: parts for group in whole.groups for parts in group.blocks}
    outputs = {}
    for node in list(circuit.wires):
        if node.form == "dau(1, {})":  # a block's first call, or its second column
            source = circuit.wires.get(node.inputs[0])
            if source is not None:
                outputs[_block(source, blocks[node.owner]).node] = node.owner, source.node
    return outputs


def _first_column(features: Any, parts: Parts) -> list:
    one = parts.dau(1, features)
    two = parts.dau(2, parts.bring(one, 1, 2))
    return [one, two, parts.dau(3, parts.bring(two, 2, 3))]


def _exchange(streams: Sequence, parts: Parts) -> list:
    return [parts.skff(j, [parts.bring(one, k, j) for k, one in zip(STREAMS, streams, strict=True)]) for j in STREAMS]


def _attended(streams: Sequence, parts: Parts) -> list:
    return [parts.dau(k, stream) for k, stream in enumerate(streams, 1)]


def _block(features: Any, parts: Parts) -> Any:
    one, two, three = _attended(_exchange(_first_column(features, parts), parts), parts)
    return features + parts.conv(parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)]))


_COLUMN = "stream {} after its attention"
_FUSED = "stream {} after the exchange"
_AGAIN = "stream {} after its second attention"


def _named(form: str, streams: Sequence[Wire]) -> dict[Node, str]:
    return {stream.node: form.format(k) for k, stream in enumerate(streams, 1)}


def _same_streams(what: str, got: Any, right: Sequence, circuit: Circuit, names: Mapping[Node, str], look: str) -> None:
    several(what, got, "a list of three streams", 3, "a stream is left out, or something else is in the list.", look)
    if all(np.shape(one) == due.shape for one, due in zip(got[::-1], right, strict=True)):
        wrong(
            f"{what} begins with stream 3.", "the list is in reverse order: stream 1, at full resolution, first.", look
        )
    for k, (one, due) in enumerate(zip(got, right, strict=True), 1):
        _same_wires(f"stream {k} of {what}", one, due, circuit, names, look)


def _same_wires(
    what: str,
    got: Any,
    right: Wire,
    circuit: Circuit,
    names: Mapping[Node, str],
    look: str,
    view: Callable[[Node], Node] = lambda node: node,
) -> None:
    """Compares values, and if they differ the connections behind them."""
    if np.shape(got) == right.shape and np.allclose(np.asarray(got), np.asarray(right), atol=CLOSE):
        return
    mine, due = view(circuit.node_of(got)), view(right.node)
    names = dict(names) | {view(node): name for node, name in names.items()}
    others = {node: name for node, name in names.items() if node is not due}  # the due one is explained, not named
    said = first_difference(mine, due, others)
    if not said:
        compare(what, got, np.asarray(right), look=look, relative=CLOSE)
    wrong(f"{what} is connected in another way.", look=look, steps=f"wire by wire, {said}")


@exercise
def unit_cost(function) -> str:
    """Exercise 5: `unit_cost(channels, height, width)` against `explain.cost`."""
    look = "“What it costs”: the table of the unit's convolutions; parameters count once, MACs at every pixel."
    for n, height, width in ((8, 10, 12), (32, 5, 6)):
        what = f"unit_cost({n}, {height}, {width})"
        got = call(function, n, height, width)
        got = several(what, got, "a pair, (parameters, macs)", look=look)
        found = cost(DualAttentionUnit(n), (height, width))
        known = _parameters(n, found.parameters, found.macs), _macs(n, height * width, found)
        due = {"parameters": found.parameters, "MACs": found.macs}
        for value, (name, right), mistakes in zip(got, due.items(), known, strict=True):
            compare(f"the number of {name} of {what}", value, right, mistakes, look, relative=1e-9)
    return "unit_cost: parameters exist once; MACs are done at every pixel."


def _parameters(n: int, right: int, macs: int) -> dict[str, Any]:
    few = n // 8
    return {
        "the slope of the PReLU is missing: it is learned, one number.": right - 1,
        "these are the MACs; the pair is (parameters, MACs).": macs,
        "PReLU has a slope for each channel here; MIRNet has a single one.": right - 1 + n,
        "every convolution has a bias here; MIRNet's have none.": right + 4 * n + few + 1,
        "only one of the two 3×3 convolutions is counted.": right - 9 * n * n,
        "the merge has n input channels here; it has both halves, 2n.": right - n * n,
        "spatial attention has one map here; it has two, the maximum and the mean.": right - 25,
        "spatial attention is 1×1 here; it is 5×5.": right - 48,
        "spatial attention is 3×3 here; it is 5×5.": right - 32,
        "the sizes of the kernels are not squared: a 3×3 kernel has 9 numbers for each pair of channels.": right
        - 12 * n * n
        - 40,
        "channel attention squeezes to 8 channels here; it squeezes to an eighth, n / 8.": right - 2 * n * few + 16 * n,
        "spatial attention is missing.": right - 50,
        "channel attention is missing.": right - 2 * n * few,
        "only one of channel attention's two convolutions is counted.": right - n * few,
        "channel attention does not squeeze here: n to n/8 and back.": right - 2 * n * few + 2 * n * n,
    }


def _macs(n: int, pixels: int, found) -> dict[str, Any]:
    right, per_pixel = found.macs, found.parameters - 1
    few = n // 8
    return {
        "channel attention works at every pixel here; the input of its convolutions is the descriptor.": per_pixel
        * pixels,
        "every parameter counts at every pixel here. The slope has no MACs, and channel attention only works on the "
        "descriptor.": found.parameters * pixels,
        "these are the MACs of one pixel; multiply by height and width.": per_pixel,
        "these are operations; a MAC is a multiplication and an addition together.": 2 * right,
        "channel attention is missing: few MACs, but not none.": right - 2 * n * few,
        "only one of the two 3×3 convolutions is counted.": right - 9 * n * n * pixels,
        "the merge has n input channels here; it has both halves, 2n.": right - n * n * pixels,
        "spatial attention is missing.": right - 50 * pixels,
        "the slope of the PReLU counts as a MAC at every pixel here.": right + pixels,
        "spatial attention is 3×3 here; it is 5×5.": right - 32 * pixels,
        "these are the parameters; the pair is (parameters, MACs).": found.parameters,
    }
