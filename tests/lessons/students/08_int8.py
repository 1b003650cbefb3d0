# %% exercise="grid" wrong="256 steps"
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 256
    return scale, round(-128 - low / scale)


# %% exercise="grid" wrong="range not extended to 0"
def grid(low, high):
    scale = (high - low) / 255
    return scale, round(-128 - low / scale)


# %% exercise="grid" wrong="only the lower end extended"
def grid(low, high):
    low = min(low, 0)
    scale = (high - low) / 255
    return scale, round(-128 - low / scale)


# %% exercise="grid" wrong="int() truncates the zero point" says=["it was truncated (`int`)"]
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return scale, int(-128 - low / scale)


# %% exercise="grid" wrong="zero point rounded up"
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return scale, int(np.ceil(-128 - low / scale))


# %% exercise="grid" wrong="zero point rounded down" says=["rounded down, not to the nearest"]
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return scale, int(np.floor(-128 - low / scale))


# %% exercise="grid" wrong="zero point of uint8"
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return scale, round(-low / scale)


# %% exercise="grid" wrong="zero point not rounded"
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return scale, -128 - low / scale


# %% exercise="grid" wrong="symmetric"
def grid(low, high):
    return max(abs(low), abs(high)) / 127, 0


# %% exercise="grid" wrong="sign of low"
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return scale, round(-128 + low / scale)


# %% exercise="grid" wrong="the pair exchanged"
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return round(-128 - low / scale), scale


# %% exercise="grid" wrong="the inverse of the scale"
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = 255 / (high - low)
    return scale, round(-128 - low * scale)


# %% exercise="grid" wrong="minimum and maximum exchanged"
def grid(low, high):
    low, high = max(low, 0), min(high, 0)
    scale = (high - low) / 255
    return scale, round(-128 - low / scale)


# %% exercise="grid" right="an array"
def grid(low, high):
    ends = np.array([low, high, 0.0])
    scale = np.ptp(ends) / 255
    return np.array([scale, np.rint(-128 - ends.min() / scale)])


# %% exercise="grid" right="from the upper end, NumPy scalars"
def grid(low, high):
    low, high = np.minimum(low, 0), np.maximum(high, 0)
    scale = np.float64(high - low) / 255
    return [scale, np.int64(np.rint(127 - high / scale))]


# %% exercise="quantize" wrong="truncated"
def quantize(values, scale, zero_point):
    return np.clip((values / scale).astype(int) + zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(float) - zero_point)


# %% exercise="quantize" wrong="floor"
def quantize(values, scale, zero_point):
    return np.clip(np.floor(values / scale) + zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(float) - zero_point)


# %% exercise="quantize" wrong="wraps around"
def quantize(values, scale, zero_point):
    return (np.rint(values / scale) + zero_point).astype(np.int64).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(float) - zero_point)


# %% exercise="quantize" wrong="clipped before the zero point"
def quantize(values, scale, zero_point):
    return (np.clip(np.rint(values / scale), -128, 127) + zero_point).astype(np.int64).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(float) - zero_point)


# %% exercise="quantize" wrong="zero point subtracted"
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) - zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(float) - zero_point)


# %% exercise="quantize" wrong="int8 overflow when dequantized"
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * (q - np.int8(zero_point))


# %% exercise="quantize" wrong="zero point added when dequantized"
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(float) + zero_point)


# %% exercise="quantize" wrong="dequantized without brackets"
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * q.astype(float) - zero_point


# %% exercise="quantize" wrong="floats handed over"
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, -128, 127)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(float) - zero_point)


# %% exercise="quantize" wrong="-127 to 127"
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, -127, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(float) - zero_point)


# %% exercise="quantize" wrong="0 to 255"
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, 0, 255).astype(np.uint8)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(float) - zero_point)


# %% exercise="quantize" wrong="multiplied by the scale"
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values * scale) + zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(float) - zero_point)


# %% exercise="quantize" wrong="dequantized by a division"
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return (q.astype(float) - zero_point) / scale


# %% exercise="quantize" right="float32, halves away from zero"
def quantize(values, scale, zero_point):
    steps = np.asarray(values, np.float32) / np.float32(scale)
    nearest = np.sign(steps) * np.floor(np.abs(steps) + 0.5)
    return np.maximum(np.minimum(nearest + zero_point, 127), -128).astype("int8")


def dequantize(q, scale, zero_point):
    return np.float32(scale) * (q.astype(np.float32) - np.float32(zero_point))


# %% exercise="quantize" right="wide integers"
def quantize(values, scale, zero_point):
    return np.int8(np.clip(np.round(values / scale + zero_point), -128, 127))


def dequantize(q, scale, zero_point):
    return (np.int32(q) - np.int32(zero_point)) * scale


# %% exercise="weight_scales" wrong="no absolute value" says=["may be a negative one"]
def weight_scales(weights):
    return weights.max(axis=(1, 2, 3)) / 127


# %% exercise="weight_scales" wrong="one scale for the layer"
def weight_scales(weights):
    return np.abs(weights).max() / 127


# %% exercise="weight_scales" wrong="over the output channels: last axis kept"
def weight_scales(weights):
    return np.abs(weights).max(axis=(0, 1, 2)) / 127


# %% exercise="weight_scales" wrong="128"
def weight_scales(weights):
    return np.abs(weights).max(axis=(1, 2, 3)) / 128


# %% exercise="weight_scales" wrong="255"
def weight_scales(weights):
    return np.abs(weights).max(axis=(1, 2, 3)) / 255


# %% exercise="weight_scales" wrong="the range over 255"
def weight_scales(weights):
    return np.ptp(weights, axis=(1, 2, 3)) / 255


# %% exercise="weight_scales" wrong="absolute value of the largest"
def weight_scales(weights):
    return np.abs(weights.max(axis=(1, 2, 3))) / 127


# %% exercise="weight_scales" wrong="the mean magnitude"
def weight_scales(weights):
    return np.abs(weights).mean(axis=(1, 2, 3)) / 127


# %% exercise="weight_scales" wrong="with all axes"
def weight_scales(weights):
    return np.abs(weights).max(axis=(1, 2, 3), keepdims=True) / 127


# %% exercise="weight_scales" wrong="inverted"
def weight_scales(weights):
    return 127 / np.abs(weights).max(axis=(1, 2, 3))


# %% exercise="weight_scales" wrong="the smallest weight"
def weight_scales(weights):
    return -weights.min(axis=(1, 2, 3)) / 127


# %% exercise="weight_scales" right="reshaped"
def weight_scales(weights):
    flat = weights.reshape(len(weights), -1)
    return np.maximum(flat.max(axis=1), -flat.min(axis=1)) / 127.0


# %% exercise="weight_scales" right="a list"
def weight_scales(weights):
    return [max(abs(float(w)) for w in kernel.ravel()) / 127 for kernel in weights]


# %% exercise="weight_scales" right="the norm, float32"
def weight_scales(weights):
    return np.float32([np.linalg.norm(kernel.ravel(), np.inf) for kernel in weights]) / 127


# %% exercise="rescale" wrong="floats" says=["rounded only once, as a float"]
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    m = multiplier / 2**31 * 2.0**shift
    return np.rint(sums * m).astype(np.int64)


# %% exercise="rescale" wrong="first rounding missing"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    high = (sums.astype(np.int64) * multiplier) >> 31
    return shift_right(high, -shift)


# %% exercise="rescale" wrong="second rounding missing"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    high = (sums.astype(np.int64) * multiplier + (1 << 30)) >> 31
    return high >> -shift


# %% exercise="rescale" wrong="32 bits overflow"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    high = (sums.astype(np.int32) * multiplier.astype(np.int32) + (1 << 30)) >> 31
    return shift_right(high, -shift)


# %% exercise="rescale" wrong="shift not negated"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), -shift


def rescale(sums, multiplier, shift):
    high = (sums.astype(np.int64) * multiplier + (1 << 30)) >> 31
    return shift_right(high, shift)


# %% exercise="rescale" wrong="2**30 in the multiplier"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**30).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    high = (sums.astype(np.int64) * multiplier + (1 << 30)) >> 31
    return shift_right(high, -shift)


# %% exercise="rescale" wrong="multiplier truncated"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return (fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    high = (sums.astype(np.int64) * multiplier + (1 << 30)) >> 31
    return shift_right(high, -shift)


# %% exercise="rescale" wrong="multiplier in int32"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int32), shift


def rescale(sums, multiplier, shift):
    high = (sums * multiplier + (1 << 30)) >> 31
    return shift_right(high, -shift)


# %% exercise="rescale" wrong="one rounding for both shifts"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    return shift_right(sums.astype(np.int64) * multiplier, 31 - shift)


# %% exercise="rescale" wrong="no shift at all"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    return (sums.astype(np.int64) * multiplier + (1 << 30)) >> 31


# %% exercise="rescale" wrong="half of 2**31 instead of 2**30"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    high = (sums.astype(np.int64) * multiplier + (1 << 31)) >> 31
    return shift_right(high, -shift)


# %% exercise="rescale" wrong="s times m directly, multiplier is m"
def fixed_point(m):
    return m, np.zeros(np.shape(m), int)


def rescale(sums, multiplier, shift):
    return np.rint(sums * multiplier)


# %% exercise="rescale" wrong="divided instead of shifted: floats"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    high = (sums.astype(np.int64) * multiplier + 2**30) / 2**31
    return np.rint(high / 2.0**-shift)


# %% exercise="rescale" wrong="the pair exchanged"
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return shift, np.rint(fraction * 2**31).astype(np.int64)


def rescale(sums, multiplier, shift):
    high = (sums.astype(np.int64) * multiplier + (1 << 30)) >> 31
    return shift_right(high, -shift)


# %% exercise="rescale" right="floor division, and logarithms"
def fixed_point(m):
    shift = np.floor(np.log2(m)).astype(int) + 1
    return np.int64(np.round(m / 2.0**shift * 2**31)), shift


def rescale(sums, multiplier, shift):
    high = (np.int64(sums) * np.int64(multiplier) + 2**30) // 2**31
    return shift_right(high, np.negative(shift))


# %% exercise="rescale" right="signs by hand, an array of both"
def fixed_point(m):
    fraction, shift = np.frexp(np.asarray(m, float))
    return [np.rint(np.ldexp(fraction, 31)).astype("int64"), shift.astype("int64")]


def rescale(sums, multiplier, shift):
    high = np.right_shift(sums.astype("int64") * multiplier + 1073741824, 31)
    half = (1 << -shift) >> 1
    return np.sign(high) * ((np.abs(high) + half) >> -shift)


# %% exercise="convolve" wrong="padded before the zero point"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64), ((1, 1), (1, 1), (0, 0))) - zero_in
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="no zero point of the input"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64), ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="int8 overflow in the subtraction"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features - np.int8(zero_in), ((1, 1), (1, 1), (0, 0))).astype(np.int64)
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="bias forgotten"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = 0
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="bias at every position of the kernel"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = 0
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T + bias
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="mirrored kernel"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, 2 - dy, 2 - dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="rows and columns of the kernel exchanged"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dx, dy].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="zero point of the output forgotten"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift), -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="zero point after the clip"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return (np.clip(rescale(sums, multiplier, shift), -128, 127) + zero_out).astype(np.int8)


# %% exercise="convolve" wrong="not clipped"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return (rescale(sums, multiplier, shift) + zero_out).astype(np.int8)


# %% exercise="convolve" wrong="products in int8"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad((features.astype(np.int64) - zero_in).astype(np.int8), ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="only the centre of the kernel"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    sums = bias + (features.astype(np.int64) - zero_in) @ weights[:, 1, 1].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="rescaled at every position"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    total = rescale(bias.astype(np.int64), multiplier, shift)
    for dy in range(3):
        for dx in range(3):
            part = padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
            total = total + rescale(part, multiplier, shift)
    return np.clip(total + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="one multiplier for all channels"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier[0], shift[0]) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="edge pixels repeated"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)), mode="edge")
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" wrong="zero point of the input added"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) + zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" right="sliding windows"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    x = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(0, 1))
    sums = np.einsum("hwcij,oijc->hwo", windows, weights.astype(np.int64)) + bias
    return np.int8(np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127))


# %% exercise="convolve" right="padded with the zero point"
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    wide = np.full((height + 2, width + 2, features.shape[2]), zero_in, np.int32)
    wide[1:-1, 1:-1] = features
    sums = np.zeros((height, width, len(weights)), np.int64)
    for k in range(9):
        dy, dx = divmod(k, 3)
        part = wide[dy : dy + height, dx : dx + width] - np.int32(zero_in)
        sums += np.tensordot(part, weights[:, dy, dx].astype(np.int32), axes=(2, 1))
    return np.clip(rescale(sums + bias, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="grid" wrong="three values" says=["is a list of 3"]
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return scale, round(-128 - low / scale), 255


# %% exercise="grid" right="a generator of Python's numbers"
def grid(low, high):
    scale = (max(high, 0.0) - min(low, 0.0)) / 255.0
    yield scale
    yield int(round(-min(low, 0.0) / scale)) - 128


# %% exercise="quantize" right="TensorFlow"
def quantize(values, scale, zero_point):
    import tensorflow as tf

    steps = tf.round(tf.cast(values, tf.float32) / scale) + zero_point
    return tf.cast(tf.clip_by_value(steps, -128, 127), tf.int8)


def dequantize(q, scale, zero_point):
    import tensorflow as tf

    return scale * (tf.cast(q, tf.float32) - zero_point)


# %% exercise="weight_scales" right="JAX" needs="jax"
def weight_scales(weights):
    import jax.numpy as jnp

    return jnp.max(jnp.abs(jnp.asarray(weights)), axis=(1, 2, 3)) / 127


# %% exercise="weight_scales" wrong="two of three axes" says=["an axis too few"]
def weight_scales(weights):
    return np.abs(weights).max(axis=(1, 2)) / 127


# %% exercise="weight_scales" right="sorted"
def weight_scales(weights):
    flat = np.sort(np.abs(weights).reshape(weights.shape[0], -1), axis=1)
    return np.divide(flat[:, -1], 127, dtype=np.float32)
