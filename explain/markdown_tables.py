"""Tables as Markdown."""

from collections.abc import Sequence

__all__ = ["markdown_table"]


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table; its first column is left-aligned, the others are right-aligned.

    Args:
        header: Name of each column, with its unit.
        rows: Cells as text or integers; other numbers are to be rounded by the caller.
    """
    return "\n".join([_line(header), _line([":---", *["---:"] * (len(header) - 1)]), *map(_line, rows)])


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"
