"""Runs a network with its activations read, or replaced, at every hook point.

```python
output, cache = run_with_cache(net, photo)
cache["rrg_1/mrb_1/exchange/skff_1/weights"]  # (1, streams, 1, channels)

_, gates = run_with_cache(net, photo, names="*/gate")
dimmed = run_with_hooks(net, photo, {"rrg_1/mrb_1/column_1/dau_1/channel/gate": lambda gate: gate * 0.5})
output, gates, slopes = run_with_gradients(net, photo, lambda output: keras.ops.mean(output), names="*/gate")
```
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import keras
import numpy as np
from keras import ops

from explain.tracing.activation_cache import ActivationCache, Names, choose_names
from explain.tracing.gradients import gradients
from explain.tracing.hook_calls import Hooks, Passed, replacements
from model.errors import MirnetError
from model.hooks import hook_shapes, visiting

__all__ = ["Hooks", "run_with_cache", "run_with_gradients", "run_with_hooks"]


def run_with_cache(
    net: keras.Layer, image, names: Names | None = None, hooks: Hooks | None = None
) -> tuple[np.ndarray, ActivationCache]:
    """Runs a network, or a component alone, and keeps its intermediates.

    Args:
        net: A `MIRNet` or any component.
        image: What it takes: (height, width, 3) or (batch, height, width, channels), or a list of such tensors for
            SKFF. For a MIRNet, uint8 pictures are divided by 255, and floats must lie within [0, 1].
        names: The hook points to keep: a name, a pattern such as `"*/gate"`, several of these, or a function that says
            yes or no to a name; all of them by default.
        hooks: Replacements, as for `run_with_hooks`. The cache holds the replaced tensors.

    Returns:
        The output with the batch axis, and the tensors by hook name in the order of execution. A tensor that two
        hook points mark (the output of one component, the input of the next) is one array under both names.

    Raises:
        HookError: If a name or pattern fits no hook point of this network, or a hook does what it must not.
        MirnetError: If the input has values that are not finite or out of range, or a shape that the network does not
            take.
    """
    _check_network(net)
    inputs = _prepared(image)
    wanted = None if names is None else set(_chosen(net, inputs, names))
    replaced = replacements(hooks, lambda: _names_of(net, inputs), type(net).__name__)
    activations: dict = {}

    def visit(name, tensor):
        tensor = replaced(name, tensor)
        if wanted is None or name in wanted:
            activations[name] = tensor
        return tensor

    output = _run(net, inputs, visit)
    return ops.convert_to_numpy(output), _as_arrays(activations)


def run_with_hooks(net: keras.Layer, image, hooks: Hooks) -> np.ndarray:
    """Runs a network, or a component alone, with some of its intermediates replaced.

    Args:
        net: A `MIRNet` or any component.
        image: As for `run_with_cache`.
        hooks: Hook name, or pattern such as `"*/channel/gate"`, to a function. It takes the tensor and returns the one
            to go on with, of the same shape, or None to leave it as it is. It must not write into the tensor. Of
            several functions for one hook point, each takes what the one before has returned.

    Returns:
        The output with the batch axis.

    Raises:
        HookError: If a name or pattern fits no hook point of this network, or a hook returns another shape or values
            that are not finite, or writes into its tensor.
        MirnetError: If the input has values that are not finite or out of range, or a shape that the network does not
            take.
    """
    return run_with_cache(net, image, names=(), hooks=hooks)[0]


def run_with_gradients(
    net: keras.Layer, image, measure: Callable, names: Names | None = None, hooks: Hooks | None = None
) -> tuple[np.ndarray, ActivationCache, ActivationCache]:
    """Runs a network, or a component alone, forwards and backwards, and keeps its intermediates and their gradients.

    Args:
        net: A `MIRNet` or any component.
        image: As for `run_with_cache`.
        measure: Takes the output, as the backend's tensor with the batch axis, and returns one number made of it with
            `keras.ops`, such as `lambda output: keras.ops.mean(output)`.
        names: The hook points to keep, as for `run_with_cache`. All of them, the default, take four times the memory
            of their tensors.
        hooks: Replacements, as for `run_with_hooks`; made of `keras.ops`, the gradient passes through them. They are
            called twice.

    Returns:
        The output, the tensors, and for each of them the gradient of the number with respect to it, of the same
        shape: how much the number would grow for each unit that a value grows. It is 0 where nothing depends on it.

    Raises:
        HookError: As `run_with_cache`.
        MirnetError: As `run_with_cache`; if `measure` returns anything but one number, or Keras runs on a backend that
            is neither TensorFlow nor JAX.
    """
    output, cache = run_with_cache(net, image, names, hooks)
    inputs = _prepared(image)
    replaced = replacements(hooks, lambda: _names_of(net, inputs), type(net).__name__)

    def measured(steps: Mapping) -> list:
        """The number after a step in each tensor; the steps are 0, and what is wanted is the slope there."""
        result = _run(net, inputs, lambda name, tensor: _plus(replaced(name, tensor), steps.get(name)))
        return [_number(measure(result))]

    (slopes,) = gradients(measured, {name: np.zeros(array.shape, "float32") for name, array in cache.items()})
    return output, cache, ActivationCache({name: slopes[name] for name in cache})


def _plus(tensor, step):
    return tensor if step is None else tensor + ops.cast(step, tensor.dtype)


def _number(value):
    shape = tuple(getattr(value, "shape", ())) if ops.is_tensor(value) else None
    if shape != ():
        said = type(value).__name__ if shape is None else f"a tensor of the shape {shape}"
        raise MirnetError(f"measure must return one number made with keras.ops, such as ops.mean(output), not {said}")
    return value


def _run(net: keras.Layer, inputs, visit: Callable):
    """The output, with errors of hooks as they were raised: Keras would write a paragraph around them."""
    try:
        with visiting(visit):
            return net(inputs)
    except Passed as passed:
        raise passed.error from passed.error.__cause__


def _check_network(net: object) -> None:
    if not callable(net):
        what = "; load_network returns two things: net, note = load_network()" if isinstance(net, tuple) else ""
        raise MirnetError(f"the first argument must be a MIRNet or a component, not {type(net).__name__}{what}")


def _prepared(image):
    """The input as float32 tensors with a batch axis."""
    if isinstance(image, Sequence) and not isinstance(image, str | bytes):
        return [_prepared(part) for part in image]
    array = ops.convert_to_numpy(image)
    if array.dtype.kind not in "fiub" and array.dtype.name != "bfloat16":
        said = f"{type(image).__name__}; model.load_image(path) reads a photo"
        raise MirnetError(f"the input must be an array of real numbers, not {said}")
    if array.dtype == np.uint8:
        array = array / np.float32(255)
    array = array.astype("float32", copy=False)
    if array.ndim == 3:
        array = array[None]
    if array.ndim != 4:
        raise MirnetError(f"the input must have 3 or 4 axes (batch, height, width, channels), not {array.ndim}")
    if not np.isfinite(array).all():
        count = np.count_nonzero(~np.isfinite(array))
        raise MirnetError(f"the input has {count} values that are not finite numbers (NaN or infinity): fix them first")
    return ops.convert_to_tensor(array)


def _chosen(net: keras.Layer, inputs, names: Names) -> list[str]:
    """The chosen hook names; of none, which needs no names of the network, none."""
    if isinstance(names, Sequence) and not isinstance(names, str) and not names:
        return []
    return choose_names(names, _names_of(net, inputs), type(net).__name__)


def _names_of(net, inputs) -> Iterable[str]:
    if hasattr(net, "hook_names"):
        return net.hook_names
    shapes = [part.shape for part in inputs] if isinstance(inputs, list) else [inputs.shape]
    return hook_shapes(net, *shapes)


def _as_arrays(tensors: dict) -> ActivationCache:
    arrays: dict[int, np.ndarray] = {}
    for tensor in tensors.values():
        if id(tensor) not in arrays:
            arrays[id(tensor)] = ops.convert_to_numpy(tensor)
    return ActivationCache({name: arrays[id(tensor)] for name, tensor in tensors.items()})
