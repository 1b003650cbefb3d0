"""Receptive fields as the command line asks for them: a photo, a pixel, a table, a figure."""

import argparse
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from explain.analysis.receptive.effective import Seen, look
from explain.analysis.receptive.theoretical import stages
from explain.cli.progress import bars_on
from explain.figures import THEMES
from explain.figures.draw import padded
from explain.figures.kit.export import check_target, save_figure
from explain.figures.results.receptive_fields import draw_receptive, headings, numbers
from model.errors import MirnetError
from model.images.photo_files import load_image, resize_to_fit
from model.zoo import load_network

__all__ = ["show_receptive"]

LEAST_SIDE = 16  # pixels


def show_receptive(args: argparse.Namespace, console: Console, out: Console) -> None:
    """Draws as `mirnet receptive` is asked to.

    Args:
        args: The words of the command line.
        console: Where progress and notes go.
        out: Where the result goes.

    Raises:
        MirnetError: If a word is wrong or a file cannot be read or written.
    """
    check_target(args.output)  # before anything slow: a wrong path is told at once
    if args.side < LEAST_SIDE:
        raise MirnetError(f"--side must be at least {LEAST_SIDE}, not {args.side}")
    whole = load_image(args.photo)
    photo = resize_to_fit(whole, args.side)
    row, column = _pixel(args.pixel, whole, photo)
    net, note = load_network(args.preset, args.weights)
    console.print(note, soft_wrap=True)
    if photo.shape != whole.shape:
        console.print(f"shrunk to {photo.shape[1]} x {photo.shape[0]} pixels, the pixel is now {row} {column}")
    names = [stage.name for stage in stages(net.config)]
    names += [args.hook] if args.hook not in names else []
    with bars_on(console) as show:
        seen = look(net, photo, row, column, names, progress=lambda done, total: show("stages", done, total))
        (held,) = look(
            net,
            photo,
            row,
            column,
            [args.hook],
            hold_global=True,
            progress=lambda done, total: show("global paths held", done, total),
        )
    shown = seen[names.index(args.hook)]
    figure = draw_receptive(padded(photo, net.config.multiple), seen, shown, held, THEMES[args.theme])
    save_figure(figure, args.output)
    out.print(_table(seen))
    out.print(figure.caption, soft_wrap=True, markup=False)


def _pixel(pixel: Sequence[int] | None, whole: np.ndarray, photo: np.ndarray) -> tuple[int, int]:
    """The chosen pixel in the shrunk photo; the middle if none was chosen."""
    height, width = whole.shape[:2]
    row, column = (height // 2, width // 2) if pixel is None else pixel
    if not (0 <= row < height and 0 <= column < width):
        raise MirnetError(
            f"--pixel must be a row from 0 to {height - 1} and a column from 0 to {width - 1}, not {row} {column}"
        )
    return row * photo.shape[0] // height, column * photo.shape[1] // width


def _table(seen: Sequence[Seen]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(headings()):
        table.add_column(name, justify="right" if place else "left", no_wrap=True)
    for one in seen:
        table.add_row(*numbers(one))
    return table
