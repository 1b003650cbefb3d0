"""Quick pictures for what a visitor moves: arrays as coloured pixels, and pixels as HTML.

matplotlib takes a good part of a second for a figure. What has to follow a slider is made here, by a table of 256
colours and a PNG encoder, in milliseconds. The colours are those of `explain.figures.kit.themes`, made for colour-blind
people too. Every picture goes into the page with a text for those who do not see it and a caption that says what to
look at.
"""

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

import numpy as np
from matplotlib import colormaps

from explain.app.widgets.photo_grid import photo_figure
from explain.app.widgets.picture_urls import png_url
from explain.figures import Theme

__all__ = [
    "change_figure",
    "colour_indices",
    "coloured",
    "colours",
    "figure",
    "gallery",
    "gate",
    "legend",
    "names_of_colours",
    "signed",
]


def coloured(values: np.ndarray, colour_map: Any, low: float, high: float) -> np.ndarray:
    """A map of numbers as pixels.

    Args:
        values: (height, width).
        colour_map: A name or a matplotlib colour map.
        low: The number that gets its first colour; what is below does, too.
        high: The number that gets its last colour. Equal to `low`, everything gets the first.

    Returns:
        (height, width, 3) uint8.
    """
    return colours(colour_map)[colour_indices(values, low, high)]


def colour_indices(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Where numbers lie on a scale from `low` to `high`, as indices of its 256 colours; uint8."""
    span = high - low if high > low else 1.0
    return np.clip((np.asarray(values, np.float32) - np.float32(low)) * (255 / span) + 0.5, 0, 255).astype(np.uint8)


def signed(values: np.ndarray, theme: Theme, limit: float | None = None) -> np.ndarray:
    """A map of numbers on both sides of 0, which has the middle colour; beyond `limit` all share a colour."""
    limit = float(np.percentile(np.abs(values), 99.5)) if limit is None else limit
    return coloured(values, theme.signed, -limit, limit)


def gate(values: np.ndarray, theme: Theme) -> np.ndarray:
    """A map of gates within [0, 1]."""
    return coloured(values, theme.gate, 0.0, 1.0)


def colours(colour_map: Any) -> np.ndarray:
    """The 256 colours of a map, (256, 3) uint8."""
    return _named(colour_map) if isinstance(colour_map, str) else _table(colour_map)


@cache
def _named(name: str) -> np.ndarray:
    return _table(colormaps[name])


def _table(colour_map: Any) -> np.ndarray:
    return (colour_map(np.linspace(0, 1, 256))[:, :3] * 255 + 0.5).astype(np.uint8)


def figure(pixels: np.ndarray, alt: str, caption: str = "") -> str:
    """One picture (height, width, 3) uint8 as HTML; see `photo_figure`."""
    return photo_figure(png_url(pixels), alt, caption)


def change_figure(change: np.ndarray, theme: Theme, alt: str, caption: str, least: float = 1.0) -> str:
    """Where one picture is brighter or darker than another, with the legend of its colours.

    Args:
        change: (height, width), in grey levels of 255.
        theme: Its colours.
        alt: What there is to see, for those who do not; plain text.
        caption: What to look at; plain text.
        least: Grey levels at the ends of the colours at least, so that rounding does not look like a change.
    """
    limit = max(float(np.percentile(np.abs(change), 99.5)), least)
    scale = legend(theme.signed, f"−{limit:.1f}", f"+{limit:.1f}")
    return photo_figure(png_url(signed(change, theme, limit)), alt, caption, scale)


def gallery(figures: Sequence[str], narrowest: str = "11rem", widest: str = "99rem") -> str:
    """Pictures side by side, all of one width and as many in a row as fit; for `st.html`.

    Args:
        figures: From `figure`.
        narrowest: A picture gets no narrower than this (CSS), but on a narrower screen.
        widest: Nor wider than this.
    """
    inside = "".join(figures)
    sizes = f"--narrowest: {narrowest}; --widest: {widest}; --count: {len(figures)}"
    return f'<div class="gallery" style="{sizes}">{inside}</div>'


def legend(colour_map: Any, low: str, high: str, middle: str = "") -> str:
    """What the colours mean: a bar with labels for its ends, and for its middle where that matters."""
    stops = ", ".join("rgb({}, {}, {})".format(*colour) for colour in colours(colour_map)[::17])
    bar = f'<i role="img" aria-label="colour scale" style="background: linear-gradient(90deg, {stops})"></i>'
    text = f" <span>({escape(middle)} in the middle)</span>" if middle else ""
    return f'<div class="legend"><span>{escape(low)}</span>{bar}<span>{escape(high)}</span>{text}</div>'


def names_of_colours(names: Sequence[str], colours: Sequence[str]) -> str:
    """What colours drawn over pictures mean: each name behind its colour."""
    inside = "".join(
        f'<span><i style="background:{colour}"></i>{escape(name)}</span>'
        for name, colour in zip(names, colours, strict=False)
    )
    return f'<div class="key">{inside}</div>'
