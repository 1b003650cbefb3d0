"""A component's figure as HTML that needs no server: pictures as before, charts as drawings."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from explain.app.charts.altair_charts import chart_spec
from explain.app.figure_view.component_figure import columns_of, part_without_charts
from explain.app.figure_view.figure_charts import built, chart_label
from explain.app.figure_view.figure_html import chart_title, note, row, sheet, title
from explain.figures import THEMES, Theme
from explain.figures.kit.blocks import Chart, Content, FigureRow, Part, PictureGroup
from explain.site.both_themes import for_both_themes
from model.errors import MirnetError

__all__ = ["chart_svg", "static_figure"]

INSTALL = "the site's charts need vl-convert: pip install 'mirnet-explainer[site]'"
WIDTH = 900  # pixels of a figure on a desk; charts are stretched or shrunk with it
ROOM = 10  # pixels beside it: letters of a visitor's font may be wider than those that it was measured with
READABLE, STRETCHED = 0.75, 1.3  # of that on a phone, where a chart is moved sideways, and at most


def static_figure(content: Content) -> str:
    """The figure as HTML for both themes, but for its caption; needs `explain.site.both_themes.theme_style`."""
    return for_both_themes(*(_in_theme(content, THEMES[name]) for name in ("light", "dark")))


def _in_theme(content: Content, theme: Theme) -> str:
    parts = (_part(part, theme) for part in content.parts)
    return sheet([title(content), *parts, note(content.footnote)], theme)


def _part(part: Part, theme: Theme) -> str:
    if isinstance(part, FigureRow) and part.has_charts:
        return _columns(part, theme)
    return part_without_charts(part, theme)


def _columns(part: FigureRow, theme: Theme) -> str:
    cells = columns_of(part.blocks)
    spans = [cell.span if isinstance(cell, Chart) else sum(len(group.pictures) for group in cell) for cell in cells]
    columns = (_column(cell, round(WIDTH * span / sum(spans)), theme) for cell, span in zip(cells, spans, strict=True))
    return f'<div class="columns">{"".join(columns)}</div>'


def _column(cell: Chart | Sequence[PictureGroup], wide: int, theme: Theme) -> str:
    if not isinstance(cell, Chart):
        width = sum(len(group.pictures) for group in cell)
        return f'<div style="flex-grow: {wide}">{row(cell, width, theme)}</div>'
    drawn, rows = built(cell, theme)
    svg = chart_svg(chart_spec(drawn, rows), theme, wide, chart_label(cell))
    style = f"flex-grow: {wide}; --least: {round(READABLE * wide)}px; --most: {round(STRETCHED * wide)}px"
    return f'<div style="{style}">{chart_title(cell)}<div class="sideways">{svg}</div></div>'


def chart_svg(spec: dict[str, Any], theme: Theme, width: int, label: str) -> str:
    """A Vega-Lite specification as an SVG element.

    Args:
        spec: Of `explain.app.charts.altair_charts.chart_spec`.
        theme: Its colours.
        width: Pixels, axes included.
        label: What there is to see, for those who do not.

    Raises:
        MirnetError: If what draws it is not installed.
    """
    try:
        import vl_convert
    except ImportError as error:
        raise MirnetError(INSTALL) from error
    text = {"labelColor": theme.text, "titleColor": theme.text}
    look = {"axis": {**spec["config"]["axis"], **text, "gridColor": theme.line, "domainColor": theme.line}}
    looks: dict[str, Any] = look | {"legend": {**spec["config"]["legend"], **text}, "background": "transparent"}
    whole = spec | {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "config": spec["config"] | looks,
        "width": width,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": ROOM, "right": ROOM, "top": 4, "bottom": 4},
    }
    svg = vl_convert.vegalite_to_svg(whole, allowed_base_urls=[])
    svg = re.sub(r'^<svg ([^>]*?)width="[^"]*" height="[^"]*"', r"<svg \1", svg)
    svg = re.sub(r' aria-roledescription="[^"]*"', "", svg)
    return svg.replace("<svg ", f'<svg class="chart" role="img" aria-label="{escape(label, quote=True)}" ', 1)
