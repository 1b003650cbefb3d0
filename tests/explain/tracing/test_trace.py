"""Looking inside a network, and putting something else there."""

from pathlib import Path

import numpy as np
import pytest
from keras import ops

from explain import ActivationCache, run_with_cache, run_with_gradients, run_with_hooks
from model import SKFF, ChannelAttention, HookError, ImageError, MIRNet, MIRNetConfig, MirnetError, SpatialAttention
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


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("output", ["output"]),
        (GATE, [GATE]),
        ("*/column_1/dau_1/*/gate", [GATE.replace("channel", "spatial"), GATE]),
        (["output", "rrg_1/*n"], ["rrg_1/in", "output"]),
        (("input", "input"), ["input"]),
        (lambda name: name.endswith("residual"), ["residual"]),
        ({"rrg_1/in": 0}.keys(), ["rrg_1/in"]),
        ((name for name in ["shallow", "input"]), ["input", "shallow"]),
    ],
    ids=["text", "path", "pattern", "list", "twice", "function", "keys", "generator"],
)
def test_names_are_chosen_by_text_pattern_list_or_function(net, image, names, expected):
    output, cache = run_with_cache(net, image, names=names)
    assert list(cache) == [name for name in net.hook_names if name in expected or name in _fit(names, net)]
    assert set(expected) <= set(cache)
    np.testing.assert_array_equal(output, run_with_cache(net, image, names=[])[0])


def _fit(names, net):
    """What `rrg_1/*n` stands for, by another rule."""
    if names == ["output", "rrg_1/*n"]:
        return {name for name in net.hook_names if name.startswith("rrg_1/") and name.endswith("n")}
    return set()


def test_all_gates_by_one_pattern(net, image):
    gates = run_with_cache(net, image, names="*/gate")[1]
    assert gates.names == tuple(name for name in net.hook_names if name.endswith("/gate"))
    assert len(gates) == 2 * 2 * 3, "spatial and channel attention, two columns, three streams"


def test_hooks_take_patterns_and_several_functions_one_after_the_other(net, image):
    seen = []

    def note(gate):
        seen.append(tuple(gate.shape))

    cache = run_with_cache(net, image, hooks={"*/channel/gate": note, GATE: lambda gate: gate * 0 + 0.25})[1]
    assert len(seen) == 2 * 3
    assert np.all(cache[GATE] == 0.25)
    halved = run_with_cache(net, image, GATE, {"*/channel/gate": lambda gate: gate * 0 + 1, GATE: lambda one: one / 2})
    assert np.all(halved[1][GATE] == 0.5)


def test_a_hook_that_returns_nothing_changes_nothing(net, image):
    output = run_with_cache(net, image, names=[])[0]
    np.testing.assert_array_equal(run_with_hooks(net, image, {"*": lambda tensor: None}), output)
    np.testing.assert_array_equal(run_with_hooks(net, image, {"*": lambda tensor: tensor}), output)
    np.testing.assert_array_equal(run_with_hooks(net, image, {}), output)


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


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("gate", "'gate' is not a hook point of this MIRNet; did you mean"),
        ("*/gates", r"no hook point of this MIRNet fits '\*/gates'"),
        (["input", "*/nothing*"], "fits '\\*/nothing\\*'"),
        (lambda name: False, "the function says no to all"),
        (7, "names must be a name, a pattern such as"),
        ([7], "named by text, such as '\\*/gate', not by 7"),
        (b"output", "names must be a name"),
        ("", "'' is not a hook point"),
    ],
)
def test_a_choice_that_chooses_nothing_is_refused(net, image, names, message):
    with pytest.raises(HookError, match=message):
        run_with_cache(net, image, names=names)


def writes(tensor):
    tensor[...] = 0


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        (lambda tensor: tensor[:, :, ::2], r"must return the shape \(1, 16, 24, 3\), not \(1, 16, 12, 3\)"),
        (lambda tensor: tensor[0], r"must return the shape \(1, 16, 24, 3\), not \(16, 24, 3\)"),
        (lambda tensor: 0.0, r"must return the shape \(1, 16, 24, 3\), not \(\)"),
        (lambda tensor: "nothing", "must return a tensor or an array of real numbers, or None, not str"),
        (lambda tensor: [[1], [2, 3]], "must return a tensor or an array of real numbers, or None, not list"),
        (lambda tensor: np.asarray(tensor) * 1j, ".* of real numbers, or None, not ndarray of complex64"),
        (lambda tensor: ops.cast(tensor, "complex64"), ".* of real numbers, or None, not EagerTensor of "),
        (lambda tensor: tensor * np.nan, "returned 1152 values of 1152 that are not finite"),
        (lambda tensor: np.where(np.arange(3) == 1, np.inf, tensor), "returned 384 values of 1152 that are not finite"),
        (writes, "writes into its tensor, which other parts of the network use: return a new one"),
        (lambda tensor: writes(np.asarray(tensor)), "writes into its tensor"),
        (0.5, "must be a function of the tensor, not float"),
        (None, "must be a function of the tensor, not NoneType"),
    ],
)
def test_a_hook_that_does_what_it_must_not_is_named_in_one_sentence(net, image, hook, message):
    with pytest.raises(HookError, match=f"^the hook at residual {message}") as raised:
        run_with_hooks(net, image, {"residual": hook})
    assert "\n" not in str(raised.value)


def test_a_hook_that_writes_through_another_view_is_found_out(net, image, monkeypatch):
    """PyTorch lets a function write into its tensor; here a tensor that stands for one does."""
    from explain.tracing import hook_calls

    stored = np.ones((1, 2, 2, 3), "float32")
    monkeypatch.setattr(hook_calls.ops, "convert_to_numpy", lambda tensor: tensor)
    replace = hook_calls.replacements({"out": writes}, lambda: ["out"], "Layer")
    with pytest.raises(hook_calls.Passed) as passed:
        replace("out", stored)
    assert str(passed.value.error).startswith("the hook at out writes into its tensor")


def test_hooks_that_are_no_dictionary_are_refused(net, image):
    with pytest.raises(HookError, match="hooks must be a dictionary from hook names to functions, not list"):
        run_with_hooks(net, image, [("residual", lambda tensor: tensor)])


def test_a_hooks_own_error_stays_as_it_was(net, image):
    with pytest.raises(ZeroDivisionError, match=r"^division by zero$"):
        run_with_hooks(net, image, {"residual": lambda tensor: 1 / 0})
    with pytest.raises(TypeError, match=r"^mine$"):
        run_with_hooks(net, image, {"residual": _raises(TypeError("mine"))})


def _raises(error):
    def hook(tensor):
        raise error

    return hook


STEP = 1e-2
BY_DIFFERENCES = 2e-3  # of float32 sums over steps that small


@pytest.mark.slow
def test_gradients_are_those_that_differences_show(net, image):
    """Of one value in each of some tensors: the number's change for a small change of the value alone."""
    rng = np.random.default_rng(1)
    places = rng.normal(size=(1, *image.shape)).astype("float32")
    names = [GATE, "rrg_1/in", "rrg_1/mrb_1/exchange/skff_1/weights", "residual"]

    def measure(output):
        return ops.sum(output * places)

    output, cache, slopes = run_with_gradients(net, image, measure, names=names)
    assert set(cache.names) == set(slopes.names) == set(names)
    assert cache.names == slopes.names
    np.testing.assert_array_equal(output, run_with_cache(net, image, names=[])[0])
    np.testing.assert_allclose(slopes["residual"], places, rtol=1e-6)
    for name in names:
        assert slopes[name].shape == cache[name].shape
        direction = rng.normal(size=cache[name].shape).astype("float32")
        ends = [
            float(measure(run_with_hooks(net, image, {name: lambda tensor, by=by: tensor + by * direction})))  # noqa: B023
            for by in (STEP, -STEP)
        ]
        expected = float((slopes[name].astype("float64") * direction).sum())
        assert (ends[0] - ends[1]) / (2 * STEP) == pytest.approx(expected, rel=BY_DIFFERENCES, abs=BY_DIFFERENCES)


@pytest.mark.slow
def test_a_gradient_passes_through_hooks_and_stops_where_a_constant_is_put(net, image):
    halves = {"residual": lambda tensor: tensor * 0.5}
    _, cache, slopes = run_with_gradients(net, image, ops.sum, "*", halves)
    plain = run_with_gradients(net, image, ops.sum, "rrg_1/in")[2]
    np.testing.assert_allclose(slopes["rrg_1/in"], plain["rrg_1/in"] / 2, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(slopes["output"], np.ones((1, *image.shape)))
    stopped = run_with_gradients(net, image, ops.sum, ["rrg_1/in", "output"], {"residual": lambda t: t * 0})[2]
    assert not stopped["rrg_1/in"].any()
    assert cache.names == net.hook_names


def test_gradients_of_a_component_alone():
    x = np.random.default_rng(0).normal(size=(1, 4, 4, 8)).astype("float32")
    output, cache, slopes = run_with_gradients(ChannelAttention(8), x, ops.sum, ["in", "out"])
    np.testing.assert_array_equal(output, cache["out"])
    assert np.all(slopes["out"] == 1)
    assert slopes["in"].shape == x.shape
    assert slopes["in"].any()


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (lambda output: output, r"a tensor of the shape \(1, 16, 24, 3\)"),
        (lambda output: None, "NoneType"),
        (lambda output: 3.0, "float"),
    ],
)
def test_a_measure_that_is_no_number_is_refused(net, image, measure, said):
    with pytest.raises(MirnetError, match=f"measure must return one number .*, not {said}"):
        run_with_gradients(net, image, measure, "residual")


@pytest.mark.parametrize("run", [run_with_cache, lambda net, image: net(image)], ids=["run_with_cache", "net"])
@pytest.mark.parametrize(
    ("scale", "message"),
    [
        (255, r"float values must lie in \[0, 1\], these run from .*; divide by 255"),
        (-1, r"float values must lie in \[0, 1\].*; scale or clip it first"),
        (1e6, "scale or clip it first"),
    ],
)
def test_floats_of_another_range_are_refused_as_enhance_does(net, image, run, scale, message):
    with pytest.raises(ImageError, match=message):
        run(net, image[None] * scale)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool"])
def test_integers_into_the_network_are_refused(net, image, dtype):
    with pytest.raises(ImageError, match=f"floats within \\[0, 1\\], not {dtype}; divide by 255"):
        net((image[None] * 255).astype(dtype))


def test_nan_into_the_network_is_refused(net, image):
    with pytest.raises(ImageError, match="1152 of 1152 values are NaN or infinite"):
        net(image[None] * np.nan)


def test_a_little_beyond_is_rounding(net, image):
    net(np.float16(image[None] * 1.0004))
    net((image[None] * 2 - 0.5).clip(-0.0009, 1.0009))


@pytest.mark.slow
def test_a_graph_is_written_down_and_trained_as_before(net, image):
    """Where there are no pixels yet, nothing is asked of them, and in a training they cost nothing."""
    import keras
    import tensorflow as tf

    graph = tf.function(lambda images: net(images)).get_concrete_function(tf.TensorSpec((1, 16, 24, 3), tf.float32))
    assert not [each for each in graph.graph.get_operations() if each.type in ("Min", "IsFinite", "Assert", "PyFunc")]
    np.testing.assert_allclose(graph(tf.constant(image[None])), net(image[None]), atol=1e-5)
    assert net(keras.KerasTensor((1, 16, 24, 3))).shape == (1, 16, 24, 3)
    assert tuple(net(image[None] * 255, training=True).shape) == (1, 16, 24, 3)


def test_cache_is_the_documented_class(net, image):
    assert isinstance(run_with_cache(net, image, "input")[1], ActivationCache)


def test_a_hook_that_changes_nothing_but_looks_may_use_numpy(net, image):
    seen = {}
    run_with_hooks(net, image, {"*/gate": lambda gate: seen.setdefault("mean", np.asarray(gate).mean()) and None})
    assert 0 < seen["mean"] < 1


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.full((8, 8, 3), np.nan, "float32"), "192 values that are not finite"),
        (np.zeros((8, 8), "float32"), "3 or 4 axes"),
        (np.zeros((8, 10, 3), "float32"), "multiples of 4, not 8 x 10: use enhance"),
        (np.zeros((8, 8, 4), "float32"), r"\(batch, height, width, 3\)"),
        (np.zeros((0, 8, 3), "float32"), r"at least one pixel, and the shape \(1, 0, 8, 3\) has none"),
        (np.zeros((0, 8, 8, 3), "float32"), "at least one pixel"),
        ("photo.jpg", r"an array of real numbers, not str; model.load_image\(path\) reads a photo"),
        (Path("photo.jpg"), "an array of real numbers, not PosixPath"),
        (np.zeros((8, 8, 3), complex), "an array of real numbers, not ndarray"),
    ],
)
def test_bad_input_is_refused_with_a_message(net, image, message):
    with pytest.raises(MirnetError, match=message):
        run_with_cache(net, image)


@pytest.mark.parametrize(
    ("network", "message"),
    [((SKFF(8), "a note"), "not tuple; load_network returns two things"), ("desk", "a component, not str$")],
)
def test_what_is_no_network_is_refused(network, message, image):
    for run in (run_with_cache, run_with_gradients):
        with pytest.raises(MirnetError, match=f"the first argument must be a MIRNet or .*{message}"):
            run(network, image, ops.sum)
