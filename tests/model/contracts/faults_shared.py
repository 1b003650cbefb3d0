"""Faults that can be planted in any component: what `test_planted_faults.py` reads. Each has

(whose contract, the contract that must break, text that its message must contain, where, what is put there).

`where` is the method to replace; None means that the last entry is a component of its own, without hook points.
"""

import itertools

from keras import ops

import model.hooks

HOMES = {
    "SKFF": "model.skff.SKFF",
    "ChannelAttention": "model.attention.ChannelAttention",
    "SpatialAttention": "model.attention.SpatialAttention",
    "DualAttentionUnit": "model.attention.DualAttentionUnit",
    "Downsample": "model.resizing.Downsample",
    "Upsample": "model.resizing.Upsample",
    "MultiScaleResidualBlock": "model.mrb.MultiScaleResidualBlock",
    "RecursiveResidualGroup": "model.rrg.RecursiveResidualGroup",
    "MIRNet": "model.mirnet.MIRNet",
}


def around_call(change):
    """The component's own `call`, with its result changed."""

    def plant(cls):
        call = cls.call

        def faulty(self, inputs):
            return change(self, inputs, call(self, inputs))

        return faulty

    return plant


def around_init(change):
    """The component's own `__init__`, with something done afterwards."""

    def plant(cls):
        init = cls.__init__

        def faulty(self, *args, **kwargs):
            init(self, *args, **kwargs)
            change(self)

        return faulty

    return plant


def sizes_fixed(self, inputs, result):
    first = inputs[0] if isinstance(inputs, list) else inputs
    if first.shape[1] * 3 != first.shape[2] * 4:
        raise ValueError("made for pictures of 4:3")
    return result


def rounded_when_watched(self, inputs, result):
    if model.hooks._visitor.get() is None:
        return result
    return ops.cast(ops.cast(result, "float16"), result.dtype)


def batch_mean_subtracted(self, inputs, result):
    return result - ops.mean(result, axis=0, keepdims=True)


def another_weight(self):
    self.forgotten = self.conv(1, 1)


NUMBER = itertools.count(2)


def plain_number(self):
    self.gain = float(next(NUMBER))  # learned somewhere, but no weight


def gain_applied(self, inputs, result):
    return result * getattr(self, "gain", 1.0)


def of_every(kind: str):
    home = HOMES[kind]
    call, init = f"{home}.call", f"{home}.__init__"
    yield kind, "shape", "not", call, around_call(lambda self, x, y: y[:, 1:])
    yield kind, "finite numbers", "divided by zero", call, around_call(lambda self, x, y: y / ops.zeros_like(y))
    yield kind, "number of parameters", "1 too many", init, around_init(another_weight)
    yield kind, "any size", "refuses the shape (1, 8, 16", call, around_call(sizes_fixed)
    yield kind, "pictures apart", "in the batch", call, around_call(batch_mean_subtracted)
    yield kind, "recording changes nothing", "must return the tensor", call, around_call(rounded_when_watched)
    yield kind, "saved whole", "not saved", (call, init), (around_call(gain_applied), around_init(plain_number))


def picture_of_own_size(self, inputs, result):
    return ops.pad(result, [[0, 0], [0, 1], [0, 1], [0, 0]])


FAULTS = [
    *(fault for kind in HOMES for fault in of_every(kind)),
    ("SKFF", "shape", "the gate itself", None, lambda x: ops.mean(x[0], axis=(1, 2), keepdims=True)),
    ("ChannelAttention", "shape", "the gate itself", None, lambda x: ops.mean(x, axis=(1, 2), keepdims=True)),
    (
        "Upsample",
        "shape",
        "cut off its first row and column",
        "model.resizing.Upsample.call",
        around_call(picture_of_own_size),
    ),
    ("SpatialAttention", "shape", "channels are 1", None, lambda x: ops.max(x, axis=-1, keepdims=True)),
    ("DualAttentionUnit", "shape", 'padding="same"', None, lambda x: x[:, 1:-1, 1:-1]),
]
