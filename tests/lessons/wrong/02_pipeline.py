# Wrong answers to lesson 2, each with text that its message has to contain.

# %% exercise="add_residual" says=["nothing was clipped"]
def add_residual(photo, residual):
    return np.rint((photo / 255 + residual) * 255).astype(int).astype(np.uint8)


# %% exercise="add_residual" says=["it was not rounded"]
def add_residual(photo, residual):
    return (np.clip(photo / 255 + residual, 0, 1) * 255).astype(np.uint8)


# %% exercise="add_residual" says=["divide the photo by 255 first"]
def add_residual(photo, residual):
    return np.rint(np.clip(photo + residual, 0, 255)).astype(np.uint8)


# %% exercise="add_residual" says=["the residual alone"]
def add_residual(photo, residual):
    return np.rint(np.clip(residual, 0, 1) * 255).astype(np.uint8)


# %% exercise="charbonnier" says=["ε is not squared"]
def charbonnier(restored, reference, eps=1e-3):
    return np.mean(np.sqrt((restored - reference) ** 2 + eps))


# %% exercise="charbonnier" says=["one root over the sum of all values"]
def charbonnier(restored, reference, eps=1e-3):
    return np.sqrt(np.sum((restored - reference) ** 2) + eps**2)


# %% exercise="charbonnier" says=["ε is missing", "mean absolute error"]
def charbonnier(restored, reference, eps=1e-3):
    return np.mean(np.abs(restored - reference))


# %% exercise="charbonnier" says=["this is the mean squared error"]
def charbonnier(restored, reference, eps=1e-3):
    return np.mean((restored - reference) ** 2)


# %% exercise="psnr" says=["variance of the difference"]
def psnr(a, b, data_range):
    return 10 * np.log10(data_range**2 / np.var(a.astype(float) - b.astype(float)))


# %% exercise="psnr" says=["max_val = 255", "48.13 dB too high"]
def psnr(a, b, data_range):
    max_val = 255
    return 10 * np.log10(max_val**2 / np.mean((a.astype(float) - b.astype(float)) ** 2))


# %% exercise="psnr" says=["subtracted and wrapped around"]
def psnr(a, b, data_range):
    return 10 * np.log10(data_range**2 / np.mean((a - b).astype(float) ** 2))


# %% exercise="psnr" says=["natural logarithm"]
def psnr(a, b, data_range):
    return 10 * np.log(data_range**2 / np.mean((a.astype(float) - b.astype(float)) ** 2))


# %% exercise="psnr" says=["L is not squared"]
def psnr(a, b, data_range):
    return 10 * np.log10(data_range / np.mean((a.astype(float) - b.astype(float)) ** 2))


# %% exercise="psnr" says=["20·log10 of something squared"]
def psnr(a, b, data_range):
    return 20 * np.log10(data_range**2 / np.mean((a.astype(float) - b.astype(float)) ** 2))


# %% exercise="data_range_of" says=["always 255", "48.13 dB too high"]
def data_range_of(picture):
    return 255


# %% exercise="data_range_of" says=["values of this one picture"]
def data_range_of(picture):
    return picture.max()


# %% exercise="data_range_of" says=["guessed from how large the values are"]
def data_range_of(picture):
    return 255 if picture.max() > 1.5 else 1


# %% exercise="ssim" says=["one window, the whole picture"]
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    covariance = np.mean(a * b) - a.mean() * b.mean()
    brightness = (2 * a.mean() * b.mean() + c1) / (a.mean() ** 2 + b.mean() ** 2 + c1)
    return brightness * (2 * covariance + c2) / (a.var() + b.var() + c2)


# %% exercise="ssim" says=["C1 and C2 are not squared"]
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = 0.01 * data_range, 0.03 * data_range
    mean_a, mean_b = window_mean(a), window_mean(b)
    variances = window_mean(a * a) - mean_a**2 + window_mean(b * b) - mean_b**2
    covariance = window_mean(a * b) - mean_a * mean_b
    brightness = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return np.mean(brightness * (2 * covariance + c2) / (variances + c2))


# %% exercise="ssim" says=["the covariance lacks"]
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mean_a, mean_b = window_mean(a), window_mean(b)
    variances = window_mean(a * a) - mean_a**2 + window_mean(b * b) - mean_b**2
    brightness = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return np.mean(brightness * (2 * window_mean(a * b) + c2) / (variances + c2))


# %% exercise="ssim" says=["do not depend on `data_range`"]
def ssim(a, b, data_range):
    a, b = a.astype(float), b.astype(float)
    c1, c2 = 0.01**2, 0.03**2
    mean_a, mean_b = window_mean(a), window_mean(b)
    variances = window_mean(a * a) - mean_a**2 + window_mean(b * b) - mean_b**2
    covariance = window_mean(a * b) - mean_a * mean_b
    brightness = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return np.mean(brightness * (2 * covariance + c2) / (variances + c2))


# %% exercise="gained" says=["gained, decibels,", "this is the score of the restored photo; take away that of the dark one."]
gained = psnr(mine_restored, mine, 255), ssim(mine_restored, mine, 255)

# %% exercise="gained" says=["gained, SSIM,", "the restored photo was compared with the dark one"]
gained = psnr(mine_restored, mine, 255) - psnr(mine_dark, mine, 255), ssim(mine_restored, mine_dark, 255)
