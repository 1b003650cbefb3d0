"""Search for the range of one tensor with the least quantization error.

The error of each picture is relative to that picture's own variance, so that a dark picture counts as much as a
bright one.

Reference: choosing ranges by the error they make, https://arxiv.org/abs/2106.08295, section 3.1.
"""

from collections.abc import Callable, Sequence

import numpy as np

from embedded.quantize.activation_samples import Samples

__all__ = ["Error", "error_after", "error_of", "scale_of", "search_range"]

SHARES = np.geomspace(0.04, 1, 22)  # of the widest range, to try
QUIET = 0.1  # of the median picture's variance, added to all: a picture where the tensor hardly varies must not decide
STEPS = 255
BETTER = 0.999  # a change has to gain a thousandth
TINY = float(np.finfo(np.float32).tiny)

Error = Callable[[float, float], float]
"""Error of a range, from its low end to its high end."""


def scale_of(low: float, high: float) -> tuple[float, int]:
    """Scale and zero point of int8 for the range from `low` (at most 0) to `high` (at least 0).

    The zero point is an integer, so that zero padding and ReLU are exact.
    """
    scale = float(np.float32((high - low) / STEPS))
    return scale, int(np.clip(np.rint(-128 - low / scale), -128, 127))


def search_range(error: Error, low: float, high: float) -> tuple[float, float]:
    """The range with the least error within the widest one."""
    best = (error(low, high), low, high)
    for _ in range(2):  # once more with the other end cut
        for cut_low, cut_high in ((True, False), (False, True), (True, True)):
            _, now_low, now_high = best
            for share in SHARES:
                one, other = low * share if cut_low else now_low, high * share if cut_high else now_high
                found = error(one, other) if other - one > TINY else np.inf
                if found < best[0] * BETTER:
                    best = (found, one, other)
    return best[1:]


def error_of(samples: Sequence[Samples]) -> Error:
    """The mean over pictures of the squared error / the picture's variance, as a function of the range."""
    variances = np.concatenate([each.variances for each in samples])
    return _relative([row for each in samples for row in each.values], variances, lambda values: values)


def error_after(squash: Callable[[np.ndarray], np.ndarray], logits: Samples) -> Error:
    """The same after a sigmoid or a softmax of logits."""
    variances = np.array([squash(row).var() for row in logits.values])
    return _relative(logits.values, variances, squash)


def _relative(rows: Sequence[np.ndarray], variances: np.ndarray, squash: Callable[[np.ndarray], np.ndarray]) -> Error:
    values = np.concatenate(rows)
    starts = np.cumsum([0] + [len(row) for row in rows])
    weights = np.diff(starts) * (variances + QUIET * np.median(variances) + TINY)
    seen = squash(values)

    def error(low: float, high: float) -> float:
        scale, zero = scale_of(low, high)
        dequantized = (np.clip(np.rint(values / scale) + zero, -128, 127) - zero) * scale
        wrong = squash(dequantized) - seen
        return float((np.add.reduceat(wrong * wrong, starts[:-1]) / weights).mean())

    return error
