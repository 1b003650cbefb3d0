"""Backward pass of one block as a TensorFlow graph: by all paths, and with the global paths held."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import streamlit as st
from keras import ops

from explain.analysis.receptive.theoretical import is_global
from explain.app.compute.runner import Setup, network, undisturbed
from explain.tracing.engine import PlainSession
from model.config import MIRNetConfig
from model.hooks import visiting
from model.mirnet import MIRNet

__all__ = ["TINY", "BlockBack", "Both", "backward_of", "block_back", "block_by_block"]

TURN_S = 0.01  # enough for another thread that waits: a lock does not go to whoever waited longest
TINY = 1e-12  # under the root: its slope at 0 is infinite

Both = tuple[np.ndarray, np.ndarray]
"""A gradient by all paths, and the same with the global paths held, so that nothing passes along them."""

BlockBack = Callable[..., Both]
"""The function that `block_back` returns."""


def block_back(net: MIRNet) -> BlockBack | None:
    """The backward pass of any of the network's blocks, as one graph; None where that does not work.

    It works on TensorFlow, for networks that take the photo as it is (no stem, no companding).

    Returns:
        A function of the block, its input (1, height, width, channels), the two gradients of its output
        (same shape), how much each stream's strength counts (streams,), and the pixel (row, column). It gives the two
        gradients of all that with respect to the input, same shape. The strength of a stream is the root mean
        square of the channels after its last attention, over that pixel.
    """
    config = net.config
    if keras.backend.backend() != "tensorflow" or config.stem > 1 or config.companding:
        return None
    import tensorflow as tf

    template: Any = net.groups[0].chain[0]
    shapes = [each.shape for each in template.trainable_variables]
    found: dict[str, Any] = {}

    def visit(name, tensor):
        found[name] = tensor
        return tensor

    graph, place = tf.Graph(), tf.compat.v1.placeholder
    with graph.as_default():
        weights = [place(tf.float32, shape) for shape in shapes]
        given, *upstreams = (place(tf.float32, (1, None, None, config.channels)) for _ in range(3))
        counts, pixel = place(tf.float32, (config.streams,)), place(tf.int32, (2,))
        with visiting(visit):
            out, _ = template.stateless_call(weights, [], given)
        strengths = tf.add_n([counts[k] * _strength(tf, found, k, config, pixel) for k in range(config.streams)])
        paths = [tensor for name, tensor in found.items() if is_global(name)]
        back = [
            tf.gradients(tf.reduce_sum(out * upstream) + strengths, given, stop_gradients=held)[0]
            for upstream, held in zip(upstreams, ([], paths), strict=True)
        ]
    session = PlainSession(graph)

    def run(block, put, gradients_out, numbers, where) -> Both:
        values = (ops.convert_to_numpy(each) for each in block.trainable_variables)
        inputs = dict(zip((*weights, given, *upstreams), (*values, put, *gradients_out), strict=True))
        live, held = session.run(back, inputs | {counts: numbers, pixel: where})
        return live, held

    return run


@st.cache_resource(max_entries=2, show_spinner=False)
def backward_of(setup: Setup) -> BlockBack | None:
    """`block_back` of a network, built once."""
    return block_back(network(setup)[0])


def block_by_block(back: BlockBack) -> BlockBack:
    """The same, each block undisturbed, and others who wait for the network after each."""

    def run(*given) -> Both:
        with undisturbed():
            found = back(*given)
        time.sleep(TURN_S)
        return found

    return run


def _strength(tf, found: Mapping[str, Any], k: int, config: MIRNetConfig, pixel):
    """The root mean square of a stream's channels, after its last attention, over a pixel of the block's input."""
    row, column = pixel[0] // 2**k, pixel[1] // 2**k
    values = found[f"column_{config.columns}/dau_{k + 1}/out"][0, row, column]
    return tf.sqrt(tf.reduce_mean(tf.square(values)) + TINY)
