"""Which number: the network, the tensor by its place in the tree, and the place by a click or by three fields."""

from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from explain.app.assets.asset_files import asset
from explain.app.compute.runner import facts_about
from explain.app.compute.values_at import place_in
from explain.app.shell.plain_text import plain
from explain.app.url.controls import fold, number, option, put
from explain.app.url.session import Context, context, open_address
from explain.app.url.state import quoted
from explain.app.views.cell.cell_sources import BOARD, FLOAT, CellSource, source_of
from explain.app.views.cell.channel_map import ChannelScale, Plane, photo_url, picture, plane_of
from explain.app.views.cell.site_tree import chosen, levels
from explain.app.widgets.pointing import pointer, spot
from explain.cell.operands import Place
from model.errors import MirnetError

__all__ = ["FIRST", "CellChoice", "choose_place", "choose_tensor", "read_choice", "show_arithmetic"]

_arithmetic = st.components.v2.component(
    "mirnet.arithmetic", html='<div class="host"></div>', js=asset("links.js", "arithmetic.js")
)

FIRST = "rrg_1/mrb_1/column_1/dau_1/body"
"""The tensor to begin with: both networks have it."""

NETS = (FLOAT, BOARD)


@dataclass(frozen=True, eq=False)
class CellChoice:
    """A number of one of the networks.

    Attributes:
        net: `FLOAT` or `BOARD`.
        source: The network at work on the photo.
        tensor: One of its names.
        values: Of the tensor, (rows, columns, channels), floats.
        place: Row, column, channel.
    """

    net: str
    source: CellSource
    tensor: str
    values: np.ndarray
    place: Place


def read_choice(here: Context) -> CellChoice:
    """The number that the address asks for, with a sentence on what it does not have."""
    net = option("net", NETS, FLOAT)
    source = source_of(net, here.setup, here.photo)
    tensor = here.view.extra("tensor") or FIRST
    if tensor not in source.names:
        st.info(f"This network has no tensor {quoted(tensor)}: showing {FIRST}.", icon=":material/link_off:")
        tensor = FIRST
    values = source.values(tensor)
    rows, columns, channels = values.shape
    channel = number("c", 0, channels - 1, 0)
    row, column = _first_place(here, values, channel) if columns > 1 else (0, 0)
    y, x = number("y", 0, rows - 1, row), number("x", 0, columns - 1, column)
    return CellChoice(net, source, tensor, values, (y, x, channel))


def _first_place(here: Context, values: np.ndarray, channel: int) -> tuple[int, int]:
    """Under the photo's chosen pixel; without one on an edge, or, where the tensor is 0 there, at what says most."""
    place = place_in(values, here.pixel, here.photo.size)
    asked = here.view.pixel is not None or here.view.extra("y") is not None or here.view.extra("x") is not None
    found = np.abs(values[..., channel])
    if asked or found[place] or not found.any():
        return place
    row, column = np.unravel_index(found.argmax(), found.shape)
    return int(row), int(column)


def choose_tensor(choice: CellChoice) -> None:
    """The network, and one short list at each level of the tree."""
    title = plain(facts_about(context().setup).title)
    names = {FLOAT: f"{title}: floating point", BOARD: "nano: int8"}
    st.session_state["cell_net"] = choice.net
    st.segmented_control(
        "Whose numbers",
        NETS,
        required=True,
        format_func=names.__getitem__,
        key="cell_net",
        help=f"{title} works on the photo as it is, nano in int8 on what the board's camera would send of it.",
        on_change=lambda: _go(choice, st.session_state["cell_net"], choice.tensor),
    )
    tree = fold("tree", "Another tensor, by its place in the network", "account_tree")
    with tree, st.container(horizontal=True, gap="small"):
        for depth, level in enumerate(levels(choice.source.names, choice.tensor)):
            key = f"cell_level_{depth}"
            st.session_state[key] = level.value
            st.selectbox(
                level.title,
                level.options,
                format_func=level.label_of,
                key=key,
                on_change=_at_level,
                args=(choice, depth, key),
                width=170,  # two beside one another on a phone, and room for "channel attention"
            )


def choose_place(here: Context, choice: CellChoice) -> None:
    """The three fields, and the picture to click on."""
    sizes = zip(("y", "x", "c"), ("Row", "Column", "Channel"), choice.values.shape, choice.place, strict=True)
    with st.container(horizontal=True, gap="small"):
        for name, text, size, at in sizes:
            st.session_state[f"cell_{name}"] = at
            st.number_input(
                f"{text} (0 to {size - 1})",
                0,
                size - 1,
                key=f"cell_{name}",
                on_change=_fields,
                width=150,
                disabled=size == 1,
            )
    plane = plane_of(choice.values, choice.place[2])
    scale = ChannelScale.of(plane.values, choice.tensor, here.theme)
    st.html(scale.legend)
    pointer(
        _pictures(here, choice, plane, scale),
        f"{choice.tensor}: click to choose a number",
        (plane.values.shape[0], plane.values.shape[1]),
        plane.pixel(choice.place),
        "cell_map",
        lambda pixel: _put(plane.place(pixel, choice.place)),
    )


def show_arithmetic(html: str, choice: CellChoice, key: str) -> None:
    """Shows the drawing of a number's arithmetic; its links lead to other cells, and the arrow keys to the ones beside.

    Args:
        html: Made by us; nothing in it may come from a visitor unescaped.
        choice: The number.
        key: Names the element.
    """
    rows, columns, _ = choice.values.shape
    y, x, c = choice.place

    def slide() -> None:
        step = st.session_state[key].get("slide")
        if step:
            _put((min(max(y + int(step["y"]), 0), rows - 1), min(max(x + int(step["x"]), 0), columns - 1), c))

    address = _arithmetic(
        data={"html": html, "slides": columns > 1}, key=key, on_open_change=lambda: None, on_slide_change=slide
    ).open
    if address:
        open_address(address)


def _pictures(here: Context, choice: CellChoice, plane: Plane, scale: ChannelScale) -> str:
    """The tensor, and beside it the photo for orientation where the tensor is a map."""
    rows, columns, channels = choice.values.shape
    row, column, channel = choice.place
    size = f"{rows} × {columns}, {channels} channel{'s' if channels > 1 else ''}"
    what = f"Channel {channel} of {choice.tensor} ({size})" if plane.is_map else f"{choice.tensor} ({size})"
    mark = "The lines cross at" if plane.is_map else "The frame is around"
    look = f"{mark} the chosen number; click to take another, or use the arrow keys."
    alt = f"{what}; chosen: row {row}, column {column}, channel {channel}"
    caption = f"{what}. {plane.text + '. ' if plane.text else ''}{look}"
    spots = spot(picture(plane, scale, choice.place, here.theme), alt, caption)
    if plane.is_map:
        text = "The same place in the photo, shown brighter than it is"
        spots += spot(photo_url(choice.source.picture), f"{text}: row {row}, column {column}", text)
    broadest = "26rem" if columns >= rows or not plane.is_map else "20rem"
    return f'<div class="gallery tensor" style="--broadest: {escape(broadest)}">{spots}</div>'


def _fields() -> None:
    _put(tuple(int(st.session_state[f"cell_{name}"]) for name in ("y", "x", "c")))


def _put(place: tuple[int, ...]) -> None:
    """Another number of the same tensor: a new path begins here."""
    y, x, c = place
    put(y=y, x=x, c=c, way=None)


def _at_level(choice: CellChoice, depth: int, key: str) -> None:
    _go(choice, choice.net, chosen(choice.source.names, choice.tensor, depth, st.session_state[key]))


def _go(choice: CellChoice, net: str, tensor: str) -> None:
    """To another tensor, in the same channel and, if one was asked for, at the same place, as far as it has them."""
    here = context()
    asked = here.view.extra("y") is not None or here.view.extra("x") is not None
    put(net=None if net == FLOAT else net, tensor=tensor, y=None, x=None, c=None, way=None, k=None)
    try:
        source = source_of(net, here.setup, here.photo)
        if tensor not in source.names:
            put(tensor=FIRST)
            tensor = FIRST
        shape = source.values(tensor).shape
    except MirnetError:
        return  # the page itself will say what is wrong
    old = choice.values.shape
    if shape[1] > 1 and old[1] > 1 and asked:
        y, x = ((2 * at + 1) * new // (2 * size) for at, new, size in zip(choice.place, shape[:2], old, strict=False))
        put(y=y, x=x)
    put(c=min(choice.place[2], shape[2] - 1))
