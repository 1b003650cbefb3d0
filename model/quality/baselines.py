"""What a network has to beat: brightening without learning.

Half of low-light enhancement is finding the right brightness, and a curve can do that. So every figure of a network
stands beside these. They all take and give (height, width, 3) uint8.

| baseline | what it knows |
| --- | --- |
| input as is | nothing |
| autocontrast | the picture: stretches each channel so that 1 % of its values are black and 1 % white |
| CLAHE | the picture: equalizes the histogram of its brightness in 8 x 8 regions, with a limit on contrast |
| one gain + gamma | the training pairs: one curve for all pictures |
| oracle: gain + gamma per picture | **the reference**: the best such curve for each picture. No method may do that |

The oracle is a yardstick: what it lacks to a perfect picture is noise and colour, and what a network lacks to it is
mostly brightness.
"""

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageOps

from model.errors import MirnetError
from model.images.arrays import as_uint8

__all__ = ["GainGamma", "Tally", "as_is", "autocontrast", "best_curve", "clahe", "fit_gain_gamma"]

LEVELS = np.arange(256) / 255
CUT = 1  # percent at either end
CLIP_LIMIT = 0.01  # scikit-image's default

GAINS = (0.1, 100.0)
GAMMAS = (0.05, 5.0)
GRID = 31  # points along each axis
ROUNDS = 8  # each has a grid a third as wide


def as_is(low: np.ndarray) -> np.ndarray:
    """The dark picture itself."""
    return low


def autocontrast(low: np.ndarray) -> np.ndarray:
    """Each channel stretched to the whole range, after 1 % of its values at either end are cut off (Pillow)."""
    return np.asarray(ImageOps.autocontrast(Image.fromarray(np.ascontiguousarray(low)), cutoff=CUT))


def clahe(low: np.ndarray) -> np.ndarray:
    """Contrast-limited adaptive histogram equalization of the brightness (value of HSV), scikit-image's defaults.

    Reference: Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994.
    """
    from skimage.exposure import equalize_adapthist  # brings SciPy: only when asked for

    return as_uint8(equalize_adapthist(low, clip_limit=CLIP_LIMIT))


@dataclass(frozen=True)
class GainGamma:
    """The curve v -> gain · v^gamma on values in [0, 1], clipped at 1: brightness and contrast in two numbers.

    Attributes:
        gain: How much brighter; above 0.
        gamma: Below 1 it lifts the shadows; above 0.
    """

    gain: float
    gamma: float

    def __call__(self, low: np.ndarray) -> np.ndarray:
        """The picture through the curve, rounded to bytes."""
        table = as_uint8(np.broadcast_to(_curve(self.gain, self.gamma)[:, None, None], (256, 1, 3)))[:, 0, 0]
        return table[low]


@dataclass
class Tally:
    """All that a curve's squared error over any number of pairs depends on: a gigabyte of pictures in 256 rows.

    For each dark value: how often it occurs, and the sum of the bright values in its place.

    Attributes:
        count: (256,) how often a dark value occurs, over all channels.
        total: (256,) sum of the bright values in [0, 1] there.
        squares: Sum of the squares of all bright values.
    """

    count: np.ndarray = field(default_factory=lambda: np.zeros(256))
    total: np.ndarray = field(default_factory=lambda: np.zeros(256))
    squares: float = 0.0

    def add(self, low: np.ndarray, high: np.ndarray) -> "Tally":
        """Counts a pair in.

        Args:
            low: (height, width, 3) uint8.
            high: The same shape, uint8.
        """
        bright = high.ravel() / 255
        self.count += np.bincount(low.ravel(), minlength=256)
        self.total += np.bincount(low.ravel(), bright, minlength=256)
        self.squares += float(bright @ bright)
        return self

    def mean_squared_error(self, gain: np.ndarray, gamma: np.ndarray) -> np.ndarray:
        """Of curves: the mean over all values of (curve(dark) - bright)².

        Args:
            gain: Any shape.
            gamma: The same shape.
        """
        curve = _curve(gain[..., None], gamma[..., None])  # (..., 256)
        # (f - b)² = f² - 2 f b + b², summed over the values of one dark level at a time
        return (curve**2 @ self.count - 2 * curve @ self.total + self.squares) / self.count.sum()


def fit_gain_gamma(tally: Tally) -> GainGamma:
    """The gain and gamma with the least squared error, so the highest PSNR over all values together.

    A grid over the logarithms of both, that shrinks around its best point: the error has one valley, but clipping
    gives it kinks that methods with derivatives stumble over.

    Raises:
        MirnetError: If no pair was counted in.
    """
    if not tally.count.sum():
        raise MirnetError("gain and gamma need pairs to be fitted on; none were given")
    low, high = np.log([GAINS[0], GAMMAS[0]]), np.log([GAINS[1], GAMMAS[1]])
    middle, width = (low + high) / 2, (high - low) / 2
    for _ in range(ROUNDS):
        axes = [
            np.clip(m + np.linspace(-w, w, GRID), a, b) for m, w, a, b in zip(middle, width, low, high, strict=True)
        ]
        gain, gamma = np.exp(np.meshgrid(*axes, indexing="ij"))
        best = np.argmin(tally.mean_squared_error(gain, gamma))
        middle = np.log([gain.flat[best], gamma.flat[best]])
        width = width / 3
    return GainGamma(*(float(value) for value in np.exp(middle)))


def best_curve(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The oracle: the dark picture through the curve that fits *this* pair best. It uses the reference."""
    return fit_gain_gamma(Tally().add(low, high))(low)


def _curve(gain, gamma) -> np.ndarray:
    """The curve at all 256 levels, (..., 256)."""
    return np.minimum(gain * LEVELS**gamma, 1)
