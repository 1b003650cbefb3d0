"""What a page's address holds beside the photo and the component: read it, write it, and controls that do both.

    stage = option("stage", names, default=names[0])       # what the address says, if it makes sense
    choose("stage", "Stage", names, default=names[0])       # a control for it; the next run reads the new value
    slide("row", "Row", 0, 99, default=50)
    flip("bug", "The public mistake")

A page may use the names that `explain.app.catalog.topics` gives it. What equals its default is left out of the
address. As everywhere in the page, an address that makes no sense gets a default and a sentence, never an error.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from explain.app.url.session import change, context
from explain.app.url.state import quoted, read_number

__all__ = ["choose", "flag", "flip", "fold", "number", "option", "put", "slide"]


def option(name: str, valid: Sequence[str], default: str) -> str:
    """One of `valid`, as the address has it; `default` without one, or with a note for a wrong one."""
    wanted = context().view.extra(name)
    if wanted is None or wanted in valid:
        return default if wanted is None else wanted
    listed = ", ".join(valid[:8]) + (", …" if len(valid) > 8 else "")
    _note(f"There is no {name} {quoted(wanted)} here, only {listed}: showing {default}.")
    return default


def number(name: str, low: int, high: int, default: int) -> int:
    """An integer within [low, high], as the address has it."""
    wanted = context().view.extra(name)
    if wanted is None:
        return default
    found = read_number(wanted, low, high)
    if found is None:
        _note(f"The address wants {name} to be {quoted(wanted)}; it goes from {low} to {high}: showing {default}.")
    return default if found is None else found


def flag(name: str) -> bool:
    """Whether the address says `name=yes`."""
    return context().view.extra(name) == "yes"


def put(**values: str | int | bool | None) -> None:
    """Writes to the address; to be called from a control, before the next run. None and False take a name out."""
    view = context().view
    kept = {name: value for name, value in view.extras if name not in values}
    # Compared by identity, since to Python the number 0 equals False.
    new = {
        name: "yes" if value is True else str(value)
        for name, value in values.items()
        if value is not None and value is not False
    }
    change(replace(view, extras=tuple((kept | new).items())))


def choose(
    name: str,
    label: str,
    valid: Sequence[str],
    default: str,
    label_of: Callable[[str], str] = str,
    kind: Callable[..., Any] = st.selectbox,
    **more,
) -> str:
    """A control to choose one of some, kept in the address.

    Args:
        name: In the address.
        label: For people.
        valid: What there is.
        default: What an address without the name means.
        label_of: An option to what the page calls it.
        kind: `st.selectbox`, `st.segmented_control`, `st.pills`, `st.radio` or `st.select_slider`.
        **more: Handed to the control.

    Returns:
        What is chosen.
    """
    key = f"extra_{name}"
    st.session_state[key] = chosen = option(name, valid, default)
    kind(label, valid, format_func=label_of, key=key, on_change=_write(name, key, default), **more)
    return chosen


def slide(name: str, label: str, low: int, high: int, default: int, **more) -> int:
    """A slider over integers, kept in the address; gives its value. `more` is handed to `st.slider`."""
    key = f"extra_{name}"
    st.session_state[key] = chosen = number(name, low, high, default)
    st.slider(label, low, high, key=key, on_change=_write(name, key, default), **more)
    return chosen


def flip(name: str, label: str, **more) -> bool:
    """A switch, kept in the address; gives whether it is on. `more` is handed to `st.toggle`."""
    key = f"extra_{name}"
    st.session_state[key] = on = flag(name)
    st.toggle(label, key=key, on_change=_write(name, key, False), **more)
    return on


def fold(name: str, label: str, icon: str, asked: bool = False) -> Any:
    """A folded part of a page, which the address opens where it asks for something inside; it then stays open.

    Args:
        name: Of the part, as no other has it.
        label: For people.
        icon: As Streamlit names it, without its colons.
        asked: Whether the address asks for it.
    """
    key = f"unfolded_{name}"
    st.session_state[key] = opened = asked or st.session_state.get(key, False)
    return st.expander(label, expanded=opened, icon=f":material/{icon}:")


def _write(name: str, key: str, default) -> Callable[[], None]:
    def write() -> None:
        value = st.session_state[key]
        put(**{name: None if value is None or value == default else value})

    return write


def _note(text: str) -> None:
    st.info(text, icon=":material/link_off:")
