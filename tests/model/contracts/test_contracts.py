"""Contracts as a tool: on a call inside a network, on a large photo, and on components that someone else wrote."""

import keras
import numpy as np
import pytest
from keras import ops

from explain import run_with_cache
from model import (
    SKFF,
    ChannelAttention,
    Downsample,
    DualAttentionUnit,
    HookError,
    HookPoint,
    MIRNet,
    MIRNetConfig,
    MirnetError,
    MultiScaleResidualBlock,
    SpatialAttention,
    Upsample,
)
from model.contracts import KINDS, call_at, call_sites, check_all, component_at, contracts_for, counts, examine, record
from model.contracts.compare import RELATIVE, compare, tolerance
from model.contracts.promise import small_number
from model.inference.compiled import CompiledNet
from model.samples import load_sample


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def broken(results) -> dict[str, str]:
    return {contract.title: verdict.message for contract, verdict in results if not verdict.holds}


@pytest.fixture(scope="module")
def traced():
    keras.utils.set_random_seed(0)
    net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1))
    photo = load_sample("hedgehog")[0][:96, :128]  # 4 x 4 windows of a real dark photo: more than is computed again
    output, cache = run_with_cache(net, photo)
    return net, output, cache


def test_every_component_has_contracts():
    assert {kind: len(contracts_for(kind)) > 8 for kind in KINDS} == dict.fromkeys(KINDS, True)
    assert contracts_for(SKFF(8)) == contracts_for("SKFF")
    for kind in KINDS:
        for contract in contracts_for(kind):
            assert contract.promise.endswith(".")
            assert "\n" not in contract.promise, "the text of a contract is one sentence"


def test_all_contracts_hold_at_every_call_site_of_a_network_on_a_photo(traced):
    net, _, cache = traced
    seen = set()
    for site, component in call_sites(net):
        call = call_at(net, cache, site)
        results = check_all(call, probes=False)
        assert broken(results) == {}, site
        seen.add(call.kind)
        assert len(results) == sum(not contract.probes for contract in contracts_for(component))
    assert seen == set(KINDS)


def test_the_call_at_a_site_is_the_one_that_happened_there(traced):
    net, output, cache = traced
    whole = call_at(net, cache)
    assert whole.output is cache["output"]
    np.testing.assert_array_equal(whole.output, output)
    fusion = call_at(net, cache, "rrg_1/mrb_1/merge/skff")
    assert fusion.component is net.groups[0].chain[0].fusions[0]
    assert fusion.component is component_at(net, "rrg_1/mrb_1/exchange/skff_1")
    assert len(fusion.inputs) == 3
    assert fusion.inputs[1] is cache["rrg_1/mrb_1/merge/up_2/out"]
    assert fusion["weights"] is cache["rrg_1/mrb_1/merge/skff/weights"]


def test_call_sites_are_those_of_the_hook_points(traced):
    net, _, cache = traced
    sites = [site for site, _ in call_sites(net)]
    assert len(set(sites)) == len(sites)
    ends = {name.rpartition("/")[0] for name in cache if name.rpartition("/")[2] in ("out", "output")}
    steps = {name for name in ends if "step_" in name}
    assert set(sites) == ends - steps


@pytest.mark.slow
def test_contracts_hold_on_a_call_with_three_columns():
    block = MultiScaleResidualBlock(4, streams=2, columns=3)
    assert broken(check_all(record(block, drawn(1, 8, 12, 4)))) == {}
    assert component_at(block, "exchange_2/up_2_1") is component_at(block, "exchange/up_2_1")


def test_unknown_sites_are_refused_with_near_ones(traced):
    net, _, cache = traced
    with pytest.raises(HookError, match=r"rrg_1/mrb_1/merge/skf.*did you mean rrg_1/mrb_1/merge/skff"):
        call_at(net, cache, "rrg_1/mrb_1/merge/skf")
    few = {name: cache[name] for name in cache if not name.endswith("merge/up_3/in")}
    with pytest.raises(HookError, match=r"lacks rrg_1/mrb_1/merge/up_3/in: record"):
        call_at(net, few, "rrg_1/mrb_1/merge/up_3")
    with pytest.raises(HookError, match=r"lacks .*stream_1"):
        call_at(net, {}, "rrg_1/mrb_1/merge/skff")


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(MirnetError, match=r"SKFF, .*MIRNet, not for function.*kind="):
        record(lambda x: x, drawn(1, 8, 8, 4))
    with pytest.raises(MirnetError, match="not for Skff"):
        contracts_for("Skff")


@pytest.mark.parametrize("place", ["top", "bottom", "middle"])
def test_a_mistake_in_a_large_picture_is_seen_in_a_window(place):
    """Only five windows of a large picture are computed again; borders and the middle are among them."""
    step = record(Downsample(4), drawn(1, 128, 160, 4))
    title = "blur, then every second pixel"
    (contract,) = [contract for contract in contracts_for("Downsample") if contract.title == title]
    assert contract.verdict(step).holds
    row, column = {"top": (0, 3), "bottom": (63, 78), "middle": (31, 40)}[place]
    step["step_1/resized"][0, row, column, 1] += 0.01
    verdict = contract.verdict(step)
    assert not verdict.holds
    assert f"step_1/resized[0, {row}, {column}, 1] is" in verdict.message


def test_a_number_that_is_not_finite_never_passes():
    call = record(ChannelAttention(16), drawn(1, 8, 8, 16))
    call["gate"][0, 0, 0, 3] = np.nan
    assert {"sigmoid", "gate between 0 and 1", "gated once"} <= broken(check_all(call, probes=False)).keys()


def test_checks_that_need_what_is_not_there_are_left_out():
    full = {contract.title for contract, _ in check_all(record(SKFF(8), [drawn(1, 8, 8, 8)] * 3))}
    black_box = {contract.title for contract, _ in check_all(record(sum, [drawn(1, 8, 8, 8)] * 3, "SKFF"))}
    assert full == {contract.title for contract in contracts_for("SKFF")}
    assert full - black_box == {
        *("number of parameters", "saved whole"),  # a function has no weights
        *("descriptor", "squeezed", "logits", "softmax over streams", "weights sum to 1", "mixture"),
    }


def test_a_wrong_shape_is_told_alone():
    report = examine(lambda x: x[:, ::2, ::2], drawn(1, 8, 8, 8), "Downsample")
    assert [contract.title for contract, _ in report.broken] == ["shape"]
    assert "the channels are 8 and should be 16" in str(report)


def test_probes_leave_the_weights_alone():
    for component, inputs in ((Downsample(4), drawn(1, 8, 8, 4)), (DualAttentionUnit(4), drawn(1, 8, 8, 4))):
        before = component.get_weights()
        check_all(record(component, inputs))
        assert all(map(np.array_equal, before, component.get_weights()))


def test_the_tolerance_is_measured_and_far_below_any_mistake():
    assert tolerance("float32") <= 2 * RELATIVE
    assert RELATIVE < tolerance("float16") < 0.05


def test_small_numbers_are_written_for_people():
    written = {0: "0", 2e-5: "2·10⁻⁵", 1.23e-10: "1.2·10⁻¹⁰", 0.0096: "9.6·10⁻³", 0.02: "0.02", 1.5: "1.5"}
    assert [small_number(number) for number in written] == list(written.values())


def test_a_kept_promise_says_what_was_compared(traced):
    x = drawn(1, 4, 4, 2)
    assert compare("out", x, x).message == "out: exactly equal"
    near = compare("out", x, x * (1 + 1e-6)).message
    assert near.startswith("out: largest deviation ") and "·10⁻" in near and "e-" not in near
    net, _, cache = traced
    said = {contract.title: verdict.message for contract, verdict in check_all(call_at(net, cache), probes=False)}
    assert said["chain of groups"] == "rrg_1/in is shallow"
    block = check_all(call_at(net, cache, "rrg_1/mrb_1"), probes=False)
    said = {contract.title: verdict.message for contract, verdict in block}
    first = "column_1/dau_1/in is in, column_1/down_2/in is column_1/dau_1/out"
    assert said["first column"] == f"{first}, and 3 more such pairs"


EIGHT = {
    (64, 3, 2): 31_787_419,
    (32, 3, 2): 7_948_507,
    (64, 3, 1): 15_950_734,
    (64, 2, 2): 21_192_765,
    (64, 3, 3): 47_624_104,
    (16, 1, 1): 333_392,
    (16, 2, 2): 1_326_365,
    (8, 1, 1): 83_888,
}
"""Channels, groups, blocks of the authors' network, and its number of parameters."""


@pytest.mark.parametrize("numbers", EIGHT)
def test_weights_counted_on_paper(numbers):
    assert counts.network(*numbers) == EIGHT[numbers]


@pytest.mark.parametrize(
    "numbers", [pytest.param(numbers, marks=pytest.mark.slow if numbers[0] > 16 else ()) for numbers in EIGHT]
)
def test_weights_counted_in_the_network(numbers):
    channels, groups, blocks = numbers
    assert MIRNet(MIRNetConfig(channels, groups, blocks)).count_params() == EIGHT[numbers]


# What learners write: their own names, no hook points, no get_config.


class OwnFusion(keras.layers.Layer):
    """SKFF as a learner might write it."""

    def __init__(self, channels, axis, slopes_shared=True):
        super().__init__()
        self.axis = axis
        self.down = keras.layers.Dense(max(channels // 8, 4), use_bias=False)
        self.slope = keras.layers.PReLU(shared_axes=[1] if slopes_shared else None)
        self.up = [keras.layers.Dense(channels, use_bias=False) for _ in range(3)]

    def call(self, streams):
        z = self.slope(self.down(ops.mean(streams[0] + streams[1] + streams[2], axis=(1, 2))))
        logits = ops.stack([up(z) for up in self.up], axis=1)  # (batch, 3, channels)
        weights = ops.softmax(logits, axis=self.axis)
        return sum(weights[:, k, None, None] * stream for k, stream in enumerate(streams))


def test_a_learners_own_fusion():
    streams = [drawn(2, 10, 14, 32, seed=k) for k in range(3)]
    right = examine(OwnFusion(32, axis=1), streams, "SKFF")
    assert right, str(right)
    assert str(right) == f"SKFF: all {len(right.results)} contracts hold"
    wrong = examine(OwnFusion(32, axis=-1), streams, "SKFF")
    assert {"between the streams", "same stream"} == broken(wrong.results).keys()
    assert "softmax taken over the channels (axis -1) instead of the streams (axis 1)" in str(wrong)
    assert "about 0.09" in str(wrong)
    slopes = examine(OwnFusion(32, axis=1, slopes_shared=False), streams, "SKFF")
    assert "one slope per PReLU" in broken(slopes.results)["number of parameters"]


class OwnPlaceAttention(keras.layers.Layer):
    """Spatial attention as a learner might write it."""

    def __init__(self, size=5, second=ops.mean):
        super().__init__()
        self.look = keras.layers.Conv2D(1, size, padding="same", use_bias=False, activation="sigmoid")
        self.second = second

    def call(self, x):
        maps = [ops.max(x, axis=-1, keepdims=True), self.second(x, axis=-1, keepdims=True)]
        return x * self.look(ops.concatenate(maps, axis=-1))


def test_a_learners_own_spatial_attention():
    x = drawn(1, 12, 16, 8)
    assert examine(OwnPlaceAttention(), x, "SpatialAttention")
    tiny = broken(examine(OwnPlaceAttention(size=1), x, "SpatialAttention").results)
    assert tiny.keys() == {"number of parameters", "receptive field of 5×5"}
    assert "the receptive field of a 1×1 convolution is one pixel" in tiny["receptive field of 5×5"]
    named_average = broken(examine(OwnPlaceAttention(second=ops.max), x, "SpatialAttention").results)
    assert named_average.keys() == {"maximum and mean"}
    assert "named average, and computed with a maximum" in named_average["maximum and mean"]


def own_channel_attention(pool=ops.mean, gate=ops.sigmoid):
    first, second = drawn(16, 2, seed=1), drawn(2, 16, seed=2)

    def attend(x):
        return x * gate(ops.relu(pool(x, axis=(1, 2), keepdims=True) @ first) @ second)

    return attend


def test_a_learners_own_channel_attention_as_a_function():
    x = drawn(1, 12, 16, 16)
    assert examine(own_channel_attention(), x, "ChannelAttention")
    pooled = broken(examine(own_channel_attention(pool=ops.max), x, "ChannelAttention").results)
    assert pooled.keys() == {"averages only"}
    assert "max pooling instead of average pooling" in pooled["averages only"]
    competing = broken(examine(own_channel_attention(gate=ops.softmax), x, "ChannelAttention").results)
    assert "this is a softmax" in competing["half open in the dark"]
    open_ended = broken(examine(own_channel_attention(gate=ops.relu), x, "ChannelAttention").results)
    assert "is the sigmoid missing?" in open_ended["half open in the dark"]


class OwnDown(keras.layers.Layer):
    """A downsampling module as a learner might write it."""

    def __init__(self, channels, shrink):
        super().__init__()
        self.channels, self.shrink = channels, shrink

        def conv(size, outputs):
            return keras.layers.Conv2D(outputs, size, padding="same", use_bias=False)

        slope = {"shared_axes": [1, 2, 3], "alpha_initializer": keras.initializers.Constant(0.25)}
        self.main = [
            *(conv(1, channels), keras.layers.PReLU(**slope), conv(3, channels), keras.layers.PReLU(**slope)),
            *(shrink, conv(1, 2 * channels)),
        ]
        self.side = [shrink, conv(1, 2 * channels)]

    def call(self, x):
        main = side = x
        for layer in self.main:
            main = layer(main)
        for layer in self.side:
            side = layer(side)
        return main + side


def blurred(x):
    from model.resampling import blur_halve

    return blur_halve(x)


@pytest.mark.parametrize(
    ("shrink", "mistake"),
    [
        (blurred, None),
        (keras.layers.MaxPooling2D(2), "this is max pooling; it should be a blur"),
        (keras.layers.AveragePooling2D(2), "2×2 average pooling, half a pixel off"),
        (lambda x: x[:, ::2, ::2], "there is no blur, every second pixel is taken as it is"),
    ],
    ids=["blur", "max pooling", "average pooling", "striding"],
)
def test_a_learners_own_downsampling(shrink, mistake):
    report = examine(OwnDown(8, shrink), drawn(1, 16, 24, 8), "Downsample")
    if mistake is None:
        assert report, str(report)
    else:
        assert mistake in broken(report.results)["only a blur resizes"]


class OwnUp(keras.layers.Layer):
    """An upsampling module as a learner might write it."""

    def __init__(self, channels, interpolation="bilinear", padding="valid"):
        super().__init__()
        slope = {"shared_axes": [1, 2, 3], "alpha_initializer": keras.initializers.Constant(0.25)}
        self.enter = keras.layers.Conv2D(channels, 1, use_bias=False)
        self.slopes = [keras.layers.PReLU(**slope) for _ in range(2)]
        self.enlarge = keras.layers.Conv2DTranspose(channels, 3, strides=2, padding=padding, use_bias=False)
        self.narrow = keras.layers.Conv2D(channels // 2, 1, use_bias=False)
        self.resize = keras.layers.UpSampling2D(2, interpolation=interpolation)
        self.side = keras.layers.Conv2D(channels // 2, 1, use_bias=False)

    def call(self, x):
        doubled = self.enlarge(self.slopes[0](self.enter(x)))
        if self.enlarge.padding == "valid":
            doubled = doubled[:, 1:, 1:]
        return self.narrow(self.slopes[1](doubled)) + self.side(self.resize(x))


def test_a_learners_own_upsampling():
    x = drawn(1, 8, 12, 8)
    right = examine(OwnUp(8), x, "Upsample")
    assert right, str(right)
    nearest = broken(examine(OwnUp(8, interpolation="nearest"), x, "Upsample").results)
    assert nearest.keys() == {"bilinear shortcut"}
    assert "nearest neighbour" in nearest["bilinear shortcut"]
    shifted = broken(examine(OwnUp(8, padding="same"), x, "Upsample").results)
    assert shifted.keys() == {"lands in place"}
    assert "one pixel off" in shifted["lands in place"]


def test_a_learners_component_with_our_hook_points_gets_the_exact_checks():
    class Named(OwnPlaceAttention):
        def call(self, x):
            maps = [ops.mean(x, axis=-1, keepdims=True), ops.max(x, axis=-1, keepdims=True)]
            pooled = HookPoint("pooled")(ops.concatenate(maps, axis=-1))
            return x * self.look(pooled)

    swapped = broken(examine(Named(), drawn(1, 8, 8, 8), "SpatialAttention").results)
    assert "the order is swapped, the maximum comes first" in swapped["max, then mean"]


def test_a_component_that_stops_is_a_broken_contract_and_no_crash():
    def careless(streams):
        return streams[0] + streams[3]

    report = examine(careless, [drawn(1, 8, 8, 8)] * 3, "SKFF")
    assert not report
    assert "it stops with IndexError: list index out of range" in str(report)
    strict = SKFF(8, streams=2)
    assert "it stops with" in str(examine(strict, [drawn(1, 8, 8, 8)] * 3))


def test_reports_of_our_own_components_hold():
    assert examine(SpatialAttention(), drawn(1, 8, 8, 3))
    assert examine(Upsample(8, factor=4), drawn(1, 4, 6, 8))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_contracts_hold_in_half_precision_too(policy):
    keras.utils.set_random_seed(0)
    net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1, streams=2), dtype=policy)
    call = record(net, np.abs(drawn(1, 24, 32, 3)) / 4)
    assert call.output.dtype.itemsize == 2
    for site, _ in call_sites(net):
        assert broken(check_all(call_at(net, call.cache, site), probes=False)) == {}, site


@pytest.mark.parametrize("streams", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_contracts_hold_on_what_a_compiled_graph_recorded(streams):
    keras.utils.set_random_seed(0)
    net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1, streams=streams, columns=streams - 1))
    photo = load_sample("hedgehog")[0][None, :96, :128] / np.float32(255)
    _, compiled = CompiledNet(net, read=net.hook_names).on(photo)
    for site, _ in call_sites(net):
        assert broken(check_all(call_at(net, compiled, site), probes=False)) == {}, site
