"""What the pages about attention share: the gates of the channels in order, and one channel before and after a gate."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import streamlit as st

from explain.app.charts.altair_charts import ROWS, Layers, Pick, show
from explain.app.charts.bars import band, dashed
from explain.app.url.controls import flip
from explain.app.views.component.sections.subject import Looking, choose_channel, maps
from explain.app.widgets.colour_maps import legend
from explain.app.widgets.decimals import decimal
from explain.app.widgets.pointing import spot
from explain.app.widgets.small_pictures import map_url, thumbnails
from explain.figures import Theme
from explain.figures.components.attention import HARDLY
from explain.figures.kit.feature_maps import signed_scale

__all__ = ["before_and_after", "sorted_gates"]

MAP, NARROWEST = 36, 46  # pixels: of a channel's map below its bar, and of the room for both
SMALL_MAP, SMALL_ROOM = 20, 24  # where there are many, or on a phone: the first and the last are seen at once
MANY = 20  # channels
ENDS = 5  # of the strongest, and of the weakest, on a phone
MARGIN = 0.08  # of the differences, left free below the weakest and above the strongest


def sorted_gates(found: Looking, features: str, gate: str) -> None:
    """All channels of `features` from the strongest gate to the weakest, each with its picture; a click chooses one."""
    gates, theme = found.at[gate][0, 0, 0], found.here.theme
    order = np.argsort(-gates, kind="stable")
    count, left_out = len(order), ""
    if found.here.narrow and count > 2 * ENDS:  # a phone shows the first and the last beside one another
        order = np.concatenate([order[:ENDS], order[-ENDS:]])
        left_out = f" The {count - 2 * ENDS} channels between are left out."
    small = len(order) > MANY or found.here.narrow
    low, high = float(gates.min()), float(gates.max())
    zoom = flip("zoom", "Zoom in on the differences")
    digits = 4 if high - low < 0.01 else 3
    margin = max(high - low, 1e-6) * MARGIN
    ends = (low - margin, high + margin) if zoom else (0.0, 1.0)
    axis = f"{ends[0]:.{digits}f} to {ends[1]:.{digits}f}" if zoom else "0 to 1"
    pictures = thumbnails(found.at[features][0], theme.signed)
    rows = [
        {
            "channel": int(c),
            "gate": float(gates[c]),
            "number": f"{rank if rank <= ENDS else rank + count - len(order)} of {count}",
            "label": f"{gates[c]:.{2 if len(order) > MANY else 3}f}|{c}" if small else f"{gates[c]:.{digits}f}|ch. {c}",
            "map": pictures[c],
            "chosen": int(c) == found.channel,
        }
        for rank, c in enumerate(order, 1)
    ]
    room = (SMALL_ROOM if small else NARROWEST) * len(order)
    with st.container(key="gates_row"):
        label = f"Gates of the channels, the strongest first: from {high:.5f} to {low:.5f}"
        show(_gates(ends, theme, small), rows, label, Pick("channel", "gates", choose_channel))
    st.html(f"<style>.st-key-gates_row {{ overflow-x: auto }} .st-key-gates {{ min-width: {room}px }}</style>")
    st.html(legend(theme.signed, "below 0", "above 0"))
    st.caption(
        f"Below each bar: its channel's map, its gate, its number. Dashed: 0.5, where half passes; the axis goes from "
        f"{axis}.{left_out} {_verdict(low, high)}"
    )


def _gates(ends: tuple[float, float], theme: Theme, small: bool = False) -> alt.Chart | Layers:
    """A bar for each channel from the first to the second of `ends`, its map, its gate and its number below."""
    side = SMALL_MAP if small else MAP
    split = "split(datum.label, '|')"
    letters: dict[str, Any] = {"labelFontSize": 9} if small else {}
    text = alt.Axis(offset=side + 6, labelExpr=split, ticks=False, domain=False, labelOverlap=False, **letters)
    base = alt.Chart(ROWS).encode(
        alt.X("label:O", sort=None, title=None, axis=text, scale=alt.Scale(padding=0.06)),
        tooltip=[alt.Tooltip("channel:O"), alt.Tooltip("gate:Q", format=".5f"), alt.Tooltip("number:N")],
    )
    gate = alt.Y("gate:Q", title=None, scale=alt.Scale(domain=list(ends), nice=False, zero=False), axis=None)
    picture = base.mark_image(width=side, height=side, baseline="top", yOffset=4, aria=False)
    return Layers(
        [
            band(base, theme, alt.YValue(0), alt.Y2Value("height")),
            base.mark_bar(color=theme.streams[0], clip=True).encode(gate),
            dashed(0.5, theme),
            picture.encode(alt.YValue("height"), alt.Url("map:N")),
        ]
    )


def _verdict(low: float, high: float) -> str:
    spread = high - low
    if spread < HARDLY:
        return f"Here the gates differ by {spread:.5f} only: this unit hardly prefers one channel to another."
    return f"The strongest channel passes {high / max(low, 1e-6):.1f} times as much as the weakest."


def before_and_after(
    found: Looking, before: str, gate: str, after: str, key: str, first: Sequence[str] = (), legends: str = ""
) -> None:
    """The chosen channel before a gate, after it, and what was held back, with the numbers at the pixel.

    Args:
        found: The component.
        before: The input tensor.
        gate: The gate, of a channel or of a pixel.
        after: The output tensor.
        key: Names the element.
        first: More pictures from `spot`, to stand before these.
        legends: What their colours mean, as HTML.
    """
    theme, channel = found.here.theme, found.channel
    came, went = found.channel_map(before), found.channel_map(after)
    scale = signed_scale([came], "")
    named = (("before", came), ("after the gate", went), ("held back: the difference", came - went))
    label = f"Map of channel {channel} {{}}; the pixel is marked".format
    spots = [
        spot(map_url(values, theme.signed, scale.low, scale.high), label(name), f"channel {channel} {name}")
        for name, values in named
    ]
    maps(found, [*first, *spots], f"Channel {channel} before and after the gate", key)
    limit = decimal(scale.high, 4)
    own = legend(theme.signed, f"\N{MINUS SIGN}{limit}", f"+{limit}", "0")
    st.html(legends + own)
    value, opened, passed = found.number(before), found.number(gate), found.number(after)
    st.markdown(
        f"**Channel {channel}, {found.place}:** the gate is {opened:.4f}, so {opened:.1%} of the value passes: "
        f"{decimal(value, 4)} × {opened:.4f} = {decimal(passed, 4)}."
    )
