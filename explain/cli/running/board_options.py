"""The words by which every command that talks to a board is told which one. Light: `mirnet --help` imports this."""

import argparse

__all__ = ["add_board_options"]


def add_board_options(parser: argparse.ArgumentParser) -> None:
    """Adds `--port`, `--simulated` and `--model` to a command; `board_link.connected` takes them."""
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--port", metavar="PORT", help="the board's serial port: /dev/ttyACM0, COM3 (the only Arduino)")
    place.add_argument(
        "--simulated",
        action="store_true",
        help="no board: its C code compiled for this computer, behind a port of its own (needs a C compiler)",
    )
    parser.add_argument(
        "--model",
        default="nano",
        metavar="MODEL",
        help="what the sketch is made of: nano, or a .tflite file (%(default)s)",
    )
