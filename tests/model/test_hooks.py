"""Hook points: names of call sites, one call at a time, one thread at a time, and no trace when nothing is recorded."""

import threading

import keras
import numpy as np
import pytest
from keras import ops

from explain import run_with_cache, run_with_hooks
from model import (
    SKFF,
    ChannelAttention,
    Downsample,
    DualAttentionUnit,
    HookError,
    HookPoint,
    MIRNet,
    MIRNetConfig,
    MultiScaleResidualBlock,
    RecursiveResidualGroup,
    SpatialAttention,
    Upsample,
    call_site,
    visiting,
)
from model.hooks import hook_shapes

COMPONENTS = {
    "SKFF": (lambda: SKFF(8), [(1, 12, 8, 8)] * 3),
    "ChannelAttention": (lambda: ChannelAttention(8), [(1, 12, 8, 8)]),
    "SpatialAttention": (lambda: SpatialAttention(), [(1, 12, 8, 8)]),
    "DualAttentionUnit": (lambda: DualAttentionUnit(8), [(1, 12, 8, 8)]),
    "Downsample": (lambda: Downsample(8, factor=4), [(1, 12, 8, 8)]),
    "Upsample": (lambda: Upsample(8, factor=4), [(1, 6, 4, 8)]),
    "MultiScaleResidualBlock": (lambda: MultiScaleResidualBlock(4, streams=2), [(1, 12, 8, 4)]),
    "RecursiveResidualGroup": (lambda: RecursiveResidualGroup(4, blocks=2, streams=2, columns=1), [(1, 12, 8, 4)]),
    "MIRNet": (lambda: MIRNet(MIRNetConfig(4, groups=1, blocks=1, streams=2, columns=1)), [(1, 12, 8, 3)]),
}
LARGE = {
    "large MultiScaleResidualBlock": (lambda: MultiScaleResidualBlock(4), [(1, 12, 8, 4)]),
    "large RecursiveResidualGroup": (lambda: RecursiveResidualGroup(4, streams=2), [(1, 12, 8, 4)]),
    "large MIRNet": (lambda: MIRNet(MIRNetConfig(channels=4, groups=2, blocks=1, streams=2)), [(1, 12, 8, 3)]),
}
COMPONENTS |= LARGE
SLOW = {*LARGE, "RecursiveResidualGroup", "ChannelAttention", "Downsample"}
each = pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow if kind in SLOW else ()) for kind in COMPONENTS]
)

ATTENTION = "in descriptor squeezed logits gate out"
UNIT = [
    *("in", "body"),
    *(f"spatial/{name}" for name in "in pooled logits gate out".split()),
    *(f"channel/{name}" for name in ATTENTION.split()),
    *("fused", "out"),
]
STEP = "in features resized main shortcut out".split()
FUSION = [f"stream_{k}" for k in (1, 2, 3)] + "fused descriptor squeezed logits weights".split()
FUSION += [*(f"weighted_{k}" for k in (1, 2, 3)), "out"]


def resize(steps):
    return ["in", *(f"step_{k}/{name}" for k in range(1, steps + 1) for name in STEP), "out"]


def below(site, names):
    return [f"{site}/{name}" for name in names]


def block():
    """The documented names of a block with three streams and two columns, in the order of execution."""
    names = ["in", *below("column_1/dau_1", UNIT)]
    for k in (2, 3):
        names += below(f"column_1/down_{k}", resize(1)) + below(f"column_1/dau_{k}", UNIT)
    for j in (1, 2, 3):
        for k in (1, 2, 3):
            if k != j:
                names += below(f"exchange/{'down' if k < j else 'up'}_{k}_{j}", resize(abs(k - j)))
        names += below(f"exchange/skff_{j}", FUSION)
    names += [name for k in (1, 2, 3) for name in below(f"column_2/dau_{k}", UNIT)]
    names += [name for k in (2, 3) for name in below(f"merge/up_{k}", resize(k - 1))]
    return [*names, *below("merge/skff", FUSION), "conv", "out"]


def network(groups, blocks):
    names = ["input", "shallow"]
    for group in range(1, groups + 1):
        inside = ["in", *(name for k in range(1, blocks + 1) for name in below(f"mrb_{k}", block())), "conv", "out"]
        names += below(f"rrg_{group}", inside)
    return [*names, "residual", "output"]


def made(kind):
    keras.utils.set_random_seed(3)
    component, shapes = COMPONENTS[kind]
    rng = np.random.default_rng(0)
    inputs = [rng.uniform(size=shape).astype("float32") for shape in shapes]
    return component(), inputs if len(inputs) > 1 else inputs[0]


@pytest.mark.parametrize(("groups", "blocks"), [(1, 1), pytest.param(2, 2, marks=pytest.mark.slow)])
def test_names_are_the_documented_call_sites(groups, blocks):
    net = MIRNet(MIRNetConfig(channels=4, groups=groups, blocks=blocks))
    assert list(net.hook_names) == network(groups, blocks)
    assert len(set(net.hook_names)) == len(net.hook_names)


@each
def test_names_and_shapes_are_known_without_running(kind):
    component, inputs = made(kind)
    known = hook_shapes(component, *COMPONENTS[kind][1])
    _, cache = run_with_cache(component, inputs)
    assert known == {name: array.shape for name, array in cache.items()}
    assert list(known) == list(cache)
    if isinstance(component, MIRNet):
        assert list(component.hook_names) == list(cache)


@each
def test_looking_changes_no_bit_when_run_operator_by_operator(kind):
    component, inputs = made(kind)
    plain = ops.convert_to_numpy(component(inputs))
    watched, cache = run_with_cache(component, inputs)
    assert len(cache) > 4
    np.testing.assert_array_equal(plain, watched)


def graphs_of(component, inputs):
    """The component as two TensorFlow graphs: as it is, and one that returns every hook point's tensor as well."""
    import tensorflow as tf

    def watched(tensors):
        seen = {}

        def look(name, tensor):
            seen[name] = tensor
            return tensor

        with visiting(look):
            return component(tensors), seen

    tensors = [tf.constant(array) for array in inputs] if isinstance(inputs, list) else tf.constant(inputs)
    return tf.function(lambda values: component(values)), tf.function(watched), tensors


@each
def test_looking_changes_no_bit_in_a_graph(kind):
    component, inputs = made(kind)
    plain, watched, tensors = graphs_of(component, inputs)
    output, seen = watched(tensors)
    np.testing.assert_array_equal(plain(tensors), output)
    np.testing.assert_array_equal(seen["output" if isinstance(component, MIRNet) else "out"], output)
    assert list(seen) == list(run_with_cache(component, inputs)[1])


def operators(function, tensors) -> list[str]:
    return [operator.type for operator in function.get_concrete_function(tensors).graph.get_operations()]


@each
def test_hook_points_leave_no_operator_in_a_graph(kind, monkeypatch):
    component, inputs = made(kind)
    plain, _, tensors = graphs_of(component, inputs)
    with_hooks = operators(plain, tensors)
    monkeypatch.setattr(HookPoint, "__call__", lambda self, tensor: tensor)
    without = operators(graphs_of(component, inputs)[0], tensors)
    assert with_hooks == without
    assert len(without) > 3


def test_a_hook_point_that_computes_would_be_seen_in_the_graph(monkeypatch):
    """The counter-example to the test above: an identity that is an operator does change the list."""
    component, inputs = made("ChannelAttention")
    plain, _, tensors = graphs_of(component, inputs)
    with_hooks = operators(plain, tensors)
    monkeypatch.setattr(HookPoint, "__call__", lambda self, tensor: ops.copy(tensor))
    with_copies = operators(graphs_of(component, inputs)[0], tensors)
    assert with_copies.count("Identity") >= with_hooks.count("Identity") + 6


def converted_operators(component, shape) -> list[str]:
    import tensorflow as tf

    inputs = keras.Input(shape[1:], batch_size=1)
    model = keras.Model(inputs, component(inputs))
    converted = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    interpreter = tf.lite.Interpreter(model_content=converted)
    return [operator["op_name"] for operator in interpreter._get_ops_details()]


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
def test_hook_points_leave_no_operator_in_a_converted_model(monkeypatch, capfd):
    component, _ = made("DualAttentionUnit")
    shape = COMPONENTS["DualAttentionUnit"][1][0]
    with_hooks = converted_operators(component, shape)
    monkeypatch.setattr(HookPoint, "__call__", lambda self, tensor: tensor)
    assert with_hooks == converted_operators(component, shape)
    assert with_hooks.count("CONV_2D") >= 6, "two 3x3, one 5x5, three 1x1"


@pytest.mark.slow
def test_replacing_one_call_of_a_shared_layer_leaves_its_other_calls_alone():
    keras.utils.set_random_seed(0)
    shared = MultiScaleResidualBlock(4, columns=3)
    x = np.random.default_rng(0).normal(size=(1, 8, 12, 4)).astype("float32")
    _, before = run_with_cache(shared, x)
    first, second, third = (f"column_{column}/dau_1/channel/gate" for column in (1, 2, 3))
    _, after = run_with_cache(shared, x, hooks={second: lambda gate: gate * 0})
    assert not after[second].any()
    np.testing.assert_array_equal(after[first], before[first])  # the same layer, called before
    assert after[third].any()  # the same layer, called afterwards, on other features
    order = list(before)
    earlier = order[: order.index(second)]
    assert all(np.array_equal(before[name], after[name]) for name in earlier)
    assert not np.array_equal(after["out"], before["out"])


@pytest.mark.slow
def test_the_weights_of_the_merge_can_be_replaced_without_those_of_the_exchange():
    keras.utils.set_random_seed(0)
    shared = MultiScaleResidualBlock(4)
    x = np.random.default_rng(0).normal(size=(1, 8, 12, 4)).astype("float32")
    _, before = run_with_cache(shared, x)
    only_first = np.zeros((1, 3, 1, 4), "float32")
    only_first[:, 0] = 1
    _, after = run_with_cache(shared, x, hooks={"merge/skff/weights": lambda weights: only_first})
    np.testing.assert_array_equal(after["merge/skff/out"], before["column_2/dau_1/out"])
    np.testing.assert_array_equal(after["exchange/skff_1/weights"], before["exchange/skff_1/weights"])


def test_unknown_names_are_refused_with_near_ones():
    component, inputs = made("DualAttentionUnit")
    with pytest.raises(HookError, match=r"'spatial/gates' is not a hook point .* did you mean spatial/gate"):
        run_with_hooks(component, inputs, {"spatial/gates": lambda gate: gate})


def test_each_thread_has_its_own_visitor():
    component, inputs = made("DualAttentionUnit")
    component(inputs)
    everyone_inside = threading.Barrier(4, timeout=60)
    seen: dict[int, list[str]] = {}
    results: dict[int, np.ndarray] = {}

    def visit(number):
        names = seen.setdefault(number, [])

        def look(name, tensor):
            names.append(name)
            # Thread k closes the spatial gate by its own factor; the others must not notice.
            return tensor * number if name == "spatial/gate" else tensor

        with visiting(look):
            everyone_inside.wait()
            results[number] = ops.convert_to_numpy(component(inputs))

    def unvisited():
        everyone_inside.wait()
        results[-1] = ops.convert_to_numpy(component(inputs))

    threads = [threading.Thread(target=visit, args=(number,)) for number in (0, 1, 2)]
    threads.append(threading.Thread(target=unvisited))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == dict.fromkeys((0, 1, 2), UNIT)
    np.testing.assert_array_equal(results[-1], component(inputs))
    np.testing.assert_array_equal(results[1], results[-1])
    for factor in (0, 2):
        alone = run_with_hooks(component, inputs, {"spatial/gate": lambda gate, factor=factor: gate * factor})
        np.testing.assert_array_equal(results[factor], alone)


def test_visitors_nest_and_names_begin_anew():
    seen: list[str] = []
    inner: list[str] = []

    def note(names):
        def look(name, tensor):
            names.append(name)
            return tensor

        return look

    with visiting(note(seen)), call_site("outer"):
        HookPoint("a")(1)
        with visiting(note(inner)):
            HookPoint("b")(2)
        HookPoint("c")(3)
    assert (seen, inner) == (["outer/a", "outer/c"], ["b"])


def test_an_error_inside_leaves_nothing_behind():
    def fail(name, tensor):
        raise RuntimeError(name)

    with pytest.raises(RuntimeError, match="site/point"), visiting(fail), call_site("site"):
        HookPoint("point")(1)
    names: list[str] = []
    with visiting(lambda name, tensor: names.append(name)):
        HookPoint("later")(1)
    assert names == ["later"]
    assert HookPoint("unseen")(5) == 5
