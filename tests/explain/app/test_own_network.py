"""The walkthrough on a learner's own network: every page opens, and shows what `run_with_cache` computes."""

import json
import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from own_networks import SIZES, random_run, trained_run
from page_runs import healthy, opened, text_of
from PIL import Image

from explain import run_with_cache
from explain.analysis.ablation import Switchboard
from explain.analysis.ablation.run_ablated import compared
from explain.app.catalog.choices import Choice, detail_site, settle, site
from explain.app.catalog.choices import opening as opens_at
from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS
from explain.app.compute.photos import Photo, own_photo, sample_names, sample_photo
from explain.app.compute.runner import Setup, app_setup, hook_names, page_names, photo_limits, sample, tensors
from explain.app.url.state import UPLOAD
from explain.app.views.ablation.background_table import ablation_steps, table_of
from explain.app.views.training.training_logs import own_training
from explain.app.widgets.figure_files import before_and_after
from explain.app.widgets.python_lines import OWN_PHOTO, component_code, opening
from explain.cli.running.page_network import environment
from explain.figures import FIGURES
from model.images.arrays import as_uint8
from model.mirnet import MIRNet
from model.zoo import load_network

pytestmark = pytest.mark.slow

VIEWS = ("overview", *TEXTS, *TOPICS)
NAMES = [*SIZES, "nano-float", "paper"]
ALL_PAGES, FEW_PAGES = ("trained", "tall", "board", "paper"), ("one column", "nano-float")
SPECIAL = ("overview", "mirnet", "mrb", "skff", "up", "streams")  # where the others differ
PAGES = [*product(ALL_PAGES, VIEWS), *product(FEW_PAGES, SPECIAL)]
CLOSE = 2e-5  # of numbers of about 1: another order of the sums
CELL = "rrg_1/mrb_1/column_1/dau_1/body"
SHOWN = 6e-5  # and half of the last digit of four


class Own(NamedTuple):
    """A network that is not desk, its photo, and what `run_with_cache` makes of the photo."""

    setup: Setup
    net: MIRNet
    photo: Photo
    cache: dict[str, np.ndarray]


@pytest.fixture(scope="session")
def folders(tmp_path_factory, sample_pairs) -> Callable[[str], tuple[str | None, str | None]]:
    """From a name to preset and weights; what it takes is made once."""
    made = {"paper": ("paper", None), "nano-float": (None, "nano-float")}

    def folder(name: str) -> tuple[str | None, str | None]:
        if name not in made:
            place = tmp_path_factory.mktemp("own") / name.replace(" ", "-")
            run = trained_run(place, SIZES[name], sample_pairs) if name == "trained" else random_run(place, SIZES[name])
            made[name] = None, str(run)
        return made[name]

    return folder


@pytest.fixture(scope="session")
def run_of(folders) -> Callable[[str], Own]:
    """The network, and its run on the first sample."""
    made: dict[str, Own] = {}

    def run(name: str) -> Own:
        if name not in made:
            size, weights = folders(name)
            setup = Setup(size, weights=weights)
            net, photo = load_network(size, weights)[0], sample(setup, "room")
            wanted = dict.fromkeys([CELL, *(name for kind in TEXTS for name in _names(setup, net, kind))])
            made[name] = Own(setup, net, photo, dict(run_with_cache(net, photo.pixels, names=list(wanted))[1]))
        return made[name]

    return run


def _names(setup: Setup, net: MIRNet, kind: str) -> list[str]:
    return page_names(hook_names(setup), kind, site(kind, settle(kind, net.config, opens_at(kind))))


@pytest.fixture
def walk(folders, monkeypatch) -> Callable[[str], Setup]:
    """The page is about this network, as `mirnet app` tells its processes."""

    def tell(name: str) -> Setup:
        for variable, value in environment(*folders(name)).items():
            monkeypatch.setenv(variable, value)
        return app_setup()

    return tell


@pytest.mark.parametrize(("name", "view"), PAGES)
def test_every_page_opens(walk, name, view):
    walk(name)
    page = opened(view, **{"off": "attention-off.all"} if view == "ablation" else {})
    shown = text_of(page.markdown) + text_of(page.caption)
    shown += re.sub(r'"data:[^"]*"', "", "".join(each.proto.body for each in page.main.get("html")))
    assert "{three}" not in shown.lower() and "{sizes}" not in shown, "a field of the catalogue was not filled"
    if view in TEXTS:
        assert any("checks pass" in fold.label for fold in page.expander)
    if view not in ("quantization", "nano", "training") and name != "nano-float":
        assert "LOL" not in shown, "what is said about the shipped networks does not hold for this one"


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_on_the_page_are_those_of_the_cache(walk, run_of, name, kind):
    own = run_of(name)
    assert walk(name) == own.setup
    page = opened(kind)
    table = json.loads(page.get_by_key("numbers").proto.json)["html"]
    rows = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', table)
    assert len(rows) >= 3
    for address, number in rows:
        where = parse_qs(urlsplit(unescape(address)).query)
        tensor, (y, x, c) = where["tensor"][0], (int(where[axis][0]) for axis in "yxc")
        assert float(number.replace("\N{MINUS SIGN}", "-")) == pytest.approx(own.cache[tensor][0, y, x, c], abs=SHOWN)
    # What the figure is drawn from, and the figure that a person would draw with Python.
    names = _names(own.setup, own.net, kind)
    for each, values in tensors(own.setup, own.photo, names).items():
        np.testing.assert_allclose(values, own.cache[each], atol=CLOSE * max(1, np.abs(own.cache[each]).max()))
    where = detail_site(kind, settle(kind, own.net.config, opens_at(kind)))
    look = next(each.value for each in page.markdown if "What to look at" in each.value)
    numbers = re.compile(r"\d+\.\d+|\d+")
    said = [float(word) for word in numbers.findall(look)]
    reference = {"reference": own.photo.reference / np.float32(255)} if kind == "mirnet" else {}
    expected = FIGURES[kind].content(own.cache, where, channel=None, **reference).caption
    assert said == pytest.approx([float(word) for word in numbers.findall(expected)], abs=0.011)


@pytest.mark.parametrize("name", NAMES)
def test_the_restored_photo_and_a_cell_are_those_of_the_cache(walk, run_of, name):
    own = run_of(name)
    walk(name)
    page = opened()
    pictures = before_and_after(own.setup, own.photo, own.photo.key)
    slider = json.loads(page.get_by_key("compare").proto.json)["html"]
    captions = [caption for image in page.main.get("image") for caption in image.captions]
    assert all(f"<span>{text}</span>" in slider for _, text, _ in pictures[:2])
    assert captions == [text for _, text, _ in pictures[2:]]
    shown = np.asarray(Image.open(BytesIO(pictures[1][2])).convert("RGB"))
    output = as_uint8(np.clip(own.cache["output"][0], 0, 1))
    assert np.abs(shown.astype(int) - output).max() <= 1
    page = opened("cell", tensor=CELL, y="3", x="5", c="1")
    said = next(each.value for each in page.markdown if each.value.startswith("= **"))
    written = float(said.strip("= *").replace("\N{MINUS SIGN}", "-"))
    assert written == pytest.approx(float(own.cache[CELL][0, 3, 5, 1]), abs=CLOSE)
    assert ":green[:material/check:] Computed again" in text_of(page.markdown)


def test_the_overview_and_the_side_bar_say_which_network_it_is(walk):
    walk("trained")
    said = text_of(opened().caption).replace("\\", "")
    assert "**trained (yours)**: 4 channels, 1 x 1 blocks, 2 streams" in said
    assert "What is said about `desk` elsewhere need not hold for it" in said and "Trained weights" not in said


def test_the_tour_says_that_its_answers_are_about_desk(walk):
    walk("trained")
    stop = json.loads(opened("mrb", tour="3").get_by_key("stop").proto.json)["html"]
    assert "Two sizes at once" in stop and "at full and half size" in stop
    assert "The answers are about <code>desk</code>" in stop


def test_the_training_page_shows_the_curve_of_the_run(walk, folders):
    walk("trained")
    page = opened("training", curve="loss")
    assert "The training of trained (yours)" in text_of(page.subheader).replace("\\", "")
    assert "2 steps of 1 crops of 16 × 16 pixels, from a random start" in text_of(page.markdown)
    log = own_training(Path(str(folders("trained")[1]))).log
    assert log[-1].step == 2
    labels = [each.proto.alt for each in page.main.get("vega_lite_chart")]
    ends = np.mean([row.loss for row in log])  # both rounds
    assert f"trained (yours), training loss: trained (yours) ends at {ends:.4g}" in labels


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("tall", "no log that could be read"), ("paper", "Its weights are random")],
)
def test_a_training_that_left_nothing_is_one_sentence(walk, name, sentence):
    walk(name)
    page = opened("training")
    assert sentence in text_of(page.markdown)


def test_the_table_of_ablations_is_measured_in_the_background(walk, monkeypatch):
    setup = walk("trained")
    assert "Being measured in the background" in text_of(opened("ablation").info)
    steps = list(ablation_steps(setup))
    count = len(steps) // len(sample_names())
    for step in steps[:3]:
        step()
    assert f"3 of {count} parts" in text_of(opened("ablation").info)
    for step in steps[3:count]:
        step()
    page = opened("ablation")
    said = text_of(page.markdown).replace("\\", "")
    assert not page.info and "on 1 sample photo with trained (yours) (the others are being measured)" in said
    found = table_of(setup)
    assert found is not None and found.photos == sample_names()[:1]
    photo = sample(setup, sample_names()[0])
    board = Switchboard(load_network(None, setup.weights)[0])
    before = board.run(photo.pixels)
    for key in ("skip-group.rrg_1", "attention-off.all"):
        after = compared((), board.run(photo.pixels, [key]), before, photo.reference)
        assert found.changes[key].rms[0] == pytest.approx(after.rms, abs=1e-3)
        assert found.changes[key].loss[0] == pytest.approx(-after.change, abs=1e-3)


def test_a_large_network_gets_smaller_photos_and_the_board_the_larger_one():
    setup = Setup("paper")
    photo = sample(setup, "room")
    assert max(photo.size) < 150 and "scaled down" in photo.caption
    assert photo.for_board is sample_photo("room", 4) and photo.reference.shape == photo.pixels.shape
    content = BytesIO()
    Image.fromarray(photo.for_board.pixels).save(content, "PNG")
    mine = own_photo(content.getvalue(), "mine.png", *photo_limits(setup))
    assert mine.size == photo.size and mine.for_board.size == photo.for_board.size
    assert sample(Setup(), "room").for_board is sample(Setup(), "room")


@pytest.mark.parametrize(
    ("name", "photo"), [("board", "room"), ("paper", "palace"), ("paper", UPLOAD), ("tall", "room")]
)
def test_the_printed_python_gives_the_numbers_of_the_page(walk, tmp_path, monkeypatch, name, photo):
    setup = walk(name)
    monkeypatch.chdir(tmp_path)
    Image.fromarray(sample_photo("coffee", 4).pixels).save(OWN_PHOTO)
    limits = photo_limits(setup)
    seen = own_photo(Path(OWN_PHOTO).read_bytes(), OWN_PHOTO, *limits) if photo == UPLOAD else sample(setup, photo)
    tensor = "rrg_1/mrb_1/column_1/dau_1/channel/gate"
    space: dict = {}
    exec(component_code(setup, photo, "channel_attention", Choice(), None, "light", tensor), space)
    assert np.array_equal(space["photo"], seen.pixels)
    np.testing.assert_allclose(space["tensor"], tensors(setup, seen, [tensor])[tensor], atol=CLOSE)


@pytest.mark.parametrize("softmax", ["streams", "channels"])
def test_the_printed_python_has_the_wrong_softmax_too(walk, softmax):
    setup = app_setup(softmax) if walk("trained") else None
    lines = opening(setup, "room")
    space: dict = {}
    exec(lines, space)
    assert space["net"].config.skff_softmax == softmax


def test_a_network_made_with_the_wrong_softmax_is_shown_as_it_was_made(tmp_path, monkeypatch):
    run = random_run(tmp_path / "wrong", SIZES["one column"].replace(skff_softmax="channels"))
    monkeypatch.setenv("MIRNET_APP_WEIGHTS", str(run))
    page = opened("rrg")
    assert "This network was made like that" in text_of(page.markdown) and "softmax" not in page.query_params
    page.get_by_key("softmax_off").click()
    healthy(page.run())
    assert page.query_params["softmax"] == "streams" and "made like that" not in text_of(page.markdown)
