"""Training inputs from pairs of photos: batches, and pictures to validate the network on while it learns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.data import PhotoFolder, split, unfit
from model.data.archive import Pairs
from model.data.batches import Batches
from model.data.crops import Crops, Frames
from model.data.pixel_cache import PixelCache
from model.errors import MirnetError
from model.inference.tiling import enhance
from model.mirnet import MIRNet
from model.quality.metrics import psnr
from model.quality.view import as_the_board_sees
from model.training.recipe import Recipe

__all__ = ["TrainingInputs", "make_inputs"]

SMALL = 4
"""Validation pictures are measured at a quarter of their height and width: a sixteenth of the time at full size."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class TrainingInputs:
    """The data of one training.

    Attributes:
        batches: What the network learns from.
        validation: Dark and bright pictures, uint8, that it never learns from; empty if there are none.
        about: Entries of the run card on the data.
    """

    batches: Batches
    validation: tuple[tuple[np.ndarray, np.ndarray], ...]
    about: dict[str, Any]

    def validate(self, net: MIRNet) -> float:
        """The mean PSNR of a network over the validation pictures, in dB."""
        scores = [psnr(enhance(net, low), high, data_range=255) for low, high in self.validation]
        return float(np.mean(scores))


def make_inputs(
    recipe: Recipe, pairs: Pairs, photos: PhotoFolder | None = None, progress: Progress | None = None
) -> TrainingInputs:
    """Prepares the inputs of a training: decodes them once, splits them, leaves out unfit pairs.

    Args:
        recipe: The numbers of the training.
        pairs: Pairs of dark and bright photos.
        photos: Good photos to be made dark, if the recipe has a share for them.
        progress: Called with (pictures done, pictures in all) while they are decoded for the first time.

    Raises:
        MirnetError: If a picture is broken or too small, or recipe and photos do not fit.
    """
    if (photos is None) != (recipe.photo_share == 0):
        raise MirnetError("good photos to be made dark need both a folder and a share: give --photos and --photo-share")
    scales = tuple(sorted({1, SMALL, *recipe.scales}))
    cache = PixelCache(pairs, scales=scales, progress=progress)
    parts = split(pairs)
    left_out = unfit(cache, parts.training)
    common: dict[str, Any] = {
        "pairs": cache,
        "names": [name for name in parts.training if name not in left_out],
        "batch_size": recipe.batch,
        "seed": recipe.seed,
        "mixup": recipe.mixup,
        "photos": None if photos is None else PixelCache(photos, scales=scales, progress=progress),
        "photo_share": recipe.photo_share,
        "exposure": recipe.exposure,
    }
    batches = Frames(**common) if recipe.frame else Crops(**common, size=recipe.crop, scales=recipe.scales)
    about = {
        "data": {
            "name": pairs.title,
            "sha256": pairs.fingerprint,
            "training_pairs": len(common["names"]),
            "validation_pairs": len(parts.validation),
            "split": parts.rule,
            "left_out": left_out,
        }
    }
    if photos is not None:
        about["photos"] = {"name": photos.title, "sha256": photos.fingerprint, "photos": len(photos.names)}
    return TrainingInputs(batches, _validation(cache, parts.validation, recipe.frame), about)


def _validation(cache: PixelCache, names: tuple[str, ...], frame: str) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    if frame:
        return tuple(as_the_board_sees(cache.picture(name, "low"), cache.picture(name, "high")) for name in names)
    return tuple((cache.picture(name, "low", SMALL), cache.picture(name, "high", SMALL)) for name in names)
