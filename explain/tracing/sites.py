"""Call sites of the components of a network: kinds, names and labels.

A call site is what the names of a component's hook points begin with: `rrg_1/mrb_2/exchange/skff_1`. It is empty for
the whole network, and for a component that was run alone. Everything here works on names, without running anything.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import accumulate

from model.errors import HookError

__all__ = ["KINDS", "ComponentKind", "Target", "find", "hooks_below", "hooks_for", "kind_of", "label", "sites"]


@dataclass(frozen=True)
class ComponentKind:
    """A kind of component.

    Attributes:
        name: Short name, as the command line and the page use it: `skff`.
        title: Its full name.
        layer: The class in `model` that makes it.
        mark: A hook point that this kind has, relative to the call site, and no kind further down the list.
        drawn: Pattern of the hook points, relative to the call site, that its figure shows.
    """

    name: str
    title: str
    layer: str
    mark: str
    drawn: str = ".*"


# In the order in which they are told apart: an SKFF has a descriptor too, a resizing module is known by its steps.
_KINDS = (
    ComponentKind(
        "mirnet", "MIRNet", "MIRNet", "shallow", r"input|companded|folded|shallow|rrg_\d+/out|residual|output"
    ),
    ComponentKind(
        "rrg", "Recursive residual group (RRG)", "RecursiveResidualGroup", "mrb_1/in", r"in|mrb_\d+/(in|out)|conv|out"
    ),
    ComponentKind(
        "mrb",
        "Multi-scale residual block (MRB)",
        "MultiScaleResidualBlock",
        "column_1/dau_1/in",
        r"in|column_\d+/dau_\d+/out|exchange(_\d+)?/skff_\d+/out|merge/skff/out|conv|out",
    ),
    ComponentKind("dau", "Dual attention unit (DAU)", "DualAttentionUnit", "body"),
    ComponentKind("skff", "Selective kernel feature fusion (SKFF)", "SKFF", "stream_1"),
    ComponentKind("spatial_attention", "Spatial attention", "SpatialAttention", "pooled"),
    ComponentKind("channel_attention", "Channel attention", "ChannelAttention", "descriptor"),
    ComponentKind("down", "Residual downsampling", "Downsample", "step_1/resized"),
    ComponentKind("up", "Residual upsampling", "Upsample", "step_1/resized"),
)
KINDS: Mapping[str, ComponentKind] = {kind.name: kind for kind in _KINDS}
"""Every kind of component by its short name, from the whole to its parts."""

_LABELS = (
    (r"rrg_(\d+)", r"group \1"),
    (r"mrb_(\d+)", r"block \1"),
    (r"column_(\d+)", r"column \1"),
    (r"exchange_(\d+)", r"exchange \1"),
    (r"dau_(\d+)", r"DAU \1"),
    (r"skff_(\d+)", r"SKFF \1"),
    (r"skff", "SKFF"),
    (r"(down|up)_(\d+)_(\d+)", r"\1 from stream \2 to \3"),
    (r"(down)_(\d+)", r"\1 to stream \2"),
    (r"(up)_(\d+)", r"\1 from stream \2"),
    (r"step_(\d+)", r"step \1"),
    (r"spatial", "spatial attention"),
    (r"channel", "channel attention"),
)


@dataclass(frozen=True)
class Target:
    """Something to draw: a component at its call site, or, with `kind` None, the hook point called `site`."""

    kind: str | None
    site: str


def sites(names: Iterable[str]) -> dict[str, list[str]]:
    """All call sites of each kind, in the order of execution.

    Args:
        names: Hook names: `net.hook_names`, or a cache.

    Returns:
        The name of the kind to its call sites; kinds that do not occur are left out. Down- and up-sampling run alone
        look the same by name: both are told apart by shapes, so give the cache.

    Examples:
        >>> sites(net.hook_names)["skff"][0]
        'rrg_1/mrb_1/exchange/skff_1'
    """
    known = names if isinstance(names, Mapping) else dict.fromkeys(names)
    found: dict[str, list[str]] = {}
    for site in _prefixes(known):
        kind = kind_of(known, site)
        if kind is not None:
            found.setdefault(kind, []).append(site)
    return {kind: found[kind] for kind in KINDS if kind in found}


def kind_of(names: Iterable[str], site: str = "") -> str | None:
    """The kind of component at a call site.

    Args:
        names: Hook names: `net.hook_names`, or a cache.
        site: The call site; empty for the whole network or a component run alone.

    Returns:
        A name in `KINDS`, or None when there is no component at `site`.
    """
    known = names if isinstance(names, Mapping) else dict.fromkeys(names)
    start = f"{site}/" if site else ""
    for kind in _KINDS:
        if start + kind.mark in known:
            return _direction(known, site) if kind.name in ("down", "up") else kind.name
    return None


def hooks_for(names: Iterable[str], kind: str, site: str = "") -> list[str]:
    """The hook points that the figure of a component shows, for `run_with_cache(net, photo, names=...)`.

    The whole cache of a photo of 512 × 384 pixels takes 4 GB with 16 channels: keep what the figure needs.

    Args:
        names: `net.hook_names`.
        kind: Kind of the component.
        site: Its call site, or one step of a resizing module.

    Returns:
        Full hook names, with that of the photo, `input`, where the network has it.
    """
    start = f"{site}/" if site else ""
    if kind in ("down", "up"):
        start = re.sub(r"step_\d+/$", "", start)
    pattern = re.compile(f"{re.escape(start)}(?:{KINDS[kind].drawn})")
    return [name for name in names if pattern.fullmatch(name) or name == "input"]


def hooks_below(names: Iterable[str], site: str = "") -> list[str]:
    """All hook points inside the component at `site`, and the photo's, `input`, where the network has it."""
    start = f"{site}/" if site else ""
    return [name for name in names if name.startswith(start) or name == "input"]


def label(site: str) -> str:
    """A readable call site: `group 1 · block 2 · exchange · SKFF 1`; of a hook name, all parts."""
    return " · ".join(_label(part) for part in site.split("/") if part)


def find(names: Iterable[str], text: str) -> Target:
    """What somebody means by `text`: a kind of component, a call site or a hook point.

    Args:
        names: `net.hook_names`.
        text: A kind (`skff`, also `SKFF` or `ChannelAttention`: its first call site is taken), a call site
            (`rrg_1/mrb_1/merge/skff`), one step of a resizing module, or any hook name.

    Raises:
        HookError: If it is none of these, with the nearest names.
    """
    known = dict.fromkeys(names)
    site = text.strip("/")
    if site in known:
        return Target(None, site)
    kind = kind_of(known, site) if site else None
    if kind is not None:
        return Target(kind, site)
    if re.search(r"/step_\d+$", site) and f"{site}/resized" in known:
        return Target(kind_of(known, site.rpartition("/")[0]), site)
    there = sites(known)
    for kind in there:
        if _plain(text) in (_plain(kind), _plain(KINDS[kind].layer)):
            return Target(kind, there[kind][0])
    raise HookError(f"{text!r} is no component and no hook point of this network{_hint(known, there, text)}")


def _direction(known: Mapping, site: str) -> str:
    """Whether a resizing module goes down or up: its call site says so, or the heights of its input and output."""
    name = site.rpartition("/")[2].partition("_")[0]
    if name in ("down", "up"):
        return name
    before, after = (known[f"{site}/{end}" if site else end] for end in ("in", "out"))
    if before is None:
        raise HookError("down- and up-sampling run alone have the same names: give the cache, which has the shapes")
    return "down" if before.shape[1] > after.shape[1] else "up"


def _prefixes(names: Iterable[str]) -> list[str]:
    """Everything that a name begins with, up to one of its slashes; the empty one first."""
    found = {"": None}
    for name in names:
        for prefix in accumulate(name.split("/")[:-1], "{}/{}".format):
            found[prefix] = None
    return list(found)


def _label(part: str) -> str:
    for pattern, text in _LABELS:
        if re.fullmatch(pattern, part):
            return re.sub(pattern, text, part)
    return part


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _hint(known: Mapping, there: Mapping[str, list[str]], text: str) -> str:
    components = [site for found in there.values() for site in found if site]
    near = get_close_matches(text, [*KINDS, *components, *known], n=3, cutoff=0.5)
    if near:
        return f"; did you mean {' or '.join(near)}?"
    return f"; there are the components {', '.join(there)}"
