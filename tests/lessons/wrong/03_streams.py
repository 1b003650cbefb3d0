# Wrong answers to lesson 3, each with text that its message has to contain.

# %% exercise="seen_period" says=["aliasing is missing"]
def seen_period(period):
    return period / 2


# %% exercise="seen_period" says=["the 2 is missing"]
def seen_period(period):
    waves = 1 / period
    return 1 / np.abs(waves - np.rint(waves))


# %% exercise="seen_period" says=["not the one below", "np.rint"]
def seen_period(period):
    return 1 / ((2 / period) % 1)


# %% exercise="seen_period" says=["the absolute value is missing"]
def seen_period(period):
    waves = 2 / period
    return 1 / (waves - np.rint(waves))


# %% exercise="seen_period" says=["a period is one over that"]
def seen_period(period):
    waves = 2 / period
    return np.abs(waves - np.rint(waves))


# %% exercise="blur_halve" says=["there is no blur", "aliasing"]
def blur_halve(features):
    return features[:, ::2, ::2]


# %% exercise="blur_halve" says=["this is max pooling"]
def blur_halve(features):
    return ops.max_pool(features, 2)


# %% exercise="blur_halve" says=["this is average pooling", "shifted by half a pixel"]
def blur_halve(features):
    return ops.average_pool(features, 2)


# %% exercise="blur_halve" says=["padded with zeros", "reflect"]
def blur_halve(features):
    wide = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]])
    rows = (wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2]) / 4
    return (rows[:, :, :-2:2] + 2 * rows[:, :, 1:-1:2] + rows[:, :, 2::2]) / 4


# %% exercise="blur_halve" says=["the columns are still to do", "(2, 4, 12, 3)"]
def blur_halve(features):
    wide = ops.pad(features, [[0, 0], [1, 1], [0, 0], [0, 0]], mode="reflect")
    return (wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2]) / 4


# %% exercise="blur_halve" says=["rows and columns both need it"]
def blur_halve(features):
    wide = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    rows = wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2]
    return (rows[:, :, :-2:2] + 2 * rows[:, :, 1:-1:2] + rows[:, :, 2::2]) / 4


# %% exercise="contrast_left" says=["the pixel itself is missing"]
def contrast_left(period):
    return np.cos(2 * np.pi / period)


# %% exercise="contrast_left" says=["counts twice"]
def contrast_left(period):
    return (1 + 2 * np.cos(2 * np.pi / period)) / 4


# %% exercise="contrast_left" says=["it was squared"]
def contrast_left(period):
    return ((1 + np.cos(2 * np.pi / period)) / 2) ** 2


# %% exercise="contrast_left" says=["takes radians"]
def contrast_left(period):
    return (1 + np.cos(360 / period)) / 2


# %% exercise="downsample" says=["only a blur resizes", "every second pixel is taken as it is (aliasing)"]
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(filtered[:, ::2, ::2]) + self.shortcut(features[:, ::2, ::2])


# %% exercise="downsample" says=["linear but for PReLU", "max pooling"]
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(ops.max_pool(filtered, 2)) + self.shortcut(ops.max_pool(features, 2))


# %% exercise="downsample" says=["no step of yours is “the features, blurred and halved”"]
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(self.shrink(filtered)) + self.shortcut(ops.average_pool(features, 2))


# %% exercise="downsample" says=["downsampled before the main branch"]
class Downsample(Downsample):
    def call(self, features):
        small = self.shrink(features)
        filtered = self.enter_activation(self.enter(small))
        filtered = self.filter_activation(self.filter(filtered))
        return self.widen(filtered) + self.shortcut(small)


# %% exercise="downsample" says=["the channels are 8 and should be 16"]
class Downsample(Downsample):
    def call(self, features):
        filtered = self.enter_activation(self.enter(features))
        filtered = self.filter_activation(self.filter(filtered))
        return self.shrink(filtered) + self.shrink(features)


# %% exercise="reach" says=["both sides are counted twice"]
def reach(layers):
    size, step = 1, 1
    for kernel, stride in layers:
        size += 2 * (kernel - 1) * step
        step *= stride
    return size


# %% exercise="reach" says=["the strides are forgotten"]
def reach(layers):
    return 1 + sum(kernel - 1 for kernel, _ in layers)


# %% exercise="reach" says=["counts for its own layer already"]
def reach(layers):
    size, step = 1, 1
    for kernel, stride in layers:
        step *= stride
        size += (kernel - 1) * step
    return size


# %% exercise="reach" says=["whole kernels are added"]
def reach(layers):
    size, step = 1, 1
    for kernel, stride in layers:
        size += kernel * step
        step *= stride
    return size


# %% exercise="reach" says=["kernel sizes are multiplied"]
def reach(layers):
    size = 1
    for kernel, _ in layers:
        size *= kernel
    return size
