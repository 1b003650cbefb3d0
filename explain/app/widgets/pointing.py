"""Two parts of the page to point at: things to choose from, and pictures with cross hairs on one pixel.

Both hand the click to Python and keep the session, both work with the keyboard: Tab leads to them, the arrow keys
move, Enter or Space chooses. What is pointed at is read out at once, without asking the server.
"""

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from explain.app.charts.bars import STYLE
from explain.app.widgets.colour_maps import STYLE as MAPS_STYLE

__all__ = ["chooser", "pointer", "spot"]

_CHOOSER = """
export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host");
  const button = (node) => node.closest?.("[data-choose]");
  if (host.shown !== data.html) {
    const focused = button(host.getRootNode().activeElement ?? host)?.dataset.choose;
    const scrolled = host.querySelector(".scroll")?.scrollLeft;
    host.innerHTML = data.html;
    for (const row of host.querySelectorAll("[data-rove]")) {
      const all = [...row.querySelectorAll("[data-choose]")];
      const first = all.find((each) => each.ariaPressed === "true") ?? all[0];
      for (const each of all) each.tabIndex = each === first ? 0 : -1;
    }
    const scroll = host.querySelector(".scroll");
    if (scroll && scrolled !== undefined) scroll.scrollLeft = scrolled;
    else if (scroll) {
      const chosen = scroll.querySelector("[aria-pressed=true]");
      if (chosen) scroll.scrollLeft = chosen.offsetLeft - scroll.clientWidth / 2;
    }
    if (focused !== undefined) host.querySelector(`[data-choose="${CSS.escape(focused)}"]`)?.focus();
    host.shown = data.html;
    host.resting = host.querySelector("[data-readout]")?.textContent;
  }
  const readout = host.querySelector("[data-readout]");
  const say = (event) => {
    const words = event.target.closest?.("[data-words]")?.dataset.words;
    if (readout) readout.textContent = words ?? host.resting;
  };
  const rest = () => { if (readout) readout.textContent = host.resting; };
  const choose = (event) => {
    const chosen = button(event.target);
    if (chosen) setTriggerValue("choose", chosen.dataset.choose);
  };
  const rove = (event) => {
    const all = [...(button(event.target)?.closest("[data-rove]")?.querySelectorAll("[data-choose]") ?? [])];
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -all.length, End: all.length };
    if (!all.length || !(event.key in step)) return;
    event.preventDefault();
    const place = all.indexOf(button(event.target)) + step[event.key];
    const next = all[Math.max(0, Math.min(all.length - 1, place))];
    for (const each of all) each.tabIndex = each === next ? 0 : -1;
    next.focus();
  };
  const heard = [["click", choose], ["keydown", rove], ["pointerover", say], ["focusin", say],
    ["pointerleave", rest], ["focusout", rest]];
  for (const [name, listener] of heard) host.addEventListener(name, listener);
  return () => heard.forEach(([name, listener]) => host.removeEventListener(name, listener));
}
"""

_POINTER = """
export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host");
  if (host.shown !== data.html) { host.innerHTML = data.html; host.shown = data.html; }
  host.ariaLabel = data.label;
  let at = { row: data.row, col: data.col };
  const show = () => {
    for (const line of host.querySelectorAll(".across")) line.style.top = `${100 * (at.row + 0.5) / data.height}%`;
    for (const line of host.querySelectorAll(".down")) line.style.left = `${100 * (at.col + 0.5) / data.width}%`;
  };
  const go = (row, col) => {
    const within = (place, count) => Math.max(0, Math.min(count - 1, Math.floor(place)));
    at = { row: within(row, data.height), col: within(col, data.width) };
    show();
    setTriggerValue("pick", at);
  };
  show();
  const pick = (event) => {
    const frame = event.target.closest?.(".spot")?.getBoundingClientRect();
    if (!frame) return;
    const share = [(event.clientY - frame.top) / frame.height, (event.clientX - frame.left) / frame.width];
    go(share[0] * data.height, share[1] * data.width);
  };
  const move = (event) => {
    const way = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const step = event.shiftKey ? 10 : 1;
    go(at.row + step * way[0], at.col + step * way[1]);
  };
  host.addEventListener("click", pick);
  host.addEventListener("keydown", move);
  return () => { host.removeEventListener("click", pick); host.removeEventListener("keydown", move); };
}
"""

_POINTER_STYLE = """
.host:focus { outline: none; }
.host:focus-visible { outline: 2px solid var(--st-primary-color, #b45309); outline-offset: 3px; border-radius: 4px; }
.spot { position: relative; cursor: crosshair; overflow: hidden; border-radius: 4px; line-height: 0; }
.spot i { position: absolute; pointer-events: none; background: #fff; box-shadow: 0 0 0 1px rgb(0 0 0 / .55);
  opacity: .8; }
.across { left: 0; right: 0; height: 1px; }
.down { top: 0; bottom: 0; width: 1px; }
"""

_chooser = st.components.v2.component(
    "mirnet.chooser", html='<div class="host"></div>', css=MAPS_STYLE + STYLE, js=_CHOOSER
)
_pointer = st.components.v2.component(
    "mirnet.pointer",
    html='<div class="host" tabindex="0" role="group"></div>',
    css=MAPS_STYLE + STYLE + _POINTER_STYLE,
    js=_POINTER,
)


def chooser(html: str, key: str, valid: Sequence[str], on_choose: Callable[[str], None]) -> None:
    """Shows trusted HTML whose elements with `data-choose="value"` can be chosen.

    Elements with `data-words` are read out in the one with `data-readout`; buttons inside `data-rove` are one stop of
    the Tab key, and the arrow keys lead from one to the next.

    Args:
        html: Made by us; nothing in it may come from a visitor unescaped.
        key: Names the element.
        valid: The values that there are.
        on_choose: Called with a valid value that was chosen, before the next run.
    """

    def chosen() -> None:
        value = st.session_state[key].get("choose")
        if value in valid:
            on_choose(value)

    _chooser(data={"html": html}, key=key, on_choose_change=chosen)


def pointer(
    html: str,
    label: str,
    size: tuple[int, int],
    pixel: tuple[int, int],
    key: str,
    on_pick: Callable[[tuple[int, int]], None],
) -> None:
    """Shows pictures of one scene, made by `spot`, all with cross hairs on the same pixel of it.

    A click on any of them moves the pixel, and so do the arrow keys: by 1, or by 10 with Shift.

    Args:
        html: The pictures, made by us; nothing in it may come from a visitor unescaped.
        label: What the pictures are, for screen readers.
        size: (height, width) of the scene in pixels. A picture may have fewer.
        pixel: (row, column) in the scene.
        key: Names the element.
        on_pick: Called with the new (row, column), before the next run.
    """
    (height, width), (row, col) = size, pixel

    def picked() -> None:
        place = st.session_state[key].get("pick")
        if place:
            new = int(place["row"]), int(place["col"])
            on_pick((min(max(new[0], 0), height - 1), min(max(new[1], 0), width - 1)))

    words = f"{label}; the arrow keys move the pixel"
    _pointer(
        data={"html": html, "label": words, "height": height, "width": width, "row": row, "col": col},
        key=key,
        on_pick_change=picked,
    )


def spot(source: str, alt: str, caption: str) -> str:
    """One picture for `pointer`.

    Args:
        source: Its address; a data URL will do.
        alt: What there is to see, for those who do not; plain text.
        caption: What to look at; plain text.
    """
    return (
        f'<figure><div class="spot"><img src="{source}" alt="{escape(alt, quote=True)}">'
        f'<i class="across"></i><i class="down"></i></div><figcaption>{escape(caption)}</figcaption></figure>'
    )
