"""The cell inspector: pick any number of either network, see the arithmetic that made it, follow its operands."""

from html import escape

import streamlit as st

from explain.app.catalog.topics import TOPICS
from explain.app.charts.altair_charts import show
from explain.app.compute.runner import hook_names, network, tensors
from explain.app.shell.glossary_hover import as_html, headed
from explain.app.url.controls import number
from explain.app.url.session import Context, context, link
from explain.app.url.teacher import shown
from explain.app.views.cell.arithmetic_drawing import Explained, drawing
from explain.app.views.cell.breadcrumbs import Stop, path_picture, read_path, write_path
from explain.app.views.cell.cell_charts import chart_of
from explain.app.views.cell.cell_picker import CellChoice, choose_place, choose_tensor, read_choice, show_arithmetic
from explain.app.views.cell.cell_sources import FLOAT, part_of
from explain.app.views.cell.drawing_parts import Pen
from explain.app.views.cell.explained_cells import LINES, cell_code, explained
from explain.app.views.cell.patches import groups
from explain.app.views.component.component_page import softmax_warning
from explain.app.widgets.decimals import minus
from explain.app.widgets.take_along import take_along
from explain.cell import Cell, CellRef
from explain.cell.descent import descent
from explain.cell.writing import centred
from explain.cell.writing import number as written
from explain.figures import Sheet, Theme, draw_tensor
from explain.tracing.sites import hooks_below

__all__ = ["page"]

CLOSE = 1e-5  # the network's float32 sums against float64, of numbers about as large as 1


def page() -> None:
    """Shows the cell inspector."""
    here = context()
    headed(TOPICS[here.page])
    softmax_warning(here)
    with st.spinner("Running the network on this photo …"):
        network(here.setup)
        choice = read_choice(here)
    if shown("choose"):
        choose_tensor(choice)
    choose_place(here, choice)
    found = explained(choice.net, here.setup, here.photo, choice.tensor, choice.place)
    _result(choice, found.cell)
    path, fine = read_path(here.view.extra("way") or "", choice.source.names)
    if not fine:
        st.info("A part of the path in this address makes no sense and is left out.", icon=":material/link_off:")
    parts = (
        _breadcrumbs(here, choice, path),
        _ride(here, choice, found.cell, path),
        _arithmetic(here, choice, found, path),
    )
    with st.container(key="arithmetic"):  # where the guided tour leads
        show_arithmetic("".join(parts), choice, key="cell_arithmetic")
    chart = chart_of(found, here.theme)
    if chart:
        st.markdown(f"#### {chart.title}")
        show(chart.chart, chart.rows, chart.label)
    if shown("formula"):
        with st.expander("As a formula, with these numbers", icon=":material/function:"):
            _formula(found)
    _take_along(here, choice, found.cell)


def _result(choice: CellChoice, cell: Cell) -> None:
    """The number, how it is made in a sentence, and whether it is what the arithmetic gives."""
    row, column, channel = choice.place
    value = f"**{minus(written(cell.value))}**"
    if cell.scale is not None:
        steps = minus(centred(cell.value, cell.zero_point))
        value += f", which stands for **{minus(written(cell.real))}** = {cell.scale:.4g} · {steps}"
    st.subheader(f"`{choice.tensor}` [{row}, {column}, {channel}]", anchor=False)
    st.markdown(f"= {value}")
    text = f"{escape(_sentence(cell.title))} {as_html(_sentence(cell.rule))}"
    st.html(f'<p class="explained" style="overflow-wrap: anywhere">{text}</p>')
    if not cell.operands:
        return
    difference, exact = cell.recomputed - cell.value, isinstance(cell.value, int)
    holds = abs(difference) <= (0 if exact else CLOSE * max(1, abs(cell.value)))
    mark, end = ":green[:material/check:]", "the network's own number"
    if difference:
        end += minus(f" but for rounding ({difference:.1e})")
    if not holds:
        mark, end = ":red[:material/close:]", minus(f"off by {difference:.3g}")
    elif exact:
        end = "the same, to the last bit"
    st.markdown(f"{mark} Computed again from its operands: {minus(written(cell.recomputed))}, {end}.")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _formula(found: Explained) -> None:
    """The formula; see `.st-key-cell_formula` in `assets/page.css`."""
    if found.cell.arithmetic.how == "sum" and found.count > LINES + 1:
        st.caption(f"The {LINES} largest of the {found.count:,} single products have a line each.")
    with st.container(key="cell_formula"):
        st.latex(found.latex)


def _arithmetic(here: Context, choice: CellChoice, found: Explained, path: list[Stop]) -> str:
    """The drawing; every operand in it leads to its own cell, and leaves this one on the path."""
    longer = write_path([*path, (choice.tensor, choice.place)], choice.source.names)

    def href(ref: CellRef) -> str:
        return _address(here, choice, (choice.source.name(ref.tensor), ref[1:]), longer)

    def show_group(group: int) -> str:
        stop = choice.tensor, choice.place
        return _address(here, choice, stop, write_path(path, choice.source.names), k=group)

    pen = Pen(href, show_group, choice.source.name, here.theme)
    shown_first = None
    if here.view.extra("k") is not None and found.cell.arithmetic.how == "sum" and not found.bins:
        wanted = number("k", 0, len(groups(found.cell)[1]) - 1, -1)
        shown_first = wanted if wanted >= 0 else None
    return drawing(found, pen, shown_first)


def _ride(here: Context, choice: CellChoice, cell: Cell, path: list[Stop]) -> str:
    """The link "Take me to the photo"; once it was followed, the path over the photo."""
    if not cell.operands:
        return ""
    stop, way = (choice.tensor, choice.place), write_path(path, choice.source.names)
    if here.view.extra("ride") != "yes":
        address = escape(_address(here, choice, stop, way, ride=True), quote=True)
        return f'<p><a class="to-photo" href="{address}">Take me to the photo</a></p>'
    source = choice.source

    def at(ref: CellRef) -> Cell:
        return explained(choice.net, here.setup, here.photo, source.name(ref.tensor), ref[1:]).cell

    def href(cell: Cell) -> str:
        return _address(here, choice, (source.name(cell.ref.tensor), cell.ref[1:]), "")

    with st.spinner("Following the number to the photo …"):
        cells = descent(cell, at)
    return path_picture(cells, source.picture, lambda each: source.name(each.ref.tensor), href, here.theme)


def _breadcrumbs(here: Context, choice: CellChoice, path: list[Stop]) -> str:
    """The cells on the path to this one, each a link."""
    links = [
        f'<a href="{escape(_address(here, choice, stop, write_path(path[:k], choice.source.names)), quote=True)}">'
        f"{escape(_brief(stop))}</a>"
        for k, stop in enumerate(path)
    ]
    own = f"<b>{escape(_brief((choice.tensor, choice.place)))}</b>"
    if not links:
        return ""
    inside = " › ".join([*links, own])
    return f'<nav aria-label="Breadcrumbs" style="font-size: .85rem">Back along the path: {inside}</nav>'


def _address(here: Context, choice: CellChoice, stop: Stop, path: str, k: int | None = None, ride: bool = False) -> str:
    """The address of a cell of the same network, within this session."""
    tensor, (y, x, c) = stop
    net = None if choice.net == FLOAT else choice.net
    place: dict[str, str | int | None] = {"tensor": tensor, "y": y, "x": x, "c": c, "k": k, "net": net}
    return link(here.page, place | {"way": path or None, "take": None, "ride": "yes" if ride else None})


def _brief(stop: Stop) -> str:
    tensor, place = stop
    return f"{'/'.join(tensor.split('/')[-2:])} [{', '.join(map(str, place))}]"


def _take_along(here: Context, choice: CellChoice, cell: Cell) -> None:
    code = cell_code(choice.net, here.setup, here.view.photo, cell)
    known = hook_names(here.setup)
    if choice.net != FLOAT or choice.tensor not in known:
        take_along(here, {}, (), code)
        return
    setup, photo, tensor, channel = here.setup, here.photo, choice.tensor, choice.place[2]
    part = part_of(tensor)
    names = hooks_below(known, part) if part else [tensor]

    def draw(theme: Theme) -> Sheet:
        return draw_tensor(tensors(setup, photo, names), tensor, channel=channel, theme=theme)

    take_along(here, {f"{tensor}, channel {channel}": draw}, [tensor], code)
