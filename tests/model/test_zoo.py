"""Networks ready to run, and the many ways a weights file can be wrong."""

import json
import os
from pathlib import Path

import keras
import numpy as np
import pytest
from their_tensors import their_tensors

import model.weights.shipped_weights
from model import MIRNet, MIRNetConfig, MirnetError, WeightsError, load_reference
from model.config import preset
from model.data import open_pairs, split
from model.inference.tiling import enhance
from model.quality.metrics import psnr, ssim
from model.quality.view import PairView
from model.weights.authors import read_tensors, reference_names
from model.weights.shipped_weights import FOLDER, SHIPPED
from model.zoo import load_network, seed_weights

ORACLE = Path(__file__).parents[1] / "fixtures" / "oracle"
SMALL = MIRNetConfig(channels=8, groups=1, blocks=1)
SMALLEST = MIRNetConfig(channels=4, groups=1, blocks=1, streams=2, columns=1)


@pytest.fixture
def net() -> MIRNet:
    net = MIRNet(SMALL)
    seed_weights(net, seed=2)
    return net


@pytest.mark.slow
def test_seeded_weights_are_the_same_everywhere():
    first, again, other = MIRNet(SMALL), MIRNet(SMALL), MIRNet(SMALL)
    for made, seed in ((first, 3), (again, 3), (other, 4)):
        seed_weights(made, seed)
    # The value itself, so that another machine, NumPy or Keras backend that disagrees is noticed.
    assert float(np.asarray(first.shallow.kernel)[0, 0, 0, 0]) == pytest.approx(-0.15948372, abs=1e-7)
    for ours, same in zip(first.weights, again.weights, strict=True):
        np.testing.assert_array_equal(ours, same)
    assert not np.array_equal(first.shallow.kernel, other.shallow.kernel)


@pytest.mark.slow
def test_a_note_says_what_the_weights_are(tmp_path, net):
    assert "random" in load_network(SMALL)[1]
    net.save_weights(tmp_path / "ours.weights.h5")
    loaded, note = load_network(SMALL, tmp_path / "ours.weights.h5")
    assert note == "weights from ours.weights.h5"
    for ours, theirs in zip(net.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_unknown_preset_names_those_that_exist():
    with pytest.raises(MirnetError, match=r"unknown preset 'huge'.*paper.*desk"):
        load_network("huge")


class TestShipped:
    @pytest.mark.slow
    def test_they_are_the_default_of_their_preset(self):
        for name, shipped in SHIPPED.items():
            net, note = load_network(shipped.size)
            assert note == f"weights {name}: {shipped.says}"
            by_name, _ = load_network(weights=name)
            for ours, theirs in zip(net.weights, by_name.weights, strict=True):
                np.testing.assert_array_equal(ours, theirs)
            assert "random" in load_network(shipped.size, "random")[1]
            assert "random" in load_network(preset(shipped.size).replace(channels=4))[1]

    @pytest.mark.slow
    def test_the_softmax_is_compared_with_the_same_weights(self):
        right, wrong = (load_network(preset("desk").replace(skff_softmax=over))[0] for over in ("streams", "channels"))
        np.testing.assert_array_equal(right.last.kernel, wrong.last.kernel)

    def test_a_model_card_and_a_run_card_lie_beside_them(self):
        for name, shipped in SHIPPED.items():
            card = (FOLDER / f"{name}.md").read_text()
            assert shipped.sha256 in card and f"{shipped.psnr:.2f} dB" in card
            run = json.loads((FOLDER / f"{name}.json").read_text())
            assert MIRNetConfig(**run["network"]) == preset(shipped.size)
            assert run["data"]["split"] == "validation.txt"

    @pytest.mark.slow
    def test_a_damaged_or_missing_file_is_noticed(self, tmp_path, monkeypatch):
        monkeypatch.setattr(model.weights.shipped_weights, "FOLDER", tmp_path)
        with pytest.raises(WeightsError, match=r"is missing .*install the package again"):
            load_network("desk")
        content = (FOLDER / "desk.weights.h5").read_bytes()
        (tmp_path / "desk.weights.h5").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(WeightsError, match=r"is damaged .*install the package again"):
            load_network("desk")

    def test_they_need_little_room(self):
        assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 20_000_000

    @pytest.mark.slow
    @pytest.mark.parametrize("name", SHIPPED)
    def test_they_are_as_good_as_they_say(self, name, require):
        require(os.environ.get("MIRNET_LOL"), "needs the LOL pairs: MIRNET_LOL=folder with our485 and validation.txt")
        shipped = SHIPPED[name]
        net, _ = load_network(weights=name)
        pairs, view = open_pairs(Path(os.environ["MIRNET_LOL"]) / "our485"), PairView(frame=shipped.frame)
        scores = []
        for pair in split(pairs).validation:
            low, high = view(*pairs.load(pair))
            restored = enhance(net, low)
            scores.append([psnr(restored, high, data_range=255), ssim(restored, high, data_range=255)])
        found = np.mean(scores, axis=0)
        assert found[0] == pytest.approx(shipped.psnr, abs=0.02)
        assert found[1] == pytest.approx(shipped.ssim, abs=0.002)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.weights.h5", None, "there is no file"),
        ("broken.weights.h5", b"not hdf5", "cannot be read as Keras weights"),
        ("weights.txt", b"1 2 3", "must be in a file that ends in"),
        ("broken.npz", b"PK\x03\x04 but no more", "cannot be read as .npz"),
        ("broken.safetensors", b"\xff" * 20, "safetensors"),
    ],
)
def test_a_wrong_file_gets_one_sentence(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError, match=message):
        load_network(SMALLEST, tmp_path / name)


def test_weights_of_another_network_are_refused_and_change_nothing(tmp_path, net):
    MIRNet(SMALL.replace(blocks=2)).save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(WeightsError, match="holds the weights of another network"):
        load_network(SMALL, tmp_path / "other.weights.h5")


def test_weights_that_are_not_finite_are_refused(tmp_path, net):
    net.shallow.kernel.assign(np.full(net.shallow.kernel.shape, np.nan))
    net.save_weights(tmp_path / "nan.weights.h5")
    with pytest.raises(WeightsError, match="not finite"):
        load_network(SMALL, tmp_path / "nan.weights.h5")


class TestReference:
    def test_round_trip_through_the_authors_names(self, tmp_path, net):
        np.savez(tmp_path / "theirs.npz", **their_tensors(net))
        loaded, _ = load_network(SMALL, tmp_path / "theirs.npz")
        for ours, theirs in zip(net.weights, loaded.weights, strict=True):
            np.testing.assert_array_equal(ours, theirs)

    def test_safetensors_and_checkpoints_of_several_gpus(self, tmp_path, net, require):
        tensors = {name: np.ascontiguousarray(value) for name, value in their_tensors(net).items()}
        safetensors = pytest.importorskip("safetensors.numpy", reason="needs safetensors: pip install safetensors")
        safetensors.save_file(tensors, tmp_path / "theirs.safetensors")
        read = read_tensors(tmp_path / "theirs.safetensors")
        assert read.keys() == tensors.keys()
        load_reference(MIRNet(SMALL), read)

    def test_pth(self, tmp_path, net):
        torch = pytest.importorskip("torch", reason="needs torch: pip install torch")
        state = {f"module.{name}": torch.from_numpy(value.copy()) for name, value in their_tensors(net).items()}
        torch.save({"epoch": 3, "state_dict": state}, tmp_path / "theirs.pth")
        loaded, _ = load_network(SMALL, tmp_path / "theirs.pth")
        np.testing.assert_array_equal(loaded.shallow.kernel, net.shallow.kernel)

    @pytest.mark.slow
    def test_every_official_name_is_known_and_no_other(self):
        with np.load(ORACLE / "mirnet_n16_r2_m2.npz") as file:
            names = {name[2:] for name in file.files if name.startswith("w/")}
            aliases = json.loads(bytes(file["meta/aliases_json"]).decode())
        official = names | {alias for others in aliases.values() for alias in others}
        ours = {name for name, _ in reference_names(MIRNet(MIRNetConfig(channels=16, groups=2, blocks=2)))}
        assert ours == official
        assert len(official) == 532

    def test_everything_that_differs_is_listed_and_nothing_changes(self, net):
        tensors = their_tensors(net)
        del tensors["conv_in.weight"]
        tensors["body.9.weight"] = np.zeros(3)
        tensors["conv_out.weight"] = np.zeros((3, 9, 3, 3))
        tensors["body.0.body.0.conv_out.weight"] = np.full((8, 8, 3, 3), np.nan)
        tensors["body.0.body.0.blocks.0.1.body.0.weight"] = np.ones((8, 8, 3, 3))
        tensors["body.0.body.0.down.8_2.body.0.bot.0.filt"] = np.ones((8, 1, 3, 3))
        before = net.get_weights()
        with pytest.raises(WeightsError) as caught:
            load_reference(net, tensors)
        message = str(caught.value)
        for part in (
            "missing name: conv_in.weight",
            "unknown name: body.9.weight",
            "conv_out.weight has the shape (3, 9, 3, 3)",
            "not finite numbers",
            "blocks.0.1.body.0.weight differs from body.0.body.0.blocks.0.0.body.0.weight",
            "filt is not the binomial blur filter",
        ):
            assert part in message
        for old, new in zip(before, net.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)

    def test_a_layer_that_is_no_component_is_refused(self):
        with pytest.raises(WeightsError, match="not for Dense"):
            load_reference(keras.layers.Dense(2), {})
