"""How close two pictures are: PSNR and SSIM, with the range of values always stated; and PSNR at equal brightness.

**The 48.13 dB trap.** PSNR compares an error with the largest value there can be. Pictures in [0, 1] with
`data_range=255` look 20 log10(255) = 48.13 dB better than they are: 20 dB becomes 68. Several public MIRNets report
such numbers. So `data_range` has no default here: 1 for floats in [0, 1], 255 for bytes.
"""

import math

import numpy as np

from model.errors import MirnetError
from model.images.arrays import LUMA

__all__ = ["gt_mean", "psnr", "ssim"]

# Wang et al. 2004, section III.C: a Gaussian of 11 x 11 with sigma 1.5.
WINDOW = 11
SIGMA = 1.5


def psnr(a: np.ndarray, b: np.ndarray, *, data_range: float) -> float:
    """Peak signal-to-noise ratio: 10 log10(data_range² / mean((a - b)²)), in decibels.

    Higher is closer; 6.02 dB more is half the RMS error. Identical pictures give `math.inf`.

    Args:
        a: One picture, (height, width) or (height, width, channels), uint8 or floating point.
        b: The other, of the same shape and kind of dtype; swapping the two changes nothing.
        data_range: Largest minus smallest value that a picture may have: 1 for floats in [0, 1], 255 for bytes.

    Returns:
        Decibels.

    Raises:
        MirnetError: If shapes or kinds of dtype differ, a value is not finite, there is a batch axis (the mean of
            PSNRs is not the PSNR of the mean), or `data_range` does not fit.
    """
    first, second = _pair(a, b, data_range)
    error = float(np.mean(np.square(first - second)))
    return math.inf if error == 0 else 10 * math.log10(data_range**2 / error)


def gt_mean(restored: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """A restored picture made as bright in the mean as the reference: the "GT-mean" of low-light papers.

    All its values are multiplied by mean luma of the reference / mean luma of the restored picture, clipped and rounded
    to bytes. Its PSNR tells how right noise, texture and colour are when the brightness need not be guessed, and **it
    looks at the answer**: it can be compared with other figures of its kind only, never with a plain PSNR. Many tables
    of low-light papers mix the two.

    Args:
        restored: (height, width, 3) uint8.
        reference: Of the same shape, uint8.

    Returns:
        The same shape, uint8. A black picture stays black.

    Reference: the evaluations of KinD (Zhang et al., ACM MM 2019, https://github.com/zhangyhuaee/KinD) and, after it,
    LLFlow (Wang et al., AAAI 2022, `code/test.py` in https://github.com/wyf0912/LLFlow), which scale like this.
    """
    first, second = _pair(restored, reference, 255)
    mean = (first @ LUMA).mean()
    gain = (second @ LUMA).mean() / mean if mean else 1.0
    return np.rint(np.clip(first * gain, 0, 255)).astype(np.uint8)


def ssim(a: np.ndarray, b: np.ndarray, *, data_range: float) -> float:
    """Structural similarity: 1 for identical pictures, about 0 for unrelated ones, down to -1 for opposites.

    Around every pixel, an 11 x 11 Gaussian window gives means, variances and the covariance of both pictures;
    brightness, contrast and structure agree by

        (2 μa μb + C1) (2 σab + C2) / ((μa² + μb² + C1) (σa² + σb² + C2)),  C1 = (0.01 L)², C2 = (0.03 L)²

    with L the data range. The result is the mean over all pixels whose window lies inside the picture, and over
    channels: scikit-image's `structural_similarity` with the paper's window, computed in float64.

    Args:
        a: One picture, (height, width) or (height, width, channels), at least 11 x 11, uint8 or floating point.
        b: The other, of the same shape and kind of dtype; swapping the two changes nothing.
        data_range: Largest minus smallest value that a picture may have: 1 for floats in [0, 1], 255 for bytes.

    Returns:
        From -1 to 1.

    Raises:
        MirnetError: As `psnr`, and if a side is shorter than the window.

    Reference:
        Wang, Bovik, Sheikh, Simoncelli: "Image quality assessment: from error visibility to structural similarity",
        IEEE Transactions on Image Processing 13 (2004), section III, https://doi.org/10.1109/TIP.2003.819861.
    """
    first, second = _pair(a, b, data_range)
    if min(first.shape[:2]) < WINDOW:
        raise MirnetError(
            f"ssim looks through a window of {WINDOW} x {WINDOW} pixels, a picture of "
            f"{first.shape[0]} x {first.shape[1]} is smaller; give a larger one"
        )
    from skimage.metrics import structural_similarity  # brings SciPy: only when asked for

    return float(
        structural_similarity(
            first,
            second,
            data_range=data_range,
            gaussian_weights=True,
            sigma=SIGMA,
            use_sample_covariance=False,
            channel_axis=2 if first.ndim == 3 else None,
        )
    )


def _pair(a: np.ndarray, b: np.ndarray, data_range: float) -> tuple[np.ndarray, np.ndarray]:
    """Both pictures in float64, if they can be compared at all."""
    first, second = _picture(a, "a"), _picture(b, "b")
    if first.shape != second.shape:
        raise MirnetError(f"a and b must have the same shape, not {first.shape} and {second.shape}; crop or resize")
    in_bytes = first.dtype == np.uint8
    if in_bytes != (second.dtype == np.uint8):
        raise MirnetError(
            f"a and b must be both uint8 or both floating point, not {first.dtype} and {second.dtype}; "
            "bring one to the other, e.g. with model.images.photo_files.as_float"
        )
    number = isinstance(data_range, int | float | np.number) and not isinstance(data_range, bool)
    if not number or not 0 < data_range < math.inf:
        raise MirnetError(f"data_range must be a positive number, 1 or 255, not {data_range!r}")
    if in_bytes and data_range != 255:
        raise MirnetError(f"data_range of uint8 pictures is 255, not {data_range!r}")
    return first.astype(np.float64), second.astype(np.float64)


def _picture(picture: np.ndarray, name: str) -> np.ndarray:
    values = np.asarray(picture)
    if values.dtype != np.uint8 and not np.issubdtype(values.dtype, np.floating):
        raise MirnetError(f"{name} must be uint8 or floating point, not {values.dtype}; convert it first")
    if values.ndim not in (2, 3):
        raise MirnetError(
            f"{name} must be one picture, (height, width) or (height, width, channels), not {values.shape}; "
            "compare the pictures of a batch one by one"
        )
    if values.size == 0:
        raise MirnetError(f"{name} has no pixels, its shape is {values.shape}")
    if values.dtype != np.uint8 and not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).sum())
        raise MirnetError(f"{name} has {bad} values that are NaN or infinite; find the step that made them")
    return values
