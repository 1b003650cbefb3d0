"""The static pages: complete, of their own, and nothing of anybody else replaced."""

import json
import re
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import numpy as np
import pytest

from explain.app.catalog.texts import TEXTS
from explain.app.catalog.tour import STOPS
from explain.app.live.live_page import POLICY
from explain.app.live.network_data import LiveNetwork
from explain.app.widgets.picture_urls import png, png_url, webp_url
from explain.figures.kit.themes import DARK, LIGHT
from explain.site.lesson_files import make_small
from explain.site.picture_store import PictureStore
from explain.site.site_pages import lesson_on_site, menu, tour_body
from explain.site.site_writer import MARK, check_replaceable, write_site
from model.errors import MirnetError

LARGEST = 12_000_000  # bytes, without the reference


class Links(HTMLParser):
    """What a page leads to, and what it loads."""

    def __init__(self, text):
        super().__init__()
        self.leads, self.loads, self.ids = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids += [found["id"]] if found.get("id") else []
        for name in ("href", "src", "srcset", "xlink:href"):
            if found.get(name):
                (self.leads if tag == "a" else self.loads).append(found[name])


def test_equal_pictures_become_one_file():
    store, photo = PictureStore(), np.full((4, 6, 3), 9, np.uint8)
    html = store.moved(f'<img src="{png_url(photo)}"><img src="{png_url(photo)}">', "../img/")
    assert len(store.files) == 1
    assert html.count(f"../img/{next(iter(store.files))}") == 2
    large = webp_url(np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8))
    assert "base64" not in store.moved(large, "")


def test_a_menu_leads_to_what_is_there_only():
    html = menu("../", {"", "tour/"}, "tour/")
    assert Links(html).leads == ["../", "../tour/"]
    assert "aria-current=page>Tour" in html


def test_the_tour_ends_at_the_lessons_where_they_are_and_shows_a_number_live():
    leads = Links(tour_body("room", lessons=True)).leads
    assert leads[-1] == "../lessons/"
    assert "../lessons/" not in Links(tour_body("room", lessons=False)).leads
    assert leads.count("../") == sum(stop.page in ("nano", "cell") for stop in STOPS) == 2


def test_a_lesson_leads_to_the_sites_pages():
    html = (
        '<head><body><a href="http://localhost:8501"></a><a href="http://localhost:8501/skff?photo=room&amp;block=2"></a>'
        '<a href="http://localhost:8501/cell?net=int8"></a><a href="02_pipeline.html"></a>'
    )
    found = lesson_on_site(html, {"", "lessons/"})
    leads = ["../", "../lessons/", "../overview/", "../skff/?photo=room&block=2", "../more/", "02_pipeline.html"]
    assert Links(found).leads == leads
    assert "Content-Security-Policy" in found


@pytest.mark.parametrize("content", ["mine.txt", ".hidden"])
def test_a_folder_with_other_things_is_refused(tmp_path, content):
    (tmp_path / content).write_text("mine")
    with pytest.raises(MirnetError, match="holds other things"):
        check_replaceable(tmp_path)


def test_an_earlier_site_may_be_replaced_and_a_file_may_not(tmp_path):
    site = tmp_path / "site"
    check_replaceable(site)
    site.mkdir()
    check_replaceable(site)
    (site / MARK).touch()
    (site / "index.html").touch()
    check_replaceable(site)
    with pytest.raises(MirnetError, match="no folder"):
        check_replaceable(site / "index.html")
    with pytest.raises(MirnetError, match="make it first"):
        check_replaceable(tmp_path / "missing" / "site")


def test_lessons_that_were_not_made_are_one_sentence_and_nothing_is_written(tmp_path):
    with pytest.raises(MirnetError, match=r"no index.html"):
        write_site(tmp_path / "site", LiveNetwork(), lambda *_: None, {"lessons/": tmp_path})
    assert list(tmp_path.iterdir()) == []


def test_the_policy_lets_no_code_from_elsewhere_or_from_strings_in():
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["default-src"] == "'none'"
    assert "http" not in POLICY


def write_lessons(folder):
    """What `make lessons` makes, with one lesson."""
    (folder / "01_dark.png").write_bytes(png(np.random.default_rng(2).integers(0, 255, (40, 60, 3), np.uint8)))
    (folder / "index.html").write_text(
        '<head></head><a href="01_dark.html"><picture><source\nmedia="(prefers-color-scheme: dark)" '
        'srcset="01_dark.png"><img src="01_dark.png" alt=""></picture></a><a href="glossary.html#arena">arena</a>'
    )
    figure = png_url(np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8))
    (folder / "01_dark.html").write_text(
        f'<head></head><img src="{figure}" alt=""><a href="teacher/01_dark.ipynb">Notebook with solutions</a>'
    )
    (folder / "glossary.html").write_text('<head></head><h2 id="arena">arena</h2>')
    (folder / "teacher").mkdir()
    cells = [
        {"cell_type": "code", "metadata": {}, "source": "1", "execution_count": 3, "outputs": [{"data": figure}]},
        {"cell_type": "markdown", "metadata": {}, "source": "text"},
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "teacher" / "01_dark.ipynb").write_text(json.dumps(notebook))


def test_lessons_get_small_pictures_as_files_and_notebooks_without_outputs(tmp_path):
    write_lessons(tmp_path)
    make_small(tmp_path, {"", "lessons/"})
    index = Links((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert all((tmp_path / name).read_bytes()[8:12] == b"WEBP" for name in index.loads)
    assert not list(tmp_path.glob("*.png"))
    page = (tmp_path / "01_dark.html").read_text(encoding="utf-8")
    assert "base64" not in page
    assert all((tmp_path / name).is_file() for name in Links(page).loads)
    code, text = json.loads((tmp_path / "teacher" / "01_dark.ipynb").read_text(encoding="utf-8"))["cells"]
    assert (code["outputs"], code["execution_count"], code["source"]) == ([], None, "1")
    assert text == {"cell_type": "markdown", "metadata": {}, "source": "text"}


@pytest.fixture(scope="module")
def site(tmp_path_factory, require):
    require(find_spec("vl_convert"), "needs vl-convert-python: pip install 'mirnet-explainer[site]'")
    folder = tmp_path_factory.mktemp("made") / "site"
    lessons = tmp_path_factory.mktemp("lessons")
    write_lessons(lessons)
    size = write_site(folder, LiveNetwork(), lambda *_: None, {"lessons/": lessons})
    assert size == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= LARGEST
    return folder


@pytest.mark.slow
def test_every_link_leads_somewhere_and_nothing_is_loaded_from_elsewhere(site):
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    assert len(pages) >= len(TEXTS) * 7 + 10
    for path, text in pages.items():
        found = Links(text)
        for address in found.loads + found.leads:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https", "data"):
                assert parts.scheme == "data" or address in found.leads, f"{path} loads {address}"
                continue
            assert not address.startswith("/"), f"{path}: {address} does not work under a path"
            place, anchor = urldefrag(address)
            target = (path.parent / (place.partition("?")[0] or path.name)).resolve()
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{path} leads to {address}, which is missing"
            assert site.resolve() in target.parents
            assert not anchor or anchor in Links(target.read_text(encoding="utf-8")).ids, f"{path}: no {address}"


@pytest.mark.slow
def test_every_page_has_the_policy_and_no_script_inside(site):
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "Content-Security-Policy" in text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert not re.search(r"\son\w+=", re.sub(r'"[^"]*"', '""', text))


@pytest.mark.slow
def test_figures_have_no_paper_of_their_own_in_the_dark(site):
    pages = [
        path.read_text(encoding="utf-8") for text in TEXTS.values() for path in site.glob(f"{text.path}/**/*.html")
    ]
    figures = ["".join(re.findall(r'<div class="paper">.*?<p><b>What to look at', page, re.DOTALL)) for page in pages]
    assert all(figures)
    only_light = {LIGHT.background, LIGHT.text, LIGHT.muted, LIGHT.line, LIGHT.accent, *LIGHT.streams} - {*DARK.streams}
    for figure in figures:
        drawn = re.sub(r"url\([^)]*\)", "", figure)  # the arrows behind a lattice are a file for each theme
        assert not only_light & set(re.findall(r"#[0-9a-f]{6}", drawn))
    assert any('<source media="(prefers-color-scheme: dark)"' in figure for figure in figures)


@pytest.mark.slow
def test_what_the_visitor_sees_first_is_small(site):
    first = ["index.html", "site.css", "live/live.css", "live/first-frame.webp", "live/first-restored.webp"]
    thumbs = list(Path(site, "live", "samples").glob("*_thumb.webp"))
    assert sum(Path(site, name).stat().st_size for name in first) + sum(t.stat().st_size for t in thumbs) < 300_000


@pytest.mark.slow
def test_the_menu_has_what_was_taken_along(site):
    for page in ("index.html", "overview/index.html", "skff/coffee/index.html"):
        leads = Links((site / page).read_text(encoding="utf-8")).leads
        root = "../" * page.count("/")
        assert f"{root}lessons/" in leads
        assert f"{root}reference/" not in leads
