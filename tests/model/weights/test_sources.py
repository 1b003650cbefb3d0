"""Weights are named in one way, and the network that they are of travels with them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from quick import quick
from their_tensors import their_tensors

from model import MIRNet, MIRNetConfig, WeightsError
from model.config import PRESETS
from model.weights import sources
from model.weights.shipped_weights import SHIPPED
from model.weights.sources import find_weights, weights_file
from model.zoo import load_network

ROOT = Path(__file__).parents[3]


class TestRunFolder:
    def test_folder_and_file_are_the_same_network(self, run, same):
        expected = "weights from net.weights.h5: 4 channels, 1 x 1 blocks, 2 streams"
        assert same(run) == same(run / "net.weights.h5") == same(str(run)) == expected

    def test_a_copy_of_the_weights_beside_the_card(self, run, same):
        (run / "net.weights.h5").rename(run / "best.weights.h5")
        same(run / "best.weights.h5")

    def test_it_may_be_the_current_folder(self, run, same, monkeypatch):
        monkeypatch.chdir(run)
        same(Path("."))

    def test_a_preset_that_contradicts_is_one_sentence(self, run):
        with pytest.raises(WeightsError) as caught:
            load_network("desk", run)
        message = str(caught.value)
        assert "\n" not in message and message.count(": ") == 1
        assert "channels 4 and not 8, groups 1 and not 2, blocks 1 and not 2, streams 2 and not 3" in message
        assert "give no --preset" in message

    def test_channels_that_contradict(self, run, same):
        same(run, channels=4)
        with pytest.raises(WeightsError, match=r"\(channels 4 and not 8\)"):
            load_network(weights=run, channels=8)

    def test_what_changes_no_weight_may_differ_if_it_is_softmax(self, run, net):
        other, _ = load_network(net.config.replace(skff_softmax="channels"), run)
        assert other.config.skff_softmax == "channels"
        with pytest.raises(WeightsError, match=r"\(companding 0.0 and not 63.0\)"):
            load_network(net.config.replace(companding=63.0), run)

    def test_shipped_weights_of_another_preset(self):
        with pytest.raises(WeightsError, match=r"channels 12 and not 8.*style board and not paper"):
            load_network("desk", "nano-float")

    def test_the_folder_of_a_study_names_its_runs(self, run):
        with pytest.raises(WeightsError, match=rf"holds no net.weights.h5; give one of {re.escape(str(run))}$"):
            load_network(weights=run.parent)

    def test_a_training_without_a_checkpoint(self, run):
        (run / "net.weights.h5").unlink()
        with pytest.raises(WeightsError, match=r"its training has not come to a checkpoint; go on .*--resume"):
            load_network(weights=run)

    def test_a_card_that_an_editor_has_marked(self, run, same):
        """Windows' Notepad puts a byte-order mark before it."""
        (run / "run.json").write_bytes(b"\xef\xbb\xbf" + (run / "run.json").read_bytes())
        same(run)

    @pytest.mark.parametrize("folder", ["my run", "Gemälde", "50%", "-o", "a:b", "[1]"])
    def test_a_folder_of_any_name(self, run, same, folder, monkeypatch):
        monkeypatch.chdir(run.parent)
        run.rename(folder)
        same(folder)

    def test_links_are_followed(self, run, same, tmp_path):
        (tmp_path / "newest").symlink_to(run)
        same(tmp_path / "newest")
        (tmp_path / "best.weights.h5").symlink_to(run / "net.weights.h5")
        (tmp_path / "run.json").symlink_to(run / "run.json")
        same(tmp_path / "best.weights.h5")
        (tmp_path / "gone.keras").symlink_to(tmp_path / "absent.keras")
        with pytest.raises(WeightsError, match="there is no file"):
            load_network(weights=tmp_path / "gone.keras")

    @pytest.mark.parametrize("content", [(), ("log.csv", "checkpoint.npz")])
    def test_a_folder_without_weights(self, tmp_path, content):
        for name in content:
            (tmp_path / name).write_text("{}")
        with pytest.raises(WeightsError, match=r"holds no net.weights.h5; give a run folder of mirnet train"):
            load_network(weights=tmp_path)


class TestRunCard:
    @pytest.mark.parametrize(
        ("card", "message"),
        [
            ("{", "run.json beside the weights cannot be read"),
            ("[" * 100_000, "run.json beside the weights cannot be read"),
            ('{"network": 5}', "does not describe a MIRNet"),
            ('{"network": {"channels": 4, "depth": 9}}', "does not describe a MIRNet"),
            ('{"network": {"channels": "4"}}', "channels must be an integer"),
            ('{"network": {"channels": 4, "companding": NaN}}', "companding must be a number"),
            ('{"network": {"channels": 100000}}', "is too small for the network that it is said to be of"),
            ('{"network": {"channels": 4, "groups": 1, "blocks": 1, "columns": 1000000000}}', "is too small"),
            ('{"network": {"channels": 4, "groups": 1000000000}}', "is too small"),
            ('{"network": {"channels": 4, "stem": 100000}}', "is too small"),
        ],
    )
    def test_a_card_that_is_wrong_is_one_error(self, run, card, message):
        (run / "run.json").write_text(card)
        with pytest.raises(WeightsError, match=message):
            load_network(weights=run)

    @pytest.mark.parametrize("card", quick(['{"epochs": 3}', "[]", '{"network": null}'], first=1))
    def test_a_card_that_describes_no_network_says_nothing(self, run, net, card):
        (run / "run.json").write_text(card)
        assert find_weights(run).config is None
        loaded, note = load_network(net.config, run)
        assert note == "weights from net.weights.h5"
        np.testing.assert_array_equal(loaded.last.kernel, net.last.kernel)
        with pytest.raises(WeightsError, match=r"another network: name the preset it was made with"):
            load_network(weights=run)


@pytest.mark.parametrize(
    "config",
    quick(
        [
            MIRNetConfig(channels=1, groups=1, blocks=1, streams=4, columns=1),
            MIRNetConfig(channels=16, groups=1, blocks=1, streams=2),
            PRESETS["3x3"].replace(channels=8),
            PRESETS["nano"],
            PRESETS["nano"].replace(channels=2, stem=1),
        ],
        first=1,
    ),
)
def test_no_network_is_said_to_need_more_weights_than_it_has(config):
    weights = MIRNet(config).count_params()
    assert weights / 8 < sources._least_weights(config) <= weights


def test_the_file_behind_every_name(run, tmp_path):
    for name, shipped in SHIPPED.items():
        assert weights_file(name) == shipped.path
    assert weights_file(run) == run / "net.weights.h5"
    (tmp_path / "a.keras").write_bytes(b"")
    assert weights_file(tmp_path / "a.keras") == tmp_path / "a.keras"


def test_shipped_networks_are_of_their_preset():
    for name, shipped in SHIPPED.items():
        assert find_weights(name).config == PRESETS[shipped.size]


@pytest.mark.parametrize(
    "name", quick(["absent", "absent.keras", "absent/net.weights.h5", "photo.jpg", "model.tflite", "a\nb"], first=2)
)
def test_a_wrong_name_is_told_before_keras_is_imported(tmp_path, name):
    for kind in ("photo.jpg", "model.tflite"):
        (tmp_path / kind).write_bytes(b"x")
    program = (
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from model.zoo import load_network\n"
        "from model import WeightsError\n"
        "try:\n"
        f"    load_network(weights={name!r})\n"
        "except WeightsError as error:\n"
        "    print(len(str(error).splitlines()), 'keras' in sys.modules, 'h5py' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False", "False"]


class TestAuthorsFiles:
    @pytest.mark.parametrize(
        "config",
        [
            MIRNetConfig(channels=8, groups=2, blocks=3, streams=2, columns=1),
            MIRNetConfig(channels=4, groups=1, blocks=1, streams=3, columns=2),
            MIRNetConfig(channels=4, groups=3, blocks=1, streams=2, columns=3),
        ],
    )
    def test_the_network_is_counted(self, tmp_path, config):
        np.savez(tmp_path / "theirs.npz", **their_tensors(MIRNet(config)))
        assert find_weights(tmp_path / "theirs.npz").config == config

    def test_tensors_that_ask_for_more_memory_than_they_have(self, tmp_path, net):
        tensors = their_tensors(net) | {"conv_in.weight": np.zeros((2_000, 3, 3, 3), "float32")}
        np.savez(tmp_path / "greedy.npz", **tensors)
        with pytest.raises(WeightsError, match="is too small for the network"):
            load_network(weights=tmp_path / "greedy.npz")

    def test_another_preset_is_one_sentence(self, tmp_path, net):
        np.savez(tmp_path / "theirs.npz", **their_tensors(net))
        for size in ("paper", "nano"):
            with pytest.raises(WeightsError, match=r"another network than the one asked for \(channels 4 and not"):
                load_network(size, tmp_path / "theirs.npz")


def test_the_card_of_a_real_training_is_read():
    """The run cards that are shipped describe their networks."""
    for shipped in SHIPPED.values():
        card = json.loads(shipped.path.with_name(f"{shipped.name}.json").read_text())
        assert MIRNetConfig(**card["network"]) == PRESETS[shipped.size]
