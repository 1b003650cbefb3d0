"""The photo in hand through every shipped network: at full size, and in the frame of the board's camera."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from embedded.models.shipped_models import NANO
from explain.app.compute.board_model import emulator
from explain.app.compute.photos import Photo
from explain.app.compute.runner import Setup, configuration, engine, facts_about, remembered, tensors
from explain.tracing.padding import padded
from model.images.arrays import as_uint8
from model.images.camera_formats import to_frame
from model.images.darken import through_camera
from model.quality.metrics import psnr
from model.weights.shipped_weights import SHIPPED

__all__ = ["FLOAT", "FrameOf", "frame_of", "framed", "restored", "score"]

FLOAT = "nano-float"
"""The board's network in floating point, before quantization."""

CAMERA = "yuv422"  # the bytes that the board's camera hands over


@dataclass(frozen=True, eq=False)
class FrameOf:
    """A photo in the frame of the board's camera, and what the network of the walkthrough and the board's make of it.

    Attributes:
        dark: (120, 160, 3) uint8, through the camera's bytes.
        bright: The reference in the same frame, where there is one.
        restored: Network to picture, (120, 160, 3) uint8: that of the walkthrough, `nano-float` and `nano`.
    """

    dark: np.ndarray
    bright: np.ndarray | None
    restored: Mapping[str, np.ndarray]


def framed(photo: Photo) -> tuple[np.ndarray, np.ndarray | None]:
    """The dark and the bright photo as the board's camera would frame them, (120, 160, 3) uint8."""
    bright = None if photo.reference is None else to_frame(photo.reference)
    return through_camera(to_frame(photo.pixels), CAMERA), bright


def restored(setup: Setup, photo: Photo) -> np.ndarray:
    """The photo at full size through the network of the walkthrough, (height, width, 3) uint8."""
    return as_uint8(np.clip(tensors(setup, photo, ["output"])["output"][0], 0, 1))


def frame_of(setup: Setup, photo: Photo) -> FrameOf:
    """The photo's frame through the network of the walkthrough and those of the board.

    Raises:
        MirnetError: If there is no interpreter for the board's network.
    """
    dark, bright = framed(photo.for_board)
    runs: dict[str, Callable[[], np.ndarray]] = {
        facts_about(setup).title: lambda: _float(setup, dark),
        FLOAT: lambda: _float(Setup(size=SHIPPED[FLOAT].size), dark),
        NANO: lambda: emulator().restore(dark),
    }

    def compute() -> dict[str, np.ndarray]:
        return {name: run() for name, run in runs.items()}

    return FrameOf(dark, bright, remembered(("framed", setup, photo.key), compute))


def score(picture: np.ndarray, reference: np.ndarray | None) -> float | None:
    """PSNR in dB, if there is something to compare with; both uint8."""
    return None if reference is None else float(psnr(picture, reference, data_range=255))


def _float(setup: Setup, frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    given = padded(frame, configuration(setup).multiple)[None]  # the frame itself where its sides are fine
    output = engine(setup).run(["output"], {"input": given})["output"]
    return as_uint8(np.clip(output[0, :height, :width], 0, 1))
