# %% exercise="two_pixels" wrong="operator precedence"
def two_pixels(four):
    y0, u, y1, v = four[0], four[1] - 128, four[2], four[3] - 128
    return [
        [
            min(max(y + 91881 * v + 32768 >> 16, 0), 255),
            min(max(y - 22554 * u - 46802 * v + 32768 >> 16, 0), 255),
            min(max(y + 116130 * u + 32768 >> 16, 0), 255),
        ]
        for y in (y0, y1)
    ]


# %% exercise="two_pixels" wrong="not clipped"
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    red, green, blue = (91881 * v + 32768) >> 16, (-22554 * u - 46802 * v + 32768) >> 16, (116130 * u + 32768) >> 16
    return [[y + c for c in (red, green, blue)] for y in (four[0], four[2])]


# %% exercise="two_pixels" wrong="U and V exchanged"
def two_pixels(four):
    v, u = four[1] - 128, four[3] - 128
    red, green, blue = (91881 * v + 32768) >> 16, (-22554 * u - 46802 * v + 32768) >> 16, (116130 * u + 32768) >> 16
    return [[min(max(y + c, 0), 255) for c in (red, green, blue)] for y in (four[0], four[2])]


# %% exercise="two_pixels" wrong="128 not subtracted"
def two_pixels(four):
    u, v = four[1], four[3]
    red, green, blue = (91881 * v + 32768) >> 16, (-22554 * u - 46802 * v + 32768) >> 16, (116130 * u + 32768) >> 16
    return [[min(max(y + c, 0), 255) for c in (red, green, blue)] for y in (four[0], four[2])]


# %% exercise="two_pixels" wrong="blue, green, red"
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    red, green, blue = (91881 * v + 32768) >> 16, (-22554 * u - 46802 * v + 32768) >> 16, (116130 * u + 32768) >> 16
    return [[min(max(y + c, 0), 255) for c in (blue, green, red)] for y in (four[0], four[2])]


# %% exercise="two_pixels" wrong="pixels exchanged"
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    red, green, blue = (91881 * v + 32768) >> 16, (-22554 * u - 46802 * v + 32768) >> 16, (116130 * u + 32768) >> 16
    return [[min(max(y + c, 0), 255) for c in (red, green, blue)] for y in (four[2], four[0])]


# %% exercise="two_pixels" wrong="the same luma twice"
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    red, green, blue = (91881 * v + 32768) >> 16, (-22554 * u - 46802 * v + 32768) >> 16, (116130 * u + 32768) >> 16
    return [[min(max(y + c, 0), 255) for c in (red, green, blue)] for y in (four[0], four[0])]


# %% exercise="two_pixels" wrong="order Y Y U V"
def two_pixels(four):
    u, v = four[2] - 128, four[3] - 128
    red, green, blue = (91881 * v + 32768) >> 16, (-22554 * u - 46802 * v + 32768) >> 16, (116130 * u + 32768) >> 16
    return [[min(max(y + c, 0), 255) for c in (red, green, blue)] for y in (four[0], four[1])]


# %% exercise="two_pixels" wrong="no rounding"
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    red, green, blue = 91881 * v >> 16, (-22554 * u - 46802 * v) >> 16, 116130 * u >> 16
    return [[min(max(y + c, 0), 255) for c in (red, green, blue)] for y in (four[0], four[2])]


# %% exercise="two_pixels" wrong="signs of green"
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    red, green, blue = (91881 * v + 32768) >> 16, (22554 * u + 46802 * v + 32768) >> 16, (116130 * u + 32768) >> 16
    return [[min(max(y + c, 0), 255) for c in (red, green, blue)] for y in (four[0], four[2])]


# %% exercise="two_pixels" wrong="wraps around at 256"
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    red, green, blue = (91881 * v + 32768) >> 16, (-22554 * u - 46802 * v + 32768) >> 16, (116130 * u + 32768) >> 16
    return [[(y + c) & 255 for c in (red, green, blue)] for y in (four[0], four[2])]


# %% exercise="two_pixels" wrong="six numbers in one list"
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    red, green, blue = (91881 * v + 32768) >> 16, (-22554 * u - 46802 * v + 32768) >> 16, (116130 * u + 32768) >> 16
    return [min(max(y + c, 0), 255) for y in (four[0], four[2]) for c in (red, green, blue)]


# %% exercise="two_pixels" right="NumPy"
def two_pixels(four):
    u, v = four[1] - 128, four[3] - 128
    colour = np.array([91881 * v, -22554 * u - 46802 * v, 116130 * u]) + 32768 >> 16
    return np.clip(np.array([[four[0]], [four[2]]]) + colour, 0, 255)


# %% exercise="two_pixels" right="tuples, and sorted to clip"
def two_pixels(four):
    left, u, right, v = four
    u, v = u - 128, v - 128
    terms = (91881 * v, -22554 * u - 46802 * v, 116130 * u)
    return tuple(tuple(sorted((0, y + (term + 2**15) // 2**16, 255))[1] for term in terms) for y in (left, right))


# %% exercise="index_of" wrong="row and column exchanged"
def index_of(y, x, c, shape):
    height, width, channels = shape
    return (x * height + y) * channels + c


# %% exercise="index_of" wrong="height instead of width"
def index_of(y, x, c, shape):
    height, width, channels = shape
    return (y * height + x) * channels + c


# %% exercise="index_of" wrong="planes: NCHW"
def index_of(y, x, c, shape):
    height, width, channels = shape
    return (c * height + y) * width + x


# %% exercise="index_of" wrong="channels forgotten"
def index_of(y, x, c, shape):
    _, width, _ = shape
    return y * width + x + c


# %% exercise="index_of" wrong="channels multiply x only"
def index_of(y, x, c, shape):
    _, width, channels = shape
    return y * width + x * channels + c


# %% exercise="index_of" wrong="counted from one"
def index_of(y, x, c, shape):
    _, width, channels = shape
    return (y * width + x) * channels + c + 1


# %% exercise="index_of" wrong="all sides of the shape"
def index_of(y, x, c, shape):
    height, width, channels = shape
    return y * height * width + x * width + c * channels


# %% exercise="index_of" wrong="c forgotten"
def index_of(y, x, c, shape):
    _, width, channels = shape
    return (y * width + x) * channels


# %% exercise="index_of" right="ravel_multi_index"
def index_of(y, x, c, shape):
    return np.ravel_multi_index((y, x, c), tuple(shape))


# %% exercise="index_of" right="strides"
def index_of(y, x, c, shape):
    strides = np.array([shape[1] * shape[2], shape[2], 1])
    return strides @ [y, x, c]


# %% exercise="finish" wrong="floats"
def finish(total, multiplier, shift, zero_point, low):
    rescaled = round(total * multiplier / 2**31 * 2.0**shift)
    return min(max(rescaled + zero_point, low), 127)


# %% exercise="finish" wrong="first rounding missing"
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier) >> 31
    mask = (1 << -shift) - 1
    threshold = (mask >> 1) + (high < 0)
    return min(max((high >> -shift) + ((high & mask) > threshold) + zero_point, low), 127)


# %% exercise="finish" wrong="second rounding missing"
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    return min(max((high >> -shift) + zero_point, low), 127)


# %% exercise="finish" wrong="halves of negative sums"
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    mask = (1 << -shift) - 1
    rescaled = (high >> -shift) + ((high & mask) > (mask >> 1))
    return min(max(rescaled + zero_point, low), 127)


# %% exercise="finish" wrong="at least instead of more than"
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    mask = (1 << -shift) - 1
    threshold = (mask >> 1) + (high < 0)
    rescaled = (high >> -shift) + ((high & mask) >= threshold)
    return min(max(rescaled + zero_point, low), 127)


# %% exercise="finish" wrong="zero point after the clamp"
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    mask = (1 << -shift) - 1
    threshold = (mask >> 1) + (high < 0)
    rescaled = (high >> -shift) + ((high & mask) > threshold)
    return min(max(rescaled, low), 127) + zero_point


# %% exercise="finish" wrong="zero point forgotten"
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    mask = (1 << -shift) - 1
    threshold = (mask >> 1) + (high < 0)
    rescaled = (high >> -shift) + ((high & mask) > threshold)
    return min(max(rescaled, low), 127)


# %% exercise="finish" wrong="-128 instead of low"
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    mask = (1 << -shift) - 1
    threshold = (mask >> 1) + (high < 0)
    rescaled = (high >> -shift) + ((high & mask) > threshold)
    return min(max(rescaled + zero_point, -128), 127)


# %% exercise="finish" wrong="not clamped above"
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    mask = (1 << -shift) - 1
    threshold = (mask >> 1) + (high < 0)
    rescaled = (high >> -shift) + ((high & mask) > threshold)
    return max(rescaled + zero_point, low)


# %% exercise="finish" wrong="shift not negated"
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    mask = (1 << shift) - 1
    threshold = (mask >> 1) + (high < 0)
    rescaled = (high >> shift) + ((high & mask) > threshold)
    return min(max(rescaled + zero_point, low), 127)


# %% exercise="finish" wrong="one shift for both"
def finish(total, multiplier, shift, zero_point, low):
    bits = 31 - shift
    rescaled = (total * multiplier + (1 << (bits - 1))) >> bits
    return min(max(rescaled + zero_point, low), 127)


# %% exercise="finish" right="signs by hand"
def finish(total, multiplier, shift, zero_point, low):
    high = (int(total) * int(multiplier) + 2**30) // 2**31
    bits = -int(shift)
    size = (abs(high) + ((1 << bits) >> 1)) >> bits
    return sorted([int(low), (size if high >= 0 else -size) + zero_point, 127])[1]


# %% exercise="finish" right="NumPy integers"
def finish(total, multiplier, shift, zero_point, low):
    high = (np.int64(total) * np.int64(multiplier) + (1 << 30)) >> 31
    mask = (1 << -shift) - 1
    threshold = (mask >> 1) + (1 if high < 0 else 0)
    rescaled = (high >> -shift) + (1 if (high & mask) > threshold else 0)
    return np.clip(rescaled + zero_point, low, 127).astype(np.int8)


# %% exercise="conv_at" wrong="padding read from the other end"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    begin = c * p.side * p.side * channels
    total = p.bias[c]
    for i in range(p.side):
        for j in range(p.side):
            row, column = y - p.padding + i, x - p.padding + j
            if row >= height or column >= width:
                continue
            for k in range(channels):
                value = data[index_of(row, column, k, p.shape)] - p.in_zero_point
                total += value * p.weights[begin + index_of(i, j, k, (p.side, p.side, channels))]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" wrong="padding forgotten"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    begin = c * p.side * p.side * channels
    total = p.bias[c]
    for i in range(p.side):
        for j in range(p.side):
            row, column = y + i, x + j
            if not (0 <= row < height and 0 <= column < width):
                continue
            for k in range(channels):
                value = data[index_of(row, column, k, p.shape)] - p.in_zero_point
                total += value * p.weights[begin + index_of(i, j, k, (p.side, p.side, channels))]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" wrong="zero point of the input forgotten"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    begin = c * p.side * p.side * channels
    total = p.bias[c]
    for i in range(p.side):
        for j in range(p.side):
            row, column = y - p.padding + i, x - p.padding + j
            if not (0 <= row < height and 0 <= column < width):
                continue
            for k in range(channels):
                value = data[index_of(row, column, k, p.shape)]
                total += value * p.weights[begin + index_of(i, j, k, (p.side, p.side, channels))]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" wrong="bias forgotten"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    begin = c * p.side * p.side * channels
    total = 0
    for i in range(p.side):
        for j in range(p.side):
            row, column = y - p.padding + i, x - p.padding + j
            if not (0 <= row < height and 0 <= column < width):
                continue
            for k in range(channels):
                value = data[index_of(row, column, k, p.shape)] - p.in_zero_point
                total += value * p.weights[begin + index_of(i, j, k, (p.side, p.side, channels))]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" wrong="always the first kernel"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    total = p.bias[c]
    for i in range(p.side):
        for j in range(p.side):
            row, column = y - p.padding + i, x - p.padding + j
            if not (0 <= row < height and 0 <= column < width):
                continue
            for k in range(channels):
                value = data[index_of(row, column, k, p.shape)] - p.in_zero_point
                total += value * p.weights[index_of(i, j, k, (p.side, p.side, channels))]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" wrong="break instead of continue"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    begin = c * p.side * p.side * channels
    total = p.bias[c]
    for i in range(p.side):
        for j in range(p.side):
            row, column = y - p.padding + i, x - p.padding + j
            if not (0 <= row < height and 0 <= column < width):
                break
            for k in range(channels):
                value = data[index_of(row, column, k, p.shape)] - p.in_zero_point
                total += value * p.weights[begin + index_of(i, j, k, (p.side, p.side, channels))]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" wrong="rows and columns of the kernel exchanged"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    begin = c * p.side * p.side * channels
    total = p.bias[c]
    for i in range(p.side):
        for j in range(p.side):
            row, column = y - p.padding + i, x - p.padding + j
            if not (0 <= row < height and 0 <= column < width):
                continue
            for k in range(channels):
                value = data[index_of(row, column, k, p.shape)] - p.in_zero_point
                total += value * p.weights[begin + index_of(j, i, k, (p.side, p.side, channels))]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" wrong="the sum, not finished"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    begin = c * p.side * p.side * channels
    total = p.bias[c]
    for i in range(p.side):
        for j in range(p.side):
            row, column = y - p.padding + i, x - p.padding + j
            if not (0 <= row < height and 0 <= column < width):
                continue
            for k in range(channels):
                value = data[index_of(row, column, k, p.shape)] - p.in_zero_point
                total += value * p.weights[begin + index_of(i, j, k, (p.side, p.side, channels))]
    return total


# %% exercise="conv_at" wrong="multiplier of the first channel"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    begin = c * p.side * p.side * channels
    total = p.bias[c]
    for i in range(p.side):
        for j in range(p.side):
            row, column = y - p.padding + i, x - p.padding + j
            if not (0 <= row < height and 0 <= column < width):
                continue
            for k in range(channels):
                value = data[index_of(row, column, k, p.shape)] - p.in_zero_point
                total += value * p.weights[begin + index_of(i, j, k, (p.side, p.side, channels))]
    return finish(total, p.multiplier[0], p.shift[0], p.zero_point, p.low)


# %% exercise="conv_at" wrong="padding counts as minus the zero point"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    begin = c * p.side * p.side * channels
    total = p.bias[c]
    for i in range(p.side):
        for j in range(p.side):
            row, column = y - p.padding + i, x - p.padding + j
            inside = 0 <= row < height and 0 <= column < width
            for k in range(channels):
                value = (data[index_of(row, column, k, p.shape)] if inside else 0) - p.in_zero_point
                total += value * p.weights[begin + index_of(i, j, k, (p.side, p.side, channels))]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" wrong="no test of the edge: an IndexError"
def conv_at(data, p, y, x, c):
    channels = p.shape[2]
    begin = c * p.side * p.side * channels
    total = p.bias[c]
    for i in range(p.side):
        for j in range(p.side):
            row, column = y - p.padding + i, x - p.padding + j
            for k in range(channels):
                value = data[index_of(row, column, k, p.shape)] - p.in_zero_point
                total += value * p.weights[begin + index_of(i, j, k, (p.side, p.side, channels))]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" right="arrays"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    wide = np.pad(np.reshape(data, p.shape) - p.in_zero_point, ((p.padding,) * 2, (p.padding,) * 2, (0, 0)))
    kernel = np.reshape(p.weights, (-1, p.side, p.side, channels))[c]
    total = int((wide[y : y + p.side, x : x + p.side] * kernel).sum()) + p.bias[c]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="conv_at" right="over the picture instead of the kernel"
def conv_at(data, p, y, x, c):
    height, width, channels = p.shape
    total = p.bias[c]
    for row in range(max(0, y - p.padding), min(height, y - p.padding + p.side)):
        for column in range(max(0, x - p.padding), min(width, x - p.padding + p.side)):
            i, j = row - y + p.padding, column - x + p.padding
            start = ((c * p.side + i) * p.side + j) * channels
            here = (row * width + column) * channels
            for k in range(channels):
                total += (data[here + k] - p.in_zero_point) * p.weights[start + k]
    return finish(total, p.multiplier[c], p.shift[c], p.zero_point, p.low)


# %% exercise="cost" wrong="milliamperes taken as amperes"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each / hertz
    return seconds, seconds * volts * milliamperes


# %% exercise="cost" wrong="cycles forgotten"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions / hertz
    return seconds, seconds * volts * milliamperes / 1000


# %% exercise="cost" wrong="divided by the cycles"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions / cycles_each / hertz
    return seconds, seconds * volts * milliamperes / 1000


# %% exercise="cost" wrong="power instead of energy"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each / hertz
    return seconds, volts * milliamperes / 1000


# %% exercise="cost" wrong="the pair exchanged"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each / hertz
    return seconds * volts * milliamperes / 1000, seconds


# %% exercise="cost" wrong="milliseconds"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each / hertz
    return seconds * 1000, seconds * volts * milliamperes / 1000


# %% exercise="cost" wrong="voltage forgotten"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each / hertz
    return seconds, seconds * milliamperes / 1000


# %% exercise="cost" wrong="energy divided by the time"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each / hertz
    return seconds, volts * milliamperes / 1000 / seconds


# %% exercise="cost" wrong="integer division"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each // hertz
    return seconds, seconds * volts * milliamperes / 1000


# %% exercise="cost" right="an array"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    return instructions * cycles_each / hertz * np.array([1, volts * milliamperes * 1e-3])


# %% exercise="cost" right="watts first, a list"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    watts = volts * milliamperes / 1e3
    seconds = cycles_each / hertz * instructions
    return [seconds, watts * seconds]


# %% exercise="two_pixels" right="bytes"
def two_pixels(four):
    y0, u, y1, v = four
    u, v = u - 128, v - 128
    added = (91881 * v + 32768) >> 16, (-22554 * u - 46802 * v + 32768) >> 16, (116130 * u + 32768) >> 16
    return [list(bytes(min(max(y + a, 0), 255) for a in added)) for y in (y0, y1)]


# %% exercise="index_of" right="a flat array of numbers"
def index_of(y, x, c, shape):
    return np.arange(np.prod(shape)).reshape(shape)[y, x, c]


# %% exercise="finish" right="rounding by a sign"
def finish(total, multiplier, shift, zero_point, low):
    high = (total * multiplier + (1 << 30)) >> 31
    size = 1 << -shift
    rounded = (abs(high) + size // 2) // size * (1 if high >= 0 else -1)
    return max(low, min(127, rounded + zero_point))


# %% exercise="cost" right="a generator"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each / hertz
    yield seconds
    yield seconds * milliamperes * volts / 1000


# %% exercise="cost" wrong="times the frequency" says=["divide by them"]
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each * (1 / hertz) ** -1
    return seconds, seconds * milliamperes / 1000 * volts


# %% exercise="cost" wrong="micro" says=["millionth"]
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each / hertz
    return seconds, seconds * volts * milliamperes * 1e-6


# %% exercise="cost" wrong="always the Nano's 64 MHz" says=["use `hertz`"]
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    seconds = instructions * cycles_each / 64_000_000
    return seconds, seconds * volts * milliamperes / 1000


# %% exercise="cost" right="fractions"
def cost(instructions, cycles_each, hertz, milliamperes, volts):
    from fractions import Fraction as F

    seconds = F(instructions) * F(cycles_each) / F(hertz)
    return seconds, seconds * F(milliamperes) / 1000 * F(volts)
