"""The map: every link leads somewhere, every shape is the network's own."""

import re
from functools import cache
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

import numpy as np
import pytest
from quick import quick

from explain import run_with_cache
from explain.app.catalog.choices import Choice, settle, site
from explain.app.map.architecture import network_map, shape_text
from explain.app.map.block import APART
from explain.app.url.state import View, read_view
from explain.tracing.sites import sites
from model import MIRNet, MIRNetConfig

SIZE = (48, 64)
CONFIGS = [
    MIRNetConfig(channels=16, groups=2, blocks=2),
    MIRNetConfig(channels=8, groups=3, blocks=1, streams=2, columns=1),
    MIRNetConfig(channels=8, groups=1, blocks=1, streams=4, columns=3),
    MIRNetConfig(channels=8, groups=1, blocks=1, style="board"),
]
SVG = "{http://www.w3.org/2000/svg}"


@cache
def shapes_in(config):
    _, cache = run_with_cache(MIRNet(config), np.zeros((*SIZE, 3), "float32"))
    return {name: tensor.shape for name, tensor in cache.items()}


def link(config):
    def address(kind, **choice):
        view = View("room", settle(kind, config, Choice(**choice)))
        return f"{kind}?{urlencode(view.params(kind))}"

    return address


def drawn(config, choice=Choice(group=1, block=1)):  # noqa: B008 (frozen)
    html = network_map(config, SIZE, choice, link(config))
    return ElementTree.fromstring(html.replace("&nbsp;", " "))


def links(root, style):
    """The links inside the wide or the narrow drawings, and those of the cards."""
    panels = [part for part in root.iter() if style in part.get("class", "").split()]
    cards = [part for part in root.iter() if part.get("class") == "cards"]
    return [each for part in panels + cards for each in part.iter() if each.tag.endswith("a")]


@pytest.mark.parametrize("config", CONFIGS, ids=str)
@pytest.mark.parametrize("style", ["wide", "narrow"])
@pytest.mark.slow
def test_every_part_of_the_chosen_block_is_a_link_to_itself(config, style):
    found = set()
    for each in links(drawn(config), style):
        kind, _, query = each.get("href").partition("?")
        view, notes = read_view(dict(parse_qsl(query)), kind, config, ["room"], False)
        assert notes == []
        found.add(site(kind, view.choice))
    there = sites(list(shapes_in(config)))
    block = [name for kind in ("dau", "skff", "down", "up") for name in there.get(kind, []) if "rrg_1/mrb_1/" in name]
    assert found >= {"", *there["rrg"], "rrg_1/mrb_1", *block}
    assert {"rrg_1/mrb_1/column_1/dau_1/channel", "rrg_1/mrb_1/column_1/dau_1/spatial"} <= found


@pytest.mark.parametrize("config", quick(CONFIGS, CONFIGS[1]), ids=str)
def test_the_shapes_are_those_of_the_tensors(config):
    shapes = shapes_in(config)
    real = {shape_text(*shape[1:]) for shape in shapes.values()}
    written = set(re.findall(r"\d+×\d+×\d+", ElementTree.tostring(drawn(config), "unicode")))
    assert written <= real
    streams = [shape_text(*shapes[f"rrg_1/mrb_1/column_1/dau_{k}/out"][1:]) for k in range(1, config.streams + 1)]
    assert written >= {shape_text(*SIZE, 3), *streams}


def test_the_chosen_group_and_block_are_marked():
    config = CONFIGS[0]
    marked = [each for each in links(drawn(config, Choice(group=2, block=2)), "wide") if each.get("aria-current")]
    assert [each.get("aria-label") for each in marked] == ["RRG 2", "MRB 2"]


@pytest.mark.parametrize("config", CONFIGS, ids=str)
@pytest.mark.parametrize("style", ["wide", "narrow"])
def test_every_stream_arrives_at_the_merge_on_its_own(config, style):
    block = [part for part in drawn(config).iter() if part.get("class") == style][-1]
    lines = [path.get("d").split(" L") for path in block.iter(f"{SVG}path") if path.get("class") is None]
    tips = [tuple(map(float, line[-1].split())) for line in lines if len(line) == 3]  # around one corner: from below
    apart = [(x - last_x, y - last_y) for (x, y), (last_x, last_y) in zip(tips[1:], tips[:-1], strict=True)]
    assert len(tips) == config.streams - 1
    assert apart == [pytest.approx((APART, 0) if style == "wide" else (0, APART), abs=1)] * (config.streams - 2)


def test_the_card_of_upsample_lists_both_activations():
    boxes = [
        " ".join(text.text for text in box.iter(f"{SVG}text"))
        for drawing in drawn(CONFIGS[0]).iter(f"{SVG}svg")
        if drawing.get("aria-label").startswith("Inside Upsample")
        for box in drawing.iter(f"{SVG}g")
    ]
    assert boxes[:4] == ["in", "1×1 PReLU", "transp. 3×3 ×2, PReLU", "1×1"]


def test_every_link_and_drawing_has_a_name():
    root = drawn(CONFIGS[0])
    named = [each for each in root.iter() if each.tag.endswith("}a") and each.get("href")]
    assert len(named) > 40
    assert all(each.get("aria-label") for each in named)
    drawings = list(root.iter(f"{SVG}svg"))
    assert len(drawings) == 2 * 3 + 4
    assert all(each.get("aria-label") for each in drawings)


@pytest.mark.parametrize("style", ["wide", "narrow"])
def test_nothing_is_drawn_outside(style):
    for config in CONFIGS:
        for panel in [part for part in drawn(config).iter() if part.get("class") == style]:
            picture = panel.find(f"{SVG}svg")
            _, _, width, height = (float(number) for number in picture.get("viewBox").split())
            for box in picture.iter(f"{SVG}rect"):
                left, top = float(box.get("x")), float(box.get("y"))
                assert left >= 0 and left + float(box.get("width")) <= width
                assert top >= 0 and top + float(box.get("height")) <= height


def test_boxes_of_a_block_do_not_overlap():
    for config in CONFIGS:
        for style in ("wide", "narrow"):
            for panel in [part for part in drawn(config).iter() if part.get("class") == style]:
                boxes = [
                    tuple(float(box.get(side)) for side in ("x", "y", "width", "height"))
                    for box in panel.iter(f"{SVG}rect")
                    if box.get("class") == "paper"
                ]
                for k, (x, y, width, height) in enumerate(boxes):
                    for other_x, other_y, other_width, other_height in boxes[:k]:
                        apart = (
                            x + width <= other_x
                            or other_x + other_width <= x
                            or y + height <= other_y
                            or other_y + other_height <= y
                        )
                        assert apart, (config, style, (x, y), (other_x, other_y))
