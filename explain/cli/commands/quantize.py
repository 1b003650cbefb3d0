"""`mirnet quantize`: a trained network as a .tflite file, for the board or for a phone."""

import argparse


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet quantize` to the command."""
    parser = subparsers.add_parser(
        "quantize",
        help="convert a network to .tflite: whole numbers for the board, or floats for a phone",
        description="Convert a network. By default every number becomes an int8, as the board needs it; the ranges of "
        "all tensors are searched on dark photos, and beside OUT.tflite come OUT.hooks.json (which tensor is which "
        "hook point) and OUT.csv (scale, zero point, range and saturation of every tensor). With --float32, --float16 "
        "or --dynamic: the whole network for pictures of one size, of any preset.",
    )
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the .tflite file to write")
    parser.add_argument(
        "--weights", metavar="W", help="nano-float, desk or random, or a file (nano-float; desk for floats)"
    )
    parser.add_argument("--preset", metavar="NAME", help="size of the network (that of the weights)")
    parser.add_argument(
        "--data", metavar="DATA", help="pairs of photos; ranges come from the dark ones of the training part"
    )
    parser.add_argument("--photos", metavar="DIR", help="or a folder of dark photos (the project's own six samples)")
    parser.add_argument(
        "--ranges", metavar="MODEL", help="or take the ranges of an earlier model, as mirnet train --ranges did"
    )
    parser.add_argument(
        "--widen", type=float, default=1.0, metavar="F", help="let ranges grow up to F times, as far as values go (1)"
    )
    parser.add_argument("--count", type=int, default=120, metavar="N", help="how many photos at most (120)")
    kinds = parser.add_mutually_exclusive_group()
    for kind, what in (("float32", "as it is"), ("float16", "half the size"), ("dynamic", "weights of 8 bits")):
        kinds.add_argument(f"--{kind}", dest="precision", action="store_const", const=kind, help=f"floats, {what}")
    parser.add_argument("--size", default="256x256", metavar="HxW", help="of the pictures, with floats (256x256)")


def run(args: argparse.Namespace) -> int:
    """Convert, write the files, and say what came out."""
    from rich.console import Console

    from explain.cli.running.quantize_network import quantize_and_write

    quantize_and_write(args, Console(stderr=True))
    print(args.output)
    return 0
