"""Engines that run a network many times, with hook points read and replaced by name.

Run operator by operator, a small network spends most of its time between the operators. On the TensorFlow backend it
becomes one graph instead, for all sizes, and each run computes only what lies between the tensors given and the
tensors wanted: a block from its input, or a single unit. The graph is run as it was written down, without
TensorFlow's optimizers, which would think for half a second about every new choice of names. So a tensor has the same
bits whichever others are wanted with it.

```python
engine = make_engine(net)
first = engine.run(["rrg_1/mrb_1/in", "output"], {"input": images})
inside = engine.run(["rrg_1/mrb_1/merge/skff/weights"], {"rrg_1/mrb_1/in": first["rrg_1/mrb_1/in"]})
```
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Protocol

import keras
import numpy as np
from keras import ops

from model.errors import HookError
from model.hooks import hook_shapes, visiting
from model.mirnet import MIRNet

__all__ = ["Engine", "PlainSession", "Tensors", "make_engine", "without_streams"]

PREPARED = 25_000
"""Operators that are kept prepared: four choices of all of `desk`, or sixty inside a block; some 80 MB."""

Tensors = Mapping[str, np.ndarray]
"""Hook name to a tensor with batch axis."""


class Engine(Protocol):
    """A network that was made ready; to be run by one thread at a time.

    Attributes:
        names: All hook names, in the order of execution.
    """

    names: tuple[str, ...]

    def run(self, names: Iterable[str], given: Tensors, kept: Tensors | None = None) -> dict[str, np.ndarray]:
        """Runs as much of the network as is needed.

        Args:
            names: The hook points to read.
            given: What to put in at hook points: `input`, or something later, before which nothing is computed. Where
                it is only added or multiplied, a tensor of the shape `uniform` may stand for one of any size.
            kept: For an SKFF's call site, 1 for each stream that it hears and 0 for each that it does not, (streams,).

        Returns:
            The tensors by name, in the given order. A tensor under two names is one array.

        Raises:
            HookError: If the network has no hook point of such a name.
        """

    def uniform(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor that may be given for one which is the same at all positions: (1, 1, 1, channels).

        For SKFF's weights, logits and the like it is (1, streams, 1, channels).
        """


def make_engine(net: MIRNet) -> Engine:
    """Makes a network ready on the backend that Keras runs on; its weights are taken as they are now."""
    return _Graph(net) if keras.backend.backend() == "tensorflow" else _Stepwise(net)


def without_streams(weights, kept):
    """SKFF's weights with none for some streams; the others grow until the sum is as before.

    Args:
        weights: (batch, streams, 1, channels).
        kept: (streams,) or (1, streams, 1, 1), 1 for the streams to keep and 0 for the others.

    Returns:
        The shape of `weights`. When no stream is left, all weights are 0 and the SKFF gives nothing; when all are
        left, every bit is as before.
    """
    kept = ops.reshape(ops.convert_to_tensor(kept, dtype=weights.dtype), (1, -1, 1, 1))
    rest = weights * kept
    before, left = (ops.sum(each, axis=1, keepdims=True) for each in (weights, rest))
    some = left > 0
    return rest * ops.where(some, before / ops.where(some, left, 1), 0)


class PlainSession:
    """Runs a TensorFlow graph as it is, without rewriting it first; for one thread at a time.

    TensorFlow prepares each new choice of tensors by itself and keeps what it prepared, some kilobytes for every
    operator of the path, for as long as its session lasts. So the session is a new one from time to time.

    Args:
        graph: A `tf.Graph` that does not change any more.
        limit: Most operators to keep prepared, all choices taken together.
    """

    def __init__(self, graph, limit: int = PREPARED):
        import tensorflow as tf

        config = tf.compat.v1.ConfigProto()
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        config.graph_options.optimizer_options.opt_level = tf.compat.v1.OptimizerOptions.L0
        self._new = partial(tf.compat.v1.Session, graph=graph, config=config)
        self.limit, self.prepared = limit, 0
        self._session, self._choices = self._new(), set[tuple]()

    def run(self, wanted: Sequence[Any], feeds: Mapping[Any, Any]) -> list[np.ndarray]:
        """The values of the wanted tensors, with others put in."""
        choice = tuple(tensor.name for tensor in wanted), tuple(tensor.name for tensor in feeds)
        if choice not in self._choices:
            self._count(len(_path(wanted, feeds)))
            self._choices.add(choice)
        return self._session.run(list(wanted), dict(feeds))

    def _count(self, operators: int) -> None:
        self.prepared += operators
        if self.prepared > self.limit:
            self._session.close()
            self._session, self._choices, self.prepared = self._new(), set(), operators


def _path(wanted: Iterable[Any], feeds: Iterable[Any]) -> set[str]:
    """The operators that have to run to get some tensors out of others."""
    ready, found = {tensor.name for tensor in feeds}, set[str]()
    ahead = [tensor for tensor in wanted if tensor.name not in ready]
    while ahead:
        operator = ahead.pop().op
        if operator.name not in found:
            found.add(operator.name)
            ahead += [tensor for tensor in operator.inputs if tensor.name not in ready]
    return found


class _Graph:
    """The engine on TensorFlow."""

    def __init__(self, net: MIRNet):
        import tensorflow as tf

        kinds = net.trainable_variables, net.non_trainable_variables
        weights = [[ops.convert_to_numpy(each) for each in kind] for kind in kinds]
        self._reads: dict[str, Any] = {}  # as the tensor comes to its hook point
        self._feeds: dict[str, Any] = {}  # where another tensor is put in: a tensor may have two names
        self._kept: dict[str, Any] = {}
        self._same_as: dict[str, str] = {}  # where one component's output is the next one's input
        graph = tf.Graph()
        with graph.as_default(), visiting(self._mark(tf)):
            images = tf.compat.v1.placeholder(tf.float32, (None, None, None, 3))
            net.stateless_call(*([tf.constant(array) for array in arrays] for arrays in weights), images)
        self.names = tuple(self._reads)
        self.session = PlainSession(graph)

    def _mark(self, tf) -> Callable:
        marked: dict[int, str] = {}  # by the tensor that goes on from there

        def visit(name, tensor):
            self._reads[name] = tensor
            self._feeds[name] = goes_on = tf.identity(tensor)
            if name.endswith("/weights"):
                kept = tf.compat.v1.placeholder_with_default(np.ones(tensor.shape[1], "float32"), (None,))
                self._kept[name.removesuffix("/weights")] = kept
                self._reads[name] = goes_on = without_streams(goes_on, kept)
            if id(tensor) in marked:
                self._same_as[name] = marked[id(tensor)]
            marked[id(goes_on)] = name
            return goes_on

        return visit

    def uniform(self, name: str) -> tuple[int, ...]:
        return tuple(1 if length is None else int(length) for length in _found(self._reads, name).shape)

    def run(self, names: Iterable[str], given: Tensors, kept: Tensors | None = None) -> dict[str, np.ndarray]:
        names = list(names)
        feeds = {_found(self._feeds, name): array for name, array in given.items()}
        feeds |= {_found(self._kept, site): streams for site, streams in (kept or {}).items()}
        origins = {name: self._origin(name, given) for name in names if name not in given}
        different = list(dict.fromkeys(origins.values()))
        arrays = self.session.run([self._reads[name] for name in different], feeds)
        found = dict(zip(different, arrays, strict=True))
        return {name: found[origins[name]] if name in origins else given[name] for name in names}

    def _origin(self, name: str, given: Tensors) -> str:
        """The first name of the same tensor, as far back as nothing is put in between."""
        _found(self._reads, name)
        while name in self._same_as and self._same_as[name] not in given:
            name = self._same_as[name]
        return name


class _Done(BaseException):
    """Everything wanted has passed; no Exception, since Keras would describe the layer's arguments in it."""


class _Stepwise:
    """The engine on any backend: operator by operator, and from the photo on whatever is given."""

    def __init__(self, net: MIRNet):
        self._net, self.names = net, net.hook_names

    @cached_property
    def _shapes(self) -> tuple[Mapping[str, tuple[int, ...]], ...]:
        """Every tensor's shape for two sizes of the photo."""
        sides = [self._net.config.multiple * factor for factor in (2, 3)]
        return tuple(hook_shapes(self._net, (1, side, side, 3)) for side in sides)

    def uniform(self, name: str) -> tuple[int, ...]:
        one, other = (_found(shapes, name) for shapes in self._shapes)
        return tuple(length if length == same else 1 for length, same in zip(one, other, strict=True))

    def run(self, names: Iterable[str], given: Tensors, kept: Tensors | None = None) -> dict[str, np.ndarray]:
        names, kept = list(names), kept or {}
        for name in (*names, *given, *(f"{site}/weights" for site in kept)):
            _found(self._shapes[0], name)
        missing, found = set(names) - set(given), {}

        def visit(name, tensor):
            if name in given:
                tensor = ops.convert_to_tensor(given[name])
            if name.removesuffix("/weights") in kept:
                tensor = without_streams(tensor, kept[name.removesuffix("/weights")])
            if name in missing:
                found[name] = tensor
                if len(found) == len(missing):
                    raise _Done
            return tensor

        try:
            with visiting(visit):
                self._net(ops.convert_to_tensor(self._picture(given)))
        except _Done:
            pass
        arrays = {id(tensor): ops.convert_to_numpy(tensor) for tensor in found.values()}
        return {name: arrays[id(found[name])] if name in found else given[name] for name in names}

    def _picture(self, given: Tensors) -> np.ndarray:
        """The photo; where only something later is given, a black one of the right size for whatever goes before."""
        if "input" in given:
            return given["input"]
        factor = self._net.config.stem
        batch, height, width, _ = max((array.shape for array in given.values()), key=lambda shape: shape[1] * shape[2])
        return np.zeros((batch, height * factor, width * factor, 3), "float32")


def _found(known: Mapping[str, Any], name: str) -> Any:
    if name not in known:
        raise HookError(f"{name!r} is not a hook point of this network; net.hook_names lists them")
    return known[name]
