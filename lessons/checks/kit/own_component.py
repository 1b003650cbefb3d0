"""A learner's own component, a Keras layer: held to the contracts of its kind, and run with given weights."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lessons.checks.kit.calling import call, copied
from lessons.checks.kit.verdict import wrong

__all__ = ["component", "with_weights"]


def component(learners: Callable[..., Any], kind: str, inputs: Any, look: str = "") -> None:
    """Checks a learner's own component against the contracts of its kind.

    Args:
        learners: The component, such as an instance of the learner's SKFF.
        kind: The contracts' name for it, one of `model.contracts.KINDS`.
        inputs: As `model.contracts.examine` takes them.
        look: Where to look.

    Raises:
        NotYet: With the first contract that is broken, and the mistake that it names.
    """
    from model.contracts import examine

    report = examine(learners, copied([inputs])[0], kind)
    if report.holds:
        return
    contract, verdict = report.broken[0]
    more = len(report.broken) - 1
    others = f" ({more} more of its {len(report.results)} contracts do not hold either.)" if more else ""
    wrong(
        f"{kind} breaks the contract “{contract.title}”: {contract.promise} Here {verdict.message}.{others}",
        look=look,
    )


def with_weights(learners: Any, weights: list[np.ndarray], kind: str, inputs: Any, look: str) -> np.ndarray:
    """The output of a learner's component that has the weights of the right one.

    Args:
        learners: The component, such as an instance of the learner's SKFF.
        weights: Of the right component.
        kind: Its name in messages.
        inputs: What it is called with.
        look: Where to look.

    Raises:
        NotYet: If it does not run, changes its inputs, or the weights do not fit.
    """
    fits = [values.shape for values in weights] == [values.shape for values in learners.get_weights()]
    if fits:
        learners.set_weights(weights)
    output = call(_named(learners, kind), inputs)
    if not fits:
        wrong(f"{kind} has other layers than the skeleton, or in another order.", look=look)
    return np.asarray(output)


def _named(learners: Any, kind: str) -> Callable[..., Any]:
    def run(features: Any) -> Any:
        return learners(features)

    run.__name__ = kind
    return run
