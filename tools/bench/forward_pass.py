"""Benchmark `forward`: time, peak memory and share of peak FLOP/s of one picture through a network."""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from model.config import PRESETS
from tools.bench.benchmark import Bench, BenchJob, Result, Table

__all__ = ["BENCH"]

NETS = {
    "paper": PRESETS["paper"],
    "1x1": PRESETS["1x1"],
    "desk": PRESETS["desk"],
    "1x1, 16 channels": PRESETS["1x1"].replace(channels=16),
}
GMACS = {"paper": 479.4, "1x1": 82.7, "desk": 5.1, "1x1, 16 channels": 5.2}
"""At 256 x 256, for the progress bar only; the tables have what is counted."""

SIDES = (128, 256, 512)
MODES = ("compiled", "eager")
RUNS = 7
BUDGET_S = 8
"""Runs follow each other until this time is spent, but no more than `RUNS`; twice, with the matrices between."""


def _jobs() -> list[BenchJob]:
    return [
        BenchJob(f"{net} {side} {mode}", {"net": net, "side": side, "mode": mode}, _estimate(net, side))
        for net in NETS
        for side in SIDES
        for mode in MODES
    ]


def _estimate(net: str, side: int) -> float:
    run = GMACS[net] * (side / 256) ** 2 / 70
    return 20 + run + max(run, 2 * min(BUDGET_S, RUNS * run))


def measure(net: str, side: int, mode: str) -> Result:
    """Measures one network at one size.

    Args:
        net: A name in `NETS`.
        side: Height and width of the picture, in pixels.
        mode: `"eager"`, operator by operator, or `"compiled"`, as one graph.
    """
    import numpy as np

    from explain.tracing.costs import cost
    from model.mirnet import MIRNet
    from tools.bench.machine import PeakMemory, matmul_peak

    load = _load()
    network = MIRNet(NETS[net])
    image = np.random.default_rng(0).random((1, side, side, 3), dtype="float32")
    memory = PeakMemory()
    forward = _forward(network, mode)
    first = _seconds(forward, image)  # builds what later runs use
    times = [first] if mode == "eager" and first > BUDGET_S else _times(forward, image)
    rise = memory.rise()  # before the matrices come
    convolutions = _times(_convolutions(network, side), image) if mode == "compiled" else []
    peak = matmul_peak()
    if sum(times) < BUDGET_S:  # again, beside the matrices, in case something else ran meanwhile
        times += _times(forward, image)
        peak = max(peak, matmul_peak())
    return {
        "seconds": statistics.median(times),
        "runs": len(times),
        "first_seconds": first,
        "memory": rise,
        "convolutions": min(convolutions, default=0.0),
        "matmul_flops": peak,
        "macs": cost(network, (side, side)).macs,
        "load": load,
    }


def _forward(network, mode: str) -> Callable:
    from keras import ops

    from model.inference.compiled import CompiledNet

    if mode == "compiled":
        return CompiledNet(network).on
    return lambda image: ops.convert_to_numpy(network(image))


def _convolutions(network, side: int) -> Callable:
    """All convolutions of a network and nothing between them, as one graph: no formulation of it runs much faster."""
    import tensorflow as tf
    from keras import layers, ops

    from explain.tracing.calls import layer_calls

    def found(call) -> Iterator:
        if hasattr(call.layer, "kernel"):
            yield call
        for child in call.children:
            yield from found(child)

    calls = list(found(layer_calls(network, (1, side, side, 3))))
    shapes = sorted({call.inputs[0] for call in calls})
    maps = [tf.random.uniform(shape) for shape in shapes]

    @tf.function(autograph=False)
    def run(maps):
        corners = []
        for number, call in enumerate(calls):
            # Another kernel for every call: TensorFlow computes the same product of the same numbers only once.
            features, kernel = maps[shapes.index(call.inputs[0])], call.layer.kernel * (1 + number / 1000)
            if isinstance(call.layer, layers.Conv2DTranspose):
                made = ops.conv_transpose(features, kernel, strides=2, data_format="channels_last")
            else:
                made = ops.conv(features, kernel, padding="same", data_format="channels_last")
            corners.append(made[0, 0, 0, 0])
        return tf.add_n(corners)

    run(maps)
    return lambda image: run(maps).numpy()


def _times(forward: Callable, image) -> list[float]:
    """Seconds of each of some runs."""
    times = [_seconds(forward, image)]
    while len(times) < RUNS and sum(times) < BUDGET_S:
        times.append(_seconds(forward, image))
    return times


def _seconds(forward: Callable, image) -> float:
    start = time.perf_counter()
    forward(image)
    return time.perf_counter() - start


def _load() -> float:
    """Processes that wanted to run in the last minute; 0 where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _tables(results: Sequence[tuple[BenchJob, Result]]) -> list[Table]:
    header = (
        *("network", "size", "mode", "time", "x before", "peak memory", "x before"),
        *("GMAC", "GFLOP/s", "share of peak", "convolutions alone"),
    )
    by_settings = {tuple(job.settings.values()): result for job, result in results}
    peak = max(result["matmul_flops"] for _, result in results)
    rows = [
        _row(net, side, mode, peak, by_settings[net, side, mode], by_settings.get((net, side // 2, mode)))
        for net in NETS
        for mode in MODES
        for side in SIDES
        if (net, side, mode) in by_settings
    ]
    of_peak = f"peak: the fastest float32 matrix product between all these runs, {peak / 1e9:.0f} GFLOP/s."
    return [Table("One picture through the network", header, rows, (*NOTES, of_peak))]


NOTES = (
    "time: median of several runs after the first, which for `compiled` builds the graph (of `eager` runs that take "
    "longer than 8 s there is only one). x before: against half the side, so with a quarter of the pixels.",
    "peak memory: above the process with TensorFlow and the network loaded; for `compiled` with the graph.",
    "GFLOP/s: two floating-point operations per MAC. Convolutions alone: the network's convolutions as a graph without "
    "anything between them, on maps of the same shapes; the best of several runs.",
)


def _row(net: str, side: int, mode: str, peak: float, result: Result, smaller: Result | None) -> tuple[str, ...]:
    flops = 2 * result["macs"] / result["seconds"]
    return (
        net,
        f"{side} x {side}",
        mode,
        f"{result['seconds']:.2f} s" if result["seconds"] < 10 else f"{result['seconds']:.1f} s",
        _growth(result, smaller, "seconds"),
        f"{result['memory'] / 2**20:,.0f} MiB",
        _growth(result, smaller, "memory"),
        f"{result['macs'] / 1e9:.1f}",
        f"{flops / 1e9:.0f}",
        f"{flops / peak:.0%}",
        f"{result['convolutions'] / result['seconds']:.0%} of the time" if result["convolutions"] else "",
    )


def _growth(result: Result, smaller: Result | None, what: str) -> str:
    return f"{result[what] / smaller[what]:.1f}" if smaller and smaller[what] else ""


BENCH = Bench("forward", "time and memory of one picture through the network", _jobs(), measure, _tables)
