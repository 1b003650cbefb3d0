"""Components and networks are saved and loaded completely, in other precisions and on other backends too."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops
from quick import quick

from model import (
    SKFF,
    ChannelAttention,
    Downsample,
    DualAttentionUnit,
    MIRNet,
    MIRNetConfig,
    MultiScaleResidualBlock,
    RecursiveResidualGroup,
    SpatialAttention,
    Upsample,
)

COMPONENTS = {
    "SKFF": lambda: SKFF(8, streams=2, softmax_over="channels"),
    "ChannelAttention": lambda: ChannelAttention(8, use_bias=True),
    "SpatialAttention": lambda: SpatialAttention(),
    "DualAttentionUnit": lambda: DualAttentionUnit(8),
    "Downsample": lambda: Downsample(8, factor=4),
    "Upsample": lambda: Upsample(8, factor=4),
    "MultiScaleResidualBlock": lambda: MultiScaleResidualBlock(4, streams=3, columns=1),
    "RecursiveResidualGroup": lambda: RecursiveResidualGroup(8, blocks=2, streams=2, columns=1),
}
NETWORK = MIRNetConfig(channels=4, groups=2, blocks=1, streams=2, columns=3, skff_softmax="channels")
each = pytest.mark.parametrize("kind", quick(COMPONENTS, "SKFF", "DualAttentionUnit", "Upsample"))


def made(kind, seed=0):
    keras.utils.set_random_seed(seed)
    return COMPONENTS[kind]()


def inputs_for(kind):
    channels = 4 if kind == "MultiScaleResidualBlock" else 8
    drawn = np.random.default_rng(0).uniform(size=(2, 1, 16, 8, channels)).astype("float32")
    return list(drawn) if kind == "SKFF" else drawn[0]


def result(component, inputs):
    return ops.convert_to_numpy(component(inputs))


@keras.saving.register_keras_serializable(package="test")
class Around(keras.Model):
    """A model that holds one component, as a component alone cannot be saved to a file."""

    def __init__(self, component, **kwargs):
        super().__init__(**kwargs)
        self.component = component

    def call(self, inputs):
        return self.component(inputs)

    def get_config(self):
        return super().get_config() | {"component": keras.saving.serialize_keras_object(self.component)}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(keras.saving.deserialize_keras_object(config.pop("component")), **config)


@each
def test_config_round_trip(kind):
    component = made(kind)
    config = component.get_config()
    again = type(component).from_config(config)
    assert again.get_config() == config
    assert [weight.shape for weight in again.weights] == [weight.shape for weight in component.weights]
    for name in component.settings:
        assert getattr(again, name) == getattr(component, name)


@each
def test_weights_round_trip_before_the_first_call(kind, tmp_path):
    """The file is written by a component that has run, and read by one that never has."""
    saved, inputs = Around(made(kind)), inputs_for(kind)
    expected = result(saved, inputs)
    saved.save_weights(tmp_path / "component.weights.h5")
    fresh = Around(made(kind, seed=1))
    fresh.built = True
    assert len(fresh.weights) == len(saved.weights)
    fresh.load_weights(tmp_path / "component.weights.h5")
    np.testing.assert_array_equal(result(fresh, inputs), expected)


@each
def test_whole_file_round_trip(kind, tmp_path):
    saved, inputs = Around(made(kind)), inputs_for(kind)
    expected = result(saved, inputs)
    saved.save(tmp_path / "component.keras")
    loaded = keras.saving.load_model(tmp_path / "component.keras")
    assert type(loaded.component) is type(saved.component)
    np.testing.assert_array_equal(result(loaded, inputs), expected)


@pytest.fixture(scope="module")
def net():
    keras.utils.set_random_seed(0)
    return MIRNet(NETWORK)


@pytest.fixture(scope="module")
def photos():
    return np.random.default_rng(0).uniform(size=(2, 8, 12, 3)).astype("float32")


def shared_parts(net):
    """Pairs of attributes that hold one and the same object."""
    blocks = [block for group in net.groups for block in group.chain]
    slopes = {id(unit.activation) for block in blocks for unit in block.units}
    return len(slopes), len({id(weight) for weight in net.weights}), net.count_params()


@pytest.mark.slow
def test_network_round_trip_keeps_numbers_sharing_and_settings(net, photos, tmp_path):
    expected = result(net, photos)
    net.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras")
    assert loaded.config == NETWORK
    assert shared_parts(loaded) == shared_parts(net)
    assert shared_parts(net)[0] == 1, "one slope serves all attention units"
    np.testing.assert_array_equal(result(loaded, photos), expected)


def test_network_weights_load_into_a_network_that_never_ran(net, photos, tmp_path):
    expected = result(net, photos)
    net.save_weights(tmp_path / "net.weights.h5")
    keras.utils.set_random_seed(1)
    other = MIRNet(NETWORK)
    other.load_weights(tmp_path / "net.weights.h5")
    np.testing.assert_array_equal(result(other, photos), expected)


@pytest.mark.slow
def test_a_shared_weight_trained_in_one_place_is_trained_in_all(net, photos, tmp_path):
    keras.utils.set_random_seed(2)
    changed = MIRNet(NETWORK)
    first, last = changed.groups[0].chain[0].units[0], changed.groups[1].chain[0].units[1]
    first.activation.alpha.assign([[[0.75]]])
    assert last.activation.alpha.numpy().item() == 0.75
    changed.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras")
    loaded.groups[0].chain[0].units[0].activation.alpha.assign([[[0.5]]])
    assert loaded.groups[1].chain[0].units[1].activation.alpha.numpy().item() == 0.5


HALVES = {"mixed_float16": 0.02, "mixed_bfloat16": 0.15}
"""How far the residual may be off, as a share of its largest value: 11 and 8 bits, through some forty layers."""


@pytest.mark.parametrize("policy", HALVES)
def test_half_precision_is_close_to_single(policy, net, photos):
    exact = result(net, photos)
    half = MIRNet(NETWORK, dtype=policy)
    half.set_weights(net.get_weights())
    assert all(weight.dtype == "float32" for weight in half.weights)
    rough = result(half, photos)
    assert str(rough.dtype) == policy.removeprefix("mixed_")
    rough = rough.astype("float32")
    assert np.isfinite(rough).all()
    residual = np.abs(exact - photos).max()
    assert 0 < np.abs(rough - exact).max() <= HALVES[policy] * max(residual, 1.0)


def test_double_precision_agrees(net, photos):
    double = MIRNet(NETWORK, dtype="float64")
    double.set_weights(net.get_weights())
    np.testing.assert_allclose(result(double, photos.astype("float64")), result(net, photos), atol=1e-5, rtol=0)


TORCH_HAS = {"apply", "bfloat16", "children", "compile", "cpu", "cuda", "double", "eval", "float", "forward", "half"}
TORCH_HAS |= {"modules", "parameters", "share_memory", "state_dict", "to", "train", "type", "zero_grad"}
"""On PyTorch a Keras layer is also a torch.nn.Module: a part of ours with such a name would be lost behind it."""


def test_no_part_is_called_like_something_of_pytorchs(net):
    layers = [net, *net._flatten_layers()]
    ours = {name for layer in layers if type(layer).__module__.startswith("model.") for name in vars(layer)}
    assert {"shortcut", "enlarge", "squeeze", "units", "groups"} <= ours
    assert not ours & TORCH_HAS


ON_ANOTHER_BACKEND = """
import json, sys
import keras
import numpy as np
from model import MIRNet, MIRNetConfig, load_reference
from model.contracts import check_all, record

assert keras.backend.backend() == sys.argv[1], keras.backend.backend()
with np.load(sys.argv[2]) as file:
    data = {name: file[name] for name in file.files}
net = MIRNet(MIRNetConfig(channels=16, groups=1, blocks=1))
load_reference(net, {name[2:]: value.astype("float32") for name, value in data.items() if name.startswith("w/")})
worst = 0.0
for size in ("32x32", "24x40"):
    call = record(net, np.moveaxis(data[f"x/{size}"], 1, -1))
    worst = max(worst, float(np.abs(call.output - np.moveaxis(data[f"y/{size}"], 1, -1)).max()))
    assert list(call.cache) == list(net.hook_names)
results = check_all(call, probes=False)
broken = {contract.title: verdict.message for contract, verdict in results if not verdict.holds}
print(json.dumps({"worst": worst, "broken": broken}))
"""

ATOL = 1e-5
"""The tolerance of the authors' numbers (tests/fixtures/oracle/README.md)."""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_authors_numbers_on_another_backend(backend, require):
    require(importlib.util.find_spec(backend), f"needs {backend}: pip install {backend}")
    root = Path(__file__).parents[2]
    oracle = root / "tests" / "fixtures" / "oracle" / "mirnet_n16_r1_m1.npz"
    environment = os.environ | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", ON_ANOTHER_BACKEND, backend, str(oracle)]
    run = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout.splitlines()[-1])
    assert found["broken"] == {}
    assert found["worst"] <= ATOL


FIRST_VERSION = Path(__file__).parents[1] / "fixtures" / "first_version.keras"
"""Written by `net.save` of version 0.1.0: 4 channels, 1 group, 1 block, 2 streams, `seed_weights(net, 1)`."""

RESTORED_BY_THE_FIRST_VERSION = [
    [[-0.0006482946, -0.0008557889, -0.0123463655], [0.0072438605, 0.0214418042, -0.0225771070]],
    [[0.0734566887, 0.0714143142, 0.0380544811], [0.0896075889, 0.0855269283, 0.0206892826]],
]
"""Rows 0 and 1, columns 0 and 1 of what it made of the picture below."""


def test_a_network_that_the_first_version_saved_is_loaded():
    net = keras.saving.load_model(FIRST_VERSION)
    picture = np.linspace(0, 1, 16 * 16 * 3, dtype="float32").reshape(1, 16, 16, 3)
    np.testing.assert_allclose(ops.convert_to_numpy(net(picture))[0, :2, :2], RESTORED_BY_THE_FIRST_VERSION, atol=ATOL)
