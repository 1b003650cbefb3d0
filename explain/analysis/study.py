"""The study of sizes: plan and results of trainings with the same recipe and number of steps, in a folder.

```
for each size:   OUT/SIZE/{run.json, log.csv, net.weights.h5}   its training
                 OUT/SIZE/scores.json                           its evaluation
then:            OUT/study.json
```

`explain.analysis.trials` fills the folder, `mirnet study` prints what is in it.
"""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explain.analysis.training_run import TrainingOrder, scales_of, usual_precision
from explain.tracing.costs import cost
from model.config import preset
from model.errors import MirnetError
from model.inference.tiling import enhance
from model.mirnet import MIRNet
from model.quality.scores import Interval
from model.safety.whole_files import write_whole
from model.samples import load_sample
from model.training.recipe import Recipe
from model.training.run_log import WEIGHTS, machine, read_log, versions
from model.zoo import load_network

__all__ = [
    "PHOTOS",
    "SCORES",
    "SIZES",
    "STUDY",
    "StudyEntry",
    "StudyPlan",
    "claim",
    "read_scores",
    "restored_photos",
    "summarize",
]

SIZES = ("3x2", "3x3", "3x1", "1x1", "2x2")
"""RRG x MRB, as a student project compared them."""

PHOTOS = ("room", "kingfisher", "palace")
"""The samples that every network of the study restores for the picture."""

SCORES, STUDY = "scores.json", "study.json"
TIMED_SIDE = 256  # pixels


@dataclass(frozen=True)
class StudyPlan:
    """What is compared, and the budget of each.

    Attributes:
        sizes: Names of presets.
        channels: Features of the full-size stream, in all of them.
        steps: Of the training, for each.
        batch: Crops in a step.
        crop: Side of a crop in pixels.
        scales: As in `mirnet train --scales`.
        learning_rate: Its peak.
        seed: Of weights, order and crops.
        resize: Evaluate with the longer side shrunk to so many pixels; 0 at full size.
    """

    sizes: tuple[str, ...] = SIZES
    channels: int = 8
    steps: int = 1000
    batch: int = 8
    crop: int = 64
    scales: str = "1,2,4"
    learning_rate: float = 1e-3
    seed: int = 0
    resize: int = 0

    def order(self, size: str) -> TrainingOrder:
        """The training of one size.

        Raises:
            MirnetError: If a number is out of range or there is no such preset.
        """
        numbers = {name: getattr(self, name) for name in ("steps", "batch", "crop", "learning_rate", "seed")}
        recipe = Recipe(scales=scales_of(self.scales), precision=usual_precision(), **numbers)
        return TrainingOrder(size, preset(size).replace(channels=self.channels), recipe)


@dataclass(frozen=True)
class StudyEntry:
    """What became of one size.

    Attributes:
        size: Name of the preset.
        parameters: Learned weights.
        macs: Multiply–accumulates for a picture of 256 x 256.
        psnr: Over the validation pictures, in dB.
        ssim: Over the same.
        training_seconds: Of the steps, evaluations in between included.
        photo_seconds: For a picture of 256 x 256, the fastest of three, all sizes measured one after the other.
    """

    size: str
    parameters: int
    macs: int
    psnr: Interval
    ssim: Interval
    training_seconds: float
    photo_seconds: float


def summarize(plan: StudyPlan, folder: Path) -> list[StudyEntry]:
    """What became of all sizes, from the logs in the folder; also writes `study.json`.

    Raises:
        MirnetError: If a trial is not finished.
    """
    entries = [_entry(plan, size, folder) for size in plan.sizes]
    content = {
        "plan": _as_json(plan),
        "machine": machine(),
        "versions": versions(),
        "entries": [asdict(entry) for entry in entries],
        "baselines": read_scores(folder / plan.sizes[0]),
    }
    _write(folder / STUDY, content)
    return entries


def restored_photos(plan: StudyPlan, folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Photo to size to what that network makes of it, uint8."""
    nets = {size: _network(folder / size) for size in plan.sizes}
    return {photo: {size: enhance(net, load_sample(photo)[0]) for size, net in nets.items()} for photo in PHOTOS}


def claim(plan: StudyPlan, folder: Path) -> None:
    """Notes what the folder is for, which is made if needed.

    Raises:
        MirnetError: If it is for something else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / STUDY
    if path.exists():
        try:
            before = json.loads(path.read_text(encoding="utf-8"))["plan"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise MirnetError(f"{path} cannot be read as a study: choose another folder") from error
        if before != _as_json(plan):
            other = ", ".join(name for name, value in _as_json(plan).items() if before.get(name) != value)
            raise MirnetError(f"{folder} holds another study ({other} differ): choose another folder")
        return
    _write(path, {"plan": _as_json(plan)})


def _as_json(plan: StudyPlan) -> dict[str, Any]:
    return json.loads(json.dumps(asdict(plan)))


def _write(path: Path, content: dict[str, Any]) -> None:
    write_whole(path, json.dumps(content, indent=1) + "\n")


def read_scores(run: Path) -> dict[str, Any] | None:
    """Means and intervals of a trial, by method and metric; None if it is not evaluated to the end.

    Raises:
        MirnetError: If the file cannot be read.
    """
    if not (run / SCORES).exists():
        return None
    try:
        return json.loads((run / SCORES).read_text(encoding="utf-8"))["summary"]
    except (OSError, ValueError, KeyError) as error:
        raise MirnetError(f"{run / SCORES} cannot be read ({error}): delete it, and the study goes on") from error


def _network(run: Path) -> MIRNet:
    return load_network(weights=run / WEIGHTS)[0]


def _entry(plan: StudyPlan, size: str, folder: Path) -> StudyEntry:
    run = folder / size
    net, summary = _network(run), read_scores(run)
    if summary is None:
        raise MirnetError(f"{run} is not evaluated yet: run the study to its end")
    picture = np.random.default_rng(0).random((TIMED_SIDE, TIMED_SIDE, 3), dtype="float32")
    enhance(net, picture)  # compiles
    times = []
    for _ in range(3):
        began = time.perf_counter()
        enhance(net, picture)
        times.append(time.perf_counter() - began)
    return StudyEntry(
        size,
        net.count_params(),
        cost(net, (TIMED_SIDE, TIMED_SIDE)).macs,
        Interval(**summary["network"]["psnr"]),
        Interval(**summary["network"]["ssim"]),
        read_log(run / "log.csv")[-1].seconds,
        min(times),
    )
