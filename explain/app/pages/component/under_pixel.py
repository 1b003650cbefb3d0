"""The values of a component's tensors under one pixel of the photo, and the sum or product that ends in its result."""

from dataclasses import replace
from decimal import Decimal
from math import prod

import numpy as np
import streamlit as st

from explain.app.catalog.choices import channels, detail_site, site
from explain.app.compute.photos import Photo
from explain.app.compute.runner import hook_names, page_names, tensors
from explain.app.compute.values_at import (
    COLOURS,
    Reading,
    Term,
    default_channel,
    readings,
    result_at,
    sum_at,
    tensor_names,
)
from explain.app.url.session import Context, change, context, link, open_address
from explain.app.widgets.linked import linked, picker
from explain.app.widgets.photo_grid import photo_url
from explain.app.widgets.reading_table import reading_table

__all__ = ["under_pixel"]


def under_pixel(here: Context, kind: str) -> None:
    """The section about one pixel: where, the table of values, the arithmetic."""
    height, width = here.photo.size
    pixel = here.view.pixel or (height // 2, width // 2)
    channel = default_channel(here.view.channel, channels(kind, here.config, here.view.choice))
    st.subheader("Under one pixel", anchor=False)
    st.markdown("Click on the photo, or move the sliders, and read what this component computed at that place.")
    left, right = st.columns([3, 5], gap="large")
    with left:
        _choose_pixel(here, pixel)
    with right:
        _numbers(here, kind, pixel, channel)


def _choose_pixel(here: Context, pixel: tuple[int, int]) -> None:
    picker(
        _brightened(here.photo, here.photo.key),
        f"The photo, made brighter, with cross hairs at row {pixel[0]}, column {pixel[1]}",
        here.photo.size,
        pixel,
        here.narrow,
        key="picker",
        on_pick=_picked,
        on_narrow=_narrowed,
    )
    st.caption("Shown brighter than it is, so that you can find your way.")
    for name, at, count in (("row", pixel[0], here.photo.size[0]), ("col", pixel[1], here.photo.size[1])):
        st.session_state[name] = at
        st.slider(
            "Row" if name == "row" else "Column",
            0,
            count - 1,
            key=name,
            on_change=lambda: change(replace(context().view, pixel=(st.session_state["row"], st.session_state["col"]))),
        )


def _picked() -> None:
    place = st.session_state["picker"].get("pick")
    if place:
        (height, width), row, col = context().photo.size, int(place["row"]), int(place["col"])
        change(replace(context().view, pixel=(min(max(row, 0), height - 1), min(max(col, 0), width - 1))))


def _narrowed() -> None:
    st.session_state["narrow"] = bool(st.session_state["picker"].get("narrow"))


def _numbers(here: Context, kind: str, pixel: tuple[int, int], channel: int) -> None:
    where, size = detail_site(kind, here.view.choice), here.photo.size
    names = tensor_names(kind, here.config, where)
    known = page_names(
        hook_names(here.setup), kind, site(kind, here.view.choice)
    )  # all of it: the figure has it in memory
    cache = tensors(here.setup, here.photo, known)
    rows = readings(cache, names, where, pixel, size, channel)
    st.markdown(_intro(kind, pixel, channel, here.view.channel))
    address = linked(reading_table(rows, _cell), key="numbers")
    if address:
        open_address(address)
    for colour in range(3) if kind == "mirnet" else (channel,):
        words = rf"\text{{{COLOURS[colour]}}}:\quad " if kind == "mirnet" else ""
        terms = sum_at(kind, cache, where, pixel, size, colour)
        name = "output" if kind == "mirnet" else "out"
        st.latex(words + _equation(terms, name, result_at(cache, where, pixel, size, colour)))


def _cell(row: Reading) -> str:
    """Where the arithmetic behind a number is shown."""
    y, x, c = row.cell
    return link("cell", {"tensor": row.tensor, "y": y, "x": x, "c": c})


def _intro(kind: str, pixel: tuple[int, int], channel: int, chosen: int | None) -> str:
    features = "features: " if kind == "mirnet" else ""  # the photos have three colours, all of them shown
    words = f"Row {pixel[0]}, column {pixel[1]}, {features}channel {channel}"
    return f"**{words}{' (choose another one under *Show*)' if chosen is None else ''}**"


def _equation(terms: list[Term], name: str, result: float) -> str:
    r"""`0.31 + 0.04 = 0.35` with the name of each number below it; `\approx` where the printed digits do not add up."""
    parts = [
        r" \cdot ".join(rf"\underset{{{symbol}}}{{{_number(value)}}}" for symbol, value in term.factors)
        for term in terms
    ]
    equals, total = _relation(terms, result), rf"\underset{{\text{{{name}}}}}{{{result:.4f}}}"
    if len(parts) > 2:  # one below the other: a phone is narrow
        terms_below = r" \\ + & ".join(parts)
        return rf"\begin{{aligned}} & {terms_below} \\ {equals} & {total} \end{{aligned}}"
    return f"{' + '.join(parts)} {equals} {total}"


def _relation(terms: list[Term], result: float) -> str:
    printed = sum(prod(Decimal(f"{value:.4f}") for _, value in term.factors) for term in terms)
    return "=" if printed == Decimal(f"{result:.4f}") else r"\approx"


def _number(value: float) -> str:
    return f"{value:.4f}" if value >= 0 else f"({value:.4f})"


@st.cache_data(max_entries=100, show_spinner=False)
def _brightened(_photo: Photo, key: str) -> str:
    """A dark photo with its brightest hundredth at white, and its shadows lifted: to find one's way, nothing more.

    Args:
        _photo: The photo.
        key: Its fingerprint; the photo itself is not looked at to find an earlier picture.

    Returns:
        An address that holds it.
    """
    white = max(float(np.percentile(_photo.pixels, 99)), 1.0)
    lifted = np.clip(_photo.pixels / white, 0, 1) ** 0.7
    return photo_url((255 * lifted).astype("uint8"))
