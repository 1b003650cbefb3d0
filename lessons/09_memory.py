# %% [markdown] tags=["goals"]
# # 9. Fitting a board
#
# The numbers of a network have to lie somewhere while it computes. A board has a few hundred kilobytes for them, and
# whether a network fits depends less on the network than on when its numbers come and go.
#
# **35 minutes.** You make a planner of memory, and place every tensor of the board's network with it.
#
# Goals:
#
# - find the lifetime of each tensor, and the bytes that are live at each operator
# - lower a peak by another order of the same operators
# - place tensors in an arena so that none is overwritten while somebody needs it
# - say before anything is built which network cannot fit

# %% [markdown]
# ## Two memories
#
# The board of these lessons, an Arduino Nano 33 BLE Sense, has two memories. The [flash](glossary.md#flash) keeps
# what never changes: the program and the weights. The [RAM](glossary.md#ram) holds what is being computed, and there
# is less of it. What may a network have of that?

# %%
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
            "limit for a network, so that heap and stack have room",
            f"{limit:,}",
            f"{limit / 1024:.1f}",
        ],
        [
            "the camera's frame, to which the result is added",
            f"{FRAME_BYTES:,}",
            f"{FRAME_BYTES / 1024:.1f}",
        ],
        ["what remains", f"{limit - FRAME_BYTES:,}", f"{(limit - FRAME_BYTES) / 1024:.1f}"],
    ],
)

# %% [markdown]
# And this is the network for it, `nano`, as the board runs it: a list of **operators**, one after the other. Each
# reads some **tensors** and writes one. All numbers are [int8](glossary.md#int8), one byte each. Weights are left out
# here, since they stay in flash.

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
    """The operators of a graph in the order of its file; tensors are numbers."""
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
# If every tensor had a place of its own, the network would need several times the whole chip. It need not: most
# tensors are read once or twice, soon after they were made, and never again.
#
# ## From the first step to the last reader
#
# The [lifetime](glossary.md#lifetime) of a tensor goes from the step that writes it to the **last** step that reads
# it, both included. Two cases are special. What is *given*, the network's input, is there from step 0. What is
# *kept*, its output, stays to the end, since somebody wants it afterwards.
#
# This small network has a stream at full, half and quarter size, like one block of MIRNet. Sizes are in KB.

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
# `steps` is such a list. Give a dictionary with `(first, last)` for each tensor: the positions in the list, from 0.
# `given` and `kept` are the names of the tensors that are there from the start, and that stay to the end.


# %% tags=["exercise"] exercise="lifetimes"
def lifetimes(steps, given, kept):
    """First and last step of every tensor: {tensor: (first, last)}."""
    raise NotImplementedError


# %% tags=["solution"] exercise="lifetimes"
def lifetimes(steps, given, kept):
    """First and last step of every tensor: {tensor: (first, last)}."""
    first, last = dict.fromkeys(given, 0), dict.fromkeys(given, 0)
    for number, step in enumerate(steps):
        for tensor in step.reads:
            last[tensor] = number
        first[step.writes] = last[step.writes] = number
    for tensor in kept:
        last[tensor] = len(steps) - 1
    return {tensor: (first[tensor], last[tensor]) for tensor in first}


# %% [markdown] tags=["hint"] exercise="lifetimes"
# <details><summary>Hint</summary>
#
# Keep two dictionaries, `first` and `last`, and go through `enumerate(steps)` once. Whoever reads a tensor sets its
# `last` to the present number; a later reader simply sets it again.
#
# </details>

# %% tags=["check"] exercise="lifetimes"
check.lifetimes(lifetimes)

# %%
lives = lifetimes(streams, ["photo"], ["result"])


def draw_lives(axes):
    """A bar for each tensor, from its first step to its last."""
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
            "who lives when",
            "a bar begins where a tensor is written and ends with its last reader",
        ),
        title="Lifetimes of the small network",
        caption="All bars in a column are in memory at once. Look at step 8: “add half” reads two "
        "tensors and writes a third, so all three are there, and “quarter up” waits for its turn.",
    )
)

# %% [markdown]
# ## The skyline
#
# Add up the bytes in each column, and you have what the network needs at each step: its memory **skyline**. While an
# operator runs, what it reads and what it writes are *both* in memory. A convolution reads the neighbours of a pixel
# again after it has written the pixel.

# %% [markdown]
# ### Exercise 2: live bytes
#
# `lives` is what your `lifetimes` gives, `sizes` the bytes of each tensor, `count` the number of steps. Give a list
# with the bytes that are live at each step.


# %% tags=["exercise"] exercise="live_bytes"
def live_bytes(lives, sizes, count):
    """Bytes in memory at each step: a list of `count` numbers."""
    raise NotImplementedError


# %% tags=["solution"] exercise="live_bytes"
def live_bytes(lives, sizes, count):
    """Bytes in memory at each step: a list of `count` numbers."""
    return [
        sum(sizes[tensor] for tensor, (first, last) in lives.items() if first <= step <= last)
        for step in range(count)
    ]


# %% [markdown] tags=["hint"] exercise="live_bytes"
# <details><summary>Hint</summary>
#
# For each `step` in `range(count)`: the sum of `sizes[tensor]` over all tensors with `first <= step <= last`.
#
# </details>

# %% tags=["check"] exercise="live_bytes"
check.live_bytes(live_bytes)

# %%
nano_lives = lifetimes(nano, graph.inputs, graph.outputs)
as_it_comes = live_bytes(nano_lives, nano_sizes, len(nano))
peak = max(as_it_comes)


def draw_skyline(axes):
    """Live KB of the board's network at each step, in the order of the file."""
    axes.fill_between(
        range(len(nano)), [each / 1024 for each in as_it_comes], step="post", color=THEME.streams[0]
    )
    room = (limit - FRAME_BYTES) / 1024
    axes.axhline(room, color=THEME.accent, linestyle="--", linewidth=1.2)
    axes.text(2, room + 3, "what remains beside the camera's frame", color=THEME.accent, fontsize=8)
    axes.set(xlim=(0, len(nano)), ylim=(0, 160), xlabel="step", ylabel="KB")


show(
    charts(
        (draw_skyline, "bytes that are live at each step", "operators in the order of the file"),
        title="The skyline of nano",
        caption="The spikes at both ends, one step wide, are the network's input and output. In the "
        "middle the three streams are enlarged and fused: that is where most waits.",
    )
)
worst = as_it_comes.index(peak)
print(f"all tensors together: {together:,} bytes")
print(f"live at the worst step, {worst} ({nano[worst].name}): {peak:,} bytes")

# %% [markdown]
# The same operators and the same numbers, and a small part of the memory: all that was needed is to give places
# back.
#
# ## Who goes first?
#
# An operator may run as soon as its inputs are there. Where there are streams side by side, there is a choice, and the
# choice decides what has to wait in memory meanwhile. Here are the three streams, level by level as they are
# listed:


# %%
def skyline_of(names):
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
draw_listed, worst_listed = skyline_of(listed)
show(
    charts(
        (draw_listed, "level by level", f"the worst step needs {worst_listed} KB"),
        title="The small network, first to last from top to bottom",
        caption="The worst step adds two tensors of 12 KB into a third. What is the fourth one doing "
        "there?",
    )
)

# %% [markdown]
# ### Exercise 3: a better order
#
# Give the ten names in an order whose worst step needs as little as possible. Every operator must come after those
# that write what it reads. Two things help: do not enlarge a tensor before somebody wants it large, and finish one
# sum before you begin what the next one needs.


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
# <details><summary>Hint</summary>
#
# “quarter up” has 12 KB, “quarter 2” only 3: as long as nobody adds it, keep the small one.
#
# </details>

# %% [markdown] tags=["hint"] exercise="order"
# <details><summary>Another hint</summary>
#
# At “add half” three large tensors are there, whatever you do. What may be there besides is one small one: which of
# the two enlargements must therefore come after it?
#
# </details>

# %% tags=["check"] exercise="order"
check.order(order, streams, sizes)

# %%
draw_yours, worst_yours = skyline_of(order())
show(
    charts(
        (draw_listed, "level by level", f"the worst step needs {worst_listed} KB"),
        (draw_yours, "your order", f"the worst step needs {worst_yours} KB"),
        title="The same ten operators, twice",
        caption="Nothing is computed differently, and every number comes out the same.",
    )
)

# %% [markdown]
# `nano` has far too many orders to look at them all. The project's planner, `embedded/memory/order.py`, searches with a
# trick: what is live depends only on *which* operators are done, not on the order in which they were. So it never looks
# at the same set twice, and where it has looked at all sets without finding an order below a limit, that is a **proof**
# that there is none.

# %%
from embedded import make_plan

plan = make_plan(graph)
planned = [nano[k] for k in plan.order]
planned_lives = lifetimes(planned, graph.inputs, graph.outputs)
better = live_bytes(planned_lives, nano_sizes, len(planned))

table(
    ["nano", "live at the worst step"],
    [
        ["as the file lists the operators", f"{peak:,} B"],
        ["in the planner's order", f"{max(better):,} B"],
        ["what no order can do without", f"{plan.bound:,} B"],
    ],
)

# %% [markdown]
# ## The arena
#
# Live bytes are a promise that is not kept yet. All tensors share one block of memory, the
# [arena](glossary.md#arena), and each needs a place in it, in one piece: *offset*, its first byte, to offset plus
# size. Two tensors whose lifetimes have a step in common must not share a byte. All others may.
#
# A good simple rule is **first fit**: take the tensors one after the other, and give each the lowest place where it
# fits, between those that have a place already. Only neighbours in time count. In a figure with steps to the right and
# bytes upwards, tensors are rectangles, and you are packing them.

# %% [markdown]
# ### Exercise 4: first fit
#
# A `Block` has a `name`, a `size` in bytes, and its `first` and `last` step, both included. Place the blocks in the
# order in which they come; do not sort them. For each:
#
# 1. find the blocks that are placed already *and* share a step with it;
# 2. go through their places from the bottom upwards, and take the first gap that is large enough.
#
# Two blocks may touch: one that ends at byte 12 leaves byte 12 free. Give a dictionary of offsets.

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
# <details><summary>Hint</summary>
#
# Two blocks share a step if each begins before the other ends:
# `one.first <= other.last and other.first <= one.last`.
#
# </details>

# %% [markdown] tags=["hint"] exercise="place"
# <details><summary>Another hint</summary>
#
# Begin with `offset = 0`. For each neighbour, sorted by its offset: if `offset + block.size` ends at or below it, stop,
# there is room. Otherwise go above it: `offset = max(offset, its offset + its size)`. The `max` matters, since a low
# and large neighbour may reach higher than the one after it.
#
# </details>

# %% tags=["check"] exercise="place"
check.place(place)

# %% [markdown]
# In which order do you hand over the blocks? Try the order in which they come to be, and the largest first:

# %%
blocks = [Block(k, nano_sizes[k], *life) for k, life in planned_lives.items()]


def end_of(places):
    """Bytes of the arena: where its highest tensor ends."""
    return max(places[k] + nano_sizes[k] for k in places)


as_made = place(sorted(blocks, key=lambda block: block.first))
large_first = place(sorted(blocks, key=lambda block: -block.size))
table(
    ["first fit", "arena ends at"],
    [
        ["in the order in which they are made", f"{end_of(as_made):,} B"],
        ["the largest first", f"{end_of(large_first):,} B"],
        ["the planner", f"{plan.peak:,} B"],
        ["live at the worst step", f"{max(better):,} B"],
    ],
)

# %% tags=["picture"]
from embedded.tflite.naming import PARTS, part_of
from explain.figures.kit.part_colours import part_colours

COLOURS = part_colours(THEME)


def arena(places, words):
    """Draws every tensor of nano: as wide as it lives, as high as it is large."""

    def draw(axes):
        for k, (first, last) in planned_lives.items():
            axes.bar(
                first,
                nano_sizes[k] / 1024,
                last - first + 1,
                places[k] / 1024,
                align="edge",
                color=COLOURS[part_of(graph, k)],
                edgecolor=THEME.background,
                linewidth=0.3,
            )
        axes.axhline(end_of(places) / 1024, color=THEME.accent, linewidth=1.2)
        axes.text(
            len(planned) * 0.99,
            end_of(places) / 1024 + 1,
            words,
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
            "your first fit, as they are made",
            "",
        ),
        (arena(plan.offsets, f"ends at {plan.peak / 1024:.1f} KB"), "the planner's places", ""),
        title="Every tensor of nano in its place",
        subtitle="One rectangle a tensor: to the right the steps that it lives, upwards its bytes",
        caption="What is white below the line is not used at that step. The band on top, the first "
        "features, lives from the first step nearly to the last. No two of your rectangles overlap.",
        height=3.4,
    )
)

# %% [markdown]
# The planner tries several orders of placing, moves blocks at random, and stops when the arena ends at the live bytes
# of the worst step: lower it cannot get. It has one more trick. An addition of two tensors may be written **in place**,
# over an input that dies there: number 7 of the result needs number 7 of the inputs and no other. That cannot lower the
# peak of `nano`, which is at the first convolution, but it leaves more room at other steps. How often could it?

# %%
from collections import Counter

kinds = Counter(graph.producer[k].kind for k in plan.in_place)
table(
    ["written in place of an input", "times"],
    [[kind, count] for kind, count in kinds.most_common()],
)

# %% [markdown]
# ## What cannot fit
#
# Before anybody trains a network for the board, it should be known whether it can fit at all. `nano` does not look at
# the frame of 120 × 160 pixels as it is. It **folds** squares of $s \times s$ pixels, $s = 5$, into channels: a tensor
# of $(120/s, 160/s, 3 s^2)$. That is the same number of bytes, and everything after it is $s^2$ times smaller. Its
# first convolution makes $C$ channels of it, at the size of the folded frame. Both tensors are live at that step, so
# the arena has at least so many bytes.

# %% [markdown]
# ### Exercise 5: the least arena
#
# Give the bytes of input and output of the first convolution, where a number has `bytes_each` bytes: 1 for int8, 4
# for float32.


# %% tags=["exercise"] exercise="least_arena"
def least_arena(stem, channels, bytes_each=1):
    """Bytes of the first convolution's tensors: (120/s, 160/s, 3 s²) in and (120/s, 160/s, channels) out."""
    raise NotImplementedError


# %% tags=["solution"] exercise="least_arena"
def least_arena(stem, channels, bytes_each=1):
    """Bytes of the first convolution's tensors: (120/s, 160/s, 3 s²) in and (120/s, 160/s, channels) out."""
    places = (120 // stem) * (160 // stem)
    return places * (3 * stem**2 + channels) * bytes_each


# %% [markdown] tags=["hint"] exercise="least_arena"
# <details><summary>Hint</summary>
#
# A tensor of shape (h, w, c) has h · w · c numbers. Both tensors have the same h and w.
#
# </details>

# %% tags=["check"] exercise="least_arena"
check.least_arena(least_arena)

# %%
print(f"your bound for nano, stem 5 and 12 channels: {least_arena(5, 12):,} bytes")
print(f"the planner's arena, all {len(nano)} operators:    {plan.peak:,} bytes")

# %% [markdown]
# One formula of one operator gives exactly the arena of the whole network: the planner has brought every later step
# below the first one.
#
# Your bound says what can *not* fit; what it allows may fail at a later step. With a smaller stem the maps inside the
# network grow: all but input and output have $(5/s)^2$ times as many places. Your functions can tell what becomes of
# the worst step then:

# %%
ends = {*graph.inputs, *graph.outputs}


def size_with(stem, bytes_each):
    """The bytes of every tensor of nano, if it had another stem or other numbers."""
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

table(["numbers", "stem", "your bound, KB", "worst step, KB", "fits beside the frame?"], rows)

# %% [markdown]
# This is how the same operators need megabytes, or less than a tenth of one: whole numbers instead of floating point,
# folded squares, places given back, a better order. None of it changes what kind of network it is. (A stem of
# 10 has the same input. Why does nobody take it? Because a square of 10 × 10 pixels in 12 numbers forgets what was in
# it: lesson 2 measured what a bottleneck costs.)
#
# `mirnet fit nano` prints all of this for any model, `embedded.budget.fit` is the function behind it:

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
# Two things beside the arena are small but must not be forgotten: kernels need a little memory for themselves, a few
# rows of a convolution's input with 16 bits a number; and the stack and the camera's frame do not care about your
# plan.

# %% [markdown] tags=["quiz"]
# **Quiz 1.** ADD may write its result over one of its inputs. May a 3×3 convolution, if input and output have the same
# size and nobody else reads the input?
#
# <details><summary>Answer</summary>
#
# No. It reads each number of the input for up to nine places of the output. If the result were written over the input,
# the next places would see results instead of inputs. (A 1×1 convolution could, if it kept one place's channels
# aside.)
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** The arena of a network is exactly as large as the live bytes at its worst step. Somebody offers a better
# packing algorithm. What would it save, and what could save more?
#
# <details><summary>Answer</summary>
#
# Nothing: everything that is live at that step has to be somewhere, however it is packed. Less is only possible with
# another order or in-place writing, so that less is live, or with another network: fewer channels, a larger stem,
# smaller numbers.
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [memory, operator by operator](http://localhost:8501/nano?photo=palace&step=0) (start it with
# `make app`). Move the cursor from the first step to the three streams in the middle, and see which tensors lie in the
# arena.
#
# Next: [lesson 10](10_nano.ipynb), the Nano: the C of these operators, run on an emulated board.
