# %% [markdown] tags=["goals"]
# # 9. Memory: fitting a board
#
# The tensors of a network need memory while it computes. A board has a few hundred kilobytes for them, and whether a
# network fits depends less on the network than on the lifetimes of its tensors.
#
# **35 minutes.** You make a memory planner, and place every tensor of the board's network with it.
#
# Goals:
#
# - find the lifetime of each tensor, and the bytes that are live at each operator
# - reduce the peak by another order of the same operators
# - place tensors in an arena so that none is overwritten while it is live
# - compute a lower bound: which network cannot fit at all

# %% [markdown]
# ## Two memories
#
# The board of these lessons, an Arduino Nano 33 BLE Sense, has two memories. The [flash](glossary.md#flash) stores
# constants: the program and the weights. The [RAM](glossary.md#ram) holds the variables, and there is less of it. How
# much of it can a network use?

# %%
import numpy as np

from lessons.checks import memory as check
from lessons.drawing import THEME, charts, legend, show, table
from embedded.budget.boards import FRAME_BYTES, NANO
from embedded.cortexm.program import RAM

limit = int(NANO.ram.value)
table(
    ["RAM of the board", "bytes", "KB"],
    [
        ["the chip has", f"{RAM:,}", f"{RAM / 1024:.1f}"],
        [
            "left by Arduino's core and USB",
            f"{NANO.free_ram.value:,.0f}",
            f"{NANO.free_ram.value / 1024:.1f}",
        ],
        [
            "limit for a network, the rest is for heap and stack",
            f"{limit:,}",
            f"{limit / 1024:.1f}",
        ],
        [
            "the camera's frame, to which the residual is added",
            f"{FRAME_BYTES:,}",
            f"{FRAME_BYTES / 1024:.1f}",
        ],
        ["what remains", f"{limit - FRAME_BYTES:,}", f"{(limit - FRAME_BYTES) / 1024:.1f}"],
    ],
)

# %% [markdown]
# And this is the network for it, `nano`, as the board runs it: a list of **operators**, one after the other. Each reads
# some **tensors** and writes one. All values are [int8](glossary.md#int8), one byte each. Weights are omitted here,
# since they stay in flash.

# %%
from typing import NamedTuple

from embedded import read_graph
from embedded.models.shipped_models import model_file


class Step(NamedTuple):
    """An operator: its name, the tensors that it reads, and the tensor that it writes."""

    name: str
    reads: tuple
    writes: object


def steps_of(graph):
    """The operators of a graph in the order of its file; tensors are indices."""
    computed = {*graph.inputs, *graph.computed}
    return [
        Step(each.kind, tuple(k for k in each.inputs if k in computed), each.outputs[0])
        for each in graph.operators
    ]


graph = read_graph(model_file("nano").read_bytes())
nano = steps_of(graph)
nano_sizes = {k: graph.tensors[k].bytes for k in (*graph.inputs, *graph.computed)}

table(
    ["operator", "reads", "writes", "shape", "bytes"],
    [
        [
            step.name,
            str(step.reads),
            step.writes,
            graph.tensors[step.writes].shape[1:],
            f"{nano_sizes[step.writes]:,}",
        ]
        for step in nano[:9]
    ],
)
together = sum(nano_sizes.values())
print(f"... {len(nano)} operators in all; {len(nano_sizes)} tensors, {together:,} bytes together")

# %% [markdown]
# If every tensor had memory of its own, the network would need several times the RAM of the chip. It need not: most
# tensors are read once or twice, soon after they were written, and never again.
#
# ## Lifetimes
#
# The [lifetime](glossary.md#lifetime) of a tensor goes from the step that writes it to the **last** step that reads it,
# both included. Two cases are special. The network's *input* is live from step 0. Its *output* is live to the end,
# since it is read after the last step.
#
# This small network has a stream at full, half and quarter resolution, like one block of MIRNet. Sizes are in KB.

# %%
streams = [
    Step("to full", ("photo",), "full"),
    Step("to half", ("photo",), "half"),
    Step("to quarter", ("photo",), "quarter"),
    Step("work on full", ("full",), "full 2"),
    Step("work on half", ("half",), "half 2"),
    Step("work on quarter", ("quarter",), "quarter 2"),
    Step("enlarge half", ("half 2",), "half up"),
    Step("enlarge quarter", ("quarter 2",), "quarter up"),
    Step("add half", ("full 2", "half up"), "sum"),
    Step("add quarter", ("sum", "quarter up"), "result"),
]
sizes = {
    **dict.fromkeys(("photo", "full", "full 2", "half up", "quarter up", "sum", "result"), 12),
    **dict.fromkeys(("half", "half 2"), 6),
    **dict.fromkeys(("quarter", "quarter 2"), 3),
}

# %% [markdown]
# ### Exercise 1: lifetimes
#
# `steps` is such a list. Each step has a `name`, the tensors that it `reads`, and the one that it `writes`:
# `streams[8].reads` is `("full 2", "half up")`. Return a dictionary with `(first, last)` for each tensor: the indices
# in the list, from 0. `inputs` and `outputs` are the names of the network's inputs and outputs.


# %% tags=["exercise"] exercise="lifetimes"
def lifetimes(steps, inputs, outputs):
    """First and last step of every tensor: {tensor: (first, last)}."""
    raise NotImplementedError


# %% tags=["solution"] exercise="lifetimes"
def lifetimes(steps, inputs, outputs):
    """First and last step of every tensor: {tensor: (first, last)}."""
    first, last = dict.fromkeys(inputs, 0), dict.fromkeys(inputs, 0)
    for number, step in enumerate(steps):
        for tensor in step.reads:
            last[tensor] = number
        first[step.writes] = last[step.writes] = number
    for tensor in outputs:
        last[tensor] = len(steps) - 1
    return {tensor: (first[tensor], last[tensor]) for tensor in first}


# %% [markdown] tags=["hint"] exercise="lifetimes"
# <details><summary>Hint 1: the idea</summary>
#
# Write down for each tensor who writes it and who reads it last. Inputs and outputs have rules of their own.
#
# </details>

# %% [markdown] tags=["hint"] exercise="lifetimes"
# <details><summary>Hint 2: the shape</summary>
#
# A dictionary of pairs of step numbers, with an entry for every tensor, the inputs too.
#
# </details>

# %% [markdown] tags=["hint"] exercise="lifetimes"
# <details><summary>Hint 3: the code</summary>
#
# Use two dictionaries, `first` and `last`, and iterate over `enumerate(steps)` once. Each reader of a tensor sets its
# `last` to the index of the step; a later reader overwrites it.
#
# </details>

# %% tags=["check"] exercise="lifetimes"
check.lifetimes(lifetimes)

# %%
lives = lifetimes(streams, ["photo"], ["result"])


def draw_lives(axes):
    """A horizontal bar for each tensor, from its first step to its last."""
    for row, (tensor, (first, last)) in enumerate(lives.items()):
        colour = THEME.streams[0 if sizes[tensor] == 12 else 1 if sizes[tensor] == 6 else 2]
        axes.barh(row, last - first + 1, 0.75, first, color=colour)
        axes.text(last + 1.08, row, f"{tensor}: {first} to {last}", va="center", fontsize=8)
    axes.set(xlim=(0, 12.5), ylim=(len(lives) - 0.4, -0.6), yticks=[])
    axes.set_xticks([k + 0.5 for k in range(10)], range(10))
    axes.set_xlabel("step")
    for size, colour in zip((12, 6, 3), THEME.streams, strict=False):
        axes.bar(0, 0, color=colour, label=f"{size} KB")
    legend(axes, loc="lower left")


show(
    charts(
        (
            draw_lives,
            "lifetimes",
            "a bar begins where a tensor is written and ends with its last reader",
        ),
        title="Lifetimes of the small network",
        caption="All bars in a column are live at once. Look at step 8: “add half” reads two tensors and writes a "
        "third, so all three are live, and “quarter up” is read later.",
    )
)

# %% [markdown]
# ## Live bytes
#
# The sum of the bytes in each column is the memory that the network needs at each step, the **live bytes**; their
# maximum is the **peak**. While an operator runs, its inputs and its output are *both* live: a convolution reads the
# neighbours of a pixel again after it has written the pixel.

# %% [markdown]
# ### Exercise 2: live bytes
#
# `lives` is the result of your `lifetimes`, `sizes` the bytes of each tensor, `count` the number of steps. Return a
# list of the live bytes at each step.


# %% tags=["exercise"] exercise="live_bytes"
def live_bytes(lives, sizes, count):
    """Live bytes at each step: a list of `count` integers."""
    raise NotImplementedError


# %% tags=["solution"] exercise="live_bytes"
def live_bytes(lives, sizes, count):
    """Live bytes at each step: a list of `count` integers."""
    return [
        sum(sizes[tensor] for tensor, (first, last) in lives.items() if first <= step <= last)
        for step in range(count)
    ]


# %% [markdown] tags=["hint"] exercise="live_bytes"
# <details><summary>Hint 1: the idea</summary>
#
# Go through the steps. At each, ask every tensor: are you live now?
#
# </details>

# %% [markdown] tags=["hint"] exercise="live_bytes"
# <details><summary>Hint 2: the shape</summary>
#
# A list of `count` integers: sums of sizes, not of tensors.
#
# </details>

# %% [markdown] tags=["hint"] exercise="live_bytes"
# <details><summary>Hint 3: the code</summary>
#
# For each `step` in `range(count)`: the sum of `sizes[tensor]` over all tensors with `first <= step <= last`.
#
# </details>

# %% tags=["check"] exercise="live_bytes"
check.live_bytes(live_bytes)

# %%
nano_lives = lifetimes(nano, graph.inputs, graph.outputs)
in_file_order = live_bytes(nano_lives, nano_sizes, len(nano))
peak = max(in_file_order)


def draw_live(axes):
    """Live KB of the board's network at each step, in the order of the file."""
    axes.fill_between(
        range(len(nano)),
        [each / 1024 for each in in_file_order],
        step="post",
        color=THEME.streams[0],
    )
    available = (limit - FRAME_BYTES) / 1024
    axes.axhline(available, color=THEME.accent, linestyle="--", linewidth=1.2)
    axes.text(2, available + 3, "limit minus the camera's frame", color=THEME.accent, fontsize=8)
    axes.set(xlim=(0, len(nano)), ylim=(0, 160), xlabel="step", ylabel="KB")


show(
    charts(
        (draw_live, "live bytes at each step", "operators in the order of the file"),
        title="Live memory of nano",
        caption="The spikes at both ends, one step wide, are the network's input and output. In the "
        "middle the three streams are upsampled and fused: there most tensors are live.",
    )
)
worst = in_file_order.index(peak)
print(f"all tensors together: {together:,} bytes")
print(f"peak of live bytes, at step {worst} ({nano[worst].name}): {peak:,} bytes")

# %% [markdown]
# The same operators and the same values, and a small part of the memory: all it takes is to reuse the memory of tensors
# that are no longer live.
#
# ## Order of execution
#
# An operator may run as soon as its inputs are written. With parallel streams there is a choice of order, and the order
# decides what is live meanwhile. Here are the three streams, level by level as they are listed:


# %%
def live_chart(names):
    """Draws live KB at each step of the small network, for an order of its operators by name."""
    by_name = {step.name: step for step in streams}
    steps = [by_name[name] for name in names]
    live = live_bytes(lifetimes(steps, ["photo"], ["result"]), sizes, len(steps))

    def draw(axes):
        worst = max(live)
        axes.barh(
            range(len(live)),
            live,
            0.8,
            color=[THEME.accent if k == worst else THEME.streams[0] for k in live],
        )
        for row, (name, size) in enumerate(zip(names, live, strict=True)):
            axes.text(0.6, row, name, va="center", color="white", fontsize=8)
            axes.text(size + 0.5, row, f"{size}", va="center", fontsize=8)
        axes.set(xlim=(0, 56), ylim=(len(live) - 0.4, -0.6), yticks=[], xlabel="KB live")

    return draw, max(live)


listed = [step.name for step in streams]
draw_listed, worst_listed = live_chart(listed)
show(
    charts(
        (draw_listed, "level by level", f"peak {worst_listed} KB"),
        title="The small network, first to last from top to bottom",
        caption="At the peak, two tensors of 12 KB are added into a third. Why is a fourth one live?",
    )
)

# %% [markdown]
# ### Exercise 3: a better order
#
# Return the ten names in an order with the lowest peak. Every operator must come after those that write its inputs (a
# *topological order*). Two things help: do not enlarge a tensor before the large one is read, and finish one sum before
# you begin with the inputs of the next one.


# %% tags=["exercise"] exercise="order"
def order():
    """The ten names: ["to full", ...]."""
    raise NotImplementedError


# %% tags=["solution"] exercise="order"
def order():
    """The ten names: ["to full", ...]."""
    return [
        "to half",
        "work on half",
        "to quarter",
        "work on quarter",
        "to full",
        "work on full",
        "enlarge half",
        "add half",
        "enlarge quarter",
        "add quarter",
    ]


# %% [markdown] tags=["hint"] exercise="order"
# <details><summary>Hint 1: the idea</summary>
#
# Which tensors are large, and how long does each of them wait to be read?
#
# </details>

# %% [markdown] tags=["hint"] exercise="order"
# <details><summary>Hint 2: the shape</summary>
#
# Ten names, each once. Before an operator come those that write what it reads.
#
# </details>

# %% [markdown] tags=["hint"] exercise="order"
# <details><summary>Hint 3: the code</summary>
#
# “quarter up” has 12 KB, “quarter 2” only 3: enlarge it as late as possible.
#
# </details>

# %% [markdown] tags=["hint"] exercise="order"
# <details><summary>Hint 3, continued</summary>
#
# At “add half” three large tensors are live in any order. Only one small one may be live besides: which of the two
# enlargements must therefore come after it?
#
# </details>

# %% tags=["check"] exercise="order"
check.order(order, streams, sizes)

# %%
draw_yours, worst_yours = live_chart(order())
show(
    charts(
        (draw_listed, "level by level", f"peak {worst_listed} KB"),
        (draw_yours, "your order", f"peak {worst_yours} KB"),
        title="The same ten operators, twice",
        caption="The same operators, and the same results.",
    )
)

# %% [markdown]
# `nano` has far too many orders to try them all. The project's planner, `embedded/memory/order.py`, uses dynamic
# programming: what is live depends only on the *set* of executed operators, not on their order. So it visits no set
# twice, and if it has visited all sets without finding an order below a limit, that is a **proof** that there is none.

# %%
from embedded import make_plan

plan = make_plan(graph)
planned = [nano[k] for k in plan.order]
planned_lives = lifetimes(planned, graph.inputs, graph.outputs)
better = live_bytes(planned_lives, nano_sizes, len(planned))

table(
    ["nano", "peak of live bytes"],
    [
        ["as the file lists the operators", f"{peak:,} B"],
        ["in the planner's order", f"{max(better):,} B"],
        ["lower bound of any order", f"{plan.bound:,} B"],
    ],
)

# %% [markdown]
# ## The arena
#
# Live bytes are only a sum. All tensors share one block of memory, the [arena](glossary.md#arena), and each needs a
# contiguous range in it, from its *offset*, the first byte, to offset plus size. Two tensors whose lifetimes have a
# step in common must not share a byte. All others may.
#
# A good simple rule is **first fit**: take the tensors one after the other, and give each the lowest offset where it
# fits, between those that are placed already. Only tensors that are live at the same time matter. In a figure with
# steps on the horizontal axis and bytes on the vertical axis, tensors are rectangles, and you are packing them.

# %% [markdown]
# ### Exercise 4: first fit
#
# A `Block` has a `name`, a `size` in bytes, and its `first` and `last` step, both included. Place the blocks in the
# order of the list; do not sort them. For each:
#
# 1. find the blocks that are placed already *and* share a step with it;
# 2. go through them in the order of their offsets, and take the first gap that is large enough.
#
# Two blocks may touch: one that ends at byte 12 leaves byte 12 free. Return a dictionary of offsets.

# %% tags=["exercise"] exercise="place"
from embedded.memory.offsets import Block


def place(blocks):
    """The first byte of every block: {name: offset}."""
    raise NotImplementedError


# %% tags=["solution"] exercise="place"
from embedded.memory.offsets import Block


def place(blocks):
    """The first byte of every block: {name: offset}."""
    offsets, placed = {}, []
    for block in blocks:
        meets = [each for each in placed if each.first <= block.last and block.first <= each.last]
        offset = 0
        for other in sorted(meets, key=lambda each: offsets[each.name]):
            if offset + block.size <= offsets[other.name]:
                break  # it fits below this one
            offset = max(offset, offsets[other.name] + other.size)
        offsets[block.name] = offset
        placed.append(block)
    return offsets


# %% [markdown] tags=["hint"] exercise="place"
# <details><summary>Hint 1: the idea</summary>
#
# For one block: who is in its way? Then climb from byte 0 until there is room.
#
# </details>

# %% [markdown] tags=["hint"] exercise="place"
# <details><summary>Hint 2: the shape</summary>
#
# For each block a list of neighbours in the order of their offsets, and one number that grows: the offset. The result
# is a dictionary.
#
# </details>

# %% [markdown] tags=["hint"] exercise="place"
# <details><summary>Hint 3: the code</summary>
#
# Two blocks share a step if each begins before the other ends:
# `one.first <= other.last and other.first <= one.last`.
#
# </details>

# %% [markdown] tags=["hint"] exercise="place"
# <details><summary>Hint 3, continued</summary>
#
# Begin with `offset = 0`. For each neighbour, sorted by its offset: if `offset + block.size` ends at or below it, stop,
# it fits. Otherwise go above it: `offset = max(offset, its offset + its size)`. The `max` matters, since a low and
# large neighbour may reach higher than the one after it.
#
# </details>

# %% tags=["check"] exercise="place"
check.place(place)

# %% [markdown]
# In which order should the blocks be placed? Try the order of execution, and the largest first.
#
# **Predict first.** Which of them ends lower? Will it reach the peak of live bytes, below which nothing can go?

# %%
blocks = [Block(k, nano_sizes[k], *life) for k, life in planned_lives.items()]


def end_of(offsets):
    """Bytes of the arena: where its highest tensor ends."""
    return max(offsets[k] + nano_sizes[k] for k in offsets)


as_made = place(sorted(blocks, key=lambda block: block.first))
large_first = place(sorted(blocks, key=lambda block: -block.size))
table(
    ["first fit", "arena ends at"],
    [
        ["in the order of execution", f"{end_of(as_made):,} B"],
        ["the largest first", f"{end_of(large_first):,} B"],
        ["the planner", f"{plan.peak:,} B"],
        ["peak of live bytes", f"{max(better):,} B"],
    ],
)

# %% tags=["picture"]
from embedded.tflite.naming import PARTS, part_of
from explain.figures.kit.part_colours import part_colours

COLOURS = part_colours(THEME)


def arena(offsets, label):
    """Draws every tensor of nano: its width is its lifetime, its height its size."""

    def draw(axes):
        for k, (first, last) in planned_lives.items():
            axes.bar(
                first,
                nano_sizes[k] / 1024,
                last - first + 1,
                offsets[k] / 1024,
                align="edge",
                color=COLOURS[part_of(graph, k)],
                edgecolor=THEME.background,
                linewidth=0.3,
            )
        axes.axhline(end_of(offsets) / 1024, color=THEME.accent, linewidth=1.2)
        axes.text(
            len(planned) * 0.99,
            end_of(offsets) / 1024 + 1,
            label,
            ha="right",
            fontsize=8,
            color=THEME.accent,
        )
        for part in PARTS:
            axes.bar(0, 0, color=COLOURS[part], label=part)
        legend(axes, loc="upper left", ncols=2)
        axes.set(
            xlim=(0, len(planned)), ylim=(0, 125), xlabel="step", ylabel="KB from the arena's start"
        )

    return draw


show(
    charts(
        (
            arena(as_made, f"ends at {end_of(as_made) / 1024:.1f} KB"),
            "your first fit, in the order of execution",
            "",
        ),
        (arena(plan.offsets, f"ends at {plan.peak / 1024:.1f} KB"), "the planner's offsets", ""),
        title="Every tensor of nano in the arena",
        subtitle="One rectangle per tensor: horizontally its lifetime, vertically its bytes",
        caption="White areas below the line are not in use at that step. The band on top, the first features, is "
        "live from the first step nearly to the last. No two of your rectangles overlap.",
        height=3.4,
    )
)

# %% [markdown]
# The planner tries several orders of placing, moves blocks at random, and stops when the arena ends at the peak of live
# bytes, the lower bound. It has one more method. An addition of two tensors may be written **in place**, over an input
# that dies there: element 7 of the result needs element 7 of the inputs and no other. That cannot reduce the peak of
# `nano`, which is at the first convolution, but it saves memory at other steps. How often is it possible?

# %%
from collections import Counter

kinds = Counter(graph.producer[k].kind for k in plan.in_place)
table(
    ["written in place of an input", "times"],
    [[kind, count] for kind, count in kinds.most_common()],
)

# %% [markdown]
# ## A lower bound
#
# Before training a network for the board, you should know whether it can fit at all. `nano` does not process the frame
# of 120 × 160 pixels at full resolution. Its *stem* is a **space-to-depth**: blocks of $s \times s$ pixels, $s = 5$,
# become channels, a tensor of $(120/s, 160/s, 3 s^2)$. (The network ends with the inverse, a *depth-to-space*.) That is
# the same number of bytes, and all feature maps after it are $s^2$ times smaller. The first convolution computes $C$
# channels from it, at the same size. Both tensors are live at that step, so their bytes are a lower bound of the arena.

# %% [markdown]
# ### Exercise 5: the lower bound of the arena
#
# Return the bytes of input and output of the first convolution together, where a value has `bytes_each` bytes: 1 for
# int8, 4 for float32.
#
# From an empty cell this time: define `least_arena(stem, channels, bytes_each=1)`: three integers give one.

# %% tags=["exercise"] exercise="least_arena"
least_arena = ...  # no skeleton: write the whole function


# %% tags=["solution"] exercise="least_arena"
def least_arena(stem, channels, bytes_each=1):
    """Bytes of the first convolution's input (120/s, 160/s, 3 s²) and output (120/s, 160/s, channels)."""
    pixels = (120 // stem) * (160 // stem)
    return pixels * (3 * stem**2 + channels) * bytes_each


# %% [markdown] tags=["hint"] exercise="least_arena"
# <details><summary>Hint 1: the idea</summary>
#
# One step, two tensors: what does the first convolution read, and what does it write?
#
# </details>

# %% [markdown] tags=["hint"] exercise="least_arena"
# <details><summary>Hint 2: the shape</summary>
#
# Both have (120 / s) · (160 / s) pixels; they differ in their channels.
#
# </details>

# %% [markdown] tags=["hint"] exercise="least_arena"
# <details><summary>Hint 3: the code</summary>
#
# A tensor of shape (h, w, c) has h · w · c values. Both tensors have the same h and w.
#
# </details>

# %% tags=["check"] exercise="least_arena"
check.least_arena(least_arena)

# %%
print(f"your bound for nano, stem 5 and 12 channels: {least_arena(5, 12):,} bytes")
print(f"the planner's arena, all {len(nano)} operators:    {plan.peak:,} bytes")

# %% [markdown]
# The formula for one operator gives exactly the arena of the whole network: with the planner, every later step needs
# less than the first one.
#
# Your bound says what can *not* fit; a network within the bound may still fail at a later step. With a smaller stem the
# feature maps grow: all but input and output have $(5/s)^2$ times as many pixels. Your functions can compute the peak
# then:

# %%
ends = {*graph.inputs, *graph.outputs}


def size_with(stem, bytes_each):
    """The bytes of every tensor of nano, if it had another stem or another data type."""
    found = {}
    for k in nano_sizes:
        is_map = k not in ends and graph.tensors[k].shape[1] > 1  # not a descriptor
        found[k] = nano_sizes[k] * bytes_each * (25 if is_map else stem**2) // stem**2
    return found


rows = []
for kind, bytes_each in (("int8", 1), ("float32", 4)):
    for stem in (1, 2, 5, 10):
        needed = max(live_bytes(planned_lives, size_with(stem, bytes_each), len(planned)))
        free = limit - FRAME_BYTES - needed
        answer = (
            f"yes, {free / 1024:.0f} KB remain"
            if free >= 0
            else f"no, {-free / 1024:.0f} KB too much"
        )
        rows.append(
            [
                kind,
                stem,
                f"{least_arena(stem, 12, bytes_each) / 1024:.0f}",
                f"{needed / 1024:.0f}",
                answer,
            ]
        )

table(["data type", "stem", "your bound, KB", "peak, KB", "fits with the frame?"], rows)

# %% [markdown]
# So the same operators need megabytes, or less than a tenth of one: int8 instead of floating point, space-to-depth,
# reuse of memory, a better order. None of it changes the architecture. (A stem of 10 has an input of the same size. Why
# not use it? Because 12 channels cannot represent a block of 10 × 10 pixels: lesson 2 measured what a bottleneck
# costs.)
#
# `mirnet fit nano` prints all of this for any model; it calls `embedded.budget.fit`:

# %%
from embedded.budget.fit import fit

found = fit(model_file("nano").read_bytes(), NANO)
ram = found.lines[0]
table(
    ["RAM", "bytes"],
    [
        *([name, f"{size:,.0f}"] for name, size in ram.parts.items()),
        ["together", f"{ram.needed:,.0f}"],
        ["limit", f"{ram.limit.value:,.0f}"],
    ],
)

# %% [markdown]
# Besides the arena there are smaller parts: kernels need scratch memory, a few rows of a convolution's input in 16
# bits; and the stack and the camera's frame are outside of your plan.

# %% [markdown] tags=["why"]
# **Why?** The same tensors are computed in any order of execution. Why does the peak change?
#
# <details><summary>A model answer</summary>
#
# A tensor occupies its bytes from the step that writes it to the last one that reads it. The order decides which
# lifetimes overlap: who enlarges early holds a large tensor while other work is done, who finishes one branch first
# holds only its small end.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 1.** ADD may write its result over one of its inputs. May a 3×3 convolution, if input and output have the same
# size and no other operator reads the input?
#
# <details><summary>Answer</summary>
#
# No. It reads each value of the input for up to nine pixels of the output. If the output were written over the input,
# the next pixels would be computed from outputs instead of inputs. (A 1×1 convolution could, with a copy of one pixel's
# channels.)
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** The arena of a network is exactly as large as its peak of live bytes. Somebody offers a better packing
# algorithm. What would it save, and what could save more?
#
# <details><summary>Answer</summary>
#
# Nothing: all tensors that are live at that step need memory, however they are packed. Less is only possible with
# another order or in-place operators, so that less is live, or with another network: fewer channels, a larger stem, a
# smaller data type.
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [memory, operator by operator](http://localhost:8501/nano?photo=palace&step=0) (start it with
# `make app`). Move the cursor from the first step to the three streams in the middle, and see which tensors are in the
# arena.
#
# Next: [lesson 10](10_nano.ipynb), the Nano: the C code of these operators, run on an emulated board.
