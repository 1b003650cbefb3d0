# Wrong answers to lesson 8, each with text that its message has to contain.

# %% exercise="grid" says=["was not extended to 0"]
def grid(low, high):
    scale = (high - low) / 255
    return scale, round(-128 - low / scale)


# %% exercise="grid" says=["255 steps between them, not 256"]
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 256
    return scale, round(-128 - low / scale)


# %% exercise="grid" says=["int8 begins at −128, which is missing"]
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return scale, round(-low / scale)


# %% exercise="grid" says=["a zero point is an integer"]
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    return scale, -128 - low / scale


# %% exercise="grid" says=["the zero point is forgotten"]
def grid(low, high):
    low, high = min(low, 0), max(high, 0)
    return (high - low) / 255, 0


# %% exercise="grid" says=["it is symmetric"]
def grid(low, high):
    return max(abs(low), abs(high)) / 127, 0


# %% exercise="quantize" says=["truncated, not rounded"]
def quantize(values, scale, zero_point):
    return np.clip(values / scale + zero_point, -128, 127).astype(np.int8)


# %% exercise="quantize" says=["the zero point is forgotten"]
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale), -128, 127).astype(np.int8)


# %% exercise="quantize" says=["nothing was clipped"]
def quantize(values, scale, zero_point):
    return (np.rint(values / scale) + zero_point).astype(np.int64).astype(np.int8)


# %% exercise="quantize" says=["clipped to 0 … 255"]
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, 0, 255)


# %% exercise="quantize" says=["clipped at −127"]
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, -127, 127).astype(np.int8)


# %% exercise="quantize" says=["clipped before the zero point was added"]
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale), -128, 127).astype(np.int8) + np.int8(zero_point)


# %% exercise="quantize" says=["difference of int8 values overflowed"]
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * (q - np.int8(zero_point))


# %% exercise="quantize" says=["−28 stands for 0 here"]
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * q.astype(float)


# %% exercise="quantize" says=["the zero point was added; dequantize"]
def quantize(values, scale, zero_point):
    return np.clip(np.rint(values / scale) + zero_point, -128, 127).astype(np.int8)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(float) + zero_point)


# %% exercise="weight_scales" says=["one scale for the whole layer"]
def weight_scales(weights):
    return np.abs(weights).max() / 127


# %% exercise="weight_scales" says=["each *input* channel"]
def weight_scales(weights):
    return np.abs(weights).max(axis=(0, 1, 2)) / 127


# %% exercise="weight_scales" says=["may be a negative one"]
def weight_scales(weights):
    return weights.max(axis=(1, 2, 3)) / 127


# %% exercise="weight_scales" says=["they are asymmetric"]
def weight_scales(weights):
    return (weights.max(axis=(1, 2, 3)) - weights.min(axis=(1, 2, 3))) / 255


# %% exercise="weight_scales" says=["divided by 128"]
def weight_scales(weights):
    return np.abs(weights).max(axis=(1, 2, 3)) / 128


# %% exercise="rescale" says=["the first shift does not round"]
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    return shift_right(sums.astype(np.int64) * multiplier >> 31, -shift)


# %% exercise="rescale" says=["nothing was rounded"]
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    return (sums.astype(np.int64) * multiplier >> 31) >> -shift


# %% exercise="rescale" says=["the second shift does not round"]
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    return ((sums.astype(np.int64) * multiplier + (1 << 30)) >> 31) >> -shift


# %% exercise="rescale" says=["halves of negative numbers were rounded up"]
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    high = (sums.astype(np.int64) * multiplier + (1 << 30)) >> 31
    return (high + (1 << -shift >> 1)) >> -shift


# %% exercise="rescale" says=["the product overflowed", "64 bits"]
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    high = (sums * np.int32(multiplier) + np.int32(1 << 30)) >> 31
    return shift_right(high, -shift)


# %% exercise="rescale" says=["rounded only once"]
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), shift


def rescale(sums, multiplier, shift):
    return np.rint(sums * (multiplier / 2**31 * 2.0**shift)).astype(np.int64)


# %% exercise="rescale" says=["one bit less than it could"]
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**30).astype(np.int64), shift + 1


# %% exercise="rescale" says=["the sign is wrong"]
def fixed_point(m):
    fraction, shift = np.frexp(m)
    return np.rint(fraction * 2**31).astype(np.int64), -shift


# %% exercise="convolve" says=["zero point of the features is forgotten"]
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64), ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" says=["the padding is the integer 0"]
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64), ((1, 1), (1, 1), (0, 0))) - zero_in
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" says=["put into int8 again, and overflowed"]
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features - np.int8(zero_in), ((1, 1), (1, 1), (0, 0))).astype(np.int64)
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" says=["it was not clipped"]
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return (rescale(sums, multiplier, shift) + zero_out).astype(np.int8)


# %% exercise="convolve" says=["zero point of the output is missing"]
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift), -128, 127).astype(np.int8)


# %% exercise="convolve" says=["all channels have the multiplier of the first"]
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier[0], shift[0]) + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" says=["truncated, not rounded"]
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = bias.astype(np.int64)
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    scaled = (sums * (multiplier / 2**31 * 2.0**shift)).astype(np.int64)
    return np.clip(scaled + zero_out, -128, 127).astype(np.int8)


# %% exercise="convolve" says=["the bias is missing"]
def convolve(features, weights, bias, zero_in, multiplier, shift, zero_out):
    height, width = features.shape[:2]
    padded = np.pad(features.astype(np.int64) - zero_in, ((1, 1), (1, 1), (0, 0)))
    sums = 0
    for dy in range(3):
        for dx in range(3):
            sums = sums + padded[dy : dy + height, dx : dx + width] @ weights[:, dy, dx].T
    return np.clip(rescale(sums, multiplier, shift) + zero_out, -128, 127).astype(np.int8)
