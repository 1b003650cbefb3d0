"""The guided tour on the page: what the stop says, its question, and the ways on and back."""

from dataclasses import replace
from html import escape
from urllib.parse import urlencode

import streamlit as st

from explain.app.choices import Choice, settle
from explain.app.session import HOME, context, open_address, page_path
from explain.app.teacher import shown
from explain.app.texts import TEXTS
from explain.app.topics import EVERYWHERE
from explain.app.tour import STOPS, Stop, stop_number
from explain.app.words import STYLE as WORDS_STYLE
from explain.app.words import as_html

__all__ = ["STYLE", "stop_link", "tour_panel", "tour_start"]

STYLE = """
.st-key-tour { position: sticky; top: 2.9rem; z-index: 90; }
.st-key-tour_start { margin-bottom: .5rem; }
@media (max-width: 640px) { .st-key-tour { position: static; } }
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
.tour nav a.next { background: var(--st-primary-color, #b45309); color: #fff; border-color: transparent;
  font-weight: 600; }
.tour nav a.end { margin-left: auto; border: none; text-decoration: underline; padding: .25rem 0; }
.tour a:focus-visible, .tour summary:focus-visible { outline: 2px solid var(--st-primary-color, #b45309);
  outline-offset: 2px; }
.tour .dots { display: flex; gap: .3rem; }
.tour .dots i { width: .5rem; height: .5rem; border-radius: 50%; background: currentColor; opacity: .25; }
.tour .dots i.on { opacity: 1; background: var(--st-primary-color, #b45309); }
"""

# The page below is drawn later than the panel, so the part to look at is waited for; who scrolls first is left alone.
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
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let left = 60, touched = false;
    const leave = () => { touched = true; };
    for (const kind of ["wheel", "touchmove", "keydown"]) window.addEventListener(kind, leave, { once: true });
    const look = () => {
      const part = data.focus && document.querySelector(`.st-key-${data.focus}`);
      if (touched) return;
      if (part) {
        part.style.scrollMarginTop = `${host.getBoundingClientRect().height + 70}px`;
        part.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
      } else if (data.focus && left-- > 0) { host.timer = setTimeout(look, 250); }
    };
    clearTimeout(host.timer);
    const main = document.querySelector('[data-testid="stMain"]');
    if (main && !data.focus) main.scrollTo({ top: 0 });
    look();
  }
  return () => host.removeEventListener("click", open);
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
        path, _, query = stop_link(1).partition("?")
        st.page_link(
            st.session_state["pages"][HOME if not path else STOPS[0].page],
            label=f"**Take the tour:** {len(STOPS)} stops, about ten minutes",
            icon=":material/explore:",
            query_params=dict(pair.split("=") for pair in query.split("&")),
        )


def stop_link(number: int) -> str:
    """The address of a stop with the photo in hand; 0, and what comes after the last one, leads out of the tour."""
    here = context()
    if not 1 <= number <= len(STOPS):
        hidden = here.view.extra("hide")
        view = replace(here.view, extras=(("hide", hidden),) if hidden else ())
        return f"?{urlencode(view.params(None))}"
    stop = STOPS[number - 1]
    kind = stop.page if stop.page in TEXTS else None
    choice = Choice(**stop.choice)  # type: ignore[arg-type]
    view = replace(
        here.view,
        choice=settle(kind, here.config, choice) if kind else choice,
        channel=stop.channel,
        softmax="streams",
        probes=False,
    )
    view = view.with_extras(EVERYWHERE, **stop.extras, tour=number)
    return f"{page_path(stop.page)}?{urlencode(view.params(kind))}"


def _html(stop: Stop, number: int) -> str:
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


def _attribute(number: int) -> str:
    return escape(stop_link(number), quote=True)


def _ignore() -> None:
    """A trigger needs a callback, even if its value is read afterwards."""
