"""What the public mistake in the merge costs `desk`, measured; a test measures it again."""

from dataclasses import dataclass
from statistics import fmean

__all__ = ["MergeMistake", "merge_mistake"]


@dataclass(frozen=True)
class MergeMistake:
    """PSNR lost by each sample photo where the merge takes stream 3 twice and no stream 2, in dB.

    Attributes:
        losses: In the order of `model.samples.SAMPLES`.
    """

    losses: tuple[float, ...]

    @property
    def loss(self) -> float:
        """Their mean."""
        return fmean(self.losses)


def merge_mistake() -> MergeMistake:
    """Measured with the shipped weights of `desk`, which were trained with the right merge."""
    return MergeMistake((22.84, 20.39, 17.42, 13.31, 19.71, 13.87))
