"""Where results are printed."""

from rich.console import Console

__all__ = ["PIPE_WIDTH", "result_console"]

PIPE_WIDTH = 140
"""Columns where there is no terminal to fit: a file or a pipe has no width."""


def result_console(pipe_width: int = PIPE_WIDTH) -> Console:
    """A console on standard output, as wide as the terminal.

    Args:
        pipe_width: Columns where there is none.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = pipe_width
    return console
