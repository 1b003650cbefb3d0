"""The multi-scale residual block as in the paper: streams from top to bottom, time to the right."""

from collections.abc import Iterator, Mapping

import numpy as np

from explain.figures.kit.blocks import Arrow, Content, Lattice, LatticeCell, Picture, Stream, shape_of
from explain.figures.kit.component_drawing import Drawing
from explain.figures.kit.feature_maps import Lens, Tensors
from explain.tracing.sites import KINDS, label
from model.structure import exchange_place

__all__ = ["draw_mrb"]

SIZE_NAMES = ("full size", "half size", "quarter size", "1/8 size")


def _mrb(cache: Mapping[str, np.ndarray], site: str = "", *, channel: int | None = None) -> Content:
    """A multi-scale residual block (paper, section 3): streams × columns, with what flows where.

    A site is, for example, `rrg_1/mrb_1`; a figure is at least 8 inches wide. The channel must be one of stream 1;
    channels of different streams have nothing in common but their number.
    """
    at, lens = Tensors(cache, site), Lens(channel)
    streams, columns = at.count("column_1/dau_{}/out"), at.count("column_{}/dau_1/out")
    cells = [
        LatticeCell(Picture(lens(at[name]), title, shape_of(at[name])), column, row, stream)
        for name, title, column, row, stream in _cells(streams, columns)
    ]
    rows = []
    # Activities of all streams can be compared, and only so is it seen that the first one has the finest detail. A
    # channel of one stream has nothing in common with that of another.
    common = lens.scale(*(cell.picture.values for cell in cells)) if channel is None else None
    for k in range(streams):
        scale = common or lens.scale(*(cell.picture.values for cell in cells if cell.stream == k))
        channels = at[f"column_1/dau_{k + 1}/out"].shape[-1]
        rows.append(Stream(f"stream {k + 1}", f"{SIZE_NAMES[k]}, {channels} channels", scale))
    skip = "skip connection: in is added at the end"
    lattice = Lattice(_headings(columns), rows, cells, list(_arrows(streams, columns)), skip)
    return Content(KINDS["mrb"].title, label(at.site), [lattice], _caption(streams, channel is None))


draw_mrb = Drawing(_mrb)


def _cells(streams: int, columns: int) -> Iterator[tuple[str, str, int, int, int]]:
    """Everything that is shown, from left to right: name, title, column, row, and whose size and scale it has."""
    yield "in", "in", 0, 0, 0
    for column in range(1, columns + 1):
        for k in range(streams):
            if column > 1:
                yield f"{exchange_place(column - 1)}/skff_{k + 1}/out", f"SKFF {k + 1}", 2 * column - 2, k, k
            yield f"column_{column}/dau_{k + 1}/out", f"DAU {k + 1}", 2 * column - 1, k, k
    last = 2 * columns  # all at full resolution
    yield "merge/skff/out", "SKFF", last, 0, 0
    yield "conv", "3 × 3 conv", last, 1, 0
    yield "out", "+ in = out", last, 2, 0


def _headings(columns: int) -> list[str]:
    names = ["", "column 1"]
    for column in range(2, columns + 1):
        names += ["exchange" if columns == 2 else f"exchange {column - 1}", f"column {column}"]
    return [*names, "merge"]


def _arrows(streams: int, columns: int) -> Iterator[Arrow]:
    """All that flows but the skip connection, each with the stream that it comes from."""
    last = 2 * columns
    yield Arrow((0, 0), (1, 0), 0)
    for k in range(streams - 1):
        yield Arrow((1, k), (1, k + 1), k, "down")
    for column in range(1, last - 1, 2):
        for source in range(streams):
            for target in range(streams):
                yield Arrow((column, source), (column + 1, target), source)
            yield Arrow((column + 1, source), (column + 2, source), source)
    for k in range(streams):
        yield Arrow((last - 1, k), (last, 0), k)
    yield Arrow((last, 0), (last, 1), 0)
    yield Arrow((last, 1), (last, 2), 0)


def _caption(streams: int, activity: bool) -> str:
    lowest = SIZE_NAMES[streams - 1]
    scales = "All pictures share one scale." if activity else "Pictures with frames of one colour share a scale."
    return f"""Follow one row: column 1 refines, in the exchange every stream gets all {streams}, column 2 refines
        again, and the merge brings all back to full size. The lower rows, down to {lowest}, are too coarse for small
        details: stream 1 brings those to the merge. {scales}"""
