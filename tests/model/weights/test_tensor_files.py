"""Arrays under the authors' names, in the checkpoints that others keep them in."""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from quick import quick
from their_tensors import their_tensors

from model import SKFF, MIRNet, WeightsError, load_reference
from model.weights.tensor_files import of_one_network, read_tensors
from model.zoo import load_network, seed_weights

ROOT = Path(__file__).parents[3]

AROUND = [
    "module.",  # DataParallel
    "params.",
    "params_ema.",
    "model.",
    "net.",
    "state_dict.",
    "state_dict.module.",
    "params_ema.module.",
    "_orig_mod.",  # torch.compile
    "generator.",
    "w/",
]


def put_around(tensors, before):
    return {before + name: value for name, value in tensors.items()}


@pytest.mark.parametrize("before", quick(AROUND, "params_ema.module.", first=2))
def test_what_is_around_the_names_in_an_npz(tmp_path, net, same, before):
    np.savez(tmp_path / "theirs.npz", **put_around(their_tensors(net), before))
    same(tmp_path / "theirs.npz")


@pytest.mark.parametrize("before", ["module.", "params.", "model.module."])
def test_what_is_around_the_names_in_safetensors(tmp_path, net, same, before):
    safetensors = pytest.importorskip("safetensors.numpy", reason="needs safetensors: pip install safetensors")
    safetensors.save_file(put_around(their_tensors(net), before), tmp_path / "theirs.safetensors")
    same(tmp_path / "theirs.safetensors")


@pytest.mark.parametrize("kind", ["bfloat16", "float16", "float64"])
def test_other_floats_in_safetensors(tmp_path, net, kind):
    """What large networks are published in; `float32` is what they become."""
    safetensors = pytest.importorskip("safetensors.numpy", reason="needs safetensors: pip install safetensors")
    import ml_dtypes

    dtype = np.dtype(getattr(ml_dtypes, kind, kind))
    theirs = {name: value.astype(dtype) for name, value in their_tensors(net).items()}
    safetensors.save_file(theirs, tmp_path / "theirs.safetensors", metadata={"format": "pt"})
    loaded, _ = load_network(weights=tmp_path / "theirs.safetensors")
    np.testing.assert_array_equal(loaded.last.kernel, np.asarray(net.last.kernel).astype(dtype).astype("float32"))
    # And in a process in which nothing has told NumPy of bfloat16.
    program = "import sys; from model.weights.sources import find_weights; print(find_weights(sys.argv[1]).config)"
    argv = [sys.executable, "-c", program, tmp_path / "theirs.safetensors"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(net.config)


def in_dictionaries(state, kind):
    """A checkpoint as a training leaves it."""
    return {
        "bare": lambda: state,
        "module": lambda: put_around(state, "module."),
        "state_dict": lambda: {"epoch": 3, "state_dict": state, "optimizer": {"state": {0: {"step": 7}}}},
        "params": lambda: {"params": state},
        "params and params_ema": lambda: {"params": {k: v * 0 for k, v in state.items()}, "params_ema": state},
        "model": lambda: {"model": put_around(state, "module."), "lr": 1e-4, "name": "MIRNet", "best": None},
        "net": lambda: {"net": state, "args": {"lr": 0.1, "steps": [1, 2]}},
        "numbers among them": lambda: {**state, "epoch": 3, "psnr": 21.5},
    }[kind]()


@pytest.mark.parametrize(
    "kind",
    ["bare", "module", "state_dict", "params", "params and params_ema", "model", "net", "numbers among them"],
)
def test_checkpoints_of_pytorch(tmp_path, net, same, kind):
    torch = pytest.importorskip("torch", reason="needs torch: pip install torch")
    state = {name: torch.from_numpy(value.copy()) for name, value in their_tensors(net).items()}
    torch.save(in_dictionaries(state, kind), tmp_path / "theirs.pth")
    same(tmp_path / "theirs.pth")


def test_a_pickle_is_not_run(tmp_path):
    torch = pytest.importorskip("torch", reason="needs torch: pip install torch")

    class Trap:
        def __reduce__(self):
            return open, (str(tmp_path / "sprung"), "w")

    torch.save({"state_dict": Trap()}, tmp_path / "trap.pth")
    with pytest.raises(WeightsError, match="holds Python objects beside tensors") as caught:
        load_network(weights=tmp_path / "trap.pth")
    assert "weights_only" not in str(caught.value)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(("place", "bit"), [(16, 0x01), (38, 0x10)], ids=["checksum", "a folder"])
def test_an_archive_that_pytorch_reads_without_its_numbers(tmp_path, net, place, bit):
    torch = pytest.importorskip("torch", reason="needs torch: pip install torch")
    path = tmp_path / "theirs.pth"
    torch.save({name: torch.from_numpy(value) for name, value in their_tensors(net).items()}, path)
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02", 0, content.rindex(b"/data/6"))  # in the list at the archive's end
    content[entry + place] ^= bit
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"data/6.* in it is not as it was written"):
        load_network(weights=path)


@pytest.mark.parametrize(
    "others", [{"epoch": 3}, {"psnr": 21.5, "name": "MIRNet"}, {"step": np.int64(7), "best": True}]
)
def test_numbers_and_texts_among_the_arrays(tmp_path, net, same, others):
    np.savez(tmp_path / "theirs.npz", **their_tensors(net), **others)
    same(tmp_path / "theirs.npz")


def test_a_member_that_is_no_array(tmp_path, net, same):
    """A text that somebody put beside the arrays is left out; a damaged array is missed by its name."""
    np.savez(tmp_path / "theirs.npz", **their_tensors(net))
    with zipfile.ZipFile(tmp_path / "theirs.npz", "a") as archive:
        archive.writestr("notes", "the learning rate was 2e-4")
    same(tmp_path / "theirs.npz")
    name = next(iter(their_tensors(net)))
    np.savez(tmp_path / "damaged.npz", **{k: v for k, v in their_tensors(net).items() if k != name})
    with zipfile.ZipFile(tmp_path / "damaged.npz", "a") as archive:
        archive.writestr(f"{name}.npy", b"\x92NUMPY of which the first byte was damaged")
    with pytest.raises(WeightsError, match=re.escape(name)):
        load_network(weights=tmp_path / "damaged.npz")


def test_an_optimizer_beside_the_network(tmp_path, net, same):
    tensors = put_around(their_tensors(net), "params.")
    np.savez(tmp_path / "theirs.npz", **tensors, **{f"optimizer.{k}.exp_avg": np.zeros(3) for k in range(5)})
    same(tmp_path / "theirs.npz")


def test_averaged_weights_go_before_others(tmp_path, net, same):
    tensors = their_tensors(net)
    others = {name: value + 1 for name, value in tensors.items()}
    np.savez(tmp_path / "both.npz", **put_around(others, "params."), **put_around(tensors, "params_ema."))
    same(tmp_path / "both.npz")


@pytest.mark.parametrize("names", [("a.", "b."), ("", "teacher."), ("ema.1.", "ema.2.")])
def test_several_networks_in_a_file_are_named(tmp_path, net, names):
    np.savez(
        tmp_path / "two.npz", **{k: v for before in names for k, v in put_around(their_tensors(net), before).items()}
    )
    with pytest.raises(WeightsError, match=r"there are 2 networks in this file \(.*save the one you mean alone"):
        load_network(weights=tmp_path / "two.npz")


VERSION_2 = ("conv_in.weight", "body.0.body.0.dau_top.body.0.weight", "body.0.body.0.skff_top.conv_du.0.weight")


@pytest.mark.parametrize("before", ["", "module.", "params."])
def test_version_2_is_named(tmp_path, before):
    np.savez(tmp_path / "v2.npz", **put_around({name: np.zeros((80, 3, 3, 3)) for name in VERSION_2}, before))
    for size in (None, "paper"):
        with pytest.raises(WeightsError, match="weights of MIRNet-v2"):
            load_network(size, tmp_path / "v2.npz")


@pytest.mark.parametrize(
    "tensors",
    [
        {"encoder.0.weight": np.zeros((8, 3, 3, 3)), "decoder.0.weight": np.zeros((8, 3, 3, 3))},
        {"conv_in.weight": np.zeros(8)},
        {"conv_in.weight": np.zeros((8, 3, 3, 3)), "body.0.weight": np.zeros((8, 8, 3, 3))},
        {"arr_0": np.zeros(5)},
        {"epoch": np.int64(3)},
    ],
)
def test_other_networks_are_refused_by_what_they_have(tmp_path, tensors):
    np.savez(tmp_path / "other.npz", **tensors)
    with pytest.raises(WeightsError, match="these are not the weights of a MIRNet"):
        load_network(weights=tmp_path / "other.npz")


@pytest.mark.parametrize(
    "spoilt",
    [
        np.full((4, 3, 3, 3), 1e300),  # infinite in float32
        np.full((4, 3, 3, 3), np.nan),
        np.full((4, 3, 3, 3), 1j),
        np.zeros((4, 3, 3, 3), "V4"),
        np.zeros((4, 3, 3, 3), "M8[s]"),
    ],
    ids=["too large", "NaN", "complex", "bytes", "dates"],
)
def test_arrays_that_are_no_weights(tmp_path, net, spoilt):
    np.savez(tmp_path / "spoilt.npz", **their_tensors(net) | {"conv_in.weight": spoilt})
    with pytest.raises(WeightsError, match=r"conv_in.weight"):
        load_network(weights=tmp_path / "spoilt.npz")


def test_objects_in_an_npz_are_not_unpickled(tmp_path, net):
    np.savez(tmp_path / "trap.npz", **their_tensors(net), trap=np.array([print], dtype=object))
    with pytest.raises(WeightsError, match=r"trap.npz cannot be read as .npz"):
        load_network(weights=tmp_path / "trap.npz")


def test_an_archive_that_would_fill_the_memory(tmp_path):
    content = io.BytesIO()
    np.save(content, np.zeros(2**20, "float32"))
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(80):
            archive.writestr(f"zeros_{k}.npy", content.getvalue())
    with pytest.raises(WeightsError, match="would unpack to 3"):
        read_tensors(tmp_path / "bomb.npz")


def test_a_component_in_a_wrapper(net):
    """What is before the names of a single component is cut off as well."""
    fusion = SKFF(8, streams=2)
    tensors = their_tensors(fusion)
    other = SKFF(8, streams=2)
    seed_weights(other, 9)
    load_reference(other, put_around(tensors, "module."))
    for ours, theirs in zip(fusion.weights, other.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_names_without_the_first_are_left_as_they_are():
    tensors = {"module.body.0.weight": np.zeros(1)}
    assert of_one_network(tensors).keys() == tensors.keys()


def test_the_boards_style_has_no_names_of_the_authors():
    with pytest.raises(WeightsError, match="known for the style paper, not for board"):
        load_reference(MIRNet.from_preset("nano"), {})
