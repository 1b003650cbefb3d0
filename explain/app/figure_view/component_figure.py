"""The figure of a component on the page: pictures as HTML, and charts between them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from explain.app.catalog.choices import Choice, detail_site, site
from explain.app.compute.bounded_cache import kept_of_photos
from explain.app.compute.photos import Photo
from explain.app.compute.runner import Cache, Setup, hook_names, page_names, tensors
from explain.app.figure_view.figure_charts import show_chart
from explain.app.figure_view.figure_html import chart_title, heading, note, row, sheet, title
from explain.app.figure_view.lattice_html import lattice_html
from explain.figures import FIGURES, THEMES, Sheet, Theme
from explain.figures.kit.blocks import Chart, Content, FigureRow, Lattice, Part, PictureGroup
from model.images.arrays import as_float

__all__ = ["columns_of", "component_content", "component_figure", "part_without_charts", "show_content", "show_figure"]


@kept_of_photos(60)
def show_figure(
    setup: Setup,
    _photo: Photo,
    key: str,
    kind: str,
    choice: Choice,
    channel: int | None,
    theme: str,
    part: str = "all",
) -> str:
    """Shows the figure of one component on a photo; the second time, Streamlit sends again what it sent before.

    Args:
        setup: Which network.
        _photo: The photo.
        key: Its fingerprint; the photo itself is not looked at to find an earlier figure.
        kind: Kind of component.
        choice: Which one.
        channel: Channel, from 0, or None for the activity of all.
        theme: `light` or `dark`.
        part: `first`, the lines up to the second heading, `rest`, those from there on, or `all`.

    Returns:
        The caption of the whole figure.
    """
    content = component_content(setup, _photo, kind, choice, channel)
    headings = [k for k, line in enumerate(content.parts) if isinstance(line, str)]
    end = headings[1] if len(headings) > 1 else len(content.parts)
    lines = {"all": content.parts, "first": content.parts[:end], "rest": content.parts[end:]}[part]
    content = replace(content, parts=lines)
    show_content(content, THEMES[theme])
    return content.caption


def component_content(setup: Setup, photo: Photo, kind: str, choice: Choice, channel: int | None = None) -> Content:
    """What the figure of one component on a photo shows; arguments as for `show_figure`."""
    cache = tensors(setup, photo, page_names(hook_names(setup), kind, site(kind, choice)))
    return FIGURES[kind].content(cache, detail_site(kind, choice), channel=channel, **_reference(kind, photo))


def component_figure(cache: Cache, photo: Photo, kind: str, choice: Choice, channel: int | None, theme: Theme) -> Sheet:
    """The figure of one component on a photo for a file, see `show_figure`; `cache` has the tensors of `page_names`."""
    where = detail_site(kind, choice)
    return FIGURES[kind](cache, where, channel=channel, theme=theme, **_reference(kind, photo))


def _reference(kind: str, photo: Photo) -> dict[str, Any]:
    """The photo in good light, for the figure that compares with it."""
    return {"reference": as_float(photo.reference)} if kind == "mirnet" and photo.reference is not None else {}


def show_content(content: Content, theme: Theme) -> None:
    """Shows what a figure shows, but for its caption."""
    html = [title(content)]  # gathered up to the next chart: one element instead of many

    def show_html() -> None:
        if html:
            st.html(sheet(html, theme))
        html.clear()

    for part in content.parts:
        if isinstance(part, FigureRow) and part.has_charts:
            show_html()
            _columns(part, theme)
        else:
            html.append(part_without_charts(part, theme))
    html.append(note(content.footnote))
    show_html()


def _columns(part: FigureRow, theme: Theme) -> None:
    """Each chart has a column, and so have the pictures beside it; on a phone they stand below each other."""
    cells = columns_of(part.blocks)
    widths = [sum(len(group.pictures) for group in cell) if isinstance(cell, list) else cell.span for cell in cells]
    for column, width, cell in zip(st.columns(widths, gap="medium"), widths, cells, strict=True):
        with column:
            if isinstance(cell, list):
                st.html(sheet([row(cell, width, theme)], theme))
            else:
                st.html(sheet([chart_title(cell)], theme))
                show_chart(cell, theme)


def part_without_charts(part: Part, theme: Theme) -> str:
    """Pictures or a heading as HTML."""
    if isinstance(part, Lattice):
        return lattice_html(part, theme)
    if isinstance(part, str):
        return heading(part)
    return row(part.groups, part.columns, theme)


def columns_of(blocks: Sequence[PictureGroup | Chart]) -> list[Chart | list[PictureGroup]]:
    """Charts, and all pictures between two of them together."""
    cells: list[Chart | list[PictureGroup]] = []
    for block in blocks:
        if isinstance(block, Chart):
            cells.append(block)
        elif cells and isinstance(cells[-1], list):
            cells[-1].append(block)
        else:
            cells.append([block])
    return cells
