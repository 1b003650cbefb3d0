"""The size and frame in which pairs of photos are compared: full size, smaller, or the board's camera frame."""

from dataclasses import dataclass

import numpy as np

from model.errors import MirnetError
from model.images.camera_formats import to_frame
from model.images.darken import check_camera, through_camera
from model.images.photo_files import resize_to_fit

__all__ = ["PairView", "as_the_board_sees"]


@dataclass(frozen=True)
class PairView:
    """The size and frame in which pairs are compared.

    Attributes:
        resize: Shrink until the longer side has so many pixels; 0 for full size.
        frame: `qqvga` for the frame of the board's camera and its bytes; empty for pictures as they are.
        camera: What the bytes of a frame are, one of `model.images.darken.CAMERAS`.

    Raises:
        MirnetError: If both are asked for, or one is out of range.
    """

    resize: int = 0
    frame: str = ""
    camera: str = "yuv422"

    def __post_init__(self):
        if self.resize < 0:
            raise MirnetError(f"resize must be at least 1 pixel, not {self.resize}")
        if self.frame not in ("", "qqvga"):
            raise MirnetError(f"frame must be qqvga, not {self.frame!r}")
        if self.resize and self.frame:
            raise MirnetError("give --resize or --frame, not both: a frame has its own size")
        check_camera(self.camera)

    def __call__(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A pair, uint8, as it is compared."""
        if self.frame:
            return as_the_board_sees(low, high, self.camera)
        if self.resize:
            return resize_to_fit(low, self.resize), resize_to_fit(high, self.resize)
        return low, high


def as_the_board_sees(low: np.ndarray, high: np.ndarray, camera: str = "yuv422") -> tuple[np.ndarray, np.ndarray]:
    """A pair in the frame of the board's camera, 120 rows of 160; the dark one through the camera's bytes.

    Args:
        low: (height, width, 3) uint8.
        high: Of the same size.
        camera: What the bytes are, one of `model.images.darken.CAMERAS`.
    """
    return through_camera(to_frame(low), camera), to_frame(high)
