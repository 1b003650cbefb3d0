"""The dual attention unit: channel attention beside spatial attention (paper, section 3.1).

A gate is a number between 0 and 1 that a feature map is multiplied with. **Channel attention** finds one gate for
each channel from the averages over the picture. **Spatial attention** finds one gate for each pixel from the maximum
and the mean over the channels. The unit runs two convolutions, gates their result by both, merges the two with a
1x1 convolution and adds its input: out = in + W * [spatial, channel].
"""

import keras
from keras import ops

from model.component import Component, divided
from model.hooks import HookPoint, call_site

__all__ = ["ChannelAttention", "DualAttentionUnit", "SpatialAttention"]


@keras.saving.register_keras_serializable(package="mirnet")
class ChannelAttention(Component):
    """Multiplies each channel with a gate that is found from all channels' averages ("squeeze and excitation").

    gate = sigmoid(W2 * relu(W1 * mean over the picture)), W1 to an eighth of the channels, W2 back.

    Args:
        channels: Channels of the input, and of the result.
        use_bias: Whether the two 1x1 convolutions have a bias. Inside MIRNet they have none.

    Call arguments:
        features: (batch, height, width, channels).

    Returns:
        The gated features, same shape.

    Hook points: `in`, `descriptor` (batch, 1, 1, channels), `squeezed`, `logits`, `gate` within (0, 1), `out`.

    Reference: https://arxiv.org/abs/2003.06792, section 3.1, "Dual attention unit";
        https://arxiv.org/abs/1709.01507.
    """

    settings = ("channels", "use_bias")

    def __init__(self, channels: int, use_bias: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.channels, self.use_bias = channels, use_bias
        self.squeeze = self.conv(channels, divided(channels), use_bias=use_bias)
        self.excite = self.conv(divided(channels), channels, use_bias=use_bias)

    def call(self, features):
        """Finds a gate for each channel and multiplies."""
        features = HookPoint("in")(features)
        descriptor = HookPoint("descriptor")(ops.mean(features, axis=(1, 2), keepdims=True))
        squeezed = HookPoint("squeezed")(ops.relu(self.squeeze(descriptor)))  # (batch, 1, 1, channels // 8)
        logits = HookPoint("logits")(self.excite(squeezed))  # (batch, 1, 1, channels)
        gate = HookPoint("gate")(ops.sigmoid(logits))
        return HookPoint("out")(features * gate)


@keras.saving.register_keras_serializable(package="mirnet")
class SpatialAttention(Component):
    """Multiplies each pixel with a gate that is found from the maximum and the mean over the channels around it.

    gate = sigmoid(5x5 convolution of [max over channels, mean over channels]).

    Call arguments:
        features: (batch, height, width, channels), any number of channels.

    Returns:
        The gated features, same shape.

    Hook points: `in`, `pooled` (batch, height, width, 2) with the maximum first, `logits`, `gate`
    (batch, height, width, 1) within (0, 1), `out`.

    Reference: https://arxiv.org/abs/2003.06792, section 3.1, "Dual attention unit";
        https://arxiv.org/abs/1807.06521.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.locate = self.conv(2, 1, size=5)

    def call(self, features):
        """Finds a gate for each pixel and multiplies."""
        features = HookPoint("in")(features)
        max_map = ops.max(features, axis=-1, keepdims=True)  # (batch, height, width, 1)
        mean_map = ops.mean(features, axis=-1, keepdims=True)
        pooled = HookPoint("pooled")(ops.concatenate([max_map, mean_map], axis=-1))
        logits = HookPoint("logits")(self.locate(pooled))
        gate = HookPoint("gate")(ops.sigmoid(logits))
        return HookPoint("out")(features * gate)


@keras.saving.register_keras_serializable(package="mirnet")
class DualAttentionUnit(Component):
    """Two convolutions, gated by channel and by pixel, added to the input.

    Args:
        channels: Channels of the input, and of the result.
        activation: The layer between the two convolutions. A network gives the same one to all its units, as the
            authors' network has a single slope in all of them; alone, a unit makes its own.

    Call arguments:
        features: (batch, height, width, channels).

    Returns:
        Same shape. With all convolutions zero, the input itself.

    Hook points: `in`, `body`, `spatial/...`, `channel/...`, `fused`, `out`.

    Reference: https://arxiv.org/abs/2003.06792, section 3.1, "Dual attention unit".
    """

    settings = ("channels",)

    def __init__(self, channels: int, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.channels = channels
        self.first = self.conv(channels, channels, size=3)
        self.activation = activation if activation is not None else self.activation_layer()
        self.second = self.conv(channels, channels, size=3)
        self.spatial = SpatialAttention(**self.inherited)
        self.channel = ChannelAttention(channels, **self.inherited)
        self.merge = self.conv(2 * channels, channels)

    def call(self, features):
        """Convolves, gates by channel and by pixel, merges, and adds the input."""
        features = HookPoint("in")(features)
        body = HookPoint("body")(self.second(self.activation(self.first(features))))
        with call_site("spatial"):
            spatial = self.spatial(body)
        with call_site("channel"):
            channel = self.channel(body)
        both = ops.concatenate([spatial, channel], axis=-1)  # (batch, height, width, 2 * channels)
        fused = HookPoint("fused")(self.merge(both))
        return HookPoint("out")(features + fused)
