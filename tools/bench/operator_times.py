"""Benchmark `operators`: time of a forward pass by kind of operator, and FLOP/s of each kind.

One operator at a time on all cores, so that their times add up. Needs the TensorFlow backend.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from tools.bench.benchmark import Bench, BenchJob, Result, Table
from tools.bench.forward_pass import NETS
from tools.bench.machine import matmul_peak

__all__ = ["BENCH"]

SIDE = 256
RUNS = 5
KINDS = {
    "Conv2D": "convolution",
    "Conv2DBackpropInput": "transposed convolution",  # what TensorFlow makes of one
    "DepthwiseConv2dNative": "blur",
    "MirrorPad": "blur: mirrored border",
    "ResizeBilinear": "bilinear resize",
    "ConcatV2": "put side by side",
    "Mean": "mean, maximum",
    "Max": "mean, maximum",
    "StridedSlice": "cut out",
}
ELEMENT_BY_ELEMENT = "element by element (PReLU, sums, gates)"


def _jobs() -> list[BenchJob]:
    return [BenchJob(f"{net} {SIDE}", {"net": net, "side": SIDE}, 60) for net in ("paper", "desk")]


def measure(net: str, side: int) -> Result:
    """Seconds by kind of operator, the best of several runs of each.

    Args:
        net: A name in `tools.bench.forward_pass.NETS`.
        side: Height and width of the picture, in pixels.
    """
    import numpy as np
    import tensorflow as tf

    from explain.tracing.costs import cost
    from model.mirnet import MIRNet

    network = MIRNet(NETS[net])
    graph, feed, fetch = _frozen(tf, network, side)
    one_at_a_time = tf.compat.v1.ConfigProto(inter_op_parallelism_threads=1)
    image = np.random.default_rng(0).random((1, side, side, 3), dtype="float32")
    with tf.compat.v1.Session(graph=graph, config=one_at_a_time) as session:
        best = _best_times(tf, session, feed, fetch, image)
    seconds: dict[str, float] = defaultdict(float)
    for name, (operator, time) in best.items():
        seconds[_kind(graph, name, operator)] += time
    return {
        "seconds": dict(seconds),
        "macs": _macs(cost(network, (side, side))),
        "matmul_flops": matmul_peak(),
    }


def _frozen(tf, network, side: int):
    """The network as a graph whose weights are constants, with the names of its input and output."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    traced = tf.function(lambda images: network(images, training=False), autograph=False)
    function = convert_variables_to_constants_v2(traced.get_concrete_function(tf.TensorSpec((1, side, side, 3))))
    with tf.Graph().as_default() as graph:
        tf.graph_util.import_graph_def(function.graph.as_graph_def(), name="")
    return graph, function.inputs[0].name, function.outputs[0].name


def _best_times(tf, session, feed: str, fetch: str, image) -> dict[str, tuple[str, float]]:
    """For each node of the graph its operator and its shortest time in seconds."""
    trace = tf.compat.v1.RunOptions(trace_level=tf.compat.v1.RunOptions.FULL_TRACE)
    best: dict[str, tuple[str, float]] = {}
    session.run(fetch, {feed: image})
    for _ in range(RUNS):
        record = tf.compat.v1.RunMetadata()
        session.run(fetch, {feed: image}, options=trace, run_metadata=record)
        for name, operator, seconds in _nodes(record):
            best[name] = operator, min(seconds, best.get(name, (operator, seconds))[1])
    return best


def _nodes(record) -> Iterator[tuple[str, str, float]]:
    """Name, operator and seconds of each node that ran."""
    for device in record.step_stats.dev_stats:
        for node in device.node_stats:
            # "name = _MklNativeConv2D(inputs)": oneDNN's operators have its name in front.
            found = re.search(r" = (?:_Mkl(?:Native)?)?(\w+)\(", node.timeline_label)
            yield node.node_name, found[1] if found else "", (node.op_end_rel_micros - node.op_start_rel_micros) / 1e6


def _kind(graph, name: str, operator: str) -> str:
    kind = KINDS.get(operator, ELEMENT_BY_ELEMENT)
    if operator in ("Conv2D", "Conv2DBackpropInput"):
        height, width = graph.get_operation_by_name(name).inputs[1].shape[:2]
        return f"{kind} {height}x{width}"
    return kind


def _macs(whole) -> dict[str, int]:
    """MACs by kind of operator, under the names of `_kind`."""
    macs: dict[str, int] = defaultdict(int)
    for part in whole.walk():
        layer, _, size = part.kind.partition(" ")
        if layer in ("Conv2D", "Conv2DTranspose"):
            macs[f"{'transposed ' * (layer != 'Conv2D')}convolution {size}"] += part.macs
    return dict(macs, blur=whole.fixed_macs)


def _tables(results: Sequence[tuple[BenchJob, Result]]) -> list[Table]:
    return [_table(job, result) for job, result in results]


def _table(job: BenchJob, result: Result) -> Table:
    total, peak = sum(result["seconds"].values()), result["matmul_flops"]
    rows = []
    for kind, seconds in sorted(result["seconds"].items(), key=lambda item: -item[1]):
        flops = 2 * result["macs"].get(kind, 0) / seconds
        speed = (f"{flops / 1e9:.0f}", f"{flops / peak:.0%}") if flops else ("", "")
        rows.append((kind, f"{seconds:.3f} s", f"{seconds / total:.1%}", *speed))
    whole = 2 * sum(macs for kind, macs in result["macs"].items() if kind != "blur") / total
    rows.append(("all", f"{total:.3f} s", "100%", f"{whole / 1e9:.0f}", f"{whole / peak:.0%}"))
    header = ("operator", "time", "of all", "GFLOP/s", "share of peak")
    notes = (
        "Operators one after the other, each on all cores; of each the best time of "
        f"{RUNS} runs. peak: the fastest float32 matrix product, {peak / 1e9:.0f} GFLOP/s.",
    )
    return Table(f"Where the time goes: {job.settings['net']} at {SIDE} x {SIDE}", header, rows, notes)


BENCH = Bench("operators", "where the time of a forward run goes", _jobs(), measure, _tables)
