"""Softmax of SKFF: weights from logits, which add up to 1."""

import math
from dataclasses import dataclass

from explain.cell.operands import Arithmetic, Place, Reader, Step
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
        rivals = (
            [(k, 0, channel) for k in range(streams)] if over_streams else [(stream, 0, c) for c in range(channels)]
        )
        logits = [read.operand("z", self.source, at) for at in rivals]
        largest = max(logit.value for logit in logits)
        # All logits minus the largest: the shares are the same, and no exponential is too large for a float.
        powers = [math.exp(logit.value - largest) for logit in logits]
        own, normalizer = powers[rivals.index(place)], sum(powers)
        what, index = ("stream", "k'") if over_streams else ("channel", "c'")
        first = 1 if over_streams else 0  # streams have numbers from 1, channels from 0
        listed = [
            Step(f"exponential of {what} {n}", power, symbol=rf"e^{{z[{','.join(map(str, at))}] - m}}")
            for n, (at, power) in enumerate(zip(rivals, powers, strict=True), first)
        ]
        own_alone = Step("its own exponential", own, symbol="e^{z[k, c] - m}")
        logit = "z[k', c]" if over_streams else "z[k, c']"
        shares = rf"\sum_{{{index}}} e^{{{logit} - m}}"
        return Arithmetic(
            kind="softmax",
            how="largest",
            rule=f"softmax: {len(logits)} {what}s compete, and their weights add up to 1; every exponential is of a "
            "logit minus the largest one",
            formula=rf"\frac{{e^{{z[k, c] - m}}}}{{{shares}}}",
            operands=tuple(logits),
            steps=(
                Step("the largest logit", largest, symbol=rf"m = \max_{{{index}}} {logit}"),
                *(listed if len(listed) <= FEW else [own_alone]),
                Step("sum of the exponentials", normalizer, symbol=shares),
            ),
            result=own / normalizer,
        )
