"""`mirnet evaluate`: how good a network is on pairs of photos, and how good simple methods are."""

import argparse


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet evaluate` to the command."""
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a network on pairs of photos, beside methods that need none",
        description="Measure PSNR and SSIM of every picture at full size, rounded to 8 bits, beside the input as it "
        "is, one gain and gamma fitted on the training pairs, autocontrast, CLAHE, and an oracle that looks at the "
        "answer. Means come with 95 %% intervals. With --json, an interrupted evaluation goes on where it was.",
    )
    parser.add_argument("--data", required=True, metavar="DATA", help="folder with low/ and high/, or a packed file")
    parser.add_argument(
        "--weights",
        metavar="W",
        help="desk, nano-float, random, a file (.weights.h5, .npz, .safetensors, .pth), nano or the board's .tflite",
    )
    parser.add_argument("--float", metavar="W", help="beside a .tflite file: the weights it was made from")
    parser.add_argument(
        "--preset", metavar="NAME", help="size of the network (as in run.json beside the weights; desk)"
    )
    parser.add_argument("--channels", type=int, metavar="C", help="features of the full-size stream (the preset's)")
    parser.add_argument(
        "--split", choices=("validation", "all", "training"), default="validation", help="which pairs (validation)"
    )
    parser.add_argument("--resize", type=int, metavar="S", help="shrink until the longer side has S pixels")
    parser.add_argument("--frame", choices=("qqvga",), help="as the board sees it: 120 x 160 through YUV 4:2:2")
    parser.add_argument(
        "--camera", choices=("yuv422", "rgb565", "rgb"), help="with --frame: through other bytes of the camera, or none"
    )
    parser.add_argument("--fit-on", metavar="DATA", help="fit gain + gamma on other pairs' training part (DATA's own)")
    parser.add_argument("--json", metavar="FILE", help="keep the scores of every picture here")
    parser.add_argument("--picture", metavar="FILE", help="draw the worst and best cases (.png, .svg, .pdf)")
    parser.add_argument("--per-image", action="store_true", help="print a line for every picture too")


def run(args: argparse.Namespace) -> int:
    """Measure, and print the table."""
    from rich.console import Console

    from explain.cli.console import result_console
    from explain.cli.running.evaluate_pairs import evaluate_and_show

    table = result_console(120)
    evaluate_and_show(args, Console(stderr=True), table)
    return 0
