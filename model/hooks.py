"""Hook points: named activations of the network, to record or to replace.

A component marks an activation with a `HookPoint`, which returns its input unchanged:

```python
weights = HookPoint("weights")(ops.softmax(logits, axis=1))  # (batch, streams, 1, channels)
```

Layers are shared in MIRNet: one dual attention unit serves both columns of a stream. So a hook's full name is that
of the *call site*, built from the `call_site`s around it while the network runs:
`rrg_1/mrb_2/column_2/dau_3/spatial/gate`. Replacing the tensor of one call leaves the layer's other calls alone.

`visiting(function)` sees (and may replace) every marked tensor of whatever runs inside it. Outside, a hook point
is a function call that returns its argument: no operator in a compiled graph, no name in a converted model.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras

__all__ = ["HookPoint", "Visitor", "call_site", "current_site", "hook_shapes", "run_on_shapes", "visiting"]

Visitor = Callable[[str, Any], Any]
"""Called with a hook point's full name and its tensor; what it returns takes its place."""

# Context variables, not globals: each thread (each visitor of the app) has its own.
_path: ContextVar[tuple[str, ...]] = ContextVar("path", default=())
_visitor: ContextVar[Visitor | None] = ContextVar("visitor", default=None)


class HookPoint:
    """An identity with a name.

    It is not a Keras layer on purpose: Keras would cast the tensor to the layer's precision under mixed precision,
    so that recording would change the result, and would list hundreds of identities in the model's summary.

    Args:
        name: The last part of the full name, such as `"gate"`.

    Examples:
        >>> HookPoint("gate")(3.0)
        3.0
    """

    __slots__ = ("name",)

    def __init__(self, name: str):
        self.name = name

    def __call__(self, tensor):
        """Returns `tensor`, or what the current visitor puts in its place."""
        visitor = _visitor.get()
        if visitor is None:
            return tensor
        return visitor("/".join((*_path.get(), self.name)), tensor)

    def __repr__(self) -> str:
        return f"HookPoint({self.name!r})"


@contextmanager
def call_site(name: str) -> Iterator[None]:
    """Everything called inside is named below `name`.

    Args:
        name: One part of a path, or several joined by `/`, such as `"exchange"` or `"column_1/dau_2"`.
    """
    token = _path.set((*_path.get(), name))
    try:
        yield
    finally:
        _path.reset(token)


def current_site() -> str:
    """The call site that the network is at right now, such as `"rrg_1/mrb_2/merge"`; empty outside of all."""
    return "/".join(_path.get())


@contextmanager
def visiting(visitor: Visitor) -> Iterator[None]:
    """Calls `visitor(name, tensor)` with every marked tensor of the calls inside; what it returns takes its place.

    Names begin at this point: a component that is run alone inside has names relative to itself. Visitors nest, and
    the inner one replaces the outer one.

    Args:
        visitor: Gets a hook point's full name and its tensor; returns the tensor to go on with, of the same shape.
    """
    path, active = _path.set(()), _visitor.set(visitor)
    try:
        yield
    finally:
        _visitor.reset(active)
        _path.reset(path)


def hook_shapes(component: keras.Layer, *shapes: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """The name of every hook point and the shape of its tensor, in the order of execution, without computing them.

    Args:
        component: A component or a whole network.
        shapes: The shape of its input; for a component that takes a list of tensors, one shape for each.

    Returns:
        Full name to shape, in the order in which the tensors come to be.
    """
    found: dict[str, tuple[int, ...]] = {}

    def note(name, tensor):
        found[name] = tuple(tensor.shape)
        return tensor

    with visiting(note):
        run_on_shapes(component, *shapes)
    return found


def run_on_shapes(component: keras.Layer, *shapes: tuple[int, ...]) -> None:
    """Runs a component on tensors that have a shape but no values, which takes no memory and little time.

    Arguments as for `hook_shapes`.
    """
    tensors = [keras.KerasTensor(shape) for shape in shapes]
    _Run(component).compute_output_spec(tensors if len(tensors) > 1 else tensors[0])


class _Run(keras.Operation):
    """Runs a component on shapes alone (Keras would ask the component itself for its shape and stop there)."""

    def __init__(self, component):
        super().__init__()
        self.component = component

    def call(self, inputs):
        # Keras' NumPy backend computes on whatever the memory held, and a network looks at its pixels: black ones do.
        return self.component(keras.tree.map_structure(keras.ops.zeros_like, inputs))
