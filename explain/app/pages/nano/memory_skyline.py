"""The memory of the board step by step, and the time of each step, as one drawing for `explain.app.widgets.cursor`."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from embedded.budget.fit import Fit
from embedded.memory.plan import live_bytes
from embedded.tflite.naming import PARTS, part_of
from explain.figures import Theme
from explain.figures.kit.part_colours import part_colours

__all__ = ["LiveTensor", "duration", "live_tensors", "skyline", "step_words"]

KB = 1024
AIR = 1.06  # above the limit


@dataclass(frozen=True)
class LiveTensor:
    """A tensor that is in memory at a step.

    Attributes:
        index: In the graph.
        role: What the step does with it: `read`, `written`, `in place of what it reads`, or `kept for later`.
        begin: Its first byte in the arena.
        bytes: Its size.
        shape: Without the batch axis.
        first: The step that makes it.
        last: The last step that reads it.
    """

    index: int
    role: str
    begin: int
    bytes: int
    shape: tuple[int, ...]
    first: int
    last: int


def duration(seconds: float) -> str:
    """A short time in words, with two digits that count: it is an estimate."""
    value, unit = (1000 * seconds, "ms") if seconds >= 1e-4 else (1e6 * seconds, "µs")
    rounded = float(f"{value:.2g}")
    return f"{rounded:g} {unit}"


def live_tensors(found: Fit, step: int) -> list[LiveTensor]:
    """What is in the arena while an operator runs, from its start on."""
    plan, graph = found.plan, found.graph
    operator = graph.operators[plan.order[step]]
    tensors = []
    for index, (first, last) in plan.lifetimes.items():
        if not first <= step <= last:
            continue
        role = "kept for later"
        if index in operator.outputs:
            role = "in place of what it reads" if index in plan.in_place else "written"
        elif index in operator.inputs:
            role = "read"
        tensor = graph.tensors[index]
        tensors.append(LiveTensor(index, role, plan.offsets[index], tensor.bytes, tensor.shape[1:], first, last))
    return sorted(tensors, key=lambda each: (each.begin, each.first))


def step_words(found: Fit, instructions: Sequence[int], seconds: Sequence[float]) -> list[str]:
    """What is read out of each step."""
    live = live_bytes(found.plan, found.graph)
    return [
        f"step {step} of {len(live) - 1}: {work.kind}, layer {work.layer} · {live[step] / KB:.1f} KB live · "
        f"{instructions[step]:,} instructions, about {duration(seconds[step])}"
        for step, work in enumerate(found.works)
    ]


def skyline(found: Fit, instructions: Sequence[int], theme: Theme) -> str:
    """One rectangle for each tensor, over the steps that it lives; below it the instructions of each step."""
    graph, plan, colours = found.graph, found.plan, part_colours(theme)
    ram = found.lines[0]
    end, top = len(plan.order), ram.limit.value * AIR
    blocks = []
    for index in sorted(plan.offsets, key=lambda index: plan.lifetimes[index]):
        first, last = plan.lifetimes[index]
        size = graph.tensors[index].bytes
        blocks.append(
            f'<rect x="{first}" y="{(top - plan.offsets[index] - size) / KB:.2f}" width="{last - first + 1}" '
            f'height="{size / KB:.2f}" fill="{colours[part_of(graph, index)]}" stroke="{theme.background}" '
            'stroke-width=".5" vector-effect="non-scaling-stroke"/>'
        )
    most = max(instructions)
    bars = "".join(
        f'<rect x="{step}" y="{most - count}" width="1" height="{max(count, most // 200)}" '
        f'fill="{colours[part_of(graph, graph.operators[plan.order[step]].outputs[0])]}"/>'
        for step, count in enumerate(instructions)
    )
    svg = '<svg preserveAspectRatio="none" aria-hidden="true" viewBox="0 0 {} {}">{}</svg>'
    used = {part_of(graph, index) for index in plan.offsets}
    key = "".join(
        f'<span><i style="background:{colours[part]}"></i>{escape(part)}</span>' for part in PARTS if part in used
    )
    marks = "".join(f'<span style="bottom:{100 * mark * KB / top:.1f}%">{mark} KB</span>' for mark in (0, 50, 100, 150))
    times = "".join(
        f'<span style="bottom:{100 * count / most:.1f}%">{count / 1e6:.0f} M</span>'
        for count in range(0, most, 5_000_000)
    )
    return (
        '<div class="scroll"><div class="chart">'
        "<h4>memory, step by step <small>one rectangle a tensor, as wide as it lives, as high as it is large</small>"
        f'</h4><div class="axis">{marks}</div><div class="plot" style="height:19rem">'
        f"{svg.format(end, f'{top / KB:.2f}', ''.join(blocks))}{_bands(found, top)}</div>"
        "<h4>time of each step <small>instructions on the emulated Cortex-M4</small></h4>"
        f'<div class="axis">{times}</div><div class="plot" style="height:6rem">{svg.format(end, most, bars)}</div>'
        f'</div></div><div class="key">{key}</div>'
    )


def _bands(found: Fit, top: float) -> str:
    """What lies above the arena all the time, and the limit."""
    ram = found.lines[0]
    low, bands = float(found.plan.peak), []
    for name, words, kind in (
        ("kernels", "scratch memory of the kernels", "band faint"),
        ("camera frame", "the camera's frame", "band"),
    ):
        size = ram.parts[name]
        bands.append(
            f'<span class="{kind}" style="bottom:{100 * low / top:.2f}%;height:{100 * size / top:.2f}%"></span>'
            f'<b style="right:.3rem;bottom:{100 * (low + size / 2) / top:.2f}%;transform:translateY(50%)">'
            f"{words}: {size / KB:.1f} KB</b>"
        )
        low += size
    limit = 100 * ram.limit.value / top
    arena = 100 * found.plan.peak / top
    return (
        f'{"".join(bands)}<span class="line" style="bottom:{arena:.2f}%"></span>'
        f'<b style="left:.3rem;bottom:{arena:.2f}%">the arena ends: {found.plan.peak / KB:.1f} KB</b>'
        f'<span class="line" style="bottom:{limit:.2f}%;opacity:1"></span>'
        f'<b style="left:.3rem;bottom:{limit:.2f}%;transform:translateY(50%)">our limit: '
        f"{ram.limit.value / KB:.0f} KB</b>"
    )
