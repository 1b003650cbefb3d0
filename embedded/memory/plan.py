"""Makes the memory plan: order of operators, in-place writes, and the offset of each tensor in the arena.

```python
plan = make_plan(read_graph(model))
plan.peak            # bytes of the arena that all computed tensors share
plan.order           # operators, in the order to run them
plan.offsets[460]    # where tensor 460 begins, in bytes from the arena's start
plan.in_place        # {output: input}: these two begin at the same byte
check(plan, graph)   # simulates reads and writes
```

A tensor lives from the step that makes it (the model's inputs: from the start) to the last step that reads it (the
model's outputs: to the end). The model's input may be overwritten after its last read.
Order: `embedded.memory.order`. Offsets: `embedded.memory.offsets`. What may share memory: `embedded.memory.buffers`.
"""

from embedded.memory.buffers import Buffers, aligned, source_of_view
from embedded.memory.memory_plan import Plan, lifetimes, live_bytes
from embedded.memory.offsets import Block, load, pack, top
from embedded.memory.order import best_order, orders_within
from embedded.memory.verify import PlanError, check
from embedded.tflite.graph import Graph

__all__ = ["Plan", "PlanError", "check", "first_come", "lifetimes", "live_bytes", "make_plan"]

ORDERS = 12  # packed at most, if the first one leaves gaps


def make_plan(graph: Graph, seed: int = 0) -> Plan:
    """The plan that needs the smallest arena we can find; the same for the same graph and seed.

    Takes some tenths of a second for the network of the board, and some seconds at most for others of its length.

    Args:
        graph: From `embedded.tflite.graph_file.read_graph`.
        seed: Of the random tries. Another seed helps only where `peak > bound`.

    Returns:
        A plan that has been verified (`check`).
    """
    buffers = Buffers(graph)
    best = best_order(buffers, seed)
    plan = _plan(buffers, best.operators, best.bound, seed)
    if plan.peak > best.live:  # packing left gaps: other orders may leave none, even such as need a little more
        for order in orders_within(buffers, (best.live + plan.peak) // 2, seed, ORDERS):
            plan = min(plan, _plan(buffers, order, best.bound, seed), key=lambda each: each.peak)
    check(plan, graph)
    return plan


def first_come(graph: Graph) -> int:
    """Bytes that are live at the worst step without a plan: operators in the file's order, nothing in place.

    To compare with `Plan.peak`: rounded up as there, and without the gaps that packing may leave.
    """
    lives = lifetimes(graph, range(len(graph.operators)))
    blocks = [Block(index, aligned(graph.tensors[index].bytes), *life) for index, life in lives.items()]
    return max(load(blocks), default=0)


def _plan(buffers: Buffers, order: tuple[int, ...], bound: int, seed: int) -> Plan:
    """The plan of one order."""
    graph, lives = buffers.graph, lifetimes(buffers.graph, order)
    ends = dict.fromkeys(buffers.sizes, 0)  # last step of each buffer, over all its tensors
    for index, (_, last) in lives.items():
        ends[buffers.of_tensor[index]] = max(ends[buffers.of_tensor[index]], last)
    in_place: dict[int, int] = {}
    block = {buffer: buffer for buffer in buffers.sizes}  # the buffer in whose block it lies
    for step, operator in enumerate(order):
        output = graph.operators[operator].outputs[0]
        view = source_of_view(graph, graph.operators[operator])
        dying = [each for each in buffers.replaceable[operator] if ends[buffers.of_tensor[each]] == step]
        if view is not None:
            in_place[output] = view
        elif dying:
            in_place[output] = dying[0]
            block[output] = block[buffers.of_tensor[dying[0]]]
    blocks = _blocks(buffers, block, {each: (lives[each][0], end) for each, end in ends.items()})
    begins = pack(blocks, seed)
    offsets = {index: begins[block[buffers.of_tensor[index]]] for index in lives}
    return Plan(order, offsets, in_place, lives, top(blocks, begins), max(load(blocks), default=0), bound)


def _blocks(buffers: Buffers, block: dict[int, int], lives: dict[int, tuple[int, int]]) -> list[Block]:
    """One block for all buffers that follow each other at one offset."""
    found: dict[int, Block] = {}
    for buffer, (first, last) in lives.items():
        name = block[buffer]
        other = found.get(name, Block(name, buffers.sizes[name], first, last))
        found[name] = Block(name, other.size, min(other.first, first), max(other.last, last))
    return list(found.values())
