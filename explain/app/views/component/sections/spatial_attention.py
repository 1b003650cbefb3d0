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
    st.markdown(
        "**Which part of the photo passes?** Set a limit: in colour is what passes more than that. Click on a picture "
        "to read the gate of another pixel."
    )
    # Half of the photo passes more than the median: a start that shows something with every unit.
    limit = slide("over", "Limit of the gate", 0, 100, round(100 * float(np.median(gate))), format="%d%%") / 100
    _numbers(found, gate, limit)
    pictures = [gate_over_photo(found, "gate"), passing_over_photo(found, "gate", limit)]
    maps(found, pictures, "The gate over the photo, and the pixels that pass more than the limit", "places", "14rem")
    st.html(tint_legend(found, "gate"))
    st.caption(
        "The colour is the gate, between its 1st and 99th percentile; only the brightness is the photo's. Move the "
        "limit up slowly: which pixels go dark first?"
    )
    with st.expander("How much passes more than any limit", icon=":material/show_chart:"):
        limits = np.linspace(0, 1, 101)
        falling(limits, share_above(gate, limits), limit, found.here.theme)
        st.caption("A steep fall: nearly all pixels have the same gate.")


def _numbers(found: Looking, gate: np.ndarray, limit: float) -> None:
    share = float(share_above(gate, np.array([limit]))[0])
    here = found.number("gate")
    side = "more" if here > limit else "not more"
    st.markdown(
        f"**{share:.1%} of the photo passes more than {limit:.0%}.** The gates go from {gate.min():.4f} to "
        f"{gate.max():.4f}. At {found.place} the gate is {here:.4f}: {side} than the limit."
    )
