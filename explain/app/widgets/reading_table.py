"""The table of values under a pixel, as HTML: every value leads to the arithmetic behind it."""

from collections.abc import Callable, Sequence
from html import escape

from explain.app.compute.values_at import Reading

__all__ = ["reading_table"]

# Streamlit's own tables need pyarrow, and that a newer NumPy than we have; the links of its Markdown leave the session.
STYLE = """<style>
.numbers { overflow-x: auto; } .numbers table { width: 100%; border-collapse: collapse; font-size: .875rem; }
.numbers th, .numbers td { text-align: left; padding: .2rem .5rem; border: 1px solid color-mix(in srgb, currentColor
  20%, transparent); font-weight: 400; }
.numbers th { opacity: .8; }
.numbers .value { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.numbers code { font-size: .9em; color: var(--st-code-text-color, inherit); }
.numbers small { opacity: .8; white-space: nowrap; }
.numbers a { color: inherit; text-decoration-color: color-mix(in srgb, currentColor 45%, transparent); }
.numbers a:hover { text-decoration-thickness: 2px; }
.numbers a:focus-visible { outline: 2px solid var(--st-primary-color, #b45309); outline-offset: 2px; }
</style>"""


def reading_table(rows: Sequence[Reading], href: Callable[[Reading], str]) -> str:
    """The rows as a table.

    Args:
        rows: From `explain.app.compute.values_at.readings`.
        href: The address of the page that explains a number.
    """
    lines = "".join(_line(row, href) for row in rows)
    head = '<tr><th scope="col">Tensor</th><th scope="col">Where</th><th scope="col" class="value">Value</th></tr>'
    return (
        f'{STYLE}<div class="numbers"><table><thead>{head}</thead><tbody>{lines}</tbody></table></div>'
        "<p style='font-size: .85rem; margin: .4rem 0'>A value leads to the arithmetic that made it.</p>"
    )


def _line(row: Reading, href: Callable[[Reading], str]) -> str:
    shape = "×".join(map(str, row.shape))
    place = "the whole picture" if row.place is None else "{},\u00a0{}".format(*row.place)
    value = "no such channel"
    if row.value is not None:
        words = escape(f"How {row.tensor} [{', '.join(map(str, row.cell))}] was made", quote=True)
        address = escape(href(row), quote=True)
        number = f"{row.value:.4f}".replace("-", "\N{MINUS SIGN}")
        value = f'<a href="{address}" title="{words}" aria-label="{number}: {words}">{number}</a>'
    return (
        f"<tr><td><code>{escape(row.name)}</code> {escape(row.words)}</td>"
        f'<td>{place} <small>of\u00a0{shape}</small></td><td class="value">{value}</td></tr>'
    )
