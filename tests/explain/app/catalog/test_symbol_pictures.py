"""Symbols and the pictures that show them: every one is a symbol of the page, every pattern finds a picture."""

import re

import numpy as np
import pytest

from explain import run_with_cache
from explain.app.catalog.choices import Choice, detail_site, settle
from explain.app.catalog.symbol_pictures import PICTURES, in_stream_colours
from explain.app.catalog.texts import TEXTS
from explain.figures import FIGURES
from explain.figures.kit.blocks import Chart, Lattice
from model import MIRNet, MIRNetConfig

CONFIG = MIRNetConfig(channels=16, groups=1, blocks=1)


@pytest.fixture(scope="module")
def cache():
    return run_with_cache(MIRNet(CONFIG), np.random.default_rng(0).random((32, 32, 3), "float32"))[1]


def titles(content) -> list[str]:
    found = []
    for part in content.parts:
        if isinstance(part, Lattice):
            found += [cell.picture.title for cell in part.cells]
        elif not isinstance(part, str):
            for block in part.blocks:
                found += [block.title] if isinstance(block, Chart) else [each.title for each in block.pictures]
    return found


@pytest.mark.parametrize("kind", PICTURES)
def test_every_pattern_is_of_a_symbol_and_finds_a_picture(kind, cache):
    assert set(PICTURES[kind]) <= {symbol for symbol, _ in TEXTS[kind].symbols}
    shown = titles(FIGURES[kind].content(cache, detail_site(kind, settle(kind, CONFIG, Choice()))))
    for symbol, pattern in PICTURES[kind].items():
        text = pattern.partition("@")[0].replace("{k}", r"\d+")
        assert any(re.search(text, title) for title in shown), (symbol, shown)


def test_every_page_has_some():
    assert set(PICTURES) == set(TEXTS)


def test_only_numbered_symbols_of_streams_get_a_colour():
    colours = ("#0072b2", "#e69f00")
    assert in_stream_colours("L_1 + L_2", colours, "#000000") == (
        r"\textcolor{#0072b2}{\underline{\textcolor{#000000}{L_1}}} + "
        r"\textcolor{#e69f00}{\underline{\textcolor{#000000}{L_2}}}"
    )
    assert r"{L_{1\to j}}" in in_stream_colours(r"L_{1\to j}", colours, "#000000")
    for text in (r"L_k + L_{k-1} + L_S", r"\mathrm{DAU}_1(X)", "L_3", "z_1", r"\mathrm{SKFF}_1"):
        assert in_stream_colours(text, colours, "#000000") == text
