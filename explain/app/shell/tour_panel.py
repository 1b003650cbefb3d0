"""The guided tour on the page: what the stop says, its question, and the links on and back."""

from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from explain.app.assets.asset_files import asset, rendered
from explain.app.catalog.choices import opening, settle
from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import EVERYWHERE
from explain.app.catalog.tour import END, LEARNED, LESSONS, STOPS, Stop, stop_number
from explain.app.catalog.wording import filled
from explain.app.compute.runner import facts_about
from explain.app.shell.glossary_hover import as_html
from explain.app.url.session import HOME, change, context, open_address, page_path
from explain.app.url.state import View
from explain.app.url.teacher import shown

__all__ = ["stop_link", "tour_panel", "tour_start"]

ANOTHER = "The answers are about `desk`: another network may have learned something else, or nothing."

_panel = st.components.v2.component(
    "mirnet.tour", html='<div class="host"></div>', css=asset("terms.css", "tour.css"), js=asset("links.js", "tour.js")
)


def tour_panel() -> None:
    """Shows the stop that the address asks for, if it asks for one; after the last one what to do next."""
    here = context()
    asked = here.view.extra("tour")
    number = stop_number(asked)
    at_end = asked == END and here.page == HOME
    if not (number or at_end) or not shown("tour"):
        return
    with st.container(key="tour"):
        if number:
            stop = STOPS[number - 1]
            data = {"html": _html(stop, number), "stop": number, "focus": stop.focus if here.page == stop.page else ""}
        else:
            data = {"html": _end_card(), "stop": END, "focus": ""}
        # A trigger needs a callback, even if its value is read afterwards.
        address = _panel(data=data, key="stop", on_open_change=lambda: None).open
    if address:
        open_address(address)


def tour_start() -> None:
    """The button that starts the tour, for a visitor who is not on it."""
    if stop_number(context().view.extra("tour")) or not shown("tour"):
        return
    with st.container(key="tour_start"):
        # A link to the page that one is on would not change the address.
        st.button(
            f"**Take the tour:** {len(STOPS)} stops, about ten minutes",
            icon=":material/explore:",
            type="primary",
            on_click=lambda: change(_view_at(1)),
        )


def stop_link(number: int) -> str:
    """The address of a stop with the photo in hand; 0 leads out of the tour, and one after the last to its end."""
    here = context()
    if not 1 <= number <= len(STOPS):
        end = END if number else None
        view = here.view.with_extras(("hide",), tour=end)
        return f"?{urlencode(view.params(None))}"
    page = STOPS[number - 1].page
    query = urlencode(_view_at(number).params(page if page in TEXTS else None))
    return f"{page_path(page)}?{query}"


def _view_at(number: int) -> View:
    here, stop = context(), STOPS[number - 1]
    kind = stop.page if stop.page in TEXTS else None
    choice = replace(opening(kind), **stop.choice)  # type: ignore[arg-type]
    view = replace(
        here.view,
        choice=settle(kind, here.config, choice) if kind else choice,
        channel=stop.channel,
        softmax="streams",
        probes=False,
    )
    return view.with_extras(EVERYWHERE, **stop.extras, tour=number)


def _end_card() -> str:
    """What to do after the last stop, and what was learned."""
    return rendered("tour_end.html", learned=[as_html(text) for text in LEARNED], lessons=LESSONS, link=stop_link)


def _html(stop: Stop, number: int) -> str:
    """What the stop says; on another page, where its question has no answer, a link back to it."""
    here = context()
    note = "" if facts_about(here.setup).is_desk else ANOTHER
    return rendered(
        "tour.html",
        title=filled(stop.title, here.config),
        note=as_html(note),
        number=number,
        count=len(STOPS),
        here=here.page == stop.page,
        link=stop_link,
        text=as_html(filled(stop.text, here.config)),
        question=as_html(filled(stop.question, here.config)),
        answer=as_html(filled(stop.answer, here.config)),
    )
