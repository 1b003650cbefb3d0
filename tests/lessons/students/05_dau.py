# %% exercise="channel_gate" wrong="no ReLU"
def channel_gate(features, squeeze, excite):
    return sigmoid(features.mean(axis=(0, 1)) @ squeeze @ excite)


# %% exercise="channel_gate" wrong="a softmax"
def channel_gate(features, squeeze, excite):
    logits = relu(features.mean(axis=(0, 1)) @ squeeze) @ excite
    return np.exp(logits) / np.exp(logits).sum()


# %% exercise="channel_gate" wrong="logits, no sigmoid"
def channel_gate(features, squeeze, excite):
    return relu(features.mean(axis=(0, 1)) @ squeeze) @ excite


# %% exercise="channel_gate" wrong="the maximum of each channel"
def channel_gate(features, squeeze, excite):
    return sigmoid(relu(features.max(axis=(0, 1)) @ squeeze) @ excite)


# %% exercise="channel_gate" wrong="a sum instead of a mean"
def channel_gate(features, squeeze, excite):
    return sigmoid(relu(features.sum(axis=(0, 1)) @ squeeze) @ excite)


# %% exercise="channel_gate" wrong="sigmoid between the matrices too"
def channel_gate(features, squeeze, excite):
    return sigmoid(sigmoid(features.mean(axis=(0, 1)) @ squeeze) @ excite)


# %% exercise="channel_gate" wrong="ReLU on the logits"
def channel_gate(features, squeeze, excite):
    return sigmoid(relu(features.mean(axis=(0, 1)) @ squeeze @ excite))


# %% exercise="channel_gate" wrong="ReLU before the squeeze"
def channel_gate(features, squeeze, excite):
    return sigmoid(relu(features.mean(axis=(0, 1))) @ squeeze @ excite)


# %% exercise="channel_gate" wrong="mean over the channels"
def channel_gate(features, squeeze, excite):
    return sigmoid(relu(features.mean(axis=-1) @ squeeze) @ excite)


# %% exercise="channel_gate" wrong="averaged at every pixel"
def channel_gate(features, squeeze, excite):
    return sigmoid(relu(features @ squeeze) @ excite)


# %% exercise="channel_gate" wrong="the gated features"
def channel_gate(features, squeeze, excite):
    return features * sigmoid(relu(features.mean(axis=(0, 1)) @ squeeze) @ excite)


# %% exercise="channel_gate" wrong="PReLU with 0.25"
def channel_gate(features, squeeze, excite):
    return sigmoid(prelu(features.mean(axis=(0, 1)) @ squeeze, 0.25) @ excite)


# %% exercise="channel_gate" wrong="tanh"
def channel_gate(features, squeeze, excite):
    return np.tanh(relu(features.mean(axis=(0, 1)) @ squeeze) @ excite)


# %% exercise="channel_gate" right="two means, and np.clip"
def channel_gate(features, squeeze, excite):
    descriptor = features.mean(axis=0).mean(axis=0)
    return 1 / (1 + np.exp(-(np.clip(descriptor @ squeeze, 0, None) @ excite)))


# %% exercise="channel_gate" right="Keras, float32"
def channel_gate(features, squeeze, excite):
    from keras import ops

    d = ops.mean(ops.cast(features, "float32"), axis=(0, 1), keepdims=True)
    hidden = ops.relu(ops.matmul(d, ops.cast(squeeze, "float32")))
    return ops.squeeze(ops.sigmoid(ops.matmul(hidden, ops.cast(excite, "float32"))))


# %% exercise="spatial_maps" wrong="two maxima"
def spatial_maps(features):
    average_pooling = features.max(axis=-1)
    return np.stack([features.max(axis=-1), average_pooling], axis=-1)


# %% exercise="spatial_maps" wrong="the mean first"
def spatial_maps(features):
    return np.stack([features.mean(axis=-1), features.max(axis=-1)], axis=-1)


# %% exercise="spatial_maps" wrong="a running maximum that starts at zero" says=["the running maximum begins at 0"]
def spatial_maps(features):
    largest = np.zeros(features.shape[:2])
    for c in range(features.shape[-1]):
        largest = np.maximum(largest, features[..., c])
    return np.stack([largest, features.mean(axis=-1)], axis=-1)


# %% exercise="spatial_maps" wrong="stacked in front"
def spatial_maps(features):
    return np.stack([features.max(axis=-1), features.mean(axis=-1)])


# %% exercise="spatial_maps" wrong="over the pixels"
def spatial_maps(features):
    largest = features.max(axis=(0, 1), keepdims=True).max(axis=-1) + np.zeros(features.shape[:2])
    mean = features.mean(axis=(0, 1), keepdims=True).mean(axis=-1) + np.zeros(features.shape[:2])
    return np.stack([largest, mean], axis=-1)


# %% exercise="spatial_maps" wrong="maximum of the magnitudes"
def spatial_maps(features):
    return np.stack([np.abs(features).max(axis=-1), features.mean(axis=-1)], axis=-1)


# %% exercise="spatial_maps" wrong="mean of the magnitudes"
def spatial_maps(features):
    return np.stack([features.max(axis=-1), np.abs(features).mean(axis=-1)], axis=-1)


# %% exercise="spatial_maps" wrong="a sum instead of a mean"
def spatial_maps(features):
    return np.stack([features.max(axis=-1), features.sum(axis=-1)], axis=-1)


# %% exercise="spatial_maps" wrong="the median"
def spatial_maps(features):
    return np.stack([features.max(axis=-1), np.median(features, axis=-1)], axis=-1)


# %% exercise="spatial_maps" wrong="the first channel and the last"
def spatial_maps(features):
    return features[..., [0, -1]]


# %% exercise="spatial_maps" wrong="maximum and minimum"
def spatial_maps(features):
    return np.stack([features.max(axis=-1), features.min(axis=-1)], axis=-1)


# %% exercise="spatial_maps" wrong="position of the maximum"
def spatial_maps(features):
    return np.stack([features.argmax(axis=-1), features.mean(axis=-1)], axis=-1)


# %% exercise="spatial_maps" right="keepdims and concatenate"
def spatial_maps(features):
    largest = features.max(axis=2, keepdims=True)
    return np.concatenate([largest, features.mean(axis=2, keepdims=True)], axis=2)


# %% exercise="spatial_maps" right="a sorted array, and einsum"
def spatial_maps(features):
    maps = np.empty((*features.shape[:2], 2))
    maps[..., 0] = np.sort(features, axis=-1)[..., -1]
    maps[..., 1] = np.einsum("hwc->hw", features) / features.shape[2]
    return maps


# %% exercise="spatial_maps" right="TensorFlow"
def spatial_maps(features):
    import tensorflow as tf

    return tf.stack([tf.reduce_max(features, -1), tf.reduce_mean(features, -1)], axis=-1)


# %% exercise="spatial_gate" wrong="no sigmoid"
def spatial_gate(features, kernel):
    return convolve(spatial_maps(features), kernel)


# %% exercise="spatial_gate" wrong="the centre of the kernel alone"
def spatial_gate(features, kernel):
    return sigmoid(convolve(spatial_maps(features), kernel[2:3, 2:3]))


# %% exercise="spatial_gate" wrong="ReLU before the sigmoid"
def spatial_gate(features, kernel):
    return sigmoid(relu(convolve(spatial_maps(features), kernel)))


# %% exercise="spatial_gate" wrong="a softmax over the picture"
def spatial_gate(features, kernel):
    powers = np.exp(convolve(spatial_maps(features), kernel))
    return powers / powers.sum()


# %% exercise="spatial_gate" wrong="sigmoid before the convolution"
def spatial_gate(features, kernel):
    return convolve(sigmoid(spatial_maps(features)), kernel)


# %% exercise="spatial_gate" wrong="the axis of the channel lost"
def spatial_gate(features, kernel):
    return sigmoid(convolve(spatial_maps(features), kernel))[..., 0]


# %% exercise="spatial_gate" wrong="the gated features"
def spatial_gate(features, kernel):
    return features * sigmoid(convolve(spatial_maps(features), kernel))


# %% exercise="spatial_gate" wrong="maps exchanged"
def spatial_gate(features, kernel):
    return sigmoid(convolve(spatial_maps(features)[..., ::-1], kernel))


# %% exercise="spatial_gate" wrong="a mirrored kernel"
def spatial_gate(features, kernel):
    return sigmoid(convolve(spatial_maps(features), kernel[::-1, ::-1]))


# %% exercise="spatial_gate" wrong="inner 3x3 of the kernel"
def spatial_gate(features, kernel):
    return sigmoid(convolve(spatial_maps(features), kernel[1:4, 1:4]))


# %% exercise="spatial_gate" right="loops over the kernel"
def spatial_gate(features, kernel):
    maps = np.pad(spatial_maps(features), ((2, 2), (2, 2), (0, 0)))
    height, width = features.shape[:2]
    logits = np.zeros((height, width, 1))
    for i in range(5):
        for j in range(5):
            logits = logits + maps[i : i + height, j : j + width] @ kernel[i, j]
    return 1 / (1 + np.exp(-logits))


# %% exercise="spatial_gate" right="Keras's convolution"
def spatial_gate(features, kernel):
    from keras import ops

    maps = ops.cast(spatial_maps(features)[None], "float32")
    return ops.sigmoid(ops.conv(maps, ops.cast(kernel, "float32"), padding="same"))[0]


# %% exercise="dau" wrong="no skip connection"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_pixel = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    return convolve(np.concatenate([by_pixel, by_channel], axis=-1), weights.merge)


# %% exercise="dau" wrong="slope 0.25 instead of the learned one" says=["the slope is always 0.25"]
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), 0.25), weights.second)
    by_pixel = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_pixel, by_channel], axis=-1), weights.merge)


# %% exercise="dau" wrong="gates from the input"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_pixel = body * spatial_gate(features, weights.locate)
    by_channel = body * channel_gate(features, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_pixel, by_channel], axis=-1), weights.merge)


# %% exercise="dau" wrong="one after the other"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_pixel = body * spatial_gate(body, weights.locate)
    by_channel = by_pixel * channel_gate(by_pixel, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_pixel, by_channel], axis=-1), weights.merge)


# %% exercise="dau" wrong="halves exchanged"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_pixel = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_channel, by_pixel], axis=-1), weights.merge)


# %% exercise="dau" wrong="convolutions exchanged"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.second), weights.slope), weights.first)
    by_pixel = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_pixel, by_channel], axis=-1), weights.merge)


# %% exercise="dau" wrong="no activation"
def dau(features, weights):
    body = convolve(convolve(features, weights.first), weights.second)
    by_pixel = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_pixel, by_channel], axis=-1), weights.merge)


# %% exercise="dau" wrong="activation after the second convolution too"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    body = prelu(body, weights.slope)
    by_pixel = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_pixel, by_channel], axis=-1), weights.merge)


# %% exercise="dau" wrong="gates multiply the input"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_pixel = features * spatial_gate(body, weights.locate)
    by_channel = features * channel_gate(body, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_pixel, by_channel], axis=-1), weights.merge)


# %% exercise="dau" wrong="the body added instead of the input"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_pixel = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    return body + convolve(np.concatenate([by_pixel, by_channel], axis=-1), weights.merge)


# %% exercise="dau" wrong="only the channel half used twice"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_channel, by_channel], axis=-1), weights.merge)


# %% exercise="dau" wrong="gates concatenated instead of gated features"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_pixel = np.broadcast_to(spatial_gate(body, weights.locate), body.shape)
    by_channel = np.broadcast_to(channel_gate(body, weights.squeeze, weights.excite), body.shape)
    return features + convolve(np.concatenate([by_pixel, by_channel], axis=-1), weights.merge)


# %% exercise="dau" wrong="adds into the learner's input"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_pixel = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    features += convolve(np.concatenate([by_pixel, by_channel], axis=-1), weights.merge)
    return features


# %% exercise="dau" right="merged half by half"
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    channels = features.shape[-1]
    left, right = weights.merge[0, 0, :channels], weights.merge[0, 0, channels:]
    by_pixel = (body * spatial_gate(body, weights.locate)) @ left
    return features + by_pixel + (channel_gate(body, weights.squeeze, weights.excite) * body) @ right


# %% exercise="dau" right="float32"
def dau(features, weights):
    x = features.astype(np.float32)
    body = convolve(prelu(convolve(x, weights.first), weights.slope), weights.second)
    gates = (spatial_gate(body, weights.locate), channel_gate(body, weights.squeeze, weights.excite))
    return (x + convolve(np.concatenate([body * g for g in gates], -1), weights.merge)).astype("float32")


# %% exercise="constant" wrong="ones"
def constant(gate):
    return np.ones_like(gate)


# %% exercise="constant" wrong="a half"
def constant(gate):
    return np.full_like(gate, 0.5)


# %% exercise="constant" wrong="mean of the whole batch"
def constant(gate):
    return np.full_like(gate, gate.mean())


# %% exercise="constant" wrong="mean over the pixels only"
def constant(gate):
    return np.broadcast_to(gate.mean(axis=(1, 2), keepdims=True), gate.shape)


# %% exercise="constant" wrong="mean over the channels only"
def constant(gate):
    return np.broadcast_to(gate.mean(axis=-1, keepdims=True), gate.shape)


# %% exercise="constant" wrong="not broadcast"
def constant(gate):
    return gate.mean(axis=(1, 2, 3), keepdims=True)


# %% exercise="constant" wrong="mean over the batch"
def constant(gate):
    return np.broadcast_to(gate.mean(axis=0, keepdims=True), gate.shape)


# %% exercise="constant" wrong="the median"
def constant(gate):
    return np.broadcast_to(np.median(gate, axis=(1, 2, 3), keepdims=True), gate.shape)


# %% exercise="constant" wrong="the differences instead of the mean"
def constant(gate):
    return gate - gate.mean(axis=(1, 2, 3), keepdims=True)


# %% exercise="constant" wrong="the middle of the range"
def constant(gate):
    low, high = gate.min(axis=(1, 2, 3), keepdims=True), gate.max(axis=(1, 2, 3), keepdims=True)
    return np.broadcast_to((low + high) / 2, gate.shape)


# %% exercise="constant" wrong="changes the gates in place"
def constant(gate):
    for picture in gate:
        picture[:] = picture.mean()
    return gate


# %% exercise="constant" right="picture by picture"
def constant(gate):
    return np.stack([np.full(each.shape, each.mean()) for each in gate])


# %% exercise="constant" right="einsum and ones"
def constant(gate):
    means = np.einsum("bhwc->b", gate) / gate[0].size
    return means[:, None, None, None] * np.ones(gate.shape)


# %% exercise="constant" right="a Keras tensor"
def constant(gate):
    from keras import ops

    return ops.ones_like(gate) * ops.mean(gate, axis=(1, 2, 3), keepdims=True)


# %% exercise="channel_gate" right="einsum"
def channel_gate(features, squeeze, excite):
    descriptor = np.einsum("hwc->c", features) / (features.shape[0] * features.shape[1])
    return sigmoid(np.einsum("s,sc->c", relu(np.einsum("c,cs->s", descriptor, squeeze)), excite))


# %% exercise="spatial_maps" right="channel by channel"
def spatial_maps(features):
    largest, total = np.full(features.shape[:2], -np.inf), 0
    for c in range(features.shape[2]):
        largest = np.maximum(largest, features[..., c])
        total = total + features[..., c]
    return np.dstack([largest, total / features.shape[2]])


# %% exercise="constant" right="means as a list"
def constant(gate):
    return [np.broadcast_to(np.mean(picture), picture.shape) for picture in gate]


# %% exercise="constant" right="zeros plus the mean"
def constant(gate):
    return np.zeros_like(gate) + np.average(gate.reshape(len(gate), -1), axis=1).reshape(-1, 1, 1, 1)


# %% exercise="constant" right="a matrix of means"
def constant(gate):
    flat = np.reshape(gate, (gate.shape[0], -1)).astype(np.float64)
    n = flat.shape[1]
    return (flat @ np.full((n, n), 1 / n)).reshape(gate.shape)
