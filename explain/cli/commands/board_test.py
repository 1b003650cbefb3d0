"""`mirnet board-test`: does the board compute what the emulator computes, byte for byte?"""

import argparse

from explain.cli.running.board_options import add_board_options


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet board-test` to the command."""
    parser = subparsers.add_parser(
        "board-test",
        help="compare a board with the emulator, byte for byte",
        description="Send frames to the board, dark photos, noise and stripes, and compare every byte of what it makes "
        "of them with what embedded.Emulator makes; then tell how long each kind of operator took and how much memory "
        "is in use. Exit code 0 if all is equal, 1 if a frame differs or was lost, 2 if the board cannot be reached.",
    )
    add_board_options(parser)
    parser.add_argument("--frames", type=int, default=10, metavar="N", help="how many frames to send (10)")
    parser.add_argument("--json", metavar="FILE", help="write everything that was found here")


def run(args: argparse.Namespace) -> int:
    """Compare, and print the verdict."""
    from rich.console import Console

    from explain.cli.console import result_console
    from explain.cli.running.board_check import board_test

    return board_test(args, Console(stderr=True, highlight=False), result_console())
