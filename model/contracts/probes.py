"""Running a component again, on small inputs or with other weights, to test what it depends on."""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from model.contracts.compare import Mistake, compare
from model.contracts.promise import Call, Promises, Verdict, numbers

__all__ = [
    "multiple",
    "only_centres",
    "run_with_weights",
    "slopes_one",
    "small",
    "without_main_branch",
    "zero_is_identity",
]

SIDE = 16
"""Probes run on about this many pixels a side: what they test does not depend on the size."""


def multiple(call: Call) -> int:
    """What height and width have to be multiples of; 4 does for all components but a network with a stem."""
    return max(4, getattr(getattr(call.component, "config", None), "multiple", 4))


def small(call: Call, pictures: int = 1) -> list[np.ndarray]:
    """The middle of the call's inputs, about `SIDE` pixels a side, to run probes on."""
    side = -(-SIDE // multiple(call)) * multiple(call)
    height, width = call.features.shape[1:3]
    top, left = max(0, height - side) // 2, max(0, width - side) // 2
    return [values[:pictures, top : top + side, left : left + side] for values in call.inputs]


def run_with_weights(call: Call, value: Callable[[keras.Variable], object], *inputs: np.ndarray) -> np.ndarray:
    """Runs the component with other weights for once; its own stay as they are, for other threads too."""
    layer = call.component
    trainable = [ops.cast(value(weight), weight.dtype) for weight in layer.trainable_variables]
    fixed = [weight.value for weight in layer.non_trainable_variables]
    return numbers(layer.stateless_call(trainable, fixed, call.packed(inputs))[0])


def zero_is_identity(promises: Promises, base: Callable[[Call, np.ndarray], np.ndarray] = lambda call, x: x) -> None:
    """Adds the contract of a residual component: with all weights zero it is the identity.

    Args:
        promises: The component's.
        base: From its input to what the residual is added to, if that is not the input itself.
    """

    @promises.promise("zero is identity", layers=("trainable_variables", "stateless_call"), probes=True)
    def _(call: Call) -> Verdict:
        """It only adds to its input: with all its weights zero, the output is the input."""
        inputs = small(call)
        result = run_with_weights(call, ops.zeros_like, *inputs)
        identity = base(call, inputs[0])
        lost = "with all weights zero only the input is left: is it added to the result?"
        mistakes = [
            Mistake(lost, lambda: np.zeros_like(identity)),
            Mistake("the input is added twice", lambda: 2 * identity),
        ]
        return compare("with all weights zero the result", result, identity, mistakes)


def only_centres(weight: keras.Variable):
    """Slopes of 1, and of each 3x3 kernel only its centre: each pixel is then convolved alone."""
    if _is_three_by_three(weight):
        centre = np.zeros(tuple(weight.shape), "float32")
        centre[1, 1] = 1
        return weight.value * ops.convert_to_tensor(centre, dtype=weight.dtype)
    return slopes_one(weight)


def without_main_branch(weight: keras.Variable):
    """3x3 kernels of zero, which shut the branch that they are in."""
    return ops.zeros_like(weight) if _is_three_by_three(weight) else weight.value


def _is_three_by_three(weight) -> bool:
    return tuple(weight.shape)[:2] == (3, 3)


def slopes_one(weight: keras.Variable):
    """The weights as they are, but a PReLU's slope 1, so that it lets everything through."""
    return ops.ones_like(weight) if weight.name == "alpha" else weight.value
