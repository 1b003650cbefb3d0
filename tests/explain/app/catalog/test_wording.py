"""Texts that depend on the network: the number of streams, the style, and what happens to the photo first."""

import pytest

from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS
from explain.app.catalog.tour import STOPS
from explain.app.catalog.wording import filled, listed, true_of
from model.config import PRESETS, MIRNetConfig

PAPER, NANO = PRESETS["desk"], PRESETS["nano"]


def test_streams_are_counted():
    two, four = (MIRNetConfig(streams=count) for count in (2, 4))
    assert filled(TEXTS["mrb"].intro, two).startswith("Two **streams** work on the same features at full and half size")
    assert filled(TEXTS["mrb"].intro, PAPER).startswith("Three **streams** work on the same features at full, half and")
    assert "take four paths, the **streams**: at full, half, quarter and eighth size" in filled(STOPS[2].text, four)
    assert listed(["a"]) == "a" and listed(["a", "b", "c"], "or") == "a, b or c"


def test_the_papers_network_has_the_papers_formulas():
    for kind, text in TEXTS.items():
        found = true_of(kind, text, PAPER)
        assert (found.formula, found.symbols) == (text.formula, text.symbols)


@pytest.mark.parametrize("config", PRESETS.values(), ids=PRESETS)
def test_no_field_is_left_open(config):
    for kind, text in TEXTS.items():
        assert "{" not in true_of(kind, text, config).intro
    for text in (
        *(topic.intro for topic in TOPICS.values()),
        *(stop.title + stop.text + stop.question + stop.answer for stop in STOPS),
    ):
        assert "{" not in filled(text, config)


def test_the_boards_network_has_no_prelu_and_no_transposed_convolution():
    formulas = {kind: " ".join(true_of(kind, text, NANO).formula) for kind, text in TEXTS.items()}
    assert not any("PReLU" in formula or "ConvT" in formula for formula in formulas.values())
    assert r"\mathrm{bilinear}_{\uparrow2}(W_1\, A + W_2\, X)" in formulas["up"]


def test_what_happens_to_the_photo_first_is_in_the_formula():
    found = true_of("mirnet", TEXTS["mirnet"], NANO)
    assert found.formula == (
        r"J = \frac{\log(1 + 63\, I)}{\log(1 + 63)}",
        r"X_0 = \mathrm{Conv}_{3\times3}(\mathrm{S2D}_5(J))",
        TEXTS["mirnet"].formula[1],
        r"R = \mathrm{D2S}_5\big(\mathrm{Conv}_{3\times3}(X_d)\big)",
        r"\hat I = J + R",
    )
    assert "maps of its size" not in found.intro and "5 × 5" in found.intro
    only_stem = true_of("mirnet", TEXTS["mirnet"], PAPER.replace(stem=2))
    assert only_stem.formula[0] == r"X_0 = \mathrm{Conv}_{3\times3}(\mathrm{S2D}_2(I))"
    assert only_stem.formula[-1] == r"\hat I = I + R"


def test_other_numbers_of_columns_are_named():
    one, three = (true_of("mrb", TEXTS["mrb"], PAPER.replace(columns=count)).intro for count in (1, 3))
    assert "1 column of attention units: nothing is exchanged" in one and "3 columns of attention units: 2 ex" in three
