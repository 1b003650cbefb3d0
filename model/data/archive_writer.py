"""Writes training pairs into one file of a given size (its format: `model.data.archive`)."""

import json
import os
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.data.archive import FORMAT, INDEX
from model.data.encoding import encoded
from model.data.pairs import PairFolder
from model.data.splitting import Split, fault_of_photos, split
from model.errors import MirnetError
from model.safety.whole_files import check_output, replacing

__all__ = ["LIMIT", "Packed", "pack"]

LIMIT = 40_000_000
"""Bytes of a file, unless asked otherwise."""

SCALES = (1.0, 0.75, 2 / 3, 0.6, 0.5, 0.4, 1 / 3, 0.25, 0.2, 0.125)
"""Tried from the largest, until the file fits."""

SAMPLED = 8
"""From so many pairs the size of all is estimated."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Packed:
    """What was written.

    Attributes:
        path: The file.
        size: Its bytes.
        pairs: How many pairs are in it with pictures.
        scale: Rows (and columns) of a picture in it for one of the original.
        part: How much of each picture's area it shows.
        held_out: How many pairs were held out for validation.
        held_out_by: How they were chosen.
        with_validation: Whether the pictures of those are in it too.
        left_out: Name to reason, of pairs that are unfit for training.
    """

    path: Path
    size: int
    pairs: int
    scale: float
    part: float
    held_out: int
    held_out_by: str
    with_validation: bool
    left_out: dict[str, str]


class _TooLarge(Exception):
    """The file would be larger than allowed: about so many bytes."""

    def __init__(self, estimate: float):
        super().__init__(estimate)
        self.estimate = estimate


def pack(
    folder: PairFolder,
    path: str | os.PathLike[str],
    *,
    limit: int = LIMIT,
    scale: float | None = None,
    part: float = 1.0,
    with_validation: bool = False,
    progress: Progress | None = None,
) -> Packed:
    """Writes the training pairs of a folder into one file, whole or not at all.

    Pairs that are no use for training (`model.data.splitting.fault_of_photos`) are left out and named. Pictures that
    are neither shrunk nor cut are copied byte for byte.

    Args:
        folder: The pairs.
        path: The file to write; replaced if it is there.
        limit: Largest size in bytes.
        scale: Size of the pictures, 0.5 for half the rows and columns; the largest of `SCALES` that fits if left out.
        part: Keep a window of this share of each picture's area, at a random position, instead of the whole picture: a
            small window at full size shows noise as it is, a small whole picture shows the scene.
        with_validation: Also the pictures that are held out, marked as such.
        progress: Called as progress(pairs done, of how many); begins again when a smaller scale has to be tried.

    Raises:
        MirnetError: If the pairs do not fit, a picture cannot be read, or the file cannot be written.
    """
    if scale is not None and not 0 < scale <= 1:
        raise MirnetError(f"scale must be above 0 and at most 1, not {scale!r}")
    if not 0 < part <= 1:
        raise MirnetError(f"part must be above 0 and at most 1, not {part!r}")
    if limit < 1:
        raise MirnetError(f"limit must be a number of bytes above 0, not {limit!r}")
    target = check_output(path)
    divided = split(folder)
    names = sorted(divided.training + divided.validation) if with_validation else divided.training
    needed = 0.0
    for candidate in _promising(folder, names, limit, part) if scale is None else (scale,):
        try:
            with replacing(target) as unfinished:
                left_out = _write(folder, divided, unfinished, names, candidate, part, limit, progress)
        except _TooLarge as error:
            needed = error.estimate
            continue
        return Packed(
            path=target,
            size=target.stat().st_size,
            pairs=len(names) - len(left_out),
            scale=candidate,
            part=part,
            held_out=len(divided.validation),
            held_out_by=divided.rule,
            with_validation=with_validation,
            left_out=left_out,
        )
    tried = f"at scale {scale:g}" if scale else f"even at scale {SCALES[-1]:g}"
    raise MirnetError(
        f"{folder.title}: {len(names)} pairs do not fit into {limit / 1e6:g} MB {tried}, they take about "
        f"{needed / 1e6:.3g} MB; raise the limit, or choose a smaller scale or part"
    )


def _write(
    folder: PairFolder,
    divided: Split,
    path: Path,
    names: Sequence[str],
    scale: float,
    part: float,
    limit: int,
    progress: Progress | None,
) -> dict[str, str]:
    """Writes the file; the pairs left out, with their reasons."""
    report = progress or (lambda done, total: None)
    entries, left_out = [], {}
    with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as file:
        for count, name in enumerate(names):
            report(count, len(names))
            low, high = folder.load(name)
            reason = None if name in divided.validation else fault_of_photos(low, high)
            if reason:
                left_out[name] = reason
                continue
            entry = {"name": name}
            for side, picture, digest in zip(folder.sides, (low, high), folder.digests[name], strict=True):
                member, content = encoded(folder, name, side, picture, scale, part)
                # A fixed date: the same pairs give the same file.
                file.writestr(zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0)), content)
                entry |= {side: member, f"{side}_sha256": digest}
            entries.append(entry)
            if path.stat().st_size > limit:
                raise _TooLarge(path.stat().st_size * len(names) / (count + 1))
        index = {
            "format": FORMAT,
            "title": folder.title,
            "shrunk": scale,
            "part": part,
            "held_out": divided.validation,
            "held_out_by": divided.rule,
            "left_out": left_out,
            "pairs": entries,
        }
        file.writestr(zipfile.ZipInfo(INDEX, (1980, 1, 1, 0, 0, 0)), json.dumps(index, indent=1))
    if path.stat().st_size > limit:
        raise _TooLarge(path.stat().st_size)
    report(len(names), len(names))
    return left_out


def _promising(folder: PairFolder, names: Sequence[str], limit: int, part: float) -> tuple[float, ...]:
    """The scales worth trying: from the largest whose size, estimated on a few pairs, is within the limit."""
    sampled = names[:: max(1, len(names) // SAMPLED)]
    for number, scale in enumerate(SCALES):
        total = 0
        for name in sampled:
            pictures = zip(folder.sides, folder.load(name), strict=True)
            total += sum(len(encoded(folder, name, side, picture, scale, part)[1]) for side, picture in pictures)
            if total > limit:
                break
        if total / len(sampled) * len(names) <= limit:
            return SCALES[number:]
    return SCALES[-1:]
