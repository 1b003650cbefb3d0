"""The network on the board: its camera, its memory, its time, its limits, and the sketch to upload."""

import streamlit as st

from explain.app.catalog.topics import TOPICS
from explain.app.compute.board_model import fitted
from explain.app.shell.glossary_hover import headed
from explain.app.shell.network_notes import about_nano
from explain.app.url.controls import fold
from explain.app.url.session import Context, context
from explain.app.views.nano.budget_bars import fit_section
from explain.app.views.nano.camera_view import SEED, Exposure, camera_section
from explain.app.views.nano.live_section import live_section
from explain.app.views.nano.memory_step import memory_section, time_section
from explain.app.views.nano.sketch_download import sketch_section
from explain.app.widgets.python_lines import board_opening
from explain.app.widgets.take_along import take_along
from explain.figures.results.arena import draw_fit

__all__ = ["page"]


def page() -> None:
    """Shows the page of the board."""
    here = context().for_board
    headed(TOPICS[here.page])
    about_nano(here)
    with st.container(key="camera"):  # where the guided tour leads
        how = camera_section(here)
    live_section()
    with fold("memory", "Memory and time, operator by operator", "memory", here.view.extra("step") is not None):
        memory_section(here)
    with st.expander("Where the time goes", icon=":material/timer:"):
        time_section(here)
    with st.expander("What fits: RAM, flash and time against the limits", icon=":material/fit_screen:"):
        fit_section(here)
    with st.expander("Put it on your own board", icon=":material/developer_board:"):
        sketch_section()
    found = fitted()
    take_along(
        here,
        {"nano on the board": lambda theme: draw_fit(found, theme, f"nano on the {found.board.title}")},
        code=_code(here, how),
    )


def _code(here: Context, how: Exposure) -> str:
    light = f", light={2.0**-how.stops!r}" if how.stops else ""
    scene = "reference" if how.scene == "bright" and here.photo.reference is not None else "photo"
    imports = [
        "from embedded.budget.boards import NANO",
        "from embedded.camera.ov7675 import Camera",
        "from embedded.budget.fit import fit",
    ]
    return f"""\
{board_opening(here.view.photo, imports)}

camera = Camera("{how.layout}"{light})
frame = camera.capture({scene}, {SEED})  # the bytes in the board's memory
picture = camera.picture(frame)  # (120, 160, 3) uint8, what is in them
restored = emulator.restore(picture)  # what the board makes of it

found = fit(emulator.model, NANO)
plan = found.plan  # order of the operators, and where each tensor lies"""
