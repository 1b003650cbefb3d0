"""Packs blocks of memory: offsets at which blocks that live at the same time never overlap, with a low top.

Blocks are placed one after the other, each as low as it can go, so the order of placing decides: large ones first is a
good rule, long-lived ones first another, and none is always best. So several are tried, and then the best one with
blocks moved to the front at random, until the top is the largest sum of live blocks (it cannot get lower) or the tries
are spent.

Greedy by size: https://arxiv.org/abs/2001.03288 (Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net
Inference), section 5.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Block", "load", "pack"]

TRIES = 400
EFFORT = 1_000_000  # comparisons of two blocks, in all tries together: half a second


@dataclass(frozen=True)
class Block:
    """A block of memory with a lifetime.

    Attributes:
        name: A unique integer.
        size: Bytes, a multiple of the alignment: then all offsets are multiples too.
        first: Step at which it is first needed.
        last: Step at which it is last needed, inclusive.
    """

    name: int
    size: int
    first: int
    last: int

    @property
    def area(self) -> int:
        """Bytes times steps."""
        return self.size * (self.last - self.first + 1)


RULES: tuple[Callable[[Block], tuple[int, int]], ...] = (
    lambda block: (-block.size, block.first),
    lambda block: (-block.area, block.first),
    lambda block: (block.first - block.last, -block.size),
    lambda block: (block.first, -block.size),
    lambda block: (-block.last, -block.size),
)
"""Orders of placing: large ones first, large and long ones, long ones, early ones, late ones."""


def load(blocks: Iterable[Block]) -> list[int]:
    """Bytes that are live at each step, from 0 to the last."""
    found = list(blocks)
    changes = [0] * (max((block.last for block in found), default=-1) + 2)
    for block in found:
        changes[block.first] += block.size
        changes[block.last + 1] -= block.size
    sums, live = [], 0
    for change in changes[:-1]:
        live += change
        sums.append(live)
    return sums


def pack(blocks: Sequence[Block], seed: int = 0, tries: int = TRIES) -> dict[int, int]:
    """Offsets of all blocks, by name; the same for the same seed. There are at most `tries` random moves."""
    noise, least, meets = random.Random(seed), max(load(blocks), default=0), _meetings(blocks)
    effort = len(blocks) + sum(len(others) for others in meets.values())
    orders = [sorted(blocks, key=rule) for rule in RULES]
    placed = [_placed(order, meets) for order in orders]
    best = min(range(len(orders)), key=lambda k: top(blocks, placed[k]))
    order, offsets = orders[best], placed[best]
    for _ in range(min(tries, EFFORT // effort if blocks else 0)):
        if top(blocks, offsets) == least:
            break
        moved = _moved(order, offsets, meets, noise)
        found = _placed(moved, meets)
        if top(blocks, found) <= top(blocks, offsets):
            order, offsets = moved, found
    return offsets


def top(blocks: Iterable[Block], offsets: Mapping[int, int]) -> int:
    """The end of the highest block, in bytes."""
    return max((offsets[block.name] + block.size for block in blocks), default=0)


def _meetings(blocks: Sequence[Block]) -> dict[int, list[Block]]:
    """For each block, the others that live at one of its steps."""
    found: dict[int, list[Block]] = {block.name: [] for block in blocks}
    alive: list[Block] = []
    for block in sorted(blocks, key=lambda block: block.first):
        alive = [other for other in alive if other.last >= block.first]
        for other in alive:
            found[other.name].append(block)
            found[block.name].append(other)
        alive.append(block)
    return found


def _moved(
    order: Sequence[Block], offsets: Mapping[int, int], meets: Mapping[int, list[Block]], noise: random.Random
) -> list[Block]:
    """The order of placing with the block that ends highest, or one that it meets, earlier."""
    highest = max(order, key=lambda block: offsets[block.name] + block.size)
    chosen = noise.choice([highest, *meets[highest.name]]) if noise.random() < 0.5 else highest
    position = next(k for k, block in enumerate(order) if block is chosen)
    rest = [*order[:position], *order[position + 1 :]]
    rest.insert(noise.randrange(position + 1), chosen)
    return rest


def _placed(order: Iterable[Block], meets: Mapping[int, list[Block]]) -> dict[int, int]:
    """Each block as low as it can go between those that are placed already."""
    offsets: dict[int, int] = {}
    for block in order:
        low = 0
        others = [each for each in meets[block.name] if each.name in offsets]
        for offset, size in sorted((offsets[each.name], each.size) for each in others):
            if offset - low >= block.size:
                break
            low = max(low, offset + size)
        offsets[block.name] = low
    return offsets
