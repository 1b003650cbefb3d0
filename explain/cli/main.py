"""The `mirnet` command: finds its subcommands, runs one, and turns a user's mistake into one line.

    mirnet app                                      the page, on this machine only
    mirnet doctor                                   what is here, and what a missing piece would give
    mirnet --help                                   everything else

Exit codes: 0 done, 1 done with a negative answer, 2 the user can fix it, 130 interrupted. Every subcommand is a file
in `explain/cli/commands/`; nothing heavier than argparse is imported before one of them runs.
"""

import argparse
import errno
import io
import os
import pkgutil
import sys
from importlib import import_module, metadata
from types import ModuleType

from explain.cli import commands
from explain.cli.quiet import quiet_tensorflow
from mirnet_packages import complaint, strangers

DESCRIPTION = "See how MIRNet restores a dark photograph, component by component."
USER_ERROR = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def version() -> str:
    """Version of the installed distribution."""
    try:
        return metadata.version("mirnet-explainer")
    except metadata.PackageNotFoundError:
        return "(not installed: pip install -e .)"


def find_commands(only: str = "") -> dict[str, ModuleType]:
    """Import the files of `explain/cli/commands/`, or one of them: name to module, in alphabetical order."""
    files = [info.name for info in pkgutil.iter_modules(commands.__path__)]
    file_of = {commands.NAMES.get(file, file): file for file in files}
    return {
        name: import_module(f"{commands.__name__}.{file_of[name]}") for name in sorted(file_of) if only in ("", name)
    }


def build_parser(modules: dict[str, ModuleType]) -> argparse.ArgumentParser:
    """Make the parser of the whole command, subcommands included."""
    parser = argparse.ArgumentParser(prog="mirnet", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"mirnet {version()}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in modules.values():
        module.add_parser(subparsers)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one `mirnet` command.

    Args:
        argv: The arguments after `mirnet`; None takes those of the process.

    Returns:
        The exit code. A wrong option, `--help` and `--version` leave through `SystemExit`, as argparse does.
    """
    _open_streams()
    quiet_tensorflow()
    argv = sys.argv[1:] if argv is None else argv
    # Before a command's file is imported, since it may import `model`; one alone imports lessons.
    others = {name: found for name, found in strangers().items() if name != "lessons" or argv[:1] == ["lessons"]}
    if others and argv[:1] != ["doctor"]:
        return _fail(complaint(*next(iter(others.items()))))
    modules = find_commands(only="doctor" if others else "")  # the doctor imports nothing of ours, and reports it
    args = build_parser(modules).parse_args(argv)
    try:
        code = modules[args.command].run(args)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:  # `mirnet components | head`: the reader has closed the pipe, which is no error
        _give_up_output()
        return 0
    except Exception as error:
        message = _for_the_user(error)
        if message is None:
            raise
        try:
            sys.stdout.flush()
        except OSError:  # a full disk: Python would try it once more at its end, and complain in its own words
            _give_up_output()
        return _fail(message)


def _open_streams() -> None:
    """Has all three standard streams open, and lets none of them refuse a letter.

    A closed one (`mirnet ... >&-`, or a service) is None in Python, and the next file that anybody opens would take its
    number. What an encoding has no letter for (a minus in Windows' tables, a file's odd name) becomes an escape.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)  # the lowest free number: this stream's own
            os.set_inheritable(descriptor, True)
            setattr(sys, name, open(descriptor, mode, closefd=descriptor > number))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _give_up_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, code: int = USER_ERROR) -> int:
    print(f"mirnet: {'' if code == INTERRUPTED else 'error: '}{message}", file=sys.stderr)
    return code


def _for_the_user(error: Exception) -> str | None:
    """One line on an error that the user can fix; None when it is a fault of ours, which keeps its traceback."""
    if isinstance(error, OSError) and error.strerror:
        if isinstance(error.filename, str | bytes):
            return f"{os.fsdecode(error.filename)}: {error.strerror}"
        return error.strerror if error.errno == errno.ENOSPC else None
    from model.errors import MirnetError  # light, and not needed until something went wrong
    from model.safety.keras_settings import complaint_about_keras

    if isinstance(error, MirnetError):
        return " ".join(str(error).split())
    # Keras is imported where it is needed first; where that failed, its settings may say why.
    return None if "keras" in sys.modules else complaint_about_keras()
