"""The study of sizes: the same recipe and the same number of steps for each, and one table at the end.

```
for each size:   mirnet train  -> OUT/SIZE/{run.json, log.csv, net.weights.h5}
                 mirnet evaluate -> OUT/SIZE/scores.json
then:            OUT/{study.json, study.md, study.png}
```

A trial that was killed goes on from its newest checkpoint, a finished one is not run again. Trials run one after the
other, or side by side on Ray; what a trial does is the same either way.
"""

import contextlib
import io
import json
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explain.cli.main import build_parser, find_commands
from explain.tracing.costs import cost
from model.config import MIRNetConfig
from model.errors import MirnetError
from model.inference.tiling import enhance
from model.quality.evaluate import METHODS, Interval
from model.samples import load_sample
from model.training.checkpoint import replacing
from model.training.loop import WEIGHTS
from model.training.run_log import machine, read_card, read_log, versions
from model.zoo import load_network

__all__ = [
    "PHOTOS",
    "SIZES",
    "Entry",
    "Plan",
    "default_workers",
    "markdown",
    "restored_photos",
    "run_study",
    "run_trial",
    "summarise",
]

SIZES = ("3x2", "3x3", "3x1", "1x1", "2x2")
"""RRG x MRB, as a student project compared them."""

PHOTOS = ("room", "kingfisher", "palace")
"""The samples that every network of the study restores for the picture."""

SCORES, STUDY = "scores.json", "study.json"
RETRIES = 3  # of a trial whose worker was killed
TIMED_SIDE = 256  # pixels

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """What is compared, and the budget that each has.

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

    def training(self, size: str) -> list[str]:
        """The words of `mirnet train` for one size, without data and folder."""
        words = ["--preset", size, "--channels", str(self.channels), "--steps", str(self.steps)]
        words += ["--batch", str(self.batch), "--crop", str(self.crop), "--scales", self.scales]
        return [*words, "--learning-rate", str(self.learning_rate), "--seed", str(self.seed)]


@dataclass(frozen=True)
class Entry:
    """What became of one size.

    Attributes:
        size: Name of the preset.
        parameters: Learned weights.
        macs: Multiplications for a picture of 256 x 256.
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


def run_study(
    plan: Plan, data: str, folder: Path, *, workers: int = 1, address: str | None = None, report: Report | None = None
) -> None:
    """Runs every trial that is not finished.

    Args:
        plan: What to compare.
        data: Pairs, as for `mirnet train`.
        folder: Where everything goes; made if needed.
        workers: How many trials at once. More than one needs Ray.
        address: Of a Ray cluster whose machines see `data` and `folder` under the same paths; None for this machine.
        report: Called with (trials done, trials in all).

    Raises:
        MirnetError: If the folder holds another study, a trial cannot be run, or Ray is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _claim(plan, folder)
    tell = report or (lambda done, total: None)
    pairs, place = str(Path(data).resolve()), str(folder.resolve())  # workers have folders of their own
    tell(0, len(plan.sizes))
    if workers > 1 or address is not None:
        _side_by_side(plan, pairs, place, workers, address, tell)
        return
    for done, size in enumerate(plan.sizes, 1):
        run_trial(plan, size, pairs, place)
        tell(done, len(plan.sizes))


def run_trial(plan: Plan, size: str, data: str, folder: str) -> None:
    """Trains and evaluates one size, from where it was.

    Raises:
        MirnetError: If training or evaluation refuses.
    """
    run = Path(folder) / size
    card = read_card(run)
    if card is None:
        _mirnet("train", "--data", data, "-o", str(run), *plan.training(size))
    elif not (card.get("result") or {}).get("finished"):
        _mirnet("train", "--data", data, "-o", str(run), "--resume")
    if not _is_scored(run):
        view = ["--resize", str(plan.resize)] if plan.resize else []
        _mirnet("evaluate", "--data", data, "--weights", str(run / WEIGHTS), "--json", str(run / SCORES), *view)


def summarise(plan: Plan, folder: Path) -> list[Entry]:
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
        "baselines": _scores(folder / plan.sizes[0])["summary"],
    }
    _write(folder / STUDY, content)
    return entries


def markdown(plan: Plan, entries: Sequence[Entry], folder: Path) -> str:
    """The table, with the budget above and what takes no network below."""
    pixels = plan.steps * plan.batch * plan.crop**2
    size = f"shrunk to {plan.resize} pixels" if plan.resize else "at full size"
    lines = [
        f"Budget of each: {plan.steps:,} steps of {plan.batch} crops of {plan.crop} × {plan.crop} pixels "
        f"({pixels / 1e6:.0f} million pixels), {plan.channels} channels, one recipe; validation pictures {size}.",
        "",
        "| RRG × MRB | parameters | GMAC at 256×256 | PSNR [95 %] | SSIM | training | 256×256 takes |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for entry in entries:
        lines.append(
            f"| {entry.size.replace('x', ' × ')} | {entry.parameters:,} | {entry.macs / 1e9:.2f} | "
            f"{_decibels(entry.psnr)} | {entry.ssim.mean:.3f} | {entry.training_seconds / 60:.0f} min | "
            f"{entry.photo_seconds:.2f} s |"
        )
    summary = _scores(folder / plan.sizes[0])["summary"]
    for method in ("as_is", "gain_gamma", "oracle"):
        quality, likeness = (Interval(**summary[method][name]) for name in ("psnr", "ssim"))
        lines.append(f"| {METHODS[method]} | | | {_decibels(quality)} | {likeness.mean:.3f} | | |")
    return "\n".join(lines) + "\n"


def restored_photos(plan: Plan, folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Photo to size to what that network makes of it, uint8."""
    nets = {size: _network(folder / size) for size in plan.sizes}
    return {photo: {size: enhance(net, load_sample(photo)[0]) for size, net in nets.items()} for photo in PHOTOS}


def _mirnet(*words: str) -> None:
    """A `mirnet` command inside this process; its errors come through, what it prints as a result does not."""
    modules = find_commands()
    args = build_parser(modules).parse_args(words)
    with contextlib.redirect_stdout(io.StringIO()):
        modules[args.command].run(args)


def _side_by_side(plan: Plan, data: str, folder: str, workers: int, address: str | None, tell: Report) -> None:
    try:
        import ray
    except ImportError as error:
        raise MirnetError(
            "trials side by side need Ray: pip install 'mirnet-explainer[study]', or run them with --workers 1"
        ) from error
    local: dict[str, Any] = {} if address else {"num_cpus": workers, "include_dashboard": False}
    ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False, **local)
    try:
        trial = ray.remote(num_cpus=1, max_retries=RETRIES)(run_trial)
        waiting = [trial.remote(plan, size, data, folder) for size in plan.sizes]
        while waiting:
            ready, waiting = ray.wait(waiting)
            _answer_of(ray, ready[0])
            tell(len(plan.sizes) - len(waiting), len(plan.sizes))
    finally:
        ray.shutdown()


def _answer_of(ray, task) -> None:
    try:
        ray.get(task)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, MirnetError):
            raise MirnetError(str(error.cause)) from error
        raise
    except ray.exceptions.RayError as error:
        reason = str(error).splitlines()[0]
        raise MirnetError(f"a trial was lost {RETRIES} times ({reason}): the same command goes on from here") from error


def _claim(plan: Plan, folder: Path) -> None:
    """Notes what the folder is for, or refuses if it is for something else."""
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


def _as_json(plan: Plan) -> dict[str, Any]:
    return json.loads(json.dumps(asdict(plan)))


def _write(path: Path, content: dict[str, Any]) -> None:
    with replacing(path) as unfinished:
        unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _is_scored(run: Path) -> bool:
    return (run / SCORES).exists() and _scores(run)["summary"] is not None


def _scores(run: Path) -> dict[str, Any]:
    try:
        return json.loads((run / SCORES).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MirnetError(f"{run / SCORES} cannot be read ({error}): delete it, and the study goes on") from error


def _network(run: Path):
    card = read_card(run)
    if card is None:
        raise MirnetError(f"{run} holds no training: run the study first")
    return load_network(MIRNetConfig(**card["network"]), run / WEIGHTS)[0]


def _entry(plan: Plan, size: str, folder: Path) -> Entry:
    run = folder / size
    net, summary = _network(run), _scores(run)["summary"]
    if summary is None:
        raise MirnetError(f"{run} is not evaluated yet: run the study to its end")
    picture = np.random.default_rng(0).random((TIMED_SIDE, TIMED_SIDE, 3), dtype="float32")
    enhance(net, picture)  # compiles
    times = []
    for _ in range(3):
        began = time.perf_counter()
        enhance(net, picture)
        times.append(time.perf_counter() - began)
    return Entry(
        size,
        net.count_params(),
        cost(net, (TIMED_SIDE, TIMED_SIDE)).macs,
        Interval(**summary["network"]["psnr"]),
        Interval(**summary["network"]["ssim"]),
        read_log(run / "log.csv")[-1].seconds,
        min(times),
    )


def _decibels(of: Interval) -> str:
    return f"{of.mean:.2f} [{of.low:.2f}, {of.high:.2f}]"


def default_workers(trials: int) -> int:
    """As many trials at once as there are cores, if Ray is installed; else one."""
    from importlib.util import find_spec

    return min(os.cpu_count() or 1, trials) if find_spec("ray") else 1
