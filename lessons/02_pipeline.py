# %% [markdown] tags=["goals"]
# # 2. One pipeline at full resolution
#
# MIRNet does not generate a picture, it computes what to add to one. You follow a photo through the shipped network,
# write its training loss, and measure its result with your own PSNR and SSIM.
#
# **35 minutes.** You make a table of the network's scores on six photos, with metrics that you wrote yourself.
#
# Goals:
#
# - explain Î = I + R, and why the main path keeps full resolution
# - write the Charbonnier loss, PSNR and SSIM, and say what each of them measures
# - notice a PSNR that is 48.13 dB too high, in your code and in other people's

# %% [markdown]
# ## The residual
#
# Here is the whole network as the paper has it (section 3). The input is a photo $I$; a convolution makes features of
# it; groups of blocks ([RRGs](glossary.md#rrg)) refine them; another convolution turns them into a
# [residual](glossary.md#residual) $R$, and
#
# $$\hat I = I + R$$
#
# is the restored photo. `run_with_cache` runs the network and keeps every intermediate tensor under the name of its
# hook point.

# %%
import numpy as np

from lessons.checks import pipeline as check
from lessons.drawing import charts, legend, pictures, show, table
from explain import run_with_cache
from model.images.arrays import as_uint8
from model.samples import SAMPLES, load_sample
from model.zoo import load_network

network, note = load_network("desk")
dark, reference = load_sample("palace")
output, cache = run_with_cache(network, dark)
print(note)

# %% tags=["picture"]
residual = cache["residual"][0]

show(
    pictures(
        (dark, "I, the photo", "the Hawa Mahal in Jaipur, with a 32nd of the light"),
        (
            np.clip(residual, 0, 1),
            "R, the residual",
            f"from {residual.min():.2f} to {residual.max():.2f}",
        ),
        (as_uint8(output[0]), "Î = I + R, restored", "the network's output"),
        title="The network computes what to add",
        caption="R as a picture, black where nothing is added. It is not just brightness: "
        "it has the edges of every window.",
    )
)

# %% [markdown]
# ### Exercise 1: add the residual
#
# A photo is uint8, a residual is floating point in units of [0, 1], and may be negative. Return the restored photo as
# uint8: the photo to [0, 1], add, clip to [0, 1], and back to uint8, **rounded**.


# %% tags=["exercise"] exercise="add_residual"
def add_residual(photo, residual):
    """Restored photo, uint8, from a uint8 photo and a residual in units of [0, 1], both (height, width, 3)."""
    raise NotImplementedError


# %% tags=["solution"] exercise="add_residual"
def add_residual(photo, residual):
    """Restored photo, uint8, from a uint8 photo and a residual in units of [0, 1], both (height, width, 3)."""
    restored = np.clip(photo / 255 + residual, 0, 1)
    return np.rint(restored * 255).astype(np.uint8)


# %% [markdown] tags=["hint"] exercise="add_residual"
# <details><summary>Hint 1: the idea</summary>
#
# Two numbers can be added when they have the same unit. Which unit has the photo, which one the residual?
#
# </details>

# %% [markdown] tags=["hint"] exercise="add_residual"
# <details><summary>Hint 2: the shape</summary>
#
# (height, width, 3) throughout: uint8 to floats in [0, 1], the sum, the same clipped, times 255, rounded, uint8.
#
# </details>

# %% [markdown] tags=["hint"] exercise="add_residual"
# <details><summary>Hint 3: the code</summary>
#
# `np.clip(values, 0, 1)`, then `np.rint(values * 255).astype(np.uint8)`. Without `rint`, 254.9 becomes 254.
#
# </details>

# %% tags=["check"] exercise="add_residual"
check.add_residual(add_residual)

# %%
restored = add_residual(dark, residual)
apart = np.abs(restored.astype(int) - as_uint8(output[0]))
print(
    f"{(apart > 0).sum()} of {apart.size:,} values differ from the network's own, by {apart.max()}"
)

# %% [markdown]
# (The network computes in float32 and you in float64: sometimes a value is rounded to the other side of a half.)
#
# Why does the network not predict the whole picture? Because most of it is in the input already. With *residual
# learning*, a network that is not sure has a residual close to zero and does no harm, and it only has to learn what is
# missing.
#
# ## Full resolution from input to output
#
# Now look at the shape of the tensor at each stage:

# %%
stages = ["input", "shallow", "rrg_1/out", "rrg_2/out", "residual", "output"]
table(
    ["stage", "height", "width", "channels"],
    [[name, *cache[name].shape[1:]] for name in stages],
)

# %% [markdown]
# From the first to the last, 240 × 360 pixels: an encoder–decoder network reduces the resolution and increases it
# again, this one never does on its main path. (Inside the blocks there are smaller [streams](glossary.md#stream) too;
# lesson 3 is about them.) At the end of this lesson you will measure what it would cost to make the picture smaller
# just once.
#
# ## The training loss
#
# During training the network sees pairs, and a **loss** says how far its result is from the reference. The usual two
# have a flaw each: in the squared error (L2) a few large errors dominate, and the absolute error (L1) is not
# differentiable at zero. MIRNet uses the [Charbonnier loss](glossary.md#charbonnier-loss), which has neither flaw:
#
# $$\mathcal{L} = \frac{1}{n} \sum_i \sqrt{(\hat I_i - I^*_i)^2 + \varepsilon^2}, \qquad \varepsilon = 10^{-3}.$$

# %% [markdown]
# ### Exercise 2: the Charbonnier loss
#
# $I^*$ is the reference, $i$ runs over all values of the picture.


# %% tags=["exercise"] exercise="charbonnier"
def charbonnier(restored, reference, eps=1e-3):
    """Charbonnier loss of two pictures in [0, 1]: a number."""
    raise NotImplementedError


# %% tags=["solution"] exercise="charbonnier"
def charbonnier(restored, reference, eps=1e-3):
    """Charbonnier loss of two pictures in [0, 1]: a number."""
    return np.mean(np.sqrt((restored - reference) ** 2 + eps**2))


# %% [markdown] tags=["hint"] exercise="charbonnier"
# <details><summary>Hint 1: the idea</summary>
#
# Read the formula from the inside out: a difference, its square, plus a small number, a root. What does the sum over i
# with 1 / n mean?
#
# </details>

# %% [markdown] tags=["hint"] exercise="charbonnier"
# <details><summary>Hint 2: the shape</summary>
#
# Everything up to the root has the shape of the pictures; only the last step makes one number of it. `eps` is an
# argument: use it.
#
# </details>

# %% [markdown] tags=["hint"] exercise="charbonnier"
# <details><summary>Hint 3: the code</summary>
#
# First the root for each value, then `np.mean`. NumPy works on whole arrays: `(restored - reference) ** 2`.
#
# </details>

# %% tags=["check"] exercise="charbonnier"
check.charbonnier(charbonnier)


# %%
def draw_losses(axes):
    """Three losses of one difference, close to zero."""
    difference = np.linspace(-0.005, 0.005, 401)
    charbonnier_of = [charbonnier(np.array([d]), np.array([0.0])) for d in difference]
    axes.plot(difference, np.abs(difference), "--", color="#5b6472", label="|d|")
    axes.plot(difference, charbonnier_of, color="#0072b2", label="Charbonnier")
    axes.plot(difference, difference**2, color="#e69f00", label="d²")
    axes.set(
        xlabel="difference d, in units of [0, 1]",
        ylabel="loss",
        xlim=(-0.005, 0.005),
        ylim=(-0.0002, 0.005),
    )
    axes.set_yticks([0, 0.001, 0.005], ["0", "ε", "5ε"])
    axes.set_xticks([-0.005, 0, 0.005], ["−0.005", "0", "0.005"])
    axes.grid(color="#d9dde3", linewidth=0.5)
    legend(axes, loc="upper center")


show(
    charts(
        (draw_losses, "loss of one value", "0.005 is a little more than one level of 255"),
        title="Round at the bottom, straight outside",
        caption="The square is tiny for differences this small. The absolute difference is not, but has a corner at "
        "zero; the Charbonnier loss is smooth there.",
    )
)

# %% [markdown]
# ## PSNR by hand
#
# A loss is for training. To compare networks people use [PSNR](glossary.md#psnr): the largest possible value $L$,
# squared, over the mean squared error, on a logarithmic scale, in decibels:
#
# $$\mathrm{PSNR} = 10 \log_{10} \frac{L^2}{\mathrm{MSE}}$$
#
# $L$ is the [data range](glossary.md#data-range): 255 for uint8, 1 for floating point in [0, 1]. Half the RMS error is
# 6.02 dB more.

# %% [markdown]
# ### Exercise 3: PSNR
#
# Mind the integer overflow: `np.uint8(3) - np.uint8(5)` is 254.


# %% tags=["exercise"] exercise="psnr"
def psnr(a, b, data_range):
    """PSNR of two pictures in dB; `data_range` is the largest value that a picture may have."""
    raise NotImplementedError


# %% tags=["solution"] exercise="psnr"
def psnr(a, b, data_range):
    """PSNR of two pictures in dB; `data_range` is the largest value that a picture may have."""
    error = np.mean((a.astype(float) - b.astype(float)) ** 2)
    return 10 * np.log10(data_range**2 / error)


# %% [markdown] tags=["hint"] exercise="psnr"
# <details><summary>Hint 1: the idea</summary>
#
# First an error, then decibels. The error is a mean of squares; decibels compare it with the largest square that is
# possible.
#
# </details>

# %% [markdown] tags=["hint"] exercise="psnr"
# <details><summary>Hint 2: the shape</summary>
#
# The pictures may be uint8: which type does their difference need? The mean goes over all axes and gives one number.
#
# </details>

# %% [markdown] tags=["hint"] exercise="psnr"
# <details><summary>Hint 3: the code</summary>
#
# `a.astype(float)` before you subtract; `np.mean` of the squares; `np.log10`.
#
# </details>

# %% tags=["check"] exercise="psnr"
check.psnr(psnr)

# %% [markdown]
# ## The mistake of 48.13 dB
#
# Networks compute in floating point in [0, 1]. Several public notebooks that build MIRNet in TensorFlow call
# `tf.image.psnr(a, b, max_val=255.0)` on such pictures. There is no error message; only the result is wrong, for every
# picture by
#
# $$20 \log_{10} 255 = 48.13\ \mathrm{dB}.$$

# %%
rows = []
for name, picture in {"the dark photo as it is": dark, "restored": restored}.items():
    both = [psnr(picture / 255, reference / 255, data_range) for data_range in (1, 255)]
    rows.append([name, *(f"{score:.2f} dB" for score in both)])

table(["picture", "data_range = 1, right", "data_range = 255, wrong"], rows)

# %% [markdown]
# With the mistake, *doing nothing* scores higher than any real network for dark photos. How to notice such a number?
# Rounding to uint8 alone makes errors of up to half a level, with a mean square of 1/12. So a picture that is right in
# **everything** but the rounding of the reference has

# %%
print(f"{10 * np.log10(255**2 / (1 / 12)):.2f} dB")

# %% [markdown]
# A higher PSNR would mean that a network predicts how the reference was rounded. Networks for dark photos score between
# 20 and 30 dB.

# %% [markdown]
# ### Exercise 4: which range?
#
# Write a helper that prevents this mistake: the data range of a picture by its *data type*. A picture in `np.uint8` has
# values up to 255; one in floating point is in [0, 1], even if a network overshoots a little.
#
# From an empty cell this time: define `data_range_of(picture)`: an array gives 255 or 1.

# %% tags=["exercise"] exercise="data_range_of"
data_range_of = ...  # no skeleton: write the whole function


# %% tags=["solution"] exercise="data_range_of"
def data_range_of(picture):
    """255 for a picture in uint8, 1 for one in floating point."""
    return 255 if picture.dtype == np.uint8 else 1


# %% [markdown] tags=["hint"] exercise="data_range_of"
# <details><summary>Hint 1: the idea</summary>
#
# A black photo and a bright one have the same range. So what of the picture must the answer depend on?
#
# </details>

# %% [markdown] tags=["hint"] exercise="data_range_of"
# <details><summary>Hint 2: the shape</summary>
#
# The argument is an array; one of its attributes is its data type. The result is one of two numbers.
#
# </details>

# %% [markdown] tags=["hint"] exercise="data_range_of"
# <details><summary>Hint 3: the code</summary>
#
# `picture.dtype` is the data type; compare it with `np.uint8`. The values must not matter: a black photo is a photo.
#
# </details>

# %% tags=["check"] exercise="data_range_of"
check.data_range_of(data_range_of)

# %% [markdown]
# ## SSIM by hand
#
# PSNR adds up errors, one value at a time, and ignores the neighbours. [SSIM](glossary.md#ssim) moves a small window,
# 11 × 11 pixels, over both pictures, and compares brightness (the means $\mu$), contrast (the variances $\sigma^2$) and
# structure (the covariance $\sigma_{ab}$):
#
# $$
# \mathrm{SSIM} =
# \frac{(2\mu_a\mu_b + C_1)(2\sigma_{ab} + C_2)}{(\mu_a^2 + \mu_b^2 + C_1)(\sigma_a^2 + \sigma_b^2 + C_2)}
# $$
#
# with $C_1 = (0.01 L)^2$ and $C_2 = (0.03 L)^2$. The constants avoid a division by zero where a picture is black or
# flat. The window is given:


# %%
def window_mean(values):
    """Mean in a window around each pixel, weighted by a Gaussian: (h, w, 3) to (h - 10, w - 10, 3)."""
    offsets = np.arange(11) - 5
    weights = np.exp(-(offsets**2) / (2 * 1.5**2))
    weights = weights / weights.sum()
    height, width = values.shape[0] - 10, values.shape[1] - 10
    rows = sum(weight * values[k : k + height] for k, weight in enumerate(weights))
    return sum(weight * rows[:, k : k + width] for k, weight in enumerate(weights))


# %% [markdown]
# ### Exercise 5: SSIM
#
# With it, $\mu_a$ is `window_mean(a)`, and $\sigma_a^2$ is the mean of the squares minus the square of the mean,
# `window_mean(a * a) - window_mean(a) ** 2`. The result is the mean over all windows and colours.


# %% tags=["exercise"] exercise="ssim"
def ssim(a, b, data_range):
    """SSIM of two pictures (height, width, 3): 1 for equal ones."""
    a, b = a.astype(float), b.astype(float)
    raise NotImplementedError


# %% tags=["solution"] exercise="ssim"
def ssim(a, b, data_range):
    """SSIM of two pictures (height, width, 3): 1 for equal ones."""
    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mean_a, mean_b = window_mean(a), window_mean(b)
    variance_a = window_mean(a * a) - mean_a**2
    variance_b = window_mean(b * b) - mean_b**2
    covariance = window_mean(a * b) - mean_a * mean_b
    brightness = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    contrast_and_structure = (2 * covariance + c2) / (variance_a + variance_b + c2)
    return np.mean(brightness * contrast_and_structure)


# %% [markdown] tags=["hint"] exercise="ssim"
# <details><summary>Hint 1: the idea</summary>
#
# Three comparisons in each window: brightness, contrast, structure. All five statistics come from window means.
#
# </details>

# %% [markdown] tags=["hint"] exercise="ssim"
# <details><summary>Hint 2: the shape</summary>
#
# Each statistic is an array (height − 10, width − 10, 3). Multiply the two fractions *in each window*; the mean over
# all comes last, and is one number.
#
# </details>

# %% [markdown] tags=["hint"] exercise="ssim"
# <details><summary>Hint 3: the code</summary>
#
# Five arrays first: two means, two variances, and the covariance `window_mean(a * b) - mean_a * mean_b`. Then the
# formula, and `np.mean` of it.
#
# </details>

# %% tags=["check"] exercise="ssim"
check.ssim(ssim)

# %% [markdown]
# ## What a bottleneck would cost
#
# Your metrics can answer the question from above. Downsample the *reference*, upsample it again, and compare: this is
# about what would be left if the only path went through that size, a *bottleneck*.
#
# **Predict first.** Which will have more decibels: the bright reference at an eighth of its size, enlarged again, or
# the dark palace as MIRNet restores it? And which of them more SSIM?

# %%
from PIL import Image


def through(picture, factor):
    """The picture, downsampled by `factor` and upsampled to its old size (bicubic)."""
    height, width = picture.shape[:2]
    small = Image.fromarray(picture).resize(
        (width // factor, height // factor), Image.Resampling.BICUBIC
    )
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


detail = np.s_[40:160, 90:270]
shown = [(reference[detail], "full size", "as it is")]
for factor in (2, 4, 8):
    picture = through(reference, factor)
    scores = f"{psnr(picture, reference, 255):.1f} dB, SSIM {ssim(picture, reference, 255):.2f}"
    shown.append((picture[detail], f"through 1/{factor} of the size", scores))

show(
    pictures(
        *shown,
        columns=2,
        title="The bright reference, through a bottleneck",
        caption="No darkness, no noise, only a smaller size in between: half the size already limits this "
        "photo to less than 26 dB.",
    )
)

# %% [markdown]
# Which of the numbers should you believe? Compare them with the table below: by PSNR even the picture that went through
# an eighth of the size beats MIRNet's restored palace, which has every bar of every window. It has the right
# brightness, and PSNR counts little else; SSIM compares structure, and says what you see.
#
# Networks with a bottleneck, such as U-Net, know this: they carry details around it by **skip connections**, from the
# encoder to the decoder at each size. MIRNet has no bottleneck on its main path: it keeps full resolution from
# beginning to end and *adds* coarse streams. They have large receptive fields, and the fine one keeps the details.
#
# ## The scores
#
# What you have made: the shipped network on all six photos, measured by your own functions.

# %%
from model import enhance

rows = []
for sample in SAMPLES:
    taken, good = load_sample(sample.name)
    result = enhance(network, taken)
    rows.append(
        [
            sample.title,
            f"{psnr(taken, good, data_range_of(taken)):.2f} dB",
            f"{psnr(result, good, data_range_of(result)):.2f} dB",
            f"{ssim(taken, good, 255):.3f}",
            f"{ssim(result, good, 255):.3f}",
        ]
    )

table(["photo", "PSNR, dark", "PSNR, restored", "SSIM, dark", "SSIM, restored"], rows)

# %% [markdown]
# Six photos are no benchmark, and these were darkened by a program. The network's model card, `model/weights/desk.md`,
# has the scores on 70 real pairs that were not used for training, with confidence intervals: `mirnet evaluate` measures
# them.
#
# ## On your own photo
#
# Put a photo of yours, taken in good light, beside this notebook, and call it `my-photo.jpg`. (As long as there is
# none, the kingfisher takes its place.) It loses light as in lesson 1, 24 times, and the network restores it. The
# network has never seen it: **predict first** whether it gains more or less than the six above.

# %%
from lessons.own_photo import own_photo
from model import enhance
from model.images.darken import Darkness, darken

mine = own_photo("my-photo.jpg")
mine_dark = darken(mine, np.random.default_rng(4), Darkness(exposure=24))
mine_restored = enhance(network, mine_dark)

show(
    pictures(
        (mine, "your photo"),
        (mine_dark, "a 24th of its light"),
        (mine_restored, "restored"),
        title="Your own photo",
        caption="Which colours came back wrong? Where was detail, and is none any more?",
    )
)

# %% [markdown]
# ### Exercise 6: what it gained
#
# The cell above has named the three pictures, all in uint8: `mine`, the good one, `mine_dark` and `mine_restored`.
# Measure with your own functions: how many decibels of PSNR does the restored photo have more than the dark one, and
# how much more SSIM? Give a pair, (decibels, SSIM).

# %% tags=["exercise"] exercise="gained"
gained = ...

# %% tags=["solution"] exercise="gained"
gained = (
    psnr(mine_restored, mine, 255) - psnr(mine_dark, mine, 255),
    ssim(mine_restored, mine, 255) - ssim(mine_dark, mine, 255),
)

# %% [markdown] tags=["hint"] exercise="gained"
# <details><summary>Hint 1: the idea</summary>
#
# A gain is a difference of two scores. Both compare with the same picture: the good one.
#
# </details>

# %% [markdown] tags=["hint"] exercise="gained"
# <details><summary>Hint 2: the shape</summary>
#
# Four scores, two differences: of your `psnr` first, of your `ssim` second. All three pictures are bytes.
#
# </details>

# %% [markdown] tags=["hint"] exercise="gained"
# <details><summary>Hint 3: the code</summary>
#
# `psnr(mine_restored, mine, 255) - psnr(mine_dark, mine, 255)`, and the same with `ssim`.
#
# </details>

# %% tags=["check"] exercise="gained"
check.gained(gained, mine, mine_dark, mine_restored)

# %% [markdown] tags=["why"]
# **Why?** PSNR could look for the largest value of a picture by itself. Why must the data range be an argument?
#
# <details><summary>A model answer</summary>
#
# Because the values do not determine it. A dark photo in uint8 may have 60 as its largest value and could have had
# 255; two photos with the same errors would get different scores, and the darker one the worse.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 1.** A table says "PSNR 67.9 dB" for a network that brightens dark photos. Which PSNR was probably meant, and
# how large is the RMS error, in levels?
#
# <details><summary>Answer</summary>
#
# 67.9 − 48.13 = 19.8 dB. The RMS error is 255 · 10^(−19.8 / 20) = 26 levels. A true 67.9 dB would be an RMS error of a
# tenth of a level.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** Two restored photos have the same PSNR: one is a little too bright everywhere, the other has the right
# brightness and is blurred. Which of them has the better SSIM, and why?
#
# <details><summary>Answer</summary>
#
# The one that is too bright. Its structure is right in every window and only the term of brightness is a little below
# 1; blur reduces contrast and structure in every window. For PSNR both have the same sum of squares.
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [the palace through the whole network](http://localhost:8501/mirnet?photo=palace) (start it
# with `make app`), with its residual in three colours.
#
# Next: [lesson 3](03_streams.ipynb), three streams: how to downsample a picture without aliasing.
