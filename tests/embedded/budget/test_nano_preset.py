"""The preset `nano` fits the board: converted to int8, its operators, shapes, memory and flash are counted."""

import warnings
from collections import Counter

import keras
import numpy as np
import pytest
import tensorflow as tf

from embedded.models.shipped_models import NANO, model_file
from embedded.tflite.runtime import reference_interpreter
from model.config import preset
from model.images.camera_formats import COLUMNS, ROWS, space_to_depth
from model.samples import SAMPLES, load_sample
from model.zoo import load_network

LIVE_BYTES = 130_000
FLASH_BYTES = 600_000
MACS = 70e6

ON_THE_BOARD = {  # operators that TensorFlow Lite Micro has for int8, and that the C generator will have
    *("ADD", "MUL", "CONV_2D", "DEPTHWISE_CONV_2D", "CONCATENATION", "LOGISTIC", "MEAN", "REDUCE_MAX", "MIRROR_PAD"),
    *("PAD", "RESHAPE", "RESIZE_BILINEAR", "SOFTMAX", "STRIDED_SLICE", "TRANSPOSE"),
}


@pytest.fixture(scope="module", params=["shipped", pytest.param("converted", marks=pytest.mark.slow)])
def converted(request) -> bytes:
    """The graph of `nano-float` as int8: the one of the package, or ranges plainly taken from dark photos."""
    if request.param == "shipped":
        return model_file(NANO).read_bytes()
    net, _ = load_network(weights="nano-float")
    config = net.config
    grid = (ROWS // config.stem, COLUMNS // config.stem, config.depth)
    frame = keras.Input(grid, batch_size=1)
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(frame, net.residual(frame)))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    photos = [load_sample(sample.name)[0][:ROWS, :COLUMNS] / np.float32(255) for sample in SAMPLES]
    companded = [np.log1p(config.companding * photo) / np.log1p(config.companding) for photo in photos]
    blocks = [space_to_depth(photo, config.stem)[None].astype("float32") for photo in companded]
    converter.representative_dataset = lambda: ([each] for each in blocks)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    with warnings.catch_warnings():  # TensorFlow's own, about an input whose range it does find
        warnings.filterwarnings("ignore", "Statistics for quantized inputs were expected")
        return converter.convert()


@pytest.fixture(scope="module")
def interpreter(converted):
    return reference_interpreter(converted)


def operators(interpreter) -> list[dict]:
    return [each for each in interpreter._get_ops_details() if each["op_name"] != "DELEGATE"]


def tensors(interpreter) -> dict[int, dict]:
    return {each["index"]: each for each in interpreter.get_tensor_details()}


def size(tensor: dict) -> int:
    return int(np.prod(tensor["shape"])) * np.dtype(tensor["dtype"]).itemsize


def test_only_operators_that_the_board_has(interpreter):
    used = Counter(each["op_name"] for each in operators(interpreter))
    assert set(used) <= ON_THE_BOARD
    assert used["CONV_2D"] > 50  # it is the whole network that was looked at


def test_four_axes_and_whole_numbers(interpreter):
    for tensor in tensors(interpreter).values():
        assert len(tensor["shape"]) <= 4, tensor["name"]
        assert tensor["dtype"] in (np.int8, np.int32), tensor["name"]


def test_live_tensors_fit_the_memory(interpreter):
    made, used, known = {interpreter.get_input_details()[0]["index"]: -1}, {}, tensors(interpreter)
    steps = operators(interpreter)
    for step, each in enumerate(steps):
        made |= {int(index): step for index in each["outputs"]}
        used |= {int(index): step for index in each["inputs"]}
    used[interpreter.get_output_details()[0]["index"]] = len(steps)
    live = [
        sum(size(known[index]) for index, since in made.items() if since <= step <= used.get(index, since))
        for step in range(len(steps))
    ]
    assert 30_000 < max(live) <= LIVE_BYTES


def test_work_and_flash(interpreter, converted):
    known, macs = tensors(interpreter), 0
    for each in operators(interpreter):
        if each["op_name"] == "CONV_2D":
            kernel, out = known[each["inputs"][1]]["shape"], known[each["outputs"][0]]["shape"]
            macs += int(np.prod(out)) * int(np.prod(kernel[1:]))
    assert 20e6 < macs <= MACS
    assert len(converted) <= FLASH_BYTES


def test_it_computes_what_the_float_network_does(interpreter, converted):
    config = preset("nano")
    photo = load_sample("room")[0][:ROWS, :COLUMNS] / np.float32(255)
    net, _ = load_network(weights="nano-float")
    companded = np.log1p(config.companding * photo) / np.log1p(config.companding)
    blocks = space_to_depth(companded, config.stem)[None].astype("float32")
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    scale, zero = source["quantization"]
    interpreter.set_tensor(source["index"], np.clip(np.round(blocks / scale) + zero, -128, 127).astype("int8"))
    interpreter.invoke()
    scale, zero = target["quantization"]
    found = (interpreter.get_tensor(target["index"]).astype("float32") - zero) * scale
    expected = keras.ops.convert_to_numpy(net.residual(blocks))
    # Plain int8 conversion, nothing tuned: the same picture, not the same digits.
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.9
