"""Search for the order of operators whose largest sum of live buffers is smallest.

MIRNet has three parallel streams, and which comes first decides what must be kept meanwhile. The search asks: is there
an order within a limit of bytes? It runs depth first through the sets of finished operators, never into the same set
twice (what is live follows from the set alone, not from the order within it), and takes at once whatever operator needs
no more memory after it than before: to put that off never helps. With smaller and smaller limits it ends at the best
order, and each "no" after a complete search is a **proof** that no order needs less. Graphs with too many sets end with
the best order found, and a lower bound.

Sets instead of orders, and limits that get tighter: https://arxiv.org/abs/2003.02369 (SERENITY), section 3.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from embedded.memory.buffers import Buffers

__all__ = ["Order", "best_order", "orders_within"]

SETS = 40_000  # visited in one search for the best order: some seconds
QUESTIONS = 4  # limits that may remain undecided
GREEDY_TRIES = 8

Rank = Callable[[int, int, int], float]
"""Priority: (bytes live afterwards, bytes live meanwhile, operator) to a float, the smallest first."""


@dataclass(frozen=True)
class Order:
    """An order and its memory.

    Attributes:
        operators: Indices of operators.
        live: Bytes of the buffers that are live at its worst step, each rounded up to the alignment.
        bound: Bytes that every order needs.
    """

    operators: tuple[int, ...]
    live: int
    bound: int


def best_order(buffers: Buffers, seed: int = 0, sets: int = SETS) -> Order:
    """The order that needs the fewest bytes, or the best one found after `sets` sets of operators."""
    ranks = [_frugal, *_ranks(random.Random(seed), GREEDY_TRIES)]
    tries = [_Search(buffers, float("inf"), rank).answer(len(buffers.reads) + 1) for rank in ranks]
    best = min(tries, key=lambda found: found.live)
    bound = low = _least(buffers)  # what is proven; the next limit
    share = sets // QUESTIONS
    while low < best.live and sets > 0:
        limit = (low + best.live - 1) // 2
        found = _Search(buffers, limit, _frugal).answer(min(sets, share))
        sets -= found.sets
        if found.order is not None:
            best = found
            continue
        low = limit + 1
        if found.complete:
            bound = low = max(low, int(min(found.refused, best.live)))
    return Order(best.order or (), best.live, bound)


def orders_within(buffers: Buffers, limit: int, seed: int, count: int) -> Iterator[tuple[int, ...]]:
    """Up to `count` different orders that need no more than `limit` bytes."""
    for rank in _ranks(random.Random(seed), count):
        found = _Search(buffers, limit, rank).answer(SETS // count)
        if found.order is not None:
            yield found.order


def _frugal(after: int, meanwhile: int, operator: int) -> float:
    return after


def _ranks(noise: random.Random, count: int) -> Iterator[Rank]:
    for _ in range(count):
        weight, offsets = noise.random(), [noise.random() for _ in range(997)]

        def rank(after: int, meanwhile: int, operator: int, weight=weight, offsets=offsets) -> float:
            return (after + weight * (meanwhile - after)) * (0.7 + 0.6 * offsets[operator % 997])

        yield rank


def _least(buffers: Buffers) -> int:
    """Bytes that one step or other needs in every order."""
    ends = [sum(buffers.sizes[each] for each in group) for group in (buffers.given, buffers.kept)]
    steps = []
    for reads, writes, over in zip(buffers.reads, buffers.writes, buffers.replaceable, strict=True):
        made = 0 if over else sum(buffers.sizes[each] for each in writes)
        steps.append(made + sum(buffers.sizes[each] for each in reads))
    return max(ends + steps)


@dataclass(frozen=True)
class _Answer:
    """Result of a search.

    Attributes:
        order: An order within the limit; None if there is none, or if the search ended early.
        live: Bytes at its worst step.
        sets: Sets of operators that were visited.
        complete: Whether the search was exhaustive. If so and without an order, there is none within the limit.
        refused: The fewest bytes of all steps beyond the limit: no smaller limit makes a difference.
    """

    order: tuple[int, ...] | None
    live: int
    sets: int
    complete: bool
    refused: float


class _State:
    """Which operators have run, and what is live."""

    def __init__(self, buffers: Buffers):
        self.buffers, self.order = buffers, list[int]()
        self.left = dict(buffers.readers)  # operators that have yet to read a buffer
        self.waiting = [len(others) for others in buffers.waits_for]
        self.ready = {operator for operator, count in enumerate(self.waiting) if not count}
        self.live = [sum(buffers.sizes[each] for each in buffers.given)]  # at first, and after each step
        self.peak = [self.live[0]]

    def cost(self, operator: int) -> tuple[int, int]:
        """Bytes that are live after an operator, and while it runs."""
        buffers, sizes = self.buffers, self.buffers.sizes
        after = meanwhile = self.live[-1]
        for buffer in buffers.writes[operator]:
            meanwhile += sizes[buffer]
            after += sizes[buffer] if self.left[buffer] or buffer in buffers.kept else 0
        for buffer in buffers.reads[operator]:
            after -= sizes[buffer] if self.left[buffer] == 1 and buffer not in buffers.kept else 0
        if any(self.left[buffers.of_tensor[index]] == 1 for index in buffers.replaceable[operator]):
            meanwhile = self.live[-1]
        return after, meanwhile

    def run(self, operator: int) -> None:
        after, meanwhile = self.cost(operator)
        self.live.append(after)
        self.peak.append(max(self.peak[-1], meanwhile))
        self._count(operator, -1)
        self.order.append(operator)
        self.ready.remove(operator)
        self.ready.update(each for each in self.buffers.followers[operator] if not self.waiting[each])

    def undo(self) -> None:
        operator = self.order.pop()
        self.ready.difference_update(self.buffers.followers[operator])
        self.ready.add(operator)
        self._count(operator, 1)
        self.live.pop()
        self.peak.pop()

    def _count(self, operator: int, change: int) -> None:
        for buffer in self.buffers.reads[operator]:
            self.left[buffer] += change
        for follower in self.buffers.followers[operator]:
            self.waiting[follower] += change


class _Search:
    """A search for an order within a limit."""

    def __init__(self, buffers: Buffers, limit: float, rank: Rank):
        self.state, self.limit, self.rank, self.refused = _State(buffers), limit, rank, float("inf")

    def answer(self, sets: int) -> _Answer:
        state, done, seen = self.state, 0, {0}
        path = [self._next()]  # for every set on the path, the operators still to be tried
        while len(state.order) < len(state.waiting) and path and len(seen) <= sets:
            operator = path[-1].pop() if path[-1] else None
            if operator is None:
                path.pop()
                if state.order:
                    done &= ~(1 << state.order[-1])
                    state.undo()
            elif done | 1 << operator not in seen:
                done |= 1 << operator
                seen.add(done)
                state.run(operator)
                path.append(self._next())
        order = tuple(state.order) if len(state.order) == len(state.waiting) else None
        complete = order is not None or not path
        return _Answer(order, state.peak[-1], len(seen), complete, self.refused)

    def _next(self) -> list[int]:
        """The operators to run next, the best one last."""
        found = []
        for operator in sorted(self.state.ready):
            after, meanwhile = self.state.cost(operator)
            if meanwhile > self.limit:
                self.refused = min(self.refused, meanwhile)
            elif after <= self.state.live[-1]:
                return [operator]  # it needs no more memory
            else:
                found.append((self.rank(after, meanwhile, operator), operator))
        return [operator for _, operator in sorted(found, reverse=True)]
