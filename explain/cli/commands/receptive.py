"""`mirnet receptive`: theoretical and effective receptive fields of one pixel of the network."""

import argparse

from explain.cli.command_arguments import add_network_options, at_least

LEAST_SIDE = 16  # pixels
SIDE = 160  # pixels: gradients keep every intermediate, half a gigabyte for `desk` on such a photo


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet receptive` to the command."""
    parser = subparsers.add_parser(
        "receptive",
        help="draw the receptive fields of one pixel of the network",
        description="Draw the theoretical receptive field of one pixel at every stage of the network, and its "
        "effective receptive field on this photo: the gradient. Larger photos are shrunk first.",
    )
    parser.add_argument("photo", metavar="PHOTO", help="a photo")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="a .png, .svg or .pdf file")
    parser.add_argument("--pixel", type=int, nargs=2, metavar=("ROW", "COL"), help="in PHOTO, from 0 (the middle)")
    parser.add_argument("--hook", default="output", metavar="NAME", help="hook point to draw (%(default)s)")
    parser.add_argument(
        "--side", type=int, default=SIDE, metavar="N", help="shrink the photo to so many pixels (%(default)s)"
    )
    add_network_options(parser)
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours (light)")


def run(args: argparse.Namespace) -> int:
    """Draw the figure; table and caption go to standard output, notes to standard error."""
    from functools import partial

    from model.images.photo_files import load_image, resize_to_fit

    at_least(args, side=LEAST_SIDE)
    full = load_image(args.photo)  # before Keras and matplotlib are imported: a wrong path is told at once
    photo = resize_to_fit(full, args.side)

    from explain.analysis.receptive import look, stages
    from explain.cli.console import notes_console, plain_table, result_console
    from explain.cli.progress import bars_on
    from explain.figures import THEMES
    from explain.figures.kit.export import check_target, save_figure
    from explain.figures.results.receptive_fields import draw_receptive, headings, numbers
    from explain.tracing.padding import padded
    from model.zoo import load_network

    out, notes = result_console(), notes_console()
    check_target(args.output)
    row, column = _pixel(args.pixel, full, photo)
    net, note = load_network(args.preset, args.weights)
    notes.print(note, soft_wrap=True)
    if photo.shape != full.shape:
        notes.print(f"shrunk to {photo.shape[1]} x {photo.shape[0]} pixels, the pixel is now {row} {column}")
    names = [stage.name for stage in stages(net.config)]
    names += [args.hook] if args.hook not in names else []
    with bars_on(notes) as show:
        seen = look(net, photo, row, column, names, progress=partial(show, "stages"))
        held_at = partial(show, "global paths held")
        (held,) = look(net, photo, row, column, [args.hook], hold_global=True, progress=held_at)
    shown = seen[names.index(args.hook)]
    figure = draw_receptive(padded(photo, net.config.multiple), seen, shown, held, THEMES[args.theme])
    save_figure(figure, args.output)
    table = plain_table(*headings())
    for one in seen:
        table.add_row(*numbers(one))
    out.print(table)
    out.print(figure.caption, soft_wrap=True, markup=False)
    return 0


def _pixel(pixel, full, photo) -> tuple[int, int]:
    """The chosen pixel in the shrunk photo; the middle if none was chosen."""
    from model.errors import MirnetError

    height, width = full.shape[:2]
    row, column = (height // 2, width // 2) if pixel is None else pixel
    if not (0 <= row < height and 0 <= column < width):
        raise MirnetError(
            f"--pixel must be a row from 0 to {height - 1} and a column from 0 to {width - 1}, not {row} {column}"
        )
    return row * photo.shape[0] // height, column * photo.shape[1] // width
