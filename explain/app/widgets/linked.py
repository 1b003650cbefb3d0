"""The two parts of the page that Streamlit has no widget for: a drawing with links, and a picture to point at.

A plain link would load the page anew, and with it end the session and lose an uploaded photo. These hand the click
to Python. Links keep their real addresses, so opening one in a new tab and the keyboard work as everywhere.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

__all__ = ["linked", "picker"]

_LINKED = """
export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host");
  if (host.shown !== data.html) { host.innerHTML = data.html; host.shown = data.html; }
  const open = (event) => {
    const link = event.target.closest("a[href]");
    const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || elsewhere) return;
    event.preventDefault();
    setTriggerValue("open", link.getAttribute("href"));
  };
  host.addEventListener("click", open);
  return () => host.removeEventListener("click", open);
}
"""

_PICKER = """
export default function ({ parentElement, data, setTriggerValue, setStateValue }) {
  const host = parentElement.querySelector(".host");
  const image = host.querySelector("img"), across = host.querySelector(".across"), down = host.querySelector(".down");
  if (image.getAttribute("src") !== data.source) image.src = data.source;
  image.alt = data.alt;
  across.style.top = `${100 * (data.row + 0.5) / data.height}%`;
  down.style.left = `${100 * (data.col + 0.5) / data.width}%`;
  const pick = (event) => {
    const frame = image.getBoundingClientRect();
    const place = (at, start, length, count) =>
      Math.max(0, Math.min(count - 1, Math.floor((at - start) / length * count)));
    setTriggerValue("pick", {
      row: place(event.clientY, frame.top, frame.height, data.height),
      col: place(event.clientX, frame.left, frame.width, data.width),
    });
  };
  host.addEventListener("click", pick);
  const narrow = window.innerWidth < 640;
  if (narrow !== data.narrow) setStateValue("narrow", narrow);
  return () => host.removeEventListener("click", pick);
}
"""

_PICKER_STYLE = """
.host { position: relative; line-height: 0; cursor: crosshair; border-radius: 6px; overflow: hidden; }
.host img { width: 100%; image-rendering: pixelated; }
.host i { position: absolute; pointer-events: none; mix-blend-mode: difference; background: #fff; opacity: .8; }
.across { left: 0; right: 0; height: 1px; }
.down { top: 0; bottom: 0; width: 1px; }
"""

_linked = st.components.v2.component("mirnet.linked", html='<div class="host"></div>', js=_LINKED)
_picker = st.components.v2.component(
    "mirnet.picker",
    html='<div class="host"><img><i class="across"></i><i class="down"></i></div>',
    css=_PICKER_STYLE,
    js=_PICKER,
)


def linked(html: str, key: str) -> str | None:
    """Shows trusted HTML; the address of the link that was just clicked, or None.

    Args:
        html: Made by us; nothing in it may come from a visitor unescaped.
        key: Names the element.
    """
    return _linked(data={"html": html}, key=key, on_open_change=_ignore).open


def picker(
    source: str,
    alt: str,
    size: tuple[int, int],
    pixel: tuple[int, int],
    narrow: bool,
    key: str,
    on_pick: Callable[[], None],
    on_narrow: Callable[[], None],
) -> Any:
    """Shows a picture with cross hairs on a pixel, to be moved by a click.

    It also notices whether the window is as narrow as a phone, since Streamlit does not tell.

    Args:
        source: The picture's address; a data URL will do.
        alt: What the picture shows.
        size: (height, width) in pixels.
        pixel: (row, column) of the cross hairs.
        narrow: Whether the page is drawn for a phone now.
        key: Names the element; its state `pick` holds `row` and `col`, its state `narrow` a truth value.
        on_pick: Called after a click.
        on_narrow: Called when the window is on the other side of the limit.
    """
    (height, width), (row, col) = size, pixel
    return _picker(
        data={"source": source, "alt": alt, "height": height, "width": width, "row": row, "col": col, "narrow": narrow},
        key=key,
        on_pick_change=on_pick,
        on_narrow_change=on_narrow,
    )


def _ignore() -> None:
    """A trigger needs a callback, even if its value is read afterwards."""
