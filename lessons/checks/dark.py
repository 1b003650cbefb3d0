"""Checks of lesson 1: photons, signal to noise, a camera, brightening, and measuring noise."""

import numpy as np

from lessons.checks.kit import Either, Steps, call, compare, drawn_from, exercise, same_twice, wrong
from lessons.checks.references.camera_reference import FULL_WELL, READ_NOISE, photo_taken, read_noise
from model.images.darken import to_bytes, to_linear, to_srgb

__all__ = ["brighten", "electrons", "noise_of", "snr", "take"]


BANDS = (0.04, 0.0009, 0.00005, 0.9)
"""Light of grey bands, side by side: 400, 9, half an electron and 9,000. No flat patch tells pixel from picture."""

SIDE = 100
"""Height and width of a band: of 30,000 values the variance has an error of a hundredth of itself."""

LEVELS = (188, 120)
"""Of the scene's left and right half."""

CAMERA = "“Build a camera”: to linear light, divide, count, add read noise, divide by the full well, back to bytes."
PHOTONS = "“Photons and shot noise”: the count is drawn with `rng.poisson(mean)`, and the mean is light × full well."

WHITE = 254.0
"""A mean level from which nearly everything is white, whatever made it so bright."""
LESS = "less light"
COUNTED = "electrons were taken for light: divide the count by FULL_WELL again."

SLACK = 0.05
"""Relative tolerance: five standard deviations of the variance of so many values."""

LOOSE = 1e-3
"""Of a measured noise: with n or n − 1 values, or a mean that is not quite 0, it is the same."""

SHARED = 0.06
"""Correlation of two colours that is no chance any more: of 10,000 pixels it is 0.01, one standard deviation."""


@exercise
def electrons(function) -> str:
    """Exercise 1: `electrons(light, rng)` counts at random in each pixel, as Poisson has it."""
    light = np.repeat(BANDS, SIDE)[None, :, None] * np.ones((SIDE, 1, 3))
    counted = np.asarray(call(function, light, np.random.default_rng(1)))
    what = "electrons(light, rng) of four grey bands"
    if counted.shape != light.shape or counted.dtype.kind not in "buif":
        compare(what, counted, light, look=PHOTONS)
    if counted.dtype.itemsize == 1:
        mistake = "counts of up to 10,000 were put into 8 bits, and wrapped around."
        wrong(f"{what} has values of the type {counted.dtype}.", mistake, PHOTONS)
    _own_noise(what, counted[:, :SIDE], PHOTONS)
    for k, (band, value) in enumerate(zip(np.split(counted, len(BANDS), axis=1), BANDS, strict=True)):
        if abs(band.mean() / FULL_WELL - value) < 0.2 * value:
            _variance(band, value)
        _mean(band, value, k)
    if counted.min() < 0:
        mistake = "a normal distribution replaces Poisson's: close where the mean is large, wrong where it is small."
        wrong(f"{what} has {counted.min():.0f} electrons in a pixel: there are no fewer than 0.", mistake, PHOTONS)
    same_twice("electrons(light, rng)", *(call(function, light, np.random.default_rng(2)) for _ in range(2)))
    drawn_from("electrons(light, rng)", function, light, least=light.size, look=PHOTONS)
    return "electrons: integers, and the variance is the mean. That is shot noise: no camera can be without it."


def _mean(band: np.ndarray, light: float, number: int) -> None:
    found, mean = float(band.mean()), light * FULL_WELL
    if abs(found - mean) < SLACK * mean:
        if number == 0 and not np.array_equal(band, np.rint(band)):
            mistake = "a normal distribution replaces Poisson's; it is close where the mean is large, wrong elsewhere."
            wrong(f"electrons has counts such as {band.flat[0]:.3f}: there is no half electron.", mistake, PHOTONS)
        return
    mistake = ""
    whole = float(np.mean(BANDS)) * FULL_WELL
    if abs(found - whole) < SLACK * whole:
        mistake = "every pixel gets the mean of the whole picture: each has a mean of its own, `light * FULL_WELL`."
    elif found < mean / 100 and not np.array_equal(band, np.rint(band)):
        mistake = "the count was divided by FULL_WELL: return electrons."
    elif found < mean / 100:
        mistake = "the light was not multiplied by FULL_WELL: 1 is white, and white is 10,000 electrons."
    elif abs(found - np.sqrt(mean)) < SLACK * np.sqrt(mean):
        mistake = "the root of the mean was drawn: Poisson's law takes the mean itself."
    elif found < mean and np.mean(band == band.max()) > 0.5:
        mistake = f"counts are cut off at {band.max():g}."
    elif number and found > mean:
        mistake = "a normal distribution was drawn and clipped at 0: close where the mean is large, wrong where it is "
        mistake += "small. Or the noise does not depend on the light."
    wrong(f"electrons of a pixel with light {light:g} is {found:.4g} on average, not {mean:g}.", mistake, PHOTONS)


def _variance(band: np.ndarray, light: float) -> None:
    found, mean = float(band.var()), light * FULL_WELL
    what = f"electrons of pixels with light {light:g}"
    if found < 1e-6:
        wrong(
            f"{what} is {band.flat[0]:g} in every pixel.",
            "nothing was drawn at random: this is only the mean.",
            PHOTONS,
        )
    if abs(found - mean) < SLACK * mean:
        return
    mistake = "every band has the same noise; shot noise has the variance of its mean, so it depends on the light."
    if abs(found - mean**2) < 0.5 * mean**2:
        mistake = "the noise is as large as the mean; Poisson's standard deviation is its square root."
    elif abs(found - mean * FULL_WELL) < 2 * SLACK * mean * FULL_WELL:
        mistake = "the numbers were drawn first and multiplied afterwards, the noise with them: draw with the mean "
        mistake += "`light * FULL_WELL`."
    elif abs(found - mean * (1 - light)) < SLACK * mean * (1 - light):
        mistake = "a binomial distribution replaces Poisson's: it counts hits of 10,000 trials, and light has no "
        mistake += "number of trials."
    elif mean < 1:
        mistake = "another distribution replaces Poisson's, which shows where few electrons are expected."
    wrong(f"{what} has the variance {found:.3g}, not {mean:g}.", mistake, PHOTONS)


def _own_noise(what: str, flat: np.ndarray, look: str) -> None:
    """Rejects noise that colours or rows share; `flat` (height, width, 3) has the same light everywhere."""
    red, green = (flat[..., k].astype("float64").ravel() for k in (0, 1))
    shared = float(np.corrcoef(red, green)[0, 1]) if red.std() and green.std() else 0.0
    if abs(shared) > SHARED:
        mistake = "all three colours have the same noise: draw in the shape of the whole picture, with its colours."
        wrong(f"{what}: red and green have noise in common (correlation {shared:.2f}, not 0).", mistake, look)


@exercise
def snr(function) -> str:
    """Exercise 2: `snr(mean)` with shot and read noise together."""
    look = "“Signal and noise”: variances add up, standard deviations do not."
    mean = np.array([10_000.0, 400.0, 16.0, 4.0, 1.0])
    variance = mean + READ_NOISE**2
    summed = mean / (np.sqrt(mean) + READ_NOISE)
    mistakes = {
        "two standard deviations are added: √N + σ. Of independent noises the variances add up.": summed,
        "the root is missing: N + σ² is the variance of the noise.": mean / variance,
        "read noise is missing: √N is shot noise alone.": np.sqrt(mean),
        "shot noise is missing: σ alone is the noise of a black pixel.": mean / READ_NOISE,
        "σ is not squared: 4 electrons are the standard deviation.": mean / np.sqrt(mean + READ_NOISE),
        "N is squared in the variance: the variance of shot noise is N itself.": mean / np.hypot(mean, READ_NOISE),
        "the root was taken of the whole fraction: it belongs to the noise alone.": np.sqrt(mean / variance),
        "this is noise over signal.": np.sqrt(variance) / mean,
        "these are decibels; return the ratio itself.": Either(
            20 * np.log10(mean / np.sqrt(variance)), 10 * np.log10(mean / np.sqrt(variance))
        ),
    }
    right = mean / np.sqrt(variance)
    stages = {"the variance N + σ²": variance, "the noise √(N + σ²)": np.sqrt(variance)}
    steps = Steps(function, (mean,), stages)
    compare("snr([10000, 400, 16, 4, 1])", call(function, mean), right, mistakes, look, steps=steps)
    return "snr: a hundred times less light is ten times less of it in a bright photo, and far less in a dark one."


@exercise
def take(function) -> str:
    """Exercise 3: `take(scene, exposure, rng)` is a camera."""
    scene = np.repeat(np.array(LEVELS, np.uint8), SIDE)[None, :, None] * np.ones((SIDE, 1, 3), np.uint8)
    for exposure in (100, 16):  # the first so dark that read noise counts beside shot noise
        what = f"take(scene, {exposure}, rng) of a grey wall of levels {LEVELS[0]} and {LEVELS[1]}"
        photo = np.asarray(call(function, scene, exposure, np.random.default_rng(3)))
        if photo.shape != scene.shape or photo.dtype.kind not in "buif":
            compare(what, photo, scene, look=CAMERA)
        if photo.dtype != np.uint8:
            mistake = "`to_bytes` at the end is missing."
            wrong(f"{what} has values of the type {photo.dtype}, not uint8.", mistake, CAMERA)
        found, right = _seen(photo), _seen(photo_taken(scene, exposure))
        if not _alike(found, right):
            name, mine, due = next(each for each in zip(SEEN, found, right, strict=True) if not _near(*each[1:]))
            light = to_linear(scene / 255)
            stages = {"the scene in [0, 1]": scene / 255, "its light": light, LESS: light / exposure}
            steps = Steps(function, (scene, exposure, np.random.default_rng(3)), stages).departure()
            white = COUNTED if LESS in steps else ""  # dark enough, and then white: only a missing division does that
            mistake = _take_mistake(scene, exposure, found) if mine < WHITE else white
            wrong(f"{what} has {name} {mine:.2f}, not {due:.2f}.", mistake, CAMERA, "" if mistake else steps)
        _own_noise(what, photo[:, :SIDE], CAMERA)
    same_twice("take(scene, exposure, rng)", *(call(function, scene, 8, np.random.default_rng(4)) for _ in range(2)))
    drawn_from("take(scene, exposure, rng)", function, scene, 16, least=2 * scene.size, look=CAMERA)
    return "take: your camera sees what `model.images.darken` sees. Pairs to learn from are made like this."


SEEN = ("the mean level", "in its darker half the mean level", "noise in levels, a standard deviation of", "")


def _seen(photo: np.ndarray) -> tuple[float, ...]:
    """Mean of the brighter half, mean of the darker half, noise in the brighter half."""
    bright, dim = photo[:, :SIDE].astype("float64"), photo[:, SIDE:].astype("float64")
    return float(bright.mean()), float(dim.mean()), float(bright.std()), 0.0


def _near(one: float, other: float) -> bool:
    return abs(one - other) < max(0.25, SLACK * abs(other)) if max(one, other) > 8 else abs(one - other) < 0.08


def _alike(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(map(_near, one, other))


def _take_mistake(scene: np.ndarray, exposure: float, found: tuple[float, ...]) -> str:
    """The wrong camera that sees the same."""
    late = dict(expose=lambda light, exposure: light, encode=lambda light: to_bytes(light / exposure))
    cameras: dict[str, dict] = {
        "the light was not divided by the exposure.": {"expose": lambda light, exposure: light},
        "the light was multiplied by the exposure.": {"expose": np.multiply},
        "the levels were divided: half the light is not half the level. Divide `to_linear(scene / 255)`.": {
            "linear": lambda values: to_linear(values / exposure),
            "expose": lambda light, exposure: light,
        },
        "the scene was not divided by 255: `to_linear` takes values in [0, 1].": {
            "linear": lambda values: to_linear(255 * values)
        },
        "the levels were taken for light: `to_linear(scene / 255)` is missing.": {"linear": lambda values: values},
        "the conversion back to sRGB is missing, which `to_bytes` does.": {
            "encode": lambda light: np.clip(np.rint(255 * light), 0, 255)
        },
        "noise was added to the bright picture and divided with it: the sensor sees the dark one.": late,
        "read noise is missing.": {"read": lambda counted, rng: counted / FULL_WELL},
        "shot noise is missing: count with your `electrons`.": {"draw": lambda mean, rng: mean},
        "nothing was drawn at random.": {
            "draw": lambda mean, rng: mean,
            "read": lambda counted, rng: counted / FULL_WELL,
        },
        "read noise has 4² electrons: 4 is the standard deviation, which `rng.normal` takes.": {
            "read": lambda counted, rng: (counted + rng.normal(0, READ_NOISE**2, counted.shape)) / FULL_WELL
        },
        "read noise was added to light: it belongs to the electrons, before the division by FULL_WELL.": {
            "read": lambda counted, rng: counted / FULL_WELL + rng.normal(0, READ_NOISE, counted.shape)
        },
        COUNTED: {"read": lambda counted, rng: FULL_WELL * read_noise(counted, rng)},
    }
    fits = (text for text, options in cameras.items() if _alike(found, _seen(photo_taken(scene, exposure, **options))))
    offset = "one number was drawn for the whole picture: read noise needs `scene.shape`."
    return next(fits, offset if abs(found[2] - _seen(photo_taken(scene, exposure))[2]) < 1 else "")


@exercise
def brighten(function) -> str:
    """Exercise 4: `brighten(photo, factor)` multiplies light."""
    look = "“Brighten it again”: to linear light, times the factor, clip at 1, back to bytes."
    photo = np.array([0, 3, 12, 30, 49, 60, 120, 200], np.uint8).reshape(2, 4, 1) * np.ones(3, np.uint8)
    factor = 16
    light = to_linear(photo / 255)
    with np.errstate(over="ignore"):
        wrapped = (photo * np.uint8(factor)).astype(np.uint8)
    levels = np.clip(photo.astype("float64") * factor, 0, 255).astype(np.uint8)
    mistakes = {
        "uint8 values were multiplied and overflowed: 49 × 16 = 784 becomes 784 − 3·256 = 16. Use floats.": wrapped,
        "the levels were multiplied, not the light: 16 times the level is far more than 16 times the light.": levels,
        "the factor is inside `to_linear`: multiply its result, the light.": to_bytes(to_linear(photo / 255 * factor)),
        "the photo was not divided by 255: `to_linear` takes values in [0, 1].": to_bytes(to_linear(photo) * factor),
        "a power of 2.2 replaces the curve of sRGB: use `to_linear` and `to_bytes`.": np.rint(
            255 * np.clip((photo / 255) ** 2.2 * factor, 0, 1) ** (1 / 2.2)
        ).astype(np.uint8),
        "it was not rounded: `astype` truncates, `to_bytes` rounds.": (
            255 * to_srgb(np.clip(light * factor, 0, 1))
        ).astype(np.uint8),
        "it was not clipped at white, and uint8 values wrapped around: 260 becomes 4.": np.rint(
            255 * to_srgb(light * factor)
        )
        .astype(np.int64)
        .astype(np.uint8),
        "the factor is always 24, whatever the argument says.": to_bytes(light * 24),
        "the photo was made darker.": to_bytes(light / factor),
        "the conversion back to sRGB is missing.": np.rint(np.clip(light * factor, 0, 1) * 255).astype(np.uint8),
        "these are linear values in [0, 1]; a photo is bytes of sRGB.": np.clip(light * factor, 0, 1),
        "this is linear light, not clipped at white and not bytes.": light * factor,
    }
    right = to_bytes(light * factor)
    stages = {
        "the photo in [0, 1]": photo / 255,
        "its linear light": light,
        "the light times the factor": light * factor,
    }
    steps = Steps(function, (photo, factor), stages)
    compare("brighten(photo, 16)", call(function, photo, factor), right, mistakes, look, dtype=np.uint8, steps=steps)
    return "brighten: light times a factor, clipped at white. What was lost in the dark is not in the factor."


@exercise
def noise_of(function) -> str:
    """Exercise 5: `noise_of(first, second)` from two photos of one scene."""
    look = "“Measure the noise”: in the difference of two photos the scene is gone, and the noise is there twice."
    rng = np.random.default_rng(5)
    scene = np.linspace(30, 220, 120)[None, :, None] * np.ones((80, 1, 3))
    first, second = (np.rint(np.clip(scene + rng.normal(0, 6, scene.shape), 0, 255)).astype(np.uint8) for _ in range(2))
    difference = first.astype("float64") - second
    mistakes = {
        "the difference of uint8 values wrapped around: 3 − 5 becomes 254. Convert the photos to float first.": Either(
            np.std(first - second) / np.sqrt(2), np.std(first - second)
        ),
        "√2 is missing: a difference has the noise of both photos, twice the variance.": difference.std(),
        "it was divided by 2, not by √2: the variance is twice as large.": difference.std() / 2,
        "this is the spread of one photo, with the scene in it.": first.std(),
        "this is the mean of the difference: noise of both signs cancels out.": difference.mean(),
        "this is the variance; the standard deviation is its root.": difference.var() / 2,
        "this is the mean absolute difference, not the standard deviation.": Either(
            np.abs(difference).mean(), np.abs(difference).mean() / np.sqrt(2)
        ),
        "this is the difference of two standard deviations; take that of the difference.": abs(
            first.std() - second.std()
        )
        / np.sqrt(2),
        "this is the standard deviation of the absolute difference: keep its sign.": np.abs(difference).std()
        / np.sqrt(2),
        "this is a number for each colour: take all values together.": difference.std(axis=(0, 1)) / np.sqrt(2),
    }
    right = difference.std() / np.sqrt(2)
    stages = {"the difference, in floats": (difference, -difference), "its standard deviation": difference.std()}
    steps = Steps(function, (first, second), stages)
    got = call(function, first, second)
    compare("noise_of(first, second)", got, right, mistakes, look, relative=LOOSE, steps=steps)
    return "noise_of: two photos of one scene are enough to tell noise from scene."
