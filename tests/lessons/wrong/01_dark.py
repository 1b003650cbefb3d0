# Wrong answers to lesson 1, each with text that its message has to contain.

# %% exercise="electrons" says=["in every pixel", "only the mean"]
def electrons(light, rng):
    return light * FULL_WELL


# %% exercise="electrons" says=["there is no half electron", "normal distribution"]
def electrons(light, rng):
    mean = light * FULL_WELL
    return rng.normal(mean, np.sqrt(mean))


# %% exercise="electrons" says=["not multiplied by FULL_WELL"]
def electrons(light, rng):
    return rng.poisson(light)


# %% exercise="electrons" says=["same noise", "depends on the light"]
def electrons(light, rng):
    return np.rint(light * FULL_WELL + rng.normal(0, 10, light.shape))


# %% exercise="electrons" says=["generator of the same seed", "rng.poisson"]
def electrons(light, rng):
    return np.random.poisson(light * FULL_WELL)


# %% exercise="electrons" says=["binomial distribution"]
def electrons(light, rng):
    return rng.binomial(FULL_WELL, light)


# %% exercise="electrons" says=["cut off at 5000"]
def electrons(light, rng):
    return np.minimum(rng.poisson(light * FULL_WELL), FULL_WELL // 2)


# %% exercise="snr" says=["two standard deviations are added"]
def snr(mean):
    return mean / (np.sqrt(mean) + READ_NOISE)


# %% exercise="snr" says=["the root is missing"]
def snr(mean):
    return mean / (mean + READ_NOISE**2)


# %% exercise="snr" says=["read noise is missing"]
def snr(mean):
    return mean / np.sqrt(mean)


# %% exercise="take" says=["the levels were divided"]
def take(scene, exposure, rng):
    light = scene / 255 / exposure
    counted = electrons(to_linear(light), rng) + rng.normal(0, READ_NOISE, scene.shape)
    return to_bytes(counted / FULL_WELL)


# %% exercise="take" says=["noise was added to the bright picture"]
def take(scene, exposure, rng):
    counted = electrons(to_linear(scene / 255), rng) + rng.normal(0, READ_NOISE, scene.shape)
    return to_bytes(counted / FULL_WELL / exposure)


# %% exercise="take" says=["read noise is missing"]
def take(scene, exposure, rng):
    return to_bytes(electrons(to_linear(scene / 255) / exposure, rng) / FULL_WELL)


# %% exercise="take" says=["`to_bytes` at the end is missing"]
def take(scene, exposure, rng):
    light = to_linear(scene / 255) / exposure
    return (electrons(light, rng) + rng.normal(0, READ_NOISE, scene.shape)) / FULL_WELL


# %% exercise="take" says=["electrons were taken for light"]
def take(scene, exposure, rng):
    light = to_linear(scene / 255) / exposure
    return to_bytes(electrons(light, rng) + rng.normal(0, READ_NOISE, scene.shape))


# %% exercise="brighten" says=["uint8 values were multiplied and overflowed"]
def brighten(photo, factor):
    return photo * np.uint8(factor)


# %% exercise="brighten" says=["the levels were multiplied, not the light"]
def brighten(photo, factor):
    return np.clip(photo.astype(float) * factor, 0, 255).astype(np.uint8)


# %% exercise="brighten" says=["linear values in [0, 1]"]
def brighten(photo, factor):
    return np.clip(to_linear(photo / 255) * factor, 0, 1)


# %% exercise="brighten" says=["changes `photo` that it is given", "in place"]
def brighten(photo, factor):
    photo[...] = to_bytes(to_linear(photo / 255) * factor)
    return photo


# %% exercise="noise_of" says=["√2 is missing"]
def noise_of(first, second):
    return np.std(first.astype(float) - second)


# %% exercise="noise_of" says=["difference of uint8 values wrapped around"]
def noise_of(first, second):
    return np.std(first - second) / np.sqrt(2)


# %% exercise="noise_of" says=["with the scene in it"]
def noise_of(first, second):
    return first.std()


# %% exercise="noise_of" says=["by 2, not by √2"]
def noise_of(first, second):
    return np.std(first.astype(float) - second) / 2
