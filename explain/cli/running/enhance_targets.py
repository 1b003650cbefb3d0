"""Which photo of `mirnet enhance` is written where, and whether it can be, before the first one is computed."""

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model.errors import ImageError
from model.images.photo_files import check_suffix, list_images
from model.images.photo_formats import FORMATS, RAW_SUFFIXES, RESULT_SUFFIXES
from model.safety.whole_files import check_output, check_output_folder, printable

__all__ = ["EnhanceJob", "check_there", "left_out", "plan"]

FILMS = (".mov", ".mp4", ".m4v", ".avi", ".mkv", ".webm", ".3gp")
NAMED = 3  # so many files of one kind are named, more are counted


@dataclass(frozen=True)
class EnhanceJob:
    """One photo to enhance, and where the result goes."""

    source: Path
    target: Path


def plan(inputs: Sequence[str], output: str, transparency: bool = False) -> list[EnhanceJob]:
    """Plans which photo is written where.

    Args:
        inputs: Photos, or folders of photos.
        output: A file for a single photo; else, or with a slash at its end, a folder, in which the results have the
            photos' names. What cannot be written ends otherwise there: `IMG_1.HEIC` becomes `IMG_1.jpg`, `scan.bmp`
            becomes `scan.png`.
        transparency: Whether results may hold it: then `IMG_1.avif` becomes `IMG_1.png`.

    Returns:
        One job for each photo, in the order given.

    Raises:
        ImageError: If a folder cannot be read or holds no photo, `output` is one file for many photos or of a format
            that is not written, it cannot be written there, or two results, or a photo and its own result, would be
            the same file.
    """
    sources = list(dict.fromkeys(source for given in inputs for source in _photos(Path(given))))
    out = Path(output)
    is_file = not out.is_dir() and out.suffix != "" and not output.endswith(("/", os.sep))
    if is_file and len(sources) == 1 and not Path(inputs[0]).is_dir():
        check_suffix(out, transparency)
        jobs = [EnhanceJob(sources[0], out)]
    elif (out.exists() and not out.is_dir()) or (is_file and out.suffix.lower() in RESULT_SUFFIXES):
        what = f"{len(sources)} photos need" if len(sources) > 1 else "a folder of photos needs"
        raise ImageError(f"{printable(out)} is one file, but {what} a folder: give a folder to write to")
    else:
        jobs = [EnhanceJob(source, out / _result_name(source, transparency)) for source in sources]
    _refuse_collisions(jobs)
    for job in jobs:
        _check_target(job.target)
    return jobs


def left_out(folder: str) -> str:
    """A sentence on what lies in a folder and is not enhanced, and why; empty if there is no such thing."""
    if not Path(folder).is_dir():
        return ""
    photos = set(list_images(folder))
    others = [entry for entry in sorted(Path(folder).iterdir()) if entry not in photos and entry.name[:1] != "."]
    by_reason: dict[str, list[Path]] = defaultdict(list)
    for entry in others:
        by_reason[_reason(entry)].append(entry)
    if not by_reason:
        return ""
    parts = (f"{_listed(entries)} ({reason})" for reason, entries in by_reason.items())
    return f"{printable(folder)}: left out {'; '.join(parts)}"


def _photos(given: Path) -> list[Path]:
    if not given.is_dir():
        return [given]
    photos = list_images(given)
    if not photos:
        others = left_out(str(given)).partition(": ")[2]
        raise ImageError(f"{given}: this folder holds no {FORMATS} photo{others and '; ' + others}")
    return photos


def _result_name(source: Path, transparency: bool) -> str:
    suffix = source.suffix.lower()
    written = RESULT_SUFFIXES.get(suffix, ".png")  # of a photo without a usual suffix: nothing is lost in a PNG
    if written == suffix:
        return source.name
    return f"{source.stem if suffix in RESULT_SUFFIXES else source.name}{'.png' if transparency else written}"


def _refuse_collisions(jobs: list[EnhanceJob]) -> None:
    taken: dict[str, EnhanceJob] = {}
    for job in jobs:
        if job.target.resolve() == job.source.resolve():
            raise ImageError(f"{job.source} would be overwritten by its own result: choose another output")
        name = str(job.target).casefold()
        if (other := taken.get(name)) and _are_one_file(job, other):
            raise ImageError(
                f"{other.source} and {job.source} would both be written to {job.target}: enhance them apart"
            )
        taken[name] = job


def _are_one_file(one: EnhanceJob, other: EnhanceJob) -> bool:
    """Of two targets that differ in capital letters at most.

    Where these make no difference, the IMG_1.jpg of IMG_1.HEIC is that of the IMG_1.JPG beside it. Two names that were
    kept lie side by side already.
    """
    renamed = any(job.target.name != job.source.name for job in (one, other))
    return renamed or one.target == other.target


def _check_target(target: Path) -> None:
    """Refuses what cannot be written, also where its folder has yet to be made."""
    folder = check_output_folder(target.parent, error_kind=ImageError)
    if folder.is_dir():
        check_output(target, error_kind=ImageError)


def _reason(entry: Path) -> str:
    suffix = entry.suffix.lower()
    if entry.is_dir():
        return "a folder: name it to enhance what is in it"
    if suffix in RAW_SUFFIXES:
        return "raw: develop it first, to a TIFF or a JPEG"
    if suffix in RESULT_SUFFIXES:
        return "no ordinary file, or a link to nothing"
    return "a film" if suffix in FILMS else "no photo that is read here, by its name"


def _listed(entries: Sequence[Path]) -> str:
    if len(entries) <= NAMED:
        return ", ".join(printable(entry.name) for entry in entries)
    counts = Counter(entry.suffix.lower() or "without suffix" for entry in entries)
    return ", ".join(f"{count} {suffix}" for suffix, count in counts.most_common())


def check_there(jobs: Sequence[EnhanceJob]) -> None:
    """Refuses jobs none of whose photos is there; one among others is told when its turn comes.

    Raises:
        ImageError: If there is not one file.
    """
    if not any(job.source.exists() for job in jobs):
        raise ImageError(f"{printable(jobs[0].source)}: there is no such file; check the name and the folder")
