# Wrong answers to lesson 7, each with text that its message has to contain.

# %% exercise="crop_pair" says=["the position was drawn twice"]
def crop_pair(low, high, size, rng):
    crops = []
    for photo in (low, high):
        top = rng.integers(photo.shape[0] - size + 1)
        left = rng.integers(photo.shape[1] - size + 1)
        crops.append(photo[top : top + size, left : left + size])
    return crops


# %% exercise="crop_pair" says=["one crop is mirrored and the other is not"]
def crop_pair(low, high, size, rng):
    top = rng.integers(low.shape[0] - size + 1)
    left = rng.integers(low.shape[1] - size + 1)
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return [crop[:, ::-1] if rng.random() < 0.5 else crop for crop in crops]


# %% exercise="crop_pair" says=["so one position is missing"]
def crop_pair(low, high, size, rng):
    top, left = (rng.integers(side - size) for side in low.shape[:2])
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return [crop[:, ::-1] if mirror else crop for crop in crops]


# %% exercise="crop_pair" says=["no crop is ever mirrored"]
def crop_pair(low, high, size, rng):
    top, left = (rng.integers(side - size + 1) for side in low.shape[:2])
    return [photo[top : top + size, left : left + size] for photo in (low, high)]


# %% exercise="crop_pair" says=["upside down"]
def crop_pair(low, high, size, rng):
    top, left = (rng.integers(side - size + 1) for side in low.shape[:2])
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return [crop[::-1] if mirror else crop for crop in crops]


# %% exercise="crop_pair" says=["crosses the edge"]
def crop_pair(low, high, size, rng):
    top, left = (rng.integers(side) for side in low.shape[:2])
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return [crop[:, ::-1] if mirror else crop for crop in crops]


# %% exercise="crop_pair" says=["all are from the same position"]
def crop_pair(low, high, size, rng):
    rng = np.random.default_rng(0)
    top, left = (rng.integers(side - size + 1) for side in low.shape[:2])
    mirror = rng.random() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return [crop[:, ::-1] if mirror else crop for crop in crops]


# %% exercise="crop_pair" says=["generator of the same seed"]
def crop_pair(low, high, size, rng):
    top, left = (np.random.randint(side - size + 1) for side in low.shape[:2])
    mirror = np.random.rand() < 0.5
    crops = [photo[top : top + size, left : left + size] for photo in (low, high)]
    return [crop[:, ::-1] if mirror else crop for crop in crops]


# %% exercise="step" says=["it went up the gradient"]
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    slope = d / np.sqrt(d**2 + eps**2)
    return a + rate * np.mean(slope * low), b + rate * np.mean(slope)


# %% exercise="step" says=["a was changed before the gradient of b"]
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    a = a - rate * np.mean(d / np.sqrt(d**2 + eps**2) * low)
    d = a * low + b - high
    b = b - rate * np.mean(d / np.sqrt(d**2 + eps**2))
    return a, b


# %% exercise="step" says=["added up, not averaged"]
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    slope = d / np.sqrt(d**2 + eps**2)
    return a - rate * np.sum(slope * low), b - rate * np.sum(slope)


# %% exercise="step" says=["the gradient of a lacks the factor I"]
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    slope = np.mean(d / np.sqrt(d**2 + eps**2))
    return a - rate * slope, b - rate * slope


# %% exercise="step" says=["gradient of the squared error"]
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = a * low + b - high
    return a - rate * np.mean(2 * d * low), b - rate * np.mean(2 * d)


# %% exercise="step" says=["the sign of d"]
def step(weights, low, high, rate, eps=1e-3):
    a, b = weights
    d = np.sign(a * low + b - high)
    return a - rate * np.mean(d * low), b - rate * np.mean(d)


# %% exercise="rate_at" says=["there is no warm-up"]
def rate_at(k, steps, warm_up, peak):
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(np.pi * k / steps)) / 2


# %% exercise="rate_at" says=["the warm-up begins at 0"]
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * k / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(np.pi * t)) / 2


# %% exercise="rate_at" says=["the cosine begins at step 0"]
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(np.pi * k / steps)) / 2


# %% exercise="rate_at" says=["it falls to 0"]
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak * (1 + np.cos(np.pi * t)) / 2


# %% exercise="rate_at" says=["a full period"]
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak / 200 + (peak - peak / 200) * (1 + np.cos(2 * np.pi * t)) / 2


# %% exercise="rate_at" says=["in a straight line"]
def rate_at(k, steps, warm_up, peak):
    if k < warm_up:
        return peak * (k + 1) / warm_up
    t = (k - warm_up) / (steps - warm_up)
    return peak / 200 + (peak - peak / 200) * (1 - t)


# %% exercise="follow" says=["share of the new weights"]
def follow(average, weights, ema_decay):
    return [(1 - ema_decay) * old + ema_decay * new for old, new in zip(average, weights, strict=True)]


# %% exercise="follow" says=["1 − ema_decay is missing"]
def follow(average, weights, ema_decay):
    return [ema_decay * old + new for old, new in zip(average, weights, strict=True)]


# %% exercise="follow" says=["the plain mean of both"]
def follow(average, weights, ema_decay):
    return [(old + new) / 2 for old, new in zip(average, weights, strict=True)]


# %% exercise="follow" says=["applied to the whole list"]
def follow(average, weights, ema_decay):
    return ema_decay * average[0] + (1 - ema_decay) * weights[0]


# %% exercise="follow" says=["follow changes `average` that it is given", "in place"]
def follow(average, weights, ema_decay):
    for k in range(len(average)):
        average[k] *= ema_decay
        average[k] += (1 - ema_decay) * weights[k]
    return average


# %% exercise="diagnoses" says=["A is not “too fast”", "still high at the last step"]
diagnoses = {"A": "too fast", "B": "over-fitting", "C": "healthy", "D": "too slow"}

# %% exercise="diagnoses" says=["B is not “healthy”", "far below the validation curve"]
diagnoses = {"A": "too slow", "B": "healthy", "C": "over-fitting", "D": "too fast"}

# %% exercise="diagnoses" says=["none of the four diagnoses"]
diagnoses = {"A": "too slow", "B": "overfitted", "C": "healthy", "D": "too fast"}
