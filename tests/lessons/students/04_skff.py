# %% exercise="describe" wrong="the mean of the streams"
def describe(streams):
    return ops.mean(sum(streams) / len(streams), axis=(1, 2), keepdims=True)


# %% exercise="describe" wrong="over the channels too"
def describe(streams):
    return ops.mean(sum(streams), axis=(1, 2, 3), keepdims=True)


# %% exercise="describe" wrong="axes lost"
def describe(streams):
    return ops.mean(sum(streams), axis=(1, 2))


# %% exercise="describe" wrong="the maximum"
def describe(streams):
    return ops.max(sum(streams), axis=(1, 2), keepdims=True)


# %% exercise="describe" wrong="a sum over the picture"
def describe(streams):
    return ops.sum(sum(streams), axis=(1, 2), keepdims=True)


# %% exercise="describe" wrong="the first stream alone"
def describe(streams):
    return ops.mean(streams[0], axis=(1, 2), keepdims=True)


# %% exercise="describe" wrong="the last stream forgotten"
def describe(streams):
    return ops.mean(streams[0] + streams[1], axis=(1, 2), keepdims=True)


# %% exercise="describe" wrong="over the batch"
def describe(streams):
    total = sum(streams)
    return ops.mean(total, axis=(0, 1, 2), keepdims=True) + 0 * ops.mean(total, axis=(1, 2), keepdims=True)


# %% exercise="describe" wrong="concatenated"
def describe(streams):
    return ops.mean(ops.concatenate(streams, axis=-1), axis=(1, 2), keepdims=True)


# %% exercise="describe" wrong="adds into the first stream" says=["changes `streams` that it is given"]
def describe(streams):
    total = streams[0]
    for stream in streams[1:]:
        total += stream
    return ops.mean(total, axis=(1, 2), keepdims=True)


# %% exercise="describe" wrong="empties the list" says=["changes `streams` that it is given"]
def describe(streams):
    total = streams.pop()
    while streams:
        total = total + streams.pop()
    return ops.mean(total, axis=(1, 2), keepdims=True)


# %% exercise="describe" wrong="sum over the channels of a tensor"
def describe(streams):
    return ops.mean(streams, axis=(1, 2), keepdims=True)


# %% exercise="describe" right="averages first, and then the sum"
def describe(streams):
    return sum(ops.mean(stream, axis=(1, 2), keepdims=True) for stream in streams)


# %% exercise="describe" right="NumPy, in two steps"
def describe(streams):
    total = np.sum([np.asarray(stream) for stream in streams], axis=0)
    return total.mean(axis=1, keepdims=True).mean(axis=2, keepdims=True)


# %% exercise="describe" right="a pooling layer"
def describe(streams):
    return keras.layers.GlobalAveragePooling2D(keepdims=True)(keras.layers.Add()(list(streams)))


# %% exercise="describe" right="a product with ones"
def describe(streams):
    total = ops.add(ops.add(streams[0], streams[1]), streams[2])
    return ops.einsum("bhwc->bc", total)[:, None, None] / (total.shape[1] * total.shape[2])


# %% exercise="logits_of" wrong="no activation"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    return np.concatenate([compact @ matrix for matrix in expand], axis=1)


# %% exercise="logits_of" wrong="ReLU, no slope"
def logits_of(descriptor, squeeze, slope, expand):
    compact = np.maximum(descriptor @ squeeze, 0)
    return np.concatenate([compact @ matrix for matrix in expand], axis=1)


# %% exercise="logits_of" wrong="slope for the positive ones"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, slope * compact, compact)
    return np.concatenate([compact @ matrix for matrix in expand], axis=1)


# %% exercise="logits_of" wrong="slope 0.25 built in"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, 0.25 * compact)
    return np.concatenate([compact @ matrix for matrix in expand], axis=1)


# %% exercise="logits_of" wrong="activated before the squeeze"
def logits_of(descriptor, squeeze, slope, expand):
    compact = np.where(descriptor > 0, descriptor, slope * descriptor) @ squeeze
    return np.concatenate([compact @ matrix for matrix in expand], axis=1)


# %% exercise="logits_of" wrong="activated once more at the end"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, slope * compact)
    logits = np.concatenate([compact @ matrix for matrix in expand], axis=1)
    return np.where(logits > 0, logits, slope * logits)


# %% exercise="logits_of" wrong="along the channels"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, slope * compact)
    return np.concatenate([compact @ matrix for matrix in expand], axis=-1)


# %% exercise="logits_of" wrong="always the first matrix"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, slope * compact)
    return np.concatenate([compact @ expand[0] for matrix in expand], axis=1)


# %% exercise="logits_of" wrong="order of the streams reversed"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, slope * compact)
    return np.concatenate([compact @ matrix for matrix in expand[::-1]], axis=1)


# %% exercise="logits_of" wrong="a softmax already"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, slope * compact)
    logits = np.concatenate([compact @ matrix for matrix in expand], axis=1)
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


# %% exercise="logits_of" wrong="stacked on a new axis"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, slope * compact)
    return np.stack([compact @ matrix for matrix in expand], axis=1)


# %% exercise="logits_of" wrong="slope added"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, slope + compact)
    return np.concatenate([compact @ matrix for matrix in expand], axis=1)


# %% exercise="logits_of" wrong="absolute value"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor @ squeeze
    compact = np.where(compact > 0, compact, -slope * compact)
    return np.concatenate([compact @ matrix for matrix in expand], axis=1)


# %% exercise="logits_of" right="maximum and minimum"
def logits_of(descriptor, squeeze, slope, expand):
    compact = np.matmul(descriptor, squeeze)
    compact = np.maximum(compact, 0) + slope * np.minimum(compact, 0)
    return np.concatenate(list(map(lambda matrix: np.dot(compact, matrix), expand)), 1)


# %% exercise="logits_of" right="einsum over stacked matrices"
def logits_of(descriptor, squeeze, slope, expand):
    compact = descriptor[:, 0, 0] @ squeeze
    compact = compact * np.where(compact < 0, slope, 1)
    return np.einsum("bs,ksc->bkc", compact, np.stack(expand))[:, :, None]


# %% exercise="logits_of" right="keras.ops"
def logits_of(descriptor, squeeze, slope, expand):
    compact = ops.leaky_relu(ops.matmul(descriptor, squeeze), float(slope))
    return ops.concatenate([ops.matmul(compact, matrix) for matrix in expand], axis=1)


# %% exercise="select" wrong="over the channels"
def select(logits):
    return ops.softmax(logits)


# %% exercise="select" wrong="over the batch"
def select(logits):
    return ops.softmax(logits, axis=0)


# %% exercise="select" wrong="over the position"
def select(logits):
    return ops.softmax(logits, axis=2)


# %% exercise="select" wrong="a sigmoid"
def select(logits):
    return ops.sigmoid(logits)


# %% exercise="select" wrong="overflow of the exponential"
def select(logits):
    return ops.exp(logits) / ops.sum(ops.exp(logits), axis=1, keepdims=True)


# %% exercise="select" wrong="divided by the sum without an exponential"
def select(logits):
    return logits / ops.sum(logits, axis=1, keepdims=True)


# %% exercise="select" wrong="over streams and channels"
def select(logits):
    return ops.reshape(ops.softmax(ops.reshape(logits, (logits.shape[0], -1))), logits.shape)


# %% exercise="select" wrong="the largest takes all"
def select(logits):
    return ops.cast(logits == ops.max(logits, axis=1, keepdims=True), "float32")


# %% exercise="select" wrong="a third each"
def select(logits):
    return ops.ones_like(logits) / 3


# %% exercise="select" wrong="minus the largest of all, after exp"
def select(logits):
    powers = ops.exp(logits) - ops.max(logits)
    return powers / ops.sum(powers, axis=1, keepdims=True)


# %% exercise="select" wrong="log-softmax"
def select(logits):
    return ops.log_softmax(logits, axis=1)


# %% exercise="select" wrong="softmax twice"
def select(logits):
    return ops.softmax(ops.softmax(logits, axis=1), axis=1)


# %% exercise="select" wrong="logits negated"
def select(logits):
    return ops.softmax(-logits, axis=1)


# %% exercise="select" right="axis from the end"
def select(logits):
    return keras.activations.softmax(logits, axis=-3)


# %% exercise="select" right="minus the largest of each channel"
def select(logits):
    powers = ops.exp(logits - ops.max(logits, axis=1, keepdims=True))
    return powers / ops.sum(powers, axis=1, keepdims=True)


# %% exercise="select" right="NumPy"
def select(logits):
    logits = np.asarray(logits)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1)[:, None]


# %% exercise="select" right="a logarithm of a sum"
def select(logits):
    return ops.exp(logits - ops.logsumexp(logits, axis=1, keepdims=True))


# %% exercise="skff" wrong="the global select" says=["does not use `self.select`"]
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        weights = select(logits)
        return sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams))


# %% exercise="skff" wrong="no activation"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze(describe(streams))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        weights = self.select(logits)
        return sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams))


# %% exercise="skff" wrong="last stream forgotten in the sum" says=["a stream is forgotten"]
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        weights = self.select(logits)
        return sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams[:2]))


# %% exercise="skff" wrong="selected one by one"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        weights = [self.select(expand(compact)) for expand in self.expand]
        return sum(weight * stream for weight, stream in zip(weights, streams, strict=True))


# %% exercise="skff" wrong="every stream with the first weight"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        weights = self.select(logits)
        return sum(weights[:, :1] * stream for stream in streams)


# %% exercise="skff" wrong="the slice drops an axis"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        weights = self.select(logits)
        return sum(weights[:, k] * stream for k, stream in enumerate(streams))


# %% exercise="skff" wrong="weights times the sum of the streams"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        weights = self.select(logits)
        return sum(weights[:, k : k + 1] * sum(streams) for k in range(3))


# %% exercise="skff" wrong="plus the input"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        weights = self.select(logits)
        return streams[0] + sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams))


# %% exercise="skff" wrong="divided by three again"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        weights = self.select(logits)
        return sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams)) / 3


# %% exercise="skff" wrong="the weights instead of the weighted sum"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        return self.select(logits)


# %% exercise="skff" wrong="logits as weights"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        return sum(logits[:, k : k + 1] * stream for k, stream in enumerate(streams))


# %% exercise="skff" wrong="streams in reverse"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        weights = self.select(logits)
        return sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams[::-1]))


# %% exercise="skff" wrong="one expansion for all"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        logits = ops.concatenate([self.expand[0](compact) for _ in streams], axis=1)
        weights = self.select(logits)
        return sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams))


# %% exercise="skff" wrong="described from the first stream only"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams[:1])))
        logits = ops.concatenate([expand(compact) for expand in self.expand], axis=1)
        weights = self.select(logits)
        return sum(weights[:, k : k + 1] * stream for k, stream in enumerate(streams))


# %% exercise="skff" right="stacked, and summed along an axis"
class SKFF(SKFF):
    def call(self, streams):
        compact = self.squeeze_activation(self.squeeze(describe(streams)))
        weights = self.select(ops.concatenate([each(compact) for each in self.expand], axis=1))
        return ops.sum(ops.stack(streams, axis=1) * weights[:, :, None], axis=1)


# %% exercise="skff" right="split"
class SKFF(SKFF):
    def call(self, streams):
        z = self.squeeze_activation(self.squeeze(describe(streams)))
        first, second, third = self.expand
        weights = self.select(ops.concatenate([first(z), second(z), third(z)], axis=1))
        one, two, three = ops.split(weights, 3, axis=1)
        return one * streams[0] + two * streams[1] + three * streams[2]


# %% exercise="skff" right="einsum"
class SKFF(SKFF):
    def call(self, streams):
        z = self.squeeze_activation(self.squeeze(describe(streams)))
        weights = self.select(ops.concatenate([each(z) for each in self.expand], axis=1))
        return ops.einsum("bkc,bkhwc->bhwc", weights[:, :, 0], ops.stack(streams, axis=1))


# %% exercise="adds_up" wrong="over the channels"
def adds_up(weights):
    return bool(np.abs(weights.sum(axis=-1) - 1).max() < 1e-5)


# %% exercise="adds_up" wrong="all together"
def adds_up(weights):
    return bool(abs(weights.sum() / weights.shape[-1] - 1) < 1e-5)


# %% exercise="adds_up" wrong="no tolerance"
def adds_up(weights):
    return bool((weights.sum(axis=1) == 1).all())


# %% exercise="adds_up" wrong="a tolerance of 5e-3" says=["more than 1e-5 is allowed"]
def adds_up(weights):
    return bool(np.abs(weights.sum(axis=1) - 1).max() < 5e-3)


# %% exercise="adds_up" wrong="no absolute value"
def adds_up(weights):
    return bool((weights.sum(axis=1) - 1).max() < 1e-5)


# %% exercise="adds_up" wrong="any instead of all"
def adds_up(weights):
    return bool((np.abs(weights.sum(axis=1) - 1) < 1e-5).any())


# %% exercise="adds_up" wrong="the mean deviation"
def adds_up(weights):
    return bool(abs((weights.sum(axis=1) - 1).mean()) < 1e-5)


# %% exercise="adds_up" wrong="one answer for each channel"
def adds_up(weights):
    return np.abs(weights.sum(axis=1) - 1) < 1e-5


# %% exercise="adds_up" wrong="the first picture only"
def adds_up(weights):
    return bool(np.abs(weights[0].sum(axis=0) - 1).max() < 1e-5)


# %% exercise="adds_up" wrong="always true"
def adds_up(weights):
    return True


# %% exercise="adds_up" wrong="the deviation itself"
def adds_up(weights):
    return np.abs(weights.sum(axis=1) - 1).max()


# %% exercise="adds_up" wrong="np.allclose with its default tolerance"
def adds_up(weights):
    return np.allclose(weights.sum(axis=1), 1, atol=1e-3)


# %% exercise="adds_up" right="allclose"
def adds_up(weights):
    return np.allclose(weights.sum(axis=1), 1, rtol=0, atol=1e-5)


# %% exercise="adds_up" right="a TensorFlow scalar"
def adds_up(weights):
    import tensorflow as tf

    return tf.reduce_all(tf.abs(tf.reduce_sum(weights, axis=1) - 1) < 1e-5)


# %% exercise="adds_up" right="a loop"
def adds_up(weights):
    batch, _, _, channels = weights.shape
    for b in range(batch):
        for c in range(channels):
            if abs(sum(float(w) for w in weights[b, :, 0, c]) - 1) > 1e-5:
                return False
    return True


# %% exercise="adds_up" right="NumPy's bool, not negated"
def adds_up(weights):
    return ~np.any(np.abs(np.add.reduce(weights, axis=1) - 1) >= 1e-5)


# %% exercise="adds_up" right="an assertion that is caught"
def adds_up(weights):
    try:
        np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=0, atol=1e-5)
    except AssertionError:
        return False
    return True


# %% exercise="adds_up" right="smallest and largest, as 1 or 0"
def adds_up(weights):
    sums = np.add.reduce(weights, 1)
    return int(0.99999 <= sums.min() and sums.max() <= 1.00001)
