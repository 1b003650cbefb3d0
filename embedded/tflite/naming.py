"""Readable names of operators: the layer of MIRNet that one came from, as far as the converter kept it.

    functional_1/recursive_residual_group_1/multi_scale_residual_block_1/dual_attention_unit_1_2/add;…
    rrg_1/mrb_1/dau_1_2/add

Keras numbers layers that have the same class, and again the calls of a layer that is called several times; so
`dau_1_2` is a unit of the block, but not always the one that MIRNet's own hook points give that number.
"""

import re

from embedded.tflite.graph import Graph, Operator

__all__ = ["PARTS", "named", "part_of", "part_of_hook", "readable_layer"]

SHORT = {
    "recursive_residual_group": "rrg",
    "multi_scale_residual_block": "mrb",
    "dual_attention_unit": "dau",
    "channel_attention": "channel",
    "spatial_attention": "spatial",
    "late_upsample": "upsample",
}
OUTPUT = re.compile(r"(Stateful)?PartitionedCall(_\d+)?:\d+")  # the converter's name of the model's output

PARTS = ("dual attention", "fusion (SKFF)", "down and up", "convolutions between", "input and output")
"""Parts of the network, to colour by."""


def readable_layer(graph: Graph, operator: Operator) -> str:
    """The layer that an operator came from: `rrg_1/mrb_1/dau_1_2/add`."""
    output = operator.outputs[0]
    name = graph.tensors[output].name.split(";")[0]
    if OUTPUT.fullmatch(name) or not name:
        return "output" if output in graph.outputs else "without a name"
    parts = [part for part in name.split("/") if not re.fullmatch(r"(functional|model)(_\d+)?", part)]
    if len(parts) > 1 and re.match(r"conv|re_lu", parts[-2]):
        parts.pop()  # redundant with the layer: conv2d_7_1/convolution, re_lu_1/Relu
    short = "/".join(parts)
    for long, brief in SHORT.items():
        short = short.replace(long, brief)
    return short


def named(graph: Graph, operator: Operator) -> str:
    """An operator as text: `CONV_2D 24, layer rrg_1/mrb_1/dau_1/conv2d_1`."""
    return f"{operator.kind} {operator.index}, layer {readable_layer(graph, operator)}"


def part_of(graph: Graph, tensor: int) -> str:
    """The part of the network that makes a tensor, one of `PARTS`."""
    if tensor in graph.inputs or tensor in graph.outputs:
        return PARTS[4]
    name = graph.tensors[tensor].name
    if "dual_attention_unit" in name:
        return PARTS[0]
    if "skff" in name:
        return PARTS[1]
    return PARTS[2] if "sample" in name else PARTS[3]


def part_of_hook(name: str) -> str:
    """The part of the network that a hook point belongs to, one of `PARTS`."""
    if "/" not in name:
        return PARTS[3 if name == "shallow" else 4]
    if "/dau_" in name:
        return PARTS[0]
    if "/skff" in name:
        return PARTS[1]
    return PARTS[2] if re.search(r"/(down|up)_\d", name) else PARTS[3]
