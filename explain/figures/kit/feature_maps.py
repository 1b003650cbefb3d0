"""Feature maps as pictures: one channel or the activity of all, and the limits of colours.

A screen shows one number per position; a feature map has 16 or 256. Two honest choices: one channel, with its sign,
or the *activity*, the root mean square over the channels, which says how strong the features at a position are. (A
plain mean would cancel: channels are positive and negative.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.errors import HookError, MirnetError

__all__ = [
    "Lens",
    "Scale",
    "Tensors",
    "activity_scale",
    "gate_scale",
    "luminance",
    "photo_of",
    "signed_scale",
    "strength",
    "stretched",
]

ROBUST = (1, 99)
"""Colours end at these percentiles: a single bright pixel would leave the rest of the picture in the dark."""


@dataclass(frozen=True)
class Scale:
    """Between which values colours run, and what the values are.

    Attributes:
        low: Value of the first colour.
        high: Value of the last colour. For `signed`, low = -high, so that zero has the middle colour.
        kind: `signed`, `activity` or `gate`: which colour map of the theme.
        label: What the values are, short.
        clipped: Whether values lie outside.
    """

    low: float
    high: float
    kind: str
    label: str
    clipped: bool = False

    @property
    def ends(self) -> tuple[str, str]:
        """The two ends in as few digits as tell them apart."""
        digits = 2 - int(np.floor(np.log10(self.high - self.low)))
        if digits > 5 or max(abs(self.low), abs(self.high)) >= 1e5:
            return _number(f"{self.low:.1e}"), _number(f"{self.high:.1e}")
        low, high = (_number(f"{end:.{max(digits, 0)}f}") for end in (self.low, self.high))
        return (f"≤{low}", f"≥{high}") if self.clipped else (low, high)


def _number(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def signed_scale(maps: Sequence[np.ndarray], label: str) -> Scale:
    """Centred on zero, as wide as the largest values of all maps (99th percentile of the magnitudes)."""
    sizes = np.abs(np.concatenate([values.ravel() for values in maps]))
    most = float(np.percentile(sizes, ROBUST[1])) or float(sizes.max()) or 1.0
    return Scale(-most, most, "signed", label, bool(sizes.max() > most))


def activity_scale(maps: Sequence[np.ndarray], label: str) -> Scale:
    """From the 1st to the 99th percentile of all maps together."""
    return _between("activity", maps, label)


def gate_scale(maps: Sequence[np.ndarray], label: str) -> Scale:
    """From the 1st to the 99th percentile: gates often differ by a few hundredths only, and that is what to see."""
    return _between("gate", maps, label)


def _between(kind: str, maps: Sequence[np.ndarray], label: str) -> Scale:
    values = np.concatenate([values.ravel() for values in maps])
    low, high = (float(end) for end in np.percentile(values, ROBUST))
    if not high > low:
        low, high = float(values.min()), float(values.max())
    if not high > low:  # the same everywhere: any interval around it will do
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    return Scale(low, high, kind, label, bool(values.min() < low or values.max() > high))


@dataclass(frozen=True)
class Lens:
    """What to show of a tensor with many channels.

    Attributes:
        channel: Counted from 0, as in `tensor[..., channel]`; None for the activity.
    """

    channel: int | None = None

    def __call__(self, tensor: np.ndarray) -> np.ndarray:
        """The picture (height, width) of a tensor (batch, height, width, channels): the first of the batch."""
        if self.channel is None:
            return np.sqrt(np.mean(np.square(tensor[0], dtype="float32"), axis=-1))
        self.check(tensor)
        return tensor[0, :, :, self.channel].astype("float32")

    def check(self, *tensors: np.ndarray) -> None:
        """Raises a MirnetError when a tensor lacks the channel."""
        fewest = min(tensor.shape[-1] for tensor in tensors)
        if self.channel is not None and not 0 <= self.channel < fewest:
            raise MirnetError(f"channel must be from 0 to {fewest - 1} here, not {self.channel}")

    def scale(self, *maps: np.ndarray, label: str | None = None) -> Scale:
        """One scale for all of `maps`, which this lens made."""
        if self.channel is None:
            return activity_scale(maps, label or "activity")
        return signed_scale(maps, label or f"channel {self.channel}")


class Tensors:
    """The tensors of one component in a cache, by their names relative to its call site.

    Args:
        cache: From `run_with_cache`.
        site: Call site of the component; empty when it was run alone.
    """

    def __init__(self, cache: Mapping[str, np.ndarray], site: str = ""):
        self.cache, self.site = cache, site.strip("/")

    def __getitem__(self, name: str) -> np.ndarray:
        full = self.full(name)
        if full not in self.cache:
            raise HookError(
                f"the cache has no {full!r}: is {self.site or 'the whole'!r} the right call site, "
                "and was it run with all names?"
            )
        return self.cache[full]

    def __contains__(self, name: str) -> bool:
        return self.full(name) in self.cache

    def full(self, name: str) -> str:
        """The full hook name."""
        return f"{self.site}/{name}" if self.site else name

    def count(self, pattern: str) -> int:
        """How many of `pattern`, such as `stream_{}`, there are, counted from 1."""
        k = 0
        while pattern.format(k + 1) in self:
            k += 1
        return k


def photo_of(cache: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """The photo (height, width, 3), input of a cache's network; None for a component that was run alone."""
    photo = cache.get("input")
    return None if photo is None or photo.shape[-1] != 3 else photo[0]


def strength(tensor: np.ndarray) -> float:
    """Root mean square over everything."""
    return float(np.sqrt(np.mean(np.square(tensor, dtype="float64"))))


def luminance(photo: np.ndarray) -> np.ndarray:
    """Brightness (height, width) of a photo (height, width, 3), Rec. 709 (ITU-R BT.709-6, section 3)."""
    return np.clip(photo, 0, 1) @ np.array([0.2126, 0.7152, 0.0722], "float32")


def stretched(grey: np.ndarray) -> np.ndarray:
    """A grey picture (height, width) spread over [0, 1], its shadows lifted: a dark photo stays recognizable."""
    low, high = np.percentile(grey, ROBUST)
    return np.sqrt(np.clip((grey - low) / max(high - low, 1e-6), 0, 1))
