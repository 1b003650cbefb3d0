"""Numbers that stand in the pages' sentences, computed again; docs/claims.md lists them."""

import os
import re
from dataclasses import replace
from math import log10
from pathlib import Path

import numpy as np
import pytest
from page_runs import opened, text_of
from PIL import Image

from embedded.budget.boards import FRAME_BYTES
from explain.app.catalog.choices import Choice, opening, site
from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS
from explain.app.catalog.tour import STOPS
from explain.app.compute.board_model import fitted
from explain.app.compute.photos import sample_names, sample_photo
from explain.app.compute.runner import Setup, hook_names, network, tensors
from explain.app.data.merge_mistake import merge_mistake
from explain.app.data.shipped_ablations import shipped_measurements
from explain.app.figure_view.component_figure import component_content
from explain.app.photo_checks import BRIGHTEST, brightness
from explain.app.views.ablation.switched_run import effect_of
from explain.app.views.component.facts import facts_of
from explain.app.views.component.sections.fine_patterns import Pattern, limit, response
from explain.app.views.nano.budget_bars import CHIP_RAM
from explain.app.views.training.shipped_networks import restored
from explain.app.widgets.figure_files import before_and_after
from model.attention import ChannelAttention, SpatialAttention
from model.config import preset
from model.hooks import call_site
from model.images.arrays import as_uint8
from model.mrb import MultiScaleResidualBlock
from model.quality.metrics import psnr
from model.resampling import BLUR_KERNEL
from model.samples import SAMPLES, load_sample
from model.skff import SKFF

DESK = Setup()
EVEN = 18  # channel attentions of `desk` whose gates all are within 0.49 and 0.51 on any sample
PRINTED = 0.01  # dB: the page shows two digits after the point


def cached(name: str, names: list[str]):
    return tensors(DESK, sample_photo(name, 4), names)


def test_decibels_in_words():
    assert 20 * log10(2) == pytest.approx(6, abs=0.03) and "6 dB less is twice the RMS" in TOPICS["ablation"].intro
    assert [10 ** (-db / 20) for db in (20, 40)] == pytest.approx([0.1, 0.01])


def test_what_the_components_texts_say_of_their_layers():
    assert preset("paper").channels == 64
    squeezed = [ChannelAttention(channels).squeeze.filters for channels in (64, 8)]
    assert squeezed == [8, 1]
    assert "of the paper's 64 to 8" in str(TEXTS["channel_attention"].symbols)
    assert SKFF(8, 3).squeeze.filters == 4 and "at least 4" in TEXTS["skff"].code
    assert SpatialAttention().locate.kernel_size == (5, 5) and "5×5" in TEXTS["spatial_attention"].code
    assert (BLUR_KERNEL * 16).tolist() == np.outer([1, 2, 1], [1, 2, 1]).tolist()
    assert "[1 2 1]/4" in str(TEXTS["down"].symbols) and "weights 1, 2, 1" in STOPS[3].text
    assert 1 / (1 + np.exp(0)) == 0.5 and "0.5 is what the sigmoid makes of 0" in TEXTS["channel_attention"].intro


def test_what_the_blur_leaves_of_the_tours_stripes():
    stripes = Pattern()
    assert stripes.kind == "stripes" and stripes.period < limit(stripes.angle, 2)  # too fine, so what is left is false
    assert response(stripes.waves, 2) < 0.15, "the tour says that hardly anything is left"
    assert limit(0, 2) == 4 and limit(20, 2) == pytest.approx(3.76, abs=0.005)  # along a row: two of the small pixels


def test_spatial_attention_is_missed_more_than_channel_attention():
    changes = shipped_measurements().changes
    spatial, channel = (np.array(changes[f"{kind}-off.all"].loss) for kind in ("spatial", "channel"))
    assert (spatial > channel).mean() > 0.5 and spatial.mean() > 5 * channel.mean()


@pytest.mark.slow
def test_what_the_board_is_said_to_have():
    found = fitted()
    assert CHIP_RAM == 256 and "256 KB" in STOPS[9].text
    assert FRAME_BYTES == 160 * 120 * 2
    page = opened("nano", photo="coffee")
    last = len(found.works) - 1
    assert f"runs {last + 1} operators, steps 0 to {last}" in text_of(page.markdown)
    assert page.get_by_key("extra_step").max == last
    assert preset("nano").stem == 5 and "squares of 5 × 5" in text_of(page.markdown)


@pytest.mark.slow
def test_no_photo_that_was_learned_from_is_as_bright_as_is_said(require):
    root = os.environ.get("MIRNET_LOL")
    require(root, "needs the LOL pairs: MIRNET_LOL=folder with our485 and validation.txt")
    photos = sorted((Path(str(root)) / "our485" / "low").iterdir())
    means = [brightness(np.asarray(Image.open(photo).convert("RGB"))) for photo in photos]
    assert len(means) == 485 and max(means) <= BRIGHTEST < max(means) + 0.05


@pytest.mark.slow
def test_a_photo_that_is_bright_already_gets_light_and_wrong_colours_and_is_often_burnt():
    burnt, shifted = [], []
    for name in sample_names():
        photo = sample_photo(name, 4)
        bright = replace(photo, pixels=photo.reference, key=f"bright {name}")
        after = restored(DESK, bright).astype(int)
        assert brightness(after.astype("uint8")) > brightness(bright.pixels), name
        light = bright.pixels.max(axis=-1) > 200
        burnt.append((after[light] == 255).any(axis=-1).mean() > 2 * (bright.pixels[light] == 255).any(axis=-1).mean())
        shares = [pixels[light] / pixels[light].sum(axis=-1, keepdims=True) for pixels in (bright.pixels, after)]
        shifted.append(np.abs(shares[1] - shares[0]).max(axis=-1).mean())
    assert sum(burnt) >= len(burnt) / 2 and min(shifted) > 0.01, (burnt, shifted)


@pytest.mark.slow
def test_the_added_part_looks_like_the_restored_photo():
    for name in sample_names():
        known = cached(name, ["input", "residual", "output"])
        dark, added, restored = (known[each].ravel() for each in ("input", "residual", "output"))
        assert np.abs(added - restored).mean() < np.abs(added - dark).mean(), name


@pytest.mark.slow
def test_gates_where_the_tour_asks_for_them():
    """Far apart in the unit that the tour opens, and close to a half in most others."""
    stop = STOPS[4]
    gates = [name for name in hook_names(DESK) if name.endswith("channel/gate")]
    [opened_at] = [name for name in gates if name.startswith(f"{site(stop.page, opening(stop.page))}/")]
    assert replace(opening(stop.page), **stop.choice) == opening(stop.page)
    for name in sample_names():
        found = cached(name, [opened_at])[opened_at]
        assert found.max() > 4 * found.min(), name
    blocks = sorted({re.match(r"rrg_\d+/mrb_\d+", gate)[0] for gate in gates})
    assert len(gates) == 24
    for name in sample_names():
        every = {gate: values for block in blocks for gate, values in cached(name, within(gates, block)).items()}
        even = [gate for gate, values in every.items() if 0.49 <= values.min() and values.max() <= 0.51]
        assert EVEN <= len(even) <= EVEN + 1, name
        values = np.concatenate([gate.ravel() for gate in every.values()])
        assert np.mean(np.abs(values - 0.5) < 0.1) > 0.5, "most gates are near a half"


def within(names: list[str], block: str) -> list[str]:
    return [name for name in names if name.startswith(f"{block}/")]


@pytest.mark.slow
def test_where_the_spatial_gates_of_the_tour_are_open():
    stop = STOPS[5]
    there = replace(opening(stop.page), **stop.choice)
    for sample in sample_names():
        light = np.log(sample_photo(sample, 4).pixels.mean(axis=-1) / 255 + 0.004)
        found = []
        for choice in (there, replace(there, block=1)):
            name = f"{site(stop.page, choice)}/gate"
            found.append(np.corrcoef(cached(sample, [name])[name].ravel(), light.ravel())[0, 1])
        assert found[0] < -0.6 and found[1] > 0.1, sample


@pytest.mark.slow
def test_what_a_merge_without_stream_2_costs(monkeypatch):
    net, _ = network(DESK)
    right = MultiScaleResidualBlock.merge

    def wrong(self, streams):
        arrived = [streams[0]]
        for k, (rise, stream) in enumerate(zip(self.rise, streams[1:], strict=True), 2):
            with call_site(f"up_{k}"):
                arrived.append(rise(stream))
        with call_site("skff"):
            return self.fusions[0]([arrived[0], arrived[2], arrived[2]])

    def scores():
        found = []
        for sample in SAMPLES:
            dark, bright = load_sample(sample.name)
            output = np.asarray(net(dark[None].astype("float32") / 255))[0]
            found.append(psnr(as_uint8(np.clip(output, 0, 1)), bright, data_range=255))
        return np.array(found)

    before = scores()
    monkeypatch.setattr(MultiScaleResidualBlock, "merge", wrong)
    after = scores()
    assert MultiScaleResidualBlock.merge is not right
    assert merge_mistake().losses == pytest.approx(before - after, abs=PRINTED)


@pytest.mark.slow
def test_what_is_computed_for_nothing_without_stream_2():
    """By hand: convolutions of n, 2n, 4n channels, per pixel of the photo and n squared."""
    down, up_3_2, unit, up_2_1 = 1 + 9 + 0.5 + 0.5, 1 + 9 + 2 + 2, 18 + 2, 1 + 9 + 2 + 2
    n = preset("desk").channels
    by_hand = down + up_3_2 + unit + up_2_1 + 50 / 4 / n**2
    page = opened("mrb", photo="coffee")
    photo = sample_photo("coffee", 4)
    whole = facts_of(DESK, "mrb", Choice(), photo.size).macs / (photo.size[0] * photo.size[1] * n**2)
    share = by_hand / whole
    assert f"**{share:.0%} of the block's multiply–accumulates**" in text_of(page.markdown)
    assert f"lose **{merge_mistake().loss:.2f} dB**" in text_of(page.markdown)


@pytest.mark.slow
def test_one_picture_has_one_psnr_on_every_page():
    photo = sample_photo("room", 4)
    caption = component_content(DESK, photo, "mirnet", Choice()).caption
    [score] = {
        f"{value:.2f}"
        for value in (
            effect_of(DESK, photo, []).psnr_intact,
            psnr(restored(DESK, photo), photo.reference, data_range=255),
            float(re.search(r"the result PSNR ([\d.]+) dB", caption)[1]),
        )
    }
    assert before_and_after(DESK, photo, photo.key)[1][1].endswith(f"{float(score):.1f} dB")
