# %% exercise="add_residual" wrong="truncated"
def add_residual(photo, residual):
    return (np.clip(photo / 255 + residual, 0, 1) * 255).astype(np.uint8)


# %% exercise="add_residual" wrong="not clipped: wraps around"
def add_residual(photo, residual):
    return np.rint((photo / 255 + residual) * 255).astype(np.int64).astype(np.uint8)


# %% exercise="add_residual" wrong="residual in units of levels"
def add_residual(photo, residual):
    return np.clip(np.rint(photo + residual), 0, 255).astype(np.uint8)


# %% exercise="add_residual" wrong="subtracted"
def add_residual(photo, residual):
    return np.rint(np.clip(photo / 255 - residual, 0, 1) * 255).astype(np.uint8)


# %% exercise="add_residual" wrong="the residual alone"
def add_residual(photo, residual):
    return np.rint(np.clip(residual, 0, 1) * 255).astype(np.uint8)


# %% exercise="add_residual" wrong="negative residuals lost"
def add_residual(photo, residual):
    return np.rint(np.clip(photo / 255 + np.clip(residual, 0, 1), 0, 1) * 255).astype(np.uint8)


# %% exercise="add_residual" wrong="residual added as uint8"
def add_residual(photo, residual):
    return photo + (residual * 255).astype(np.int64).astype(np.uint8)


# %% exercise="add_residual" wrong="floats in 0 to 255 handed over"
def add_residual(photo, residual):
    return np.rint(np.clip(photo / 255 + residual, 0, 1) * 255)


# %% exercise="add_residual" wrong="floats in 0 to 1 handed over"
def add_residual(photo, residual):
    return np.clip(photo / 255 + residual, 0, 1)


# %% exercise="add_residual" wrong="256 instead of 255"
def add_residual(photo, residual):
    return np.rint(np.clip(photo / 256 + residual, 0, 1) * 256).clip(0, 255).astype(np.uint8)


# %% exercise="add_residual" wrong="always rounded up"
def add_residual(photo, residual):
    return np.ceil(np.clip(photo / 255 + residual, 0, 1) * 255).astype(np.uint8)


# %% exercise="add_residual" wrong="stretched to its own range"
def add_residual(photo, residual):
    restored = photo / 255 + residual
    restored = (restored - restored.min()) / (restored.max() - restored.min())
    return np.rint(restored * 255).astype(np.uint8)


# %% exercise="add_residual" wrong="clipped before the residual is added"
def add_residual(photo, residual):
    return np.rint((np.clip(photo / 255, 0, 1) + residual) * 255).astype(np.int64).astype(np.uint8)


# %% exercise="add_residual" right="float32"
def add_residual(photo, residual):
    restored = photo.astype(np.float32) / np.float32(255) + residual.astype(np.float32)
    return np.rint(np.clip(restored, 0, 1) * 255).astype(np.uint8)


# %% exercise="add_residual" right="in levels"
def add_residual(photo, residual):
    return np.clip(np.floor(photo + 255 * residual + 0.5), 0, 255).astype("uint8")


# %% exercise="add_residual" right="keras.ops"
def add_residual(photo, residual):
    from keras import ops

    restored = ops.cast(photo, "float32") / 255 + ops.cast(residual, "float32")
    return ops.cast(ops.round(ops.clip(restored, 0, 1) * 255), "uint8")


# %% exercise="add_residual" right="TensorFlow's conversion"
def add_residual(photo, residual):
    import tensorflow as tf

    both = tf.image.convert_image_dtype(photo, tf.float32) + tf.cast(residual, tf.float32)
    return tf.cast(tf.round(tf.clip_by_value(both, 0, 1) * 255), tf.uint8)


# %% exercise="charbonnier" wrong="root of the mean"
def charbonnier(restored, reference, eps=1e-3):
    return np.sqrt(np.mean((restored - reference) ** 2) + eps**2)


# %% exercise="charbonnier" wrong="eps not squared"
def charbonnier(restored, reference, eps=1e-3):
    return np.mean(np.sqrt((restored - reference) ** 2 + eps))


# %% exercise="charbonnier" wrong="eps ignored: built in" says=["`eps` is not used"]
def charbonnier(restored, reference, eps=1e-3):
    return np.mean(np.sqrt((restored - reference) ** 2 + 1e-6))


# %% exercise="charbonnier" wrong="no eps: absolute error"
def charbonnier(restored, reference, eps=1e-3):
    return np.mean(np.abs(restored - reference))


# %% exercise="charbonnier" wrong="a sum instead of a mean"
def charbonnier(restored, reference, eps=1e-3):
    return np.sum(np.sqrt((restored - reference) ** 2 + eps**2))


# %% exercise="charbonnier" wrong="mean squared error"
def charbonnier(restored, reference, eps=1e-3):
    return np.mean((restored - reference) ** 2 + eps**2)


# %% exercise="charbonnier" wrong="not reduced"
def charbonnier(restored, reference, eps=1e-3):
    return np.sqrt((restored - reference) ** 2 + eps**2)


# %% exercise="charbonnier" wrong="eps outside of the root" says=["“the squared difference” is right"]
def charbonnier(restored, reference, eps=1e-3):
    return np.mean(np.sqrt((restored - reference) ** 2) + eps**2)


# %% exercise="charbonnier" wrong="square of the sum"
def charbonnier(restored, reference, eps=1e-3):
    return np.mean(np.sqrt((restored - reference + eps) ** 2))


# %% exercise="charbonnier" wrong="eps subtracted so that it is zero at zero"
def charbonnier(restored, reference, eps=1e-3):
    return np.mean(np.sqrt((restored - reference) ** 2 + eps**2) - eps)


# %% exercise="charbonnier" wrong="one number for each row"
def charbonnier(restored, reference, eps=1e-3):
    return np.mean(np.sqrt((restored - reference) ** 2 + eps**2), axis=-1)


# %% exercise="charbonnier" right="complex numbers"
def charbonnier(restored, reference, eps=1e-3):
    return np.abs(restored - reference + 1j * eps).mean()


# %% exercise="charbonnier" right="a TensorFlow scalar"
def charbonnier(restored, reference, eps=1e-3):
    import tensorflow as tf

    d = tf.constant(restored, tf.float32) - tf.constant(reference, tf.float32)
    return tf.reduce_mean(tf.sqrt(d * d + eps**2))


# %% exercise="charbonnier" right="hypot and an array of one number"
def charbonnier(restored, reference, eps=1e-3):
    return np.array([np.hypot(restored - reference, eps).mean()])


# %% exercise="charbonnier" right="a loop"
def charbonnier(restored, reference, eps=1e-3):
    total = 0.0
    for a, b in zip(np.ravel(restored), np.ravel(reference), strict=True):
        total += ((a - b) ** 2 + eps**2) ** 0.5
    return total / np.size(restored)


# %% exercise="psnr" wrong="uint8 overflow"
def psnr(a, b, data_range):
    return 10 * np.log10(data_range**2 / np.mean((a - b) ** 2))


# %% exercise="psnr" wrong="255 built in"
def psnr(a, b, data_range):
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b.astype(float)) ** 2))


# %% exercise="psnr" wrong="20 log"
def psnr(a, b, data_range):
    return 20 * np.log10(data_range**2 / np.mean((a.astype(float) - b) ** 2))


# %% exercise="psnr" wrong="range not squared"
def psnr(a, b, data_range):
    return 10 * np.log10(data_range / np.mean((a.astype(float) - b) ** 2))


# %% exercise="psnr" wrong="natural logarithm"
def psnr(a, b, data_range):
    return 10 * np.log(data_range**2 / np.mean((a.astype(float) - b) ** 2))


# %% exercise="psnr" wrong="the largest value found" says=["the largest value that was found"]
def psnr(a, b, data_range):
    return 10 * np.log10(float(a.max()) ** 2 / np.mean((a.astype(float) - b) ** 2))


# %% exercise="psnr" wrong="absolute errors"
def psnr(a, b, data_range):
    return 10 * np.log10(data_range**2 / np.mean(np.abs(a.astype(float) - b)))


# %% exercise="psnr" wrong="upside down"
def psnr(a, b, data_range):
    return 10 * np.log10(np.mean((a.astype(float) - b) ** 2) / data_range**2)


# %% exercise="psnr" wrong="mean over the colours of three PSNRs"
def psnr(a, b, data_range):
    error = np.mean((a.astype(float) - b) ** 2, axis=(0, 1))
    return np.mean(10 * np.log10(data_range**2 / error))


# %% exercise="psnr" wrong="sum of the squares"
def psnr(a, b, data_range):
    return 10 * np.log10(data_range**2 / np.sum((a.astype(float) - b) ** 2))


# %% exercise="psnr" wrong="RMS in the quotient"
def psnr(a, b, data_range):
    return 10 * np.log10(data_range**2 / np.sqrt(np.mean((a.astype(float) - b) ** 2)))


# %% exercise="psnr" wrong="signal to noise of the reference"
def psnr(a, b, data_range):
    b = b.astype(float)
    return 10 * np.log10(np.mean(b**2) / np.mean((a - b) ** 2))


# %% exercise="psnr" right="20 log of the RMS"
def psnr(a, b, data_range):
    rms = np.sqrt(np.mean((np.asarray(a, float) - np.asarray(b, float)) ** 2))
    return 20 * np.log10(data_range / rms)


# %% exercise="psnr" right="float32 and a difference of logarithms"
def psnr(a, b, data_range):
    error = np.mean(np.square(a.astype(np.float32) - b.astype(np.float32)))
    return 20 * np.log10(data_range) - 10 * np.log10(error)


# %% exercise="psnr" right="tf.image.psnr"
def psnr(a, b, data_range):
    import tensorflow as tf

    return tf.image.psnr(tf.cast(a, tf.float32), tf.cast(b, tf.float32), max_val=data_range)


# %% exercise="data_range_of" wrong="by the largest value"
def data_range_of(picture):
    return 255 if picture.max() > 1 else 1


# %% exercise="data_range_of" wrong="the largest value itself"
def data_range_of(picture):
    return float(picture.max())


# %% exercise="data_range_of" wrong="text" says=["in quotation marks"]
def data_range_of(picture):
    return "255" if picture.dtype == np.uint8 else "1"


# %% exercise="data_range_of" wrong="always 255"
def data_range_of(picture):
    return 255


# %% exercise="data_range_of" wrong="the other way round"
def data_range_of(picture):
    return 1 if picture.dtype == np.uint8 else 255


# %% exercise="data_range_of" wrong="is instead of =="
def data_range_of(picture):
    return 255 if picture.dtype is np.uint8 else 1


# %% exercise="data_range_of" wrong="only float64 is floating point"
def data_range_of(picture):
    return 1 if picture.dtype == np.float64 else 255


# %% exercise="data_range_of" wrong="256"
def data_range_of(picture):
    return 256 if picture.dtype == np.uint8 else 1


# %% exercise="data_range_of" wrong="type of the object"
def data_range_of(picture):
    return 255 if isinstance(picture, np.uint8) else 1


# %% exercise="data_range_of" right="by the kind of the type"
def data_range_of(picture):
    return 1.0 if np.issubdtype(picture.dtype, np.floating) else 255.0


# %% exercise="data_range_of" right="NumPy's own limits, as uint8"
def data_range_of(picture):
    return np.iinfo(picture.dtype).max if picture.dtype.kind == "u" else np.float32(1)


# %% exercise="ssim" wrong="means of the factors multiplied" says=["two means were multiplied"]
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a) - ma**2, window_mean(b * b) - mb**2
    cov = window_mean(a * b) - ma * mb
    brightness = (2 * ma * mb + c1) / (ma**2 + mb**2 + c1)
    contrast = (2 * cov + c2) / (va + vb + c2)
    return np.mean(brightness) * np.mean(contrast)


# %% exercise="ssim" wrong="constants not squared"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = 0.01 * data_range, 0.03 * data_range
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a) - ma**2, window_mean(b * b) - mb**2
    cov = window_mean(a * b) - ma * mb
    return np.mean((2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2)))


# %% exercise="ssim" wrong="constants exchanged"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c2, c1 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a) - ma**2, window_mean(b * b) - mb**2
    cov = window_mean(a * b) - ma * mb
    return np.mean((2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2)))


# %% exercise="ssim" wrong="no constants"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a) - ma**2, window_mean(b * b) - mb**2
    cov = window_mean(a * b) - ma * mb
    return np.mean(2 * ma * mb * 2 * cov / ((ma**2 + mb**2) * (va + vb)))


# %% exercise="ssim" wrong="data range ignored"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = 0.01**2, 0.03**2
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a) - ma**2, window_mean(b * b) - mb**2
    cov = window_mean(a * b) - ma * mb
    return np.mean((2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2)))


# %% exercise="ssim" wrong="variance is the mean of the squares"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a), window_mean(b * b)
    cov = window_mean(a * b)
    return np.mean((2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2)))


# %% exercise="ssim" wrong="variances of the whole picture"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    ma, mb = a.mean(), b.mean()
    va, vb = a.var(), b.var()
    cov = np.mean((a - ma) * (b - mb))
    return (2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))


# %% exercise="ssim" wrong="no factor two before the covariance"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a) - ma**2, window_mean(b * b) - mb**2
    cov = window_mean(a * b) - ma * mb
    return np.mean((2 * ma * mb + c1) * (cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2)))


# %% exercise="ssim" wrong="brightness forgotten"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c2 = (0.03 * data_range) ** 2
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a) - ma**2, window_mean(b * b) - mb**2
    cov = window_mean(a * b) - ma * mb
    return np.mean((2 * cov + c2) / (va + vb + c2))


# %% exercise="ssim" wrong="structure forgotten"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1 = (0.01 * data_range) ** 2
    ma, mb = window_mean(a), window_mean(b)
    return np.mean((2 * ma * mb + c1) / (ma**2 + mb**2 + c1))


# %% exercise="ssim" wrong="a map instead of a number"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a) - ma**2, window_mean(b * b) - mb**2
    cov = window_mean(a * b) - ma * mb
    return (2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))


# %% exercise="ssim" wrong="variances multiplied, not added"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a) - ma**2, window_mean(b * b) - mb**2
    cov = window_mean(a * b) - ma * mb
    return np.mean((2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va * vb + c2)))


# %% exercise="ssim" wrong="squares overflow in uint8"
def ssim(a, b, data_range):
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a) - ma**2, window_mean(b * b) - mb**2
    cov = window_mean(a * b) - ma * mb
    return np.mean((2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2)))


# %% exercise="ssim" right="scikit-image's order: colour by colour"
def ssim(a, b, data_range):
    scores = []
    for k in range(3):
        x, y = (p[..., k : k + 1].astype(float) / data_range for p in (a, b))
        mx, my = window_mean(x), window_mean(y)
        vx, vy = window_mean(x * x) - mx * mx, window_mean(y * y) - my * my
        cxy = window_mean(x * y) - mx * my
        top = (2 * mx * my + 1e-4) * (2 * cxy + 9e-4)
        scores.append((top / ((mx * mx + my * my + 1e-4) * (vx + vy + 9e-4))).mean())
    return sum(scores) / 3


# %% exercise="ssim" right="float32"
def ssim(a, b, data_range):
    a, b = a.astype(np.float32) / data_range, b.astype(np.float32) / data_range
    ma, mb = window_mean(a), window_mean(b)
    va, vb = window_mean(a * a) - ma**2, window_mean(b * b) - mb**2
    cov = window_mean(a * b) - ma * mb
    left = (2 * ma * mb + 1e-4) / (ma**2 + mb**2 + 1e-4)
    right = (2 * cov + 9e-4) / (va + vb + 9e-4)
    return np.float32((left * right).mean())


# %% exercise="add_residual" wrong="three values"
def add_residual(photo, residual):
    return photo, residual, np.clip(photo / 255 + residual, 0, 1)


# %% exercise="data_range_of" wrong="a pair of ends" says=["not the number 255"]
def data_range_of(picture):
    return (0, 255) if picture.dtype == np.uint8 else (0, 1)


# %% exercise="data_range_of" right="a scalar tensor"
def data_range_of(picture):
    import tensorflow as tf

    return tf.constant(255 if picture.dtype == "uint8" else 1)


# %% exercise="psnr" right="JAX" needs="jax"
def psnr(a, b, data_range):
    import jax.numpy as jnp

    error = jnp.mean((jnp.asarray(a, jnp.float32) - jnp.asarray(b, jnp.float32)) ** 2)
    return 10 * jnp.log10(data_range**2 / error)


# %% exercise="charbonnier" right="a norm of two columns"
def charbonnier(restored, reference, eps=1e-3):
    d = np.ravel(restored - reference)
    return float(np.linalg.norm(np.stack([d, np.full_like(d, eps)]), axis=0).mean())


# %% exercise="ssim" right="means of all in one call"
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    ma, mb, aa, bb, ab = map(window_mean, (a, b, a**2, b**2, a * b))
    top = (2 * ma * mb + c1) * (2 * (ab - ma * mb) + c2)
    return [np.mean(top / ((ma**2 + mb**2 + c1) * (aa - ma**2 + bb - mb**2 + c2)))]


# %% exercise="gained" wrong="only the decibels"
gained = psnr(mine_restored, mine, 255) - psnr(mine_dark, mine, 255)

# %% exercise="gained" wrong="dark minus restored"
gained = (
    psnr(mine_dark, mine, 255) - psnr(mine_restored, mine, 255),
    ssim(mine_dark, mine, 255) - ssim(mine_restored, mine, 255),
)

# %% exercise="gained" wrong="SSIM first"
gained = (
    ssim(mine_restored, mine, 255) - ssim(mine_dark, mine, 255),
    psnr(mine_restored, mine, 255) - psnr(mine_dark, mine, 255),
)

# %% exercise="gained" wrong="a ratio"
gained = (
    psnr(mine_restored, mine, 255) / psnr(mine_dark, mine, 255),
    ssim(mine_restored, mine, 255) / ssim(mine_dark, mine, 255),
)

# %% exercise="gained" wrong="data range 1 for the SSIM of bytes"
gained = (
    psnr(mine_restored, mine, 255) - psnr(mine_dark, mine, 255),
    ssim(mine_restored.astype(float), mine.astype(float), 1) - ssim(mine_dark.astype(float), mine.astype(float), 1),
)

# %% exercise="gained" wrong="text"
gained = "12 dB", "0.5"

# %% exercise="gained" right="a list, and the package's metrics"
import model

gained = [
    model.psnr(mine_restored, mine, data_range=255) - model.psnr(mine_dark, mine, data_range=255),
    model.ssim(mine_restored, mine, data_range=255) - model.ssim(mine_dark, mine, data_range=255),
]

# %% exercise="gained" right="a subtraction of arrays"
gained = np.subtract(
    [score(mine_restored, mine, 255) for score in (psnr, ssim)], [score(mine_dark, mine, 255) for score in (psnr, ssim)]
)

# %% exercise="gained" right="floats in [0, 1] and a data range of 1"
one, two, three = (each / 255 for each in (mine, mine_dark, mine_restored))
gained = psnr(three, one, 1) - psnr(two, one, 1), ssim(three, one, 1) - ssim(two, one, 1)


# %% exercise="data_range_of" right="what wraps around"
def data_range_of(picture):
    largest = np.array([0]).astype(picture.dtype)
    if np.issubdtype(largest.dtype, np.integer):
        return int(np.invert(largest)[0])
    return 1


# %% exercise="gained" wrong="the palace instead of the own photo"
gained = (
    psnr(restored, reference, 255) - psnr(dark, reference, 255),
    ssim(restored, reference, 255) - ssim(dark, reference, 255),
)


# %% exercise="gained" wrong="SSIM in percent" says=["in percent"]
gained = (
    psnr(mine_restored, mine, 255) - psnr(mine_dark, mine, 255),
    100 * (ssim(mine_restored, mine, 255) - ssim(mine_dark, mine, 255)),
)


# %% exercise="gained" wrong="printed and None kept" says=["is None", "leave it out"]
gained = print(
    psnr(mine_restored, mine, 255) - psnr(mine_dark, mine, 255),
    ssim(mine_restored, mine, 255) - ssim(mine_dark, mine, 255),
)


# %% exercise="gained" wrong="a text" says=["this is text"]
gained = f"{psnr(mine_restored, mine, 255) - psnr(mine_dark, mine, 255):.2f} dB"


# %% exercise="gained" right="from the errors, without PSNR"
mse = [np.mean((p.astype(float) - mine) ** 2) for p in (mine_dark, mine_restored)]
gained = 10 * np.log10(mse[0] / mse[1]), ssim(mine, mine_restored, 255) - ssim(mine, mine_dark, 255)


# %% exercise="gained" right="rounded as one writes it down"
gained = (
    round(psnr(mine_restored, mine, 255) - psnr(mine_dark, mine, 255), 2),
    round(ssim(mine_restored, mine, 255) - ssim(mine_dark, mine, 255), 3),
)
