# %% [markdown] tags=["goals"]
# # 8. int8: a network in whole numbers
#
# The board computes with bytes. You turn real numbers into whole ones and back, by hand, and then a whole convolution
# of the shipped network, as the board does it: to the last bit.
#
# **40 minutes.** You make a convolution without a single fraction, equal to the board's byte for byte.
#
# Goals:
#
# - find the scale and the zero point for a range, and turn numbers into int8 and back
# - explain why weights have a scale for each channel and no zero point
# - replace a multiplication by a fraction with a whole multiplication and a shift
# - write a convolution in whole numbers, and say where the decibels go

# %% [markdown]
# ## One frame, two networks
#
# `nano-float` is the small network of this project in floating point, four bytes for each number. `nano` is the same
# network in [int8](glossary.md#int8): every weight and every feature is one byte. The `Emulator` runs it as the board
# runs it. Both get the same frame of the board's camera, 160 × 120 pixels.

# %%
import numpy as np

from lessons.checks import int8 as check
from lessons.drawing import THEME, charts, legend, pictures, show, table
from embedded.camera.ov7675 import Camera
from embedded.emulator import Emulator
from embedded.models.shipped_models import model_file
from model import enhance, psnr
from model.images.arrays import as_uint8
from model.images.camera_formats import to_frame
from model.samples import SAMPLES, load_sample
from model.zoo import load_network

network, note = load_network("nano")
emulator = Emulator(model_file("nano"))
print(note)

camera = Camera()
dark, bright = load_sample("palace")
frame, reference = camera.picture(camera.capture(dark)), to_frame(bright)
by_float, by_int8 = enhance(network, frame), emulator.restore(frame)

# %% tags=["picture"]
apart = by_int8.astype(float) - by_float

show(
    pictures(
        (frame, "the camera's frame", "160 × 120 pixels"),
        (by_float, "in floating point", f"{psnr(by_float, reference, data_range=255):.2f} dB"),
        (by_int8, "in whole numbers", f"{psnr(by_int8, reference, data_range=255):.2f} dB"),
        (np.clip(0.5 + 16 * apart / 255, 0, 1), "difference × 16", "grey: none"),
        title="The same network, four bytes a number and one",
        caption="You will hardly tell the two restored frames apart. The last picture shows where they differ, "
        "16 times as strong.",
    )
)

# %% [markdown]
# A quarter of the memory, and a processor of 64 MHz that multiplies bytes much faster than fractions: this is why the
# network fits on the board at all. How can 256 different numbers be enough?
#
# ## Scale and zero point
#
# A tensor gets a grid of 256 evenly spaced values. Two numbers describe it: the [scale](glossary.md#scale) $s$ is the
# step from one value to the next, the [zero point](glossary.md#zero-point) $z$ is the whole number that stands for 0.
#
# $$\text{real} = s \cdot (\text{whole} - z), \qquad \text{whole} \in \{-128, \dots, 127\}$$
#
# Suppose that the values of a tensor lie between `low` and `high`. The 256 numbers have 255 steps between them, so
# $s = (\text{high} - \text{low}) / 255$. And `low` shall be the whole number −128: from $\text{low} = s\,(-128 - z)$
# follows $z = -128 - \text{low} / s$, rounded to a whole number.
#
# One thing more: **0 must be on the grid exactly**. Zeros are everywhere, in the margin around a picture and behind
# every ReLU, and an error there would be made in millions of places. So a range that does not contain 0 is
# stretched until it does.

# %% [markdown]
# ### Exercise 1: a grid for a range
#
# Give scale and zero point for values from `low` to `high`: stretch the range to 0 if it does not contain it, then the
# two formulas.


# %% tags=["exercise"] exercise="grid"
def grid(low, high):
    """(scale, zero_point) of int8 numbers for real values from low to high."""
    raise NotImplementedError


# %% tags=["solution"] exercise="grid"
def grid(low, high):
    """(scale, zero_point) of int8 numbers for real values from low to high."""
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return scale, round(-128 - low / scale)


# %% [markdown] tags=["hint"] exercise="grid"
# <details><summary>Hint</summary>
#
# `low = min(low, 0)` stretches one end; the other goes the same way. `round(...)` gives a whole number.
#
# </details>

# %% tags=["check"] exercise="grid"
check.grid(grid)

# %% [markdown]
# ## Real to whole and back
#
# To **quantize** is to find the nearest number on the grid: divide by the scale, round, add the zero point. What lies
# beyond the ends goes to the ends, −128 or 127; this is called [saturation](glossary.md#saturation). The way back is
# the formula above.

# %% [markdown]
# ### Exercise 2: quantize and dequantize
#
# `quantize` gives an array of `np.int8`, `dequantize` an array of floats. Mind the bytes: an `np.int8` has no room
# for 127 − (−28).


# %% tags=["exercise"] exercise="quantize"
def quantize(values, scale, zero_point):
    """The nearest whole numbers, int8; what is out of range goes to the ends."""
    raise NotImplementedError


def dequantize(whole, scale, zero_point):
    """The real numbers that int8 numbers stand for."""
    raise NotImplementedError


# %% tags=["solution"] exercise="quantize"
def quantize(values, scale, zero_point):
    """The nearest whole numbers, int8; what is out of range goes to the ends."""
    return np.clip(np.rint(values / scale) + zero_point, -128, 127).astype(np.int8)


def dequantize(whole, scale, zero_point):
    """The real numbers that int8 numbers stand for."""
    return scale * (whole.astype(float) - zero_point)


# %% [markdown] tags=["hint"] exercise="quantize"
# <details><summary>Hint</summary>
#
# `np.rint` rounds to the nearest, `np.clip(..., -128, 127)` comes after the zero point, and `.astype(np.int8)` last:
# it wraps around what does not fit. On the way back, `whole.astype(float)` first.
#
# </details>

# %% tags=["check"] exercise="quantize"
check.quantize(quantize, dequantize)

# %% [markdown]
# There and back is a staircase. Here it is for a range from −1 to 3, close to 0 and at the upper end:

# %%
scale, zero_point = grid(-1, 3)


def staircase(low, high):
    """A function that draws values against the same values, there and back."""

    def draw(axes):
        values = np.linspace(low, high, 1000)
        back = dequantize(quantize(values, scale, zero_point), scale, zero_point)
        axes.plot(values, values, "--", color=THEME.muted, label="as it was")
        axes.plot(values, back, color=THEME.streams[0], label="there and back")
        axes.set(xlabel="value", ylabel="value on the grid", xlim=(low, high))
        axes.grid(color="#d9dde3", linewidth=0.5)
        legend(axes, loc="upper left")

    return draw


show(
    charts(
        (
            staircase(-3.5 * scale, 3.5 * scale),
            "around zero",
            "off by half a step at most; 0 stays 0",
        ),
        (staircase(2.9, 3.1), "at the upper end", "what is larger than 3 is lost: saturation"),
        title="There and back",
        caption="Two errors: rounding, which is small and everywhere, and saturation, which is rare and can be large.",
    )
)

# %% [markdown]
# The two pull in opposite directions: a wider range saturates less, and has larger steps. How good the grid is, as a
# number, says the [SQNR](glossary.md#sqnr), the power of the values over that of the error, in decibels. Here are the
# *shallow features*, what the network's first convolution makes of the frame, with ranges that are too narrow, just
# right, and too wide. (The frame is folded before: 5 × 5 pixels of 3 colours are one place with 75 channels.)

# %%
from embedded.camera.pixel_tables import network_input
from embedded.quantize.hook_mapping import hook_values


def sqnr(real, other):
    """Signal to quantization noise in dB."""
    return 10 * np.log10(np.sum(np.square(real)) / np.sum(np.square(real - other)))


real = hook_values(network, network_input(frame, network.config))
shallow = real["shallow"][0]

rows = []
for factor in (0.1, 0.5, 1, 4, 16):
    scale, zero_point = grid(factor * shallow.min(), factor * shallow.max())
    whole = quantize(shallow, scale, zero_point)
    lost = np.isin(whole, (-128, 127)).mean()
    found = sqnr(shallow, dequantize(whole, scale, zero_point))
    rows.append([f"{factor}", f"{scale:.4f}", f"{lost:.1%}", f"{found:.1f} dB"])

table(["range, times that of the values", "step", "at the ends", "SQNR"], rows)

# %% [markdown]
# Each doubling of a range that is wide enough costs about 6 dB, one bit. So 8 bits are enough where the range fits,
# and somebody has to find it out: the converter looks at the tensors of a few hundred frames (*calibration*), and
# `nano` was then trained to stay inside these ranges.
#
# ## Weights: a scale for each channel
#
# A convolution's weights are known beforehand, so their range is too. Two things are different for them:
#
# - they are **symmetric**: the zero point is 0 and the numbers go from −127 to 127 (quiz 1 asks why);
# - each output channel has a scale of its own, its largest weight by size over 127:
#   $s_c = \max |w_c| / 127$. A channel of small weights would otherwise get the steps of the largest one. This is the
#   [per-channel scale](glossary.md#per-channel-scale).

# %% [markdown]
# ### Exercise 3: scales of weights
#
# Weights lie as (output channels, 3, 3, input channels), as in a `.tflite` file. Give the scale of each output channel.


# %% tags=["exercise"] exercise="weight_scales"
def weight_scales(weights):
    """Scales (output channels,) for weights (output channels, height, width, input channels)."""
    raise NotImplementedError


# %% tags=["solution"] exercise="weight_scales"
def weight_scales(weights):
    """Scales (output channels,) for weights (output channels, height, width, input channels)."""
    return np.abs(weights).max(axis=(1, 2, 3)) / 127


# %% [markdown] tags=["hint"] exercise="weight_scales"
# <details><summary>Hint</summary>
#
# `np.abs(weights)` first: the largest weight may be a negative one. `max` takes a tuple of axes, those that go away.
#
# </details>

# %% tags=["check"] exercise="weight_scales"
check.weight_scales(weight_scales)

# %% [markdown]
# Now take a real convolution, the first of the network. Its weights in floating point, your scales, your `quantize`;
# beside them, what is in the file that goes onto the board:

# %%
operator = emulator.graph.operators[emulator.hooks.places["shallow"].operator]
source, kernel, bias = (emulator.graph.tensors[k] for k in operator.inputs)
target = emulator.graph.tensors[operator.outputs[0]]

weights = np.asarray(network.shallow.weights[0]).transpose(
    3, 0, 1, 2
)  # Keras has output channels last
scales = weight_scales(weights)
own = quantize(weights, scales[:, None, None, None], 0)

table(
    ["output channel", "your scale", "in the file", "weights that differ"],
    [
        [
            c,
            f"{scales[c]:.6f}",
            f"{kernel.quantization.scale[c]:.6f}",
            (own[c] != kernel.data[c]).sum(),
        ]
        for c in range(0, len(scales), 3)
    ],
)

# %% [markdown]
# What is it worth? The same network with its weights on coarser and coarser grids; all else stays in floating point.
# The picture is compared with the one from exact weights:


# %%
def on_grid(weights, bits, each_channel):
    """Keras weights (height, width, inputs, outputs), rounded to whole numbers of so many bits, and back."""
    most = 2 ** (bits - 1) - 1
    turned = weights.transpose(3, 0, 1, 2)
    steps = weight_scales(turned) * 127 / most
    steps = np.maximum(steps if each_channel else np.full_like(steps, steps.max()), 1e-12)
    return (np.rint(weights / steps) * steps).astype("float32")


exact, bits = network.get_weights(), (8, 7, 6, 5, 4, 3)
kept = {}
for each_channel in (True, False):
    kept[each_channel] = []
    for count in bits:
        network.set_weights([on_grid(w, count, each_channel) if w.ndim == 4 else w for w in exact])
        restored = enhance(network, frame)
        kept[each_channel].append(psnr(restored, by_float, data_range=255))
network.set_weights(exact)


def draw_bits(axes):
    """How close the restored frame stays."""
    axes.plot(bits, kept[True], "o-", color=THEME.streams[0], label="a scale for each channel")
    axes.plot(bits, kept[False], "s--", color=THEME.streams[1], label="one scale for each layer")
    axes.set(xlabel="bits of a weight", ylabel="dB from exact weights")
    axes.set_xticks(bits, [str(count) for count in bits])
    axes.invert_xaxis()
    axes.grid(color="#d9dde3", linewidth=0.5)
    legend(axes, loc="lower left")


show(
    charts(
        (draw_bits, "PSNR between the two restored frames", "higher is closer"),
        title="Weights in fewer bits",
        caption="With 8 bits both are fine for this network. With very few bits, a step of its own for each channel "
        "saves the picture.",
    )
)

# %% [markdown]
# ## Multiply and shift
#
# A convolution adds up products of a feature $s_x (x - z_x)$ and a weight $s_w w$. The scales can wait until the end:
# inside the sum there are only whole numbers,
#
# $$A = b + \sum (x - z_x) \cdot w,$$
#
# the [accumulator](glossary.md#accumulator), with 32 bits; the bias $b$ is a whole number in steps of $s_x s_w$. What
# comes out shall be a byte again, with the scale and zero point of the output:
#
# $$y = z_y + m \cdot A, \qquad m = \frac{s_x s_w}{s_y}.$$
#
# Only $m$ is a fraction, a small one. The board has no need to divide: it keeps $m$ as a
# [fixed-point multiplier](glossary.md#fixed-point-multiplier), a whole number $M$ with 31 bits and a shift,
#
# $$m = \frac{M}{2^{31}} \cdot 2^{\text{shift}}, \qquad 2^{30} \le M < 2^{31},$$
#
# where the shift is 0 or negative. Then $m \cdot A$ is a product of whole numbers, and two divisions by powers of
# two, which are shifts of bits. **Both must round to the nearest**, not cut off. The second one is given:


# %%
def shift_right(x, bits):
    """Whole numbers divided by 2**bits, rounded to the nearest, halves away from zero."""
    half = 1 << bits >> 1
    return np.where(x < 0, -((-x + half) >> bits), (x + half) >> bits)


print(shift_right(np.array([-12, -5, -4, 4, 5, 12]), 3), "and without rounding:", -5 >> 3, 5 >> 3)

# %% [markdown]
# ### Exercise 4: rescale
#
# - `fixed_point(m)` gives $M$ and the shift. `np.frexp(m)` splits a number into a fraction from ½ to 1 and a power
#   of two; $M$ is the fraction times $2^{31}$, rounded, as `np.int64`.
# - `rescale(sums, multiplier, shift)` gives $m \cdot A$ in whole numbers: `sums` to `np.int64`, times the multiplier,
#   plus $2^{30}$ (a half), `>> 31`; then `shift_right` by minus the shift.


# %% tags=["exercise"] exercise="rescale"
def fixed_point(m):
    """(multiplier, shift) of real numbers between 0 and 1: int64 and int."""
    raise NotImplementedError


def rescale(sums, multiplier, shift):
    """The sums times m in whole numbers, rounded twice; shift is 0 or negative."""
    raise NotImplementedError


# %% tags=["solution"] exercise="rescale"
def fixed_point(m):
    """(multiplier, shift) of real numbers between 0 and 1: int64 and int."""
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    """The sums times m in whole numbers, rounded twice; shift is 0 or negative."""
    high = (sums.astype(np.int64) * multiplier + (1 << 30)) >> 31
    return shift_right(high, -shift)


# %% [markdown] tags=["hint"] exercise="rescale"
# <details><summary>Hint</summary>
#
# `fraction, shift = np.frexp(m)` is nearly all of the first. In the second, the product needs 64 bits:
# `sums.astype(np.int64)` before you multiply.
#
# </details>

# %% [markdown] tags=["hint"] exercise="rescale"
# <details><summary>One more hint</summary>
#
# `high = (sums.astype(np.int64) * multiplier + (1 << 30)) >> 31`. What is left is `shift_right(high, ...)`; its bits
# are a positive number.
#
# </details>

# %% tags=["check"] exercise="rescale"
check.rescale(fixed_point, rescale)

# %% [markdown]
# ## A whole convolution
#
# Everything is there. These are the operands of our convolution, as they lie in the file and in the board's memory:

# %%
m = source.scale * kernel.quantization.scale.astype(float) / target.scale
multiplier, shift = fixed_point(m)
held = emulator.tensors(frame)
features, expected = held[source.index][0], held[target.index][0]

table(
    ["operand", "shape", "numbers", "scale", "zero point"],
    [
        ["features x", features.shape, features.dtype, f"{source.scale:.4f}", source.zero_point],
        ["weights w", kernel.shape, kernel.data.dtype, "one each channel", 0],
        ["bias b", bias.shape, bias.data.dtype, "s_x · s_w", 0],
        ["output y", expected.shape, expected.dtype, f"{target.scale:.4f}", target.zero_point],
    ],
)

# %% [markdown]
# ### Exercise 5: a convolution in integers
#
# 3×3, stride 1, the output as large as the input:
#
# 1. $x - z_x$, in whole numbers with room enough (`np.int64`); **then** a margin of zeros, one wide. (So a real 0 is
#    around the picture. The whole number 0 would be something else.)
# 2. For each output channel the bias plus the sum over the nine places and all input channels.
# 3. `rescale`, with one multiplier and one shift for each output channel.
# 4. Plus the zero point of the output, clipped to −128 to 127, as `np.int8`.


# %% tags=["exercise"] exercise="convolve"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    """3×3 convolution in whole numbers.

    features (height, width, inputs) int8, weights (outputs, 3, 3, inputs) int8, bias, multiplier and shift
    (outputs,); gives (height, width, outputs) int8.
    """
    raise NotImplementedError


# %% tags=["solution"] exercise="convolve"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    """3×3 convolution in whole numbers.

    features (height, width, inputs) int8, weights (outputs, 3, 3, inputs) int8, bias, multiplier and shift
    (outputs,); gives (height, width, outputs) int8.
    """
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% [markdown] tags=["hint"] exercise="convolve"
# <details><summary>Hint</summary>
#
# Two loops, `dy` and `dx`, over the nine places. `padded[dy : dy + height, dx : dx + width]` is the whole picture as
# seen from one of them, (height, width, inputs).
#
# </details>

# %% [markdown] tags=["hint"] exercise="convolve"
# <details><summary>One more hint</summary>
#
# `padded[...] @ weights[:, dy, dx].T` multiplies and adds over the input channels: (height, width, outputs). Begin the
# sum with `bias`.
#
# </details>

# %% tags=["check"] exercise="convolve"
check.convolve(convolve)

# %% [markdown]
# Your convolution beside the same one in floating point, as maps of one channel:

# %%
whole = convolve(
    features, kernel.data, bias.data, source.zero_point, multiplier, shift, target.zero_point
)
print(f"{(whole != expected).sum()} of {whole.size:,} bytes differ from the board's")

channel = int(shallow.reshape(-1, shallow.shape[-1]).std(axis=0).argmax())
ends = shallow[..., channel].min(), shallow[..., channel].max()
maps = {
    "floating point": shallow[..., channel],
    "yours, whole numbers": dequantize(whole, target.scale, target.zero_point)[..., channel],
}
show(
    pictures(
        *(
            (np.clip((values - ends[0]) / (ends[1] - ends[0]), 0, 1), name, f"channel {channel}")
            for name, values in maps.items()
        ),
        title="The first convolution, one of its channels",
        caption=f"SQNR {sqnr(shallow, dequantize(whole, target.scale, target.zero_point)):.1f} dB over all channels: "
        "the rounding of the frame, of the weights, and of what comes out.",
    )
)

# %% [markdown]
# And now all of them. The network has more 3×3 convolutions, of other sizes and with other ranges:

# %%
rows, other = [], 0
for step in emulator.graph.operators:
    if step.kind != "CONV_2D" or emulator.graph.tensors[step.inputs[1]].shape[1] != 3:
        continue
    x, w, b = (emulator.graph.tensors[k] for k in step.inputs)
    y = emulator.graph.tensors[step.outputs[0]]
    numbers = fixed_point(x.scale * w.quantization.scale.astype(float) / y.scale)
    got = convolve(held[x.index][0], w.data, b.data, x.zero_point, *numbers, y.zero_point)
    differ = int((got != held[y.index][0]).sum())
    other += differ
    relu = "ReLU" if step.options["fusedActivationFunction"] else ""
    rows.append([f"CONV_2D {step.index}", got.shape, relu, y.zero_point, f"{got.size:,}", differ])

table(["operator", "output", "followed by", "zero point", "bytes", "that differ"], rows[:8])
print(f"all {len(rows)} of them: {other} bytes differ")

# %% [markdown]
# Many of these are followed by a ReLU, and you did nothing about it. Look at their zero points: the range of what a
# ReLU gives begins at 0, so 0 is the whole number −128, and your clipping at −128 *is* the ReLU.
#
# You have written what the C code on the board does. Its kernels differ from yours in speed only, and the project's
# tests compare them on an emulated processor, byte by byte.
#
# ## Where the decibels go
#
# Now measure. For each tensor of the board: how far is it from the float network, on this frame?

# %%
from matplotlib.patches import Patch

from embedded.tflite.naming import PARTS, part_of_hook
from explain.figures.kit.part_colours import part_colours, part_legend

first = {}
for name, place in emulator.hooks.places.items():
    if place.tensor is not None:
        first.setdefault(place.tensor, name)
names = list(first.values())
far = []
for tensor, name in first.items():
    back = emulator.graph.tensors[tensor].real(held[tensor])
    error = np.square(real[name] - back).sum()
    power = max(np.square(real[name]).sum(), 1e-12)
    far.append(np.clip(10 * np.log10(power / max(error, 1e-9 * power)), 0, 60))

colours = part_colours(THEME)


def draw_way(axes):
    """SQNR of each tensor, in the order of execution."""
    axes.bar(range(len(names)), far, color=[colours[part_of_hook(name)] for name in names], width=1)
    axes.set(
        xlabel="tensor, from the first to the last",
        ylabel="SQNR (dB)",
        xlim=(-1, len(names)),
        ylim=(0, 60),
    )
    axes.grid(axis="y", color="#d9dde3", linewidth=0.5)
    part_legend(axes, THEME, [Patch(color=colours[part], label=part) for part in PARTS])


show(
    charts(
        (draw_way, "int8 against float", ""),
        title="The way of the error through the network",
        caption="Higher is closer to the float network. The error grows along the way, since every tensor inherits "
        "what came before. Cut off at 60 dB (equal, or nearly) and at 0 (nothing is left of it).",
        height=3,
    )
)

# %% [markdown]
# But a tensor far from float need not matter: only the picture counts. The package comes with a measurement that
# takes some minutes (`mirnet layers nano`): the float network with **one** tensor rounded and all others exact, on
# several frames. The most costly ones:

# %%
from explain.app.data.board_measurements import read_costs
from explain.tracing.sites import label

costs = read_costs()
near = dict(zip(names, far, strict=True))
table(
    ["tensor", "cost, mean", "cost, worst frame", "SQNR here"],
    [
        [
            label(each.name),
            f"{each.cost:+.3f} dB",
            f"{each.worst:+.2f} dB",
            f"{near[each.name]:.1f} dB",
        ]
        for each in costs.ranked[:6]
    ],
)
print(
    f"all rounded together: float {costs.float_psnr:.2f} dB, int8 {costs.int8_psnr:.2f} dB, {costs.pairs} frames"
)

# %% [markdown]
# There is no single culprit, and costs do not add up: errors of different tensors cancel. What kind of error remains?
# Give each int8 frame the mean brightness of the float frame, and measure again:

# %%
rows = []
for sample in SAMPLES:
    taken, good = load_sample(sample.name)
    seen, good = camera.picture(camera.capture(taken)), to_frame(good)
    one, two = enhance(network, seen), emulator.restore(seen)
    moved = as_uint8((two + (one.mean(axis=(0, 1)) - two.mean(axis=(0, 1)))) / 255)
    scores = [psnr(each, good, data_range=255) for each in (one, two, moved)]
    rows.append([sample.title, *(f"{score:.2f} dB" for score in scores)])

table(["photo", "float", "int8", "int8 with float's mean colour"], rows)

# %% [markdown]
# Where the last column comes close to the first, most of the loss was a shift of brightness or colour of the whole
# picture: channel attention makes one number for a whole channel, and if that is off by a step, the whole picture is.
# The rest is the noise of rounding. Where int8 is *better* than float, it is luck: an error of brightness that
# happened to go the right way.

# %% [markdown] tags=["quiz"]
# **Quiz 1.** Features have a zero point, weights have none. What would the board have to do in addition if weights had
# one, and why does the zero point of the features cost it nothing?
#
# <details><summary>Answer</summary>
#
# Multiply out: Σ (x − z_x)(w − z_w) = Σ x·w − z_x Σ w − z_w Σ x + n·z_x·z_w. The second and the last term are known
# before any picture comes, and can go into the bias. The third is the sum of the features under the window: it is
# another one at every place, so the board would have to add up all features once more. With z_w = 0 it is gone.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** Somebody writes `sums * m` in floating point and rounds once, instead of multiplying and shifting with
# two roundings. Most bytes are the same, some differ by 1. Is that good enough?
#
# <details><summary>Answer</summary>
#
# For the picture, yes: nobody sees it. For the project, no. "Equal to the last byte" is a test that a computer can
# make: one wrong byte out of millions then means a real mistake. "Nearly equal" hides mistakes, such as a missing
# rounding, behind differences that are allowed.
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [the palace through the quantization
# lens](http://localhost:8501/quantization?photo=palace&tensor=shallow) (start it with
# `make app`). It shows the grid of every tensor, what saturates, and what fewer bits would do.
#
# Next: [lesson 9](09_memory.ipynb), memory: where all these bytes live while the network runs.
