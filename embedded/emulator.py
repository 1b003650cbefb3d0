"""Emulator of the board: restores a camera frame on a computer, byte for byte as the board does.

```
camera's bytes ─ unpack ─▶ picture ─ tables ─▶ int8 ─ graph, reference kernels ─▶ int8 residual
                              │                                                        │
                              └───────────────────────▶ + ◀─────────── tables ◀────────┘
                                                        └─▶ restored picture
```

The graph runs with the **reference kernels**: they compute what TensorFlow Lite Micro computes, to the last bit. The
default, optimized kernels round differently (`default_kernels` shows by how much).

    emulator = Emulator("nano.tflite")
    restored = emulator.restore(frame)                    # (120, 160, 3) uint8
    gates = emulator.cache(frame)["rrg_1/mrb_1/column_1/dau_1/spatial/gate"]
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from embedded.camera.pixel_tables import PixelTables
from embedded.tflite.graph import Graph
from embedded.tflite.graph_file import ModelFileError, read_graph
from embedded.tflite.hook_map import HookMap
from embedded.tflite.rewrite import with_outputs
from embedded.tflite.runtime import interpreter_class, reference_interpreter
from embedded.tflite.sandbox import vet
from model.config import MIRNetConfig
from model.errors import HookError, MirnetError
from model.images.camera_formats import COLUMNS, ROWS, yuv422_to_rgb

__all__ = ["HOOKS_SUFFIX", "NOTE", "CrossCheck", "Emulator"]

NOTE = "mirnet"
"""Name of the metadata entry on the input and output of pixels: {"companding": μ, "stem": s, ...} as JSON."""

HOOKS_SUFFIX = ".hooks.json"
"""The map of hook points of `nano.tflite` lies beside it as `nano.hooks.json`."""

ARENA = 4 << 20  # bytes for tflite-micro; with every tensor an output nothing can be shared
INSTALL_MICRO = "tflite-micro is not installed: pip install 'mirnet-explainer[board]' (Linux only)"


@dataclass(frozen=True)
class CrossCheck:
    """Comparison of two runtimes.

    Attributes:
        frames: Frames compared.
        tensors: Tensors of each, the output among them.
        values: Integers compared in all.
        differing: Those that differed; 0 if the emulator is right.
    """

    frames: int
    tensors: int
    values: int
    differing: int


class Emulator:
    """A model of the board, run as the board runs it.

    Args:
        model: A .tflite file that `mirnet quantize` wrote, or its bytes. It is tried out in a process of its own first.
        hooks: Which tensor is which hook point; by default what lies beside the file.
        size: Rows and columns of its frames, if they are not the board's camera's (`embedded.tflite.frame_size`).

    Attributes:
        graph: The model as a graph.
        note: Metadata of the file: `stem`, `companding`, and `network`, the fields of `config`.
        tables: Look-up tables from pixels to int8 and back.

    Raises:
        ModelFileError: If it is no such file, is damaged, is a float model, or for frames of another size.
        RuntimeMissingError: If there is no TFLite interpreter.
    """

    def __init__(
        self, model: str | Path | bytes, hooks: HookMap | None = None, size: tuple[int, int] = (ROWS, COLUMNS)
    ):
        path = None if isinstance(model, bytes) else Path(model)
        self.model = model if isinstance(model, bytes) else Path(model).read_bytes()
        self.graph = read_graph(self.model)
        _refuse_floats(self.graph)
        self.note = _note(self.graph)
        self.tables = _tables(self.graph, self.note, size)
        vet(self.model)
        if hooks is None and path is not None and (beside := path.with_suffix(HOOKS_SUFFIX)).exists():
            hooks = HookMap.load(beside)
        self.hooks = hooks
        self._interpreter = reference_interpreter(self.model)

    def restore(self, frame: np.ndarray) -> np.ndarray:
        """The restored picture.

        Args:
            frame: (120, 160, 2) uint8, the camera's YUV 4:2:2 bytes; or the picture in them, (120, 160, 3) uint8.

        Returns:
            (120, 160, 3) uint8, sRGB.

        Raises:
            ImageError: If it is no such frame.
        """
        picture = _picture(frame)
        return self.tables.unfold(picture, self.residual(self.tables.fold(picture)))

    def residual(self, given: np.ndarray) -> np.ndarray:
        """Output of the graph for an input; both int8, (1, 120 / stem, 160 / stem, 3 stem²)."""
        return _invoke(self._interpreter, self.graph, given)[0]

    def tensors(self, frame: np.ndarray) -> dict[int, np.ndarray]:
        """Every tensor that the graph computes, and its input, as integers, by tensor index."""
        given = self.tables.fold(_picture(frame))
        found = _invoke(self._with_all_outputs, self.graph, given, len(self.graph.computed))
        return {self.graph.inputs[0]: given} | dict(zip(self.graph.computed, found, strict=True))

    def cache(self, frame: np.ndarray) -> dict[str, np.ndarray]:
        """The activations by hook name, float32: as `explain.run_with_cache` gives those of the float network.

        Raises:
            HookError: If there is no map of hook points.
        """
        tensors = self.tensors(frame)
        return {
            name: self.graph.tensors[place.tensor].dequantize(tensors[place.tensor])
            for name, place in self._map.places.items()
            if place.tensor is not None
        }

    def cross_check(self, frames: Sequence[np.ndarray]) -> CrossCheck:
        """Runs frames through TensorFlow Lite Micro (PyPI's `tflite-micro`) too, and compares every tensor.

        Raises:
            MirnetError: If tflite-micro is not installed.
        """
        other = _micro(with_outputs(self.model, self.graph.computed))
        values = differing = 0
        for frame in frames:
            given = self.tables.fold(_picture(frame))
            other.set_input(given, 0)
            other.invoke()
            own = _invoke(self._with_all_outputs, self.graph, given, len(self.graph.computed))
            for k, tensor in enumerate(own):
                values += tensor.size
                differing += int((tensor != other.get_output(k)).sum())
        return CrossCheck(len(frames), len(self.graph.computed), values, differing)

    def default_kernels(self, frame: np.ndarray) -> np.ndarray:
        """The residual by the interpreter's default kernels: fast, and not what the board computes."""
        interpreter = interpreter_class()(model_content=self.model)
        interpreter.allocate_tensors()
        return _invoke(interpreter, self.graph, self.tables.fold(_picture(frame)))[0]

    @property
    def config(self) -> MIRNetConfig:
        """The network that it was made from.

        Raises:
            ModelFileError: If the file does not say.
        """
        try:
            return MIRNetConfig(**self.note["network"])
        except (KeyError, TypeError, MirnetError) as error:
            raise ModelFileError(f"this model does not say which network it was made from: {error}") from error

    @property
    def _map(self) -> HookMap:
        if self.hooks is None:
            raise HookError(
                f"which tensor is which hook point is not known: keep NAME{HOOKS_SUFFIX} beside NAME.tflite"
            )
        return self.hooks

    @cached_property
    def _with_all_outputs(self) -> Any:
        return reference_interpreter(with_outputs(self.model, self.graph.computed))


def _refuse_floats(graph: Graph) -> None:
    source, target = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    if source.dtype != np.int8 or target.dtype != np.int8:
        raise ModelFileError(
            f"this model has {source.dtype} input and {target.dtype} output; the board's are int8: "
            "mirnet quantize without --float32, --float16 or --dynamic makes one"
        )


def _note(graph: Graph) -> Mapping[str, Any]:
    """The metadata of the file, its values checked."""
    try:
        note = dict(json.loads(graph.metadata[NOTE]))
        companding, stem = float(note["companding"]), int(note["stem"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError("this model has no stem and companding: it was not made by mirnet quantize") from error
    if stem < 1 or not 0 <= companding < np.inf:
        raise ModelFileError(f"the model's note is damaged: stem {stem}, companding {companding}")
    return note | {"companding": companding, "stem": stem}


def _tables(graph: Graph, note: Mapping[str, Any], size: tuple[int, int]) -> PixelTables:
    source, target = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    try:
        return PixelTables(source, target, note["companding"], note["stem"], size)
    except MirnetError as error:
        raise ModelFileError(str(error)) from error


def _picture(frame: np.ndarray) -> np.ndarray:
    pixels = np.asarray(frame)
    return yuv422_to_rgb(pixels) if pixels.ndim == 3 and pixels.shape[2] == 2 else pixels


def _invoke(interpreter: Any, graph: Graph, given: np.ndarray, outputs: int = 1) -> list[np.ndarray]:
    interpreter.set_tensor(graph.inputs[0], given)
    interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()[:outputs]]


def _micro(model: bytes) -> Any:
    try:
        from tflite_micro.python.tflite_micro import runtime
    except ImportError as error:
        raise MirnetError(INSTALL_MICRO) from error
    return runtime.Interpreter.from_bytes(model, arena_size=ARENA)
