# %% [markdown] tags=["goals"]
# # 4. SKFF: fuse and select
#
# Three streams must become one again. MIRNet lets them compete for every channel: you write this fusion step by step,
# and then a contract that finds the mistake which every public TensorFlow version of the network makes in it.
#
# **35 minutes.** You make an SKFF of your own, and see what a wrong axis does to a photo.
#
# Goals:
#
# - explain *fuse* and *select*, and what a descriptor is
# - write SKFF from the sum to the weighted sum, and load the trained weights
# - say what competes in a softmax, by its axis
# - write a contract that tells the right axis from the wrong one

# %% [markdown]
# ## Three streams, one result
#
# After the streams have worked, [resizing modules](glossary.md#resizing-module) bring them to one resolution, and they
# have to be fused. This happens four times in every [MRB](glossary.md#mrb): three times in the *exchange*, once for
# each resolution, and once in the *merge* at the end. Here are the three inputs of the last merge of the network, and
# their plain mean:

# %%
import numpy as np

from lessons.checks import agrees
from lessons.checks import skff as check
from lessons.drawing import THEME, charts, pictures, show, table
from explain import run_with_cache, run_with_hooks
from explain.figures.components.skff import draw_skff, draw_weights
from model import psnr
from model.images.arrays import as_uint8
from model.samples import load_sample
from model.zoo import load_network

network, note = load_network("desk")
dark, reference = load_sample("palace")
output, cache = run_with_cache(network, dark)
print(note)

SITE = "rrg_2/mrb_2/merge/skff"
streams = [cache[f"{SITE}/stream_{k}"] for k in (1, 2, 3)]


def activity(features):
    """RMS over the channels at each pixel: (1, h, w, channels) to (h, w)."""
    return np.sqrt(np.mean(np.square(np.asarray(features)[0]), axis=-1))


white = max(np.percentile(activity(stream), 99.5) for stream in streams)
maps = {f"stream {k}": stream for k, stream in enumerate(streams, 1)}
maps["their mean"] = np.mean(streams, axis=0)
show(
    pictures(
        *((np.clip(activity(maps[name]) / white, 0, 1), name) for name in maps),
        title="The inputs of the last merge",
        subtitle=f"{' × '.join(map(str, streams[0].shape[1:]))} each; activity, all on one scale",
        caption="All three have the same size now, but stream 3 was downsampled: it is smooth. In the mean, every "
        "stream has the same weight in every channel.",
    )
)

# %% [markdown]
# Networks before MIRNet added such streams, or concatenated them and mixed them by a convolution. Both do the same for
# every photo. **Selective kernel feature fusion** ([SKFF](glossary.md#skff); paper, section 3.1) first describes the
# photo and then decides, for each [channel](glossary.md#channel), the weight of each stream.
#
# ## Fuse
#
# For one decision about the whole picture, SKFF needs the picture in a few numbers. It adds the streams,
#
# $$L = L_1 + L_2 + L_3,$$
#
# and takes the average of every channel over the whole picture, *global average pooling*:
#
# $$s_c = \frac{1}{H W} \sum_{i,j} L_c(i, j).$$
#
# This $s$ is the [descriptor](glossary.md#descriptor): one number for each channel, without positions.

# %% [markdown]
# ### Exercise 1: describe
#
# `streams` is a list of tensors, each (batch, height, width, channels). Return the descriptor, (batch, 1, 1, channels):
# the two axes stay, with the length 1. Use `keras.ops` (here `ops`), NumPy for the tensors of a network.

# %% tags=["exercise"] exercise="describe"
import keras
from keras import ops


def describe(streams):
    """The descriptor of all streams together: (batch, 1, 1, channels)."""
    raise NotImplementedError


# %% tags=["solution"] exercise="describe"
import keras
from keras import ops


def describe(streams):
    """The descriptor of all streams together: (batch, 1, 1, channels)."""
    return ops.mean(sum(streams), axis=(1, 2), keepdims=True)


# %% [markdown] tags=["hint"] exercise="describe"
# <details><summary>Hint 1: the idea</summary>
#
# First one picture of three, then one number for each channel of it.
#
# </details>

# %% [markdown] tags=["hint"] exercise="describe"
# <details><summary>Hint 2: the shape</summary>
#
# Three tensors (batch, height, width, channels), their sum of the same shape, and the mean over two of its axes:
# (batch, 1, 1, channels).
#
# </details>

# %% [markdown] tags=["hint"] exercise="describe"
# <details><summary>Hint 3: the code</summary>
#
# Python's own `sum` adds the tensors of a list. `ops.mean` takes several axes at once, and `keepdims=True`.
#
# </details>

# %% tags=["check"] exercise="describe"
check.describe(describe)

# %% [markdown]
# Next, the descriptor is squeezed to an eighth of its length (at least 4), the *compact feature descriptor* $z$. This
# bottleneck is cheap, and lets the network combine channels. From $z$, **one convolution for each stream** makes a
# descriptor $v_k$ of the full length again:
#
# $$z = \mathrm{PReLU}(W s), \qquad v_1 = W_1 z, \quad v_2 = W_2 z, \quad v_3 = W_3 z.$$
#
# A number in $v_k$ says how much stream $k$ should count in that channel, as any number, positive or negative: it is a
# [logit](glossary.md#logit). [PReLU](glossary.md#prelu) keeps positive numbers and multiplies negative ones by its
# slope.

# %% [markdown]
# ### Exercise 2: a descriptor for each stream
#
# The descriptor has a single position, so a 1 × 1 convolution is a matrix product, `values @ matrix` in NumPy.
# `squeeze` is a matrix (channels, squeezed), `expand` a list of matrices (squeezed, channels), one for each stream.
# Return all logits as one array (batch, streams, 1, channels): the descriptors concatenated along axis 1.


# %% tags=["exercise"] exercise="logits_of"
def logits_of(descriptor, squeeze, slope, expand):
    """Logits (batch, streams, 1, channels) from a descriptor (batch, 1, 1, channels)."""
    raise NotImplementedError


# %% tags=["solution"] exercise="logits_of"
def logits_of(descriptor, squeeze, slope, expand):
    """Logits (batch, streams, 1, channels) from a descriptor (batch, 1, 1, channels)."""
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, slope * compact)
    return np.concatenate([compact @ matrix for matrix in expand], axis=1)


# %% [markdown] tags=["hint"] exercise="logits_of"
# <details><summary>Hint 1: the idea</summary>
#
# One compact descriptor for all streams; from it each stream has a matrix of its own.
#
# </details>

# %% [markdown] tags=["hint"] exercise="logits_of"
# <details><summary>Hint 2: the shape</summary>
#
# `descriptor @ squeeze`: (batch, 1, 1, squeezed). Each product with a matrix of `expand`: (batch, 1, 1, channels).
# Joined along axis 1: (batch, 3, 1, channels).
#
# </details>

# %% [markdown] tags=["hint"] exercise="logits_of"
# <details><summary>Hint 3: the code</summary>
#
# `np.where(z > 0, z, slope * z)` is PReLU. Every `z @ matrix` has the shape (batch, 1, 1, channels); `np.concatenate`
# with `axis=1` joins them.
#
# </details>

# %% tags=["check"] exercise="logits_of"
check.logits_of(logits_of)

# %% [markdown]
# With the weights that the last merge of the network has learned, your two functions give its logits:

# %%
from model.contracts import component_at, examine

learned = component_at(network, SITE).get_weights()
squeeze, slope, *expand = (values.squeeze() for values in learned)
logits = np.asarray(logits_of(np.asarray(describe(streams)), squeeze, slope, expand))
agrees(f"the logits {logits.shape}", logits, cache[f"{SITE}/logits"])

# %% [markdown]
# ## Select
#
# Now the streams compete. A [softmax](glossary.md#softmax) turns logits into weights between 0 and 1 that add up to 1:
#
# $$s_{k,c} = \frac{e^{v_{k,c}}}{e^{v_{1,c}} + e^{v_{2,c}} + e^{v_{3,c}}}.$$
#
# Look at the sum in the denominator. It runs over $k$, the **streams**; the channel $c$ is the same everywhere. So in
# each channel, what one stream gains the others lose.

# %% [markdown]
# ### Exercise 3: select
#
# Turn logits into weights, both (batch, streams, 1, channels). Logits may be large: $e^{1000}$ is an overflow.
# `ops.softmax(logits, axis=...)` avoids that; if you write it yourself, subtract the largest logit from all before
# `ops.exp`, which does not change the result.


# %% tags=["exercise"] exercise="select"
def select(logits):
    """Weights in [0, 1] that add up to 1 over the streams: (batch, streams, 1, channels)."""
    raise NotImplementedError


# %% tags=["solution"] exercise="select"
def select(logits):
    """Weights in [0, 1] that add up to 1 over the streams: (batch, streams, 1, channels)."""
    return ops.softmax(logits, axis=1)


# %% [markdown] tags=["hint"] exercise="select"
# <details><summary>Hint 1: the idea</summary>
#
# Who competes with whom? A softmax runs along the axis on which the competitors lie.
#
# </details>

# %% [markdown] tags=["hint"] exercise="select"
# <details><summary>Hint 2: the shape</summary>
#
# Input and output are (batch, streams, 1, channels), and the sum over `streams` must be 1 in every channel.
#
# </details>

# %% [markdown] tags=["hint"] exercise="select"
# <details><summary>Hint 3: the code</summary>
#
# What competes lies along the axis of a softmax. Here it is the streams, and they lie along axis 1.
#
# </details>

# %% tags=["check"] exercise="select"
check.select(select)

# %% [markdown]
# Here are the weights at the last merge, once for the dark photo and once with the bright reference as the photo. It is
# the same network; only the picture is another.

# %%
_, bright_cache = run_with_cache(network, reference, names=[f"{SITE}/logits"])
both = [np.asarray(select(values))[0, :, 0] for values in (logits, bright_cache[f"{SITE}/logits"])]


def draw_dark(axes):
    """Weights for the dark photo."""
    draw_weights(axes, both[0], THEME)


def draw_bright(axes):
    """Weights for the bright one."""
    draw_weights(axes, both[1], THEME)


show(
    charts(
        (draw_dark, "the dark photo", "weights of the streams, channel by channel"),
        (draw_bright, "the bright reference", "the same network"),
        title="Weights of the streams in each channel",
        caption="In every channel the colours add up to 1. Their shares depend on the photo.",
    )
)

# %% [markdown]
# ## The whole SKFF
#
# The last step multiplies every stream by its weights, which are the same at all pixels, and adds up:
#
# $$U = s_1 \cdot L_1 + s_2 \cdot L_2 + s_3 \cdot L_3.$$

# %% [markdown]
# ### Exercise 4: SKFF
#
# Write `call` with your own `describe` and with `self.select`, which is your `select` by default. The convolutions are
# layers now, called like functions: `self.squeeze(descriptor)`. The check runs the [contracts](glossary.md#contract) of
# SKFF on it, and loads the weights of the package's own SKFF.


# %% tags=["exercise"] exercise="skff"
def conv(inputs, outputs):
    """A 1 × 1 convolution as in MIRNet, without a bias."""
    layer = keras.layers.Conv2D(outputs, 1, use_bias=False)
    layer.build((None, None, None, inputs))
    return layer


def prelu():
    """PReLU with one slope for all channels."""
    layer = keras.layers.PReLU(keras.initializers.Constant(0.25), shared_axes=[1, 2, 3])
    layer.build((None, None, None, 1))
    return layer


class SKFF(keras.layers.Layer):
    """Fuses a list of streams (batch, height, width, channels) into one of the same shape."""

    def __init__(self, channels, select=select):
        super().__init__()
        self.select = select
        squeezed = max(channels // 8, 4)
        self.squeeze, self.squeeze_activation = conv(channels, squeezed), prelu()
        self.expand = [conv(squeezed, channels) for _ in range(3)]

    def call(self, streams):
        """Fuses, selects, and adds the weighted streams."""
        raise NotImplementedError


# %% tags=["solution"] exercise="skff"
def conv(inputs, outputs):
    """A 1 × 1 convolution as in MIRNet, without a bias."""
    layer = keras.layers.Conv2D(outputs, 1, use_bias=False)
    layer.build((None, None, None, inputs))
    return layer


def prelu():
    """PReLU with one slope for all channels."""
    layer = keras.layers.PReLU(keras.initializers.Constant(0.25), shared_axes=[1, 2, 3])
    layer.build((None, None, None, 1))
    return layer


class SKFF(keras.layers.Layer):
    """Fuses a list of streams (batch, height, width, channels) into one of the same shape."""

    def __init__(self, channels, select=select):
        super().__init__()
        self.select = select
        squeezed = max(channels // 8, 4)
        self.squeeze, self.squeeze_activation = conv(channels, squeezed), prelu()
        self.expand = [conv(squeezed, channels) for _ in range(3)]

    def call(self, streams):
        """Fuses, selects, and adds the weighted streams."""
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        weights = self.select(logits)
        return sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams))


# %% [markdown] tags=["hint"] exercise="skff"
# <details><summary>Hint 1: the idea</summary>
#
# Everything is there: describe, squeeze, expand, select. What is new is only how weights and streams meet.
#
# </details>

# %% [markdown] tags=["hint"] exercise="skff"
# <details><summary>Hint 2: the shape</summary>
#
# Logits and weights: (batch, 3, 1, channels). The weight of one stream must broadcast over its pixels, so it needs
# (batch, 1, 1, channels).
#
# </details>

# %% [markdown] tags=["hint"] exercise="skff"
# <details><summary>Hint 3: the code</summary>
#
# Five lines: describe; squeeze and activate; `ops.concatenate` of every `expand(compact)` along axis 1; select; and
# the sum of `weights[:, k : k + 1] * stream` over the streams.
#
# </details>

# %% [markdown] tags=["hint"] exercise="skff"
# <details><summary>Why a slice of the weights?</summary>
#
# `weights[:, k : k + 1]` keeps its four axes, (batch, 1, 1, channels). So it multiplies a stream equally at every
# pixel. `weights[:, k]` would have three axes, and broadcasting would align its batch with the stream's height.
#
# </details>

# %% tags=["check"] exercise="skff"
check.skff(SKFF)

# %% [markdown]
# Now with the trained weights of the last merge, and the streams from above.

# %%
mine = SKFF(channels=8)
mine.set_weights(learned)
agrees("SKFF on the palace", mine(streams), cache[f"{SITE}/out"])
show(draw_skff(cache, SITE))

# %% [markdown]
# ## The wrong axis
#
# If you know TensorFlow, you have written `softmax(x)` many times. By default it runs over the *last* axis, and in a
# picture that is the channels. Every public TensorFlow version of MIRNet that we know does this in SKFF: one softmax
# for each stream, over its channels. There is no error message; every shape is right; the network can even be trained.
# Only the paper's idea is lost:


# %%
def over_channels(logits):
    """The mistake: within each stream, the channels compete."""
    return ops.softmax(logits, axis=-1)


wrong_weights = np.asarray(over_channels(logits))[0, :, 0]


def draw_wrong(axes):
    """The same logits, softmax over the channels."""
    draw_weights(axes, wrong_weights, THEME)


show(
    charts(
        (draw_dark, "over the streams", "each column adds up to 1"),
        (draw_wrong, "over the channels", "each colour adds up to 1"),
        title="The same logits, softmax over two axes",
        caption="On the right no stream competes with another. Columns add up to 3 / 8 on average: three colours, "
        "eight columns.",
    )
)

# %% [markdown]
# A mistake without an error message is found by checking a property, a *contract*.

# %% [markdown]
# ### Exercise 5: a contract
#
# Write the property “for each channel, the weights of the streams add up to 1” as code: `True` if it holds, `False` if
# not. Weights are NumPy arrays (batch, streams, 1, channels) in float32: a sum that is right may be 0.9999999, so use a
# tolerance of 1e-5.
#
# From an empty cell this time: define `adds_up(weights)`: an array gives `True` or `False`.

# %% tags=["exercise"] exercise="adds_up"
adds_up = ...  # no skeleton: write the whole function


# %% tags=["solution"] exercise="adds_up"
def adds_up(weights):
    """Whether for each channel the weights of the streams add up to 1, to within 1e-5."""
    return bool(np.abs(weights.sum(axis=1) - 1).max() < 1e-5)


# %% [markdown] tags=["hint"] exercise="adds_up"
# <details><summary>Hint 1: the idea</summary>
#
# What must be 1? How many such numbers are there? All of them must be close.
#
# </details>

# %% [markdown] tags=["hint"] exercise="adds_up"
# <details><summary>Hint 2: the shape</summary>
#
# Sums along axis 1: (batch, 1, channels). The distance from 1 of each, the largest of these, and one comparison.
#
# </details>

# %% [markdown] tags=["hint"] exercise="adds_up"
# <details><summary>Hint 3: the code</summary>
#
# `weights.sum(axis=1)` has one number for each picture and channel. *All* of them must be close to 1:
# `np.abs(... - 1).max()` is the one that is farthest off.
#
# </details>

# %% tags=["check"] exercise="adds_up"
check.adds_up(adds_up)

# %% [markdown]
# Now check every SKFF in the last block of the network, as it is and with the wrong axis:

# %%
sites = [name.removesuffix("/weights") for name in network.hook_names if name.endswith("/weights")]
rows = []
for site in sites[-4:]:
    values = cache[f"{site}/logits"]
    channels = values.shape[-1]
    row = [site.removeprefix("rrg_2/mrb_2/"), channels]
    for softmax in (select, over_channels):
        weights = np.asarray(softmax(values))
        verdict = "holds" if adds_up(weights) else "broken"
        row.append(f"{verdict}, {weights.sum(axis=1).mean():.3f}")
    rows.append([*row, f"{3 / channels:.3f}"])

table(
    ["SKFF", "channels", "over the streams: sums", "over the channels: mean sum", "3 / channels"],
    rows,
)

# %% [markdown]
# The wrong sums are 3 / channels on average, whatever the logits are: each of three streams distributes 1 among so many
# channels. So the lower streams, which have more channels, are attenuated most; with the paper's 64 channels to about a
# twentieth. The package's own contracts find the same from the inputs and outputs of a component alone:

# %%
import textwrap

keras.utils.set_random_seed(1)
broken = SKFF(
    channels=8, select=over_channels
)  # with random weights, as at the start of a training
for contract, verdict in examine(broken, streams, kind="SKFF", probes=False).broken:
    print(textwrap.fill(contract.promise, 88), textwrap.fill(verdict.message, 88), sep="\n")

# %% [markdown]
# ## What it does to a photo
#
# With hook points you can replace the softmax in the trained network. One hook stores the logits, the next one returns
# other weights:


# %% tags=["picture"]
def run_with(softmax, photo):
    """The photo through the network, all its SKFFs with this softmax: (h, w, 3) uint8."""
    stored, hooks = {}, {}
    for site in sites:
        hooks[f"{site}/logits"] = lambda values, site=site: stored.setdefault(site, values)
        hooks[f"{site}/weights"] = lambda weights, site=site: softmax(stored[site])
    return as_uint8(run_with_hooks(network, photo, hooks)[0])


def all_equal(logits):
    """No selection: 1/3 each."""
    return ops.ones_like(logits) / 3


variants = {
    "over the streams, as trained": select,
    "over the channels, the mistake": over_channels,
    "no softmax, a third each": all_equal,
}
shown = [(dark, "the photo", f"{psnr(dark, reference, data_range=255):.1f} dB")]
for name, softmax in variants.items():
    result = run_with(softmax, dark)
    shown.append((result, name, f"{psnr(result, reference, data_range=255):.1f} dB"))

show(
    pictures(
        *shown,
        columns=2,
        title="One network, three variants of select",
        subtitle="The same trained weights. PSNR against the bright reference",
        caption="With the wrong axis the features get weaker from block to block, and the photo stays too dark. With "
        "equal weights they do not, and it gets far too bright. So the mix of the streams matters.",
    )
)

# %% [markdown]
# ## What is choosing worth?
#
# A third each is another *mix* than the one that was trained, in every channel. It does not show that the network has
# to look at the photo to choose: all photos could do with the same mix. To find out, separate the two. Keep the mix,
# and take away the choice: give every SKFF the mean weights of the **other five** sample photos, so that they know
# nothing of this one.
#
# **Predict first.** What will the palace have, compared with the network as it is: much less, a little less, the same,
# more? Write it down, with a reason, and then run the cell. (It takes some ten seconds.)

# %%
from explain.tracing.engine import make_engine
from model.images.arrays import as_float
from model.samples import SAMPLES

# An engine reads and replaces at hook points, too, and runs the network as one graph, which is much faster.
engine = make_engine(network)
photos = {sample.name: load_sample(sample.name) for sample in SAMPLES}
places = [f"{site}/weights" for site in sites]
chosen = {
    name: engine.run(["output", *places], {"input": as_float(taken)[None]})
    for name, (taken, _) in photos.items()
}


def restored_with(photo, weights):
    """A photo through the network with given weights in every SKFF, by hook point: (1, h, w, 3)."""
    return engine.run(["output"], {"input": as_float(photo)[None], **weights})["output"]


scores = {}
for name, (taken, good) in photos.items():
    others = [chosen[other] for other in photos if other != name]
    mixed = {place: np.mean([cache[place] for cache in others], axis=0) for place in places}
    thirds = {place: np.full_like(weights, 1 / 3) for place, weights in mixed.items()}
    outputs = chosen[name]["output"], restored_with(taken, mixed), restored_with(taken, thirds)
    scores[name] = [psnr(as_uint8(output[0]), good, data_range=255) for output in outputs]
scores["mean of six"] = np.mean(list(scores.values()), axis=0)

table(
    ["photo", "chosen by the photo", "the mix of the other five", "a third each"],
    [[name, *(f"{score:.2f} dB" for score in row)] for name, row in scores.items()],
)

# %% [markdown]
# Were you right? The palace gets *better* when it must not choose, another photo gets worse, and in the mean of six
# nothing is lost: for this network the mix is everything, and choosing by the photo worth nothing. The beautiful figure
# of weights that follow the photo, further up, was no proof that following helps. Only an ablation shows what a part is
# worth, and only a **fair** one, which takes away one thing and keeps the rest as it was trained. A third each took
# away two at once, and blamed the wrong one.
#
# This holds for six photos and a small network that was trained for a short time; it does not say that selection is
# worth nothing in the network of the paper. The next lesson ablates attention in the same manner.
#
# To be fair: these weights were trained with the right softmax. A network that is *trained* with the mistake can
# compensate by larger features, which may be why nobody noticed. But its streams do not compete, it is not the network
# of the paper, and the weights of the authors do not work in it.

# %% [markdown]
# **Further reading.** Choosing between kernels by a softmax over branches comes from *selective kernel networks*
# ([SKNet, Li and others, 2019](https://arxiv.org/abs/1903.06586)); MIRNet uses it for streams of different resolutions.
# Look for "fuse" and "select" in that paper: what are its branches?

# %% [markdown] tags=["why"]
# **Why?** Each weight could also be a sigmoid of its own, a gate. Why a softmax over the streams?
#
# <details><summary>A model answer</summary>
#
# Weights that add up to 1 make a mixture: the result stays between the streams, and no stronger or weaker than they
# are, whatever the photo. Gates of their own add up to anything from 0 to 3, so the scale of the features would
# change with the photo, and a stream could grow without another one having to give way.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 1.** A careless contract adds up *all* weights of a picture. What does it find for the right softmax, and what
# for the wrong one, with 3 streams and $C$ channels? When does it not notice the difference?
#
# <details><summary>Answer</summary>
#
# Right: every channel gives 1, so $C$. Wrong: every stream gives 1, so 3. With three channels both are 3, and the
# contract cannot tell them apart. A test of an axis needs axes of different lengths, and sums along one of them.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** How many weights does SKFF learn with 64 channels and three streams? And how many does the usual method,
# concatenation (192 channels) and a 1 × 1 convolution to 64?
#
# <details><summary>Answer</summary>
#
# SKFF: 64 · 8 to squeeze, one slope, 3 · 8 · 64 to expand: 2,049. Concatenation: 192 · 64 = 12,288, six times as many,
# and the same for every photo.
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [the last merge, with both softmaxes to choose
# from](http://localhost:8501/skff?photo=palace&group=2&block=2&place=merge&bug=yes) (start it with `make app`). Point
# at a bar to see its numbers.
#
# Next: [lesson 5](05_dau.ipynb), dual attention: which channels matter, and which pixels.
