"""What a figure is made of: pictures and charts, and how they fall into lines."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from explain.figures.kit.feature_maps import Scale
from explain.figures.kit.themes import SIZES

__all__ = ["Chart", "Frame", "Group", "Picture", "lines_of", "shape_of", "size_in"]


@dataclass(frozen=True)
class Picture:
    """A map (height, width), coloured by its group's scale, or a photo (height, width, 3) within [0, 1].

    `sign` stands before it: a row of pictures may be a sum, a + b = c.
    """

    values: np.ndarray
    title: str
    note: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Group:
    """Pictures with one scale, and so comparable. Photos have none, or one that explains their colours."""

    pictures: Sequence[Picture]
    scale: Scale | None = None
    part: bool = False  # of a group that goes on in another line

    @property
    def shares(self) -> bool:
        """Whether several pictures have this scale."""
        return self.part or len(self.pictures) > 1


@dataclass(frozen=True)
class Chart:
    """A diagram that draws itself into an `Axes`, `span` columns wide."""

    draw: Callable[[Axes], None]
    title: str
    note: str = ""
    span: int = 1
    height: float = 1.25  # inches, in a row without pictures


def shape_of(tensor: np.ndarray) -> str:
    """`96 × 128 × 16`: height, width and channels."""
    return " × ".join(str(size) for size in tensor.shape[1:])


@dataclass(frozen=True)
class Frame:
    """A rectangle of a figure, in inches from its upper left corner."""

    left: float
    top: float
    width: float
    height: float


def size_in(picture: Picture, cell: float) -> tuple[float, float]:
    """Width and height in inches: as wide as the cell, unless it gets too high."""
    rows, columns = picture.values.shape[:2]
    shrink = min(1, SIZES.tallest / (cell * rows / columns))
    return max(cell * shrink, 0.12), max(cell * shrink * rows / columns, 0.12)


def lines_of(blocks: Sequence[Group | Chart], columns: int) -> Iterator[list[Group | Chart]]:
    """Fills lines of `columns` cells; a group that is too long goes on in the next line, with the same scale."""
    line: list[Group | Chart] = []
    used = 0
    for block in blocks:
        for part in _parts(block, columns):
            cells = part.span if isinstance(part, Chart) else len(part.pictures)
            if line and used + cells > columns:
                yield line
                line, used = [], 0
            line.append(part)
            used += cells
    if line:
        yield line


def _parts(block: Group | Chart, columns: int) -> Iterator[Group | Chart]:
    if isinstance(block, Chart):
        yield block if block.span <= columns else Chart(block.draw, block.title, block.note, columns, block.height)
        return
    for start in range(0, len(block.pictures), columns):
        yield Group(block.pictures[start : start + columns], block.scale, len(block.pictures) > columns)
