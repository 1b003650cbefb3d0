"""Benchmark `study`: time of a training step and of one picture, for each size of the study.

All sizes are measured in turns in one process on one core, by the processor's time and not by the clock, so that other
work on the machine slows none of them down on the table.
"""

import statistics
import time
from collections.abc import Callable, Sequence

from tools.bench.benchmark import Bench, BenchJob, Result, Table

__all__ = ["BENCH"]

CHANNELS, BATCH, CROP, STEPS = 8, 8, 64, 1_200
SIDE = 256
ROUNDS = 8


def measure(channels: int, batch: int, crop: int, side: int, rounds: int) -> Result:
    """Measures all sizes.

    Args:
        channels: Features of the full-size stream.
        batch: Crops in a step.
        crop: Side of a crop in pixels.
        side: Side of the picture in pixels.
        rounds: Each is measured so many times, in turns.

    Returns:
        For each size `SIZE step` and `SIZE picture`, the medians in seconds of the processor, and `SIZE parameters`.
    """
    import numpy as np
    import tensorflow as tf

    from explain.analysis.study import SIZES
    from model.config import preset
    from model.inference.compiled import CompiledNet
    from model.mirnet import MIRNet
    from model.training.step import training_step

    # One core, as in the study. The settings hold only if nothing has been computed yet: a bench has its own process.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    rng = np.random.default_rng(0)
    low, high = rng.random((2, batch, crop, crop, 3), dtype="float32")
    picture = rng.random((1, side, side, 3), dtype="float32")
    result: Result = {}
    todo: dict[str, Callable] = {}
    for size in SIZES:
        net = MIRNet(preset(size).replace(channels=channels))
        compiled, step = CompiledNet(net), training_step(net)
        result[f"{size} parameters"] = net.count_params()
        # At a rate of 0 a step computes all that it always does, and leaves the weights as they are.
        todo[f"{size} step"] = lambda step=step: float(step(low, high, 0.0, 0.0))
        todo[f"{size} picture"] = lambda compiled=compiled: compiled.on(picture)
    times: dict[str, list[float]] = {name: [] for name in todo}
    for number in range(1 + rounds):
        for name, run in todo.items():
            taken = _processor_seconds(run)
            times[name] += [taken] * (number > 0)  # the first one compiles
    return result | {name: statistics.median(each) for name, each in times.items()}


def _processor_seconds(run: Callable) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def _tables(results: Sequence[tuple[BenchJob, Result]]) -> list[Table]:
    (_, result), *_ = results
    sizes = [name.removesuffix(" step") for name in result if name.endswith(" step")]
    least = min(sizes, key=lambda size: result[f"{size} step"])
    header = ("RRG x MRB", "parameters", "a step", "x least", f"{STEPS:,} steps", f"{SIDE} x {SIDE}", "x least")
    rows = [
        (
            size.replace("x", " x "),
            f"{result[f'{size} parameters']:,}",
            f"{result[f'{size} step']:.2f} s",
            f"{result[f'{size} step'] / result[f'{least} step']:.1f}",
            f"{result[f'{size} step'] * STEPS / 60:.1f} min",
            f"{result[f'{size} picture']:.2f} s",
            f"{result[f'{size} picture'] / result[f'{least} picture']:.1f}",
        )
        for size in sizes
    ]
    note = (
        f"{CHANNELS} channels; a step: forward, backward and update on {BATCH} crops of {CROP} x {CROP}. Seconds of "
        "one processor core, all sizes measured in turns."
    )
    return [Table("The study's sizes", header, rows, (note,))]


BENCH = Bench(
    "study",
    "time of a training step and of a picture for the study's five sizes",
    [
        BenchJob(
            "five sizes in turns",
            {"channels": CHANNELS, "batch": BATCH, "crop": CROP, "side": SIDE, "rounds": ROUNDS},
            400,
        )
    ],
    measure,
    _tables,
    ("explain/analysis/study.py", "model/training/step.py", "model/training/step_base.py", "model/training/losses.py"),
)
