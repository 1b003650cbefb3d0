"""Faults in SKFF (see `faults_shared.py` for what the entries mean)."""

from keras import ops

from model import HookPoint


def fuse(self, streams, total=None, descriptor=None, activation=None):
    """The first half of SKFF with other parts in it."""
    fused = HookPoint("fused")((total or (lambda parts: sum(parts[1:], start=parts[0])))(streams))
    average = descriptor or (lambda x: ops.mean(x, axis=(1, 2), keepdims=True))
    squeezed = self.squeeze(HookPoint("descriptor")(average(fused)))
    return HookPoint("squeezed")((activation or self.squeeze_activation)(squeezed))


def select(self, squeezed, logits=None, weights=None):
    """The second half of SKFF with other parts in it."""
    logits = logits or (lambda z: ops.concatenate([expand(z) for expand in self.expand], axis=1))
    found = HookPoint("logits")(logits(squeezed))
    return HookPoint("weights")((weights or (lambda z: ops.softmax(z, axis=1)))(found))


def call(self, streams, mix):
    streams = [HookPoint(f"stream_{k}")(stream) for k, stream in enumerate(streams, 1)]
    return mix(streams, self.select(self.fuse(streams)))


def shares(weights):
    return [weights[:, k : k + 1] for k in range(weights.shape[1])]


def mixed(streams, weights):
    return sum(stream * share for stream, share in zip(streams, weights, strict=True))


def fused_by(**parts):
    return lambda cls: lambda self, streams: fuse(self, streams, **parts)


def selected_by(**parts):
    return lambda cls: lambda self, squeezed: select(self, squeezed, **parts)


def shared_logits(cls):
    return lambda self, squeezed: select(
        self, squeezed, logits=lambda z: ops.concatenate([self.expand[0](z)] * len(self.expand), axis=1)
    )


def mixed_by(mix):
    return lambda cls: lambda self, streams: call(self, streams, mix)


def softmax_of(axis):
    # By hand: Keras warns of a softmax over an axis of size 1, such as the batch of one picture.
    return selected_by(weights=lambda z: ops.exp(z) / ops.sum(ops.exp(z), axis=axis, keepdims=True))


def a_weight_per_pixel(cls):
    """The descriptor is never averaged over the picture, so each pixel has its own weights."""

    def faulty(self, streams):
        squeezed = self.squeeze_activation(self.squeeze(sum(streams)))
        weights = ops.softmax(ops.stack([expand(squeezed) for expand in self.expand]), axis=0)
        return sum(weight * stream for weight, stream in zip(weights, streams, strict=True))

    return faulty


def average(streams):
    return sum(streams) / len(streams)


SELECT, FUSE, CALL = "model.skff.SKFF.select", "model.skff.SKFF.fuse", "model.skff.SKFF.call"
MAX = fused_by(descriptor=lambda x: ops.max(x, axis=(1, 2), keepdims=True))
CHANNELS = "is the softmax taken over the channels (axis -1) instead of the streams (axis 1)?"

FAULTS = [
    ("SKFF", "descriptor", "maximum over the picture", FUSE, MAX),
    ("SKFF", "descriptor", "streams' average", FUSE, fused_by(total=lambda parts: sum(parts) / len(parts))),
    ("SKFF", "squeezed", "this is ReLU", FUSE, fused_by(activation=ops.relu)),
    ("SKFF", "squeezed", "PReLU is missing", FUSE, fused_by(activation=lambda x: x)),
    ("SKFF", "logits", "share one expanding convolution", SELECT, shared_logits),
    ("SKFF", "softmax over streams", CHANNELS, SELECT, softmax_of(-1)),
    ("SKFF", "softmax over streams", "sigmoid", SELECT, selected_by(weights=ops.sigmoid)),
    ("SKFF", "softmax over streams", "(axis 0)", SELECT, softmax_of(0)),
    ("SKFF", "softmax over streams", "softmax is missing", SELECT, selected_by(weights=lambda z: z)),
    ("SKFF", "weights sum to 1", f"not 1: {CHANNELS}", SELECT, softmax_of(-1)),
    ("SKFF", "weights sum to 1", "must compete", SELECT, selected_by(weights=ops.sigmoid)),
    ("SKFF", "mixture", "reverse order", CALL, mixed_by(lambda s, w: mixed(s, shares(w)[::-1]))),
    ("SKFF", "mixture", "plain average", CALL, mixed_by(lambda s, w: average(s))),
    ("SKFF", "mixture", "applied twice", CALL, mixed_by(lambda s, w: mixed(s, shares(w * w)))),
    ("SKFF", "between the streams", CHANNELS, SELECT, softmax_of(-1)),
    ("SKFF", "same stream", CHANNELS, SELECT, softmax_of(-1)),
    ("SKFF", "same stream", "plain sum", None, sum),
    ("SKFF", "one weight per channel", "each pixel have its own weights", CALL, a_weight_per_pixel),
    ("SKFF", "one weight per channel", "not its pixels or maximum", FUSE, MAX),
    ("SKFF", "selective", "plain average", None, average),
]
