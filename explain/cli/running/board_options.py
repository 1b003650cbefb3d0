"""Options that say which board a command talks to. Light: `mirnet --help` imports this."""

import argparse

__all__ = ["add_board_options"]


def add_board_options(parser: argparse.ArgumentParser) -> None:
    """Adds `--port`, `--simulated` and `--model` to a command; `board_link.connected` takes them."""
    board = parser.add_mutually_exclusive_group()
    board.add_argument("--port", metavar="PORT", help="the board's serial port: /dev/ttyACM0, COM3 (the only Arduino)")
    board.add_argument(
        "--simulated",
        action="store_true",
        help="host build of the firmware instead, on a pseudo-terminal (needs a C compiler)",
    )
    parser.add_argument(
        "--model",
        default="nano",
        metavar="MODEL",
        help="what the sketch is made of: nano, or a .tflite file (%(default)s)",
    )
