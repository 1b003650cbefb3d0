"""Tables of results, on the console and as Markdown."""

from collections.abc import Mapping, Sequence

from explain.markdown_tables import markdown_table
from tools.bench.benchmark import Table

__all__ = ["busy_note", "markdown", "show"]


def show(console, machine: Mapping[str, str], tables: Sequence[Table], remarks: Sequence[str]) -> None:
    """Prints the machine and the tables to a rich console."""
    import rich.table

    for name, text in machine.items():
        console.print(f"{name}: {text}")
    for table in tables:
        drawn = rich.table.Table(title=table.title, box=rich.box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
        for k, name in enumerate(table.header):
            drawn.add_column(name, justify="right" if k else "left", no_wrap=True)
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn)
        for note in table.notes:
            console.print(note, style="dim")
    for remark in remarks:
        console.print(remark, style="yellow")


def markdown(machine: Mapping[str, str], tables: Sequence[Table], remarks: Sequence[str]) -> str:
    """The same as Markdown."""
    lines = [f"- {name}: {text}" for name, text in machine.items()]
    for table in tables:
        lines += ["", f"**{table.title}**", "", markdown_table(table.header, table.rows)]
        lines += ["", *(f"{note}  " for note in table.notes)]
    lines += [f"\n{remark}" for remark in remarks]
    return "\n".join(lines) + "\n"


def busy_note(loads: Sequence[float], cores: int) -> str | None:
    """What to say when other programs took part of the processor during the measurements."""
    busy = [load for load in loads if load > 1.2 * cores]
    if not busy:
        return None
    return (
        f"Busy machine: before {len(busy)} of {len(loads)} measurements more processes wanted to run (up to "
        f"{max(busy):.1f}) than there are cores ({cores}). Times are then too long, and shares too small."
    )
