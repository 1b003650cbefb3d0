"""Cells for the page: explained once, made small, and kept; and the lines of Python that explain them anywhere."""

from dataclasses import replace

import numpy as np

from explain.app.compute.bounded_cache import kept_of_photos
from explain.app.compute.photos import Photo
from explain.app.compute.runner import Setup
from explain.app.views.cell.arithmetic_drawing import FEW, Explained
from explain.app.views.cell.cell_sources import BOARD, part_of, source_of
from explain.app.widgets.python_lines import board_opening, opening
from explain.cell import Cell, as_latex
from explain.cell.operands import Place

__all__ = ["LINES", "cell_code", "explained", "small"]

LINES = 4  # operands in the formula
ENDS = 4  # of a mean, so many of the largest and as many of the smallest numbers
BINS = 36
BOARD_IMPORTS = (
    "from explain import as_text, explain_int8_cell",
    "from model.images.camera_formats import rgb_to_yuv422, to_frame",
)


def explained(net: str, setup: Setup, photo: Photo, tensor: str, place: Place) -> Explained:
    """One number of a network's run on a photo, explained; `net` is `FLOAT` or `BOARD`."""
    return _explained(net, setup, photo, photo.key, tensor, place)


@kept_of_photos(400)
def _explained(net: str, setup: Setup, _photo: Photo, key: str, tensor: str, place: Place) -> Explained:
    return small(source_of(net, setup, _photo).cell(tensor, place))


def small(cell: Cell) -> Explained:
    """A mean over a large picture has an operand for each pixel: its distribution, and the ends of it, are kept."""
    latex, count = as_latex(cell, LINES), len(cell.operands)
    if cell.kind not in ("mean", "MEAN") or count <= FEW:
        return Explained(cell, latex, count)
    values = np.array([operand.value for operand in cell.operands])
    order = np.argsort(values)
    ends = [*order[::-1][:ENDS], *order[:ENDS][::-1]]
    kept = tuple(cell.operands[int(k)] for k in ends)
    bins, edges = np.histogram(values, BINS)
    short = replace(cell, arithmetic=replace(cell.arithmetic, operands=kept))
    return Explained(short, latex, count, edges[0].item(), edges[-1].item(), tuple(bins.tolist()))


def cell_code(net: str, setup: Setup, photo: str, cell: Cell) -> str:
    """The lines of Python that explain a cell; `photo` is a sample's name, or `UPLOAD`."""
    return _board_code(photo, cell) if net == BOARD else _float_code(setup, photo, cell)


def _float_code(setup: Setup, photo: str, cell: Cell) -> str:
    tensor, row, column, channel = cell.ref
    part = part_of(str(tensor))
    needed = dict.fromkeys([tensor, *(operand.ref.tensor for operand in cell.operands if operand.ref is not None)])
    outside = [name for name in needed if not (part and str(name).startswith(f"{part}/"))]
    quoted = [f'"{name}"' for name in outside]
    names = f"[{', '.join(quoted)}]"
    imports = ["from explain import as_text, explain_cell, run_with_cache"]
    if part:
        imports.append("from explain.tracing.sites import hooks_below")
        names = f'hooks_below(net.hook_names, "{part}")' + (f" + {names}" if outside else "")
    return f"""\
{opening(setup, photo, imports)}

names = {names}  # all tensors would take much memory
output, cache = run_with_cache(net, photo, names=names)
print(as_text(explain_cell(net, cache, "{tensor}", {row}, {column}, {channel})))"""


def _board_code(photo: str, cell: Cell) -> str:
    tensor, *place = cell.ref
    written = str(tensor) if isinstance(tensor, int) else f'"{tensor}"'
    return f"""\
{board_opening(photo, BOARD_IMPORTS)}

frame = rgb_to_yuv422(to_frame(photo))  # the bytes of the board's camera
cell = explain_int8_cell(emulator, emulator.tensors(frame), {written}, {tuple(place)}, frame)
print(as_text(cell))"""
