"""One training step, whatever the backend (`model.training.step` has what differs between them).

1. run the network on the dark crops,
2. measure how far it is from the bright ones (Charbonnier, or what else the recipe says),
3. take the gradient of that number with respect to every weight,
4. let Adam move the weights, and let their average follow.

Keras offers `fit` for this. An own step shows more, lets checkpoints fall where they should (`fit` writes the average
over the weights when it ends), and is faster: TensorFlow's `fit` compiles through XLA, which on a CPU takes two to
three times as long, and JAX's `train_on_batch` copies every variable in and out at each step.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras
import numpy as np

from model.component import computing_by
from model.errors import MirnetError
from model.hooks import visiting
from model.inference.fast_components import FAST
from model.training.fake_quant import QuantizeToRanges, Ranges, fake_quantize
from model.training.losses import LOSSES

__all__ = ["TrainingStep"]


@contextmanager
def _in_float32() -> Iterator[None]:
    """Keras makes variables of its own, such as the learning rate, in float32, whatever a user's `keras.json` says."""
    usual = keras.config.floatx()
    keras.config.set_floatx("float32")
    try:
        yield
    finally:
        keras.config.set_floatx(usual)


BRIGHTNESS = 1000.0
"""Weight of the squared shift of a picture's mean: 2.5 grey levels count as much as 0.1 of loss. With a tenth of it
the worst of 70 pictures lost 1.1 dB in int8, with this 0.6 to 0.8, and none lost quality in floats."""

OUTSIDE = 0.003
"""Weight of what lies beyond the ranges, the farthest value of each tensor as a share of its range."""


class TrainingStep:
    """A network, its optimizer and the average of its weights, ready to take steps.

    Args:
        net: The network; its weights are the start.
        clip: Longest gradient, as the norm over all weights.
        int8: Whether it learns to give the same with its activations rounded (QAT), see `model.training.fake_quant`.
        ranges: To which ranges, if they are known already; by default each tensor's own of each batch.
        loss: Its name in `model.training.losses.LOSSES`.
    """

    def __init__(
        self, net: keras.Model, clip: float, int8: bool = False, ranges: Ranges | None = None, loss: str = "charbonnier"
    ):
        self.net, self.int8, self.ranges = net, int8, ranges
        self.loss = LOSSES[loss](dtype="float32")
        with _in_float32():
            # The learning rate is set at every step, see `Recipe.rate_at`.
            self.optimizer = keras.optimizers.Adam(learning_rate=0.0, global_clipnorm=clip)
            self.optimizer.build(net.trainable_variables)
        self.averages = [
            keras.Variable(keras.ops.copy(weight.value), trainable=False, name=f"{weight.name}_average")
            for weight in net.trainable_variables
        ]

    @property
    def variables(self) -> list:
        """Everything that a step changes: weights, their averages, and what Adam remembers."""
        return [*self.net.trainable_variables, *self.averages, *self.optimizer.variables]

    def __call__(self, low: np.ndarray, high: np.ndarray, rate: float, ema_decay: float):
        """Takes a step.

        Args:
            low: (batch, height, width, 3) float32 within [0, 1], the dark crops.
            high: The same shape, the bright ones.
            rate: Learning rate.
            ema_decay: Share of the average of the weights that is kept, 0 to 1.

        Returns:
            The loss before the step, a scalar tensor. On a GPU it may not have been computed yet; `float` waits.
        """
        return self._update(low, high, np.float32(rate), np.float32(ema_decay))

    def read(self) -> list[np.ndarray]:
        """A copy of the whole state, to resume from later with exactly the same result."""
        return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in self.variables]

    def write(self, state: list[np.ndarray]) -> None:
        """Goes back to a state from `read`.

        Raises:
            MirnetError: If it is the state of another network.
        """
        variables = self.variables
        if [array.shape for array in state] != [tuple(variable.shape) for variable in variables]:
            raise MirnetError("the state is that of another network: give the preset and channels it was made with")
        for variable, array in zip(variables, state, strict=True):
            variable.assign(array)

    def averaged_weights(self) -> list[np.ndarray]:
        """The moving average of the weights, in the order of `net.trainable_variables`."""
        count = len(self.averages)
        return self.read()[count : 2 * count]

    def _update(self, low, high, rate, ema_decay):
        raise NotImplementedError

    def _loss_of(self, run: Callable, low, high):
        """How far the network is from the bright crops.

        With `int8` both the network and the fake-quantized one are to be near, and near to each other, above all in the
        brightness of each picture: the board's pictures should be those that the network gives on a computer, not
        others that are as good. With known ranges, tensors are to stay inside them too.
        """
        with computing_by(FAST):
            restored = run(low)
        loss = self.loss(high, restored)
        if not self.int8:
            return loss
        fitted = None if self.ranges is None else QuantizeToRanges(self.ranges)
        with visiting(fitted or fake_quantize):
            rounded = run(low)
        shift = keras.ops.mean(rounded - restored, axis=(1, 2, 3))
        loss = (loss + self.loss(high, rounded)) / 2 + self.loss(restored, rounded)
        loss += BRIGHTNESS * keras.ops.mean(keras.ops.square(shift))
        return loss if fitted is None else loss + OUTSIDE * fitted.outside()

    def _complete(self, gradients: list) -> list:
        """Zero for the weights that the output does not depend on, as JAX has it (there are some with one column)."""
        weights = self.net.trainable_variables
        return [
            keras.ops.zeros_like(weight) if gradient is None else gradient
            for gradient, weight in zip(gradients, weights, strict=True)
        ]

    def _follow(self, ema_decay) -> None:
        """The averages move towards the weights."""
        for average, weight in zip(self.averages, self.net.trainable_variables, strict=True):
            average.assign(ema_decay * average + (1 - ema_decay) * weight)
