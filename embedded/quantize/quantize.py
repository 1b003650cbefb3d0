"""Post-training quantization of a network to int8, for the board.

1. Convert: TensorFlow's converter, int8 input and output, weights with one scale for each output channel.
2. Refuse what the board cannot run, with the name of the layer.
3. Search ranges: 256 levels for the usual values of a tensor, not for all (`embedded.quantize.calibrate`).
4. Note stem and companding in the file, and map tensors to hook points (`embedded.quantize.hook_mapping`).

Reference: https://arxiv.org/abs/1712.05877 (integers only), https://arxiv.org/abs/2004.09602 (scales per channel).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from embedded.camera.pixel_tables import network_input
from embedded.emulator import NOTE, Emulator
from embedded.quantize.activation_samples import Samples, collect
from embedded.quantize.calibrate import search_scales, widened
from embedded.quantize.convert import board_graph
from embedded.quantize.hook_mapping import map_hooks
from embedded.tflite.graph import Graph, skeleton
from embedded.tflite.graph_file import read_graph
from embedded.tflite.hook_map import HookMap
from embedded.tflite.naming import readable_layer
from embedded.tflite.rewrite import with_metadata, with_scales
from embedded.tflite.supported import check_for_board
from model.errors import MirnetError
from model.mirnet import MIRNet

__all__ = ["Quantized", "ReportRow", "plain", "quantize", "report"]

Progress = Callable[[str, int, int], None]
PROBED = 16  # pictures to count saturation on


@dataclass(frozen=True)
class ReportRow:
    """One tensor of the report.

    Attributes:
        tensor: Index in the graph.
        operator: Kind and index of the operator that makes it.
        layer: The layer that it came from.
        shape: With the batch axis.
        scale: Size of one step, as float.
        zero_point: The integer that stands for 0.
        low: Least float that it can hold.
        high: Greatest.
        saturated: Share of its values at either end of the range, over the probe pictures. For a ReLU that includes
            its zeros, which lose nothing.
    """

    tensor: int
    operator: str
    layer: str
    shape: tuple[int, ...]
    scale: float
    zero_point: int
    low: float
    high: float
    saturated: float


@dataclass(frozen=True, eq=False)
class Quantized:
    """A quantized model, with its map of hook points and its report.

    Attributes:
        model: Bytes of the .tflite file.
        hooks: Map from hook points to tensors.
        rows: Report on every computed tensor.
    """

    model: bytes
    hooks: HookMap
    rows: tuple[ReportRow, ...]


def quantize(
    net: MIRNet,
    pictures: Sequence[np.ndarray],
    progress: Progress | None = None,
    *,
    ranges: bytes | None = None,
    widen: float = 1.0,
) -> Quantized:
    """Quantizes a network for the board.

    Args:
        net: A trained network of the board's style, whose stem and streams divide a frame.
        pictures: For calibration, as different as can be: (120, 160, 3) uint8, dark, as they come from the camera's
            bytes. A hundred are enough.
        progress: Called with (what is done, steps done, steps in all).
        ranges: Bytes of an earlier model of this kind of network, whose ranges are taken instead of searched: those of
            its quantization-aware training.
        widen: Largest factor by which ranges grow, as far as values were seen (`embedded.quantize.calibrate.widened`).

    Raises:
        MirnetError: If the network cannot run on the board, there are no pictures, or the earlier model has other
            operators.
    """
    if not 1 <= widen < np.inf:
        raise MirnetError(f"widen must be a number of at least 1, not {widen}")
    if not pictures:
        raise MirnetError("ranges are taken from pictures, and none was given")
    tell = progress or (lambda what, done, steps: None)
    frames = [network_input(picture, net.config) for picture in pictures]
    tell("converting", 0, 1)
    model = plain(net, frames)
    tell("converting", 1, 1)
    graph = read_graph(model)
    samples = _seen(net, frames, graph, tell) if ranges is None or widen > 1 else ()
    if ranges is None:
        scales = search_scales(graph, samples, lambda done, steps: tell("searching ranges", done, steps))
    else:
        scales = _taken(graph, read_graph(ranges))
    if widen > 1:
        scales = widened(graph, samples, scales, widen)
    model = with_scales(model, scales)
    tell("mapping hook points", 0, 1)
    hooks = map_hooks(net, model, frames[0])
    tell("mapping hook points", 1, 1)
    return Quantized(model, hooks, report(model, pictures[:: max(1, len(pictures) // PROBED)]))


def _seen(net: MIRNet, frames: Sequence[np.ndarray], graph: Graph, tell: Progress) -> tuple[Samples, ...]:
    """Samples of the float network, operator by operator."""
    model = board_graph(net)
    if [each.kind for each in read_graph(model).operators] != [each.kind for each in graph.operators]:
        raise MirnetError("the converter made other operators for float32 than for int8: cannot compare them")
    return collect(model, frames, progress=lambda done, steps: tell("running the float network", done, steps))


def _taken(graph: Graph, earlier: Graph) -> dict[int, tuple[float, int]]:
    """The ranges of an earlier model's tensors, operator by operator."""
    if skeleton(graph) != skeleton(earlier):
        raise MirnetError("the model that ranges are taken from has other operators: give one of the same network")
    pairs = zip(graph.computed, (earlier.tensors[index] for index in earlier.computed), strict=True)
    return {index: (other.scale, other.zero_point) for index, other in pairs if other.dtype == np.int8}


def plain(net: MIRNet, frames: Sequence[np.ndarray]) -> bytes:
    """The converter's own int8 model, with the least and greatest values as ranges, and our note in the file.

    `frames` are inputs of the float graph (`embedded.camera.pixel_tables.network_input`).

    Raises:
        MirnetError: If the network cannot run on the board.
    """
    model = board_graph(net, frames)
    check_for_board(read_graph(model))
    config = net.config
    note = {"stem": config.stem, "companding": config.companding, "network": config.to_dict()}
    return with_metadata(model, NOTE, json.dumps(note).encode())


def report(model: bytes, pictures: Sequence[np.ndarray]) -> tuple[ReportRow, ...]:
    """Scale, range and saturation of every tensor that a model computes.

    Args:
        model: Bytes of a .tflite file from `quantize`.
        pictures: (120, 160, 3) uint8, to count saturation on.
    """
    emulator = Emulator(model)
    graph = emulator.graph
    at_the_ends = dict.fromkeys(graph.computed, 0.0)
    for picture in pictures:
        tensors = emulator.tensors(picture)
        for index in at_the_ends:
            at_the_ends[index] += float(np.isin(tensors[index], (-128, 127)).mean()) / len(pictures)
    return tuple(_row(graph, index, share) for index, share in at_the_ends.items())


def _row(graph: Graph, index: int, saturated: float) -> ReportRow:
    tensor, operator = graph.tensors[index], graph.producer[index]
    low, high = ((end - tensor.zero_point) * tensor.scale for end in (-128, 127))
    made_by, layer = f"{operator.kind} {operator.index}", readable_layer(graph, operator)
    return ReportRow(index, made_by, layer, tensor.shape, tensor.scale, tensor.zero_point, low, high, saturated)
