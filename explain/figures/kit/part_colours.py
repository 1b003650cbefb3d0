"""A colour for each part of a network on the board, and the legend."""

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from embedded.tflite.naming import PARTS
from explain.figures.kit.themes import SIZES, Theme

__all__ = ["part_colours", "part_legend"]


def part_colours(theme: Theme) -> dict[str, str]:
    """Part of the network, as `embedded.tflite.naming.PARTS` has it, to its colour."""
    return dict(zip(PARTS, (*theme.streams[:4], theme.muted), strict=True))


def part_legend(axes: Axes, theme: Theme, handles: list[Artist]) -> None:
    """Which colour is which part, in a line above the right end of a chart."""
    axes.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=len(handles),
        frameon=False,
        fontsize=SIZES.small,
        labelcolor=theme.text,
        handlelength=1,
        columnspacing=1.2,
        borderaxespad=0.1,
    )
