"""`mirnet receptive`: which part of a photo one pixel of the network can see, and which it really looks at."""

import argparse

SIDE = 160  # pixels: gradients keep every intermediate, half a gigabyte for `desk` on such a photo


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet receptive` to the command."""
    parser = subparsers.add_parser(
        "receptive",
        help="draw what one pixel of the network sees of a photo",
        description="Draw the theoretical receptive field of one pixel at every stage of the network, and what really "
        "matters to it on this photo: the gradient. Larger photos are shrunk first.",
    )
    parser.add_argument("photo", metavar="PHOTO", help="a photo (PNG, JPEG, WebP)")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="a .png, .svg or .pdf file")
    parser.add_argument("--pixel", type=int, nargs=2, metavar=("ROW", "COL"), help="in PHOTO, from 0 (the middle)")
    parser.add_argument("--hook", default="output", metavar="NAME", help="hook point to draw (%(default)s)")
    parser.add_argument(
        "--side", type=int, default=SIDE, metavar="N", help="shrink the photo to so many pixels (%(default)s)"
    )
    parser.add_argument("--preset", metavar="NAME", help="size of the network (that of the weights, or desk)")
    parser.add_argument(
        "--weights", metavar="W", help="desk, nano-float or random, or a file: .weights.h5, .npz, .safetensors, .pth"
    )
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours (light)")


def run(args: argparse.Namespace) -> int:
    """Draw the figure; table and caption go to standard output, notes to standard error."""
    from rich.console import Console

    from explain.cli.console import result_console
    from explain.cli.running.show_fields import show_receptive

    out = result_console()
    show_receptive(args, Console(stderr=True, highlight=False), out)
    return 0
