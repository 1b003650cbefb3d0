"""The pictures of a component's figure as HTML: rows that wrap on a phone, captions and colour bars as text."""

import re
from collections.abc import Sequence
from html import escape

import numpy as np

from explain.app.widgets.colour_maps import colours, legend
from explain.app.widgets.picture_urls import palette_url, webp_url
from explain.figures import Theme
from explain.figures.kit.blocks import Chart, Content, Picture, PictureGroup
from explain.figures.kit.feature_maps import Scale
from model.images.arrays import as_uint8

__all__ = ["chart_title", "colour_bar", "heading", "note", "picture", "row", "sheet", "title"]


TALLEST = 22  # rem
SQUARES = 144  # pixels; a picture with fewer in a row is shown in squares
SIGN = '<span class="sign">{}</span>'


def sheet(parts: Sequence[str], theme: Theme) -> str:
    """Parts of a figure for `st.html`, after `STYLE`."""
    return f'<div class="sheet" style="--accent: {theme.accent}">{"".join(parts)}</div>'


def title(content: Content) -> str:
    """What the figure is of, and where in the network that is."""
    return f'<p class="title">{escape(content.title)}</p>{note(content.subtitle)}'


def note(text: str) -> str:
    """A note in small letters; empty for no text."""
    return f"<small>{escape(text)}</small>" if text else ""


def heading(text: str) -> str:
    """A heading within a figure."""
    return f'<p class="heading">{escape(text)}</p>'


def chart_title(chart: Chart) -> str:
    """What stands above a chart."""
    return f"<p>{_title_and_note(chart.title, chart.note)}</p>"


def row(groups: Sequence[PictureGroup], columns: int, theme: Theme) -> str:
    """Groups of pictures side by side, each picture as wide as one of `columns`."""
    return f'<div class="row" style="--columns: {columns}">{"".join(_group(group, theme) for group in groups)}</div>'


def picture(shown: Picture, scale: Scale | None, theme: Theme) -> str:
    """One picture with its caption."""
    height, width = shown.values.shape[:2]
    if shown.values.ndim == 3 or scale is None:
        url = webp_url(as_uint8(shown.values))
    else:
        url = _map_url(shown.values, scale, theme)
    style = f"width: min(100%, {TALLEST * width / height:.2f}rem); aspect-ratio: {width} / {height}"
    style += "; image-rendering: pixelated" if width < SQUARES else ""
    alt = escape(f"{shown.title}, {shown.note}" if shown.note else shown.title, quote=True)
    sign = SIGN.format(shown.sign) if shown.sign else ""
    text = _title_and_note(shown.title, shown.note)
    found = re.match(r"stream (\d)\b", shown.title)
    own = f' style="--stream: {theme.streams[int(found[1]) - 1]}"' if found else ""
    return f'<figure{own}><img src="{url}" alt="{alt}" style="{style}">{sign}<figcaption>{text}</figcaption></figure>'


def colour_bar(scale: Scale, text: str, theme: Theme) -> str:
    """The colours of a scale from its low to its high end, and what they mean."""
    return f'<div class="scale">{legend(getattr(theme, scale.kind), *scale.ends)}{escape(text)}</div>'


def _group(group: PictureGroup, theme: Theme) -> str:
    count = len(group.pictures)
    inside = "".join(picture(each, group.scale, theme) for each in group.pictures)
    inside += colour_bar(group.scale, group.legend, theme) if group.scale is not None else ""
    return f'<div class="group" style="--count: {count}; --few: {min(count, 2)}">{inside}</div>'


def _title_and_note(name: str, told: str) -> str:
    return f"<b>{escape(name)}</b>{note(told)}"


def _map_url(values: np.ndarray, scale: Scale, theme: Theme) -> str:
    """A map of numbers as the address of a picture with a palette: a third of the bytes of one with colours."""
    indices = (values - scale.low) * (255 / (scale.high - scale.low)) + 0.5
    return palette_url(np.clip(indices, 0, 255).astype(np.uint8), colours(getattr(theme, scale.kind)))
