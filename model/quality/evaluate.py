"""How good a network is: PSNR and SSIM of every picture, beside what it takes no network to reach.

Pictures are compared as they would be saved, rounded to 8 bits. A mean over some dozens of pictures is uncertain, and
how much so is said: the 95 % interval of the mean, from 10,000 draws of as many pictures with replacement (bootstrap).
Two methods on the same pictures differ by less than their intervals suggest, since hard pictures are hard for both.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.data import PackedPairs, PairFolder, fault
from model.errors import MirnetError
from model.images.camera_formats import resize
from model.images.darken import CAMERAS
from model.images.photo_files import resize_to_fit
from model.quality.baselines import GainGamma, Tally, as_is, autocontrast, best_curve, clahe, fit_gain_gamma
from model.quality.metrics import psnr, ssim
from model.training.checkpoint import replacing
from model.training.inputs import as_the_board_sees

__all__ = ["METHODS", "Interval", "Restore", "Results", "View", "evaluate", "fit_curve", "interval", "restored_by"]

METHODS = {
    "network": "the network",
    "float": "its float network",
    "as_is": "input as is",
    "autocontrast": "autocontrast",
    "clahe": "CLAHE",
    "gain_gamma": "one gain + gamma",
    "oracle": "oracle: gain + gamma per picture",
}
"""Every method and its name for people. The oracle looks at the answer, see `model.quality.baselines`; `float`
is there only for a network of whole numbers that was given together with the one it was made from."""

DRAWS = 10_000
CONFIDENCE = 0.95

Progress = Callable[[int, int], None]
Restore = Callable[[np.ndarray], np.ndarray]
"""What makes a bright picture, uint8, of a dark one."""
Pairs = PairFolder | PackedPairs


@dataclass(frozen=True)
class View:
    """How pairs are looked at before they are compared.

    Attributes:
        resize: Shrink until the longer side has so many pixels; 0 for full size.
        frame: `qqvga` for the frame of the board's camera and its bytes; empty for pictures as they are.
        camera: What the bytes of a frame are, one of `model.images.darken.CAMERAS`.

    Raises:
        MirnetError: If both are asked for, or one is out of range.
    """

    resize: int = 0
    frame: str = ""
    camera: str = "yuv422"

    def __post_init__(self):
        if self.resize < 0:
            raise MirnetError(f"resize must be at least 1 pixel, not {self.resize}")
        if self.frame not in ("", "qqvga"):
            raise MirnetError(f"frame must be qqvga, not {self.frame!r}")
        if self.resize and self.frame:
            raise MirnetError("give --resize or --frame, not both: a frame has its own size")
        if self.camera not in CAMERAS:
            raise MirnetError(f"unknown camera format {self.camera!r}; there are {', '.join(CAMERAS)}")

    def __call__(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A pair, uint8, as it is compared."""
        if self.frame:
            return as_the_board_sees(low, high, self.camera)
        if self.resize:
            return resize_to_fit(low, self.resize), resize_to_fit(high, self.resize)
        return low, high


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
    """

    def __init__(self, about: Mapping[str, Any], path: Path | None = None):
        self.about, self.path = json.loads(json.dumps(about)), path
        self.curve: GainGamma | None = None
        self.images: dict[str, dict[str, dict[str, float]]] = {}
        if path is not None and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            about, images, curve = content["about"], content["images"], content["gain_gamma"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise MirnetError(f"{path} holds no results of an evaluation; choose another name") from error
        if about != self.about:
            other = ", ".join(key for key in self.about if about.get(key) != self.about[key])
            raise MirnetError(f"{path} holds the results of another evaluation ({other} differ); choose another name")
        self.images, self.curve = images, GainGamma(**curve) if curve else None

    def add(self, name: str, scores: dict[str, dict[str, float]]) -> None:
        """Keeps a picture's scores: method -> {"psnr", "ssim"}."""
        self.images[name] = scores
        self._write(None)

    def of(self, method: str, metric: str) -> list[float]:
        """The scores of all pictures."""
        return [scores[method][metric] for scores in self.images.values()]

    def ranked(self) -> list[str]:
        """The pictures' names, the network's worst first."""
        return sorted(self.images, key=lambda name: self.images[name]["network"]["psnr"])

    def summary(self) -> dict[str, dict[str, Interval]]:
        """Means and their intervals: method -> {"psnr", "ssim"}."""
        there = [method for method in METHODS if all(method in scores for scores in self.images.values())]
        return {method: {metric: interval(self.of(method, metric)) for metric in ("psnr", "ssim")} for method in there}

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
        with replacing(self.path) as unfinished:
            unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def fit_curve(pairs: Pairs, names: Sequence[str], view: View, progress: Progress | None = None) -> GainGamma:
    """The one gain and gamma that fits pairs best, looked at as the evaluation looks.

    Pairs that a network would not be trained on (`model.data.splitting.fault`) are left out: 0.3 dB better on LOL.

    Args:
        pairs: Where they are.
        names: Which ones; none of those that are evaluated.
        view: Size and frame.
        progress: Called with (pairs done, pairs in all).
    """
    tally = Tally()
    for done, name in enumerate(names, 1):
        low, high = pairs.load(name)
        if fault(_small(low), _small(high)) is None:
            tally.add(*view(low, high))
        if progress is not None:
            progress(done, len(names))
    return fit_gain_gamma(tally)


def _small(picture: np.ndarray) -> np.ndarray:
    """A quarter of the rows and columns."""
    height, width = picture.shape[:2]
    return resize(picture, max(1, height // 4), max(1, width // 4))


def restored_by(
    networks: Mapping[str, Restore], curve: GainGamma, low: np.ndarray, high: np.ndarray
) -> dict[str, np.ndarray]:
    """What each method makes of a dark picture, uint8; only the oracle looks at the bright one."""
    return {
        **{name: restore(low) for name, restore in networks.items()},
        "as_is": as_is(low),
        "autocontrast": autocontrast(low),
        "clahe": clahe(low),
        "gain_gamma": curve(low),
        "oracle": best_curve(low, high),
    }


def evaluate(
    networks: Mapping[str, Restore],
    pairs: Pairs,
    names: Sequence[str],
    view: View,
    results: Results,
    progress: Progress | None = None,
) -> None:
    """Scores every picture that has no scores yet.

    Args:
        networks: What is evaluated, as `network`; and, if it is one of whole numbers, what it was made from as
            `float`. `partial(enhance, net)` makes one of a `MIRNet`.
        pairs: Where the pairs are.
        names: Which ones.
        view: Size and frame.
        results: Where scores go; its `curve` must be set.
        progress: Called with (pictures done, pictures in all).

    Raises:
        MirnetError: If a picture cannot be read, is too small for SSIM, or the network gives nonsense.
    """
    if results.curve is None:
        raise MirnetError("results.curve must be set first, by fit_curve on pairs that are not evaluated")
    for done, name in enumerate(names, 1):
        if name not in results.images:
            low, high = view(*pairs.load(name))
            restored = restored_by(networks, results.curve, low, high)
            results.add(name, {method: _scores(picture, high) for method, picture in restored.items()})
        if progress is not None:
            progress(done, len(names))


def _scores(restored: np.ndarray, high: np.ndarray) -> dict[str, float]:
    # Bytes against 255: the same numbers as values rounded to 1/255 against 1.
    return {"psnr": psnr(restored, high, data_range=255), "ssim": ssim(restored, high, data_range=255)}
