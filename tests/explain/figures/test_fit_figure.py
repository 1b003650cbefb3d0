"""The picture of a network on a board: every tensor in its place, the peak, the limit, and words that can be read."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.patches import Rectangle
from quick import quick

from embedded.budget.boards import BOARDS
from embedded.budget.fit import fit
from embedded.tflite.graph import Graph, Operator, Tensor
from explain.figures import THEMES, figure_bytes
from explain.figures.results.arena import draw_fit

KB = 1024
INT8 = np.dtype("int8")
BLOCK = "functional_1/recursive_residual_group_1/multi_scale_residual_block_1"
NAMES = ("conv2d_1/convolution", "dual_attention_unit_1/add", "downsample_1/depthwise", "skff_1/add_2")


def network(side: int, wide_at: int = 0) -> Graph:
    """A network of five operators; `wide_at` is the one whose result has twice the channels."""
    tensors, operators = [Tensor(0, "given", (1, side, side, 4), INT8)], []
    for k in range(5):
        channels = 8 if k == wide_at else 4
        before = tensors[-1]
        kernel = np.full((channels, 3, 3, before.shape[3]), k, np.int8)
        name = f"{BLOCK}/{NAMES[k]}" if k < len(NAMES) else "StatefulPartitionedCall:0"
        tensors += [
            Tensor(len(tensors), "kernel", kernel.shape, INT8, kernel),
            Tensor(len(tensors) + 1, name, (1, side, side, channels), INT8),
        ]
        operators.append(Operator(k, "CONV_2D", (before.index, len(tensors) - 2), (len(tensors) - 1,)))
    return Graph(tuple(tensors), tuple(operators), (0,), (len(tensors) - 1,))


def drawn(side=64, wide_at=0, board="nano33ble", theme="light"):
    found = fit(network(side, wide_at), BOARDS[board])
    return found, draw_fit(found, THEMES[theme])


def chart(figure, title):
    return next(axes for axes in figure.axes if axes.get_title("left") == title)


def words(figure) -> str:
    texts = [text for axes in figure.axes for text in axes.texts]
    return "\n".join(text.get_text() for text in [*texts, *figure.texts])


def test_every_tensor_is_a_rectangle_in_its_place():
    found, figure = drawn()
    axes = chart(figure, "memory, step by step")
    patches = [each for each in axes.patches if isinstance(each, Rectangle) and each.get_linewidth() == 0.3]
    places = {(each.get_x(), each.get_y(), each.get_width(), each.get_height()) for each in patches}
    expected = set()
    for index, (first, last) in found.plan.lifetimes.items():
        size = found.graph.tensors[index].bytes / KB
        expected.add((first, found.plan.offsets[index] / KB, last - first + 1, size))
    assert places == expected
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["dual attention", "fusion (SKFF)", "down and up", "convolutions between", "input and output"]
    assert len({each.get_facecolor() for each in patches}) == 5


@pytest.mark.parametrize("wide_at", [0, 3])
def test_the_peak_is_framed_and_named(wide_at):
    found, figure = drawn(wide_at=wide_at)
    axes = chart(figure, "memory, step by step")
    (frame,) = [each for each in axes.patches if isinstance(each, Rectangle) and not each.get_fill()]
    assert (frame.get_x(), frame.get_height()) == (found.peak_step, found.plan.peak / KB)
    assert f"most is live here, {found.plan.live / KB:.1f} KB: CONV_2D {found.peak_step}" in words(figure)
    assert found.at_peak in figure.caption


def test_the_limit_is_a_line_where_it_is_near():
    for side, board, near in ((90, "nano33ble", True), (120, "nano33ble", True), (64, "niclavision", False)):
        found, figure = drawn(side, board=board)
        axes = chart(figure, "memory, step by step")
        limit = found.lines[0].limit.value / KB
        heights = [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == "--"]
        assert heights == ([limit] if near else [])
        assert axes.get_ylim()[1] > found.ram / KB
        assert (f"limit: {limit:.0f} KB" in words(figure)) == near


def test_the_times_are_those_of_the_fit():
    found, figure = drawn()
    heights = [bar.get_height() for bar in chart(figure, "time of each operator").patches]
    np.testing.assert_allclose(heights, [1000 * found.seconds_of(work) for work in found.works])
    widths = [bar.get_width() for bar in chart(figure, "time by kind of operator").patches]
    np.testing.assert_allclose(widths, list(found.seconds_by_kind.values()))


def test_the_caption_says_whether_it_fits():
    assert drawn()[1].caption.endswith("It fits.")
    assert "It does not fit. RAM: " in drawn(side=130)[1].caption


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("side", "wide_at", "board"), [(64, 0, "nano33ble"), (64, 3, "niclavision")])
def test_words_neither_touch_nor_leave_the_figure(side, wide_at, board, theme, crowded):
    _, figure = drawn(side, wide_at, board, theme)
    assert crowded(figure) == []
    assert figure.get_facecolor() == mpl.colors.to_rgba(THEMES[theme].background)


@pytest.mark.parametrize("side", quick([105, 110, 115, 120, 140, 180], 115, 180))
@pytest.mark.parametrize("wide_at", [0, 3])
def test_the_limit_stays_readable_wherever_it_crosses(side, wide_at, crowded):
    assert crowded(drawn(side, wide_at)[1]) == []


def test_the_same_fit_is_the_same_bytes():
    assert figure_bytes(drawn()[1]) == figure_bytes(drawn()[1])
