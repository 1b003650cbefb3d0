"""Runs a network with its activations read, or replaced, at every hook point.

```python
output, cache = run_with_cache(net, photo)
cache["rrg_1/mrb_1/exchange/skff_1/weights"]  # (1, streams, 1, channels)

dimmed = run_with_hooks(net, photo, {"rrg_1/mrb_1/column_1/dau_1/channel/gate": lambda gate: gate * 0.5})
```
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches

import keras
import numpy as np
from keras import ops

from model.errors import HookError, MirnetError
from model.hooks import hook_shapes, visiting

__all__ = ["Cache", "run_with_cache", "run_with_hooks"]

Cache = dict[str, np.ndarray]
Hooks = Mapping[str, Callable]


def run_with_cache(
    net: keras.Layer, image, names: Iterable[str] | None = None, hooks: Hooks | None = None
) -> tuple[np.ndarray, Cache]:
    """Runs a network, or a component alone, and keeps its intermediates.

    Args:
        net: A `MIRNet` or any component.
        image: What it takes: (height, width, 3) or (batch, height, width, channels), or a list of such tensors for
            SKFF. For a MIRNet, uint8 pictures are divided by 255, and floats are expected within [0, 1].
        names: The hook points to keep; all of them by default.
        hooks: Replacements, as for `run_with_hooks`. The cache holds the replaced tensors.

    Returns:
        The output with the batch axis, and the tensors by hook name in the order of execution. A tensor that two
        hook points mark (the output of one component, the input of the next) is one array under both names.

    Raises:
        HookError: If a name is not a hook point of this network.
        MirnetError: If the input has values that are not finite, or a shape that the network does not take.
    """
    inputs = _prepared(image)
    wanted = None if names is None else set(_checked(net, inputs, names))
    replacements = _replacements(net, inputs, hooks)
    activations: dict = {}

    def visit(name, tensor):
        tensor = replacements(name, tensor)
        if wanted is None or name in wanted:
            activations[name] = tensor
        return tensor

    with visiting(visit):
        output = net(inputs)
    return ops.convert_to_numpy(output), _as_arrays(activations)


def run_with_hooks(net: keras.Layer, image, hooks: Hooks) -> np.ndarray:
    """Runs a network, or a component alone, with some of its intermediates replaced.

    Args:
        net: A `MIRNet` or any component.
        image: As for `run_with_cache`.
        hooks: Hook name to a function that takes the tensor and returns the one to go on with, of the same shape.

    Returns:
        The output with the batch axis.

    Raises:
        HookError: If a name is not a hook point of this network, or a function returns another shape.
        MirnetError: If the input has values that are not finite, or a shape that the network does not take.
    """
    return run_with_cache(net, image, names=(), hooks=hooks)[0]


def _prepared(image):
    """The input as float32 tensors with a batch axis."""
    if isinstance(image, Sequence) and not isinstance(image, str | bytes):
        return [_prepared(part) for part in image]
    array = ops.convert_to_numpy(image)
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


def _replacements(net, inputs, hooks: Hooks | None):
    hooks = {} if hooks is None else dict(zip(_checked(net, inputs, hooks), hooks.values(), strict=True))

    def replace(name, tensor):
        if name not in hooks:
            return tensor
        new = ops.convert_to_tensor(hooks[name](tensor), dtype=tensor.dtype)
        if tuple(new.shape) != tuple(tensor.shape):
            raise HookError(f"the hook at {name} must return the shape {tuple(tensor.shape)}, not {tuple(new.shape)}")
        return new

    return replace


def _checked(net, inputs, names: Iterable[str]) -> list[str]:
    """The names, once it is sure that every one of them exists."""
    names = list(names)
    if not names:
        return names
    known = _names_of(net, inputs)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=3, cutoff=0.3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise HookError(f"{name!r} is not a hook point of this {type(net).__name__}{hint}")
    return names


def _names_of(net, inputs) -> Iterable[str]:
    if hasattr(net, "hook_names"):
        return net.hook_names
    shapes = [part.shape for part in inputs] if isinstance(inputs, list) else [inputs.shape]
    return hook_shapes(net, *shapes)


def _as_arrays(tensors: dict) -> Cache:
    arrays: dict[int, np.ndarray] = {}
    for tensor in tensors.values():
        if id(tensor) not in arrays:
            arrays[id(tensor)] = ops.convert_to_numpy(tensor)
    return {name: arrays[id(tensor)] for name, tensor in tensors.items()}
