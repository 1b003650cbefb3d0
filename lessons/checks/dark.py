"""Checks of lesson 1: photons, signal to noise, a camera, brightening, and measuring noise."""

import numpy as np

from lessons.checks.checking import Either, call, compare, passed, same_twice, wrong
from model.images.darken import LINEAR_OF_BYTE, to_bytes, to_linear, to_srgb

__all__ = ["brighten", "electrons", "noise_of", "snr", "take"]

FULL_WELL = 10_000.0
READ_NOISE = 4.0
MANY = (200, 200)
"""Shape of a grey patch: of 40,000 values the mean has an error of 1/200 of the noise, the variance of 1/140."""

GREY = 188
"""Level of a wall that gives half of the light of white."""

CAMERA = "“Build a camera”: to linear light, divide, count, add read noise, divide by the full well, back to bytes."

SLACK = 0.05
"""Relative tolerance: seven standard deviations of the variance of so many values."""


def electrons(function) -> None:
    """Exercise 1: `electrons(light, rng)` counts at random, as Poisson has it."""
    look = "“Photons and shot noise”: the count is drawn with `rng.poisson(mean)`, and the mean is light × full well."
    for light in (0.04, 0.0009):
        patch = np.full(MANY, light)
        counted = np.asarray(call(function, patch, np.random.default_rng(1)))
        mean, what = light * FULL_WELL, f"electrons(light, rng) of a patch with light {light:g}"
        if counted.shape != patch.shape:
            compare(what, counted, patch, look=look)
        found, variance = float(counted.mean()), float(counted.var())
        if not abs(found - mean) < SLACK * mean + 0.05:
            unscaled = "the light was not multiplied by FULL_WELL: 1 is white, and white is 10,000 electrons."
            mistake = unscaled if found < mean / 100 else ""
            wrong(f"{what} has the mean {found:.4g}, not {mean:g} electrons.", mistake, look)
        if variance < 1e-6:
            wrong(f"{what} is {found:g} in every pixel.", "nothing was drawn at random: this is only the mean.", look)
        if not abs(variance - mean) < SLACK * mean:
            wrong(f"{what} has the variance {variance:.3g}, not {mean:g}.", _spread(variance, mean), look)
        if not np.array_equal(counted, np.rint(counted)):
            mistake = (
                "a normal distribution replaces Poisson's: close where the mean is large, wrong where it is small."
            )
            wrong(f"{what} has counts such as {counted.flat[0]:.3f}: there is no half electron.", mistake, look)
    same_twice("electrons(light, rng)", *(call(function, patch, np.random.default_rng(2)) for _ in range(2)))
    passed("electrons: integers, and the variance is the mean. That is shot noise: no camera can be without it.")


def _spread(variance: float, mean: float) -> str:
    if abs(variance - mean**2) < 2 * SLACK * mean**2:
        return "the noise is as large as the mean; Poisson's standard deviation is its square root."
    return "every patch has the same noise; shot noise has the variance of its mean, so it depends on the light."


def snr(function) -> None:
    """Exercise 2: `snr(mean)` with shot and read noise together."""
    look = "“Signal and noise”: variances add up, standard deviations do not."
    mean = np.array([10_000.0, 400.0, 16.0, 4.0, 1.0])
    summed = mean / (np.sqrt(mean) + READ_NOISE)
    mistakes = {
        "two standard deviations are added: √N + σ. Of independent noises the variances add up.": summed,
        "the root is missing: N + σ² is the variance of the noise.": mean / (mean + READ_NOISE**2),
        "read noise is missing: √N is shot noise alone.": np.sqrt(mean),
        "σ is not squared: 4 electrons are the standard deviation.": mean / np.sqrt(mean + READ_NOISE),
        "this is noise over signal.": np.sqrt(mean + READ_NOISE**2) / mean,
    }
    right = mean / np.sqrt(mean + READ_NOISE**2)
    compare("snr([10000, 400, 16, 4, 1])", call(function, mean), right, mistakes, look)
    passed("snr: a hundred times less light is ten times less of it in a bright photo, and far less in a dark one.")


def take(function) -> None:
    """Exercise 3: `take(scene, exposure, rng)` is a camera."""
    scene = np.full((*MANY, 3), GREY, np.uint8)
    _right_light(function, scene, exposure=16)
    _right_noise(function, scene, exposure=100)  # so dark that read noise counts beside shot noise
    twice = (call(function, scene, 8, np.random.default_rng(4)) for _ in range(2))
    same_twice("take(scene, exposure, rng)", *twice)
    passed("take: your camera sees what `model.images.darken` sees. Pairs to learn from are made like this.")


def _right_light(function, scene: np.ndarray, exposure: int) -> None:
    photo = np.asarray(call(function, scene, exposure, np.random.default_rng(3)))
    what = f"take(scene, {exposure}, rng) of a grey wall of level {GREY}"
    if photo.shape != scene.shape:
        compare(what, photo, scene, look=CAMERA)
    if photo.dtype != np.uint8:
        wrong(f"{what} has values of the type {photo.dtype}, not uint8.", "`to_bytes` at the end is missing.", CAMERA)
    mean, right = float(photo.mean()), 255 * float(to_srgb(LINEAR_OF_BYTE[GREY] / exposure))
    if not abs(mean - right) < 1:
        wrong(f"{what} has the mean level {mean:.1f}, not {right:.1f}.", _level(mean, GREY, exposure), CAMERA)


def _right_noise(function, scene: np.ndarray, exposure: int) -> None:
    noise = float(np.std(call(function, scene, exposure, np.random.default_rng(3))))
    right, shot = (_noise_in_levels(exposure, read_noise) for read_noise in (READ_NOISE, 0))
    if abs(noise - right) < SLACK * right:
        return
    mistake = ""
    if noise < 0.3:
        mistake = "nothing was drawn at random."
    elif abs(noise - shot) < SLACK * right:
        mistake = "read noise is missing."
    elif noise < right:
        mistake = "noise was added to the bright picture and divided with it: the sensor sees the dark one."
    what = f"take(scene, {exposure}, rng) of a grey wall of level {GREY}"
    wrong(f"{what} has noise of {noise:.2f} levels, not {right:.2f}.", mistake, CAMERA)


def _noise_in_levels(exposure: int, read_noise: float) -> float:
    """Of the grey wall, after the sRGB curve, with the error of rounding to levels."""
    light = LINEAR_OF_BYTE[GREY] / exposure
    noise = np.sqrt(light * FULL_WELL + read_noise**2) / FULL_WELL
    spread = 255 * float(to_srgb(light + noise) - to_srgb(light - noise)) / 2
    return float(np.sqrt(spread**2 + 1 / 12))


def _level(mean: float, level: int, exposure: int) -> str:
    if abs(mean - level / exposure) < 1:
        return "the levels were divided: half the light is not half the level. Divide `to_linear(scene / 255)`."
    if abs(mean - 255 * float(LINEAR_OF_BYTE[level]) / exposure) < 1:
        return "the conversion back to sRGB is missing, which `to_bytes` does."
    if abs(mean - level) < 2:
        return "the light was not divided by the exposure."
    if mean > 250:
        return "electrons were taken for light: divide the count by FULL_WELL again."
    return ""


def brighten(function) -> None:
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
        "the photo was made darker.": to_bytes(light / factor),
        "the conversion back to sRGB is missing.": np.rint(np.clip(light * factor, 0, 1) * 255).astype(np.uint8),
        "these are linear values in [0, 1]; a photo is bytes of sRGB.": np.clip(light * factor, 0, 1),
        "this is linear light, not clipped at white and not bytes.": light * factor,
    }
    right = to_bytes(light * factor)
    compare("brighten(photo, 16)", call(function, photo, factor), right, mistakes, look, dtype=np.uint8)
    passed("brighten: light times a factor, clipped at white. What was lost in the dark is not in the factor.")


def noise_of(function) -> None:
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
        "this is the mean absolute difference, not the standard deviation.": np.abs(difference).mean(),
    }
    right = difference.std() / np.sqrt(2)
    compare("noise_of(first, second)", call(function, first, second), right, mistakes, look)
    passed("noise_of: two photos of one scene are enough to tell noise from scene.")
