# %% [markdown] tags=["goals"]
# # 3. Three streams
#
# MIRNet looks at a photo at three sizes at once. You make pictures smaller without telling lies about them, build the
# module that does it inside the network, and find out how far each of its three streams can see.
#
# **35 minutes.** You make a down-sampling module that keeps its contracts, and a picture of the lies of one that does
# not.
#
# Goals:
#
# - say what each of the three streams is good for, and how far a pixel of it can see
# - predict the false pattern that dropping pixels makes of fine stripes
# - write the blur and the residual resizing module of the paper
# - tell an anti-aliased module from one that aliases, by what it does to a test pattern

# %% [markdown]
# ## Three ways through a block
#
# Inside every [MRB](glossary.md#mrb) the way splits into three [streams](glossary.md#stream): one at full size, one at
# half, one at a quarter (paper, section 3.1). At half the size there is a quarter of the places, so a stream can
# afford twice the [channels](glossary.md#channel). Here is the palace in all three, just after they have split. A
# picture shows the *activity* of a stream: at each place, the root mean square over its channels.

# %%
import numpy as np

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
    """How much a stream has to say at each place, from 0 to 1: (1, h, w, channels) to (h, w)."""
    strength = np.sqrt(np.mean(np.square(np.asarray(features)[0]), axis=-1))
    return np.clip(strength / np.percentile(strength, 99.5), 0, 1)


def shape_of(features):
    """Height × width × channels, as text."""
    return " × ".join(str(size) for size in features.shape[1:])


places = [f"rrg_2/mrb_2/column_1/dau_{k}/out" for k in (1, 2, 3)]
show(
    pictures(
        *(
            (activity(cache[place]), f"stream {k}", shape_of(cache[place]))
            for k, place in enumerate(places, 1)
        ),
        title="The palace in the three streams of the last block",
        caption="Stream 1 has every bar of every window. In stream 3 a pixel covers 4 × 4 of the photo: it "
        "knows where there is wall, window and sky, and hardly more.",
    )
)

# %% [markdown]
# Stream 1 knows *where* things are. Stream 3 knows *what is around*: a step to the next pixel is four pixels of the
# photo, so the same 3 × 3 kernel sees four times as far. A block needs both, and so its parts are moved between the
# sizes all the time: by [resizing modules](glossary.md#resizing-module).
#
# ## Smaller, and wrong
#
# Half the size has a quarter of the pixels. The cheapest way is to keep every second row and column, which is what a
# convolution with `strides=2` does. Here it is with stripes that repeat every 2.5 pixels:

# %%
PERIOD = 2.5


def stripes(period, side=40, moved=0.0):
    """Upright stripes that repeat every `period` pixels: (side, side) within [0, 1]."""
    columns = np.arange(side) - moved
    return np.tile(0.5 + 0.5 * np.cos(2 * np.pi * columns / period), (side, 1))


def draw_wave(axes):
    """The stripes as a wave, the pixels that stay, and the wave that they seem to lie on."""
    along = np.linspace(0, 20, 1000)
    axes.plot(along, 0.5 + 0.5 * np.cos(2 * np.pi * along / PERIOD), color=THEME.muted, lw=1)
    axes.plot(along, 0.5 + 0.5 * np.cos(2 * np.pi * along / 10), color=THEME.accent, ls="--")
    kept = np.arange(0, 21, 2)
    axes.plot(kept, stripes(PERIOD)[0, kept], "o", color=THEME.streams[0])
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
        caption="Both show the same. In the small one there should be the same 16 stripes, 1.25 of its pixels each, "
        "and there are 4.",
    )
)
show(
    charts(
        (
            draw_wave,
            "one row",
            "grey: the stripes; dots: the pixels that stay; dashed: what they seem to show",
        ),
        title="The dots lie on both waves",
        caption="Nothing in the small picture tells which wave was meant. The eye takes the slow one.",
    )
)

# %% [markdown]
# This is [aliasing](glossary.md#aliasing): what is too fine for the new grid does not vanish, it comes back as
# something coarse that was never there. A network that gets such a map sees stripes that are not in the photo, and no
# later layer can tell them from real ones.
#
# It can be predicted. Stripes of the period $p$ have $1/p$ waves a pixel; a pixel of the small picture is two pixels
# wide, so there are $w = 2/p$ waves in it. A pixel only looks at whole steps $n$, and
#
# $$\cos(2\pi w n) = \cos(2\pi (w - m)\, n) \qquad\text{for every whole } m.$$
#
# So $w$ cannot be told from $w - 1$, or any other $w - m$. What is seen is the slowest, $|w - m|$ with the whole
# number $m$ that is nearest to $w$.

# %% [markdown]
# ### Exercise 1: what will be seen?
#
# `period` is an array of periods in pixels of the large picture, each longer than 2. Give the periods that are seen
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
# <details><summary>Hint</summary>
#
# First the waves in a small pixel, `2 / period`. `np.rint` gives the nearest whole number. A period is one divided by
# the waves in a pixel.
#
# </details>

# %% tags=["check"] exercise="seen_period"
check.seen_period(seen_period)


# %%
def draw_seen(axes):
    """The period that is seen over the period that was there."""
    fine, coarse = np.linspace(2.15, 4, 200), np.linspace(4, 12, 100)
    axes.plot(coarse, seen_period(coarse), color=THEME.streams[0], label="right: half the period")
    axes.plot(fine, seen_period(fine), color=THEME.accent, label="false: aliased")
    axes.plot([2, 4], [1, 2], "--", color=THEME.muted, label="what half the period would be")
    axes.axvspan(2, 4, color=THEME.muted, alpha=0.12)
    axes.set(xlabel="period in the large picture, in pixels", ylabel="period that is seen")
    axes.set(xlim=(2, 12), ylim=(0, 14), xticks=range(2, 13, 2))
    legend(axes, loc="upper right")


show(
    charts(
        (draw_seen, "in pixels of the small picture", "grey: finer than the small grid can hold"),
        title="Below four pixels, every answer is false",
        caption="A period needs two pixels of the small grid, so four of the large one. The nearer stripes come to "
        "two pixels, the broader is the lie.",
    )
)

# %% [markdown]
# ## Blur first
#
# What the small grid cannot hold must be gone *before* pixels are dropped. MIRNet takes a blur of 3 × 3, as
# [Zhang (2019)](https://arxiv.org/abs/1904.11486) does: along a row, and then along a column, a new value is
#
# $$\frac{\text{before} + 2 \cdot \text{here} + \text{after}}{4}.$$
#
# Then every second one is kept, beginning with the first. At the border the picture goes on as its own mirror image,
# about its last pixel: `a b c` continues as `b a b c b`.

# %%
import keras
from keras import ops

# %% [markdown]
# ### Exercise 2: blur and halve
#
# Write it for the features of a network, (batch, height, width, channels), with even height and width; every channel
# by itself. Use `keras.ops` (here `ops`), which is NumPy for the tensors of a network: the module below calls your
# function. `ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")` adds the mirror image.


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
# <details><summary>Hint</summary>
#
# After padding, the rows *before* the ones that stay are `wide[:, :-2:2]`, those that stay are `wide[:, 1:-1:2]`, and
# those *after* them `wide[:, 2::2]`. Add them with their weights; then the same for the columns, on the result.
#
# </details>

# %% tags=["check"] exercise="blur_halve"
check.blur_halve(blur_halve)

# %% [markdown]
# A test picture that has everything: rings that get finer from the middle to the rim, a *zone plate*. At the rim one
# period is 2 pixels.

# %% tags=["picture"]
SIDE = 192


def rings(side=SIDE):
    """A zone plate: (side, side) within [0, 1], grey outside."""
    rows, columns = np.mgrid[:side, :side] - side / 2
    squared = (rows**2 + columns**2) / (side / 2) ** 2
    fade = np.clip((1 - np.sqrt(squared)) * 12, 0, 1)
    return 0.5 + 0.5 * fade * np.cos(np.pi * squared * side / 4)


def as_features(picture):
    """One picture of one channel, as a network takes it: (h, w) to (1, h, w, 1)."""
    return picture[None, :, :, None].astype("float32")


plate = as_features(rings())
dropped, blurred = plate[:, ::2, ::2], np.asarray(blur_halve(plate))
show(
    pictures(
        (plate[0, ..., 0], "rings", "real ones, around one middle"),
        (dropped[0, ..., 0], "every second pixel", "the rings at the sides are false"),
        (blurred[0, ..., 0], "blurred first", "fine rings fade into grey"),
        title="The same rings at half the size",
        caption="Dropping pixels makes rings around four new middles, as strong as the real ones, and more in the "
        "corners. The blur takes most of them out, and a little of the real ones.",
    )
)

# %% [markdown]
# How much is "most"? For stripes it is one line of trigonometry. The pixel here has some value $\cos\varphi$; its
# neighbours before and after are a turn of $2\pi/p$ away on the wave. Together they are
# $\cos(\varphi - 2\pi/p) + \cos(\varphi + 2\pi/p) = 2 \cos\varphi \, \cos(2\pi/p)$: the same wave again, with another
# height.

# %% [markdown]
# ### Exercise 3: what the blur leaves
#
# Put this into the blur: which share of its contrast do upright stripes of the period $p$ keep? (A share of 1 leaves
# them as they are, 0 makes them grey.)


# %% tags=["exercise"] exercise="contrast_left"
def contrast_left(period):
    """Share of the contrast of upright stripes that the blur leaves; an array of the shape of `period`."""
    raise NotImplementedError


# %% tags=["solution"] exercise="contrast_left"
def contrast_left(period):
    """Share of the contrast of upright stripes that the blur leaves; an array of the shape of `period`."""
    return (1 + np.cos(2 * np.pi / period)) / 2


# %% [markdown] tags=["hint"] exercise="contrast_left"
# <details><summary>Hint</summary>
#
# (before + 2 · here + after) / 4, where before + after is $2\cos\varphi\cos(2\pi/p)$ and here is $\cos\varphi$. Divide
# by $\cos\varphi$.
#
# </details>

# %% [markdown] tags=["hint"] exercise="contrast_left"
# <details><summary>Another hint</summary>
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
            f"{float(seen_period(np.array(period))):.1f}" + (" (false)" if period < 4 else ""),
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
# It is a compromise. A longer blur would cut off more sharply at 4 pixels, and it would cost more, and make edges
# ring. This one leaves half the contrast of what the small grid can just hold, and a tenth of stripes at 2.5 pixels.
#
# ## The resizing module
#
# Around the blur the paper builds a **residual resizing module**: two branches that are added.
#
# ```
#            1×1 ─ PReLU ─ 3×3 ─ PReLU ─ blur, halve ─ 1×1 ─┐
# features ─┤                                               + ─ out
#            blur, halve ─ 1×1 ─────────────────────────────┘
# ```
#
# The main branch filters while the picture is still large; the shortcut only resizes. The last convolution of each
# doubles the channels. No convolution has a bias, and [PReLU](glossary.md#prelu) has one slope for all channels.

# %% [markdown]
# ### Exercise 4: the module
#
# Write `call`. The layers are there, in the order of the drawing. Resize with `self.shrink`, which is your
# `blur_halve` unless somebody asks for something else. The check runs the [contracts](glossary.md#contract) of
# `Downsample` on it, the same ones that the package's own module has to keep.


# %% tags=["exercise"] exercise="downsample"
def conv(inputs, outputs, size=1):
    """A convolution as MIRNet has them: height and width stay, there is no bias."""
    layer = keras.layers.Conv2D(outputs, size, padding="same", use_bias=False)
    layer.build((None, None, None, inputs))
    return layer


def prelu():
    """PReLU with one slope for everything."""
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
    """A convolution as MIRNet has them: height and width stay, there is no bias."""
    layer = keras.layers.Conv2D(outputs, size, padding="same", use_bias=False)
    layer.build((None, None, None, inputs))
    return layer


def prelu():
    """PReLU with one slope for everything."""
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
# <details><summary>Hint</summary>
#
# A layer is called like a function: `self.enter(features)`. The main branch is
# `self.widen(self.shrink(...))`, the shortcut `self.shortcut(self.shrink(features))`, and the result is their sum.
#
# </details>

# %% tags=["check"] exercise="downsample"
check.downsample(Downsample)

# %% [markdown]
# The network's own module has the same layers in the same order. So its trained weights fit into yours:

# %%
from model.contracts import component_at

SITE = "rrg_1/mrb_1/column_1/down_2"
trained = component_at(network, SITE).steps[0].get_weights()


def with_trained_weights(shrink):
    """Your module with the weights of the shipped network, and its own way to make pictures smaller."""
    module = Downsample(channels=8, shrink=shrink)
    module.set_weights(trained)
    return module


mine = np.asarray(with_trained_weights(blur_halve)(cache[f"{SITE}/in"]))
apart = np.abs(mine - cache[f"{SITE}/out"]).max()
print(f"Your module and the network's, on the palace: {shape_of(mine)}, at most {apart:.1e} apart")

# %% [markdown]
# ## The lies of a module
#
# The public TensorFlow copies of MIRNet shrink by max pooling; others save the blur and use strides. What does that do
# to the features? Give three modules with the same trained weights a grey photo of the rings, and look at the channel
# that is most interested in rings.

# %%
photo = np.repeat(np.rint(255 * (0.1 + 0.3 * rings()))[..., None], 3, axis=-1).astype(np.uint8)
_, rings_cache = run_with_cache(network, photo, names=[f"{SITE}/in"])
features = rings_cache[f"{SITE}/in"]


def max_pool(values):
    """The largest of each 2 × 2 pixels."""
    return ops.max_pool(values, 2)


def every_second(values):
    """Every second row and column, as they are."""
    return values[:, ::2, ::2]


ways = {"blurred": blur_halve, "every second pixel": every_second, "max pooling": max_pool}
results = {name: np.asarray(with_trained_weights(way)(features)) for name, way in ways.items()}

rows, columns = np.mgrid[: SIDE // 2, : SIDE // 2] - SIDE // 4
away = np.hypot(rows, columns) / (SIDE // 4)  # 0 in the middle, 1 at the rim
inner, outer = away < 0.4, np.abs(away - 0.8) < 0.06
right = results["blurred"][0]
channel = np.argmax(right[inner].std(axis=0))
grey, reach_of_map = np.median(right[..., channel]), 3 * right[inner, channel].std()
shown = []
for name, result in results.items():
    share = np.mean(result[0][outer].std(axis=0)) / np.mean(right[inner].std(axis=0))
    one = 0.5 + 0.5 * (result[0, ..., channel] - grey) / reach_of_map
    shown.append((np.clip(one, 0, 1), name, f"near the rim {share:.0%} as strong as in the middle"))

show(
    pictures(
        *shown,
        title="What three modules with the same weights make of the rings",
        subtitle=f"Channel {channel}, and the strength of patterns in all channels",
        caption="Only the rings around the middle are real. Broad patches are no lie: PReLU has turned fine texture "
        "into brightness while the picture was large. Rings around other middles are.",
    )
)

# %% [markdown]
# A photo is less cruel than rings, and still has fences, fabrics and windows. Here is the bright palace at a quarter
# of its size, by two steps of each:


# %%
def quarter(picture, way):
    """A colour picture at a quarter of the size, by two steps: (h, w, 3) uint8 in, [0, 1] out."""
    small = way(way(picture[None].astype("float32") / 255))
    return np.clip(np.asarray(small)[0], 0, 1)


detail = np.s_[20:52, 20:74]
show(
    pictures(
        *((quarter(reference, way)[detail], name) for name, way in ways.items()),
        title="The palace at a quarter of its size, enlarged",
        caption="Bars of windows come and go without the blur, and max pooling eats everything dark.",
    )
)

# %% [markdown]
# The way back is simpler: nothing can alias when a picture grows. `Upsample` has the same two branches, with a
# transposed convolution in one and a bilinear resize in the other, and halves the channels.
#
# ## How far can a pixel see?
#
# A 3 × 3 convolution looks one pixel to each side. After two of them a pixel depends on 5 × 5 pixels, after three on
# 7 × 7: the [receptive field](glossary.md#receptive-field). Behind a stride of 2 the neighbours are two pixels of the
# photo apart, so each further kernel reaches twice as far. In general a layer of size $k$ adds
#
# $$(k - 1) \cdot \text{step},$$
#
# where *step* is the distance of two neighbours **of its input**, in pixels of the photo. It is 1 in the photo, and
# each layer of stride $s$ multiplies it by $s$ for the layers behind it.

# %% [markdown]
# ### Exercise 5: how far it reaches
#
# `layers` is a list of pairs, kernel size and stride, in the order in which a photo passes them. Give the size of the
# receptive field of one pixel at the end, along a side.


# %% tags=["exercise"] exercise="reach"
def reach(layers):
    """Pixels of the photo, along a side, that one pixel behind these (kernel, stride) layers can see."""
    raise NotImplementedError


# %% tags=["solution"] exercise="reach"
def reach(layers):
    """Pixels of the photo, along a side, that one pixel behind these (kernel, stride) layers can see."""
    size, step = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * step
        step *= stride
    return size


# %% [markdown] tags=["hint"] exercise="reach"
# <details><summary>Hint</summary>
#
# Begin with `size, step = 1, 1`: without any layer a pixel sees itself. Then go through the layers with
# `for kernel, stride in layers:`; first the size grows, then the step.
#
# </details>

# %% tags=["check"] exercise="reach"
check.reach(reach)

# %% [markdown]
# Now count kernels in the network, up to the same three places as in the first figure, but in the *first* block: a
# convolution, then in each stream a [DAU](glossary.md#dau) with kernels of 3, 3 and 5 (the longest
# way through it), and between the streams your module with a 3 × 3 convolution and the blur. Beside your numbers
# stands what the network's own code gives.

# %%
from explain.analysis.receptive import field_of, look

DAU = [(3, 1), (3, 1), (5, 1)]
DOWN = [(3, 1), (3, 2)]  # the convolution, then the blur, which keeps every second
ways_in = {1: [(3, 1), *DAU]}
ways_in[2] = [*ways_in[1], *DOWN, *DAU]
ways_in[3] = [*ways_in[2], *DOWN, *DAU]

names = [f"rrg_1/mrb_1/column_1/dau_{k}/out" for k in (1, 2, 3)]
crop = dark[60:180, 120:270]
looked = look(network, crop, row=60, column=76, names=names)
rows = []
for k, seen in enumerate(looked, 1):
    theirs = field_of(network.config, seen.field.name, 60, 76).size[0]
    rows.append([f"stream {k}", reach(ways_in[k]), theirs, f"{2 * seen.radius(0.9):.0f}"])

whole = field_of(network.config, "output", 60, 76).size[0]
table(
    ["", "your count", "the network's code", "90 % of what matters, across"],
    [*rows, ["the network's output", "", whole, ""]],
)

# %% [markdown]
# The last column is about what a pixel *does* look at: how much it changes with each pixel of the photo, its
# gradient. Most of that is close by, much closer than the kernels allow ([Luo and others,
# 2016](https://arxiv.org/abs/1701.04128)).

# %%
from matplotlib.patches import Circle, Rectangle

bright = np.clip(crop / np.percentile(crop, 99), 0, 1)
figure = pictures(
    *(
        (bright, f"stream {k}", f"square: can see {row[1]} pixels; circle: 90 % of what matters")
        for k, row in enumerate(rows, 1)
    ),
    title="What one pixel of each stream sees of the palace, in the first block",
    caption="The photo is brightened for us. Stream 1 sees a corner of a window, stream 3 the whole window and "
    "its neighbours.",
)
for axes, seen, colour in zip(figure.axes, looked, THEME.streams, strict=False):
    field = seen.field
    corner = field.left - 0.5, field.top - 0.5
    axes.add_patch(Rectangle(corner, *field.size, fill=False, ec=colour, lw=2))
    middle = seen.column, seen.row
    axes.add_patch(Circle(middle, seen.radius(0.9), fill=False, ec="white", ls="--", lw=1.2))
show(figure)

# %% [markdown]
# At the end of the network, so says the last row of the table, a pixel in the middle could see the whole palace, and
# by the averages in attention and [SKFF](glossary.md#skff) every pixel does. That is how the network finds out how
# bright a picture should be, the question that lesson 1 left open.

# %% [markdown] tags=["quiz"]
# **Quiz 1.** Somebody blurs *after* keeping every second pixel: it is cheaper. Why does it not help?
#
# <details><summary>Answer</summary>
#
# The false pattern is coarse: stripes of 2.5 pixels have become stripes of 5. The blur then leaves most of them (at 5
# pixels, two thirds), and takes away real detail that happens to be finer. What has been mixed up cannot be told
# apart any more.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** In stream 3 a map has a sixteenth of the places, but four times the channels. How many numbers is that,
# and how many multiplications does a 3 × 3 convolution take there, compared with stream 1?
#
# <details><summary>Answer</summary>
#
# A quarter of the numbers. The multiplications are the same: a sixteenth of the places, times 4 channels that come in,
# times 4 that come out. All three streams cost alike.
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [the rings, moving, through the same
# blur](http://localhost:8501/downsample?photo=palace&pattern=zone&period=2) (start it with `make app`), and [how far
# each stage of the network sees](http://localhost:8501/streams?photo=palace&stage=rrg_1/mrb_1/column_2/dau_3/out).
#
# Next: [lesson 4](04_skff.ipynb), SKFF: how three streams become one again, and which axis decides about it.
