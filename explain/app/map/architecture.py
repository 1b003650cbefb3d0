"""The map of a network: MIRNet, one of its groups, one of that group's blocks, and what a block is made of.

`network_map` is a pure function of the configuration, the photo's size and the choice; it gives HTML with SVG
drawings, every part a link. For a phone the same drawings flow downwards; the stylesheet shows one of the two.
"""

from dataclasses import dataclass
from html import escape

from explain.app.assets.asset_files import style
from explain.app.catalog.choices import Choice
from explain.app.map.block import CONV, NARROW, WIDE, Link, block_drawing, fitted, shape_text
from explain.app.map.boxes import MapSheet
from explain.app.map.marks import Marks
from explain.app.map.units import cards
from model.config import MIRNetConfig

__all__ = ["Link", "network_map", "shape_text"]


@dataclass(frozen=True)
class Box:
    """One box of a chain.

    Attributes:
        text: Its name.
        shape: Of what leaves it, written on the arrow; empty where it is that of the box before.
        kind: Kind of component, or empty.
        href: Where it leads.
        site: Call site whose numbers it shows.
        hook: Hook point of what leaves it.
    """

    text: str
    shape: str = ""
    kind: str = ""
    href: str = ""
    site: str = ""
    hook: str = ""


def network_map(
    config: MIRNetConfig,
    size: tuple[int, int],
    choice: Choice,
    link: Link,
    marks: Marks = Marks(),  # noqa: B008 (frozen)
    insides: bool = True,
) -> str:
    """The map, as HTML with its own stylesheet.

    Args:
        config: The network.
        size: (height, width) of the photo.
        choice: The group and the block to look into.
        link: Gives the address of a component's page.
        marks: Pictures and numbers for its boxes.
        insides: Whether the small drawings of what a block is made of come along.

    Returns:
        A `<div class="map">`; every shape in it is height × width × channels.
    """
    size = size[0] // config.stem, size[1] // config.stem  # of the features
    group, block = f"rrg_{choice.group}", f"rrg_{choice.group}/mrb_{choice.block}"
    name = f"MRB {choice.block} of RRG {choice.group}"
    told = "that exchange what they found" if config.columns > 1 else "that are merged at the end"
    about = f"multi-scale residual block: {config.streams} streams {told}"
    tops = [
        ("MIRNet", f"{_counted(config.groups, 'group')}, and only what to add is learned", "", _mirnet, True),
        (f"RRG {choice.group}", f"recursive residual group: {_counted(config.blocks, 'block')}", group, _rrg, True),
        (name, about, block, block_drawing, False),
    ]
    pages = [link("mirnet"), link("rrg", group=choice.group), link("mrb", group=choice.group, block=choice.block)]
    panels = "".join(
        f'<section class="panel{" open" if opens else ""}"><h3>{_headed(title, page)} '
        f"<span>· {text}{marks.total(where)}</span></h3>"
        + "".join(
            f'<div class="{style}">{draw(config, size, choice, link, marks, style == "wide")}</div>'
            for style in ("wide", "narrow")
        )
        + "</section>"
        for (title, text, where, draw, opens), page in zip(tops, pages, strict=True)
    )
    small = cards(config, size, choice, link) if insides else ""
    return f'<div class="map">{style("network_map.css")}{panels}{small}</div>'


def _headed(title: str, page: str) -> str:
    """A drawing's heading, which leads to the page about it, where there is one."""
    return f'<a href="{escape(page)}" target="_self">{title}</a>' if page else title


def _counted(count: int, name: str) -> str:
    return f"one {name}" if count == 1 else f"{count} {name}s in a row"


def _mirnet(config: MIRNetConfig, size: tuple[int, int], choice: Choice, link: Link, marks: Marks, wide: bool) -> str:
    height, width = (side * config.stem for side in size)
    picture, features, count = shape_text(height, width, 3), shape_text(*size, config.channels), config.groups
    has_stem = config.stem > 1
    stem = Box(f"space to\ndepth {config.stem}×{config.stem}", shape_text(*size, config.depth), hook="folded")
    boxes = [Box("photo", picture, hook="photo"), *[stem] * has_stem]
    boxes.append(Box(CONV, features, site="shallow", hook="shallow"))
    boxes += [
        Box(f"RRG {k}", features if k == count else "", "rrg", link("rrg", group=k), f"rrg_{k}", f"rrg_{k}/out")
        for k in range(1, count + 1)
    ]
    residual = "folded_residual" if has_stem else "residual"
    boxes.append(Box(CONV, shape_text(*size, config.depth), site="last", hook=residual))
    boxes += [Box("depth to\nspace", picture, hook="residual")] * has_stem
    end = Box("restored", "", "", link("mirnet"), hook="output")
    return _chain(boxes, "MIRNet", f"RRG {choice.group}", wide, end, marks)


def _rrg(config: MIRNetConfig, size: tuple[int, int], choice: Choice, link: Link, marks: Marks, wide: bool) -> str:
    features, group = shape_text(*size, config.channels), f"rrg_{choice.group}"
    boxes = [Box("in", features, hook=f"{group}/in")]
    boxes += [
        Box(f"MRB {k}", "", "mrb", link("mrb", group=choice.group, block=k), site, f"{site}/out")
        for k in range(1, config.blocks + 1)
        for site in (f"{group}/mrb_{k}",)
    ]
    boxes.append(Box(CONV, features, site=f"{group}/last", hook=f"{group}/conv"))
    end = Box("out", "", "", link("rrg", group=choice.group), hook=f"{group}/out")
    name = f"Recursive residual group {choice.group}"
    return _chain(boxes, name, f"MRB {choice.block}", wide, end, marks)


def _chain(boxes: list[Box], name: str, chosen: str, wide: bool, last: Box, marks: Marks) -> str:
    """Boxes in a row, a skip connection around all of them, and a sum at the end."""
    plus, end = len(boxes), len(boxes) + 1
    step = (WIDE - 2 * 46) / end
    width = min(78, step - 28) if wide else 88
    tall = marks.height(max(fitted(box.text, width).count("\n") for box in boxes) + 1, wide)
    half = tall / 2
    along, across, origin = (step, 60, (46, half + 35)) if wide else (tall + 26, 105, (NARROW * 0.42, half + 6))
    sheet = MapSheet(wide, along, across, origin, (width, tall), marks.picture(wide))
    for k, box in enumerate(boxes):
        mark, is_chosen = marks.at(box.site, box.hook), box.text == chosen
        sheet.node((k, 0), fitted(box.text, width), box.kind, box.href, chosen=is_chosen, mark=mark)
        sheet.arrow((k, 0), (k + 1, 0), end=12 if k + 1 == plus else None)
        if box.shape:
            shift = (0, half + 13) if wide else (8, 0)
            sheet.label((k + 0.5, 0), box.shape, "shape" if wide else "shape start", shift)
        if wide and is_chosen:
            sheet.zoom((k, 0), WIDE, 40)
    side = -(half + 24) / 60 if wide else -1.1
    sheet.arrow((0, 0), (0, side), (plus, side), (plus, 0), end=12, skip=True)
    sheet.sum((plus, 0))
    sheet.arrow((plus, 0), (end, 0))
    sheet.node((end, 0), last.text, "", last.href, hint=f"{name}, its own page", mark=marks.at(hook=last.hook))
    names = ", ".join(box.text.replace("\n", " ") for box in boxes)
    return sheet.svg(f"{name}: {names}, sum", WIDE if wide else NARROW)
