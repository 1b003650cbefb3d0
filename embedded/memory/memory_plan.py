"""A memory plan as data: order of operators, offsets and lifetimes of tensors."""

from collections.abc import Sequence
from dataclasses import dataclass

from embedded.memory.buffers import aligned, kept_tensors
from embedded.tflite.graph import Graph

__all__ = ["Plan", "lifetimes", "live_bytes"]


@dataclass(frozen=True)
class Plan:
    """Order, offsets and lifetimes of all inputs and computed tensors; constants stay in flash.

    Attributes:
        order: Indices of operators, in the order to run them.
        offsets: Tensor index to its first byte in the arena, a multiple of 16.
        in_place: Output tensor to the input that it is written over. An operator that only gives a new shape (RESHAPE)
            has nothing to do then; an elementwise one must compute from the first element to the last.
        lifetimes: Tensor index to its first and last step, positions in `order`.
        peak: Bytes of the arena.
        live: The largest sum of live buffers in this order: no packing of it can be smaller.
        bound: No order can have a smaller sum than this, with the same rules of writing in place; proven by a search
            through all orders as far as it got. `peak == bound` is a proof that there is no better plan.
    """

    order: tuple[int, ...]
    offsets: dict[int, int]
    in_place: dict[int, int]
    lifetimes: dict[int, tuple[int, int]]
    peak: int
    live: int
    bound: int


def live_bytes(plan: Plan, graph: Graph) -> list[int]:
    """Bytes of the arena that are in use at each step; its largest is `plan.live`."""
    found = []
    for step in range(len(plan.order)):
        sizes: dict[int, int] = {}  # by first byte: tensors with the same one share a buffer
        for index, (first, last) in plan.lifetimes.items():
            if first <= step <= last:
                begin = plan.offsets[index]
                sizes[begin] = max(sizes.get(begin, 0), aligned(graph.tensors[index].bytes))
        found.append(sum(sizes.values()))
    return found


def lifetimes(graph: Graph, order: Sequence[int]) -> dict[int, tuple[int, int]]:
    """First and last step of every tensor that is given or computed, for one order."""
    end = max(len(order) - 1, 0)
    found = {index: [0, 0] for index in graph.inputs if graph.tensors[index].data is None}
    for step, operator in enumerate(order):
        found |= {index: [step, step] for index in graph.operators[operator].outputs}
        for index in graph.operators[operator].inputs:
            if index in found:
                found[index][1] = step
    for index in kept_tensors(graph):
        if index in found:
            found[index][1] = end
    return {index: (first, last) for index, (first, last) in found.items()}
