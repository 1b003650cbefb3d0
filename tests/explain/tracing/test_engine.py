"""An engine gives what single operators give, from wherever it begins, on every backend."""

import os
import subprocess
import sys

import numpy as np
import pytest
from quick import quick

from explain import run_with_cache, run_with_hooks
from explain.tracing.engine import _Graph, _Stepwise, make_engine, without_streams
from mirnet_packages import ROOT
from model import MIRNet, MIRNetConfig
from model.errors import HookError
from model.zoo import seed_weights

CONFIG = MIRNetConfig(channels=4, groups=2, blocks=1)
OTHER_ORDER = 1e-5  # a graph adds up in another order than single operators do
SITE = "rrg_2/mrb_1/merge/skff"


def made(config: MIRNetConfig) -> MIRNet:
    net = MIRNet(config)
    seed_weights(net, 2)
    return net


@pytest.fixture(scope="module")
def net() -> MIRNet:
    return made(CONFIG)


@pytest.fixture(scope="module", params=quick([_Graph, _Stepwise], _Graph))
def engine(request, net):
    return request.param(net)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).random((2, 16, 24, 3), dtype="float32")


@pytest.fixture(scope="module")
def single(net, images):
    """Every tensor, operator by operator."""
    return run_with_cache(net, images)[1]


def test_every_tensor_is_that_of_single_operators(net, engine, images, single):
    assert engine.names == net.hook_names
    found = engine.run(engine.names, {"input": images})
    assert list(found) == list(single)
    for name, tensor in single.items():
        assert found[name].shape == tensor.shape, name
        np.testing.assert_allclose(found[name], tensor, atol=OTHER_ORDER, err_msg=name)
    assert found["rrg_1/out"] is found["rrg_2/in"]


def test_other_sizes_and_networks_for_a_board(images):
    board = made(
        MIRNetConfig(channels=2, groups=1, blocks=1, streams=2, columns=1, style="board", stem=2, companding=9)
    )
    photo = images[:1, :, :20]
    known = run_with_cache(board, photo)[1]
    for engine in (make_engine(board), _Stepwise(board)):
        found = engine.run(engine.names, {"input": photo})
        for name, tensor in known.items():
            np.testing.assert_allclose(found[name], tensor, atol=OTHER_ORDER, err_msg=name)


def test_from_the_middle_on_every_bit_is_the_same(engine, images):
    whole = engine.run(engine.names, {"input": images})
    block = "rrg_2/mrb_1"
    inside = [name for name in engine.names if name.startswith(f"{block}/column_2/")]
    found = engine.run([*inside, f"{block}/in"], {f"{block}/in": whole[f"{block}/in"]})
    for name in inside:
        np.testing.assert_array_equal(found[name], whole[name], err_msg=name)
    assert found[f"{block}/in"] is whole[f"{block}/in"]
    # What is wanted beside it changes nothing either.
    np.testing.assert_array_equal(engine.run([inside[-1]], {"input": images})[inside[-1]], whole[inside[-1]])


def test_what_is_given_goes_on_from_its_own_place_only(net, engine, images):
    """One tensor has two names, the end of one group and the beginning of the next: only one of them is replaced."""
    other = np.random.default_rng(1).random((2, 16, 24, 4), dtype="float32")
    found = engine.run(["rrg_1/out", "output"], {"input": images, "rrg_2/in": other})
    known = run_with_hooks(net, images, {"rrg_2/in": lambda _: other})
    np.testing.assert_allclose(found["output"], known, atol=OTHER_ORDER)
    assert not np.array_equal(found["rrg_1/out"], other)
    # What comes out of the group is the same under all its further names.
    further = ["rrg_2/in", "rrg_2/mrb_1/in", "rrg_2/mrb_1/column_1/dau_1/in"]
    for given, same in (("rrg_1/out", other), ("rrg_2/mrb_1/in", other)):
        seen = engine.run(["rrg_1/out", *further], {"input": images, given: other})
        replaced = further if given == "rrg_1/out" else further[1:]
        for name in replaced:
            np.testing.assert_array_equal(seen[name], same, err_msg=f"{given} given, {name} read")
    assert np.array_equal(seen["rrg_2/in"], seen["rrg_1/out"]) and not np.array_equal(seen["rrg_2/in"], other)


def test_a_uniform_tensor_stands_for_one_of_any_size(net, engine, images):
    unit = "rrg_1/mrb_1/column_1/dau_2"
    expected = {
        f"{unit}/spatial/gate": (1, 1, 1, 1),
        f"{unit}/channel/gate": (1, 1, 1, 8),
        f"{unit}/fused": (1, 1, 1, 8),
        f"{SITE}/weights": (1, 3, 1, 4),
    }
    assert {name: engine.uniform(name) for name in expected} == expected
    put = {name: np.full(shape, 0.25, "float32") for name, shape in expected.items()}
    found = engine.run(["output"], {"input": images} | put)["output"]
    known = run_with_hooks(net, images, {name: (lambda tensor: tensor * 0 + 0.25) for name in expected})
    np.testing.assert_allclose(found, known, atol=OTHER_ORDER)


@pytest.mark.parametrize(
    "kept", [(1, 0, 1), *(pytest.param(kept, marks=pytest.mark.slow) for kept in [(0, 0, 1), (0, 0, 0), (1, 1, 1)])]
)
def test_streams_that_are_not_heard(net, engine, images, kept):
    mask = np.array(kept, "float32")
    found = engine.run(["output", f"{SITE}/weights"], {"input": images}, {SITE: mask})
    known, cache = run_with_cache(
        net, images, hooks={f"{SITE}/weights": lambda weights: without_streams(weights, mask)}
    )
    np.testing.assert_allclose(found["output"], known, atol=OTHER_ORDER)
    np.testing.assert_allclose(found[f"{SITE}/weights"], cache[f"{SITE}/weights"], atol=OTHER_ORDER)
    np.testing.assert_array_equal(found[f"{SITE}/weights"].any(axis=(0, 2, 3)), mask > 0)
    if all(kept):
        np.testing.assert_array_equal(found["output"], engine.run(["output"], {"input": images})["output"])


def test_unknown_names_are_refused(engine, images):
    for names, given, kept in (
        (["nothing"], {}, {}),
        (["output"], {"rrg_9/in": images}, {}),
        (["output"], {}, {"rrg_1/mrb_1": np.ones(3)}),
    ):
        with pytest.raises(HookError, match="is not a hook point of this network"):
            engine.run(names, {"input": images} | given, kept)


@pytest.mark.slow
def test_what_is_prepared_is_bounded(net, images):
    engine = _Graph(net)
    session = engine.session
    whole = engine.run(engine.names, {"input": images})
    all_of_it = session.prepared
    assert engine.run(engine.names, {"input": images[:, :8]}) and session.prepared == all_of_it  # another size
    engine.run(["output"], {"input": images, "rrg_2/in": whole["rrg_2/in"]})
    assert all_of_it * 1.3 < session.prepared < all_of_it * 1.6  # half of the way
    session.limit = session.prepared + 100
    first = session._session
    again = engine.run(["output", "rrg_1/out"], {"input": images})  # no room: a new session
    assert session._session is not first and session.prepared <= all_of_it
    np.testing.assert_array_equal(again["output"], whole["output"])
    session.limit = 10  # larger than all that may be kept: it runs all the same
    np.testing.assert_array_equal(engine.run(["output"], {"input": images})["output"], whole["output"])


JAX = """
import numpy as np, sys
sys.path.append(sys.argv[1])
from explain.tracing.engine import make_engine
from model import MIRNet, MIRNetConfig
from model.zoo import seed_weights

net = MIRNet(MIRNetConfig(channels=4, groups=2, blocks=1))
seed_weights(net, 2)
images = np.random.default_rng(0).random((2, 16, 24, 3), dtype="float32")
np.save(sys.argv[2], make_engine(net).run(["output"], {"input": images})["output"])
"""


@pytest.mark.slow
def test_another_backend(tmp_path, single):
    pytest.importorskip("jax")
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, "-c", JAX, str(ROOT), str(tmp_path / "out.npy")], env=environment, check=True)
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), single["output"], atol=OTHER_ORDER)
