"""Benchmark `against`: this checkout and an older one in turns: time, peak memory, and whether they agree.

    python -m tools.bench forward --against ../before

Two processes, each with the code of its own checkout, take turns, and what counts is the median of the ratios of
neighbours: other work on the machine slows both. The processor's time tells more where there is much of it.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mirnet_packages import ROOT
from tools.bench.against.one_side import STEPS
from tools.bench.benchmark import Bench, BenchJob, Result, Table

__all__ = ["BENCH"]

SMALL = {"channels": 8, "groups": 2, "blocks": 2}

TASKS: dict[str, dict[str, Any]] = {
    "8 channels 2x2 256": {"net": SMALL, "size": (256, 256), "rounds": 21},
    "8 channels 2x2 512": {"net": SMALL, "size": (512, 512), "rounds": 11},
    # Not repeated before it counts: building the graph is a part of `mirnet enhance`.
    "8 channels 2x2 12 megapixels": {"net": SMALL, "size": (3000, 4000), "rounds": 1, "warm": False},
    "paper 256": {"net": {}, "size": (256, 256), "rounds": 5},
    "8 channels 2x2 step": {"net": SMALL, "batch": 8, "crop": 64, "rounds": 21},
}


def measure(task: str, folder: str) -> Result:
    """Measures one task in both checkouts.

    Args:
        task: A name in `TASKS`.
        folder: The older checkout.
    """
    import numpy as np

    settings = TASKS[task]
    with TemporaryDirectory() as scratch:
        results = [f"{scratch}/{name}.npy" for name in ("old", "new")]
        with (
            _process(folder, settings | {"result": results[0]}) as old,
            _process(ROOT, settings | {"result": results[1], "ours": True}) as new,
        ):
            pairs = [_pair(old, new, number) for number in range(settings["rounds"])]
            memory = [old("end"), new("end")]
        before, after = map(np.load, results)
    return {
        "seconds": [statistics.median(run[0] for run in side) for side in zip(*pairs, strict=True)],
        "ratio": statistics.median(new[0] / old[0] for old, new in pairs),
        "processor_ratio": statistics.median(new[1] / old[1] for old, new in pairs),
        "memory": memory,
        "difference": float(np.abs(before - after).max()),
    }


def _pair(old: Callable, new: Callable, number: int) -> tuple[list[float], list[float]]:
    """Seconds of one run of each; they take turns in being first."""
    if number % 2:
        after, before = new("run"), old("run")
    else:
        before, after = old("run"), new("run")
    return before, after


@contextmanager
def _process(folder, settings: Mapping[str, Any]) -> Iterator[Callable[[str], Any]]:
    """A process with the code of a checkout: sends it a word, `run` or `end`, and returns its answer."""
    here = Path(__file__).parent
    paths = os.pathsep.join(filter(None, (str(folder), str(here.parent), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-P", str(here / "one_side.py"), json.dumps(settings)]
    environment = os.environ | {"PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3"}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, cwd=folder, **pipes) as process:

        def ask(word: str) -> Any:
            print(word, file=process.stdin, flush=True)
            answer = process.stdout.readline()
            if not answer:
                raise RuntimeError(f"the process with the code of {folder} has ended")
            return json.loads(answer)

        yield ask


def _tables(results: Sequence[tuple[BenchJob, Result]]) -> list[Table]:
    header = (
        "",
        "before",
        "now",
        "now / before",
        "of processor time",
        "memory before",
        "memory now",
        "largest difference",
    )
    rows = [
        (
            job.name,
            *(f"{seconds:.2f} s" for seconds in result["seconds"]),
            f"{result['ratio']:.2f}",
            f"{result['processor_ratio']:.2f}",
            *(f"{memory / 2**20:,.0f} MiB" for memory in result["memory"]),
            f"{result['difference']:.0e}",
        )
        for job, result in results
    ]
    note = (
        "Each as its commands run it (`TF_ENABLE_ONEDNN_OPTS=1` gives both oneDNN). One process each, in turns; times "
        "are medians, and now / before is the median of the ratios of neighbours. "
        "Memory: the peak above the process with the network loaded. A training step: 8 crops of 64 x 64; its "
        f"difference is that of the losses of the first {STEPS}. With 12 megapixels the graph is built in that time."
    )
    return [Table("This checkout and an older one", header, rows, (note,))]


BENCH = Bench(
    "against",
    "this checkout and an older one in turns",
    [BenchJob(task, {"task": task}, 120) for task in TASKS],
    measure,
    _tables,
    ("model/**/*.py",),
)
