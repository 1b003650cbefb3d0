"""`mirnet app`: the page, served on this machine."""

import argparse

from explain.cli.command_arguments import add_network_options


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet app` to the command."""
    parser = subparsers.add_parser(
        "app",
        help="open the page that walks through MIRNet",
        description="Serve the page on this machine and open it in the browser. Photos do not leave the machine. "
        "With --weights it walks through a network of yours.",
    )
    add_network_options(parser)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (127.0.0.1; 0.0.0.0 lets the whole network in)"
    )
    parser.add_argument("--port", type=int, help="port to listen on (the first free one from 8501)")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")


def run(args: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C."""
    import os

    from explain.cli.running.page_network import announce, environment
    from explain.cli.serve import serve

    os.environ.update(environment(args.preset, args.weights))  # for the page's own processes
    announce()
    return serve(args.host, args.port, open_browser=not args.no_browser)
