"""The residual resizing modules: half the size with twice the channels, and back (paper, section 3.1).

Each step has two branches that are added: a main branch with convolutions, and a shortcut of resizing and a 1x1.
Shrinking goes through a blur first: without it, detail finer than the new grid turns into false patterns (aliasing).
A factor of 4 is two steps of 2.
"""

import keras
from keras import ops

from model.component import Component
from model.errors import MirnetError
from model.hooks import HookPoint, call_site
from model.resampling import bilinear_double, blur_halve

__all__ = ["Downsample", "Upsample"]


class _Steps(Component):
    """A resizing module: a chain of steps by 2, each with its own weights."""

    settings = ("channels", "factor")

    def __init__(self, channels: int, factor: int = 2, **kwargs):
        super().__init__(**kwargs)
        if factor not in (2, 4, 8):
            raise MirnetError(f"factor must be 2, 4 or 8, not {factor!r}: the module is a chain of steps by 2")
        self.channels, self.factor = channels, factor

    def call(self, features):
        """Resizes step by step."""
        features = HookPoint("in")(features)
        for k, step in enumerate(self.steps, 1):
            with call_site(f"step_{k}"):
                features = step(features)
        return HookPoint("out")(features)


@keras.saving.register_keras_serializable(package="mirnet")
class Downsample(_Steps):
    """Divides height and width by `factor` and multiplies the channels with it.

    Args:
        channels: Input channels.
        factor: 2, 4 or 8.

    Call arguments:
        features: (batch, height, width, channels), height and width multiples of `factor`.

    Returns:
        (batch, height / factor, width / factor, channels * factor).

    Hook points: `in`, `step_1/{in, features, resized, main, shortcut, out}`, `step_2/...`, `out`.

    Reference: https://arxiv.org/abs/2003.06792, section 3.1, "Residual resizing modules".
    """

    def __init__(self, channels: int, factor: int = 2, **kwargs):
        super().__init__(channels, factor, **kwargs)
        steps = factor.bit_length() - 1
        self.steps = [DownsampleStep(channels * 2**k, **self.inherited) for k in range(steps)]

    def compute_output_shape(self, input_shape):
        """The shape of the result."""
        return _smaller(input_shape, self.factor)


@keras.saving.register_keras_serializable(package="mirnet")
class Upsample(_Steps):
    """Multiplies height and width with `factor` and divides the channels by it.

    Args:
        channels: Input channels, a multiple of `factor`.
        factor: 2, 4 or 8.

    Call arguments:
        features: (batch, height, width, channels).

    Returns:
        (batch, height * factor, width * factor, channels / factor).

    Hook points: `in`, `step_1/{in, features, resized, main, shortcut, out}`, `step_2/...`, `out`. In the board's
    style `resized` comes last: it is the enlarged sum of `main` and `shortcut`.

    Reference: https://arxiv.org/abs/2003.06792, section 3.1, "Residual resizing modules".
    """

    def __init__(self, channels: int, factor: int = 2, **kwargs):
        super().__init__(channels, factor, **kwargs)
        if channels % factor:
            raise MirnetError(f"channels must be a multiple of the factor {factor}, not {channels}")
        steps = factor.bit_length() - 1
        step = UpsampleStep if self.style == "paper" else LateUpsampleStep
        self.steps = [step(channels // 2**k, **self.inherited) for k in range(steps)]

    def compute_output_shape(self, input_shape):
        """The shape of the result."""
        return _larger(input_shape, self.factor)


class DownsampleStep(Component):
    """(batch, H, W, n) to (batch, H/2, W/2, 2n): 1x1, PReLU, 3x3, PReLU, blur, 1x1, beside blur, 1x1."""

    def __init__(self, channels: int, **kwargs):
        super().__init__(**kwargs)
        self.enter = self.conv(channels, channels)
        self.enter_activation = self.activation_layer()
        self.filter = self.conv(channels, channels, size=3)
        self.filter_activation = self.activation_layer()
        self.widen = self.conv(channels, 2 * channels)
        self.shortcut = self.conv(channels, 2 * channels)

    def call(self, features):
        """Adds the two branches."""
        features = HookPoint("in")(features)
        filtered = self.filter_activation(self.filter(self.enter_activation(self.enter(features))))
        filtered = HookPoint("features")(filtered)  # (batch, H, W, n)
        resized = HookPoint("resized")(blur_halve(filtered))  # (batch, H/2, W/2, n)
        main = HookPoint("main")(self.widen(resized))  # (batch, H/2, W/2, 2n)
        shortcut = HookPoint("shortcut")(self.shortcut(blur_halve(features)))
        return HookPoint("out")(main + shortcut)

    def compute_output_shape(self, input_shape):
        """The shape of the result."""
        return _smaller(input_shape, 2)


class UpsampleStep(Component):
    """(batch, H, W, n) to (batch, 2H, 2W, n/2): 1x1, PReLU, transposed 3x3, PReLU, 1x1, beside bilinear, 1x1."""

    def __init__(self, channels: int, **kwargs):
        super().__init__(**kwargs)
        self.enter = self.conv(channels, channels)
        self.enter_activation = self.activation_layer()
        self.enlarge = self.doubling_conv(channels)
        self.enlarge_activation = self.activation_layer()
        self.narrow = self.conv(channels, channels // 2)
        self.shortcut = self.conv(channels, channels // 2)

    def call(self, features):
        """Adds the two branches."""
        features = HookPoint("in")(features)
        entered = HookPoint("features")(self.enter_activation(self.enter(features)))  # (batch, H, W, n)
        # The first row and column fall off: what is left is the authors' padding=1, output_padding=1 exactly,
        # where Keras' own padding="same" would land one pixel off.
        # `slice` and not [:, 1:, 1:]: on TensorFlow the gradient of that one takes a third of a block's backward pass.
        batch, height, width, channels = ops.shape(entered)
        doubled = ops.slice(self.enlarge(entered), (0, 1, 1, 0), (batch, 2 * height, 2 * width, channels))
        resized = HookPoint("resized")(self.enlarge_activation(doubled))
        main = HookPoint("main")(self.narrow(resized))  # (batch, 2H, 2W, n/2)
        shortcut = HookPoint("shortcut")(self.shortcut(bilinear_double(features)))
        return HookPoint("out")(main + shortcut)

    def compute_output_shape(self, input_shape):
        """The shape of the result."""
        return _larger(input_shape, 2)


class LateUpsampleStep(Component):
    """The step of the board's style: 1x1, ReLU, 3x3, ReLU, 1x1, beside a 1x1, added; bilinear at the end.

    A 1x1 convolution and a bilinear resize commute. So the shortcut is exactly that of the paper, and the
    resize comes once, when half the channels are left. The 3x3 convolution works before it, on a quarter of the pixels.
    """

    def __init__(self, channels: int, **kwargs):
        super().__init__(**kwargs)
        self.enter = self.conv(channels, channels)
        self.enter_activation = self.activation_layer()
        self.filter = self.conv(channels, channels, size=3)
        self.filter_activation = self.activation_layer()
        self.narrow = self.conv(channels, channels // 2)
        self.shortcut = self.conv(channels, channels // 2)

    def call(self, features):
        """Adds the two branches and enlarges the sum."""
        features = HookPoint("in")(features)
        filtered = self.filter_activation(self.filter(self.enter_activation(self.enter(features))))
        filtered = HookPoint("features")(filtered)  # (batch, H, W, n)
        main = HookPoint("main")(self.narrow(filtered))  # (batch, H, W, n/2)
        shortcut = HookPoint("shortcut")(self.shortcut(features))
        resized = HookPoint("resized")(bilinear_double(main + shortcut))  # (batch, 2H, 2W, n/2)
        return HookPoint("out")(resized)

    def compute_output_shape(self, input_shape):
        """The shape of the result."""
        return _larger(input_shape, 2)


def _smaller(shape, factor: int) -> tuple[int | None, ...]:
    batch, *sides, channels = shape
    # Rounded up, as the blur does.
    return (batch, *(None if side is None else -(-side // factor) for side in sides), channels * factor)


def _larger(shape, factor: int) -> tuple[int | None, ...]:
    batch, *sides, channels = shape
    return (batch, *(None if side is None else side * factor for side in sides), channels // factor)
