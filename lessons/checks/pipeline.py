"""Checks of lesson 2: the residual, the Charbonnier loss, PSNR, the data range, SSIM."""

from typing import Any

import numpy as np

from lessons.checks.checking import Either, call, compare, passed, wrong
from model.quality.metrics import psnr as our_psnr
from model.quality.metrics import ssim as our_ssim

__all__ = ["add_residual", "charbonnier", "data_range_of", "psnr", "ssim"]

TRAP = 20 * np.log10(255)
"""48.13 dB: what max_val = 255 adds to the PSNR of pictures in [0, 1]."""


def add_residual(function) -> None:
    """Exercise 1: `add_residual(photo, residual)` is the last step of MIRNet."""
    look = "“The residual”: to [0, 1], add, clip to [0, 1], times 255, round, bytes."
    photo = np.array([[10, 20, 30], [100, 200, 250], [3, 90, 7]], np.uint8)[:, None]
    residual = np.array([[0.5, 0.3, 0.101], [0.2, 0.1, 0.4], [-0.2, 0.0, 0.5]], np.float32)[:, None]
    sums = photo / 255 + residual.astype("float64")
    right = np.rint(np.clip(sums, 0, 1) * 255).astype(np.uint8)
    with np.errstate(invalid="ignore"):
        wrapped = np.rint(sums * 255).astype(np.int64).astype(np.uint8)
    mistakes = {
        "this is the residual alone: it is *added* to the photo, Î = I + R.": _bytes(residual),
        "the residual was taken away; MIRNet adds it.": _bytes(photo / 255 - residual),
        "nothing was clipped: what is over 255 or below 0 wraps around in uint8.": wrapped,
        "it was not rounded: `astype` truncates.": (np.clip(sums, 0, 1) * 255).astype(np.uint8),
        "levels and a residual in [0, 1] were added: divide the photo by 255 first.": Either(
            np.rint(np.clip(photo + residual, 0, 255)).astype(np.uint8), _bytes(photo + residual)
        ),
        "this is still in [0, 1]: times 255, rounded, as uint8.": np.clip(sums, 0, 1),
        "this is neither clipped nor uint8.": sums,
    }
    got = call(function, photo, residual)
    compare("add_residual(photo, residual)", got, right, mistakes, look, dtype=np.uint8)
    passed("add_residual: Î = I + R. A network whose residual is zero returns the photo unchanged.")


def _bytes(values) -> np.ndarray:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def charbonnier(function) -> None:
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
    }
    right = np.mean(np.sqrt(squared + eps**2))
    compare("charbonnier(restored, reference)", call(function, restored, reference), right, mistakes, look)
    same = call(function, reference, reference)
    compare("charbonnier(reference, reference)", same, eps, look=look)
    passed("charbonnier: ε for equal pictures, and nearly |d| where the difference is large.")


def psnr(function) -> None:
    """Exercise 3: `psnr(a, b, data_range)`; the mistake of 48.13 dB is among those that it names."""
    look = "“PSNR by hand”: 10 · log10(L² / mean squared error), with L the argument `data_range`."
    rng = np.random.default_rng(2)
    first = rng.uniform(0, 1, (16, 12, 3)).astype(np.float32)
    second = np.clip(first + rng.normal(0, 0.1, first.shape), 0, 1).astype(np.float32)
    for data_range in (1, 255):
        a, b = (first, second) if data_range == 1 else (_bytes(first), _bytes(second))
        kind = "floats in [0, 1]" if data_range == 1 else "bytes"
        what = f"psnr(a, b, data_range={data_range}) of {kind}"
        right = our_psnr(a, b, data_range=data_range)
        got = call(function, a, b, data_range)
        compare(what, got, right, _psnr_mistakes(a, b, data_range, right), look, relative=1e-4)
    passed(
        "psnr: by hand, and the same as `model.psnr`. The data range is an argument: the values do not determine it."
    )


def _psnr_mistakes(a: np.ndarray, b: np.ndarray, data_range: float, right: float) -> dict[str, Any]:
    error = np.mean(np.square(a.astype("float64") - b))
    wrapped = np.mean(np.square((a - b).astype("float64")))
    return {
        "max_val = 255 was used for pictures in [0, 1]. Every result is then 20·log10(255) = 48.13 dB too high, "
        "however bad the picture is. Use the argument `data_range`.": right + TRAP,
        "max_val = 1 was used for bytes: 20·log10(255) = 48.13 dB too low. Use `data_range`.": right - TRAP,
        "uint8 values were subtracted and wrapped around: 3 − 5 becomes 254. Convert them to float first.": _db(
            data_range, wrapped
        ),
        "this is the natural logarithm; decibels take log10.": 10 * np.log(data_range**2 / error),
        "L is not squared, though the error is.": 10 * np.log10(data_range / error),
        "it is 20·log10 of something squared: 10·log10 for squares, 20·log10 for roots.": 2 * right,
        "it is 10·log10 of a root: 10·log10 for squares, 20·log10 for roots.": right / 2,
        "the fraction is inverted: error over peak.": -right,
        "this is the mean squared error; turn it into decibels.": error,
    }


def _db(data_range: float, error: float) -> float:
    return 10 * np.log10(data_range**2 / error)


def data_range_of(function) -> None:
    """Exercise 4: `data_range_of(picture)` by the data type, not by the values."""
    look = "“The mistake of 48.13 dB”: the range is what values *may* be, which depends on the dtype."
    cases: list[tuple[str, np.ndarray, int]] = [
        ("a dark picture in uint8", np.full((4, 4, 3), 60, np.uint8), 255),
        ("a bright picture in uint8", np.full((4, 4, 3), 255, np.uint8), 255),
        ("a bright picture in float32", np.full((4, 4, 3), 1, np.float32), 1),
        ("a dark picture in float32", np.full((4, 4, 3), 0.2, np.float32), 1),
        ("a picture in float32 with an overshoot to 1.2, as networks have", np.full((4, 4, 3), 1.2, np.float32), 1),
        ("a black picture in uint8", np.zeros((4, 4, 3), np.uint8), 255),
    ]
    answers = [float(call(function, picture)) for _, picture, _ in cases]
    for (name, picture, right), got in zip(cases, answers, strict=True):
        if got == right:
            continue
        mistake = ""
        if set(answers) == {255.0}:
            mistake = "the answer is always 255: pictures in [0, 1] then get a PSNR 48.13 dB too high."
        elif set(answers) == {1.0}:
            mistake = "the answer is always 1: uint8 pictures then get a PSNR 48.13 dB too low."
        elif got in (float(picture.max()), float(np.ptp(picture))):
            mistake = (
                "it is taken from the values of this one picture: a dark photo in uint8 may have values up to 255."
            )
        elif got in (1.0, 255.0):
            mistake = "it is guessed from how large the values are: a black photo can be uint8, too. Look at the dtype."
        wrong(f"data_range_of({name}) is {got:g}, not {right}.", mistake, look)
    passed("data_range_of: 255 for uint8, 1 for floats. The values of one picture do not matter.")


def ssim(function) -> None:
    """Exercise 5: `ssim(a, b, data_range)` with the window that is given."""
    look = "“SSIM by hand”: means, then variances and the covariance as mean of squares minus square of means."
    rng = np.random.default_rng(3)
    ramp = np.linspace(0.1, 0.9, 24)[:, None, None] * np.ones((1, 20, 3))
    a = np.clip(ramp + rng.normal(0, 0.05, ramp.shape), 0, 1)
    b = np.clip(0.8 * ramp + 0.1 + rng.normal(0, 0.05, ramp.shape), 0, 1)
    right = our_ssim(a, b, data_range=1)
    mistakes = {
        "the constants C1 and C2 are missing.": _ssim(a, b, c=(0, 0)),
        "C1 and C2 are not squared: (0.01 L)² and (0.03 L)².": _ssim(a, b, c=(0.01, 0.03)),
        "C1 and C2 are swapped.": _ssim(a, b, c=(0.03**2, 0.01**2)),
        "the squares of the means were not subtracted from the variances.": _ssim(a, b, variance=False),
        "the covariance lacks − μa·μb: it is only the mean of a·b.": _ssim(a, b, covariance=False),
        "there is one window, the whole picture; SSIM has a small one around each pixel.": _global(a, b),
        "the 2 in the numerators is missing.": _ssim(a, b, twice=1),
        "this is the mean of contrast and structure alone, without brightness.": _ssim(a, b, brightness=False),
    }
    got = call(function, a, b, 1)
    if np.shape(got):
        mistake = "the mean over all windows is missing at the end."
        wrong(f"ssim(a, b, 1) is an array of the shape {np.shape(got)}, not a number.", mistake, look)
    compare("ssim(a, b, data_range=1)", got, right, mistakes, look)
    bytes_a, bytes_b = _bytes(a), _bytes(b)
    fixed = our_ssim(bytes_a.astype("float64"), bytes_b.astype("float64"), data_range=1)
    right = our_ssim(bytes_a, bytes_b, data_range=255)
    got = call(function, bytes_a, bytes_b, 255)
    mistakes = {
        "C1 and C2 do not depend on `data_range`: for uint8 they are 255² times as large.": fixed,
        "uint8 values were multiplied and overflowed; convert them to float first.": got,  # whatever else is wrong
    }
    if abs(float(got) - right) <= 0.01:
        mistakes.popitem()
    compare("ssim(a, b, data_range=255) of bytes", got, right, mistakes, look)
    passed("ssim: by hand, and the same as `model.ssim`.")


def window_mean(values: np.ndarray) -> np.ndarray:
    """Gaussian means over windows of 11 × 11 pixels, as in the lesson: (h, w, 3) to (h - 10, w - 10, 3)."""
    offsets = np.arange(11) - 5
    weights = np.exp(-(offsets**2) / (2 * 1.5**2))
    weights = weights / weights.sum()
    height, width = values.shape[0] - 10, values.shape[1] - 10
    rows = sum(weight * values[k : k + height] for k, weight in enumerate(weights))
    return sum(weight * rows[:, k : k + width] for k, weight in enumerate(weights))


def _ssim(a, b, c=(0.01**2, 0.03**2), variance=True, covariance=True, twice=2, brightness=True) -> float:
    """SSIM, or a wrong one with something left out."""
    mean_a, mean_b = window_mean(a), window_mean(b)
    variance_a = window_mean(a * a) - (mean_a**2 if variance else 0)
    variance_b = window_mean(b * b) - (mean_b**2 if variance else 0)
    shared = window_mean(a * b) - (mean_a * mean_b if covariance else 0)
    light = (twice * mean_a * mean_b + c[0]) / (mean_a**2 + mean_b**2 + c[0])
    rest = (twice * shared + c[1]) / (variance_a + variance_b + c[1])
    return float(np.mean(light * rest if brightness else rest))


def _global(a: np.ndarray, b: np.ndarray) -> float:
    c1, c2 = 0.01**2, 0.03**2
    shared = np.mean(a * b) - a.mean() * b.mean()
    light = (2 * a.mean() * b.mean() + c1) / (a.mean() ** 2 + b.mean() ** 2 + c1)
    return float(light * (2 * shared + c2) / (a.var() + b.var() + c2))
