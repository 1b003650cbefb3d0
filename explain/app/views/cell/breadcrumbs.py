"""Paths of cells: the one that led to this cell, as the address holds it, and the one on to the photo, as a picture."""

import re
from collections.abc import Callable, Sequence
from html import escape

import numpy as np

from explain.app.compute.photos import brightened
from explain.app.views.cell.drawing_parts import short
from explain.app.views.streams.footprints import around, framed, square
from explain.cell import Cell
from explain.cell.operands import Place
from explain.figures import Theme

__all__ = ["LONGEST", "Stop", "path_picture", "read_path", "write_path"]

NEAR = 24  # pixels along a side of the enlarged part, at least
DOT = 0.3  # of a pixel: the radius of a stop

LONGEST = 12  # stops; the path before that is forgotten

Stop = tuple[str, Place]
"""A cell on the path: its tensor, and its row, column and channel."""


def write_path(stops: Sequence[Stop], names: Sequence[str]) -> str:
    """The last stops as `12.3.5.2~11.3.5.2`: the tensor's number in the order of execution, row, column, channel."""
    numbers = {name: number for number, name in enumerate(names)}
    return "~".join(".".join(map(str, (numbers[name], *place))) for name, place in stops[-LONGEST:])


def read_path(text: str, names: Sequence[str]) -> tuple[list[Stop], bool]:
    """The stops of an address, and whether all of it made sense."""
    found: list[Stop] = []
    parts = text.split("~") if text else []
    for part in parts:
        numbers = [int(each) for each in part.split(".")] if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}){3}", part) else []
        if numbers and numbers[0] < len(names):
            found.append((names[numbers[0]], (numbers[1], numbers[2], numbers[3])))
    return found[-LONGEST:], len(found) == len(parts)


def path_picture(
    cells: Sequence[Cell], picture: np.ndarray, name: Callable[[Cell], str], href: Callable[[Cell], str], theme: Theme
) -> str:
    """The path over the photo, near and from far, and its stops as a list; HTML.

    Args:
        cells: From the number to the input.
        picture: What the network sees, (height, width, 3) uint8.
        name: How the page calls a cell's tensor.
        href: The address of a cell.
        theme: The colours.
    """
    height, width = picture.shape[:2]
    bright = (255 * brightened(picture)).astype(np.uint8)
    points = [
        ((cell.ref.row + 0.5) * height / cell.shape[0], (cell.ref.column + 0.5) * width / cell.shape[1])
        for cell in cells
        if cell.shape[1] > 1
    ]
    rows, columns = zip(*points, strict=True)
    reach = max(max(rows) - min(rows), max(columns) - min(columns))
    box = around((int(np.mean(rows)), int(np.mean(columns))), (height, width), max(NEAR, round(1.3 * reach)), 1)
    line = " ".join(f"{x - box.left:.2f},{y - box.top:.2f}" for y, x in points)
    marks = [
        f'<polyline points="{line}" fill="none" stroke="#000" stroke-opacity=".65" stroke-width=".3"/>',
        f'<polyline points="{line}" fill="none" stroke="{theme.accent}" stroke-width=".16"/>',
    ]
    ends = {0: "#fff", len(points) - 1: theme.accent}
    marks += [
        f'<circle cx="{x - box.left:.2f}" cy="{y - box.top:.2f}" r="{DOT if k in ends else DOT / 2}" '
        f'fill="{ends.get(k, "#fff")}" stroke="#000" stroke-width=".08"/>'
        for k, (y, x) in enumerate(points)
    ]
    frame = square(box.top, box.left, box.bottom, box.right, theme.accent, max(height, width) / 150)
    near, far = framed(bright[box.slices], marks, sharp=True), framed(bright, [frame])
    stops = "".join(
        f'<li><a href="{escape(href(cell), quote=True)}">{escape(name(cell))} [{", ".join(map(str, cell.ref[1:]))}]'
        f"</a> = <b>{short(cell.value)}</b> <small>{escape(cell.kind)}</small></li>"
        for cell in cells
    )
    told = (
        f"At each cell on to the operand that says most; cells that only hand a number on are left out: {len(cells)} "
        "stops. White is where it begins, the other large dot where it ends."
    )
    return (
        '<section class="ride" aria-label="The path to the photo"><h3>The path to the photo</h3>'
        f"<p class='small'>{told}</p><div class='two'>"
        f'<figure><img src="{near}" alt="The path, enlarged: rows {box.top} to {box.bottom - 1}, columns {box.left} to '
        f'{box.right - 1} of the photo"></figure><figure><img src="{far}" alt="Where that is in the photo"></figure>'
        f"<ol>{stops}</ol></div></section>"
    )
