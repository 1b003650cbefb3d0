"""Fake quantization: activations rounded to 256 levels, and a network trained with them (QAT)."""

import keras
import numpy as np
import pytest

from model.config import MIRNetConfig
from model.hooks import visiting
from model.mirnet import MIRNet
from model.training.fake_quant import FULLY_OPEN, PIXELS, WIDER, QuantizeToRanges, fake_quantize
from model.training.losses import CharbonnierLoss
from model.training.step import training_step
from model.zoo import seed_weights

TINY = MIRNetConfig(channels=8, groups=1, blocks=1, style="board", stem=2, companding=63.0)


def network() -> MIRNet:
    net = MIRNet(TINY)
    seed_weights(net)
    return net


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(0)
    high = rng.uniform(0.2, 1, (2, 16, 16, 3)).astype("float32")
    return high * np.float32(0.1), high


def rounded(name: str, values) -> np.ndarray:
    return keras.ops.convert_to_numpy(fake_quantize(name, keras.ops.convert_to_tensor(values)))


def test_no_more_than_256_levels_and_half_a_step():
    values = np.random.default_rng(0).normal(0, 3, (1, 40, 40, 8)).astype("float32")
    found = rounded("rrg_1/mrb_1/conv", values)
    step = WIDER * np.ptp(values) / 255
    assert np.abs(found - values).max() <= step / 2 * 1.001
    assert 100 < len(np.unique(np.rint(found / step))) <= 256
    assert len(np.unique(values)) > 10_000


def test_zero_stays_zero():
    """Zero padding and what a ReLU has cut off are exact on the board."""
    values = np.array([[0.0, 0.3, 2.0, 0.0]], "float32")
    np.testing.assert_array_equal(rounded("a/out", values) == 0, values == 0)
    np.testing.assert_array_equal(rounded("a/out", np.zeros((1, 4), "float32")), 0)


@pytest.mark.parametrize("name", ["a/gate", "b/skff/weights"])
def test_gates_and_weights_have_steps_of_one_256th(name):
    found = rounded(name, np.linspace(0, 1, 1001, dtype="float32"))
    np.testing.assert_allclose(found * 256, np.rint(found * 256), atol=1e-4)
    assert found.max() == pytest.approx(255 / 256)


def test_logits_of_a_gate_end_where_the_sigmoid_is_flat():
    found = rounded("dau_1/spatial/logits", np.array([-900.0, 0.0, 900.0], "float32"))
    np.testing.assert_allclose(found, [-FULLY_OPEN, 0, FULLY_OPEN], atol=0.1)
    assert rounded("skff_1/logits", np.array([-900.0, 900.0], "float32")).max() > 800


def test_pictures_are_left_alone():
    values = np.random.default_rng(0).uniform(0, 1, (1, 4, 4, 3)).astype("float32")
    for name in PIXELS:
        np.testing.assert_array_equal(rounded(name, values), values)


def test_inside_a_network_it_changes_a_little(pairs):
    net, low = network(), pairs[0]
    plain = np.asarray(net(low))
    with visiting(fake_quantize):
        found = np.asarray(net(low))
    assert 0 < np.abs(found - plain).max() < 0.2 * np.ptp(plain)


@pytest.mark.slow
def test_the_loss_is_that_of_both_and_of_the_distance_between_them(pairs):
    """Half the plain network's loss, half the rounded one's, how far the two are apart, and their brightness."""
    low, high = pairs
    net, loss = network(), CharbonnierLoss()
    plain = net(low)
    with visiting(fake_quantize):
        rounded_too = net(low)
    shifts = np.mean(np.asarray(rounded_too) - np.asarray(plain), axis=(1, 2, 3))
    expected = (float(loss(high, plain)) + float(loss(high, rounded_too))) / 2 + float(loss(plain, rounded_too))
    expected += 1000 * float(np.square(shifts).mean())
    found = float(training_step(network(), int8=True)(low, high, 1e-3, 0.0))
    assert found == pytest.approx(expected, rel=1e-3)  # a value on the border of two levels may fall to either side
    assert found > float(training_step(network())(low, high, 1e-3, 0.0)) * 1.001


def test_known_ranges_round_and_tell_what_was_outside():
    values = np.array([[[[-0.4, 0.26, 5.08]]], [[[0.0, 0.0, 2.54]]]], "float32")
    visitor = QuantizeToRanges({"a/out": (0.1, 0), "a/logits": (0.1, 0)})
    found = np.asarray(visitor("a/out", keras.ops.convert_to_tensor(values)))
    np.testing.assert_allclose(found, [[[[-0.4, 0.3, 5.1]]], [[[0, 0, 2.5]]]], atol=1e-6)
    assert float(visitor.outside()) == 0
    visitor(name := "a/out", keras.ops.convert_to_tensor(values * 5))
    beyond = np.maximum(values * 5 - 12.7, 0).max(axis=(1, 2, 3)).mean() / 25.5
    assert float(visitor.outside()) == pytest.approx(beyond, rel=1e-5)
    visitor("a/logits", keras.ops.convert_to_tensor(values * 50))  # a logit may be as large as it likes
    assert float(visitor.outside()) == pytest.approx(beyond, rel=1e-5)
    same = keras.ops.convert_to_tensor(values)
    assert visitor("output", same) is same and name in visitor.ranges


@pytest.mark.slow
def test_with_known_ranges_the_loss_counts_what_is_outside(pairs):
    low, high = pairs
    names = [name for name in network().hook_names if name not in PIXELS]
    wide, narrow = ({name: (scale, 0) for name in names} for scale in (1.0, 1e-4))
    loss = CharbonnierLoss()
    net = network()
    plain, visitor = net(low), QuantizeToRanges(narrow)
    with visiting(visitor):
        rounded_too = net(low)
    shifts = np.mean(np.asarray(rounded_too) - np.asarray(plain), axis=(1, 2, 3))
    expected = (float(loss(high, plain)) + float(loss(high, rounded_too))) / 2 + float(loss(plain, rounded_too))
    expected += 1000 * float(np.square(shifts).mean()) + 0.003 * float(visitor.outside())
    assert float(visitor.outside()) > 10
    found = float(training_step(network(), int8=True, ranges=narrow)(low, high, 1e-3, 0.0))
    assert found == pytest.approx(expected, rel=1e-3)
    visitor = QuantizeToRanges(wide)
    with visiting(visitor):
        network()(low)
    assert float(visitor.outside()) == 0


@pytest.mark.slow
def test_the_gradient_passes_through_the_rounding(pairs):
    """Every weight moves: the straight-through estimator."""
    net = network()
    before = net.get_weights()
    training_step(net, int8=True)(*pairs, 1e-3, 0.0)
    moved = [np.abs(new - old).max() for new, old in zip(net.get_weights(), before, strict=True)]
    assert np.mean(np.array(moved) > 0) > 0.9
