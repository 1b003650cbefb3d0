"""One operator of an int8 graph as C: the constants that it needs, and the calls of its kernel (see `kernels/`).

    emitted = emit(Job(graph, operator, Arrays(), address))
    emitted.constant     static const struct mirnet_mul operator_7 = {{768, 12, 0, 1}, 24, 127, ...};
    emitted.calls        ("mirnet_mul(&operator_7, arena + 0, arena + 9216, arena + 0);",)

Multipliers and shifts are those of TensorFlow Lite Micro (64-bit floats up to the multiplier).
"""

from collections.abc import Callable, Mapping

from embedded.codegen.context import Emitted, Job
from embedded.codegen.operators import conv_2d, elementwise, moves, reduce
from embedded.memory.buffers import VIEWS

__all__ = ["KINDS", "emit"]

KINDS: Mapping[str, Callable[[Job], Emitted]] = {
    "ADD": elementwise.add,
    "CONCATENATION": moves.concatenation,
    "CONV_2D": conv_2d.conv_2d,
    "DEPTHWISE_CONV_2D": conv_2d.depthwise_conv_2d,
    "LOGISTIC": elementwise.logistic,
    "MEAN": reduce.mean,
    "MIRROR_PAD": moves.mirror_pad,
    "MUL": elementwise.mul,
    "REDUCE_MAX": reduce.reduce_max,
    "RESIZE_BILINEAR": moves.resize_bilinear,
    "SOFTMAX": reduce.softmax,
    "STRIDED_SLICE": moves.strided_slice,
    "TRANSPOSE": moves.transpose,
}
"""Kind of operator to the function that writes it."""


def emit(job: Job) -> Emitted:
    """C for one operator.

    Raises:
        MirnetError: If no kernel can run it, naming the layer.
    """
    kind = job.operator.kind
    if kind in VIEWS:
        return Emitted("", ())
    if kind not in KINDS:
        raise job.refusal(f"the kernels are {', '.join(sorted(KINDS))}")
    return KINDS[kind](job)
