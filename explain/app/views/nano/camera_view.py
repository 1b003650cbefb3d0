"""From the light to the restored frame: a scene, less light, the camera's bytes, and what the board makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from embedded.camera.ov7675 import Camera
from explain.app.compute.board_model import restored
from explain.app.compute.photos import Photo
from explain.app.url import controls
from explain.app.url.session import Context
from explain.app.widgets.colour_maps import figure, gallery
from model.images.camera_formats import to_frame
from model.quality.metrics import psnr

__all__ = ["LIGHTS", "CameraShot", "Exposure", "camera_section", "shoot"]

SEED = 0
"""Of the camera's noise: the same light gives the same frame."""

LIGHTS = tuple(f"{step / 2:g}" for step in range(17))
"""Stops of light that are taken away: each halves it."""

SCENES = ("dark", "bright")
FORMATS: Mapping[str, str] = {"yuv422": "YUV 4:2:2", "rgb565": "RGB565"}
LABELS = {"dark": "The dark photo", "bright": "The bright photo"}


@dataclass(frozen=True)
class Exposure:
    """What stands before the camera, and how the camera is set.

    Attributes:
        scene: `dark`, the photo itself; or `bright`, its bright reference, where there is one.
        stops: So often the light is halved, with the noise that comes with it; 0 takes the picture as it is.
        layout: The camera's format, `yuv422` or `rgb565`.
    """

    scene: str = "dark"
    stops: float = 0.0
    layout: str = "yuv422"


@dataclass(frozen=True, eq=False)
class CameraShot:
    """One frame of the camera.

    Attributes:
        frame: (120, 160, 2) uint8, its bytes.
        picture: (120, 160, 3) uint8, what is in them.
        reference: (120, 160, 3) uint8, the scene in good light; None if it is not known.
    """

    frame: np.ndarray
    picture: np.ndarray
    reference: np.ndarray | None

    def score(self, picture: np.ndarray) -> str:
        """PSNR of a picture against the scene in good light, as text; empty if that is not known."""
        if self.reference is None:
            return ""
        return f" · {psnr(picture / 255, self.reference / 255, data_range=1):.2f} dB"


def shoot(photo: Photo, how: Exposure) -> CameraShot:
    """What the board's camera makes of a photo."""
    good = photo.reference
    pixels = good if good is not None and how.scene == "bright" else photo.pixels
    camera = Camera(how.layout, light=2.0**-how.stops if how.stops else None)
    frame = camera.capture(pixels, SEED)
    if good is None and how.stops:
        good = photo.pixels  # an own photo that was darkened here
    return CameraShot(frame, camera.picture(frame), None if good is None else to_frame(good))


def camera_section(here: Context) -> Exposure:
    """Shows the controls, the frame and what the board makes of it; gives what was chosen."""
    scene = SCENES[0]
    with st.container(horizontal=True, gap="medium"):
        if here.photo.reference is not None:
            scene = controls.choose(
                "scene", "Before the camera", SCENES, SCENES[0], LABELS.__getitem__, st.segmented_control, required=True
            )
        layout = controls.choose(
            "format",
            "Its format",
            tuple(FORMATS),
            "yuv422",
            FORMATS.__getitem__,
            st.segmented_control,
            required=True,
            help="Both have 2 bytes a pixel. The sketch asks the camera for YUV 4:2:2.",
        )
    stops = controls.choose(
        "light",
        "Light taken away, in stops",
        LIGHTS,
        LIGHTS[0],
        lambda each: "none" if each == "0" else each,
        st.select_slider,
        help="One stop is half of the light. What is left is counted in electrons, with shot and read noise.",
    )
    how = Exposure(scene, float(stops), layout)
    shot = shoot(here.photo, how)
    with st.spinner("Running the board's network …"):
        result = restored(shot.picture)
    _pictures(shot, result, layout)
    st.caption(_caption(shot, how))
    return how


def _pictures(shot: CameraShot, result: np.ndarray, layout: str) -> None:
    levels = len(np.unique(shot.picture[..., 0]))
    made = "What the emulated board makes of it"
    caption = f"The camera's frame, {FORMATS[layout]}{shot.score(shot.picture)} · {levels} levels of red"
    shown = [
        figure(shot.picture, "The camera's frame", caption),
        figure(result, made, f"{made}{shot.score(result)}"),
    ]
    if shot.reference is not None:
        shown.append(figure(shot.reference, "The scene in good light", "The scene in good light"))
    st.html(gallery(shown, narrowest="9rem"))  # two beside one another on a phone


def _caption(shot: CameraShot, how: Exposure) -> str:
    light = (
        f"{100 / 2**how.stops:.2g}% of the light is left, with the noise of a small sensor, always from the same seed. "
        if how.stops
        else ""
    )
    board = (
        "The result is the emulated board's, byte for byte: int8, reference kernels."
        if how.layout == "yuv422"
        else "The sketch takes YUV 4:2:2; this is what the same int8 network would make of an RGB565 frame."
    )
    return (
        f"{light}The frame has 160 × 120 pixels, two bytes each. {board} With less light the frame has fewer levels, "
        "and RGB565 keeps the fewest of them."
    )
