"""How much flash a network takes on a board: its weights to the byte, its code by an allowance.

Weights are counted from the graph. Code is not compiled yet when one wants to know whether a network fits, so there is
a constant for each thing that takes some, from what GCC 12 makes of the generated C for `nano` at -O2, rounded up.
"""

from embedded.tflite.graph import Graph

__all__ = ["CORE_BYTES", "flash_parts"]

CORE_BYTES = 120_000
"""Flash for the Mbed core, USB serial, the camera library and the sketch: an allowance, rounded up."""
KERNEL_BYTES = 800
"""Flash for the code of one kind of operator: an allowance."""
CALL_BYTES = 80
"""Flash for the call of one operator with its sizes, offsets and zero points: an allowance."""
RESCALE_BYTES = 8
"""Flash for one output channel of a convolution: a multiplier and a shift of 32 bits each."""
TABLE_BYTES = {"LOGISTIC": 256, "TANH": 256, "SOFTMAX": 1024}
"""Flash for the look-up table of one operator."""


def flash_parts(graph: Graph) -> dict[str, int]:
    """Bytes of flash by what they are for; all but the weights are estimates."""
    constants = {tensor.data.tobytes() for tensor in graph.tensors if tensor.data is not None}  # equal ones once
    channels = sum(graph.tensors[each.outputs[0]].shape[-1] for each in graph.operators if "CONV" in each.kind)
    tables = sum(TABLE_BYTES.get(operator.kind, 0) for operator in graph.operators)
    kinds = len({operator.kind for operator in graph.operators})
    return {
        "weights": sum(len(each) for each in constants),
        "scales and tables": RESCALE_BYTES * channels + tables,
        "code of the network": KERNEL_BYTES * kinds + CALL_BYTES * len(graph.operators),
        "core, USB and camera": CORE_BYTES,
    }
