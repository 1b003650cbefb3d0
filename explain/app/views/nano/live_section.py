"""The live part on the page of the board: the generated C in the visitor's own browser."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
import streamlit.components.v1 as components

from explain.app.live.live_files import live_files, write_files
from explain.app.live.network_data import LiveNetwork

__all__ = ["live_section"]


def live_section() -> None:
    """Shows the live part when it is asked for: it is 2 MB, and takes a few seconds to be made once."""
    st.markdown(
        "**Live, in your browser:** the same C, compiled to WebAssembly, on a photo or your webcam, with the bytes of "
        "the emulated board. Nothing leaves your browser."
    )
    if not st.toggle("Run it here", key="live"):
        return
    with st.spinner("Getting the live part ready …"):
        show = _component()
    show(key="live_part", default=None)


@cache
def _component() -> Callable[..., Any]:
    """The live part as a component of Streamlit: a folder of files, shown in an iframe that may use the webcam."""
    write_files(Path(_folder().name), live_files(LiveNetwork()))
    return components.declare_component("mirnet_live", path=_folder().name)


@cache
def _folder() -> tempfile.TemporaryDirectory:
    """Deleted when this process ends."""
    return tempfile.TemporaryDirectory(prefix="mirnet-live-")
