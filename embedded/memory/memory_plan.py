"""A memory plan as data: in which order operators run, where each tensor lies, and from when to when."""

from collections.abc import Sequence
from dataclasses import dataclass

from embedded.memory.buffers import aligned, kept_tensors
from embedded.tflite.graph import Graph

__all__ = ["Plan", "lifetimes", "live_bytes"]


@dataclass(frozen=True)
class Plan:
    """Order, places and times of all tensors that are given or computed; constants stay in flash.

    Attributes:
        order: Indices of operators, in the order to run them.
        offsets: Tensor index to its first byte in the arena, a multiple of 16.
        in_place: Output tensor to the input whose place it takes. An operator that only gives a new shape (RESHAPE)
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
        places: dict[int, int] = {}  # tensors with the same first byte share it
        for index, (first, last) in plan.lifetimes.items():
            if first <= step <= last:
                begin = plan.offsets[index]
                places[begin] = max(places.get(begin, 0), aligned(graph.tensors[index].bytes))
        found.append(sum(places.values()))
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
