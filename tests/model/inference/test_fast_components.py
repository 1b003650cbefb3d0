"""The fast formulation gives what the readable one gives, and steps aside where somebody looks at activations."""

import keras
import numpy as np
import pytest
from keras import ops
from quick import quick

from model import (
    SKFF,
    Downsample,
    DualAttentionUnit,
    MIRNet,
    MIRNetConfig,
    MultiScaleResidualBlock,
    Upsample,
    visiting,
)
from model.component import computing_by
from model.inference.compiled import CompiledNet
from model.inference.fast_components import FAST, KEPT
from model.training import step_base
from model.training.step import training_step

EXACT = 1e-5
"""Float32 sums in another order, as a part of the largest value (or of 1)."""

STEPS_AGREE = 1e-4
"""What losses may differ by after 20 steps: rounding grows from step to step."""

SLOPES = (0.25, -0.3, 1.7, 0.0)


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def with_slopes(component):
    """Weights drawn anew, with slopes of PReLU on both sides of 0 and 1."""
    rng = np.random.default_rng(1)
    for number, weight in enumerate(component.weights):
        if len(weight.shape) == 4:
            weight.assign(rng.normal(size=weight.shape).astype("float32") * np.prod(weight.shape[:3]) ** -0.5)
        else:
            weight.assign(np.full(weight.shape, SLOPES[number % len(SLOPES)], "float32"))
    return component


def assert_close(ours, theirs):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=EXACT * max(1.0, float(np.abs(theirs).max())))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("style", ["paper", "board"])
@pytest.mark.parametrize(
    ("make", "channels"),
    [
        (lambda style: DualAttentionUnit(8, style=style), 8),
        (lambda style: DualAttentionUnit(1, style=style), 1),
        (lambda style: Downsample(6, 4, style=style), 6),
        (lambda style: Upsample(12, 4, style=style), 12),
    ],
)
def test_a_component_gives_the_same(make, channels, style, batch):
    component, features = with_slopes(make(style)), ops.convert_to_tensor(drawn(batch, 12, 20, channels))
    with computing_by(FAST):
        fast = component(features)
    assert_close(fast, component(features))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("over", ["streams", "channels"])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_fusion_gives_the_same(count, over, batch):
    fusion = with_slopes(SKFF(8, count, over))
    streams = [ops.convert_to_tensor(drawn(batch, 8, 12, 8, seed=seed)) for seed in range(count)]
    with computing_by(FAST):
        fast = fusion(streams)
    assert_close(fast, fusion(streams))


CONFIGS = [
    MIRNetConfig(channels=8, groups=1, blocks=1),
    MIRNetConfig(channels=4, groups=1, blocks=1, style="board", stem=5, companding=63.0),
    MIRNetConfig(channels=5, groups=1, blocks=2, streams=2, columns=1),
    MIRNetConfig(channels=8, groups=2, blocks=1, streams=2, columns=3, skff_softmax="channels"),
    MIRNetConfig(channels=4, groups=1, blocks=1, streams=4),
    MIRNetConfig(channels=8, groups=2, blocks=2),
]


@pytest.mark.parametrize("config", quick(CONFIGS, first=1), ids=lambda config: config.shape_in_words)
def test_a_compiled_network_gives_the_same(config):
    net, side = with_slopes(MIRNet(config)), 2 * config.multiple
    images = np.random.default_rng(0).random((3, side, 2 * side, 3), dtype="float32")
    compiled = CompiledNet(net)
    for some in (images[:1], images):  # a batch of one has a path of its own
        assert_close(compiled.on(some)[0], net(some))


@pytest.mark.slow
def test_weights_and_slopes_may_change_after_the_graph_is_built():
    net = with_slopes(MIRNet(MIRNetConfig(channels=4, groups=1, blocks=1, streams=2)))
    image = np.random.default_rng(0).random((1, 8, 12, 3), dtype="float32")
    compiled, outputs = CompiledNet(net), []
    for change in (0.0, 0.1, -0.1):
        for weight in net.trainable_variables:
            weight.assign(weight + change)
        outputs.append(compiled.on(image)[0])
        assert_close(outputs[-1], net(image))
    assert np.abs(outputs[0] - outputs[1]).max() > 100 * EXACT


@pytest.fixture(scope="module")
def net():
    return with_slopes(MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1, streams=2)))


def test_the_averages_are_read_and_replaced(net):
    image = np.random.default_rng(0).random((1, 16, 24, 3), dtype="float32")
    names = [name for name in net.hook_names if name.endswith(f"/{KEPT}")]
    seen = {}
    with visiting(lambda name, tensor: seen.setdefault(name, tensor)):
        output = net(image)
    assert len(names) == 4 + 3  # of each attention and fusion
    _, tensors = CompiledNet(net, read=names).on(image)
    assert list(tensors) == names
    for name in names:
        assert_close(tensors[name], seen[name])
    replaced = CompiledNet(net, replace=names)
    assert_close(replaced.on(image, tensors)[0], output)
    others = {name: tensor + 1 for name, tensor in tensors.items()}
    assert np.abs(replaced.on(image, others)[0] - np.asarray(output)).max() > 100 * EXACT


def hooks_of(run):
    found = []

    def note(name, tensor):
        found.append(name)
        return tensor

    with visiting(note):
        run()
    return found


def test_only_the_averages_are_marked_in_fast_components(net):
    image = np.zeros((1, 8, 8, 3), "float32")
    with computing_by(FAST):
        fast = hooks_of(lambda: net(image))
    assert [name for name in fast if "/dau_1/" in name and "column_1" in name] == [
        "rrg_1/mrb_1/column_1/dau_1/channel/descriptor"
    ]
    assert set(fast) < set(net.hook_names)
    assert hooks_of(lambda: net(image)) == list(net.hook_names)  # outside, all is as it was


def test_whoever_asks_for_an_activation_gets_the_readable_formulation(net):
    image = np.random.default_rng(0).random((1, 8, 8, 3), dtype="float32")
    read = CompiledNet(net, read=net.hook_names)
    assert tuple(read.on(image)[1]) == net.hook_names
    assert not read.fast and CompiledNet(net).fast


def test_other_precisions_and_kinds_of_their_own_are_left_alone():
    class Own(DualAttentionUnit):
        def call(self, features):
            return features + 1

    features = ops.convert_to_tensor(drawn(1, 8, 8, 8))
    half = with_slopes(DualAttentionUnit(8, dtype="bfloat16"))
    plain = half(features)
    with computing_by(FAST):
        np.testing.assert_array_equal(Own(8)(features), features + 1)
        assert keras.backend.standardize_dtype(half(features).dtype) == "bfloat16"
        np.testing.assert_array_equal(ops.cast(half(features), "float32"), ops.cast(plain, "float32"))


@pytest.mark.parametrize(
    "component",
    quick(
        [
            lambda: DualAttentionUnit(4),
            lambda: Downsample(4, 2),
            lambda: Upsample(4, 2),
            lambda: SKFF(4, 2),
            lambda: MultiScaleResidualBlock(4, streams=2),
        ],
        first=4,
    ),
)
def test_gradients_are_the_same(component):
    import tensorflow as tf

    component = with_slopes(component())
    features = tf.constant(drawn(2, 8, 8, 4))
    inputs = [features, features + 1] if isinstance(component, SKFF) else features

    def gradients(rules):
        with tf.GradientTape() as tape, computing_by(rules):
            tape.watch(features)
            loss = tf.reduce_mean(tf.square(component(inputs)))
        return tape.gradient(loss, [features, *(weight.value for weight in component.trainable_variables)])

    for fast, readable in zip(gradients(FAST), gradients({}), strict=True):
        assert_close(fast, readable)


@pytest.mark.slow
def test_twenty_steps_have_the_same_losses(monkeypatch):
    low, high = np.random.default_rng(0).random((2, 4, 16, 16, 3), dtype="float32")

    def losses():
        keras.utils.set_random_seed(0)
        step = training_step(MIRNet(MIRNetConfig(channels=8, groups=1, blocks=2)))
        return [float(step(low, high, 2e-3, 0.9)) for _ in range(20)]

    fast = losses()
    monkeypatch.setattr(step_base, "FAST", {})
    readable = losses()
    assert fast[-1] < 0.9 * fast[0] and fast != readable
    np.testing.assert_allclose(fast, readable, rtol=0, atol=STEPS_AGREE)
