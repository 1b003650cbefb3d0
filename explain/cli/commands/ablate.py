"""`mirnet ablate`: switch parts of a network off, and see what they were good for."""

import argparse

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
    photos.add_argument("photo", nargs="?", metavar="PHOTO", help="a dark photo (PNG, JPEG, WebP)")
    photos.add_argument("--samples", action="store_true", help="the project's six pairs instead")
    parser.add_argument("--reference", metavar="FILE", help="PHOTO in good light; without it there are no dB")
    parser.add_argument("--only", nargs="+", metavar="KEY", help="only these, and all of them at once")
    parser.add_argument("--list", action="store_true", help="show the keys, and stop")
    parser.add_argument("--preset", metavar="NAME", help="size of the network (that of the weights, or desk)")
    parser.add_argument(
        "--weights", metavar="W", help="desk, nano-float or random, or a file: .weights.h5, .npz, .safetensors, .pth"
    )
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
    from rich.console import Console

    from explain.cli.console import result_console
    from explain.cli.running.ablate_photos import ablate_and_show

    out = result_console()
    ablate_and_show(args, Console(stderr=True, highlight=False), out)
    return 0
