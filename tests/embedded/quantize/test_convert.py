"""TensorFlow's converter, asked the right way: floats equal Keras, and size and precision are checked."""

import warnings

import numpy as np
import pytest
import tensorflow as tf

from embedded.camera.pixel_tables import network_input
from embedded.quantize.convert import board_graph, float_model, grid
from embedded.tflite.graph_file import read_graph
from embedded.tflite.runtime import load_runtime
from model.config import MIRNetConfig, preset
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.samples import load_sample
from model.zoo import load_network, seed_weights

FLOAT32 = 1e-4  # some hundred convolutions in a row, sums in another order
SIZE = (32, 48)


def run(model: bytes, images: np.ndarray) -> np.ndarray:
    """With the kernels of TensorFlow itself, as new phones have them: those of tflite-runtime 2.14 are from 2023."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*tf.lite.Interpreter is deprecated")
        interpreter = tf.lite.Interpreter(model_content=model)
    if tuple(interpreter.get_input_details()[0]["shape"]) != images.shape:
        interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], images.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], images)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


@pytest.fixture(scope="module")
def tiny() -> MIRNet:
    net = MIRNet(MIRNetConfig(channels=16, groups=1, blocks=1, streams=2, columns=1))
    seed_weights(net)
    return net


@pytest.fixture(scope="module")
def whole(tiny) -> bytes:
    """The tiny network in float32."""
    return float_model(tiny, SIZE)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return load_sample("room")[0][None, : SIZE[0], : SIZE[1]] / np.float32(255)


def test_float32_equals_keras(tiny, whole, photo):
    np.testing.assert_allclose(run(whole, photo), tiny(photo), atol=FLOAT32)
    assert all(len(tensor.shape) <= 5 for tensor in read_graph(whole).tensors)


@pytest.fixture(scope="module")
def free(tiny) -> bytes:
    """The tiny network in float32, for pictures of any size."""
    return float_model(tiny, None)


@pytest.mark.parametrize("size", [SIZE, (64, 64), (36, 10), (2, 2)])
def test_of_free_size_it_equals_keras_too(tiny, free, size):
    images = np.random.default_rng(3).random((1, *size, 3), dtype=np.float32)
    np.testing.assert_allclose(run(free, images), tiny(images), atol=FLOAT32)


@pytest.mark.parametrize("size", [(33, 48), (32, 47)])
def test_of_free_size_it_refuses_what_does_not_fit(free, size):
    with pytest.raises((ValueError, RuntimeError), match="RESHAPE"):
        run(free, np.zeros((1, *size, 3), np.float32))


@pytest.mark.slow
def test_the_default_kernels_of_tflite_runtime_give_nan(require):
    """What `RUNTIME_NOTE` says; should a version not do so, the note can go."""
    runtime = load_runtime()
    require((runtime.name, runtime.version) == ("tflite-runtime", "2.14.0"), "needs tflite-runtime 2.14")
    net, _ = load_network("desk")
    interpreter = runtime.interpreter(model_content=float_model(net, (64, 64)))
    interpreter.allocate_tensors()
    images = load_sample("room")[0][None, :64, :64] / np.float32(255)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], images)
    interpreter.invoke()
    assert np.isnan(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])).any()


@pytest.mark.slow
def test_the_shipped_desk_equals_keras(photo):
    net, _ = load_network("desk")
    np.testing.assert_allclose(run(float_model(net, SIZE), photo), net(photo), atol=FLOAT32)


def test_a_board_network_whole_with_its_pixels(photo):
    """Companding and space to depth inside: a phone takes the picture as it is."""
    net = MIRNet(preset("nano").replace(channels=4, stem=2, streams=2, columns=1))
    seed_weights(net)
    np.testing.assert_allclose(run(float_model(net, SIZE), photo), net(photo), atol=FLOAT32)


@pytest.mark.parametrize(("precision", "share", "error"), [("float16", 0.7, 2e-3), ("dynamic", 0.6, 2e-2)])
def test_smaller_files_are_nearly_the_same(tiny, whole, photo, precision, share, error):
    """Shares of the file of so small a network, a fifth of which is its structure."""
    small = float_model(tiny, SIZE, precision)
    assert len(small) < share * len(whole)
    expected = np.asarray(tiny(photo))
    found = run(small, photo)
    assert np.abs(found - expected).max() < error * np.ptp(expected)
    assert not np.array_equal(found, expected)


@pytest.mark.slow
def test_the_papers_size(photo):
    """31.8 million parameters, 127 MB."""
    net = MIRNet(preset("paper"))
    seed_weights(net)
    model = float_model(net, SIZE)
    assert 31_787_419 * 4 < len(model) < 31_787_419 * 4 * 1.02
    expected = np.asarray(net(photo))
    np.testing.assert_allclose(run(model, photo), expected, atol=FLOAT32 * max(1, np.abs(expected).max()))


def test_both_kinds_of_board_graph_have_the_same_operators(small, float_graph):
    real, whole = read_graph(float_graph), small.emulator.graph
    assert [each.kind for each in real.operators] == [each.kind for each in whole.operators]
    assert real.tensors[real.inputs[0]].dtype == np.float32


@pytest.mark.slow
def test_the_converter_is_quiet(small, pictures, capfd):
    """The converter's C++ code would print a line or two, past Python."""
    board_graph(small.net, [network_input(picture, small.net.config) for picture in pictures[:2]])
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_converting_twice_gives_the_same_bytes(small, float_graph):
    assert board_graph(small.net) == float_graph


def test_wrong_wishes(tiny):
    with pytest.raises(MirnetError, match="multiples of 2, not 31 x 48"):
        float_model(tiny, (31, 48))
    with pytest.raises(MirnetError, match="precision must be one of float32, float16, dynamic, not 'int4'"):
        float_model(tiny, SIZE, "int4")
    with pytest.raises(MirnetError, match="a frame of 120 x 160 needs sides that are multiples of 16"):
        grid(preset("nano").replace(stem=4))
