# %% [markdown] tags=["goals"]
# # 5. DAU: which channels, which pixels
#
# SKFF weighs streams against each other; the dual attention unit weighs features inside one. You write both of its
# attentions in NumPy, put the unit together until it computes what the shipped network computes, and then measure what
# attention is worth by an ablation.
#
# **35 minutes.** You make a dual attention unit that runs with trained weights, and a fair ablation of its gates.
#
# Goals:
#
# - explain why a gate is a sigmoid and not a softmax
# - write channel attention and spatial attention, and put them together as the paper does
# - read a network's gates, and notice attention that has not learned anything
# - design an ablation that proves something

# %% [markdown]
# ## A dual attention unit
#
# There is a [DAU](glossary.md#dau) in every [stream](glossary.md#stream) of every block, so the shipped network has
# many of them. Two convolutions compute a change of the features, the *body*. Two [gates](glossary.md#gate) scale it:
# one by **channel**, the other by **pixel**. The result is added to the input.
#
# Here is one of them. It was chosen by the computer: of all units at full resolution, the one whose spatial gate varies
# most on this photo.

# %%
import numpy as np

from lessons.checks import agrees
from lessons.checks import dau as check
from lessons.drawing import THEME, charts, legend, pictures, show, table
from explain import run_with_cache
from explain.figures import draw_channel_attention, draw_dau
from model.samples import load_sample
from model.zoo import load_network

network, note = load_network("desk")
part = np.s_[40:200, 60:300]
dark, reference = (photo[part] for photo in load_sample("kingfisher"))
output, cache = run_with_cache(network, dark)

units = [name.removesuffix("/body") for name in cache if name.endswith("/body")]
at_full_size = [unit for unit in units if unit.endswith("dau_1")]
site = max(at_full_size, key=lambda unit: cache[f"{unit}/spatial/gate"].std())
print(note)
print(f"{len(units)} units; this is {site}")

show(draw_dau(cache, site))

# %% [markdown]
# ## A gate is a sigmoid
#
# Attention begins with any number for each channel or pixel, the [logit](glossary.md#logit). The
# [sigmoid](glossary.md#sigmoid) turns it into a gate:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad \sigma(0) = \tfrac12.$$
#
# The gates are **independent**: all channels may pass, or none. That is the difference from SKFF, where streams compete
# and a [softmax](glossary.md#softmax) makes weights that add up to 1. With a softmax over 32 channels, the mean gate
# would be 1/32 whatever the photo.
#
# These are given: the sigmoid, the two activations, and a convolution with zero padding. All of them are plain NumPy,
# for features of the shape (height, width, channels).

# %%
from model.contracts import component_at, formulas
from model.contracts.formulas import prelu, relu, sigmoid


def convolve(features, kernel):
    """(height, width, inputs) and a kernel (size, size, inputs, outputs) to (height, width, outputs)."""
    return formulas.convolution(features[None], kernel)[0]


# %% [markdown]
# ## Which channels: squeeze and excite
#
# [Channel attention](glossary.md#channel-attention) uses the whole picture at once. It averages each channel over all
# pixels (global average pooling, the [descriptor](glossary.md#descriptor) $d$), mixes the averages of all channels to a
# few numbers, and those to one for each channel:
#
# $$\hat d = \sigma\big(\mathrm{ReLU}(d\, W_1)\, W_2\big)$$
#
# $W_1$ leads to an eighth of the channels, $W_2$ back. The paper calls them 1×1 convolutions. On a descriptor, which
# has a single position, a 1×1 convolution is a matrix product: `d @ squeeze`.

# %% [markdown]
# ### Exercise 1: channel attention
#
# Return the gates, one for each channel. `squeeze` has the shape (channels, channels / 8), `excite` the transposed one.


# %% tags=["exercise"] exercise="channel_gate"
def channel_gate(features, squeeze, excite):
    """Gates (channels,) of features (height, width, channels)."""
    raise NotImplementedError


# %% tags=["solution"] exercise="channel_gate"
def channel_gate(features, squeeze, excite):
    """Gates (channels,) of features (height, width, channels)."""
    descriptor = features.mean(axis=(0, 1))
    return sigmoid(relu(descriptor @ squeeze) @ excite)


# %% [markdown] tags=["hint"] exercise="channel_gate"
# <details><summary>Hint 1: the idea</summary>
#
# The whole picture in one number for each channel; two small matrices; and each channel decides for itself.
#
# </details>

# %% [markdown] tags=["hint"] exercise="channel_gate"
# <details><summary>Hint 2: the shape</summary>
#
# (height, width, channels) to (channels,) to (channels / 8,) to (channels,).
#
# </details>

# %% [markdown] tags=["hint"] exercise="channel_gate"
# <details><summary>Hint 3: the code</summary>
#
# `features.mean(axis=(0, 1))` is the descriptor: the axes of height and width are removed, the channels stay.
#
# </details>

# %% [markdown] tags=["hint"] exercise="channel_gate"
# <details><summary>Hint 3, continued</summary>
#
# From the inside out: descriptor, `@ squeeze`, `relu`, `@ excite`, `sigmoid`.
#
# </details>

# %% tags=["check"] exercise="channel_gate"
check.channel_gate(channel_gate)

# %% [markdown]
# Your gates for a unit with the network's own weights, the one whose gates differ most from each other in the whole
# network:

# %%
from lessons.checks.dau import weights_of

selective = max(units, key=lambda unit: np.ptp(cache[f"{unit}/channel/gate"]))
weights = weights_of(component_at(network, selective))
mine = np.asarray(channel_gate(cache[f"{selective}/body"][0], weights.squeeze, weights.excite))
print(f"your gates range from {mine.min():.3f} to {mine.max():.3f}")
agrees("the gates", mine, cache[f"{selective}/channel/gate"][0, 0, 0])

show(draw_channel_attention(cache, f"{selective}/channel"))

# %% [markdown]
# And this is what a softmax instead of the sigmoid would do to three units, one of each stream:

# %%
rows = []
for k in (1, 2, 3):
    logits = cache[f"rrg_1/mrb_1/column_1/dau_{k}/channel/logits"][0, 0, 0]
    gates, shares = sigmoid(logits), formulas.softmax(logits, axis=0)
    rows.append([f"{k}", len(logits), f"{gates.mean():.3f}", f"{shares.mean():.3f}"])

table(["stream", "channels", "mean gate, sigmoid", "mean gate, softmax"], rows)

# %% [markdown]
# The more channels, the smaller the gates, whatever the picture.
#
# ## Which pixels: two maps and a convolution
#
# [Spatial attention](glossary.md#spatial-attention) reduces the other axis. At each pixel it computes two numbers over
# **all channels**, their maximum and their mean, and stacks them as two maps. The maximum is the strongest response of
# *any* channel; the mean says how strong the response of all of them is.

# %% [markdown]
# ### Exercise 2: two maps
#
# Return both maps as one array, the maximum first. (In the [example on
# keras.io](https://keras.io/examples/vision/mirnet/) the maximum is called `average_pooling` and the mean
# `max_pooling`. A name proves nothing.)


# %% tags=["exercise"] exercise="spatial_maps"
def spatial_maps(features):
    """Maximum and mean over the channels: (height, width, channels) to (height, width, 2)."""
    raise NotImplementedError


# %% tags=["solution"] exercise="spatial_maps"
def spatial_maps(features):
    """Maximum and mean over the channels: (height, width, channels) to (height, width, 2)."""
    return np.stack([features.max(axis=-1), features.mean(axis=-1)], axis=-1)


# %% [markdown] tags=["hint"] exercise="spatial_maps"
# <details><summary>Hint 1: the idea</summary>
#
# At each pixel there are many channels. Two numbers say how strong they are: of any, and of all.
#
# </details>

# %% [markdown] tags=["hint"] exercise="spatial_maps"
# <details><summary>Hint 2: the shape</summary>
#
# Two arrays (height, width), stacked along a new last axis: (height, width, 2).
#
# </details>

# %% [markdown] tags=["hint"] exercise="spatial_maps"
# <details><summary>Hint 3: the code</summary>
#
# The channels are the last axis, `axis=-1`. `np.stack([one, other], axis=-1)` stacks two maps (height, width) to
# (height, width, 2).
#
# </details>

# %% tags=["check"] exercise="spatial_maps"
check.spatial_maps(spatial_maps)

# %% [markdown]
# A convolution turns the two maps into one logit for each pixel, and the sigmoid turns it into a gate. The paper does
# not say how large the convolution is. The authors' code has 5×5, and so has this project; several public versions have
# 1×1. The difference is the receptive field of a gate: with 1×1 it depends on two numbers, with 5×5 it can tell an edge
# from a single bright pixel of noise.

# %% [markdown]
# ### Exercise 3: a gate for each pixel
#
# `kernel` has the shape (5, 5, 2, 1). Use `spatial_maps` and `convolve`.


# %% tags=["exercise"] exercise="spatial_gate"
def spatial_gate(features, kernel):
    """Gates (height, width, 1) of features (height, width, channels)."""
    raise NotImplementedError


# %% tags=["solution"] exercise="spatial_gate"
def spatial_gate(features, kernel):
    """Gates (height, width, 1) of features (height, width, channels)."""
    return sigmoid(convolve(spatial_maps(features), kernel))


# %% [markdown] tags=["hint"] exercise="spatial_gate"
# <details><summary>Hint 1: the idea</summary>
#
# Two maps tell what is at a pixel; the convolution looks at the neighbours; the sigmoid makes a gate.
#
# </details>

# %% [markdown] tags=["hint"] exercise="spatial_gate"
# <details><summary>Hint 2: the shape</summary>
#
# (height, width, channels) to (height, width, 2) to (height, width, 1).
#
# </details>

# %% [markdown] tags=["hint"] exercise="spatial_gate"
# <details><summary>Hint 3: the code</summary>
#
# Three functions, one inside the other: `spatial_maps`, `convolve`, `sigmoid`. Use the whole kernel.
#
# </details>

# %% tags=["check"] exercise="spatial_gate"
check.spatial_gate(spatial_gate)

# %% tags=["picture"]
body = cache[f"{site}/body"][0]
kernel = weights_of(component_at(network, site)).locate
centre_only = np.zeros_like(kernel)
centre_only[2, 2] = kernel.sum(axis=(0, 1))  # the same sum of weights, but at one position


def shown(gate):
    """A detail of a gate as a grey picture, from its 1st to its 99th percentile."""
    low, high = np.percentile(gate[detail], [1, 99])
    return np.clip((gate[..., 0][detail] - low) / max(high - low, 1e-6), 0, 1)


detail = np.s_[75:155, 90:210]
wide, narrow = (np.asarray(spatial_gate(body, one)) for one in (kernel, centre_only))
show(
    pictures(
        (reference[detail], "the photo", "a detail, in good light to compare"),
        (shown(wide), "5×5: your gate", f"from {wide.min():.2f} to {wide.max():.2f}"),
        (shown(narrow), "1×1: no neighbours", f"from {narrow.min():.2f} to {narrow.max():.2f}"),
        title="The spatial gate",
        subtitle="White: large gate, black: small gate; each has its own scale",
        caption="For the picture on the right all weights of the 5×5 kernel were summed into its centre. "
        "What does it do with the noise behind the branch?",
    )
)

# %% [markdown]
# ## The unit
#
# Now all of it. With the input features $X$, and $[\cdot, \cdot]$ for the concatenation along the channels:
#
# $$M = \mathrm{Conv}_{3\times3}\big(\mathrm{PReLU}(\mathrm{Conv}_{3\times3}(X))\big)$$
#
# $$Y = X + \mathrm{Conv}_{1\times1}\big([\,M \cdot \text{spatial gate},\ M \cdot \text{channel gate}\,]\big)$$
#
# Both gates are computed from $M$ and both multiply $M$: *dual* means in parallel. And $X$ has a skip connection to the
# output, so a unit with a small output does no harm.

# %% [markdown]
# ### Exercise 4: the dual attention unit
#
# `weights` holds what the unit has learned, by name (`weights.first`):
#
# | name | shape | for |
# | --- | --- | --- |
# | `first`, `second` | (3, 3, channels, channels) | the two convolutions of the body |
# | `slope` | a number | `prelu(values, slope)` between them |
# | `locate` | (5, 5, 2, 1) | your `spatial_gate` |
# | `squeeze`, `excite` | matrices | your `channel_gate` |
# | `merge` | (1, 1, 2 · channels, channels) | the 1×1 convolution, the spatial half first |


# %% tags=["exercise"] exercise="dau"
def dau(features, weights):
    """A dual attention unit: (height, width, channels) to the same shape."""
    raise NotImplementedError


# %% tags=["solution"] exercise="dau"
def dau(features, weights):
    """A dual attention unit: (height, width, channels) to the same shape."""
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_pixel = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    both = np.concatenate([by_pixel, by_channel], axis=-1)
    return features + convolve(both, weights.merge)


# %% [markdown] tags=["hint"] exercise="dau"
# <details><summary>Hint 1: the idea</summary>
#
# Compute the body first. Both gates come from it, and both multiply it: in parallel, not one after the other.
#
# </details>

# %% [markdown] tags=["hint"] exercise="dau"
# <details><summary>Hint 2: the shape</summary>
#
# The body and both gated bodies: (height, width, channels). Side by side: 2 · channels. After the merge: channels
# again, so that the input can be added.
#
# </details>

# %% [markdown] tags=["hint"] exercise="dau"
# <details><summary>Hint 3: the code</summary>
#
# Five lines: `body`, `by_pixel = body * spatial_gate(...)`, `by_channel = body * channel_gate(...)`, their
# concatenation, and the sum. NumPy broadcasts a gate (height, width, 1) or (channels,) to the shape of the body.
#
# </details>

# %% [markdown] tags=["hint"] exercise="dau"
# <details><summary>Hint 3, continued</summary>
#
# `np.concatenate([by_pixel, by_channel], axis=-1)` has twice the channels, and `convolve(..., weights.merge)` reduces
# them again.
#
# </details>

# %% tags=["check"] exercise="dau"
check.dau(dau)

# %% [markdown]
# Compare it with every unit of the network:

# %%
for unit in units:
    mine = dau(cache[f"{unit}/in"][0], weights_of(component_at(network, unit)))
    agrees(unit, mine, cache[f"{unit}/out"][0])

# %% [markdown]
# The same unit in Keras, complete, is `model/attention.py`: the same steps as yours.
#
# ## What have the gates learned?
#
# A unit may be coded correctly and still have learned nothing. So look at the range of the gates of all units:


# %%
def draw_gates(name):
    """A function that draws the range of each unit's gates."""

    def draw(axes):
        for number, unit in enumerate(units, 1):
            gates = cache[f"{unit}/{name}/gate"]
            low, high = np.percentile(gates, [1, 99])
            colour = THEME.streams[int(unit[-1]) - 1]
            axes.plot([number, number], [low, high], color=colour, linewidth=3)
            axes.plot([number], [gates.mean()], "o", color=colour, markersize=4)
        for k, colour in enumerate(THEME.streams[:3], 1):
            axes.plot([], [], color=colour, linewidth=3, label=f"stream {k}")
        axes.axhline(0.5, color=THEME.muted, linewidth=0.8, linestyle="--")
        axes.set(xlabel="unit, in the order of execution", ylabel="gate", ylim=(0, 1.2))
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
        legend(axes, loc="upper left", ncols=3)

    return draw


show(
    charts(
        (draw_gates("channel"), "channel gates", "bar: 1st to 99th percentile, dot: mean"),
        (draw_gates("spatial"), "spatial gates", "over all pixels of this photo"),
        title="The range of the gates of all units",
        caption="A bar that is only a dot on the dashed line means a gate of 0.5 everywhere: nothing is "
        "preferred.",
    )
)

dead = [unit for unit in units if not cache[f"{unit}/channel/squeezed"].any()]
constant_gates = [unit for unit in units if np.ptp(cache[f"{unit}/channel/gate"]) < 0.05]
print(f"channel gates that differ by less than 0.05: {len(constant_gates)} of {len(units)} units")
print(f"of these, units whose squeezed descriptor is all zero: {len(dead)}")

# %% [markdown]
# A bar on the left that has shrunk to a dot at 0.5 is channel attention that prefers nothing. This is no fault of the
# code: in a network this small, many units never learn to choose. One reason is a *dead ReLU*. Where the whole squeezed
# descriptor is 0 after the ReLU, every logit is 0 and every gate is $\sigma(0) = 0.5$. If that happens on all photos,
# the gradient of the two matrices is zero in backpropagation, and they stop learning. The first stream has 8 channels
# here, and an eighth of them is a single number, which easily dies. The authors' network starts with 64.
#
# ## A fair ablation
#
# What is a part worth? Remove it and measure: an [ablation](glossary.md#ablation). `run_with_hooks` runs the network
# with some tensors replaced. The first idea is gate = 1 everywhere. But where a gate was 0.5 everywhere, the features
# are then doubled, and no later layer was trained for that. If PSNR drops, it does not prove that the *differences*
# between the gates mattered.
#
# The fair ablation keeps the **mean** of the gates and removes only the differences.
#
# **Predict first.** Which of the two costs more decibels, gates of 1 or gates at their mean? And which attention is
# worth more, that of channels or that of pixels? Look at the chart above, and write down your guess before you go on.

# %% [markdown]
# ### Exercise 5: a constant gate
#
# Replace the gates by their mean: one number for each picture of the batch, in the shape of `gate`. It has to work for
# channel gates (batch, 1, 1, channels) and for spatial gates (batch, height, width, 1).
#
# From an empty cell this time: define `constant(gate)`: an array gives an array of the same shape.

# %% tags=["exercise"] exercise="constant"
constant = ...  # no skeleton: write the whole function


# %% tags=["solution"] exercise="constant"
def constant(gate):
    """For each picture the mean of its gates, everywhere: an array of the same shape as `gate`."""
    mean = gate.mean(axis=(1, 2, 3), keepdims=True)
    return np.broadcast_to(mean, gate.shape)


# %% [markdown] tags=["hint"] exercise="constant"
# <details><summary>Hint 1: the idea</summary>
#
# Keep how strong the gates are, and take away their differences. Which one number does that, for each picture?
#
# </details>

# %% [markdown] tags=["hint"] exercise="constant"
# <details><summary>Hint 2: the shape</summary>
#
# (batch, 1, 1, channels) or (batch, height, width, 1): a mean over the three axes 1, 2, 3, in the old shape again.
#
# </details>

# %% [markdown] tags=["hint"] exercise="constant"
# <details><summary>Hint 3: the code</summary>
#
# The mean goes over the axes 1, 2 and 3; `keepdims=True` leaves (batch, 1, 1, 1). Then `np.broadcast_to(mean,
# gate.shape)`, or `mean + np.zeros_like(gate)`.
#
# </details>

# %% tags=["check"] exercise="constant"
check.constant(constant)

# %%
from keras import ops

from explain import run_with_hooks
from model import psnr
from model.images.arrays import as_uint8

names = ("kingfisher", "coffee", "palace")
pairs = [[photo[part] for photo in load_sample(name)] for name in names]


def scores(ending="", replace=None):
    """PSNR of each photo, with every gate whose name has this ending replaced."""
    hooks = {name: replace for name in network.hook_names if ending and name.endswith(ending)}
    restored = run_with_hooks(network, np.stack([taken for taken, _ in pairs]), hooks)
    return [
        psnr(as_uint8(one), good, data_range=255)
        for one, (_, good) in zip(restored, pairs, strict=True)
    ]


def opened(gate):
    """Every gate 1, in the shape of the gate."""
    return ops.ones_like(gate)


def averaged(gate):
    """Your `constant`, on the network's tensors."""
    return np.asarray(constant(ops.convert_to_numpy(gate)))


ablations = {
    "channel gates = 1": scores("channel/gate", opened),
    "channel gates = their mean": scores("channel/gate", averaged),
    "spatial gates = 1": scores("spatial/gate", opened),
    "spatial gates = their mean": scores("spatial/gate", averaged),
}
intact = scores()
rows = [["nothing", *(f"{score:.2f} dB" for score in intact)]]
for name, found in ablations.items():
    changes = (f"{now - before:+.2f} dB" for now, before in zip(found, intact, strict=True))
    rows.append([name, *changes])

table(["ablation (PSNR, ablated − intact)", *names], rows)

# %% [markdown]
# Compare the rows in pairs. In the first of each pair the gates are 1, and two things have changed at once: the
# differences are removed, and the features are stronger. In the second only the differences are removed. The loss that
# both have in common comes from the differences; the rest of the first comes from stronger features. Look at the chart
# above again: where all gates of a unit are equal, the second ablation changes nothing, and must not cost anything.
#
# A number above zero is no mistake either: on a photo or two a network may score higher without a part. Three photos
# are no benchmark. `mirnet ablate --samples` takes all six and every unit by itself; there, as on the page, a gate that
# is switched off becomes its own mean, the fair one of the two (`--gates` chooses another). `mirnet ablate --list`
# lists all ablations. And compare with lesson 4, where a third each was the unfair ablation, and the mix of other
# photos the fair one: what was taken away, and what was kept?
#
# **Further reading.** Squeeze and excite are from [SENet (Hu and others, 2018)](https://arxiv.org/abs/1709.01507),
# maximum and mean as two maps from [CBAM (Woo and others, 2018)](https://arxiv.org/abs/1807.06521), which has both
# attentions one after the other. What did MIRNet change?

# %% [markdown] tags=["why"]
# **Why?** A gate of 1 lets everything through. Why does the unit add its input at the end all the same?
#
# <details><summary>A model answer</summary>
#
# Gates only make features smaller, and whatever goes through them also goes through three convolutions. With the skip
# connection the unit is the identity where these give nothing: it begins close to that, the gradient reaches the
# layers before it undiminished, and what a gate has shut is not lost.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 1.** All features that reach a unit's attention are 0, as for a black photo. What are its channel gates, and
# what are its spatial gates, whatever it has learned?
#
# <details><summary>Answer</summary>
#
# 0.5, all of them. MIRNet's convolutions have no bias, so for a zero input the output is zero: every logit is 0, and
# the sigmoid of 0 is a half. A gate other than 0.5 always comes from something that is in the picture.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** One value of the body changes, at one pixel in one channel. Which channel gates can change, and which
# spatial gates?
#
# <details><summary>Answer</summary>
#
# All channel gates: the channel's average changes a little, and the two matrices mix the averages of all channels. Of
# the spatial gates only the 5×5 around the pixel: its maximum or mean changes, and it is in the receptive field of 5×5
# gates. So channel attention depends on the whole picture without positions, spatial attention on a neighbourhood.
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [a dual attention unit and the
# kingfisher](http://localhost:8501/dual-attention?photo=kingfisher&group=2&block=2&place=column_1&stream=1) (start it
# with `make app`), and [the network without channel
# attention](http://localhost:8501/ablation?photo=kingfisher&off=channel-off.all), where you can ablate everything else.
#
# Next: [lesson 6](06_mirnet.ipynb), all parts together: the block, the group and the network.
