"""Checks of lesson 2: the residual, the Charbonnier loss, PSNR, the data range, SSIM, and a gain in both."""

import numpy as np

from lessons.checks.kit import Either, Steps, call, compare, exercise, given, several, wrong
from lessons.checks.references.quality_reference import psnr_mistakes, ssim_by_hand, ssim_of_one_window, ssim_stages
from model.quality.metrics import psnr as our_psnr
from model.quality.metrics import ssim as our_ssim

__all__ = ["add_residual", "charbonnier", "data_range_of", "gained", "psnr", "ssim"]

LOOSE = 1e-4
"""Of an SSIM: variances in float32 are differences of nearly equal numbers."""


@exercise
def add_residual(function) -> str:
    """Exercise 1: `add_residual(photo, residual)` is the last step of MIRNet."""
    look = "“The residual”: to [0, 1], add, clip to [0, 1], times 255, round, bytes."
    photo = np.array([[10, 20, 30], [100, 200, 250], [3, 90, 7], [255, 0, 128]], np.uint8)[:, None]
    # No sum is near a half: there, float32 and float64 round differently.
    levels = np.array([[127.3, 76.6, 25.7], [51.2, 25.4, 102.3], [-51.3, 0.2, 127.8], [-0.4, 254.7, -9.3]])[:, None]
    residual = (levels / 255).astype(np.float32)
    sums = photo / 255 + residual.astype("float64")
    clipped = np.clip(sums, 0, 1)
    right = np.rint(clipped * 255).astype(np.uint8)
    integers = (255 * residual).astype(np.int64).astype(np.uint8)
    mistakes = {
        "this is the residual alone: it is *added* to the photo, Î = I + R.": _bytes(residual),
        "the residual was taken away; MIRNet adds it.": _bytes(photo / 255 - residual),
        "nothing was clipped: what is over 255 or below 0 wraps around in uint8.": Either(
            _wrapped(np.rint(sums * 255)), photo + integers, photo + _wrapped(np.rint(255 * residual))
        ),
        "it was not rounded: `astype` truncates.": (clipped * 255).astype(np.uint8),
        "it was rounded up, not to the nearest.": np.ceil(clipped * 255).astype(np.uint8),
        "negative residuals were dropped: where the photo is too bright, the network takes away.": _bytes(
            photo / 255 + np.clip(residual, 0, 1)
        ),
        "levels and a residual in [0, 1] were added: divide the photo by 255 first.": Either(
            np.rint(np.clip(photo + residual, 0, 255)).astype(np.uint8), _bytes(photo + residual)
        ),
        "this is still in [0, 1]: times 255, rounded, as uint8.": clipped,
        "this is neither clipped nor uint8.": sums,
        "255 is the largest level, not 256: divide and multiply by 255.": np.rint(
            np.clip(photo / 256 + residual, 0, 1) * 256
        ).clip(0, 255),
        "the result was stretched to its own range: black and white stay where they are.": np.rint(
            255 * (sums - sums.min()) / np.ptp(sums)
        ),
    }
    got = call(function, photo, residual)
    stages = {
        "the photo in [0, 1]": (photo / 255, photo + 255 * residual),
        "the sum I + R": (sums, 255 * sums),
        "the sum, clipped": (clipped, 255 * clipped),
    }
    steps = Steps(function, (photo, residual), stages)
    compare("add_residual(photo, residual)", got, right, mistakes, look, dtype=np.uint8, steps=steps)
    return "add_residual: Î = I + R. A network whose residual is zero returns the photo unchanged."


def _wrapped(values) -> np.ndarray:
    return np.asarray(values).astype(np.int64).astype(np.uint8)


def _bytes(values) -> np.ndarray:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


@exercise
def charbonnier(function) -> str:
    """Exercise 2: `charbonnier(restored, reference)`."""
    look = "“The training loss”: a root for every value, then the mean; ε = 10⁻³, squared."
    rng = np.random.default_rng(1)
    reference = rng.uniform(0.2, 0.8, (8, 9, 3))
    restored = reference + rng.normal(0, 0.002, reference.shape)
    difference, eps = restored - reference, 1e-3
    squared = difference**2
    one_root = np.sqrt(np.sum(squared) + eps**2)
    mistakes = {
        "ε is not squared: √(d² + ε²).": np.mean(np.sqrt(squared + eps)),
        "ε is missing: this is the mean absolute error.": np.mean(np.abs(difference)),
        "ε was added to |d|; it belongs under the root, squared.": np.mean(np.abs(difference) + eps),
        "the root is missing.": np.mean(squared + eps**2),
        "this is the mean squared error.": np.mean(squared),
        "there is one root over the sum of all values: the loss then grows with the size of the picture. "
        "The paper writes it like that; its authors and everyone else take a root for each value.": one_root,
        "there is one root over the mean; take a root for each value.": np.sqrt(np.mean(squared) + eps**2),
        "this is the sum; the mean does not depend on the picture's size.": np.sum(np.sqrt(squared + eps**2)),
        "nothing was averaged: this is the loss of each value, a picture.": np.sqrt(squared + eps**2),
        "only one axis was averaged: the loss is one number.": np.sqrt(squared + eps**2).mean(axis=-1),
        "ε was subtracted at the end: the loss of equal pictures is ε, not 0.": np.mean(np.sqrt(squared + eps**2))
        - eps,
        "ε was added to the difference before squaring: √((d + ε)²) is |d + ε|.": np.mean(np.abs(difference + eps)),
    }
    right = np.mean(np.sqrt(squared + eps**2))
    stages = {
        "the squared difference": squared,
        "the squared difference plus ε²": squared + eps**2,
        "the root of that": np.sqrt(squared + eps**2),
    }
    steps = Steps(function, (restored, reference), stages)
    got = call(function, restored, reference)
    compare("charbonnier(restored, reference)", got, right, mistakes, look, steps=steps)
    same = call(function, reference, reference)
    compare("charbonnier(reference, reference)", same, eps, look=look)
    wide = call(function, restored, reference, eps=0.1)
    mistake = {"`eps` is not used: another number is built in.": right}
    compare("charbonnier(restored, reference, eps=0.1)", wide, np.mean(np.sqrt(squared + 0.01)), mistake, look)
    return "charbonnier: ε for equal pictures, and nearly |d| where the difference is large."


@exercise
def psnr(function) -> str:
    """Exercise 3: `psnr(a, b, data_range)`; the mistake of 48.13 dB is among those that it names."""
    look = "“PSNR by hand”: 10 · log10(L² / mean squared error), with L the argument `data_range`."
    rng = np.random.default_rng(2)
    first = rng.uniform(0.1, 0.8, (16, 12, 3)).astype(np.float32)  # nowhere near white
    second = np.clip(first + rng.normal(-0.05, 0.1, first.shape), 0, 1).astype(np.float32)  # darker, too
    for data_range in (1, 255):
        a, b = (first, second) if data_range == 1 else (_bytes(first), _bytes(second))
        kind = "floats in [0, 1]" if data_range == 1 else "bytes"
        what = f"psnr(a, b, data_range={data_range}) of {kind}"
        right = our_psnr(a, b, data_range=data_range)
        got = call(function, a, b, data_range)
        mistakes = psnr_mistakes(a, b, data_range, right)
        squared = np.square(a.astype("float64") - b)
        stages = {
            "the difference, in floats": (a.astype("float64") - b, b - a.astype("float64")),
            "its square": squared,
            "the mean squared error": squared.mean(),
        }
        compare(what, got, right, mistakes, look, relative=1e-4, steps=Steps(function, (a, b, data_range), stages))
    return "psnr: by hand, and the same as `model.psnr`. The data range is an argument: the values do not determine it."


@exercise
def data_range_of(function) -> str:
    """Exercise 4: `data_range_of(picture)` by the data type, not by the values."""
    look = "“The mistake of 48.13 dB”: the range is what values *may* be, which depends on the dtype."
    cases: list[tuple[str, np.ndarray, int]] = [
        ("a dark picture in uint8", np.full((4, 4, 3), 60, np.uint8), 255),
        ("a bright picture in uint8", np.full((4, 4, 3), 255, np.uint8), 255),
        ("a bright picture in float32", np.full((4, 4, 3), 1, np.float32), 1),
        ("a dark picture in float32", np.full((4, 4, 3), 0.2, np.float32), 1),
        ("a picture in float32 with an overshoot to 1.2, as networks have", np.full((4, 4, 3), 1.2, np.float32), 1),
        ("a bright picture in float64", np.full((4, 4, 3), 0.9), 1),
        ("a black picture in uint8", np.zeros((4, 4, 3), np.uint8), 255),
    ]
    found = [call(function, picture) for _, picture, _ in cases]
    for (name, _, right), got in zip(cases, found, strict=True):
        if np.asarray(got).dtype.kind not in "uif" or np.size(got) != 1:
            mistake = "the number is in quotation marks, or something else is returned: return 255 or 1."
            wrong(f"data_range_of({name}) is {got!r}, a {type(got).__name__}, not the number {right}.", mistake, look)
    answers = [float(np.asarray(got).item()) for got in found]
    for (name, picture, right), got in zip(cases, answers, strict=True):
        if got == right:
            continue
        mistake = ""
        if set(answers) == {255.0}:
            mistake = "the answer is always 255: pictures in [0, 1] then get a PSNR 48.13 dB too high."
        elif set(answers) == {1.0}:
            mistake = "the answer is always 1: uint8 pictures then get a PSNR 48.13 dB too low."
        elif answers == [1.0 if each == 255 else 255.0 for _, _, each in cases]:
            mistake = "the two are swapped: 255 is for uint8."
        elif set(answers) == {256.0, 1.0}:
            mistake = "a uint8 has 256 values, from 0 to 255: the largest is 255."
        elif got in (float(picture.max()), float(np.ptp(picture))):
            mistake = (
                "it is taken from the values of this one picture: a dark photo in uint8 may have values up to 255."
            )
        elif got == 255 and picture.dtype.kind == "f" and picture.max() <= 1:
            mistake = "only some floating point types are recognized: float32 is one, too. Compare with np.uint8."
        elif got in (1.0, 255.0):
            mistake = "it is guessed from how large the values are: a black photo can be uint8, too. Look at the dtype."
        wrong(f"data_range_of({name}) is {got:g}, not {right}.", mistake, look)
    return "data_range_of: 255 for uint8, 1 for floats. The values of one picture do not matter."


@exercise
def ssim(function) -> str:
    """Exercise 5: `ssim(a, b, data_range)` with the window that is given."""
    look = "“SSIM by hand”: means, then variances and the covariance as mean of squares minus square of means."
    rng = np.random.default_rng(3)
    ramp = np.linspace(0.1, 0.9, 24)[:, None, None] * np.ones((1, 20, 3))
    # Dark and noisy above, bright and calm below: the mean of a product is then not the product of the means.
    spread = np.linspace(0.15, 0.01, 24)[:, None, None]
    a = np.clip(ramp + rng.normal(0, spread, ramp.shape), 0, 1)
    b = np.clip(0.6 * ramp + 0.3 + rng.normal(0, spread, ramp.shape), 0, 1)
    right = our_ssim(a, b, data_range=1)
    mistakes = {
        "the constants C1 and C2 are missing.": ssim_by_hand(a, b, c=(0, 0)),
        "C1 and C2 are not squared: (0.01 L)² and (0.03 L)².": ssim_by_hand(a, b, c=(0.01, 0.03)),
        "C1 and C2 are swapped.": ssim_by_hand(a, b, c=(0.03**2, 0.01**2)),
        "the squares of the means were not subtracted from the variances.": ssim_by_hand(a, b, variance=False),
        "the covariance lacks − μa·μb: it is only the mean of a·b.": ssim_by_hand(a, b, covariance=False),
        "there is one window, the whole picture; SSIM has a small one around each pixel.": ssim_of_one_window(a, b),
        "the 2 in the numerators is missing.": ssim_by_hand(a, b, twice=1),
        "this is the mean of contrast and structure alone, without brightness.": ssim_by_hand(a, b, brightness=False),
        "this is the mean of brightness alone, without contrast and structure.": ssim_by_hand(a, b, rest=False),
        "two means were multiplied: multiply brightness and the rest in each window, and take one mean of that.": (
            ssim_by_hand(a, b, brightness=False) * ssim_by_hand(a, b, rest=False)
        ),
    }
    steps = Steps(function, (a, b, 1), ssim_stages(a, b), parallel=True)
    got = call(function, a, b, 1)
    if np.size(got) != 1:
        mistake = "the mean over all windows is missing at the end."
        wrong(f"ssim(a, b, 1) is an array of the shape {np.shape(got)}, not a number.", mistake, look)
    compare("ssim(a, b, data_range=1)", got, right, mistakes, look, LOOSE, steps=steps)
    bytes_a, bytes_b = _bytes(a), _bytes(b)
    fixed = our_ssim(bytes_a.astype("float64"), bytes_b.astype("float64"), data_range=1)
    right = our_ssim(bytes_a, bytes_b, data_range=255)
    got = call(function, bytes_a, bytes_b, 255)
    constants = (2.55**2, 7.65**2)
    mistakes = {
        "C1 and C2 do not depend on `data_range`: for uint8 they are 255² times as large.": fixed,
        "uint8 values were multiplied and overflowed; convert them to float first.": ssim_by_hand(
            bytes_a, bytes_b, constants
        ),
    }
    compare("ssim(a, b, data_range=255) of bytes", got, right, mistakes, look, LOOSE)
    return "ssim: by hand, and the same as `model.ssim`."


@exercise
def gained(answer, photo: np.ndarray, dark: np.ndarray, restored: np.ndarray) -> str:
    """Exercise 6: decibels and SSIM that a restored photo has more than the dark one; whatever photo it is."""
    look = "“On your own photo”: the score of `mine_restored` minus that of `mine_dark`, both against `mine`."
    answer = several("gained", given("gained", answer), "a pair, (decibels, SSIM)", look=look)
    scores = {"decibels": our_psnr, "SSIM": our_ssim}
    rights = [score(restored, photo, data_range=255) - score(dark, photo, data_range=255) for score in scores.values()]
    for value, (name, score), right in zip(answer, scores.items(), rights, strict=True):
        after, before = (score(each, photo, data_range=255) for each in (restored, dark))
        mistakes = {
            "this is the score of the restored photo; take away that of the dark one.": after,
            "this is the score of the dark photo alone.": before,
            "the signs are wrong: the restored photo's score comes first.": before - after,
            "the restored photo was compared with the dark one: both scores are against the good photo.": (
                score(restored, dark, data_range=255)
            ),
            "the scores were divided: a gain is their difference.": after / before,
            "the two were swapped: decibels come first, then SSIM.": rights[0] + rights[1] - right,
        }
        if name == "SSIM":
            mistakes["this is in percent: SSIM is a number up to 1."] = 100 * right
            mistakes["the data range is 1 here, and these pictures are bytes: it is 255."] = score(
                restored.astype("float64"), photo.astype("float64"), data_range=1
            ) - score(dark.astype("float64"), photo.astype("float64"), data_range=1)
        compare(f"gained, {name},", value, right, mistakes, look, relative=1e-3)
    return "gained: your photo, your metrics. Whether it *looks* better is a question for your eyes."
