"""The section of the multi-scale residual block's page: a public mistake in the merge, and what it costs."""

import streamlit as st

from explain.app.catalog.choices import Choice
from explain.app.compute.runner import facts_about
from explain.app.data.merge_mistake import MergeMistake, merge_mistake
from explain.app.url.session import Context
from explain.app.views.component.facts import facts_of

__all__ = ["mrb", "wasted"]

RIGHT = "merged = skff(stream_1, stream_2, stream_3)"
WRONG = "merged = skff(stream_1, stream_3, stream_3)"


def mrb(here: Context) -> None:
    """Shows the mistake, folded, so that it can be looked for first; only where there are three streams."""
    if here.config.streams != 3 or here.config.columns != 2:
        return
    with st.expander("Spot the bug: the merge of a widely read version", icon=":material/bug_report:"):
        st.code(WRONG, language="python", wrap_lines=True)
        cost = merge_mistake() if facts_about(here.setup).is_desk else None
        st.markdown(
            f"The last merge of the Keras example. It takes stream 3 twice and drops stream 2: all that leads there "
            f"after column 1, **{wasted(here):.0%} of the block's multiply–accumulates**, is computed for nothing. "
            f"Nothing fails, and no shape is wrong. {_cost(cost) if cost else ''}"
        )
        st.code(RIGHT, language="python", wrap_lines=True)


def _cost(found: MergeMistake) -> str:
    low, high = min(found.losses), max(found.losses)
    return (
        f"With `desk`'s weights as they are, the six samples lose **{found.loss:.2f} dB** in the mean ({low:.2f} to "
        f"{high:.2f}): its merge has learned to expect stream 2 there. A network trained like that can learn to do "
        "without; what it reaches then was not measured."
    )


def wasted(here: Context) -> float:
    """The share of the block's multiply–accumulates that only stream 2 after column 1 needs, from 0 to 1."""
    photo = here.photo.size
    parts = (
        ("down", Choice(place="exchange", stream=1, to=2)),
        ("up", Choice(place="exchange", stream=3, to=2)),
        ("skff", Choice(place="exchange", stream=2)),
        ("dau", Choice(place="column_2", stream=2)),
        ("up", Choice(place="merge", stream=2, to=1)),
    )
    spent = sum(facts_of(here.setup, kind, choice, photo).macs for kind, choice in parts)
    return spent / facts_of(here.setup, "mrb", Choice(), photo).macs
