"""A colour for each part of a network on the board."""

from embedded.naming import PARTS
from explain.figures.style import Theme

__all__ = ["part_colours"]


def part_colours(theme: Theme) -> dict[str, str]:
    """Part of the network, as `embedded.naming.PARTS` has it, to its colour."""
    return dict(zip(PARTS, (*theme.streams[:4], theme.muted), strict=True))
