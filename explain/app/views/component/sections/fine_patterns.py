"""Fine patterns, and what is left of them when every second pixel goes: with the network's blur before, and without.

The same arithmetic is drawn in the browser by `moving_pattern`, where the patterns move; a test compares the two, and
another one compares `halved` with the network's own `model.resampling.blur_halve`.
"""

from dataclasses import dataclass

import numpy as np

__all__ = [
    "KINDS",
    "PERIODS",
    "REST",
    "SHIFTS",
    "SIDE",
    "FalsePattern",
    "Pattern",
    "false_pattern",
    "limit",
    "patch",
    "response",
    "shrunk",
]

SIDE = 64  # pixels along a side: few enough to be seen one by one
REST = 8  # pixels that a pattern can be moved by
SHIFTS = 8 * REST  # in eighths of a pixel
KINDS = ("stripes", "zone", "check", "photo")
PERIODS = tuple(f"{quarters / 4:g}" for quarters in range(8, 49))
RADIUS = 28  # of the zone plate
RIM = 4  # pixels over which it fades out


@dataclass(frozen=True)
class Pattern:
    """A fine pattern of black and white, `SIDE` x `SIDE` pixels.

    Attributes:
        kind: One of `KINDS`.
        period: Pixels from one bright line to the next, at least 2; of the zone plate at its rim. A photo has none.
        angle: Degrees by which stripes lean; 0 is upright.
        shift: Eighths of a pixel by which the pattern is moved, 0 to `SHIFTS`. A photo moves by whole pixels, since it
            has no values between them.
    """

    kind: str = "stripes"
    period: float = 2.5
    angle: float = 20
    shift: int = 0

    def pixels(self, photo: np.ndarray) -> np.ndarray:
        """The pattern, (SIDE, SIDE) within [0, 1]; the photo's detail comes from `patch`."""
        moved = self.shift / 8
        if self.kind == "photo":
            start = REST - int(moved + 0.5)
            return photo[:, start : start + SIDE] / 255
        rows, columns = np.mgrid[:SIDE, :SIDE].astype("float64")
        if self.kind == "zone":
            squared = (columns - RADIUS - moved) ** 2 + (rows - SIDE / 2) ** 2
            fade = np.clip((RADIUS - np.sqrt(squared)) / RIM, 0, 1)
            return 0.5 + 0.5 * fade * np.cos(np.pi * squared / (RADIUS * self.period))
        turn = 2 * np.pi / self.period
        if self.kind == "check":
            return 0.5 + 0.5 * np.cos(turn * (columns - moved)) * np.cos(turn * rows)
        lean = np.radians(self.angle)
        return 0.5 + 0.5 * np.cos(turn * (columns * np.cos(lean) + rows * np.sin(lean) - moved))

    @property
    def waves(self) -> tuple[float, float] | None:
        """Waves a pixel (down, across) of a pattern that has one frequency; otherwise None."""
        if self.kind == "check":
            return 1 / self.period, 1 / self.period
        if self.kind == "stripes":
            lean = np.radians(self.angle)
            return float(np.sin(lean)) / self.period, float(np.cos(lean)) / self.period
        return None


@dataclass(frozen=True)
class FalsePattern:
    """How much of a pattern comes back as a false one, see `false_pattern`.

    Attributes:
        energy: Its mean square, as a share of the pattern's own around its mean.
        amplitude: Its mean absolute value; white is 1.
    """

    energy: float
    amplitude: float


def patch(photo: np.ndarray, pixel: tuple[int, int]) -> np.ndarray:
    """The photo's detail around a pixel in grey, darkest to brightest; (SIDE, SIDE + REST) uint8.

    Args:
        photo: (height, width, 3) uint8. One that is too small is continued by its mirror picture.
        pixel: (row, column).
    """
    grey = photo.astype("float64").mean(axis=-1)
    wanted = (SIDE, SIDE + REST)
    short = [max(0, need - have) for need, have in zip(wanted, grey.shape, strict=True)]
    grey = np.pad(grey, [(0, short[0]), (0, short[1])], mode="symmetric")
    top, left = (
        min(max(place - need // 2, 0), have - need) for place, need, have in zip(pixel, wanted, grey.shape, strict=True)
    )
    cut = grey[top : top + wanted[0], left : left + wanted[1]]
    low, high = np.percentile(cut, (1, 99))
    return (np.clip((cut - low) / max(high - low, 1.0), 0, 1) * 255 + 0.5).astype("uint8")


def shrunk(pixels: np.ndarray, factor: int, blur: bool) -> np.ndarray:
    """A picture (height, width) with every second row and column left, once or twice; both sides multiples of `factor`.

    Args:
        pixels: Any numbers.
        factor: 2 or 4: one step or two, as in the network.
        blur: Whether [1 2 1]/4 goes over rows and columns before each step.
    """
    while factor > 1:
        pixels = _blurred_half(_blurred_half(pixels).T).T if blur else pixels[::2, ::2]
        factor //= 2
    return pixels


def _blurred_half(pixels: np.ndarray) -> np.ndarray:
    """Every second row of what [1 2 1]/4 makes of the rows; the picture is mirrored about its first one."""
    middle, below = pixels[::2], pixels[1::2]
    above = np.concatenate([below[:1], below[:-1]])
    return (above + 2 * middle + below) / 4


def false_pattern(pixels: np.ndarray, factor: int, blur: bool) -> FalsePattern:
    """What becomes of all that is too fine for the smaller grid: by Nyquist's theorem none of it can be right.

    The picture is split into what the smaller grid can hold, fewer than half a wave for each of its pixels both ways,
    and the rest. Only the rest is shrunk: what is left of it is the false pattern. Which rows and columns stay is a
    matter of chance, so this is the mean over all of them.

    Args:
        pixels: (SIDE, SIDE) within [0, 1].
        factor: 2 or 4.
        blur: See `shrunk`.
    """
    fine, kept = _too_fine(pixels, factor), range(factor)
    false = np.stack(
        [shrunk(np.roll(fine, (row, column), axis=(0, 1)), factor, blur) for row in kept for column in kept]
    )
    energy = float(np.mean(np.square(pixels - pixels.mean())))
    return FalsePattern(float(np.mean(np.square(false))) / max(energy, 1e-12), float(np.abs(false).mean()))


def _too_fine(pixels: np.ndarray, factor: int) -> np.ndarray:
    """The waves of a picture that are shorter than two pixels of the smaller grid, across or down."""
    # With its mirror pictures beside it, the picture has no jump at its border that would count as detail.
    wide = np.concatenate([pixels, pixels[:, ::-1]], axis=1)
    spectrum = np.fft.fft2(np.concatenate([wide, wide[::-1]]))
    waves = np.abs(np.fft.fftfreq(2 * len(pixels)))
    fits = waves < 1 / (2 * factor)
    spectrum[np.ix_(fits, fits)] = 0
    return np.fft.ifft2(spectrum).real[: len(pixels), : len(pixels)]


def response(waves: tuple[float, float], factor: int) -> float:
    """The share of a wave's amplitude that passes the blurs before 1/2 or 1/4 of the size.

    Over a wave of f periods a pixel, [1 2 1]/4 leaves (1 + cos 2πf)/2 = cos² πf. The second blur works on pixels
    that are twice as far apart.
    """
    steps = range(factor.bit_length() - 1)
    return float(np.prod([np.cos(np.pi * 2**k * along) ** 2 for k in steps for along in waves]))


def limit(angle: float, factor: int) -> float:
    """The shortest period of stripes, in pixels, that the smaller grid can hold."""
    lean = np.radians(angle)
    return float(2 * factor * max(abs(np.cos(lean)), abs(np.sin(lean))))
