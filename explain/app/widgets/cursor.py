"""A drawing with a cursor: one of many steps, chosen by a click or with the arrow keys.

Whatever in the drawing has the class `plot` is divided into as many equal columns as there are steps, and shows the
cursor. The whole drawing is one stop of the Tab key: left and right move by one step, Page Up and Page Down by ten,
Home and End lead to the ends. What is pointed at is read out at once; the server is asked when the cursor rests.
"""

from collections.abc import Callable, Sequence

import streamlit as st

__all__ = ["cursor"]

_SCRIPT = """
export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host"), readout = parentElement.querySelector(".readout");
  const last = data.words.length - 1;
  if (host.shown !== data.html) {
    const scrolled = host.querySelector(".scroll")?.scrollLeft;
    host.innerHTML = data.html;
    host.shown = data.html;
    for (const plot of host.querySelectorAll(".plot")) {
      const line = document.createElement("i");
      line.className = "cursor";
      plot.append(line);
    }
    if (scrolled) host.querySelector(".scroll").scrollLeft = scrolled;
  }
  const show = (at) => {
    host.at = at;
    for (const line of host.querySelectorAll(".cursor")) {
      line.style.left = `${100 * at / (last + 1)}%`;
      line.style.width = `${100 / (last + 1)}%`;
    }
    host.ariaValueNow = at;
    host.ariaValueText = readout.textContent = data.words[at];
  };
  host.ariaLabel = data.label;
  host.ariaValueMin = 0;
  host.ariaValueMax = last;
  // An answer to an earlier move must not pull the cursor back.
  if (host.wanted === undefined || host.wanted === data.at || performance.now() - host.moved > 3000) {
    const fresh = host.at !== data.at;
    host.wanted = undefined;
    show(data.at);
    const scroll = host.querySelector(".scroll"), line = host.querySelector(".cursor");
    if (fresh && scroll && line) {
      const place = line.getBoundingClientRect().left - scroll.getBoundingClientRect().left;
      if (place < 0 || place > scroll.clientWidth) scroll.scrollLeft += place - scroll.clientWidth / 2;
    }
  }
  const go = (at, wait) => {
    host.wanted = Math.max(0, Math.min(last, at));
    host.moved = performance.now();
    show(host.wanted);
    clearTimeout(host.timer);
    host.timer = setTimeout(() => setTriggerValue("move", host.wanted ?? host.at), wait);
  };
  const under = (event) => {
    const frame = event.target.closest?.(".plot")?.getBoundingClientRect();
    if (!frame) return null;
    const at = Math.floor((event.clientX - frame.left) / frame.width * (last + 1));
    return Math.max(0, Math.min(last, at));
  };
  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10,
    Home: -last, End: last };
  // Properties, which a later run of this function replaces: it runs for every answer of the server.
  host.onclick = (event) => { const at = under(event); if (at !== null) go(at, 0); };
  host.onpointermove = (event) => { readout.textContent = data.words[under(event) ?? host.at]; };
  host.onpointerleave = () => { readout.textContent = data.words[host.at]; };
  host.onkeydown = (event) => {
    if (!(event.key in steps)) return;
    event.preventDefault();
    go(host.at + steps[event.key], 150);
  };
}
"""

_STYLE = """
.host { container-type: inline-size; font-size: .8rem; font-variant-numeric: tabular-nums; border-radius: 4px; }
.host:focus { outline: none; }
.host:focus-visible { outline: 2px solid var(--st-primary-color, #b45309); outline-offset: 3px; }
.scroll { overflow-x: auto; padding-bottom: .3rem; }
.chart { display: grid; grid-template-columns: 3.4rem minmax(0, 1fr); min-width: 34rem; row-gap: .15rem; }
/* What is scrolled keeps its headings and its numbers in sight. */
.chart h4 { grid-column: 1 / 3; margin: .35rem 0 0; font-size: .85rem; font-weight: 600;
  position: sticky; left: 0; justify-self: start; max-width: 100cqw; }
.chart h4 small { font-weight: 400; font-size: .8rem; opacity: .75; }
.axis { position: sticky; left: 0; z-index: 1; background: var(--st-background-color, #fff); }
.axis span { position: absolute; right: .4rem; transform: translateY(50%); opacity: .75; white-space: nowrap; }
.plot { position: relative; cursor: pointer; border-bottom: 1px solid currentColor; }
.plot svg { position: absolute; inset: 0; width: 100%; height: 100%; display: block; }
.plot .cursor { position: absolute; top: 0; bottom: 0; min-width: 2px; pointer-events: none; box-sizing: border-box;
  background: color-mix(in srgb, var(--st-text-color, #1f2530) 30%, transparent);
  outline: 1px solid var(--st-text-color, #1f2530); }
.plot .line { position: absolute; left: 0; right: 0; border-top: 1px dashed currentColor; opacity: .55; }
.plot .band { position: absolute; left: 0; right: 0; background: color-mix(in srgb, currentColor 14%, transparent); }
.plot .band.faint { background: color-mix(in srgb, currentColor 7%, transparent); }
.plot b { position: absolute; font-weight: 400; white-space: nowrap; padding: 0 .25rem; border-radius: 3px;
  background: color-mix(in srgb, var(--st-background-color, #fff) 82%, transparent); }
.key { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin-top: .4rem; }
.key i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .35rem;
  vertical-align: -1px; }
.readout { margin: .4rem 0 0; font-size: .9rem; min-height: 2.6em; line-height: 1.3;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
"""

_cursor = st.components.v2.component(
    "mirnet.cursor",
    html='<div class="host" tabindex="0" role="slider"></div><p class="readout"></p>',
    css=_STYLE,
    js=_SCRIPT,
)


def cursor(html: str, label: str, words: Sequence[str], at: int, key: str, on_move: Callable[[int], None]) -> None:
    """Shows a drawing with a cursor on one of its steps.

    Args:
        html: The drawing, made by us; nothing in it may come from a visitor unescaped.
        label: What it is, for screen readers.
        words: Of each step, read out where the cursor is or the mouse points.
        at: The step that is chosen now, from 0.
        key: Names the element.
        on_move: Called with the new step, before the next run.
    """

    def moved() -> None:
        step = st.session_state[key].get("move")
        if step is not None:
            on_move(min(max(int(step), 0), len(words) - 1))

    _cursor(data={"html": html, "label": label, "words": list(words), "at": at}, key=key, on_move_change=moved)
