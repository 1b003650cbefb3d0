"""The TFLite interpreter: right numbers from real models, and errors that name the pip command."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from embedded.tflite import runtime

# Sums of 18 float32 products around 1: a handful of roundings.
FLOAT32_SUMS = 1e-5


def convolve(image: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """3x3 convolution without padding, then ReLU, by the definition: (H, W, C) -> (H-2, W-2, K)."""
    height, width, _ = image.shape
    out = np.empty((height - 2, width - 2, kernel.shape[-1]), np.float32)
    for row in range(height - 2):
        for column in range(width - 2):
            window = image[row : row + 3, column : column + 3]
            out[row, column] = np.tensordot(window, kernel, axes=3) + bias
    return np.maximum(out, 0)


def convert(shape: tuple[int, ...], function) -> bytes:
    """The `.tflite` of a TensorFlow function of one float32 tensor."""

    class Net(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32)])
        def __call__(self, x):
            return function(x)

    net = Net()
    return tf.lite.TFLiteConverter.from_concrete_functions([net.__call__.get_concrete_function()], net).convert()


@pytest.fixture(scope="module")
def case():
    """A converted convolution with its kernel and bias."""
    rng = np.random.default_rng(7)
    kernel = rng.normal(size=(3, 3, 2, 4)).astype(np.float32)
    bias = rng.normal(size=4).astype(np.float32)
    model = convert((1, 8, 6, 2), lambda x: tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "VALID") + bias))
    return model, kernel, bias


def invoke(interpreter, image: np.ndarray) -> np.ndarray:
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[None])
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]


def test_reference_kernels_compute_the_convolution(case):
    model, kernel, bias = case
    image = np.random.default_rng(8).uniform(-1, 1, (8, 6, 2)).astype(np.float32)
    # TensorFlow is imported above, so this also shows that the runtime does not fall over its symbols.
    result = invoke(runtime.reference_interpreter(model), image)
    expected = convolve(image, kernel, bias)
    assert expected.max() > 1 and (expected == 0).any()  # both sides of the ReLU are there
    np.testing.assert_allclose(result, expected, atol=FLOAT32_SUMS)


def test_intermediates_are_kept_when_asked_for(case):
    model, _, bias = case
    interpreter = runtime.reference_interpreter(model, keep_intermediates=True)
    invoke(interpreter, np.zeros((8, 6, 2), np.float32))
    tensors = [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_tensor_details()]
    assert any(t.shape == (1, 6, 4, 4) and np.allclose(t, np.maximum(bias, 0)) for t in tensors)


def test_names_agree(case):
    found = runtime.load_runtime()
    assert runtime.interpreter_class() is found.interpreter
    assert runtime.runtime_version() == f"{found.name} {found.version}" == runtime.self_check()
    assert found.builtin_ref.name == "BUILTIN_REF"
    assert found.name == (
        "tflite-runtime" if sys.version_info < (3, 12) and sys.platform == "linux" else "ai-edge-litert"
    )


@pytest.mark.parametrize("first", ["tensorflow", "embedded.tflite.runtime"])
@pytest.mark.slow
def test_order_of_imports_does_not_matter(first, case, tmp_path):
    (tmp_path / "model.tflite").write_bytes(case[0])
    code = (
        f"import {first}; import tensorflow; from embedded.tflite import runtime; runtime.self_check()\n"
        "runtime.reference_interpreter(open('model.tflite', 'rb').read()).invoke(); print('well')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "well", done.stderr


@pytest.fixture
def fresh():
    """Forget the runtime that was found, before and after."""
    runtime.load_runtime.cache_clear()
    yield
    runtime.load_runtime.cache_clear()


def test_no_runtime_at_all(monkeypatch, fresh):
    monkeypatch.setattr(runtime, "find_spec", lambda name: None)
    with pytest.raises(runtime.RuntimeMissingError, match="pip install ai-edge-litert"):
        runtime.interpreter_class()


def test_tflite_runtime_beside_numpy_2_is_refused_before_it_breaks(monkeypatch, fresh):
    monkeypatch.setattr(runtime, "find_spec", lambda name: object() if name == "tflite_runtime" else None)
    monkeypatch.setattr(runtime.np, "__version__", "2.1.0")
    with pytest.raises(runtime.RuntimeMissingError, match=r"NumPy 2\.1\.0 is here \(pip install 'numpy<2'\)"):
        runtime.interpreter_class()


def test_self_check_tells_a_broken_model(monkeypatch, tmp_path):
    broken = tmp_path / "probe.tflite"
    broken.write_bytes(b"no model")
    monkeypatch.setattr(runtime, "PROBE", broken)
    with pytest.raises(runtime.RuntimeMissingError, match="is here and fails"):
        runtime.self_check()


def test_self_check_tells_wrong_numbers(monkeypatch, tmp_path):
    other = tmp_path / "probe.tflite"
    other.write_bytes(convert((1, 4, 4, 1), lambda x: tf.nn.relu(x * 2.0 - 1.001)))
    monkeypatch.setattr(runtime, "PROBE", other)
    with pytest.raises(runtime.RuntimeMissingError, match="something else than NumPy"):
        runtime.self_check()


def test_probe_is_small():
    assert runtime.PROBE.stat().st_size < 2048
