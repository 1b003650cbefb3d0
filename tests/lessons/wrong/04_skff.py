# Wrong answers to lesson 4, each with text that its message has to contain.

# %% exercise="describe" says=["maximum over the picture, called average"]
def describe(streams):
    return ops.max(sum(streams), axis=(1, 2), keepdims=True)


# %% exercise="describe" says=["streams' average; the paper adds them"]
def describe(streams):
    return ops.mean(sum(streams) / len(streams), axis=(1, 2), keepdims=True)


# %% exercise="describe" says=["over the channels at each pixel", "not a descriptor"]
def describe(streams):
    return ops.mean(sum(streams), axis=-1, keepdims=True)


# %% exercise="describe" says=["`keepdims=True` keeps them"]
def describe(streams):
    return ops.mean(sum(streams), axis=(1, 2))


# %% exercise="describe" says=["sum over the picture"]
def describe(streams):
    return ops.sum(sum(streams), axis=(1, 2), keepdims=True)


# %% exercise="logits_of" says=["all streams share one matrix"]
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, slope * compact)
    return np.concatenate([compact @ expand[0]] * len(expand), axis=1)


# %% exercise="logits_of" says=["PReLU is missing"]
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    return np.concatenate([compact @ matrix for matrix in expand], axis=1)


# %% exercise="logits_of" says=["this is ReLU"]
def logits_of(descriptor, squeeze, slope, expand):
    compact = np.maximum(descriptor @ squeeze, 0)
    return np.concatenate([compact @ matrix for matrix in expand], axis=1)


# %% exercise="logits_of" says=["concatenated along the channels", "(2, 1, 1, 24)"]
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, slope * compact)
    return np.concatenate([compact @ matrix for matrix in expand], axis=-1)


# %% exercise="select" says=["the softmax runs over the channels", "every public TensorFlow version"]
def select(logits):
    return ops.softmax(logits)


# %% exercise="select" says=["this is a sigmoid"]
def select(logits):
    return ops.sigmoid(logits)


# %% exercise="select" says=["axis 2, which has the length 1"]
def select(logits):
    return ops.softmax(logits, axis=2)


# %% exercise="select" says=["`exp` overflowed", "subtract the largest logit"]
def select(logits):
    powers = ops.exp(logits)
    return powers / ops.sum(powers, axis=1, keepdims=True)


# %% exercise="select" says=["the strongest takes all"]
def select(logits):
    return ops.cast(logits == ops.max(logits, axis=1, keepdims=True), "float32")


# %% exercise="skff" says=["the softmax runs over the channels", "the streams have to compete"]
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        weights = ops.softmax(ops.concatenate([expand(compact) for expand in self.expand], axis=1))
        return sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams))


# %% exercise="skff" says=["maximum over the picture, called average", "a single bright pixel"]
class SKFF(SKFF):
    def call(self, streams):
        average_pooling = ops.max(sum(streams), axis=(1, 2), keepdims=True)
        compact = self.squeeze_activation(self.squeeze(average_pooling))
        weights = self.select(ops.concatenate([expand(compact) for expand in self.expand], axis=1))
        return sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams))


# %% exercise="skff" says=["all streams share the first expansion", "a third"]
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        weights = self.select(ops.concatenate([self.expand[0](compact)] * 3, axis=1))
        return sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams))


# %% exercise="skff" says=["this is their plain sum"]
class SKFF(SKFF):
    def call(self, streams):
        return sum(streams)


# %% exercise="skff" says=["in reverse order"]
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        weights = self.select(ops.concatenate([expand(compact) for expand in self.expand], axis=1))
        return sum(weights[:, 2 - k : 3 - k] * stream for k, stream in enumerate(streams))


# %% exercise="adds_up" says=["it adds up over the channels"]
def adds_up(weights):
    return bool(np.abs(weights.sum(axis=-1) - 1).max() < 1e-5)


# %% exercise="adds_up" says=["asks for exactly 1"]
def adds_up(weights):
    return bool((weights.sum(axis=1) == 1).all())


# %% exercise="adds_up" says=["only one sum, or a mean"]
def adds_up(weights):
    return bool(abs(weights.sum(axis=1).mean() - 1) < 1e-5)


# %% exercise="adds_up" says=["take the absolute value"]
def adds_up(weights):
    return bool((weights.sum(axis=1) - 1).max() < 1e-5)


# %% exercise="adds_up" says=["not True or False", "`.all()` or `.max()`"]
def adds_up(weights):
    return np.abs(weights.sum(axis=1) - 1) < 1e-5


# %% exercise="adds_up" says=["a contract that cannot be broken"]
def adds_up(weights):
    return weights.min() >= 0
