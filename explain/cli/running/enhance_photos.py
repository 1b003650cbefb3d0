"""Enhances many photos, one after the other: output paths, estimated time, errors by photo."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

from explain.cli.progress import bars_on
from model.errors import ImageError, MirnetError
from model.images.photo_files import list_images, load_image, save_image
from model.safety.whole_files import printable

if TYPE_CHECKING:
    from model.mirnet import MIRNet

__all__ = ["EnhanceJob", "check_there", "enhance_all", "estimated_seconds", "plan"]

WORTH_SAYING = 20
"""Seconds; a shorter wait needs no warning."""

SHARE_OF_PEAK = 0.4
"""The share of a matrix product's speed that the network reaches on a CPU (README, table of `make bench`)."""


@dataclass(frozen=True)
class EnhanceJob:
    """One photo to enhance, and where the result goes."""

    source: Path
    target: Path


def plan(inputs: Sequence[str], output: str) -> list[EnhanceJob]:
    """Plans which photo is written where.

    Args:
        inputs: Photos, or folders of photos.
        output: A file for a single photo; else a folder, in which the results have the photos' names.

    Returns:
        One job for each photo, in the order given.

    Raises:
        ImageError: If a folder cannot be read or holds no photo, `output` is one file for many photos, or two
            results, or a photo and its own result, would be the same file.
    """
    sources = [source for given in inputs for source in _photos(Path(given))]
    out = Path(output)
    single = len(sources) == 1 and not Path(inputs[0]).is_dir() and not out.is_dir() and out.suffix != ""
    if single:
        jobs = [EnhanceJob(sources[0], out)]
    elif out.exists() and not out.is_dir():
        raise ImageError(f"{out} is a file, but {len(sources)} photos need a folder: give a folder to write to")
    else:
        jobs = [EnhanceJob(source, out / source.name) for source in sources]
    _refuse_collisions(jobs)
    return jobs


def _photos(given: Path) -> list[Path]:
    if not given.is_dir():
        return [given]
    photos = list_images(given)
    if not photos:
        raise ImageError(f"{given}: this folder holds no PNG, JPEG or WebP photo")
    return photos


def _refuse_collisions(jobs: list[EnhanceJob]) -> None:
    taken: dict[Path, Path] = {}
    for job in jobs:
        if job.target.resolve() == job.source.resolve():
            raise ImageError(f"{job.source} would be overwritten by its own result: choose another output")
        if other := taken.get(job.target):
            raise ImageError(f"{other} and {job.source} would both be written to {job.target}: enhance them apart")
        taken[job.target] = job.source


def check_there(jobs: Sequence[EnhanceJob]) -> None:
    """Refuses jobs none of whose photos is there; one among others is told when its turn comes.

    Raises:
        ImageError: If there is not one file.
    """
    if not any(job.source.exists() for job in jobs):
        raise ImageError(f"{printable(jobs[0].source)}: there is no such file; check the name and the folder")


def enhance_all(net: "MIRNet", jobs: Sequence[EnhanceJob], max_pixels: int, console: Console) -> list[str]:
    """Enhances photo after photo, with a progress bar.

    Args:
        net: The network.
        jobs: What to read and where to write it. Folders are made as needed.
        max_pixels: Photos with more pixels are refused before they are decoded.
        console: Where the progress goes.

    Returns:
        One sentence for each photo that was not written.
    """
    failures = []
    with bars_on(console) as show:
        for done, job in enumerate(jobs):
            show("photos", done, len(jobs))
            try:
                _enhance_one(net, job, max_pixels, console, partial(show, "tiles of this photo"))
            except MirnetError as error:
                failures.append(" ".join(str(error).split()))
        show("photos", len(jobs), len(jobs))
    return failures


def _enhance_one(
    net: "MIRNet", job: EnhanceJob, max_pixels: int, console: Console, progress: Callable[[int, int], None]
) -> None:
    from model.inference.tiling import enhance  # brings Keras, which `plan` does without

    photo = load_image(job.source, max_pixels)
    try:
        job.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImageError(f"{job.target.parent}: this folder cannot be made ({error.strerror})") from error
    seconds = estimated_seconds(net, photo.shape[0] * photo.shape[1])
    if seconds > WORTH_SAYING:
        console.print(f"{job.source.name}: about {_duration(seconds)} on this machine (an estimate)")
    save_image(job.target, enhance(net, photo, progress=progress))


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
