# %% [markdown] tags=["goals"]
# # 6. MRB, RRG, MIRNet: the architecture
#
# All parts are there: streams, SKFF, attention. Their connections make a network of them. You connect the block, the
# group and the network, load the trained weights, and get the same output as the shipped network.
#
# **40 minutes.** You make MIRNet out of its parts, and a table of its parameters and MACs.
#
# Goals:
#
# - draw the multi-scale residual block from memory, with all its connections
# - connect block, group and network, and verify them against the shipped one
# - explain which parts share their weights, and how that changes the count
# - count parameters and MACs on paper

# %% [markdown]
# ## The block
#
# The [MRB](glossary.md#mrb) is the main contribution of the paper (section 3.1). Read the figure from left to right. A
# first column of [DAUs](glossary.md#dau) opens three [streams](glossary.md#stream), an [exchange](glossary.md#exchange)
# fuses all of them at every resolution, a second column of DAUs processes the fused streams, and a merge brings them
# all back to full resolution.

# %%
import numpy as np

from lessons.checks import agrees
from lessons.checks import mirnet as check
from lessons.drawing import pictures, show, table
from explain import run_with_cache
from explain.figures import draw_mrb
from model.samples import load_sample
from model.zoo import load_network

network, note = load_network("desk")
dark, reference = (photo[40:200, 60:300] for photo in load_sample("hedgehog"))
output, cache = run_with_cache(network, dark)
print(note)

show(draw_mrb(cache, "rrg_1/mrb_1"))

# %% [markdown]
# You have written an SKFF and a DAU already. Here the parts are given, as methods whose inputs and outputs are NumPy
# arrays of the shape (1, height, width, channels), and the connections are missing. `parts` are those of one block;
# streams are numbered from 1 (full resolution) to 3 (a quarter):
#
# | method | what it does |
# | --- | --- |
# | `parts.dau(k, features)` | stream k through its dual attention unit |
# | `parts.bring(features, k, j)` | stream k with the size and the channels of stream j: down, up, or as it is |
# | `parts.skff(j, [s1, s2, s3])` | fuses three features that are all at the resolution of stream j |
# | `parts.rise(k, features)` | stream 2 or 3 back at full resolution, for the merge |
# | `parts.conv(features)` | the 3×3 convolution at the end |

# %%
from lessons.checks.parts import Parts, whole_of
from model.contracts import component_at

parts = Parts(component_at(network, "rrg_1/mrb_1"))
features = cache["rrg_1/mrb_1/in"]
print("input of the first block:", features.shape)


# %% [markdown]
# ## Three streams
#
# Stream 1 is the input after attention. Stream 2 is **stream 1 after its attention**, downsampled, and then through its
# own attention. Stream 3 is made from stream 2 in the same manner.

# %% [markdown]
# ### Exercise 1: the first column
#
# Return the three streams as a list.


# %% tags=["exercise"] exercise="first_column"
def first_column(features, parts):
    """Three streams [s1, s2, s3] from the input features of a block."""
    raise NotImplementedError


# %% tags=["solution"] exercise="first_column"
def first_column(features, parts):
    """Three streams [s1, s2, s3] from the input features of a block."""
    one = parts.dau(1, features)
    two = parts.dau(2, parts.bring(one, 1, 2))
    three = parts.dau(3, parts.bring(two, 2, 3))
    return [one, two, three]


# %% [markdown] tags=["hint"] exercise="first_column"
# <details><summary>Hint 1: the idea</summary>
#
# Each stream goes through its attention *before* the next one is made from it.
#
# </details>

# %% [markdown] tags=["hint"] exercise="first_column"
# <details><summary>Hint 2: the shape</summary>
#
# Three results: 8 channels at full size, 16 at half, 32 at a quarter. `bring` changes the size, `dau` does not.
#
# </details>

# %% [markdown] tags=["hint"] exercise="first_column"
# <details><summary>Hint 3: the code</summary>
#
# Three lines. The second is `two = parts.dau(2, parts.bring(one, 1, 2))`.
#
# </details>

# %% tags=["check"] exercise="first_column"
check.first_column(first_column)

# %%
streams = list(first_column(features, parts))
rows = []
for k, stream in enumerate(streams, 1):
    difference = np.abs(stream - cache[f"rrg_1/mrb_1/column_1/dau_{k}/out"]).max()
    rows.append([f"{k}", *stream.shape[1:], f"{stream.size:,}", f"{difference:.1g}"])

table(["stream", "height", "width", "channels", "values", "difference to the network"], rows)

# %% [markdown]
# A quarter of the pixels, twice the channels: each stream has half as many values as the one above. (Keep that in mind
# for the cost.)
#
# ## The exchange
#
# Now the [exchange](glossary.md#exchange). At each of the three resolutions there is an [SKFF](glossary.md#skff), and
# the inputs of each are **all three** streams, resized to its resolution. That makes nine connections. Two things
# matter: the order, since SKFF has learned weights for stream 1, 2 and 3; and that all three read the streams **as they
# were before**.

# %% [markdown]
# ### Exercise 2: the exchange
#
# Return the three fused streams as a list.


# %% tags=["exercise"] exercise="exchange"
def exchange(streams, parts):
    """Three fused streams from three streams; each depends on all of them."""
    raise NotImplementedError


# %% tags=["solution"] exercise="exchange"
def exchange(streams, parts):
    """Three fused streams from three streams; each depends on all of them."""
    return [
        parts.skff(j, [parts.bring(stream, k, j) for k, stream in enumerate(streams, 1)])
        for j in (1, 2, 3)
    ]


# %% [markdown] tags=["hint"] exercise="exchange"
# <details><summary>Hint 1: the idea</summary>
#
# Nine connections: at each of three resolutions, all three streams arrive and are fused.
#
# </details>

# %% [markdown] tags=["hint"] exercise="exchange"
# <details><summary>Hint 2: the shape</summary>
#
# Two loops: j is where it goes, k where it comes from. `skff(j, ...)` needs three features of the size of stream j, in
# the order 1, 2, 3.
#
# </details>

# %% [markdown] tags=["hint"] exercise="exchange"
# <details><summary>Hint 3: the code</summary>
#
# For one j: `arrived = [parts.bring(stream, k, j) for k, stream in enumerate(streams, 1)]`, then
# `parts.skff(j, arrived)`. Append the three results to a new list.
#
# </details>

# %% tags=["check"] exercise="exchange"
check.exchange(exchange)

# %%
fused = list(exchange(streams, parts))
for k in (1, 2, 3):
    name = f"rrg_1/mrb_1/exchange/skff_{k}/out"
    agrees(name, fused[k - 1], cache[name])

# %% [markdown]
# ## The merge and the skip connection
#
# After the exchange each stream goes through its attention once more: the **same** unit as before, `parts.dau(k, ...)`.
# The authors' network shares it between both columns, though the paper does not say so.
#
# Then the merge. Streams 2 and 3 come back to full resolution with `rise`, modules that belong to the merge alone; and
# `parts.skff(1, ...)`, the one that the exchange has used already, fuses the three. A 3×3 convolution follows, and the
# block's input is added by a **skip connection**: the *residual* in its name.

# %% [markdown]
# ### Exercise 3: the block
#
# Use your `first_column` and `exchange`.


# %% tags=["exercise"] exercise="block"
def block(features, parts):
    """A multi-scale residual block: (1, height, width, channels) to the same shape."""
    raise NotImplementedError


# %% tags=["solution"] exercise="block"
def block(features, parts):
    """A multi-scale residual block: (1, height, width, channels) to the same shape."""
    streams = exchange(first_column(features, parts), parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    merged = parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)])
    return features + parts.conv(merged)


# %% [markdown] tags=["hint"] exercise="block"
# <details><summary>Hint 1: the idea</summary>
#
# Column, exchange, column, merge. Which attention comes in the second column, and what is added at the end?
#
# </details>

# %% [markdown] tags=["hint"] exercise="block"
# <details><summary>Hint 2: the shape</summary>
#
# After `rise` all three have the size and channels of stream 1; `skff(1, ...)` makes one of them, and the input has
# that shape, too.
#
# </details>

# %% [markdown] tags=["hint"] exercise="block"
# <details><summary>Hint 3: the code</summary>
#
# Four steps: `exchange(first_column(...), parts)`; `parts.dau(k, ...)` of each; `parts.skff(1, [one, parts.rise(2,
# two), ...])`; and `features + parts.conv(merged)`.
#
# </details>

# %% tags=["check"] exercise="block"
check.block(block)

# %%
agrees("rrg_1/mrb_1/out", block(features, parts), cache["rrg_1/mrb_1/out"])

# %% [markdown]
# In the [example on keras.io](https://keras.io/examples/vision/mirnet/), and in all that was copied from it, the inputs
# of the merge are stream 1, stream 3 and stream 3 again. Stream 2 after the exchange is computed, and nobody reads it.
# Every shape is right, it can be trained, and the loss falls. What would it cost the trained network? **Predict
# first**: by how much will what the block adds change, a tenth of itself, a half, all of it?


# %%
def forgetful(features, parts):
    """A block that merges stream 3 twice and forgets stream 2."""
    streams = exchange(first_column(features, parts), parts)
    one, _, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    risen = parts.rise(3, three)
    return features + parts.conv(parts.skff(1, [one, risen, risen]))


right, wrong = (each(features, parts) - features for each in (block, forgetful))
lost = np.sqrt(np.mean((wrong - right) ** 2) / np.mean(right**2))
print(f"what the block adds changes by {lost:.0%} of itself (RMS)")

# %% [markdown]
# ## The network
#
# The rest is quickly said. A recursive residual group ([RRG](glossary.md#rrg)) is a chain of blocks and a 3×3
# convolution, added to **the group's input**. And [MIRNet](glossary.md#mirnet) is a convolution, a chain of groups, and
# a convolution to three channels, added to **the photo**: $\hat I = I + R$, as in lesson 2.
#
# `whole` holds the parts of a network:
#
# | part | what it is |
# | --- | --- |
# | `whole.shallow(photo)` | the first convolution: photo to features |
# | `whole.groups` | in order; `group.blocks` are the `parts` of its blocks, `group.conv(features)` its convolution |
# | `whole.last(features)` | the last convolution: features to R |

# %% [markdown]
# ### Exercise 4: MIRNet
#
# Two nested loops, and your `block`. Do not clip the result.


# %% tags=["exercise"] exercise="restore"
def restore(photo, whole):
    """The restored photo: (1, height, width, 3) in [0, 1] to the same shape."""
    raise NotImplementedError


# %% tags=["solution"] exercise="restore"
def restore(photo, whole):
    """The restored photo: (1, height, width, 3) in [0, 1] to the same shape."""
    features = whole.shallow(photo)
    for group in whole.groups:
        refined = features
        for parts in group.blocks:
            refined = block(refined, parts)
        features = features + group.conv(refined)
    return photo + whole.last(features)


# %% [markdown] tags=["hint"] exercise="restore"
# <details><summary>Hint 1: the idea</summary>
#
# A chain inside of a chain. What does the next block get, and what does the next group get?
#
# </details>

# %% [markdown] tags=["hint"] exercise="restore"
# <details><summary>Hint 2: the shape</summary>
#
# Two variables of the same shape: one is renewed by each block, the other by each group. The photo is added where there
# are three channels again.
#
# </details>

# %% [markdown] tags=["hint"] exercise="restore"
# <details><summary>Hint 3: the code</summary>
#
# In a group you need two variables: `refined`, which goes from block to block, and `features`, which is added at the
# end: `features = features + group.conv(refined)`.
#
# </details>

# %% tags=["check"] exercise="restore"
check.restore(restore)

# %% [markdown]
# ## Load the weights
#
# Your connections, with the layers of a new network. Three times the same code: with all weights zero, with random
# weights, and with the trained ones. Loading is one line, since weights are a list of arrays in a fixed order.

# %% tags=["picture"]
from model import psnr
from model.images.arrays import as_uint8

photo = (dark / 255).astype("float32")[None]
fresh, _ = load_network("desk", "random")
whole = whole_of(fresh)
trained = network.get_weights()
random = fresh.get_weights()
attempts = {
    "all weights zero": [np.zeros_like(values) for values in trained],
    "random weights": random,
    "the trained weights": trained,
}

restored = {}
for name, values in attempts.items():
    fresh.set_weights(values)
    restored[name] = restore(photo, whole)[0]

scored = [
    (as_uint8(picture), name, f"{psnr(as_uint8(picture), reference, data_range=255):.2f} dB")
    for name, picture in restored.items()
]
show(
    pictures(
        (dark, "dark", "the input"),
        *scored,
        title="Your MIRNet",
        subtitle="The same architecture; PSNR against the reference",
        caption="With zero weights, the output is the input: nothing was learned, nothing is added.",
    )
)
print(
    "with zero weights the output equals the photo:",
    np.array_equal(restored["all weights zero"], photo[0]),
)
difference = np.abs(restored["the trained weights"] - output[0]).max()
print(
    f"largest difference to the shipped network: {difference:.1g} (a level of 255 is {1 / 255:.1g})"
)

# %% [markdown]
# That is why every part has a skip connection. A network that begins close to "add nothing" begins with the photo
# itself, and only has to learn what is missing. And in backpropagation, the gradient reaches the first layers through
# the skip connections.
#
# ## What it costs
#
# Two numbers describe the size of a network, and they are often confused.
#
# - **[Parameters](glossary.md#parameter)**: the numbers that were learned. They exist once, however often they are
#   used. They are stored in the [flash](glossary.md#flash) of a board.
# - **[MACs](glossary.md#mac)**: multiply–accumulates, a multiplication by a learned weight and an addition. A layer
#   does them at every pixel, and in every call. They cost *time*.
#
# A convolution of size s from a to b channels has s · s · a · b parameters (MIRNet has no bias), and does as many MACs
# at each pixel. These are the layers of a dual attention unit with n channels, from lesson 5:
#
# | layer | size | from | to | MACs at |
# | --- | --- | --- | --- | --- |
# | `first`, `second` | 3×3 | n | n | every pixel |
# | PReLU | one slope | | | not counted as MACs |
# | `locate` | 5×5 | 2 | 1 | every pixel |
# | `squeeze` | 1×1 | n | n / 8 | the descriptor, one position |
# | `excite` | 1×1 | n / 8 | n | the descriptor, one position |
# | `merge` | 1×1 | 2n | n | every pixel |

# %% [markdown]
# ### Exercise 5: the cost of a unit
#
# Count with paper and pencil first, then write it for any n (a multiple of 8) and any size.
#
# From an empty cell this time: define `unit_cost(channels, height, width)`: three integers give a pair, (parameters,
# MACs).

# %% tags=["exercise"] exercise="unit_cost"
unit_cost = ...  # no skeleton: write the whole function


# %% tags=["solution"] exercise="unit_cost"
def unit_cost(channels, height, width):
    """Parameters and MACs of a dual attention unit on features (height, width, channels): a pair."""
    n = channels
    per_pixel = 2 * 9 * n * n + 25 * 2 + 2 * n * n
    once = 2 * n * (n // 8)
    slope = 1
    return per_pixel + once + slope, per_pixel * height * width + once


# %% [markdown] tags=["hint"] exercise="unit_cost"
# <details><summary>Hint 1: the idea</summary>
#
# For each layer: how many weights, and at how many positions is it used? Add up both columns.
#
# </details>

# %% [markdown] tags=["hint"] exercise="unit_cost"
# <details><summary>Hint 2: the shape</summary>
#
# Three kinds: layers at every pixel, layers on the descriptor (once), and a slope (a parameter without MACs). The
# result is a pair.
#
# </details>

# %% [markdown] tags=["hint"] exercise="unit_cost"
# <details><summary>Hint 3: the code</summary>
#
# Three sums: the layers at every pixel (18 n² + 50 + 2 n²), the layers on the descriptor (n · n/8, twice), and the
# slope. The parameters are all three together.
#
# </details>

# %% tags=["check"] exercise="unit_cost"
check.unit_cost(unit_cost)

# %% [markdown]
# Now the three streams, for a photo of 240×360, and beside your numbers those of `explain.cost`, which counts every
# layer of the network:

# %%
from explain import cost

height, width = 240, 360
costs = cost(network, (height, width))
rows = []
for k in (1, 2, 3):
    size = 2 ** (k - 1)
    parameters, macs = unit_cost(8 * size, height // size, width // size)
    counted = costs.at(f"rrg_1/mrb_1/column_1/dau_{k}")
    rows.append([f"{k}", f"{parameters:,}", f"{macs:,}", f"{counted.macs:,}"])

table(["stream", "parameters", "MACs, yours", "MACs, counted"], rows)

# %% [markdown]
# Twice the channels are four times the parameters and four times the MACs at a pixel; but there are only a quarter of
# the pixels. So **every stream costs about the same time**, and the coarse ones have most of the parameters.
#
# ## Shared weights
#
# And the whole network, part by part. "Calls" is how often a kind of part is used, "unique" how many of them have
# weights of their own:

# %%
kinds = {
    "DualAttentionUnit": "dual attention",
    "SKFF": "SKFF",
    "Downsample": "down",
    "Upsample": "up",
}
rows, sums = [], np.zeros(2, int)
for kind, name in kinds.items():
    calls = [call for call in costs.walk() if call.kind == kind]
    unique = [call for call in calls if call.shared_with is None]
    count = np.array([sum(call.parameters for call in calls), sum(call.macs for call in calls)])
    sums += count
    rows.append([name, len(calls), len(unique), *(f"{number:,}" for number in count)])
rest = np.array([costs.parameters, costs.macs]) - sums
rows.append(["single convolutions", "", "", *(f"{number:,}" for number in rest)])
rows.append(["**the network**", "", "", f"**{costs.parameters:,}**", f"**{costs.macs:,}**"])

table(["part", "calls", "unique", "parameters", "MACs"], rows)

mine = 0
for k in (1, 2, 3):
    size = 2 ** (k - 1)
    mine += 8 * unit_cost(8 * size, height // size, width // size)[1]  # 2 columns in 4 blocks
print(f"all dual attention units, by your count: {mine:,} MACs")

# %% [markdown]
# Compare "calls" with "unique". Every attention unit is shared by both columns, so half of the calls bring no new
# parameters; but all of them cost MACs. SKFF costs next to nothing: the inputs of its convolutions are descriptors. And
# the PReLUs of all attention units in the whole network share one slope: if your total of parameters is a few too high,
# that is why.
#
# At last the authors' network, which has the same architecture with other sizes: 64 channels, 3 groups.

# %%
from model import MIRNet

large = cost(MIRNet.from_preset("paper"), (256, 256))
print(f"parameters: {large.parameters:,} ({large.parameters / costs.parameters:.0f} times as many)")
print(f"MACs for a picture of 256 × 256: {large.macs / 1e9:.1f} billion")

# %% [markdown] tags=["why"]
# **Why?** The first column already makes stream 2 from stream 1, and stream 3 from stream 2. Why are nine connections
# needed after it?
#
# <details><summary>A model answer</summary>
#
# In the column, information flows one way, towards less resolution: stream 1 never hears what stream 3 has found in a
# large neighbourhood. In the exchange each stream takes from all three, so that detail gets context and context
# detail.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 1.** You double height and width of the photo. What happens to the parameters, and what to the MACs?
#
# <details><summary>Answer</summary>
#
# The parameters stay. The MACs become nearly four times as many: the input of the small convolutions of channel
# attention and SKFF is a descriptor, which has one position in a photo of any size.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** Somebody gives each column a dual attention unit of its own, as one may read the paper. The network trains
# well. Which check finds it: the shape of the result, the result with the shipped weights, the number of parameters,
# the number of MACs?
#
# <details><summary>Answer</summary>
#
# The shape does not, and neither do the MACs: every unit is called as often as before. The number of parameters does,
# and so does loading the weights: the list of arrays would be too short. A count is the cheapest test of an
# architecture.
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [the hedgehog in the first block](http://localhost:8501/mrb?photo=hedgehog&group=1&block=1)
# (start it with `make app`), then its [group](http://localhost:8501/rrg?photo=hedgehog&group=1) and [the whole
# network](http://localhost:8501/mirnet?photo=hedgehog).
#
# Next: [lesson 7](07_training.ipynb): where the weights come from.
