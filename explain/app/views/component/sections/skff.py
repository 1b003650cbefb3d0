"""SKFF's page: the weights to point at, what each stream gives to one pixel, and a question about the softmax."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import numpy as np
import streamlit as st

from explain.app.catalog.wording import listed
from explain.app.charts.altair_charts import ROWS, Layers, Pick, palette, show
from explain.app.charts.bars import Span, band, dashed, spans
from explain.app.url.controls import flag, option, put
from explain.app.url.session import Context
from explain.app.views.component.sections.subject import Looking, choose_channel, looking, maps
from explain.app.views.component.wrong_softmax import SIDES, Panel, panels
from explain.app.widgets.colour_maps import legend
from explain.app.widgets.decimals import decimal
from explain.app.widgets.pointing import spot
from explain.app.widgets.small_pictures import map_url
from explain.cell.writing import bracketed
from explain.figures import Theme
from explain.figures.kit.feature_maps import signed_scale

__all__ = ["skff"]


def skff(here: Context) -> None:
    """Shows the weights, what each stream gives to the pixel, and the question about the softmax."""
    found = looking(here)
    _weights(found)
    with st.expander("What each stream gives to one pixel", icon=":material/add:"):
        _contributions(found)
    _question(found)


def _weights(found: Looking) -> None:
    weights = found.at["weights"][0, :, 0]  # (streams, channels)
    st.markdown(
        "A bar is one channel, its colours are the weights of the streams. Point at a bar to read them, click on it to "
        "choose the channel."
    )
    theme, names = found.here.theme, _names(weights)
    rows = [row | {"chosen": (row["channel"], row["stream"]) == (found.channel, names[0])} for row in _rows(weights)]
    top = 1.04 * max(1.0, float(weights.sum(axis=0).max()))
    bands = band(_channels(names), theme, alt.YValue(0), alt.Y2Value("height"))
    chart = Layers([bands, *_stacked(names, top, theme)])
    show(chart, rows, "Weights of the streams, a bar for each channel", Pick("channel", "weights", choose_channel))
    st.caption(_weights_caption(found, weights))


def _weights_caption(found: Looking, weights: np.ndarray) -> str:
    if found.here.setup.softmax == "channels":
        low, high = weights.sum(axis=0).min(), weights.sum(axis=0).max()
        return (
            f"The dashed line is 1. With the softmax over the channels of each stream, each **colour** adds up to 1, "
            f"and the bars end at {low:.2f} to {high:.2f}."
        )
    stream, channel = np.unravel_index(weights.argmax(), weights.shape)
    return (
        f"The dashed line is 1: every bar reaches it. The plain mean would have {1 / len(weights):.3f} for each "
        f"stream; the largest weight of all is {weights.max():.3f}, of stream {stream + 1} in channel {channel}."
    )


def _names(weights: np.ndarray) -> list[str]:
    return [f"stream {k}" for k in range(1, len(weights) + 1)]


def _rows(weights: np.ndarray) -> list[dict[str, Any]]:
    """One for each weight, which holds those of the other streams in its channel as well."""
    names, sums = _names(weights), weights.sum(axis=0)
    return [
        {"channel": c, "stream": name, "weight": float(column[k]), "sum": float(sums[c])}
        | dict(zip(names, map(float, column), strict=True))
        for c, column in enumerate(weights.T)
        for k, name in enumerate(names)
    ]


def _channels(names: Sequence[str]) -> alt.Chart:
    """The horizontal axis, and what is read when a channel is pointed at."""
    numbers = [alt.Tooltip(f"{name}:Q", format=".4f") for name in (*names, "sum")]
    return alt.Chart(ROWS).encode(
        alt.X("channel:O", scale=alt.Scale(paddingInner=0.15, paddingOuter=0.1), axis=alt.Axis(labelOverlap=True)),
        tooltip=[alt.Tooltip("channel:O"), *numbers],
    )


def _stacked(names: Sequence[str], top: float, theme: Theme) -> list[alt.Chart]:
    """Layers: a bar for each channel, made of the weights of the streams, and a line at 1."""
    bars = _channels(names).mark_bar()
    weight = alt.Y("weight:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False))
    colour = alt.Color("stream:N", scale=palette(names, theme))
    return [bars.encode(weight, colour, alt.Order("stream:N")), dashed(1, theme)]


def _contributions(found: Looking) -> None:
    streams = range(1, found.at["weights"].shape[1] + 1)
    theme = found.here.theme
    st.markdown(
        f"**Channel {found.channel}, {found.place}.** Each stream brings its value $L_k$ times its weight $s_k$; "
        "added up, they are the result $U$. Click on a map to go to another pixel."
    )
    rows, reached, values = [], 0.0, []
    for k in streams:
        weight, value = float(found.at["weights"][0, k - 1, 0, found.channel]), found.number(f"stream_{k}")
        given = found.number(f"weighted_{k}")
        values.append(value)
        number = f"{weight:.4f} × {bracketed(decimal(value, 4))} = {decimal(given, 4)}"
        rows.append(Span(f"stream {k}", reached, reached + given, number, theme.streams[k - 1]))
        reached += given
    fused = found.number("out")
    rows.append(Span("U, their sum", 0.0, fused, decimal(fused, 4), theme.muted, last=True))
    spans(rows, "What each stream gives, added up", theme)
    st.caption(
        "Each bar starts where the one above it ends; the thin line is zero. With equal weights it would be "
        f"{decimal(float(np.mean(values)), 4)}."
    )
    _maps(found, streams)


def _maps(found: Looking, streams: range) -> None:
    theme = found.here.theme
    names = [*(f"weighted_{k}" for k in streams), "out"]
    titles = [*(f"stream {k} × {found.at['weights'][0, k - 1, 0, found.channel]:.4f}" for k in streams), "U, their sum"]
    pictures = [found.channel_map(name) for name in names]
    # With equal weights each stream would give this: a scale that the weights do not move, so that fading is seen.
    even = [found.channel_map(f"stream_{k}") / len(streams) for k in streams]
    scale = signed_scale([*even, sum(even, np.zeros_like(even[0]))], "")
    name = f"Map of channel {found.channel}: {{}}; the pixel is marked".format
    spots = [
        spot(map_url(picture, theme.signed, scale.low, scale.high), name(title), title)
        for picture, title in zip(pictures, titles, strict=True)
    ]
    maps(found, spots, f"What each stream gives to channel {found.channel}, and the sum", "contributions")
    limit = decimal(scale.high, 4)
    st.html(legend(theme.signed, f"\N{MINUS SIGN}{limit}", f"+{limit}", "0"))
    st.caption(
        "All maps share one scale: a map with little colour gives little. Which stream brings the fine edges, and "
        f"which the broad patches? {_lower(len(streams))}"
    )


def _lower(count: int) -> str:
    """What the lower streams have seen."""
    if count == 2:
        return "Stream 2 has seen the photo at half size."
    sizes = ("half", "quarter", "eighth")[: count - 1]
    numbers = [str(k) for k in range(2, count + 1)]
    return f"Streams {listed(numbers)} have seen the photo at {listed(sizes)} size."


def _question(found: Looking) -> None:
    on = flag("bug")
    st.session_state["bug"] = on
    st.toggle(
        "**Spot the bug:** show two softmaxes of the same logits",
        key="bug",
        on_change=lambda: put(bug=st.session_state["bug"], answer=None),
    )
    if not on:
        return
    both = panels(found.at["logits"][0, :, 0])
    answer = option("answer", ("none", *SIDES), "none")
    st.markdown("**Which of these two is a softmax over the streams?** Click on its name.")
    top = 1.04 * max(1.0, *(panel.sums_of_channels[1] for panel in both))
    for column, panel in zip(st.columns(2), both, strict=True):
        with column:
            _panel(found, panel, top, answer)
    st.caption("A bar is one channel, the colours are the streams, the dashed line is 1. Both have the same axis.")
    if answer in SIDES:
        _verdict(both, answer)


def _panel(found: Looking, panel: Panel, top: float, answer: str) -> None:
    low, high = panel.sums_of_channels
    reach = f"the bars end at {low:.2f}" + (f" to {high:.2f}" if high - low > 0.005 else "")
    title = panel.side.capitalize() + (f": softmax over the {panel.over}" if answer in SIDES else "")
    kind: Literal["primary", "secondary"] = "primary" if panel.side == answer else "secondary"
    key, chosen = f"answer_{panel.side}", {"answer": panel.side}
    st.button(title, key=key, type=kind, on_click=put, kwargs=chosen, width="stretch")
    layers = _stacked(_names(panel.weights), top, found.here.theme)
    show(Layers(layers), _rows(panel.weights), f"{title}; {reach}")


def _verdict(both: tuple[Panel, Panel], answer: str) -> None:
    right, wrong = sorted(both, key=lambda panel: panel.over != "streams")
    streams, channels = right.weights.shape
    column = " + ".join(f"{weight:.4f}" for weight in right.weights[:, 0])
    reason = (
        f"In the **{right.side}** panel every **column** adds up to 1: in channel 0, {column} = "
        f"{right.weights[:, 0].sum():.4f}. The streams compete inside each channel. In the **{wrong.side}** panel "
        f"every **row**, one colour over all {channels} channels, adds up to 1 ({_range(wrong.sums_of_streams)}), so a "
        f"column gets only {_range(wrong.sums_of_channels)}, about {streams}/{channels}, and the result $U$ fades. "
        f"The rows on the {right.side} add up to {_range(right.sums_of_streams)}."
    )
    if answer == right.side:
        st.success(f"Yes. {reason}", icon=":material/check:")
    else:
        st.warning(f"No, that is the mistake. {reason}", icon=":material/bug_report:")


def _range(ends: tuple[float, float]) -> str:
    low, high = (f"{end:.4f}" for end in ends)
    return low if low == high else f"{low} to {high}"
