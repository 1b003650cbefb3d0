"""What one run of the page needs to know, and how a control changes it.

Streamlit runs the whole page again after every click. Each run starts in `main.py`, which reads the address into a
`Context`; controls write to the address before the next run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from explain.app.catalog.choices import FIELDS, fields, opening
from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import EVERYWHERE, TOPICS, extras_of
from explain.app.compute.photos import Photo
from explain.app.compute.runner import Setup
from explain.app.photo_checks import lively_pixel
from explain.app.url.state import View
from explain.figures import THEMES, Theme
from model.config import MIRNetConfig

__all__ = [
    "HOME",
    "Context",
    "address",
    "change",
    "context",
    "link",
    "on_change",
    "open_address",
    "page_path",
    "page_view",
    "show_context",
]

HOME = "overview"
"""The page that is not about one kind of component."""


@dataclass(frozen=True)
class Context:
    """One run of the page.

    Attributes:
        page: `HOME`, a kind of component, or one of the topics.
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
        return self.page if self.page in TEXTS else None

    @property
    def pixel(self) -> tuple[int, int]:
        """(row, column) in the photo: the chosen one, or one on an edge, where there is something to see."""
        height, width = self.photo.size
        if self.view.pixel is None and self.view.lively:
            return lively_pixel(self.photo.pixels, self.photo.key)
        return self.view.pixel or (height // 2, width // 2)

    @property
    def for_board(self) -> "Context":
        """The same with the photo that is put before the board's camera."""
        return replace(self, photo=self.photo.for_board)

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


def page_path(page: str) -> str:
    """Last part of a page's address."""
    return "" if page == HOME else (TEXTS | TOPICS)[page].path


def page_view(page: str, extras: Mapping[str, str | int | None] | None = None, **choice) -> dict[str, str]:
    """The query parameters that lead to a page with all else as it is now.

    Args:
        page: `HOME`, a kind of component, or one of the topics.
        extras: What the page's address holds beside the photo and the component; None takes one out.
        **choice: Which component, see `Choice`.
    """
    here = context()
    kind = page if page in TEXTS else None
    view = here.view.at(kind, here.config, **(_opening(here, kind) | choice)) if kind else here.view
    return view.with_extras(extras_of(page) if page == here.page else EVERYWHERE, **(extras or {})).params(kind)


def _opening(here: Context, kind: str) -> dict[str, int | str]:
    """Where another page opens as to what the page in hand does not let choose."""
    known = {*FIELDS[:2], *(fields(here.kind) if here.kind else ())}
    return (
        {name: getattr(opening(kind), name) for name in fields(kind) if name not in known} if here.view.lively else {}
    )


def link(page: str, extras: Mapping[str, str | int | None] | None = None, **choice) -> str:
    """The address of a page, relative to this page; see `page_view`."""
    return f"{page_path(page)}?{urlencode(page_view(page, extras, **choice), safe='/~')}"


def address(**extras: str | None) -> str:
    """The whole address of this view, to be copied, with other values for some of the extras; None takes one out."""
    here = context()
    kept = {name: value for name, value in here.view.params(here.kind).items() if name not in extras}
    query = urlencode(kept | {name: value for name, value in extras.items() if value is not None}, safe="/,")
    return f"{st.context.url or ''}?{query}"


def open_address(address: str) -> None:
    """Goes to a page by an address that `link` made, within this session."""
    path, _, query = address.partition("?")
    page = next((name for name, text in (TEXTS | TOPICS).items() if text.path == path), HOME)
    params = dict(parse_qsl(query))
    if page == context().page:  # Streamlit does not write the address when the page stays the same
        st.query_params.from_dict(params)
        st.rerun()
    st.switch_page(st.session_state["pages"][page], query_params=params)
