# %% [markdown] tags=["goals"]
# # 10. The Nano
#
# At last the network becomes a program for a board of 30 dollars: C code for a small processor with fast integer
# arithmetic. You read that code, predict its output, and run it on an emulated board.
#
# **40 minutes.** You make a program for a Cortex-M4, and estimate the time and energy of one picture.
#
# Goals:
#
# - decode the camera's bytes, two pixels in four of them
# - read generated C line by line, and predict a byte of its output
# - build it, run it on an emulated board, and compare every byte
# - convert instructions into seconds and joules, and know what to do with a real board

# %% [markdown]
# ## What you need
#
# No board, yet. But a compiler for its processor, and an [emulator](glossary.md#emulator) of it. Install both by
#
# `pip install 'mirnet-explainer[board]'`
#
# (in the project's folder: `pip install '.[board]'`). This cell shows whether they are installed. If not, install them,
# and restart the notebook's kernel.

# %%
from importlib.util import find_spec

import numpy as np

from lessons.checks import nano as check
from lessons.drawing import pictures, show, table
from embedded.cortexm.toolchain import find_compiler

print("compiler:", find_compiler())
print("emulated processor:", "unicorn" if find_spec("unicorn") else "missing, see above")

# %% [markdown]
# ## What the camera sends
#
# The board's camera has 160 × 120 pixels and sends [YUV](glossary.md#yuv) 4:2:2: every pixel has a luma (brightness) Y
# of its own, and **two neighbours share their chroma** (colour), U for blue and V for red. So two pixels are four
# bytes, in this order:
#
# | byte | 0 | 1 | 2 | 3 |
# | :--- | :---: | :---: | :---: | :---: |
# | | Y of the left pixel | U | Y of the right pixel | V |
#
# U and V are bytes, too, and 128 means no colour. A pixel is
#
# $$R = Y + 1.402\,v, \qquad G = Y - 0.344\,u - 0.714\,v, \qquad B = Y + 1.772\,u,$$
#
# with $u = U - 128$ and $v = V - 128$. The board uses fixed-point arithmetic with 16 bits after the point: 1.402 is
# 91881 / 65536. It adds a half, 32768, and shifts right by 16 bits.

# %%
from embedded import Camera
from model.samples import load_sample

dark, reference = load_sample("room")
camera = Camera()
frame = camera.capture(dark)
print(f"{frame.nbytes:,} bytes; the first eight, four pixels: {list(frame.tobytes()[:8])}")

# %% [markdown]
# ### Exercise 1: two pixels
#
# `four` is a `bytes` object with four of them; `four[0]` is an integer. The chroma adds to Y
#
# - to red: `(91881 * v + 32768) >> 16`
# - to green: `(-22554 * u - 46802 * v + 32768) >> 16`
# - to blue: `(116130 * u + 32768) >> 16`
#
# Return the two pixels, each a list of three integers, clipped to 0 to 255.


# %% tags=["exercise"] exercise="two_pixels"
def two_pixels(four):
    """[[R, G, B], [R, G, B]] of the left and the right pixel, from the bytes Y U Y V."""
    raise NotImplementedError


# %% tags=["solution"] exercise="two_pixels"
def two_pixels(four):
    """[[R, G, B], [R, G, B]] of the left and the right pixel, from the bytes Y U Y V."""
    u, v = four[1] - 128, four[3] - 128
    red = (91881 * v + 32768) >> 16
    green = (-22554 * u - 46802 * v + 32768) >> 16
    blue = (116130 * u + 32768) >> 16
    return [
        [min(max(luma + colour, 0), 255) for colour in (red, green, blue)]
        for luma in (four[0], four[2])
    ]


# %% [markdown] tags=["hint"] exercise="two_pixels"
# <details><summary>Hint 1: the idea</summary>
#
# Both pixels have the same colour difference, and each a brightness of its own.
#
# </details>

# %% [markdown] tags=["hint"] exercise="two_pixels"
# <details><summary>Hint 2: the shape</summary>
#
# Three integers to add (red, green, blue), computed once; two lists of three, clipped at the end.
#
# </details>

# %% [markdown] tags=["hint"] exercise="two_pixels"
# <details><summary>Hint 3: the code</summary>
#
# Compute the three additions once, they are the same for both pixels. Mind the operator precedence: `y + a >> 16` is
# `(y + a) >> 16`.
#
# </details>

# %% tags=["check"] exercise="two_pixels"
check.two_pixels(two_pixels)

# %%
sent = frame.tobytes()
pairs = [two_pixels(sent[k : k + 4]) for k in range(0, len(sent), 4)]
picture = np.array(pairs, np.uint8).reshape(120, 160, 3)
apart = (picture != camera.picture(frame)).sum()
print(f"{apart} bytes differ from the board's conversion of the frame")

blue, red = (frame[:, start::2, 1].repeat(2, axis=1) - 128.0 for start in (0, 1))

show(
    pictures(
        (np.clip(frame[..., 0] / 255 * 3, 0, 1), "Y", "amplified three times"),
        (np.clip(0.5 + 6 * blue / 255, 0, 1), "U, blue", "amplified six times"),
        (np.clip(0.5 + 6 * red / 255, 0, 1), "V, red", "grey is no colour"),
        (np.clip(picture / 255 * 3, 0, 1), "your pixels", "amplified three times"),
        title="The planes of a frame",
        caption="Every value of U and V stands for two pixels. The eye resolves brightness better than colour, so "
        "the loss is hardly visible.",
    )
)

# %% [markdown]
# ## One operator as C
#
# `mirnet sketch` generates C code from a model. It has no interpreter and no model file: each operator becomes a
# **call** with a **struct** of constants. Here is the generated code of operator 1 of `nano`, a 3×3 convolution with
# ReLU:

# %% tags=["given"]
import textwrap

from embedded import Emulator
from embedded.codegen.context import Arrays, Job
from embedded.codegen.emit import emit
from embedded.models.shipped_models import model_file

emulator = Emulator(model_file("nano"))
graph = emulator.graph
operator = graph.operators[1]
buffers = {operator.inputs[0]: "in", operator.outputs[0]: "out"}


def generated(dsp=False):
    """The generated C code of this operator: constant arrays, struct, call, scratch bytes."""
    arrays = Arrays()
    emitted = emit(Job(graph, operator, arrays, buffers.__getitem__, dsp))
    return arrays.texts, emitted.constant, emitted.calls[0], emitted.scratch


arrays, struct, call, _ = generated()
print(textwrap.fill(struct, 96), "\n\n" + call, "\n")
for text in arrays:
    print(text.splitlines()[0], "...")

# %% [markdown]
# The struct has, in this order: the shapes of input and output (height, width, channels); the kernel's height and
# width; the stride; how many rows and columns of padding are above and on the left; the zero point of the input; the
# zero point, the lowest and the highest value of the output; and the arrays. There is one
# [multiplier](glossary.md#fixed-point-multiplier) and one shift for each output channel. (In the whole program, `in`
# and `out` are addresses in the [arena](glossary.md#arena), such as `arena + 57600`: the offsets of lesson 9.)
#
# And this is the kernel that is called, the same for every network:

# %%
from embedded.codegen.generate import kernels

print(kernels()["conv_2d.c"].split('kernels.h"\n')[1].strip())

# %% [markdown]
# Read it slowly. `window_sum` adds up one window, with weights that begin at `channel * kernel_height * ...`. The
# interesting line is
#
# `const int8_t *place = in + (y * p->in.width + x) * depth;`
#
# Memory has no rows and columns, only addresses. A tensor is stored row by row, in a row pixel by pixel, and the
# channels of a pixel side by side: this layout is called [NHWC](glossary.md#nhwc).

# %% [markdown]
# ### Exercise 2: an index
#
# Return the index of channel `c` at row `y` and column `x`, in a tensor of `shape` (height, width, channels).


# %% tags=["exercise"] exercise="index_of"
def index_of(y, x, c, shape):
    """Index of (y, x, c) in memory, from the tensor's first value."""
    raise NotImplementedError


# %% tags=["solution"] exercise="index_of"
def index_of(y, x, c, shape):
    """Index of (y, x, c) in memory, from the tensor's first value."""
    _, width, channels = shape
    return (y * width + x) * channels + c


# %% [markdown] tags=["hint"] exercise="index_of"
# <details><summary>Hint 1: the idea</summary>
#
# How many values are stored before this row, before this pixel, before this channel?
#
# </details>

# %% [markdown] tags=["hint"] exercise="index_of"
# <details><summary>Hint 2: the shape</summary>
#
# One integer, from three products and sums; one of the three sides is never used.
#
# </details>

# %% [markdown] tags=["hint"] exercise="index_of"
# <details><summary>Hint 3: the code</summary>
#
# Before row `y` there are `y * width` pixels, and in its row `x` more. Each has `channels` values.
#
# </details>

# %% tags=["check"] exercise="index_of"
check.index_of(index_of)

# %% [markdown]
# ## Requantization
#
# The sum is an int32. `mirnet_finish` requantizes it to int8. You know the idea from lesson 8; here it is as on the
# board, in integers only:

# %%
for name, head in (("fixed_point.h", "<stdint.h>\n"), ("finish.h", 'kernels.h"\n')):
    print(kernels()[name].split(head)[1].removesuffix("#endif\n").strip(), "\n")

# %% [markdown]
# ### Exercise 3: finish
#
# Write `mirnet_finish` in Python. Shifts are 0 or negative here, so there is no left shift. Python's `>>` and `&` treat
# negative numbers as the board's do.


# %% tags=["exercise"] exercise="finish"
def finish(total, multiplier, shift, zero_point, low):
    """The int8 of a sum; shift is 0 or negative, and the highest value is 127."""
    raise NotImplementedError


# %% tags=["solution"] exercise="finish"
def finish(total, multiplier, shift, zero_point, low):
    """The int8 of a sum; shift is 0 or negative, and the highest value is 127."""
    high = (total * multiplier + (1 << 30)) >> 31
    mask = (1 << -shift) - 1
    threshold = (mask >> 1) + (high < 0)
    rescaled = (high >> -shift) + ((high & mask) > threshold)
    return min(max(rescaled + zero_point, low), 127)


# %% [markdown] tags=["hint"] exercise="finish"
# <details><summary>Hint 1: the idea</summary>
#
# Translate the C code line by line: multiply high, shift right, zero point, clamp. Which of them round?
#
# </details>

# %% [markdown] tags=["hint"] exercise="finish"
# <details><summary>Hint 2: the shape</summary>
#
# Integers only: `total` becomes `high` of 32 bits, then a small number, then one from `low` to 127.
#
# </details>

# %% [markdown] tags=["hint"] exercise="finish"
# <details><summary>Hint 3: the code</summary>
#
# Translate line by line: `high` is `mirnet_multiply_high`, then `mirnet_shift_right` of it with `bits = -shift`. In
# Python `(high < 0)` is 1 or 0 in a sum.
#
# </details>

# %% [markdown] tags=["hint"] exercise="finish"
# <details><summary>Hint 3, continued</summary>
#
# `rest = high & mask`, `threshold = (mask >> 1) + (high < 0)`, and the result is one larger if `rest > threshold`. The
# zero point comes after that, and the clamp, `min(max(..., low), 127)`, last of all.
#
# </details>

# %% tags=["check"] exercise="finish"
check.finish(finish)

# %% [markdown]
# ## Predict a byte
#
# Now put it together. Here are the operands of operator 1, as in the board's memory: flat, without axes.

# %%
from inspect import getsource

from embedded.codegen.fixed_point import quantized_multiplier
from lessons.checks.nano import Conv

print(getsource(Conv))
source, kernel, bias = (graph.tensors[k] for k in operator.inputs)
target = graph.tensors[operator.outputs[0]]
factors = [source.scale * float(each) / target.scale for each in kernel.quantization.scale]
multipliers, shifts = zip(*map(quantized_multiplier, factors), strict=True)
conv = Conv(
    source.shape[1:],
    3,
    1,
    source.zero_point,
    target.zero_point,
    target.zero_point,  # a fused ReLU clamps at the zero point
    kernel.data.ravel().tolist(),
    bias.data.tolist(),
    list(multipliers),
    list(shifts),
)

tensors = emulator.tensors(frame)
data = tensors[source.index].ravel().tolist()
expected = tensors[target.index][0]
print(f"input: {len(data):,} values, {data[:6]} ...")
print(f"weights: {len(conv.weights):,} values, {conv.weights[:6]} ...")

# %% [markdown]
# ### Exercise 4: one byte of a convolution
#
# Return the output at (`y`, `x`) and output channel `c`, as `mirnet_conv_2d` computes it with stride 1. `data` is the
# input, flat. Begin with the bias; go over the window, whose upper left corner is at `y - padding`, `x - padding`; skip
# positions outside of the input; and `finish` the sum. For the weights, a kernel is a tensor, too:
# `index_of(i, j, k, (side, side, channels))` after the kernels of the channels before.


# %% tags=["exercise"] exercise="conv_at"
def conv_at(data, p, y, x, c):
    """One int8 of a convolution; `data` is flat, `p` is a Conv."""
    raise NotImplementedError


# %% tags=["solution"] exercise="conv_at"
def conv_at(data, p, y, x, c):
    """One int8 of a convolution; `data` is flat, `p` is a Conv."""
    height, width, channels = p.shape
    begin = c * p.side * p.side * channels
    total = p.bias[c]
    for i in range(p.side):
        for j in range(p.side):
            row, column = y - p.padding + i, x - p.padding + j
            if not (0 <= row < height and 0 <= column < width):
                continue
            for k in range(channels):
                value = data[index_of(row, column, k, p.shape)] - p.in_zero_point
                weight = begin + index_of(i, j, k, (p.side, p.side, channels))
                total += value * p.weights[weight]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% [markdown] tags=["hint"] exercise="conv_at"
# <details><summary>Hint 1: the idea</summary>
#
# One output value: a window of the input, the weights of one output channel, a sum. What if the window reaches over the
# edge?
#
# </details>

# %% [markdown] tags=["hint"] exercise="conv_at"
# <details><summary>Hint 2: the shape</summary>
#
# Three loops (rows, columns, channels) around one addition. `data` and `p.weights` are flat, so each needs an index.
#
# </details>

# %% [markdown] tags=["hint"] exercise="conv_at"
# <details><summary>Hint 3: the code</summary>
#
# Three loops: `i` and `j` over the side, `k` over the channels. `row = y - p.padding + i`, and the same for the column;
# `continue` if it is not inside. `data[-1]` is no error in Python: it is the last value.
#
# </details>

# %% [markdown] tags=["hint"] exercise="conv_at"
# <details><summary>Hint 3, continued</summary>
#
# In the innermost loop: `total += (data[index_of(row, column, k, p.shape)] - p.in_zero_point) * weight`, with the
# weight at `c * side * side * channels + index_of(i, j, k, (side, side, channels))`.
#
# </details>

# %% tags=["check"] exercise="conv_at"
check.conv_at(conv_at)

# %% [markdown]
# ## Build it, and run it
#
# This is a real program: the generated C, the kernels, and two functions to call, `plain` and `fast`. The second uses
# the processor's [DSP instructions](glossary.md#dsp-instruction), two products at a time; the sketch uses it. The
# compiler makes machine code for a Cortex-M4, and the emulator executes it, instruction by instruction, with the memory
# of a Nano.

# %% tags=["given"]
from embedded import EmulatedBoard
from embedded.cortexm.toolchain import build

HEAD = '#include "mirnet_kernels.h"\n#include "finish.h"\nextern int8_t in[], out[];\n'


def program_text(name, dsp):
    """A C file with one function, which runs operator 1."""
    arrays, struct, call, scratch = generated(dsp)
    ring = f"static union {{ int16_t ring[{scratch // 2}]; }} mirnet_scratch;" if scratch else ""
    return "\n".join([HEAD, *arrays, ring, struct, f"void {name}(void) {{ {call} }}\n"])


MEMORY = f"""{HEAD}
int8_t in[{source.bytes}] __attribute__((aligned(4)));
int8_t out[{target.bytes}] __attribute__((aligned(4)));
static const struct mirnet_output to = {{ {conv.zero_point}, {conv.low}, 127 }};
int32_t finish(int32_t sum, int32_t multiplier, int32_t shift) {{
  return mirnet_finish(sum, multiplier, shift, &to);
}}
"""

files = {
    "memory.c": MEMORY,
    "plain.c": program_text("plain", False),
    "fast.c": program_text("fast", True),
}
program = build({**kernels(), **files}, ["plain", "fast", "finish", "in", "out"])
board = EmulatedBoard(program)
print(f"{program.compiler}: {program.flash_bytes:,} bytes of flash, {program.ram_bytes:,} of RAM")

# %% [markdown]
# First your `finish` against the C function of that name, called on the board with the operator's multipliers:

# %% tags=["given"]
rng = np.random.default_rng(10)
apart = 0
for channel in rng.integers(0, 12, 60):
    total = int(rng.integers(-20_000, 40_000))
    scaling = conv.multiplier[channel], conv.shift[channel]
    ours = finish(total, *scaling, conv.zero_point, conv.low)
    apart += ours != board.call("finish", total, *scaling, count=False).result
print(f"{apart} of 60 sums have another output")

# %% [markdown]
# Then the whole operator. The input is written into the board's RAM, the function is called, and the output is read
# back:

# %%
board.write("in", bytes(tensors[source.index].tobytes()))
rows, outputs = [], {}
macs = target.bytes * kernel.data[0].size
for name in ("plain", "fast"):
    run = board.call(name)
    read = np.frombuffer(board.read("out", target.bytes), np.int8)
    outputs[name] = read.reshape(expected.shape)
    differ = (outputs[name] != expected).sum()
    rows.append([name, f"{run.instructions:,}", f"{run.instructions / macs:.2f}", differ])
table(["function", "instructions", "per MAC", "bytes that differ from the emulator's"], rows)

positive = np.argwhere(expected > conv.low)  # where the output of the ReLU is positive
predicted = [tuple(map(int, at)) for at in positive[:: len(positive) // 5][:5]]
table(
    ["row, column, channel", "yours", "plain C", "fast C", "emulator"],
    [
        [
            str(at),
            conv_at(data, conv, *at),
            outputs["plain"][at],
            outputs["fast"][at],
            expected[at],
        ]
        for at in predicted
    ],
)

# %% [markdown]
# The two C functions compute the same sums in another order, with other instructions, and agree in every byte. That is
# an advantage of integers: $a + b + c$ is the same in any order, which is not true in floating point.

# %% [markdown]
# ## The whole network
#
# Now all operators, the tables for the pixels, and the camera's frame, in the memory of a Nano. The emulator of the
# model, in Python, computes the expected bytes. (This takes some seconds, since the emulated processor is slower than
# yours.)

# %% tags=["picture"]
from embedded.cortexm.run_model import OnBoard
from model import psnr
from model.images.camera_formats import to_frame

onboard = OnBoard(emulator.model)
answer = onboard.restore(frame, count=False)
restored = emulator.restore(frame)
differ = (answer.picture != restored).sum()
good = to_frame(reference)


def quality(photo):
    """PSNR against the scene in good light."""
    return f"{psnr(photo, good, data_range=255):.1f} dB"


show(
    pictures(
        (picture, "the camera's frame", quality(picture)),
        (answer.picture, "what the board computed", quality(answer.picture)),
        (restored, "what the emulator computed", quality(restored)),
        (good, "the scene in good light"),
        columns=2,
        title="A dark room, restored by a Cortex-M4",
        subtitle=f"{differ} of {restored.size:,} bytes differ between board and emulator",
        caption="160 × 120 pixels, as the camera sends them. Both pictures are the same, byte for byte.",
    )
)
ram = onboard.program.ram_bytes + answer.run.peak_stack
print(f"RAM {ram:,} bytes with frame and stack, flash {onboard.program.flash_bytes:,} bytes")

# %% [markdown]
# ## Time and energy
#
# How long would a real board take? The emulator counts instructions, and a processor counts **cycles**: an addition
# takes one, loading from memory two, a branch more, and reading from flash has to be waited for. Adding up what the
# processor's manual says for every instruction that ran gives an estimate, with a range for what the manual leaves
# open. The Nano has 64 million cycles per second. And every second costs energy: power is volts times amperes, energy
# is power times seconds.

# %% [markdown]
# ### Exercise 5: seconds and joules
#
# Return both for so many `instructions`. `hertz` are cycles per second; the current is in **milli**amperes.
#
# From an empty cell this time: define `cost(instructions, cycles_each, hertz, milliamperes, volts)`: five numbers
# give a pair, (seconds, joules).

# %% tags=["exercise"] exercise="cost"
cost = ...  # no skeleton: write the whole function


# %% tags=["solution"] exercise="cost"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    """(seconds, joules) of a program."""
    seconds = instructions * cycles_each / hertz
    return seconds, seconds * volts * milliamperes / 1000


# %% [markdown] tags=["hint"] exercise="cost"
# <details><summary>Hint 1: the idea</summary>
#
# Instructions to cycles to seconds; power times seconds is energy. Watch the units on the way.
#
# </details>

# %% [markdown] tags=["hint"] exercise="cost"
# <details><summary>Hint 2: the shape</summary>
#
# A pair of floats. Milliamperes become amperes before they are multiplied.
#
# </details>

# %% [markdown] tags=["hint"] exercise="cost"
# <details><summary>Hint 3: the code</summary>
#
# Cycles are instructions times cycles per instruction; seconds are cycles divided by cycles per second. A milliampere
# is a thousandth of an ampere.
#
# </details>

# %% tags=["check"] exercise="cost"
check.cost(cost)

# %% [markdown]
# To count every instruction of a frame takes a while, so the package comes with the counts (`mirnet board` counts
# again, with your compiler). The current of 20 mA for board and camera is an **assumption**: measure yours.
#
# **Predict first.** The board does 64 million cycles a second, and works on one frame after the other. How many seconds
# will one take? How many photos can a phone's battery of 1 Ah restore?

# %%
from collections import Counter

from explain.app.data.board_measurements import read_counts

counts = read_counts()
kinds: Counter[str] = Counter()
for step, taken in zip(onboard.steps, counts.operators, strict=True):
    kinds[step.kind] += taken
kinds["input and output pixels"] = counts.pixels_in + counts.pixels_out
table(
    ["kind of operator", "instructions", "share"],
    [[kind, f"{n:,}", f"{n / counts.instructions:.1%}"] for kind, n in kinds.most_common(6)],
)

rows = []
battery = 1.0 * 3600 * 3.7  # joules in a cell of 1 Ah and 3.7 V
for cycles in (counts.cycles.lowest, counts.cycles.likely, counts.cycles.highest):
    cycles_each = cycles / counts.instructions
    seconds, joules = cost(counts.instructions, cycles_each, 64e6, 20, 3.3)
    rows.append(
        [f"{cycles_each:.2f}", f"{seconds:.1f}", f"{joules:.2f}", f"{battery / joules:,.0f}"]
    )
table(
    ["cycles per instruction", "seconds", "joules per picture", "pictures from a cell of 1 Ah"],
    rows,
)

# %% [markdown]
# These are estimates: no real board has run it yet. Yours could be the first.
#
# ## On a real board
#
# You need an Arduino Nano 33 BLE Sense (or Sense Rev2), an OV7675 camera, and a USB cable. The camera sits in the
# shield of the Tiny Machine Learning Kit, or is wired by hand:
#
# | camera | VSYNC | HREF | PCLK | XCLK | D0 to D7 | SCL | SDA |
# | :--- | :---: | :---: | :---: | :---: | :---: | :---: | :---: |
# | Nano | D8 | A1 | A0 | D9 | D10 D1 D0 D2 D3 D5 D6 D4 | A5 | A4 |
#
# and 3.3 V, never 5 V. The program for it is a [sketch](glossary.md#sketch), a folder for the Arduino IDE. This cell
# writes it beside your notebook, as `mirnet sketch nano -o mirnet_nano` does:

# %%
from pathlib import Path

from embedded.sketch.sketch_writer import setup_commands, use_commands, write_sketch

write_sketch(emulator.model, Path("mirnet_nano"))
sketch = {path.name: path.read_text(encoding="utf-8") for path in Path("mirnet_nano").iterdir()}
print(f"mirnet_nano: {len(sketch)} files, {sum(map(len, sketch.values())):,} letters\n")
print("\n".join([*setup_commands(), "", *use_commands()]))

# %% [markdown]
# 1. `compile` and `upload` program the board; `arduino-cli board list` shows the PORT. If the upload finds no board,
#    press the reset button twice, quickly.
# 2. `mirnet board-test --port PORT` lets the board test itself, camera and wires included, then sends frames and
#    compares every byte with the emulator, as you did above. Whatever the result is, tell the project: it would be the
#    first real board.
# 3. `mirnet view --port PORT` takes a photo with the camera and shows it before and after. The LED is white while it
#    takes the photo, hold still; and blue while it computes.
#
# Without a board, both commands work with `--simulated`. The sketch's `README.md` explains the LEDs, and what to do
# when something goes wrong.
#
# What is in the sketch? You have seen its main part. In `mirnet_network.c`, every operator is such a call:

# %%
body = sketch["mirnet_network.c"].split("void mirnet_run(void) {")[1]
print("\n".join(body.splitlines()[:12]))

# %% [markdown]
# ## What to do next
#
# You came from photons to a board. Next:
#
# - **A network of your own.** `mirnet train` learns from pairs of photos, `mirnet evaluate` compares it with simple
#   baselines, `mirnet study` compares sizes under one budget.
# - **Your own network on the board.** `mirnet quantize` quantizes it to int8, `mirnet fit` says whether it fits,
#   `mirnet sketch` writes the program.
# - **The paper.** [Zamir et al., 2020](https://arxiv.org/abs/2003.06792): you could now draw its figures from memory,
#   and you know which details are only in the code.
# - **The code.** Each component is a small file in `model/`, with its formula in the docstring; change one, and run its
#   contracts.

# %% [markdown] tags=["why"]
# **Why?** Two roundings in a row sometimes give another byte than one. Why?
#
# <details><summary>A model answer</summary>
#
# The first may move a value onto a half, or over it, and the second then rounds that half. 2.46 is 2 when rounded
# once; rounded to 2.5 first, it becomes 3. So bit-exact means: the same roundings, in the same places.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 1.** Why are the channels of a pixel side by side in memory (NHWC), and not plane by plane (NCHW)?
#
# <details><summary>Answer</summary>
#
# A convolution multiplies *all* channels of a pixel with weights that lie side by side, too. So the innermost loop
# reads both contiguously, and can load four bytes with one instruction. With planes, the next operand would be a whole
# plane away.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** `mirnet board-test` says that on a real board 3 bytes of a picture differ from the emulator's, all of them
# by one. Is that good enough?
#
# <details><summary>Answer</summary>
#
# No. The picture would look the same, but integer arithmetic has exactly one right result, so there is a bug: another
# rounding, another version of the model, memory that is overwritten now and then. A difference of 1 today can be a grey
# picture tomorrow. (In floating point, a difference in the last digit would mean nothing.)
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [the dark room on the board](http://localhost:8501/nano?photo=room) (start it with
# `make app`): reduce the light, change the camera's format, and download the sketch.
#
# This was the last lesson. Back to [lesson 1](01_dark.ipynb), where the noise came from: do you now know what to do
# about it?
