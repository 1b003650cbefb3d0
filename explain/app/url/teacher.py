"""What a teacher hides from a class: the address says it, so a link carries it.

`hide=menu,formula` leaves out two parts of the page. A part asks `shown("formula")` whether it is wanted.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from explain.app.url.controls import put
from explain.app.url.session import address, context
from explain.app.url.state import View, quoted

__all__ = ["PARTS", "for_teachers", "hidden", "show_all", "shown", "strange_parts"]

PARTS: Mapping[str, str] = {
    "menu": "the menu, and the link to the next page",
    "photo": "the choice of the photo",
    "choose": "the choice of the component and the channel",
    "formula": "the formula",
    "promises": "the contract with its check marks",
    "numbers": "the numbers under one pixel",
    "tour": "the guided tour",
    "take": "“Take it with you”",
}
"""Names of the parts, as the address has them, and what the page calls them."""


def hidden() -> tuple[str, ...]:
    """The parts that the address hides, in the order of `PARTS`."""
    wanted = _wanted(context().view)
    return tuple(part for part in PARTS if part in wanted)


def shown(part: str) -> bool:
    """Whether a part of the page is to be shown."""
    return part not in hidden()


def strange_parts(view: View) -> list[str]:
    """A sentence on each part to hide that no page has."""
    listed = ", ".join(PARTS)
    return [f"There is no part {quoted(part)} to hide, only {listed}." for part in _wanted(view) if part not in PARTS]


def for_teachers() -> None:
    """A check mark for each part, and the link that carries them."""
    off = hidden()
    with st.sidebar.expander("For teachers", icon=":material/school:"):
        st.markdown("Make a link for your class: this page, this photo, these settings, but **without**")
        for part, text in PARTS.items():
            key = f"hide_{part}"
            st.session_state[key] = part in off
            st.checkbox(text, key=key, on_change=_flip(part))
        st.markdown("Your link:")
        st.code(address(), language=None, wrap_lines=True)
        st.caption(
            "It opens just what you see now. Nobody is locked in: *Show all* at the foot of the page brings "
            "everything back. Your own photo cannot travel in a link."
        )


def show_all() -> None:
    """At the foot of a page that hides something: the button that shows all of it."""
    if hidden():
        st.button(
            "Show all",
            key="show_all",
            type="tertiary",
            icon=":material/visibility:",
            help="This link hides some parts of the page.",
            on_click=lambda: put(hide=None),
        )


def _wanted(view: View) -> list[str]:
    """What the address says, each part once."""
    return list(dict.fromkeys(part for part in (view.extra("hide") or "").split(",") if part))


def _flip(part: str) -> Callable[[], None]:
    def flip() -> None:
        on = st.session_state[f"hide_{part}"]
        off = [name for name in PARTS if (on if name == part else not shown(name))]
        put(hide=",".join(off) or None)

    return flip
