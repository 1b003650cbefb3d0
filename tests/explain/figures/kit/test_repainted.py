"""A figure in the colours of another theme is the figure that would have been drawn in it."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from explain.figures.kit.blocks import Chart, Picture, PictureGroup
from explain.figures.kit.chart_data import Bars
from explain.figures.kit.export import figure_bytes
from explain.figures.kit.feature_maps import Scale
from explain.figures.kit.repainted import repainted
from explain.figures.kit.sheet import Sheet
from explain.figures.kit.themes import DARK, LIGHT


def drawn(theme) -> Sheet:
    """Everything that lessons show: a photo, a map around zero with its bar, bars, lines, a legend, an annotation."""

    def curve(axes):
        axes.plot([0, 1], [0, 1], "o--", color=theme.streams[0], label="one")
        axes.fill_between([0, 1], [0, 1], color=theme.streams[2], alpha=0.3)
        axes.grid(color=theme.line)
        axes.annotate("here", (0, 0), (0.5, 0.5), color=theme.text, arrowprops={"color": theme.accent})
        axes.legend(frameon=False, labelcolor=theme.text)

    sheet = Sheet(theme, 10.0, "Everything", "in one figure")
    sheet.section("Pictures")
    photo, values = np.full((8, 12, 3), 1.0), np.linspace(-1, 1, 96).reshape(8, 12)
    sheet.row(PictureGroup([Picture(photo, "a photo", "white")]), columns=2)
    sheet.row(PictureGroup([Picture(values, "a map")], Scale(-1, 1, "signed", "values")), columns=2)
    bars = Chart(Bars({"one": np.array([1.0, 2.0]), "two": np.array([2.0, 1.0])}, ["a", "b"]), "bars", "two streams")
    sheet.row(bars, Chart(curve, "a curve"), columns=2)
    return sheet.finish("")


@pytest.mark.slow
def test_repainted_is_the_same_file_as_drawn_in_the_other_theme_and_undone_afterwards():
    figure = drawn(LIGHT)
    before = figure_bytes(figure)
    with repainted(figure, LIGHT, DARK):
        assert figure_bytes(figure) == figure_bytes(drawn(DARK))
    assert figure_bytes(figure) == before


def test_other_colours_can_be_named():
    figure = Figure(facecolor=LIGHT.background)
    (line,) = figure.add_subplot().plot([0, 1], color="#d9dde3")
    with repainted(figure, LIGHT, DARK, {"#d9dde3": DARK.line}):
        assert line.get_color() != "#d9dde3"
        assert tuple(round(255 * part) for part in line.get_color()[:3]) == (0x47, 0x50, 0x60)
    assert line.get_color() == "#d9dde3"
