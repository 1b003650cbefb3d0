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
    parser.add_argument("--host", help="address to listen on (127.0.0.1; 0.0.0.0 lets the whole network in)")
    parser.add_argument("--port", type=int, help="port to listen on (the first free one from 8501)")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    parser.add_argument("--base-path", metavar="PATH", help="what its address has behind the port, such as /mirnet")
    parser.add_argument(
        "--behind-proxy", action="store_true", help="browsers reach it through a proxy, which decides who comes in"
    )
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes, for a class; an nginx shares visitors out (1)"
    )


def run(args: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C."""
    import os

    from explain.cli.page_options import chosen
    from explain.cli.running.page_network import announce, environment

    options = chosen(args.host, args.port, args.base_path, args.behind_proxy)
    os.environ.update(environment(args.preset, args.weights))  # for the page's own processes
    announce()
    if args.workers != 1:
        from explain.cli.running.page_workers import serve_class

        return serve_class(options, args.workers, open_browser=not args.no_browser)
    from explain.cli.serve import serve

    return serve(options, open_browser=not args.no_browser)
