# %% [markdown] tags=["goals"]
# # 8. int8: a network in integers
#
# The board computes with 8-bit integers. You quantize floats and dequantize them again, by hand, and then write a whole
# convolution of the shipped network as on the board: bit-exact.
#
# **40 minutes.** You make a convolution in integer arithmetic, bit-exact with the board's.
#
# Goals:
#
# - compute the scale and the zero point of a range, quantize to int8 and dequantize
# - explain why weights have per-channel scales and no zero point
# - requantize: replace a multiplication by a float with an integer multiplication and a shift
# - write a convolution in integers, and measure the quantization error

# %% [markdown]
# ## One frame, two networks
#
# `nano-float` is the small network of this project in floating point, four bytes for each value. `nano` is the same
# network in [int8](glossary.md#int8): every weight and every feature is one byte. The `Emulator` runs it as the board
# does. The input of both is the same frame of the board's camera, 160 × 120 pixels.

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
        (by_int8, "in int8", f"{psnr(by_int8, reference, data_range=255):.2f} dB"),
        (np.clip(0.5 + 16 * apart / 255, 0, 1), "difference × 16", "grey: none"),
        title="The same network, four bytes per value and one",
        caption="The two restored frames look almost the same. The last picture shows where they differ, "
        "amplified 16 times.",
    )
)

# %% [markdown]
# A quarter of the memory, and a processor of 64 MHz that multiplies integers much faster than floats: this is why the
# network fits on the board. How can 256 different values be enough?
#
# ## Scale and zero point
#
# A tensor gets a grid of 256 evenly spaced values. Two numbers describe it: the [scale](glossary.md#scale) $s$ is the
# step from one value to the next, the [zero point](glossary.md#zero-point) $z$ is the integer that stands for 0. A
# quantized integer $q$ stands for the float
#
# $$r = s \cdot (q - z), \qquad q \in \{-128, \dots, 127\}.$$
#
# Suppose that the values of a tensor lie between `low` and `high`. The 256 integers have 255 steps between them, so
# $s = (\text{high} - \text{low}) / 255$. And `low` shall become −128: from
#
# $$\text{low} = s\,(-128 - z) \qquad\text{follows}\qquad z = -128 - \text{low} / s,$$
#
# rounded to an integer.
#
# One more condition: **0 must be represented exactly**. Zeros are everywhere, in the zero padding and after every ReLU,
# and an error there would occur in millions of positions. So a range that does not contain 0 is extended until it does.

# %% [markdown]
# ### Exercise 1: quantization parameters of a range
#
# Return scale and zero point for values from `low` to `high`: extend the range to 0 if it does not contain it, then the
# two formulas.


# %% tags=["exercise"] exercise="grid"
def grid(low, high):
    """(scale, zero_point) of int8 for floats from low to high."""
    raise NotImplementedError


# %% tags=["solution"] exercise="grid"
def grid(low, high):
    """(scale, zero_point) of int8 for floats from low to high."""
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return scale, round(-128 - low / scale)


# %% [markdown] tags=["hint"] exercise="grid"
# <details><summary>Hint 1: the idea</summary>
#
# Two conditions fix a grid: which float becomes −128, and which step is between two integers? And 0 must be on it.
#
# </details>

# %% [markdown] tags=["hint"] exercise="grid"
# <details><summary>Hint 2: the shape</summary>
#
# Three lines: the range with 0 in it, the scale (a float), the zero point (an integer).
#
# </details>

# %% [markdown] tags=["hint"] exercise="grid"
# <details><summary>Hint 3: the code</summary>
#
# `low = min(low, 0)` extends one end; do the same for the other. `round(...)` returns an integer.
#
# </details>

# %% tags=["check"] exercise="grid"
check.grid(grid)

# %% [markdown]
# ## Quantize and dequantize
#
# To **quantize** is to find the nearest of the 256 values: divide by the scale, round, add the zero point. Values
# outside of the range are clipped to −128 or 127; this is called [saturation](glossary.md#saturation). To
# **dequantize** is the formula above.

# %% [markdown]
# ### Exercise 2: quantize and dequantize
#
# `quantize` returns an array of `np.int8`, `dequantize` an array of floats. Mind the integer overflow: 127 − (−28) does
# not fit into an `np.int8`.


# %% tags=["exercise"] exercise="quantize"
def quantize(values, scale, zero_point):
    """The nearest integers, int8; values out of range saturate."""
    raise NotImplementedError


def dequantize(q, scale, zero_point):
    """The floats that int8 values stand for."""
    raise NotImplementedError


# %% tags=["solution"] exercise="quantize"
def quantize(values, scale, zero_point):
    """The nearest integers, int8; values out of range saturate."""
    return np.clip(np.rint(values / scale) + zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    """The floats that int8 values stand for."""
    return scale * (q.astype(float) - zero_point)


# %% [markdown] tags=["hint"] exercise="quantize"
# <details><summary>Hint 1: the idea</summary>
#
# Count in steps of the scale, from the zero point. What can happen to a number that is out of range, and in which order
# must you prevent it?
#
# </details>

# %% [markdown] tags=["hint"] exercise="quantize"
# <details><summary>Hint 2: the shape</summary>
#
# `quantize`: floats until the very end, then `np.int8`. `dequantize`: floats from the very beginning.
#
# </details>

# %% [markdown] tags=["hint"] exercise="quantize"
# <details><summary>Hint 3: the code</summary>
#
# `np.rint` rounds to the nearest, `np.clip(..., -128, 127)` comes after the zero point, and `.astype(np.int8)` last:
# values that do not fit wrap around. To dequantize, `q.astype(float)` first.
#
# </details>

# %% tags=["check"] exercise="quantize"
check.quantize(quantize, dequantize)

# %% [markdown]
# Quantized and dequantized, a straight line becomes a staircase. Here it is for a range from −1 to 3, close to 0 and at
# the upper end:

# %%
scale, zero_point = grid(-1, 3)


def staircase(low, high):
    """A function that draws values against the same values, quantized and dequantized."""

    def draw(axes):
        values = np.linspace(low, high, 1000)
        back = dequantize(quantize(values, scale, zero_point), scale, zero_point)
        axes.plot(values, values, "--", color=THEME.muted, label="float")
        axes.plot(values, back, color=THEME.streams[0], label="quantized and dequantized")
        axes.set(xlabel="value", ylabel="dequantized value", xlim=(low, high))
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
        (staircase(2.9, 3.1), "at the upper end", "values above 3 are clipped: saturation"),
        title="Quantization error",
        caption="Two errors: rounding, which is small and everywhere, and saturation, which is rare and can be large.",
    )
)

# %% [markdown]
# The two pull in opposite directions: a wider range saturates less, and has larger steps. The quality is measured by
# the [SQNR](glossary.md#sqnr), the power of the values over that of the error, in decibels. Here are the *shallow
# features*, the output of the network's first convolution, with ranges that are too narrow, just right, and too wide.
# (Before it is a *space-to-depth*: 5 × 5 pixels of 3 colours become one pixel with 75 channels.)

# %%
from embedded.camera.pixel_tables import network_input
from embedded.quantize.hook_mapping import hook_values


def sqnr(values, other):
    """Signal-to-quantization-noise ratio in dB."""
    return 10 * np.log10(np.sum(np.square(values)) / np.sum(np.square(values - other)))


floats = hook_values(network, network_input(frame, network.config))
shallow = floats["shallow"][0]

rows = []
for factor in (0.1, 0.5, 1, 4, 16):
    scale, zero_point = grid(factor * shallow.min(), factor * shallow.max())
    q = quantize(shallow, scale, zero_point)
    saturated = np.isin(q, (-128, 127)).mean()
    found = sqnr(shallow, dequantize(q, scale, zero_point))
    rows.append([f"{factor}", f"{scale:.4f}", f"{saturated:.1%}", f"{found:.1f} dB"])

table(["range, times that of the values", "scale", "saturated", "SQNR"], rows)

# %% [markdown]
# Each doubling of a range that is wide enough costs about 6 dB, one bit. So 8 bits are enough where the range fits. The
# converter finds the ranges from the tensors of a few hundred frames (*calibration*), and `nano` was then trained with
# these ranges, *quantization-aware training* (QAT): its weights have learned to be quantized.
#
# ## Weights: per-channel scales
#
# A convolution's weights are constants, so their range is known. Two things are different for them:
#
# - they are **symmetric**: the zero point is 0 and the integers are −127 to 127 (quiz 1 asks why);
# - each output channel has a scale of its own, its largest magnitude over 127: $s_c = \max |w_c| / 127$. This is
#   **per-channel** quantization. With one scale for the layer, **per-tensor**, a channel of small weights would have
#   the steps of the largest one. See [per-channel scale](glossary.md#per-channel-scale).

# %% [markdown]
# ### Exercise 3: scales of weights
#
# Weights have the layout (output channels, 3, 3, input channels), as in a `.tflite` file. Return the scale of each
# output channel.
#
# From an empty cell this time: define `weight_scales(weights)`: an array (output channels, height, width, input
# channels) gives one of the shape (output channels,).

# %% tags=["exercise"] exercise="weight_scales"
weight_scales = ...  # no skeleton: write the whole function


# %% tags=["solution"] exercise="weight_scales"
def weight_scales(weights):
    """Scales (output channels,) for weights (output channels, height, width, input channels)."""
    return np.abs(weights).max(axis=(1, 2, 3)) / 127


# %% [markdown] tags=["hint"] exercise="weight_scales"
# <details><summary>Hint 1: the idea</summary>
#
# The largest magnitude of a channel shall become 127. Is the largest weight the one with the largest magnitude?
#
# </details>

# %% [markdown] tags=["hint"] exercise="weight_scales"
# <details><summary>Hint 2: the shape</summary>
#
# (outputs, 3, 3, inputs) to (outputs,): reduce three axes, keep the first.
#
# </details>

# %% [markdown] tags=["hint"] exercise="weight_scales"
# <details><summary>Hint 3: the code</summary>
#
# `np.abs(weights)` first: the largest weight may be a negative one. `max` takes a tuple of axes, those to reduce.
#
# </details>

# %% tags=["check"] exercise="weight_scales"
check.weight_scales(weight_scales)

# %% [markdown]
# Now take a convolution of the network, the first one. Its weights in floating point, your scales, your `quantize`; for
# comparison, the values in the board's model file:

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
# What is it worth? The same network with its weights quantized to fewer and fewer bits; all else stays in floating
# point. The picture is compared with the one from float weights. (Weights that are quantized and dequantized again are
# called *fake-quantized*.)


# %%
def fake_quantized(weights, bits, per_channel):
    """Keras weights (height, width, inputs, outputs), quantized to so many bits, and dequantized."""
    most = 2 ** (bits - 1) - 1
    turned = weights.transpose(3, 0, 1, 2)
    steps = weight_scales(turned) * 127 / most
    steps = np.maximum(steps if per_channel else np.full_like(steps, steps.max()), 1e-12)
    return (np.rint(weights / steps) * steps).astype("float32")


exact, bits = network.get_weights(), (8, 7, 6, 5, 4, 3)
scores = {}
for per_channel in (True, False):
    scores[per_channel] = []
    for count in bits:
        network.set_weights(
            [fake_quantized(w, count, per_channel) if w.ndim == 4 else w for w in exact]
        )
        restored = enhance(network, frame)
        scores[per_channel].append(psnr(restored, by_float, data_range=255))
network.set_weights(exact)


def draw_bits(axes):
    """PSNR of the restored frame against that with float weights."""
    axes.plot(bits, scores[True], "o-", color=THEME.streams[0], label="per-channel scales")
    axes.plot(bits, scores[False], "s--", color=THEME.streams[1], label="per-tensor scales")
    axes.set(xlabel="bits of a weight", ylabel="PSNR (dB)")
    axes.set_xticks(bits, [str(count) for count in bits])
    axes.invert_xaxis()
    axes.grid(color="#d9dde3", linewidth=0.5)
    legend(axes, loc="lower left")


show(
    charts(
        (draw_bits, "PSNR against float weights", "higher is closer"),
        title="Weights in fewer bits",
        caption="With 8 bits both are fine for this network. With very few bits, per-channel scales are much better.",
    )
)

# %% [markdown]
# ## Requantization
#
# A convolution adds up products of a feature $s_x (x - z_x)$ and a weight $s_w w$. The scales are constant factors, so
# inside the sum there are only integers,
#
# $$A = b + \sum (x - z_x) \cdot w,$$
#
# the [accumulator](glossary.md#accumulator), an int32; the bias $b$ is an int32 with the scale $s_x s_w$. The output
# shall be int8 again, with a scale and zero point of its own. This step is called **requantization**:
#
# $$y = z_y + m \cdot A, \qquad m = \frac{s_x s_w}{s_y}.$$
#
# Only $m$ is not an integer. The board stores it as a [fixed-point multiplier](glossary.md#fixed-point-multiplier), an
# integer $M$ with 31 bits and a shift,
#
# $$m = \frac{M}{2^{31}} \cdot 2^{\text{shift}}, \qquad 2^{30} \le M < 2^{31},$$
#
# where the shift is 0 or negative. Then $m \cdot A$ is a product of integers, and two divisions by powers of two, which
# are bit shifts. **Both must round to the nearest**, not truncate. The second one is given:


# %%
def shift_right(x, bits):
    """Integers divided by 2**bits, rounded to the nearest, halves away from zero."""
    half = 1 << bits >> 1
    return np.where(x < 0, -((-x + half) >> bits), (x + half) >> bits)


print(shift_right(np.array([-12, -5, -4, 4, 5, 12]), 3), "and without rounding:", -5 >> 3, 5 >> 3)

# %% [markdown]
# ### Exercise 4: requantize
#
# - `fixed_point(m)` returns $M$ and the shift. `np.frexp(m)` splits a number into a fraction from ½ to 1 and a power of
#   two; $M$ is the fraction times $2^{31}$, rounded, as `np.int64`.
# - `rescale(sums, multiplier, shift)` returns $m \cdot A$ in integers: `sums` to `np.int64`, times the multiplier, plus
#   $2^{30}$ (a half), `>> 31`; then `shift_right` by minus the shift.


# %% tags=["exercise"] exercise="rescale"
def fixed_point(m):
    """(multiplier, shift) of floats between 0 and 1: int64 and int."""
    raise NotImplementedError


def rescale(sums, multiplier, shift):
    """The sums times m in integers, rounded twice; shift is 0 or negative."""
    raise NotImplementedError


# %% tags=["solution"] exercise="rescale"
def fixed_point(m):
    """(multiplier, shift) of floats between 0 and 1: int64 and int."""
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    """The sums times m in integers, rounded twice; shift is 0 or negative."""
    high = (sums.astype(np.int64) * multiplier + (1 << 30)) >> 31
    return shift_right(high, -shift)


# %% [markdown] tags=["hint"] exercise="rescale"
# <details><summary>Hint 1: the idea</summary>
#
# A multiplication by a number below 1, without floats: multiply by a large integer, then divide by a power of two. Each
# division rounds.
#
# </details>

# %% [markdown] tags=["hint"] exercise="rescale"
# <details><summary>Hint 2: the shape</summary>
#
# M has 31 bits and a sum has up to 32: how many bits has the product? Everything stays an integer array of the shape of
# `sums`.
#
# </details>

# %% [markdown] tags=["hint"] exercise="rescale"
# <details><summary>Hint 3: the code</summary>
#
# `fraction, shift = np.frexp(m)` is nearly all of the first. In the second, the product needs 64 bits:
# `sums.astype(np.int64)` before you multiply.
#
# </details>

# %% [markdown] tags=["hint"] exercise="rescale"
# <details><summary>Hint 3, continued</summary>
#
# `high = (sums.astype(np.int64) * multiplier + (1 << 30)) >> 31`. What is left is `shift_right(high, ...)`; its bits
# are a positive number.
#
# </details>

# %% tags=["check"] exercise="rescale"
check.rescale(fixed_point, rescale)

# %% [markdown]
# ## A convolution in integers
#
# These are the operands of our convolution, as in the model file and in the board's memory:

# %%
m = source.scale * kernel.quantization.scale.astype(float) / target.scale
multiplier, shift = fixed_point(m)
held = emulator.tensors(frame)
features, expected = held[source.index][0], held[target.index][0]

table(
    ["operand", "shape", "type", "scale", "zero point"],
    [
        ["features x", features.shape, features.dtype, f"{source.scale:.4f}", source.zero_point],
        ["weights w", kernel.shape, kernel.data.dtype, "per-channel", 0],
        ["bias b", bias.shape, bias.data.dtype, "s_x · s_w", 0],
        ["output y", expected.shape, expected.dtype, f"{target.scale:.4f}", target.zero_point],
    ],
)

# %% [markdown]
# ### Exercise 5: a convolution in integers
#
# 3×3, stride 1, the output as large as the input:
#
# 1. $x - z_x$, in a wide integer type (`np.int64`); **then** zero padding, one pixel wide. (So the padding stands for
#    the float 0. The integer 0 before the subtraction would stand for something else.)
# 2. For each output channel the bias plus the sum over the nine positions of the kernel and all input channels.
# 3. `rescale`, with one multiplier and one shift for each output channel.
# 4. Plus the zero point of the output, clipped to −128 to 127, as `np.int8`.


# %% tags=["exercise"] exercise="convolve"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    """3×3 convolution in integers.

    features (height, width, inputs) int8, weights (outputs, 3, 3, inputs) int8, bias, multiplier and shift
    (outputs,); the output is (height, width, outputs) int8.
    """
    raise NotImplementedError


# %% tags=["solution"] exercise="convolve"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    """3×3 convolution in integers.

    features (height, width, inputs) int8, weights (outputs, 3, 3, inputs) int8, bias, multiplier and shift
    (outputs,); the output is (height, width, outputs) int8.
    """
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% [markdown] tags=["hint"] exercise="convolve"
# <details><summary>Hint 1: the idea</summary>
#
# In floats it would be: pad, nine shifted pictures times nine matrices, add the bias. What must happen before the
# padding, and what after the sum?
#
# </details>

# %% [markdown] tags=["hint"] exercise="convolve"
# <details><summary>Hint 2: the shape</summary>
#
# Padded: (height + 2, width + 2, inputs). Each of nine products: (height, width, outputs). The end is int8 of that
# shape.
#
# </details>

# %% [markdown] tags=["hint"] exercise="convolve"
# <details><summary>Hint 3: the code</summary>
#
# Two loops, `dy` and `dx`, over the nine positions of the kernel. `padded[dy : dy + height, dx : dx + width]` is the
# picture shifted to one of them, (height, width, inputs).
#
# </details>

# %% [markdown] tags=["hint"] exercise="convolve"
# <details><summary>Hint 3, continued</summary>
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
output = convolve(
    features, kernel.data, bias.data, source.zero_point, multiplier, shift, target.zero_point
)
print(f"{(output != expected).sum()} of {output.size:,} bytes differ from the board's")

channel = int(shallow.reshape(-1, shallow.shape[-1]).std(axis=0).argmax())
ends = shallow[..., channel].min(), shallow[..., channel].max()
maps = {
    "floating point": shallow[..., channel],
    "yours, int8": dequantize(output, target.scale, target.zero_point)[..., channel],
}
show(
    pictures(
        *(
            (np.clip((values - ends[0]) / (ends[1] - ends[0]), 0, 1), name, f"channel {channel}")
            for name, values in maps.items()
        ),
        title="The first convolution, one of its channels",
        caption=f"SQNR {sqnr(shallow, dequantize(output, target.scale, target.zero_point)):.1f} dB over all channels: "
        "the quantization of the frame, of the weights, and of the output.",
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
# Many of these are followed by a ReLU, and you did not compute one. Look at their zero points: the range of a ReLU's
# output begins at 0, so its zero point is −128, and your clipping at −128 *is* the ReLU. It is *fused*.
#
# You have written what the C code on the board computes. Its kernels differ from yours in speed only, and the project's
# tests compare them on an emulated processor, byte by byte.
#
# ## Where the quantization error comes from
#
# Now measure. For each tensor of the board: what is its SQNR against the float network, on this frame?

# %%
from matplotlib.patches import Patch

from embedded.tflite.naming import PARTS, part_of_hook
from explain.figures.kit.part_colours import part_colours, part_legend

first = {}
for name, place in emulator.hooks.places.items():
    if place.tensor is not None:
        first.setdefault(place.tensor, name)
names = list(first.values())
decibels = []
for tensor, name in first.items():
    back = emulator.graph.tensors[tensor].dequantize(held[tensor])
    error = np.square(floats[name] - back).sum()
    power = max(np.square(floats[name]).sum(), 1e-12)
    decibels.append(np.clip(10 * np.log10(power / max(error, 1e-9 * power)), 0, 60))

colours = part_colours(THEME)


def draw_sqnr(axes):
    """SQNR of each tensor, in the order of execution."""
    axes.bar(
        range(len(names)), decibels, color=[colours[part_of_hook(name)] for name in names], width=1
    )
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
        (draw_sqnr, "int8 against float", ""),
        title="The quantization error through the network",
        caption="Higher is closer to the float network. The error accumulates from operator to operator. Clipped at "
        "60 dB (equal, or nearly) and at 0 dB (error as large as the signal).",
        height=3,
    )
)

# %% [markdown]
# But a tensor with a low SQNR need not matter: only the output counts. The package comes with a measurement that takes
# some minutes (`mirnet layers nano`): the float network with **one** tensor quantized and all others in floating point,
# on several frames. The tensors with the largest loss of PSNR:

# %%
from explain.app.data.board_measurements import read_costs
from explain.tracing.sites import label

costs = read_costs()
sqnr_of = dict(zip(names, decibels, strict=True))
table(
    ["tensor", "loss of PSNR, mean", "loss, worst frame", "SQNR here"],
    [
        [
            label(each.name),
            f"{each.cost:+.3f} dB",
            f"{each.worst:+.2f} dB",
            f"{sqnr_of[each.name]:.1f} dB",
        ]
        for each in costs.ranked[:6]
    ],
)
print(
    f"all quantized: float {costs.float_psnr:.2f} dB, int8 {costs.int8_psnr:.2f} dB, {costs.pairs} frames"
)

# %% [markdown]
# No single tensor is responsible, and the losses do not add up: errors of different tensors cancel. What kind of error
# remains? Shift each int8 frame to the mean colour of the float frame, and measure again:

# %%
rows, each_psnr = [], []
for sample in SAMPLES:
    taken, good = load_sample(sample.name)
    seen, good = camera.picture(camera.capture(taken)), to_frame(good)
    one, two = enhance(network, seen), emulator.restore(seen)
    moved = as_uint8((two + (one.mean(axis=(0, 1)) - two.mean(axis=(0, 1)))) / 255)
    scores = [psnr(each, good, data_range=255) for each in (one, two, moved)]
    rows.append([sample.title, *(f"{score:.2f} dB" for score in scores)])

    each_psnr.append(scores)

rows.append(["**mean of six**", *(f"{score:.2f} dB" for score in np.mean(each_psnr, axis=0))])
table(["photo", "float", "int8", "int8 with float's mean colour"], rows)

# %% [markdown]
# Where the last column comes close to the first, most of the difference was a shift of brightness or colour of the
# whole picture: channel attention computes one number for a whole channel, and if that is off by one step, the whole
# channel is. The rest is rounding noise. Where int8 is *better* than float, it is luck: an error of brightness that
# happened to have the right sign.
#
# ## Who pays for the integers?
#
# Compare the means of the first two columns: on the whole, hardly any decibels go. That is no property of int8.
# **Predict first**: what would happen if you took a network that had been trained in floating point alone, and only
# rounded it, *naive post-training quantization*? How many decibels would it lose on average, and how many on the worst
# picture?
#
# Try it with the weights of this very network. For each photo, take the least and the greatest value of every tensor in
# the *other five*, as somebody would who has the finished network and a few pictures; your `grid` makes scale and zero
# point of them; and the photo runs with every tensor rounded to that, cut off where it lies outside:

# %%
from explain import run_with_cache
from model.hooks import visiting
from model.training.fake_quant import PIXELS, QuantizeToRanges

frames = [camera.picture(camera.capture(load_sample(sample.name)[0])) for sample in SAMPLES]
seen_ends = []
for seen in frames:
    kept = run_with_cache(network, seen)[1]
    seen_ends.append(
        {name: (kept[name].min(), kept[name].max()) for name in kept if name not in PIXELS}
    )


def widest(seen_before, name):
    """Least and greatest value of a tensor in some photos."""
    return min(ends[name][0] for ends in seen_before), max(ends[name][1] for ends in seen_before)


rows, naive_psnr = [], []
for k, (sample, seen) in enumerate(zip(SAMPLES, frames, strict=True)):
    others = [ends for j, ends in enumerate(seen_ends) if j != k]
    names_used = [name for name in others[0] if np.ptp(widest(others, name))]  # some are always 0
    ranges = {name: grid(*widest(others, name)) for name in names_used}
    with visiting(QuantizeToRanges(ranges)):
        rounded = as_uint8(np.asarray(network(seen[None].astype("float32") / 255))[0])
    naive_psnr.append(psnr(rounded, to_frame(load_sample(sample.name)[1]), data_range=255))
    scores = each_psnr[k][0], naive_psnr[k], each_psnr[k][1]
    rows.append([sample.title, *(f"{score:.2f} dB" for score in scores)])

both = np.column_stack([naive_psnr, np.array(each_psnr)[:, 1]])
lost = both - np.array(each_psnr)[:, :1]
rows.append(["**mean, against float**", "", *(f"{each:+.2f} dB" for each in lost.mean(axis=0))])
rows.append(
    ["**worst photo, against float**", "", *(f"{each:+.2f} dB" for each in lost.min(axis=0))]
)
table(["photo", "float", "naive int8", "int8 as trained for"], rows)

# %% [markdown]
# The weights are the same in all three columns, and the naive one loses more than half a decibel on average, about
# two on its worst photo. (Only features are rounded there; rounding the weights per channel costs a few hundredths
# more.) A photo that is brighter than the other five, or has another colour, leaves their ranges, and what is cut off
# in channel attention moves the whole picture. Ranges wide enough for everything would be safe and coarse.
#
# The last column has ranges that the network was *trained for*. It was trained in five steps, and each result was
# converted and measured on the validation pairs. Its model card has the figures:

# %%
from importlib.resources import files

card = (files("model") / "weights/nano-float.md").read_text(encoding="utf-8")
steps = [line.strip("| ").split("|") for line in card.splitlines() if line[2:3].isdigit()]
steps = [[cell.strip() for cell in line] for line in steps if line[0].strip().isdigit()]
table(
    ["step", "what", "float", "int8 − float, mean", "worst picture"],
    [[*line, "", "", ""][:5] for line in steps],
)

# %% [markdown]
# Step 2 is the best network of plain training, rounded afterwards with ranges that were searched for: look at its
# worst picture, not only at the mean. From step 3 on (`--int8`) every forward pass rounds each tensor as the board
# does, so that the loss sees the rounding, and backpropagation passes it as if it were not there (a *straight-through
# estimator*). This **quantization-aware training** wins the decibels back, and costs float none: the weights were
# trained with the rounding. A shift of brightness was the largest part of the loss, so the last step counts it ten
# times.

# %% [markdown] tags=["why"]
# **Why?** Why must one of the 256 integers stand for exactly 0?
#
# <details><summary>A model answer</summary>
#
# Because 0 is the commonest value there is: every padded pixel at the border, and all that a ReLU has cut off. If the
# nearest integer stood for 0.01, all of these would be wrong by the same 0.01, in the same direction, and a
# convolution would add up this error instead of letting errors of both signs cancel out.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 1.** Features have a zero point, weights have none. What would the board have to compute in addition if weights
# had one, and why does the zero point of the features cost nothing?
#
# <details><summary>Answer</summary>
#
# Multiply out: Σ (x − z_x)(w − z_w) = Σ x·w − z_x Σ w − z_w Σ x + n·z_x·z_w. The second and the last term do not depend
# on the picture, and can be added to the bias in advance. The third is the sum of the features under the window: it
# differs at every pixel, so the board would have to add up all features once more. With z_w = 0 it vanishes.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** Somebody writes `sums * m` in floating point and rounds once, instead of multiplying and shifting with
# two roundings. Most bytes are the same, some differ by 1. Is that good enough?
#
# <details><summary>Answer</summary>
#
# For the picture, yes: the difference is invisible. For the project, no. "Bit-exact" is a test without a tolerance: one
# wrong byte out of millions then means a real bug. "Nearly equal" hides bugs, such as a missing rounding, behind the
# tolerance.
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [the quantization of the
# palace](http://localhost:8501/quantization?photo=palace&tensor=shallow) (start it with `make app`). It shows scale and
# zero point of every tensor, what saturates, and the effect of fewer bits.
#
# Next: [lesson 9](09_memory.ipynb), memory: where all these bytes live while the network runs.
