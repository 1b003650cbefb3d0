"""SKFF's softmax over the streams and, wrongly, over the channels: the numbers behind the question on its page."""

from dataclasses import dataclass

import numpy as np

from model.contracts.formulas import softmax

__all__ = ["SIDES", "Panel", "panels", "softmax"]

SIDES = ("left", "right")


@dataclass(frozen=True)
class Panel:
    """One of the two pictures to choose between.

    Attributes:
        side: `left` or `right`.
        over: What its softmax runs over, `streams` or `channels`.
        weights: (streams, channels).
    """

    side: str
    over: str
    weights: np.ndarray

    @property
    def sums_of_channels(self) -> tuple[float, float]:
        """The smallest and the largest sum of a column: one channel over all streams."""
        sums = self.weights.sum(axis=0)
        return float(sums.min()), float(sums.max())

    @property
    def sums_of_streams(self) -> tuple[float, float]:
        """The smallest and the largest sum of a row: one stream over all channels."""
        sums = self.weights.sum(axis=1)
        return float(sums.min()), float(sums.max())


def panels(logits: np.ndarray) -> tuple[Panel, Panel]:
    """The same logits through both softmaxes, left and right.

    Which is where depends on the number of channels alone, so that a link shows everybody the same.

    Args:
        logits: (streams, channels).
    """
    order = ("streams", "channels") if logits.shape[1].bit_length() % 2 else ("channels", "streams")
    left, right = (softmax(logits, 0 if over == "streams" else 1) for over in order)
    return Panel("left", order[0], left), Panel("right", order[1], right)
