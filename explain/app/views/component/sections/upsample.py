"""The section of the page about upsampling: stamped patterns against smooth ones, from the trained step itself."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import streamlit as st

from explain.app.catalog.choices import detail_site, site
from explain.app.compute.runner import network, remembered
from explain.app.url.controls import choose
from explain.app.url.session import Context
from explain.app.views.component.sections.resizing_plot import Curve, plot
from explain.app.views.component.sections.step_response import (
    NAMES,
    SIDE,
    SIGNALS,
    Response,
    checkered,
    respond,
    signal,
)
from explain.app.views.component.sections.subject import looking
from explain.app.widgets.colour_maps import coloured, figure, gallery, legend, signed
from explain.markdown_tables import markdown_table
from model.contracts import component_at

__all__ = ["up"]

LABELS = {"pixel": "One pixel", "edge": "An edge", "grey": "Even grey"}
GREYS = ("gray", -0.35, 1.2)  # 0 and 1 stand out from a black page and from a white one
TITLES = {
    "main": "main: the stamps, after PReLU and 1 × 1 conv",
    "shortcut": "shortcut: bilinear, then 1 × 1 conv",
    "out": "out: their sum",
}
LATE_TITLES = {
    "main": "main: after two convolutions and a 1 × 1 conv, at the old size",
    "shortcut": "shortcut: 1 × 1 conv, at the old size",
    "out": "out: their sum, bilinear",
}
LATE = (
    "This network has no transposed convolution, which would **stamp** a pattern around every old pixel: one bilinear "
    "resize enlarges the sum, so no checkerboard can appear. Give the **trained** step a tiny picture and see."
)


def up(here: Context) -> None:
    """Shows the response of the trained step to a tiny picture."""
    late = here.config.style == "board"
    st.markdown(
        LATE
        if late
        else "A transposed convolution **stamps** a 3×3 pattern around every old pixel, two new pixels apart, so a new "
        "pixel gets one, two or four stamps, and a **checkerboard** may appear where nothing was. Bilinear "
        "interpolation cannot do that. Give the **trained** step a tiny picture."
    )
    name = choose(
        "signal", "The tiny picture", SIGNALS, "pixel", LABELS.__getitem__, kind=st.segmented_control, required=True
    )
    step = looking(here)
    colour, channel = step.at["in"][0].mean(axis=(0, 1)), step.channel
    found = {each: _response(here, each, colour) for each in dict.fromkeys((name, "grey"))}
    _pictures(here, found[name], channel)
    with st.expander("Along one row, and how uneven even grey becomes", icon=":material/show_chart:"):
        left, right = st.columns([3, 2], gap="large")
        with left:
            _profile(here, found[name], channel)
            zigzag = "Look for a zigzag in main, from column to column, where shortcut goes up or down smoothly."
            st.caption("Between two old pixels there is a straight line." if late else zigzag)
        with right:
            st.markdown(_table(found["grey"]))
            st.caption(
                "From even grey, the four kinds of new pixels (row and column even or odd) should all be the same. "
                "This is how far apart they are: root mean square over all channels, as a share of their mean."
            )


def _response(here: Context, name: str, colour: np.ndarray) -> Response:
    """The step's response to a small picture of one colour: the mean of the features that it gets on this photo."""
    setup, choice = here.setup, here.view.choice

    def compute() -> Mapping[str, np.ndarray]:
        step = component_at(network(setup)[0], site("up", choice)).steps[choice.step - 1]
        found = respond(step, name, colour)
        return {"smooth": found.smooth, **found.tensors}

    kept = remembered(("up", setup, here.photo.key, detail_site("up", choice), name), compute)
    return Response(signal(name), kept["smooth"], {each: kept[each] for each in NAMES})


def _pictures(here: Context, found: Response, channel: int) -> None:
    theme = here.theme
    activity = np.sqrt(np.mean(np.square(found.tensors["resized"]), axis=-1))
    made = "the bilinear resize makes of the sum" if found.late else "the transposed convolution stamps"
    trained = "the trained step makes" if found.late else "the trained transposed convolution stamps"
    shown = [
        figure(coloured(found.given, *GREYS), "The tiny picture", f"The tiny picture, {SIDE} × {SIDE}"),
        figure(
            coloured(found.smooth, *GREYS),
            "The tiny picture, enlarged smoothly",
            "Bilinear alone: each new pixel is 9/16, 3/16, 3/16 and 1/16 of its four neighbours",
        ),
        figure(
            coloured(activity, theme.activity, 0, float(activity.max())),
            f"What {made}: activity of all channels",
            f"resized: what {trained}, all channels (root mean square)",
        ),
    ]
    st.html(gallery(shown, "6.5rem", "16rem"))
    st.html(legend(theme.activity, "resized: 0", f"{activity.max():.3g}"))
    st.markdown(f"**Channel {channel}** of the two branches and their sum, on one scale:")
    titles = LATE_TITLES if found.late else TITLES
    maps = {name: found.tensors[name][:, :, channel] for name in titles}
    limit = max(float(np.abs(values).max()) for values in maps.values()) or 1.0
    shown = [figure(signed(values, theme, limit), titles[name], titles[name]) for name, values in maps.items()]
    st.html(gallery(shown, "6.5rem", "16rem"))
    st.html(legend(theme.signed, f"−{limit:.3g}", f"{limit:.3g}", "0"))


def _profile(here: Context, found: Response, channel: int) -> None:
    """Shows one row of the three maps as lines: the new row through the tiny picture's lit pixel."""
    row = SIDE - 2
    lines = {name: found.tensors[name][row, :, channel] for name in found.large}
    colours, dashes = here.theme.streams, {"main": (6, 3), "shortcut": (2, 3), "out": (1, 0)}
    curves = [
        Curve(name, colour, [(k, float(value)) for k, value in enumerate(lines[name])], dashes[name])
        for name, colour in zip(TITLES, (colours[1], colours[2], colours[0]), strict=True)
        if name in lines
    ]
    said = "; ".join(f"{name} from {values.min():.3g} to {values.max():.3g}" for name, values in lines.items())
    across = alt.X("x:Q", title=f"column of the new picture, in row {row}", scale=alt.Scale(nice=False))
    up = alt.Y("y:Q", title=f"value in channel {channel}")
    plot(curves, (across, up), f"Values along row {row} of channel {channel}: {said}", dots=True)


def _table(grey: Response) -> str:
    """How uneven even grey becomes; Markdown."""
    rows = [(name, f"{checkered(grey.tensors[name]):.1%}") for name in grey.large]
    return markdown_table(("Branch", "Checkerboard from grey"), rows)
