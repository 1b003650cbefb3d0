"""Recording one call of a component: alone, or as it happened somewhere inside a network."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from model.contracts.component_sites import component_at
from model.contracts.promise import Call, numbers
from model.errors import HookError, MirnetError
from model.hooks import visiting

__all__ = ["KINDS", "call_at", "kind_of", "record"]

KINDS = (
    "SKFF",
    "ChannelAttention",
    "SpatialAttention",
    "DualAttentionUnit",
    "Downsample",
    "Upsample",
    "MultiScaleResidualBlock",
    "RecursiveResidualGroup",
    "MIRNet",
)
"""The components that have contracts."""


def kind_of(component: Any) -> str:
    """Which of `KINDS` a component is (its own class or one that it extends), or a name of them itself.

    Raises:
        MirnetError: If it is none of them.
    """
    names = [component] if isinstance(component, str) else [base.__name__ for base in type(component).__mro__]
    for name in names:
        if name in KINDS:
            return name
    raise MirnetError(
        f"there are contracts for {', '.join(KINDS)}, not for {names[0]}: "
        'say which of them it is meant to be, for example kind="SKFF"'
    )


def record(component: Callable, inputs, kind: str | None = None) -> Call:
    """Runs a component once and keeps what happened.

    Args:
        component: One of MIRNet's, or anything that is called in the same way: a Keras layer, a function of tensors.
        inputs: (batch, height, width, channels), or a list of such arrays for SKFF.
        kind: Which component it is meant to be, one of `KINDS`; not needed for MIRNet's own.

    Raises:
        MirnetError: If `kind` is needed and missing, or unknown.
    """
    kind = kind_of(component if kind is None else kind)
    several = isinstance(inputs, Sequence)
    arrays = tuple(numbers(part) for part in (inputs if several else [inputs]))
    call = Call(kind, component, arrays, np.empty(0))
    recorded: dict[str, Any] = {}

    def note(name, tensor):
        recorded[name] = tensor
        return tensor

    with visiting(note):
        output = component(call.packed(arrays))
    return Call(kind, component, arrays, numbers(output), _once_each(recorded))


def call_at(net: keras.Layer, cache: Mapping[str, np.ndarray], site: str = "") -> Call:
    """The call of one component, out of everything that was recorded while a network ran.

    Args:
        net: The network (or component) that ran.
        cache: Its tensors by hook name, as from `explain.run_with_cache`.
        site: The call site, such as `"rrg_1/mrb_1/merge/skff"`; `""` for the network itself.

    Raises:
        HookError: If there is no such call site, or the cache lacks its input or output.
    """
    component = component_at(net, site)
    prefix = f"{site}/" if site else ""
    own = {name.removeprefix(prefix): tensor for name, tensor in cache.items() if name.startswith(prefix)}
    kind = kind_of(component)
    streams = sorted(name for name in own if name.startswith("stream_") and "/" not in name)
    inputs = streams if kind == "SKFF" else ["input" if kind == "MIRNet" else "in"]
    output = "output" if kind == "MIRNet" else "out"
    lacking = [prefix + name for name in (*(inputs or ["stream_1"]), output) if name not in own]
    if lacking:
        raise HookError(f"the cache lacks {' and '.join(lacking)}: record all names, or at least these")
    return Call(kind, component, tuple(own[name] for name in inputs), own[output], own, site)


def _once_each(tensors: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """As arrays; a tensor that stands at two hook points becomes one array under both names."""
    arrays = {id(tensor): numbers(tensor) for tensor in tensors.values()}
    return {name: arrays[id(tensor)] for name, tensor in tensors.items()}
