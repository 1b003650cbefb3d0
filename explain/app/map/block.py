"""The drawing of one multi-scale residual block on the map: its streams, their exchange, their merge."""

from collections.abc import Callable
from dataclasses import dataclass

from explain.app.catalog.choices import Choice, site
from explain.app.map.boxes import Sheet
from explain.app.map.marks import Marks
from model.config import MIRNetConfig

__all__ = ["CONV", "NARROW", "WIDE", "Link", "block_drawing", "fitted", "shape_text"]

Link = Callable[..., str]
"""`link(kind, **choice)` gives the address of the page about a component."""

WIDE = 820  # pixels of the drawings on a desk
NARROW = 350  # and on a phone
CONV = "conv\n3×3"

# Steps along a block: from a unit to its exchange, to the next unit, and from the first step of the merge to the end.
EXCHANGE, COLUMN, MERGE = 1.7, 2.65, 3.4
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

    sheet: Sheet
    config: MIRNetConfig
    size: tuple[int, int]
    choice: Choice
    link: Link
    marks: Marks

    @property
    def site(self) -> str:
        return site("mrb", self.choice)

    def address(self, kind: str, **where) -> str:
        return self.link(kind, group=self.choice.group, block=self.choice.block, **where)

    def part(self, kind: str, place: str, stream: int, to: int = 1) -> str:
        """The call site of a component in it."""
        return site(kind, Choice(self.choice.group, self.choice.block, place, stream, to))

    def shape(self, stream: int) -> str:
        scale = 2 ** (stream - 1)
        return shape_text(self.size[0] // scale, self.size[1] // scale, self.config.channels * scale)

    def fusion(self, at: tuple[float, float], place: str, stream: int, hint: str) -> None:
        where = self.part("skff", place, stream)
        address = self.address("skff", place=place, stream=stream)
        self.sheet.node(at, "SKFF", "skff", address, hint, mark=self.marks.at(where, f"{where}/out"))


def block_drawing(
    config: MIRNetConfig, size: tuple[int, int], choice: Choice, link: Link, marks: Marks, wide: bool
) -> str:
    """The drawing as SVG.

    Args:
        config: The network.
        size: (height, width) of the features at full resolution.
        choice: The group and the block.
        link: Gives the address of a component's page.
        marks: Pictures and numbers for its boxes.
        wide: For a desk; else for a phone.
    """
    streams, columns = config.streams, config.columns
    # Along: in, then a dual attention unit and an exchange for each column, then up, fuse, conv, sum, out.
    units = [1 + COLUMN * k for k in range(columns)]
    last = units[-1] + 1 + MERGE
    sheet = _sheet(streams, last, marks, wide)
    block = _Block(sheet, config, size, choice, link, marks)
    sheet.node((0, 0), "in", mark=marks.at(hook=f"{block.site}/in"))
    sheet.arrow((0, 0), (1, 0))
    _first_column(block)
    for column, at in enumerate(units, 1):
        for k in range(1, streams + 1):
            place = f"column_{column}"
            where = block.part("dau", place, k)
            text = f"DAU {k}" if wide or column > 1 or streams > 3 else f"DAU {k}\n{block.shape(k)}"
            hint = f"Dual attention unit, stream {k}, column {column}"
            address = block.address("dau", place=place, stream=k)
            sheet.node((at, k - 1), text, "dau", address, hint, mark=marks.at(where, f"{where}/out"))
        if column < columns:
            _exchange(block, at, "exchange" if column == 1 else f"exchange_{column}")
    _merge(block, units[-1])
    side = -(sheet.box[1] / 2 + 23 if wide else 56) / sheet.across
    sheet.arrow((0, 0), (0, side), (last - 0.8, side), (last - 0.8, 0), end=12, skip=True)
    sheet.sum((last - 0.8, 0))
    sheet.arrow((last - 0.8, 0), (last, 0))
    out = marks.at(hook=f"{block.site}/out")
    sheet.node((last, 0), "out", "", block.address("mrb"), "This block's own page", mark=out)
    name = f"Multi-scale residual block {choice.block} of group {choice.group}: {streams} streams, {columns} columns"
    return sheet.svg(name, WIDE if wide else NARROW)


def _sheet(streams: int, last: float, marks: Marks, wide: bool) -> Sheet:
    picture, tall = marks.picture(wide), marks.height(1 if wide or streams > 3 else 2, wide)
    if wide:
        step = (WIDE - 2 * 42) / last
        return Sheet(True, step, tall + 54, (42, tall / 2 + 29), (min(66, step * 0.74), tall), picture)
    across = (NARROW - 112) / (streams - 1)
    return Sheet(False, tall + 28, across, (64, tall / 2 + 6), (min(82, across - 32), tall), picture)


def _first_column(block: _Block) -> None:
    """Streams open one below the other, each with its shape beside it."""
    sheet = block.sheet
    for k in range(1, block.config.streams):
        sheet.arrow((1, k - 1), (1, k))
        address = block.address("down", place="column_1", stream=k, to=k + 1)
        mark = block.marks.at(block.part("down", "column_1", k, k + 1))
        hint = f"Downsample, stream {k} to {k + 1}"
        if sheet.wide:
            text, size = ("Down", (46, 24)) if mark.note is None else (f"Down\n{mark.note.text}", (52, 36))
        else:
            text, size = "↓", (26, 26)
            sheet.label((1, k - 0.5), mark.note.text if mark.note else "", "shape", (0, 22))
        sheet.node((1, k - 0.5), text, "down", address, hint, size=size, mark=mark)
    if sheet.wide:  # on a phone they stand inside the boxes
        below = sheet.box[1] / 2 + 11
        for k in range(block.config.streams):
            sheet.label((1, k), f"stream {k + 1}\n{block.shape(k + 1)}", "shape end", (-42, -6 if k else below))


def _exchange(block: _Block, at: float, place: str) -> None:
    """Every stream to every SKFF; a dot on each line that changes the resolution."""
    sheet, streams = block.sheet, block.config.streams
    fuse = at + EXCHANGE
    start, stop = at + sheet.edge, fuse - sheet.edge
    part = 1 / (streams + 1)  # of the way: there no two dots meet
    for k in range(streams):
        for j in range(streams):
            sheet.arrow((start, k), (stop, j), end=0)
            if k != j:
                kind = "down" if k < j else "up"
                address = block.address(kind, place=place, stream=k + 1, to=j + 1)
                hint = f"{kind.capitalize()}sample, stream {k + 1} to {j + 1}"
                on_line = (start + (stop - start) * part, k + (j - k) * part)
                mark = block.marks.at(block.part(kind, place, k + 1, j + 1))
                sheet.dot(on_line, "↓" if k < j else "↑", kind, address, hint, radius=9, mark=mark)
    for j in range(streams):
        block.fusion((fuse, j), place, j + 1, f"Selective kernel feature fusion at stream {j + 1}")
        sheet.arrow((fuse, j), (at + COLUMN, j))


def _merge(block: _Block, last: float) -> None:
    """All streams back to full resolution, fused, convolved."""
    sheet, marks = block.sheet, block.marks
    up, fuse, end, total = last + 1, last + 2, last + 3, last + 1 + MERGE - 0.8
    sheet.arrow((last, 0), (fuse, 0))
    for k in range(1, block.config.streams):
        sheet.arrow((last, k), (up, k), end=23 if sheet.wide else 13)
        arrives = fuse + (k - block.config.streams / 2) * APART / sheet.along  # nothing is joined before the SKFF
        sheet.arrow((up, k), (arrives, k), (arrives, 0))
        address = block.address("up", place="merge", stream=k + 1, to=1)
        mark = marks.at(block.part("up", "merge", k + 1))
        hint, note = f"Upsample, stream {k + 1} to 1", mark.note.text if mark.note else ""
        sheet.node((up, k), "Up", "up", address, hint, size=(46, 26), mark=mark)
        shift = (0, 22) if sheet.wide else (-28, 0)
        sheet.label((up, k), note, "shape" if sheet.wide else "shape end", shift)
    block.fusion((fuse, 0), "merge", 1, "Selective kernel feature fusion of all streams")
    sheet.arrow((fuse, 0), (end, 0))
    sheet.node((end, 0), fitted(CONV, sheet.box[0]), mark=marks.at(f"{block.site}/last", f"{block.site}/conv"))
    sheet.arrow((end, 0), (total, 0), end=12)
