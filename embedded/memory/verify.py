"""Verifies a memory plan by simulating reads and writes.

It records whose value each byte of the arena holds, and checks before every read. It shares nothing with the code that
makes plans, but what an operator may do in place. So it finds errors of that code: a tensor that dies too early, two
blocks that overlap, an operator before its input is made.
"""

from collections.abc import Iterable

import numpy as np

from embedded.memory.buffers import ALIGNMENT, ELEMENTWISE, kept_tensors, source_of_view
from embedded.memory.memory_plan import Plan
from embedded.tflite.graph import Graph, Operator

__all__ = ["PlanError", "check"]

NOBODY = -1


class PlanError(RuntimeError):
    """A plan that would overwrite what is still needed: an internal error."""


def check(plan: Plan, graph: Graph) -> None:
    """Verifies a plan by simulating its reads and writes.

    Raises:
        PlanError: If an operator, or the reader of the model's outputs, would read another tensor's bytes; or if the
            plan is none for this graph.
    """
    _check_form(plan, graph)
    _Replay(plan, graph).run()


class _Replay:
    """The arena, with the owner of every byte: the tensor for which its value was made."""

    def __init__(self, plan: Plan, graph: Graph):
        self.plan, self.graph = plan, graph
        self.owner = np.full(plan.peak, NOBODY, np.int32)
        self.value: dict[int, int] = {}
        self.begins: dict[int, int] = {}
        self.ends: dict[int, int] = {}

    def run(self) -> None:
        given = [index for index in self.graph.inputs if index in self.plan.offsets]
        self._write(given, 0)
        self._read(given, 0, "the first step")
        for step, number in enumerate(self.plan.order):
            operator = self.graph.operators[number]
            what = f"step {step}, {operator.kind} {number},"
            inputs = [index for index in operator.inputs if index in self.plan.offsets]
            self._read(inputs, step, what)
            source = source_of_view(self.graph, operator)
            if source is None:
                self._check_overlaps(operator, inputs, what)
                self._write(operator.outputs, step)
            else:  # nothing is written: the same value belongs to another tensor now
                self.value[operator.outputs[0]] = self.value[source]
                self.begins[operator.outputs[0]] = step
            self._read(operator.outputs, step, what)
        kept = [index for index in kept_tensors(self.graph) if index in self.plan.offsets]
        self._read(kept, max(len(self.plan.order) - 1, 0), "whoever reads the output")
        for index, life in self.plan.lifetimes.items():
            found = self.begins[index], self.ends[index]
            if life != found:
                raise PlanError(f"{_named(self.graph, index)} lives in steps {found}, and the plan says {life}")

    def _place(self, index: int) -> slice:
        begin = self.plan.offsets[index]
        return slice(begin, begin + self.graph.tensors[index].bytes)

    def _write(self, indices: Iterable[int], step: int) -> None:
        for index in indices:
            self.value[index] = index
            self.begins[index] = step
            self.owner[self._place(index)] = index

    def _read(self, indices: Iterable[int], step: int, what: str) -> None:
        for index in indices:
            if index not in self.value:
                raise PlanError(f"{what} needs {_named(self.graph, index)} before it is made")
            self.ends[index] = step
            strangers = self.owner[self._place(index)]
            strangers = strangers[strangers != self.value[index]]
            if len(strangers):
                there = "nothing" if strangers[0] == NOBODY else _named(self.graph, int(strangers[0]))
                raise PlanError(f"{what} needs {_named(self.graph, index)}, and in its place there is {there}")

    def _check_overlaps(self, operator: Operator, inputs: Iterable[int], what: str) -> None:
        """Raises if an output overlaps an input, unless the operator works in place and both are the same bytes."""
        for output in operator.outputs:
            place = self._place(output)
            for index in inputs:
                other = self._place(index)
                if place.start < other.stop and other.start < place.stop:
                    taken = self.plan.in_place.get(output)
                    same = taken is not None and self.value[taken] == self.value[index] and place == other
                    if operator.kind not in ELEMENTWISE or not same:
                        raise PlanError(
                            f"{what} would write {_named(self.graph, output)} over {_named(self.graph, index)} "
                            "while it reads it"
                        )


def _check_form(plan: Plan, graph: Graph) -> None:
    """Raises unless every operator is there once, and every tensor inside the arena."""
    if sorted(plan.order) != list(range(len(graph.operators))):
        raise PlanError(f"the order must have each of the {len(graph.operators)} operators once")
    computed = {*graph.computed, *(index for index in graph.inputs if graph.tensors[index].data is None)}
    if set(plan.offsets) != computed or set(plan.lifetimes) != computed:
        raise PlanError("the plan must have a place and a lifetime for each tensor that is given or computed")
    for index, offset in plan.offsets.items():
        if offset % ALIGNMENT or not 0 <= offset <= plan.peak - graph.tensors[index].bytes:
            raise PlanError(f"{_named(graph, index)} at byte {offset} is not aligned, or outside the arena")
    for output, source in plan.in_place.items():
        if plan.offsets[output] != plan.offsets.get(source):
            raise PlanError(f"{_named(graph, output)} should be in the place of {_named(graph, source)}, and is not")


def _named(graph: Graph, index: int) -> str:
    return f"tensor {index} ({graph.tensors[index].name})"
