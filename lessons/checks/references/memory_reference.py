"""Reference solutions of lesson 9, some with switches for known mistakes: lifetimes, the lowest peak, first fit."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from embedded.memory.offsets import Block, load

__all__ = ["Lives", "PlanStep", "best_peak", "first_fit", "lifetimes_of", "peak_of"]


class PlanStep(NamedTuple):
    """An operator: its name, the tensors that it reads, and the tensor that it writes; as in the lesson."""

    name: str
    reads: tuple
    writes: Any


Lives = dict[Any, tuple[int, int]]


def lifetimes_of(steps: Sequence[PlanStep], inputs: Sequence, outputs: Sequence, reader=max) -> Lives:
    """Lifetimes (first and last step); with `reader=min` wrong ones that end at the first reader."""
    begins = dict.fromkeys(inputs, 0) | {step.writes: k for k, step in enumerate(steps)}
    ends = {
        tensor: reader((k for k, step in enumerate(steps) if tensor in step.reads), default=begin)
        for tensor, begin in begins.items()
    }
    ends |= dict.fromkeys(outputs, len(steps) - 1)
    return {tensor: (begins[tensor], ends[tensor]) for tensor in begins}


def peak_of(steps: Sequence[PlanStep], sizes: Mapping[str, int]) -> int:
    """The largest sum of live bytes of all steps, in the unit of `sizes`."""
    lives = lifetimes_of(steps, ["photo"], ["result"])
    return max(load([Block(k, sizes[name], *life) for k, (name, life) in enumerate(lives.items())]))


def best_peak(steps: Sequence[PlanStep], sizes: Mapping[str, int]) -> int:
    """The lowest peak of all orders, in the unit of `sizes`.

    What is live depends only on the set of executed steps, so it visits each set once.
    """
    readers = {
        name: {step.name for step in steps if name in step.reads}
        for name in ("photo", *(step.writes for step in steps))
    }

    @cache
    def after(done: frozenset[str]) -> int:
        made = {"photo", *(step.writes for step in steps if step.name in done)}
        alive = {name for name in made if name == "result" or not readers[name] <= done}
        peaks = []
        for step in steps:
            if step.name not in done and set(step.reads) <= made:
                now = sum(sizes[name] for name in {*alive, step.writes})
                peaks.append(max(now, after(done | {step.name})))
        return min(peaks, default=0)

    return after(frozenset())


def _meet(one: Block, other: Block) -> bool:
    return one.first <= other.last and other.first <= one.last


def first_fit(blocks, meets=_meet, air=0, strict=False, gaps=True, sort=True, highest=True) -> dict:
    """Offsets in bytes by first fit; all options but `blocks` are known mistakes.

    Args:
        blocks: In the order in which they are placed.
        meets: Whether the lifetimes of two blocks have a step in common.
        air: Bytes between blocks.
        strict: Whether a gap must be larger than the block.
        gaps: Whether gaps are used.
        sort: Whether neighbours are sorted by their offsets.
        highest: Whether a block stays above all neighbours so far.
    """
    offsets: dict[Any, int] = {}
    placed: list[Block] = []
    for block in blocks:
        near = [other for other in placed if meets(block, other)]
        if sort:
            near.sort(key=lambda other: offsets[other.name])
        offset = 0
        for other in near:
            begin = offsets[other.name]
            fits = offset + block.size < begin + (0 if strict else 1 - air)
            if fits and gaps:
                if sort:
                    break
                continue
            above = begin + other.size + air
            offset = max(offset, above) if highest else above
        offsets[block.name] = offset
        placed.append(block)
    return offsets
