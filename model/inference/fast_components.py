"""The components that take most of the time once more, for speed: the same sums in an order that moves less memory.

At 8 channels a 3x3 convolution takes no longer than the elementwise operators around it, each of which reads and
writes a whole feature map. The components in `model/` are written to be read, and mark every activation. These
functions compute the same from the same weights, to float32 rounding, where nobody looks:

- A 1x1 convolution W of two maps side by side is a sum: W [a, b] = W1 a + W2 b. No map is put beside another.
- A 1x1 convolution and everything that treats all channels of a pixel alike commute: a gate for each pixel, a
  bilinear resize. Where it makes channels fewer, it comes first.
- A gate for each channel is a factor of the weights behind it, not of every pixel; for a batch of one picture.
- PReLU takes three passes over a feature map instead of Keras' five; with a slope that is known when the graph is
  built, it is done by the convolution before it.

```python
with computing_by(FAST):
    restored = net(images)
```

On TensorFlow three of its operators help that `keras.ops` has not: the sum of several maps in one pass, a bilinear
resize to a size that is not known when the graph is built, and a transposed convolution that is not cut afterwards.

The only hook points inside are the averages over the picture (`KEPT`), which `model.inference.tiling` replaces.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
from keras import ops

from model.attention import ChannelAttention, DualAttentionUnit, SpatialAttention
from model.component import Rules
from model.hooks import HookPoint, call_site
from model.resampling import bilinear_double, blur_halve
from model.resizing import DownsampleStep, UpsampleStep
from model.skff import SKFF

__all__ = ["FAST", "KEPT", "fast_with_slopes", "slope_reader"]

Activated = Callable[[keras.Layer, Any], Any]
"""An activation layer and features to the features after it."""

KEPT = "descriptor"
"""The last part of the names of all hook points that are left in the components of `FAST`."""


def _dual_attention(activated: Activated, unit: DualAttentionUnit, features):
    """`DualAttentionUnit`: in + gate of the pixel * (W1 body) + (W2 * gate of the channel) body."""
    body = unit.second(activated(unit.activation, unit.first(features)))
    with call_site("channel"):
        channel_gate = _channel_gate(unit.channel, body)  # (batch, 1, 1, channels)
    by_pixel, by_channel = ops.split(ops.convert_to_tensor(unit.merge.kernel), 2, axis=2)  # (1, 1, channels, channels)
    spatial = _pixelwise(body, by_pixel) * _spatial_gate(unit.spatial, body)
    if features.shape[0] == 1:
        channel = _pixelwise(body, ops.transpose(channel_gate, (0, 1, 3, 2)) * by_channel)
    else:
        channel = _pixelwise(body * channel_gate, by_channel)
    return _sum(features, spatial, channel)


def _channel_gate(attention: ChannelAttention, features):
    """The gate that `ChannelAttention` multiplies with: (batch, 1, 1, channels)."""
    squeezed = ops.relu(attention.squeeze(_average(features)))
    return ops.sigmoid(attention.excite(squeezed))


def _average(*maps):
    """The mean over the picture of the sum of some maps: (batch, 1, 1, channels)."""
    return HookPoint(KEPT)(ops.mean(_sum(*maps), axis=(1, 2), keepdims=True))


def _spatial_gate(attention: SpatialAttention, features):
    """The gate that `SpatialAttention` multiplies with: (batch, height, width, 1)."""
    max_map = ops.max(features, axis=-1, keepdims=True)
    mean_map = ops.mean(features, axis=-1, keepdims=True)
    return ops.sigmoid(attention.locate(ops.concatenate([max_map, mean_map], axis=-1)))


def _fuse(activated: Activated, fusion: SKFF, streams):
    """`SKFF`."""
    descriptor = _average(*streams)
    weights = fusion.select(activated(fusion.squeeze_activation, fusion.squeeze(descriptor)))
    return _sum(*(stream * weights[:, k : k + 1] for k, stream in enumerate(streams)))


def _halve(activated: Activated, step: DownsampleStep, features):
    """`DownsampleStep`."""
    entered = activated(step.enter_activation, step.enter(features))
    filtered = activated(step.filter_activation, step.filter(entered))
    return step.widen(blur_halve(filtered)) + step.shortcut(blur_halve(features))


def _double(activated: Activated, step: UpsampleStep, features):
    """`UpsampleStep`, the shortcut resized when half the channels are left."""
    entered = activated(step.enter_activation, step.enter(features))
    main = step.narrow(activated(step.enlarge_activation, _enlarged(step, entered)))
    return main + _twice_the_size(step.shortcut(features))


def _pixelwise(features, kernel):
    """A 1x1 convolution with a kernel (1, 1, inputs, outputs)."""
    return ops.conv(features, kernel, padding="same", data_format="channels_last")


def _sum(*maps):
    """The sum of maps of the same shape."""
    if keras.backend.backend() != "tensorflow" or len(maps) == 1:
        return sum(maps[1:], start=maps[0])
    import tensorflow as tf

    return tf.add_n(maps)


def _enlarged(step: UpsampleStep, features):
    """The transposed convolution without the first row and column: (batch, 2 * height, 2 * width, channels)."""
    batch, height, width, channels = ops.shape(features)
    size = (batch, 2 * height, 2 * width, channels)
    if keras.backend.backend() != "tensorflow":
        return ops.slice(step.enlarge(features), (0, 1, 1, 0), size)
    import tensorflow as tf

    kernel = ops.convert_to_tensor(step.enlarge.kernel)
    return tf.nn.conv2d_transpose(features, kernel, size, 2, [[0, 0], [1, 0], [1, 0], [0, 0]])


def _twice_the_size(features):
    """`bilinear_double`."""
    if keras.backend.backend() != "tensorflow":
        return bilinear_double(features)
    import tensorflow as tf

    return tf.image.resize(features, 2 * tf.shape(features)[1:3])


def _learning(activation: keras.Layer, features):
    """An activation whose slope is read when the graph runs."""
    if not isinstance(activation, keras.layers.PReLU):
        return activation(features)
    return features + (activation.alpha - 1) * ops.minimum(features, 0)


def _with_slopes(slopes: Mapping[int, float], activation: keras.Layer, features):
    if id(activation) not in slopes:
        return activation(features)
    return ops.leaky_relu(features, slopes[id(activation)])


def _rules(activated: Activated) -> Rules:
    ways: dict[type, Callable[..., Any]] = {
        DualAttentionUnit: _dual_attention,
        SKFF: _fuse,
        DownsampleStep: _halve,
        UpsampleStep: _double,
    }
    return {kind: partial(way, activated) for kind, way in ways.items()}


FAST: Rules = _rules(_learning)
"""The components that are computed faster; all others are as they are."""


def fast_with_slopes(slopes: Mapping[int, float]) -> Rules:
    """`FAST` for a graph that is built with these slopes, from `slope_reader`, and good for no others."""
    return _rules(partial(_with_slopes, slopes))


def slope_reader(net: keras.Layer) -> Callable[[], dict[int, float]]:
    """A function that gives the slope of every PReLU of a network by the layer's id; on TensorFlow.

    All are read by one graph: one by one they would take longer than the network on a small picture.
    """
    import tensorflow as tf

    found = (layer for layer in net._flatten_layers() if isinstance(layer, keras.layers.PReLU))
    layers = [layer for layer in found if _is_shared(layer)]
    if not layers:
        return dict

    @tf.function(autograph=False)
    def read():
        return tf.stack([tf.reshape(ops.convert_to_tensor(layer.alpha), ()) for layer in layers])

    return lambda: dict(zip(map(id, layers), read().numpy().tolist(), strict=True))


def _is_shared(activation: keras.layers.PReLU) -> bool:
    """Whether all channels have one slope, as in all of ours."""
    return tuple(activation.alpha.shape) == (1, 1, 1)
