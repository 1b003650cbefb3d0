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
    squeezed = found.at["squeezed"].shape[-1]
    st.markdown(
        f"**The channels, the strongest gate first.** Their {found.channels} means are squeezed to {squeezed} "
        f"number{'s' * (squeezed > 1)} (the paper's 64 to 8), and from these comes a gate for each. Click on a bar to "
        "choose its channel."
    )
    sorted_gates(found, "in", "gate")
    with st.expander("One channel before and after its gate", icon=":material/compare:"):
        st.markdown(
            f"Channel {found.channel}: its mean is {decimal(found.number('descriptor'), 4)}. With the means of all "
            f"channels it leads to the logit {decimal(found.number('logits'), 4)}, of which the sigmoid makes the gate "
            f"{found.number('gate'):.4f}."
        )
        before_and_after(found, "in", "gate", "out", "channel_maps")
        st.caption("All three maps share one scale: the gate changes no pattern, the map only becomes weaker.")
