"""Finds the tensor of the int8 graph for each hook point of the float network.

A hook point is an identity and leaves no name in a converted model, and names that do survive are the converter's. So
the map is found by value alone: the network is run with weights under which no two different activations agree (all
positive, so that no unit is silent), once in Keras with hooks and once converted, with all outputs. A hook point and a
tensor belong together if all their values agree. Which weights were used does not matter: the converted graph has the
same operators in the same order for all.

A hook point that the converter has merged away has no tensor, and is listed as fused into the operator after it. The
map is then checked on a picture with the true weights: the dequantized int8 tensor against the hook's values.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import keras
import numpy as np

from embedded.quantize.convert import board_graph, grid
from embedded.tflite.graph import Graph, skeleton
from embedded.tflite.graph_file import read_graph
from embedded.tflite.hook_map import HookMap, Place
from embedded.tflite.rewrite import with_outputs
from embedded.tflite.runtime import reference_interpreter
from model.errors import MirnetError
from model.hooks import visiting
from model.mirnet import MIRNet

__all__ = ["hook_values", "map_hooks", "tensor_values"]

AGREE = 1e-4  # of the largest value: float32 sums of a few hundred products in another order


def map_hooks(net: MIRNet, model: bytes, probe: np.ndarray) -> HookMap:
    """Finds the map and checks it.

    Args:
        net: The float network that the model was made from.
        model: Bytes of its int8 .tflite file.
        probe: A picture to check it on (`embedded.camera.pixel_tables.network_input`): shape `grid(net.config)`,
            float32.

    Raises:
        MirnetError: If the model is not that of this network.
    """
    given = np.random.default_rng(0).uniform(0, 1, grid(net.config)).astype("float32")
    with _averaging_weights(net):
        plain = board_graph(net)
        hooks, tensors = hook_values(net, given), tensor_values(plain, given)
    graph, other = read_graph(model), read_graph(plain)
    if skeleton(graph) != skeleton(other):
        raise MirnetError("this model's operators are not those of this network: give the weights it was made from")
    found = _matched(hooks, tensors, graph, other)
    quantized = graph.tensors[graph.inputs[0]].quantize(probe)
    return HookMap(_checked(found, graph, hook_values(net, probe), tensor_values(model, quantized)))


def hook_values(net: MIRNet, given: np.ndarray) -> dict[str, np.ndarray]:
    """Values of every hook point for an input of the board's graph, in the order of execution."""
    found: dict[str, np.ndarray] = {"folded": given}

    def keep(name, tensor):
        found[name] = keras.ops.convert_to_numpy(tensor)
        return tensor

    with visiting(keep):
        found["folded_residual"] = keras.ops.convert_to_numpy(net.residual(keras.ops.convert_to_tensor(given)))
    return found


def tensor_values(model: bytes, given: np.ndarray) -> dict[int, np.ndarray]:
    """Values of every computed tensor, and of the input, by index."""
    graph = read_graph(model)
    interpreter = reference_interpreter(with_outputs(model, graph.computed))
    interpreter.set_tensor(graph.inputs[0], given)
    interpreter.invoke()
    found = {graph.inputs[0]: given}
    return found | {index: interpreter.get_tensor(index) for index in graph.computed}


@contextmanager
def _averaging_weights(net: MIRNet) -> Iterator[None]:
    """The network with averaging weights: all positive, so that no unit is silent and none saturates.

    The same network, and not a second one: the converter orders operators by the names of layers.
    """
    before, rng = net.get_weights(), np.random.default_rng(0)
    try:
        for weight in net.weights:
            shape = tuple(weight.shape)
            weight.assign(rng.uniform(0.5, 1.5, shape).astype("float32") / max(1, int(np.prod(shape[:-1]))))
        yield
    finally:
        net.set_weights(before)


def _matched(hooks: Mapping[str, np.ndarray], tensors: Mapping[int, np.ndarray], graph: Graph, other: Graph):
    """Hook name to (tensor of `graph`, operator), or to None where no tensor of `other` agrees."""
    made = {index: operator.index for index, operator in other.producer.items()}
    found: dict[str, tuple[int, int | None] | None] = {}
    for name, values in hooks.items():
        same = [index for index, each in tensors.items() if _agree(values, each)]
        first = min(same, key=lambda index: made.get(index, -1), default=None)
        if first is None:
            found[name] = None
        elif first in made:
            found[name] = (graph.operators[made[first]].outputs[0], made[first])
        else:
            found[name] = (graph.inputs[0], None)
    return found


def _agree(values: np.ndarray, other: np.ndarray) -> bool:
    return values.shape == other.shape and float(np.abs(values - other).max()) <= AGREE * float(np.abs(values).max())


def _checked(found, graph: Graph, hooks: Mapping[str, np.ndarray], tensors: Mapping[int, np.ndarray]):
    places: dict[str, Place] = {}
    after: int | None = len(graph.operators) - 1
    for name in reversed(found):  # backwards, since what has no tensor is fused into what comes after it
        match = found[name]
        if match is None:
            places[name] = Place(None, after)
            continue
        tensor, after = match
        values = graph.tensors[tensor].dequantize(tensors[tensor])
        places[name] = Place(tensor, after, _correlation(values, hooks[name]))
    return dict(reversed(places.items()))


def _correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    if one.std() == 0 or other.std() == 0:
        return None
    return round(float(np.corrcoef(one.ravel(), other.ravel())[0, 1]), 4)
