"""One step of the board's plan: the operator, what it reads and writes, where that lies, and how long it takes."""

from collections import Counter
from collections.abc import Sequence

import altair as alt
import streamlit as st

from embedded.budget.fit import Fit
from embedded.memory.plan import live_bytes
from embedded.tflite.naming import PARTS, named, part_of
from explain.app.assets.asset_files import rendered
from explain.app.charts.altair_charts import ROWS, Pick, Row, show
from explain.app.charts.bars import Span, spans
from explain.app.charts.part_charts import part_colour
from explain.app.compute.board_model import fitted, tensor_hooks
from explain.app.data.board_measurements import Counts, read_counts
from explain.app.url import controls
from explain.app.url.session import Context, page_view
from explain.app.views.nano.memory_skyline import (
    KB,
    KEPT,
    LiveTensor,
    duration,
    live_tensors,
    memory_chart,
    step_labels,
    time_chart,
)
from explain.figures import Theme
from explain.figures.kit.part_colours import part_colours

__all__ = ["busiest", "memory_section", "seconds_of", "time_section"]

KINDS = 8


def memory_section(here: Context) -> None:
    """Shows the skyline with a cursor, and the step under it."""
    found, counts = fitted(), read_counts()
    last, first = len(found.works) - 1, busiest(found)
    step = controls.number("step", 0, last, first)
    st.markdown(
        f"The board runs {last + 1} operators, steps 0 to {last}. A tensor needs memory from the step that makes it to "
        "the last one that reads it; those that never meet share bytes of one block, the **arena**. 1 KB is 1,024 "
        "bytes. Move the cursor with a click, or with the slider."
    )
    labels = step_labels(found, counts.operators, [seconds_of(found, count) for count in counts.operator_cycles])

    def choose(new: int) -> None:
        controls.put(step=None if new == first else new)

    st.markdown("**Memory, step by step**: one rectangle a tensor, as wide as it lives, as high as it is large")
    show(*memory_chart(found, labels, step, here.theme), "Memory, step by step", Pick("step", "skyline", choose))
    st.markdown("**Time of each step**: instructions on the emulated Cortex-M4")
    times = time_chart(found, counts.operators, labels, step, here.theme)
    show(*times, "Instructions of each step", Pick("step", "times", choose))
    controls.slide("step", "Step", 0, last, first)
    _step(here.theme, found, counts, step)


def busiest(found: Fit) -> int:
    """The first step with most tensors in memory, where there is most to see; the peak may be a single large one."""
    lives = found.plan.lifetimes.values()
    return max(range(len(found.works)), key=lambda step: sum(first <= step <= last for first, last in lives))


def seconds_of(found: Fit, cycles: float) -> float:
    """Time of so many cycles."""
    return cycles / found.board.clock_hz.value


def _step(theme: Theme, found: Fit, counts: Counts, step: int) -> None:
    graph, plan, work = found.graph, found.plan, found.works[step]
    live, tensors = live_bytes(plan, graph)[step], live_tensors(found, step)
    operator = graph.operators[plan.order[step]]
    each = f" for {work.macs:,} MACs" if work.macs else f" for {work.elements:,} numbers"
    at_peak = (
        ": the peak, no step has more"
        if live == plan.live
        else f", {plan.live / KB:.1f} KB at the peak, step {found.peak_step}"
    )
    count = counts.operators[step]
    st.markdown(
        f"**Step {step}: {named(graph, operator)}**  \n"
        f"{count:,} instructions{each}, about {duration(seconds_of(found, counts.operator_cycles[step]))}. "
        f"{live / KB:.1f} KB of the arena are in use{at_peak}."
    )
    show(*arena(found, tensors, theme), f"{len(tensors)} tensors in the arena")
    st.html(table(found, tensors, part_colours(theme)))
    st.caption(
        "The arena from its first byte to its last at this step: solid what the operator reads and writes, faint what "
        "is kept for later. The rest is free."
    )
    _under_the_lens(operator.outputs[0])


def arena(found: Fit, tensors: Sequence[LiveTensor], theme: Theme) -> tuple[alt.Chart, list[Row]]:
    """The arena at one step, from its first byte to its last."""
    rows: list[Row] = [
        {
            "begin": each.begin,
            "end": each.begin + each.bytes,
            "part": part_of(found.graph, each.index),
            "opacity": 0.45 if each.role == KEPT else 1.0,
            "text": f"tensor {each.index}, {each.role}: {each.bytes:,} bytes from {each.begin:,}",
        }
        for each in tensors
    ]
    size = alt.Scale(domain=[0, found.plan.peak], nice=False)
    boxes = alt.Chart(ROWS, height=90).mark_rect(stroke=theme.background, strokeWidth=0.5)
    x = alt.X("begin:Q", title="byte of the arena", scale=size, axis=alt.Axis(format=",d"))
    opacity, colour = alt.Opacity("opacity:Q", scale=None), part_colour(PARTS, theme, legend=False)
    return boxes.encode(x, alt.X2("end"), opacity, colour, alt.Tooltip("text:N")), rows


def table(found: Fit, tensors: Sequence[LiveTensor], colours: dict[str, str]) -> str:
    """The tensors that are in memory."""
    return rendered("tensors.html", tensors=[(each, colours[part_of(found.graph, each.index)]) for each in tensors])


def _under_the_lens(tensor: int) -> None:
    """The link to the output of this operator, on the page that compares it with float."""
    name = next((name for name, index in tensor_hooks().items() if index == tensor), None)
    if name is not None:
        page = "quantization"
        st.page_link(
            st.session_state["pages"][page],
            label=f"What it makes, `{name}`, under the lens",
            icon=":material/search:",
            query_params=page_view(page) | {"tensor": name},
        )


def time_section(here: Context) -> None:
    """Shows the time by kind of operator, and of the pixels in and out."""
    theme, found, counts = here.theme, fitted(), read_counts()
    kinds: Counter[str] = Counter()
    for work, count in zip(found.works, counts.operators, strict=True):
        kinds[work.kind] += count
    kinds["pixels in and out"] = counts.pixels_in + counts.pixels_out
    pairs = kinds.most_common()
    shown, rest = pairs[: KINDS - 1], pairs[KINDS - 1 :]
    shown.append((f"{len(rest)} other kinds", sum(count for _, count in rest)))
    whole, cycles = counts.instructions, counts.cycles
    low, high = seconds_of(found, cycles.lowest), seconds_of(found, cycles.highest)
    rows = [
        Span(name, 0, count, f"{count / 1e6:.1f} M · {count / whole:.1%}", theme.streams[0]) for name, count in shown
    ]
    spans(rows, "Instructions by kind of operator", theme)
    st.caption(
        f"A frame takes {whole / 1e6:.1f} million instructions, {whole / found.macs:.2f} for each MAC of a "
        f"convolution with everything else counted in. That is about {cycles.likely / 1e6:.0f} million cycles, "
        f"{low:.1f} to {high:.1f} s at {found.board.clock_hz.value / 1e6:.0f} MHz: by the manual of the Cortex-M4, "
        f"and the waits of the chip's flash. Counted on an emulated one (`mirnet board`, {counts.compiler})."
    )
