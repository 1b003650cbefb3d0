"""Lesson 9: what comes out of known mistakes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embedded.memory.offsets import Block
from lessons.checks.references.memory_reference import Lives, first_fit

__all__ = ["live_mistakes", "place_mistakes"]


def live_mistakes(lives: Lives, sizes: Mapping, count: int) -> dict[str, Any]:
    """Wrong live bytes, by the mistake that gives them."""

    def live(begin=0, end=0, size=sizes.__getitem__) -> np.ndarray:
        """Live bytes, with lifetimes that begin or end so many steps late."""
        alive = [[k for k, (first, last) in lives.items() if first + begin <= n <= last + end] for n in range(count)]
        return np.array([sum(map(size, each)) for each in alive])

    return {
        "a tensor is not live at the step of its last reader (`step < last`): but an operator needs its inputs while "
        "it writes its output.": live(end=-1),
        "a tensor is not live at the step that writes it (`first < step`): the output needs its bytes while it is "
        "written.": live(begin=1),
        "neither the first nor the last step counts: both belong to a lifetime.": live(1, -1),
        "nothing is ever freed (`first <= step` alone): the last step must count, too.": live(end=count),
        "tensors are counted, not their bytes: add up `sizes[tensor]`.": live(size=lambda tensor: 1),
        "every value takes 4 bytes, as in float32: `sizes` has bytes already.": live(size=lambda k: 4 * sizes[k]),
        "only what is written at a step counts; what was written before and is read later is live, too.": np.array(
            [sum(sizes[k] for k, (first, _) in lives.items() if first == n) for n in range(count)]
        ),
        "only the largest tensor of each step counts: add up all that are live.": np.array(
            [max(sizes[k] for k, (first, last) in lives.items() if first <= n <= last) for n in range(count)]
        ),
        "a step is missing: they are 0 to count − 1.": live()[:-1],
        "there is a step too many: they are 0 to count − 1.": np.append(live(), 0),
        "the steps are counted from 1: they are 0 to count − 1.": np.append(live()[1:], 0),
    }


def place_mistakes(blocks: Sequence[Block]) -> dict[str, dict]:
    """Wrong offsets, by the mistake that gives them."""
    ends = np.cumsum([block.size for block in blocks])
    right = first_fit(blocks)
    stacked = {block.name: int(end) - block.size for block, end in zip(blocks, ends, strict=True)}
    return {
        "blocks that share exactly one step are not compared. There one is read and the other written: both are live. "
        "Compare with ≤, not with <.": first_fit(blocks, meets=lambda a, b: a.first < b.last and b.first < a.last),
        "all blocks begin at byte 0: those that are live at the same time overwrite each other.": {
            block.name: 0 for block in blocks
        },
        "these are the bytes where the blocks end: return where they begin.": {
            block.name: right[block.name] + block.size for block in blocks
        },
        "every block has bytes of its own: those that are never live together may share.": stacked,
        "blocks may not touch: but one that ends at byte 12 leaves byte 12 free.": first_fit(blocks, air=1),
        "blocks may not touch when they fill a gap exactly: `offset + size <= begin` is enough.": first_fit(
            blocks, strict=True
        ),
        "each block is above all of its neighbours, and the gaps between them stay empty.": first_fit(
            blocks, gaps=False
        ),
        "the neighbours were not sorted by their offsets: a block that moves up may overlap an earlier one.": first_fit(
            blocks, sort=False
        ),
        "the `max` is missing: a large neighbour below may reach higher than the small one after it.": first_fit(
            blocks, highest=False
        ),
        "the blocks were sorted by size; here they are placed in the order of the list.": first_fit(
            sorted(blocks, key=lambda block: -block.size)
        ),
    }
