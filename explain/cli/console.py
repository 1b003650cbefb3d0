"""Consoles and tables of commands."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

__all__ = ["PIPE_WIDTH", "notes_console", "plain_table", "reason_lines", "result_console"]

PIPE_WIDTH = 140
"""Columns where there is no terminal to fit: a file or a pipe has no width."""

MOST_LINES = 20


class _ResultConsole(Console):
    def on_broken_pipe(self) -> None:
        """Of `mirnet components | head`: Rich would end with exit code 1, and `explain.cli.main` knows better."""
        raise BrokenPipeError


def result_console(pipe_width: int = PIPE_WIDTH) -> Console:
    """A console on standard output, as wide as the terminal; in a pipe, as the variable COLUMNS says.

    Args:
        pipe_width: Columns in a pipe at least.
    """
    console = _ResultConsole(highlight=False)
    if not console.is_terminal:
        console.width = max(pipe_width, console.width)
    return console


def notes_console() -> Console:
    """A console on standard error, for progress and for notes that are no result."""
    return Console(stderr=True, highlight=False)


def reason_lines(reasons: Mapping[str, str]) -> list[str]:
    """Lines for names that something is said about, the first twenty of many."""
    lines = [f"  {name}: {reason}" for name, reason in reasons.items()]
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], f"  and {len(lines) - MOST_LINES} more"]


def plain_table(*columns: str, text: Sequence[int] = (0,)) -> Table:
    """A table without lines: text in the columns of these numbers, which may wrap, and numbers in the others."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(columns):
        is_text = number in text
        table.add_column(name, justify="left" if is_text else "right", no_wrap=not is_text, overflow="fold")
    return table
