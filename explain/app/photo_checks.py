"""What a look at a photo tells, without any network: where there is something to see, and whether it is too bright."""

import numpy as np

from explain.app.compute.bounded_cache import kept_of_photos
from explain.app.compute.photos import Photo
from explain.figures.kit.feature_maps import luminance
from model.images.arrays import as_float

__all__ = ["BRIGHTEST", "brightness", "lively_pixel", "too_bright"]

WINDOW = 9  # pixels along a side within which an edge is looked for
BORDER = 8  # one part in so many of the photo on each side is left out
BRIGHTEST = 0.35
"""Mean of the brightest of LOL's 485 dark photos, which the shipped networks have learned from, and a little."""


def brightness(pixels: np.ndarray) -> float:
    """Mean luminance of a photo (height, width, 3) uint8, from 0 to 1."""
    return float(luminance(as_float(pixels)).mean())


def too_bright(photo: Photo) -> str:
    """A sentence on a photo that is brighter than any that was learned from; empty for others.

    True of the shipped networks: another one may have learned from other photos.
    """
    mean = brightness(photo.pixels)
    if mean <= BRIGHTEST:
        return ""
    return (
        f"**This photo is bright already:** its mean is {mean:.0%} of white. The network has learned from dark photos "
        f"only, none above {BRIGHTEST:.0%}. So it adds light here, too: colours come out wrong, and bright parts are "
        "often burnt."
    )


@kept_of_photos(100)
def lively_pixel(_pixels: np.ndarray, key: str) -> tuple[int, int]:
    """(row, column) of a pixel on an edge, where there is more to see than on a grey wall.

    Args:
        _pixels: The photo, (height, width, 3) uint8.
        key: Its fingerprint, by which an earlier answer is found.
    """
    # Square roots, since a step in the shadows is seen better than the same step in the light.
    down, across = np.gradient(np.sqrt(luminance(as_float(_pixels))))
    edge = np.hypot(down, across)
    height, width = (max(size // BORDER, WINDOW // 2) for size in edge.shape)
    inside = edge[height : edge.shape[0] - height, width : edge.shape[1] - width]
    if min(inside.shape) < WINDOW:
        return edge.shape[0] // 2, edge.shape[1] // 2
    windows = np.lib.stride_tricks.sliding_window_view(inside, (WINDOW, WINDOW))
    top, left = np.unravel_index(windows.mean(axis=(2, 3)).argmax(), windows.shape[:2])
    row, column = np.unravel_index(windows[top, left].argmax(), (WINDOW, WINDOW))
    return int(height + top + row), int(width + left + column)
