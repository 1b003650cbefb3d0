"""The dual attention unit's page: its channel gates in order, its spatial gate over the photo, and what passes."""

import streamlit as st

from explain.app.charts.bars import Span, spans
from explain.app.url.controls import choose
from explain.app.url.session import Context
from explain.app.views.component.gate_passing import passing
from explain.app.views.component.sections.gate_order import before_and_after, sorted_gates
from explain.app.views.component.sections.gate_over_photo import gate_over_photo, tint_legend
from explain.app.views.component.sections.subject import Looking, looking

__all__ = ["dau"]

GATES = {"spatial": "the spatial gate", "channel": "the channel gates"}


def dau(here: Context) -> None:
    """Shows the gates in order, a channel before and after gating, and how much passes."""
    found = looking(here)
    _changed(found)
    with st.expander("Which channels pass: the strongest gate first", icon=":material/bar_chart:"):
        sorted_gates(found, "body", "channel/gate")
    with st.expander("How much of the body passes", icon=":material/filter_alt:"):
        _passed(found)


def _changed(found: Looking) -> None:
    st.markdown(
        "The **body**, what the convolutions propose, goes through both gates side by side. Choose one, and compare a "
        "channel before and after it. Click on a picture to read another pixel."
    )
    gate = choose("gate", "Gate", tuple(GATES), "spatial", GATES.__getitem__, kind=st.segmented_control, required=True)
    over = gate_over_photo(found, "spatial/gate")
    before_and_after(
        found, "body", f"{gate}/gate", f"{gate}/out", "gated_maps", [over], tint_legend(found, "spatial/gate")
    )
    st.caption(
        "The three maps share one scale. The spatial gate holds back positions, the same ones in every channel: blue "
        "in the first picture passes least, yellow most."
        if gate == "spatial"
        else "The three maps share one scale. The channel gate is one number for the whole map: the pattern stays, and "
        "only its strength changes."
    )


def _passed(found: Looking) -> None:
    seen, theme = passing(found.at), found.here.theme
    rows = [
        ("body", seen.body, theme.muted),
        ("× spatial gate", seen.by_pixel, theme.streams[0]),
        ("× channel gates", seen.by_channel, theme.streams[1]),
        ("both merged by 1×1: what is added", seen.merged, theme.streams[2]),
    ]
    shares = [
        Span(name, 0.0, seen.of_body(part), f"{part:.4f} · {seen.of_body(part):.1%}", colour)
        for name, part, colour in rows
    ]
    spans(shares, "Strength inside the unit", theme)
    st.caption(
        "Strength is the root mean square over all positions and channels. The merging convolution has weights of its "
        f"own, so it may make more of what passed. In the end the unit changes its input (strength {seen.before:.4f}) "
        f"by {seen.change:.1%}."
    )
