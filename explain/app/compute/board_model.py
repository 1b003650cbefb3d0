"""The board's model for the page: loaded once, run one frame at a time, and what its plan and its float network say.

The interpreter of the emulator is not made for several threads. Everything here that runs it, or the float network,
goes through `explain.app.compute.runner.remembered`, which lets one computation run at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import streamlit as st

from embedded.budget.boards import NANO as BOARD
from embedded.budget.fit import Fit, fit
from embedded.camera.ov7675 import Camera
from embedded.camera.pixel_tables import curve, network_input
from embedded.emulator import Emulator
from embedded.models.shipped_models import NANO, model_file
from embedded.quantize.hook_mapping import hook_values
from embedded.tflite.graph import Tensor
from explain.analysis.ranges import earlier_model
from explain.app.compute.photos import Photo
from explain.app.compute.runner import Cache, Setup, network, remembered
from model.images.camera_formats import depth_to_space

__all__ = ["FLOAT", "FloatAndInt8", "emulator", "fitted", "lens", "restored", "tensor_hooks", "tensor_of"]

FLOAT = Setup(size="nano")
"""The float network that the board's model was made from."""

PICTURE = "picture"


@dataclass(frozen=True, eq=False)
class FloatAndInt8:
    """One frame through both networks; do not write to the arrays.

    Attributes:
        frame: (120, 160, 3) uint8, the picture in the camera's bytes.
        floats: Hook name to the float network's values, as the hook point has them; every tensor of the board once.
        int8: The same as the board holds them, int8.
        float_picture: (120, 160, 3) uint8, restored by the float network.
        int8_picture: The same by the board.
    """

    frame: np.ndarray
    floats: Mapping[str, np.ndarray]
    int8: Mapping[str, np.ndarray]
    float_picture: np.ndarray
    int8_picture: np.ndarray

    def dequantized(self, name: str) -> np.ndarray:
        """The board's values of a tensor, dequantized to float32."""
        return tensor_of(name).dequantize(self.int8[name])


@st.cache_resource(max_entries=1, show_spinner=False)
def emulator() -> Emulator:
    """The shipped model; to be run through `remembered` only."""
    return earlier_model(NANO)


@st.cache_resource(max_entries=1, show_spinner=False)
def fitted() -> Fit:
    """The shipped model held against the Nano: its plan, its operators, its limits."""
    return fit(model_file(NANO).read_bytes(), BOARD)


@st.cache_resource(max_entries=1, show_spinner=False)
def tensor_hooks() -> dict[str, int]:
    """Every tensor of the model that is a hook point, under the first of its names, in the order of execution."""
    hooks = emulator().hooks
    assert hooks is not None  # `earlier_model` refuses a model without
    first: dict[int, str] = {}
    for name, place in hooks.places.items():
        if place.tensor is not None:
            first.setdefault(place.tensor, name)
    return {name: tensor for tensor, name in first.items()}


def tensor_of(name: str) -> Tensor:
    """The board's tensor of a hook point."""
    return emulator().graph.tensors[tensor_hooks()[name]]


def restored(picture: np.ndarray) -> np.ndarray:
    """What the board makes of a picture, byte for byte.

    Args:
        picture: (120, 160, 3) uint8, as the camera's bytes have it.
    """
    key = ("board", sha256(picture.tobytes()).hexdigest())
    return remembered(key, lambda: {PICTURE: _locked(emulator().restore(picture))})[PICTURE]


def lens(photo: Photo) -> FloatAndInt8:
    """A photo, as the board's camera frames it, through the float network and the board's."""
    found = remembered(("lens", photo.key), lambda: _both(photo.pixels))
    names = tensor_hooks()
    return FloatAndInt8(
        found["frame"],
        {name: found[f"float {name}"] for name in names},
        {name: found[f"int8 {name}"] for name in names},
        found["float"],
        found["int8"],
    )


def _both(pixels: np.ndarray) -> Cache:
    camera, net = Camera(), network(FLOAT)[0]
    picture = camera.picture(camera.capture(pixels))
    floats, integers = hook_values(net, network_input(picture, net.config)), emulator().tensors(picture)
    added = depth_to_space(floats["folded_residual"][0], net.config.stem)
    found = {
        "frame": picture,
        "float": np.clip(np.rint((curve(net.config.companding)[picture] + added) * 255), 0, 255).astype(np.uint8),
        "int8": emulator().restore(picture),
    }
    for name, tensor in tensor_hooks().items():
        found |= {f"float {name}": floats[name], f"int8 {name}": integers[tensor]}
    return {name: _locked(array) for name, array in found.items()}


def _locked(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
