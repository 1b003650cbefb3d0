"""The values of a component's tensors under one pixel of the photo, and the sum or product that ends in its result."""

from decimal import Decimal
from math import prod

import streamlit as st

from explain.app.assets.asset_files import asset
from explain.app.catalog.choices import detail_site, site
from explain.app.compute.bounded_cache import kept_of_photos
from explain.app.compute.photos import Photo, brightened
from explain.app.compute.runner import hook_names, page_names, tensors
from explain.app.compute.values_at import (
    COLOURS,
    Reading,
    Term,
    readings,
    result_at,
    sum_at,
    tensor_names,
)
from explain.app.url.session import Context, link
from explain.app.views.component.sections.subject import looking
from explain.app.widgets.colour_maps import gallery
from explain.app.widgets.linked import open_linked
from explain.app.widgets.picture_urls import webp_url
from explain.app.widgets.pixel_choice import move_pixel, pixel_sliders
from explain.app.widgets.pointing import pointer, spot
from explain.app.widgets.reading_table import reading_table
from explain.cell.writing import bracketed

__all__ = ["under_pixel"]

_window = st.components.v2.component("mirnet.window", html="", js=asset("window.js"))


def under_pixel(here: Context, kind: str) -> None:
    """The section about one pixel, folded: where, the table of values, the arithmetic."""
    with st.expander("Under one pixel: every number that led to this one", icon=":material/colorize:"):
        st.markdown("Click on the photo, or move the sliders, and read what this component computed at that pixel.")
        left, right = st.columns([3, 5], gap="large")
        with left:
            _choose_pixel(here)
        with right:
            _numbers(here, kind, here.pixel, looking(here).channel)


def _choose_pixel(here: Context) -> None:
    photo = spot(
        _brightened(here.photo, here.photo.key),
        "The photo, made brighter, with cross hairs at row {}, column {}".format(*here.pixel),
        "Shown brighter than it is, so that you can find your way.",
    )
    pointer(gallery([photo]), "The photo", here.photo.size, here.pixel, "picker", move_pixel)
    pixel_sliders(here, st, st)
    _window(data={"narrow": here.narrow}, key="window", on_narrow_change=_narrowed)


def _narrowed() -> None:
    st.session_state["narrow"] = bool(st.session_state["window"].get("narrow"))


def _numbers(here: Context, kind: str, pixel: tuple[int, int], channel: int) -> None:
    where, size = detail_site(kind, here.view.choice), here.photo.size
    names = tensor_names(kind, here.config, where)
    # All of it: the figure has it in memory.
    cache = tensors(here.setup, here.photo, page_names(hook_names(here.setup), kind, site(kind, here.view.choice)))
    rows = readings(cache, names, where, pixel, size, channel)
    st.markdown(_intro(kind, pixel, channel, here.view.channel))
    open_linked(reading_table(rows, _cell), key="numbers")
    for colour in range(3) if kind == "mirnet" else (channel,):
        text = rf"\text{{{COLOURS[colour]}}}:\quad " if kind == "mirnet" else ""
        terms = sum_at(kind, cache, where, pixel, size, colour)
        name = "output" if kind == "mirnet" else "out"
        st.latex(text + _equation(terms, name, result_at(cache, where, pixel, size, colour)))


def _cell(row: Reading) -> str:
    """Where the arithmetic behind a number is shown."""
    y, x, c = row.cell
    return link("cell", {"tensor": row.tensor, "y": y, "x": x, "c": c})


def _intro(kind: str, pixel: tuple[int, int], channel: int, chosen: int | None) -> str:
    features = "features: " if kind == "mirnet" else ""  # the photos have three colours, all of them shown
    text = f"Row {pixel[0]}, column {pixel[1]}, {features}channel {channel}"
    return f"**{text}{' (choose another one under *Show*)' if chosen is None else ''}**"


def _equation(terms: list[Term], name: str, result: float) -> str:
    r"""`0.31 + 0.04 = 0.35` with the name of each number below it; `\approx` where the printed digits do not add up."""
    parts = [
        r" \cdot ".join(
            rf"\underset{{{symbol}}}{{{bracketed(format(value, '.4f'))}}}" for symbol, value in term.factors
        )
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


@kept_of_photos(100)
def _brightened(_photo: Photo, key: str) -> str:
    """The address of the photo, made brighter; `key` is its fingerprint, to find an earlier picture."""
    return webp_url((255 * brightened(_photo.pixels)).astype("uint8"))
