"""The study of sizes as the page shows it: read from `data/study`, and put there from a study's folder.

```
data/study/study.json            budget, one entry for each size, baselines, PSNR of the photos
data/study/curves.csv            size, step, loss, learning_rate, validation_psnr
data/study/PHOTO-SIZE.webp       a sample photo, restored by that size
```

No weights are copied, and no times: the trials shared their processor with other work.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from explain.analysis.study import STUDY, StudyPlan, restored_photos
from model.errors import MirnetError
from model.quality.metrics import psnr
from model.quality.scores import Interval
from model.safety.whole_files import replacing
from model.samples import load_sample
from model.training.checkpoint import LogRow
from model.training.run_log import read_log

__all__ = ["FOLDER", "Size", "Study", "photo_file", "read_study", "ship_study", "shipped_study"]

FOLDER = Path(__file__).parent / "study"
CURVES = "curves.csv"
COLUMNS = ("size", "step", "loss", "learning_rate", "validation_psnr")
KEPT = ("size", "parameters", "macs", "psnr", "ssim")  # of an entry
QUALITY = 90  # of the photos, as WebP
DIGITS = 5  # significant ones, in the curves


@dataclass(frozen=True)
class Size:
    """Results of one size.

    Attributes:
        size: Name of the preset, RRG x MRB: `3x2`.
        parameters: Learned weights.
        macs: Multiply–accumulates for a picture of 256 x 256.
        psnr: Over the validation pictures, in dB.
        ssim: Over the same.
    """

    size: str
    parameters: int
    macs: int
    psnr: Interval
    ssim: Interval


@dataclass(frozen=True)
class Study:
    """The study.

    Attributes:
        plan: The budget that each size had.
        sizes: Their results.
        baselines: Method to PSNR and SSIM over the same pictures, of what needs no network.
        photos: Sample to size to PSNR of the restored photo, in dB.
        curves: Size to its training log, without times.
    """

    plan: StudyPlan
    sizes: tuple[Size, ...]
    baselines: Mapping[str, tuple[Interval, Interval]]
    photos: Mapping[str, Mapping[str, float]]
    curves: Mapping[str, tuple[LogRow, ...]]


@cache
def shipped_study() -> Study:
    """The study of the package.

    Raises:
        MirnetError: If it is missing or damaged.
    """
    return read_study(FOLDER)


def photo_file(photo: str, size: str, folder: Path = FOLDER) -> Path:
    """The file of a restored photo."""
    return folder / f"{photo}-{size}.webp"


def read_study(folder: Path) -> Study:
    """Reads what `ship_study` wrote.

    Raises:
        MirnetError: If it is missing or damaged.
    """
    try:
        content = json.loads((folder / STUDY).read_text(encoding="utf-8"))
        with open(folder / CURVES, encoding="utf-8", newline="") as file:
            curves = _curves(csv.DictReader(file))
        return Study(
            _plan(content),
            tuple(_size(entry) for entry in content["entries"]),
            {
                name: (Interval(**scores["psnr"]), Interval(**scores["ssim"]))
                for name, scores in content["baselines"].items()
            },
            content["photos"],
            curves,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MirnetError(f"{folder} cannot be read as a study ({error}): copy it anew") from error


def ship_study(run: Path, progress: Callable[[int, int], None], folder: Path = FOLDER) -> list[Path]:
    """Copies a study for the page, and has each of its networks restore the sample photos.

    Args:
        run: Folder of a study in which at least one trial is evaluated (`mirnet study -o`).
        progress: Called with (networks done, networks in all).
        folder: Where it goes.

    Returns:
        The files.

    Raises:
        MirnetError: If the folder holds no such study.
    """
    try:
        content = json.loads((run / STUDY).read_text(encoding="utf-8"))
        plan, entries = _plan(content), content["entries"]
        baselines = {name: scores for name, scores in content["baselines"].items() if name != "network"}
        plan = replace(plan, sizes=tuple(entry["size"] for entry in entries))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MirnetError(f"{run} holds no finished study ({error}): run mirnet study first") from error
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    scores: dict[str, dict[str, float]] = {}
    for done, size in enumerate(plan.sizes):
        progress(done, len(plan.sizes))
        for photo, by_size in restored_photos(replace(plan, sizes=(size,)), run).items():
            made.append(_write_photo(photo_file(photo, size, folder), by_size[size]))
            reached = psnr(by_size[size], load_sample(photo)[1], data_range=255)
            scores.setdefault(photo, {})[size] = round(float(reached), 3)
    progress(len(plan.sizes), len(plan.sizes))
    found: dict[str, Any] = {
        "plan": asdict(plan),
        "entries": [{name: entry[name] for name in KEPT} for entry in entries],
        "baselines": baselines,
        "photos": scores,
    }
    made.append(_write(folder / STUDY, json.dumps(found, indent=1) + "\n"))
    made.append(_write(folder / CURVES, _as_csv({size: read_log(run / size / "log.csv") for size in plan.sizes})))
    for old in set(folder.glob("*.webp")) - set(made):  # of a size that is no more
        old.unlink()
    return made


def _plan(content: Mapping[str, Any]) -> StudyPlan:
    return StudyPlan(**{**content["plan"], "sizes": tuple(content["plan"]["sizes"])})


def _size(entry: Mapping[str, Any]) -> Size:
    return Size(entry["size"], entry["parameters"], entry["macs"], Interval(**entry["psnr"]), Interval(**entry["ssim"]))


def _curves(lines: csv.DictReader) -> dict[str, tuple[LogRow, ...]]:
    found: dict[str, list[LogRow]] = {}
    for line in lines:
        reached = line["validation_psnr"]
        row = LogRow(
            step=int(line["step"]),
            loss=float(line["loss"]),
            learning_rate=float(line["learning_rate"]),
            seconds=0.0,
            validation_psnr=float(reached) if reached else None,
        )
        found.setdefault(line["size"], []).append(row)
    return {size: tuple(rows) for size, rows in found.items()}


def _as_csv(logs: Mapping[str, tuple[LogRow, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for size, rows in logs.items():
        for row in rows:
            values = (row.loss, row.learning_rate, row.validation_psnr)
            writer.writerow((size, row.step, *("" if value is None else f"{value:.{DIGITS}g}" for value in values)))
    return text.getvalue()


def _write(path: Path, text: str) -> Path:
    with replacing(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    return path


def _write_photo(path: Path, pixels: np.ndarray) -> Path:
    with replacing(path) as unfinished:
        Image.fromarray(pixels).save(unfinished, quality=QUALITY, method=6)
    return path
