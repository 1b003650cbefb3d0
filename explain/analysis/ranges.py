"""Quantization ranges of an earlier int8 model, taken over by a quantization-aware training or by the next model."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from embedded.emulator import HOOKS_SUFFIX, Emulator
from embedded.models.shipped_models import model_file
from embedded.quantize.simulated import ranges_of
from model.errors import MirnetError
from model.safety.whole_files import write_whole
from model.training.fake_quant import Ranges

__all__ = ["about_ranges", "earlier_model", "keep_ranges", "kept_ranges"]

KEPT = "ranges.tflite"
"""The model in the folder of a training, with its map of hook points beside it."""


def earlier_model(path: str | Path) -> Emulator:
    """A model whose ranges are to be taken.

    Args:
        path: `nano`, or a .tflite file of `mirnet quantize`.

    Raises:
        MirnetError: If it is none, or its map of hook points is missing.
    """
    earlier = Emulator(model_file(path))
    if earlier.hooks is None:
        raise MirnetError(f"{path} comes without its map of hook points: keep NAME{HOOKS_SUFFIX} beside NAME.tflite")
    return earlier


def about_ranges(model: Emulator | None) -> dict[str, Any]:
    """What the run card says of them; nothing without a model."""
    return {} if model is None else {"ranges": {"file": KEPT, "sha256": sha256(model.model).hexdigest()}}


def keep_ranges(model: Emulator | None, folder: Path) -> Ranges | None:
    """The ranges of a model; a copy of it is kept with the training, which could not go on without."""
    if model is None or model.hooks is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    model.hooks.save((folder / KEPT).with_suffix(HOOKS_SUFFIX))
    write_whole(folder / KEPT, model.model)
    return ranges_of(model.graph, model.hooks)


def kept_ranges(card: dict[str, Any], folder: Path) -> Emulator | None:
    """The model in a training's folder, if it is quantization-aware with known ranges.

    Args:
        card: Its run card.
        folder: Its folder.

    Raises:
        MirnetError: If the file is missing, or another one.
    """
    if "ranges" not in card:
        return None
    model = earlier_model(folder / KEPT)
    if about_ranges(model)["ranges"] != card["ranges"]:
        raise MirnetError(f"{folder / KEPT} is not the model that this training began with: put that one back")
    return model
