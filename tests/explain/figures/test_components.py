"""Figures show what the cache holds, on honest scales, in words that can be read."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from quick import FEW_KINDS, quick

from explain import run_with_cache
from explain.figures import DARK, FIGURES, LIGHT, draw_channels, draw_tensor, figure_bytes, save_figure
from explain.figures.draw import draw
from explain.figures.kit.chart_data import bars, histogram
from explain.figures.kit.charts import draw_chart
from explain.figures.kit.feature_maps import activity_scale, gate_scale, signed_scale, strength, stretched
from explain.tracing.padding import padded
from explain.tracing.sites import hooks_for, sites
from model import (
    SKFF,
    Downsample,
    DualAttentionUnit,
    HookError,
    ImageError,
    MIRNet,
    MIRNetConfig,
    MirnetError,
    MultiScaleResidualBlock,
    RecursiveResidualGroup,
    load_image,
    psnr,
)
from model.images.arrays import as_uint8
from model.images.photo_files import resize_to_fit
from model.zoo import seed_weights

SAMPLES = Path(__file__).parents[3] / "model" / "samples"
CHANNELS = 8
WIDE, PHONE = 10.0, 4.2  # inches
SKFF_1 = "rrg_1/mrb_1/exchange/skff_1"
DAU_1 = "rrg_1/mrb_1/column_1/dau_1"
BLOCK = "rrg_1/mrb_1"
FLOAT32 = 1e-6  # relative: both sides are the same float32 sums in another order
DIFFERENCE = 1e-5  # relative: one of float32 numbers that are alike

themes = pytest.mark.parametrize("theme", [LIGHT, pytest.param(DARK, marks=pytest.mark.slow)], ids=["light", "dark"])


@pytest.fixture(scope="module")
def photos():
    """A dark photo and the same in good light, (32, 48, 3) float."""
    pair = [load_image(SAMPLES / name) for name in ("palace_dark.webp", "palace.webp")]
    return [padded(resize_to_fit(photo, 48), 4) for photo in pair]


@pytest.fixture(scope="module")
def net():
    net = MIRNet(MIRNetConfig(channels=CHANNELS, groups=1, blocks=2))
    seed_weights(net, 3)
    return net


@pytest.fixture(scope="module")
def cache(net, photos):
    return run_with_cache(net, photos[0])[1]


def pictures(figure):
    """Axes that hold a picture, by title; without colour bars."""
    return {axes.get_title("left"): axes for axes in figure.axes if axes.images}


def shown(figure, title):
    return np.asarray(pictures(figure)[title].images[0].get_array())


def limits(figure, title):
    return pictures(figure)[title].images[0].get_clim()


def chart(figure, title):
    return next(axes for axes in figure.axes if axes.get_title("left") == title)


def activity(tensor):
    return np.sqrt((tensor[0].astype("float64") ** 2).mean(axis=-1))


@themes
@pytest.mark.parametrize("kind", quick(FIGURES, *FEW_KINDS))
def test_every_kind_is_drawn_at_its_first_and_last_call_site(cache, kind, theme):
    places = sites(cache)[kind]
    for site in {places[0]: None, places[-1]: None}:
        figure = FIGURES[kind](cache, site, theme=theme)
        assert figure.get_facecolor() == mpl.colors.to_rgba(theme.background)
        assert len(figure.caption) > 60 and "\n" not in figure.caption
        for axes in figure.axes:
            if axes.axison and axes.get_label() != "colour bar":
                assert axes.get_title("left"), "every picture and chart says what it is"


@themes
@pytest.mark.parametrize("channel", [None, 1])
@pytest.mark.parametrize("kind", quick(FIGURES, *FEW_KINDS))
def test_signed_values_are_centred_on_zero(cache, kind, channel, theme):
    figure = FIGURES[kind](cache, sites(cache)[kind][0], channel=channel, theme=theme)
    signed = [image for axes in figure.axes for image in axes.images if image.get_cmap().name == theme.signed]
    for image in signed:
        low, high = image.get_clim()
        assert low == -high < 0
    negative = [image for axes in figure.axes for image in axes.images if image.get_array().min() < 0]
    assert all(image in signed for image in negative)
    if channel is not None:
        assert signed


@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("kind", quick(FIGURES, *FEW_KINDS))
def test_words_neither_touch_nor_leave_the_figure(cache, photos, kind, width, crowded):
    options = {"reference": photos[1]} if kind == "mirnet" else {}
    figure = FIGURES[kind](cache, sites(cache)[kind][-1], width=width, **options)
    assert crowded(figure) == []


@pytest.mark.parametrize("kind", quick(FIGURES, *FEW_KINDS))
def test_figures_need_no_more_than_hooks_for_says(cache, net, kind):
    site = sites(cache)[kind][-1]
    some = {name: cache[name] for name in hooks_for(net.hook_names, kind, site)}
    assert figure_bytes(FIGURES[kind](some, site)) == figure_bytes(FIGURES[kind](cache, site))


# SKFF


def test_stacked_weights_are_the_caches(cache):
    axes = chart(FIGURES["skff"](cache, SKFF_1), "weights")
    weights = cache[f"{SKFF_1}/weights"][0, :, 0]
    heights = np.array([[bar.get_height() for bar in bars] for bars in axes.containers])
    np.testing.assert_allclose(heights, weights, rtol=FLOAT32)
    tops = [bar.get_y() + bar.get_height() for bar in axes.containers[-1]]
    np.testing.assert_allclose(tops, 1, rtol=FLOAT32)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["stream 1", "stream 2", "stream 3"]


def test_the_wrong_softmax_is_seen_to_fall_short_of_one(photos):
    net = MIRNet(MIRNetConfig(channels=CHANNELS, groups=1, blocks=1, skff_softmax="channels"))
    _, cache = run_with_cache(net, photos[0])
    figure = FIGURES["skff"](cache, SKFF_1)
    axes = chart(figure, "weights")
    tops = np.array([bar.get_y() + bar.get_height() for bar in axes.containers[-1]])
    np.testing.assert_allclose(tops.sum(), 3, rtol=FLOAT32)  # each stream's weights add up to 1 over its channels
    assert (tops < 0.7).all() and axes.get_ylim()[1] > 1
    assert "do not" in figure.caption
    words = [text.get_text() for text in figure.texts]
    assert "Select, over the wrong axis: for each stream, the channels compete for a weight" in words
    assert f"they add up to {tops.min():.2f} … {tops.max():.2f}, not to 1" in words
    assert "do not" not in FIGURES["skff"](cache | {f"{SKFF_1}/weights": np.full((1, 3, 1, 8), 1 / 3)}, SKFF_1).caption


def test_skff_pictures_show_the_activity_on_one_scale(cache):
    figure = FIGURES["skff"](cache, SKFF_1)
    for title, name in (("stream 2", "stream_2"), ("fused: their sum", "fused"), ("out: their sum", "out")):
        np.testing.assert_allclose(shown(figure, title), activity(cache[f"{SKFF_1}/{name}"]), rtol=1e-5)
    same = ["stream 1", "stream 2", "stream 3", "stream 1 × weight", "stream 3 × weight", "out: their sum"]
    assert len({limits(figure, title) for title in same}) == 1


def test_a_chosen_channel_is_shown_with_its_sign(cache):
    figure = FIGURES["skff"](cache, SKFF_1, channel=5)
    np.testing.assert_array_equal(shown(figure, "stream 1"), cache[f"{SKFF_1}/stream_1"][0, :, :, 5])
    descriptor = chart(figure, "descriptor: mean of each channel of the sum")
    heights = [bar.get_height() for bar in descriptor.containers[0]]
    np.testing.assert_array_equal(heights, cache[f"{SKFF_1}/descriptor"].ravel())


# Attention


def test_gates_are_sorted_and_keep_their_channels(cache):
    # Where the squeezed descriptor is not all zero: there every gate would be 0.5.
    site = next(s for s in sites(cache)["channel_attention"] if cache[f"{s}/squeezed"].any() and "dau_1" in s)
    gates = cache[f"{site}/gate"].ravel()
    assert len(set(gates)) == len(gates) == CHANNELS
    figure = FIGURES["channel_attention"](cache, site)
    axes = chart(figure, "gates, sorted")
    heights = [bar.get_height() for bar in axes.containers[0]]
    channels = [int(tick.get_text()) for tick in axes.get_xticklabels()]
    assert heights == sorted(gates, reverse=True)
    np.testing.assert_array_equal(gates[channels], heights)
    assert axes.get_ylim() == (0, 1)
    titles = [title for title in pictures(figure) if title.startswith("channel ")]
    assert titles == [f"channel {c}" for c in channels]  # 8 channels: the 4 highest and the 4 lowest, in order
    np.testing.assert_array_equal(shown(figure, titles[0]), cache[f"{site}/in"][0, :, :, channels[0]])


def test_equal_gates_are_said_to_be_equal(cache):
    site = f"{DAU_1}/channel"
    equal = cache | {f"{site}/gate": np.full((1, 1, 1, CHANNELS), 0.5, "float32")}
    assert "all gates are 0.500" in FIGURES["channel_attention"](equal, site).caption
    unequal = cache | {f"{site}/gate": np.linspace(0.4, 0.6, CHANNELS).reshape(1, 1, 1, -1)}
    assert (
        "channel 7 passes most (0.600) and channel 0 least (0.400). Compare the pictures of the two rows"
        in FIGURES["channel_attention"](unequal, site).caption
    )


def test_nearly_equal_gates_prefer_no_channel(cache):
    site = f"{DAU_1}/channel"
    alike = cache | {f"{site}/gate": np.linspace(0.48, 0.52, CHANNELS).reshape(1, 1, 1, -1)}
    caption = FIGURES["channel_attention"](alike, site).caption
    assert "channel 7 passes most (0.520) and channel 0 least (0.480): that is nearly the same" in caption
    assert "respond to" not in caption


@pytest.mark.parametrize(("channels", "width", "shown"), [(8, 0.85, 8), (8, 0.75, 4), (16, 2.8, 16), (128, 8, 32)])
def test_an_axis_has_as_many_numbers_as_have_room(channels, width, shown):
    figure = mpl.figure.Figure(figsize=(width, 1))
    axes = figure.add_axes((0, 0, 1, 1))
    draw_chart(axes, bars(np.ones((1, 1, 1, channels)), name="number"), LIGHT)
    assert len(axes.get_xticks()) == shown and axes.get_xlabel() == "number"


def test_a_histogram_has_numbers_up_to_its_peak():
    axes = mpl.figure.Figure().add_subplot()
    draw_chart(axes, histogram({"gate": np.array([0.1, 0.5, 0.5])}, (0, 1), "gate"), LIGHT)
    shown = [tick for tick in axes.get_yticks() if tick <= axes.get_ylim()[1]]
    assert axes.get_ylim()[1] == shown[-1] >= 100 * 2 / 3


def test_spatial_attention_shows_maximum_before_mean(cache):
    site = f"{DAU_1}/spatial"
    figure = FIGURES["spatial_attention"](cache, site)
    features = cache[f"{site}/in"][0]
    np.testing.assert_array_equal(shown(figure, "maximum over channels"), features.max(axis=-1))
    np.testing.assert_allclose(shown(figure, "mean over channels"), features.mean(axis=-1), atol=1e-6)
    np.testing.assert_array_equal(shown(figure, "gate"), cache[f"{site}/gate"][0, :, :, 0])
    assert limits(figure, "in") == limits(figure, "out = in × gate")


def test_the_gate_lies_over_the_photo_at_the_photos_size(cache, photos):
    for site, over in ((f"{DAU_1}/spatial", "photo"), (DAU_1.replace("dau_1", "dau_3") + "/spatial", "photo")):
        blend = shown(FIGURES["spatial_attention"](cache, site), f"gate over the {over}")
        assert blend.shape == photos[0].shape
    alone = {name.removeprefix(f"{DAU_1}/spatial/"): value for name, value in cache.items() if name.startswith(DAU_1)}
    assert "gate over the features" in pictures(FIGURES["spatial_attention"](alone))
    other = np.zeros((10, 20, 3), "float32")
    assert shown(FIGURES["spatial_attention"](alone, photo=other), "gate over the photo").shape == other.shape


def test_dau_adds_up(cache):
    figure = FIGURES["dau"](cache, DAU_1, channel=2)
    total = shown(figure, "in") + shown(figure, "fused")
    np.testing.assert_allclose(shown(figure, "out"), total, atol=1e-6)
    assert limits(figure, "body") == limits(figure, "body × spatial gate") == limits(figure, "body × channel gates")
    changes = [bar.get_height() for bar in chart(figure, "change per channel").containers[0]]
    np.testing.assert_allclose(changes, np.sqrt((cache[f"{DAU_1}/fused"][0] ** 2).mean(axis=(0, 1))), rtol=1e-5)


# Resizing


@pytest.mark.parametrize(("site", "kind"), [("exchange/down_1_3", "down"), ("merge/up_3", "up")])
@pytest.mark.slow
def test_resizing_shows_the_chosen_step(cache, site, kind):
    site = f"{BLOCK}/{site}"
    for step in (1, 2):
        figure = FIGURES[kind](cache, site, step=step, channel=0)
        for name in ("in", "features", "resized", "main", "shortcut", "out"):
            tensor = cache[f"{site}/step_{step}/{name}"]
            title = f"{name}: {tensor.shape[1]} × {tensor.shape[2]} × {tensor.shape[3]}"
            np.testing.assert_array_equal(shown(figure, title), tensor[0, :, :, 0])
        assert figure_bytes(figure) == figure_bytes(FIGURES[kind](cache, f"{site}/step_{step}", channel=0))
    with pytest.raises(HookError, match="step must be from 1 to 2"):
        FIGURES[kind](cache, site, step=3)


# Blocks, groups, the whole


def test_mrb_shows_every_stream_in_every_column(cache):
    figure = FIGURES["mrb"](cache, BLOCK)
    images = [axes.images[0] for axes in figure.axes if axes.images]
    names = ["in", *(f"column_1/dau_{k}/out" for k in (1, 2, 3))]
    for k in (1, 2, 3):
        names += [f"exchange/skff_{k}/out", f"column_2/dau_{k}/out"]
    names += ["merge/skff/out", "conv", "out"]
    assert len(images) == len(names)
    for name, image in zip(names, images, strict=True):
        np.testing.assert_allclose(np.asarray(image.get_array()), activity(cache[f"{BLOCK}/{name}"]), rtol=1e-5)
    by_stream = {image.get_array().shape: set() for image in images}
    for image in images:
        by_stream[image.get_array().shape].add(image.get_clim())
    assert len(by_stream) == 3 and len(set.union(*by_stream.values())) == 1, "streams cannot be compared"


@pytest.mark.parametrize(("streams", "columns"), [(2, 1), (2, 2), (3, 3), (4, 2)])
@pytest.mark.slow
def test_mrb_of_other_shapes(streams, columns, crowded):
    block = MultiScaleResidualBlock(4, streams, columns)
    _, cache = run_with_cache(block, np.random.default_rng(0).normal(size=(1, 16, 24, 4)))
    figure = FIGURES["mrb"](cache, width=12)
    assert len(pictures_of(figure)) == 1 + streams * (2 * columns - 1) + 3
    assert crowded(figure) == []


def pictures_of(figure):
    return [axes for axes in figure.axes if axes.images]


@pytest.mark.slow
def test_rrg_shows_what_each_block_changes(cache):
    figure = FIGURES["rrg"](cache, "rrg_1", channel=1)
    for k in (1, 2):
        before, after = cache[f"{'rrg_1/mrb_' + str(k)}/in"], cache[f"{'rrg_1/mrb_' + str(k)}/out"]
        np.testing.assert_array_equal(shown(figure, f"MRB {k}: out − in"), (after - before)[0, :, :, 1])
    assert limits(figure, "in") == limits(figure, "MRB 1") == limits(figure, "MRB 2") == limits(figure, "out")
    assert limits(figure, "conv") == limits(figure, "MRB 1: out − in") == limits(figure, "MRB 2: out − in")


def test_rrg_compares_each_change_with_what_came_into_it(cache):
    figure = FIGURES["rrg"](cache, "rrg_1")
    pairs = {"MRB 1": "rrg_1/mrb_1", "MRB 2": "rrg_1/mrb_2", "group": "rrg_1"}
    before, after = ({name: cache[f"{site}/{end}"] for name, site in pairs.items()} for end in ("in", "out"))
    expected = [strength(after[name] - before[name]) / strength(before[name]) for name in pairs]
    chart = next(axes for axes in figure.axes if axes.get_title("left") == "strength of the change")
    assert [label.get_text() for label in chart.get_xticklabels()] == list(pairs)
    np.testing.assert_allclose([bar.get_height() / 100 for bar in chart.patches], expected, rtol=DIFFERENCE)
    largest = max(("MRB 1", "MRB 2"), key=lambda name: expected[list(pairs).index(name)])
    assert f"of a block is that of {largest}:" in figure.caption
    assert f"the whole group adds has {expected[2]:.0%} of the strength" in figure.caption


def test_mirnet_states_psnr_against_the_reference(cache, photos):
    figure = FIGURES["mirnet"](cache, reference=photos[1])
    words = " ".join(text.get_text() for text in figure.texts)
    result = np.clip(cache["output"][0], 0, 1)
    for picture in (photos[0], result):
        expected = f"PSNR {psnr(as_uint8(picture), as_uint8(photos[1]), data_range=255):.2f} dB"  # as a file has it
        assert expected in words and expected in figure.caption
    np.testing.assert_array_equal(shown(figure, "result"), result)
    assert "clipped" in words
    np.testing.assert_array_equal(shown(figure, "residual"), np.clip(cache["residual"][0], 0, 1))
    np.testing.assert_array_equal(shown(figure, "residual: blue"), cache["residual"][0, :, :, 2])
    assert "reference" not in pictures(FIGURES["mirnet"](cache))


@pytest.mark.parametrize(
    ("thousandths", "says"), [(0, "hardly anywhere below 0"), (250, "below 0 in 25.0% of its numbers")]
)
def test_mirnet_says_how_much_of_the_residual_cannot_be_shown(cache, thousandths, says):
    residual = np.full(cache["residual"].shape, 0.2, "float32")
    residual.ravel()[: residual.size * thousandths // 1000] = -0.2
    figure = FIGURES["mirnet"]({name: cache[name] for name in cache} | {"residual": residual})
    assert says in " ".join(text.get_text() for text in figure.texts)


def test_a_reference_of_another_size_is_refused(cache):
    with pytest.raises(MirnetError, match="48 × 32 pixels, not 16 × 8"):
        FIGURES["mirnet"](cache, reference=np.zeros((8, 16, 3), "float32"))


# Components run alone


@pytest.mark.parametrize(
    ("component", "inputs"),
    quick(
        [
            (SKFF(4, streams=2), [(1, 8, 12, 4)] * 2),
            (DualAttentionUnit(8), (1, 8, 12, 8)),
            (DualAttentionUnit(1), (1, 8, 12, 1)),
            (Downsample(4, 4), (1, 8, 12, 4)),
            (RecursiveResidualGroup(4, blocks=3), (1, 8, 12, 4)),
        ],
        first=2,
    ),
    ids=["skff", "dau", "dau of one channel", "down", "rrg"],
)
def test_a_component_alone_is_drawn_without_a_call_site(component, inputs):
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=shape) for shape in inputs] if isinstance(inputs, list) else rng.normal(size=inputs)
    _, cache = run_with_cache(component, inputs)
    for kind, places in sites(cache).items():
        assert figure_bytes(FIGURES[kind](cache, places[0]))


@pytest.mark.slow
def test_a_black_photo_is_drawn_though_every_feature_is_zero(net):
    _, cache = run_with_cache(net, np.zeros((4, 4, 3), "float32"))
    assert not cache["output"].any()
    for kind, places in sites(cache).items():
        assert figure_bytes(FIGURES[kind](cache, places[0]))


@pytest.mark.parametrize("shape", [(16, 64), (64, 16)])
@pytest.mark.slow
def test_very_wide_and_very_high_photos_are_drawn(net, shape, crowded):
    rng = np.random.default_rng(0)
    _, cache = run_with_cache(net, rng.random((*shape, 3), "float32"))
    figures = [FIGURES[kind](cache, places[0]) for kind, places in sites(cache).items()]
    figures.append(draw_channels(cache, "shallow"))
    for figure in figures:
        assert figure.get_figheight() < 30
        assert crowded(figure) == []
        for axes in pictures_of(figure):
            rows, columns = axes.images[0].get_array().shape[:2]
            box = axes.get_position()
            proportions = box.height * figure.get_figheight() / (box.width * figure.get_figwidth())
            assert proportions == pytest.approx(rows / columns, rel=0.01), "no picture is stretched"


# Any tensor


@pytest.mark.slow
def test_every_kind_of_tensor_is_drawn(cache):
    # One of each last name and each shape: the rest are drawn alike.
    different = {(name.rpartition("/")[2], tensor.shape): name for name, tensor in cache.items()}
    for name in different.values():
        figure = draw_tensor(cache, name)
        assert figure.caption and figure.axes


def test_a_tensor_is_a_picture_bars_or_weights(cache):
    np.testing.assert_allclose(shown(draw_tensor(cache, "shallow"), "activity"), activity(cache["shallow"]), rtol=1e-5)
    np.testing.assert_array_equal(
        shown(draw_tensor(cache, "shallow", channel=3), "channel 3"), cache["shallow"][0, :, :, 3]
    )
    np.testing.assert_array_equal(shown(draw_tensor(cache, "input"), "input"), cache["input"][0])
    bars = chart(draw_tensor(cache, f"{SKFF_1}/descriptor"), "descriptor").containers[0]
    np.testing.assert_array_equal([bar.get_height() for bar in bars], cache[f"{SKFF_1}/descriptor"].ravel())
    logits = draw_tensor(cache, f"{SKFF_1}/logits")
    assert [axes.get_title("left") for axes in logits.axes] == [f"logits of stream {k}" for k in (1, 2, 3)]
    assert len({axes.get_ylim() for axes in logits.axes}) == 1
    assert len(chart(draw_tensor(cache, f"{SKFF_1}/weights"), "weights").containers) == 3


@pytest.mark.parametrize("channels", [3, 16, 20, 64, 65])
@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_the_mosaic_holds_every_channel_in_its_place(channels, width, crowded):
    tensor = np.random.default_rng(0).normal(size=(1, 6, 9, channels)).astype("float32")
    figure = draw_channels({"rrg_1/conv": tensor}, "rrg_1/conv", width=width)
    axes = figure.axes[0]
    whole = np.ma.filled(axes.images[0].get_array(), np.nan)
    numbers = {text.get_text(): text.xy for text in axes.texts}
    assert sorted(numbers, key=int) == [str(c) for c in range(min(channels, 64))]
    for number, (x, y) in numbers.items():
        top, left = round(y + 0.5), round(x + 0.5)
        np.testing.assert_array_equal(whole[top : top + 6, left : left + 9], tensor[0, :, :, int(number)])
    assert ("64 of 65" in axes.get_title("left")) == (channels == 65)
    assert ("64 of 65" in figure.caption) == (channels == 65)
    assert crowded(figure) == []


# Scales


def test_scales_leave_out_the_most_extreme_values():
    values = np.linspace(-1, 1, 1001)
    values[0] = 500
    scale = signed_scale([values], "x")
    assert -scale.low == scale.high < 1.01 and scale.clipped
    low, high = np.percentile(values, (1, 99))
    scale = activity_scale([values], "x")
    assert (scale.low, scale.high, scale.clipped) == (low, high, True)


@pytest.mark.parametrize("make", [signed_scale, activity_scale, gate_scale])
@pytest.mark.parametrize("value", [-2.0, 0.0, 0.5, 1e-30])
def test_a_scale_of_equal_values_has_a_width(make, value):
    scale = make([np.full((4, 4), value, "float32")], "x")
    assert scale.low < scale.high
    assert scale.low <= value <= scale.high


def test_a_few_bright_pixels_do_not_vanish_into_an_empty_scale():
    values = np.zeros((40, 40))
    values[0, 0] = 3.0
    assert activity_scale([values], "x").high == 3.0
    assert signed_scale([values], "x").high == 3.0


def test_stretched_spreads_a_dark_photo():
    dark = np.linspace(0.01, 0.05, 1000).reshape(20, 50)
    assert stretched(dark).min() == 0 and stretched(dark).max() == 1
    assert not stretched(np.full((4, 4), 0.3)).any()


# Bad input


def test_a_wrong_call_site_is_named(cache):
    with pytest.raises(HookError, match="rrg_9/mrb_1/exchange/skff_1"):
        FIGURES["skff"](cache, "rrg_9/mrb_1/exchange/skff_1")
    with pytest.raises(HookError, match="no 'rrg_1/convv'"):
        draw_tensor(cache, "rrg_1/convv")


@pytest.mark.parametrize("channel", [-1, CHANNELS])
@pytest.mark.parametrize("kind", quick(FIGURES, *FEW_KINDS))
def test_a_channel_that_is_not_there_is_refused(cache, kind, channel):
    with pytest.raises(MirnetError, match=f"channel must be from 0 to .*, not {channel}"):
        FIGURES[kind](cache, sites(cache)[kind][0], channel=channel)


# Drawing for a name


@pytest.mark.slow
def test_draw_finds_what_is_meant(net, photos):
    photo = (photos[0] * 255).astype("uint8")[:30, :45]  # not multiples of 4
    assert draw(net, photo, "skff").title.startswith("Selective kernel")
    assert draw(net, photo, "rrg_1/conv").title == "conv"
    assert "all 8 channels" in draw(net, photo, "shallow", all_channels=True).caption
    assert "reference" in pictures(draw(net, photo, "mirnet", reference=photo))
    assert "step 2 of 2" in draw(net, photo, f"{BLOCK}/exchange/down_1_3/step_2").texts[1].get_text()


def test_draw_shows_the_padded_photo(net, photos):
    photo = photos[0][:30, :45]
    whole = shown(draw(net, photo, "input"), "input")
    assert whole.shape == (32, 48, 3)
    np.testing.assert_array_equal(whole[:30, :45], photo)
    np.testing.assert_array_equal(whole[30], whole[28])  # mirrored about the last row


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("skff", {"reference": np.zeros((32, 48, 3))}, "a reference is for"),
        ("skff", {"all_channels": True}, "all channels can be drawn of one tensor"),
        ("shallow", {"all_channels": True, "channel": 1}, "one channel or all of them"),
        ("shalow", {}, "did you mean shallow"),
    ],
)
def test_draw_refuses_what_does_not_fit(net, photos, name, options, words):
    with pytest.raises(MirnetError, match=words):
        draw(net, photos[0], name, **options)


# Files and threads


@pytest.mark.parametrize(("kind", "start"), quick([("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")], first=1))
def test_the_same_figure_is_the_same_file(cache, tmp_path, kind, start):
    once, twice = (figure_bytes(FIGURES["mrb"](cache, BLOCK), kind) for _ in range(2))
    assert once.startswith(start)
    if kind != "svg":  # matplotlib's ids of clip paths are random there
        assert once == twice
    save_figure(FIGURES["mrb"](cache, BLOCK), tmp_path / f"figure.{kind.upper()}")
    assert (tmp_path / f"figure.{kind.upper()}").read_bytes().startswith(start)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_that_cannot_be_written_is_refused(cache, tmp_path):
    figure = draw_tensor(cache, "input")
    (tmp_path / "folder.png").mkdir()
    for name, words in (("x.gif", ".png, .svg or .pdf"), ("no/x.png", "no folder"), ("folder.png", "is a folder")):
        with pytest.raises(ImageError, match=words):
            save_figure(figure, tmp_path / name)
    with pytest.raises(ImageError, match="kind must be one of"):
        figure_bytes(figure, "gif")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


def test_a_failing_write_leaves_the_old_file(cache, tmp_path, monkeypatch):
    target = tmp_path / "figure.png"
    target.write_bytes(b"old")

    def full(*names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(ImageError, match="the disk is full"):
        save_figure(draw_tensor(cache, "input"), target)
    assert target.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.slow
def test_threads_with_different_themes_do_not_mix(cache):
    jobs = [("skff", LIGHT), ("skff", DARK), ("mrb", LIGHT), ("mrb", DARK)]

    def work(job):
        kind, theme = job
        return figure_bytes(FIGURES[kind](cache, sites(cache)[kind][0], theme=theme))

    before = dict(mpl.rcParams)
    alone = [work(job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, jobs)) == alone
    assert dict(mpl.rcParams) == before


@pytest.mark.slow
def test_pyplot_is_never_imported(cache, tmp_path):
    # From a saved cache: Keras, which would have to make one, imports pyplot for pictures of its own.
    names = [name for name in cache if "mrb_2" not in name or name.count("/") == 2]
    np.savez(tmp_path / "cache.npz", **{name: cache[name] for name in names})
    code = (
        "import sys, numpy as np; cache = dict(np.load(sys.argv[1]));"
        "from explain.figures import FIGURES, draw_channels, figure_bytes; from explain.tracing.sites import sites;"
        "drawn = [figure_bytes(FIGURES[kind](cache, found[0])) for kind, found in sites(cache).items()];"
        "drawn += [figure_bytes(draw_channels(cache, 'shallow'), kind) for kind in ('svg', 'pdf')];"
        "print(len(drawn), [name for name in sys.modules if 'pyplot' in name or name in ('keras', 'tensorflow')])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "cache.npz")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{len(FIGURES) + 2} []"
