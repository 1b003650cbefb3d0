"""Simulated (fake) quantization in the float network, hook point by hook point.

The int8 graph has 256 levels for every activation. Here the float network runs, and chosen hook points are rounded to
the levels of their tensors in the int8 graph: so the cost of one tensor can be told apart from that of all together.

    simulation = Simulation(net, emulator.graph, emulator.hooks)
    residual = simulation(given, ["rrg_1/mrb_1/merge/skff/weights"])

It leaves out int8 weights, and that an operator's sums are rounded once more before they are stored.
"""

from collections.abc import Collection

import keras
import numpy as np

from embedded.tflite.graph import Graph
from embedded.tflite.hook_map import HookMap
from model.errors import HookError, MirnetError
from model.hooks import visiting
from model.mirnet import MIRNet
from model.training.fake_quant import Ranges, as_int8

__all__ = ["Simulation", "ranges_of"]


def ranges_of(graph: Graph, hooks: HookMap) -> Ranges:
    """Scale and zero point of every hook point that is a tensor of the int8 graph."""
    known = {name: graph.tensors[place.tensor] for name, place in hooks.places.items() if place.tensor is not None}
    return {name: (tensor.scale, tensor.zero_point) for name, tensor in known.items()}


class Simulation:
    """The part of a network in the board's graph, with any choice of its hook points rounded.

    It is compiled once for all choices, so the next one costs milliseconds.

    Args:
        net: The float network.
        graph: The int8 graph that was made of it.
        hooks: Map from hook points to its tensors.

    Attributes:
        tensors: Every tensor that is a hook point, under the first of its names.

    Raises:
        MirnetError: If Keras does not run on TensorFlow.
    """

    def __init__(self, net: MIRNet, graph: Graph, hooks: HookMap):
        if keras.backend.backend() != "tensorflow":
            raise MirnetError("simulating needs Keras on TensorFlow: set KERAS_BACKEND=tensorflow")
        import tensorflow as tf

        self.net, self._ranges = net, ranges_of(graph, hooks)
        self._places = {name: place.tensor for name, place in hooks.places.items() if place.tensor is not None}
        first: dict[int, str] = {}
        for name, tensor in self._places.items():
            first.setdefault(tensor, name)
        self.tensors = {name: tensor for tensor, name in first.items()}
        self._numbers = {tensor: k for k, tensor in enumerate(first)}
        self._compiled = tf.function(self._run)

    def __call__(self, given: np.ndarray, names: Collection[str] | None = None) -> np.ndarray:
        """The residual for frames.

        Args:
            given: Input of the graph, (frames, 120 / stem, 160 / stem, 3 stem²) float32, see
                `embedded.camera.pixel_tables.network_input`.
            names: The hook points to round; all that are tensors by default. Other names of the same tensors are
                rounded with them.

        Returns:
            (frames, 120 / stem, 160 / stem, 3 stem²) float32.

        Raises:
            HookError: If a name is not that of a tensor.
        """
        chosen = np.full(len(self._numbers), names is None)
        for name in names or ():
            if name not in self._places:
                raise HookError(f"{name!r} is no hook point with a tensor of its own in this model")
            chosen[self._numbers[self._places[name]]] = True
        return np.asarray(self._compiled(given, chosen))

    def _run(self, given, chosen):
        def visit(name: str, tensor):
            if name not in self._ranges:
                return tensor
            number = self._numbers[self._places[name]]
            return keras.ops.where(chosen[number], as_int8(tensor, *self._ranges[name]), tensor)

        given = visit("folded", given)  # this one and the last lie outside of the layers
        with visiting(visit):
            residual = self.net.residual(given)
        return visit("folded_residual", residual)
