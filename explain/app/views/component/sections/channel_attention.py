"""Channel attention's page: the gates in order, to choose from, and what the chosen one does."""

import streamlit as st

from explain.app.url.session import Context
from explain.app.views.component.sections.gate_order import before_and_after, sorted_gates
from explain.app.views.component.sections.subject import looking
from explain.app.widgets.decimals import decimal

__all__ = ["channel_attention"]


def channel_attention(here: Context) -> None:
    """Shows the gates in order, and the chosen channel before and after its gate."""
    found = looking(here)
    st.subheader("The channels, the strongest gate first", anchor=False)
    st.markdown(
        "Do the channels that pass most have something in common? Point at a bar to read its gate; a click "
        "chooses the channel for the whole page."
    )
    sorted_gates(found, "in", "gate")
    st.subheader("One channel before and after its gate", anchor=False)
    st.markdown(
        f"The mean of channel {found.channel} over the picture is {decimal(found.number('descriptor'), 4)}. Mixed "
        f"with the means of all channels it leads to the logit {decimal(found.number('logits'), 4)}, and the "
        f"sigmoid makes the gate {found.number('gate'):.4f} of it: one number for the whole map."
    )
    before_and_after(found, "in", "gate", "out", "channel_maps")
    st.caption(
        "All three maps share one scale. The gate changes no pattern: the map after it is the same, only weaker. "
        "Click on a map, or move with the arrow keys, to read another pixel."
    )
