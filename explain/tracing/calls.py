"""Layer calls of a component: call sites and tensor shapes, recorded by a run on shapes alone.

```python
root = layer_calls(DualAttentionUnit(16), (1, 64, 64, 16))
[call.site for call in root.children]  # ["first", "activation", "second", "spatial", "channel", "merge"]
```

Nothing here knows a particular component: whatever is made of Keras layers can be followed.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import keras

from model.hooks import current_site, run_on_shapes, visiting

__all__ = ["LayerCall", "Shape", "layer_calls"]

Shape = tuple[int, ...]


@dataclass
class LayerCall:
    """One call of a layer.

    Attributes:
        site: Its call site, as in the hook points' names. A layer that is called without a call site of its own has
            the name of the attribute that holds it: `rrg_1/mrb_1/column_1/dau_1/first`.
        layer: Which layer was called; None for a call site that only gathers others, such as `rrg_1/mrb_1/merge`.
        inputs: Shapes of its input tensors.
        outputs: Shapes of its output tensors.
        children: The calls inside, in the order of execution.
        made: Values of all tensors that are made here and in no call inside.
    """

    site: str
    layer: keras.Layer | None = None
    inputs: tuple[Shape, ...] = ()
    outputs: tuple[Shape, ...] = ()
    children: list["LayerCall"] = field(default_factory=list)
    made: int = 0
    hook_path: str = ""


def layer_calls(component: keras.Layer, *shapes: Shape) -> LayerCall:
    """The calls that happen inside `component`, as a tree.

    Args:
        component: A component or a whole network.
        shapes: The shape of its input; for a component that takes a list of tensors, one shape for each.
    """
    recorder = _Recorder()
    token = _recorder.set(recorder)
    try:
        with _recording(component), visiting(recorder.visit):
            run_on_shapes(component, *shapes)
    finally:
        _recorder.reset(token)
    return recorder.root


class _Recorder:
    """Writes down the calls as they begin and end."""

    def __init__(self):
        self.root = LayerCall("")
        self._open: list[LayerCall] = []
        self._seen: dict[int, Any] = {}  # by id, and kept: the id of a deleted tensor may be given again

    def call(self, layer: keras.Layer, run: Callable, args: tuple, kwargs: dict):
        """Runs a layer, and notes that and where."""
        given = _tensors((args, kwargs))
        if self._open:
            call = self._opened(self._open[-1], layer)
        else:  # PyTorch may begin a run on shapes twice: the last one counts
            call = self.root = LayerCall("", layer)
            self._seen = {id(tensor): tensor for tensor in given}
        call.inputs, call.hook_path = _shapes(given), current_site()
        self._open.append(call)
        try:
            result = run(*args, **kwargs)
        finally:
            self._open.pop()
        call.outputs = _shapes(_tensors(result))
        for tensor in _tensors(result):
            self._note(call, tensor)
        return result

    def visit(self, name: str, tensor):
        """Notes the tensor of a hook point."""
        if self._open:
            self._note(self._open[-1], tensor)
        return tensor

    def _note(self, call: LayerCall, tensor) -> None:
        if id(tensor) not in self._seen:
            self._seen[id(tensor)] = tensor
            call.made += math.prod(tensor.shape)

    def _opened(self, parent: LayerCall, layer: keras.Layer) -> LayerCall:
        below = current_site().removeprefix(parent.hook_path).strip("/")
        *gathering, name = below.split("/") if below else [_attribute(parent.layer, layer)]
        for part in gathering:
            parent = _gathering(parent, part)
        call = LayerCall(_unused(parent, name), layer)
        parent.children.append(call)
        return call


def _gathering(parent: LayerCall, name: str) -> LayerCall:
    site = _joined(parent.site, name)
    for child in parent.children:
        if child.site == site:
            return child
    parent.children.append(LayerCall(site))
    return parent.children[-1]


def _unused(parent: LayerCall, name: str) -> str:
    """The call site, numbered from the second call on if one layer is called several times at the same site."""
    taken = {child.site for child in parent.children}
    site, count = _joined(parent.site, name), 1
    while site in taken:
        count += 1
        site = _joined(parent.site, f"{name}#{count}")
    return site


def _joined(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _attribute(parent: keras.Layer | None, layer: keras.Layer) -> str:
    """The attribute that holds this layer: `squeeze` for `self.squeeze`, `expand_2` for `self.expand[1]`."""
    for name, value in vars(parent).items() if parent is not None else ():
        if value is layer:
            return name
        if not name.startswith("_"):  # Keras keeps all parts in lists of its own, too
            for key, item in _numbered(value):
                if item is layer:
                    return f"{name}_{key}"
    return layer.name


def _numbered(value) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value, 1) if isinstance(value, list | tuple) else ()


def _tensors(structure) -> list:
    return [leaf for leaf in keras.tree.flatten(structure) if keras.ops.is_tensor(leaf)]


def _shapes(tensors: list) -> tuple[Shape, ...]:
    return tuple(tuple(tensor.shape) for tensor in tensors)


_recorder: ContextVar[_Recorder | None] = ContextVar("recorder", default=None)
_one_at_a_time = Lock()


@contextmanager
def _recording(component: keras.Layer) -> Iterator[None]:
    """Reports every call of a layer inside to the current recorder; other threads are not recorded."""
    layers = component._flatten_layers()
    with _one_at_a_time:
        layers = [_wrapped(layer) for layer in layers]
        try:
            yield
        finally:
            for layer in layers:
                object.__delattr__(layer, "call")


def _wrapped(layer: keras.Layer) -> keras.Layer:
    original = layer.call

    def call(*args, **kwargs):
        recorder = _recorder.get()
        return original(*args, **kwargs) if recorder is None else recorder.call(layer, original, args, kwargs)

    # Past Keras, whose own __setattr__ would take this for a part of the layer.
    object.__setattr__(layer, "call", call)
    return layer
