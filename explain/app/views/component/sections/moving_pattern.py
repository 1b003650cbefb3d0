"""The moving pattern: drawn and shrunk in the browser, so that it follows the hand without asking the server.

Nothing moves by itself. "Play" moves the pattern to and fro; whoever has asked the system for less motion gets a
button that moves it by a quarter of a pixel instead.
"""

from base64 import b64encode

import numpy as np
import streamlit as st

from explain.app.assets.asset_files import asset, rendered
from explain.app.url.controls import put
from explain.app.views.component.sections.fine_patterns import RADIUS, REST, RIM, SHIFTS, SIDE, Pattern

__all__ = ["moving"]

TITLES = {"original": "The pattern", "plain": "Every second pixel", "blurred": "Blurred before"}
TWICE = {"original": "The pattern", "plain": "Every fourth pixel", "blurred": "Blurred before, twice"}

_moving = st.components.v2.component(
    "mirnet.moving",
    html=rendered("moving.html", names=TITLES),
    css=asset("moving.css"),
    js=asset("moving.js"),
)


def moving(pattern: Pattern, factor: int, photo: np.ndarray, key: str) -> None:
    """Shows the pattern and both ways to shrink it; where it was moved to goes to the address as `shift`."""

    def moved() -> None:
        value = st.session_state[key].get("move")
        if value is not None:
            put(shift=min(max(int(value), 0), SHIFTS) or None)

    _moving(
        data={
            "kind": pattern.kind,
            "period": pattern.period,
            "angle": pattern.angle,
            "shift": pattern.shift,
            "factor": factor,
            "photo": b64encode(photo.tobytes()).decode() if pattern.kind == "photo" else "",
            "titles": TITLES if factor == 2 else TWICE,
            "side": SIDE,
            "rest": REST,
            "shifts": SHIFTS,
            "radius": RADIUS,
            "rim": RIM,
        },
        key=key,
        on_move_change=moved,
    )
