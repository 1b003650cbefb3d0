"""Gradients of a network's activations with respect to its input, on TensorFlow and JAX."""

from collections.abc import Callable, Sequence

import keras
import numpy as np

from model.errors import MirnetError

__all__ = ["gradients"]

Measure = Callable[..., Sequence]
Progress = Callable[[int, int], None]


def gradients(measure: Measure, image: np.ndarray, progress: Progress | None = None) -> list[np.ndarray]:
    """The gradient of each number with respect to the image.

    Args:
        measure: Takes the image as the backend's tensor and gives some numbers, as tensors without axes.
        image: Any shape, float32.
        progress: Called with (gradients done, gradients in all) from the end of the forward pass on.

    Returns:
        For each number an array of the image's shape.

    Raises:
        MirnetError: If the Keras backend is neither TensorFlow nor JAX.
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise MirnetError(
            f"gradients are taken on TensorFlow or JAX, not on {backend}: start again with KERAS_BACKEND=tensorflow"
        )
    numbers, back = _BACKENDS[backend](measure, image)
    found: list[np.ndarray] = []
    for k in range(numbers):
        if progress is not None:
            progress(k, numbers)
        found.append(np.asarray(back(k)))
    if progress is not None:
        progress(numbers, numbers)
    return found


def _with_tensorflow(measure: Measure, image: np.ndarray) -> tuple[int, Callable]:
    """How many numbers there are, and a function from the index of one to its gradient."""
    import tensorflow as tf

    given = tf.convert_to_tensor(image)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(given)
        numbers = measure(given)
    return len(numbers), lambda k: tape.gradient(numbers[k], given, unconnected_gradients="zero")


def _with_jax(measure: Measure, image: np.ndarray) -> tuple[int, Callable]:
    """As `_with_tensorflow`."""
    import jax
    import jax.numpy as jnp

    numbers, back = jax.vjp(lambda given: jnp.stack(list(measure(given))), jnp.asarray(image))
    ones = jnp.eye(len(numbers), dtype=numbers.dtype)
    return len(numbers), lambda k: back(ones[k])[0]


_BACKENDS = {"tensorflow": _with_tensorflow, "jax": _with_jax}
