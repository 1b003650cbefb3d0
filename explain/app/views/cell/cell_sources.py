"""The two networks whose numbers the cell inspector explains: the float one on the photo, the board's on its frame."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
import streamlit as st

from explain.app.compute.board_model import emulator
from explain.app.compute.photos import Photo
from explain.app.compute.runner import Setup, hook_names, network, remembered, tensors
from explain.app.views.cell.graph_names import board_names
from explain.cell import Cell, CellInspector, Int8Inspector
from explain.cell.operands import TensorName
from explain.tracing.sites import hooks_below
from model.images.camera_formats import rgb_to_yuv422, to_frame

__all__ = ["BOARD", "FLOAT", "BoardSource", "CellSource", "FloatSource", "part_of", "source_of"]

FLOAT, BOARD = "desk", "nano"
"""What addresses call them; the float network is that of the walkthrough, whichever it is."""


class CellSource(Protocol):
    """A network that has seen the photo.

    Attributes:
        names: All tensors that can be explained, in the order of execution.
        picture: What the network sees, for orientation: (height, width, 3) uint8.
    """

    names: tuple[str, ...]
    picture: np.ndarray

    def name(self, tensor: TensorName) -> str:
        """How the page calls a tensor that a `CellRef` points at."""

    def values(self, name: str) -> np.ndarray:
        """Its values as floats, (rows, columns, channels). Do not write to them."""

    def cell(self, name: str, place: Sequence[int]) -> Cell:
        """One number of it, explained."""


class FloatSource:
    """The float network on the photo. Nothing is computed before it is asked for."""

    def __init__(self, setup: Setup, photo: Photo):
        self.names = _float_names(setup)
        self.picture = photo.pixels
        self._setup, self._photo = setup, photo

    def name(self, tensor: TensorName) -> str:
        """The hook name."""
        return str(tensor)

    def values(self, name: str) -> np.ndarray:
        """Activations, (rows, columns, channels) float32."""
        return self._inspector(name).values(name)

    def cell(self, name: str, place: Sequence[int]) -> Cell:
        """One number, explained by the formula of its layer."""
        row, column, channel = place
        return self._inspector(name).cell(name, row, column, channel)

    def _inspector(self, name: str) -> CellInspector:
        return _float_inspector(self._setup, self._photo, self._photo.key, part_of(name))


class BoardSource:
    """The board's int8 network on the photo as its camera would send it."""

    def __init__(self, photo: Photo):
        self._inspector = _board_run(photo)
        self._by_name, self._names = _board_names(self._inspector)
        self.names = tuple(self._by_name)
        self.picture = self._inspector.values("picture")

    def name(self, tensor: TensorName) -> str:
        """The first hook point of a tensor, or a name made from the next one."""
        return self._names[tensor]

    def values(self, name: str) -> np.ndarray:
        """The dequantized values; bytes as they are."""
        tensor = self._by_name[name]
        integers = self._inspector.values(tensor)
        return self._inspector.graph.tensors[tensor].dequantize(integers) if isinstance(tensor, int) else integers

    def cell(self, name: str, place: Sequence[int]) -> Cell:
        """One number, explained by the integer arithmetic of the board's kernels, bit for bit."""
        row, column, channel = place
        return self._inspector.cell(self._by_name[name], row, column, channel)


def source_of(net: str, setup: Setup, photo: Photo) -> CellSource:
    """One of the two networks, `FLOAT` or `BOARD`, on a photo.

    Raises:
        MirnetError: If there is no interpreter for the board's network.
    """
    return BoardSource(photo.for_board) if net == BOARD else FloatSource(setup, photo)


class _Asked(Mapping[str, np.ndarray]):
    """The activations of the network on a photo, run part by part when they are asked for.

    What a whole part has (a DAU, an SKFF, a resizing module) comes from one run, since its cells lead to one another.
    """

    def __init__(self, setup: Setup, photo: Photo):
        self._setup, self._photo, self._known = setup, photo, dict.fromkeys(hook_names(setup))

    def __getitem__(self, name: str) -> np.ndarray:
        part = part_of(name)
        names = hooks_below(self._known, part) if part else [name]
        return tensors(self._setup, self._photo, names)[name]

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def part_of(name: str) -> str:
    """The part of a block that a tensor is inside of, `rrg_1/mrb_1/merge/skff`; empty for one between the parts."""
    parts = name.split("/")
    return "/".join(parts[:4]) if len(parts) > 4 else ""


@st.cache_resource(max_entries=4, show_spinner=False)
def _float_names(setup: Setup) -> tuple[str, ...]:
    return CellInspector(network(setup)[0], {}).names


@st.cache_resource(max_entries=4, show_spinner=False)
def _float_inspector(setup: Setup, _photo: Photo, key: str, part: str) -> CellInspector:
    """An inspector keeps the inner tensors that it made: one for each part, so that few are kept."""
    return CellInspector(network(setup)[0], _Asked(setup, _photo))


def _board_run(photo: Photo) -> Int8Inspector:
    """A run on the board: 1 MB, kept as long as the photo is in use."""
    frame = rgb_to_yuv422(to_frame(photo.pixels))

    def compute() -> dict[str, np.ndarray]:
        return {str(index): array for index, array in emulator().tensors(frame).items()}

    kept = remembered(("cell", BOARD, photo.key), compute)
    return Int8Inspector(emulator(), {int(index): array for index, array in kept.items()}, frame)


@st.cache_resource(max_entries=1, show_spinner=False)
def _board_names(_inspector: Int8Inspector) -> tuple[dict[str, TensorName], dict[TensorName, str]]:
    """The names of the board's tensors there and back: the same for every photo."""
    names = _inspector.names
    before = [name for name in ("camera", "picture") if name in names]  # the restored picture comes last
    in_order = (*before, *(name for name in names if name not in before))
    known = emulator().hooks
    hooks = {name: place.tensor for name, place in known.places.items()} if known is not None else {}
    return board_names(emulator().graph, in_order, hooks)
