"""Map from the hook points of the float network to tensors of the int8 graph, as saved beside a model.

How it is found: `embedded.quantize.hook_mapping`. This file needs neither Keras nor TensorFlow.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from embedded.tflite.graph import Graph
from model.errors import MirnetError
from model.safety.whole_files import write_whole

__all__ = ["HookMap", "Place"]


@dataclass(frozen=True)
class Place:
    """Tensor and operator of a hook point in the int8 graph.

    Attributes:
        tensor: Index of the tensor, or None if the converter has merged the hook point away.
        operator: Index of the operator that makes it, or into which it is fused; None for the graph's input.
        correlation: Of int8 and float values on the probe picture; None where either is constant.
    """

    tensor: int | None
    operator: int | None
    correlation: float | None = None


@dataclass(frozen=True)
class HookMap:
    """The map of one model.

    Attributes:
        places: Hook name to where its values are in the graph, in the order of execution.
    """

    places: Mapping[str, Place]

    def describe(self, name: str, graph: Graph) -> str:
        """Tensor and operator of a hook point as text: `tensor 213, made by LOGISTIC 6`, or `fused into CONV_2D 4`."""
        place = self.places[name]
        if place.operator is None:
            return f"tensor {place.tensor}, the graph's input"
        operator = f"{graph.operators[place.operator].kind} {place.operator}"
        return f"fused into {operator}" if place.tensor is None else f"tensor {place.tensor}, made by {operator}"

    def save(self, path: Path) -> None:
        """Writes it as JSON."""
        content = {name: asdict(place) for name, place in self.places.items()}
        write_whole(path, json.dumps(content, indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> "HookMap":
        """Reads what `save` wrote.

        Raises:
            MirnetError: If the file is missing or holds something else.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls({name: Place(**place) for name, place in content.items()})
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise MirnetError(f"{path} holds no map of hook points; mirnet quantize writes one: {error}") from error
