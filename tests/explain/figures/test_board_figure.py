"""The picture of a run on the board: what is drawn is what was counted, and words can be read."""

from dataclasses import replace
from importlib.util import find_spec

import matplotlib as mpl
import numpy as np
import pytest

from embedded.emulator import Emulator
from embedded.tflite.naming import PARTS
from explain.analysis.board_run import run_on_board
from explain.figures import THEMES, figure_bytes
from explain.figures.kit.part_colours import part_colours
from explain.figures.results.board_frame import draw_board
from model.samples import load_sample

pytestmark = pytest.mark.slow

MILLION = 1e6


@pytest.fixture(scope="module")
def found(board, require):
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn: pip install 'mirnet-explainer[board]'")
    require(find_spec("ziglang"), "needs zig: pip install 'mirnet-explainer[board]'")
    dark, bright = load_sample("room")
    told: list[tuple[str, int, int]] = []
    result = run_on_board(Emulator(board.model), board.net, dark, lambda *words: told.append(words), "zig", bright)
    count = len(result.answer.operators)
    assert told[0] == ("build", 0, 1) and told[-1][1] == told[-1][2]  # the display goes to its end
    assert ("run on the board", count, count) in told
    return result


@pytest.fixture(params=list(THEMES))
def theme(request):
    return THEMES[request.param]


def chart(figure, title):
    return next(axes for axes in figure.axes if axes.get_title("left") == title)


def test_pictures_are_those_of_the_run(found):
    figure = draw_board(found)
    shown = {axes.get_title("left"): axes.images[0].get_array() for axes in figure.axes if axes.images}
    np.testing.assert_allclose(shown["before"], found.before / 255)
    np.testing.assert_allclose(shown["after, on the board"], found.answer.picture / 255)
    np.testing.assert_allclose(shown["the float network"], found.floating)
    np.testing.assert_allclose(shown["board − float network"], found.difference)
    assert found.difference.shape == (120, 160) and 0 < np.abs(found.difference).mean() < 20
    bars = [axes for axes in figure.axes if axes.get_label() == "colour bar"]
    assert len(bars) == 1


def test_bars_are_what_was_counted(found, theme):
    figure = draw_board(found, theme)
    colours = {mpl.colors.to_rgba(colour): part for part, colour in part_colours(theme).items()}
    kinds, parts = chart(figure, "by kind of operator"), chart(figure, "by part of the network")
    by_part = dict.fromkeys(PARTS, 0.0)
    for bar in kinds.patches:
        by_part[colours[bar.get_facecolor()]] += bar.get_width()
    whole = found.answer.instructions / MILLION
    assert sum(by_part.values()) == pytest.approx(whole)
    drawn = {colours[bar.get_facecolor()]: bar.get_width() for bar in parts.patches}
    assert drawn == pytest.approx(by_part)
    assert [text.get_text() for text in kinds.get_legend().get_texts()] == list(PARTS)
    first = found.answer.by_kind[0]
    assert kinds.texts[0].get_text().startswith(f"{first.name}   {first.instructions / MILLION:.2f} M")
    assert len(kinds.texts) == 12 and "other kinds" in kinds.texts[-1].get_text()


def test_words_neither_touch_nor_leave_the_figure(found, theme, crowded):
    for run in (found, replace(found, reference=None)):
        figure = draw_board(run, theme, "a model")
        assert crowded(figure) == []
        assert figure.get_facecolor() == mpl.colors.to_rgba(theme.background)


def test_the_caption_says_whether_they_agree(found):
    assert draw_board(found).caption.startswith("The board's picture is the emulator's, byte for byte.")
    other = replace(found, emulated=found.emulated ^ 1)
    assert draw_board(other).caption.startswith("57,600 bytes of the board's picture are not the emulator's.")
    assert other.problems == ["57,600 of 57,600 bytes are not the emulator's"]


def test_too_much_memory_is_a_problem(found):
    tight = replace(found.board, ram=replace(found.board.ram, value=found.ram - 1))
    (problem,) = replace(found, board=tight).problems
    assert problem.startswith(f"RAM: {found.ram:,} B, and the limit is {found.ram - 1:,} B")
    assert found.problems == []


def test_scores_are_against_the_bright_photo(found):
    scores = found.scores
    assert set(scores) == {"before", "board", "float"}
    error = np.square(found.floating - found.reference / 255).mean()
    assert scores["float"] == pytest.approx(-10 * np.log10(error), abs=1e-4)
    assert found.near_float > scores["board"]  # nearer to each other than to the scene
    assert replace(found, reference=None).scores == {}


def test_the_same_run_is_the_same_bytes(found):
    assert figure_bytes(draw_board(found)) == figure_bytes(draw_board(found))
