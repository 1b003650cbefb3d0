"""Contracts of the dual attention unit: two gated copies of its body, merged and added to its input."""

import numpy as np

from model.contracts.common import common_promises
from model.contracts.compare import Mistake, compare, compare_locally
from model.contracts.connections import wired
from model.contracts.formulas import convolution, prelu, relu
from model.contracts.probes import zero_is_identity
from model.contracts.promise import Call, Promises, Verdict, learned, slope

__all__ = ["PROMISES"]

PROMISES = Promises("DualAttentionUnit", 'section 3.1, "Dual attention unit"')

common_promises(
    PROMISES, "two 3×3 convolutions with one PReLU slope between them, two attentions and a 1×1 convolution"
)


@PROMISES.promise("body", hooks=("in", "body"), layers=("first.kernel", "activation.alpha", "second.kernel"))
def body(call: Call) -> Verdict:
    """The body is a 3×3 convolution of PReLU of a 3×3 convolution of the input."""
    unit = call.component
    first, second, leak = learned(unit.first.kernel), learned(unit.second.kernel), slope(unit, unit.activation)

    def with_activation(activation):
        return lambda x: convolution(activation(convolution(x, first)), second)

    mistakes = [
        Mistake("this is ReLU; PReLU lets negative numbers through, times its slope", with_activation(relu)),
        Mistake("the PReLU between the convolutions is missing", with_activation(lambda x: x)),
        Mistake(
            "another PReLU follows the second convolution",
            lambda x: prelu(with_activation(lambda y: prelu(y, leak))(x), leak),
        ),
    ]
    formula = with_activation(lambda x: prelu(x, leak))
    return compare_locally(call, "body", "in", formula, mistakes, reach=2)


@PROMISES.promise("side by side", hooks=("body", "spatial/in", "channel/in"))
def side_by_side(call: Call) -> Verdict:
    """Both attentions get the body, neither gets the output of the other."""
    return wired(call, [("spatial/in", "body"), ("channel/in", "body")])


@PROMISES.promise("merged: spatial, channel", hooks=("spatial/out", "channel/out", "fused"), layers=("merge.kernel",))
def merged(call: Call) -> Verdict:
    """A 1×1 convolution merges [spatial, channel], in this order."""
    kernel = learned(call.component.merge.kernel)

    def merge(*pair):
        return convolution(np.concatenate(pair, axis=-1), kernel)

    mistakes = [
        Mistake("the order is swapped, the spatial branch comes first", lambda s, c: merge(c, s)),
        Mistake("only the spatial branch is used", lambda s, c: merge(s, s)),
        Mistake("only the channel branch is used", lambda s, c: merge(c, c)),
    ]
    return compare_locally(call, "fused", ["spatial/out", "channel/out"], merge, mistakes)


@PROMISES.promise("input added", hooks=("in", "body", "fused"))
def input_added(call: Call) -> Verdict:
    """The result is the input plus the merged branches."""
    x, fused = call["in"], call["fused"]
    mistakes = [
        Mistake("the input is not added", lambda: fused),
        Mistake("the body is added, not the input", lambda: call["body"] + fused),
        Mistake("the input is added twice", lambda: x + x + fused),
        Mistake("the merged branches are subtracted", lambda: x - fused),
    ]
    return compare("out", call.output, x + fused, mistakes, float(np.abs(x).max(initial=0)))


zero_is_identity(PROMISES)
