"""What one run of the page needs to know, and how a control changes it.

Streamlit runs the whole page again after every click. Each run starts in `main.py`, which reads the address into a
`Context`; controls write to the address before the next run.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from explain.app.photos import Photo
from explain.app.runner import Setup
from explain.app.state import View
from explain.app.texts import TEXTS
from explain.figures import THEMES, Theme
from model.config import MIRNetConfig

__all__ = ["HOME", "Context", "change", "context", "link", "on_change", "open_address", "show_context"]

HOME = "overview"
"""The page that is not about one kind of component."""


@dataclass(frozen=True)
class Context:
    """One run of the page.

    Attributes:
        page: `HOME` or a kind of component.
        view: What the address asks for.
        setup: Which network.
        config: Its numbers.
        photo: The photo.
    """

    page: str
    view: View
    setup: Setup
    config: MIRNetConfig
    photo: Photo

    @property
    def kind(self) -> str | None:
        """The page's kind of component, if it has one."""
        return None if self.page == HOME else self.page

    @property
    def narrow(self) -> bool:
        """Whether the window was last seen as narrow as a phone."""
        return bool(st.session_state.get("narrow", False))

    @property
    def theme(self) -> Theme:
        """The figures' colours: those of the page around them."""
        return THEMES.get(str(st.context.theme.type), THEMES["light"])


def show_context(found: Context) -> None:
    """Keeps the context for the rest of this run, and for the controls that it shows."""
    st.session_state["context"] = found


def context() -> Context:
    """The context of this run."""
    return st.session_state["context"]


def change(view: View) -> None:
    """Writes a view to the address; to be called from a control, before the next run."""
    show_context(replace(context(), view=view))  # a second control may have changed before the same run
    st.query_params.from_dict(view.params(context().kind))


def on_change(key: str, update: Callable[[View, Any], View]) -> Callable[[], None]:
    """What a control calls when its value changes.

    Args:
        key: The control's key.
        update: From the view and the control's value to the new view.
    """
    return lambda: change(update(context().view, st.session_state[key]))


def link(kind: str, **choice) -> str:
    """The address of the page about a component, relative to this page, with all else as it is now."""
    here = context()
    return f"{TEXTS[kind].path}?{urlencode(here.view.at(kind, here.config, **choice).params(kind))}"


def open_address(address: str) -> None:
    """Goes to a page by an address that `link` made, within this session."""
    path, _, query = address.partition("?")
    page = next((kind for kind, text in TEXTS.items() if text.path == path), HOME)
    st.switch_page(st.session_state["pages"][page], query_params=dict(parse_qsl(query)))
