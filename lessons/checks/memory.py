"""Checks of lesson 9: lifetimes, live bytes, an order of operators, first fit, and a lower bound of the arena."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from embedded.memory.offsets import Block, load
from embedded.memory.plan import lifetimes as planned_lifetimes
from embedded.models.shipped_models import model_file
from embedded.tflite.graph import Graph
from embedded.tflite.graph_file import read_graph
from lessons.checks.kit import call, compare, exercise, wrong
from lessons.checks.references.memory_mistakes import live_mistakes, place_mistakes
from lessons.checks.references.memory_reference import Lives, PlanStep, best_peak, first_fit, lifetimes_of, peak_of
from model.images.camera_formats import COLUMNS, ROWS

__all__ = ["least_arena", "lifetimes", "live_bytes", "order", "place"]

SKIP = [
    PlanStep("first", ("photo",), "a"),
    PlanStep("second", ("a",), "b"),
    PlanStep("third", ("photo",), "c"),
    PlanStep("fourth", ("a", "b"), "result"),
    PlanStep("fifth", ("result", "c"), "d"),
    PlanStep("sixth", ("d",), "e"),
]
"""Two tensors with several readers, and a result that stays to the end though it is written and read in the middle."""

SKIP_SIZES = {"photo": 10, "a": 7, "b": 3, "result": 20, "c": 5, "d": 2, "e": 1}


@cache
def _nano() -> Graph:
    return read_graph(model_file("nano").read_bytes())


def _steps(graph: Graph) -> list[PlanStep]:
    computed = {*graph.inputs, *graph.computed}
    return [
        PlanStep(each.kind, tuple(k for k in each.inputs if k in computed), each.outputs[0]) for each in graph.operators
    ]


@exercise
def lifetimes(function) -> str:
    """Exercise 1: `lifetimes(steps, inputs, outputs)`, on a small network and on the board's."""
    look = "“Lifetimes”: from the step that writes it to the last one that reads it."
    right = lifetimes_of(SKIP, ["photo"], ["result"])
    found = _lives(call(function, SKIP, ["photo"], ["result"]), right, look)
    if found != right:
        tensor = next(each for each in right if found[each] != right[each])
        what = f"lifetimes of a small network: “{tensor}” lives from {found[tensor]}, not {right[tensor]}."
        wrong(what, _lifetime_mistake(found, tensor, right), look)
    graph = _nano()
    right = planned_lifetimes(graph, range(len(graph.operators)))
    found = _lives(call(function, _steps(graph), graph.inputs, graph.outputs), right, look)
    for tensor, life in right.items():
        if found[tensor] != life:
            wrong(f"lifetimes of nano: tensor {tensor} lives from {found[tensor]}, not {life}.", look=look)
    return "lifetimes: of all tensors of nano, as in the planner. A tensor dies with its last reader, not before."


def _lives(got: Any, right: Lives, look: str) -> Lives:
    """The learner's lifetimes as a dictionary of pairs of int.

    Raises:
        NotYet: If they have another form.
    """
    if not isinstance(got, Mapping):
        wrong(f"lifetimes is a {type(got).__name__}, not a dictionary {{tensor: (first, last)}}.", look=look)
    lacking = [tensor for tensor in right if tensor not in got]
    if lacking:
        mistake = "the network's input has no lifetime, since no step writes it: it is there from step 0."
        wrong(f"lifetimes lacks “{lacking[0]}”.", mistake if len(lacking) == 1 else "", look)
    try:
        return {tensor: (int(got[tensor][0]), int(got[tensor][1])) for tensor in right}
    except (TypeError, IndexError, ValueError):
        wrong("lifetimes must have two integers for each tensor: (first, last).", look=look)


def _lifetime_mistake(found: Lives, tensor: Any, right: Lives) -> str:
    first = lifetimes_of(SKIP, ["photo"], ["result"], reader=min)
    if all(found[each] == first[each] for each in right if each != "result"):
        return "a tensor dies at its first reader. Others read it later: by then its bytes hold something else."
    if all(found[each] == (begin, end - begin + 1) for each, (begin, end) in right.items()):
        return "the second number is how long it lives; it is the last step."
    if found["photo"] == (0, len(SKIP) - 1) and tensor == "photo":
        return "the input stays to the end; it dies with its last reader, as the others do."
    late = [each for each, (begin, end) in right.items() if found[each] == (begin, end + 1)]
    if len(late) > len(right) / 2:
        return "it ends one step too late: the last reader itself is the end, and is included."
    if found == {each: (begin, end + 1) for each, (begin, end) in right.items()}:
        return "it ends one step too late: the last reader itself is the end, and is included."
    if found[tensor][1] == len(SKIP):
        return "the steps are counted from 1, or one too far: the last of n steps is n − 1."
    if tensor == "result":
        return "the result dies with its last reader; an output stays to the end, it is read after the last step."
    if tensor == "photo" and found[tensor][0]:
        return "the input begins to live with its first reader; it is there from step 0."
    if found[tensor][0] == found[tensor][1]:
        return "the readers are ignored: a tensor lives until the last of them."
    return ""


@exercise
def live_bytes(function) -> str:
    """Exercise 2: `live_bytes(lives, sizes, count)`."""
    look = "“Live bytes”: at each step, the sum over all tensors with first ≤ step ≤ last."
    graph = _nano()
    sizes = {k: graph.tensors[k].bytes for k in (*graph.inputs, *graph.computed)}
    nano = planned_lifetimes(graph, range(len(graph.operators)))
    small = lifetimes_of(SKIP, ["photo"], ["result"])
    cases: list[tuple[str, Lives, dict[Any, int]]] = [("a small network", small, SKIP_SIZES), ("nano", nano, sizes)]
    for name, lives, bytes_of in cases:
        count = 1 + max(last for _, last in lives.values())
        got = call(function, dict(lives), dict(bytes_of), count)
        right = np.array(load([Block(k, bytes_of[k], *life) for k, life in lives.items()]))
        if np.ndim(got) == 0:
            mistake = "this is the worst step alone." if got == right.max() else ""
            wrong(f"live_bytes is one number, not a list of {count}.", mistake, look)
        compare(f"live_bytes of {name}", got, right, live_mistakes(lives, bytes_of, count), look)
    return "live_bytes: the inputs and the output of an operator are live together, with all that is read later."


@exercise
def order(function, steps: Sequence[Any], sizes: Mapping[str, int]) -> str:
    """Exercise 3: `order()` names all `steps` in an order with the lowest peak."""
    look = "“Order of execution”: each name once, after those that write what it reads; enlarge late."
    names = [step.name for step in steps]
    answer = call(function)
    if not isinstance(answer, (list, tuple)):
        wrong(f"order is a {type(answer).__name__}, not a list of names.", look=look)
    unknown = [name for name in answer if name not in names]
    if unknown:
        mistake = "it is misspelt: copy the names from the list above."
        if not isinstance(unknown[0], str):
            mistake = "these are the operators themselves; return their names."
        wrong(f"order has “{unknown[0]}”, which is not one of the ten names.", mistake, look)
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
            mistake = f"it runs too early: “{maker}” has to come before it."
            wrong(f"“{step.name}” reads “{early[0]}” before it is written.", mistake, look)
        made.add(step.writes)
    found, listed = peak_of(chosen, sizes), peak_of(steps, sizes)
    best = best_peak(steps, sizes)
    if found > best:
        mistake = "it is no better than the list: “quarter up” is live, and large, while “add half” runs."
        if found < listed:
            mistake = (
                "a large tensor is live long before it is read: one is enlarged too early, or the photo is read late."
            )
        wrong(f"The peak of this order is {found} KB, and {best} KB are possible.", mistake, look)
    return f"order: a peak of {best} KB instead of {listed}, and no order has a lower one. The results are the same."


GAPS = [
    *(Block(1, 12, 0, 3), Block(2, 4, 0, 1), Block(3, 6, 1, 5), Block(4, 4, 2, 4)),
    *(Block(5, 3, 3, 6), Block(6, 5, 4, 6), Block(7, 2, 7, 8), Block(8, 12, 8, 9)),
]
"""Blocks that touch, gaps of exactly the right size, and neighbours that share only one step."""

MIXED = [
    *(Block(1, 20, 0, 9), Block(2, 5, 0, 2), Block(3, 9, 2, 4)),
    *(Block(4, 5, 4, 6), Block(5, 30, 6, 9), Block(6, 4, 4, 5)),
]


@exercise
def place(function) -> str:
    """Exercise 4: `place(blocks)`, first fit in the order given."""
    look = "“The arena”: the lowest gap between the blocks that are placed already and share a step."
    graph = _nano()
    lives = planned_lifetimes(graph, range(len(graph.operators)))
    nano = [Block(k, graph.tensors[k].bytes, *life) for k, life in lives.items()]
    nano.sort(key=lambda block: -block.size)
    for what, blocks in (("eight blocks", GAPS), ("six blocks", MIXED), ("nano", nano)):
        right = first_fit(blocks)
        found = _offsets(call(function, list(blocks)), blocks, look)
        if found == right:
            continue
        mistake = next((text for text, value in place_mistakes(blocks).items() if value == found), "")
        _report_overlap(blocks, found, what, mistake, look)
        name = next(block.name for block in blocks if found[block.name] != right[block.name])
        wrong(f"place of {what}: block {name} begins at byte {found[name]}, not {right[name]}.", mistake, look)
    return "place: no tensor is overwritten while it is live, and gaps are used. That is a memory planner."


def _offsets(got: Any, blocks: Sequence[Block], look: str) -> dict:
    if not isinstance(got, Mapping):
        mistake = "only one part of the result is returned: a dictionary has both, name and offset."
        wrong(f"place is a {type(got).__name__}, not a dictionary {{name: offset}}.", mistake, look)
    lacking = [block.name for block in blocks if block.name not in got]
    if lacking:
        wrong(f"place has no offset for block {lacking[0]}.", look=look)
    return {block.name: int(got[block.name]) for block in blocks}


def _report_overlap(blocks: Sequence[Block], found: dict, what: str, mistake: str, look: str) -> None:
    for k, one in enumerate(blocks):
        for other in blocks[:k]:
            apart = one.first > other.last or other.first > one.last
            begin, begin_other = found[one.name], found[other.name]
            if apart or begin >= begin_other + other.size or begin_other >= begin + one.size:
                continue
            step = max(one.first, other.first)
            first = f"block {other.name} (bytes {begin_other} to {begin_other + other.size - 1})"
            second = f"block {one.name} ({begin} to {begin + one.size - 1})"
            wrong(f"place of {what}: at step {step} both {first} and {second} are live, and overlap.", mistake, look)


@exercise
def least_arena(function) -> str:
    """Exercise 5: `least_arena(stem, channels, bytes_each)`."""
    look = "“A lower bound”: h · w · c values of the input, and of the output, with h = 120/s and w = 160/s."
    for stem, channels, each in ((5, 12, 1), (2, 8, 1), (2, 8, 4)):
        full, pixels = ROWS * COLUMNS, ROWS * COLUMNS // stem**2
        before, after = 3 * full, pixels * channels
        depth = 3 * stem**2
        mistakes = {
            "every value takes 4 bytes, as in float32; an int8 takes one: use `bytes_each`.": 4 * (before + after),
            "`bytes_each` is not used: a float32 takes 4 bytes.": before + after,
            "the input is missing: it is read while the output is written, so both are live.": after * each,
            "the output is missing: it is written while the input is read, so both are live.": before * each,
            "the input has 3 channels: after space-to-depth it has 3 s².": (3 * pixels + after) * each,
            "only one side was divided by s: there are (120/s) · (160/s) pixels.": full
            // stem
            * (depth + channels)
            * each,
            "nothing was divided by s: there are (120/s) · (160/s) pixels.": full * (depth + channels) * each,
            "s is not squared: after space-to-depth the input has 3 s² channels.": pixels
            * (3 * stem + channels)
            * each,
            "input and output are at full size; both have (120/s) · (160/s) pixels.": full * (3 + channels) * each,
            "only the larger one counts; both are live at that step.": pixels * max(depth, channels) * each,
            "the channels of input and output were multiplied: add the bytes of both.": pixels
            * depth
            * channels
            * each,
            "there are the pixels of one colour in a block: it has 3 s² values.": pixels * (stem**2 + channels) * each,
            "the weights are in it: they stay in flash.": (before + after + 9 * depth * channels) * each,
            "the stem is always 5 here: use `stem`.": full // 25 * (75 + channels) * each,
        }
        got = call(function, stem, channels, each)
        what = f"least_arena({stem}, {channels}, bytes_each={each})"
        compare(what, got, (before + after) * each, mistakes, look)
    compare("least_arena(5, 12)", call(function, 5, 12), 66_816, look=look)
    return "least_arena: a lower bound. What does not fit at one step does not fit at all, with any plan."
