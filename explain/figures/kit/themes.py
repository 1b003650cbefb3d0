"""Themes of figures: light and dark, in colours that colour-blind people can tell apart.

Nothing here changes matplotlib's global settings: figures are drawn in several threads of a page at once, each with
its own theme.
"""

from dataclasses import dataclass

from matplotlib.colors import Colormap, LinearSegmentedColormap

__all__ = ["DARK", "LIGHT", "SIZES", "THEMES", "TINT", "Sizes", "Theme"]


@dataclass(frozen=True)
class Theme:
    """Colours of a figure.

    Attributes:
        name: `light` or `dark`.
        background: Of the figure, and of the page around it.
        text: Titles and labels.
        muted: What explains: shapes, units, ticks.
        line: Axes, frames and grids.
        accent: The one thing to look at.
        on_accent: Letters on it.
        streams: One colour for each stream, full resolution first (Okabe and Ito's palette).
        signed: Diverging colour map for values on both sides of zero; its middle is the background's.
        activity: Sequential colour map for strengths.
        gate: Sequential colour map for gates; another one, since a gate is no strength but a share.
        tint: For a gate over a grey photo: blue where it is low and yellow where it is high, as in `gate`, and no
            colour between, so that the photo stays visible.
    """

    name: str
    background: str
    text: str
    muted: str
    line: str
    accent: str
    on_accent: str
    streams: tuple[str, ...]
    signed: str
    activity: str
    gate: str
    tint: Colormap


TINT = LinearSegmentedColormap.from_list("tint", ["#3f7bff", "#ffffff", "#ffd21f"])


LIGHT = Theme(
    name="light",
    background="#ffffff",
    text="#1f2530",
    muted="#5b6472",
    line="#c3c9d2",
    accent="#b45309",
    on_accent="#ffffff",
    streams=("#0072b2", "#e69f00", "#009e73", "#cc79a7"),
    signed="RdBu_r",
    activity="viridis",
    gate="cividis",
    tint=TINT,
)
"""Colours for a light page, and for paper."""

DARK = Theme(
    name="dark",
    background="#171614",
    text="#f3f4f6",
    muted="#a3adbb",
    line="#475060",
    accent="#f59e0b",
    on_accent="#1c1917",
    streams=("#56b4e9", "#e69f00", "#2cc295", "#d896ba"),
    signed="berlin",
    activity="viridis",
    gate="cividis",
    tint=TINT,
)
"""Colours for a dark page."""

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


@dataclass(frozen=True)
class Sizes:
    """Letters in points and distances in inches, for a figure 10 inches wide that is shown 900 to 1300 pixels wide."""

    title: float = 14
    section: float = 10.5
    label: float = 9
    small: float = 8
    margin: float = 0.2
    gap: float = 0.22
    line: float = 0.165  # one line of text
    bar: float = 0.09  # height of a colour bar
    tallest: float = 2.6  # picture
    narrowest: float = 1.45  # picture


SIZES = Sizes()
