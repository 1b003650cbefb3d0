"""Gradients of numbers with respect to arrays, such as a network's input, on TensorFlow and JAX."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from model.errors import MirnetError

__all__ = ["gradients"]

Measure = Callable[..., Sequence]
Progress = Callable[[int, int], None]


def gradients(measure: Measure, given: Any, progress: Progress | None = None) -> list[Any]:
    """The gradient of each number with respect to an array, or to each of several.

    Args:
        measure: Takes the array as the backend's tensor and gives some numbers, as tensors without axes.
        given: float32 of any shape, such as an image; or a list or dictionary of such arrays, of which `measure` takes
            tensors in the same order.
        progress: Called with (gradients done, gradients in all) from the end of the forward pass on.

    Returns:
        For each number an array of the shape of `given`, or a list or dictionary of arrays like it.

    Raises:
        MirnetError: If the Keras backend is neither TensorFlow nor JAX.
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise MirnetError(
            f"gradients are taken on TensorFlow or JAX, not on {backend}: start again with KERAS_BACKEND=tensorflow"
        )
    numbers, back = _BACKENDS[backend](measure, given)
    found: list[Any] = []
    for k in range(numbers):
        if progress is not None:
            progress(k, numbers)
        found.append(keras.tree.map_structure(np.asarray, back(k)))
    if progress is not None:
        progress(numbers, numbers)
    return found


def _with_tensorflow(measure: Measure, given: Any) -> tuple[int, Callable]:
    """How many numbers there are, and a function from the index of one to its gradient."""
    import tensorflow as tf

    tensors = tf.nest.map_structure(tf.convert_to_tensor, given)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(tensors)
        numbers = measure(tensors)
    return len(numbers), lambda k: tape.gradient(numbers[k], tensors, unconnected_gradients="zero")


def _with_jax(measure: Measure, given: Any) -> tuple[int, Callable]:
    """As `_with_tensorflow`."""
    import jax
    import jax.numpy as jnp

    tensors = jax.tree.map(jnp.asarray, given)
    numbers, back = jax.vjp(lambda given: jnp.stack(list(measure(given))), tensors)
    ones = jnp.eye(len(numbers), dtype=numbers.dtype)
    return len(numbers), lambda k: back(ones[k])[0]


_BACKENDS = {"tensorflow": _with_tensorflow, "jax": _with_jax}
