"""The engine openvino: the same pictures, tile by tile too, and one line where it cannot be."""

from importlib.util import find_spec

import numpy as np
import pytest

from model import MIRNet, MIRNetConfig, MirnetError, enhance
from model.inference.openvino_net import weights_checksum
from model.samples import load_sample
from model.zoo import seed_weights

EXACT = 1e-5
"""Float32 sums in another order."""


@pytest.fixture
def net(require) -> MIRNet:
    require(find_spec("openvino"), "needs openvino: pip install 'mirnet-explainer[fast]'")
    net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1, streams=2))
    seed_weights(net, seed=1)
    return net


def photo(height: int, width: int) -> np.ndarray:
    return load_sample("coffee")[0][:height, :width] / np.float32(255)


@pytest.mark.slow
def test_it_gives_what_keras_gives_also_after_a_change_of_weights(net):
    for seed in (1, 2):
        seed_weights(net, seed)
        for size in ((40, 56), (33, 50)):
            expected = enhance(net, photo(*size))
            np.testing.assert_allclose(enhance(net, photo(*size), engine="openvino"), expected, rtol=0, atol=EXACT)


@pytest.mark.slow
def test_tiles_share_the_averages_of_the_whole(net):
    tiled = [enhance(net, photo(140, 300), max_tile=128, engine=engine) for engine in ("keras", "openvino")]
    np.testing.assert_allclose(*tiled, rtol=0, atol=EXACT)


def test_the_checksum_is_that_of_the_weights():
    net = MIRNet(MIRNetConfig(channels=2, groups=1, blocks=1, streams=2))
    seed_weights(net, seed=1)
    first = weights_checksum(net)
    assert weights_checksum(net) == first
    net.trainable_variables[3].assign(net.trainable_variables[3] * 1.0001)
    assert weights_checksum(net) != first


def test_what_is_missing_is_one_line(monkeypatch):
    net = MIRNet(MIRNetConfig(channels=2, groups=1, blocks=1, streams=2))
    monkeypatch.setattr("model.safety.arguments.find_spec", lambda name: None)
    with pytest.raises(MirnetError, match=r"engine openvino needs openvino: pip install 'mirnet-explainer\[fast\]'"):
        enhance(net, photo(8, 8), engine="openvino")
    with pytest.raises(MirnetError, match="engine must be one of keras, openvino, not 'tpu'"):
        enhance(net, photo(8, 8), engine="tpu")
