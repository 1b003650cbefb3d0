"""The photo's pixel that a page looks at: two sliders for it, and how a control moves it."""

from dataclasses import replace
from typing import Any

import streamlit as st

from explain.app.url.session import Context, change, context

__all__ = ["move_pixel", "pixel_sliders"]


def move_pixel(pixel: tuple[int, int]) -> None:
    """Writes the pixel (row, column) to the address; to be called from a control, before the next run."""
    change(replace(context().view, pixel=pixel))


def pixel_sliders(here: Context, rows: Any, columns: Any) -> None:
    """Shows two sliders: for the row in the container `rows`, for the column in `columns`; `st` will do for both."""
    (row, column), (height, width) = here.pixel, here.photo.size
    st.session_state["row"], st.session_state["col"] = row, column
    rows.slider("Row", 0, height - 1, key="row", on_change=_slid)
    columns.slider("Column", 0, width - 1, key="col", on_change=_slid)


def _slid() -> None:
    move_pixel((st.session_state["row"], st.session_state["col"]))
