"""Damaged files of weights: one error, or a network whose every weight is in the file; never a half of one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from their_tensors import their_tensors

from model import WeightsError
from model.weights.tensor_files import of_one_network, read_tensors
from model.zoo import load_network

COUNT = 200

pytestmark = pytest.mark.slow


def mutated(content: bytes, seed: int) -> bytes:
    """The same bytes, damaged in one of the ways in which files are."""
    rng = np.random.default_rng(seed)
    start, end = sorted(int(place) for place in rng.integers(0, len(content) + 1, 2))
    near = min(len(content), start + int(rng.integers(1, 64)))
    at_an_end = int(rng.integers(0, 400)) % len(content)  # headers are there, and directories
    at = [int(rng.integers(0, len(content))), at_an_end, len(content) - 1 - at_an_end][seed // 8 % 3]
    match seed % 8:
        case 0 | 1:
            return content[:at] + bytes([content[at] ^ 1 << int(rng.integers(0, 8))]) + content[at + 1 :]
        case 2:
            return content[:at] + rng.bytes(int(rng.integers(1, 9))) + content[at + 8 :]
        case 3:
            return content[:end]
        case 4:
            return content[:start] + content[near:]
        case 5:
            return content[:start] + bytes(near - start) + content[near:]
        case 6:
            return content[:at] + b"\xff" * 8 + content[at + 8 :]
        case _:
            return content[:start] + rng.bytes(16) + content[start:]


def save_keras(net, path: Path) -> None:
    net.save(path)


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
    ".npz": save_npz,
    ".safetensors": save_safetensors,
    ".pth": save_pth,
}


@pytest.mark.parametrize("suffix", KINDS)
def test_damaged_files(tmp_path, net, suffix):
    path = tmp_path / f"whole{suffix}"
    KINDS[suffix](net, path)
    content, expected = path.read_bytes(), [np.asarray(weight) for weight in net.weights]
    path, refused = tmp_path / f"damaged{suffix}", 0
    for seed in range(COUNT):
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
        if suffix in (".keras", ".npz"):  # archives with checksums: what is read is what was written
            for ours, theirs in zip(expected, found, strict=True):
                np.testing.assert_array_equal(ours, theirs, err_msg=str(seed))
        else:
            inside = of_one_network(read_tensors(path))
            for name, value in their_tensors(loaded).items():
                np.testing.assert_array_equal(value, inside[name], err_msg=f"{seed} {name}")
    assert COUNT // 3 < refused <= COUNT
