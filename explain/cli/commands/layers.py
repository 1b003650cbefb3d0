"""`mirnet layers`: float against int8, tensor by tensor, and what rounding each of them costs."""

import argparse


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet layers` to the command."""
    parser = subparsers.add_parser(
        "layers",
        help="compare the board's model with its float network, layer by layer",
        description="For every hook point: how near the int8 tensor is to the float one (SQNR), how much of it is at "
        "the ends of its range, and how many dB the restored picture loses when this tensor alone is rounded. The "
        "three most costly are measured again with real mixed models.",
    )
    parser.add_argument("model", metavar="MODEL", help="nano, or a .tflite file of mirnet quantize and its map")
    parser.add_argument(
        "--weights", metavar="W", default="nano-float", help="what it was made from (nano-float), or a file"
    )
    parser.add_argument("--data", metavar="DATA", help="pairs of photos to measure on (the project's samples)")
    parser.add_argument("--count", type=int, default=12, metavar="N", help="how many pairs, at least 8 (12)")
    parser.add_argument("--top", type=int, default=20, metavar="N", help="how many lines to print (20)")
    parser.add_argument("--csv", metavar="FILE", help="write all of them here")
    parser.add_argument("--picture", metavar="OUT", help="draw them, with error maps of the worst (.png, .svg, .pdf)")
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours of the picture (light)")


def run(args: argparse.Namespace) -> int:
    """Compare, and print the most costly."""
    from rich.console import Console

    from explain.cli.console import result_console
    from explain.cli.running.compare_layers import compare_and_show

    table = result_console()
    compare_and_show(args, Console(stderr=True), table)
    return 0
