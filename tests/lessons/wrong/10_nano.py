# Wrong answers to lesson 10, each with text that its message has to contain.


# %% exercise="two_pixels" says=["U and V are swapped"]
def two_pixels(four):
    v, u = four[1] - 128, four[3] - 128
    added = [(n + 32768) >> 16 for n in (91881 * v, -22554 * u - 46802 * v, 116130 * u)]
    return [[min(max(luma + each, 0), 255) for each in added] for luma in (four[0], four[2])]


# %% exercise="two_pixels" says=["Y is shifted, too"]
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    added = (91881 * v, -22554 * u - 46802 * v, 116130 * u)
    return [[min(max(luma + each + 32768 >> 16, 0), 255) for each in added] for luma in (four[0], four[2])]


# %% exercise="two_pixels" says=["nothing was clipped"]
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    added = [(n + 32768) >> 16 for n in (91881 * v, -22554 * u - 46802 * v, 116130 * u)]
    return [[luma + each for each in added] for luma in (four[0], four[2])]


# %% exercise="two_pixels" says=["128 was not subtracted"]
def two_pixels(four):
    u, v = four[1], four[3]
    added = [(n + 32768) >> 16 for n in (91881 * v, -22554 * u - 46802 * v, 116130 * u)]
    return [[min(max(luma + each, 0), 255) for each in added] for luma in (four[0], four[2])]


# %% exercise="two_pixels" says=["share their chroma, not their luma"]
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    added = [(n + 32768) >> 16 for n in (91881 * v, -22554 * u - 46802 * v, 116130 * u)]
    return [[min(max(four[0] + each, 0), 255) for each in added] for _ in range(2)]


# %% exercise="index_of" says=["the channels are stored as planes", "(NCHW, as PyTorch"]
def index_of(y, x, c, shape):
    height, width, channels = shape
    return (c * height + y) * width + x


# %% exercise="index_of" says=["a row was taken to have `height` pixels"]
def index_of(y, x, c, shape):
    height, width, channels = shape
    return (y * height + x) * channels + c


# %% exercise="index_of" says=["each pixel has `channels` values"]
def index_of(y, x, c, shape):
    return y * shape[1] + x + c


# %% exercise="finish" says=["the second shift rounds down"]
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    return min(max((high >> -shift) + zero_point, low), 127)


# %% exercise="finish" says=["rounded once, at the end"]
def finish(total, multiplier, shift, zero_point, low):
    return min(max(round(total * multiplier / 2**31 * 2**shift) + zero_point, low), 127)


# %% exercise="finish" says=["halves below 0 are rounded up"]
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    return min(max(((high + ((1 << -shift) >> 1)) >> -shift) + zero_point, low), 127)


# %% exercise="finish" says=["A fused ReLU is a clamp"]
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    mask = (1 << -shift) - 1
    rescaled = (high >> -shift) + ((high & mask) > (mask >> 1) + (high < 0))
    return min(max(rescaled + zero_point, -128), 127)


# %% exercise="finish" says=["the zero point is missing"]
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    mask = (1 << -shift) - 1
    rescaled = (high >> -shift) + ((high & mask) > (mask >> 1) + (high < 0))
    return min(max(rescaled, low), 127)


# %% exercise="conv_at" says=["a negative index reads from the end"]
def conv_at(data, p, y, x, c):
    channels = p.shape[2]
    total, size = p.bias[c], p.side * p.side * channels
    for i, j, k in np.ndindex(p.side, p.side, channels):
        at = index_of(y - p.padding + i, x - p.padding + j, k, p.shape)
        weight = p.weights[c * size + index_of(i, j, k, (p.side, p.side, channels))]
        total += (data[at % len(data)] - p.in_zero_point) * weight
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" says=["the input's zero point was not subtracted"]
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    total, size = p.bias[c], p.side * p.side * channels
    for i, j, k in np.ndindex(p.side, p.side, channels):
        row, column = y - p.padding + i, x - p.padding + j
        if 0 <= row < height and 0 <= column < width:
            weight = p.weights[c * size + index_of(i, j, k, (p.side, p.side, channels))]
            total += data[index_of(row, column, k, p.shape)] * weight
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" says=["counts as the integer 0"]
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    total, size = p.bias[c], p.side * p.side * channels
    for i, j, k in np.ndindex(p.side, p.side, channels):
        row, column = y - p.padding + i, x - p.padding + j
        inside = 0 <= row < height and 0 <= column < width
        value = data[index_of(row, column, k, p.shape)] if inside else 0
        weight = p.weights[c * size + index_of(i, j, k, (p.side, p.side, channels))]
        total += (value - p.in_zero_point) * weight
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" says=["read as (side, side, in, out)"]
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    total = p.bias[c]
    for i, j, k in np.ndindex(p.side, p.side, channels):
        row, column = y - p.padding + i, x - p.padding + j
        if 0 <= row < height and 0 <= column < width:
            weight = p.weights[((i * p.side + j) * channels + k) * len(p.bias) + c]
            total += (data[index_of(row, column, k, p.shape)] - p.in_zero_point) * weight
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" says=["the bias is missing"]
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    total, size = 0, p.side * p.side * channels
    for i, j, k in np.ndindex(p.side, p.side, channels):
        row, column = y - p.padding + i, x - p.padding + j
        if 0 <= row < height and 0 <= column < width:
            weight = p.weights[c * size + index_of(i, j, k, (p.side, p.side, channels))]
            total += (data[index_of(row, column, k, p.shape)] - p.in_zero_point) * weight
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="cost" says=["milliamperes are taken for amperes"]
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each / hertz
    return seconds, seconds * volts * milliamperes


# %% exercise="cost" says=["the cycles of an instruction are missing"]
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions / hertz
    return seconds, seconds * volts * milliamperes / 1000


# %% exercise="cost" says=["this is the power in watts"]
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    return instructions * cycles_each / hertz, volts * milliamperes / 1000


# %% exercise="cost" says=["the fraction is inverted"]
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = hertz / (instructions * cycles_each)
    return seconds, seconds * volts * milliamperes / 1000
