"""A thousand tensors as a tree: group, block, place, part, tensor; one short list at each level."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from explain.tracing.sites import label

__all__ = ["Level", "chosen", "levels"]


@dataclass(frozen=True)
class Level:
    """One choice on the path from the whole network to a tensor.

    Attributes:
        title: What is divided here, in words.
        options: Names of its parts and tensors, in the order of execution.
        value: The one that leads to the tensor in hand.
        parts: Those of the options that are parts and lead to another level.
    """

    title: str
    options: tuple[str, ...]
    value: str
    parts: frozenset[str]

    def label_of(self, option: str) -> str:
        """What an option is called: of a part in words, of a tensor its name."""
        return f"{label(option)} ›" if option in self.parts else option


def levels(names: Sequence[str], tensor: str) -> list[Level]:
    """The choices that lead to one of these tensors, which are in the order of execution."""
    tree, found, above = _tree(tuple(names)), [], ""
    for part in tensor.split("/"):
        options = tree[above]
        title = label(above.rpartition("/")[2]) if above else "the network"
        parts = frozenset(option for option, divided in options.items() if divided)
        found.append(Level(f"In {title}", tuple(options), part, parts))
        above = f"{above}/{part}" if above else part
    return found


def chosen(names: Sequence[str], tensor: str, level: int, option: str) -> str:
    """The tensor to go to when another option is chosen at a level.

    The same tensor of the new part if it has one; else what the part gives out, or its first tensor.

    Args:
        names: All tensors, in the order of execution.
        tensor: The tensor in hand.
        level: Which level, from 0.
        option: One of its options.
    """
    known, parts = dict.fromkeys(names), tensor.split("/")
    start = "/".join([*parts[:level], option])
    same = "/".join([start, *parts[level + 1 :]])
    for wanted in (start, same, f"{start}/out"):
        if wanted in known:
            return wanted
    return next(name for name in known if name.startswith(f"{start}/"))


@lru_cache(maxsize=4)
def _tree(names: tuple[str, ...]) -> dict[str, dict[str, bool]]:
    """What is below each prefix, and whether it is divided further."""
    tree: dict[str, dict[str, bool]] = {}
    for name in names:
        parts = name.split("/")
        for depth, part in enumerate(parts):
            tree.setdefault("/".join(parts[:depth]), {})[part] = depth + 1 < len(parts)
    return tree
