# Wrong answers to lesson 5, each with text that its message has to contain.

# %% exercise="channel_gate" says=["maximum over the picture", "the descriptor is the average"]
def channel_gate(features, squeeze, excite):
    average = features.max(axis=(0, 1))
    return sigmoid(relu(average @ squeeze) @ excite)


# %% exercise="channel_gate" says=["this is a softmax", "each channel independently"]
def channel_gate(features, squeeze, excite):
    logits = relu(features.mean(axis=(0, 1)) @ squeeze) @ excite
    return np.exp(logits) / np.exp(logits).sum()


# %% exercise="channel_gate" says=["the ReLU between the two matrices is missing"]
def channel_gate(features, squeeze, excite):
    return sigmoid(features.mean(axis=(0, 1)) @ squeeze @ excite)


# %% exercise="channel_gate" says=["the sigmoid is missing", "logits"]
def channel_gate(features, squeeze, excite):
    return relu(features.mean(axis=(0, 1)) @ squeeze) @ excite


# %% exercise="channel_gate" says=["features times the gates", "the gates alone"]
def channel_gate(features, squeeze, excite):
    return features * sigmoid(relu(features.mean(axis=(0, 1)) @ squeeze) @ excite)


# %% exercise="spatial_maps" says=["both maps are maxima", "named average"]
def spatial_maps(features):
    average_pooling = features.max(axis=-1)
    max_pooling = features.max(axis=-1)
    return np.stack([max_pooling, average_pooling], axis=-1)


# %% exercise="spatial_maps" says=["the order is swapped"]
def spatial_maps(features):
    return np.stack([features.mean(axis=-1), features.max(axis=-1)], axis=-1)


# %% exercise="spatial_maps" says=["one number for each channel", "the pixels stay"]
def spatial_maps(features):
    return np.stack([features.max(axis=(0, 1)), features.mean(axis=(0, 1))], axis=-1)


# %% exercise="spatial_maps" says=["new first axis"]
def spatial_maps(features):
    return np.stack([features.max(axis=-1), features.mean(axis=-1)])


# %% exercise="spatial_gate" says=["1×1 attention", "does not see its neighbours"]
def spatial_gate(features, kernel):
    return sigmoid(spatial_maps(features) @ kernel[2, 2])


# %% exercise="spatial_gate" says=["softmax over the pixels", "compete"]
def spatial_gate(features, kernel):
    logits = convolve(spatial_maps(features), kernel)
    return np.exp(logits) / np.exp(logits).sum()


# %% exercise="spatial_gate" says=["the sigmoid is missing"]
def spatial_gate(features, kernel):
    return convolve(spatial_maps(features), kernel)


# %% exercise="spatial_gate" says=["inner 3×3"]
def spatial_gate(features, kernel):
    return sigmoid(convolve(spatial_maps(features), kernel[1:-1, 1:-1]))


# %% exercise="dau" says=["the input is not added"]
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_place = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    return convolve(np.concatenate([by_place, by_channel], axis=-1), weights.merge)


# %% exercise="dau" says=["are sequential", "the spatial gate is the input of channel attention"]
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_place = body * spatial_gate(body, weights.locate)
    by_channel = by_place * channel_gate(by_place, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_place, by_channel], axis=-1), weights.merge)


# %% exercise="dau" says=["the order is swapped"]
def dau(features, weights):
    body = convolve(prelu(convolve(features, weights.first), weights.slope), weights.second)
    by_place = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_channel, by_place], axis=-1), weights.merge)


# %% exercise="dau" says=["this is a ReLU"]
def dau(features, weights):
    body = convolve(relu(convolve(features, weights.first)), weights.second)
    by_place = body * spatial_gate(body, weights.locate)
    by_channel = body * channel_gate(body, weights.squeeze, weights.excite)
    return features + convolve(np.concatenate([by_place, by_channel], axis=-1), weights.merge)


# %% exercise="constant" says=["every gate is 1", "become stronger"]
def constant(gate):
    return np.ones_like(gate)


# %% exercise="constant" says=["every gate is 0"]
def constant(gate):
    return np.zeros_like(gate)


# %% exercise="constant" says=["all pictures of the batch"]
def constant(gate):
    return np.full_like(gate, gate.mean())


# %% exercise="constant" says=["nothing has changed", "all three axes"]
def constant(gate):
    return np.broadcast_to(gate.mean(axis=(1, 2), keepdims=True), gate.shape)


# %% exercise="constant" says=["not in the shape of the gate"]
def constant(gate):
    return gate.mean(axis=(1, 2, 3), keepdims=True)
