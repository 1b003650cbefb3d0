"""The small drawings of the map: what is inside a dual attention unit, an SKFF and the resizing modules."""

from typing import Any

from explain.app.catalog.choices import Choice
from explain.app.map.boxes import MapSheet
from model.config import MIRNetConfig

__all__ = ["cards"]

WIDTH = 400  # pixels; a phone shows them a little smaller
DOWN = "Inside Downsample: convolutions, blur and 1×1, plus a blurred shortcut"
LATE = "Inside Upsample: convolutions, plus a 1×1 shortcut, and a bilinear resize of the sum"
UP = "Inside Upsample: a transposed convolution, plus a bilinear shortcut"


def cards(config: MIRNetConfig, size: tuple[int, int], choice: Choice, link) -> str:
    """The four drawings, each with a heading that leads to its page; `map.js` makes the first one that of any unit.

    Args:
        config: The network.
        size: (height, width) of the features at full resolution.
        choice: The group and the block to look into; the components of its first stream are drawn.
        link: Gives the address of a component's page.
    """
    here = {"group": choice.group, "block": choice.block}
    full = f"{size[0]}×{size[1]}×{config.channels}"
    half = f"{size[0] // 2}×{size[1] // 2}×{2 * config.channels}"
    board = config.style == "board"
    bend = "ReLU" if board else "PReLU"
    down = _resizing(f"3×3\n{bend}", "blur\n½", full, half, "down", DOWN, bend)
    if board:
        up = _late(half, full)
    else:
        up = _resizing("transp. 3×3\n×2, PReLU", "bilinear\n×2", half, full, "up", UP, bend)
    # With one column nothing is exchanged, only merged.
    fusion: dict[str, Any] = {"place": "exchange" if config.columns > 1 else "merge", "stream": 1}
    drawings = [
        ("dau", "Dual attention unit (DAU)", _dau(here, link, bend), {"place": "column_1", "stream": 1}),
        ("skff", "Selective kernel feature fusion (SKFF)", _skff(config.streams, bend), fusion),
        ("down", "Downsample", down, {"place": "column_1", "stream": 1, "to": 2}),
        ("up", "Upsample", up, {"place": "merge", "stream": 2, "to": 1}),
    ]
    return '<div class="cards">' + "".join(
        f'<section class="panel" data-unit="{kind}"><h3>'
        f'<a href="{link(kind, **here, **where).replace("&", "&amp;")}" target="_self">{name}</a></h3>{svg}</section>'
        for kind, name, svg, where in drawings
    ) + "</div>"  # fmt: skip


def _sheet(top: float, along: float = 64) -> MapSheet:
    return MapSheet(True, along, across=58, origin=(34, top), box=(58, 40))


def _dau(here: dict, link, bend: str) -> str:
    sheet = _sheet(top=80)
    sheet.node((0, 0), "in", size=(40, 32))
    sheet.arrow((0, 0), (1.15, 0), end=40)
    sheet.node((1.15, 0), f"conv\n{bend}, conv", size=(80, 44))
    for across, name in ((-0.55, "channel"), (0.55, "spatial")):
        sheet.arrow((1.15, 0), (2.75, across), end=37)
        sheet.arrow((2.75, across), (4.1, 0), end=22)
        kind, address = f"{name}_attention", link(f"{name}_attention", **here, place="column_1", stream=1)
        sheet.node((2.75, across), f"{name}\nattention", kind, address, f"{name.capitalize()} attention", size=(74, 42))
    sheet.node((4.1, 0), "1×1", size=(44, 32))
    sheet.arrow((4.1, 0), (4.95, 0), end=12)
    sheet.sum((4.95, 0))
    sheet.arrow((4.95, 0), (5.65, 0), end=4)
    sheet.arrow((0, 0), (0, -1.2), (4.95, -1.2), (4.95, 0), end=12, skip=True)
    return sheet.svg("Inside a dual attention unit: two convolutions, two gates, their merge, plus the input", WIDTH)


def _skff(streams: int, bend: str) -> str:
    sheet = _sheet(top=74, along=57)
    spread = [0.95 * (k - (streams - 1) / 2) for k in range(streams)] if streams < 4 else [-0.99, -0.33, 0.33, 0.99]
    for k, across in enumerate(spread, 1):
        sheet.arrow((0, across), (0.95, 0), end=12)
        sheet.node((0, across), f"L{k}", size=(36, 28))
    sheet.sum((0.95, 0))
    sheet.arrow((0.95, 0), (1.8, 0), end=24)
    sheet.node((1.8, 0), "mean", size=(46, 34))
    sheet.arrow((1.8, 0), (2.75, 0), end=24)
    sheet.node((2.75, 0), f"1×1\n{bend}", size=(50, 40))
    total = 6
    for k, across in enumerate(spread, 1):
        sheet.arrow((2.75, 0), (3.7, across), end=18)
        sheet.node((3.7, across), "1×1", size=(36, 26))
        sheet.arrow((3.7, across), (5.35, across), end=18)
        sheet.node((5.35, across), f"× L{k}", size=(36, 26))
        sheet.arrow((5.35, across), (total, 0), end=12)
    sheet.node((4.5, 0), "soft\nmax", "skff", size=(40, 58 * (spread[-1] - spread[0]) + 30))
    sheet.sum((total, 0))
    return sheet.svg("Inside SKFF: add, average, squeeze, a softmax over the streams, weigh and add", WIDTH)


def _resizing(filter_text: str, resize: str, before: str, after: str, kind: str, name: str, bend: str) -> str:
    sheet = _sheet(top=60)
    sheet.node((0, 0), "in", size=(40, 32))
    top, bottom = -0.6, 0.6
    # What resizes on the way down stands behind the filter, on the way up it is the filter, in a wider box.
    middle, width = (2.2, 54) if kind == "down" else (2.65, 86)
    sheet.arrow((0, 0), (1.15, top), end=28)
    sheet.node((1.15, top), f"1×1\n{bend}", size=(54, 40))
    sheet.arrow((1.15, top), (middle, top), end=width / 2 + 1)
    sheet.node((middle, top), filter_text, "" if kind == "down" else kind, size=(width, 40))
    if kind == "down":
        sheet.arrow((middle, top), (3.2, top), end=24)
        sheet.node((3.2, top), resize, kind, size=(46, 40))
    sheet.arrow((3.2 if kind == "down" else middle, top), (4.1, top), end=22)
    sheet.node((4.1, top), "1×1", size=(40, 32))
    sheet.arrow((0, 0), (middle, bottom), end=31)
    sheet.node((middle, bottom), resize, kind, size=(60, 40))
    sheet.arrow((middle, bottom), (4.1, bottom), end=22)
    sheet.node((4.1, bottom), "1×1", size=(40, 32))
    for across in (top, bottom):
        sheet.arrow((4.1, across), (5, 0), end=12)
    sheet.sum((5, 0))
    sheet.arrow((5, 0), (5.65, 0), end=4)
    sheet.label((0, 1.2), before, "shape start", (-22, 0))
    sheet.label((5.65, 1.2), after, "shape end")
    return sheet.svg(name, WIDTH)


def _late(before: str, after: str) -> str:
    """Upsampling in the board's style: the sum is enlarged."""
    sheet = _sheet(top=60)
    sheet.node((0, 0), "in", size=(40, 32))
    top, bottom = -0.6, 0.6
    sheet.arrow((0, 0), (1.05, top), end=28)
    sheet.node((1.05, top), "1×1\nReLU", size=(50, 40))
    sheet.arrow((1.05, top), (2.1, top), end=26)
    sheet.node((2.1, top), "3×3\nReLU", size=(50, 40))
    sheet.arrow((2.1, top), (3.1, top), end=21)
    sheet.node((3.1, top), "1×1", size=(40, 32))
    sheet.arrow((0, 0), (3.1, bottom), end=21)
    sheet.node((3.1, bottom), "1×1", size=(40, 32))
    for across in (top, bottom):
        sheet.arrow((3.1, across), (3.8, 0), end=12)
    sheet.sum((3.8, 0))
    sheet.arrow((3.8, 0), (4.85, 0), end=31)
    sheet.node((4.85, 0), "bilinear\n×2", "up", size=(60, 40))
    sheet.arrow((4.85, 0), (5.65, 0), end=4)
    sheet.label((0, 1.2), before, "shape start", (-22, 0))
    sheet.label((5.65, 1.2), after, "shape end")
    return sheet.svg(LATE, WIDTH)
