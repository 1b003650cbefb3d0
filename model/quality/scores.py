"""The scores of an evaluation: `METRICS` of every picture by every method, their means, and how sure these are.

A mean over some dozens of pictures is uncertain, and how much so is said: the 95 % interval of the mean, from 10,000
draws of as many pictures with replacement (bootstrap). Two methods on the same pictures differ by less than their
intervals suggest, since hard pictures are hard for both.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.errors import MirnetError
from model.quality.baselines import GainGamma
from model.safety.whole_files import write_whole

__all__ = ["METHODS", "METRICS", "Interval", "Results", "interval"]

METHODS = {
    "network": "the network",
    "float": "its float network",
    "as_is": "input as is",
    "autocontrast": "autocontrast",
    "clahe": "CLAHE",
    "gain_gamma": "one gain + gamma",
    "oracle": "oracle: gain + gamma per picture",
}
"""Every method and its name for people. The oracle uses the reference, see `model.quality.baselines`; `float` is
there only for an int8 network that was given together with the one it was made from."""

METRICS = ("psnr", "gt_mean_psnr", "ssim")
"""PSNR in dB, PSNR in dB at the reference's mean brightness (`model.quality.metrics.gt_mean`), and SSIM."""

DRAWS = 10_000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean and where it might as well have been."""

    mean: float
    low: float
    high: float


def interval(values: Iterable[float], seed: int = 0) -> Interval:
    """The mean and its 95 % bootstrap interval (percentiles of the means of 10,000 draws).

    Reference: Efron, Tibshirani: "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    scores = np.array(list(values))
    drawn = np.random.default_rng(seed).integers(len(scores), size=(DRAWS, len(scores)))
    means = scores[drawn].mean(axis=1)
    tail = (1 - CONFIDENCE) / 2
    # Without interpolation: identical pictures have an infinite PSNR, and between two infinities lies NaN.
    low, high = np.quantile(means, [tail, 1 - tail], method="nearest")
    return Interval(float(scores.mean()), float(low), float(high))


class Results:
    """The scores of all pictures, written to a JSON file as they come, so that an evaluation can be interrupted.

    Args:
        about: What was evaluated on what: everything that decides the scores.
        path: The file; None keeps them in memory.

    Raises:
        MirnetError: If the file holds the results of something else.

    Attributes:
        curve: The one gain and gamma of the baseline; None where there were no pairs to fit it on.
        images: The scores of every picture: name -> method -> metric.
        doubtful: Pairs that may not belong together, with the reason; they count nevertheless.
    """

    def __init__(self, about: Mapping[str, Any], path: Path | None = None):
        self.about, self.path = json.loads(json.dumps(about)), path
        self.curve: GainGamma | None = None
        self.images: dict[str, dict[str, dict[str, float]]] = {}
        self.doubtful: dict[str, str] = {}
        if path is not None and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            about, images, curve = dict(content["about"]), content["images"], content["gain_gamma"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise MirnetError(f"{path} holds no results of an evaluation; choose another name") from error
        if about != self.about:
            other = ", ".join(key for key in self.about if about.get(key) != self.about[key])
            raise MirnetError(f"{path} holds the results of another evaluation ({other} differ); choose another name")
        self.curve = GainGamma(**curve) if curve else None
        # What an earlier version wrote may lack a metric: such pictures are scored again.
        self.images = {
            name: scores for name, scores in images.items() if all(set(METRICS) <= set(of) for of in scores.values())
        }

    def add(self, name: str, scores: dict[str, dict[str, float]]) -> None:
        """Keeps a picture's scores: method -> metric."""
        self.images[name] = scores
        self._write(None)

    def of(self, method: str, metric: str) -> list[float]:
        """The scores of one method on all pictures, by one of `METRICS`."""
        return [scores[method][metric] for scores in self.images.values()]

    def ranked(self) -> list[str]:
        """The pictures' names, the network's worst first."""
        return sorted(self.images, key=lambda name: self.images[name]["network"]["psnr"])

    def summary(self) -> dict[str, dict[str, Interval]]:
        """Means and their intervals: method -> metric."""
        there = [method for method in METHODS if all(method in scores for scores in self.images.values())]
        return {method: {metric: interval(self.of(method, metric)) for metric in METRICS} for method in there}

    def finish(self) -> dict[str, dict[str, Interval]]:
        """Writes means and intervals into the file too, and gives them back.

        Raises:
            MirnetError: If it cannot be written.
        """
        found = self.summary()
        self._write({method: {name: vars(each) for name, each in of.items()} for method, of in found.items()})
        return found

    def _write(self, summary: dict | None) -> None:
        if self.path is None:
            return
        curve = vars(self.curve) if self.curve else None
        content = {"about": self.about, "gain_gamma": curve, "summary": summary, "images": self.images}
        content |= {"doubtful": self.doubtful} if self.doubtful else {}
        write_whole(self.path, json.dumps(content, indent=1) + "\n")
