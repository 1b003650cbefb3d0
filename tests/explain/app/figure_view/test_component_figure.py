"""A component's figure on the page shows what the one in a file shows: the same texts, pictures and charts' values."""

import base64
import re
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import unquote

import altair as alt
import numpy as np
import pytest
from PIL import Image
from quick import FEW_KINDS, quick

from explain import run_with_cache
from explain.app.charts.altair_charts import ROWS
from explain.app.figure_view import component_figure
from explain.app.figure_view.figure_charts import bars, histogram
from explain.app.figure_view.lattice_html import HINT
from explain.figures import FIGURES, LIGHT, THEMES
from explain.figures.kit.blocks import Lattice
from explain.figures.kit.chart_data import Bars, sorted_gates, stacked_weights
from explain.figures.kit.chart_data import bars as bars_of
from explain.tracing.padding import padded
from explain.tracing.sites import sites
from model import MIRNet, MIRNetConfig
from model.images.arrays import as_float
from model.images.photo_files import resize_to_fit
from model.samples import load_sample
from model.zoo import seed_weights

LETTER = re.compile(r"[^\W\d_]")
TABLE_STEP = 10 / 255  # a colour map of 256 steps: the neighbouring step of the steepest one
BYTE = 1 / 255


@pytest.fixture(scope="module")
def pair():
    """A dark photo and the same in good light, (32, 48, 3) float."""
    return [padded(resize_to_fit(as_float(photo), 48), 4) for photo in load_sample("palace")]


@pytest.fixture(scope="module")
def cache(pair):
    net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=2))
    seed_weights(net, 3)
    return run_with_cache(net, pair[0])[1]


class Html(HTMLParser):
    """Texts and pictures of HTML."""

    def __init__(self):
        super().__init__()
        self.texts, self.images = [], []

    def handle_data(self, data):
        self.texts.append(data)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.images.append(dict(attrs))
        self.texts += re.findall(">([^<>]+)</text>", unquote(dict(attrs).get("style", "")))  # in a drawing behind it


@pytest.fixture
def both(cache, pair, monkeypatch):
    """Draws a kind of component with matplotlib, and shows it on a page, of which the HTML and the charts are kept."""

    def draw(kind, channel=None, theme="light"):
        options = {"channel": channel} | ({"reference": pair[1]} if kind == "mirnet" else {})
        site = sites(cache)[kind][-1]
        content = FIGURES[kind].content(cache, site, **options)
        page, charts = Html(), []
        monkeypatch.setattr(component_figure.st, "html", page.feed)
        monkeypatch.setattr(component_figure, "show_chart", lambda chart, _: charts.append(chart))
        component_figure.show_content(content, THEMES[theme])
        return FIGURES[kind](cache, site, theme=THEMES[theme], **options), page, charts

    return draw


def words(texts):
    """Those with letters, without line breaks: the numbers of the axes are written in another way."""
    return {word for text in texts if LETTER.search(text) for word in text.split()}


def pixels(image):
    """What an image shows, (height, width, 3) within [0, 1]."""
    found = re.fullmatch(r"data:image/(?:png|webp);base64,(.+)", image["src"])
    return np.asarray(Image.open(BytesIO(base64.b64decode(found[1]))).convert("RGB")) / 255


def texts_of(data):
    """What a chart says: its axis, its legend, its labels."""
    if isinstance(data, Bars):
        return [data.axis, *data.labels, *data.heights]
    return [data.axis, *(data.shares if len(data.shares) > 1 else ())]


@pytest.mark.parametrize("channel", [None, 2])
@pytest.mark.parametrize("kind", quick(FIGURES, *FEW_KINDS))
def test_texts_are_the_same(both, kind, channel):
    drawn, page, charts = both(kind, channel)
    texts = [artist.get_text() for artist in drawn.findobj(lambda artist: hasattr(artist, "get_text"))]
    said = [text for text in page.texts if text != HINT]
    said += [text for chart in charts for text in texts_of(chart.data)]
    assert words(said) >= words(texts)
    assert words(said) - words(texts) <= {"full", "8"}  # channels of a block's stream 1, which a file leaves out


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("channel", [None, 2])
@pytest.mark.parametrize("kind", quick(FIGURES, *FEW_KINDS))
def test_pictures_are_the_same(both, kind, channel, theme):
    drawn, page, _ = both(kind, channel, theme)
    expected = [axes.images[0] for axes in drawn.axes if axes.images]
    assert len(page.images) == len(expected) > 0
    for image, artist in zip(page.images, expected, strict=True):
        values = np.asarray(artist.get_array())
        photo = values.ndim == 3
        colours = values if photo else artist.cmap(artist.norm(values))[..., :3]
        picture = pixels(image)
        assert picture.shape == colours.shape
        apart = np.abs(picture - colours)
        if photo:
            assert apart.mean() < 6 * BYTE  # colours at half the resolution, of a photo of 48 pixels
        else:
            assert apart.max() < TABLE_STEP and apart.mean() < 2 * BYTE
        assert image["alt"].startswith(artist.axes.get_title("left"))


@pytest.mark.parametrize("kind", quick(FIGURES, *FEW_KINDS))
def test_charts_have_the_same_values(both, kind):
    drawn, _, charts = both(kind)
    titles = {axes.get_title("left"): axes for axes in drawn.axes}
    assert len(charts) == sum(bool(axes.axison and not axes.images and axes.get_title("left")) for axes in drawn.axes)
    for chart in charts:
        axes = titles[chart.title]
        if isinstance(chart.data, Bars):
            _, rows = bars(chart.data, LIGHT)
            heights = [bar.get_height() for bars in axes.containers for bar in bars]
            np.testing.assert_allclose([row["value"] for row in rows], heights, rtol=1e-6)
        else:
            _, rows = histogram(chart.data, LIGHT)
            steps = [step for step in axes.patches if step.get_fill() is False]
            heights = np.concatenate([step.get_data().values for step in steps])
            np.testing.assert_allclose([row["share"] for row in rows], heights)


@pytest.mark.parametrize("kind", quick(FIGURES, *FEW_KINDS))
def test_nothing_is_asked_from_elsewhere(both, kind):
    _, page, _ = both(kind)
    assert all(image["src"].startswith("data:image/") for image in page.images)


def test_a_lattice_connects_every_stream_with_every_exchange(cache):
    content = FIGURES["mrb"].content(cache, "rrg_1/mrb_1")
    [lattice] = [part for part in content.parts if isinstance(part, Lattice)]
    assert [lattice.sources(column, 0) for column in range(5)] == [0, 1, 3, 1, 3]
    assert lattice.rows == 3 and len(lattice.arrows) == 1 + 2 + 9 + 3 + 3 + 2


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("kind", quick(FIGURES, *FEW_KINDS))
def test_charts_are_valid_and_have_the_themes_colours(both, kind, theme):
    for chart in both(kind, 2)[2]:
        built, rows = (bars if isinstance(chart.data, Bars) else histogram)(chart.data, theme)
        spec = built.to_dict()
        alt.Chart.from_dict(spec).to_dict(validate=True)
        assert spec["data"] == {"name": ROWS.name} and len(rows) <= 1000
        colours = set(re.findall("#[0-9a-f]{6}", str(spec)))
        assert colours <= {*theme.streams, theme.muted, theme.accent, theme.text, theme.line}


def test_gates_are_sorted_point_at_their_channel_and_have_a_line_at_a_half():
    built, rows = bars(sorted_gates(np.array([0.2, 0.9, 0.5]), channel=2), LIGHT)
    assert [(row["label"], row["value"]) for row in rows] == [("1", 0.9), ("2", 0.5), ("0", 0.2)]
    band, drawn = built.to_dict()["layer"]
    assert band["transform"] == [{"filter": "datum.place == 1 && datum.level == 0"}]  # the second bar is channel 2
    assert band["mark"] == {"type": "rect", "color": LIGHT.accent, "opacity": 0.25}
    assert drawn["encoding"]["y"]["scale"] == {"domain": [0, 1]}
    assert lines(drawn, "gridDash") == ("datum.value == 0.5", [4, 3])
    assert drawn["encoding"]["x"]["scale"] == band["encoding"]["x"]["scale"] == {"domain": ["1", "2", "0"]}


def test_the_weights_of_the_streams_stand_on_each_other_up_to_the_line():
    built, rows = bars(stacked_weights(np.array([[0.2, 0.7], [0.8, 0.3]])), LIGHT)
    drawn = built.to_dict()
    assert drawn["encoding"]["color"]["scale"] == {"domain": ["stream 1", "stream 2"], "range": [*LIGHT.streams[:2]]}
    assert drawn["encoding"]["order"] == {"field": "level", "type": "quantitative"}  # the first one is the lowest
    assert lines(drawn, "gridDash") == ("datum.value == 1", [4, 3])
    sums = [sum(row["value"] for row in rows if row["place"] == place) for place in (0, 1)]
    np.testing.assert_allclose(sums, 1)


def test_what_lies_below_zero_hangs_from_a_line():
    built, rows = bars(bars_of(np.array([-1.0, 2.0]).reshape(1, 1, 1, 2)), LIGHT)
    assert [row["value"] for row in rows] == [-1, 2]
    assert lines(built.to_dict(), "gridColor") == ("datum.value == 0", LIGHT.muted)


def lines(drawn, look):
    """Which line of the vertical axis looks different, and how."""
    condition = drawn["encoding"]["y"]["axis"][look]["condition"]
    return condition["test"], condition["value"]
