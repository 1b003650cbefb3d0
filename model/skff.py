"""Selective kernel feature fusion: how MIRNet merges streams (paper, section 3.1).

**Fuse**: add the streams L = L1 + L2 + L3, average over the picture to a descriptor s, squeeze it to z.
**Select**: each stream gets its own logits from z; a softmax *over the streams*, for each channel by itself, turns
them into weights s1 + s2 + s3 = 1; the result is `U = s1*L1 + s2*L2 + s3*L3`.

Three streams of (1, 64, 64, 16) become one of (1, 64, 64, 16): 3 x 16 weights decide which resolution each channel
listens to.
"""

import keras
from keras import ops

from model.component import Component, divided
from model.config import check_softmax
from model.hooks import HookPoint

__all__ = ["SKFF"]


@keras.saving.register_keras_serializable(package="mirnet")
class SKFF(Component):
    """Fuses streams of the same shape into one, with weights that compete between the streams.

    Args:
        channels: Channels of every stream, and of the result.
        streams: How many streams there are, at least 2.
        softmax_over: `"streams"` as in the paper. `"channels"` is the mistake of the public TensorFlow versions: each
            stream's weights then add up to 1 over its channels, so the result shrinks as channels grow.

    Call arguments:
        streams: A list of tensors, each (batch, height, width, channels).

    Returns:
        (batch, height, width, channels). With the right softmax every value lies between the smallest and the
        largest of the streams' values at its pixel.

    Hook points: `stream_1`..., `fused`, `descriptor`, `squeezed`, `logits` and `weights` (batch, streams, 1,
    channels), `weighted_1`..., `out`.

    Examples:
        >>> fuse = SKFF(channels=16)
        >>> fuse([keras.ops.ones((1, 8, 8, 16))] * 3).shape
        TensorShape([1, 8, 8, 16])

    Reference: https://arxiv.org/abs/2003.06792, section 3.1, "Selective kernel feature fusion".
    """

    settings = ("channels", "streams", "softmax_over")

    def __init__(self, channels: int, streams: int = 3, softmax_over: str = "streams", **kwargs):
        super().__init__(**kwargs)
        self.channels, self.streams = channels, streams
        self.softmax_over = check_softmax(softmax_over)
        squeezed = divided(channels, least=4)
        self.squeeze = self.conv(channels, squeezed)
        self.squeeze_activation = self.activation_layer()
        self.expand = [self.conv(squeezed, channels) for _ in range(streams)]

    def call(self, streams):
        """Fuses, selects, and adds the weighted streams."""
        if len(streams) != self.streams:
            raise ValueError(f"this SKFF fuses {self.streams} streams, and was given {len(streams)}")
        streams = [HookPoint(f"stream_{k}")(stream) for k, stream in enumerate(streams, 1)]
        weights = self.select(self.fuse(streams))  # (batch, streams, 1, channels)
        weighted = [
            HookPoint(f"weighted_{k}")(stream * weights[:, k - 1 : k])  # (batch, height, width, channels)
            for k, stream in enumerate(streams, 1)
        ]
        return HookPoint("out")(sum(weighted[1:], start=weighted[0]))

    def fuse(self, streams):
        """The squeezed descriptor of all streams together: (batch, 1, 1, squeezed)."""
        fused = HookPoint("fused")(sum(streams[1:], start=streams[0]))
        descriptor = HookPoint("descriptor")(ops.mean(fused, axis=(1, 2), keepdims=True))
        return HookPoint("squeezed")(self.squeeze_activation(self.squeeze(descriptor)))

    def select(self, squeezed):
        """The weight of each channel of each stream: (batch, streams, 1, channels), within [0, 1]."""
        # Side by side along axis 1, not as a fifth axis: the board's runtime takes four axes at most.
        logits = HookPoint("logits")(ops.concatenate([expand(squeezed) for expand in self.expand], axis=1))
        axis = 1 if self.softmax_over == "streams" else -1
        return HookPoint("weights")(ops.softmax(logits, axis=axis))

    def compute_output_shape(self, input_shape):
        """The shape of one stream."""
        return tuple(input_shape[0])
