# %% exercise="electrons" wrong="poisson of the mean of the whole picture" says=["the mean of the whole picture"]
def electrons(light, rng):
    return rng.poisson(light.mean() * FULL_WELL, light.shape)


# %% exercise="electrons" wrong="a generator of its own" says=["draws nothing from `rng`"]
def electrons(light, rng):
    rng = np.random.default_rng(0)
    return rng.poisson(light * FULL_WELL)


# %% exercise="electrons" wrong="NumPy's global generator"
def electrons(light, rng):
    return np.random.poisson(light * FULL_WELL)


# %% exercise="electrons" wrong="one noise for all colours" says=["noise in common"]
def electrons(light, rng):
    noise = rng.normal(0, 1, light.shape[:2])
    noise = noise.reshape(noise.shape + (1,) * (light.ndim - 2))
    mean = light * FULL_WELL
    return np.maximum(np.rint(mean + np.sqrt(mean) * noise), 0).astype(int)


# %% exercise="electrons" wrong="negative counts from a rounded normal"
def electrons(light, rng):
    mean = light * FULL_WELL
    return np.rint(rng.normal(mean, np.sqrt(mean))).astype(int)


# %% exercise="electrons" wrong="no full well"
def electrons(light, rng):
    return rng.poisson(light)


# %% exercise="electrons" wrong="poisson of light, multiplied afterwards"
def electrons(light, rng):
    return rng.poisson(light) * FULL_WELL


# %% exercise="electrons" wrong="no randomness"
def electrons(light, rng):
    return np.rint(light * FULL_WELL).astype(int)


# %% exercise="electrons" wrong="standard deviation is the mean"
def electrons(light, rng):
    mean = light * FULL_WELL
    return np.maximum(np.rint(rng.normal(mean, mean)), 0).astype(int)


# %% exercise="electrons" wrong="a constant standard deviation"
def electrons(light, rng):
    mean = light * FULL_WELL
    return np.maximum(np.rint(rng.normal(mean, np.sqrt(FULL_WELL))), 0).astype(int)


# %% exercise="electrons" wrong="not counts: floats from a normal"
def electrons(light, rng):
    mean = light * FULL_WELL
    return np.maximum(mean + np.sqrt(mean) * rng.normal(size=light.shape), 0)


# %% exercise="electrons" wrong="clipped to a byte"
def electrons(light, rng):
    return rng.poisson(light * FULL_WELL).astype(np.uint8)


# %% exercise="electrons" wrong="Poisson has no second parameter: the standard deviation is the size"
def electrons(light, rng):
    return rng.poisson(light * FULL_WELL, np.sqrt(light * FULL_WELL))


# %% exercise="electrons" wrong="changes the light in place" says=["changes `light` that it is given"]
def electrons(light, rng):
    light *= FULL_WELL
    return rng.poisson(light)


# %% exercise="electrons" wrong="divided by white again"
def electrons(light, rng):
    return rng.poisson(light * FULL_WELL) / FULL_WELL


# %% exercise="electrons" right="pixel by pixel"
def electrons(light, rng):
    flat = [rng.poisson(value * FULL_WELL) for value in np.ravel(light)]
    return np.array(flat).reshape(np.shape(light))


# %% exercise="electrons" right="with size, and other integers"
def electrons(light, rng):
    return rng.poisson(lam=FULL_WELL * light, size=light.shape).astype(np.uint32)


# %% exercise="electrons" right="a list of rows"
def electrons(light, rng):
    return rng.poisson(light * FULL_WELL).tolist()


# %% exercise="electrons" right="counts as floats"
def electrons(light, rng):
    return rng.poisson(light * FULL_WELL).astype(np.float32)


# %% exercise="snr" wrong="standard deviations added"
def snr(mean):
    return mean / (np.sqrt(mean) + READ_NOISE)


# %% exercise="snr" wrong="shot noise alone"
def snr(mean):
    return np.sqrt(mean)


# %% exercise="snr" wrong="read noise not squared"
def snr(mean):
    return mean / np.sqrt(mean + READ_NOISE)


# %% exercise="snr" wrong="the variance instead of its root"
def snr(mean):
    return mean / (mean + READ_NOISE**2)


# %% exercise="snr" wrong="read noise alone"
def snr(mean):
    return mean / READ_NOISE


# %% exercise="snr" wrong="in decibels"
def snr(mean):
    return 20 * np.log10(mean / np.sqrt(mean + READ_NOISE**2))


# %% exercise="snr" wrong="noise over signal"
def snr(mean):
    return np.sqrt(mean + READ_NOISE**2) / mean


# %% exercise="snr" wrong="root of the whole quotient"
def snr(mean):
    return np.sqrt(mean / (mean + READ_NOISE**2))


# %% exercise="snr" wrong="mean squared in the variance"
def snr(mean):
    return mean / np.sqrt(mean**2 + READ_NOISE**2)


# %% exercise="snr" right="a list of numbers"
def snr(mean):
    return [float(m) / (float(m) + READ_NOISE * READ_NOISE) ** 0.5 for m in mean]


# %% exercise="snr" right="float32"
def snr(mean):
    mean = np.asarray(mean, np.float32)
    return mean / np.hypot(np.sqrt(mean), np.float32(READ_NOISE))


# %% exercise="snr" right="TensorFlow"
def snr(mean):
    import tensorflow as tf

    mean = tf.constant(mean, tf.float32)
    return mean / tf.sqrt(mean + READ_NOISE**2)


# %% exercise="take" wrong="no curve"
def take(scene, exposure, rng):
    light = scene / 255 / exposure
    return to_bytes((electrons(light, rng) + rng.normal(0, READ_NOISE, scene.shape)) / FULL_WELL)


# %% exercise="take" wrong="levels not divided by 255"
def take(scene, exposure, rng):
    light = to_linear(scene) / exposure
    return to_bytes((electrons(light, rng) + rng.normal(0, READ_NOISE, scene.shape)) / FULL_WELL)


# %% exercise="take" wrong="noise before it is dark"
def take(scene, exposure, rng):
    light = to_linear(scene / 255)
    counted = electrons(light, rng) + rng.normal(0, READ_NOISE, scene.shape)
    return to_bytes(counted / FULL_WELL / exposure)


# %% exercise="take" wrong="no read noise"
def take(scene, exposure, rng):
    return to_bytes(electrons(to_linear(scene / 255) / exposure, rng) / FULL_WELL)


# %% exercise="take" wrong="no shot noise"
def take(scene, exposure, rng):
    counted = to_linear(scene / 255) / exposure * FULL_WELL
    return to_bytes((counted + rng.normal(0, READ_NOISE, scene.shape)) / FULL_WELL)


# %% exercise="take" wrong="one read noise for the whole picture"
def take(scene, exposure, rng):
    counted = electrons(to_linear(scene / 255) / exposure, rng) + rng.normal(0, READ_NOISE)
    return to_bytes(counted / FULL_WELL)


# %% exercise="take" wrong="the same read noise in three colours"
def take(scene, exposure, rng):
    noise = rng.normal(0, READ_NOISE, scene.shape[:2])[..., None]
    return to_bytes((electrons(to_linear(scene / 255) / exposure, rng) + noise) / FULL_WELL)


# %% exercise="take" wrong="read noise by its variance"
def take(scene, exposure, rng):
    counted = electrons(to_linear(scene / 255) / exposure, rng)
    return to_bytes((counted + rng.normal(0, READ_NOISE**2, scene.shape)) / FULL_WELL)


# %% exercise="take" wrong="read noise after the division by white"
def take(scene, exposure, rng):
    counted = electrons(to_linear(scene / 255) / exposure, rng) / FULL_WELL
    return to_bytes(counted + rng.normal(0, READ_NOISE, scene.shape))


# %% exercise="take" wrong="multiplied by the exposure"
def take(scene, exposure, rng):
    light = to_linear(scene / 255) * exposure
    return to_bytes((electrons(light, rng) + rng.normal(0, READ_NOISE, scene.shape)) / FULL_WELL)


# %% exercise="take" wrong="not divided by white again"
def take(scene, exposure, rng):
    counted = electrons(to_linear(scene / 255) / exposure, rng)
    return to_bytes(counted + rng.normal(0, READ_NOISE, scene.shape))


# %% exercise="take" wrong="no to_bytes"
def take(scene, exposure, rng):
    counted = electrons(to_linear(scene / 255) / exposure, rng)
    return (counted + rng.normal(0, READ_NOISE, scene.shape)) / FULL_WELL


# %% exercise="take" wrong="a new seed each time"
def take(scene, exposure, rng):
    light = to_linear(scene / 255) / exposure
    noise = np.random.default_rng().normal(0, READ_NOISE, scene.shape)
    return to_bytes((electrons(light, rng) + noise) / FULL_WELL)


# %% exercise="take" wrong="exposure divides the levels"
def take(scene, exposure, rng):
    light = to_linear(scene / exposure / 255)
    return to_bytes((electrons(light, rng) + rng.normal(0, READ_NOISE, scene.shape)) / FULL_WELL)


# %% exercise="take" right="read noise first"
def take(scene, exposure, rng):
    noise = READ_NOISE * rng.standard_normal(scene.shape)
    light = to_linear(scene / 255.0) / exposure
    return to_bytes((noise + electrons(light, rng)) / FULL_WELL)


# %% exercise="take" right="colour by colour"
def take(scene, exposure, rng):
    planes = []
    for k in range(3):
        light = to_linear(scene[..., k] / 255) / exposure
        planes.append(electrons(light, rng) + rng.normal(0, READ_NOISE, light.shape))
    return to_bytes(np.stack(planes, axis=-1) / FULL_WELL)


# %% exercise="brighten" wrong="levels multiplied, with an overflow"
def brighten(photo, factor):
    return photo * np.uint8(factor)


# %% exercise="brighten" wrong="levels multiplied and clipped"
def brighten(photo, factor):
    return np.clip(photo.astype(float) * factor, 0, 255).astype(np.uint8)


# %% exercise="brighten" wrong="not divided by 255"
def brighten(photo, factor):
    return to_bytes(to_linear(photo) * factor)


# %% exercise="brighten" wrong="factor inside the curve"
def brighten(photo, factor):
    return to_bytes(to_linear(photo / 255 * factor))


# %% exercise="brighten" wrong="divided"
def brighten(photo, factor):
    return to_bytes(to_linear(photo / 255) / factor)


# %% exercise="brighten" wrong="a power of 2.2 instead of the curve"
def brighten(photo, factor):
    light = (photo / 255) ** 2.2 * factor
    return np.clip(np.rint(255 * light ** (1 / 2.2)), 0, 255).astype(np.uint8)


# %% exercise="brighten" wrong="truncated instead of rounded"
def brighten(photo, factor):
    return np.clip(255 * to_srgb(np.clip(to_linear(photo / 255) * factor, 0, 1)), 0, 255).astype(np.uint8)


# %% exercise="brighten" wrong="not back to levels by the curve"
def brighten(photo, factor):
    return np.clip(np.rint(255 * to_linear(photo / 255) * factor), 0, 255).astype(np.uint8)


# %% exercise="brighten" right="to_srgb clips at white itself"
def brighten(photo, factor):
    return np.rint(255 * to_srgb(to_linear(photo / 255) * factor)).astype(np.int64).astype(np.uint8)


# %% exercise="brighten" wrong="a factor of 24 built in"
def brighten(photo, factor):
    return to_bytes(to_linear(photo / 255) * 24)


# %% exercise="brighten" right="a table of 256 levels"
def brighten(photo, factor):
    table = to_bytes(factor * to_linear(np.arange(256) / 255))
    return table[photo]


# %% exercise="brighten" right="float32"
def brighten(photo, factor):
    return to_bytes(to_linear(photo.astype(np.float32) / 255) * np.float32(factor))


# %% exercise="noise_of" wrong="uint8 overflow"
def noise_of(first, second):
    return np.std(first - second) / np.sqrt(2)


# %% exercise="noise_of" wrong="not divided by the root of two"
def noise_of(first, second):
    return np.std(first.astype(float) - second)


# %% exercise="noise_of" wrong="divided by two"
def noise_of(first, second):
    return np.std(first.astype(float) - second) / 2


# %% exercise="noise_of" wrong="the variance"
def noise_of(first, second):
    return np.var(first.astype(float) - second) / 2


# %% exercise="noise_of" wrong="the first photo alone"
def noise_of(first, second):
    return np.std(first.astype(float))


# %% exercise="noise_of" wrong="difference of the standard deviations"
def noise_of(first, second):
    return abs(first.std() - second.std()) / np.sqrt(2)


# %% exercise="noise_of" wrong="mean absolute difference"
def noise_of(first, second):
    return np.abs(first.astype(float) - second).mean() / np.sqrt(2)


# %% exercise="noise_of" right="RMS of the difference"
def noise_of(first, second):
    return np.sqrt(np.mean((first.astype(float) - second) ** 2) / 2)


# %% exercise="noise_of" wrong="in units of 0 to 1"
def noise_of(first, second):
    return np.std(first / 255 - second / 255) / np.sqrt(2)


# %% exercise="noise_of" wrong="one number for each colour"
def noise_of(first, second):
    return np.std(first.astype(float) - second, axis=(0, 1)) / np.sqrt(2)


# %% exercise="noise_of" wrong="standard deviation of the absolute difference"
def noise_of(first, second):
    return np.std(np.abs(first.astype(float) - second)) / np.sqrt(2)


# %% exercise="noise_of" wrong="the smaller of both subtractions in uint8"
def noise_of(first, second):
    return np.std(np.minimum(first - second, second - first)) / np.sqrt(2)


# %% exercise="noise_of" right="with n - 1"
def noise_of(first, second):
    return np.std(first.astype(np.int16) - second.astype(np.int16), ddof=1) / 2**0.5


# %% exercise="noise_of" right="a Keras scalar"
def noise_of(first, second):
    from keras import ops

    return ops.std(ops.cast(first, "float32") - ops.cast(second, "float32")) / 2**0.5


# %% exercise="noise_of" right="statistics from the standard library"
def noise_of(first, second):
    import statistics

    differences = [int(a) - int(b) for a, b in zip(first.ravel(), second.ravel(), strict=True)]
    return (statistics.pvariance(differences) / 2) ** 0.5


# %% exercise="snr" right="JAX" needs="jax"
def snr(mean):
    import jax.numpy as jnp

    return jnp.asarray(mean) / jnp.sqrt(jnp.asarray(mean) + READ_NOISE**2)


# %% exercise="snr" wrong="integers"
def snr(mean):
    return (mean / np.sqrt(mean + READ_NOISE**2)).astype(int)


# %% exercise="brighten" right="clipped by hand, a list of rows"
def brighten(photo, factor):
    light = np.minimum(to_linear(photo / 255) * factor, 1.0)
    return np.rint(255 * to_srgb(light)).astype(np.uint8)


# %% exercise="noise_of" right="a scalar tensor of TensorFlow"
def noise_of(first, second):
    import tensorflow as tf

    difference = tf.cast(first, tf.float32) - tf.cast(second, tf.float32)
    return tf.math.reduce_std(difference) / tf.sqrt(2.0)


# %% exercise="take" right="less light by a product, noise drawn first"
def take(scene, exposure, rng):
    noise = rng.normal(scale=READ_NOISE, size=scene.shape)
    return to_bytes((electrons(to_linear(scene / 255) * (1 / exposure), rng) + noise) / FULL_WELL)


# %% exercise="noise_of" wrong="deviation of absolute differences"
def noise_of(first, second):
    d = np.abs(first.astype(int) - second.astype(int))
    return d.std() / 2**0.5


# %% exercise="noise_of" right="variances minus covariance"
def noise_of(first, second):
    c = np.cov(first.ravel().astype(float), second.ravel().astype(float))
    return np.sqrt((c[0, 0] + c[1, 1] - 2 * c[0, 1]) / 2)
