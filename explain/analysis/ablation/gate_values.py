"""What the gates of an attention that is switched off become: their own mean, or something else to compare with.

A gate does two things: it makes features weaker, by a half on average, and it makes some of them weaker than others.
Only the second is attention. Gates that become 1 take away both, and all layers after them get features of a strength
that they never saw; gates that become their own mean take away the differences alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from explain.tracing.engine import Engine
from model.errors import MirnetError
from model.images.arrays import as_uint8

__all__ = ["GATES", "MEAN", "GateMethod", "gate_values", "is_gate", "mean_gates"]


@dataclass(frozen=True)
class GateMethod:
    """A way to switch gates off.

    Attributes:
        name: In commands and addresses.
        label: What the gates become, for a list.
        says: The same for a sentence: `the gates become ...`.
        needs_photos: Whether it takes other photos than the one that is restored.
    """

    name: str
    label: str
    says: str
    needs_photos: bool = False


MEAN = "mean"
_METHODS = (
    GateMethod(MEAN, "their mean on this photo", "become their own mean on this photo, one number for each unit"),
    GateMethod(
        "photos",
        "their mean on other samples",
        "become their mean on the other samples, one number for each unit",
        True,
    ),
    GateMethod("resample", "those of another photo", "become the gates of another photo, stretched to this size", True),
    GateMethod("one", "1", "become 1: nothing is held back, so features get about twice as strong"),
    GateMethod("zero", "0", "become 0: nothing passes"),
)
GATES: Mapping[str, GateMethod] = {method.name: method for method in _METHODS}
"""All methods by name; the first one is the default."""


def is_gate(name: str) -> bool:
    """Whether this is the hook name of an attention's gates."""
    return name.endswith(("channel/gate", "spatial/gate"))


def gate_values(
    engine: Engine, batch: np.ndarray, method: str = MEAN, others: Sequence[np.ndarray] = ()
) -> dict[str, np.ndarray]:
    """What every gate of the network becomes when it is switched off.

    Args:
        engine: Of the network.
        batch: (batch, height, width, 3) within [0, 1], as the network takes it.
        method: One of `GATES`.
        others: Other photos, (height, width, 3) each, for the methods that need them; of several, `resample` takes
            the first.

    Returns:
        Hook name to values that are multiplied like the gates: (1 or batch, 1, 1, channels or 1) for a number, and
        those of another photo in its gates' own shape.

    Raises:
        MirnetError: If there is no such method, or it needs photos and gets none.
    """
    if method not in GATES:
        raise MirnetError(f"gates cannot become {method!r}: choose one of {', '.join(GATES)}")
    if GATES[method].needs_photos and not len(others):
        raise MirnetError(f"gates can become {GATES[method].label} only where there are other photos: give some")
    names = [name for name in engine.names if is_gate(name)]
    if method in ("one", "zero"):
        return {name: np.full(engine.uniform(name), float(method == "one"), "float32") for name in names}
    if method == MEAN:
        return mean_gates(engine, engine.run(names, {"input": batch}))
    height, width = batch.shape[1:3]
    stretched = np.stack([_stretched(photo, (height, width)) for photo in others])
    if method == "resample":
        return engine.run(names, {"input": stretched[:1]})
    theirs = mean_gates(engine, engine.run(names, {"input": stretched}))
    return {name: means.mean(axis=0, keepdims=True) for name, means in theirs.items()}


def mean_gates(engine: Engine, gates: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each gate's mean over all its numbers, for each picture by itself; see `gate_values`.

    Args:
        engine: Of the network.
        gates: Hook name to gates of a run.
    """
    means = {name: gate.mean(axis=(1, 2, 3), keepdims=True) for name, gate in gates.items()}
    return {name: np.repeat(mean, engine.uniform(name)[-1], axis=-1) for name, mean in means.items()}


def _stretched(photo: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(*size, 3) float32 within [0, 1]."""
    image = Image.fromarray(as_uint8(photo)).resize(size[::-1], Image.Resampling.BILINEAR)
    return np.asarray(image) / np.float32(255)
