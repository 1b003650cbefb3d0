"""The Charbonnier loss that MIRNet is trained with (paper, section 3, "Overall Pipeline"), and PSNR as a loss.

For a difference d at one value: sqrt(d² + ε²), ε = 1e-3. Far from zero it is |d|, so that a few large errors do not
rule as they do in a squared loss; around zero it is a smooth bowl instead of a kink.

The paper writes one square root over the whole picture. What its authors train with, and everyone after them, is the
square root of each value and then the mean, which does not depend on the size of the picture. So it is here.

PSNR counts decibels: halving a small error is worth as much as halving a large one. Trained with it, a network looks
after the pictures that it can restore well, where Charbonnier looks after those whose brightness it has to guess.
"""

import keras
from keras import ops

from model.errors import MirnetError

__all__ = ["LOSSES", "CharbonnierLoss", "PsnrLoss"]

EPSILON = 1e-3  # the paper's, "empirically set for all the experiments"
NARROW = ("float16", "bfloat16")
BEST = 100.0  # decibels of equal pictures, as PsnrLoss counts them


class _PictureLoss(keras.losses.Loss):
    """A loss of each picture by itself, computed in float32 at least."""

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype=None):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        if self.dtype in NARROW:  # the base class casts both pictures to this before `call`
            super().__init__(name=name, reduction=reduction, dtype="float32")

    def call(self, y_true, y_pred):
        """The loss of each picture, (batch,); Keras then reduces it."""
        _check_shapes(tuple(y_true.shape), tuple(y_pred.shape))
        difference = ops.subtract(y_true, y_pred)  # (batch, height, width, channels)
        return self._of_difference(difference, tuple(range(1, len(difference.shape))))

    def _of_difference(self, difference, axes: tuple[int, ...]):
        raise NotImplementedError


@keras.saving.register_keras_serializable(package="mirnet")
class CharbonnierLoss(_PictureLoss):
    """Mean of sqrt((y_true - y_pred)² + ε²): ε for equal pictures, close to the mean absolute error otherwise.

    In half precision ε² = 1e-6 has two digits left and the smaller d² vanish, and with ε² flushed to zero the slope
    at d = 0 would be 0/0. So the loss is always computed in float32 at least, also under a `mixed_float16` policy.

    Args:
        epsilon: Where the bowl ends and the straight line begins, in units of the pictures; above 0.
        reduction: As every Keras loss: the default averages over the batch; `None` gives a value per picture.
        name: The name shown in training logs.
        dtype: As every Keras loss; float16 and bfloat16 are raised to float32.

    Call arguments:
        y_true: Pictures as they should be, (batch, height, width, channels), values in [0, 1].
        y_pred: Pictures as the network gives them, the same shape.

    Returns:
        A scalar, or (batch,) with `reduction=None`.

    Raises:
        MirnetError: If `epsilon` is not above 0, or the shapes differ.

    Example:
        >>> picture = keras.ops.zeros((1, 8, 8, 3))
        >>> float(CharbonnierLoss()(picture, picture + 1))
        1.0000005

    Reference:
        https://arxiv.org/abs/2003.06792, section 3; Charbonnier, Blanc-Féraud, Aubert, Barlaud: "Two deterministic
        half-quadratic regularization algorithms for computed imaging", ICIP 1994.
    """

    def __init__(
        self,
        epsilon: float = EPSILON,
        reduction: str | None = "sum_over_batch_size",
        name: str = "charbonnier",
        dtype=None,
    ):
        super().__init__(reduction, name, dtype)
        if not isinstance(epsilon, int | float) or isinstance(epsilon, bool) or not 0 < epsilon < float("inf"):
            raise MirnetError(f"epsilon must be a number above 0, not {epsilon!r}; the paper's is {EPSILON}")
        self.epsilon = float(epsilon)

    def _of_difference(self, difference, axes: tuple[int, ...]):
        return ops.mean(ops.sqrt(ops.square(difference) + self.epsilon**2), axis=axes)  # (batch,)

    def get_config(self):
        """What is needed to build the same loss again."""
        return super().get_config() | {"epsilon": self.epsilon, "dtype": self.dtype}


@keras.saving.register_keras_serializable(package="mirnet")
class PsnrLoss(_PictureLoss):
    """1 - PSNR / 100 dB of each picture: 0 for equal pictures, 0.8 for 20 dB, 1 where they differ by 1 everywhere.

    The mean over the batch is that of decibels, as in the tables that networks are compared by. Computed in float32 at
    least, as `CharbonnierLoss` is.

    Arguments (but `epsilon`), call arguments and errors are those of `CharbonnierLoss`.

    Reference:
        Chen, Chu, Zhang, Sun: "Simple Baselines for Image Restoration", https://arxiv.org/abs/2204.04676, section 5.1.
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str = "psnr", dtype=None):
        super().__init__(reduction, name, dtype)

    def _of_difference(self, difference, axes: tuple[int, ...]):
        error = ops.mean(ops.square(difference), axis=axes)  # (batch,)
        return 1 + 10 / BEST * ops.log10(error + 10 ** (-BEST / 10))


LOSSES = {"charbonnier": CharbonnierLoss, "psnr": PsnrLoss}
"""By the names that `mirnet train --loss` takes."""


def _check_shapes(true: tuple, predicted: tuple) -> None:
    """Refuses to broadcast one shape against another: it would train on nonsense without a word."""
    # In a traced training step a side may be unknown (None).
    fits = len(true) == len(predicted) and all(
        None in sides or sides[0] == sides[1] for sides in zip(true, predicted, strict=True)
    )
    if not fits:
        raise MirnetError(f"y_true and y_pred must have the same shape, not {true} and {predicted}; crop or resize")
