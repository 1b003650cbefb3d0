"""`mirnet view`: photos of the board, before and after its network."""

import argparse

from explain.cli.running.board_options import add_board_options

FOLDER = "board-photos"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet view` to the command."""
    parser = subparsers.add_parser(
        "view",
        help="take photos with the board, and see them before and after",
        description="Ask the board for a photo of its camera, or let it restore one of yours. Each photo becomes a "
        "folder: before.png, after.png and both.png, side by side. In a terminal with colours you see it at once. "
        "With --every alone it goes on until Ctrl-C.",
    )
    add_board_options(parser)
    scene = parser.add_mutually_exclusive_group()
    scene.add_argument("--photo", metavar="FILE", help="send this photo instead of using the board's camera")
    scene.add_argument("--pattern", action="store_true", help="let the board make up a test picture: needs no camera")
    parser.add_argument("--count", type=int, metavar="N", help="how many photos (1)")
    parser.add_argument("--every", type=float, metavar="S", help="begin a photo every S seconds")
    parser.add_argument(
        "-o", "--output", default=FOLDER, metavar="FOLDER", help="where the photos go, numbered (%(default)s)"
    )
    parser.add_argument("--show", action="store_true", help="open the first photo with the system's viewer")
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours of both.png (light)")


def run(args: argparse.Namespace) -> int:
    """Take, restore, save and show."""
    from explain.cli.console import notes_console, result_console
    from explain.cli.running.view_photos import view

    view(args, notes_console(), result_console())
    return 0
