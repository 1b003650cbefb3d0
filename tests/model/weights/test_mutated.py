"""Damaged files of weights: one error, or a network whose every weight is in the file; never a half of one."""

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from damage import SEEDS, mutated
from their_tensors import their_tensors

from model import WeightsError
from model.weights.tensor_files import of_one_network, read_tensors
from model.zoo import load_network

pytestmark = pytest.mark.slow


def save_keras(net, path: Path) -> None:
    net.save(path)


def save_h5(net, path: Path) -> None:
    net.save_weights(path)
    (path.parent / "run.json").write_text(json.dumps({"network": net.config.to_dict()}))


def save_npz(net, path: Path) -> None:
    np.savez(path, **their_tensors(net))


def save_safetensors(net, path: Path) -> None:
    pytest.importorskip("safetensors", reason="needs safetensors: pip install safetensors")
    from safetensors.numpy import save_file

    save_file(their_tensors(net), path)


def save_pth(net, path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs torch: pip install torch")
    torch.save({"params": {name: torch.from_numpy(value) for name, value in their_tensors(net).items()}}, path)


KINDS: dict[str, Callable] = {
    ".keras": save_keras,
    ".weights.h5": save_h5,
    ".npz": save_npz,
    ".safetensors": save_safetensors,
    ".pth": save_pth,
}


def arrays_in(path: Path) -> list[np.ndarray]:
    """All arrays of an HDF5 file."""
    found = []
    with h5py.File(path) as file:
        file.visititems(lambda _, item: found.append(item[()]) if isinstance(item, h5py.Dataset) else None)
    return found


@pytest.mark.parametrize("suffix", KINDS)
def test_damaged_files(tmp_path, net, suffix):
    path = tmp_path / f"whole{suffix}"
    KINDS[suffix](net, path)
    content, expected = path.read_bytes(), [np.asarray(weight) for weight in net.weights]
    path, refused = tmp_path / f"damaged{suffix}", 0
    for seed in SEEDS:
        path.write_bytes(mutated(content, seed))
        try:
            loaded, _ = load_network(weights=path)
        except WeightsError as error:
            assert error.__cause__ is None or not isinstance(error.__cause__, WeightsError)
            refused += 1
            continue
        assert loaded.config.replace(skff_softmax="streams") == net.config, seed
        found = [np.asarray(weight) for weight in loaded.weights]
        assert all(np.isfinite(weight).all() for weight in found), seed
        if suffix in (".keras", ".npz", ".pth"):  # archives with checksums: what is read is what was written
            for ours, theirs in zip(expected, found, strict=True):
                np.testing.assert_array_equal(ours, theirs, err_msg=str(seed))
        elif suffix == ".weights.h5":  # no checksum: what is read is what is in the file, whole
            inside = arrays_in(path)
            for weight in found:
                assert any(np.array_equal(weight, array) for array in inside), seed
        else:
            inside = of_one_network(read_tensors(path))
            for name, value in their_tensors(loaded).items():
                close = 1e-5 if name.endswith(".filt") else 0  # a constant of ours: theirs has to be the same filter
                np.testing.assert_allclose(value, inside[name], rtol=0, atol=close, err_msg=f"{seed} {name}")
    print(f"{suffix}: {refused} of {len(SEEDS)} damaged files refused, the others read as they are")
    assert len(SEEDS) // 3 < refused <= len(SEEDS)
