"""Lesson 6 without a network: its parts record who is connected to whom, and a wrong wire is found and named.

Every array knows the calls that made it. So two answers are the same if their graphs are, and the first place where the
graphs part is the mistake. The values are those of small random layers; no Keras is needed, and a check takes no time.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from lessons.checks.parts import CHANNELS, Group, Parts, Whole

__all__ = ["Circuit", "Node", "Wire", "collapsed", "first_difference"]

SIDE = 8
"""Height and width of stream 1."""

DEEP = 2
"""Calls inside each other that a message shows."""


@dataclass(frozen=True, eq=False)
class Node:
    """One call, by identity: the same call of the same inputs is the same node.

    Attributes:
        form: As in a learner's code, with `{}` for each input: `dau(2, {})`.
        owner: Whose layer it is, `block 1 of group 2`.
        inputs: The nodes that it takes.
    """

    form: str
    owner: str = ""
    inputs: tuple["Node", ...] = ()


class Wire(np.ndarray):
    """An array that knows which node made it."""

    node: Node
    circuit: "Circuit"

    def __array_finalize__(self, source: Any) -> None:
        self.node = getattr(source, "node", None)  # type: ignore[assignment]
        self.circuit = getattr(source, "circuit", None)  # type: ignore[assignment]

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = (), **options: Any) -> Any:
        if out:
            options["out"] = tuple(_bare(each) for each in out)
        values = getattr(ufunc, method)(*map(_bare, inputs), **options)
        made = self.circuit.wire(values, self.circuit.operation(ufunc.__name__, inputs))
        if out and isinstance(out[0], Wire):
            out[0].node = made.node
            return out[0]
        return made

    def __array_function__(self, function: Callable, types: Any, args: Any, options: Any) -> Any:
        values = function(*_bare(list(args)), **{name: _bare(each) for name, each in options.items()})
        if not isinstance(values, np.ndarray):
            return values
        return self.circuit.wire(values, self.circuit.operation(function.__name__, list(_wires(args))))


class Circuit:
    """Makes the parts of a lesson's network, and the nodes of what is computed with them."""

    def __init__(self) -> None:
        self._nodes: dict[tuple, Node] = {}
        self._order: dict[Node, int] = {}
        self.wires: dict[Node, Wire] = {}

    def node(self, form: str, owner: str = "", inputs: Iterable[Node] = ()) -> Node:
        """The node of a call; the same one for the same call."""
        inputs = tuple(inputs)
        if form == "+":  # in any order
            inputs = tuple(sorted(inputs, key=self._order.__getitem__))
        key = form, owner, inputs
        if key not in self._nodes:
            self._nodes[key] = Node(form, owner, inputs)
            self._order[self._nodes[key]] = len(self._order)
        return self._nodes[key]

    def wire(self, values: np.ndarray, node: Node) -> Wire:
        """An array as the output of a node."""
        made = np.asarray(values).view(Wire)
        made.node, made.circuit = node, self
        return self.wires.setdefault(node, made)

    def input(self, name: str, k: int = 1, channels: int = 0) -> Wire:
        """An array that no call made."""
        side, depth = SIDE // 2 ** (k - 1), channels or CHANNELS * 2 ** (k - 1)
        values = np.random.default_rng(crc32(name.encode())).normal(0, 1, (1, side, side, depth))
        return self.wire(values.astype("float32"), self.node(name))

    def node_of(self, value: Any) -> Node:
        """The node of any result."""
        if isinstance(value, Wire):
            return value.node
        return self.node(f"{value:g}" if np.ndim(value) == 0 else "an array that other parts than these have made")

    def operation(self, name: str, inputs: Iterable[Any]) -> Node:
        """The node of arithmetic."""
        nodes = [self.node_of(each) for each in inputs if not (name == "add" and np.ndim(each) == 0 and each == 0)]
        if name == "add":
            return nodes[0] if len(nodes) == 1 else self.node("+", inputs=nodes)
        signs = {"subtract": "{} − {}", "multiply": "{} × {}", "divide": "{} / {}"}
        return self.node(signs.get(name, f"{name}({', '.join(['{}'] * len(nodes))})"), inputs=nodes)

    def layer(self, form: str, owner: str, features: Any, channels: int, factor: float = 1) -> Wire:
        """A small random layer that makes `channels` at `factor` times the size, from one array or a list of them."""
        several = list(features) if isinstance(features, list) else [features]
        total: Any = 0.0
        for k, one in enumerate(several):
            values = _bare(one).astype("float32")
            values = values[:, :: round(1 / factor), :: round(1 / factor)] if factor < 1 else values
            values = values.repeat(round(factor), 1).repeat(round(factor), 2) if factor > 1 else values
            rng = np.random.default_rng(crc32(f"{form} {owner} {k}".encode()))
            total = total + np.tanh(values @ rng.normal(0, 0.5, (values.shape[-1], channels)).astype("float32"))
        return self.wire(total, self.node(form, owner, map(self.node_of, several)))

    def parts(self, owner: str = "") -> "WiredParts":
        """The parts of one block."""
        return WiredParts(self, owner)

    def whole(self, groups: int = 2, blocks: int = 2) -> Whole:
        """The parts of a network."""

        def conv(form: str, owner: str, channels: int) -> Callable[[Any], Wire]:
            return lambda features: self.layer(form, owner, features, channels)

        chains = [
            Group(
                tuple(self.parts(f"block {b} of group {g}") for b in range(1, blocks + 1)),
                conv("group.conv({})", f"group {g}", CHANNELS),
            )
            for g in range(1, groups + 1)
        ]
        return Whole(conv("whole.shallow({})", "", CHANNELS), tuple(chains), conv("whole.last({})", "", 3))


class WiredParts(Parts):
    """Parts of one block that record how they are connected.

    Args:
        circuit: Which records them.
        owner: The block's name.
    """

    def __init__(self, circuit: Circuit, owner: str):
        self._circuit, self.owner = circuit, owner

    def _passed(self, call: str, features: Any, k: int, j: int = 0) -> Wire:
        to = j or k
        form = call.replace("K", str(k)).replace("J", str(j))
        return self._circuit.layer(form, self.owner, features, CHANNELS * 2 ** (to - 1), 2.0 ** (k - to))


def _bare(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_bare(each) for each in value]
    return np.asarray(value) if isinstance(value, np.ndarray) else value


def _wires(value: Any) -> Iterable[Wire]:
    if isinstance(value, Wire):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _wires(each)


def collapsed(circuit: Circuit, node: Node, outputs: Mapping[Node, tuple[str, Node]]) -> Node:
    """The graph with whole blocks as single nodes.

    Args:
        circuit: Of the nodes.
        node: The end of the graph.
        outputs: What is a block's output: its name and its input.
    """
    done: dict[Node, Node] = {}

    def made(each: Node) -> Node:
        if each not in done:
            if each in outputs:
                name, source = outputs[each]
                done[each] = circuit.node(f"{name}({{}})", inputs=[made(source)])
            elif each.inputs:
                done[each] = circuit.node(each.form, each.owner, map(made, each.inputs))
            else:
                done[each] = each
        return done[each]

    return made(node)


def first_difference(mine: Node, due: Node, names: Mapping[Node, str], at: str = "the result") -> str:
    """Where two graphs part, in a sentence; empty if they do not.

    Args:
        mine: The learner's.
        due: The right one.
        names: What to call some of the nodes.
        at: Where the two nodes are inputs.
    """
    if mine is due:
        return ""
    if mine.form == due.form and mine.owner == due.owner and len(mine.inputs) == len(due.inputs):
        if {id(a) for a in mine.inputs} == {id(b) for b in due.inputs}:
            order = ", ".join(_shown(each, names, 1) for each in due.inputs)
            return f"the inputs of `{_shown(due, {}, 0)}` are in the wrong order: first {order}."
        mine_in, due_in = list(mine.inputs), list(due.inputs)
        if mine.form == "+":
            mine_in, due_in = [a for a in mine_in if a not in due_in], [b for b in due_in if b not in mine_in]
            due_in.sort(key=lambda b: (b.form, b.owner) not in {(a.form, a.owner) for a in mine_in})
            mine_in.sort(key=lambda a: not due_in or (a.form, a.owner) != (due_in[0].form, due_in[0].owner))
        pair = next(((a, b) for a, b in zip(mine_in, due_in, strict=False) if a is not b), None)
        alike = pair and (pair[0].form, pair[0].owner) == (pair[1].form, pair[1].owner)
        if pair and (mine.form != "+" or len(mine_in) == 1 or alike):
            return first_difference(*pair, names, f"an input of `{_shown(due, {}, 0)}`")
    if mine in due.inputs:
        rest = [each for each in due.inputs if each is not mine]
        if due.form == "+":
            return f"{at} lacks a sum: {_shown(rest[0], names)} is not added to {_shown(mine, names)}."
        return f"{at} is {_shown(mine, names)}, without `{_shown(due, {}, 0)}`."
    if due in mine.inputs:
        rest = [each for each in mine.inputs if each is not due]
        if mine.form == "+":
            return f"{at} has something added, {_shown(rest[0], names)}, which should not be."
        return f"{at} goes through `{_shown(mine, {}, 0)}`, which is too much."
    return f"{at} is {_shown(mine, names)}; due is {_shown(due, names)}."


def _shown(node: Node, names: Mapping[Node, str], depth: int = DEEP) -> str:
    if node in names:
        return names[node]
    if not node.inputs:
        return node.form
    inner = [_shown(each, names, depth - 1) if depth else "…" for each in node.inputs]
    if node.form == "+":
        return " + ".join(inner)
    owner = f" (of {node.owner})" if node.owner and depth == DEEP else ""
    return node.form.format(*inner) + owner
