"""Small networks, saved in each of the ways that weights come in."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model import MIRNet, MIRNetConfig
from model.zoo import load_network, seed_weights

SMALL = MIRNetConfig(channels=4, groups=1, blocks=1, streams=2, columns=1)


@pytest.fixture(scope="session")
def net() -> MIRNet:
    """Of a size that no preset has; to be left as it is."""
    net = MIRNet(SMALL)
    seed_weights(net, seed=2)
    return net


@pytest.fixture
def run(net, tmp_path) -> Path:
    """A run folder, as `mirnet train` leaves it."""
    folder = tmp_path / "run"
    folder.mkdir()
    net.save_weights(folder / "net.weights.h5")
    (folder / "run.json").write_text(json.dumps({"preset": "1x1", "network": net.config.to_dict()}))
    return folder


@pytest.fixture
def same(net) -> Callable[[Path], str]:
    """Loads weights, checks that they and their network are those of `net`, and returns what is said of them."""

    def check(weights: Path, **how) -> str:
        loaded, note = load_network(weights=weights, **how)
        assert loaded.config == net.config
        for ours, theirs in zip(net.weights, loaded.weights, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        return note

    return check
