"""`mirnet site`: the live part and the walkthrough as static pages."""

import argparse


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet site` to the command."""
    parser = subparsers.add_parser(
        "site",
        help="make a folder of static pages: the board's network live in the browser, and the walkthrough",
        description="Make a folder that any web server can serve, under any path: the board's own C as WebAssembly, "
        "live on samples, photos and the webcam, and the pages of the walkthrough. An earlier site in that folder is "
        "replaced; anything else is left alone. To look at it: python -m http.server -d DIR --bind 127.0.0.1",
    )
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="the folder to make")
    parser.add_argument(
        "--model", default="nano", metavar="MODEL", help="of the live part: nano, or a .tflite file (nano)"
    )
    parser.add_argument("--lessons", metavar="DIR", help="take along the pages that `make lessons` has made there")
    parser.add_argument("--reference", metavar="DIR", help="take along the pages that `make docs` has made there")
    parser.add_argument("--live-only", action="store_true", help="leave the walkthrough out, which takes minutes")


def run(args: argparse.Namespace) -> int:
    """Write the folder."""
    from pathlib import Path

    from streamlit.logger import set_log_level

    set_log_level("error")  # its caches would warn that there is no server
    from explain.app.live.network_data import LiveNetwork
    from explain.cli.console import notes_console, result_console
    from explain.cli.progress import bars_on
    from explain.site.site_writer import check_copied, check_replaceable, write_site
    from model.errors import MirnetError

    folder, network = Path(args.output), LiveNetwork(args.model)
    given = {"lessons/": args.lessons, "reference/": args.reference}
    copied = {place: Path(source) for place, source in given.items() if source}
    check_replaceable(folder.absolute())
    check_copied(copied)
    try:
        network.small  # noqa: B018 (it reads the file)
    except MirnetError as error:
        raise MirnetError(f"{args.model}: {error}") from error
    with bars_on(notes_console()) as show:
        size = write_site(folder, network, show, copied, walkthrough=not args.live_only)
    say = result_console().print
    say(f"{folder}: {size / 1e6:.1f} MB", soft_wrap=True, markup=False)
    say(f"Look at it: python -m http.server -d {folder} --bind 127.0.0.1", soft_wrap=True, markup=False)
    return 0
