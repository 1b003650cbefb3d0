"""The theoretical receptive field, from the network's own code.

No table of kernels is kept here that could differ from the network. A twin of the network with one channel, all of
whose weights are 1, is run on a black picture with one white row. No convolution has a bias, so what the row cannot
reach stays exactly 0, and what it reaches is above 0. Every hook point turns its tensor back into zeros and ones, so
that nothing grows or fades from layer to layer. The global paths (channel gates and SKFF weights) are held at 1.

A white row shows what depends on it; the field of a pixel is the inverse. Both are the same table read along its rows
or its columns, and since the network does the same everywhere, moved by `config.multiple` pixels, as many white rows
are enough. All parts treat rows and columns alike, so columns need no run of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from keras import ops

from explain.tracing.sites import label
from model.config import MIRNetConfig
from model.errors import HookError, MirnetError
from model.hooks import visiting
from model.mirnet import MIRNet
from model.structure import block_sites, group_sites

__all__ = ["Field", "Stage", "field_of", "is_global", "stages"]

CANVASES = (1024, 4096)  # rows; the paper's network fits in the first
REACHED = 1e-3  # the blur leaves at least a sixteenth of a 1; rounding leaves a millionth


@dataclass(frozen=True)
class Stage:
    """A stage of the network whose receptive field is worth a look.

    Attributes:
        name: Its hook point.
        words: Its label.
    """

    name: str
    words: str


@dataclass(frozen=True)
class Field:
    """The theoretical receptive field of a pixel of a hook point's tensor: a square of the photo, without global paths.

    Attributes:
        name: The hook point.
        words: Its label.
        scale: Pixels of the photo for each pixel of the tensor, along a side.
        top: First row; below 0 if the field reaches beyond the photo.
        bottom: One more than the last row.
        left: First column.
        right: One more than the last column.
        hears_all: Whether there is a global path before it, so that all of the photo matters a little.
    """

    name: str
    words: str
    scale: int
    top: int
    bottom: int
    left: int
    right: int
    hears_all: bool

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the photo, those beyond its borders included."""
        return self.bottom - self.top, self.right - self.left

    def within(self, height: int, width: int) -> tuple[slice, slice]:
        """The part of a photo of this size that is inside the field: its rows and its columns."""
        return slice(max(self.top, 0), min(self.bottom, height)), slice(max(self.left, 0), min(self.right, width))

    def share_of(self, height: int, width: int) -> float:
        """The share of a photo of this size that is inside the field, from 0 to 1."""
        rows, columns = self.within(height, width)
        return (rows.stop - rows.start) * (columns.stop - columns.start) / (height * width)


def is_global(name: str) -> bool:
    """Whether a hook point is where an average over the whole picture comes back: a channel gate or SKFF's weights."""
    return name.endswith(("/channel/gate", "/weights"))


def stages(config: MIRNetConfig) -> tuple[Stage, ...]:
    """The first convolution, every stream of every block after its last attention, every group, and the output."""
    found = [Stage("shallow", "first convolution")]
    for group in group_sites(config):
        for block in (site for site in block_sites(config) if site.startswith(f"{group}/")):
            found += [
                Stage(f"{block}/column_{config.columns}/dau_{k}/out", f"{label(block)} · stream {k}")
                for k in range(1, config.streams + 1)
            ]
        found.append(Stage(f"{group}/out", label(group)))
    return (*found, Stage("output", "output"))


def field_of(config: MIRNetConfig, name: str, row: int, column: int) -> Field:
    """The theoretical receptive field at a hook point, of the pixel that lies over a pixel of the photo.

    Args:
        config: Of the network: `net.config`.
        name: Any hook point whose tensor has height and width.
        row: In the photo, from 0. A tensor of a quarter of the size has one pixel over four rows.
        column: Likewise.

    Returns:
        A square of the photo, in pixels; it may reach beyond the photo.

    Raises:
        HookError: If there is no such hook point.
        MirnetError: If its tensor has no height and width: it sees the whole photo.
    """
    reaches = _reaches(_structure(config))
    if name not in reaches:
        raise HookError(f"{name!r} is not a hook point of this network; net.hook_names lists them")
    reach = reaches[name]
    if reach is None:
        raise MirnetError(f"{name} has no height and width: it comes from the whole photo; choose another hook point")
    (top, bottom), (left, right) = reach.back(row), reach.back(column)
    text = next((stage.words for stage in stages(config) if stage.name == name), label(name))
    return Field(name, text, reach.scale, top, bottom, left, right, reach.hears_all)


@dataclass(frozen=True)
class _Reach:
    """How far the rows of a photo reach into a tensor.

    Attributes:
        scale: Rows of the photo for each row of the tensor.
        first_row: The first white row.
        ends: For each white row, one below the other: the first and the last row of the tensor that it reaches.
        hears_all: See `Field`.
    """

    scale: int
    first_row: int
    ends: tuple[tuple[int, int], ...]
    hears_all: bool

    def back(self, row: int) -> tuple[int, int]:
        """The rows of the photo that reach the tensor's row over `row`: the first, and one more than the last."""
        here, period = row // self.scale, len(self.ends)
        step = period // self.scale  # rows of the tensor, when the photo is moved by a period
        lows, highs = [], []
        for phase, (first, last) in enumerate(self.ends):
            start = self.first_row + phase
            lows.append(start - (last - here) // step * period)
            highs.append(start + (here - first) // step * period)
        return min(lows), max(highs) + 1


def _structure(config: MIRNetConfig) -> MIRNetConfig:
    """The network with one channel: fields depend on neither channels nor on what the softmax runs over."""
    return config.replace(channels=1, skff_softmax="streams")


@lru_cache(maxsize=16)
def _reaches(config: MIRNetConfig) -> Mapping[str, _Reach | None]:
    """For every hook point how far rows reach into it; None where the tensor has no height."""
    twin = MIRNet(config)
    for variable in twin.weights:
        variable.assign(np.ones(variable.shape, "float32"))
    rows, reached = _on_a_canvas(twin)
    first_global = next(number for number, name in enumerate(reached) if is_global(name))
    return {
        name: _reach(mask, _scale(mask, rows, config), _middle(rows, config), number > first_global)
        for number, (name, mask) in enumerate(reached.items())
    }


def _on_a_canvas(twin: MIRNet) -> tuple[int, dict[str, np.ndarray]]:
    """Rows of a canvas that is so large that nothing reaches its border, and what `_reached` finds there."""
    multiple = twin.config.multiple
    for canvas in CANVASES:
        rows = -(-canvas // multiple) * multiple
        reached = _reached(twin, rows)
        if not any(mask[:, [0, -1]].any() for mask in reached.values() if _scale(mask, rows, twin.config)):
            return rows, reached
    raise MirnetError(f"the receptive field is larger than {CANVASES[-1]} pixels: choose fewer groups or blocks")


def _reached(twin: MIRNet, rows: int) -> dict[str, np.ndarray]:
    """For every hook point (white rows, rows of the tensor): whether that white row reaches it."""
    period = twin.config.multiple
    canvas = np.zeros((period, rows, period, 3), "float32")
    canvas[np.arange(period), _middle(rows, twin.config) + np.arange(period)] = 1
    reached: dict[str, np.ndarray] = {}  # one row of a tensor is enough: whole tensors would fill the memory
    spatial: dict = {}  # what the spatial attention that runs now has marked so far

    def visit(name, tensor):
        start, _, last = name.rpartition("/")
        if is_global(name):
            tensor = ops.ones_like(tensor)
        elif name.endswith("spatial/gate"):
            tensor = spatial["logits"]  # the sigmoid of 0 is not 0
        elif name.endswith("spatial/out"):
            # A gate multiplies, and 0 stays 0 whatever the gate is: to see both of its arguments, add them.
            tensor = spatial["in"] + spatial["gate"]
        marked = ops.cast(tensor > REACHED, tensor.dtype)
        if start.endswith("spatial"):
            spatial[last] = marked
        reached[name] = ops.convert_to_numpy(ops.any(marked > 0, axis=(2, 3)))
        return marked

    with visiting(visit):
        twin(ops.convert_to_tensor(canvas))
    return reached


def _middle(rows: int, config: MIRNetConfig) -> int:
    return rows // 2 // config.multiple * config.multiple


def _scale(mask: np.ndarray, rows: int, config: MIRNetConfig) -> int:
    """Rows of the canvas for each row of a tensor; 0 for a tensor without height."""
    scale, rest = divmod(rows, mask.shape[1])
    return scale if rest == 0 and config.multiple % scale == 0 else 0


def _reach(mask: np.ndarray, scale: int, first_row: int, hears_all: bool) -> _Reach | None:
    if not scale:
        return None
    ends = tuple((int(rows.min()), int(rows.max())) for rows in (np.flatnonzero(line) for line in mask))
    return _Reach(scale, first_row, ends, hears_all)
