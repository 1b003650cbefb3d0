"""Figures and tables for lessons, in the style of all figures here; `show` puts them into a notebook.

```python
show(pictures((dark, "dark", "8 dB"), (bright, "bright"), title="A dark photo", caption="Look at the wall."))
```
"""

import os
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from explain.figures.kit.export import figure_bytes
from explain.figures.kit.repainted import repainted
from explain.figures.kit.sheet import Chart, Picture, PictureGroup, Sheet
from explain.figures.kit.themes import DARK, LIGHT, SIZES, Theme
from explain.markdown_tables import markdown_table

__all__ = ["DARK_PNG", "DARK_TOO", "PNG", "THEME", "charts", "legend", "pictures", "show", "table"]

THEME: Theme = LIGHT
"""Of figures in notebooks, whatever JupyterLab's theme is; pages have them in both."""

WIDTH = 10.0  # inches
SHOWN = 900  # pixels that a figure of that width takes on the screen
GRID = "#d9dde3"  # of charts that lessons draw themselves

PNG = "image/png"
DARK_PNG = "application/x-dark-png"
"""Kind of output that only the pages of `lessons.making` know: the same figure on a dark page."""
DARK_TOO = "MIRNET_DARK_FIGURES"
"""Environment variable with which every figure is drawn twice."""


def pictures(
    *shown: tuple,
    title: str,
    caption: str,
    subtitle: str = "",
    columns: int = 0,
    rows: Sequence[str] = (),
) -> Sheet:
    """A figure of photos side by side.

    Args:
        shown: For each (picture, title) or (picture, title, note); a picture is (height, width, 3), uint8 or floating
            point in [0, 1], or (height, width) for grey.
        title: First line.
        caption: What to look at; below the figure.
        subtitle: Second line.
        columns: Photos in a row; all, if omitted.
        rows: A heading for each row.
    """
    sheet = Sheet(THEME, WIDTH, title, subtitle)
    columns = columns or len(shown)
    entries = [_picture(*entry) for entry in shown]
    for k, start in enumerate(range(0, len(entries), columns)):
        if k < len(rows):
            sheet.section(rows[k])
        sheet.row(PictureGroup(entries[start : start + columns]), columns=columns)
    return sheet.finish(caption)


def charts(
    *drawn: tuple[Callable[[Axes], None], str, str],
    title: str,
    caption: str,
    subtitle: str = "",
    height: float = 2.6,
) -> Sheet:
    """A figure of charts side by side.

    Args:
        drawn: For each a function that draws into an `Axes`, its title, and a note below that.
        title: First line.
        caption: What to look at.
        subtitle: Second line.
        height: In inches.
    """
    sheet = Sheet(THEME, WIDTH, title, subtitle)
    sheet.row(
        *(Chart(draw, name, note, height=height) for draw, name, note in drawn), columns=len(drawn)
    )
    return sheet.finish(caption)


def legend(axes: Axes, **options: Any) -> None:
    """A legend without a frame, in the text size and colour of all figures."""
    axes.legend(
        frameon=False, fontsize=SIZES.small, labelcolor=THEME.text, handlelength=1.6, **options
    )


def show(figure: Figure) -> None:
    """Puts a figure into the notebook, with its caption below it."""
    from IPython.display import Markdown, display

    caption = getattr(figure, "caption", "")
    shown = {PNG: _text(figure), "text/plain": caption}
    if DARK_TOO in os.environ:
        with repainted(figure, LIGHT, DARK, {GRID: DARK.line}):
            shown[DARK_PNG] = _text(figure)
    width = round(SHOWN * figure.get_figwidth() / WIDTH)
    display(shown, metadata={PNG: {"width": width, "alt": caption}}, raw=True)
    if caption:
        display(Markdown(f"*{caption}*"))


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Puts a table into the notebook; the first column is left-aligned, the others are right-aligned.

    Args:
        header: Name of each column, with its unit.
        rows: Cells as text or integers; round floats yourself.
    """
    from IPython.display import Markdown, display

    display(Markdown(markdown_table(header, rows)))


def _text(figure: Figure) -> str:
    return b64encode(figure_bytes(figure)).decode()


def _picture(values: np.ndarray, title: str, note: str = "") -> Picture:
    shown = np.asarray(values)
    shown = shown / 255 if shown.dtype == np.uint8 else shown
    return Picture(
        np.repeat(shown[..., None], 3, axis=-1) if shown.ndim == 2 else shown, title, note
    )
