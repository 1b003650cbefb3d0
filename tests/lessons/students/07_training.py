# %% exercise="crop_pair" wrong="a position for each photo"
def crop_pair(low, high, size, rng):
    crops = []
    for photo in (low, high):
        top = rng.integers(low.shape[0] - size + 1)
        left = rng.integers(low.shape[1] - size + 1)
        crops.append(photo[top : top + size, left : left + size])
    if rng.random() < 0.5:
        crops = [crop[:, ::-1] for crop in crops]
    return tuple(crops)


# %% exercise="crop_pair" wrong="mirrored separately"
def crop_pair(low, high, size, rng):
    top = rng.integers(low.shape[0] - size + 1)
    left = rng.integers(low.shape[1] - size + 1)
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return tuple(crop[:, ::-1] if rng.random() < 0.5 else crop for crop in crops)


# %% exercise="crop_pair" wrong="never mirrored"
def crop_pair(low, high, size, rng):
    top = rng.integers(low.shape[0] - size + 1)
    left = rng.integers(low.shape[1] - size + 1)
    return tuple(photo[top : top + size, left : left + size] for photo in (low, high))


# %% exercise="crop_pair" wrong="always mirrored"
def crop_pair(low, high, size, rng):
    top = rng.integers(low.shape[0] - size + 1)
    left = rng.integers(low.shape[1] - size + 1)
    return tuple(photo[top : top + size, left : left + size][:, ::-1] for photo in (low, high))


# %% exercise="crop_pair" wrong="last position never drawn"
def crop_pair(low, high, size, rng):
    top, left = rng.integers(low.shape[0] - size), rng.integers(low.shape[1] - size)
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return tuple(crop[:, ::-1] if mirror else crop for crop in crops)


# %% exercise="crop_pair" wrong="upside down"
def crop_pair(low, high, size, rng):
    top = rng.integers(low.shape[0] - size + 1)
    left = rng.integers(low.shape[1] - size + 1)
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return tuple(crop[::-1] if mirror else crop for crop in crops)


# %% exercise="crop_pair" wrong="colours mirrored"
def crop_pair(low, high, size, rng):
    top = rng.integers(low.shape[0] - size + 1)
    left = rng.integers(low.shape[1] - size + 1)
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return tuple(crop[..., ::-1] if mirror else crop for crop in crops)


# %% exercise="crop_pair" wrong="any position: smaller crops at the edge"
def crop_pair(low, high, size, rng):
    top, left = rng.integers(low.shape[0]), rng.integers(low.shape[1])
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return tuple(crop[:, ::-1] if mirror else crop for crop in crops)


# %% exercise="crop_pair" wrong="height used for both axes"
def crop_pair(low, high, size, rng):
    top = rng.integers(low.shape[0] - size + 1)
    left = rng.integers(low.shape[0] - size + 1)
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return tuple(crop[:, ::-1] if mirror else crop for crop in crops)


# %% exercise="crop_pair" wrong="one number for both positions"
def crop_pair(low, high, size, rng):
    top = left = rng.integers(min(low.shape[:2]) - size + 1)
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return tuple(crop[:, ::-1] if mirror else crop for crop in crops)


# %% exercise="crop_pair" wrong="the two exchanged"
def crop_pair(low, high, size, rng):
    top = rng.integers(low.shape[0] - size + 1)
    left = rng.integers(low.shape[1] - size + 1)
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (high, low)]
    return tuple(crop[:, ::-1] if mirror else crop for crop in crops)


# %% exercise="crop_pair" wrong="the global generator"
def crop_pair(low, high, size, rng):
    top = np.random.randint(low.shape[0] - size + 1)
    left = np.random.randint(low.shape[1] - size + 1)
    mirror = np.random.rand() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return tuple(crop[:, ::-1] if mirror else crop for crop in crops)


# %% exercise="crop_pair" wrong="only the input is mirrored"
def crop_pair(low, high, size, rng):
    top = rng.integers(low.shape[0] - size + 1)
    left = rng.integers(low.shape[1] - size + 1)
    one, two = (photo[top : top + size, left : left + size] for photo in (low, high))
    return (one[:, ::-1] if rng.random() < 0.5 else one), two


# %% exercise="crop_pair" right="both in one array"
def crop_pair(low, high, size, rng):
    both = np.concatenate([low, high], axis=-1)
    top = int(rng.integers(0, both.shape[0] - size, endpoint=True))
    left = int(rng.integers(0, both.shape[1] - size, endpoint=True))
    crop = both[top : top + size, left : left + size]
    if rng.integers(2):
        crop = np.flip(crop, axis=1)
    return [crop[..., :3], crop[..., 3:]]


# %% exercise="crop_pair" right="mirrored first, and a list"
def crop_pair(low, high, size, rng):
    if rng.random() >= 0.5:
        low, high = np.fliplr(low), np.fliplr(high)
    top, left = (rng.choice(low.shape[axis] - size + 1) for axis in (0, 1))
    where = np.s_[top : top + size, left : left + size]
    return [low[where].copy(), high[where].copy()]


# %% exercise="step" wrong="uphill"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    factor = d / np.sqrt(d**2 + eps**2)
    return a + rate * np.mean(factor * low), b + rate * np.mean(factor)


# %% exercise="step" wrong="b with the new a"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    a = a - rate * np.mean(d / np.sqrt(d**2 + eps**2) * low)
    d = a * low + b - high
    return a, b - rate * np.mean(d / np.sqrt(d**2 + eps**2))


# %% exercise="step" wrong="low forgotten in the gradient of a"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    factor = d / np.sqrt(d**2 + eps**2)
    return a - rate * np.mean(factor), b - rate * np.mean(factor)


# %% exercise="step" wrong="gradient of the squared error"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    return a - rate * np.mean(2 * d * low), b - rate * np.mean(2 * d)


# %% exercise="step" wrong="gradient of the absolute error"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    return a - rate * np.mean(np.sign(d) * low), b - rate * np.mean(np.sign(d))


# %% exercise="step" wrong="eps not squared"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    factor = d / np.sqrt(d**2 + eps)
    return a - rate * np.mean(factor * low), b - rate * np.mean(factor)


# %% exercise="step" wrong="sums instead of means"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    factor = d / np.sqrt(d**2 + eps**2)
    return a - rate * np.sum(factor * low), b - rate * np.sum(factor)


# %% exercise="step" wrong="rate forgotten"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    factor = d / np.sqrt(d**2 + eps**2)
    return a - np.mean(factor * low), b - np.mean(factor)


# %% exercise="step" wrong="the gradients"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    factor = d / np.sqrt(d**2 + eps**2)
    return np.mean(factor * low), np.mean(factor)


# %% exercise="step" wrong="product of the means"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    factor = d / np.sqrt(d**2 + eps**2)
    return a - rate * np.mean(factor) * np.mean(low), b - rate * np.mean(factor)


# %% exercise="step" wrong="reference minus restored"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = high - a * low - b
    factor = d / np.sqrt(d**2 + eps**2)
    return a - rate * np.mean(factor * low), b - rate * np.mean(factor)


# %% exercise="step" wrong="the loss itself as gradient"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    loss = np.sqrt(d**2 + eps**2)
    return a - rate * np.mean(loss * low), b - rate * np.mean(loss)


# %% exercise="step" right="an array"
def step(weights, low, high, rate, eps=1e-3):
    weights = np.asarray(weights, float)
    x = np.stack([np.ravel(low), np.ones(low.size)])
    d = weights @ x - np.ravel(high)
    return weights - rate * (x * d / np.hypot(d, eps)).mean(axis=1)


# %% exercise="step" right="TensorFlow's gradient"
def step(weights, low, high, rate, eps=1e-3):
    import tensorflow as tf

    a, b = tf.Variable(float(weights[0])), tf.Variable(float(weights[1]))
    low, high = tf.cast(low, tf.float32), tf.cast(high, tf.float32)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.sqrt((a * low + b - high) ** 2 + eps**2))
    of_a, of_b = tape.gradient(loss, [a, b])
    return a - rate * of_a, b - rate * of_b


# %% exercise="rate_at" wrong="warm-up from zero"
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * k / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(np.pi * t)) / 2


# %% exercise="rate_at" wrong="cosine over all steps"
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = k / steps
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(np.pi * t)) / 2


# %% exercise="rate_at" wrong="down to zero"
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak * (1 + np.cos(np.pi * t)) / 2


# %% exercise="rate_at" wrong="degrees"
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(180 * t)) / 2


# %% exercise="rate_at" wrong="linear decay"
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak + (peak / 200 - peak) * t


# %% exercise="rate_at" wrong="no warm-up"
def rate_at(k, steps, warm_up, peak):
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(np.pi * k / steps)) / 2


# %% exercise="rate_at" wrong="a whole cosine"
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(2 * np.pi * t)) / 2


# %% exercise="rate_at" wrong="divided by the steps, not by those that are left"
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = (k - warm_up) / steps
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(np.pi * t)) / 2


# %% exercise="rate_at" wrong="minimum added to the full peak"
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak / 200 + peak * (1 + np.cos(np.pi * t)) / 2


# %% exercise="rate_at" wrong="not halved"
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(np.pi * t))


# %% exercise="rate_at" right="math.cos, in another form"
def rate_at(k, steps, warm_up, peak):
    import math

    if k < warm_up:
        return (k + 1) * peak / warm_up
    low = 0.005 * peak
    return low + (peak - low) * math.cos(math.pi / 2 * (k - warm_up) / (steps - warm_up)) ** 2


# %% exercise="rate_at" right="float32"
def rate_at(k, steps, warm_up, peak):
    t = np.float32((k - warm_up) / (steps - warm_up))
    cosine = peak / 200 + (peak - peak / 200) * (1 + np.cos(np.float32(np.pi) * t)) / 2
    return np.float32(np.where(k < warm_up, peak * (k + 1) / warm_up, cosine))


# %% exercise="follow" wrong="decay for the new weights"
def follow(average, weights, ema_decay):
    return [(1 - ema_decay) * old + ema_decay * new for old, new in zip(average, weights)]


# %% exercise="follow" wrong="a plain mean"
def follow(average, weights, ema_decay):
    return [(old + new) / 2 for old, new in zip(average, weights)]


# %% exercise="follow" wrong="in place"
def follow(average, weights, ema_decay):
    for k in range(len(average)):
        average[k] = ema_decay * average[k] + (1 - ema_decay) * weights[k]
    return average


# %% exercise="follow" wrong="in place, in the arrays"
def follow(average, weights, ema_decay):
    for old, new in zip(average, weights):
        old *= ema_decay
        old += (1 - ema_decay) * new
    return list(average)


# %% exercise="follow" wrong="the first array only"
def follow(average, weights, ema_decay):
    return [ema_decay * average[0] + (1 - ema_decay) * weights[0]] + list(average[1:])


# %% exercise="follow" wrong="new weights not scaled"
def follow(average, weights, ema_decay):
    return [ema_decay * old + new for old, new in zip(average, weights)]


# %% exercise="follow" wrong="the new weights"
def follow(average, weights, ema_decay):
    return list(weights)


# %% exercise="follow" wrong="arithmetic on the list"
def follow(average, weights, ema_decay):
    return ema_decay * average + (1 - ema_decay) * weights


# %% exercise="follow" wrong="decay squared"
def follow(average, weights, ema_decay):
    return [ema_decay**2 * old + (1 - ema_decay**2) * new for old, new in zip(average, weights)]


# %% exercise="follow" wrong="returns inside the loop"
def follow(average, weights, ema_decay):
    for old, new in zip(average, weights):
        return [ema_decay * old + (1 - ema_decay) * new]


# %% exercise="follow" wrong="forgets to return"
def follow(average, weights, ema_decay):
    result = []
    for old, new in zip(average, weights):
        result.append(ema_decay * old + (1 - ema_decay) * new)


# %% exercise="follow" right="old plus a part of the difference"
def follow(average, weights, ema_decay):
    return tuple(old + (1 - ema_decay) * (new - old) for old, new in zip(average, weights))


# %% exercise="follow" right="a generator"
def follow(average, weights, ema_decay):
    yield from (ema_decay * a + (1 - ema_decay) * w for a, w in zip(average, weights))


# %% exercise="follow" right="map and lerp of Keras tensors"
def follow(average, weights, ema_decay):
    from keras import ops

    def lerp(old, new):
        return ops.convert_to_tensor(old * ema_decay + new * (1 - ema_decay))

    return list(map(lerp, average, weights))


# %% exercise="diagnoses" wrong="healthy and over-fitting exchanged"
diagnoses = {"A": "too slow", "B": "healthy", "C": "over-fitting", "D": "too fast"}


# %% exercise="diagnoses" wrong="too slow and too fast exchanged"
diagnoses = {"A": "too fast", "B": "over-fitting", "C": "healthy", "D": "too slow"}


# %% exercise="diagnoses" wrong="one diagnosis twice"
diagnoses = {"A": "too slow", "B": "over-fitting", "C": "over-fitting", "D": "too fast"}


# %% exercise="diagnoses" wrong="another word"
diagnoses = {"A": "slow", "B": "overfitting", "C": "healthy", "D": "fast"}


# %% exercise="diagnoses" wrong="a letter is missing"
diagnoses = {"A": "too slow", "B": "over-fitting", "C": "healthy"}


# %% exercise="diagnoses" wrong="one left open"
diagnoses = {"A": "too slow", "B": "over-fitting", "C": "healthy", "D": ...}


# %% exercise="diagnoses" wrong="a list"
diagnoses = ["too slow", "over-fitting", "healthy", "too fast"]


# %% exercise="diagnoses" right="capital letters and spaces"
diagnoses = dict(A="Too slow", B="Over-fitting ", C="Healthy", D="Too fast")


# %% exercise="rate_at" right="a polynomial of the cosine"
def rate_at(k, steps, warm_up, peak):
    if k + 1 <= warm_up:
        return peak * ((k + 1) / warm_up)
    low = peak / 200
    return 0.5 * (peak + low) + 0.5 * (peak - low) * np.cos(np.pi * (k - warm_up) / (steps - warm_up))


# %% exercise="step" right="a list"
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    slope = d * (d * d + eps * eps) ** -0.5
    return [a - rate * np.vdot(slope, low) / low.size, b - rate * slope.sum() / low.size]


# %% exercise="crop_pair" right="slices"
def crop_pair(low, high, size, rng):
    height, width = low.shape[:2]
    top, left = rng.integers(0, [height - size + 1, width - size + 1])
    rows, columns = slice(top, top + size), slice(left, left + size)
    step = -1 if rng.integers(0, 2) else 1
    return low[rows, columns][:, ::step], high[rows, columns][:, ::step]


# %% exercise="follow" wrong="a decay of its own" says=["counts 0.999 times"]
def follow(average, weights, ema_decay=0.999):
    return [0.999 * a + 0.001 * w for a, w in zip(average, weights)]


# %% exercise="follow" wrong="a bracket too far" says=["0.09 times"]
def follow(average, weights, ema_decay):
    return [ema_decay * (a + (1 - ema_decay) * w) for a, w in zip(average, weights)]


# %% exercise="follow" wrong="corrected as Adam does"
def follow(average, weights, ema_decay):
    new = [ema_decay * a + (1 - ema_decay) * w for a, w in zip(average, weights)]
    return [n / (1 - ema_decay) for n in new]


# %% exercise="follow" right="Keras, by position"
def follow(average, weights, ema_decay):
    from keras import ops

    new = []
    for k in range(len(weights)):
        a, w = ops.convert_to_tensor(average[k]), ops.convert_to_tensor(weights[k])
        new += [ema_decay * a + (1 - ema_decay) * ops.cast(w, a.dtype)]
    return new


# %% exercise="follow" wrong="returns in the loop" says=["inside the loop"]
def follow(average, weights, ema_decay):
    result = []
    for a, w in zip(average, weights, strict=True):
        result.append(ema_decay * a + (1 - ema_decay) * w)
        return result
