# %% [markdown] tags=["goals"]
# # 3. Three streams
#
# MIRNet processes a photo at three resolutions at once. You downsample pictures without aliasing, build the module that
# does it inside the network, and compute the receptive field of each of its three streams.
#
# **35 minutes.** You make a down-sampling module that fulfils its contracts, and a figure of the aliasing of one that
# does not.
#
# Goals:
#
# - say what each of the three streams is good for, and how large its receptive field is
# - predict the alias that dropping pixels makes of fine stripes
# - write the blur and the residual resizing module of the paper
# - tell an anti-aliased module from one that aliases, by what it does to a test pattern

# %% [markdown]
# ## Three parallel paths
#
# Inside every [MRB](glossary.md#mrb) the path splits into three [streams](glossary.md#stream): one at full resolution,
# one at half, one at a quarter (paper, section 3.1). At half the resolution there is a quarter of the pixels, so a
# stream can afford twice the [channels](glossary.md#channel). Here is the palace in all three, just after they have
# split. A picture shows the *activity* of a stream: at each pixel, the root mean square over its channels.

# %%
import numpy as np

from lessons.checks import agrees
from lessons.checks import streams as check
from lessons.drawing import THEME, charts, legend, pictures, show, table
from explain import run_with_cache
from model.samples import load_sample
from model.zoo import load_network

network, note = load_network("desk")
dark, reference = load_sample("palace")
output, cache = run_with_cache(network, dark)
print(note)


def activity(features):
    """RMS over the channels at each pixel, scaled to [0, 1]: (1, h, w, channels) to (h, w)."""
    strength = np.sqrt(np.mean(np.square(np.asarray(features)[0]), axis=-1))
    return np.clip(strength / np.percentile(strength, 99.5), 0, 1)


def shape_of(features):
    """Height × width × channels, as text."""
    return " × ".join(str(size) for size in features.shape[1:])


names = [f"rrg_2/mrb_2/column_1/dau_{k}/out" for k in (1, 2, 3)]
show(
    pictures(
        *(
            (activity(cache[name]), f"stream {k}", shape_of(cache[name]))
            for k, name in enumerate(names, 1)
        ),
        title="The palace in the three streams of the last block",
        caption="Stream 1 has every bar of every window. In stream 3 a pixel covers 4 × 4 of the photo: it "
        "shows wall, window and sky, and hardly more.",
    )
)

# %% [markdown]
# Stream 1 has the *details*. Stream 3 has the *context*: a step to the next pixel is four pixels of the photo, so the
# same 3 × 3 kernel covers four times as much. A block needs both, so features are resampled between the resolutions all
# the time: by [resizing modules](glossary.md#resizing-module).
#
# ## Aliasing
#
# The cheapest method to halve the size is to keep every second row and column, *decimation*, which is what a
# convolution with `strides=2` does. Here it is with stripes that repeat every 2.5 pixels:

# %%
PERIOD = 2.5


def stripes(period, side=40, moved=0.0):
    """Vertical stripes that repeat every `period` pixels: (side, side) within [0, 1]."""
    columns = np.arange(side) - moved
    return np.tile(0.5 + 0.5 * np.cos(2 * np.pi * columns / period), (side, 1))


def draw_wave(axes):
    """The stripes as a wave, the pixels that stay, and the alias through them."""
    along = np.linspace(0, 20, 1000)
    axes.plot(along, 0.5 + 0.5 * np.cos(2 * np.pi * along / PERIOD), color=THEME.muted, lw=1)
    axes.plot(along, 0.5 + 0.5 * np.cos(2 * np.pi * along / 10), color=THEME.accent, ls="--")
    samples = np.arange(0, 21, 2)
    axes.plot(samples, stripes(PERIOD)[0, samples], "o", color=THEME.streams[0])
    axes.set(xlabel="pixel of the large picture", ylabel="brightness", yticks=[0, 0.5, 1])
    axes.set(xticks=range(0, 21, 2), ylim=(-0.08, 1.08))


show(
    pictures(
        (stripes(PERIOD), "stripes", "40 × 40 pixels, one period is 2.5 of them"),
        (
            stripes(PERIOD)[::2, ::2],
            "every second pixel",
            "20 × 20 pixels, one period is 5 of them",
        ),
        columns=3,
        title="Fewer pixels, and other stripes",
        caption="Both show the same scene. In the small one there should be the same 16 stripes, 1.25 of its pixels "
        "each, and there are 4.",
    )
)
show(
    charts(
        (
            draw_wave,
            "one row",
            "grey: the stripes; dots: the pixels that stay; dashed: the alias",
        ),
        title="The dots lie on both waves",
        caption="The small picture cannot tell them apart. The eye sees the low frequency.",
    )
)

# %% [markdown]
# This is [aliasing](glossary.md#aliasing): a frequency that is too high for the new grid does not vanish, it appears as
# a lower frequency that was never there. A network that gets such a map sees stripes that are not in the photo, and no
# later layer can tell them from real ones.
#
# It can be predicted. Stripes of the period $p$ have the frequency $1/p$, in periods per pixel; a pixel of the small
# picture is two pixels wide, so their frequency there is $w = 2/p$. Pixels only sample at integer steps $n$, and
#
# $$\cos(2\pi w n) = \cos(2\pi (w - m)\, n) \qquad\text{for every integer } m.$$
#
# So $w$ cannot be told from $w - 1$, or any other $w - m$. What is seen is the lowest frequency, $|w - m|$ with the
# integer $m$ that is nearest to $w$.

# %% [markdown]
# ### Exercise 1: what will be seen?
#
# `period` is an array of periods in pixels of the large picture, each longer than 2. Return the periods that are seen
# when every second pixel is kept, **in pixels of the small picture**. (2.5 must give 5.)


# %% tags=["exercise"] exercise="seen_period"
def seen_period(period):
    """Period that is seen in the small picture, in its own pixels; an array of the shape of `period`."""
    raise NotImplementedError


# %% tags=["solution"] exercise="seen_period"
def seen_period(period):
    """Period that is seen in the small picture, in its own pixels; an array of the shape of `period`."""
    waves = 2 / period
    return 1 / np.abs(waves - np.rint(waves))


# %% [markdown] tags=["hint"] exercise="seen_period"
# <details><summary>Hint 1: the idea</summary>
#
# Go from periods to frequencies, there aliasing is simple: an integer is taken away. Which one?
#
# </details>

# %% [markdown] tags=["hint"] exercise="seen_period"
# <details><summary>Hint 2: the shape</summary>
#
# An array of frequencies in the small picture, the nearest integer to each, the distance, and back to a period.
#
# </details>

# %% [markdown] tags=["hint"] exercise="seen_period"
# <details><summary>Hint 3: the code</summary>
#
# First the frequency in the small picture, `2 / period`. `np.rint` gives the nearest integer. A period is one divided
# by the frequency.
#
# </details>

# %% tags=["check"] exercise="seen_period"
check.seen_period(seen_period)


# %%
def draw_seen(axes):
    """The period that is seen over the period that was there."""
    fine, coarse = np.linspace(2.15, 4, 200), np.linspace(4, 12, 100)
    axes.plot(coarse, seen_period(coarse), color=THEME.streams[0], label="right: half the period")
    axes.plot(fine, seen_period(fine), color=THEME.accent, label="wrong: aliased")
    axes.plot([2, 4], [1, 2], "--", color=THEME.muted, label="what half the period would be")
    axes.axvspan(2, 4, color=THEME.muted, alpha=0.12)
    axes.set(xlabel="period in the large picture, in pixels", ylabel="period that is seen")
    axes.set(xlim=(2, 12), ylim=(0, 14), xticks=range(2, 13, 2))
    legend(axes, loc="upper right")


show(
    charts(
        (draw_seen, "in pixels of the small picture", "grey: finer than the small grid can hold"),
        title="Below four pixels, everything is aliased",
        caption="A period needs two pixels of the small grid (the Nyquist limit), so four of the large one. The "
        "closer the period is to two pixels, the longer is the alias.",
    )
)

# %% [markdown]
# ## Blur first
#
# What the small grid cannot hold must be removed *before* pixels are dropped, by a low-pass filter. MIRNet uses a blur
# of 3 × 3, as [Zhang (2019)](https://arxiv.org/abs/1904.11486) does: along a row, and then along a column, a new value
# is
#
# $$\frac{\text{before} + 2 \cdot \text{here} + \text{after}}{4}.$$
#
# Then every second one is kept, beginning with the first. At the border the picture is padded by reflection about its
# last pixel: `a b c` continues as `b a b c b`.

# %%
import keras
from keras import ops

# %% [markdown]
# ### Exercise 2: blur and halve
#
# Write it for the features of a network, (batch, height, width, channels), with even height and width; every channel by
# itself. Use `keras.ops` (here `ops`), which is NumPy for the tensors of a network: the module below calls your
# function. `ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")` pads by reflection.


# %% tags=["exercise"] exercise="blur_halve"
def blur_halve(features):
    """Blurred, every second row and column: (batch, h, w, channels) to (batch, h / 2, w / 2, channels)."""
    raise NotImplementedError


# %% tags=["solution"] exercise="blur_halve"
def blur_halve(features):
    """Blurred, every second row and column: (batch, h, w, channels) to (batch, h / 2, w / 2, channels)."""
    wide = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    rows = (wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2]) / 4
    return (rows[:, :, :-2:2] + 2 * rows[:, :, 1:-1:2] + rows[:, :, 2::2]) / 4


# %% [markdown] tags=["hint"] exercise="blur_halve"
# <details><summary>Hint 1: the idea</summary>
#
# Blur along one axis with the weights 1, 2, 1, then along the other. You only need the results that are kept.
#
# </details>

# %% [markdown] tags=["hint"] exercise="blur_halve"
# <details><summary>Hint 2: the shape</summary>
#
# Padded: (batch, h + 2, w + 2, channels). After the rows: (batch, h / 2, w + 2, channels). After the columns: (batch, h
# / 2, w / 2, channels).
#
# </details>

# %% [markdown] tags=["hint"] exercise="blur_halve"
# <details><summary>Hint 3: the code</summary>
#
# After padding, the rows *before* the ones that stay are `wide[:, :-2:2]`, those that stay are `wide[:, 1:-1:2]`, and
# those *after* them `wide[:, 2::2]`. Add them with their weights; then the same for the columns, on the result.
#
# </details>

# %% tags=["check"] exercise="blur_halve"
check.blur_halve(blur_halve)

# %% [markdown]
# A test picture with all frequencies: rings that get finer from the middle to the rim, a *zone plate*. At the rim one
# period is 2 pixels.
#
# **Predict first.** At half the size the finest rings do not fit any more. What will be in their place: grey, noise, or
# something else? With the blur, and without it?

# %% tags=["picture"]
SIDE = 192


def rings(side=SIDE):
    """A zone plate: (side, side) within [0, 1], grey outside."""
    rows, columns = np.mgrid[:side, :side] - side / 2
    squared = (rows**2 + columns**2) / (side / 2) ** 2
    fade = np.clip((1 - np.sqrt(squared)) * 12, 0, 1)
    return 0.5 + 0.5 * fade * np.cos(np.pi * squared * side / 4)


def as_features(picture):
    """One picture of one channel, as the input of a network: (h, w) to (1, h, w, 1)."""
    return picture[None, :, :, None].astype("float32")


plate = as_features(rings())
dropped, blurred = plate[:, ::2, ::2], np.asarray(blur_halve(plate))
show(
    pictures(
        (plate[0, ..., 0], "rings", "real ones, around one centre"),
        (dropped[0, ..., 0], "every second pixel", "the rings at the sides are aliases"),
        (blurred[0, ..., 0], "blurred first", "fine rings fade into grey"),
        title="The same rings at half the size",
        caption="Dropping pixels makes rings around four new centres, as strong as the real ones, and more in the "
        "corners. The blur removes most of them, and a little of the real ones.",
    )
)

# %% [markdown]
# How much is "most"? For stripes it is one line of trigonometry. The pixel here has some value $\cos\varphi$; its
# neighbours before and after differ by a phase of $2\pi/p$. Together they are
# $\cos(\varphi - 2\pi/p) + \cos(\varphi + 2\pi/p) = 2 \cos\varphi \, \cos(2\pi/p)$: the same wave again, with another
# amplitude.

# %% [markdown]
# ### Exercise 3: what the blur leaves
#
# Apply the blur to it: which share of its contrast do vertical stripes of the period $p$ keep? (A share of 1 leaves
# them as they are, 0 makes them grey.)
#
# From an empty cell this time: define `contrast_left(period)`: an array of periods in pixels gives an array of shares.

# %% tags=["exercise"] exercise="contrast_left"
contrast_left = ...  # no skeleton: write the whole function


# %% tags=["solution"] exercise="contrast_left"
def contrast_left(period):
    """Share of the contrast of vertical stripes that the blur leaves; an array of the shape of `period`."""
    return (1 + np.cos(2 * np.pi / period)) / 2


# %% [markdown] tags=["hint"] exercise="contrast_left"
# <details><summary>Hint 1: the idea</summary>
#
# Put the sum of both neighbours, from the text above, into the formula of the blur, and see what is left of cos φ.
#
# </details>

# %% [markdown] tags=["hint"] exercise="contrast_left"
# <details><summary>Hint 2: the shape</summary>
#
# φ vanishes: an array of the shape of `period`, from one cosine.
#
# </details>

# %% [markdown] tags=["hint"] exercise="contrast_left"
# <details><summary>Hint 3: the code</summary>
#
# (before + 2 · here + after) / 4, where before + after is $2\cos\varphi\cos(2\pi/p)$ and here is $\cos\varphi$. Divide
# by $\cos\varphi$.
#
# </details>

# %% [markdown] tags=["hint"] exercise="contrast_left"
# <details><summary>Hint 3, continued</summary>
#
# Try the ends: very broad stripes ($p$ large, cosine 1) must keep all of it, and stripes of two pixels (cosine −1)
# nothing.
#
# </details>

# %% tags=["check"] exercise="contrast_left"
check.contrast_left(contrast_left)

# %%
rows = []
for period in (16, 8, 4, 3, 2.5, 2.1):
    taken = as_features(stripes(period, side=400, moved=period / 8))
    measured = [
        np.std(np.asarray(small)) / np.std(taken)
        for small in (taken[:, ::2, ::2], blur_halve(taken))
    ]
    rows.append(
        [
            f"{period:g}",
            f"{float(seen_period(np.array(period))):.1f}" + (" (aliased)" if period < 4 else ""),
            *(f"{share:.0%}" for share in measured),
            f"{contrast_left(period):.0%}",
        ]
    )

table(
    [
        "period (pixels)",
        "seen in the small picture",
        "contrast, every second pixel",
        "contrast, blurred first",
        "your formula",
    ],
    rows,
)

# %% [markdown]
# It is a compromise. A longer filter would cut off more sharply at 4 pixels, but it would cost more, and cause ringing
# at edges. This one leaves half the contrast at the Nyquist limit, and a tenth at 2.5 pixels.
#
# ## The resizing module
#
# Around the blur the paper builds a **residual resizing module**: two branches that are added.
#
# ```
#            1×1 ─ PReLU ─ 3×3 ─ PReLU ─ blur, halve ─ 1×1 ─┐
# features ─┤                                               + ─ output
#            blur, halve ─ 1×1 ─────────────────────────────┘
# ```
#
# The main branch filters at full size; the shortcut only resizes. The last convolution of each doubles the channels. No
# convolution has a bias, and [PReLU](glossary.md#prelu) has one slope for all channels.

# %% [markdown]
# ### Exercise 4: the module
#
# Write `call`. The layers are there, in the order of the drawing. Resize with `self.shrink`, which is your `blur_halve`
# by default. The check runs the [contracts](glossary.md#contract) of `Downsample` on it, the same ones that the
# package's own module has to fulfil.


# %% tags=["exercise"] exercise="downsample"
def conv(inputs, outputs, size=1):
    """A convolution as in MIRNet: the same height and width, no bias."""
    layer = keras.layers.Conv2D(outputs, size, padding="same", use_bias=False)
    layer.build((None, None, None, inputs))
    return layer


def prelu():
    """PReLU with one slope for all channels."""
    layer = keras.layers.PReLU(keras.initializers.Constant(0.25), shared_axes=[1, 2, 3])
    layer.build((None, None, None, 1))
    return layer


class Downsample(keras.layers.Layer):
    """Half the size, twice the channels: (batch, h, w, n) to (batch, h / 2, w / 2, 2n)."""

    def __init__(self, channels, shrink=blur_halve):
        super().__init__()
        self.shrink = shrink
        self.enter, self.enter_activation = conv(channels, channels), prelu()
        self.filter, self.filter_activation = conv(channels, channels, size=3), prelu()
        self.widen = conv(channels, 2 * channels)
        self.shortcut = conv(channels, 2 * channels)

    def call(self, features):
        """Adds the two branches."""
        raise NotImplementedError


# %% tags=["solution"] exercise="downsample"
def conv(inputs, outputs, size=1):
    """A convolution as in MIRNet: the same height and width, no bias."""
    layer = keras.layers.Conv2D(outputs, size, padding="same", use_bias=False)
    layer.build((None, None, None, inputs))
    return layer


def prelu():
    """PReLU with one slope for all channels."""
    layer = keras.layers.PReLU(keras.initializers.Constant(0.25), shared_axes=[1, 2, 3])
    layer.build((None, None, None, 1))
    return layer


class Downsample(keras.layers.Layer):
    """Half the size, twice the channels: (batch, h, w, n) to (batch, h / 2, w / 2, 2n)."""

    def __init__(self, channels, shrink=blur_halve):
        super().__init__()
        self.shrink = shrink
        self.enter, self.enter_activation = conv(channels, channels), prelu()
        self.filter, self.filter_activation = conv(channels, channels, size=3), prelu()
        self.widen = conv(channels, 2 * channels)
        self.shortcut = conv(channels, 2 * channels)

    def call(self, features):
        """Adds the two branches."""
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(self.shrink(filtered)) + self.shortcut(self.shrink(features))


# %% [markdown] tags=["hint"] exercise="downsample"
# <details><summary>Hint 1: the idea</summary>
#
# Two branches begin with the same features and are added at the end. Follow the drawing, one layer at a time.
#
# </details>

# %% [markdown] tags=["hint"] exercise="downsample"
# <details><summary>Hint 2: the shape</summary>
#
# Main branch: n channels at full size, four layers; then half the size, then 2n channels. Shortcut: half the size, then
# 2n channels.
#
# </details>

# %% [markdown] tags=["hint"] exercise="downsample"
# <details><summary>Hint 3: the code</summary>
#
# A layer is called like a function: `self.enter(features)`. The main branch is
# `self.widen(self.shrink(...))`, the shortcut `self.shortcut(self.shrink(features))`, and the result is their sum.
#
# </details>

# %% tags=["check"] exercise="downsample"
check.downsample(Downsample)

# %% [markdown]
# The network's own module has the same layers in the same order. So you can load its trained weights into yours:

# %%
from model.contracts import component_at

SITE = "rrg_1/mrb_1/column_1/down_2"
trained = component_at(network, SITE).steps[0].get_weights()


def with_trained_weights(shrink):
    """Your module with the weights of the shipped network, and another method of downsampling."""
    module = Downsample(channels=8, shrink=shrink)
    module.set_weights(trained)
    return module


mine = np.asarray(with_trained_weights(blur_halve)(cache[f"{SITE}/in"]))
agrees(f"the module on the palace, {shape_of(mine)}", mine, cache[f"{SITE}/out"])

# %% [markdown]
# ## Aliasing in a module
#
# The public TensorFlow versions of MIRNet downsample by max pooling; others omit the blur and use strides. What does
# that do to the features? Run three modules with the same trained weights on a grey photo of the rings, and look at the
# channel with the strongest response.

# %%
photo = np.repeat(np.rint(255 * (0.1 + 0.3 * rings()))[..., None], 3, axis=-1).astype(np.uint8)
_, rings_cache = run_with_cache(network, photo, names=[f"{SITE}/in"])
features = rings_cache[f"{SITE}/in"]


def max_pool(values):
    """The largest of each 2 × 2 pixels."""
    return ops.max_pool(values, 2)


def every_second(values):
    """Every second row and column, unfiltered."""
    return values[:, ::2, ::2]


methods = {"blurred": blur_halve, "every second pixel": every_second, "max pooling": max_pool}
results = {
    name: np.asarray(with_trained_weights(method)(features)) for name, method in methods.items()
}

rows, columns = np.mgrid[: SIDE // 2, : SIDE // 2] - SIDE // 4
away = np.hypot(rows, columns) / (SIDE // 4)  # 0 in the centre, 1 at the rim
inner, outer = away < 0.4, np.abs(away - 0.8) < 0.06
right = results["blurred"][0]
channel = np.argmax(right[inner].std(axis=0))
grey, contrast = np.median(right[..., channel]), 3 * right[inner, channel].std()
shown = []
for name, result in results.items():
    share = np.mean(result[0][outer].std(axis=0)) / np.mean(right[inner].std(axis=0))
    one = 0.5 + 0.5 * (result[0, ..., channel] - grey) / contrast
    shown.append((np.clip(one, 0, 1), name, f"near the rim {share:.0%} as strong as in the centre"))

show(
    pictures(
        *shown,
        title="The output of three modules with the same weights for the rings",
        subtitle=f"Channel {channel}, and the strength of patterns in all channels",
        caption="Only the rings around the centre are real. Broad patches are no aliasing: PReLU has turned fine "
        "texture into brightness at full size. Rings around other centres are.",
    )
)

# %% [markdown]
# A photo is easier than rings, but it has fences, fabrics and windows. Here is the bright palace at a quarter of its
# size, by two steps of each method:


# %%
def quarter(picture, halve):
    """A colour picture at a quarter of the size, by two steps: (h, w, 3), input uint8, output in [0, 1]."""
    small = halve(halve(picture[None].astype("float32") / 255))
    return np.clip(np.asarray(small)[0], 0, 1)


detail = np.s_[20:52, 20:74]
show(
    pictures(
        *((quarter(reference, method)[detail], name) for name, method in methods.items()),
        title="The palace at a quarter of its size, enlarged",
        caption="Without the blur some bars of windows vanish, and max pooling removes everything dark.",
    )
)

# %% [markdown]
# Upsampling is simpler: there is no aliasing when a picture gets larger. `Upsample` has the same two branches, with a
# transposed convolution in one and a bilinear resize in the other, and halves the channels.
#
# ## Receptive field
#
# The output of a 3 × 3 convolution depends on one pixel to each side. After two of them a pixel depends on 5 × 5
# pixels, after three on 7 × 7: the theoretical [receptive field](glossary.md#receptive-field). After a stride of 2 the
# neighbours are two pixels of the photo apart, so each further kernel adds twice as much. In general a layer of size
# $k$ adds
#
# $$(k - 1) \cdot \text{step},$$
#
# where *step* is the distance of two neighbours **of its input**, in pixels of the photo. It is 1 in the photo, and
# each layer of stride $s$ multiplies it by $s$ for the layers after it.

# %% [markdown]
# ### Exercise 5: the theoretical receptive field
#
# `layers` is a list of pairs, kernel size and stride, from input to output. Return the size of the receptive field of
# one output pixel, along a side.


# %% tags=["exercise"] exercise="reach"
def reach(layers):
    """Receptive field of an output pixel of these (kernel, stride) layers: pixels of the photo, along a side."""
    raise NotImplementedError


# %% tags=["solution"] exercise="reach"
def reach(layers):
    """Receptive field of an output pixel of these (kernel, stride) layers: pixels of the photo, along a side."""
    size, step = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * step
        step *= stride
    return size


# %% [markdown] tags=["hint"] exercise="reach"
# <details><summary>Hint 1: the idea</summary>
#
# Two numbers change from layer to layer: how much one pixel sees, and how far apart neighbours are.
#
# </details>

# %% [markdown] tags=["hint"] exercise="reach"
# <details><summary>Hint 2: the shape</summary>
#
# A loop over pairs (kernel, stride), with `size` and `step`; the result is one integer.
#
# </details>

# %% [markdown] tags=["hint"] exercise="reach"
# <details><summary>Hint 3: the code</summary>
#
# Begin with `size, step = 1, 1`: without any layer a pixel depends on itself. Then go through the layers with
# `for kernel, stride in layers:`; first the size grows, then the step.
#
# </details>

# %% tags=["check"] exercise="reach"
check.reach(reach)

# %% [markdown]
# Now count kernels in the network, up to the same three hook points as in the first figure, but in the *first* block: a
# convolution, then in each stream a [DAU](glossary.md#dau) with kernels of 3, 3 and 5 (its longest path), and between
# the streams your module with a 3 × 3 convolution and the blur. The second column is computed by the project's own
# code.

# %%
from explain.analysis.receptive import field_of, look

DAU = [(3, 1), (3, 1), (5, 1)]
DOWN = [(3, 1), (3, 2)]  # the convolution, then the blur with its stride of 2
paths = {1: [(3, 1), *DAU]}
paths[2] = [*paths[1], *DOWN, *DAU]
paths[3] = [*paths[2], *DOWN, *DAU]

names = [f"rrg_1/mrb_1/column_1/dau_{k}/out" for k in (1, 2, 3)]
crop = dark[60:180, 120:270]
looked = look(network, crop, row=60, column=76, names=names)
rows = []
for k, seen in enumerate(looked, 1):
    theirs = field_of(network.config, seen.field.name, 60, 76).size[0]
    rows.append([f"stream {k}", reach(paths[k]), theirs, f"{2 * seen.radius(0.9):.0f}"])

whole = field_of(network.config, "output", 60, 76).size[0]
table(
    [
        "",
        "theoretical, yours",
        "theoretical, from the code",
        "effective (90 % of the gradient), across",
    ],
    [*rows, ["the network's output", "", whole, ""]],
)

# %% [markdown]
# The last column is the *effective* receptive field: how much the pixel changes with each pixel of the photo, its
# gradient. Most of the gradient is near the centre, so the effective field is much smaller than the theoretical one
# ([Luo and others, 2016](https://arxiv.org/abs/1701.04128)).

# %%
from matplotlib.patches import Circle, Rectangle

bright = np.clip(crop / np.percentile(crop, 99), 0, 1)
figure = pictures(
    *(
        (
            bright,
            f"stream {k}",
            f"square: theoretical, {row[1]} pixels; circle: effective",
        )
        for k, row in enumerate(rows, 1)
    ),
    title="Receptive fields of one pixel of each stream, in the first block",
    caption="The photo is brightened for display. Stream 1 covers a corner of a window, stream 3 the whole "
    "window and its neighbours.",
)
for axes, seen, colour in zip(figure.axes, looked, THEME.streams, strict=False):
    field = seen.field
    corner = field.left - 0.5, field.top - 0.5
    axes.add_patch(Rectangle(corner, *field.size, fill=False, ec=colour, lw=2))
    middle = seen.column, seen.row
    axes.add_patch(Circle(middle, seen.radius(0.9), fill=False, ec="white", ls="--", lw=1.2))
show(figure)

# %% [markdown]
# At the output of the network, says the last row of the table, the theoretical field of a pixel in the middle covers
# the whole palace. And by global average pooling in attention and [SKFF](glossary.md#skff), every pixel depends on all
# others. That is how the network can estimate how bright a picture should be, the question that lesson 1 left open.

# %% [markdown] tags=["why"]
# **Why?** All kernels are 3 × 3 or 5 × 5, in every stream. Why does stream 3 see so much more of the photo?
#
# <details><summary>A model answer</summary>
#
# A step from one value to its neighbour is four pixels of the photo there, so a kernel of 3 reaches four pixels to
# each side instead of one. Every halving doubles what all later kernels add.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 1.** Somebody blurs *after* keeping every second pixel: it is cheaper. Why does it not help?
#
# <details><summary>Answer</summary>
#
# The alias is coarse: stripes of 2.5 pixels have become stripes of 5. The blur then leaves most of them (at 5 pixels,
# two thirds), and removes real detail that happens to be finer. After decimation the alias and a real pattern cannot be
# told apart.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** In stream 3 a map has a sixteenth of the pixels, but four times the channels. How many values is that, and
# how many multiply–accumulates (MACs) does a 3 × 3 convolution take there, compared with stream 1?
#
# <details><summary>Answer</summary>
#
# A quarter of the values. The MACs are the same: a sixteenth of the pixels, times 4 for the input channels, times 4 for
# the output channels. All three streams cost the same.
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [the rings, moving, through the same
# blur](http://localhost:8501/downsample?photo=palace&pattern=zone&period=2) (start it with `make app`), and [the
# receptive field of each stage](http://localhost:8501/streams?photo=palace&stage=rrg_1/mrb_1/column_2/dau_3/out).
#
# Next: [lesson 4](04_skff.ipynb), SKFF: how three streams become one again, and which axis the softmax runs over.
