# %% [markdown] tags=["goals"]
# # 1. Why the dark is hard
#
# A dark photo is not a bright photo with small values. You build a camera, take photos with less and less light, make
# them bright again, and measure what does not come back.
#
# **30 minutes.** You make a camera that takes noisy photos in the dark, and a figure of what brightening cannot do.
#
# Goals:
#
# - say where noise comes from: light is counted, and counts are random
# - work with linear light and know when a picture is not linear
# - measure noise and PSNR, and tell the two problems of a dark photo apart

# %% [markdown]
# ## A photo with too little light
#
# Here is a cup of coffee twice. The first photo had a 24th of the light of the second. Both are ordinary pictures:
# three colours, 8 bits each, so every value is a **level**, an integer from 0 to 255.

# %%
import numpy as np

from lessons.checks import dark as check
from lessons.drawing import charts, legend, pictures, show, table
from model.samples import load_sample

dark, reference = load_sample("coffee")

show(
    pictures(
        (dark, "dark", f"mean level {dark.mean():.0f}, {len(np.unique(dark))} levels"),
        (
            reference,
            "reference",
            f"mean level {reference.mean():.0f}, {len(np.unique(reference))} levels",
        ),
        title="The same cup, with a 24th of the light and with all of it",
        caption="Look at the wood: its grain is in the dark photo too, somewhere between level 5 and 20.",
    )
)

# %% [markdown]
# A first idea: multiply. If there is a 24th of the light, 24 times as much brings it back. By the end of this lesson
# you have tried that, and you know in numbers why a network such as [MIRNet](glossary.md#mirnet) is needed.

# %% [markdown]
# ## Photons and shot noise
#
# A pixel of a sensor is a bucket. Light arrives as **photons**; each one that is caught sets an **electron** free,
# and the bucket counts electrons. Ours holds 10,000 of them: this is the [full well](glossary.md#full-well), and it
# means white.
#
# Photons arrive at random, like drops of rain. If 100 are expected, there may be 93, or 108. Such counts follow the
# **Poisson distribution**, and its law is short: the variance is the mean,
#
# $$\sigma^2 = N \qquad\text{so}\qquad \sigma = \sqrt{N}.$$
#
# This is [shot noise](glossary.md#shot-noise). It is no fault of the camera: it is in the light itself.

# %% [markdown]
# ### Exercise 1: count electrons
#
# `light` is an array, where 1 is white. Return for each pixel the number of electrons that it counts: random, with the
# mean `light * FULL_WELL`. Draw them from `rng`, a [NumPy
# generator](https://numpy.org/doc/stable/reference/random/generator.html).

# %% tags=["exercise"] exercise="electrons"
FULL_WELL = 10_000


def electrons(light, rng):
    """Electrons counted in each pixel: integers, of the same shape as `light`."""
    raise NotImplementedError


# %% tags=["solution"] exercise="electrons"
FULL_WELL = 10_000


def electrons(light, rng):
    """Electrons counted in each pixel: integers, of the same shape as `light`."""
    return rng.poisson(light * FULL_WELL)


# %% [markdown] tags=["hint"] exercise="electrons"
# <details><summary>Hint 1: the idea</summary>
#
# Which number belongs to a pixel before anything is random? Its mean. Only then draw around it, by the law of counts.
#
# </details>

# %% [markdown] tags=["hint"] exercise="electrons"
# <details><summary>Hint 2: the shape</summary>
#
# `light * FULL_WELL` is an array of means, of the shape of `light`. What is drawn has the same shape, and one draw for
# each value.
#
# </details>

# %% [markdown] tags=["hint"] exercise="electrons"
# <details><summary>Hint 3: the code</summary>
#
# `rng.poisson(mean)` takes an array of means and gives an array of counts of the same shape.
#
# </details>

# %% tags=["check"] exercise="electrons"
check.electrons(electrons)

# %% [markdown]
# Now look at a grey wall through your sensor, with less light from left to right:

# %%
rng = np.random.default_rng(1)
patches = []
for mean in (5000, 500, 50, 5):
    counted = electrons(np.full((60, 60), mean / FULL_WELL), rng)
    grey = np.clip(counted / mean / 2, 0, 1)
    patches.append((grey, f"{mean} electrons", f"noise: {counted.std() / mean:.1%} of the mean"))

show(
    pictures(
        *patches,
        title="The same grey wall, each patch made equally bright afterwards",
        caption="A hundredth of the light makes noise ten times as strong beside the signal: √N / N = 1 / √N.",
    )
)

# %% [markdown]
# ## Signal and noise
#
# Reading a bucket out adds [read noise](glossary.md#read-noise): in our camera 4 electrons, the same for every pixel,
# however dark it is. The variances of independent noises add up:
#
# $$\mathrm{SNR} = \frac{N}{\sqrt{N + \sigma_\mathrm{read}^2}}$$
#
# is the **signal-to-noise ratio** (SNR): the mean over the standard deviation of the noise.

# %% [markdown]
# ### Exercise 2: signal to noise
#
# Write it for an array of means.

# %% tags=["exercise"] exercise="snr"
READ_NOISE = 4  # electrons, a standard deviation


def snr(mean):
    """Signal-to-noise ratio where `mean` electrons are expected, with shot noise and read noise."""
    raise NotImplementedError


# %% tags=["solution"] exercise="snr"
READ_NOISE = 4  # electrons, a standard deviation


def snr(mean):
    """Signal-to-noise ratio where `mean` electrons are expected, with shot noise and read noise."""
    return mean / np.sqrt(mean + READ_NOISE**2)


# %% [markdown] tags=["hint"] exercise="snr"
# <details><summary>Hint 1: the idea</summary>
#
# Signal over noise. There are two noises, and they do not know of each other: what of theirs adds up?
#
# </details>

# %% [markdown] tags=["hint"] exercise="snr"
# <details><summary>Hint 2: the shape</summary>
#
# All in arrays of the shape of `mean`: a variance for each mean, its root, and a division. No loop.
#
# </details>

# %% [markdown] tags=["hint"] exercise="snr"
# <details><summary>Hint 3: the code</summary>
#
# The variance of shot noise is `mean`, that of read noise `READ_NOISE**2`. The noise is the square root of their sum.
#
# </details>

# %% tags=["check"] exercise="snr"
check.snr(snr)


# %%
def draw_snr(axes):
    """SNR against electrons, both on logarithmic axes."""
    mean = np.logspace(0, 4, 100)
    axes.loglog(mean, np.sqrt(mean), "--", color="#5b6472", label="shot noise alone")
    axes.loglog(mean, snr(mean), color="#0072b2", label="shot noise and read noise")
    axes.axvline(10_000 / 24 / 5, color="#b45309", linewidth=1)
    axes.text(10_000 / 24 / 5 * 1.06, 0.35, "mid-grey with a 24th of the light", fontsize=8)
    axes.set(xlabel="electrons that are expected", ylabel="SNR", ylim=(0.2, 130))
    axes.set_yticks([1, 10, 100], ["1", "10", "100"])
    axes.set_xticks([1, 10, 100, 1000, 10_000], ["1", "10", "100", "1000", "10,000"])
    axes.grid(color="#d9dde3", linewidth=0.5)
    legend(axes, loc="upper left")


show(
    charts(
        (draw_snr, "signal-to-noise ratio of one pixel", "10 is a grainy picture, 1 is no picture"),
        title="What light is worth",
        caption="With plenty of light both lines agree. In the dark, read noise takes what shot noise has left.",
    )
)

# %% [markdown]
# ## Build a camera
#
# One thing is missing. The levels in a file are not proportional to light: they are **sRGB** values, encoded by a curve
# that is close to a power of 1/2.2, the *gamma*. It spends more levels on the dark, as our eyes do. So
#
# - `to_linear(srgb)` turns values in [0, 1] into **linear light**, and only there may light be added, divided or
#   multiplied;
# - `to_bytes(linear)` is the inverse: it clips at white, applies the curve, and rounds to a level of 0 to 255.

# %%
from model.images.darken import to_bytes, to_linear, to_srgb


def draw_curve(axes):
    """The curve of sRGB, and what a dark photo uses of it."""
    light = np.linspace(0, 1, 500)
    axes.plot(light, 255 * to_srgb(light), color="#0072b2", label="sRGB")
    axes.plot(light, 255 * light, "--", color="#5b6472", label="proportional")
    white = 255 * float(to_srgb(np.array(1 / 24)))
    axes.plot([1 / 24], [white], "o", color="#b45309")
    axes.annotate(
        f"white with a 24th of the light: level {white:.0f}",
        (1 / 24, white),
        xytext=(0.3, 30),
        arrowprops={"arrowstyle": "-", "color": "#b45309"},
        fontsize=8,
    )
    axes.set(
        xlabel="linear light",
        ylabel="level",
        xlim=(0, 1),
        ylim=(0, 260),
        yticks=[0, 64, 128, 192, 255],
    )
    axes.grid(color="#d9dde3", linewidth=0.5)
    legend(axes, loc="lower right")


show(
    charts(
        (draw_curve, "from light to level", "a file holds levels, a sensor counts light"),
        title="Levels are not light",
        caption="A 24th of the light still has 58 levels. Without the curve it would have 11.",
    )
)

# %% [markdown]
# ### Exercise 3: take a photo
#
# Write the camera. It gets a good photo as the scene, an `exposure` (24: the light is divided by 24), and `rng`:
#
# 1. bytes to linear light: `to_linear(scene / 255)`;
# 2. less light: divide by the exposure;
# 3. count `electrons`, and add read noise: `rng.normal(0, READ_NOISE, shape)`;
# 4. divide by `FULL_WELL`, so that 1 is white again, and return `to_bytes` of it.


# %% tags=["exercise"] exercise="take"
def take(scene, exposure, rng):
    """A photo of `scene` with `1 / exposure` of its light: input and output (height, width, 3) uint8."""
    raise NotImplementedError


# %% tags=["solution"] exercise="take"
def take(scene, exposure, rng):
    """A photo of `scene` with `1 / exposure` of its light: input and output (height, width, 3) uint8."""
    light = to_linear(scene / 255) / exposure
    counted = electrons(light, rng) + rng.normal(0, READ_NOISE, scene.shape)
    return to_bytes(counted / FULL_WELL)


# %% [markdown] tags=["hint"] exercise="take"
# <details><summary>Hint 1: the idea</summary>
#
# Follow the light: scene, less light, electrons, read noise, back to a photo. Where does the noise arise, before or
# after it gets dark?
#
# </details>

# %% [markdown] tags=["hint"] exercise="take"
# <details><summary>Hint 2: the shape</summary>
#
# `light`, the counts and the read noise all have the shape of `scene`, (height, width, 3); the last step returns uint8
# of that shape.
#
# </details>

# %% [markdown] tags=["hint"] exercise="take"
# <details><summary>Hint 3: the code</summary>
#
# `light = to_linear(scene / 255) / exposure`, then `counted = electrons(light, rng) + ...`. The order matters: noise
# arises on the sensor, where it is already dark.
#
# </details>

# %% tags=["check"] exercise="take"
check.take(take)

# %% [markdown]
# `darken` in the package's file `model/images/darken.py` is this camera with a lamp's colour cast. A network learns
# from pairs, a dark and a bright photo of the same scene. Where no such pairs were taken, they are made like this:
# *synthetic* pairs.

# %% [markdown]
# ## Brighten it again
#
# You know by how much the light was divided, so multiply by it, in linear light.

# %% [markdown]
# ### Exercise 4: brighten
#
# Return the photo with `factor` times its light.


# %% tags=["exercise"] exercise="brighten"
def brighten(photo, factor):
    """The photo with `factor` times its light, clipped at white: input and output uint8."""
    raise NotImplementedError


# %% tags=["solution"] exercise="brighten"
def brighten(photo, factor):
    """The photo with `factor` times its light, clipped at white: input and output uint8."""
    return to_bytes(to_linear(photo / 255) * factor)


# %% [markdown] tags=["hint"] exercise="brighten"
# <details><summary>Hint 1: the idea</summary>
#
# Only light may be multiplied. What are the numbers in a photo, and which two functions lead from them to light and
# back?
#
# </details>

# %% [markdown] tags=["hint"] exercise="brighten"
# <details><summary>Hint 2: the shape</summary>
#
# uint8 to [0, 1], to linear light, times a number, to uint8 again: (height, width, 3) from beginning to end.
#
# </details>

# %% [markdown] tags=["hint"] exercise="brighten"
# <details><summary>Hint 3: the code</summary>
#
# The same two functions as in exercise 3. `photo * factor` would be wrong twice: levels are not light, and uint8 values
# overflow.
#
# </details>

# %% tags=["check"] exercise="brighten"
check.brighten(brighten)

# %%
rng = np.random.default_rng(2)
detail = np.s_[60:180, 150:330]
shown = []
for exposure in (1, 4, 16, 64):
    photo = brighten(take(reference, exposure, rng), exposure)
    shown.append((photo[detail], f"1/{exposure} of the light", f"times {exposure}"))

show(
    pictures(
        *shown,
        columns=2,
        title="Brightened by exactly what was missing",
        caption="The brightness is right in all four. At 1/64 the grain of the wood is gone, and black is grey.",
    )
)

# %% [markdown]
# ## Measure the noise
#
# How strong is the noise, in levels? The standard deviation of one photo contains the scene, too. So take **two**
# photos of the same scene. In their difference the scene cancels out, and what remains is the noise of both,
#
# $$\mathrm{Var}(a - b) = \sigma^2 + \sigma^2 = 2\,\sigma^2.$$

# %% [markdown]
# ### Exercise 5: noise from two photos
#
# Return $\sigma$ in levels, from two photos of the same scene.
#
# From an empty cell this time: define `noise_of(first, second)`: two photos of one scene in uint8, of the same shape,
# give one number.

# %% tags=["exercise"] exercise="noise_of"
noise_of = ...  # no skeleton: write the whole function


# %% tags=["solution"] exercise="noise_of"
def noise_of(first, second):
    """Standard deviation of the noise of one photo, in levels, from two uint8 photos of one scene."""
    difference = first.astype(float) - second.astype(float)
    return difference.std() / np.sqrt(2)


# %% [markdown] tags=["hint"] exercise="noise_of"
# <details><summary>Hint 1: the idea</summary>
#
# What do both photos have in common, and what not? After a subtraction one of the two is gone.
#
# </details>

# %% [markdown] tags=["hint"] exercise="noise_of"
# <details><summary>Hint 2: the shape</summary>
#
# One number. The difference has the shape of the photos, and negative values: which types can hold them? Its variance
# is that of two noises.
#
# </details>

# %% [markdown] tags=["hint"] exercise="noise_of"
# <details><summary>Hint 3: the code</summary>
#
# `np.std` of the difference, divided by √2. Mind the integer overflow: `np.uint8(3) - np.uint8(5)` is 254.
#
# </details>

# %% tags=["check"] exercise="noise_of"
check.noise_of(noise_of)

# %% [markdown]
# **Predict first.** You brighten photos that had a quarter, a sixteenth and a 64th of the light. How does their noise
# grow: not at all, with the root of the factor, or more? Write down three numbers before you run the next cell.
#
# With it you can say what brightening does. [PSNR](glossary.md#psnr) is the usual measure of how close a picture is to
# the reference, in decibels; the next lesson takes it apart. Here, more is better, and 6 dB more is half the RMS error.

# %%
from model import psnr

rng = np.random.default_rng(3)
rows = []
for exposure in (1, 4, 16, 64):
    takes = [take(reference, exposure, rng) for _ in range(2)]
    bright = [brighten(photo, exposure) for photo in takes]
    quality = psnr(bright[0], reference, data_range=255)
    rows.append(
        [
            f"1/{exposure}",
            f"{noise_of(*takes):.1f}",
            f"{noise_of(*bright):.1f}",
            f"{quality:.1f} dB",
        ]
    )

table(
    [
        "light",
        "noise as taken (levels)",
        "noise after brightening (levels)",
        "PSNR after brightening",
    ],
    rows,
)

# %% [markdown]
# Read the columns from top to bottom. As taken, the noise is always about one and a half levels: invisible.
# **Brightening amplifies the noise as much as the scene**, and what was invisible covers the picture.
#
# Would a better factor help? No factor can: signal and noise are multiplied alike. What does help is more light, for
# example many photos of a scene that stands still:

# %%
rng = np.random.default_rng(4)
rows = []
for count in (1, 4, 16):
    light = np.mean([to_linear(take(reference, 16, rng) / 255) for _ in range(count)], axis=0)
    quality = psnr(to_bytes(light * 16), reference, data_range=255)
    rows.append([str(count), f"{quality:.1f} dB"])

table(["photos averaged, 1/16 of the light each", "PSNR"], rows)

# %% [markdown]
# Averaging four photos halves the noise, and half the RMS error would be 6 dB more. The table has less, and the second
# step brings less than the first: averaging cannot remove what all photos have in common. Where it is black, noise can
# only go up; rounding to levels and clipping stay. And who holds still for sixteen photos? A network has one, and
# replaces the other fifteen by what it has learned about photos.
#
# ## The second problem: by how much?
#
# So far the factor was known. A photo does not say how much light was missing. What if the factor is off by one
# **stop**, twice or half as much?

# %%
rng = np.random.default_rng(5)
photo, second = (take(reference, 24, rng) for _ in range(2))
rows = []
for factor in (12, 24, 48):
    quality = psnr(brighten(photo, factor), reference, data_range=255)
    rows.append([f"{factor}", f"{quality:.1f} dB"])

table(["factor (24 is right)", "PSNR"], rows)

# %% [markdown]
# One stop costs more than all the noise. So a dark photo has **two** problems: *how bright* it should be, which
# concerns the whole picture, and *noise*, which concerns every pixel. MIRNet looks at the picture at three resolutions
# at once for this reason: coarse [streams](glossary.md#stream) see the whole picture, fine ones the pixels.
#
# ## The comparison
#
# At last, what you have made: the same photo brightened by two factors, and by the small trained network that comes
# with this package. The network does not know the factor.

# %% tags=["picture"]
from model import enhance
from model.zoo import load_network

network, note = load_network("desk")
print(note)
methods = {
    "as taken": lambda taken: taken,
    "brightened, right factor": lambda taken: brighten(taken, 24),
    "brightened, one stop off": lambda taken: brighten(taken, 12),
    "MIRNet (desk), factor unknown": lambda taken: enhance(network, taken),
}
results = {name: [method(taken) for taken in (photo, second)] for name, method in methods.items()}
measured = [
    (
        first,
        name,
        f"{psnr(first, reference, data_range=255):.1f} dB, noise {noise_of(first, other):.1f} levels",
    )
    for name, (first, other) in results.items()
]

card = pictures(
    *measured,
    columns=2,
    title="What brightening cannot do",
    subtitle="A 24th of the light. PSNR against the reference, and noise measured from two takes",
    caption="The right factor, which is unknown in practice, gives the right brightness and all of the noise. "
    "The network estimates the brightness, and its noise is a third.",
)
show(card)

# %% [markdown]
# To be fair: where the factor is known, its PSNR is *better* than the network's, since a small error of brightness
# costs more decibels than noise does. Which of the two pictures would you keep? PSNR does not measure what you see; the
# next lesson is about what it does measure.
#
# It is a figure like any other: `from explain import save_figure; save_figure(card, "card.png")` saves it.

# %% [markdown] tags=["why"]
# **Why?** Brightening multiplies light and noise by the same factor. Why does a brightened photo look noisier than
# one that was bright from the start?
#
# <details><summary>A model answer</summary>
#
# Because the ratio stays what it was when the electrons were counted, and fewer electrons have a smaller ratio of
# signal to noise: √N at best. No factor afterwards changes it. The bright photo did not have less noise, it had more
# signal.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 1.** A camera doubles its exposure time. By how much does the signal-to-noise ratio of a *bright* pixel grow,
# and of a very dark one?
#
# <details><summary>Answer</summary>
#
# With N ≫ σ² the ratio is √N: it grows by √2. In the dark, where N ≪ σ², it is N / σ: it doubles. Light is worth most
# where there is least of it.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** Somebody brightens a dark photo by multiplying its *levels* by 4. By how much was the light multiplied,
# roughly?
#
# <details><summary>Answer</summary>
#
# By about 4 to the power of 2.2, some 21 times: levels are roughly light to the power of 1/2.2. (Near black the curve
# of sRGB is a straight line, there it is 4 times.)
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [the coffee cup, dark and restored](http://localhost:8501/mirnet?photo=coffee) (start it
# with `make app`). Compare the wood before and after.
#
# Next: [lesson 2](02_pipeline.ipynb), one pipeline at full resolution, and the mistake of 48.13 dB.
