"""The progress bars of all commands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

__all__ = ["Show", "bars_on"]

Show = Callable[[str, int, int], None]
"""Called with what is done, how many steps of it are, and how many there are."""


@contextmanager
def bars_on(console: Console) -> Iterator[Show]:
    """Shows a bar with the time left for everything that is told of."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, steps: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], completed=done, total=steps)

        yield show
