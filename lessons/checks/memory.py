"""Checks of lesson 9: lifetimes, live bytes, an order of operators, first fit, and what cannot fit."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from embedded.memory.offsets import Block, load
from embedded.memory.plan import lifetimes as planned_lifetimes
from embedded.models.shipped_models import model_file
from embedded.tflite.graph import Graph
from embedded.tflite.graph_file import read_graph
from lessons.checks.checking import Mistake, call, compare, passed, wrong
from model.images.camera_formats import COLUMNS, ROWS

__all__ = ["least_arena", "lifetimes", "live_bytes", "order", "place"]


class Step(NamedTuple):
    """An operator, as the lesson has it."""

    name: str
    reads: tuple
    writes: Any


SKIP = [
    Step("first", ("photo",), "a"),
    Step("second", ("a",), "b"),
    Step("third", ("photo",), "c"),
    Step("fourth", ("a", "b"), "result"),
    Step("fifth", ("result", "c"), "d"),
    Step("sixth", ("d",), "e"),
]
"""Two tensors with several readers, and a result that is kept though it is made and read in the middle."""

SKIP_SIZES = {"photo": 10, "a": 7, "b": 3, "result": 20, "c": 5, "d": 2, "e": 1}

Lives = dict[Any, tuple[int, int]]


@cache
def _nano() -> Graph:
    return read_graph(model_file("nano").read_bytes())


def _steps(graph: Graph) -> list[Step]:
    computed = {*graph.inputs, *graph.computed}
    return [
        Step(each.kind, tuple(k for k in each.inputs if k in computed), each.outputs[0])
        for each in graph.operators
    ]


def lifetimes(function) -> None:
    """Exercise 1: `lifetimes(steps, given, kept)`, on a small network and on the board's."""
    look = "“From the first step to the last reader”: from the step that writes it to the last one that reads it."
    right = _lifetimes(SKIP, ["photo"], ["result"])
    found = _lives(call(function, SKIP, ["photo"], ["result"]), right, look)
    if found != right:
        tensor = next(each for each in right if found[each] != right[each])
        wrong(
            f"lifetimes of a small network: “{tensor}” lives from {found[tensor]}, not {right[tensor]}.",
            _lifetime_mistake(found, tensor, right),
            look,
        )
    graph = _nano()
    right = planned_lifetimes(graph, range(len(graph.operators)))
    found = _lives(call(function, _steps(graph), graph.inputs, graph.outputs), right, look)
    for tensor, life in right.items():
        if found[tensor] != life:
            wrong(
                f"lifetimes of nano: tensor {tensor} lives from {found[tensor]}, not {life}.",
                look=look,
            )
    passed(
        "lifetimes: of all tensors of nano, as the planner has them. A tensor dies with its last reader, not before."
    )


def _lives(got: Any, right: Lives, look: str) -> Lives:
    """What was given back, if it has the form of lifetimes."""
    if not isinstance(got, Mapping):
        wrong(
            f"lifetimes gives a {type(got).__name__}, not a dictionary {{tensor: (first, last)}}.",
            look=look,
        )
    lacking = [tensor for tensor in right if tensor not in got]
    if lacking:
        mistake = "what is given has no lifetime, since no step writes it: it is there from step 0."
        wrong(
            f"lifetimes says nothing of “{lacking[0]}”.", mistake if len(lacking) == 1 else "", look
        )
    try:
        return {tensor: (int(got[tensor][0]), int(got[tensor][1])) for tensor in right}
    except (TypeError, IndexError, ValueError):
        wrong("lifetimes must have two whole numbers for each tensor: (first, last).", look=look)


def _lifetime_mistake(found: Lives, tensor: Any, right: Lives) -> str:
    first = _lifetimes(SKIP, ["photo"], ["result"], reader=min)
    if all(found[each] == first[each] for each in right if each != "result"):
        return "a tensor dies at its first reader. Others read it later: by then its place holds something else."
    if found == {each: (begin, end + 1) for each, (begin, end) in right.items()}:
        return "the last step is one too many: the last reader itself is the end, and is included."
    if found[tensor][1] == len(SKIP):
        return "the steps are counted from 1, or one too far: the last of n steps is n − 1."
    if tensor == "result":
        return "the result dies with its last reader; what is kept stays to the end, for whoever wants it afterwards."
    if tensor == "photo" and found[tensor][0]:
        return "what is given begins to live with its first reader; it is there from step 0."
    if found[tensor][0] == found[tensor][1]:
        return "the readers were not looked at: a tensor lives on until the last of them."
    return ""


def _lifetimes(steps: Sequence[Step], given: Sequence, kept: Sequence, reader=max) -> Lives:
    """Lifetimes, or with `reader=min` those of somebody who frees a tensor after its first reader."""
    begins = dict.fromkeys(given, 0) | {step.writes: k for k, step in enumerate(steps)}
    ends = {
        tensor: reader((k for k, step in enumerate(steps) if tensor in step.reads), default=begin)
        for tensor, begin in begins.items()
    }
    ends |= dict.fromkeys(kept, len(steps) - 1)
    return {tensor: (begins[tensor], ends[tensor]) for tensor in begins}


def live_bytes(function) -> None:
    """Exercise 2: `live_bytes(lives, sizes, count)`."""
    look = "“The skyline”: at each step, the sum over all tensors with first ≤ step ≤ last."
    graph = _nano()
    sizes = {k: graph.tensors[k].bytes for k in (*graph.inputs, *graph.computed)}
    nano = planned_lifetimes(graph, range(len(graph.operators)))
    small = _lifetimes(SKIP, ["photo"], ["result"])
    cases: list[tuple[str, Lives, dict[Any, int]]] = [
        ("a small network", small, SKIP_SIZES),
        ("nano", nano, sizes),
    ]
    for name, lives, bytes_of in cases:
        count = 1 + max(last for _, last in lives.values())
        got = call(function, dict(lives), dict(bytes_of), count)
        right = np.array(load([Block(k, bytes_of[k], *life) for k, life in lives.items()]))
        if isinstance(got, (int, float, np.integer)):
            mistake = "this is the worst step alone." if got == right.max() else ""
            wrong(f"live_bytes gives one number, not a list of {count}.", mistake, look)
        compare(f"live_bytes of {name}", got, right, _live_mistakes(lives, bytes_of, count), look)
    passed(
        "live_bytes: what an operator reads and what it writes are there at the same time, with all that waits."
    )


def _live_mistakes(lives: Lives, sizes: Mapping, count: int) -> list[Mistake]:
    def live(inside: Callable[[int, int, int], bool], size=sizes.__getitem__) -> np.ndarray:
        steps = range(count)
        return np.array(
            [sum(size(k) for k, life in lives.items() if inside(step, *life)) for step in steps]
        )

    return [
        Mistake(
            "a tensor is gone at the step of its last reader (`step < last`): but an operator needs its inputs while "
            "it writes its output.",
            live(lambda step, first, last: first <= step < last),
        ),
        Mistake(
            "a tensor is not there at the step that writes it (`first < step`): the output needs its place while it "
            "is written.",
            live(lambda step, first, last: first < step <= last),
        ),
        Mistake(
            "neither the first nor the last step counts: both belong to a lifetime.",
            live(lambda step, first, last: first < step < last),
        ),
        Mistake(
            "nothing is ever given back (`first <= step` alone): the last step must count, too.",
            live(lambda step, first, last: first <= step),
        ),
        Mistake(
            "tensors are counted, not their bytes: add up `sizes[tensor]`.",
            live(lambda step, first, last: first <= step <= last, lambda tensor: 1),
        ),
        Mistake(
            "every number takes 4 bytes, as in float32: `sizes` has bytes already, and int8 takes one.",
            live(lambda step, first, last: first <= step <= last, lambda k: 4 * sizes[k]),
        ),
    ]


def order(function, steps: Sequence[Any], sizes: Mapping[str, int]) -> None:
    """Exercise 3: `order()` names all `steps`, so that the worst step needs least."""
    look = "“Who goes first?”: each name once, after those that write what it reads; enlarge late."
    names = [step.name for step in steps]
    answer = call(function)
    if not isinstance(answer, (list, tuple)):
        wrong(f"order gives a {type(answer).__name__}, not a list of names.", look=look)
    unknown = [name for name in answer if name not in names]
    if unknown:
        wrong(f"order has “{unknown[0]}”, which is none of the ten names.", look=look)
    lacking = [name for name in names if name not in answer]
    if lacking or len(answer) != len(names):
        twice = next((name for name in names if list(answer).count(name) > 1), "")
        what = f"lacks “{lacking[0]}”" if lacking else f"has “{twice}” more than once"
        wrong(f"order {what}.", "an operator is left out or repeated: each runs once.", look)
    chosen = [next(step for step in steps if step.name == name) for name in answer]
    made = {"photo"}
    for step in chosen:
        early = [tensor for tensor in step.reads if tensor not in made]
        if early:
            maker = next(each.name for each in steps if each.writes == early[0])
            wrong(
                f"“{step.name}” reads “{early[0]}” before it is made.",
                f"it runs too early: “{maker}” has to come before it.",
                look,
            )
        made.add(step.writes)
    found, listed = _peak(chosen, sizes), _peak(steps, sizes)
    best = _best_peak(steps, sizes)
    if found > best:
        mistake = "it is no better than the list: “quarter up” waits in memory, large, while “add half” runs."
        if found < listed:
            mistake = "a large tensor waits that nobody reads yet: what is enlarged too early, or a photo kept long."
        wrong(
            f"The worst step of this order needs {found} KB, and {best} KB are possible.",
            mistake,
            look,
        )
    passed(
        f"order: {best} KB instead of {listed}, and no order needs less. Nothing is computed differently."
    )


def _peak(steps: Sequence[Step], sizes: Mapping[str, int]) -> int:
    lives = _lifetimes(steps, ["photo"], ["result"])
    return max(load([Block(k, sizes[name], *life) for k, (name, life) in enumerate(lives.items())]))


def _best_peak(steps: Sequence[Step], sizes: Mapping[str, int]) -> int:
    """Of all orders. What is live follows from the set of what is done, so each set is looked at once."""
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


GAPS = [
    Block(1, 12, 0, 3),
    Block(2, 4, 0, 1),
    Block(3, 6, 1, 5),
    Block(4, 4, 2, 4),
    Block(5, 3, 3, 6),
    Block(6, 5, 4, 6),
    Block(7, 2, 7, 8),
    Block(8, 12, 8, 9),
]
"""Blocks that touch, gaps of just the right size, and neighbours that share only one step."""

MIXED = [
    Block(1, 20, 0, 9),
    Block(2, 5, 0, 2),
    Block(3, 9, 2, 4),
    Block(4, 5, 4, 6),
    Block(5, 30, 6, 9),
    Block(6, 4, 4, 5),
]


def place(function) -> None:
    """Exercise 4: `place(blocks)`, first fit in the order given."""
    look = (
        "“The arena”: the lowest gap between the blocks that are placed already and share a step."
    )
    graph = _nano()
    lives = planned_lifetimes(graph, range(len(graph.operators)))
    nano = [Block(k, graph.tensors[k].bytes, *life) for k, life in lives.items()]
    nano.sort(key=lambda block: -block.size)
    for what, blocks in (("eight blocks", GAPS), ("six blocks", MIXED), ("nano", nano)):
        right = _placed(blocks)
        found = _offsets(call(function, list(blocks)), blocks, look)
        if found == right:
            continue
        mistake = next((text for text, value in _place_mistakes(blocks) if value == found), "")
        _tell_overlap(blocks, found, what, mistake, look)
        name = next(block.name for block in blocks if found[block.name] != right[block.name])
        wrong(
            f"place of {what}: block {name} begins at byte {found[name]}, not {right[name]}.",
            mistake,
            look,
        )
    passed(
        "place: nobody's bytes are overwritten while they are needed, and gaps are used. That is a planner."
    )


def _offsets(got: Any, blocks: Sequence[Block], look: str) -> dict:
    if not isinstance(got, Mapping):
        wrong(f"place gives a {type(got).__name__}, not a dictionary {{name: offset}}.", look=look)
    lacking = [block.name for block in blocks if block.name not in got]
    if lacking:
        wrong(f"place has no offset for block {lacking[0]}.", look=look)
    return {block.name: int(got[block.name]) for block in blocks}


def _tell_overlap(blocks: Sequence[Block], found: dict, what: str, mistake: str, look: str) -> None:
    for k, one in enumerate(blocks):
        for other in blocks[:k]:
            apart = one.first > other.last or other.first > one.last
            begin, begin_other = found[one.name], found[other.name]
            if apart or begin >= begin_other + other.size or begin_other >= begin + one.size:
                continue
            step = max(one.first, other.first)
            wrong(
                f"place of {what}: at step {step} both block {other.name} (bytes {begin_other} to "
                f"{begin_other + other.size - 1}) and block {one.name} ({begin} to {begin + one.size - 1}) are in "
                "memory, and they overlap.",
                mistake,
                look,
            )


def _place_mistakes(blocks: Sequence[Block]) -> list[tuple[str, dict]]:
    stacked, end = {}, 0
    for block in blocks:
        stacked[block.name] = end
        end += block.size
    return [
        (
            "blocks count as apart that share exactly one step. There one is read and the other written: both are in "
            "memory. Compare with ≤, not with <.",
            _placed(
                blocks, meets=lambda one, other: one.first < other.last and other.first < one.last
            ),
        ),
        (
            "every block has bytes of its own: those that never meet may share.",
            stacked,
        ),
        (
            "blocks may not touch: but one that ends at byte 12 leaves byte 12 free.",
            _placed(blocks, air=1),
        ),
        (
            "blocks may not touch when they fill a gap exactly: `offset + size <= begin` is enough.",
            _placed(blocks, strict=True),
        ),
        (
            "each block goes above all of its neighbours, and the gaps between them stay empty.",
            _placed(blocks, gaps=False),
        ),
        (
            "the neighbours were not sorted by their offsets: after a step upwards, a block may sit on one that was "
            "looked at before.",
            _placed(blocks, sort=False),
        ),
        (
            "the `max` is missing: a large neighbour below may reach higher than the small one after it.",
            _placed(blocks, highest=False),
        ),
        (
            "the blocks were sorted by size; here they are placed in the order in which they are handed over.",
            _placed(sorted(blocks, key=lambda block: -block.size)),
        ),
    ]


def _meet(one: Block, other: Block) -> bool:
    return one.first <= other.last and other.first <= one.last


def _placed(blocks, meets=_meet, air=0, strict=False, gaps=True, sort=True, highest=True) -> dict:
    """First fit, or what comes of a mistake in it."""
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


def least_arena(function) -> None:
    """Exercise 5: `least_arena(stem, channels, bytes_each)`."""
    look = "“What cannot fit”: h · w · c numbers of the input, and of the output, with h = 120/s and w = 160/s."
    for stem, channels, each in ((5, 12, 1), (2, 8, 1), (2, 8, 4)):
        full, places = ROWS * COLUMNS, ROWS * COLUMNS // stem**2
        folded, output = 3 * full, places * channels
        mistakes = [
            Mistake(
                "every number takes 4 bytes, as in float32; an int8 takes one: use `bytes_each`.",
                4 * (folded + output),
            ),
            Mistake("`bytes_each` is not used: a float32 takes 4 bytes.", folded + output),
            Mistake(
                "the input is missing: it is read while the output is written, so both are live.",
                output * each,
            ),
            Mistake(
                "the output is missing: it is written while the input is read, so both are live.",
                folded * each,
            ),
            Mistake(
                "the input has 3 channels: folding puts s × s pixels into one place, so it has 3 s².",
                (3 * places + output) * each,
            ),
            Mistake(
                "only one side was divided by the stem: there are (120/s) · (160/s) places.",
                full // stem * (3 * stem**2 + channels) * each,
            ),
            Mistake(
                "nothing was divided by the stem: there are (120/s) · (160/s) places.",
                full * (3 * stem**2 + channels) * each,
            ),
            Mistake(
                "the channels of input and output were multiplied: they are two tensors, so their bytes add up.",
                places * 3 * stem**2 * channels * each,
            ),
        ]
        got = call(function, stem, channels, each)
        what = f"least_arena({stem}, {channels}, bytes_each={each})"
        compare(what, got, (folded + output) * each, mistakes, look)
    compare("least_arena(5, 12)", call(function, 5, 12), 66_816, look=look)
    passed(
        "least_arena: what does not fit at one step does not fit at all, and no plan can change that."
    )
