"""What the live part has to know of a network, and of the camera: tensors, hook points, colours, constants."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from embedded.budget.boards import NANO as BOARD
from embedded.budget.fit import fit
from embedded.emulator import Emulator
from embedded.models.shipped_models import NANO, model_file
from embedded.tflite.enlarge import enlarged
from embedded.tflite.graph import Graph
from embedded.tflite.model_hash import hash_of
from embedded.wasm.shipped_wasm import LARGE, TIMES
from explain.app.widgets.colour_maps import colours
from explain.cell.int8.operator import seen_as
from explain.figures import THEMES
from model.images import camera_formats as formats
from model.images.darken import FULL_WELL, READ_NOISE

__all__ = ["LiveNetwork", "network_data", "tensor_kind"]

GATES = ("gate", "weights")


@dataclass(frozen=True)
class LiveNetwork:
    """The network of a live part, in both sizes of frames.

    Attributes:
        model: What `model_file` takes: `nano`, or a path.
    """

    model: str = NANO

    @cached_property
    def small(self) -> Emulator:
        """For the camera's frames."""
        return Emulator(model_file(self.model))

    @cached_property
    def large(self) -> Emulator:
        """The same weights for the larger frame."""
        return Emulator(enlarged(self.small.model, TIMES), self.small.hooks, LARGE)

    @property
    def hooks(self) -> dict[str, int]:
        """Hook name to tensor, in the order of execution; without those that the converter has merged away."""
        places = self.small.hooks.places if self.small.hooks is not None else {}
        return {name: place.tensor for name, place in places.items() if place.tensor is not None}


def network_data(network: LiveNetwork) -> dict[str, Any]:
    """Everything that the page needs before the first frame, for JSON."""
    small, large = network.small, network.large
    tables = small.tables
    names, seconds = _names(network.hooks), _board_seconds(small.model)
    return {
        "model": hash_of(small.model).hex(),
        "input": small.graph.inputs[0],
        "stem": tables.stem,
        "levels": tables.levels.tolist(),
        "curve": tables.curve.tolist(),
        "sensor": {"fullWell": FULL_WELL, "readNoise": READ_NOISE},
        "camera": {
            "pack": [formats.Y_OF_RGB, formats.U_OF_RGB, formats.V_OF_RGB],
            "unpack": [formats.R_OF_V, formats.G_OF_U, formats.G_OF_V, formats.B_OF_U],
        },
        "hooks": network.hooks,
        "operators": [
            {"tensor": operator.outputs[0], "kind": operator.kind, "board": round(seconds[operator.index], 6)}
            for operator in small.graph.operators
        ],
        "colours": _colours(),
        "sizes": {
            "small": _size(small.graph, names, small.tables.size, "cells.json", "net.wasm", "net.simd.wasm"),
            "large": _size(large.graph, names, large.tables.size, "cells.large.json", "", "net.large.simd.wasm"),
        },
    }


def tensor_kind(hook: str) -> str:
    """How a tensor is coloured: `gate` for shares, else `activity`."""
    return "gate" if hook.rpartition("/")[2] in GATES else "activity"


def _names(hooks: Mapping[str, int]) -> dict[int, list[str]]:
    """Tensor to the names that its hook points have."""
    found: dict[int, list[str]] = {}
    for name, tensor in hooks.items():
        found.setdefault(tensor, []).append(name)
    return found


def _size(
    graph: Graph, names: Mapping[int, list[str]], size: tuple[int, int], cells: str, plain: str, simd: str
) -> dict[str, Any]:
    tensors = [
        {
            "index": index,
            "shape": seen_as(graph.tensors[index].shape),
            "scale": graph.tensors[index].scale,
            "zero": graph.tensors[index].zero_point,
            "kind": tensor_kind(found[0]),
            "hooks": found,
        }
        for index, found in names.items()
    ]
    files = {"plain": plain, "simd": simd}
    return {"rows": size[0], "columns": size[1], "tensors": tensors, "cells": cells, "files": files}


def _board_seconds(model: bytes) -> dict[int, float]:
    """The likely seconds of each operator on the Nano."""
    found = fit(model, BOARD)
    return {work.operator: found.seconds_of(work) for work in found.works}


def _colours() -> dict[str, str]:
    """The 256 colours of each kind of map, as hexadecimal digits."""
    light = THEMES["light"]
    tables = {"activity": light.activity, "gate": light.gate}
    tables |= {f"signed-{name}": theme.signed for name, theme in THEMES.items()}
    return {name: colours(table).tobytes().hex() for name, table in tables.items()}
