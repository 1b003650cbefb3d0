"""The subcommands of `mirnet`, one file each, named as the command or listed in `NAMES`.

A file here defines two functions, and `explain/cli/main.py` finds it by itself:

    def add_parser(subparsers) -> None:   # subparsers.add_parser("name", help="...") and its arguments
    def run(args) -> int:                 # does the work; the exit code

`mirnet --help` imports every file here, so Keras, TensorFlow, Streamlit and matplotlib are imported inside `run`.
Errors a user can fix are raised as `model.errors.MirnetError`; the command line prints them as one line, exit code 2.
"""

NAMES = {"check_board": "board-test"}
"""File to command, where a file named as the command would be taken for a test of `board`."""
