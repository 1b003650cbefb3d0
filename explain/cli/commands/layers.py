"""`mirnet layers`: int8 against float, tensor by tensor: SQNR, saturation, PSNR lost."""

import argparse
import math

from explain.cli.command_arguments import WEIGHTS, add_data_options, at_least, pairs_of


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet layers` to the command."""
    parser = subparsers.add_parser(
        "layers",
        help="compare the board's model with its float network, layer by layer",
        description="For every hook point: how near the int8 tensor is to the float one (SQNR), how much of it is at "
        "the ends of its range, and how many dB the restored picture loses when this tensor alone is rounded. The "
        "three most costly are measured again with mixed models.",
    )
    parser.add_argument("model", metavar="MODEL", help="nano, or a .tflite file of mirnet quantize and its map")
    parser.add_argument(
        "--weights",
        metavar="W",
        default="nano-float",
        help=f"what it was made from (nano-float): {WEIGHTS}",
    )
    add_data_options(parser, "pairs of photos to measure on (the project's samples)")
    parser.add_argument("--count", type=int, default=12, metavar="N", help="how many pairs, at least 8 (12)")
    parser.add_argument("--top", type=int, default=20, metavar="N", help="how many lines to print (20)")
    parser.add_argument("--csv", metavar="FILE", help="write all of them here")
    parser.add_argument("--picture", metavar="OUT", help="draw them, with error maps of the worst (.png, .svg, .pdf)")
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours of the picture (light)")


def run(args: argparse.Namespace) -> int:
    """Compare, and print the most costly."""
    from dataclasses import asdict
    from pathlib import Path

    where = pairs_of(args, required=False)

    from embedded.emulator import Emulator
    from embedded.models.shipped_models import model_file
    from explain.analysis.camera_frames import frame_pairs
    from explain.analysis.precision import LEAST_PAIRS, compare_precision
    from explain.cli.console import notes_console, result_console
    from explain.cli.output_files import check_file, write_csv
    from explain.cli.progress import bars_on
    from explain.figures import THEMES
    from explain.figures.kit.export import check_target, save_figure
    from explain.figures.results.float_and_int8 import draw_precision
    from model.zoo import load_network

    at_least(args, count=LEAST_PAIRS, top=1)
    if args.picture is not None:
        check_target(args.picture)  # before anything slow: a wrong path is told at once
    check_file("--csv", args.csv)
    console, notes = result_console(), notes_console()
    emulator = Emulator(model_file(args.model))
    net, note = load_network(emulator.config, args.weights)
    notes.print(note, soft_wrap=True)
    pairs = frame_pairs(where, args.count)
    with bars_on(notes) as show:
        found = compare_precision(net, emulator, pairs, show)
    console.print(_table(found.ranked[: args.top]))
    console.print(_footnote(found), style="dim", soft_wrap=True)
    if args.csv is not None:
        write_csv(args.csv, map(asdict, found.hooks))
    if args.picture is not None:
        title = f"{Path(args.model).name} beside {Path(args.weights).name}"
        save_figure(draw_precision(found, THEMES[args.theme], title), args.picture)
    return 0


def _table(hooks):
    from explain.cli.console import plain_table

    table = plain_table("hook point", "SQNR", "at the ends", "cost", "worst picture", "brightness", "mixed model")
    for hook in hooks:
        table.add_row(
            hook.name,
            f"{hook.sqnr:.1f} dB" if math.isfinite(hook.sqnr) else "exact",
            f"{hook.saturated:.1%}",
            f"{hook.cost:.3f} dB",
            f"{hook.worst:.2f} dB",
            f"{hook.shift:.2f}",
            "" if hook.confirmed is None else f"{hook.confirmed:.3f} dB",
        )
    return table


def _footnote(found) -> str:
    return (
        f"{found.pairs} pairs of frames: float {found.float_psnr:.2f} dB, int8 {found.int8_psnr:.2f} dB, every one of "
        f"{len(found.hooks)} tensors rounded {found.simulated_psnr:.2f} dB. Cost: PSNR lost when this tensor alone is "
        "rounded, mean and worst picture; brightness: how far the mean then moves, in grey levels of 255."
    )
