"""Runs the network for the page: only what a page needs, once, and never two runs at a time.

All 966 intermediates of the `desk` network on a photo of 256 x 384 take 1 GB. So one run of the whole network keeps
the input of each block (30 MB), and a page about something inside a block runs that block alone, from its recorded
input, up to the tensors that it wants. Both give the same numbers, bit for bit: the same operations on the same
arrays.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from explain.analysis.ablation.gate_values import is_gate
from explain.app.compute.activity import visitors
from explain.app.compute.app_network import AppNetwork, about
from explain.app.compute.bounded_cache import BoundedCache, forget_what_was_made
from explain.app.compute.keras_state import keep
from explain.app.compute.photos import Photo, PhotoLimits, limits_of, sample_names, sample_photo
from explain.app.network_name import named
from explain.tracing.engine import Engine, make_engine
from explain.tracing.sites import hooks_below
from model.config import MIRNetConfig
from model.errors import HookError
from model.mirnet import MIRNet
from model.zoo import load_network

__all__ = [
    "RIGHT",
    "Cache",
    "Setup",
    "app_setup",
    "configuration",
    "engine",
    "facts_about",
    "forget_tensors",
    "hook_names",
    "is_outside",
    "network",
    "outline",
    "page_names",
    "photo_limits",
    "remembered",
    "sample",
    "samples",
    "tensors",
    "undisturbed",
]

keep()  # before the first network is made

KEPT_BYTES = 320_000_000  # the outlines of ten photos: of the six samples and four more
FEW, MANY = 10, 20  # visitors; from few to many there is room for one outline more each
INSIDE_BYTES = 130_000_000  # what is inside a dozen components; in a memory of its own, or it would push out samples

RIGHT = "streams"
"""What SKFF's weights compete over in the paper."""

INSIDE = re.compile(r"/mrb_\d+/(?!(in|out)$)")

Cache = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Setup:
    """Which network: everything that decides its numbers.

    Attributes:
        size: The name of a preset; None for that of the weights.
        softmax: What SKFF's weights compete over.
        weights: What weights, as `model.zoo.load_network` takes them.
    """

    size: str | None = "desk"
    softmax: str = RIGHT
    weights: str | None = None


def app_setup(softmax: str = RIGHT) -> Setup:
    """The network of the walkthrough."""
    size, weights = named()
    return Setup(size, softmax, weights)


def facts_about(setup: Setup) -> AppNetwork:
    """What to call a network, and what is known of its weights."""
    return about(setup.size, setup.weights)


@st.cache_resource(max_entries=4, show_spinner=False)
def engine(setup: Setup) -> Engine:
    """The network made ready to be run many times; to be run only while nothing else does."""
    return make_engine(network(setup)[0])


def hook_names(setup: Setup) -> tuple[str, ...]:
    """All hook names of the network, in the order of execution."""
    return engine(setup).names


def page_names(known: Iterable[str], kind: str, site: str) -> list[str]:
    """Those hook names that a component's page shows: all of a small one, of a large one the outputs of its parts."""
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
    return replace(facts_about(setup).config, skff_softmax=setup.softmax)


def photo_limits(setup: Setup) -> PhotoLimits:
    """What photos the network can be walked through with."""
    return limits_of(configuration(setup))


def sample(setup: Setup, name: str) -> Photo:
    """A sample as the network takes it."""
    return sample_photo(name, *photo_limits(setup))


def samples(setup: Setup) -> list[Photo]:
    """All samples as the network takes them, the first one that which a visitor sees first."""
    return [sample(setup, name) for name in sample_names()]


@st.cache_resource(max_entries=4, show_spinner=False)
def network(setup: Setup) -> tuple[MIRNet, str]:
    """The network and a sentence on its weights. The weights are the same whatever the softmax runs over."""
    if setup.softmax == RIGHT:
        return load_network(configuration(setup), setup.weights)
    right, says = network(replace(setup, softmax=RIGHT))
    net = MIRNet(configuration(setup))
    net.set_weights(right.get_weights())  # in a third of the time that their file takes
    return net, says


def tensors(setup: Setup, photo: Photo, names: Iterable[str], keep: bool = True) -> Cache:
    """The named tensors of the network's run on a photo.

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
    known = outline(setup, photo)
    inside = [name for name in wanted if name not in known]
    if not inside:
        return {name: known[name] for name in wanted}
    block = "/".join(inside[0].split("/")[:2])
    key = (setup, photo.key, tuple(inside))
    found = _inside_memory().get(key, lambda: _inside(setup, known, block, inside), keep)
    return {name: found[name] if name in found else known[name] for name in wanted}


def remembered(key: Hashable, compute: Callable[[], Cache], in_parts: bool = False) -> Cache:
    """What `compute` gave for this key, now or earlier, from the memory that all pages share.

    Args:
        key: Everything that the result depends on, beginning with a name that no other page uses.
        compute: Runs a network; nothing else does meanwhile. Nobody may write to its arrays afterwards.
        in_parts: It takes so long that others come in between: it holds `undisturbed` by itself, again and again.
    """
    return _memory().get(key, compute, in_parts=in_parts)


def forget_tensors(photo: Photo) -> None:
    """Drops what was computed of a photo, and all small pictures and texts that were made of any."""
    for each in (photo, photo.for_board):
        _memory().forget(each.key)
        _inside_memory().forget(each.key)
    forget_what_was_made()


def undisturbed() -> AbstractContextManager:
    """To be held by whoever runs a network without having the result remembered."""
    return _memory().alone


def _memory() -> BoundedCache:
    """The memory that all pages share: larger where many visitors each have a photo, which would push out others'."""
    memory = _one_memory()
    memory.limit = KEPT_BYTES * min(max(visitors(), FEW), MANY) // FEW
    return memory


@st.cache_resource(show_spinner=False)
def _one_memory() -> BoundedCache:
    return BoundedCache(KEPT_BYTES)


@st.cache_resource(show_spinner=False)
def _inside_memory() -> BoundedCache:
    """The memory for what is inside blocks."""
    return BoundedCache(INSIDE_BYTES, beside=_one_memory())


def outline(setup: Setup, photo: Photo) -> Cache:
    """What passes between the blocks and groups, and all gates, from one run of the whole network."""

    def compute():
        picture = photo.pixels[None].astype("float32") / np.float32(255)
        ready = engine(setup)
        names = [name for name in ready.names if is_outside(name) or is_gate(name)]
        return _locked(ready.run(names, {"input": picture}))

    return _memory().get((setup, photo.key), compute)


def is_outside(name: str) -> bool:
    """Whether a hook point is outside of all blocks, or where one begins or ends."""
    return INSIDE.search(name) is None


def _inside(setup: Setup, known: Cache, block: str, names: list[str]) -> Cache:
    """Tensors inside one block, which runs alone from its recorded input."""
    outside = [name for name in names if not name.startswith(f"{block}/")]
    if outside:
        raise HookError(f"{outside[0]!r} is not a hook point inside {block}")
    return _locked(engine(setup).run(names, {name: known[name] for name in (f"{block}/in",) if name in known}))


def _locked(arrays: Cache) -> Cache:
    """The same arrays; nobody can write to them."""
    for array in arrays.values():
        array.flags.writeable = False
    return arrays
