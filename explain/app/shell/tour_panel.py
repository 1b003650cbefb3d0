"""The guided tour on the page: what the stop says, its question, and the ways on and back."""

from dataclasses import replace
from html import escape
from urllib.parse import urlencode

import streamlit as st

from explain.app.catalog.choices import Choice, settle
from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import EVERYWHERE
from explain.app.catalog.tour import STOPS, Stop, stop_number
from explain.app.shell.glossary_hover import STYLE as WORDS_STYLE
from explain.app.shell.glossary_hover import as_html
from explain.app.url.session import change, context, open_address, page_path
from explain.app.url.state import View
from explain.app.url.teacher import shown

__all__ = ["STYLE", "stop_link", "tour_panel", "tour_start"]

# Streamlit wraps a container in a box of its own height, within which nothing could stay: the box has to.
STYLE = """
[data-testid="stLayoutWrapper"]:has(> .st-key-tour) {
  position: sticky; top: 0; z-index: 90; margin-top: -3.75rem; padding: 3.75rem 0 .4rem;
  background: var(--page); }
.st-key-tour_start { margin-bottom: .5rem; }
"""

_PANEL_STYLE = """
.tour { border: 1px solid var(--st-border-color, #ccc); border-left: 5px solid var(--st-primary-color, #b45309);
  border-radius: 10px; padding: .7rem 1rem .6rem; background: var(--st-background-color, #fff);
  box-shadow: 0 4px 16px rgb(0 0 0 / .18); line-height: 1.5; }
.tour h2 { font-size: 1.05rem; margin: 0 0 .2rem; font-weight: 650; }
.tour h2 small { font-weight: 400; opacity: .75; font-size: .85rem; margin-right: .4rem; }
.tour p { margin: 0 0 .35rem; }
.tour details { margin: 0 0 .45rem; }
.tour summary { cursor: pointer; }
.tour summary strong { color: var(--st-primary-color, #b45309); }
.tour details p { margin: .3rem 0 0 1.1rem; }
.tour nav { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
.tour nav a { padding: .25rem .9rem; border-radius: 8px; border: 1px solid var(--st-border-color, #ccc);
  color: inherit; text-decoration: none; }
.tour nav a.next { background: var(--st-primary-color, #b45309); color: var(--on-accent, #fff);
  border-color: transparent; font-weight: 600; }
.tour nav a.end { margin-left: auto; border: none; text-decoration: underline; padding: .25rem 0; }
.tour a:focus-visible, .tour summary:focus-visible { outline: 2px solid var(--st-primary-color, #b45309);
  outline-offset: 2px; }
.tour .dots { display: flex; gap: .3rem; }
.tour .dots i { width: .5rem; height: .5rem; border-radius: 50%; background: currentColor; opacity: .25; }
.tour .dots i.on { opacity: 1; background: var(--st-primary-color, #b45309); }
@media (max-width: 640px) {
  .tour { max-height: 42vh; overflow-y: auto; padding-bottom: 0; }
  .tour nav { position: sticky; bottom: 0; padding: .4rem 0; background: inherit; }
}
"""

# The page below is drawn piece by piece, and what comes late pushes the part to look at away: it is followed until all
# is there. Who scrolls first is left alone.
_PANEL = """
export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host");
  if (host.shown !== data.html) { host.innerHTML = data.html; host.shown = data.html; }
  const open = (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    setTriggerValue("open", link.getAttribute("href"));
  };
  host.addEventListener("click", open);
  if (host.stop !== data.stop) {
    host.stop = data.stop;
    clearTimeout(host.timer);
    const main = document.querySelector('[data-testid="stMain"]');
    if (main) main.scrollTo({ top: 0 });
    if (data.focus) follow(host, data.focus);
  }
  return () => host.removeEventListener("click", open);
}

function follow(host, focus) {
  let touched = false, still = 0, left = 400, before = null;
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    window.addEventListener(kind, () => { touched = true; }, { once: true });
  }
  const look = () => {
    if (touched || still > 12 || left-- < 0) return;
    const part = document.querySelector(`.st-key-${focus}`);
    if (part) {
      const top = part.getBoundingClientRect().top;
      still = top === before ? still + 1 : 0;
      part.style.scrollMarginTop = `${host.getBoundingClientRect().height + 70}px`;
      part.scrollIntoView({ behavior: "auto", block: "start" });
      before = part.getBoundingClientRect().top;
    }
    host.timer = setTimeout(look, 150);
  };
  look();
}
"""

_panel = st.components.v2.component(
    "mirnet.tour", html='<div class="host"></div>', css=WORDS_STYLE + _PANEL_STYLE, js=_PANEL
)


def tour_panel() -> None:
    """Shows the stop that the address asks for, at the top of the page, if it asks for one."""
    number = stop_number(context().view.extra("tour"))
    if number is None or not shown("tour"):
        return
    with st.container(key="tour"):
        stop = STOPS[number - 1]
        address = _panel(
            data={"html": _html(stop, number), "stop": number, "focus": stop.focus}, key="stop", on_open_change=_ignore
        ).open
    if address:
        open_address(address)


def tour_start() -> None:
    """The way into the tour, for a visitor who is not on it."""
    if context().view.extra("tour") is not None or not shown("tour"):
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
    """The address of a stop with the photo in hand; 0, and what comes after the last one, leads out of the tour."""
    here = context()
    if not 1 <= number <= len(STOPS):
        hidden = here.view.extra("hide")
        view = replace(here.view, extras=(("hide", hidden),) if hidden else ())
        return f"?{urlencode(view.params(None))}"
    page = STOPS[number - 1].page
    query = urlencode(_view_at(number).params(page if page in TEXTS else None))
    return f"{page_path(page)}?{query}"


def _view_at(number: int) -> View:
    here, stop = context(), STOPS[number - 1]
    kind = stop.page if stop.page in TEXTS else None
    choice = Choice(**stop.choice)  # type: ignore[arg-type]
    view = replace(
        here.view,
        choice=settle(kind, here.config, choice) if kind else choice,
        channel=stop.channel,
        softmax="streams",
        probes=False,
    )
    return view.with_extras(EVERYWHERE, **stop.extras, tour=number)


def _html(stop: Stop, number: int) -> str:
    if context().page != stop.page:
        return _html_elsewhere(stop, number)
    dots = "".join(f'<i class="{"on" if k <= number else ""}"></i>' for k in range(1, len(STOPS) + 1))
    ways = f'<a class="next" href="{_attribute(number + 1)}">{"Next" if number < len(STOPS) else "Finish"}</a>'
    if number > 1:
        ways = f'<a class="back" href="{_attribute(number - 1)}">Previous</a>{ways}'
    end = f'<a class="end" href="{_attribute(0)}">End the tour</a>' if number < len(STOPS) else ""
    return (
        f'<section class="tour" aria-label="Guided tour, stop {number} of {len(STOPS)}">'
        f"<h2><small>{number} of {len(STOPS)}</small>{escape(stop.title)}</h2><p>{as_html(stop.text)}</p>"
        f"<details><summary><strong>Look, then answer:</strong> {as_html(stop.question)}</summary>"
        f"<p>{as_html(stop.answer)}</p></details>"
        f'<nav>{ways}<span class="dots" aria-hidden="true">{dots}</span>{end}</nav></section>'
    )


def _html_elsewhere(stop: Stop, number: int) -> str:
    """On another page than the stop's, where its question has no answer: the way back."""
    return (
        f'<section class="tour" aria-label="Guided tour, stop {number} of {len(STOPS)}">'
        f"<h2><small>{number} of {len(STOPS)}</small>{escape(stop.title)}</h2><p>You have left this stop of the tour; "
        "look around, it waits for you.</p>"
        f'<nav><a class="next" href="{_attribute(number)}">Back to the stop</a>'
        f'<a class="end" href="{_attribute(0)}">End the tour</a></nav></section>'
    )


def _attribute(number: int) -> str:
    return escape(stop_link(number), quote=True)


def _ignore() -> None:
    """A trigger needs a callback, even if its value is read afterwards."""
