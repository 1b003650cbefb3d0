"""Files that Keras writes: read as data, whole or not at all."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from model import MIRNet, MIRNetConfig, WeightsError
from model.training.losses import CharbonnierLoss
from model.zoo import load_network, seed_weights

ROOT = Path(__file__).parents[3]
FIRST_VERSION = ROOT / "tests" / "fixtures" / "first_version.keras"


@pytest.fixture
def saved(net, tmp_path) -> Path:
    net.save(tmp_path / "m.keras")
    return tmp_path / "m.keras"


def packed(target: Path, source: Path, how: int = zipfile.ZIP_STORED, **replaced: bytes) -> Path:
    """An archive again, with other contents for some of its files: `config` or `model`."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", how) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, replaced.get(entry.filename.split(".")[0], old.read(entry)))
    return target


def config_with(source: Path, **changes) -> bytes:
    with zipfile.ZipFile(source) as archive:
        content = json.loads(archive.read("config.json"))
    content["config"]["config"] |= changes
    return json.dumps(content).encode()


def test_a_saved_network_brings_its_configuration(saved, same):
    assert same(saved) == "weights from m.keras: 4 channels, 1 x 1 blocks, 2 streams"


@pytest.mark.parametrize(
    "config",
    [
        MIRNetConfig(channels=4, groups=1, blocks=1, streams=2, columns=1, skff_softmax="channels"),
        MIRNetConfig(channels=4, groups=1, blocks=2, streams=3, style="board", stem=2, companding=63.0),
    ],
)
def test_everything_in_the_configuration_travels(tmp_path, config):
    net = MIRNet(config)
    seed_weights(net, 5)
    net.save(tmp_path / "m.keras")
    loaded, _ = load_network(weights=tmp_path / "m.keras")
    assert loaded.config == config
    np.testing.assert_array_equal(loaded.last.kernel, net.last.kernel)


def test_the_first_versions_file_is_read():
    loaded, _ = load_network(weights=FIRST_VERSION)
    assert loaded.config == MIRNetConfig(channels=4, groups=1, blocks=1, streams=2)
    expected = MIRNet(loaded.config)
    seed_weights(expected, 1)
    for ours, theirs in zip(expected.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Gradients do not exist")  # of two streams, one way between them is not used
@pytest.mark.parametrize("name", ["m.keras", "net.weights.h5"])
def test_a_network_that_was_compiled_and_trained(tmp_path, net, name):
    """What the optimizer remembers lies in the file too, and is no weight."""
    trained = MIRNet(net.config)
    trained.compile(optimizer="adam", loss=CharbonnierLoss(), metrics=["mae"])
    pictures = np.random.default_rng(0).random((2, 8, 8, 3), "float32")
    trained.fit(pictures, pictures, epochs=1, verbose=0)
    trained.save(tmp_path / name) if name == "m.keras" else trained.save_weights(tmp_path / name)
    loaded, _ = load_network(net.config, tmp_path / name)
    for ours, theirs in zip(trained.trainable_weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_an_archive_packed_again_is_read(saved, same, tmp_path):
    same(packed(tmp_path / "again.keras", saved, zipfile.ZIP_DEFLATED))


def test_another_preset_is_one_sentence(saved):
    with pytest.raises(WeightsError, match=r"m.keras holds the weights of another network .*channels 4 and not 8"):
        load_network("desk", saved)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"channels": 100_000}, "is too small for the network"),
        ({"groups": 10**9}, "is too small for the network"),
        ({"columns": 10**9}, "is too small for the network"),
        ({"streams": 3}, "holds the weights of another network|is too small"),
        ({"channels": 3}, "holds the weights of another network"),
        ({"channels": None}, "does not describe a MIRNet"),
        ({"style": ["board"]}, "does not describe a MIRNet"),
        ({"weights": "mine"}, "does not describe a MIRNet"),
    ],
)
def test_a_configuration_that_its_weights_are_not_of(saved, tmp_path, changes, message):
    wrong = packed(tmp_path / "wrong.keras", saved, config=config_with(saved, **changes))
    with pytest.raises(WeightsError, match=message):
        load_network(weights=wrong)


def test_other_models_are_named(tmp_path):
    keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)]).save(tmp_path / "other.keras")
    with pytest.raises(WeightsError, match=r"other.keras holds 'Sequential', not a MIRNet"):
        load_network(weights=tmp_path / "other.keras")


@pytest.mark.parametrize("around", ["Lambda", "MIRNet"])
def test_no_code_of_the_file_runs(saved, tmp_path, around):
    """Neither that of a Lambda layer nor a module that its configuration names."""
    (tmp_path / "trap.py").write_text("open('sprung', 'w')\n")
    content = {"module": "trap", "class_name": around, "registered_name": f"trap>{around}", "config": {}}
    if around == "MIRNet":
        content["config"] = json.loads(config_with(saved))["config"]
        content["config"]["dtype"] = {"module": "trap", "class_name": "Trap", "config": {}, "registered_name": None}
    wrong = packed(tmp_path / "wrong.keras", saved, config=json.dumps(content).encode())
    before = set(sys.modules)
    try:
        load_network(weights=wrong)
    except WeightsError as error:
        assert "Lambda" in str(error)
    assert "trap" not in set(sys.modules) - before
    assert not (tmp_path / "sprung").exists()


def test_an_archive_that_would_fill_the_memory(saved, tmp_path):
    wrong = packed(tmp_path / "bomb.keras", saved, zipfile.ZIP_DEFLATED, config=b" " * 50_000_000 + config_with(saved))
    with pytest.raises(WeightsError, match=r"config.json in it would unpack to 50,"):
        load_network(weights=wrong)
    wrong = packed(tmp_path / "bomb.keras", saved, zipfile.ZIP_DEFLATED, model=bytes(50_000_000))
    with pytest.raises(WeightsError, match=r"model.weights.h5 in it would unpack to 50,000,000 bytes"):
        load_network(weights=wrong)


def test_arrays_in_other_files_are_not_read(run, net, tmp_path):
    (tmp_path / "secret.bin").write_bytes(bytes(10_000))
    with h5py.File(run / "net.weights.h5", "r+") as file:
        names = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        shape = file[names[0]].shape
        del file[names[0]]
        outside = [(str(tmp_path / "secret.bin"), 0, h5py.h5f.UNLIMITED)]
        file.create_dataset(names[0], shape=shape, dtype="float32", external=outside)
    with pytest.raises(WeightsError, match="its arrays lie in other files"):
        load_network(weights=run)


IN_A_FRESH_PROCESS = """
import sys
import keras
if sys.argv[2] == "with":
    from model import MIRNet
print(type(keras.saving.load_model(sys.argv[1])).__name__)
"""


@pytest.mark.slow
def test_keras_says_what_to_import(saved):
    """Keras itself imports no class of others: its error quotes what the file says to do."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}

    def loaded(how):
        command = [sys.executable, "-c", IN_A_FRESH_PROCESS, str(saved), how]
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)

    alone = loaded("without")
    assert alone.returncode == 1
    assert "Could not locate class" in alone.stderr
    assert "first import the class: `from model import MIRNet`" in alone.stderr
    assert loaded("with").stdout.split()[-1] == "MIRNet"
