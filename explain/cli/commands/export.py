"""`mirnet export`: a network for other runtimes, for pictures of any size: ONNX, or floats for LiteRT."""

import argparse

from explain.cli.command_arguments import add_network_options

SUFFIXES = (".onnx", ".tflite")


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet export` to the command."""
    parser = subparsers.add_parser(
        "export",
        help="write a network as ONNX or float TFLite, for pictures of any size",
        description="Write a whole network, of any size, into one file for other runtimes: .onnx for onnxruntime, "
        "OpenVINO or a browser (pip install 'mirnet-explainer[onnx]'), .tflite for LiteRT. It takes RGB within [0, 1] "
        "as (batch, height, width, 3) in float32; height and width may be any multiples of a small number, 4 for desk, "
        "which is printed. An ONNX file is run with onnxruntime beside the network before it is written.",
    )
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the file to write: .onnx or .tflite")
    add_network_options(parser)


def run(args: argparse.Namespace) -> int:
    """Convert, check, write."""
    from pathlib import Path

    from explain.cli.console import notes_console
    from explain.cli.output_files import check_file
    from model.errors import MirnetError
    from model.safety.arguments import check_installed
    from model.safety.whole_files import write_whole
    from model.zoo import load_network

    suffix = Path(args.output).suffix.lower()
    if suffix not in SUFFIXES:
        raise MirnetError(f"-o {args.output}: the name must end in {' or '.join(SUFFIXES)}")
    check_file("-o", args.output)
    if suffix == ".onnx":
        check_installed("ONNX", "onnx", "tf2onnx", "onnxruntime")  # before Keras is imported
    net, note = load_network(args.preset, args.weights)
    notes = notes_console()
    notes.print(note, soft_wrap=True)
    model, said = (_onnx if suffix == ".onnx" else _tflite)(net, note)
    write_whole(Path(args.output), model)
    notes.print(f"{len(model) / 1e6:,.2f} MB, {said}", soft_wrap=True)
    notes.print(f"height and width: multiples of {net.config.multiple}", soft_wrap=True)
    print(args.output)
    return 0


def _onnx(net, note: str) -> tuple[bytes, str]:
    from embedded.quantize.onnx_model import check_onnx, onnx_model

    model = onnx_model(net, note)
    return model, f"within {check_onnx(model, net):.0e} of the network in onnxruntime, on three sizes"


def _tflite(net, note: str) -> tuple[bytes, str]:
    from embedded.quantize.convert import RUNTIME_NOTE, float_model

    return float_model(net, None), RUNTIME_NOTE
