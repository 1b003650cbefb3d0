"""What charts over all tensors or steps of a network share: the parts' colours, and columns that take the clicks."""

from collections.abc import Sequence

import altair as alt

from explain.app.charts.altair_charts import ROWS
from explain.figures import Theme
from explain.figures.kit.part_colours import part_colours

__all__ = ["AXIS", "LEGEND", "columns", "part_colour"]

AXIS = alt.Axis(minExtent=36, maxExtent=36)  # pixels; charts below one another share their horizontal positions
LEGEND = alt.Legend(symbolType="square", columns=alt.ExprRef("max(2, floor(width / 150))"))
"""Of many names: in as many columns as there is room for, two on a phone."""


def part_colour(parts: Sequence[str], theme: Theme, legend: bool = True) -> alt.Color:
    """The colour of the field `part`.

    Args:
        parts: Those that there are, as the legend lists them.
        theme: Colours.
        legend: Whether there is one; of several charts with the same parts the last has it.
    """
    colours = part_colours(theme)
    scale = alt.Scale(domain=list(parts), range=[colours[part] for part in parts])
    return alt.Color("part:N", scale=scale, legend=LEGEND if legend else None)


def columns(theme: Theme, *place: alt.X | alt.X2 | alt.Y) -> alt.Chart:
    """Columns or rows across the whole chart, which take the clicks; only one whose `shade` is above 0 is visible."""
    shade, text = alt.Opacity("shade:Q", scale=None), (alt.Tooltip("text:N"), alt.Description("text:N"))
    return alt.Chart(ROWS).mark_rect(color=theme.text, cursor="pointer").encode(*place, shade, *text)
