"""The component at each call site of a network.

The name `rrg_1/mrb_2/merge/skff` is that of a call; the component called there is found by walking down the network.
Shared components are found under all their names.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

import keras

from model.attention import DualAttentionUnit
from model.errors import HookError
from model.mirnet import MIRNet
from model.mrb import MultiScaleResidualBlock
from model.rrg import RecursiveResidualGroup
from model.structure import MERGE, block_parts

__all__ = ["call_sites", "component_at", "not_found"]


def component_at(root: keras.Layer, site: str) -> keras.Layer:
    """The component that is called at `site`.

    Args:
        root: A `MIRNet`, or any component that contains others.
        site: A call site such as `"rrg_1/mrb_1/column_1/dau_1/spatial"`; `""` is the root itself.

    Raises:
        HookError: If there is no such call site, with the nearest names.
    """
    known = dict(call_sites(root))
    if site not in known:
        raise not_found(site, known, root)
    return known[site]


def call_sites(root: keras.Layer) -> Iterator[tuple[str, keras.Layer]]:
    """Every call site below `root` (and `root` itself, as `""`) with its component, in the order of execution."""
    yield "", root
    for name, part in _parts(root):
        for below, component in call_sites(part):
            yield f"{name}/{below}".rstrip("/"), component


def not_found(site: str, known: Iterable[str], root) -> HookError:
    """The error for a call site that does not exist, with the nearest ones."""
    near = get_close_matches(site, list(known), n=3, cutoff=0.3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return HookError(f"{site!r} is not a call site of this {type(root).__name__}{hint}")


def _parts(component) -> Iterator[tuple[str, keras.Layer]]:
    """The components that this one calls, each with the name it calls it by, in the order of execution."""
    match component:
        case MIRNet():
            yield from ((f"rrg_{k}", group) for k, group in enumerate(component.groups, 1))
        case RecursiveResidualGroup():
            yield from ((f"mrb_{k}", block) for k, block in enumerate(component.chain, 1))
        case MultiScaleResidualBlock():
            yield from _parts_of_block(component)
        case DualAttentionUnit():
            yield from (("spatial", component.spatial), ("channel", component.channel))


def _parts_of_block(block: MultiScaleResidualBlock) -> Iterator[tuple[str, keras.Layer]]:
    for part in block_parts(block.streams, block.columns):
        if part.kind == "dau":
            yield part.name, block.units[part.stream - 1]
        elif part.kind == "skff":
            yield part.name, block.fusions[part.stream - 1]
        elif part.place == MERGE:
            yield part.name, block.rise[part.stream - 2]
        else:
            yield part.name, block.resize[f"{part.stream}_{part.to}"]
