"""Runs the network for the page: only what a page needs, once, and never two runs at a time.

All 966 intermediates of the `desk` network on a photo of 256 x 384 take 1 GB. So one run of the whole network keeps
what goes into each block (30 MB), and a page about something inside a block runs that block alone, from its recorded
input, up to the last tensor that it wants. Both give the same numbers, bit for bit: the same operations on the same
arrays.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import keras
import numpy as np
import streamlit as st
from keras import ops

from explain.app.memory import Memory
from explain.app.photos import Photo
from explain.sites import hooks_below
from model.config import MIRNetConfig, preset
from model.contracts import call_at, check_all, component_at
from model.errors import HookError
from model.hooks import hook_shapes, visiting
from model.mirnet import MIRNet
from model.zoo import load_network

__all__ = [
    "Cache",
    "Setup",
    "configuration",
    "hook_names",
    "network",
    "page_names",
    "remembered",
    "tensors",
    "verdicts",
]

KEPT_BYTES = 280_000_000  # five photos' ways between the blocks, or three and what is inside a few blocks

JOINT = re.compile(r"in|out|conv|body|descriptor|squeezed|logits|weights|stream_\d")

Cache = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Setup:
    """Which network: everything that decides its numbers.

    Attributes:
        size: The name of a preset.
        softmax: What SKFF's weights compete over.
    """

    size: str = "desk"
    softmax: str = "streams"


@st.cache_resource(max_entries=4, show_spinner=False)
def hook_names(setup: Setup) -> tuple[str, ...]:
    """`net.hook_names`, found from a single block, since all blocks are alike: seconds faster for the first visitor."""
    net, _ = network(setup)
    inside = hook_shapes(component_at(net, "rrg_1/mrb_1"), (1, 16, 16, net.config.channels))
    return tuple(_names(net.config, inside))


def _names(config: MIRNetConfig, inside: Iterable[str]) -> Iterator[str]:
    """All hook names in the order of execution, with the given ones inside each block."""
    yield "input"
    if config.companding:
        yield "companded"
    if config.stem > 1:
        yield "folded"
    yield "shallow"
    for group in range(1, config.groups + 1):
        yield f"rrg_{group}/in"
        for block in range(1, config.blocks + 1):
            yield from (f"rrg_{group}/mrb_{block}/{name}" for name in inside)
        yield from (f"rrg_{group}/conv", f"rrg_{group}/out")
    if config.stem > 1:
        yield "folded_residual"
    yield from ("residual", "output")


def page_names(known: Iterable[str], kind: str, site: str) -> list[str]:
    """The hook names that a component's page shows: all of a small one, of a large one what its parts hand on.

    Args:
        known: All hook names of the network.
        kind: Kind of component.
        site: Its call site.
    """
    names = hooks_below(known, site)
    if kind not in ("mirnet", "rrg", "mrb"):
        return names
    return [name for name in names if _is_handed_on(kind, name.removeprefix(f"{site}/").split("/"))]


def _is_handed_on(kind: str, parts: list[str]) -> bool:
    """Whether a hook point, as seen from the component, is where one of its parts begins or ends."""
    if len(parts) == 1:
        return True
    if kind == "mrb":
        return len(parts) == 3 and parts[2] == "out" and parts[1].startswith(("dau", "skff"))
    return len(parts) == 2 and parts[1] in ("in", "out")


def configuration(setup: Setup) -> MIRNetConfig:
    """The network's numbers, without making it."""
    return replace(preset(setup.size), skff_softmax=setup.softmax)


@st.cache_resource(max_entries=4, show_spinner=False)
def network(setup: Setup) -> tuple[MIRNet, str]:
    """The network and a sentence on its weights. The weights are the same whatever the softmax runs over."""
    return load_network(configuration(setup))


def tensors(setup: Setup, photo: Photo, names: Iterable[str], keep: bool = True) -> Cache:
    """The named tensors of a photo's way through the network.

    Args:
        setup: Which network.
        photo: The photo.
        names: Hook names. Those inside a block must be of one block.
        keep: Remember what is inside a block for the next time.

    Returns:
        Name to (1, height, width, channels) or as the hook point has it, in the order of execution. Do not write to
        the arrays: other visitors' pages read them too.

    Raises:
        HookError: If a name does not exist.
    """
    wanted = list(dict.fromkeys(names))
    outline = _outline(setup, photo)
    inside = [name for name in wanted if name not in outline]
    if not inside:
        return {name: outline[name] for name in wanted}
    block = "/".join(inside[0].split("/")[:2])
    key = (setup, photo.key, tuple(inside))
    found = _memory().get(key, lambda: _inside(setup, outline, block, inside), keep)
    return {name: found[name] if name in found else outline[name] for name in wanted}


@st.cache_data(max_entries=500, show_spinner=False)
def verdicts(setup: Setup, _photo: Photo, key: str, site: str, probes: bool) -> list[tuple[str, str, bool, str]]:
    """What a component promises, and whether it keeps it on this photo.

    Args:
        setup: Which network.
        _photo: The photo.
        key: Its fingerprint; the photo itself is not looked at to find an earlier result.
        site: The call site.
        probes: Also run the component on inputs made for the purpose.

    Returns:
        Title, promise, whether it holds, and what was measured.
    """
    net, _ = network(setup)
    names = hooks_below(hook_names(setup), site)
    is_part = site.count("/") > 1
    if not is_part:  # without what the parts of a block do inside
        outline = _outline_names(net.config)
        names = [
            name for name in names if name in outline or ("/mrb_" in site and _is_joint(name.removeprefix(f"{site}/")))
        ]
    with _memory().alone:  # not kept of a block: its joints take 200 MB, its verdicts a line each
        cache = tensors(setup, _photo, names, keep=is_part)
        checked = check_all(call_at(net, cache, site), probes=probes)
    return [(contract.title, contract.promise, verdict.holds, verdict.message) for contract, verdict in checked]


def remembered(key: Hashable, compute: Callable[[], Cache]) -> Cache:
    """What `compute` gave for this key, now or earlier, from the memory that all pages share.

    Args:
        key: Everything that the result depends on, beginning with a word that no other page uses.
        compute: Runs a network; nothing else does meanwhile. Nobody may write to its arrays afterwards.
    """
    return _memory().get(key, compute)


def _is_joint(name: str) -> bool:
    """Where the parts of a block meet: what goes into them and comes out."""
    parts = name.split("/")
    if len(parts) == 1:
        return True
    if len(parts) == 3:
        return bool(JOINT.fullmatch(parts[2]))
    # Downsampling is shared between the columns and the exchange: a promise of the block looks inside.
    return len(parts) > 3 and parts[1].startswith("down_") and parts[3] in ("in", "features")


@st.cache_resource(show_spinner=False)
def _memory() -> Memory:
    return Memory(KEPT_BYTES)


def _outline(setup: Setup, photo: Photo) -> Cache:
    """What passes between the blocks and groups, from one run of the whole network."""

    def compute():
        net, _ = network(setup)
        picture = ops.convert_to_tensor(photo.pixels[None].astype("float32") / np.float32(255))
        return _record(net, picture, _outline_names(net.config))

    return _memory().get((setup, photo.key), compute)


def _outline_names(config: MIRNetConfig) -> set[str]:
    """Everything that is not inside a block."""
    return set(_names(config, ("in", "out")))


def _inside(setup: Setup, outline: Cache, block: str, names: list[str]) -> Cache:
    """Tensors inside one block, which runs alone from its recorded input."""
    net, _ = network(setup)
    known = hook_names(setup)
    strangers = [name for name in names if not name.startswith(f"{block}/") or name not in known]
    if strangers:
        raise HookError(f"{strangers[0]!r} is not a hook point inside {block}")
    wanted = {name.removeprefix(f"{block}/") for name in names}
    found = _record(component_at(net, block), ops.convert_to_tensor(outline[f"{block}/in"]), wanted)
    return {f"{block}/{name}": array for name, array in found.items()}


class _Done(BaseException):
    """Everything wanted has passed; no Exception, since Keras would describe the layer's arguments in it."""


def _record(component: keras.Layer, inputs, wanted: set[str]) -> Cache:
    """Runs a component and keeps the wanted tensors; it stops at the last of them."""
    kept: dict = {}

    def visit(name, tensor):
        if name in wanted:
            kept[name] = tensor
            if len(kept) == len(wanted):
                raise _Done
        return tensor

    try:
        with visiting(visit):
            component(inputs)
    except _Done:
        pass
    return _as_arrays(kept)


def _as_arrays(kept: dict) -> Cache:
    """NumPy arrays that nobody can write to; a tensor under two names stays one array."""
    arrays: dict[int, np.ndarray] = {}
    for tensor in kept.values():
        if id(tensor) not in arrays:
            array = ops.convert_to_numpy(tensor)
            array.flags.writeable = False
            arrays[id(tensor)] = array
    return {name: arrays[id(tensor)] for name, tensor in kept.items()}
