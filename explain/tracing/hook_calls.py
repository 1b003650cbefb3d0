"""Calls of a user's hooks: what a function returns takes the tensor's place, once it is sure that it can."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from keras import ops

from explain.tracing.activation_cache import matching
from model.errors import HookError

__all__ = ["Hooks", "Passed", "replacements"]

Hooks = Mapping[str, Callable[[Any], Any]]
"""Hook name, or pattern, to a function of the tensor; it returns the tensor to go on with, or None for the same one."""


class Passed(BaseException):
    """An error on its way out of a network; no Exception, since Keras would describe the layer's arguments in it.

    Attributes:
        error: What was raised.
    """

    def __init__(self, error: Exception):
        super().__init__(error)
        self.error = error


def replacements(hooks: Hooks | None, known: Callable[[], Iterable[str]], owner: str) -> Callable[[str, Any], Any]:
    """A visitor that lets each hook replace its tensor.

    Args:
        hooks: The functions; none if None.
        known: Gives all hook names; called only if there are hooks.
        owner: Whose hook points they are, for an error: `MIRNet`.

    Raises:
        HookError: If a name or pattern fits none, or something is no function.
    """
    if hooks is None or (isinstance(hooks, Mapping) and not hooks):
        return lambda name, tensor: tensor
    if not isinstance(hooks, Mapping):
        raise HookError(f"hooks must be a dictionary from hook names to functions, not {type(hooks).__name__}")
    functions: dict[str, list[Callable]] = {}
    names = tuple(known())
    for name, function in hooks.items():
        found = matching(name, names, owner)
        if not callable(function):
            raise HookError(f"the hook at {name} must be a function of the tensor, not {type(function).__name__}")
        for each in found:
            functions.setdefault(each, []).append(function)

    def replace(name, tensor):
        try:
            for function in functions.get(name, ()):
                tensor = _replaced(name, function, tensor)
        except Exception as error:
            raise Passed(error) from error
        return tensor

    return replace


def _replaced(name: str, function: Callable, tensor):
    """What a function puts in a tensor's place."""
    before = _values(tensor, copy=True)
    try:
        new = function(tensor)
    except (TypeError, ValueError) as error:  # tensors of TensorFlow and JAX, and views of them, are not written to
        if any(words in str(error) for words in ("item assignment", "immutable", "read-only")):
            raise _written(name) from error
        raise
    after = _values(tensor)
    if before is not None and after is not None and not np.array_equal(before, after, equal_nan=True):
        raise _written(name)  # PyTorch's are
    if new is None or new is tensor:
        return tensor
    return _checked(name, new, tensor, before)


def _checked(name: str, new, tensor, before: np.ndarray | None):
    """What a hook has returned, as a tensor of the right kind."""
    try:
        given = tuple(np.shape(new))
        if "complex" in str(getattr(new, "dtype", "")):  # a conversion would drop a part of it
            raise TypeError("complex numbers")
        new = ops.convert_to_tensor(new, dtype=tensor.dtype)
    except Exception as error:  # each backend raises something else
        raise HookError(
            f"the hook at {name} must return a tensor or an array of real numbers, or None, not {_said(new)}"
        ) from error
    if given != tuple(tensor.shape):
        raise HookError(f"the hook at {name} must return the shape {tuple(tensor.shape)}, not {given}")
    values = _values(new)
    if before is None or values is None or np.isfinite(values).all() or not np.isfinite(before).all():
        return new
    count = np.count_nonzero(~np.isfinite(values))
    raise HookError(
        f"the hook at {name} returned {count} values of {values.size} that are not finite (NaN or infinity): "
        "is there a division by 0, a root or a logarithm in it?"
    )


def _said(value: object) -> str:
    dtype = getattr(value, "dtype", None)
    return type(value).__name__ if dtype is None else f"{type(value).__name__} of {dtype}"


def _values(tensor, copy: bool = False) -> np.ndarray | None:
    """The numbers of a tensor; None where a gradient is being prepared and there are none yet."""
    try:
        values = ops.convert_to_numpy(tensor)
    except (NotImplementedError, TypeError, ValueError):
        return None
    return np.array(values) if copy else values


def _written(name: str) -> HookError:
    return HookError(
        f"the hook at {name} writes into its tensor, which other parts of the network use: return a new one, such as "
        "tensor * 0, or write into a copy: array = numpy.array(tensor)"
    )
