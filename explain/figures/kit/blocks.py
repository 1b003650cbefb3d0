"""Content of a figure as data: headings, rows of pictures and charts, a grid of streams, a caption.

Nothing here draws. `explain.figures.kit.sheet` draws a `Content` with matplotlib for files and notebooks; the page
makes HTML and Altair charts of the same one. It has no colours and no sizes, so both themes and all widths share it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from explain.figures.kit.chart_data import Bars, Histogram
from explain.figures.kit.feature_maps import Scale

__all__ = [
    "Arrow",
    "Chart",
    "Content",
    "FigureRow",
    "Lattice",
    "LatticeCell",
    "Part",
    "Picture",
    "PictureGroup",
    "Stream",
    "notes",
    "row",
    "shape_of",
]


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
class PictureGroup:
    """Pictures with one scale, and so comparable. Photos have none, or one that explains their colours."""

    pictures: Sequence[Picture]
    scale: Scale | None = None
    part: bool = False  # of a group that goes on in another line

    @property
    def legend(self) -> str:
        """What its colours mean."""
        same = self.part or len(self.pictures) > 1
        return "" if self.scale is None else f"{self.scale.label}{', same scale' if same else ''}"


@dataclass(frozen=True)
class Chart:
    """A chart, `span` columns wide: data, or, in figures for files alone, what draws it into matplotlib's axes."""

    data: Bars | Histogram | Callable[[Axes], None]
    title: str
    note: str = ""
    span: int = 1
    height: float = 1.25  # inches, in a row without pictures


@dataclass(frozen=True)
class FigureRow:
    """Pictures and charts side by side, each as wide as one of `columns`."""

    blocks: Sequence[PictureGroup | Chart]
    columns: int

    @property
    def groups(self) -> list[PictureGroup]:
        """Its groups of pictures, charts left out."""
        return [block for block in self.blocks if isinstance(block, PictureGroup)]

    @property
    def has_charts(self) -> bool:
        """Whether any of it is a chart."""
        return len(self.groups) < len(self.blocks)


def row(*blocks: PictureGroup | Chart, columns: int) -> FigureRow:
    """A `FigureRow` of blocks."""
    return FigureRow(blocks, columns)


@dataclass(frozen=True)
class Stream:
    """A row of a `Lattice`: its name, its resolution and channels, and the scale of its pictures."""

    name: str
    note: str
    scale: Scale


@dataclass(frozen=True)
class LatticeCell:
    """A picture at a cell of a `Lattice`; the first stream may have pictures in other rows, too."""

    picture: Picture
    column: int
    row: int
    stream: int


@dataclass(frozen=True)
class Arrow:
    """From a cell (column, row) of a `Lattice` to one in the next column or row, with the stream that flows."""

    start: tuple[int, int]
    end: tuple[int, int]
    stream: int
    text: str = ""


@dataclass(frozen=True)
class Lattice:
    """Streams × columns, and what flows where; all counted from 0.

    Attributes:
        headings: Of the columns.
        streams: What the rows are, from full resolution down.
        cells: The pictures, all of the same proportions.
        arrows: What flows where.
        skip: Text of the skip connection from the first picture around all others to the last one.
    """

    headings: Sequence[str]
    streams: Sequence[Stream]
    cells: Sequence[LatticeCell]
    arrows: Sequence[Arrow]
    skip: str

    @property
    def rows(self) -> int:
        """How many: there may be more pictures below each other than streams."""
        return 1 + max(cell.row for cell in self.cells)

    def sources(self, column: int, row: int) -> int:
        """How many arrows from the left end at a cell."""
        return sum(arrow.end == (column, row) and arrow.start[0] < column for arrow in self.arrows)


Part = str | FigureRow | Lattice
"""A line of a figure; text is a heading."""


@dataclass(frozen=True)
class Content:
    """All that a figure shows.

    Attributes:
        title: First line.
        subtitle: Second line: where in the network.
        parts: From the top.
        caption: What to look at, in a few sentences, for the text below the figure.
    """

    title: str
    subtitle: str
    parts: Sequence[Part]
    caption: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "caption", " ".join(self.caption.split()))

    @property
    def footnote(self) -> str:
        """How to read the colours."""
        lattices = [part for part in self.parts if isinstance(part, Lattice)]
        scales = [stream.scale for lattice in lattices for stream in lattice.streams]
        groups = [group for part in self.parts if isinstance(part, FigureRow) for group in part.groups]
        scales += [group.scale for group in groups if group.scale is not None]
        features = [group for group in groups if group.scale is not None]  # photos add up as they look
        return notes(scales, any(picture.sign for group in features for picture in group.pictures))


def notes(scales: Sequence[Scale], sums: bool) -> str:
    """How to read the colours of a figure.

    Args:
        scales: All that it has.
        sums: Whether some of its pictures add up.
    """
    return " ".join(_notes(scales, sums))


def _notes(scales: Sequence[Scale], sums: bool) -> Iterator[str]:
    if any(scale.label == "activity" for scale in scales if scale.kind == "activity"):
        yield "Activity: root mean square over the channels at a position."
        if sums:
            yield "It is the features that + and = add up, not their activities."
    if any(scale.kind == "signed" for scale in scales):
        yield "Signed values: zero has the middle colour."
    if any(scale.clipped for scale in scales):
        yield "≤ ≥: the 1 % most extreme values share the end colours."


def shape_of(tensor: np.ndarray) -> str:
    """`96 × 128 × 16`: height, width and channels."""
    return " × ".join(str(size) for size in tensor.shape[1:])
