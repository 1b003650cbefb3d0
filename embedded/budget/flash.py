"""How much flash a sketch takes on a board: its weights to the byte, its code by an allowance, the core as linked.

Weights are counted from the graph. Code is not compiled yet when one wants to know whether a network fits, so there is
a constant for each thing that takes some, from what GCC 12 makes of the generated C for `nano` at -O2. What the sketch
brings besides the network is from the real link, see `embedded.budget.whole_sketch`.
"""

from embedded.budget.whole_sketch import CAMERA_FLASH, CORE_FLASH, SKETCH_FLASH
from embedded.tflite.graph import Graph

__all__ = ["flash_parts", "network_flash"]

KERNEL_BYTES = 900
"""Flash for the code of one kind of operator."""
CALL_BYTES = 83
"""Flash for one operator: its struct with sizes, offsets and zero points, and the call with it."""
PIXEL_BYTES = 2_304
"""Flash for the tables that turn pixels into the network's input and its output into pixels."""
RESCALE_BYTES = 5
"""Flash for one output channel of a convolution: a multiplier of 32 bits and a shift of 8."""
TABLE_BYTES = {"LOGISTIC": 256, "TANH": 256, "SOFTMAX": 1024}
"""Flash for the look-up table of one operator; those with the same input share theirs, but for SOFTMAX."""


def network_flash(graph: Graph) -> dict[str, int]:
    """Bytes of flash of the network alone, by what they are for; all but the weights are estimates."""
    constants = {tensor.data.tobytes() for tensor in graph.tensors if tensor.data is not None}  # equal ones once
    channels = sum(graph.tensors[each.outputs[0]].shape[-1] for each in graph.operators if "CONV" in each.kind)
    kinds = len({operator.kind for operator in graph.operators})
    return {
        "weights": sum(len(each) for each in constants),
        "scales and tables": RESCALE_BYTES * channels + _tables(graph),
        "code of the network": KERNEL_BYTES * kinds + CALL_BYTES * len(graph.operators) + PIXEL_BYTES,
    }


def flash_parts(graph: Graph) -> dict[str, int]:
    """Bytes of flash of the whole sketch, by what they are for."""
    return {
        **network_flash(graph),
        "the sketch around it": SKETCH_FLASH,
        "core, USB and camera": CORE_FLASH + CAMERA_FLASH,
    }


def _tables(graph: Graph) -> int:
    tables: dict[object, int] = {}
    for operator in graph.operators:
        if operator.kind in TABLE_BYTES:
            given = graph.tensors[operator.inputs[0]].quantization
            key: object = operator.index
            if operator.kind != "SOFTMAX" and given is not None:
                key = operator.kind, *given.scale.tolist(), *given.zero_point.tolist()
            tables[key] = TABLE_BYTES[operator.kind]
    return sum(tables.values())
