"""Camera frames as bytes, for the serial line and for programs."""

import numpy as np

from embedded.budget.boards import FRAME_BYTES
from model.errors import ImageError
from model.images.camera_formats import COLUMNS, ROWS

__all__ = ["FRAME_SHAPE", "frame_bytes", "pattern_frame"]

FRAME_SHAPE = (ROWS, COLUMNS, 2)


def frame_bytes(frame: np.ndarray | bytes) -> bytes:
    """The bytes of a frame, in the order in which a camera sends them.

    Args:
        frame: (120, 160, 2) uint8, or its bytes.

    Raises:
        ImageError: If dtype, shape or length differ.
    """
    if not isinstance(frame, bytes):
        if frame.dtype != np.uint8 or frame.shape != FRAME_SHAPE:
            raise ImageError(f"frame: give uint8 of shape {FRAME_SHAPE}, not {frame.dtype} of {frame.shape}")
        return frame.tobytes()
    if len(frame) != FRAME_BYTES:
        raise ImageError(f"frame: {len(frame):,} bytes, but one has {FRAME_BYTES:,}; embedded.Camera makes one")
    return frame


def pattern_frame() -> np.ndarray:
    """The frame that PATTERN makes the board write: brightness and both colours rise slowly.

    It tests the line and the network without the camera, since the computer knows what has to come.

    Returns:
        (120, 160, 2) uint8 in the order Y U Y V.
    """
    y, x = np.mgrid[:ROWS, :COLUMNS]
    frame = np.empty(FRAME_SHAPE, np.uint8)
    frame[..., 0] = x + y // 2
    frame[..., 1] = np.where(x % 2 == 0, 48 + x, 68 + y)  # U, V
    return frame
