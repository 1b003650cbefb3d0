"""Which tensors matter: what the restored picture loses when one tensor alone is rounded."""

from collections.abc import Sequence

import altair as alt
import streamlit as st

from embedded.tflite.naming import PARTS, part_of_hook
from explain.app.charts.altair_charts import ROWS, Layers, Pick, Row, show
from explain.app.charts.bars import NAMES
from explain.app.charts.part_charts import columns, part_colour
from explain.app.data.board_measurements import Costs
from explain.app.url import controls
from explain.app.url.session import Context
from explain.app.views.quantization.lens_charts import decibels
from explain.app.widgets.decimals import decimal
from explain.figures import Theme
from explain.tracing.sites import label

__all__ = ["worth"]

SHOWN = 10
ROW, AROUND = 40, 80  # pixels: of a bar and its name, and of the axis and the legend


def worth(here: Context, costs: Costs, chosen: str, near: Sequence[float], first: str) -> None:
    """Shows the most costly tensors, each a link to it.

    Args:
        here: This run's context.
        costs: Measured, of all tensors.
        chosen: The tensor that is looked at now.
        near: SQNR of each on this photo, in the order of `costs`.
        first: The tensor that an address without one means.
    """
    ranked = costs.ranked
    most, least = ranked[0], min(range(len(near)), key=lambda k: near[k])
    farthest = costs.tensors[least]
    st.markdown(
        f"On {costs.pairs} pairs of frames, the float network ran with **one tensor rounded** as the board rounds it. "
        f"No tensor costs more than {most.cost:.3f} dB in the mean, nor more than "
        f"{max(each.worst for each in ranked):.2f} dB on any one picture: it had quantization-aware training (QAT). "
        f"All together, float reaches {costs.float_psnr:.2f} dB there and int8 {costs.int8_psnr:.2f} dB.\n\n"
        f"A low SQNR need not matter: on this photo the farthest from float is *{label(farthest.name)}* "
        f"({decibels(near[least])}), and rounding it alone costs {decimal(farthest.cost, 3, signed=True)} dB."
    )
    pick = Pick("tensor", "worth", lambda name: controls.put(tensor=None if name == first else name, c=None))
    show(*ranking(costs, chosen, here.theme), "The most costly tensors", pick)
    st.caption(
        f"The {SHOWN} most costly of {len(ranked)}, by `mirnet layers nano`; a diamond: the same with a real model of "
        "floats in which this one tensor is an int8. Costs do not add up, since errors may cancel."
    )


def ranking(costs: Costs, chosen: str, theme: Theme) -> tuple[Layers, list[Row]]:
    """The most costly tensors as horizontal bars, below each other's names; a diamond is the cost in a mixed model."""
    ranked = costs.ranked[:SHOWN]
    rows: list[Row] = [
        {
            "rank": rank,
            "tensor": each.name,
            "name": label(each.name),
            "part": part_of_hook(each.name),
            "cost": max(each.cost, 0.0),
            "confirmed": each.confirmed,
            "numbers": f"{decimal(each.cost, 3)} dB, worst {decimal(each.worst, 2)}",
            "text": f"{label(each.name)}: {decimal(each.cost, 3)} dB, worst picture {decimal(each.worst, 2)} dB",
            "shade": 0.14 if each.name == chosen else 0.0,
        }
        for rank, each in enumerate(ranked)
    ]
    most = max(max(each.cost, each.confirmed or 0.0) for each in ranked) or 1.0
    room = alt.Scale(domain=[0, 1.6 * most], nice=False)  # for the numbers after the longest bar
    rank = alt.Y("rank:O", axis=None)
    base = alt.Chart(ROWS).encode(rank, alt.X("cost:Q", title="cost, dB", scale=room))
    bars = base.mark_bar(size=10, yOffset=8).encode(part_colour(PARTS, theme))
    names = alt.Chart(ROWS).mark_text(
        align="left", dy=-8, x=0, limit=alt.expr("width"), color=theme.text, fontSize=NAMES
    )
    numbers = base.mark_text(align="left", dx=7, dy=8, color=theme.text, fontSize=12).encode(alt.Text("numbers:N"))
    diamonds = base.mark_point(shape="diamond", filled=True, size=70, yOffset=8, color=theme.text, opacity=1)
    named = names.encode(rank, alt.Text("name:N"))
    layers = [bars, named, numbers, diamonds.encode(alt.X("confirmed:Q")), columns(theme, rank)]
    return Layers(layers, height=ROW * len(rows) + AROUND), rows
