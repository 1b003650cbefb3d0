"""Converts Keras networks to `.tflite`, with TensorFlow's converter.

- `float_model`: the whole network for a picture of one size or of any, in float32, float16 or with int8 weights
  ("dynamic"), as for phones.
- `board_graph`: the part of a network that has weights, for a frame of the board's camera, in float32 or int8.
  Companding, space-to-depth and the sum with the residual stay outside (`embedded.camera.pixel_tables`).
"""

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import keras
import numpy as np

from model.config import MIRNetConfig
from model.errors import MirnetError
from model.images.camera_formats import COLUMNS, ROWS
from model.mirnet import MIRNet
from model.safety.arguments import check_choice

__all__ = ["PRECISIONS", "RUNTIME_NOTE", "SIZE_CHECK", "board_graph", "float_model", "for_any_size", "grid", "quiet"]

STANDARD_ERROR = 2  # its file descriptor
PRECISIONS = ("float32", "float16", "dynamic")
SIZE_CHECK = "mirnet_size_check"
"""The operator of `for_any_size` that fails for a size that does not fit."""

RUNTIME_NOTE = (
    "run it with LiteRT (pip install ai-edge-litert): the default kernels of tflite-runtime 2.14, the last of that "
    "name, give NaN for such a network, where LiteRT is within 1e-6 of Keras"
)
"""For whoever gets a float model."""


def grid(config: MIRNetConfig) -> tuple[int, int, int, int]:
    """Input shape of the board's graph: (1, 120 / stem, 160 / stem, 3 stem²).

    Raises:
        MirnetError: If the camera's frame does not divide into the network's streams.
    """
    if ROWS % config.multiple or COLUMNS % config.multiple:
        raise MirnetError(
            f"a frame of {ROWS} x {COLUMNS} needs sides that are multiples of {config.multiple} for this network "
            f"(stem {config.stem}, {config.streams} streams): use the preset nano, or another stem"
        )
    return (1, ROWS // config.stem, COLUMNS // config.stem, config.depth)


def float_model(net: MIRNet, size: tuple[int, int] | None, precision: str = "float32") -> bytes:
    """A network for pictures of one size, or of any: input and output float (1, height, width, 3) within [0, 1].

    Args:
        net: Any size and style.
        size: Height and width, multiples of `net.config.multiple`; None for a model whose input is resized
            (`resize_tensor_input`) before it runs, to any such multiples. One size is faster and needs less memory.
        precision: One of `PRECISIONS`. `float16` halves the file; `dynamic` makes it a quarter, with int8 weights and
            float sums.

    Returns:
        The bytes of a .tflite file.

    Raises:
        MirnetError: If the size does not fit the network, or there is no such precision.
    """
    import tensorflow as tf

    check_choice("precision", precision, PRECISIONS)
    multiple = net.config.multiple
    if size is not None and any(side < multiple or side % multiple for side in size):
        raise MirnetError(f"height and width must be multiples of {multiple}, not {size[0]} x {size[1]}")
    converter = _converter(net, (1, *(size or (None, None)), 3), net if size else for_any_size(net))
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    return _converted(converter)


def for_any_size(net: MIRNet) -> Callable:
    """The network behind a reshape to the next size that fits: a picture of another one cannot pass it.

    Without this, a converted model would fail somewhere in its depth, or restore a wrong size. The next larger size:
    the next smaller one of a tiny picture would be 0, which in ONNX means "as it is".
    """
    import tensorflow as tf

    multiple = net.config.multiple

    def run(images):
        batch, height, width = (tf.shape(images)[axis] for axis in range(3))
        fitting = [batch, *((side + multiple - 1) // multiple * multiple for side in (height, width)), 3]
        return net(tf.reshape(images, fitting, name=SIZE_CHECK))

    return run


def board_graph(net: MIRNet, frames: Iterable[np.ndarray] | None = None) -> bytes:
    """The graph of the board, for one frame of its camera.

    Args:
        net: A network whose stem and streams divide 120 x 160.
        frames: Representative inputs, each of the shape `grid(net.config)`, float32: they give the ranges of all
            tensors, which become int8. None keeps float32.

    Returns:
        The bytes of a .tflite file. Both kinds have the same operators in the same order.
    """
    import tensorflow as tf

    converter = _converter(net, grid(net.config), net.residual)
    if frames is not None:
        chosen = list(frames)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([frame] for frame in chosen)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return _converted(converter)


def _converter(net: MIRNet, shape: tuple[int | None, ...], function: Callable):
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        raise MirnetError("converting needs Keras on TensorFlow: set KERAS_BACKEND=tensorflow")
    # Weights as constants: `from_keras_model` goes through a SavedModel on the disk, three times as slow.
    graph = tf.function(function).get_concrete_function(tf.TensorSpec(shape, tf.float32))
    with quiet():
        return tf.lite.TFLiteConverter.from_concrete_functions([graph])


def _converted(converter) -> bytes:
    with quiet(), _no_standard_error():
        return converter.convert()


@contextmanager
def _no_standard_error() -> Iterator[None]:
    """Hides the output of the converter's C++ code, which bypasses Python; a failure is an exception anyway."""
    sys.stderr.flush()
    kept = os.dup(STANDARD_ERROR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STANDARD_ERROR)
        yield
    finally:
        os.dup2(kept, STANDARD_ERROR)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def quiet() -> Iterator[None]:
    """Hides the converters' logs and a needless warning."""
    loggers = [logging.getLogger(name) for name in ("tensorflow", "absl", "tf2onnx")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            # It does find the input's range from the frames.
            warnings.filterwarnings("ignore", "Statistics for quantized inputs were expected")
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
