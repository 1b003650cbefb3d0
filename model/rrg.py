"""The recursive residual group: a chain of blocks and a convolution on top of the input (paper, section 3)."""

import keras

from model.component import Component
from model.hooks import HookPoint, call_site
from model.mrb import MultiScaleResidualBlock

__all__ = ["RecursiveResidualGroup"]


@keras.saving.register_keras_serializable(package="mirnet")
class RecursiveResidualGroup(Component):
    """out = in + 3x3 convolution of MRB(...MRB(in)).

    Args:
        channels: Channels of the input, and of the result.
        blocks: Multi-scale residual blocks in the chain.
        streams: Resolutions of each block, see `MultiScaleResidualBlock`.
        columns: Dual attention units of each stream, see `MultiScaleResidualBlock`.
        softmax_over: What SKFF's softmax runs over, see `SKFF`.
        activation: The layer inside all dual attention units, see `DualAttentionUnit`.

    Call arguments:
        features: (batch, height, width, channels), height and width multiples of 2**(streams - 1).

    Returns:
        Same shape. With the last convolution zero, the input itself.

    Hook points: `in`, `mrb_1/...`, `mrb_2/...`, `conv`, `out`.

    Reference: https://arxiv.org/abs/2003.06792, section 3.
    """

    settings = ("channels", "blocks", "streams", "columns", "softmax_over")

    def __init__(
        self,
        channels: int,
        blocks: int = 2,
        streams: int = 3,
        columns: int = 2,
        softmax_over: str = "streams",
        activation=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.blocks, self.streams = channels, blocks, streams
        self.columns, self.softmax_over = columns, softmax_over
        activation = activation if activation is not None else self.activation_layer()
        self.chain = [
            MultiScaleResidualBlock(channels, streams, columns, softmax_over, activation, **self.inherited)
            for _ in range(blocks)
        ]
        self.last = self.conv(channels, channels, size=3)

    def call(self, features):
        """Runs the blocks, and adds the input."""
        features = HookPoint("in")(features)
        refined = features
        for k, block in enumerate(self.chain, 1):
            with call_site(f"mrb_{k}"):
                refined = block(refined)
        residual = HookPoint("conv")(self.last(refined))
        return HookPoint("out")(features + residual)
