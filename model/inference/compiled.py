"""Running a network as one compiled graph instead of operator by operator: the same result, several times faster.

Building the graph of a MIRNet takes seconds, far longer than running it on a small photo. So on the TensorFlow
backend one graph is built for all sizes; without XLA, which is the slower of the two on a CPU. On JAX `jax.jit`
builds one for each size, and PyTorch runs operator by operator.

Where no activation inside the components is asked for, they are computed as in `model.inference.fast_components`. The
graph then holds the slopes that the network has when it is built. Where they change later, the network is in training:
it gets another graph, which reads its slopes at every run, as all graphs read the other weights.
"""

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np

from model.component import PRECISION, Rules, computing_by
from model.hooks import visiting
from model.inference.fast_components import FAST, KEPT, fast_with_slopes, slope_reader

__all__ = ["CompiledNet"]


class CompiledNet(keras.Model):
    """A network compiled together with hook points to read and hook points to replace.

    Args:
        net: A `MIRNet` or any other network of one image batch.
        read: Hook points whose tensors are returned too.
        replace: Hook points whose tensors are given from outside.

    Examples:
        >>> run = CompiledNet(net, read=["shallow"])
        >>> output, tensors = run.on(images)  # tensors["shallow"]
    """

    def __init__(self, net: keras.Model, read: Sequence[str] = (), replace: Sequence[str] = ()):
        super().__init__(dtype=PRECISION)  # images come to the network as they are, which casts them as it likes
        self.net, self.read, self.replace = net, tuple(read), tuple(replace)
        self.fast = all(name.rpartition("/")[2] == KEPT for name in (*self.read, *self.replace))
        self.compile(jit_compile=keras.backend.backend() == "jax")
        on_tensorflow = keras.backend.backend() == "tensorflow"
        self._read_slopes = slope_reader(net) if on_tensorflow and self.fast else None
        self._slopes = self._read_slopes() if self._read_slopes else None
        self._run = _graph_for_all_sizes(self) if on_tensorflow else self.predict_on_batch

    def call(self, inputs):
        """Images and, in the order of `replace`, the tensors to put in: the output and the tensors read."""
        images, *replacements = inputs
        given = dict(zip(self.replace, replacements, strict=True))
        seen = {}

        def visit(name, tensor):
            tensor = given.get(name, tensor)
            if name in self.read:
                seen[name] = tensor
            return tensor

        fast: Rules = FAST if self._slopes is None else fast_with_slopes(self._slopes)
        rules: Rules = fast if self.fast else {}
        with visiting(visit), computing_by(rules):
            output = self.net(images)
        return [output, *(seen[name] for name in self.read)]

    def on(self, images, given: Mapping[str, np.ndarray] | None = None) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Runs the network.

        Args:
            images: (batch, height, width, 3) float32 within [0, 1]; height and width must fit the network.
            given: What to put in at each hook point of `replace`.

        Returns:
            The output, and the tensors of `read` by name.
        """
        if self._read_slopes and self._slopes != self._read_slopes():
            self._read_slopes = self._slopes = None
            self._run = _graph_for_all_sizes(self)
        replacements = [np.asarray((given or {})[name]) for name in self.replace]
        output, *tensors = self._run([np.asarray(images, "float32"), *replacements])
        return np.asarray(output), {name: np.asarray(tensor) for name, tensor in zip(self.read, tensors, strict=True)}


def _graph_for_all_sizes(model: keras.Model) -> Callable:
    """The model as a TensorFlow graph whose height and width are left open, and the batch unless it is of one."""
    import tensorflow as tf

    @tf.autograph.experimental.do_not_convert
    def run(inputs):
        return model(inputs, training=False)

    graph = tf.function(run)

    def with_open_sizes(inputs):
        tensors = [tf.convert_to_tensor(array) for array in inputs]
        specs = [
            tf.TensorSpec((1 if array.shape[0] == 1 else None, None, None, array.shape[-1]), tensor.dtype)
            for array, tensor in zip(inputs, tensors, strict=True)
        ]
        return graph.get_concrete_function(specs)(*tensors)

    return with_open_sizes
