"""Figures as text show what those of matplotlib show: the same words, pictures, bars and size."""

import base64
import re
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from explain import run_with_cache
from explain.figures import FIGURES, THEMES
from explain.figures.kit.svg import SvgSheet
from explain.figures.kit.themes import SIZES
from explain.tracing.padding import padded
from explain.tracing.sites import sites
from model import MIRNet, MIRNetConfig
from model.images.arrays import as_float
from model.images.photo_files import resize_to_fit
from model.samples import load_sample
from model.zoo import seed_weights

SVG = "{http://www.w3.org/2000/svg}"
WIDE, PHONE = 8.6, 4.4  # inches
LETTER = re.compile(r"[^\W\d_]")
TABLE_STEP = 10 / 255  # a colour map of 256 steps: the neighbouring step of the steepest one
BYTE = 1 / 255
TAIL, CAPITAL = 0.24, 0.76  # below and above the line that letters stand on, as shares of their size
AIR = 1.0  # points, at least, between a title and the note below it


@pytest.fixture(scope="module")
def pair():
    """A dark photo and the same in good light, (32, 48, 3) float."""
    return [padded(resize_to_fit(as_float(photo), 48), 4) for photo in load_sample("palace")]


@pytest.fixture(scope="module")
def cache(pair):
    net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=2))
    seed_weights(net, 3)
    return run_with_cache(net, pair[0])[1]


@pytest.fixture
def both(cache, pair):
    """Draws a kind of component with matplotlib and as text."""

    def draw(kind, channel=None, theme="light", width=WIDE):
        options = {"channel": channel, "theme": THEMES[theme], "width": width}
        if kind == "mirnet":
            options["reference"] = pair[1]
        site = sites(cache)[kind][-1]
        return FIGURES[kind](cache, site, **options), FIGURES[kind](cache, site, into=SvgSheet, **options)

    return draw


def parts(sheet, name):
    return list(ElementTree.fromstring(sheet.text).iter(SVG + name))


def pixels(element):
    """What an image of an SVG shows, (height, width, 3) within [0, 1]."""
    found = re.fullmatch(r"data:image/(?:png|webp);base64,(.+)", element.get("href"))
    return np.asarray(Image.open(BytesIO(base64.b64decode(found[1]))).convert("RGB")) / 255


def words(texts):
    """Those with letters: the numbers of the axes are written in another way."""
    return {text for text in texts if LETTER.search(text)}


@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("channel", [None, 2])
@pytest.mark.parametrize("kind", FIGURES)
def test_words_and_size_are_the_same(both, kind, channel, width):
    drawn, text = both(kind, channel, width=width)
    texts = [artist.get_text() for artist in drawn.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert words(part.text for part in parts(text, "text")) == words(texts)
    assert text.caption == drawn.caption
    box = [float(number) for number in ElementTree.fromstring(text.text).get("viewBox").split()]
    np.testing.assert_allclose(box, [0, 0, *(72 * drawn.get_size_inches())], atol=0.1)


@pytest.mark.parametrize("kind", FIGURES)
def test_the_tails_of_a_title_do_not_reach_the_note_below(both, kind):
    _, text = both(kind)
    placed = [(*(float(part.get(name)) for name in ("x", "y", "font-size")), part) for part in parts(text, "text")]
    titles = [part[:3] for part in placed if part[2] == SIZES.label and part[3].get("font-weight") == "bold"]
    gaps = [
        (line - CAPITAL * size) - (title_line + TAIL * title_size)
        for title_left, title_line, title_size in titles
        for left, line, size, _ in placed
        if left == title_left and size == SIZES.small and 0 < line - title_line < 2 * title_size
    ]
    assert gaps and min(gaps) >= AIR


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("channel", [None, 2])
@pytest.mark.parametrize("kind", FIGURES)
def test_pictures_are_the_same(both, kind, channel, theme):
    drawn, text = both(kind, channel, theme)
    expected = [axes.images[0] for axes in drawn.axes if axes.images]
    shown = [picture for picture in map(pixels, parts(text, "image")) if len(picture) > 1]  # without the colour bars
    assert len(shown) == len(expected) > 0
    for picture, artist in zip(shown, expected, strict=True):
        values = np.asarray(artist.get_array())
        photo = values.ndim == 3
        colours = values if photo else artist.cmap(artist.norm(values))[..., :3]
        assert picture.shape == colours.shape
        apart = np.abs(picture - colours)
        if photo:
            assert apart.mean() < 6 * BYTE  # colours at half the resolution, of a photo of 48 pixels
        else:
            assert apart.max() < TABLE_STEP and apart.mean() < 2 * BYTE


def test_the_bars_of_skff_are_as_high_as_its_weights(both, cache):
    _, text = both("skff")
    weights = cache[f"{sites(cache)['skff'][-1]}/weights"][0, :, 0]
    for stream, colour in zip(weights, THEMES["light"].streams, strict=False):
        bars = [float(part.get("height")) for part in parts(text, "rect") if part.get("fill") == to_hex(colour)]
        heights = bars[: len(stream)]  # behind them: the square in the legend
        np.testing.assert_allclose(np.array(heights) / sum(heights), stream / stream.sum(), atol=2e-3)


def test_what_lies_below_zero_hangs_from_it(both, cache):
    _, text = both("channel_attention")
    descriptor = cache[f"{sites(cache)['channel_attention'][-1]}/descriptor"].ravel()
    bars = [part for part in parts(text, "rect") if part.get("fill") == to_hex(THEMES["light"].muted)]
    tops = np.array([float(bar.get("y")) for bar in bars[: len(descriptor)]])
    zero = tops[descriptor < 0]
    assert np.ptp(zero) < 0.02 and (tops[descriptor > 0] < zero[0] - 0.02).all()


@pytest.mark.parametrize("kind", FIGURES)
def test_nothing_is_asked_from_elsewhere(both, kind):
    _, text = both(kind)
    assert re.findall(r"https?://[^\"' ]+", text.text) == ["http://www.w3.org/2000/svg"]
    assert {part.tag.removeprefix(SVG) for part in ElementTree.fromstring(text.text).iter()} <= {
        *("svg", "text", "image", "rect", "line", "polyline", "polygon")
    }
