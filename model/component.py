"""Base class of all components: the paper's convolution and activation, with their weights from the start."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras

from model.config import check_style

__all__ = ["PRECISION", "REDUCTION", "Component", "Maker", "Rules", "computing_by", "divided"]

PRECISION = "float32"
"""Of weights and results unless another is asked for with `dtype`, whatever a user's `keras.json` says."""

LAYOUT = "channels_last"
"""Axes of all tensors: (batch, height, width, channels), whatever a user's `keras.json` says."""

REDUCTION = 8
"""Channel attention and SKFF squeeze their descriptor to this fraction of the channels (paper, section 3.1)."""

Rules = Mapping[type, Callable[..., Any]]
"""Kind of component to another way of computing it: a function of the component and its input."""

_rules: ContextVar[Rules] = ContextVar("rules")


@contextmanager
def computing_by(rules: Rules) -> Iterator[None]:
    """Components of these kinds that are called inside compute by their rule, if their precision is float32.

    Meant for `model.inference.fast_components.FAST`: a rule gives the same result, but passes few hook points.
    """
    token = _rules.set(rules)
    try:
        yield
    finally:
        _rules.reset(token)


class Maker:
    """Makes the layers of a component, in its precision, with their weights.

    The channels are known and height and width never matter, so no layer waits for a first call to be complete: a
    component can be saved, counted and loaded without running it.
    """

    dtype_policy: Any  # every Keras layer has one
    style: str = "paper"

    @property
    def inherited(self) -> dict[str, Any]:
        """Arguments that a component passes on to its parts: precision and style."""
        return {"dtype": self.dtype_policy, "style": self.style}

    def conv(self, inputs: int, outputs: int, size: int = 1, *, use_bias: bool = False):
        """A convolution from `inputs` to `outputs` channels that keeps height and width (zero padding).

        MIRNet's convolutions have no bias. Weights start as PyTorch starts them, uniform within 1/sqrt(fan in),
        as the authors trained from.
        """
        return self._made(
            keras.layers.Conv2D,
            inputs,
            filters=outputs,
            kernel_size=size,
            padding="same",
            data_format=LAYOUT,
            use_bias=use_bias,
            kernel_initializer=_start(),
        )

    def doubling_conv(self, channels: int):
        """A transposed 3x3 convolution with stride 2: (batch, H, W, channels) to (batch, 2H+1, 2W+1, channels)."""
        return self._made(
            keras.layers.Conv2DTranspose,
            channels,
            filters=channels,
            kernel_size=3,
            strides=2,
            data_format=LAYOUT,
            use_bias=False,
            kernel_initializer=_start(),
        )

    def activation_layer(self):
        """PReLU, or in the board's style ReLU."""
        return self.prelu() if self.style == "paper" else keras.layers.ReLU(dtype=self.dtype_policy)

    def prelu(self):
        """PReLU: x where x > 0, slope * x elsewhere. One learned slope for all channels; it starts at 0.25."""
        # Axis 3 too: without it Keras would learn one slope per channel, the authors learn a single one.
        start = keras.initializers.Constant(0.25)
        return self._made(keras.layers.PReLU, 1, shared_axes=[1, 2, 3], alpha_initializer=start)

    def _made(self, kind: type, channels: int, **settings):
        """A layer in the component's precision, with its weights for so many input channels."""
        layer = kind(**settings, dtype=self.dtype_policy)
        layer.build((None, None, None, channels))
        return layer


class Component(Maker, keras.layers.Layer):
    """A part of MIRNet.

    Unless it says otherwise, it returns the shape that it is given.

    Args:
        style: `"paper"`, or `"board"` (see `model.config.STYLES`).
    """

    settings: tuple[str, ...] = ()
    """The names of the constructor's arguments that make one such component differ from another."""

    def __init__(self, style: str = "paper", dtype=None, **kwargs):
        super().__init__(dtype=dtype or PRECISION, **kwargs)
        self.style = check_style(style)
        self.built = True  # see Maker

    def __call__(self, *args, **kwargs):
        """Computes the result, as `call` says or by a rule (see `computing_by`)."""
        rule = _rules.get({}).get(type(self))
        if rule is None or self.compute_dtype != PRECISION:
            return super().__call__(*args, **kwargs)
        return rule(self, *args)

    def build(self, input_shape):
        """Nothing is left to build."""

    def get_config(self):
        """What Keras needs to make this component again: its settings."""
        return super().get_config() | {name: getattr(self, name) for name in (*self.settings, "style")}

    def compute_output_shape(self, input_shape):
        """The shape of the result, from the shape of the input."""
        return tuple(input_shape)


def _start():
    return keras.initializers.VarianceScaling(scale=1 / 3, mode="fan_in", distribution="uniform")


def divided(channels: int, least: int = 1) -> int:
    """The squeezed size of a descriptor of `channels` numbers: an eighth, but at least `least`."""
    return max(channels // REDUCTION, least)
