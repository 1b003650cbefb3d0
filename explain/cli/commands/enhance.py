"""`mirnet enhance`: restores dark photos."""

import argparse

from explain.cli.command_arguments import add_network_options


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet enhance` to the command."""
    parser = subparsers.add_parser(
        "enhance",
        help="restore dark photos",
        description="Restore photos of any size. One photo that cannot be read does not stop the others; the exit "
        "code is then 2.",
    )
    parser.add_argument("inputs", nargs="+", metavar="IN", help="photos (PNG, JPEG, WebP) or folders of photos")
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="a file, for a single photo; or a folder, made if needed"
    )
    add_network_options(parser)
    parser.add_argument("--max-pixels", type=int, default=64_000_000, help="refuse photos larger than this (64000000)")


def run(args: argparse.Namespace) -> int:
    """Restore every photo; 0 when all were written, 2 when one was not."""
    import sys

    from explain.cli.console import notes_console
    from explain.cli.running.enhance_photos import check_there, enhance_all, plan
    from model.zoo import load_network

    jobs = plan(args.inputs, args.output)  # before Keras is imported: a wrong path is told at once
    check_there(jobs)
    net, note = load_network(args.preset, args.weights)
    print(note, file=sys.stderr)
    failures = enhance_all(net, jobs, args.max_pixels, notes_console())
    for message in failures:
        print(f"mirnet: error: {message}", file=sys.stderr)
    return 2 if failures else 0
