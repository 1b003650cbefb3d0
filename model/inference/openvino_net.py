"""Running a network with OpenVINO, Intel's runtime for x86-64 and ARM processors (extra `fast`).

It makes one loop over memory of the operators between two convolutions, where TensorFlow makes one of each. A network
is converted with the weights that it has, and for one size of picture: with open sizes half of the gain is lost. The
precision is asked for, since on some processors OpenVINO's default is bfloat16, with two to three digits.
"""

import zlib
from collections.abc import Mapping, Sequence

import keras
import numpy as np

from model.errors import MirnetError
from model.inference.compiled import CompiledNet, graphs_for_all_sizes
from model.safety.arguments import check_installed

__all__ = ["OpenVinoNet", "check_openvino", "weights_checksum"]

SETTINGS = {"INFERENCE_PRECISION_HINT": "f32"}


def check_openvino() -> None:
    """Refuses to begin where OpenVINO is not installed, or the network cannot be converted.

    Raises:
        MirnetError: With what to do.
    """
    check_installed("the engine openvino", "fast", "openvino")
    if keras.backend.backend() != "tensorflow":
        raise MirnetError("the engine openvino needs Keras on TensorFlow: set KERAS_BACKEND=tensorflow")


def weights_checksum(net: keras.Model) -> int:
    """A number that changes when a weight does, which a converted network would not notice."""
    total = 0
    for weight in net.get_weights():
        total = zlib.crc32(np.ascontiguousarray(weight), total)
    return total


class OpenVinoNet:
    """A network compiled by OpenVINO, with the weights that it has now; otherwise as `CompiledNet`.

    Args:
        net: A `MIRNet`.
        read: Hook points whose tensors are returned too.
        replace: Hook points whose tensors are given from outside.
    """

    def __init__(self, net: keras.Model, read: Sequence[str] = (), replace: Sequence[str] = ()):
        self.read, self.replace = tuple(read), tuple(replace)
        self._graph_for = graphs_for_all_sizes(CompiledNet(net, read, replace))
        self._compiled_for: list[tuple[int, ...]] = []

    def on(self, images, given: Mapping[str, np.ndarray] | None = None) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Runs the network, as `CompiledNet.on` does; another size than before is compiled anew."""
        arrays = [np.asarray(images, "float32"), *(np.asarray((given or {})[name]) for name in self.replace)]
        shapes = [array.shape for array in arrays]
        if shapes != self._compiled_for:
            self._compile(arrays)
            self._compiled_for = shapes
        self._request.infer(dict(zip(self._inputs, arrays, strict=True)))
        output, *tensors = (np.array(self._request.get_tensor(name).data) for name in self._outputs)
        return output, dict(zip(self.read, tensors, strict=True))

    def _compile(self, arrays: Sequence[np.ndarray]) -> None:
        import openvino
        from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

        frozen = convert_variables_to_constants_v2(self._graph_for(arrays))
        self._inputs, self._outputs = ([tensor.name for tensor in side] for side in (frozen.inputs, frozen.outputs))
        # The outputs are named, or what leads nowhere, as an average that is replaced, would become one.
        model = openvino.convert_model(frozen.graph, output=self._outputs)
        model.reshape({name: list(array.shape) for name, array in zip(self._inputs, arrays, strict=True)})
        self._request = openvino.Core().compile_model(model, "CPU", SETTINGS).create_infer_request()
