"""Converts Keras networks to ONNX, for pictures of any size: one file for onnxruntime, OpenVINO, browsers, phones.

The conversion is that of tf2onnx 1.17, the only maintained one from TensorFlow (Keras' `model.export(format="onnx")`
calls it; keras2onnx ended in 2020), without its optimizer of transpositions: for sizes that are not known it makes
graphs that onnxruntime refuses, or that fail for some sizes. What it leaves, onnxruntime moves away when it loads the
file. So every file is run before it is handed out (`check_onnx`).
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from embedded.quantize.convert import SIZE_CHECK, for_any_size, quiet
from model.config import MIRNetConfig
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.safety.arguments import check_installed

__all__ = ["ONNX_TOLERANCE", "check_onnx", "onnx_model", "size_rule"]

OPSET = 17  # onnxruntime 1.12 and later, of 2022
ONNX_TOLERANCE = 1e-5
"""Largest difference from Keras, as a part of the largest value (or of 1): the same float32 sums in another order."""

INPUT, OUTPUT = "images", "restored"
AXES = ("batch", "height", "width")
CHECKED = ((4, 4), (3, 8), (9, 1))
"""Heights and widths that a file is checked at, in multiples of what the network takes."""


def size_rule(config: MIRNetConfig) -> str:
    """What sizes a network takes: the sentence that a runtime gives when one does not fit."""
    return f"height and width must be multiples of {config.multiple}: pad the picture, and crop the result"


def onnx_model(net: MIRNet, notes: str = "") -> bytes:
    """A network as an ONNX file: `images` to `restored`, both float (batch, height, width, 3) within about [0, 1].

    Height and width may be any multiples of `net.config.multiple`. Other sizes fail in the first operator, whose name
    is `size_rule`, so that a runtime's message says it.

    Args:
        net: Any size and style.
        notes: What the weights are, for the file's own description.

    Returns:
        The bytes of an .onnx file.

    Raises:
        MirnetError: If tf2onnx is not installed, or Keras does not run on TensorFlow.
    """
    if keras.backend.backend() != "tensorflow":
        raise MirnetError("converting needs Keras on TensorFlow: set KERAS_BACKEND=tensorflow")
    check_installed("ONNX", "onnx", "tf2onnx")
    import tensorflow as tf
    from tf2onnx import optimizer, tf_loader, tfonnx

    concrete = tf.function(for_any_size(net)).get_concrete_function(tf.TensorSpec((None, None, None, 3), name=INPUT))
    inputs, outputs = [concrete.inputs[0].name], [concrete.outputs[0].name]
    with quiet():
        frozen = tf_loader.from_function(concrete, inputs, outputs)
    with quiet(), tf.Graph().as_default() as graph:
        tf.import_graph_def(frozen, name="")
        names = {inputs[0]: INPUT, outputs[0]: OUTPUT}
        found = tfonnx.process_tf_graph(
            graph,
            opset=OPSET,
            input_names=inputs,
            output_names=outputs,
            tensors_to_rename=names,
            custom_op_handlers={"Log1p": (_log1p, [])},
        )
        found = optimizer.optimize_graph(found, catch_errors=False, optimizers=_optimizers(optimizer))
        model = found.make_model("mirnet-explainer")
    _describe(model, net.config, notes)
    return model.SerializeToString()


def check_onnx(model: bytes, net: MIRNet, sizes: Sequence[tuple[int, int]] = ()) -> float:
    """Runs a file with onnxruntime beside the network that it was made from.

    Args:
        model: Of `onnx_model`.
        net: The network.
        sizes: Heights and widths; three small ones by default.

    Returns:
        The largest difference, as for `ONNX_TOLERANCE`, and no more.

    Raises:
        MirnetError: If they differ more, or onnxruntime is not installed.
    """
    check_installed("ONNX", "onnx", "onnxruntime")
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    multiple, worst = net.config.multiple, 0.0
    for height, width in sizes or [(rows * multiple, columns * multiple) for rows, columns in CHECKED]:
        images = np.random.default_rng(height).random((1, height, width, 3), dtype=np.float32)
        expected = np.asarray(net(images))
        difference = np.abs(session.run([OUTPUT], {INPUT: images})[0] - expected).max()
        worst = max(worst, float(difference / max(1, np.abs(expected).max())))
    if not worst <= ONNX_TOLERANCE:
        raise MirnetError(f"the ONNX file differs from the network by {worst:.1e}: please report this")
    return worst


def _log1p(graph: Any, node: Any, name: str, args: Any) -> None:
    """Companding's logarithm, which tf2onnx does not know: log(1 + x)."""
    one = graph.make_const(f"{name}_one", np.float32(1))
    node.type = "Log"
    graph.replace_inputs(node, [graph.make_node("Add", [node.input[0], one.name]).output[0]])


def _optimizers(optimizer: Any) -> dict[str, Any]:
    return {name: each for name, each in optimizer._get_optimizers().items() if name != "optimize_transpose"}


def _describe(model: Any, config: MIRNetConfig, notes: str) -> None:
    """Names of axes and of the check, and what the file is."""
    (check,) = [node for node in model.graph.node if node.name == SIZE_CHECK]
    check.name = size_rule(config)
    for value in (*model.graph.input, *model.graph.output):
        for axis, name in enumerate(AXES):
            value.type.tensor_type.shape.dim[axis].dim_param = name
    model.doc_string = (
        f"MIRNet, {config.shape_in_words}; {notes}. {INPUT}: (batch, height, width, 3), RGB within [0, 1], sRGB; "
        f"{size_rule(config)}. {OUTPUT}: the same shape, not clipped."
    )
    for key, value in {"multiple": config.multiple, **config.to_dict()}.items():
        model.metadata_props.add(key=key, value=str(value))
