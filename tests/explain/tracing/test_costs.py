"""What components cost, against numbers counted by hand and the authors' network."""

import keras
import numpy as np
import pytest

from explain.tracing.calls import _recording, layer_calls
from explain.tracing.costs import cost, macs_of
from model import (
    SKFF,
    ChannelAttention,
    Downsample,
    DualAttentionUnit,
    HookError,
    MIRNet,
    MIRNetConfig,
    MirnetError,
    SpatialAttention,
    Upsample,
    call_site,
)
from model.contracts import call_sites

FLOAT32 = 4
AUTHORS_PARAMETERS = {  # (channels, groups, blocks): counted in the authors' PyTorch network
    (64, 3, 2): 31_787_419,
    (32, 3, 2): 7_948_507,
    (64, 3, 1): 15_950_734,
    (64, 2, 2): 21_192_765,
    (64, 3, 3): 47_624_104,
    (16, 1, 1): 333_392,
    (16, 2, 2): 1_326_365,
    (8, 1, 1): 83_888,
}


@pytest.fixture(scope="module")
def net() -> MIRNet:
    return MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1))


@pytest.fixture(scope="module")
def whole(net):
    return cost(net, (32, 48))


@pytest.mark.slow
def test_the_papers_network_needs_as_many_macs_as_the_authors():
    whole = cost(MIRNet(), (256, 256))
    assert f"{whole.macs / 1e9:.3f}" == "479.436"
    assert f"{(whole.macs + whole.fixed_macs) / 1e9:.3f}" == "479.946"
    assert whole.parameters == AUTHORS_PARAMETERS[64, 3, 2]


@pytest.mark.parametrize("size", [size for size in AUTHORS_PARAMETERS if size != (64, 3, 2)])
@pytest.mark.slow
def test_parameters_are_those_of_the_authors_network(size):
    net = MIRNet(MIRNetConfig(*size))
    assert cost(net, (8, 8)).parameters == AUTHORS_PARAMETERS[size] == net.count_params()


def test_a_dual_attention_unit_counted_by_hand():
    n, places = 16, 24 * 40
    found = cost(DualAttentionUnit(n), (24, 40))
    two_3x3, merge = 2 * 9 * n * n, 2 * n * n
    locate, squeeze_and_excite = 25 * 2, n * 2 + 2 * n
    assert found.macs == (two_3x3 + merge + locate) * places + squeeze_and_excite  # the descriptor is one place
    assert found.parameters == two_3x3 + merge + locate + squeeze_and_excite + 1  # one slope
    assert found.fixed_macs == 0
    assert found.inputs == found.outputs == ((1, 24, 40, n),)


def test_resizing_counted_by_hand():
    n, places = 16, 24 * 40
    down = cost(Downsample(n), (24, 40))
    # 1x1 and 3x3 at full size; two 1x1 to twice the channels, after the blur, at a quarter of the places.
    assert down.macs == (n * n + 9 * n * n) * places + 2 * (n * 2 * n) * places // 4
    assert down.fixed_macs == 2 * 9 * n * places // 4
    up = cost(Upsample(n), (24, 40))
    # The transposed convolution at every input place; two 1x1 to half the channels, at four times the places.
    assert up.macs == (n * n + 9 * n * n) * places + 2 * (n * n // 2) * places * 4
    assert up.fixed_macs == 0
    two_steps = cost(Downsample(n, factor=4), (24, 40))
    assert two_steps.at("step_1").macs == down.macs
    assert two_steps.macs == down.macs + cost(Downsample(2 * n), (12, 20)).macs
    assert two_steps.fixed_macs == sum(step.fixed_macs for step in two_steps.children)


def test_activations_counted_by_hand():
    channels, places = 16, 6 * 10
    found = cost(ChannelAttention(channels), (6, 10))
    # The descriptor, what is squeezed before and after ReLU, logits, gate; the gated features. Not the input.
    numbers = channels + 2 + 2 + channels + channels + channels * places
    assert found.activation_bytes == FLOAT32 * numbers
    assert found.at("excite").activation_bytes == FLOAT32 * channels


@pytest.mark.slow
def test_work_grows_with_the_places_of_the_picture(net):
    one, two, three = (cost(net, size) for size in ((16, 16), (16, 32), (16, 48)))
    assert two.macs - one.macs == three.macs - two.macs > 0
    assert two.fixed_macs == 2 * one.fixed_macs
    assert one.parameters == two.parameters


def test_every_component_is_found_at_its_call_site(net, whole):
    by_site = {found.site: found for found in whole.walk()}
    assert len(by_site) == sum(1 for _ in whole.walk())
    for site, component in call_sites(net):
        assert by_site[site].kind == type(component).__name__, site


def test_a_whole_is_the_sum_of_its_parts(whole):
    for found in whole.walk():
        if not found.kind:  # a call site that gathers others does nothing itself
            assert found.macs == sum(child.macs for child in found.children)
            assert found.activation_bytes == sum(child.activation_bytes for child in found.children)
        assert found.macs >= sum(child.macs for child in found.children)
    assert whole.parameters == sum(child.parameters for child in whole.children)
    assert [child.name for child in whole.children] == ["shallow", "rrg_1", "last"]


def test_shared_layers_work_at_every_call_and_have_their_parameters_once(whole):
    first, second = (whole.at(f"rrg_1/mrb_1/column_{k}/dau_1") for k in (1, 2))
    assert first.shared_with is None
    assert second.shared_with == first.site
    assert (first.macs, first.activation_bytes) == (second.macs, second.activation_bytes)
    assert first.parameters > second.parameters == 0
    # The slope is one for all units of the network, the rest of the second stream's unit is its own.
    slope = whole.at("rrg_1/mrb_1/column_1/dau_2/activation")
    assert slope.shared_with == "rrg_1/mrb_1/column_1/dau_1/activation"
    assert whole.at("rrg_1/mrb_1/merge/skff").shared_with == "rrg_1/mrb_1/exchange/skff_1"


def test_the_network_is_not_run():
    assert cost(SpatialAttention(), (2**15, 2**15), channels=512).activation_bytes > 2**41  # two terabytes


class Learners(keras.layers.Layer):
    """A component that the project has never seen: nested parts, a list, a layer called twice, a weight of its own."""

    def __init__(self):
        super().__init__()
        self.inner = [keras.layers.Conv2D(4, 3, groups=2, use_bias=False), keras.layers.DepthwiseConv2D(3)]
        self.same = keras.layers.Dense(4)
        self.gate = ChannelAttention(4)
        self.scale = self.add_weight(shape=(5,))

    def call(self, features):
        for layer in self.inner:
            features = layer(features)
        with call_site("deep/below"):
            features = self.gate(features)
        return self.same(self.same(features)) * self.scale[0]


def test_a_new_component_is_counted_without_new_code():
    component = Learners()
    component(np.zeros((1, 9, 9, 4), "float32"))  # its layers are built by their first call
    root = layer_calls(component, (1, 9, 9, 4))
    assert [call.site for call in root.children] == ["inner_1", "inner_2", "deep", "same", "same#2"]
    found = cost(component, (9, 9), channels=4)
    macs = 49 * 9 * 2 * 4 + 25 * 9 * 4 + 2 * (25 * 4 * 4) + (4 + 4)
    assert found.macs == macs
    assert found.at("deep/below").kind == "ChannelAttention"
    assert found.at("same#2").shared_with == "same"
    assert found.parameters == component.count_params()


class Strange(keras.layers.Layer):
    """A layer with a kernel that nobody has a rule for."""

    def __init__(self):
        super().__init__()
        self.kernel = self.add_weight(shape=(7,))

    def call(self, features):
        return features


def test_a_layer_that_cannot_be_counted_is_refused_and_not_taken_for_nothing():
    with pytest.raises(MirnetError, match=r"MACs of a Strange: add a rule"):
        cost(Strange(), (4, 4), channels=1)
    macs_of.register(Strange, lambda layer, call: 7)
    assert cost(Strange(), (4, 4), channels=1).macs == 7


def test_counting_leaves_the_component_as_it_was():
    unit = DualAttentionUnit(8)
    image = np.random.default_rng(0).random((1, 8, 8, 8), dtype="float32")
    before = keras.ops.convert_to_numpy(unit(image))
    cost(unit, (8, 8))
    np.testing.assert_array_equal(unit(image), before)
    assert all("call" not in vars(layer) for layer in unit._flatten_layers())


def test_another_run_of_the_network_meanwhile_notices_nothing():
    unit = DualAttentionUnit(8)
    image = np.random.default_rng(0).random((1, 8, 8, 8), dtype="float32")
    before = keras.ops.convert_to_numpy(unit(image))
    with _recording(unit):  # as in another thread, where nobody records
        np.testing.assert_array_equal(unit(image), before)


@pytest.mark.parametrize(
    ("component", "size", "message"),
    [
        (lambda: SKFF(8), (0, 8), r"size must be two integers"),
        (lambda: SKFF(8), (8, -8), r"size must be two integers"),
        (lambda: SKFF(8), (8.5, 8), r"size must be two integers"),
        (lambda: SKFF(8), 8, r"size must be two integers"),
        (lambda: SKFF(8), "8x8", r"size must be two integers"),
        (lambda: MIRNet(MIRNetConfig(8, 1, 1)), (30, 32), r"multiples of 4 for this MIRNet, not 30 x 32"),
        (lambda: Downsample(8, factor=4), (32, 34), r"multiples of 4 for this Downsample"),
        (SpatialAttention, (8, 8), r"channels must be given for a SpatialAttention"),
    ],
)
def test_a_size_that_does_not_fit_is_refused(component, size, message):
    with pytest.raises(MirnetError, match=message):
        cost(component(), size)


def test_channels_that_do_not_fit_are_refused():
    with pytest.raises(MirnetError, match="takes 8 channels, not 16"):
        cost(SKFF(8), (8, 8), channels=16)


def test_an_unknown_site_is_refused_with_the_nearest(whole):
    with pytest.raises(HookError, match=r"did you mean .*rrg_1/mrb_1"):
        whole.at("rrg_1/mrb_7")


def test_the_function_is_not_hidden_by_its_module():
    import explain
    import explain.tracing.costs

    assert explain.cost is explain.tracing.costs.cost
