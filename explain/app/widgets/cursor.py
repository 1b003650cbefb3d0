"""A drawing with a cursor: one of many steps, chosen by a click or with the arrow keys.

Whatever in the drawing has the class `plot` is divided into as many equal columns as there are steps, and shows the
cursor. The whole drawing is one stop of the Tab key: left and right move by one step, Page Up and Page Down by ten,
Home and End lead to the ends. What is pointed at is read out at once; the server is asked when the cursor rests.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from explain.app.assets.asset_files import asset

__all__ = ["cursor"]

_cursor = st.components.v2.component(
    "mirnet.cursor",
    html='<div class="host" tabindex="0" role="slider"></div><p class="readout"></p>',
    css=asset("cursor.css"),
    js=asset("cursor.js"),
)


def cursor(html: str, label: str, words: Sequence[str], at: int, key: str, on_move: Callable[[int], None]) -> None:
    """Shows a drawing with a cursor on one of its steps.

    Args:
        html: The drawing, made by us; nothing in it may come from a visitor unescaped.
        label: What it is, for screen readers.
        words: Of each step, read out where the cursor is or the mouse points.
        at: The step that is chosen now, from 0.
        key: Names the element.
        on_move: Called with the new step, before the next run.
    """

    def moved() -> None:
        step = st.session_state[key].get("move")
        if step is not None:
            on_move(min(max(int(step), 0), len(words) - 1))

    _cursor(data={"html": html, "label": label, "words": list(words), "at": at}, key=key, on_move_change=moved)
