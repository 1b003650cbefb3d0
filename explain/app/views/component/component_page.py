"""The page about one kind of component: choose one, see it, read its formula, check its contract, look at a pixel."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from explain.app.assets.asset_files import asset
from explain.app.catalog.choices import channels, detail_site, fields, options, site
from explain.app.catalog.symbol_pictures import PICTURES, in_stream_colours
from explain.app.catalog.texts import PAPER, TEXTS
from explain.app.catalog.wording import true_of
from explain.app.compute.runner import hook_names, network, page_names, tensors
from explain.app.figure_view.component_figure import component_figure, show_figure
from explain.app.shell.glossary_hover import headed
from explain.app.url.session import Context, change, context, on_change
from explain.app.url.state import View
from explain.app.url.teacher import shown
from explain.app.views.component.contract_rows import contract_section
from explain.app.views.component.facts import facts
from explain.app.views.component.sections import SECTIONS
from explain.app.views.component.sections.subject import looking
from explain.app.views.component.under_pixel import under_pixel
from explain.app.widgets.python_lines import component_code
from explain.app.widgets.take_along import take_along, taken
from explain.figures import Sheet, Theme
from explain.tracing.sites import hooks_for
from model.config import MIRNetConfig

__all__ = ["component_page", "figure_alone", "softmax_warning"]

_lit = st.components.v2.component("mirnet.lit", html="", js=asset("lit.js"))

ALL = -1  # not None, which to Streamlit means that nothing is chosen
FIRST = ("mirnet", "rrg", "mrb")
"""Components whose figure is the idea of the page; of the others the section is, and the figure is folded."""
FOLDED = {
    "mirnet": "Inside: features, colours, brightness",
    "rrg": "What each block changes, and the sum at the end",
}
"""What the folded lines of these figures are called, where there are some."""


def component_page(kind: str) -> None:
    """Shows the page about a kind of component, with what the address chose."""
    here = context()
    headed(true_of(kind, TEXTS[kind], here.config))
    softmax_warning(here)
    if shown("choose"):
        _choose(here, kind)
    drawn = st.container() if kind in FIRST else None
    if kind in SECTIONS:  # before the figure, which takes longer than what follows a click
        with st.spinner("Running the network on this photo …"):
            looking(here)  # what the section shows is in memory then
        with st.container(key="section"):  # where the guided tour leads
            SECTIONS[kind](here)
    with drawn or st.container():
        _figure(here, kind)
    counted = st.container()  # filled last: counting a whole network takes two seconds
    for part, draw in PARTS.items():
        if shown(part):
            draw(here, kind)
    with counted:
        facts(here, kind)


def softmax_warning(here: Context) -> None:
    """Says, on every page, that the teaching switch is on."""
    if here.setup.softmax == "streams":
        return
    trained = here.view.usual == "channels"
    begin = "**This network was made like that:**" if trained else "**The teaching switch is on:**"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/science: {begin} every SKFF takes its softmax over the channels, "
            "the mistake of the public TensorFlow versions that we know. All learned parameters are the same."
        )
        st.button("Switch it off", key="softmax_off", on_click=_softmax_off)


def _softmax_off() -> None:
    change(replace(context().view, softmax="streams"))


def _choose(here: Context, kind: str) -> None:
    """The controls that say which one in the network; what leaves no choice is not shown."""
    choice, config = here.view.choice, here.config
    with st.container(horizontal=True, gap="medium", vertical_alignment="top"):
        for field in fields(kind):
            valid = options(kind, config, choice, field)
            if len(valid) == 1:
                continue
            key = f"choose_{field}"
            st.session_state[key] = getattr(choice, field)
            st.segmented_control(
                _field_label(kind, field),
                valid,
                required=True,
                format_func=_option_label,
                key=key,
                on_change=on_change(key, _chooser(kind, config, field)),
            )
        _channel_control(channels(kind, config, choice), here.view.channel)


def _chooser(kind: str, config: MIRNetConfig, field: str) -> Callable[[View, Any], View]:
    return lambda view, value: view.at(kind, config, **{field: value})


def _option_label(value: int | str) -> str:
    """An option of a control: `column_1` is Column 1."""
    return str(value).replace("_", " ").capitalize()


def _field_label(kind: str, field: str) -> str:
    if field == "stream" and kind in ("down", "up"):
        return "From stream"
    if field == "to" or (field == "stream" and kind == "skff"):  # streams 1 to 3 of an SKFF are its inputs
        return "To stream"
    return field.capitalize()


def _channel_control(count: int, channel: int | None) -> None:
    st.session_state["channel"] = ALL if channel is None else channel
    st.selectbox(
        "Show",
        [ALL, *range(count)],
        format_func=lambda number: "all channels" if number == ALL else f"channel {number}",
        key="channel",
        on_change=on_change("channel", lambda view, number: replace(view, channel=None if number == ALL else number)),
        width=160,
    )


def _figure(here: Context, kind: str) -> None:
    """Shows the component's figure and its formula, whose symbols light its pictures: in one fold after a section."""
    with st.spinner("Running the network on this photo …"):
        network(here.setup)
        if kind in FIRST:
            with st.container(key="figure", gap="small"):
                _drawn(here, kind, "first")
                if kind in FOLDED:
                    with st.expander(FOLDED[kind], icon=":material/photo_library:"):
                        _drawn(here, kind, "rest")
        else:
            formula = shown("formula")
            title = "The formula, and every step on this photo" if formula else "Every step on this photo"
            with st.expander(title, icon=":material/function:"):
                if formula:
                    _formula(here, kind)
                figure_alone(here, kind)
    if kind in FIRST and shown("formula"):
        with st.expander("The formula", icon=":material/function:"):
            _formula(here, kind)


def _drawn(here: Context, kind: str, part: str) -> None:
    photo, view = here.photo, here.view
    caption = show_figure(here.setup, photo, photo.key, kind, view.choice, view.channel, here.theme.name, part)
    if part != "rest":
        st.markdown(f":material/visibility: **What to look at.** {caption}")


def figure_alone(here: Context, kind: str) -> None:
    """Shows the whole figure and what to look at."""
    with st.container(key="figure", gap="small"):
        _drawn(here, kind, "all")


def _take_along(here: Context, kind: str) -> None:
    choice, channel, photo = here.view.choice, here.view.channel, here.photo
    known = hook_names(here.setup)
    computed = page_names(known, kind, site(kind, choice))
    drawn = hooks_for(known, kind, detail_site(kind, choice))
    names = [name for name in computed if name in drawn]  # the lines of Python keep no more than those
    code = component_code(here.setup, here.view.photo, kind, choice, channel, here.theme.name, taken(names) or "")

    def draw(theme: Theme) -> Sheet:
        return component_figure(tensors(here.setup, photo, computed), photo, kind, choice, channel, theme)

    take_along(here, {TEXTS[kind].short: draw}, names, code)


def _formula(here: Context, kind: str) -> None:
    text = true_of(kind, TEXTS[kind], here.config)
    colours = here.theme.streams[: here.config.streams] if kind in ("mrb", "skff") else ()
    with st.container(key="formula"):
        left, right = st.columns(2, gap="large", vertical_alignment="center")
        with left:
            for line in text.formula:
                st.latex(in_stream_colours(line, colours, here.theme.text))
        with right:
            st.markdown("\n".join(f"- ${symbol}$: {meaning}" for symbol, meaning in text.symbols))
            code = f" From the authors' code: {text.code}." if text.code else ""
            st.caption(f"MIRNet, [{text.section}]({PAPER}).{code}")
    pictures = PICTURES.get(kind, {})
    _lit(data={"pictures": [pictures.get(symbol, "") for symbol, _ in text.symbols]}, key="lit")


PARTS: dict[str, Callable[[Context, str], None]] = {
    "promises": contract_section,
    "numbers": under_pixel,
    "take": _take_along,
}
"""What follows the figure, one below the other, as `explain.app.url.teacher` calls them."""
