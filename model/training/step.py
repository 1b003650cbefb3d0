"""The training step (`model.training.step_base`) for each backend: TensorFlow, PyTorch and JAX."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np

from model.errors import MirnetError
from model.training.accelerator import accelerator
from model.training.step_base import TrainingStep

__all__ = ["TrainingStep", "training_step"]


class TensorFlowStep(TrainingStep):
    """A step as one TensorFlow graph."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        import tensorflow as tf

        # XLA makes a GPU faster and a CPU slower.
        self._graph = tf.function(self._eager, jit_compile=accelerator() is not None)

    def _update(self, low, high, rate, ema_decay):
        return self._graph(low, high, rate, ema_decay)

    def _eager(self, low, high, rate, ema_decay):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = self._loss_of(self.net, low, high)
        weights = self.net.trainable_variables
        self.optimizer.learning_rate.assign(rate)
        self.optimizer.apply(self._complete(tape.gradient(loss, weights)), weights)
        self._follow(ema_decay)
        return loss


class TorchStep(TrainingStep):
    """A step operator by operator, as PyTorch runs them."""

    def _update(self, low, high, rate, ema_decay):
        import torch

        low, high = keras.ops.convert_to_tensor(low), keras.ops.convert_to_tensor(high)
        self.net.zero_grad()
        loss = self._loss_of(partial(self.net, training=True), low, high)
        loss.backward()
        weights = self.net.trainable_variables
        with torch.no_grad():
            self.optimizer.learning_rate.assign(rate)
            self.optimizer.apply(self._complete([weight.value.grad for weight in weights]), weights)
            self._follow(ema_decay)
        return loss.detach()


class JaxStep(TrainingStep):
    """A step as one pure function, compiled: state in, state out.

    The state lives outside the Keras variables, which are brought up to date only when somebody reads.
    """

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self._compiled = self._compile()
        self._take_over()

    def _compile(self) -> Callable:
        import jax

        count = len(self.net.trainable_variables)
        rate_at = next(k for k, each in enumerate(self.optimizer.variables) if each is self.optimizer.learning_rate)

        def loss_of(weights, low, high):
            fixed = [variable.value for variable in self.net.non_trainable_variables]
            return self._loss_of(lambda images: self.net.stateless_call(weights, fixed, images)[0], low, high)

        def update(state, low, high, rate, ema_decay):
            weights, averages, moments = state[:count], state[count : 2 * count], state[2 * count :]
            loss, gradients = jax.value_and_grad(loss_of)(weights, low, high)
            moments = [*moments[:rate_at], rate, *moments[rate_at + 1 :]]
            weights, moments = self.optimizer.stateless_apply(moments, gradients, weights)
            averages = [
                ema_decay * average + (1 - ema_decay) * weight
                for average, weight in zip(averages, weights, strict=True)
            ]
            return [*weights, *averages, *moments], loss

        return jax.jit(update, donate_argnums=0)  # the old state's memory is used for the new one

    def _take_over(self) -> None:
        self._state: list[Any] = [keras.ops.copy(variable.value) for variable in self.variables]

    def _update(self, low, high, rate, ema_decay):
        self._state, loss = self._compiled(self._state, low, high, rate, ema_decay)
        return loss

    def read(self) -> list[np.ndarray]:
        state = [np.array(array) for array in self._state]
        super().write(state)
        return state

    def write(self, state: list[np.ndarray]) -> None:
        super().write(state)
        self._take_over()


STEPS: dict[str, type[TrainingStep]] = {"tensorflow": TensorFlowStep, "torch": TorchStep, "jax": JaxStep}


def training_step(net: keras.Model, clip: float = 1.0, **settings: Any) -> TrainingStep:
    """A network made ready for training on the backend that Keras runs on.

    Args:
        net: The network; its weights are the start.
        clip: Longest gradient, as the norm over all weights.
        **settings: `int8`, `ranges` and `loss` of `TrainingStep`.

    Raises:
        MirnetError: If the backend cannot train.
    """
    backend = keras.backend.backend()
    if backend not in STEPS:
        raise MirnetError(f"Keras backend {backend!r} cannot train; set KERAS_BACKEND to one of {', '.join(STEPS)}")
    return STEPS[backend](net, clip, **settings)
