# %% exercise="first_column" wrong="stream 2 from the input"
def first_column(features, parts):
    one = parts.dau(1, features)
    two = parts.dau(2, parts.bring(features, 1, 2))
    three = parts.dau(3, parts.bring(two, 2, 3))
    return [one, two, three]


# %% exercise="first_column" wrong="stream 3 from stream 1"
def first_column(features, parts):
    one = parts.dau(1, features)
    two = parts.dau(2, parts.bring(one, 1, 2))
    three = parts.dau(3, parts.bring(one, 1, 3))
    return [one, two, three]


# %% exercise="first_column" wrong="the wrong unit for stream 3"
def first_column(features, parts):
    one = parts.dau(1, features)
    two = parts.dau(2, parts.bring(one, 1, 2))
    three = parts.dau(2, parts.bring(two, 2, 3))
    return [one, two, three]


# %% exercise="first_column" wrong="attention of stream 3 forgotten"
def first_column(features, parts):
    one = parts.dau(1, features)
    two = parts.dau(2, parts.bring(one, 1, 2))
    return [one, two, parts.bring(two, 2, 3)]


# %% exercise="first_column" wrong="attention of stream 1 forgotten"
def first_column(features, parts):
    two = parts.dau(2, parts.bring(features, 1, 2))
    three = parts.dau(3, parts.bring(two, 2, 3))
    return [features, two, three]


# %% exercise="first_column" wrong="resampled before the attention of stream 2"
def first_column(features, parts):
    one = parts.dau(1, features)
    small = parts.bring(one, 1, 2)
    return [one, parts.dau(2, small), parts.dau(3, parts.bring(small, 2, 3))]


# %% exercise="first_column" wrong="order reversed"
def first_column(features, parts):
    one = parts.dau(1, features)
    two = parts.dau(2, parts.bring(one, 1, 2))
    three = parts.dau(3, parts.bring(two, 2, 3))
    return [three, two, one]


# %% exercise="first_column" wrong="two streams"
def first_column(features, parts):
    one = parts.dau(1, features)
    return [one, parts.dau(2, parts.bring(one, 1, 2))]


# %% exercise="first_column" wrong="attention twice"
def first_column(features, parts):
    one = parts.dau(1, parts.dau(1, features))
    two = parts.dau(2, parts.bring(one, 1, 2))
    three = parts.dau(3, parts.bring(two, 2, 3))
    return [one, two, three]


# %% exercise="first_column" wrong="streams counted from zero"
def first_column(features, parts):
    one = parts.dau(0, features)
    two = parts.dau(1, parts.bring(one, 0, 1))
    three = parts.dau(2, parts.bring(two, 1, 2))
    return [one, two, three]


# %% exercise="first_column" right="a loop"
def first_column(features, parts):
    streams = [parts.dau(1, features)]
    for k in (2, 3):
        streams.append(parts.dau(k, parts.bring(streams[-1], k - 1, k)))
    return streams


# %% exercise="first_column" right="a generator"
def first_column(features, parts):
    stream = features
    for k in (1, 2, 3):
        stream = parts.dau(k, stream if k == 1 else parts.bring(stream, k - 1, k))
        yield stream


# %% exercise="first_column" right="a tuple, and stream 1 brought to itself"
def first_column(features, parts):
    one = parts.dau(1, parts.bring(features, 1, 1))
    two = parts.dau(2, parts.bring(one, 1, 2))
    return one, two, parts.dau(3, parts.bring(two, 2, 3))


# %% exercise="exchange" wrong="in place: later ones read fused streams"
def exchange(streams, parts):
    streams = list(streams)
    for j in (1, 2, 3):
        streams[j - 1] = parts.skff(j, [parts.bring(s, k, j) for k, s in enumerate(streams, 1)])
    return streams


# %% exercise="exchange" wrong="order reversed at the input of skff"
def exchange(streams, parts):
    return [parts.skff(j, [parts.bring(streams[k - 1], k, j) for k in (3, 2, 1)]) for j in (1, 2, 3)]


# %% exercise="exchange" wrong="bring's numbers exchanged"
def exchange(streams, parts):
    return [parts.skff(j, [parts.bring(s, j, k) for k, s in enumerate(streams, 1)]) for j in (1, 2, 3)]


# %% exercise="exchange" wrong="always the first skff"
def exchange(streams, parts):
    return [parts.skff(1, [parts.bring(s, k, j) for k, s in enumerate(streams, 1)]) for j in (1, 2, 3)]


# %% exercise="exchange" wrong="one stream three times"
def exchange(streams, parts):
    return [parts.skff(j, [parts.bring(streams[j - 1], j, j) for _ in range(3)]) for j in (1, 2, 3)]


# %% exercise="exchange" wrong="fused once, then distributed"
def exchange(streams, parts):
    fused = parts.skff(1, [parts.bring(s, k, 1) for k, s in enumerate(streams, 1)])
    return [parts.bring(fused, 1, j) for j in (1, 2, 3)]


# %% exercise="exchange" wrong="own stream first"
def exchange(streams, parts):
    fused = []
    for j in (1, 2, 3):
        order = [j] + [k for k in (1, 2, 3) if k != j]
        fused.append(parts.skff(j, [parts.bring(streams[k - 1], k, j) for k in order]))
    return fused


# %% exercise="exchange" wrong="stream 3 goes through stream 2"
def exchange(streams, parts):
    one, two, three = streams
    return [
        parts.skff(1, [one, parts.bring(two, 2, 1), parts.bring(two, 2, 1)]),
        parts.skff(2, [parts.bring(one, 1, 2), two, parts.bring(three, 3, 2)]),
        parts.skff(3, [parts.bring(one, 1, 3), parts.bring(two, 2, 3), three]),
    ]


# %% exercise="exchange" wrong="rise instead of bring"
def exchange(streams, parts):
    one, two, three = streams
    return [
        parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)]),
        parts.skff(2, [parts.bring(one, 1, 2), two, parts.bring(three, 3, 2)]),
        parts.skff(3, [parts.bring(one, 1, 3), parts.bring(two, 2, 3), three]),
    ]


# %% exercise="exchange" wrong="plus the stream itself"
def exchange(streams, parts):
    return [streams[j - 1] + parts.skff(j, [parts.bring(s, k, j) for k, s in enumerate(streams, 1)]) for j in (1, 2, 3)]


# %% exercise="exchange" wrong="counts from zero"
def exchange(streams, parts):
    return [parts.skff(j, [parts.bring(s, k, j) for k, s in enumerate(streams)]) for j in range(3)]


# %% exercise="exchange" wrong="empties the learner's list"
def exchange(streams, parts):
    one, two, three = streams.pop(0), streams.pop(0), streams.pop(0)
    return [
        parts.skff(1, [one, parts.bring(two, 2, 1), parts.bring(three, 3, 1)]),
        parts.skff(2, [parts.bring(one, 1, 2), two, parts.bring(three, 3, 2)]),
        parts.skff(3, [parts.bring(one, 1, 3), parts.bring(two, 2, 3), three]),
    ]


# %% exercise="exchange" right="written out, coarsest first"
def exchange(streams, parts):
    one, two, three = streams
    low = parts.skff(3, [parts.bring(one, 1, 3), parts.bring(two, 2, 3), three])
    middle = parts.skff(2, (parts.bring(one, 1, 2), two, parts.bring(three, 3, 2)))
    high = parts.skff(1, [one, parts.bring(two, 2, 1), parts.bring(three, 3, 1)])
    return high, middle, low


# %% exercise="exchange" right="a generator expression, and SKFF gets a generator"
def exchange(streams, parts):
    streams = list(streams)
    return (parts.skff(j, list(parts.bring(streams[k], k + 1, j) for k in range(3))) for j in range(1, 4))


# %% exercise="exchange" right="all nine first"
def exchange(streams, parts):
    brought = {(k, j): parts.bring(streams[k - 1], k, j) for k in (1, 2, 3) for j in (1, 2, 3)}
    return [parts.skff(j, [brought[k, j] for k in (1, 2, 3)]) for j in (1, 2, 3)]


# %% exercise="block" wrong="no skip connection"
def block(features, parts):
    streams = exchange(first_column(features, parts), parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    return parts.conv(parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)]))


# %% exercise="block" wrong="no second column"
def block(features, parts):
    one, two, three = exchange(first_column(features, parts), parts)
    return features + parts.conv(parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)]))


# %% exercise="block" wrong="no exchange"
def block(features, parts):
    streams = first_column(features, parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    return features + parts.conv(parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)]))


# %% exercise="block" wrong="bring instead of rise"
def block(features, parts):
    streams = exchange(first_column(features, parts), parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    merged = parts.skff(1, [one, parts.bring(two, 2, 1), parts.bring(three, 3, 1)])
    return features + parts.conv(merged)


# %% exercise="block" wrong="merge without stream 2" says=["is rise(3, stream 3 after its second attention); due is rise(2"]
def block(features, parts):
    streams = exchange(first_column(features, parts), parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    merged = parts.skff(1, [one, parts.rise(3, three), parts.rise(3, three)])
    return features + parts.conv(merged)


# %% exercise="block" wrong="no convolution at the end"
def block(features, parts):
    streams = exchange(first_column(features, parts), parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    return features + parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)])


# %% exercise="block" wrong="skip before the convolution"
def block(features, parts):
    streams = exchange(first_column(features, parts), parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    merged = parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)])
    return parts.conv(features + merged)


# %% exercise="block" wrong="stream 1 added instead of the input"
def block(features, parts):
    streams = exchange(first_column(features, parts), parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    merged = parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)])
    return one + parts.conv(merged)


# %% exercise="block" wrong="a plain sum instead of SKFF"
def block(features, parts):
    streams = exchange(first_column(features, parts), parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    return features + parts.conv(one + parts.rise(2, two) + parts.rise(3, three))


# %% exercise="block" wrong="second column chained like the first"
def block(features, parts):
    streams = exchange(first_column(features, parts), parts)
    one = parts.dau(1, streams[0])
    two = parts.dau(2, parts.bring(one, 1, 2))
    three = parts.dau(3, parts.bring(two, 2, 3))
    merged = parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)])
    return features + parts.conv(merged)


# %% exercise="block" wrong="merged in the wrong order"
def block(features, parts):
    streams = exchange(first_column(features, parts), parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    merged = parts.skff(1, [one, parts.rise(3, three), parts.rise(2, two)])
    return features + parts.conv(merged)


# %% exercise="block" wrong="exchanged twice"
def block(features, parts):
    streams = exchange(exchange(first_column(features, parts), parts), parts)
    one, two, three = (parts.dau(k, stream) for k, stream in enumerate(streams, 1))
    merged = parts.skff(1, [one, parts.rise(2, two), parts.rise(3, three)])
    return features + parts.conv(merged)


# %% exercise="block" right="a list of risen streams, and the sum turned round"
def block(features, parts):
    streams = list(exchange(list(first_column(features, parts)), parts))
    risen = [parts.dau(1, streams[0])]
    for k in (2, 3):
        risen.append(parts.rise(k, parts.dau(k, streams[k - 1])))
    return np.add(parts.conv(parts.skff(1, risen)), features)


# %% exercise="block" right="written out, without first_column and exchange"
def block(features, parts):
    s = [parts.dau(1, features)]
    s.append(parts.dau(2, parts.bring(s[0], 1, 2)))
    s.append(parts.dau(3, parts.bring(s[1], 2, 3)))
    f = [parts.skff(j, [parts.bring(s[k - 1], k, j) for k in (1, 2, 3)]) for j in (1, 2, 3)]
    f = [parts.dau(k, stream) for k, stream in enumerate(f, 1)]
    return features + parts.conv(parts.skff(1, [f[0], parts.rise(2, f[1]), parts.rise(3, f[2])]))


# %% exercise="restore" wrong="blocks not chained" says=["an input of `block 2 of group 1(…)` is the shallow features"]
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        for parts in group.blocks:
            refined = block(features, parts)
        features = features + group.conv(refined)
    return photo + whole.last(features)


# %% exercise="restore" wrong="refined not reset in each group" says=["an input of `block 1 of group 2(…)`", "due is the output of group 1"]
def restore(photo, whole):
    features = refined = whole.shallow(photo)
    for group in whole.groups:
        for parts in group.blocks:
            refined = block(refined, parts)
        features = features + group.conv(refined)
    return photo + whole.last(features)


# %% exercise="restore" wrong="groups reversed" says=["(of group 2); due is group.conv("]
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in reversed(whole.groups):
        refined = features
        for parts in group.blocks:
            refined = block(refined, parts)
        features = features + group.conv(refined)
    return photo + whole.last(features)


# %% exercise="restore" wrong="blocks reversed"
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        refined = features
        for parts in reversed(group.blocks):
            refined = block(refined, parts)
        features = features + group.conv(refined)
    return photo + whole.last(features)


# %% exercise="restore" wrong="the global parts instead of the loop's" says=["other parts than these have made"]
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        refined = features
        for _ in group.blocks:
            refined = block(refined, parts)
        features = features + group.conv(refined)
    return photo + whole.last(features)


# %% exercise="restore" wrong="no skip around the group"
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        for parts in group.blocks:
            features = block(features, parts)
        features = group.conv(features)
    return photo + whole.last(features)


# %% exercise="restore" wrong="added to the refined features"
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        refined = features
        for parts in group.blocks:
            refined = block(refined, parts)
        features = refined + group.conv(refined)
    return photo + whole.last(features)


# %% exercise="restore" wrong="no convolution of the group"
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        refined = features
        for parts in group.blocks:
            refined = block(refined, parts)
        features = features + refined
    return photo + whole.last(features)


# %% exercise="restore" wrong="the residual alone"
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        refined = features
        for parts in group.blocks:
            refined = block(refined, parts)
        features = features + group.conv(refined)
    return whole.last(features)


# %% exercise="restore" wrong="clipped"
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        refined = features
        for parts in group.blocks:
            refined = block(refined, parts)
        features = features + group.conv(refined)
    return np.clip(photo + whole.last(features), 0, 1)


# %% exercise="restore" wrong="only the last group"
def restore(photo, whole):
    features = whole.shallow(photo)
    group = whole.groups[-1]
    refined = features
    for parts in group.blocks:
        refined = block(refined, parts)
    return photo + whole.last(features + group.conv(refined))


# %% exercise="restore" wrong="first block only"
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        refined = block(features, group.blocks[0])
        features = features + group.conv(refined)
    return photo + whole.last(features)


# %% exercise="restore" wrong="every group starts from the shallow features"
def restore(photo, whole):
    shallow = features = whole.shallow(photo)
    for group in whole.groups:
        refined = shallow
        for parts in group.blocks:
            refined = block(refined, parts)
        features = features + group.conv(refined)
    return photo + whole.last(features)


# %% exercise="restore" wrong="adds into the photo"
def restore(photo, whole):
    features = whole.shallow(photo)
    for group in whole.groups:
        refined = features
        for parts in group.blocks:
            refined = block(refined, parts)
        features = features + group.conv(refined)
    photo += whole.last(features)
    return photo


# %% exercise="restore" right="functools.reduce"
def restore(photo, whole):
    from functools import reduce

    features = whole.shallow(photo)
    for group in whole.groups:
        features = group.conv(reduce(block, group.blocks, features)) + features
    return whole.last(features) + photo


# %% exercise="restore" right="a function for the group"
def restore(photo, whole):
    def through(features, group):
        refined = features.copy()
        for k in range(len(group.blocks)):
            refined = block(refined, group.blocks[k])
        return features + group.conv(refined)

    features = whole.shallow(photo)
    for k in range(len(whole.groups)):
        features = through(features, whole.groups[k])
    return photo + whole.last(features)


# %% exercise="unit_cost" wrong="slope forgotten"
def unit_cost(channels, height, width):
    n = channels
    each, once = 20 * n * n + 50, n * n // 4
    return each + once, each * height * width + once


# %% exercise="unit_cost" wrong="descriptor counted at every pixel"
def unit_cost(channels, height, width):
    n = channels
    each = 20 * n * n + 50 + n * n // 4
    return each + 1, each * height * width


# %% exercise="unit_cost" wrong="one convolution of the body"
def unit_cost(channels, height, width):
    n = channels
    each, once = 11 * n * n + 50, n * n // 4
    return each + once + 1, each * height * width + once


# %% exercise="unit_cost" wrong="biases"
def unit_cost(channels, height, width):
    n = channels
    each, once = 20 * n * n + 50, n * n // 4
    return each + once + 1 + 3 * n + 1 + n // 8 + n, each * height * width + once


# %% exercise="unit_cost" wrong="merge from n channels"
def unit_cost(channels, height, width):
    n = channels
    each, once = 19 * n * n + 50, n * n // 4
    return each + once + 1, each * height * width + once


# %% exercise="unit_cost" wrong="3x3 spatial convolution"
def unit_cost(channels, height, width):
    n = channels
    each, once = 20 * n * n + 18, n * n // 4
    return each + once + 1, each * height * width + once


# %% exercise="unit_cost" wrong="5x5 from one map"
def unit_cost(channels, height, width):
    n = channels
    each, once = 20 * n * n + 25, n * n // 4
    return each + once + 1, each * height * width + once


# %% exercise="unit_cost" wrong="the pair the other way round" says=["the pair is (parameters, MACs)"]
def unit_cost(channels, height, width):
    n = channels
    each, once = 20 * n * n + 50, n * n // 4
    return each * height * width + once, each + once + 1


# %% exercise="unit_cost" wrong="multiplications and additions counted separately"
def unit_cost(channels, height, width):
    n = channels
    each, once = 20 * n * n + 50, n * n // 4
    return each + once + 1, 2 * (each * height * width + once)


# %% exercise="unit_cost" wrong="slope counted as MAC"
def unit_cost(channels, height, width):
    n = channels
    each, once = 20 * n * n + 50, n * n // 4
    return each + once + 1, (each + 1) * height * width + once


# %% exercise="unit_cost" wrong="squeezed to 8 instead of an eighth"
def unit_cost(channels, height, width):
    n = channels
    each, once = 20 * n * n + 50, 16 * n
    return each + once + 1, each * height * width + once


# %% exercise="unit_cost" wrong="kernel size not squared"
def unit_cost(channels, height, width):
    n = channels
    each, once = 2 * 3 * n * n + 10 + 2 * n * n, n * n // 4
    return each + once + 1, each * height * width + once


# %% exercise="unit_cost" right="a table of layers, as an array"
def unit_cost(channels, height, width):
    n = channels
    layers = [(3, n, n), (3, n, n), (5, 2, 1), (1, 2 * n, n)]
    each = sum(size * size * a * b for size, a, b in layers)
    once = 2 * n * n // 8
    return np.array([each + once + 1, each * height * width + once])


# %% exercise="unit_cost" right="floats in a list"
def unit_cost(channels, height, width):
    each, once = 20.0 * channels**2 + 50, channels**2 / 4
    return [each + once + 1, each * height * width + once]


# %% exercise="block" right="zip and a comprehension"
def block(features, parts):
    streams = [parts.dau(k, s) for k, s in zip((1, 2, 3), exchange(first_column(features, parts), parts))]
    risen = [streams[0], *(parts.rise(k, streams[k - 1]) for k in (2, 3))]
    return parts.conv(parts.skff(1, risen)) + features


# %% exercise="unit_cost" right="a generator"
def unit_cost(channels, height, width):
    per_pixel = 2 * 3 * 3 * channels**2 + 5 * 5 * 2 + 2 * channels**2
    descriptor = 2 * channels * channels // 8
    yield per_pixel + descriptor + 1
    yield per_pixel * height * width + descriptor


# %% exercise="unit_cost" wrong="parameters alone" says=["this is one value"]
def unit_cost(channels, height, width):
    return 18 * channels**2 + 50 + 2 * channels**2 + channels**2 // 4 + 1


# %% exercise="unit_cost" right="a pair that is yielded"
def unit_cost(channels, height, width):
    n = channels
    yield (81 * n**2) // 4 + 51
    yield (20 * n**2 + 50) * height * width + n**2 // 4
