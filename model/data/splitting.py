"""The split into training and validation pairs, and the pairs that are unfit for training.

**A split by name leaks.** In LOL many dark photos share one bright photo, byte for byte (66 groups). If one of them is
trained on, the answer of the others is known. So whole groups go to one side or the other.

**Random splits cannot be compared.** Drawn by chance, 35 pairs of LOL differ by ±1 dB. So the rule has no chance in it:
groups in the order of the SHA-256 of their bright photo's file, until a seventh of all pairs is held out.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.data.archive import Pairs, Source
from model.data.matching import SHOWN
from model.data.pixel_cache import PixelCache
from model.errors import MirnetError
from model.images.arrays import LUMA
from model.images.geometry import resize

__all__ = ["NothingToTrainOnError", "Split", "doubtful", "fault", "fault_of_photos", "split", "unfit"]

VALIDATION_SHARE = 1 / 7
RULE = "groups of identical bright photos in the order of their SHA-256, a seventh of the pairs"
MAX_BRIGHTNESS = 0.6
"""A "dark" photo brighter than this times its partner is not dark; in LOL the median is 0.11 times."""
MIN_CORRELATION = 0.5
"""Two photos of one scene agree better than this, however dark one is; in LOL the median is 0.96."""
QUARTER = 4


class NothingToTrainOnError(MirnetError):
    """Pairs that cannot be divided so that some are left to train on, such as a single one."""


@dataclass(frozen=True)
class Split:
    """Two sets of names without a bright photo in common.

    Attributes:
        training: Names to train on, sorted.
        validation: Names to measure on, never to train, calibrate or choose a baseline on; sorted.
        rule: Text: how they were chosen.
    """

    training: tuple[str, ...]
    validation: tuple[str, ...]
    rule: str


def split(pairs: Source) -> Split:
    """Divides pairs, or good photos, into training and validation.

    The names in `validation.txt`, in the folder or beside it, are held out; where there is no such file, they are
    chosen by the rule above. For LOL's training half the rule gives the 70 pairs of the published list.

    Args:
        pairs: Where they are.

    Raises:
        MirnetError: If `validation.txt` holds out one of two pairs with the same bright photo.
        NothingToTrainOnError: If it holds out everything, or there are too few different bright photos to choose from.
    """
    groups = defaultdict(list)
    for name in pairs.names:
        groups[pairs.digests[name][-1]].append(name)
    chosen, rule = pairs.held_out, pairs.held_out_by
    if chosen is None:
        chosen, rule = _by_rule(groups, len(pairs.names), pairs.title), RULE
    held = set(chosen)
    for names in groups.values():
        inside = [name for name in names if name in held]
        if inside and len(inside) < len(names):
            outside = next(name for name in names if name not in held)
            raise MirnetError(
                f"{pairs.title}: {inside[0]} is held out and {outside} is not, but their bright photos are the same "
                "file; put both on the same side in validation.txt"
            )
    training = tuple(name for name in pairs.names if name not in held)
    if not training:
        what = "holds out every pair, so nothing is left to train on"
        raise NothingToTrainOnError(f"{pairs.title}: validation.txt {what}")
    return Split(training, tuple(name for name in pairs.names if name in held), rule)


def unfit(cache: PixelCache, names: Sequence[str]) -> dict[str, str]:
    """The pairs that teach a network something wrong, each with the reason; for training only.

    Never leave pairs out of a validation set like this: what is hard to restore counts there. In LOL these are 10 of
    485 (9 of the 415 to train on).

    Args:
        cache: The pixels of pairs; its smallest scale is read, where noise is averaged away.
        names: Which of them to check.

    Returns:
        Name to reason, of the pairs in which `fault` finds one.
    """
    scale = max(cache.scales)
    found = {name: fault(cache.picture(name, "low", scale), cache.picture(name, "high", scale)) for name in names}
    return {name: reason for name, reason in found.items() if reason}


def doubtful(pairs: Pairs, names: Sequence[str], progress: Callable[[int, int], None] | None = None) -> dict[str, str]:
    """The pairs that may not belong together, each with the reason.

    Args:
        pairs: Where they are; all of them are loaded.
        names: Which of them to check.
        progress: Called as progress(pairs done, of how many).

    Returns:
        Name to reason, of the pairs in which `fault` finds one.

    Raises:
        MirnetError: If some cannot be used at all; those are listed.
    """
    found, broken = {}, []
    for done, name in enumerate(names, 1):
        try:
            reason = fault_of_photos(*pairs.load(name))
        except MirnetError as error:
            broken.append(" ".join(str(error).split()))
        else:
            found.update({name: reason} if reason else {})
        if progress is not None:
            progress(done, len(names))
    if broken:
        more = f" (and {len(broken) - SHOWN} more)" if len(broken) > SHOWN else ""
        raise MirnetError(f"{len(broken)} of {len(names)} pairs cannot be used: {'; '.join(broken[:SHOWN])}{more}")
    return found


def fault(low: np.ndarray, high: np.ndarray) -> str | None:
    """Why two pictures are no pair to learn from, or None.

    Args:
        low: The dark picture, (height, width, 3) uint8, small enough that noise is averaged away: a quarter of a
            camera's rows and columns.
        high: The bright one, of the same size.

    Returns:
        A reason if the dark one is more than 0.6 times as bright as the other, or if their luma correlates by less
        than 0.5: they are misaligned, or of different scenes.
    """
    dark, bright = low @ LUMA, high @ LUMA
    if dark.mean() > MAX_BRIGHTNESS * bright.mean():
        return f"low is {dark.mean() / max(bright.mean(), 1e-9):.2f} times as bright as high"
    agreement = _correlation(dark, bright)
    return f"low and high correlate by {agreement:.2f} only" if agreement < MIN_CORRELATION else None


def fault_of_photos(low: np.ndarray, high: np.ndarray) -> str | None:
    """The `fault` of two photos at full size, read at a quarter of their rows and columns."""
    rows, columns = (max(1, round(side / QUARTER)) for side in low.shape[:2])
    return fault(resize(low, rows, columns), resize(high, rows, columns))


def _by_rule(groups: Mapping[str, list[str]], count: int, title: str) -> tuple[str, ...]:
    if len(groups) < 2:
        what_for = "one to train on and one to measure on"
        raise NothingToTrainOnError(f"{title}: needs two different bright photos at least, {what_for}")
    chosen: list[str] = []
    # The last group stays for training, however few there are.
    for digest in sorted(groups)[:-1]:
        chosen += groups[digest]
        if len(chosen) >= VALIDATION_SHARE * count:
            break
    return tuple(sorted(chosen))


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    spread = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / spread) if spread > 0 else 0.0
