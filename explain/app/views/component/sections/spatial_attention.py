"""Spatial attention's page: the gate over the photo, and which part of the photo passes more than so much."""

import numpy as np
import streamlit as st

from explain.app.charts.curve import falling
from explain.app.url.controls import slide
from explain.app.url.session import Context
from explain.app.views.component.gate_passing import share_above
from explain.app.views.component.sections.gate_over_photo import gate_over_photo, passing_over_photo, tint_legend
from explain.app.views.component.sections.subject import Looking, looking, maps

__all__ = ["spatial_attention"]


def spatial_attention(here: Context) -> None:
    """Shows which part of the photo passes more than a limit."""
    found = looking(here)
    gate = found.at["gate"]
    st.subheader("Which part of the photo passes?", anchor=False)
    st.markdown(
        "Set a limit, with the mouse or the arrow keys: in colour is what passes more than that, in dark grey the "
        "rest. Click on a picture, or move with the arrow keys, to read the gate of another pixel."
    )
    # Half of the photo passes more than the median: a start that shows something with every unit.
    limit = slide("over", "Limit of the gate", 0, 100, round(100 * float(np.median(gate))), format="%d%%") / 100
    _numbers(found, gate, limit)
    pictures = [gate_over_photo(found, "gate"), passing_over_photo(found, "gate", limit)]
    maps(found, pictures, "The gate over the photo, and the pixels that pass more than the limit", "places", "14rem")
    st.html(tint_legend(found, "gate"))
    st.caption(
        "Move the limit up slowly: which pixels go dark first? Pixels in the dark, in flat parts, on edges? The "
        "colour is the gate, only the brightness is the photo's. The two colours end at the 1st and the 99th "
        "percentile of the gates."
    )
    limits = np.linspace(0, 1, 101)
    falling(limits, share_above(gate, limits), limit, found.here.theme)
    st.caption(
        "For every limit (across), the share of the photo that passes more than it (up). A steep fall means that "
        "nearly all pixels have the same gate."
    )


def _numbers(found: Looking, gate: np.ndarray, limit: float) -> None:
    share = float(share_above(gate, np.array([limit]))[0])
    here = found.number("gate")
    side = "more" if here > limit else "not more"
    st.markdown(
        f"**{share:.1%} of the photo passes more than {limit:.0%}.** The gates go from {gate.min():.4f} to "
        f"{gate.max():.4f}, with a mean of {gate.mean():.4f} and a median of {np.median(gate):.4f}. At {found.place} "
        f"the gate is {here:.4f}: {side} than the limit."
    )
