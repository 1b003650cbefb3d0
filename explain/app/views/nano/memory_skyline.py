"""The memory of the board step by step, and the time of each step, as two charts with the same steps."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from embedded.budget.fit import Fit
from embedded.memory.plan import live_bytes
from embedded.tflite.naming import PARTS, part_of
from explain.app.charts.altair_charts import ROWS, Layers, Row
from explain.app.charts.part_charts import AXIS, columns, part_colour
from explain.figures import Theme

__all__ = ["KB", "KEPT", "LiveTensor", "duration", "live_tensors", "memory_chart", "step_labels", "time_chart"]

KB = 1024
AIR = 1.06  # above the limit
KEPT = "kept for later"


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
    """A short time as text, with two significant digits: it is an estimate."""
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
        role = KEPT
        if index in operator.outputs:
            role = "in place of what it reads" if index in plan.in_place else "written"
        elif index in operator.inputs:
            role = "read"
        tensor = graph.tensors[index]
        tensors.append(LiveTensor(index, role, plan.offsets[index], tensor.bytes, tensor.shape[1:], first, last))
    return sorted(tensors, key=lambda each: (each.begin, each.first))


def step_labels(found: Fit, instructions: Sequence[int], seconds: Sequence[float]) -> list[str]:
    """A label for each step: operator, memory in use, instructions, time."""
    live = live_bytes(found.plan, found.graph)
    return [
        f"step {step}: {work.kind}, layer {work.layer} · {live[step] / KB:.1f} KB live · "
        f"{instructions[step]:,} instructions, about {duration(seconds[step])}"
        for step, work in enumerate(found.works)
    ]


def memory_chart(found: Fit, labels: Sequence[str], step: int, theme: Theme) -> tuple[Layers, list[Row]]:
    """One rectangle for each tensor, over the steps that it lives; above them what is in memory all the time.

    Args:
        found: The plan.
        labels: Of each step.
        step: The one that is looked at.
        theme: Colours.
    """
    graph, plan = found.graph, found.plan
    steps, parts = _steps(labels, step), _parts(found)
    tensors: list[Row] = [
        {
            "step": first,
            "begin": first,
            "end": last + 1,
            "low": plan.offsets[index] / KB,
            "high": (plan.offsets[index] + graph.tensors[index].bytes) / KB,
            "part": part_of(graph, index),
        }
        for index, (first, last) in plan.lifetimes.items()
    ]
    bands: list[Row] = [{"step": step, "begin": 0, "end": len(labels), **band} for band in _bands(found)]
    x, x2 = _across("begin", len(labels), axis=None), alt.X2("end")
    scale = alt.Scale(domain=[0, found.lines[0].limit.value * AIR / KB], nice=False)
    low = alt.Y("low:Q", title="memory, KB", axis=AXIS, scale=scale)
    box = alt.Chart(ROWS).transform_filter("isValid(datum.part)").mark_rect(stroke=theme.background, strokeWidth=0.5)
    band = alt.Chart(ROWS).transform_filter("isValid(datum.name)")
    shade = band.mark_rect(color=theme.muted).encode(x, low, x2, alt.Y2("high"), alt.Opacity("opacity:Q", scale=None))
    edge = band.mark_rule(color=theme.muted, strokeDash=[4, 3]).encode(alt.Y("high:Q"))
    above = alt.expr("datum.low ? 3 : -15")  # the arena's name, or it would stand on a tensor
    name = band.mark_text(align="left", x=4, baseline="top", dy=above, fontSize=12, color=theme.text)
    layers = [
        shade,
        edge,
        box.encode(x, low, x2, alt.Y2("high"), part_colour(parts, theme, legend=False)),
        name.encode(alt.Y("high:Q"), alt.Text("name:N")),
        columns(theme, _across("step", len(labels)), alt.X2("next")),
    ]
    return Layers(layers, height=310), [*bands, *tensors, *steps]


def time_chart(
    found: Fit, instructions: Sequence[int], labels: Sequence[str], step: int, theme: Theme
) -> tuple[Layers, list[Row]]:
    """The instructions of each step; its legend is that of the memory, too."""
    graph, most = found.graph, max(instructions)
    made = [part_of(graph, graph.operators[operator].outputs[0]) for operator in found.plan.order]
    rows: list[Row] = [
        {**row, "part": part, "millions": max(count, most / 200) / 1e6}
        for row, part, count in zip(_steps(labels, step), made, instructions, strict=True)
    ]
    x = _across("step", len(labels), bin="binned")
    high = alt.Y("millions:Q", stack=None, title="millions", axis=AXIS)
    bars = alt.Chart(ROWS).mark_bar(binSpacing=0).encode(x, alt.X2("next"), high, part_colour(_parts(found), theme))
    layers = [bars, columns(theme, _across("step", len(labels)), alt.X2("next"))]
    return Layers(layers, height=230), rows


def _steps(labels: Sequence[str], step: int) -> list[Row]:
    return [
        {"step": k, "next": k + 1, "shade": 0.4 if k == step else 0.0, "text": each} for k, each in enumerate(labels)
    ]


def _across(field: str, steps: int, **more) -> alt.X:
    return alt.X(f"{field}:Q", title="step", scale=alt.Scale(domain=[0, steps], nice=False), **more)


def _parts(found: Fit) -> list[str]:
    used = {part_of(found.graph, index) for index in found.plan.offsets}
    return [part for part in PARTS if part in used]


def _bands(found: Fit) -> list[Row]:
    """From below, in KB: the arena, what lies above it all the time, and what is free below our limit."""
    ram, peak = found.lines[0], float(found.plan.peak)
    kernels, frame = ram.parts["kernels"], ram.parts["camera frame"]
    above, free = peak + kernels, peak + kernels + frame
    return [
        {"low": low / KB, "high": high / KB, "opacity": opacity, "name": name}
        for low, high, opacity, name in (
            (0, peak, 0.0, f"the arena ends: {peak / KB:.1f} KB"),
            (peak, above, 0.15, f"scratch memory of the kernels: {kernels / KB:.1f} KB"),
            (above, free, 0.3, f"the camera's frame: {frame / KB:.1f} KB"),
            (free, ram.limit.value, 0.0, f"our limit: {ram.limit.value / KB:.0f} KB"),
        )
    ]
