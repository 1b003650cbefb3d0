"""What gates let through, in numbers."""

from dataclasses import dataclass

import numpy as np

from explain.figures.kit.feature_maps import Tensors, strength

__all__ = ["Passing", "passing", "share_above"]

SMALLEST = 1e-6  # features are of the order of 0.1; below, a share would be noise


@dataclass(frozen=True)
class Passing:
    """Strength of a dual attention unit's features before and after its gates: RMS over positions and channels.

    Attributes:
        body: After the two convolutions.
        by_pixel: The body times the spatial gate.
        by_channel: The body times the channel gates.
        merged: Both, merged by the 1×1 convolution: what is added to the input.
        before: The input.
    """

    body: float
    by_pixel: float
    by_channel: float
    merged: float
    before: float

    def of_body(self, part: float) -> float:
        """A strength as a share of the body's."""
        return part / max(self.body, SMALLEST)

    @property
    def change(self) -> float:
        """What is added, as a share of the input."""
        return self.merged / max(self.before, SMALLEST)


def passing(at: Tensors) -> Passing:
    """The strengths inside the dual attention unit whose tensors these are."""
    return Passing(*(strength(at[name]) for name in ("body", "spatial/out", "channel/out", "fused", "in")))


def share_above(gate: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """The share of positions whose gate, of any shape, is above each limit.

    Returns:
        (n,) within [0, 1], falling as the limits rise.
    """
    ordered = np.sort(gate, axis=None)
    return 1 - np.searchsorted(ordered, limits, side="right") / ordered.size
