"""The drawing of one multi-scale residual block on the map: its streams, their exchange, their merge."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from explain.app.catalog.choices import Choice, site
from explain.app.map.boxes import MapSheet
from explain.app.map.marks import Mark, Marks
from model.config import MIRNetConfig
from model.structure import MERGE, Part, block_parts, exchange_place

__all__ = ["CONV", "NARROW", "WIDE", "Link", "block_drawing", "fitted", "shape_text"]

Link = Callable[..., str]
"""`link(kind, **choice)` gives the address of the page about a component."""

WIDE = 820  # pixels of the drawings on a desk
NARROW = 350  # and on a phone
CONV = "conv\n3×3"

# Steps along a block: from a unit to its exchange, to the next unit, and from the first step of the merge to the end.
TO_EXCHANGE, TO_COLUMN, TO_END = 1.7, 2.65, 3.4
APART = 14  # pixels between the streams where they arrive at the merge


def shape_text(height: int, width: int, channels: int) -> str:
    """A feature map's shape as the page writes it."""
    return f"{height}×{width}×{channels}"


def fitted(text: str, width: float) -> str:
    """A box's text; the two lines of a convolution as one, if it is wide enough for them."""
    return text.replace("\n", " ") if text == CONV and width >= 62 else text


@dataclass(frozen=True)
class _Block:
    """The block to draw.

    Attributes:
        sheet: Where.
        config: The network.
        size: (height, width) of the features at full resolution.
        choice: Its group and block.
        link: Gives the address of a component's page.
        marks: Pictures and numbers.
    """

    sheet: MapSheet
    config: MIRNetConfig
    size: tuple[int, int]
    choice: Choice
    link: Link
    marks: Marks

    @property
    def site(self) -> str:
        return site("mrb", self.choice)

    def address(self, part: Part) -> str:
        where = {"place": part.place, "stream": part.stream} | ({"to": part.to} if part.to != part.stream else {})
        return self.link(part.kind, group=self.choice.group, block=self.choice.block, **where)

    def mark(self, part: Part) -> Mark:
        where = f"{self.site}/{part.name}"
        return self.marks.at(where, f"{where}/out" if part.kind in ("dau", "skff") else "")

    def parts(self, place: str, *kinds: str) -> list[Part]:
        """The components of these kinds at a place of it."""
        found = block_parts(self.config.streams, self.config.columns)
        return [part for part in found if part.place == place and part.kind in kinds]

    def shape(self, stream: int) -> str:
        scale = 2 ** (stream - 1)
        return shape_text(self.size[0] // scale, self.size[1] // scale, self.config.channels * scale)

    def fusion(self, at: tuple[float, float], part: Part, hint: str) -> None:
        self.sheet.node(at, "SKFF", "skff", self.address(part), hint, mark=self.mark(part))


def block_drawing(
    config: MIRNetConfig, size: tuple[int, int], choice: Choice, link: Link, marks: Marks, wide: bool
) -> str:
    """The chosen block as SVG, for a desk or a phone; `size` is (height, width) of the features at full resolution."""
    streams, columns = config.streams, config.columns
    # Along: in, then a dual attention unit and an exchange for each column, then up, fuse, conv, sum, out.
    units = [1 + TO_COLUMN * k for k in range(columns)]
    last = units[-1] + 1 + TO_END
    sheet = _sheet(streams, last, marks, wide)
    block = _Block(sheet, config, size, choice, link, marks)
    sheet.node((0, 0), "in", mark=marks.at(hook=f"{block.site}/in"))
    sheet.arrow((0, 0), (1, 0))
    _first_column(block)
    for column, at in enumerate(units, 1):
        for part in block.parts(f"column_{column}", "dau"):
            k = part.stream
            text = f"DAU {k}" if wide or column > 1 or streams > 3 else f"DAU {k}\n{block.shape(k)}"
            hint = f"Dual attention unit, stream {k}, column {column}"
            sheet.node((at, k - 1), text, "dau", block.address(part), hint, mark=block.mark(part))
        if column < columns:
            _exchange(block, at, exchange_place(column))
    _merge(block, units[-1])
    side = -(sheet.box[1] / 2 + 23 if wide else 56) / sheet.across
    sheet.arrow((0, 0), (0, side), (last - 0.8, side), (last - 0.8, 0), end=12, skip=True)
    sheet.sum((last - 0.8, 0))
    sheet.arrow((last - 0.8, 0), (last, 0))
    out = marks.at(hook=f"{block.site}/out")
    sheet.node(
        (last, 0), "out", "", link("mrb", group=choice.group, block=choice.block), "This block's own page", mark=out
    )
    name = f"Multi-scale residual block {choice.block} of group {choice.group}: {streams} streams, {columns} columns"
    return sheet.svg(name, WIDE if wide else NARROW)


def _sheet(streams: int, last: float, marks: Marks, wide: bool) -> MapSheet:
    picture, tall = marks.picture(wide), marks.height(1 if wide or streams > 3 else 2, wide)
    if wide:
        step = (WIDE - 2 * 42) / last
        return MapSheet(True, step, tall + 54, (42, tall / 2 + 29), (min(66, step * 0.74), tall), picture)
    across = (NARROW - 112) / (streams - 1)
    return MapSheet(False, tall + 28, across, (64, tall / 2 + 6), (min(82, across - 32), tall), picture)


def _first_column(block: _Block) -> None:
    """Streams open one below the other, each with its shape beside it."""
    sheet = block.sheet
    for part in block.parts("column_1", "down"):
        k, mark = part.stream, block.mark(part)
        sheet.arrow((1, k - 1), (1, k))
        hint = f"Downsample, stream {k} to {k + 1}"
        if sheet.wide:
            text, size = ("Down", (46, 24)) if mark.note is None else (f"Down\n{mark.note.text}", (52, 36))
        else:
            text, size = "↓", (26, 26)
            sheet.label((1, k - 0.5), mark.note.text if mark.note else "", "shape", (0, 22))
        sheet.node((1, k - 0.5), text, "down", block.address(part), hint, size=size, mark=mark)
    if sheet.wide:  # on a phone they stand inside the boxes
        below = sheet.box[1] / 2 + 11
        for k in range(block.config.streams):
            sheet.label((1, k), f"stream {k + 1}\n{block.shape(k + 1)}", "shape end", (-42, -6 if k else below))


def _exchange(block: _Block, at: float, place: str) -> None:
    """Every stream to every SKFF; a dot on each line that changes the resolution."""
    sheet, streams = block.sheet, block.config.streams
    fuse = at + TO_EXCHANGE
    start, stop = at + sheet.edge, fuse - sheet.edge
    share = 1 / (streams + 1)  # of the line: there no two dots meet
    for k, j in product(range(streams), repeat=2):
        sheet.arrow((start, k), (stop, j), end=0)
    for part in block.parts(place, "down", "up"):
        hint = f"{part.kind.capitalize()}sample, stream {part.stream} to {part.to}"
        on_line = (start + (stop - start) * share, part.stream - 1 + (part.to - part.stream) * share)
        sign = "↓" if part.kind == "down" else "↑"
        sheet.dot(on_line, sign, part.kind, block.address(part), hint, block.mark(part))
    for part in block.parts(place, "skff"):
        block.fusion((fuse, part.stream - 1), part, f"Selective kernel feature fusion at stream {part.stream}")
        sheet.arrow((fuse, part.stream - 1), (at + TO_COLUMN, part.stream - 1))


def _merge(block: _Block, last: float) -> None:
    """All streams back to full resolution, fused, convolved."""
    sheet, marks = block.sheet, block.marks
    up, fuse, end, total = last + 1, last + 2, last + 3, last + 1 + TO_END - 0.8
    sheet.arrow((last, 0), (fuse, 0))
    for part in block.parts(MERGE, "up"):
        k, mark = part.stream - 1, block.mark(part)
        sheet.arrow((last, k), (up, k), end=23 if sheet.wide else 13)
        arrives = fuse + (k - block.config.streams / 2) * APART / sheet.along  # nothing is joined before the SKFF
        sheet.arrow((up, k), (arrives, k), (arrives, 0))
        hint, note = f"Upsample, stream {k + 1} to 1", mark.note.text if mark.note else ""
        sheet.node((up, k), "Up", "up", block.address(part), hint, size=(46, 26), mark=mark)
        shift = (0, 22) if sheet.wide else (-28, 0)
        sheet.label((up, k), note, "shape" if sheet.wide else "shape end", shift)
    (fusion,) = block.parts(MERGE, "skff")
    block.fusion((fuse, 0), fusion, "Selective kernel feature fusion of all streams")
    sheet.arrow((fuse, 0), (end, 0))
    sheet.node((end, 0), fitted(CONV, sheet.box[0]), mark=marks.at(f"{block.site}/last", f"{block.site}/conv"))
    sheet.arrow((end, 0), (total, 0), end=12)
