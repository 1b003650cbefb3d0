"""The map of a network: MIRNet, one of its groups, one of that group's blocks, and what a block is made of.

`network_map` is a pure function of the configuration, the photo's size and the choice; it gives HTML with SVG
drawings, every part a link. For a phone the same drawings flow downwards; the stylesheet shows one of the two.
"""

from collections.abc import Callable

from explain.app.choices import Choice
from explain.app.drawing import STYLE, Sheet
from explain.app.insides import cards
from model.config import MIRNetConfig

__all__ = ["Link", "network_map", "shape_text"]

Link = Callable[..., str]
"""`link(kind, **choice)` gives the address of the page about a component."""

WIDE = 820  # pixels of the drawings on a desk
NARROW = 350  # and on a phone

# Steps along a block: from a unit to its exchange, to the next unit, and from the first step of the merge to the end.
EXCHANGE, COLUMN, MERGE = 1.7, 2.65, 3.4

LAYOUT = f"""
{STYLE}
.map h3 {{ font-size: 1rem; font-weight: 600; margin: 0; padding: 0 0 .5rem; }}
.map h3 span {{ font-weight: 400; opacity: .75; }}
.map .panel {{ border: 1px solid var(--st-border-color, #ccc); border-radius: 10px; padding: .8rem 1rem; }}
.map .panel + .panel, .map .cards {{ margin-top: .8rem; }}
.map .panel.open {{ border-bottom: none; border-radius: 10px 10px 0 0; padding-bottom: 0; }}
.map .panel.open + .panel {{ margin-top: 0; border-radius: 0 0 10px 10px; }}
.map .panel.open + .panel.open {{ border-radius: 0; }}
.map .cards {{ display: grid; grid-template-columns: 1fr 1fr; gap: .8rem; }}
.map .cards .panel {{ margin: 0; }}
.map .cards h3 a {{ color: inherit; text-decoration: underline; text-underline-offset: 3px; }}
.map .narrow {{ display: none; }}
@container (max-width: 640px) {{
  .map .wide {{ display: none; }}
  .map .narrow {{ display: block; }}
  .map .cards {{ grid-template-columns: 1fr; }}
  .map .panel {{ padding: .7rem .5rem; }}
}}
"""


def network_map(config: MIRNetConfig, size: tuple[int, int], choice: Choice, link: Link) -> str:
    """The map, as HTML with its own stylesheet.

    Args:
        config: The network.
        size: (height, width) of the photo.
        choice: The group and the block to look into.
        link: Gives the address of a component's page.

    Returns:
        A `<div class="map">`; every shape in it is height × width × channels.
    """
    height, width = size = size[0] // config.stem, size[1] // config.stem  # of the features
    tops = [
        ("MIRNet", f"{config.groups} groups in a row, and only what to add is learned", _mirnet, True),
        (f"RRG {choice.group}", f"recursive residual group: {config.blocks} blocks in a row", _rrg, True),
        (
            f"MRB {choice.block} of RRG {choice.group}",
            f"multi-scale residual block: {config.streams} streams that exchange what they found",
            _mrb,
            False,
        ),
    ]
    panels = "".join(
        f'<section class="panel{" open" if opens else ""}"><h3>{name} <span>· {words}</span></h3>'
        + "".join(
            f'<div class="{style}">{draw(config, size, choice, link, style == "wide")}</div>'
            for style in ("wide", "narrow")
        )
        + "</section>"
        for name, words, draw, opens in tops
    )
    return f'<div class="map"><style>{LAYOUT}</style>{panels}{cards(config, (height, width), choice, link)}</div>'


def shape_text(height: int, width: int, channels: int) -> str:
    """A feature map's shape as the page writes it."""
    return f"{height}×{width}×{channels}"


def _mirnet(config: MIRNetConfig, size: tuple[int, int], choice: Choice, link: Link, wide: bool) -> str:
    height, width = (side * config.stem for side in size)
    picture, features = shape_text(height, width, 3), shape_text(*size, config.channels)
    folded = [(f"fold\n{config.stem}×{config.stem}", "", "", shape_text(*size, config.depth))] * (config.stem > 1)
    unfold = [("unfold", "", "", picture)] * (config.stem > 1)
    nodes = [("photo", "", "", picture), *folded, ("conv\n3×3", "", "", features)]
    nodes += [
        (f"RRG {k}", "rrg", link("rrg", group=k), features if k == config.groups else "")
        for k in range(1, config.groups + 1)
    ]
    nodes += [("conv\n3×3", "", "", shape_text(*size, config.depth)), *unfold]
    return _chain(nodes, "MIRNet", f"RRG {choice.group}", wide, last=("restored", link("mirnet")))


def _rrg(config: MIRNetConfig, size: tuple[int, int], choice: Choice, link: Link, wide: bool) -> str:
    features = shape_text(*size, config.channels)
    nodes = [("in", "", "", features)]
    nodes += [(f"MRB {k}", "mrb", link("mrb", group=choice.group, block=k), "") for k in range(1, config.blocks + 1)]
    nodes += [("conv\n3×3", "", "", features)]
    name = f"Recursive residual group {choice.group}"
    return _chain(nodes, name, f"MRB {choice.block}", wide, last=("out", link("rrg", group=choice.group)))


def _chain(nodes: list, name: str, chosen: str, wide: bool, last: tuple[str, str]) -> str:
    """Boxes in a row, a way around all of them, and a sum at the end."""
    count = len(nodes) + 2
    if wide:
        step = (WIDE - 2 * 46) / (count - 1)
        sheet = Sheet(True, along=step, across=60, origin=(46, 56), box=(min(78, step - 28), 42))
    else:
        sheet = Sheet(False, along=66, across=105, origin=(NARROW * 0.42, 26), box=(88, 40))
    plus, end = count - 2, count - 1
    for k, (text, kind, href, shape) in enumerate(nodes):
        sheet.node((k, 0), text, kind, href, chosen=text == chosen)
        sheet.arrow((k, 0), (k + 1, 0), end=12 if k + 1 == plus else None)
        if shape:
            sheet.label((k + 0.5, 0), shape, "shape" if wide else "shape start", (0, 34) if wide else (8, 0))
        if wide and text == chosen:
            sheet.zoom((k, 0), WIDE, 40)
    side = -0.75 if wide else -1.1
    sheet.arrow((0, 0), (0, side), (plus, side), (plus, 0), end=12, skip=True)
    sheet.sum((plus, 0))
    sheet.arrow((plus, 0), (end, 0))
    sheet.node((end, 0), last[0], "", last[1], hint=f"{name}, its own page")
    return sheet.svg(
        f"{name}: {', '.join(node[0].replace(chr(10), ' ') for node in nodes)}, sum", WIDE if wide else NARROW
    )


def _mrb(config: MIRNetConfig, size: tuple[int, int], choice: Choice, link: Link, wide: bool) -> str:
    streams, columns = config.streams, config.columns
    here = {"group": choice.group, "block": choice.block}
    # Along: in, then a dual attention unit and an exchange for each column, then up, fuse, conv, sum, out.
    units = [1 + COLUMN * k for k in range(columns)]
    last = units[-1] + 1 + MERGE
    if wide:
        step = (WIDE - 2 * 42) / last
        sheet = Sheet(True, step, 96, origin=(42, 50), box=(min(66, step * 0.74), 42))
    else:
        across = (NARROW - 112) / (streams - 1)
        sheet = Sheet(False, 68, across, origin=(64, 26), box=(min(82, across - 32), 40))
    sheet.node((0, 0), "in")
    sheet.arrow((0, 0), (1, 0))
    _first_column(sheet, config, size, here, link)
    for column, at in enumerate(units, 1):
        for k in range(1, streams + 1):
            address = link("dau", **here, place=f"column_{column}", stream=k)
            text = f"DAU {k}" if wide or column > 1 or streams > 3 else f"DAU {k}\n{_stream_shape(config, size, k)}"
            sheet.node((at, k - 1), text, "dau", address, f"Dual attention unit, stream {k}, column {column}")
        if column < columns:
            _exchange(sheet, at, streams, "exchange" if column == 1 else f"exchange_{column}", here, link)
    _merge(sheet, units[-1], streams, here, link)
    side = -0.46 if wide else -56 / sheet.across
    sheet.arrow((0, 0), (0, side), (last - 0.8, side), (last - 0.8, 0), end=12, skip=True)
    sheet.sum((last - 0.8, 0))
    sheet.arrow((last - 0.8, 0), (last, 0))
    sheet.node((last, 0), "out", "", link("mrb", **here), "This block's own page")
    name = f"Multi-scale residual block {choice.block} of group {choice.group}: {streams} streams, {columns} columns"
    return sheet.svg(name, WIDE if wide else NARROW)


def _first_column(sheet: Sheet, config: MIRNetConfig, size: tuple[int, int], here: dict, link: Link) -> None:
    """Streams open one below the other, each with its shape beside it."""
    for k in range(1, config.streams):
        sheet.arrow((1, k - 1), (1, k))
        address = link("down", **here, place="column_1", stream=k, to=k + 1)
        hint = f"Downsample, stream {k} to {k + 1}"
        sheet.node((1, k - 0.5), "Down" if sheet.wide else "↓", "down", address, hint,
                   size=(46, 24) if sheet.wide else (26, 26))  # fmt: skip
    if sheet.wide:  # on a phone they stand inside the boxes
        for k in range(config.streams):
            text = f"stream {k + 1}\n{_stream_shape(config, size, k + 1)}"
            sheet.label((1, k), text, "shape end", (-42, -6 if k else 32))


def _stream_shape(config: MIRNetConfig, size: tuple[int, int], stream: int) -> str:
    scale = 2 ** (stream - 1)
    return shape_text(size[0] // scale, size[1] // scale, config.channels * scale)


def _exchange(sheet: Sheet, at: float, streams: int, place: str, here: dict, link: Link) -> None:
    """Every stream to every SKFF; a dot on each line that changes the resolution."""
    fuse = at + EXCHANGE
    start, stop = at + sheet.edge, fuse - sheet.edge
    part = 1 / (streams + 1)  # of the way: there no two dots meet
    for k in range(streams):
        for j in range(streams):
            sheet.arrow((start, k), (stop, j), end=0)
            if k != j:
                kind = "down" if k < j else "up"
                address = link(kind, **here, place=place, stream=k + 1, to=j + 1)
                hint = f"{kind.capitalize()}sample, stream {k + 1} to {j + 1}"
                on_line = (start + (stop - start) * part, k + (j - k) * part)
                sheet.dot(on_line, "↓" if k < j else "↑", kind, address, hint, radius=9)
    for j in range(streams):
        address = link("skff", **here, place=place, stream=j + 1)
        sheet.node((fuse, j), "SKFF", "skff", address, f"Selective kernel feature fusion at stream {j + 1}")
        sheet.arrow((fuse, j), (at + COLUMN, j))


def _merge(sheet: Sheet, last: float, streams: int, here: dict, link: Link) -> None:
    """All streams back to full resolution, fused, convolved."""
    up, fuse, conv, total = last + 1, last + 2, last + 3, last + 1 + MERGE - 0.8
    sheet.arrow((last, 0), (fuse, 0))
    for k in range(1, streams):
        sheet.arrow((last, k), (up, k), end=23 if sheet.wide else 13)
        sheet.arrow((up, k), (fuse, k), (fuse, 0))
        address = link("up", **here, place="merge", stream=k + 1, to=1)
        sheet.node((up, k), "Up", "up", address, f"Upsample, stream {k + 1} to 1", size=(46, 26))
    address = link("skff", **here, place="merge", stream=1)
    sheet.node((fuse, 0), "SKFF", "skff", address, "Selective kernel feature fusion of all streams")
    sheet.arrow((fuse, 0), (conv, 0))
    sheet.node((conv, 0), "conv\n3×3")
    sheet.arrow((conv, 0), (total, 0), end=12)
