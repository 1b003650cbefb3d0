"""What a learner has made beside the network's own: how far apart they are, and an end where it is too far."""

from typing import Any

import numpy as np

from lessons.checks.kit.comparing import compare
from lessons.checks.kit.plain import plain
from lessons.checks.kit.verdict import wrong

__all__ = ["agrees"]

FLOAT32 = 1e-4
"""Share of the largest value by which sums of float32 in another order may differ, through a whole network."""


def agrees(what: str, mine: Any, theirs: Any, most: float = FLOAT32) -> None:
    """Prints the largest difference of two arrays.

    Args:
        what: What they are.
        mine: The learner's.
        theirs: The network's own.
        most: Largest difference, as a share of the largest value.

    Raises:
        NotYet: If they are farther apart, or have other shapes.
    """
    found, right = np.asarray(plain(mine)), np.asarray(plain(theirs))
    if found.shape != right.shape or found.dtype.kind not in "buif":
        compare(what, found, right)
    apart = float(np.abs(found.astype("float64") - right.astype("float64")).max(initial=0))
    if not apart <= most * max(float(np.abs(right.astype("float64")).max(initial=0)), 1e-30):
        mistake = "an answer was changed after its check: run the checks above once more, from the first one."
        wrong(f"{what}: yours and the network's own are {apart:.2g} apart.", mistake)
    print(f"{what}: yours and the network's own differ by {apart:.1e} at most")
