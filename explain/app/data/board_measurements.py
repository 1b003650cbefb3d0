"""What the pages about the board show and cannot measure while somebody waits: `data/nano_*.json`, `data/sizes.json`.

- `nano_costs.json`: what rounding each tensor alone costs, as `mirnet layers nano` measures it;
- `nano_counts.json`: instructions and cycles of each operator, as `mirnet board` counts them on an emulated Cortex-M4;
- `sizes.json`: what the larger presets would need on the board.

The first two say which model they were measured with, by its SHA-256; for another they do not count. They are made by
`python tools/measure_nano.py`.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from embedded.budget.estimate import Estimate
from embedded.models.shipped_models import SHA256
from embedded.tflite.graph import Graph
from embedded.tflite.graph_file import read_graph
from model.errors import MirnetError
from model.safety.whole_files import replacing

__all__ = [
    "COSTS",
    "COUNTS",
    "SIZES",
    "Costs",
    "Counts",
    "Need",
    "TensorCost",
    "as_integers",
    "read_costs",
    "read_counts",
    "read_needs",
    "write",
]

DATA = Path(__file__).parent
COSTS, COUNTS, SIZES = DATA / "nano_costs.json", DATA / "nano_counts.json", DATA / "sizes.json"


@dataclass(frozen=True)
class TensorCost:
    """What rounding one tensor alone costs, see `explain.analysis.precision.HookCost`.

    Attributes:
        name: The hook point.
        cost: PSNR that the restored picture loses, in dB, the mean over the pairs; below 0 where it gains.
        worst: The same of the picture that loses most.
        confirmed: The cost in an actual mixed-precision model; None where none was made.
    """

    name: str
    cost: float
    worst: float
    confirmed: float | None = None


@dataclass(frozen=True)
class Costs:
    """All tensors of the model.

    Attributes:
        sha256: Of the model, in hexadecimal.
        pairs: How many pairs of frames, the project's samples.
        float_psnr: Mean PSNR of the float network on them, in dB.
        int8_psnr: Of the board's model.
        tensors: In the order of execution.
    """

    sha256: str
    pairs: int
    float_psnr: float
    int8_psnr: float
    tensors: tuple[TensorCost, ...]

    @property
    def ranked(self) -> tuple[TensorCost, ...]:
        """The tensors, the most costly first."""
        return tuple(sorted(self.tensors, key=lambda each: -each.cost))


@dataclass(frozen=True)
class Counts:
    """Instructions and cycles of one frame on the emulated board.

    Attributes:
        sha256: Of the model, in hexadecimal.
        compiler: What built it.
        photo: Name of the sample.
        pixels_in: From the camera's bytes to the network's input.
        operators: Of each operator, in the order of the plan.
        pixels_out: From the network's output to the rows of the picture.
        operator_cycles: The likely cycles of each operator.
        cycles: Of the whole frame: lowest, likely, highest.
        ram: Bytes, with the camera's frame and the stack at its peak.
        flash: Bytes of code and constants, without a sketch around them.
    """

    sha256: str
    compiler: str
    photo: str
    pixels_in: int
    operators: tuple[int, ...]
    pixels_out: int
    operator_cycles: tuple[int, ...]
    cycles: Estimate
    ram: int
    flash: int

    @property
    def instructions(self) -> int:
        """Instructions of the whole frame."""
        return self.pixels_in + sum(self.operators) + self.pixels_out


@dataclass(frozen=True)
class Need:
    """What a network would need on the Nano in int8, see `embedded.budget.fit`.

    Attributes:
        name: Of the preset.
        parameters: Learned parameters.
        macs: Multiply-accumulates of a frame.
        ram: Bytes of arena, camera frame and kernels, with the best plan that was found.
        least_arena: Bytes of the arena that no order of the operators can do without.
        flash: Bytes, an estimate.
        seconds: For a frame, an estimate.
    """

    name: str
    parameters: int
    macs: int
    ram: int
    least_arena: int
    flash: int
    seconds: float


def as_integers(model: bytes) -> Graph:
    """A float model's graph as if it had been made into int8: the same operators, every number one byte.

    Args:
        model: Bytes of a float .tflite file, see `embedded.quantize.convert.board_graph`.
    """
    graph = read_graph(model)
    tensors = []
    for tensor in graph.tensors:
        if tensor.dtype == np.float32:
            data = tensor.data
            if data is not None:  # equal constants are stored once, so which ones are equal matters
                data = np.rint(data * (127 / max(float(np.abs(data).max()), 1e-30))).astype(np.int8)
            tensor = replace(tensor, dtype=np.dtype(np.int8), data=data)
        tensors.append(tensor)
    return replace(graph, tensors=tuple(tensors))


@cache
def read_costs() -> Costs:
    """The costs of the shipped model's tensors.

    Raises:
        MirnetError: If the file is missing, damaged, or of another model.
    """

    def costs(content: dict[str, Any]) -> Costs:
        tensors = tuple(TensorCost(name, *values) for name, values in content.pop("tensors").items())
        return Costs(**content, tensors=tensors)

    return _of_this_model(_read(COSTS, costs), COSTS)


@cache
def read_counts() -> Counts:
    """The instructions and cycles of the shipped model's operators.

    Raises:
        MirnetError: If the file is missing, damaged, or of another model.
    """

    def counts(content: dict[str, Any]) -> Counts:
        each = {name: tuple(content[name]) for name in ("operators", "operator_cycles")}
        return Counts(**content | each | {"cycles": Estimate(**content["cycles"])})

    return _of_this_model(_read(COUNTS, counts), COUNTS)


@cache
def read_needs() -> tuple[Need, ...]:
    """What larger presets would need, the smallest first.

    Raises:
        MirnetError: If the file is missing or damaged.
    """
    return _read(SIZES, lambda content: tuple(Need(**each) for each in content["presets"]))


def write(path: Path, found: Costs | Counts | tuple[Need, ...]) -> None:
    """Writes one of the three files."""
    if isinstance(found, Costs):
        content: dict[str, Any] = asdict(found)
        content["tensors"] = {each.name: [each.cost, each.worst, each.confirmed] for each in found.tensors}
    else:
        content = asdict(found) if isinstance(found, Counts) else {"presets": [asdict(each) for each in found]}
    with replacing(path) as unfinished:
        unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


Found = TypeVar("Found")
Measured = TypeVar("Measured", Costs, Counts)


def _read(path: Path, build: Callable[[dict[str, Any]], Found]) -> Found:
    try:
        return build(dict(json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MirnetError(f"{path} cannot be read ({error}): install the package again") from error


def _of_this_model(found: Measured, path: Path) -> Measured:
    if found.sha256 != SHA256:
        raise MirnetError(f"{path} was measured with another model: make it anew with tools/measure_nano.py")
    return found
