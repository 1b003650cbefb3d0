"""`mirnet train`: trains a network on pairs of photos."""

import argparse
import shlex

from explain.cli.command_arguments import DATA_OPTIONS, add_data_options, pairs_of


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet train` to the command."""
    parser = subparsers.add_parser(
        "train",
        help="train a network on pairs of dark and bright photos",
        description="Train a network on pairs of photos; or, with --photos alone, on good photos that are made dark. "
        "The folder RUN gets checkpoints (the newest and the one before), net.weights.h5 (the averaged weights so far, "
        "for mirnet enhance), log.csv, curve.png, run.json (what was trained on what), and events for TensorBoard "
        "where it is installed. A training that was stopped or killed goes on with --resume and ends with the same "
        "weights.",
    )
    add_data_options(parser)
    parser.add_argument("-o", "--output", required=True, metavar="RUN", help="folder for all results, made if needed")
    parser.add_argument("--preset", metavar="NAME", help="size of the network (desk; mirnet components lists them)")
    parser.add_argument("--channels", type=int, metavar="C", help="features of the full-size stream (the preset's)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, metavar="N", help="how long to train, in steps")
    length.add_argument("--hours", type=float, metavar="H", help="or in hours: measures, then fixes the steps")
    parser.add_argument("--batch", type=int, metavar="B", help="crops in a step (8)")
    parser.add_argument("--crop", type=int, metavar="S", help="side of a crop in pixels (64)")
    parser.add_argument("--scales", metavar="A,B", help="cut crops from photos at 1/A, 1/B, ... of their size (1,2,4)")
    parser.add_argument("--frame", choices=("qqvga",), help="whole frames of the board's camera instead of crops")
    parser.add_argument(
        "--mixup", type=float, metavar="A", help="mix pairs by Beta(A, A); the paper's authors: 1.2 (0)"
    )
    parser.add_argument(
        "--photos", metavar="DIR", help="good photos, to be made dark for more pairs, or instead of any"
    )
    parser.add_argument(
        "--photo-share", type=float, metavar="P", help="their part of the crops, 0 to 1 (without pairs, 1)"
    )
    parser.add_argument("--exposure", type=float, metavar="E", help="vary the light of dark pictures by E stops (0)")
    parser.add_argument(
        "--int8", action="store_true", default=None, help="quantization-aware training (QAT), for the board"
    )
    parser.add_argument(
        "--ranges", metavar="MODEL", help="with --int8: with the ranges of nano or another .tflite file"
    )
    parser.add_argument(
        "--loss", choices=("charbonnier", "psnr"), help="what is minimized: the paper's (charbonnier), or −PSNR in dB"
    )
    parser.add_argument("--learning-rate", type=float, metavar="R", help="its peak (0.001)")
    parser.add_argument("--seed", type=int, metavar="N", help="of weights, order and crops (0)")
    parser.add_argument(
        "--precision",
        choices=("float32", "mixed_bfloat16"),
        help="mixed_bfloat16 is faster on a GPU with tensor cores (default there), slower on a CPU",
    )
    parser.add_argument("--init-from", metavar="W", help="start from these weights: a file, desk or nano-float")
    parser.add_argument("--resume", action="store_true", help="go on with the training in RUN")
    parser.add_argument("--stop-after", type=float, metavar="MIN", help="stop after so many minutes, to be resumed")


def run(args: argparse.Namespace) -> int:
    """Train; 0 also when the time was up before the end."""
    from explain.cli.console import notes_console
    from model.safety.keras_settings import prefer_onednn
    from model.safety.whole_files import check_output_folder

    prefer_onednn()
    folder, pairs = check_output_folder(args.output, "-o"), pairs_of(args, required=args.photos is None)

    from explain.cli.running.train_network import new_order, resumed_order, run_order

    order = resumed_order(args, folder) if args.resume else new_order(args, folder)
    console = notes_console()
    go_on = f"go on with: mirnet train {_inputs(args)} -o {shlex.quote(str(folder))} --resume"
    try:
        outcome = run_order(order, args, pairs, folder, console)
    except KeyboardInterrupt:
        console.print(f"stopped; {go_on}", soft_wrap=True)
        raise
    if not outcome.finished:
        console.print(f"the time is up; {go_on}", soft_wrap=True)
    print(folder / "net.weights.h5")
    return 0


def _inputs(args: argparse.Namespace) -> str:
    """What the training was given to learn from, as on the command line."""
    given = ((name, getattr(args, name)) for name in (*DATA_OPTIONS, "photos"))
    return " ".join(f"--{name} {shlex.quote(value)}" for name, value in given if value is not None)
