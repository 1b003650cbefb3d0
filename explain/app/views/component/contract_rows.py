"""The contract of the component on the page, checked on what the network just did with this photo."""

from dataclasses import replace

import streamlit as st

from explain.app.catalog.choices import site
from explain.app.compute.contract_verdicts import Row, probed, verdicts
from explain.app.shell.plain_text import plain
from explain.app.url.controls import fold
from explain.app.url.session import Context, change, context, on_change

__all__ = ["contract_section"]


def contract_section(here: Context, kind: str) -> None:
    """Shows in one line whether all checks hold; folded below it each of them, or open where one is broken."""
    with st.spinner("Checking the contract …"):
        where = site(kind, here.view.choice)
        found = verdicts(here.setup, here.photo, here.photo.key, where)
        if here.view.probes:
            found = [*found, *probed(here.setup, where)]
    broken = [row for row in found if not row[2]]
    if broken:
        st.error(f"{len(broken)} of {len(found)} checks fail.", icon=":material/close:")
    title = "The contract" if broken else f":green[**Contract: all {len(found)} checks pass on this photo**]"
    with fold("contract", title, "close" if broken else "check", bool(broken) or here.view.probes):
        _rows(here, kind, found, broken)


def _rows(here: Context, kind: str, found: list[Row], broken: list[Row]) -> None:
    """Each check in a line, the broken ones first, and the switches."""
    st.markdown("What this component must keep to, whatever the photo, measured on this one.")
    if kind == "skff":
        _softmax_switch(here.view.softmax)
    rows = [*broken, *(row for row in found if row[2])]
    half = (len(rows) + 1) // 2
    for column, part in zip(st.columns(2, gap="large"), (rows[:half], rows[half:]), strict=True):
        column.markdown("\n\n".join(_line(*row) for row in part))
    st.session_state["probes"] = here.view.probes
    st.toggle(
        "Also test it on made-up inputs",
        key="probes",
        on_change=on_change("probes", lambda view, on: replace(view, probes=on)),
        help="Runs the component alone, a few times on small inputs made for the purpose: other sizes, equal streams, "
        "zeroed weights, a checkerboard.",
    )


def _line(title: str, promise: str, holds: bool, message: str) -> str:
    mark = ":green[:material/check:]" if holds else ":red[:material/close:]"
    measured = plain(message)
    return (
        f"{mark} **{title[:1].upper()}{title[1:]}.** {promise}  \n:small[{measured if holds else f':red[{measured}]'}]"
    )


def _softmax_switch(softmax: str) -> None:
    st.session_state["softmax"] = softmax == "channels"
    st.toggle(
        "Softmax over the channels instead",
        key="softmax",
        on_change=lambda: change(
            replace(context().view, softmax="channels" if st.session_state["softmax"] else "streams")
        ),
        help="A mistake of every public TensorFlow version of MIRNet that we know. Switch it on and see which checks "
        "fail.",
    )
