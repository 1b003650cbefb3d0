"""Enhances many photos, one after the other: estimated time, notes and errors by photo."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

from explain.cli.progress import bars_on
from explain.cli.running.enhance_targets import EnhanceJob
from model.errors import ImageError, MirnetError
from model.images.photo_files import check_suffix, load_photo, save_image
from model.safety.whole_files import printable

if TYPE_CHECKING:
    from model.mirnet import MIRNet

__all__ = ["Kept", "enhance_all", "estimated_seconds"]

WORTH_SAYING = 20
"""Seconds; a shorter wait needs no warning."""

SHARE_OF_PEAK = 0.4
"""The share of a matrix product's speed that the network reaches on a CPU (README, table of `make bench`)."""


@dataclass(frozen=True)
class Kept:
    """What of a photo its result keeps on request."""

    transparency: bool = False
    location: bool = False


def enhance_all(
    net: "MIRNet", jobs: Sequence[EnhanceJob], max_pixels: int, console: Console, kept: Kept | None = None
) -> list[str]:
    """Enhances photo after photo, with a progress bar.

    Args:
        net: The network.
        jobs: What to read and where to write it. Folders are made as needed.
        max_pixels: Photos with more pixels are refused before they are decoded.
        console: Where the progress and the notes go.
        kept: What the results keep beside 16 bits, date and camera.

    Returns:
        One sentence for each photo that was not written.
    """
    failures = []
    with bars_on(console) as show:
        for done, job in enumerate(jobs):
            show("photos", done, len(jobs))
            try:
                _enhance_one(net, job, max_pixels, console, kept or Kept(), partial(show, "tiles of this photo"))
            except MirnetError as error:
                failures.append(" ".join(str(error).split()))
        show("photos", len(jobs), len(jobs))
    return failures


def _enhance_one(
    net: "MIRNet", job: EnhanceJob, max_pixels: int, console: Console, kept: Kept, progress: Callable[[int, int], None]
) -> None:
    from model.inference.tiling import enhance  # brings Keras, which the plan does without

    photo = load_photo(job.source, max_pixels, keep_transparency=kept.transparency, keep_location=kept.location)
    check_suffix(job.target, transparency=photo.alpha is not None, side=max(photo.pixels.shape[:2]))
    for note in photo.notes:
        console.print(f"{printable(job.source)}: {note}", soft_wrap=True, markup=False)
    try:
        job.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImageError(f"{job.target.parent}: this folder cannot be made ({error.strerror})") from error
    seconds = estimated_seconds(net, photo.pixels.shape[0] * photo.pixels.shape[1])
    if seconds > WORTH_SAYING:
        console.print(f"{job.source.name}: about {_duration(seconds)} on this machine (an estimate)")
    save_image(job.target, enhance(net, photo.pixels, progress=progress), like=photo)


def estimated_seconds(net: "MIRNet", pixels: int) -> float:
    """How long a photo of so many pixels will take, from the network's MACs and this machine's matrix product."""
    from explain.tracing.costs import cost

    side = 16 * net.config.multiple
    macs = cost(net, (side, side)).macs / side**2 * pixels
    return 2 * macs / (SHARE_OF_PEAK * _flops_per_second())


def _flops_per_second() -> float:
    size = 768
    matrix = np.ones((size, size), "float32")
    best = 0.0
    for _ in range(4):
        start = time.perf_counter()
        matrix @ matrix
        best = max(best, 2 * size**3 / (time.perf_counter() - start))
    return best


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 90 else f"{seconds / 60:.0f} minutes"
