"""Layout of a figure of a given width, in inches: lines of text, pictures and charts that wrap.

matplotlib's own layout engines leave gaps around pictures and take a second for twenty of them. Here every picture is
as wide as its column, its height follows from its shape, and the figure ends where the content ends.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from explain.figures.kit.blocks import Chart, Picture, PictureGroup
from explain.figures.kit.themes import SIZES

__all__ = ["POINTS", "Frame", "letters", "lines_of", "size_in", "wrapped"]

CHARACTER = 0.54  # mean width of a letter, as a share of its size
BOLD = 1.15  # how much wider bold letters are
POINTS = 72  # in an inch


@dataclass(frozen=True)
class Frame:
    """A rectangle of a figure, in inches from its upper left corner."""

    left: float
    top: float
    width: float
    height: float


def wrapped(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Lines of text that fit in `width` inches, in letters of `size` points."""
    return textwrap.wrap(text, letters(width, size * (BOLD if bold else 1)))


def letters(width: float, size: float) -> int:
    """How many letters of `size` points fit in `width` inches."""
    return int(width * POINTS / (size * CHARACTER))


def size_in(picture: Picture, cell: float) -> tuple[float, float]:
    """Width and height in inches: as wide as the cell, unless it gets too high."""
    rows, columns = picture.values.shape[:2]
    shrink = min(1, SIZES.tallest / (cell * rows / columns))
    return max(cell * shrink, 0.12), max(cell * shrink * rows / columns, 0.12)


def lines_of(blocks: Sequence[PictureGroup | Chart], columns: int) -> Iterator[list[PictureGroup | Chart]]:
    """Fills lines of `columns` cells; a group that is too long goes on in the next line, with the same scale."""
    line: list[PictureGroup | Chart] = []
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


def _parts(block: PictureGroup | Chart, columns: int) -> Iterator[PictureGroup | Chart]:
    if isinstance(block, Chart):
        yield replace(block, span=min(block.span, columns))
        return
    for start in range(0, len(block.pictures), columns):
        yield PictureGroup(block.pictures[start : start + columns], block.scale, len(block.pictures) > columns)
