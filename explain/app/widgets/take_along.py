"""What a visitor takes home from a page: its figures and tensors as files, its numbers as Python, its address.

Nothing is drawn or gathered before somebody clicks.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO

import numpy as np
import streamlit as st
from matplotlib.figure import Figure

from explain.app.compute.runner import tensors as run
from explain.app.url.controls import choose
from explain.app.url.session import Context, address, context
from explain.app.url.state import UPLOAD, read_number
from explain.app.url.teacher import shown
from explain.app.widgets.figure_files import drawn
from explain.figures import Theme

__all__ = ["npy", "take_along", "taken"]

MIME = {"png": "image/png", "svg": "image/svg+xml"}


def take_along(
    here: Context,
    figures: Mapping[str, Callable[[Theme], Figure]] = {},
    tensors: Sequence[str] = (),
    code: str = "",
) -> None:
    """Shows "Take it with you" at the end of a page.

    Args:
        here: This run's context.
        figures: A figure's title, which also names its files, to what draws it in a theme. It is called in a thread
            of its own when its button is clicked, so it may not use Streamlit, but `runner.tensors` is fine.
        tensors: Hook names; those inside a block must be of one block. They can be had as .npy files.
        code: Python that gives the same numbers; see `explain.app.widgets.python_lines`.
    """
    if not shown("take"):
        return
    chosen = taken(tensors)
    with st.expander("Take it with you", expanded=here.view.extra("take") is not None, icon=":material/download:"):
        for title, draw in figures.items():
            _figure(here, title, draw)
        if chosen is not None:
            _tensor(here, tensors, chosen)
        if code:
            st.markdown("**The same in Python**, where this package is installed:")
            st.code(code, language="python", wrap_lines=True)
        st.markdown("**The address** of just this view:")
        st.code(address(), language=None, wrap_lines=True)
        if here.view.photo == UPLOAD:
            st.caption("It cannot carry your own photo, which never leaves this session: others will see a sample.")


def taken(tensors: Sequence[str]) -> str | None:
    """The tensor that the address asks for, of those that the page offers: the last one by default.

    The address has its index and not its name, so that a change of the component leads to the tensor that corresponds.
    """
    place = read_number(context().view.extra("take") or "", 0, len(tensors) - 1)  # the control tells of a wrong one
    return tensors[-1 if place is None else place] if tensors else None


def npy(array: np.ndarray) -> bytes:
    """A tensor as the content of a .npy file."""
    content = BytesIO()
    np.save(content, array)
    return content.getvalue()


def _indices(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(str, range(len(names))))


def _figure(here: Context, title: str, draw: Callable[[Theme], Figure]) -> None:
    theme, stem = here.theme, f"{_file_name(title)}-{_file_name(here.view.photo)}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{title}**", width="content")
        for kind, mime in MIME.items():
            st.download_button(
                kind.upper(),
                partial(drawn, partial(draw, theme), kind),
                f"{stem}.{kind}",
                mime,
                key=f"take_{kind}_{stem}",
                help=f"{title} as {kind.upper()}, in the colours of the {theme.name} theme",
                on_click="ignore",
                icon=":material/download:",
            )


def _tensor(here: Context, names: Sequence[str], chosen: str) -> None:
    setup, photo = here.setup, here.photo
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        choose("take", "Any tensor of this page", _indices(names), _indices(names)[-1], lambda place: names[int(place)])
        st.download_button(
            "NPY",
            # All names: that run is in memory, since the page needed it.
            lambda: npy(run(setup, photo, names)[chosen]),
            f"{_file_name(chosen)}-{_file_name(here.view.photo)}.npy",
            "application/octet-stream",
            key="take_npy",
            help="float32, read it with numpy.load",
            on_click="ignore",
            icon=":material/download:",
        )


def _file_name(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
