"""ONNX: equal to Keras at any size that fits, a sentence for others, and a file that says what it is."""

import re
from importlib.util import find_spec

import numpy as np
import pytest

from embedded.quantize import onnx_model as onnx_export
from embedded.quantize.onnx_model import ONNX_TOLERANCE, check_onnx, onnx_model, size_rule
from model.config import MIRNetConfig, preset
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.zoo import load_network, seed_weights

SMALL = MIRNetConfig(channels=4, groups=1, blocks=1, streams=2, columns=1)
BOARD = preset("nano").replace(channels=4, stem=2, streams=2, columns=1)  # companding, space-to-depth, ReLU


@pytest.fixture(autouse=True)
def _packages(require):
    require(find_spec("tf2onnx") and find_spec("onnxruntime"), "needs pip install 'mirnet-explainer[onnx]'")


@pytest.fixture(scope="module")
def small() -> tuple[MIRNet, bytes]:
    pytest.importorskip("tf2onnx", reason="needs pip install 'mirnet-explainer[onnx]'")
    net = MIRNet(SMALL)
    seed_weights(net, 1)
    return net, onnx_model(net, "weights of a test")


def run(model: bytes, images: np.ndarray) -> np.ndarray:
    import onnxruntime

    return onnxruntime.InferenceSession(model).run(["restored"], {"images": images})[0]


@pytest.mark.parametrize("size", [(2, 2), (32, 48), (64, 64), (36, 100), (98, 6)])
@pytest.mark.parametrize("batch", [1, 3])
def test_it_equals_keras_at_any_size(small, size, batch):
    net, model = small
    images = np.random.default_rng(5).random((batch, *size, 3), dtype=np.float32)
    np.testing.assert_allclose(run(model, images), net(images), atol=ONNX_TOLERANCE, rtol=0)


@pytest.mark.slow
def test_the_boards_style(require):
    net = MIRNet(BOARD)
    seed_weights(net, 2)
    images = np.random.default_rng(5).random((1, 24, 40, 3), dtype=np.float32)
    model = onnx_model(net)
    np.testing.assert_allclose(run(model, images), net(images), atol=ONNX_TOLERANCE, rtol=0)
    assert check_onnx(model, net) <= ONNX_TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize(("name", "weights"), [("desk", "desk"), ("paper", "random")])
def test_desk_and_the_papers_network_on_three_sizes(name, weights):
    net, _ = load_network(name, weights)
    assert 0 < check_onnx(onnx_model(net), net, [(32, 48), (64, 64), (36, 20)]) <= ONNX_TOLERANCE


@pytest.mark.parametrize("size", [(33, 48), (32, 47), (1, 1)])
def test_a_size_that_does_not_fit_is_refused_with_a_sentence(small, size):
    net, model = small
    with pytest.raises(Exception, match=re.escape(size_rule(net.config))):
        run(model, np.zeros((1, *size, 3), np.float32))
    assert size_rule(net.config).startswith("height and width must be multiples of 2:")


def test_the_file_says_what_it_is(small):
    import onnx

    net, content = small
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert "weights of a test" in model.doc_string and size_rule(net.config) in model.doc_string
    notes = {each.key: each.value for each in model.metadata_props}
    assert (notes["multiple"], notes["channels"], notes["streams"]) == ("2", "4", "2")
    for value, name in ((model.graph.input[0], "images"), (model.graph.output[0], "restored")):
        axes = [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
        assert (value.name, axes) == (name, ["batch", "height", "width", 3])


def test_a_file_that_computes_something_else_is_found(small):
    _, model = small
    other = MIRNet(SMALL)
    seed_weights(other, 7)
    with pytest.raises(MirnetError, match=r"the ONNX file differs from the network by \d"):
        check_onnx(model, other)


def test_what_is_missing_is_named(small, monkeypatch):
    monkeypatch.setattr("model.safety.arguments.find_spec", lambda name: None)
    for call in (lambda: onnx_model(small[0]), lambda: check_onnx(small[1], small[0])):
        with pytest.raises(MirnetError, match=r"ONNX needs (tf2onnx|onnxruntime): pip install"):
            call()


def test_keras_on_another_backend_is_refused(small, monkeypatch):
    monkeypatch.setattr(onnx_export.keras.backend, "backend", lambda: "jax")
    with pytest.raises(MirnetError, match="set KERAS_BACKEND=tensorflow"):
        onnx_model(small[0])
