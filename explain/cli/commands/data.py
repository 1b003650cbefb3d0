"""`mirnet data`: prepares training data: packs it into one file."""

import argparse

from explain.cli.command_arguments import add_data_options, pairs_of


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet data` to the command."""
    parser = subparsers.add_parser("data", help="prepare training data", description="Work on pairs of photos.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    pack = actions.add_parser(
        "pack",
        help="put the training pairs into one small file",
        description="Put the training pairs of a folder into one file of a given size, to train on another machine. "
        "Dark photos are kept without loss, bright ones as JPEG of quality 95; both are shrunk as little as fits. "
        "Pairs held out for validation (validation.txt, or a rule without chance) are in it by name only.",
    )
    add_data_options(pack)
    pack.add_argument("-o", "--output", required=True, metavar="FILE", help="the file to write")
    pack.add_argument("--limit", type=float, default=40, metavar="MB", help="largest size of the file in MB (40)")
    pack.add_argument(
        "--scale", type=float, metavar="S", help="size of the pictures, 0.5 is half (the largest that fits)"
    )
    pack.add_argument(
        "--part",
        type=float,
        default=1.0,
        metavar="P",
        help="keep a window of this share of each picture's area, at a random position (1: whole pictures)",
    )
    pack.add_argument("--with-validation", action="store_true", help="also the pictures held out, marked as such")


def run(args: argparse.Namespace) -> int:
    """Write the file and say what is in it."""
    from functools import partial

    from explain.cli.console import notes_console
    from explain.cli.progress import bars_on
    from model.data import PairFolder
    from model.data.archive_writer import pack
    from model.errors import MirnetError

    if not 0 < args.limit < float("inf"):
        raise MirnetError(f"--limit must be a number of MB above 0, not {args.limit}")
    in_one = args.data is not None and args.low is None and args.high is None  # and no packed file
    folder = PairFolder(args.data) if in_one else PairFolder(*pairs_of(args))
    with bars_on(notes_console()) as show:
        packed = pack(
            folder,
            args.output,
            limit=int(args.limit * 1e6),
            scale=args.scale,
            part=args.part,
            with_validation=args.with_validation,
            progress=partial(show, "pairs"),
        )
    for line in _summary(packed):
        print(line)
    return 0


def _summary(packed) -> list[str]:
    """What was written, what was reduced, and what was left out."""
    unchanged = packed.scale == packed.part == 1
    size = f"{packed.scale:.3g} of their height and width" if packed.scale < 1 else "full size"
    window = f", a window of {packed.part:.0%} of each picture" if packed.part < 1 else ""
    coding = "the files as they are" if unchanged else "dark ones without loss, bright ones as JPEG of quality 95"
    held = "with their pictures" if packed.with_validation else "by name only"
    lines = [
        f"{packed.path}: {packed.size / 1e6:.1f} MB, {packed.pairs} pairs at {size}{window}; {coding}",
        f"held out for validation: {packed.held_out} pairs, {held} (chosen by {packed.held_out_by})",
    ]
    if packed.left_out:
        lines.append(f"left out as unfit for training: {len(packed.left_out)} pairs")
        lines += [f"  {name}: {reason}" for name, reason in packed.left_out.items()]
    return lines
