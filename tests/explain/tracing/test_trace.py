"""Looking inside a network, and putting something else there."""

import numpy as np
import pytest

from explain import run_with_cache, run_with_hooks
from model import SKFF, HookError, MIRNet, MIRNetConfig, MirnetError, SpatialAttention
from model.zoo import seed_weights

GATE = "rrg_1/mrb_1/column_1/dau_1/channel/gate"


@pytest.fixture(scope="module")
def net() -> MIRNet:
    net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1))
    seed_weights(net)
    return net


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(0).random((16, 24, 3), dtype="float32")


def test_the_cache_has_every_hook_point_in_order(net, image):
    output, cache = run_with_cache(net, image)
    assert tuple(cache) == net.hook_names
    np.testing.assert_array_equal(cache["output"], output)
    np.testing.assert_array_equal(cache["input"][0], image)
    assert all(isinstance(array, np.ndarray) for array in cache.values())


def test_one_tensor_under_two_names_is_kept_once(net, image):
    _, cache = run_with_cache(net, image)
    assert cache["rrg_1/mrb_1/column_1/dau_1/in"] is cache["rrg_1/mrb_1/in"]


def test_only_the_names_asked_for_are_kept(net, image):
    assert list(run_with_cache(net, image, names=["output", GATE])[1]) == [GATE, "output"]


def test_bytes_floats_and_batches_mean_the_same(net, image):
    bytes_ = np.round(image * 255).astype("uint8")
    as_floats = run_with_cache(net, bytes_ / 255)[0]
    np.testing.assert_array_equal(run_with_cache(net, bytes_)[0], as_floats)
    twice = run_with_cache(net, np.stack([bytes_, bytes_]))[0]
    assert twice.shape == (2, 16, 24, 3)


def test_a_replaced_tensor_goes_on_through_the_network(net, image):
    changed, cache = run_with_cache(net, image, hooks={GATE: lambda gate: gate * 0})
    assert not cache[GATE].any()
    assert not cache["rrg_1/mrb_1/column_1/dau_1/channel/out"].any()
    # The same layer's second call, in column 2, keeps its own gate.
    assert cache["rrg_1/mrb_1/column_2/dau_1/channel/gate"].all()
    np.testing.assert_array_equal(changed, run_with_hooks(net, image, {GATE: lambda gate: gate * 0}))
    assert not np.array_equal(changed, run_with_cache(net, image)[0])


def test_a_hook_may_return_plain_numpy(net, image):
    zeros = np.zeros((1, 16, 24, 3), "float64")
    np.testing.assert_allclose(run_with_hooks(net, image, {"residual": lambda _: zeros})[0], image)


def test_a_component_alone_has_relative_names():
    streams = [np.full((1, 4, 4, 8), value, "float32") for value in (0.1, 0.2, 0.6)]
    _, cache = run_with_cache(SKFF(8), streams)
    assert "weights" in cache
    np.testing.assert_allclose(cache["fused"], 0.9, rtol=1e-6)


def test_unknown_names_are_refused_with_near_ones(net, image):
    with pytest.raises(HookError, match="'channel/gate' is not a hook point of this MIRNet; did you mean"):
        run_with_cache(net, image, names=["channel/gate"])
    with pytest.raises(HookError, match="did you mean residual"):
        run_with_hooks(net, image, {"residuals": lambda tensor: tensor})
    with pytest.raises(HookError, match="'gates' is not a hook point of this SpatialAttention; did you mean gate"):
        run_with_cache(SpatialAttention(), np.zeros((4, 4, 2), "float32"), names=["gates"])


def test_a_hook_that_changes_the_shape_is_refused(net, image):
    with pytest.raises(HookError, match=r"residual must return the shape \(1, 16, 24, 3\), not \(1, 16, 12, 3\)"):
        run_with_hooks(net, image, {"residual": lambda tensor: tensor[:, :, ::2]})


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.full((8, 8, 3), np.nan, "float32"), "192 values that are not finite"),
        (np.zeros((8, 8), "float32"), "3 or 4 axes"),
        (np.zeros((8, 10, 3), "float32"), "multiples of 4, not 8 x 10: use enhance"),
        (np.zeros((8, 8, 4), "float32"), r"\(batch, height, width, 3\)"),
    ],
)
def test_bad_input_is_refused_with_a_message(net, image, message):
    with pytest.raises(MirnetError, match=message):
        run_with_cache(net, image)
