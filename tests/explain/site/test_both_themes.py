"""Figures of the static pages in both themes: one HTML, whose colours and pictures the browser chooses."""

import re
from dataclasses import fields

import numpy as np
import pytest

from explain.app.figure_view.figure_html import colour_bar, picture, sheet
from explain.figures import THEMES
from explain.figures.kit.blocks import Picture
from explain.figures.kit.feature_maps import Scale
from explain.site.both_themes import for_both_themes, theme_style

LIGHT, DARK = THEMES["light"], THEMES["dark"]
HEX = re.compile(r"#[0-9a-f]{6}")


def both(draw):
    return for_both_themes(draw(LIGHT), draw(DARK))


def test_a_colour_becomes_a_variable_that_the_style_sheet_has_in_both_themes():
    html = both(lambda theme: f'<b style="color: {theme.text}; fill: {theme.streams[2]}">a</b>')
    assert html == '<b style="color: var(--theme-text); fill: var(--theme-stream-3)">a</b>'
    light, dark = theme_style().split("@media (prefers-color-scheme: dark)")
    for theme, text in ((LIGHT, light), (DARK, dark)):
        assert f"--theme-text: {theme.text};" in text
        assert f"--theme-stream-3: {theme.streams[2]};" in text


def test_the_style_sheet_has_every_colour_of_a_theme_that_figures_use():
    named = [each.name for each in fields(LIGHT) if str(getattr(LIGHT, each.name)).startswith("#")]
    assert set(named) - {name.removeprefix("--theme-") for name in re.findall(r"--theme-[a-z]+", theme_style())} == {
        "on_accent"
    }


def test_a_map_around_zero_has_two_pictures_and_two_colour_bars():
    values, scale = np.linspace(-1, 1, 64, dtype="float32").reshape(8, 8), Scale(-1, 1, "signed", "values")
    html = both(
        lambda theme: sheet([picture(Picture(values, "a"), scale, theme), colour_bar(scale, "values", theme)], theme)
    )
    dark, light = re.search(r'<source media="[^"]*dark[^"]*" srcset="([^"]*)"><img src="([^"]*)"', html).groups()
    assert picture(Picture(values, "a"), scale, LIGHT).count(light) == 1
    assert picture(Picture(values, "a"), scale, DARK).count(dark) == 1
    assert re.search(r"background: linear-gradient\(.*\); --dark-image: linear-gradient\(.*\)\"", html)
    assert not HEX.search(html)


def test_what_is_the_same_in_both_stays_as_it_is():
    values, scale = np.ones((4, 6), "float32"), Scale(0, 1, "activity", "activity")
    assert both(lambda theme: picture(Picture(values, "a"), scale, theme)) == picture(Picture(values, "a"), scale, DARK)


@pytest.mark.parametrize(("light", "dark"), [("<b>a</b>", "<b>b</b>"), ("#123456", "#654321"), ("a", "a #123456")])
def test_figures_that_differ_in_more_than_their_theme_are_no_pair(light, dark):
    with pytest.raises(ValueError, match=r"no pair|argument 2 is"):
        for_both_themes(light, dark)
