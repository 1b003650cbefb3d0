"""Checks of connections: the input of a component is the very output of the one before."""

from collections.abc import Iterable

import numpy as np

from model.contracts.compare import same
from model.contracts.promise import Call, Verdict

__all__ = ["wired"]

NAMED = 2
"""A verdict names so many of the connections that hold."""


def wired(call: Call, pairs: Iterable[tuple[str, str]]) -> Verdict:
    """Whether each first hook point shows the very tensor of the second.

    If one does not, all other hook points are searched for the tensor that was taken instead.
    """
    pairs = list(pairs)
    for target, source in pairs:
        verdict = same(target, call[target], source, call[source])
        if not verdict.holds:
            return Verdict(False, verdict.message + _instead(call, target), verdict.measured)
    named = ", ".join(f"{target} is {source}" for target, source in pairs[:NAMED])
    more = len(pairs) - NAMED
    return Verdict(True, f"{named}, and {more} more such pairs" if more > 0 else named, 0.0)


def _instead(call: Call, target: str) -> str:
    arrived = call[target]
    order = list(call.cache)
    before = order[: order.index(target)]
    # Ends of components first, the largest before its parts: `up_3_1/out` says more than `up_3_1/step_2/out`.
    before.sort(key=lambda name: (not name.endswith("out"), name.count("/")))
    for name in before:
        if call[name].shape == arrived.shape and np.array_equal(call[name], arrived):
            return f", but is {name}"
    return ", but is something computed in between"
