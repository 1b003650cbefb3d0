"""`mirnet ablate`: switches parts of a network off, and measures the PSNR lost."""

import argparse

from explain.cli.command_arguments import add_network_options, at_least, load_reference

LEAST_SIDE = 16  # pixels
SIDE = 120  # pixels: all ablations of `desk` on the samples take 75 seconds of one processor core


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet ablate` to the command."""
    parser = subparsers.add_parser(
        "ablate",
        help="switch parts of a network off, and see what they were worth",
        description="Switch off one part after the other (attention, the weights of SKFF, a stream, a block, ...) and "
        "measure how many dB a photo loses without it. The weights stay as they are.",
    )
    photos = parser.add_mutually_exclusive_group()
    photos.add_argument("photo", nargs="?", metavar="PHOTO", help="a dark photo")
    photos.add_argument("--samples", action="store_true", help="the project's six pairs instead")
    parser.add_argument("--reference", metavar="FILE", help="PHOTO in good light; without it there are no dB")
    parser.add_argument(
        "--gates",
        choices=("mean", "photos", "resample", "one", "zero"),
        default="mean",
        help="what the gates of an attention that is off become: their mean on the photo (mean), their mean on the "
        "other samples (photos), those of another sample (resample), 1 or 0",
    )
    parser.add_argument("--only", nargs="+", metavar="KEY", help="only these, and all of them at once")
    parser.add_argument("--list", action="store_true", help="show the keys, and stop")
    add_network_options(parser)
    parser.add_argument(
        "--side", type=int, default=SIDE, metavar="N", help="shrink photos to so many pixels (%(default)s)"
    )
    parser.add_argument("--top", type=int, default=20, metavar="N", help="how many lines to print (%(default)s)")
    parser.add_argument("--csv", metavar="FILE", help="write all of them here")
    parser.add_argument(
        "--picture",
        metavar="OUT",
        help="draw them as bars; with --only, the first photo with and without (.png, .svg, .pdf)",
    )
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours of the picture (light)")


def run(args: argparse.Namespace) -> int:
    """Ablate, and print the most harmful."""
    from functools import partial

    _check(args)
    pairs = [] if args.list else _pairs(args)  # before Keras is imported: a wrong path is told at once

    from explain.analysis.ablation import GATES, ablation_table, ablations, choose, effect
    from explain.cli.console import notes_console, result_console
    from explain.cli.output_files import write_csv
    from explain.cli.progress import bars_on
    from explain.figures.kit.export import save_figure
    from model.zoo import load_network

    out, notes = result_console(), notes_console()
    net, note = load_network(args.preset, args.weights)
    if args.list:
        for ablation in ablations(net.config):
            out.print(f"{ablation.key:<62} {ablation.words}", soft_wrap=True, markup=False)
        return 0
    chosen = None if args.only is None else choose(net.config, args.only)
    others = [dark for dark, _ in _samples(args)] if GATES[args.gates].needs_photos else []
    notes.print(note, soft_wrap=True)
    with bars_on(notes) as show:
        report = partial(show, "ablations")
        rows = ablation_table(net, pairs, report, chosen, args.gates, others)
    out.print(_table(rows, args.top))
    out.print("Change (root mean square) and brightness (mean) in grey levels of 255.", style="dim", soft_wrap=True)
    together = effect(net, pairs[0][0], chosen, pairs[0][1], args.gates, others) if chosen else None
    if together is not None and len(together.chosen) > 1:
        out.print(f"All {len(together.chosen)} at once, first photo: {_said(together)}", soft_wrap=True)
    if args.csv is not None:
        write_csv(args.csv, map(_cells, rows))
    if args.picture is not None:
        figure = _figure(args, net, pairs, rows, together)
        save_figure(figure, args.picture)
        out.print(figure.caption, soft_wrap=True, markup=False)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Checks the arguments, before anything slow."""
    from explain.cli.output_files import check_file
    from model.errors import MirnetError

    if args.list:
        return
    if args.photo is None and not args.samples:
        raise MirnetError("give a PHOTO, or --samples for the project's own; --list shows what can be switched off")
    if args.reference is not None and args.photo is None:
        raise MirnetError("--reference belongs to a PHOTO; the samples have their own")
    at_least(args, side=LEAST_SIDE, top=1)
    if args.picture is not None:
        from explain.figures.kit.export import check_target

        check_target(args.picture)
    check_file("--csv", args.csv)


def _pairs(args: argparse.Namespace):
    """The photos, shrunk to `--side`."""
    from model.images.photo_files import load_image, resize_to_fit

    if args.samples:
        return _samples(args)
    photo = load_image(args.photo)
    reference = load_reference(args.reference, photo)
    return [(resize_to_fit(photo, args.side), None if reference is None else resize_to_fit(reference, args.side))]


def _samples(args: argparse.Namespace):
    """The project's pairs, shrunk to `--side`."""
    from model.images.photo_files import resize_to_fit
    from model.samples import SAMPLES, load_sample

    loaded = [load_sample(sample.name) for sample in SAMPLES]
    return [(resize_to_fit(dark, args.side), resize_to_fit(bright, args.side)) for dark, bright in loaded]


def _figure(args: argparse.Namespace, net, pairs, rows, together):
    from explain.figures import THEMES
    from explain.figures.results.ablations import draw_ablations, draw_effect

    theme = THEMES[args.theme]
    if together is not None:
        dark, bright = pairs[0]
        return draw_effect(together, dark, bright, theme)
    count = "1 photo" if len(pairs) == 1 else f"{len(pairs)} photos"
    size = f"{count}, at most {args.side} pixels wide or high"
    return draw_ablations(rows, theme, subtitle=f"{_network(args, net)}; {size}")


def _network(args: argparse.Namespace, net) -> str:
    from pathlib import Path

    from model.zoo import default_weights

    config = net.config
    weights = Path(args.weights or default_weights(config)).name
    return f"weights {weights}, {config.groups} groups of {config.blocks} blocks, {config.streams} streams"


def _table(rows, top: int):
    from explain.cli.console import plain_table

    scores = () if rows[0].loss is None else ("dB lost", "worst photo")
    table = plain_table("switched off", *scores, "change", "brightness")
    for row in rows[:top]:
        lost = () if row.loss is None else (f"{row.loss:.2f} dB", f"{row.worst:.2f} dB")
        table.add_row(row.ablation.key, *lost, f"{row.rms:.1f}", f"{row.shift:+.1f}")
    return table


def _cells(row) -> dict:
    one = row.ablation
    scores = {"loss_db": row.loss, "worst_db": row.worst, "rms_levels": row.rms, "shift_levels": row.shift}
    return {"key": one.key, "kind": one.kind, "site": one.site, "stream": one.stream, **scores}


def _said(found) -> str:
    text = f"change {found.rms:.1f}, brightness {found.shift:+.1f} grey levels"
    return text if found.change is None else f"{found.change:+.2f} dB, {text}"
