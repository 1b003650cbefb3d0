"""What a visitor takes along: the printed Python gives the page's own numbers, and the address the page's own view."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from explain.app.catalog.choices import KINDS, Choice, settle, site
from explain.app.compute.photos import own_photo, sample_photo
from explain.app.compute.runner import Setup, configuration, hook_names, page_names, tensors
from explain.app.url.state import UPLOAD
from explain.app.widgets.python_lines import OWN_PHOTO, component_code
from explain.app.widgets.take_along import npy
from explain.tracing.sites import hooks_for

MULTIPLE = configuration(Setup()).multiple
# The page runs a graph for all sizes, in which bilinear resizing is another formula for the same sums; numbers of
# order 1 keep six digits through the whole network.
OTHER_SUMS = 1e-5


def small_photo() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 60, (40, 60, 3), dtype="uint8")
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize(
    ("setup", "photo", "kind", "choice", "channel", "theme", "tensor"),
    [
        (Setup(softmax="channels"), "palace", "skff", Choice(2, 1, "merge"), 3, "dark", "rrg_2/mrb_1/merge/skff/out"),
        (Setup(), "room", "mirnet", Choice(), None, "light", "rrg_1/out"),
        (
            Setup(),
            UPLOAD,
            "down",
            Choice(1, 2, "exchange", 1, 3, 2),
            None,
            "light",
            "rrg_1/mrb_2/exchange/down_1_3/out",
        ),
    ],
    ids=["sample", "whole", "upload"],
)
@pytest.mark.slow
def test_the_printed_python_gives_the_numbers_of_the_page(
    tmp_path, monkeypatch, setup, photo, kind, choice, channel, theme, tensor
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / OWN_PHOTO).write_bytes(small_photo())
    seen = own_photo(small_photo(), OWN_PHOTO, MULTIPLE) if photo == UPLOAD else sample_photo(photo, MULTIPLE)
    names = page_names(hook_names(setup), kind, site(kind, choice))
    space = {}
    exec(component_code(setup, photo, kind, choice, channel, theme, tensor), space)
    assert np.array_equal(space["photo"], seen.pixels)
    np.testing.assert_allclose(space["tensor"], tensors(setup, seen, names)[tensor], atol=OTHER_SUMS)
    with Image.open(tmp_path / f"{kind}.png") as picture:
        bright = np.asarray(picture.convert("L"))[0].mean() > 128
    assert bright == (theme == "light")


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_page_offers_is_what_its_python_keeps(kind):
    known, choice = hook_names(Setup()), settle(kind, configuration(Setup()), Choice())
    offered = set(page_names(known, kind, site(kind, choice)))
    kept = set(hooks_for(known, kind, site(kind, choice) + ("/step_1" if kind in ("down", "up") else "")))
    assert kept <= offered
    # Of a network, the page has the groups' inputs too; each is another tensor's second name.
    assert offered - kept == ({"rrg_1/in", "rrg_2/in"} if kind == "mirnet" else set())


def test_a_tensor_survives_its_file():
    array = np.linspace(0, 1, 24, dtype="float32").reshape(1, 2, 3, 4)
    loaded = np.load(BytesIO(npy(array)))
    assert loaded.dtype == array.dtype
    np.testing.assert_array_equal(loaded, array)
