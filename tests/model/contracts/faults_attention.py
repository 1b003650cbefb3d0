"""Faults in the attentions and in the dual attention unit (see `faults_shared.py` for what the entries mean)."""

import keras
from keras import ops

from model import HookPoint, call_site


def channel(self, x, descriptor=None, activation=ops.relu, gate=ops.sigmoid, out=lambda x, gate: x * gate):
    """Channel attention with other parts in it."""
    x = HookPoint("in")(x)
    average = descriptor or (lambda values: ops.mean(values, axis=(1, 2), keepdims=True))
    squeezed = HookPoint("squeezed")(activation(self.squeeze(HookPoint("descriptor")(average(x)))))
    return HookPoint("out")(out(x, HookPoint("gate")(gate(HookPoint("logits")(self.excite(squeezed))))))


def maps(*pair):
    return ops.concatenate(pair, axis=-1)


def highest(x):
    return ops.max(x, axis=-1, keepdims=True)


def mean(x):
    return ops.mean(x, axis=-1, keepdims=True)


def spatial(self, x, pool=None, locate=None, gate=ops.sigmoid, out=lambda x, gate: x * gate):
    """Spatial attention with other parts in it."""
    x = HookPoint("in")(x)
    pooled = HookPoint("pooled")((pool or (lambda values: maps(highest(values), mean(values))))(x))
    logits = HookPoint("logits")((locate or (lambda self, two: self.locate(two)))(self, pooled))
    return HookPoint("out")(out(x, HookPoint("gate")(gate(logits))))


def unit(self, x, activation=None, channel_of=lambda body, spatial: body, merge=maps, out=lambda x, fused: x + fused):
    """The dual attention unit with other parts in it."""
    x = HookPoint("in")(x)
    body = HookPoint("body")(self.second((activation or self.activation)(self.first(x))))
    with call_site("spatial"):
        by_place = self.spatial(body)
    with call_site("channel"):
        by_channel = self.channel(channel_of(body, by_place))
    return HookPoint("out")(out(x, HookPoint("fused")(self.merge(merge(by_place, by_channel)))))


def with_parts(function, **parts):
    return lambda cls: lambda self, x: function(self, x, **parts)


def pooled_by(first, second):
    return with_parts(spatial, pool=lambda x: maps(first(x), second(x)))


def centre_only(self, pooled):
    return pooled @ self.locate.kernel[2, 2]


def mirrored(self, pooled):
    return self.locate(ops.pad(pooled, [[0, 0], [2, 2], [2, 2], [0, 0]], mode="reflect"))[:, 2:-2, 2:-2]


def small_kernel(size):
    """Spatial attention with a kernel of another size."""

    def plant(cls):
        def init(self, **kwargs):
            super(cls, self).__init__(**kwargs)
            self.locate = self.conv(2, 1, size=size)

        return init

    return plant


def biased(cls):
    def init(self, **kwargs):
        super(cls, self).__init__(**kwargs)
        self.locate = self.conv(2, 1, size=5, use_bias=True)
        self.locate.bias.assign([0.3])

    return init


def slope_per_channel(cls):
    def made(self):
        layer = keras.layers.PReLU(shared_axes=[1, 2])
        layer.build((None, None, None, 8))
        return layer

    return made


def first_mixed(self, x):
    """The channels are mixed before they are pooled."""
    return spatial(
        self, x, pool=lambda values: maps(highest(values * ops.arange(1, 17, dtype="float32")), mean(values))
    )


CA, SA, DAU = (f"model.attention.{name}" for name in ("ChannelAttention", "SpatialAttention", "DualAttentionUnit"))
CALL = f"{CA}.call"
SCALL = f"{SA}.call"
UCALL = f"{DAU}.call"


def step(z):
    return ops.cast(z > 0, "float32")


def by_max(x):
    return ops.max(x, axis=(1, 2), keepdims=True)


def gate_per_pixel(x):
    return ops.mean(x, axis=-1, keepdims=True)


def squared(x, gate):
    return x * gate * gate


def softmax(z):
    return ops.softmax(z, axis=-1)


FAULTS = [
    ("ChannelAttention", "descriptor", "maximum over the picture", CALL, with_parts(channel, descriptor=by_max)),
    ("ChannelAttention", "squeeze and excite", "ReLU is missing", CALL, with_parts(channel, activation=lambda z: z)),
    ("ChannelAttention", "squeeze and excite", "PReLU", CALL, with_parts(channel, activation=ops.leaky_relu)),
    ("ChannelAttention", "sigmoid", "softmax", CALL, with_parts(channel, gate=softmax)),
    ("ChannelAttention", "sigmoid", "sigmoid is missing", CALL, with_parts(channel, gate=lambda z: z)),
    ("ChannelAttention", "sigmoid", "hard_sigmoid", CALL, with_parts(channel, gate=ops.hard_sigmoid)),
    ("ChannelAttention", "gate between 0 and 1", "sigmoid missing", CALL, with_parts(channel, gate=lambda z: z)),
    ("ChannelAttention", "gate between 0 and 1", "exactly 0 or 1", CALL, with_parts(channel, gate=step)),
    ("ChannelAttention", "gated once", "applied twice", CALL, with_parts(channel, out=squared)),
    ("ChannelAttention", "gated once", "input is added", CALL, with_parts(channel, out=lambda x, g: x + x * g)),
    ("ChannelAttention", "one gate for each", "the same all over", None, lambda x: x * ops.sigmoid(gate_per_pixel(x))),
    ("ChannelAttention", "one gate for each", "sigmoid missing", None, lambda x: x * 7.0),
    ("ChannelAttention", "averages only", "max pooling", CALL, with_parts(channel, descriptor=by_max)),
    ("ChannelAttention", "half open in the dark", "softmax", CALL, with_parts(channel, gate=softmax)),
    ("ChannelAttention", "half open in the dark", "sigmoid missing", CALL, with_parts(channel, gate=lambda z: z)),
    ("ChannelAttention", "half open in the dark", "twice", CALL, with_parts(channel, out=squared)),
    ("SpatialAttention", "max, then mean", "order is swapped", SCALL, pooled_by(mean, highest)),
    ("SpatialAttention", "max, then mean", "named average", SCALL, pooled_by(highest, highest)),
    ("SpatialAttention", "max, then mean", "both maps are means", SCALL, pooled_by(mean, mean)),
    ("SpatialAttention", "5×5 convolution", "centre of the kernel", SCALL, with_parts(spatial, locate=centre_only)),
    ("SpatialAttention", "5×5 convolution", "border is mirrored", SCALL, with_parts(spatial, locate=mirrored)),
    ("SpatialAttention", "5×5 convolution", "1×1", f"{SA}.__init__", small_kernel(1)),
    ("SpatialAttention", "number of parameters", "1×1 for 5×5", f"{SA}.__init__", small_kernel(1)),
    ("SpatialAttention", "number of parameters", "no bias", f"{SA}.__init__", biased),
    ("SpatialAttention", "sigmoid", "sigmoid is missing", SCALL, with_parts(spatial, gate=lambda z: z)),
    ("SpatialAttention", "gate between 0 and 1", "sigmoid missing", SCALL, with_parts(spatial, gate=lambda z: z)),
    ("SpatialAttention", "gated once", "applied twice", SCALL, with_parts(spatial, out=squared)),
    (
        "SpatialAttention",
        "gated once",
        "without the features",
        SCALL,
        with_parts(spatial, out=lambda x, g: ops.broadcast_to(g, x.shape)),
    ),
    ("SpatialAttention", "one gate for each", "the same for all channels", None, lambda x: x * ops.sigmoid(x)),
    ("SpatialAttention", "half open in the dark", "bias", f"{SA}.__init__", biased),
    ("SpatialAttention", "receptive field of 5×5", "1×1 convolution", f"{SA}.__init__", small_kernel(1)),
    ("SpatialAttention", "receptive field of 5×5", "7×7", f"{SA}.__init__", small_kernel(7)),
    ("SpatialAttention", "maximum and mean", "named average", SCALL, pooled_by(highest, highest)),
    ("SpatialAttention", "maximum and mean", "both maps means", SCALL, pooled_by(mean, mean)),
    ("SpatialAttention", "maximum and mean", "mixed before pooling", SCALL, lambda cls: first_mixed),
    ("DualAttentionUnit", "body", "this is ReLU", UCALL, with_parts(unit, activation=ops.relu)),
    (
        "DualAttentionUnit",
        "body",
        "between the convolutions is missing",
        UCALL,
        with_parts(unit, activation=lambda z: z),
    ),
    (
        "DualAttentionUnit",
        "number of parameters",
        "place of a PReLU",
        f"{DAU}.prelu",
        lambda cls: lambda self: ops.relu,
    ),
    ("DualAttentionUnit", "number of parameters", "one slope per PReLU", f"{DAU}.prelu", slope_per_channel),
    (
        "DualAttentionUnit",
        "side by side",
        "channel/in should be body, but is spatial/out",
        UCALL,
        with_parts(unit, channel_of=lambda body, gated: gated),
    ),
    (
        "DualAttentionUnit",
        "merged: spatial, channel",
        "order is swapped",
        UCALL,
        with_parts(unit, merge=lambda s, c: maps(c, s)),
    ),
    ("DualAttentionUnit", "input added", "not added", UCALL, with_parts(unit, out=lambda x, fused: fused)),
    ("DualAttentionUnit", "zero is identity", "is it added", UCALL, with_parts(unit, out=lambda x, fused: fused)),
    ("DualAttentionUnit", "zero is identity", "added twice", UCALL, with_parts(unit, out=lambda x, y: 2 * x + y)),
]
