# %% exercise="seen_period" wrong="half the period"
def seen_period(period):
    return period / 2


# %% exercise="seen_period" wrong="frequency of the large picture"
def seen_period(period):
    waves = 1 / period
    return 1 / np.abs(waves - np.rint(waves))


# %% exercise="seen_period" wrong="a frequency instead of a period"
def seen_period(period):
    waves = 2 / period
    return np.abs(waves - np.rint(waves))


# %% exercise="seen_period" wrong="floor instead of the nearest integer"
def seen_period(period):
    waves = 2 / period
    return 1 / np.abs(waves - np.floor(waves))


# %% exercise="seen_period" wrong="in pixels of the large picture"
def seen_period(period):
    waves = 2 / period
    return 2 / np.abs(waves - np.rint(waves))


# %% exercise="seen_period" wrong="always minus one"
def seen_period(period):
    return 1 / np.abs(2 / period - 1)


# %% exercise="seen_period" wrong="no absolute value"
def seen_period(period):
    waves = 2 / period
    return 1 / (waves - np.rint(waves))


# %% exercise="seen_period" wrong="pixels twice as fine"
def seen_period(period):
    waves = 1 / (2 * period)
    return 1 / np.abs(waves - np.rint(waves))


# %% exercise="seen_period" right="folding by cases"
def seen_period(period):
    return np.where(period < 4, period / (period - 2), period / 2)


# %% exercise="seen_period" right="one period at a time"
def seen_period(period):
    return [max(1 / abs(2 / p), 1 / abs(2 / p - 1)) for p in np.ravel(period)]


# %% exercise="blur_halve" wrong="no blur"
def blur_halve(features):
    return features[:, ::2, ::2]


# %% exercise="blur_halve" wrong="rows only"
def blur_halve(features):
    wide = ops.pad(features, [[0, 0], [1, 1], [0, 0], [0, 0]], mode="reflect")
    return ((wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2]) / 4)[:, :, ::2]


# %% exercise="blur_halve" wrong="zero padding"
def blur_halve(features):
    wide = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]])
    rows = (wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2]) / 4
    return (rows[:, :, :-2:2] + 2 * rows[:, :, 1:-1:2] + rows[:, :, 2::2]) / 4


# %% exercise="blur_halve" wrong="the last pixel repeated at the border"
def blur_halve(features):
    wide = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="symmetric")
    rows = (wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2]) / 4
    return (rows[:, :, :-2:2] + 2 * rows[:, :, 1:-1:2] + rows[:, :, 2::2]) / 4


# %% exercise="blur_halve" wrong="a box of three"
def blur_halve(features):
    wide = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    rows = (wide[:, :-2:2] + wide[:, 1:-1:2] + wide[:, 2::2]) / 3
    return (rows[:, :, :-2:2] + rows[:, :, 1:-1:2] + rows[:, :, 2::2]) / 3


# %% exercise="blur_halve" wrong="beginning with the second pixel"
def blur_halve(features):
    wide = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    rows = (wide[:, 1:-1] + 0 * wide[:, 1:-1]) * 0 + (wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]) / 4
    both = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 4
    return both[:, 1::2, 1::2]


# %% exercise="blur_halve" wrong="average pooling of two"
def blur_halve(features):
    return ops.average_pool(features, 2)


# %% exercise="blur_halve" wrong="max pooling"
def blur_halve(features):
    return ops.max_pool(features, 2)


# %% exercise="blur_halve" wrong="divided once by four instead of twice"
def blur_halve(features):
    wide = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    rows = wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2]
    return (rows[:, :, :-2:2] + 2 * rows[:, :, 1:-1:2] + rows[:, :, 2::2]) / 4


# %% exercise="blur_halve" wrong="blurred after halving"
def blur_halve(features):
    wide = ops.pad(features[:, ::2, ::2], [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    rows = (wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]) / 4
    return (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 4


# %% exercise="blur_halve" wrong="channels mixed"
def blur_halve(features):
    wide = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    rows = (wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2]) / 4
    small = (rows[:, :, :-2:2] + 2 * rows[:, :, 1:-1:2] + rows[:, :, 2::2]) / 4
    return ops.mean(small, axis=-1, keepdims=True) + 0 * small


# %% exercise="blur_halve" wrong="not halved"
def blur_halve(features):
    wide = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    rows = (wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]) / 4
    return (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 4


# %% exercise="blur_halve" right="nine weights"
def blur_halve(features):
    weights = np.outer([1, 2, 1], [1, 2, 1]) / 16
    wide = np.pad(np.asarray(features), [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    height, width = features.shape[1:3]
    return sum(weights[i, j] * wide[:, i : i + height : 2, j : j + width : 2] for i in range(3) for j in range(3))


# %% exercise="blur_halve" right="a depthwise convolution"
def blur_halve(features):
    channels = features.shape[-1]
    kernel = np.tile(np.outer([1, 2, 1], [1, 2, 1])[:, :, None, None] / 16, (1, 1, channels, 1))
    wide = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    return ops.depthwise_conv(wide, kernel.astype("float32"), strides=2, padding="valid")


# %% exercise="contrast_left" wrong="half of the cosine alone"
def contrast_left(period):
    return np.cos(2 * np.pi / period) / 2


# %% exercise="contrast_left" wrong="degrees and radians"
def contrast_left(period):
    return (1 + np.cos(360 / period)) / 2


# %% exercise="contrast_left" wrong="pi instead of two pi"
def contrast_left(period):
    return (1 + np.cos(np.pi / period)) / 2


# %% exercise="contrast_left" wrong="squared, as for both directions"
def contrast_left(period):
    return ((1 + np.cos(2 * np.pi / period)) / 2) ** 2


# %% exercise="contrast_left" wrong="divided by three"
def contrast_left(period):
    return (1 + 2 * np.cos(2 * np.pi / period)) / 3


# %% exercise="contrast_left" wrong="not divided by four"
def contrast_left(period):
    return 2 + 2 * np.cos(2 * np.pi / period)


# %% exercise="contrast_left" wrong="what is lost"
def contrast_left(period):
    return (1 - np.cos(2 * np.pi / period)) / 2


# %% exercise="contrast_left" wrong="period and frequency exchanged"
def contrast_left(period):
    return (1 + np.cos(2 * np.pi * period)) / 2


# %% exercise="contrast_left" right="a square of a cosine"
def contrast_left(period):
    return np.cos(np.pi / period) ** 2


# %% exercise="contrast_left" right="a Keras tensor"
def contrast_left(period):
    return 0.5 + 0.5 * ops.cos(2 * np.pi / ops.convert_to_tensor(period, "float32"))


# %% exercise="downsample" wrong="shortcut forgotten"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(self.shrink(filtered))


# %% exercise="downsample" wrong="first activation forgotten"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.filter_activation(self.filter(self.enter(features)))
        return self.widen(self.shrink(filtered)) + self.shortcut(self.shrink(features))


# %% exercise="downsample" wrong="second activation forgotten"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.filter(self.enter_activation(self.enter(features)))
        return self.widen(self.shrink(filtered)) + self.shortcut(self.shrink(features))


# %% exercise="downsample" wrong="activations exchanged with convolutions"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter(self.enter_activation(features))
        filtered = self.filter(self.filter_activation(filtered))
        return self.widen(self.shrink(filtered)) + self.shortcut(self.shrink(features))


# %% exercise="downsample" wrong="shrunk before the 3x3 convolution"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.shrink(self.enter_activation(self.enter(features)))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(filtered) + self.shortcut(self.shrink(features))


# %% exercise="downsample" wrong="shrunk by strides"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(filtered[:, ::2, ::2]) + self.shortcut(features[:, ::2, ::2])


# %% exercise="downsample" wrong="the branches multiplied"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(self.shrink(filtered)) * self.shortcut(self.shrink(features))


# %% exercise="downsample" wrong="subtracted"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(self.shrink(filtered)) - self.shortcut(self.shrink(features))


# %% exercise="downsample" wrong="widen and shortcut exchanged"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.shortcut(self.shrink(filtered)) + self.widen(self.shrink(features))


# %% exercise="downsample" wrong="shortcut from the entered features"
class Downsample(Downsample):
    def call(self, features):
        entered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(entered))
        return self.widen(self.shrink(filtered)) + self.shortcut(self.shrink(entered))


# %% exercise="downsample" wrong="shortcut not shrunk"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(self.shrink(filtered)) + self.shortcut(features)


# %% exercise="downsample" wrong="shrunk twice"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.shrink(self.widen(self.shrink(filtered)) + self.shortcut(self.shrink(features)))


# %% exercise="downsample" wrong="an activation after the sum"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        both = self.widen(self.shrink(filtered)) + self.shortcut(self.shrink(features))
        return self.filter_activation(both)


# %% exercise="downsample" wrong="blur_halve instead of self.shrink"
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(blur_halve(filtered)) + self.shortcut(blur_halve(features))


# %% exercise="downsample" right="widened before it is shrunk"
class Downsample(Downsample):
    def call(self, features):
        short = self.shrink(self.shortcut(features))
        main = self.filter_activation(self.filter(self.enter_activation(self.enter(features))))
        return ops.add(short, self.shrink(self.widen(main)))


# %% exercise="downsample" right="a loop over the layers"
class Downsample(Downsample):
    def call(self, features):
        main = features
        for layer in (self.enter, self.enter_activation, self.filter, self.filter_activation):
            main = layer(main)
        return self.shortcut(self.shrink(features)) + self.widen(self.shrink(main))


# %% exercise="reach" wrong="kernels added up"
def reach(layers):
    return sum(kernel for kernel, _ in layers)


# %% exercise="reach" wrong="strides ignored"
def reach(layers):
    return 1 + sum(kernel - 1 for kernel, _ in layers)


# %% exercise="reach" wrong="step before the kernel"
def reach(layers):
    size, step = 1, 1
    for kernel, stride in layers:
        step *= stride
        size += (kernel - 1) * step
    return size


# %% exercise="reach" wrong="beginning with zero"
def reach(layers):
    size, step = 0, 1
    for kernel, stride in layers:
        size += (kernel - 1) * step
        step *= stride
    return size


# %% exercise="reach" wrong="strides added"
def reach(layers):
    size, step = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * step
        step += stride - 1
    return size


# %% exercise="reach" wrong="kernel instead of kernel minus one"
def reach(layers):
    size, step = 1, 1
    for kernel, stride in layers:
        size += kernel * step
        step *= stride
    return size


# %% exercise="reach" wrong="a factor two for every stride"
def reach(layers):
    size = 1
    for kernel, stride in layers:
        size = size * stride + kernel - 1
    return size


# %% exercise="reach" wrong="one side only"
def reach(layers):
    size, step = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) // 2 * step
        step *= stride
    return size


# %% exercise="reach" wrong="step of the last layer alone"
def reach(layers):
    size, step = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * step
        step = stride
    return size


# %% exercise="reach" right="from output to input"
def reach(layers):
    size = 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
    return size


# %% exercise="reach" right="recursive"
def reach(layers):
    if not layers:
        return 1
    (kernel, stride), *rest = layers
    return (reach(rest) - 1) * stride + kernel


# %% exercise="seen_period" right="a remainder, folded"
def seen_period(period):
    waves = np.mod(2 / np.asarray(period), 1)
    return 1 / np.minimum(waves, 1 - waves)


# %% exercise="blur_halve" right="columns first, TensorFlow"
def blur_halve(features):
    import tensorflow as tf

    wide = tf.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
    columns = (wide[:, :, :-2:2] + 2 * wide[:, :, 1:-1:2] + wide[:, :, 2::2]) / 4
    return (columns[:, :-2:2] + 2 * columns[:, 1:-1:2] + columns[:, 2::2]) / 4


# %% exercise="contrast_left" right="a list"
def contrast_left(period):
    import math

    return [0.5 * (1 + math.cos(2 * math.pi / p)) for p in period]


# %% exercise="downsample" right="ops.add and names"
class Downsample(Downsample):
    def call(self, features):
        short = self.shortcut(self.shrink(features))
        x = self.enter(features)
        x = self.enter_activation(x)
        x = self.filter(x)
        x = self.filter_activation(x)
        return ops.add(self.widen(self.shrink(x)), short)


# %% exercise="reach" right="a sum of products"
def reach(layers):
    return 1 + sum((k - 1) * int(np.prod([s for _, s in layers[:n]])) for n, (k, _) in enumerate(layers))


# %% exercise="contrast_left" right="measured on a wave"
def contrast_left(period):
    shares = np.empty(len(period))
    for k, p in enumerate(period):
        x = np.arange(-1, 2)
        wave = np.cos(2 * np.pi * x / p)
        shares[k] = np.dot([1, 2, 1], wave) / 4 / wave[1]
    return shares
