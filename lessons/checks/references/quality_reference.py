"""Lesson 2"s metrics by hand, right and wrong: PSNR and SSIM."""

from typing import Any

import numpy as np

from lessons.checks.kit import Either

__all__ = ["TRAP", "decibels", "psnr_mistakes", "ssim_by_hand", "ssim_of_one_window", "ssim_stages", "window_mean"]

TRAP = 20 * np.log10(255)
"""48.13 dB: what max_val = 255 adds to the PSNR of pictures in [0, 1]."""


def psnr_mistakes(a: np.ndarray, b: np.ndarray, data_range: float, right: float) -> dict[str, Any]:
    """Wrong results of PSNR, by the mistake that gives them."""
    squared = np.square(a.astype("float64") - b)
    error = np.mean(squared)
    narrow = decibels(data_range, np.mean((a - b) ** 2))
    return {
        "max_val = 255 was used for pictures in [0, 1]. Every result is then 20·log10(255) = 48.13 dB too high, "
        "however bad the picture is. Use the argument `data_range`.": right + TRAP,
        "max_val = 1 was used for bytes: 20·log10(255) = 48.13 dB too low. Use `data_range`.": right - TRAP,
        "uint8 values were subtracted and wrapped around: 3 − 5 becomes 254. Convert them to float first.": Either(
            narrow, decibels(data_range, np.mean(np.square((a - b).astype("float64"))))
        ),
        "L is the largest value that was found, not the largest possible: use the argument `data_range`.": Either(
            *(decibels(float(each.max()), error) for each in (a, b))
        ),
        "this is the variance of the difference (or its root): the mean difference is an error, too.": Either(
            decibels(data_range, np.var(a.astype("float64") - b)),
            decibels(data_range, np.std(a.astype("float64") - b)),
        ),
        "the errors are not squared.": decibels(data_range, np.mean(np.sqrt(squared))),
        "the squares were added up, not averaged: the result then depends on the picture's size.": decibels(
            data_range, squared.sum()
        ),
        "this is the mean of three PSNRs, one for each colour: take one mean over all values.": np.mean(
            decibels(data_range, squared.mean(axis=(0, 1)))
        ),
        "this is a signal-to-noise ratio, with the power of the picture: the numerator is L².": Either(
            *(10 * np.log10(np.mean(np.square(each.astype("float64"))) / error) for each in (a, b))
        ),
        "the mean squared error was rooted before the division by L²: PSNR has both squared.": decibels(
            data_range, np.sqrt(error)
        ),
        "this is the natural logarithm; decibels take log10.": 10 * np.log(data_range**2 / error),
        "L is not squared, though the error is.": 10 * np.log10(data_range / error),
        "it is 20·log10 of something squared: 10·log10 for squares, 20·log10 for roots.": 2 * right,
        "it is 10·log10 of a root: 10·log10 for squares, 20·log10 for roots.": right / 2,
        "the fraction is inverted: error over peak.": -right,
        "this is the mean squared error; turn it into decibels.": error,
    }


def decibels(data_range: float, error: Any) -> Any:
    """PSNR of a mean squared error."""
    return 10 * np.log10(data_range**2 / error)


def window_mean(values: np.ndarray) -> np.ndarray:
    """Gaussian means over windows of 11 × 11 pixels, as in the lesson: (h, w, 3) to (h - 10, w - 10, 3)."""
    offsets = np.arange(11) - 5
    weights = np.exp(-(offsets**2) / (2 * 1.5**2))
    weights = weights / weights.sum()
    height, width = values.shape[0] - 10, values.shape[1] - 10
    rows = sum(weight * values[k : k + height] for k, weight in enumerate(weights))
    return sum(weight * rows[:, k : k + width] for k, weight in enumerate(weights))


def ssim_by_hand(
    a, b, c=(0.01**2, 0.03**2), variance=True, covariance=True, twice=2, brightness=True, rest=True
) -> float:
    """SSIM, or a wrong one with something left out."""
    mean_a, mean_b = window_mean(a), window_mean(b)
    variance_a = window_mean(a * a) - (mean_a**2 if variance else 0)
    variance_b = window_mean(b * b) - (mean_b**2 if variance else 0)
    shared = window_mean(a * b) - (mean_a * mean_b if covariance else 0)
    light = (twice * mean_a * mean_b + c[0]) / (mean_a**2 + mean_b**2 + c[0])
    contrast = (twice * shared + c[1]) / (variance_a + variance_b + c[1])
    return float(np.mean((light if brightness else 1) * (contrast if rest else 1)))


def ssim_stages(a: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """The right steps of SSIM, by name."""
    c1, c2 = 0.01**2, 0.03**2
    mean_a, mean_b = window_mean(a), window_mean(b)
    variance_a, variance_b = window_mean(a * a) - mean_a**2, window_mean(b * b) - mean_b**2
    shared = window_mean(a * b) - mean_a * mean_b
    return {
        "the mean μa": mean_a,
        "the mean μb": mean_b,
        "the variance σa²": variance_a,
        "the variance σb²": variance_b,
        "the covariance σab": shared,
        "2 μa μb + C1": 2 * mean_a * mean_b + c1,
        "μa² + μb² + C1": mean_a**2 + mean_b**2 + c1,
        "2 σab + C2": 2 * shared + c2,
        "σa² + σb² + C2": variance_a + variance_b + c2,
    }


def ssim_of_one_window(a: np.ndarray, b: np.ndarray) -> float:
    """SSIM with the whole picture as its one window."""
    c1, c2 = 0.01**2, 0.03**2
    shared = np.mean(a * b) - a.mean() * b.mean()
    light = (2 * a.mean() * b.mean() + c1) / (a.mean() ** 2 + b.mean() ** 2 + c1)
    return float(light * (2 * shared + c2) / (a.var() + b.var() + c2))
