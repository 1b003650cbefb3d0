# %% [markdown] tags=["goals"]
# # 7. Training: learning from pairs
#
# A network learns its weights from pairs, a dark and a bright photo of one scene: it changes them a little, thousands
# of times. You write the parts of this, train a small MIRNet, and learn to read loss curves.
#
# **40 minutes.** You make the parts of a training, a network that is over-fitted to one pair, and four diagnoses.
#
# Goals:
#
# - cut crops from a pair so that input and target still match
# - write a gradient step, a learning rate schedule with warm-up and cosine, and an EMA of weights
# - tell over-fitting, too small and too large learning rates apart by their curves
# - compare the five sizes of the study, and say what their confidence intervals allow to conclude

# %% [markdown]
# ## Input and target
#
# The training input is a dark photo, the *target* is the bright one. Real pairs are rare: the camera must be on a
# tripod and take every scene twice. So here pairs are *synthetic*: `darken`, the camera of lesson 1, takes a dark photo
# of a good one, each time with another exposure, another lamp and other noise.

# %%
import numpy as np

from lessons.checks import training as check
from lessons.drawing import THEME, charts, legend, pictures, show, table
from model.images.darken import Darkness, darken, to_bytes, to_linear
from model.samples import load_sample

rng = np.random.default_rng(7)
bright = load_sample("coffee")[1]
taken = [darken(bright, rng, Darkness.draw(rng)) for _ in range(3)]

show(
    pictures(
        (bright, "target", "a good photo"),
        *(
            (photo, f"input {k}", f"mean level {photo.mean():.0f}")
            for k, photo in enumerate(taken, 1)
        ),
        title="One good photo, any number of training inputs",
        caption="Exposure, lamp and noise are drawn anew for each input.",
    )
)

# %% [markdown]
# Photos are large, and a step on a small crop is as good. So a training cuts random [crops](glossary.md#crop), and
# mirrors half of them left to right (a horizontal flip): a mirrored scene is a scene, too. This is
# [augmentation](glossary.md#augmentation), more training inputs from the same photos.

# %% [markdown]
# ### Exercise 1: a crop of a pair
#
# Return a square crop of `size` × `size` pixels at a random position, and mirror it left to right in half of all cases.
# Every position must be possible, those at the very edge too. Whatever you do, do it to **both** photos alike.
# `rng.integers(n)` draws from 0 to n − 1, `rng.random()` between 0 and 1.


# %% tags=["exercise"] exercise="crop_pair"
def crop_pair(low, high, size, rng):
    """The same random crop of both photos: two arrays (size, size, 3)."""
    raise NotImplementedError


# %% tags=["solution"] exercise="crop_pair"
def crop_pair(low, high, size, rng):
    """The same random crop of both photos: two arrays (size, size, 3)."""
    top = rng.integers(low.shape[0] - size + 1)
    left = rng.integers(low.shape[1] - size + 1)
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return tuple(crop[:, ::-1] if mirror else crop for crop in crops)


# %% [markdown] tags=["hint"] exercise="crop_pair"
# <details><summary>Hint 1: the idea</summary>
#
# Three random decisions, each made once. Then do the same to both photos.
#
# </details>

# %% [markdown] tags=["hint"] exercise="crop_pair"
# <details><summary>Hint 2: the shape</summary>
#
# `top` from 0 to height − size, both included; so how many values are possible? Crops are (size, size, 3).
#
# </details>

# %% [markdown] tags=["hint"] exercise="crop_pair"
# <details><summary>Hint 3: the code</summary>
#
# Draw `top`, `left` and `mirror` first, each once; then cut both photos with them. The last possible `top` is
# `height - size`. `crop[:, ::-1]` is the mirrored crop.
#
# </details>

# %% tags=["check"] exercise="crop_pair"
check.crop_pair(crop_pair)

# %%
rng = np.random.default_rng(2)
crops = [crop_pair(taken[0], bright, 96, rng) for _ in range(4)]
show(
    pictures(
        *((to_bytes(16 * to_linear(low / 255)), "input, 16 × the light") for low, _ in crops),
        *((high, "target") for _, high in crops),
        columns=4,
        title="Four crops of one pair",
        caption="Look at such a batch before you train: does each target belong to its input?",
    )
)

# %% [markdown]
# ## One gradient step
#
# A network has thousands of weights. As a small example, take a model with two. The dark photo is made 16 times
# brighter first, and then
#
# $$\hat I = a \cdot I + b.$$
#
# The loss is Charbonnier's from lesson 2, the mean of $\sqrt{d^2 + \varepsilon^2}$ with $d = \hat I - I^*$ and
# $\varepsilon = 10^{-3}$. How does it change if a weight becomes a little larger? That is the
# [gradient](glossary.md#gradient), a partial derivative for each weight:
#
# $$
# \frac{\partial \mathcal L}{\partial a} = \frac{1}{n}\sum_i \frac{d_i}{\sqrt{d_i^2 + \varepsilon^2}} \cdot I_i,
# \qquad
# \frac{\partial \mathcal L}{\partial b} = \frac{1}{n}\sum_i \frac{d_i}{\sqrt{d_i^2 + \varepsilon^2}}.
# $$
#
# A step of **gradient descent** subtracts from each weight the [learning rate](glossary.md#learning-rate) times its
# gradient. (In a real network, a library computes all gradients by *backpropagation*, the chain rule from the last
# layer to the first. The step is the same.)

# %% [markdown]
# ### Exercise 2: one step
#
# Return the new weights. Compute both gradients with the old weights before you change any.


# %% tags=["exercise"] exercise="step"
def step(weights, low, high, rate, eps=1e-3):
    """The new (a, b) after one step; low and high are arrays of values in [0, 1]."""
    raise NotImplementedError


# %% tags=["solution"] exercise="step"
def step(weights, low, high, rate, eps=1e-3):
    """The new (a, b) after one step; low and high are arrays of values in [0, 1]."""
    a, b = weights
    d = a * low + b - high
    factor = d / np.sqrt(d**2 + eps**2)
    return a - rate * np.mean(factor * low), b - rate * np.mean(factor)


# %% [markdown] tags=["hint"] exercise="step"
# <details><summary>Hint 1: the idea</summary>
#
# How wrong is each pixel? How would the loss change with a, and with b? Walk against that.
#
# </details>

# %% [markdown] tags=["hint"] exercise="step"
# <details><summary>Hint 2: the shape</summary>
#
# `d` and `d / root` have the shape of `low`; both gradients are means of such arrays, so numbers. The result is a pair.
#
# </details>

# %% [markdown] tags=["hint"] exercise="step"
# <details><summary>Hint 3: the code</summary>
#
# `d = a * low + b - high`, then `factor = d / np.sqrt(d**2 + eps**2)`, an array. The gradient of `b` is its mean; for
# `a` it is multiplied by `low` before.
#
# </details>

# %% tags=["check"] exercise="step"
check.step(step)

# %% [markdown]
# Now sixty of them, with four learning rates, from $a = 1$ and $b = 0$:

# %%
dark, good = load_sample("room")
low = to_bytes(16 * to_linear(dark[::3, ::3] / 255)) / 255
high = good[::3, ::3] / 255


def loss_of(weights):
    """Charbonnier loss of the two weights on the whole photo."""
    return np.mean(np.sqrt((weights[0] * low + weights[1] - high) ** 2 + 1e-6))


def draw_rates(axes):
    """Loss against steps for four learning rates."""
    for rate, colour in zip((0.001, 0.01, 0.1, 0.4), THEME.streams, strict=True):
        weights, losses = (1, 0), []
        for _ in range(60):
            losses.append(loss_of(weights))
            weights = step(weights, low, high, rate)
        axes.plot(losses, color=colour, label=f"rate {rate:g}")
    axes.set(xlabel="step", ylabel="loss", xlim=(0, 59), ylim=(0, 0.4))
    axes.grid(color="#d9dde3", linewidth=0.5)
    legend(axes, loc="upper center", ncols=4)


show(
    charts(
        (draw_rates, "loss of the model with two weights", "lower is better"),
        title="How large is a step?",
        caption="Too small: the loss hardly falls. Too large: every step overshoots the minimum.",
    )
)

# %% [markdown]
# ## Learning rate schedule
#
# Large steps at first, for progress; small steps at the end, to converge. MIRNet's authors let the learning rate fall
# along half a **cosine**, from its peak to a 200th of it. And the first steps are small, too: the optimizer (Adam)
# divides each gradient by a running average of its magnitude, which is not reliable at the beginning. So the learning
# rate rises linearly first; this is the [warm-up](glossary.md#warm-up).
#
# For step $k$ of $n$, counted from 0, with a peak $p$ that is reached after $w$ steps of warm-up:
#
# $$\text{rate}(k) = p \cdot \frac{k + 1}{w} \qquad \text{for } k < w,$$
#
# $$\text{rate}(k) = \frac{p}{200} + \Bigl(p - \frac{p}{200}\Bigr) \cdot \frac{1 + \cos(\pi t)}{2}, \qquad
# t = \frac{k - w}{n - w} \qquad \text{from then on}.$$

# %% [markdown]
# ### Exercise 3: warm-up and cosine
#
# Write it for one step.


# %% tags=["exercise"] exercise="rate_at"
def rate_at(k, steps, warm_up, peak):
    """Learning rate of step k, counted from 0."""
    raise NotImplementedError


# %% tags=["solution"] exercise="rate_at"
def rate_at(k, steps, warm_up, peak):
    """Learning rate of step k, counted from 0."""
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(np.pi * t)) / 2


# %% [markdown] tags=["hint"] exercise="rate_at"
# <details><summary>Hint 1: the idea</summary>
#
# Two regimes with one boundary. What is k at the first step of each?
#
# </details>

# %% [markdown] tags=["hint"] exercise="rate_at"
# <details><summary>Hint 2: the shape</summary>
#
# One number. In the second regime t goes from 0 to nearly 1, and the cosine from 1 to nearly −1.
#
# </details>

# %% [markdown] tags=["hint"] exercise="rate_at"
# <details><summary>Hint 3: the code</summary>
#
# `if k < warm_up: return peak * (k + 1) / warm_up`. After that `t` goes from 0 to nearly 1; `np.cos` takes radians.
#
# </details>

# %% tags=["check"] exercise="rate_at"
check.rate_at(rate_at)


# %%
def draw_schedule(axes):
    """The learning rate over a training of 1,200 steps."""
    axes.plot([rate_at(k, 1200, 60, 2e-3) for k in range(1200)], color=THEME.streams[0])
    axes.set(xlabel="step", xlim=(-20, 1200), ylim=(0, 0.0021), ylabel="learning rate")
    axes.set_yticks([0, 0.001, 0.002], ["0", "0.001", "0.002"])
    axes.grid(color="#d9dde3", linewidth=0.5)


show(
    charts(
        (draw_schedule, "learning rate", "60 steps of warm-up, then half a cosine"),
        title="Your schedule for 1,200 steps",
        caption="All trainings of this project have this shape; only the numbers differ.",
        height=2,
    )
)

# %% [markdown]
# ## EMA of weights
#
# The gradient of each step comes from a few crops only, so it is noisy, and the weights fluctuate around a minimum.
# Their average fluctuates less. A training maintains an [EMA](glossary.md#ema), an exponential moving average: after
# each step,
#
# $$\text{average} \leftarrow \kappa \cdot \text{average} + (1 - \kappa) \cdot \text{weights},$$
#
# where $\kappa$, close to 1, is the decay. The average is evaluated and shipped; the steps themselves do not use it.

# %% [markdown]
# ### Exercise 4: the EMA
#
# A network's weights are a list of arrays of different shapes. Return the new average, a new list. `ema_decay` is
# $\kappa$.
#
# From an empty cell this time: define `follow(average, weights, ema_decay)`: two lists of arrays and a number give a
# new list of arrays.

# %% tags=["exercise"] exercise="follow"
follow = ...  # no skeleton: write the whole function


# %% tags=["solution"] exercise="follow"
def follow(average, weights, ema_decay):
    """The new average; average and weights are lists of arrays."""
    pairs = zip(average, weights, strict=True)
    return [ema_decay * old + (1 - ema_decay) * new for old, new in pairs]


# %% [markdown] tags=["hint"] exercise="follow"
# <details><summary>Hint 1: the idea</summary>
#
# The formula holds for one array; a network has a list of them.
#
# </details>

# %% [markdown] tags=["hint"] exercise="follow"
# <details><summary>Hint 2: the shape</summary>
#
# A new list, as long as both, of arrays with the old shapes. Nothing that was given may change.
#
# </details>

# %% [markdown] tags=["hint"] exercise="follow"
# <details><summary>Hint 3: the code</summary>
#
# `zip(average, weights)` iterates over both lists in pairs. `ema_decay * average` with a list is an error.
#
# </details>

# %% tags=["check"] exercise="follow"
check.follow(follow)

# %% [markdown]
# The two weights again, with batches of ten pixels instead of the whole photo, at a constant learning rate.
#
# **Predict first.** After 400 steps, will the loss of the weights have come to rest? And that of their average, which
# only follows them: above, below, or in the middle?

# %%
rng = np.random.default_rng(5)
weights, average = (1.0, 0.0), [np.array(1.0), np.array(0.0)]
losses = {"weights": [], "average": []}
pixels, targets = low.reshape(-1), high.reshape(-1)
for k in range(400):
    some = rng.integers(len(pixels), size=10)
    weights = step(weights, pixels[some], targets[some], 0.1)
    average = follow(average, list(map(np.array, weights)), min(0.97, (1 + k) / (10 + k)))
    losses["weights"].append(loss_of(weights))
    losses["average"].append(loss_of(average))


def draw_average(axes):
    """Loss of the weights and of their average."""
    axes.plot(losses["weights"], color=THEME.muted, linewidth=0.8, label="the weights themselves")
    axes.plot(losses["average"], color=THEME.streams[1], linewidth=2, label="their EMA")
    axes.set(xlabel="step", ylabel="loss on the whole photo", xlim=(0, 399))
    axes.grid(color="#d9dde3", linewidth=0.5)
    legend(axes, loc="upper right")


show(
    charts(
        (draw_average, "loss with batches of ten pixels", "lower is better"),
        title="The average fluctuates less than the weights",
        caption="With a learning rate that falls to zero the weights converge, and the average gains less.",
    )
)

# %% [markdown]
# ## Over-fit one pair on purpose
#
# The first test of every training is to **over-fit** on purpose: one crop of one pair, again and again. If a network
# cannot even memorize one pair, there is a bug, and you find it in seconds instead of hours. Here is a small MIRNet,
# one block with two [streams](glossary.md#stream), with your crop and your learning rate:

# %%
from lessons.making.trainings import SMALL
from model import MIRNet, enhance, psnr
from model.training.step import training_step
from model.zoo import seed_weights

network = MIRNet(SMALL)
seed_weights(network)
update = training_step(network)  # loss, backpropagation, Adam, and the EMA of exercise 4

dark, good = load_sample("coffee")
inputs, target = crop_pair(dark, good, 64, np.random.default_rng(1))
batch = [(photo[None] / 255).astype("float32") for photo in (inputs, target)]
losses = []
for k in range(300):
    losses.append(float(update(*batch, rate_at(k, 300, 15, 5e-3), min(0.9, (1 + k) / (10 + k)))))
network.set_weights(update.averaged_weights())


# %%
def draw_overfit(axes):
    """The loss of the one crop."""
    axes.semilogy(losses, color=THEME.streams[0])
    axes.set(xlabel="step", ylabel="loss", xlim=(0, 299))
    axes.set_yticks([0.03, 0.1, 0.3], ["0.03", "0.1", "0.3"])
    axes.minorticks_off()
    axes.grid(color="#d9dde3", linewidth=0.5)


show(
    charts(
        (draw_overfit, "training loss", "one crop, 300 times"),
        title="Over-fitting one crop",
        caption="The training loss falls and falls. It says nothing about any other photo.",
        height=2,
    )
)

other, other_target = (photo[60:124, 60:124] for photo in load_sample("kingfisher"))
shown = []
for name, seen, wanted in (("training pair", inputs, target), ("unseen pair", other, other_target)):
    restored = enhance(network, np.ascontiguousarray(seen))
    shown += [
        (seen, f"{name}: dark"),
        (
            restored,
            "restored",
            f"{psnr(restored, np.ascontiguousarray(wanted), data_range=255):.1f} dB",
        ),
        (wanted, "target"),
    ]
show(
    pictures(
        *shown,
        columns=3,
        title="Memorization is not generalization",
        caption="The first crop is nearly right. The other one is brightened as the first was, by the wrong amount, "
        "and its noise stays.",
    )
)

# %% [markdown]
# ## Read the curves
#
# So you need a second curve: the loss on photos that are not used for training, the [validation
# set](glossary.md#validation-set). If the training loss falls and falls, and the validation loss stays high or even
# rises, the network memorizes its pairs: [over-fitting](glossary.md#over-fitting).
#
# Here are four trainings of the same small network. They take some minutes together, so they were run once and come
# with the package (`python -m lessons.making.trainings` makes them anew). Validation is on crops of two photos that
# none of the four was trained on, each with an exposure of its own.

# %%
from lessons.making.trainings import picture_of, shipped_trainings

trainings = shipped_trainings()
letters = dict(zip("ABCD", check.ORDER, strict=True))


def curves_of(training, end):
    """A function that draws training and validation loss."""

    def draw(axes):
        axes.plot(training.steps, training.training, color=THEME.streams[0], label="training")
        axes.plot(
            training.steps,
            training.validation_raw,
            "--",
            color=THEME.streams[1],
            label="validation",
        )
        axes.set(xlabel="step", xlim=(0, training.steps[-1]), ylim=(0, end), ylabel="loss")
        axes.set_xticks([0, 600, 1200])
        axes.grid(color="#d9dde3", linewidth=0.5)
        legend(axes, loc="upper right")

    return draw


def highest(training):
    """The highest loss as text: it may be outside of the chart."""
    return f"highest value: {max(training.training + training.validation_raw):.2g}"


show(
    charts(
        *(
            (curves_of(trainings[name], 0.25), letter, highest(trainings[name]))
            for letter, name in letters.items()
        ),
        title="Four trainings",
        caption="The same network and initial weights, 1,200 steps. Training inputs and learning rate differ.",
        height=2.4,
    )
)

# %% [markdown]
# ### Exercise 5: four diagnoses
#
# Which is which? Assign one of these diagnoses to each letter:
#
# - `"healthy"`: both curves fall early, and stay close to each other;
# - `"over-fitting"`: it memorizes its few pairs, and does not generalize;
# - `"too slow"`: the learning rate is a hundred times too small;
# - `"too fast"`: the learning rate is fifty times too large, until the cosine has reduced it.

# %% tags=["exercise"] exercise="diagnoses"
diagnoses = {"A": ..., "B": ..., "C": ..., "D": ...}

# %% tags=["solution"] exercise="diagnoses"
diagnoses = {"A": "too slow", "B": "over-fitting", "C": "healthy", "D": "too fast"}

# %% [markdown] tags=["hint"] exercise="diagnoses"
# <details><summary>Hint 1: the idea</summary>
#
# Two questions for each chart: where does training end? How far is validation from it?
#
# </details>

# %% [markdown] tags=["hint"] exercise="diagnoses"
# <details><summary>Hint 2: the shape</summary>
#
# A dictionary with four letters; each diagnosis occurs once.
#
# </details>

# %% [markdown] tags=["hint"] exercise="diagnoses"
# <details><summary>Hint 3: the code</summary>
#
# Look at the training curve alone first: does it converge low, high, or not at all? Then at the gap between the two
# curves.
#
# </details>

# %% tags=["check"] exercise="diagnoses"
check.diagnoses(diagnoses)

# %% [markdown]
# What do the curves mean for a picture? An unseen scene, darker than most training inputs, restored by the healthy
# network and by the one that was over-fitted to four crops of one pair:

# %% tags=["picture"]
from lessons.making.trainings import shown_pair

dark, good = shown_pair()
shown = [(dark, "dark", f"{psnr(dark, good, data_range=255):.1f} dB")]
for name, label in (
    ("one pair", "over-fitted to one pair"),
    ("healthy", "four photos, many exposures"),
):
    restored = picture_of(name)
    shown.append((restored, label, f"{psnr(restored, good, data_range=255):.1f} dB"))
show(
    pictures(
        *shown,
        (good, "target"),
        title="The same network, the same number of steps",
        caption="What differs is the training inputs: one exposure, or many. The first has learned a single factor.",
    )
)

# %% [markdown]
# And the EMA of exercise 4, in the healthy training:

# %%
healthy = trainings["healthy"]


def draw_validation(axes):
    """Validation loss of the weights and of their average."""
    axes.plot(
        healthy.steps, healthy.validation_raw, color=THEME.muted, linewidth=0.9, label="weights"
    )
    axes.plot(healthy.steps, healthy.validation, color=THEME.streams[1], label="their EMA")
    axes.set(xlabel="step", ylabel="loss", xlim=(0, healthy.steps[-1]))
    axes.grid(color="#d9dde3", linewidth=0.5)
    legend(axes, loc="upper right")


def draw_rate(axes):
    """The learning rate of the same steps."""
    axes.plot(healthy.steps, healthy.rate, color=THEME.streams[0])
    axes.set(xlabel="step", ylabel="rate", xlim=(0, healthy.steps[-1]), ylim=(0, 0.0021))
    axes.set_yticks([0, 0.001, 0.002], ["0", "0.001", "0.002"])
    axes.grid(color="#d9dde3", linewidth=0.5)


show(
    charts(
        (draw_validation, "validation loss", "of the weights, and of their EMA"),
        (draw_rate, "learning rate", "of the same steps"),
        title="When the average helps",
        caption="While the learning rate is high, the weights fluctuate and the average does not. Later both agree.",
    )
)

# %% [markdown]
# ## Five sizes
#
# MIRNet's size is two numbers: how many groups ([RRG](glossary.md#rrg)), and how many blocks
# ([MRB](glossary.md#mrb)) in each. A larger network can do more; but what does it learn from the same budget? The
# project trained five sizes, each with the same number of steps, crops and channels. These trainings took hours; the
# package has their curves and scores.

# %%
from explain.app.data.study_results import shipped_study

study = shipped_study()
colours = (*THEME.streams, THEME.muted)


def draw_study(axes):
    """Validation PSNR of the five sizes."""
    for (size, rows), colour in zip(study.curves.items(), colours, strict=True):
        measured = [
            (row.step, row.validation_psnr) for row in rows if row.validation_psnr is not None
        ]
        axes.plot(
            *zip(*measured, strict=True),
            "o-",
            color=colour,
            markersize=3,
            label=size.replace("x", " × "),
        )
    axes.set(xlabel="step", ylabel="PSNR (dB)", xlim=(0, study.plan.steps))
    axes.grid(color="#d9dde3", linewidth=0.5)
    legend(axes, loc="lower right", ncols=2)


def draw_loss(axes):
    """Training loss of the five sizes, averaged over five rounds."""
    for (_, rows), colour in zip(study.curves.items(), colours, strict=True):
        calm = np.convolve([row.loss for row in rows], np.ones(5) / 5, "valid")
        axes.plot([row.step for row in rows][4:], calm, color=colour)
    axes.set(xlabel="step", ylabel="loss", xlim=(0, study.plan.steps))
    axes.set_ylim(bottom=0)
    axes.grid(color="#d9dde3", linewidth=0.5)


show(
    charts(
        (draw_study, "validation PSNR", "groups × blocks; higher is better"),
        (draw_loss, "training loss", "lower is better; mean of five rounds"),
        title="Five sizes under one budget",
        caption="Nearly one curve: the differences are much smaller than the common trend.",
    )
)
table(
    ["groups × blocks", "parameters", "PSNR", "95 % confidence interval"],
    [
        [
            size.size.replace("x", " × "),
            f"{size.parameters:,}",
            f"{size.psnr.mean:.2f} dB",
            f"{size.psnr.low:.2f} to {size.psnr.high:.2f} dB",
        ]
        for size in sorted(study.sizes, key=lambda size: size.parameters)
    ],
)

# %% [markdown]
# Which size is best? Look at the intervals before the means. A confidence interval says where the mean could be with
# other validation photos; where two of them overlap this widely, the order of the means may be chance. What the study
# shows is that **with so short a training** the size hardly matters: the larger ones have learned no more yet. It does
# not show which of them would be best after a hundred times the steps.

# %% [markdown] tags=["why"]
# **Why?** Crops of a training photo that were never drawn are new to the network. Why are they no validation?
#
# <details><summary>A model answer</summary>
#
# They share nearly everything with crops that were drawn: the scene, its colours, its lamp, often the same pixels, a
# few places off. A network that has memorized the photo scores well on them, and badly on the next photo. What is
# held out must be whole photos, and all photos of a scene.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 1.** Somebody draws one position for the dark crop and another one for the bright crop. There is no error
# message, and the loss even falls. What does the network learn?
#
# <details><summary>Answer</summary>
#
# An output that does not depend on the input: the best that it can do is a mean brightness and colour everywhere. That
# is better than darkness, so the loss falls; then it converges, high. You find the bug by looking at a batch, or by
# over-fitting one pair on purpose.
#
# </details>

# %% [markdown] tags=["quiz"]
# **Quiz 2.** A training is evaluated on its validation photos a hundred times, the best of the hundred is shipped, and
# the card says "validation PSNR" with the number of that best one. What is wrong with the number?
#
# <details><summary>Answer</summary>
#
# It is a little too good, a *selection bias*: of a hundred numbers with some luck in each, the one with most luck was
# taken. The photos were used to *choose*, so they are no longer independent of the network. An unbiased number needs a
# third set, the test set, that is used once.
#
# </details>

# %% [markdown] tags=["app"]
# **In the walkthrough**: [how the network learned](http://localhost:8501/training?photo=palace&curve=loss) (start it
# with `make app`), with the curves of the five sizes, their photos, and the logs of the shipped networks.
#
# Next: [lesson 8](08_int8.ipynb), int8: the network in integers.
