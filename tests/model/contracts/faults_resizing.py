"""Faults in the resizing modules (see `faults_shared.py` for what the entries mean)."""

import numpy as np
from keras import ops

from model import HookPoint, call_site
from model.resampling import bilinear_double, blur_halve


def down_step(self, x, blur=blur_halve, act=None, tail=lambda main: main, out=lambda main, beside: main + beside):
    """A downsampling step with other parts in it."""
    x = HookPoint("in")(x)
    entered = (act or self.enter_activation)(self.enter(x))
    filtered = HookPoint("features")((act or self.filter_activation)(self.filter(entered)))
    main = HookPoint("main")(tail(self.widen(HookPoint("resized")(blur(filtered)))))
    return HookPoint("out")(out(main, HookPoint("shortcut")(self.shortcut(blur(x)))))


def up_step(
    self,
    x,
    enlarge=bilinear_double,
    act=None,
    crop=None,
    tail=lambda main: main,
    out=lambda main, beside: main + beside,
):
    """An upsampling step with other parts in it."""
    x = HookPoint("in")(x)
    entered = HookPoint("features")((act or self.enter_activation)(self.enter(x)))
    doubled = (crop or (lambda values: values[:, 1:, 1:]))(self.enlarge(entered))
    main = HookPoint("main")(tail(self.narrow(HookPoint("resized")((act or self.enlarge_activation)(doubled)))))
    return HookPoint("out")(out(main, HookPoint("shortcut")(self.shortcut(enlarge(x)))))


def late_step(self, x, enlarge=bilinear_double, act=None, out=lambda main, beside: main + beside):
    """An upsampling step of the board's style with other parts in it."""
    x = HookPoint("in")(x)
    filtered = (act or self.filter_activation)(self.filter((act or self.enter_activation)(self.enter(x))))
    main = HookPoint("main")(self.narrow(HookPoint("features")(filtered)))
    return HookPoint("out")(HookPoint("resized")(enlarge(out(main, HookPoint("shortcut")(self.shortcut(x))))))


def with_parts(function, **parts):
    return lambda cls: lambda self, x: function(self, x, **parts)


def blur_with(mode):
    def blur(x):
        kernel = np.tile((np.outer([1, 2, 1], [1, 2, 1]) / 16)[:, :, None, None], (1, 1, x.shape[-1], 1))
        padded = np.pad(ops.convert_to_numpy(x), [(0, 0), (1, 1), (1, 1), (0, 0)], mode=mode)
        return ops.depthwise_conv(padded, kernel.astype("float32"), strides=2, padding="valid")

    return blur


def max_pool(x):
    return ops.max_pool(x, 2, strides=2)


def average_pool(x):
    return ops.average_pool(x, 2, strides=2)


def every_second(x):
    return x[:, ::2, ::2]


def one_off(x):
    return blur_halve(ops.roll(ops.roll(x, -1, axis=1), -1, axis=2))


def nearest(x):
    return ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)


def corners_aligned(x):
    x = ops.convert_to_numpy(x)
    for axis in (1, 2):
        size = x.shape[axis]
        at = np.linspace(0, size - 1, 2 * size)
        x = np.apply_along_axis(lambda line, at=at, size=size: np.interp(at, np.arange(size), line), axis, x)
    return ops.convert_to_tensor(x.astype("float32"))


def first_step_twice(cls):
    """Each step gets the input of the module instead of the result of the step before."""

    def call(self, features):
        features = HookPoint("in")(features)
        for k, step in enumerate(self.steps, 1):
            with call_site(f"step_{k}"):
                result = step(features * 1.5)
        return HookPoint("out")(result)

    return call


def blurred_on_the_shortcut_only(cls):
    def call(self, x):
        filtered = self.filter_activation(self.filter(self.enter_activation(self.enter(x))))
        return self.widen(average_pool(filtered)) + self.shortcut(blur_halve(x))

    return call


def biased(cls):
    def call(self, features):
        return HookPoint("out")(self.steps[0](features) + 0.5)

    return call


def thinner(cls):
    """The output has half of the channels too many."""

    def call(self, features):
        result = self.steps[0](features)
        return ops.concatenate([result, result], axis=-1)

    return call


DOWN, UP = "model.resizing.DownsampleStep.call", "model.resizing.UpsampleStep.call"
LATE = "model.resizing.LateUpsampleStep.call"

last_cut_off = with_parts(up_step, crop=lambda x: x[:, :-1, :-1])

FAULTS = [
    ("Downsample", "steps by 2", "should be in", "model.resizing.Downsample.call", first_step_twice),
    ("Downsample", "features", "this is ReLU", DOWN, with_parts(down_step, act=ops.relu)),
    ("Downsample", "main branch", "a ReLU follows", DOWN, with_parts(down_step, tail=ops.relu)),
    ("Downsample", "branches added", "not added", DOWN, with_parts(down_step, out=lambda main, beside: main)),
    ("Downsample", "brightness scales", "a convolution has a bias", "model.resizing.Downsample.call", biased),
    ("Downsample", "linear but for PReLU", "max pooling", DOWN, with_parts(down_step, blur=max_pool)),
    ("Downsample", "linear but for PReLU", "a ReLU", DOWN, with_parts(down_step, act=ops.relu)),
    ("Downsample", "no false patterns", "is it blurred", DOWN, with_parts(down_step, blur=every_second)),
    ("Downsample", "size comes back", ", not (1, 16, 24", "model.resizing.Downsample.call", thinner),
    *(
        ("Downsample", title, message, DOWN, with_parts(down_step, blur=blur))
        for title in ("blur, then every second pixel", "shortcut")
        for message, blur in (
            ("filled with zeros", blur_with("constant")),
            ("repeats its last pixel", blur_with("edge")),
            ("max pooling", max_pool),
            ("2×2 average pooling", average_pool),
            ("there is no blur", every_second),
            ("not", one_off),
        )
    ),
    ("Downsample", "only a blur resizes", "max pooling", DOWN, with_parts(down_step, blur=max_pool)),
    ("Downsample", "only a blur resizes", "there is no blur", DOWN, with_parts(down_step, blur=every_second)),
    ("Downsample", "only a blur resizes", "2×2 average", DOWN, with_parts(down_step, blur=average_pool)),
    ("Downsample", "only a blur resizes", "filled with zeros", DOWN, with_parts(down_step, blur=blur_with("constant"))),
    ("Downsample", "only a blur resizes", "only the centre", DOWN, blurred_on_the_shortcut_only),
    ("Upsample", "bilinear shortcut", "nearest", UP, with_parts(up_step, enlarge=nearest)),
    ("Upsample", "bilinear shortcut", "corners are aligned", UP, with_parts(up_step, enlarge=corners_aligned)),
    ("Upsample", "lands in place", "one pixel off", UP, last_cut_off),
    ("Upsample", "lands in place", "something else", UP, with_parts(up_step, crop=lambda x: nearest(x[:, 1::2, 1::2]))),
    ("Upsample", "steps by 2", "should be in", "model.resizing.Upsample.call", first_step_twice),
    ("Upsample", "features", "this is ReLU", UP, with_parts(up_step, act=ops.relu)),
    ("Upsample", "transposed convolution in place", "one pixel off", UP, last_cut_off),
    ("Upsample", "transposed convolution in place", "this is ReLU", UP, with_parts(up_step, act=ops.relu)),
    ("Upsample", "main branch", "a ReLU follows", UP, with_parts(up_step, tail=ops.relu)),
    ("Upsample", "shortcut", "nearest neighbour", UP, with_parts(up_step, enlarge=nearest)),
    ("Upsample", "shortcut", "corners are aligned", UP, with_parts(up_step, enlarge=corners_aligned)),
    ("Upsample", "branches added", "added twice", UP, with_parts(up_step, out=lambda main, beside: main + 2 * beside)),
    ("Upsample", "brightness scales", "a convolution has a bias", "model.resizing.Upsample.call", biased),
    ("Upsample", "linear but for PReLU", "a ReLU", UP, with_parts(up_step, act=ops.relu)),
    ("Upsample", "size comes back", ", not (1, 16, 24", "model.resizing.Upsample.call", thinner),
    ("Upsample", "features before the resize", "ReLUs are missing", LATE, with_parts(late_step, act=lambda x: x)),
    ("Upsample", "reduced, then enlarged", "nearest neighbour", LATE, with_parts(late_step, enlarge=nearest)),
    ("Upsample", "reduced, then enlarged", "shortcut is missing", LATE, with_parts(late_step, out=lambda x, _: x)),
]
