# Wrong answers to lesson 6, each with text that its message has to contain.

# %% exercise="first_column" says=["stream 2 of first_column", "an input of `bring(…, 1, 2)` is the input, without `dau(1, …)`"]
def first_column(features, parts):
    one = parts.dau(1, features)
    two = parts.dau(2, parts.bring(features, 1, 2))
    return [one, two, parts.dau(3, parts.bring(two, 2, 3))]


# %% exercise="first_column" says=["stream 3 of first_column", "is bring(stream 1 after its attention, 1, 3)"]
def first_column(features, parts):
    one = parts.dau(1, features)
    two = parts.dau(2, parts.bring(one, 1, 2))
    return [one, two, parts.dau(3, parts.bring(one, 1, 3))]


# %% exercise="first_column" says=["stream 2 of first_column", "without `dau(2, …)`"]
def first_column(features, parts):
    one = parts.dau(1, features)
    two = parts.bring(one, 1, 2)
    return [one, two, parts.bring(two, 2, 3)]


# %% exercise="first_column" says=["takes features with 16 channels", "in the line: two = parts.dau(2, one)"]
def first_column(features, parts):
    one = parts.dau(1, features)
    two = parts.dau(2, one)
    return [one, two, parts.dau(3, two)]


# %% exercise="exchange" says=["exchange changes `streams` that it is given", "in place"]
def exchange(streams, parts):
    for j in (1, 2, 3):
        arrived = [parts.bring(stream, k, j) for k, stream in enumerate(streams, 1)]
        streams[j - 1] = parts.skff(j, arrived)
    return streams


# %% exercise="exchange" says=["stream 2 of exchange", "are in the wrong order: first bring(stream 1, 1, 2)"]
def exchange(streams, parts):
    fused = []
    for j in (1, 2, 3):
        others = [parts.bring(streams[k - 1], k, j) for k in (1, 2, 3) if k != j]
        fused.append(parts.skff(j, [streams[j - 1], *others]))
    return fused


# %% exercise="exchange" says=["is bring(stream 3, 3, 1) + ", "due is skff(1, ["]
def exchange(streams, parts):
    return [sum(parts.bring(streams[k - 1], k, j) for k in (1, 2, 3)) for j in (1, 2, 3)]


# %% exercise="exchange" says=["not a list of three streams"]
def exchange(streams, parts):
    return parts.skff(1, [parts.bring(stream, k, 1) for k, stream in enumerate(streams, 1)])


# %% exercise="block" says=["the input of the block is not added"]
def block(features, parts):
    streams = exchange(first_column(features, parts), parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    return parts.conv(parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)]))


# %% exercise="block" says=["is bring(stream 2 after its second attention, 2, 1); due is rise(2"]
def block(features, parts):
    streams = exchange(first_column(features, parts), parts)
    attended = [parts.dau(k, stream) for k, stream in enumerate(streams, 1)]
    arrived = [parts.bring(stream, k, 1) for k, stream in enumerate(attended, 1)]
    return features + parts.conv(parts.skff(1, arrived))


# %% exercise="block" says=["stream 1 after the exchange, without `dau(1, …)`"]
def block(features, parts):
    one, two, three = exchange(first_column(features, parts), parts)
    return features + parts.conv(parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)]))


# %% exercise="block" says=["is stream 1 after its second attention, without `skff(1"]
def block(features, parts):
    one, _, _ = exchange(first_column(features, parts), parts)
    return features + parts.conv(parts.dau(1, one))


# %% exercise="restore" says=["an input of `whole.last(…)` is group.conv(", "due is the output of group 2"]
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        for parts in group.blocks:
            features = block(features, parts)
        features = group.conv(features)
    return photo + whole.last(features)


# %% exercise="restore" says=["the photo is not added to whole.last(the output of group 2)"]
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        refined = features
        for parts in group.blocks:
            refined = block(refined, parts)
        features = features + group.conv(refined)
    return whole.last(features)


# %% exercise="restore" says=["(of group 1) is not added to the shallow features"]
def restore(photo, whole):
    shallow = features = whole.shallow(photo)
    for group in whole.groups:
        for parts in group.blocks:
            features = block(features, parts)
        features = shallow + group.conv(features)
    return photo + whole.last(features)


# %% exercise="restore" says=["goes through `clip(…)`, which is too much"]
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        refined = features
        for parts in group.blocks:
            refined = block(refined, parts)
        features = features + group.conv(refined)
    return np.clip(photo + whole.last(features), 0, 1)


# %% exercise="unit_cost" says=["channel attention works at every pixel here"]
def unit_cost(channels, height, width):
    n = channels
    weights = 18 * n * n + 50 + 2 * n * (n // 8) + 2 * n * n
    return weights + 1, weights * height * width


# %% exercise="unit_cost" says=["the slope of the PReLU is missing"]
def unit_cost(channels, height, width):
    n = channels
    everywhere, once = 20 * n * n + 50, 2 * n * (n // 8)
    return everywhere + once, everywhere * height * width + once


# %% exercise="unit_cost" says=["spatial attention is 1×1 here"]
def unit_cost(channels, height, width):
    n = channels
    everywhere, once = 20 * n * n + 2, 2 * n * (n // 8)
    return everywhere + once + 1, everywhere * height * width + once


# %% exercise="unit_cost" says=["these are operations"]
def unit_cost(channels, height, width):
    n = channels
    everywhere, once = 20 * n * n + 50, 2 * n * (n // 8)
    return everywhere + once + 1, 2 * (everywhere * height * width + once)


# %% exercise="unit_cost" says=["every convolution has a bias here"]
def unit_cost(channels, height, width):
    n = channels
    everywhere, once = 20 * n * n + 50, 2 * n * (n // 8)
    bias = n + n + 1 + n // 8 + n + n
    return everywhere + once + 1 + bias, everywhere * height * width + once
