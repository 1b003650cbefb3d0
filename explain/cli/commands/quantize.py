"""`mirnet quantize`: a trained network as a .tflite file, for the board or for a phone."""

import argparse
from pathlib import Path

from explain.cli.command_arguments import WEIGHTS, add_data_options, at_least, pairs_of, parse_size

SUFFIX, REPORT_SUFFIX = ".tflite", ".csv"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet quantize` to the command."""
    parser = subparsers.add_parser(
        "quantize",
        help="convert a network to .tflite: int8 for the board, or floats for a phone",
        description="Convert a network. By default weights and activations become int8, for the board; the ranges of "
        "all tensors are searched on dark photos, and beside OUT.tflite come OUT.hooks.json (which tensor is which "
        "hook point) and OUT.csv (scale, zero point, range and saturation of every tensor). With --float32, --float16 "
        "or --dynamic: the whole network for pictures of one size, of any preset; run it with LiteRT, since the "
        "default kernels of tflite-runtime 2.14 give NaN for it. For pictures of any size: mirnet export.",
    )
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the .tflite file to write")
    parser.add_argument("--weights", metavar="W", help=f"{WEIGHTS} (nano-float; desk for floats)")
    parser.add_argument("--preset", metavar="NAME", help="size of the network (that of the weights)")
    add_data_options(parser, "pairs of photos, whose dark ones of the training part give the ranges")
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
    """Convert, write the files, and print a summary."""
    from explain.cli.console import notes_console
    from model.zoo import load_network

    output, notes = _output(args.output), notes_console()
    if args.precision is None:
        at_least(args, count=1, widen=1)
        _one_source(args)
        default = None if args.preset else "nano-float"
    else:
        _refuse_photos(args)
        parse_size(args.size)  # before the network is made: a wrong one is told at once
        default = None
    net, note = load_network(args.preset, args.weights or default)
    notes.print(note, soft_wrap=True)
    said = _write_int8(args, net, output, notes) if args.precision is None else _write_floats(args, net, output)
    notes.print(said, soft_wrap=True)
    print(args.output)
    return 0


def _write_floats(args: argparse.Namespace, net, output: Path) -> str:
    from embedded.quantize.convert import RUNTIME_NOTE, float_model
    from model.safety.whole_files import write_whole

    model = float_model(net, parse_size(args.size), args.precision)
    write_whole(output, model)
    return f"{args.precision}, {len(model) / 1e6:,.2f} MB; {RUNTIME_NOTE}"


def _write_int8(args: argparse.Namespace, net, output: Path, notes) -> str:
    from dataclasses import asdict

    from embedded.emulator import HOOKS_SUFFIX
    from embedded.quantize.quantize import quantize
    from explain.analysis.camera_frames import dark_frames, doubts
    from explain.analysis.ranges import earlier_model
    from explain.cli.output_files import write_csv
    from explain.cli.progress import bars_on
    from model.safety.whole_files import write_whole

    ranges = None if args.ranges is None else earlier_model(args.ranges).model
    pictures = dark_frames(pairs_of(args, required=False), args.photos, args.count)
    source = f"{len(pictures)} dark photos, as the board's camera sees them" if ranges is None else args.ranges
    notes.print(f"ranges from {source}", soft_wrap=True)
    for doubt in doubts(pictures) if ranges is None else ():
        notes.print(f"[yellow]warning:[/yellow] {doubt}", soft_wrap=True)
    with bars_on(notes) as show:
        result = quantize(net, pictures, show, ranges=ranges, widen=args.widen)
    result.hooks.save(output.with_suffix(HOOKS_SUFFIX))
    rows = (asdict(row) | {"shape": "x".join(map(str, row.shape))} for row in result.rows)
    write_csv(output.with_suffix(REPORT_SUFFIX), rows)
    write_whole(output, result.model)  # last: where the model is, everything is
    return _summary(result)


def _output(name: str) -> Path:
    from explain.cli.output_files import check_file
    from model.errors import MirnetError

    path = Path(name)
    if path.suffix != SUFFIX:
        raise MirnetError(f"-o {name}: the name must end in {SUFFIX}")
    check_file("-o", name)
    return path


def _one_source(args: argparse.Namespace) -> None:
    """Two are refused before anything is looked for."""
    from model.errors import MirnetError

    if args.photos is not None and any(given is not None for given in (args.data, args.low, args.high)):
        raise MirnetError("give --data or --photos, not both")


def _refuse_photos(args: argparse.Namespace) -> None:
    from model.errors import MirnetError

    if any(given is not None for given in (args.data, args.low, args.high, args.photos, args.ranges)):
        raise MirnetError(
            f"--data, --low, --high, --photos and --ranges are for int8 ranges; --{args.precision} needs none"
        )


def _summary(result) -> str:
    missing = [name for name, place in result.hooks.places.items() if place.tensor is None]
    fused = f", {len(missing)} of them fused away" if missing else ", every one a tensor of its own"
    kinds = sorted({row.operator.split()[0] for row in result.rows})
    return (
        f"int8, {len(result.model):,} bytes, {len(result.rows)} operators of {len(kinds)} kinds; "
        f"{len(result.hooks.places)} hook points{fused}"
    )
