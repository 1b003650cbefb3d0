"""The table of values under a pixel, as HTML: every value leads to the arithmetic behind it."""

from collections.abc import Callable, Sequence

from explain.app.assets.asset_files import rendered
from explain.app.compute.values_at import Reading
from explain.app.widgets.decimals import decimal

__all__ = ["reading_table"]


def reading_table(rows: Sequence[Reading], href: Callable[[Reading], str]) -> str:
    """The rows, from `values_at.readings`, as a table; `href` gives the page that explains a number."""
    shown = [(row, "" if row.value is None else decimal(row.value, 4), href(row)) for row in rows]
    return rendered("numbers.html", rows=shown)
