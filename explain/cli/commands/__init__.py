"""The subcommands of `mirnet`, one file each; the file's name is the command's, with a hyphen for an underscore.

A file here defines two functions, and `explain/cli/main.py` finds it by itself:

    def add_parser(subparsers) -> None:   # subparsers.add_parser("name", help="...") and its arguments
    def run(args) -> int:                 # does the work; the exit code

`mirnet --help` imports every file here, so Keras, TensorFlow, Streamlit and matplotlib are imported inside `run`.
Errors a user can mend are raised as `model.errors.MirnetError`; the command line prints them as one line, exit code 2.
"""
