"""Softmax: logits that compete become weights that add up to 1."""

import math
from dataclasses import dataclass

from explain.cell.base import Arithmetic, Place, Reader, Step
from model.skff import SKFF

__all__ = ["Softmax"]

FEW = 8  # exponentials that are listed one by one


@dataclass(frozen=True, eq=False)
class Softmax:
    """SKFF's weights, from logits (streams, 1, channels).

    Attributes:
        layer: The SKFF, which says whether the streams compete (the paper) or the channels (a common mistake).
        source: The logits.
    """

    layer: SKFF
    source: str

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The weight of one stream for one channel."""
        stream, _, channel = place
        streams, _, channels = read.shape(self.source)
        over_streams = self.layer.softmax_over == "streams"
        places = (
            [(k, 0, channel) for k in range(streams)] if over_streams else [(stream, 0, c) for c in range(channels)]
        )
        logits = [read.operand("z", self.source, at) for at in places]
        largest = max(logit.value for logit in logits)
        # All logits less the largest: the shares are the same, and no exponential is too large for a float.
        powers = [math.exp(logit.value - largest) for logit in logits]
        own, whole = powers[places.index(place)], sum(powers)
        what, index = ("stream", "k'") if over_streams else ("channel", "c'")
        few = len(powers) <= FEW
        listed = [
            Step(f"e to the logit of {what} {n} less the largest", power) for n, power in enumerate(powers) if few
        ]
        logit = "z[k', c]" if over_streams else "z[k, c']"
        return Arithmetic(
            kind="softmax",
            how="largest",
            rule=f"softmax: {len(logits)} {what}s compete, and their weights add up to 1",
            formula=rf"\frac{{e^{{z[k, c]}}}}{{\sum_{{{index}}} e^{{{logit}}}}}",
            operands=tuple(logits),
            steps=(
                Step("the largest logit", largest),
                *listed,
                Step("its own exponential", own),
                Step("sum of the exponentials", whole),
            ),
            result=own / whole,
        )
