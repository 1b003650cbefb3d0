"""The losses: their values, their slopes, and how they behave where float16 would break them."""

import keras
import numpy as np
import pytest
from keras import ops

from model.config import MIRNetConfig
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.quality.metrics import psnr
from model.training.losses import LOSSES, CharbonnierLoss, PsnrLoss
from model.training.recipe import LOSS_NAMES
from model.training.step import training_step

EPSILON = 1e-3
# Means of a few thousand float32 values.
FLOAT32 = 1e-6


@pytest.fixture
def pictures():
    rng = np.random.default_rng(11)
    return rng.random((2, 3, 8, 10, 3), dtype=np.float32)


def slope_at(loss, difference, dtype="float32"):
    """d loss / d y_pred for one value, by the backend's own differentiation."""
    backend = keras.backend.backend()
    true = np.zeros((1, 1, 1, 1), dtype)
    predicted = np.full((1, 1, 1, 1), difference, dtype)
    if backend == "tensorflow":
        import tensorflow as tf

        variable = tf.Variable(predicted)
        with tf.GradientTape() as tape:
            value = loss(true, variable)
        return float(tape.gradient(value, variable).numpy().item())
    if backend == "torch":
        import torch

        variable = torch.tensor(predicted, requires_grad=True)
        loss(true, variable).backward()
        return float(variable.grad.item())
    import jax

    return float(jax.grad(lambda prediction: loss(true, prediction))(predicted).item())


def test_value_against_numpy(pictures):
    true, predicted = pictures
    expected = np.sqrt((true - predicted).astype(np.float64) ** 2 + EPSILON**2).mean()
    assert float(CharbonnierLoss()(true, predicted)) == pytest.approx(expected, abs=FLOAT32)


def test_value_does_not_depend_on_the_size(pictures):
    true, predicted = pictures
    tiled = [np.tile(side, (1, 2, 3, 1)) for side in pictures]
    small, large = CharbonnierLoss()(true, predicted), CharbonnierLoss()(*tiled)
    assert float(small) == pytest.approx(float(large), abs=FLOAT32)


def test_equal_pictures_give_epsilon(pictures):
    assert float(CharbonnierLoss()(pictures[0], pictures[0])) == pytest.approx(EPSILON, rel=1e-5)
    assert float(CharbonnierLoss(epsilon=0.25)(pictures[0], pictures[0])) == pytest.approx(0.25)


def test_large_differences_count_as_they_are():
    """One hundred epsilons away, the loss is the absolute difference within 1 / (2 x 100²)."""
    true, predicted = np.zeros((1, 4, 4, 3), np.float32), np.full((1, 4, 4, 3), 0.1, np.float32)
    value = float(CharbonnierLoss()(true, predicted))
    assert 0.1 < value < 0.1 * (1 + 1 / 20_000 + 1e-5)


@pytest.mark.parametrize("difference", [0.0, 1e-12, 1e-4, 1e-3, 0.1, -0.1, 1.0])
def test_slope_against_its_formula(difference):
    expected = difference / np.hypot(difference, EPSILON)
    assert slope_at(CharbonnierLoss(), difference) == pytest.approx(expected, abs=FLOAT32)


def test_slope_of_a_training_step_in_half_precision():
    """Equal, nearly equal and different float16 values: the slope is finite, and right where float16 underflows."""
    for dtype in (None, "float16"):
        loss = CharbonnierLoss(dtype=dtype)
        for difference in (0.0, 2e-4, 0.5):
            exact = float(np.float16(difference))
            slope = slope_at(loss, difference, dtype="float16")
            # The gradient is float16: eleven bits.
            assert slope == pytest.approx(exact / np.hypot(exact, EPSILON), rel=1e-3)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_raised(dtype, pictures):
    loss = CharbonnierLoss(dtype=dtype)
    value = loss(pictures[0], pictures[0])
    assert keras.backend.standardize_dtype(value.dtype) == "float32"
    # In float16 the nearest numbers to 1e-3² would give 0.0009975 at best.
    assert float(value) == pytest.approx(EPSILON, rel=1e-5)


def test_mixed_precision_policy_is_raised_too(pictures):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        value = CharbonnierLoss()(pictures[0], ops.cast(pictures[0], "float16"))
    finally:
        keras.config.set_dtype_policy(before)
    assert keras.backend.standardize_dtype(value.dtype) == "float32"


def test_double_precision_is_kept(pictures):
    loss = CharbonnierLoss(dtype="float64")
    assert float(loss(pictures[0], pictures[0])) == pytest.approx(EPSILON, rel=1e-12)


def test_a_value_per_picture_and_weights(pictures):
    true, predicted = pictures
    per_picture = ops.convert_to_numpy(CharbonnierLoss(reduction=None)(true, predicted))
    assert per_picture.shape == (3,)
    assert float(CharbonnierLoss()(true, predicted)) == pytest.approx(per_picture.mean(), abs=FLOAT32)
    only_second = CharbonnierLoss(reduction="sum")(true, predicted, sample_weight=np.array([0.0, 1.0, 0.0]))
    assert float(only_second) == pytest.approx(per_picture[1], abs=FLOAT32)


def test_config_round_trip(pictures):
    loss = CharbonnierLoss(epsilon=0.02, reduction="sum", name="mine", dtype="float64")
    twin = keras.losses.deserialize(keras.losses.serialize(loss))
    assert isinstance(twin, CharbonnierLoss)
    assert twin.get_config() == loss.get_config()
    assert (twin.epsilon, twin.reduction, twin.name, twin.dtype) == (0.02, "sum", "mine", "float64")
    assert float(twin(*pictures)) == float(loss(*pictures))


@pytest.mark.slow
def test_a_compiled_model_learns_with_it_and_is_saved_with_it(tmp_path):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((None, None, 3))
    net = keras.Model(inputs, keras.layers.Conv2D(3, 1)(inputs))
    net.compile(keras.optimizers.Adam(0.05), loss=CharbonnierLoss(epsilon=0.01))
    dark = np.random.default_rng(2).random((8, 6, 6, 3), dtype=np.float32)
    history = net.fit(dark, dark * 0.5 + 0.2, epochs=60, batch_size=8, verbose=0).history["loss"]
    assert history[-1] < 0.3 * history[0]
    net.save(tmp_path / "net.keras")
    loaded = keras.models.load_model(tmp_path / "net.keras")
    assert loaded.loss.epsilon == 0.01


def test_shapes_must_agree():
    with pytest.raises(MirnetError, match="same shape"):
        CharbonnierLoss()(np.zeros((2, 8, 8, 3)), np.zeros((2, 8, 8, 1)))
    with pytest.raises(MirnetError, match="same shape"):
        CharbonnierLoss()(np.zeros((8, 8, 3)), np.zeros((2, 8, 8, 3)))


@pytest.mark.parametrize("epsilon", [0, -1e-3, float("nan"), float("inf"), "small", None, True])
def test_epsilon_must_be_positive(epsilon):
    with pytest.raises(MirnetError, match="epsilon must be a number above 0"):
        CharbonnierLoss(epsilon=epsilon)


def test_psnr_is_that_of_the_metric(pictures):
    true, predicted = pictures
    predicted = true + 0.1 * (predicted - 0.5) * np.array([1.0, 0.1, 0.01])[:, None, None, None]
    found = ops.convert_to_numpy(PsnrLoss(reduction=None)(true, predicted))
    decibels = [psnr(*pair, data_range=1) for pair in zip(true.astype(float), predicted, strict=True)]
    assert 100 * (1 - found) == pytest.approx(decibels, abs=1e-2)
    assert decibels[2] - decibels[0] > 39  # each picture by itself: no error hides behind a larger one
    assert float(PsnrLoss()(true, predicted)) == pytest.approx(found.mean(), abs=FLOAT32)


def test_psnr_of_equal_pictures_is_100_and_has_a_slope(pictures):
    assert float(PsnrLoss()(pictures[0], pictures[0])) == pytest.approx(0, abs=1e-5)
    assert slope_at(PsnrLoss(), 0.0) == 0
    assert slope_at(PsnrLoss(), 0.01) == pytest.approx(2 / 0.01 * 0.1 / np.log(10), rel=1e-3)
    assert slope_at(PsnrLoss(), 0.1) == pytest.approx(slope_at(PsnrLoss(), 0.01) / 10, rel=1e-3)


def test_psnr_is_not_computed_in_half_precision(pictures):
    true = pictures[0].astype("float16")
    assert PsnrLoss(dtype="float16")(true, true + np.float16(0.001)).dtype == "float32"


def test_psnr_refuses_other_shapes():
    with pytest.raises(MirnetError, match="the same shape"):
        PsnrLoss()(np.zeros((1, 4, 4, 3)), np.zeros((1, 4, 4, 1)))


@pytest.mark.slow
def test_a_training_takes_either_by_name():
    assert tuple(LOSSES) == LOSS_NAMES
    rng = np.random.default_rng(0)
    low, high = rng.random((2, 2, 16, 16, 3), dtype="float32")
    for name, loss in LOSSES.items():
        net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1))
        expected = float(loss()(high, net(low)))
        assert float(training_step(net, loss=name)(low, high, 0.0, 1.0)) == pytest.approx(expected, rel=1e-4)
